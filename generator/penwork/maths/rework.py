"""A run's formulas with other numbers in them; what they mean is not traced again.

As on paper, where every printed number is carried on; in float64; or after a wrong turn, as long
as it leaves the decisions alone.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping, Set
from typing import Any

import numpy as np

from penwork.errors import Reject
from penwork.maths.cancelling import settled
from penwork.maths.decisions import COMPARE, compared, decide
from penwork.maths.fields import EXACT, FLOAT, Field, elementwise, entries, filled
from penwork.maths.operations import OPERATIONS
from penwork.maths.records import Record, Rule
from penwork.maths.value import Value
from penwork.maths.work import Work
from penwork.numbers import WORKING_PLACES, show

Numbers = dict[str, Any]
"""The data of every step; of a decision, the scores of its options."""


class Undecided(Exception):
    """This turn may change a decision: solve must be run to tell."""


def as_on_paper(work: Work, fixed: Mapping[str, Any]) -> Numbers:
    """Every result that is not what it was, because it is printed rounded or rests on such.

    The steps in `fixed` have these numbers.
    """
    found: Numbers = dict(fixed)
    for record in work.records:
        if record.name in found:
            continue
        pairs, rests = _formulas(record), not record.rests.isdisjoint(found)
        said = [_said(r, number(f, found, EXACT) if rests else r.data) for r, f in pairs]
        if pairs and (rests or any(map(_differs, pairs, said))):
            shaped = [filled(numbers, r.shape) for (r, _), numbers in zip(pairs, said, strict=True)]
            found[record.name] = _whole(record, shaped)
    return found


def decided_otherwise(work: Work, carried: Mapping[str, Any], among: Set[str]) -> str:
    """The first of these decisions that falls otherwise where printed numbers are carried on."""
    for record in work.records:
        if record.name not in among or record.kind not in ("choose", "compare"):
            continue
        kept = record.kept
        if record.comparison is not None and not record.rests.isdisjoint(carried):
            left, relation, right = record.comparison
            kept = (int(COMPARE[relation](*(number(x, carried, EXACT) for x in (left, right)))),)
        elif record.options and record.name in carried:
            pairs = zip(record.options, carried[record.name], strict=True)
            scores = [score.with_data(data) for (score, _), data in pairs]
            kept, _ = decide(scores, _with_reach(record, carried), None)
        if kept != record.kept:
            return record.name
    return ""


def _with_reach(record: Record, numbers: Mapping[str, Any]) -> Rule:
    """The rule of a decision, its sum worked again."""
    reach = record.rule.reach
    if isinstance(reach, Value):
        reach = reach.with_data(number(reach, numbers, EXACT))
    return record.rule._replace(reach=reach)


def in_float(work: Work, fixed: Mapping[str, Any]) -> Numbers:
    """Every result in float64; the steps in `fixed` have these numbers."""
    found: Numbers = {name: elementwise(FLOAT.number, data) for name, data in fixed.items()}
    with np.errstate(all="ignore"):  # own numbers may leave the range
        for record in work.records:
            if record.name not in found and (pairs := _formulas(record)):
                found[record.name] = _whole(record, [number(f, found, FLOAT) for _, f in pairs])
    return found


def after_turn(work: Work, slip: str, wanted: frozenset[str]) -> dict[str, Any]:
    """The wanted answers that one slip reaches, by name.

    Raises Undecided where the slip changes a decision, Reject, ArithmeticError or ShapeError where
    it leads nowhere.
    """
    turns = work.turns.instead[slip]
    if turns.keys() != work.turns.steps[slip]:
        raise Undecided
    asked = [claim for claim in work.claims if claim.name in wanted]
    turned = Turned(work)
    for record in work.records[: asked[-1].after]:
        if record.name in turns:
            turned.go_on(record, turns[record.name])
        elif turned.numbers and not record.rests.isdisjoint(turned.numbers):
            turned.go_on(record, None)
    return {
        claim.name: turned.handed_in(claim.value)
        for claim in asked
        if not claim.rests.isdisjoint(turned.numbers)
    }


class Turned:
    """What a wrong turn changes of a run: the numbers of steps, and their formulas in symbols."""

    def __init__(self, work: Work) -> None:
        self.symbolic = bool(work.symbols)
        self.numbers: Numbers = {}
        self.defined: dict[str, Value] = {}

    def go_on(self, record: Record, turn: Any) -> None:
        """Work a step again, by its own formula or by the turn. Raises Undecided."""
        if isinstance(turn, Exception):
            raise turn
        if record.expression is not None:
            self._work(record, record.expression if turn is None else turn)
        elif record.comparison is not None:
            self._compare(record, *(turn or record.comparison))
        else:
            self._choose(record, turn)

    def handed_in(self, value: Any) -> Any:
        if self.symbolic and isinstance(value, Value):
            return self._rewritten(value)
        return claimed(value, self.numbers, EXACT)

    def _work(self, record: Record, formula: Value) -> None:
        self.numbers[record.name] = data = self._settled(formula)
        if self.symbolic:
            rewritten, name = self._rewritten(formula), record.result.name
            kind, inside = ("defined", (rewritten,)) if rewritten.free else ("name", ())
            found = Value(formula.field, kind, inside, formula.shape, data, name, formula.row)
            self.defined[record.name] = found

    def _choose(self, record: Record, turn: Any) -> None:
        if isinstance(turn, tuple) and not record.rests.isdisjoint(self.numbers):
            raise Undecided
        formulas = turn if isinstance(turn, list) else [formula for _, formula in record.options]
        if self.symbolic and any(formula.free for formula in formulas):
            raise Undecided
        data = [self._settled(formula) for formula in formulas]
        scores = [score.with_data(x) for (score, _), x in zip(record.options, data, strict=True)]
        kept, faults = decide(scores, _with_reach(record, self.numbers), turn)
        if faults:
            raise Reject(f"{record.name}: {faults[0]}")
        if kept != record.kept:
            raise Undecided
        self.numbers[record.name] = filled(data, (len(data),))

    def _compare(self, record: Record, one: Value, relation: Any, other: Any) -> None:
        other = one.constant(other)
        if self.symbolic and (one.free or other.free):
            raise Undecided
        left, right = (side.with_data(number(side, self.numbers, EXACT)) for side in (one, other))
        if left.name is None:
            left = left.with_data(EXACT.tidy(left.data))
        holds, near, odd = compared(left, relation, right, WORKING_PLACES)
        if near or odd:
            raise Reject(f"{record.name}: too close to call")
        if (int(holds),) != record.kept:
            raise Undecided

    def _settled(self, formula: Value) -> Any:
        """What a slip run settles on."""
        data = number(formula, self.numbers, EXACT) if self.numbers else formula.data
        data = settled(formula, data, lambda value: number(value, self.numbers, EXACT))
        if data is None:
            raise Reject("a number too small for paper, or 0/0")
        return data

    def _rewritten(self, value: Value) -> Value:
        """The expression, of the results that stand there now."""
        if value.name is not None:
            return self.defined.get(value.name.source, value)
        inside = [self._rewritten(a) if isinstance(a, Value) else a for a in value.arguments]
        if all(map(operator.is_, inside, value.arguments)):
            return value
        return value.node(value.operation, *inside, shape=value.shape, row=value.row)


def before(work: Work, slip: str) -> dict[tuple[str, tuple[Any, ...]], Any]:
    """What was found before the first step that the slip touches, by step and place."""
    found: dict[tuple[str, tuple[Any, ...]], Any] = {}
    for record in work.records:
        if record.name in work.turns.steps[slip]:
            break
        if record.kind == "let":
            found[record.name, ()] = record.result.data
        for i, (score, _) in enumerate(record.options):
            found[record.name, (i,)] = score.data
    return found


def claimed(value: Any, numbers: Mapping[str, Any], field: Field) -> Any:
    """What is handed in, with these numbers: a value, a list of values, or words as they are."""
    if isinstance(value, Value):
        return number(value, numbers, field)
    if isinstance(value, (list, tuple)) and value and isinstance(value[0], Value):
        return filled([number(entry, numbers, field) for entry in value], (len(value),))
    return value


def number(value: Value, numbers: Mapping[str, Any], field: Field) -> Any:
    """The data of an expression whose named results have these numbers."""
    name = value.name
    if name is not None:
        found, at = numbers.get(name.source), name.at
        if found is None or (at and at[0] == "size"):
            return value.data if field is EXACT else elementwise(field.number, value.data)
        return found[at] if at else found
    if value.operation == "constant":
        return value.data if field is EXACT else field.number(value.arguments[0])
    if value.operation == "positive" and field is FLOAT:  # a decision: float64 may miss a 0
        return elementwise(FLOAT.number, value.data)
    bare = [number(a, numbers, field) if type(a) is Value else a for a in value.arguments]
    return OPERATIONS[value.operation].evaluate(field, *bare)


def _formulas(record: Record) -> tuple[tuple[Value, Value], ...]:
    """The results that a step names, each with its formula: one, or the scores of its options."""
    return record.options if record.expression is None else ((record.result, record.expression),)


def _whole(record: Record, numbers: list[Any]) -> Any:
    """The numbers of a step's formulas as what its name stands for."""
    return filled(numbers, (len(numbers),)) if record.expression is None else numbers[0]


def _said(result: Value, data: Any) -> list[Any]:
    """What the numbers of these data are in print, where they are this result's."""
    name = result.name
    assert name is not None
    places, style = name.places, name.style
    return [show(x, places, style).value for x in entries(data)]


def _differs(pair: tuple[Value, Value], said: list[Any]) -> bool:
    return entries(pair[0].data) != said
