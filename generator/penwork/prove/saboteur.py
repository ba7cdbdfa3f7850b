"""Stands between a template's solve and its run, and brings one fault into one step.

Every run of that solve shares the fault, and whatever comes after follows it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from penwork.maths.records import Option, Slip
from penwork.maths.value import Value
from penwork.maths.work import Work
from penwork.problem import Template
from penwork.prove.faults import Path, faults, inject

EVERY = "every candidate"
RULE, SLIP, LEFT, RIGHT = "rule", "slip", "left side", "right side"
_TIES = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


class Sabotage(NamedTuple):
    """One fault: in which step, in which of its formulas, at which node, of which kind."""

    step: str
    formula: str
    path: Path
    kind: str

    def __str__(self) -> str:
        place = ".".join(map(str, self.path))
        where = "".join(f" ({text})" for text in (self.formula, place and f"at {place}") if text)
        return f"{self.step}{where}: {self.kind}"


@dataclass(slots=True)
class Saboteur:
    """What solve takes for its run. Without a fault it only notes what could be injected."""

    work: Work
    known: dict[str, Any]
    fault: Sabotage | None = None
    sites: list[Sabotage] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.work, name)

    def symbol(self, name: str, tex: str) -> Value:
        self.known[f"symbol {name}"] = self.work.symbol(name, tex)
        return self.known[f"symbol {name}"]  # type: ignore[no-any-return]

    def let(
        self, name: str, value: Value, tex: str, *, slips: Sequence[Slip] = (), **more: Any
    ) -> Value:
        expression = self._formula(name, "", value)
        wrong = self._wrong(name, slips)
        if wrong is not None:
            expression = wrong() if callable(wrong) else wrong
        self.known[name] = self.work.let(name, expression, tex, slips=slips, **more)
        return self.known[name]  # type: ignore[no-any-return]

    def softmax(self, *arguments: Any, **more: Any) -> Value:
        return Work.softmax(self, *arguments, **more)  # type: ignore[arg-type]

    def answer(self, *arguments: Any, **more: Any) -> Any:
        return Work.answer(self, *arguments, **more)  # type: ignore[arg-type]

    def choose(
        self,
        name: str,
        options: Sequence[Option],
        *,
        keep: int = 1,
        lowest: bool = False,
        tie: Any = "reject",
        slips: Sequence[Slip] = (),
        **more: Any,
    ) -> list[Option]:
        more_fits = keep < len(options) and more.get("reach") is None
        tied = len({option.score.data for option in options}) < len(options)
        rules = {"order reversed": True, "k + 1": more_fits, "k - 1": keep > 1,
                 "the other tie": tie == "listed" and tied}  # fmt: skip
        self._note(name, RULE, [kind for kind, fits in rules.items() if fits])
        chosen = self._candidates(name, options)
        match self._kind(name, RULE):
            case "order reversed":
                lowest = not lowest
            case "k + 1":
                keep += 1
            case "k - 1":
                keep -= 1
            case "the other tie":
                chosen = chosen[::-1]
        wrong = self._wrong(name, slips)
        if isinstance(wrong, int):
            keep = wrong
        elif isinstance(wrong, list):
            chosen = [o._replace(score=s) for o, s in zip(chosen, wrong, strict=True)]
        elif wrong is not None:
            found = [(option.score.data, option.item) for option in chosen]
            self.work.tape = {**(self.work.tape or {}), name: tuple(wrong(found))}
        kept = self.work.choose(
            name, chosen, keep=keep, lowest=lowest, tie=tie, slips=slips, **more)  # fmt: skip
        scores = self.work.records[-1].options
        self.known[name] = [score for score, _ in scores]
        return kept

    def compare(
        self,
        name: str,
        left: Value,
        relation: Any,
        right: Any,
        *,
        slips: Sequence[Slip] = (),
        **more: Any,
    ) -> str:
        right = left.constant(right)
        tied = ["the other tie"] if left.data == right.data else []
        self._note(name, RULE, [*tied, "relation reversed"])
        left = self._formula(name, LEFT, left)
        right = self._formula(name, RIGHT, right)
        match self._kind(name, RULE):
            case "the other tie":
                relation = _TIES[relation]
            case "relation reversed":
                relation = _TURNED[relation]
        wrong = self._wrong(name, slips)
        if wrong is not None:
            left, relation, right = wrong() if callable(wrong) else wrong
        return self.work.compare(name, left, relation, right, slips=slips, **more)

    def state(
        self, name: str, lhs: Any, held: Any, *, slips: Sequence[Slip] = (), **more: Any
    ) -> Any:
        wrong = self._wrong(name, slips)
        return self.work.state(name, lhs, wrong() if wrong else held, slips=slips, **more)

    # ── its own ──

    def _note(self, step: str, formula: str, kinds: Sequence[str]) -> None:
        self.sites += [Sabotage(step, formula, (), kind) for kind in kinds]

    def _kind(self, step: str, formula: str) -> str:
        fault = self.fault
        return fault.kind if fault and (fault.step, fault.formula) == (step, formula) else ""

    def _formula(self, step: str, formula: str, value: Value) -> Value:
        if self.fault is None:
            self.sites += [
                Sabotage(step, formula, path, kind) for path, kind in faults(value, self.known)
            ]
        elif self._kind(step, formula):
            wrong = inject(value, self.fault.path, self.fault.kind, self.known)
            return value if wrong is None else wrong
        return value

    def _candidates(self, step: str, options: Sequence[Option]) -> list[Option]:
        """Each candidate's formula; a fault may stand in one of them or in all."""
        before = len(self.sites)
        chosen = []
        for i, option in enumerate(options):
            score = self._formula(step, f"candidate {i + 1}", option.score)
            if self.fault is not None:
                score = self._formula(step, EVERY, score)
            chosen.append(option._replace(score=score))
        single = self.sites[before:]
        together = dict.fromkeys(site._replace(formula=EVERY) for site in single)
        self.sites[before:] = [*together, *(single if len(options) > 1 else [])]
        return chosen

    def _wrong(self, step: str, slips: Sequence[Slip]) -> Any:
        """What stands in place of the right formula where a slip is injected here."""
        self._note(step, SLIP, [slip.name for slip in slips])
        kind = self._kind(step, SLIP)
        return next((slip.instead for slip in slips if slip.name == kind), None)


def sabotaged(template: Template, fault: Sabotage | None, notes: list[Sabotage]) -> Template:
    """The template whose every solve has the fault; what could be injected goes to `notes`."""

    def solve(work: Any, given: Any) -> None:
        known: Mapping[str, Any] = {name: given[name] for name in template.problem.given}
        saboteur = Saboteur(work, dict(known), fault)
        template.solve(saboteur, given)
        notes.extend(saboteur.sites)

    return replace(template, solve=solve)
