"""The table of operations: what each computes and what it costs a person by hand.

Adding an operation is one row here, one printing rule in writing/rules.py, and one test.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, reduce
from typing import Any

import numpy as np

from penwork.maths.fields import Field, elementwise, entries
from penwork.numbers import MINUS_INFINITY, is_exact, show

Evaluate = Callable[..., Any]
Effort = Callable[..., float]


@dataclass(frozen=True, slots=True)
class Operation:
    """`evaluate(field, *arguments)` and `effort(result, *arguments)`, both on bare numbers."""

    evaluate: Evaluate
    effort: Effort


@lru_cache(maxsize=2**16, typed=True)
def digits(number: Any) -> int:
    """How many digits a person carries along: 0 for 0 and ±1, which cost nothing."""
    if not isinstance(number, (int, float)) and number in (0, 1, -1):
        return 0
    return sum(map(str.isdigit, show(number).digits.strip("-").lstrip("0.")))


def _add_cost(result: Any, left: Any, right: Any) -> float:
    return sum(
        max(digits(a), digits(b)) if a and b else 0
        for a, b in zip(entries(left), entries(right), strict=True)
    )


def _spread(left: Any, right: Any) -> list[tuple[Any, Any]]:
    one, other = entries(left), entries(right)
    if len(one) == 1:
        one = one * len(other)
    if len(other) == 1:
        other = other * len(one)
    return list(zip(one, other, strict=False))


def _times_cost(result: Any, left: Any, right: Any) -> float:
    return sum(digits(a) * digits(b) for a, b in _spread(left, right))


def _over_cost(result: Any, left: Any, right: Any) -> float:
    return sum(2 * max(digits(a), 1) * digits(b) for a, b in _spread(left, right) if a != 0)


def _product_cost(result: Any, left: Any, right: Any) -> float:
    rows = _digits_by_row(left.reshape(-1, left.shape[-1]))
    columns = _digits_by_row(right.T if right.ndim == 2 else right.reshape(1, -1))
    cost = 0.0
    for row in rows:
        for column in columns:
            both = zip(row, column, strict=True)
            terms = [(a, b) for a, b in both if a is not None and b is not None]
            cost += sum([a * b for a, b in terms]) + sum([max(pair) for pair in terms[1:]])
    return cost


def _digits_by_row(data: Any) -> list[list[int | None]]:
    """The digits of each entry; None of 0, which leaves no term."""
    return [[digits(x) if x else None for x in row] for row in data.tolist()]


def _each(cost: float) -> Effort:
    return lambda result, *arguments: cost * len(entries(result))


def _looked_up(cost: float) -> Effort:
    """Exponentials and the like: known by heart where the result is exact."""
    return lambda result, *arguments: sum(cost for x in entries(result) if not is_exact(x))


def _sum_cost(result: Any, data: Any, *rest: Any) -> float:
    return float(sum(max(digits(x), 1) for x in entries(data) if x != 0))


def _squares_cost(result: Any, data: Any, *rest: Any) -> float:
    return sum(digits(x) ** 2 + digits(x) for x in entries(data))


def _power_cost(result: Any, base: Any, exponent: int) -> float:
    return sum((abs(exponent) - 1) * digits(x) ** 2 for x in entries(base))


def _combination_cost(*parts: Any) -> float:
    half = len(parts) // 2
    products = [digits(c) * digits(m) for c, m in zip(parts[:half], parts[half:], strict=True)]
    return float(sum(products) + sum(map(digits, parts[1:half])))


def _free(result: Any, *arguments: Any) -> float:
    return 0.0


def _softmax(field: Field, data: Any) -> Any:
    powers = elementwise(field.exp, data)
    return powers / powers.sum(axis=-1, keepdims=True)


def _log_sum_exp(field: Field, data: Any) -> Any:
    return field.log(elementwise(field.exp, data).sum())


def _sigmoid(field: Field, x: Any) -> Any:
    return field.number(1) / (field.number(1) + field.exp(-x))


def _mask(field: Field, data: Any, seen: Any, fill: int | None) -> Any:
    out = data.copy()
    if fill is not None:
        out[~seen] = field.number(fill)
    else:
        out[~seen] = MINUS_INFINITY if field.name == "exact" else field.number(float("-inf"))
    return out


def _mean(field: Field, data: Any) -> Any:
    return data.sum() / field.number(data.size)


def _variance(field: Field, data: Any, mean: Any) -> Any:
    centred = data - mean
    return (centred * centred).sum() / field.number(data.size)


def _combination(field: Field, *parts: Any) -> Any:
    half = len(parts) // 2
    terms = [c * m for c, m in zip(parts[:half], parts[half:], strict=True)]
    return reduce(lambda one, other: one + other, terms)


def _by_rows(field: Field, data: Any, divisors: Any) -> Any:
    return data / divisors[:, None]


def _less_by_rows(field: Field, data: Any, amounts: Any) -> Any:
    return data - amounts[:, None]


def _less_cost(result: Any, data: Any, amounts: Any) -> float:
    return float(sum(digits(x) for (i, _), x in np.ndenumerate(data) if amounts[i] != 0))


def _map(name: str) -> Evaluate:
    return lambda field, data: elementwise(getattr(field, name), data)


OPERATIONS: dict[str, Operation] = {
    "add": Operation(lambda f, a, b: a + b, _add_cost),
    "subtract": Operation(lambda f, a, b: a - b, _add_cost),
    "multiply": Operation(lambda f, a, b: a * b, _times_cost),
    "hadamard": Operation(lambda f, a, b: a * b, _times_cost),
    "divide": Operation(lambda f, a, b: a / b, _over_cost),
    "negate": Operation(lambda f, a: -a, _free),
    "power": Operation(lambda f, a, n: a**n, _power_cost),
    "rational_power": Operation(
        lambda f, a, over, under: f.exp(f.log(a) * over / f.number(under)), _looked_up(6)
    ),
    "matmul": Operation(lambda f, a, b: a @ b, _product_cost),
    "outer": Operation(
        lambda f, a, b: np.multiply.outer(a, b),
        lambda r, a, b: float(sum(digits(x) * digits(y) for x in entries(a) for y in entries(b))),
    ),
    "transpose": Operation(lambda f, a: a.T, _free),
    "columns": Operation(lambda f, a, first, last: a[:, first:last], _free),
    "rows": Operation(lambda f, a, first, last: a[first:last], _free),
    "stack": Operation(lambda f, *parts: np.array(list(parts), dtype=object), _free),
    "beside": Operation(lambda f, *parts: np.concatenate(parts, axis=-1), _free),
    "repeat": Operation(lambda f, a, n: np.array([a] * n, dtype=object), _free),
    "exp": Operation(_map("exp"), _looked_up(4)),
    "log": Operation(_map("log"), _looked_up(4)),
    "log2": Operation(
        lambda f, a: elementwise(lambda x: f.log(x) / f.log(f.number(2)), a), _looked_up(5)
    ),
    "sqrt": Operation(_map("sqrt"), _looked_up(4)),
    "sin": Operation(_map("sin"), _looked_up(4)),
    "cos": Operation(_map("cos"), _looked_up(4)),
    "tanh": Operation(_map("tanh"), _looked_up(4)),
    "sigmoid": Operation(lambda f, a: elementwise(lambda x: _sigmoid(f, x), a), _looked_up(6)),
    "relu": Operation(_map("relu"), _each(0.5)),
    "positive": Operation(_map("positive"), _each(0.5)),
    "absolute": Operation(_map("absolute"), _free),
    "floor": Operation(_map("floor"), _free),
    "ceiling": Operation(_map("ceiling"), _each(0.5)),
    "maximum": Operation(lambda f, *numbers: f.maximum(*numbers), lambda r, *n: 0.5 * len(n)),
    "softmax": Operation(_softmax, _each(9)),
    "log_sum_exp": Operation(_log_sum_exp, lambda r, a: 5.0 * a.size),
    "mask": Operation(_mask, _each(0.5)),
    "combination": Operation(_combination, lambda r, *parts: _combination_cost(*parts)),
    "total": Operation(lambda f, a: a.sum(), _sum_cost),
    "row_sums": Operation(lambda f, a: a.sum(axis=1), _sum_cost),
    "row_squares": Operation(lambda f, a: (a * a).sum(axis=1), _squares_cost),
    "less_by_rows": Operation(_less_by_rows, _less_cost),
    "by_rows": Operation(
        _by_rows,
        lambda r, a, b: float(
            sum(2 * max(digits(x), 1) * digits(b[i]) for (i, _), x in np.ndenumerate(a) if x != 0)
        ),
    ),
    "mean": Operation(_mean, _sum_cost),
    "variance": Operation(_variance, _squares_cost),
    "norm": Operation(lambda f, a: f.sqrt((a * a).sum()), _squares_cost),
    "square_norm": Operation(lambda f, a: (a * a).sum(), _squares_cost),
}
