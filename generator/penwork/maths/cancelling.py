"""The number that a step carries on: tidied, and 0 where 200 bits leave remains of a sum."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from gmpy2 import mpq

from penwork.maths.fields import elementwise
from penwork.maths.operations import OPERATIONS
from penwork.maths.value import Value
from penwork.numbers import tidy

LEFT = 2.0**-150  # of the size of the terms
LEAST = 2.0**-150
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


def settled(expression: Value, data: Any, number: Callable[[Value], Any]) -> Any:
    """The data of an expression, tidied, with an exact 0 wherever all of a sum's terms cancel.

    `number` gives the data of what stands in it. None where an entry is too small for paper, or
    no number.
    """
    data = elementwise(tidy, data)
    if _is_odd(data):
        data = _without_remains(expression, data, number)
        if _is_odd(data):
            return None
    return data


def _without_remains(expression: Value, data: Any, number: Callable[[Value], Any]) -> Any:
    sizes = np.ravel(_size(expression, number))
    kept = [mpq(0) if abs(x) <= LEFT * s else x for x, s in zip(np.ravel(data), sizes, strict=True)]
    if not isinstance(data, np.ndarray):
        return kept[0]
    out = np.empty(data.size, dtype=object)
    out[:] = kept
    return out.reshape(data.shape)


def _size(value: Value, number: Callable[[Value], Any]) -> Any:
    """How large the terms are that a value adds up: |a| + |b| for a - b, entry by entry."""
    if value.name is not None or value.operation not in _LINEAR:
        return elementwise(abs, number(value))
    bare = [_size(a, number) if isinstance(a, Value) else a for a in value.arguments]
    if value.operation in _DIFFERENCES:
        bare[1] = -bare[1]
    return elementwise(abs, OPERATIONS[value.operation].evaluate(value.field, *bare))


def _is_odd(data: Any) -> bool:
    if isinstance(data, np.ndarray):
        return any(map(_is_odd, data.flat))
    return bool(data) and not (data >= LEAST or data <= -LEAST)
