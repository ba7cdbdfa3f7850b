"""A number to go on with: the later parts of a problem from another result of an earlier one.

Whoever has no answer to (a) takes the numbers that are offered there. They are those of another
seed, so that they look like an answer and are none; what follows from them is worked and certified
line by line, as the true way is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from penwork.answers import make_answers
from penwork.certify import certify_float
from penwork.draw import SEEDS, Draw
from penwork.errors import Fault, Reject, UserError
from penwork.instance import propose, replay, solve
from penwork.ledger import certify_lines
from penwork.maths.fields import elementwise
from penwork.maths.records import Claim
from penwork.maths.rework import as_on_paper, in_float
from penwork.maths.value import ShapeError, Value
from penwork.maths.work import Work
from penwork.model import Answer, Bridge, BridgedPart, Instance, Step
from penwork.needs import after
from penwork.numbers import precision, round_half_away, show
from penwork.problem import Template
from penwork.steps import value_of
from penwork.writing.digits import data_tex
from penwork.writing.lines import write_lines
from penwork.writing.pen import Paper

DONORS = 60
Overrides = dict[tuple[str, tuple[Any, ...]], Any]


def replay_bridged(
    template: Template,
    *,
    seed: int,
    level: int,
    attempt: int,
    parts: tuple[str, ...] = (),
    bridges: Sequence[str] = (),
) -> Instance:
    """The instance of a recorded try, with bridges from the parts of these letters.

    The letters are the template's own, `parts` those that are set. Raises UserError where a
    part offers no number to go on with.
    """
    instance = replay(template, seed=seed, level=level, attempt=attempt, parts=parts)
    here = dict(zip(parts, (part.letter for part in instance.parts), strict=True)) if parts else {}
    with precision():
        made = []
        for each in bridges:
            bridge = _bridge(template, instance, here.get(each, each), parts)
            if bridge is None:
                raise _no_bridge(template, instance, each, parts)
            made.append(bridge)
    return replace(instance, bridges=tuple(made))


def _no_bridge(
    template: Template, instance: Instance, letter: str, parts: tuple[str, ...]
) -> UserError:
    """Says which of the parts, by the template's letters, do offer a number."""
    there = [part.letter for part in instance.parts]
    letters = dict(zip(parts or there, there, strict=True))
    others = []
    for each, here in list(letters.items())[:-1]:
        with suppress(Fault):
            others += [f"({each})"] if _bridge(template, instance, here, parts) else []
    return UserError(
        f"Part ({letter}) of {template.id} at level {instance.level} offers no number to go on"
        f" with; {' and '.join(others) or 'none of its parts'} can.",
        "Take its `bridge` out of the spec" + (", or name another part." if others else "."),
    )


def _bridge(
    template: Template, instance: Instance, letter: str, parts: tuple[str, ...]
) -> Bridge | None:
    """The first donor's numbers that lead on; None where the part offers none."""
    exact = solve(template, instance.given, strict=False)
    claims = {claim.name: claim for claim in exact.claims}
    offered = [claims[n] for part in instance.parts if part.letter == letter for n in part.asks]
    for donor in _donors(template, instance, parts):
        overrides = _overrides(offered, donor, instance.answers)
        if overrides is None:
            continue
        try:
            return _worked(template, instance, exact, letter, offered, overrides)
        except (Reject, ArithmeticError, ShapeError):
            continue
    return None


def _donors(
    template: Template, instance: Instance, parts: tuple[str, ...]
) -> Iterator[dict[str, Claim]]:
    draw = Draw("bridge", template.id, instance.level, instance.seed or 0)
    asks = tuple(part.asks for part in instance.parts)
    for _ in range(DONORS):
        try:
            _, found = propose(template, seed=draw.below(SEEDS), level=instance.level, parts=parts)
        except Reject:
            continue
        if tuple(part.asks for part in found.prose.parts) == asks:
            yield {claim.name: claim for claim in found.exact.claims}


def _values(claim: Claim) -> list[Any]:
    return list(claim.value) if isinstance(claim.value, (list, tuple)) else [claim.value]


def _overrides(
    offered: Sequence[Claim], donor: Mapping[str, Claim], answers: Mapping[str, Answer]
) -> Overrides | None:
    """The donor's numbers, as they would be handed in, in place of the steps that are offered."""
    overrides: Overrides = {}
    for claim in offered:
        ours, theirs = _values(claim), _values(donor[claim.name])
        if len(ours) != len(theirs):
            return None
        for value, other in zip(ours, theirs, strict=True):
            if not _whole_step(value) or not _whole_step(other) or value.shape != other.shape:
                return None
            as_offered = partial(_as_offered, places=answers[claim.name].places, value=value)
            overrides[value.name.source, ()] = elementwise(as_offered, other.data)
    same = all(np.array_equal(v.data, overrides[v.name.source, ()]) for v in _all(offered))
    return None if same else overrides


def _whole_step(value: Any) -> bool:
    if not isinstance(value, Value) or value.free:
        return False
    return value.name is not None and value.name.at == ()


def _all(offered: Sequence[Claim]) -> list[Any]:
    return [value for claim in offered for value in _values(claim)]


def _as_offered(number: Any, places: int | None, value: Value) -> Any:
    assert value.name is not None
    if places is not None:
        return round_half_away(number, places)
    return show(number, value.name.places, value.name.style).value


def _worked(
    template: Template,
    instance: Instance,
    exact: Work,
    letter: str,
    offered: Sequence[Claim],
    overrides: Overrides,
) -> Bridge:
    stored = instance.given
    other = solve(template, stored, strict=True, known=overrides)
    if [record.name for record in other.records] != [record.name for record in exact.records]:
        raise Reject("the other numbers take other steps")
    later = [part for part in instance.parts if part.letter > letter]
    asked = [name for part in later for name in part.asks]
    fixed = {source: data for (source, _), data in overrides.items()}
    answers = make_answers(other, as_on_paper(other, fixed), asked)
    if all(answers[name].printed == instance.answers[name].printed for name in asked):
        raise Reject("the other numbers change no later answer")
    steps = _steps(instance, other)
    taken = set(fixed)
    certify_lines(template.problem.given, stored, other.records, steps, taken)
    certify_float(other.records, in_float(other, fixed))
    changed = after(other, taken)
    blocks = tuple(
        BridgedPart(
            part.letter,
            tuple(step for step in steps if step.part == part.letter and step.name in changed),
            tuple(answers[name] for name in part.asks),
        )
        for part in later
        if changed & {step.name for step in steps if step.part == part.letter}
    )
    if not blocks:
        raise Fault("bridge", f"no later part rests on part ({letter})")
    return Bridge(letter, tuple(_said(value, overrides) for value in _all(offered)), blocks)


def _steps(instance: Instance, other: Work) -> list[Step]:
    """The instance's steps with the lines of the other numbers."""
    records = {record.name: record for record in other.records}
    steps, paper = [], Paper()
    for step in instance.steps:
        record = records[step.name]
        lines = write_lines(record, paper)
        steps.append(replace(step, lines=lines, value=value_of(record.result)))
    return steps


def _said(value: Value, overrides: Overrides) -> str:
    name = value.name
    assert name is not None
    data = overrides[name.source, ()]
    return f"{name.tex} = {data_tex(data, row=value.row, places=name.places, style=name.style)}"
