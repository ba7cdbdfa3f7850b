"""The functions that an author writes in formulas; each makes one node of the expression."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from penwork.maths.value import ShapeError, TraceError, Value, entry_tex


def frac(numerator: int, denominator: int) -> Fraction:
    """An exact fraction in a formula: frac(1, 3), where 1/3 would be 0.333…"""
    return Fraction(numerator, denominator)


def _traced(x: Any) -> Value:
    if not isinstance(x, Value):
        raise TraceError(
            f"{x!r} is no traced value: a given that enters formulas is declared as scalar(), not"
            " count(); a number of your own is v.constant(2), by any value v"
        )
    return x


def _sized(x: Any, *dimensions: int) -> Value:
    value = _traced(x)
    if len(value.shape) not in dimensions:
        wanted = " or ".join({0: "a scalar", 1: "a vector", 2: "a matrix"}[d] for d in dimensions)
        raise ShapeError(f"needs {wanted}, not the shape {value.shape}")
    return value


def _entrywise(operation: str) -> Callable[[Any], Value]:
    def function(x: Any) -> Value:
        value = _traced(x)
        return value.node(operation, value, shape=value.shape, row=value.row)

    function.__name__ = operation
    function.__doc__ = f"{operation} of a scalar, or of every entry (same shape)."
    return function


exp = _entrywise("exp")
log = _entrywise("log")
log2 = _entrywise("log2")
sqrt = _entrywise("sqrt")
sin = _entrywise("sin")
cos = _entrywise("cos")
tanh = _entrywise("tanh")
sigmoid = _entrywise("sigmoid")
relu = _entrywise("relu")
positive = _entrywise("positive")
absolute = _entrywise("absolute")
floor = _entrywise("floor")
ceiling = _entrywise("ceiling")


def softmax(x: Any) -> Value:
    """Softmax of a vector, or of each row of a matrix (same shape)."""
    value = _sized(x, 1, 2)
    return value.node("softmax", value, shape=value.shape, row=value.row)


def log_sum_exp(x: Any) -> Value:
    """ln of the sum of the exponentials of a vector (scalar)."""
    value = _sized(x, 1)
    return value.node("log_sum_exp", value, shape=())


def mask_future(scores: Any, fill: int | None = None) -> Value:
    """Scores [queries, keys] with −∞ (or `fill`) where key j comes after query i (j > i)."""
    value = _sized(scores, 2)
    return mask(value, np.tril(np.ones(value.shape, dtype=bool)), fill)


def mask(scores: Any, seen: Any, fill: int | None = None) -> Value:
    """Scores with −∞ (or `fill`) where `seen`, booleans of the same shape, is false."""
    value = _traced(scores)
    visible = np.array(seen, dtype=bool)
    if visible.shape != value.shape:
        raise ShapeError(f"a mask of shape {visible.shape} for scores of shape {value.shape}")
    return value.node("mask", value, visible, fill, shape=value.shape, row=value.row)


def _to_scalar(operation: str, *dimensions: int) -> Callable[[Any], Value]:
    def function(x: Any) -> Value:
        value = _sized(x, *dimensions)
        return value.node(operation, value, shape=())

    function.__name__ = operation
    function.__doc__ = f"{operation} over all entries (scalar)."
    return function


total = _to_scalar("total", 1, 2)
mean = _to_scalar("mean", 1)
norm = _to_scalar("norm", 1)


def maximum(*numbers: Any) -> Value:
    """The largest of some scalars; of one, that one."""
    values = [_sized(number, 0) for number in numbers]
    if len(values) == 1:
        return values[0]
    return values[0].node("maximum", *values, shape=())


def variance(x: Any, mean: Any) -> Value:
    """The mean squared distance of a vector's entries from their mean (scalar), over n."""
    value, centre = _sized(x, 1), _sized(mean, 0)
    return value.node("variance", value, centre, shape=())


def row_sums(x: Any) -> Value:
    """The sum of each row of a matrix [n, m] (vector [n])."""
    value = _sized(x, 2)
    return value.node("row_sums", value, shape=value.shape[:1])


def row_squares(x: Any) -> Value:
    """The sum of the squares of each row of a matrix [n, m] (vector [n])."""
    value = _sized(x, 2)
    return value.node("row_squares", value, shape=value.shape[:1])


def by_rows(x: Any, divisors: Any) -> Value:
    """Each row of a matrix [n, m] over its own divisor [n]."""
    return _with_own("by_rows", x, divisors, "divisors")


def less_by_rows(x: Any, amounts: Any) -> Value:
    """Each row of a matrix [n, m] less its own amount [n]."""
    return _with_own("less_by_rows", x, amounts, "amounts")


