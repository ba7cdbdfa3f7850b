"""What printed operations are worth: of exact numbers, of numbers that may be off, of tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gmpy2
import numpy as np
from gmpy2 import mpq

from penwork.maths.fields import EXACT, elementwise, filled
from penwork.writing.near import Near, Unreadable, monotone, near

exp = monotone(EXACT.exp)
sqrt = monotone(EXACT.sqrt)
floor = monotone(lambda x: EXACT.floor(EXACT.tidy(x)))
ceiling = monotone(EXACT.ceiling)
log_two = monotone(lambda x: EXACT.log(x) / EXACT.log(mpq(2)))
FUNCTIONS = {
    r"\exp": exp,
    r"\ln": monotone(EXACT.log),
    r"\sin": monotone(EXACT.sin),
    r"\cos": monotone(EXACT.cos),
    r"\tanh": monotone(EXACT.tanh),
    r"\sigma": monotone(lambda x: 1 / (1 + gmpy2.exp(-x))),
    r"\ReLU": monotone(EXACT.relu),
}


def juxtaposed(left: Any, right: Any) -> Any:
    if not (isinstance(left, np.ndarray) and isinstance(right, np.ndarray)):
        return left * right
    product = left @ right
    return product[0, 0] if product.shape == (1, 1) else product


def transposed(value: Any) -> Any:
    return value.T if isinstance(value, np.ndarray) else value


def whole(number: Any) -> int:
    value = near(number).value
    if value.denominator != 1:
        raise Unreadable(f"{value} stands where a whole number belongs")
    return int(value)


def power(base: Any, exponent: int) -> Any:
    return base**exponent if exponent >= 0 else 1 / base**-exponent


def rooted(number: Any, degree: int) -> Any:
    return monotone(lambda x: EXACT.tidy(EXACT.exp(EXACT.log(x) / degree)))(number)


def iverson(value: Any, bound: int) -> Any:
    if bound:
        raise Unreadable(f"{bound} stands where 0 belongs")
    return elementwise(lambda x: mpq(1 if near(x).value > 0 else 0), value)


def absolute(number: Any) -> Any:
    return -number if near(number).value < 0 else number


def maximum(numbers: Sequence[Any]) -> Any:
    value, off = max(near(n).value for n in numbers), max(near(n).off for n in numbers)
    return Near(value, off) if off else value


def norm(vector: Any) -> Any:
    return sqrt((vector * vector).sum())


def softmax(logits: Any) -> Any:
    powers = elementwise(exp, logits)
    return powers / powers.sum(axis=0 if powers.shape[1] == 1 else 1, keepdims=True)


def table(cells: list[Any], width: int) -> Any:
    """A matrix of cells, or of blocks, row by row."""
    if np.ndarray in map(type, cells):
        blocks = [np.atleast_2d(cell) for cell in cells]
        return np.block([blocks[i : i + width] for i in range(0, len(blocks), width)])
    return filled(cells, (len(cells) // width, width))
