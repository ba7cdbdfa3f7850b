"""Numbers that may be off, as rounded digits are: every result says how far."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from gmpy2 import mpq

_SURE = mpq(0)


class Unreadable(ValueError):
    """LaTeX that is not in the grammar."""


class Near:
    """A number and how far the true one may lie from it."""

    __slots__ = ("off", "value")

    def __init__(self, value: Any, off: Any) -> None:
        self.value = value
        self.off = off

    def __add__(self, other: Any) -> Any:
        if type(other) is Near:
            return Near(self.value + other.value, self.off + other.off)
        if type(other) is np.ndarray:  # entry by entry: a product of one entry, plus a bias
            return NotImplemented
        return Near(self.value + other, self.off)

    __radd__ = __add__

    def __neg__(self) -> Near:
        return Near(-self.value, self.off)

    def __sub__(self, other: Any) -> Any:
        if type(other) is Near:
            return Near(self.value - other.value, self.off + other.off)
        if type(other) is np.ndarray:
            return NotImplemented
        return Near(self.value - other, self.off)

    def __rsub__(self, other: Any) -> Near:
        return Near(other - self.value, self.off)

    def __mul__(self, other: Any) -> Any:
        if type(other) is Near:
            off = abs(self.value) * other.off + abs(other.value) * self.off + self.off * other.off
            return Near(self.value * other.value, off)
        if type(other) is np.ndarray:
            return other * self
        return Near(self.value * other, self.off * abs(other))

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Near:
        o = near(other)
        room = abs(o.value) - o.off
        if room <= 0:
            raise Unreadable("divides by a number that may be 0")
        quotient = self.value / o.value
        return Near(quotient, (self.off + abs(quotient) * o.off) / room)

    def __rtruediv__(self, other: Any) -> Near:
        return near(other) / self

    def __pow__(self, exponent: int) -> Near:
        out = near(mpq(1))
        for _ in range(exponent):
            out = out * self
        return out


def near(number: Any) -> Near:
    return number if type(number) is Near else Near(number, _SURE)


def monotone(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A function of one number, with the spread of its values where that number is off."""

    def apply(x: Any) -> Any:
        if type(x) is not Near:
            return function(x)
        if not x.off:
            return Near(function(x.value), _SURE)
        low, middle, high = (function(x.value + d) for d in (-x.off, 0, x.off))
        return Near(middle, max(abs(high - middle), abs(middle - low)))

    return apply
