"""The number that a step carries on: tidied, and 0 where 200 bits leave remains of a sum."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gmpy2 import mpq

from penwork.maths.fields import elementwise, entries, filled
from penwork.maths.operations import OPERATIONS
from penwork.maths.value import Value
from penwork.numbers import RATIONAL, tidy

LEFT = 2.0**-150  # of the size of the terms
LEAST = 2.0**-150
_RATIONAL = frozenset([RATIONAL])
_LINEAR = {
    *(
        "add",
        "subtract",
        "negate",
        "multiply",
        "divide",
        "hadamard",
        "matmul",
        "outer",
        "transpose",
    ),
    *("columns", "rows", "stack", "beside", "repeat", "total", "row_sums", "mean", "less_by_rows"),
}
_DIFFERENCES = {"subtract", "less_by_rows"}


def settled(
    expression: Value, data: Any, number: Callable[[Value], Any], *, tiny: bool = False
) -> Any:
    """The data of an expression, tidied, with an exact 0 wherever all of a sum's terms cancel.

    `number` gives the data of what stands in it. None where an entry is no number, or too small
    for paper and not to be `tiny`.
    """
    if type(data) is RATIONAL and (not data or abs(data) >= LEAST):
        return data
    numbers = entries(data)
    if not _RATIONAL.issuperset(map(type, numbers)):
        numbers = list(map(tidy, numbers))
        data = filled(numbers, expression.shape)
    if any_odd(numbers):
        sizes = entries(_size(expression, number))
        numbers = [
            mpq(0) if type(x) is not RATIONAL and abs(x) <= LEFT * s else x
            for x, s in zip(numbers, sizes, strict=True)
        ]
        if any_odd(numbers) and not (tiny and all(x == x for x in numbers)):
            return None
        data = filled(numbers, expression.shape)
    return data


def _size(value: Value, number: Callable[[Value], Any]) -> Any:
    """How large the terms are that a value adds up: |a| + |b| for a - b, entry by entry."""
    if value.name is not None or value.operation not in _LINEAR:
        return elementwise(abs, number(value))
    bare = [_size(a, number) if isinstance(a, Value) else a for a in value.arguments]
    if value.operation in _DIFFERENCES:
        bare[1] = -bare[1]
    return elementwise(abs, OPERATIONS[value.operation].evaluate(value.field, *bare))


def any_odd(numbers: list[Any]) -> bool:
    """Whether one of them is no number, or too small for paper and not 0."""
    return bool([x for x in numbers if x and not (x >= LEAST or x <= -LEAST)])
