"""What checks share: plain arithmetic on ints, Fractions and floats, and nothing of the engine."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

__all__ = ["e_to", "root", "shares", "slope", "times"]


def e_to(x: Any) -> Any:
    """e to the power x: 1 for 0, infinite where no float can hold it."""
    try:
        return math.exp(x) if x else 1
    except OverflowError:
        return math.inf


def root(square: Any) -> Any:
    """The square root: exact where that is rational, and of a Fraction or an int."""
    if isinstance(square, float):
        return math.sqrt(square)
    over, under = (math.isqrt(n) for n in Fraction(square).as_integer_ratio())
    exact = Fraction(over, under)
    return exact if exact * exact == square else math.sqrt(square)


def shares(scores: Sequence[Any]) -> list[Any]:
    """Their softmax by odds: 1 over the sum of exp(other - own). None is left out, its share 0."""
    seen = [score for score in scores if score is not None]
    return [
        0 if own is None else Fraction(1) / sum(e_to(other - own) for other in seen)
        for own in scores
    ]


def times(A: Sequence[Sequence[Any]], B: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """The product of two matrices, lists of rows."""
    columns = list(zip(*B, strict=True))
    return [[sum(a * b for a, b in zip(row, c, strict=True)) for c in columns] for row in A]


def slope(f: Callable[[Any], Any], at: Any) -> float:
    """The derivative by a complex step: f takes complex numbers and is analytic near `at`."""
    return float(f(complex(at, 1e-30)).imag / 1e-30)
