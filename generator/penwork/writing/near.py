"""Numbers that may be off, as rounded digits are: every result says how far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from gmpy2 import mpq


class Unreadable(ValueError):
    """LaTeX that is not in the grammar."""


@dataclass(frozen=True, slots=True)
class Near:
    """A number and how far the true one may lie from it."""

    value: Any
    off: Any

    def __add__(self, other: Any) -> Near:
        o = near(other)
        return Near(self.value + o.value, self.off + o.off)

    __radd__ = __add__

    def __neg__(self) -> Near:
        return Near(-self.value, self.off)

    def __sub__(self, other: Any) -> Near:
        return self + (-near(other))

    def __rsub__(self, other: Any) -> Near:
        return near(other) + (-self)

    def __mul__(self, other: Any) -> Any:
        if isinstance(other, np.ndarray):
            return other * self
        o = near(other)
        off = abs(self.value) * o.off + abs(o.value) * self.off + self.off * o.off
        return Near(self.value * o.value, off)

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
    return number if isinstance(number, Near) else Near(number, mpq(0))


def monotone(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A function of one number, with the spread of its values where that number is off."""

    def apply(x: Any) -> Any:
        if not isinstance(x, Near):
            return function(x)
        if not x.off:
            return Near(function(x.value), mpq(0))
        low, middle, high = (function(x.value + d) for d in (-x.off, 0, x.off))
        return Near(middle, max(abs(high - middle), abs(middle - low)))

    return apply
