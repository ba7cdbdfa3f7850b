"""What became of the injected faults, by template: tables, JSON and a page."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from penwork import __version__
from penwork.prove.mutate import Found, Outcome, Verdict
from penwork.prove.printed import Printed
from penwork.prove.report import page, table

MOST_EQUAL = 0.2
MOST_LISTED = 9
ORDER: tuple[Verdict, ...] = ("missed", "caught", "equal", "unprinted", "stops")


@dataclass(frozen=True, slots=True)
class Case:
    """One fault at one level over all its seeds; `one` is an outcome with its verdict."""

    level: int
    verdict: Verdict
    routes: tuple[str, ...]
    seeds: int
    one: Outcome


@dataclass(frozen=True, slots=True)
class Tally:
    """All faults of a template; `more` is what a line that shows its instances needs besides."""

    id: str
    cases: tuple[Case, ...]
    printed: tuple[tuple[int, Printed], ...]
    problems: tuple[str, ...]
    more: str = ""

    def count(self, *verdicts: Verdict) -> int:
        return sum(case.verdict in verdicts for case in self.cases)

    def by(self, route: str) -> int:
        return sum(route in case.routes for case in self.cases)

    @property
    def injected(self) -> int:
        """Faults that could have made a wrong key: those that stop the run are no such."""
        return len(self.cases) - self.count("stops")

    @property
    def flagged(self) -> bool:
        return self.count("equal") > MOST_EQUAL * max(self.injected, 1)

    @property
    def slipped(self) -> list[tuple[int, Printed]]:
        """Faults in what is printed that no rule caught."""
        return [each for each in self.printed if not each[1].rule]

    @property
    def failed(self) -> bool:
        return bool(self.count("missed") or self.problems or self.slipped)


def tally(found: Sequence[Found], more: str = "") -> list[Tally]:
    """The outcomes by template; a fault missed at one seed is missed."""
    return [_tally(name, list(each), more) for name, each in groupby(found, lambda f: f.chunk.id)]


def _tally(name: str, found: Sequence[Found], more: str) -> Tally:
    return Tally(
        id=name,
        cases=tuple(case for each in found for case in _cases(each)),
        printed=tuple((each.chunk.level, p) for each in found for p in each.printed),
        problems=tuple(f"{each.problem} {more}".rstrip() for each in found if each.problem),
        more=more,
    )


def _cases(found: Found) -> Iterable[Case]:
    by_fault: dict[Any, list[Outcome]] = {}
    for outcome in found.outcomes:
        by_fault.setdefault(outcome.fault, []).append(outcome)
    for outcomes in by_fault.values():
        one = min(outcomes, key=lambda outcome: ORDER.index(outcome.verdict))
        routes = tuple(sorted({route for outcome in outcomes for route in outcome.routes}))
        yield Case(found.chunk.level, one.verdict, routes, len(outcomes), one)


# ── for a terminal ──


def terminal(tallies: Sequence[Tally]) -> list[str]:
    """Both tables, then what was missed."""
    lines = [*_formulas(tallies), "", *_printed(tallies), ""]
    lines += [f"EQUAL  {line}" for line in _equal(tallies)]
    wrong = [problem for each in tallies for problem in each.problems]
    wrong += [line for each in tallies for line in (*_missed(each), *_slipped(each))]
    lines += wrong[:MOST_LISTED]
    if len(wrong) > MOST_LISTED:
        lines.append(f"... and {len(wrong) - MOST_LISTED} more; --json FILE lists them all.")
    injected = sum(each.injected for each in tallies)
    missed = sum(each.count("missed") for each in tallies)
    flagged = [each.id for each in tallies if each.flagged]
    lines += [f"FLAG   {name}: more than {MOST_EQUAL:.0%} of its faults equal" for name in flagged]
    return [*lines, f"{injected} faults injected into formulas, {missed} missed."]


def _formulas(tallies: Sequence[Tally]) -> list[str]:
    rows = [("formulas", "injected", "check", "SymPy", "equal", "unprinted", "missed", "stops")]
    rows += [
        (each.id, str(each.injected), str(each.by("check")), str(each.by("SymPy")),
         str(each.count("equal")), str(each.count("unprinted")), str(each.count("missed")),
         str(each.count("stops")))
        for each in tallies
    ]  # fmt: skip
    return table(rows)


def _printed(tallies: Sequence[Tally]) -> list[str]:
    found = Counter((p.kind, p.rule or "none") for each in tallies for _, p in each.printed)
    kinds = dict.fromkeys(kind for kind, _ in found)
    rules = sorted({rule for _, rule in found})
    rows = [("print", "injected", *rules)]
    for kind in kinds:
        counts = [found[kind, rule] for rule in rules]
        rows.append((kind, str(sum(counts)), *(str(count or "-") for count in counts)))
    return table(rows)


def _equal(tallies: Sequence[Tally]) -> list[str]:
    return [
        f"{each.id}: {count} faults change no value, all compared as exact numbers"
        f" ({values} values at {seeds} seeds)"
        for each in tallies
        if (count := each.count("equal"))
        for values in [sum(c.one.compared * c.seeds for c in each.cases if c.verdict == "equal")]
        for seeds in [max(c.seeds for c in each.cases if c.verdict == "equal")]
    ]


def _missed(each: Tally) -> list[str]:
    """By step, with the first fault of each and the line that shows its instance."""
    by_step: dict[str, list[Case]] = {}
    for case in each.cases:
        if case.verdict == "missed":
            by_step.setdefault(case.one.fault.step, []).append(case)
    return [
        f"MISSED {each.id}, step {step}: {_counted(len(cases))}; level {cases[0].level},"
        f" {cases[0].one.fault}: changes {', '.join(cases[0].one.changed[:4])}\n"
        f"       {_replay(each, cases[0].level, cases[0].one.seed)}"
        for step, cases in by_step.items()
    ]


def _counted(faults: int) -> str:
    return "one fault" if faults == 1 else f"{faults} faults"


def _slipped(each: Tally) -> list[str]:
    return [
        f"MISSED {each.id}, level {level}, {p.where}: {p.kind}\n"
        f"       {_replay(each, level, p.seed)}"
        for level, p in each.slipped
    ]


def _replay(each: Tally, level: int, seed: int) -> str:
    return f"penwork show {each.id} --seed {seed} --level {level} {each.more}".rstrip()


# ── for files ──


def as_json(tallies: Sequence[Tally]) -> str:
    """Every fault with its verdict, for scripts."""
    return json.dumps({"penwork": __version__, "templates": _content(tallies)}, indent=1) + "\n"


def as_html(tallies: Sequence[Tally]) -> str:
    """One page: the tables, what was missed, and the proof of each equal fault."""
    tables = "\n".join((*_formulas(tallies), "", *_printed(tallies)))
    return page("mutate").render(
        templates=_content(tallies), tables=tables, verdicts=ORDER, version=__version__
    )


def _content(tallies: Sequence[Tally]) -> list[dict[str, Any]]:
    return [
        {
            "id": each.id,
            "problems": list(each.problems),
            "flagged": each.flagged,
            "faults": [
                {
                    "level": case.level,
                    "fault": str(case.one.fault),
                    "verdict": case.verdict,
                    "routes": list(case.routes),
                    "seeds": case.seeds,
                    "values_compared": case.one.compared,
                    "changed": list(case.one.changed),
                    "replay": _replay(each, case.level, case.one.seed),
                }
                for case in each.cases
            ],
            "printed": [
                {"level": level, "seed": p.seed, "kind": p.kind, "where": p.where, "rule": p.rule}
                for level, p in each.printed
            ],
        }
        for each in tallies
    ]
