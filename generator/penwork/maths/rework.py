"""A run's formulas with other numbers in them; what they mean is not traced again.

As on paper, where every printed number is carried on; in float64; or after a wrong turn, as long
as it leaves the decisions alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from penwork.errors import Reject
from penwork.maths.cancelling import is_odd, without_remains
from penwork.maths.fields import EXACT, FLOAT, Field, elementwise
from penwork.maths.operations import OPERATIONS
from penwork.maths.records import Record
from penwork.maths.value import Name, Value
from penwork.maths.work import Work
from penwork.numbers import show

Numbers = dict[str, Any]
"""The data of every step; of a decision, the scores of its options."""


class Undecided(Exception):
    """This turn may change a decision: solve must be run to tell."""


def as_on_paper(work: Work, fixed: Mapping[str, Any]) -> Numbers:
    """Every result as it is printed, and used so; the steps in `fixed` have these numbers."""

    def printed(name: Name, data: Any) -> Any:
        return elementwise(lambda x: show(x, name.places, name.style).value, data)

    return _worked(work, EXACT, printed, fixed)


def in_float(work: Work, fixed: Mapping[str, Any]) -> Numbers:
    """Every result in float64; the steps in `fixed` have these numbers."""
    floats = {name: elementwise(FLOAT.number, data) for name, data in fixed.items()}
    return _worked(work, FLOAT, lambda name, data: data, floats)


def after_turn(work: Work, slip: str, wanted: frozenset[str]) -> Numbers:
    """The answers up to the last wanted one where one slip is made, by name.

    Raises Undecided where the slip reaches a decision or an answer in free symbols, Reject or
    ArithmeticError where it leads nowhere.
    """
    turns = work.turns.get(slip, {})
    if set(turns) != work.slipping[slip]:
        raise Undecided
    last = max(i for i, claim in enumerate(work.claims) if claim.name in wanted)
    changed: Numbers = {}
    for record in work.records[: work.claims[last].after]:
        formula = turns.get(record.name, record.expression)
        if record.name in turns or not record.rests.isdisjoint(changed):
            if formula is None:
                raise Undecided
            changed[record.name] = _settled(formula, changed)
    found = {c.name: (c.value, claimed(c.value, changed, EXACT)) for c in work.claims[: last + 1]}
    for value, data in found.values():
        if isinstance(value, Value) and value.free and data is not value.data:
            raise Undecided
    return {name: data for name, (_, data) in found.items()}


def claimed(value: Any, numbers: Mapping[str, Any], field: Field) -> Any:
    """What is handed in, with these numbers: a value, a list of values, or words as they are."""
    if isinstance(value, Value):
        return number(value, numbers, field)
    if isinstance(value, (list, tuple)) and value and isinstance(value[0], Value):
        return np.array([number(entry, numbers, field) for entry in value], dtype=object)
    return value


def number(value: Value, numbers: Mapping[str, Any], field: Field) -> Any:
    """The data of an expression whose named results have these numbers."""
    name = value.name
    if name is not None:
        found = numbers.get(name.source)
        if found is None or "size" in name.at:
            return value.data if field is EXACT else elementwise(field.number, value.data)
        return found[name.at] if name.at else found
    if value.operation == "constant":
        return value.data if field is EXACT else field.number(value.arguments[0])
    bare, same = [], field is EXACT
    for argument in value.arguments:
        if isinstance(argument, Value):
            part = number(argument, numbers, field)
            same = same and part is argument.data
            bare.append(part)
        else:
            bare.append(argument)
    return value.data if same else OPERATIONS[value.operation].evaluate(field, *bare)


def _worked(
    work: Work, field: Field, settle: Callable[[Name, Any], Any], fixed: Mapping[str, Any]
) -> Numbers:
    found: Numbers = dict(fixed)
    for record in work.records:
        if record.name not in found:
            for name, data in _results(record, found, field, settle):
                found[name] = data
    return found


def _results(
    record: Record, found: Numbers, field: Field, settle: Callable[[Name, Any], Any]
) -> list[tuple[str, Any]]:
    if record.expression is not None:
        name = record.result.name
        return [(record.name, settle(name, number(record.expression, found, field)))]
    if not record.options:
        return []
    scores = np.empty(len(record.options), dtype=object)
    scores[:] = [
        settle(score.name, number(formula, found, field))
        for score, formula in record.options
        if score.name
    ]
    return [(record.name, scores)]


def _settled(formula: Value, changed: Numbers) -> Any:
    """What a slip run settles on."""
    data = elementwise(EXACT.tidy, number(formula, changed, EXACT))
    if is_odd(data):
        data = without_remains(formula, data, lambda value: number(value, changed, EXACT))
        if is_odd(data):
            raise Reject("a number too small for paper, or 0/0")
    return data