def _with_own(operation: str, x: Any, numbers: Any, what: str) -> Value:
    value, own = _sized(x, 2), _sized(numbers, 1)
    if value.shape[0] != own.shape[0]:
        raise ShapeError(f"{own.shape[0]} {what} for {value.shape[0]} rows")
    return value.node(operation, value, own, shape=value.shape)


def hadamard(left: Any, right: Any) -> Value:
    """The product entry by entry of two equal shapes."""
    a, b = _traced(left), _traced(right)
    if a.shape != b.shape or not a.shape:
        raise ShapeError(f"hadamard of shapes {a.shape} and {b.shape}: they must be equal")
    return a.node("hadamard", a, b, shape=a.shape, row=a.row and b.row)


def outer(left: Any, right: Any) -> Value:
    """The matrix [n, m] of all products of a vector [n] with a vector [m]."""
    a, b = _sized(left, 1), _sized(right, 1)
    return a.node("outer", a, b, shape=a.shape + b.shape)


def combination(coefficients: Sequence[Any], terms: Sequence[Any]) -> Value:
    """The sum of coefficient times term, tidied where numbers are put in: x^3-3x+1.

    A term is an expression, or 1; coefficients are numbers without free symbols.
    """
    given = [x for x in (*terms, *coefficients) if isinstance(x, Value)]
    if not given or len(coefficients) != len(terms):
        raise ShapeError("combination takes as many coefficients as terms, one of them traced")
    parts = [_sized(given[0].constant(x), 0) for x in (*coefficients, *terms)]
    if any(c.free for c in parts[: len(coefficients)]):
        raise TraceError("a coefficient is a number: a free symbol belongs into its term")
    return given[0].node("combination", *parts, shape=())


def power(base: Any, over: int, under: int) -> Value:
    """A scalar to the power over/under: power(b, -2 * i, d). Whole powers are b ** 2."""
    if not all(type(n) is int for n in (over, under)) or under < 1:
        raise TraceError("power takes two whole numbers, power(b, -1, 2); the second is positive")
    return _sized(base, 0).node("rational_power", base, over, under, shape=())


def only(x: Any) -> Value:
    r"""The one entry of a named vector or matrix of one, by the name of the whole: x for x_1."""
    value = _sized(x, 1, 2)
    if set(value.shape) != {1} or value.name is None:
        raise ShapeError(f"only takes a named vector or matrix of one, not the shape {value.shape}")
    name, at = value.name, (0,) * len(value.shape)
    called = name._replace(tex=entry_tex(name.tex), at=name.at + at)
    return Value(value.field, "name", (), (), data=value.data[at], name=called)


def stack(parts: Sequence[Any], row: bool = False) -> Value:
    """Scalars as a vector (`row` prints it as a row), or vectors as the rows of a matrix.

    A plain number may stand among traced scalars.
    """
    traced = next((part for part in parts if isinstance(part, Value)), None)
    values = [_traced(part if traced is None else traced.constant(part)) for part in parts]
    if not values or any(v.shape != values[0].shape for v in values) or len(values[0].shape) > 1:
        raise ShapeError("stack takes scalars, or vectors of one length")
    return values[0].node("stack", *values, shape=(len(values), *values[0].shape), row=row)


def beside(parts: Sequence[Any]) -> Value:
    """Vectors end to end, or matrices with equally many rows side by side."""
    values = [_sized(part, 1, 2) for part in parts]
    if len({v.shape[:-1] for v in values}) != 1:
        raise ShapeError("beside takes vectors, or matrices with equally many rows")
    width = sum(v.shape[-1] for v in values)
    row = all(v.row for v in values)
    return values[0].node("beside", *values, shape=(*values[0].shape[:-1], width), row=row)


def columns(x: Any, first: int, last: int) -> Value:
    """Columns first … last−1 of a matrix."""
    value = _sized(x, 2)
    _within(first, last, value.shape[1])
    return value.node("columns", value, first, last, shape=(value.shape[0], last - first))


def rows(x: Any, first: int, last: int) -> Value:
    """Rows first … last−1 of a matrix."""
    value = _sized(x, 2)
    _within(first, last, value.shape[0])
    return value.node("rows", value, first, last, shape=(last - first, value.shape[1]))


def _within(first: int, last: int, size: int) -> None:
    if not 0 <= first < last <= size:
        raise ShapeError(f"the block {first}:{last} is outside 0:{size}")


def repeat(x: Any, count: int) -> Value:
    """A vector [m] as every row of a matrix [count, m], for adding a bias to a batch."""
    value = _sized(x, 1)
    return value.node("repeat", value, count, shape=(count, *value.shape))
