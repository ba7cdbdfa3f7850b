"""The numbers a run computes with: exact, float64, or SymPy symbols.

All three do + - * / and @ by Python's own operators on NumPy object arrays, so that one table of
operations serves them; what differs is here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import gmpy2
import numpy as np
from gmpy2 import mpq

from penwork.numbers import is_exact, is_infinite, tidy

Function = Callable[[Any], Any]


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """A kind of number: how one is made from an exact constant, and its functions."""

    name: str
    number: Function
    tidy: Function
    exp: Function
    log: Function
    sqrt: Function
    sin: Function
    cos: Function
    tanh: Function
    positive: Function
    relu: Function
    absolute: Function
    floor: Function
    ceiling: Function
    maximum: Function


def elementwise(function: Function, data: Any) -> Any:
    """The function of a scalar, or of every entry of an object array (same shape)."""
    if type(data) is not np.ndarray:
        return function(data)
    return np.fromiter(map(function, data.flat), object, data.size).reshape(data.shape)


def filled(numbers: Sequence[Any], shape: tuple[int, ...]) -> Any:
    """The object array of this shape with these entries, row by row; of () the number itself."""
    if not shape:
        return numbers[0]
    return np.fromiter(numbers, object, len(numbers)).reshape(shape)


def entries(data: Any) -> list[Any]:
    """The numbers of an array, row by row; those of a list; or a number alone."""
    if type(data) is np.ndarray:
        return data.ravel().tolist()
    return data if type(data) is list else [data]


def array(nested: Any) -> Any:
    """Nested lists as an object array, a single number as itself."""
    return np.array(nested, dtype=object) if isinstance(nested, list) else nested


def _is_square(number: Any) -> bool:
    return bool(gmpy2.is_square(number.numerator) and gmpy2.is_square(number.denominator))


def _sqrt(number: Any) -> Any:
    if is_exact(number) and number >= 0 and _is_square(number):
        return mpq(gmpy2.isqrt(number.numerator), gmpy2.isqrt(number.denominator))
    if number < 0:
        raise ArithmeticError("square root of a negative number")
    return gmpy2.sqrt(number)


def _log(number: Any) -> Any:
    if number <= 0:
        raise ArithmeticError("logarithm of a number that is not positive")
    return mpq(0) if number == 1 else gmpy2.log(number)


def _exp(number: Any) -> Any:
    if is_infinite(number):
        return mpq(0)
    return mpq(1) if number == 0 else gmpy2.exp(number)


def _at_zero(function: Function, value: int) -> Function:
    return lambda number: mpq(value) if number == 0 else function(number)


def _ceiling(number: Any) -> Any:
    return -mpq(int(-tidy(number) // 1))


def _float_exp(number: float) -> float:
    try:
        return math.exp(number)
    except OverflowError:
        return math.inf


_FLOAT_NOISE = 1e-9
EXACT = Field(
    name="exact",
    number=mpq,
    tidy=tidy,
    exp=_exp,
    log=_log,
    sqrt=_sqrt,
    sin=_at_zero(gmpy2.sin, 0),
    cos=_at_zero(gmpy2.cos, 1),
    tanh=_at_zero(gmpy2.tanh, 0),
    positive=lambda x: mpq(1 if x > 0 else 0),
    relu=lambda x: x if x > 0 else mpq(0),
    absolute=abs,
    floor=lambda x: mpq(int(x // 1)),
    ceiling=_ceiling,
    maximum=max,
)

FLOAT = Field(
    name="float",
    number=float,
    tidy=lambda x: x,
    exp=_float_exp,
    log=lambda x: math.log(x) if x else -math.inf,
    sqrt=math.sqrt,
    sin=math.sin,
    cos=math.cos,
    tanh=math.tanh,
    positive=lambda x: 1.0 if x > 0 else 0.0,
    relu=lambda x: x if x > 0 else 0.0,
    absolute=abs,
    floor=lambda x: x // 1,
    ceiling=lambda x: float(math.ceil(x - _FLOAT_NOISE)),
    maximum=max,
)
