"""Faults injected into solve, one at a time: does another route catch each of them?

A fault is caught only where `check` or SymPy rejects what it leads to. The rules that read the
printed lines again don't count: they follow the formula wherever it leads.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from penwork import instance
from penwork.answers import data_of
from penwork.catalogue import Catalogue
from penwork.certify import certify_check, flatten
from penwork.errors import Fault
from penwork.maths.value import Value
from penwork.maths.work import Work
from penwork.needs import behind, needed_steps
from penwork.numbers import precision
from penwork.problem import LEVELS, Template
from penwork.prove.printed import Printed, spoil
from penwork.prove.saboteur import Sabotage, sabotaged

Verdict = Literal["caught", "equal", "unprinted", "stops", "missed"]
_SAME = 2.0**-120


class Chunk(NamedTuple):
    """The faults of one template and level, tried at `seeds` seeds from 0 on."""

    id: str
    level: int
    seeds: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one fault at one seed; `compared` values were compared for "equal"."""

    fault: Sabotage
    seed: int
    verdict: Verdict
    routes: tuple[str, ...] = ()
    compared: int = 0
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What a chunk gave; `problem` where its instances can't even be made."""

    chunk: Chunk
    outcomes: tuple[Outcome, ...]
    printed: tuple[Printed, ...]
    problem: str = ""


def chunks(templates: Iterable[Template], seeds: int, level: int | None) -> list[Chunk]:
    """The work for every template and level."""
    return [
        Chunk(template.id, each, seeds)
        for template in templates
        for each in LEVELS
        if each in template.problem.minutes and level in (None, each)
    ]


def work(catalogue: Catalogue, chunk: Chunk) -> Found:
    """Inject every fault at every seed."""
    template = catalogue.get(chunk.id)
    outcomes: list[Outcome] = []
    printed: list[Printed] = []
    for seed in range(chunk.seeds):
        try:
            made = instance.make(template, seed=seed, level=chunk.level)
        except Fault as fault:
            return Found(chunk, (), (), str(fault))
        with precision():
            outcomes += Bench(template, dict(made.given), made.asked, seed).outcomes()
            printed += spoil(template, made)
    return Found(chunk, tuple(outcomes), tuple(printed))


class Run(NamedTuple):
    """What a run of solve claims: every value by name, and which of them are printed."""

    work: Work
    values: Mapping[str, list[Any]]
    printed: set[str]


class Bench:
    """One instance on which faults are tried."""

    def __init__(
        self, template: Template, stored: dict[str, Any], asked: tuple[str, ...], seed: int
    ) -> None:
        self.template, self.stored, self.asked, self.seed = template, stored, asked, seed
        self.found = template.check(instance.plain_givens(stored))
        self.sites: list[Sabotage] = []
        self.right = self._run(sabotaged(template, None, self.sites))
        self.derived = _behind_derivatives(self.right.work)

    def outcomes(self) -> list[Outcome]:
        return [self._try(fault) for fault in dict.fromkeys(self.sites)]

    def _run(self, template: Template) -> Run:
        done = instance.solve(template, self.stored, strict=False)
        printed = needed_steps(done, self.asked) | {f"answer {n}" for n in self.asked}
        return Run(done, _values(done), printed)

    def _try(self, fault: Sabotage) -> Outcome:
        wrong = sabotaged(self.template, fault, [])
        try:
            run = self._run(wrong)
        except Exception as error:  # a fault may raise whatever it likes: then it makes no key
            return Outcome(fault, self.seed, "stops", changed=(type(error).__name__,))
        changed = _changed(self.right.values, run.values)
        compared = sum(map(len, self.right.values.values()))
        if not changed:
            return Outcome(fault, self.seed, "equal", compared=compared)
        routes = tuple(self._routes(fault, wrong, run))
        if routes:
            return Outcome(fault, self.seed, "caught", routes, changed=tuple(changed))
        seen = [name for name in changed if name in self.right.printed | run.printed]
        answers = [name for name in changed if name.startswith("answer ")]
        verdict: Verdict = "missed" if seen or answers else "unprinted"
        return Outcome(fault, self.seed, verdict, changed=tuple(answers + seen or changed))

    def _routes(self, fault: Sabotage, wrong: Template, run: Run) -> Iterable[str]:
        if self._check_rejects(run.work):
            yield "check"
            if self.seed:  # SymPy is slow: where check has caught a fault, one seed shows both
                return
        if fault.step in self.derived and self._sympy_rejects(wrong):
            yield "SymPy"

    def _check_rejects(self, done: Work) -> bool:
        answers = {claim.name: data_of(claim.value) for claim in done.claims}
        # How much check covers is no matter here: only a value it disagrees with counts.
        excused = {**self.template.problem.exceptions, "coverage": "not asked here"}
        try:
            points = instance.symbol_points(done)
            certify_check(self.found, answers, done.records, {}, excused, points)
        except (Fault, OverflowError):  # what no float can hold is not what check found
            return True
        return False

    def _sympy_rejects(self, wrong: Template) -> bool:
        from penwork.prove.symbolic import derivatives

        try:
            derivatives(wrong, self.stored)
        except Fault as fault:
            return fault.rule == "SymPy"
        except Exception:  # what SymPy cannot work with it has not rejected
            return False
        return False


def _behind_derivatives(done: Work) -> set[str]:
    """The steps on which a claimed derivative, or its loss, rests."""
    claims = [r for r in done.records if r.derives]
    names = [r.name for r in claims]
    names += [r.derives[0].name.source for r in claims if r.derives and r.derives[0].name]
    return behind(done, names)


def _values(done: Work) -> dict[str, list[Any]]:
    values: dict[str, list[Any]] = {}
    for record in done.records:
        if record.kind == "choose":
            scores = [score.data for score, _ in record.options]
            values[record.name] = [repr(record.result), *sorted(scores)]
        elif record.kind == "compare" and record.comparison:
            values[record.name] = [record.result, record.comparison[0].data]
        else:
            data = record.result.data if isinstance(record.result, Value) else record.result
            values[record.name] = flatten(data)
    for claim in done.claims:
        values[f"answer {claim.name}"] = flatten(data_of(claim.value))
    return values


def _changed(right: Mapping[str, list[Any]], wrong: Mapping[str, list[Any]]) -> list[str]:
    """The names whose values differ: exactly, or for reals in their first 120 bits."""
    return [
        name
        for name in dict.fromkeys((*right, *wrong))
        if not _all_same(right.get(name), wrong.get(name))
    ]


def _all_same(one: list[Any] | None, other: list[Any] | None) -> bool:
    if one is None or other is None or len(one) != len(other):
        return False
    return all(map(_same, one, other))


def _same(one: Any, other: Any) -> bool:
    if one == other or isinstance(one, str) or isinstance(other, str):
        return bool(one == other)
    return bool(abs(one - other) <= _SAME * abs(one))
