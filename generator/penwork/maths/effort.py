"""Hand effort: what a step costs a person, summed over its expression."""

from __future__ import annotations

from penwork.maths.operations import OPERATIONS
from penwork.maths.records import Record
from penwork.maths.value import Value

WRITTEN = 2.0


def written(value: Value) -> float:
    """The cost of an expression with letters in it: so much an operation, and its numbers."""
    if not value.free:
        return effort(value)
    if value.name is not None:
        return 0.0
    return WRITTEN + sum(written(a) for a in value.arguments if isinstance(a, Value))


SYMBOLS_A_UNIT = 4  # how many symbols are scanned, or written, in the time of one addition


def effort(value: Value) -> float:
    """The cost of one expression; named operands are there already."""
    if value.name is not None or value.operation == "constant":
        return 0.0
    bare, before = [], 0.0
    for argument in value.arguments:
        if isinstance(argument, Value):
            before += effort(argument)
            argument = argument.data
        bare.append(argument)
    return OPERATIONS[value.operation].effort(value.data, *bare) + before


def effort_of(record: Record) -> float:
    """A step's cost: its formula, every candidate of a decision, or what a state takes to scan."""
    if record.kind == "let" and record.expression is not None:
        return (written if record.result.free else effort)(record.expression)
    if record.kind == "choose":
        return sum(1 + effort(expression) for _, expression in record.options)
    if record.kind == "compare" and record.comparison is not None:
        return 1 + effort(record.comparison[0])
    if record.labels:
        return sum(map(len, record.result)) / SYMBOLS_A_UNIT
    return len(record.text[1]) / 10
