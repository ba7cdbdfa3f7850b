"""Seed to stream to integers: the only randomness there is.

A stream is NumPy's raw Philox output (Salmon et al. 2011, the one part that NumPy promises to
keep) keyed by a BLAKE2b digest of what it is for; integers come by rejection.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from fractions import Fraction
from typing import TypeVar

import numpy as np

STREAM = 1
SEEDS = 2**32
_WORDS = 2**64
T = TypeVar("T")


class Draw:
    """One stream for one purpose; `Draw("a", 1)` and `Draw("a", 2)` share nothing."""

    def __init__(self, *purpose: str | int) -> None:
        text = "\x1f".join(str(part) for part in (STREAM, *purpose))
        digest = hashlib.blake2b(text.encode(), digest_size=16).digest()
        self._source = np.random.Philox(key=int.from_bytes(digest, "little"))
        self._words: list[int] = []

    def below(self, n: int) -> int:
        """An integer in [0, n), each as likely as the other."""
        if n < 1:
            raise ValueError("draw has nothing to draw from: an empty range or list")
        limit = _WORDS - _WORDS % n
        while True:
            if not self._words:
                self._words = self._source.random_raw(32).tolist()[::-1]
            word = self._words.pop()
            if word < limit:
                return word % n

    def integer(self, low: int, high: int) -> int:
        """An integer in [low, high], both included."""
        return low + self.below(high - low + 1)

    def nonzero(self, low: int, high: int) -> int:
        """An integer in [low, high] that is not 0."""
        value = self.integer(low, high - 1 if low <= 0 <= high else high)
        return value + 1 if low <= 0 <= high and value >= 0 else value

    def chance(self, of: int) -> bool:
        """True once in `of` times."""
        return self.below(of) == 0

    def pick(self, options: Sequence[T]) -> T:
        return options[self.below(len(options))]

    def shuffle(self, options: Sequence[T]) -> list[T]:
        """A new list in random order (Fisher and Yates)."""
        items = list(options)
        for last in range(len(items) - 1, 0, -1):
            other = self.below(last + 1)
            items[last], items[other] = items[other], items[last]
        return items

    def some(self, options: Sequence[T], count: int) -> list[T]:
        """`count` different ones, in random order."""
        return self.shuffle(options)[:count]

    def vector(self, low: int, high: int, length: int) -> list[int]:
        return [self.integer(low, high) for _ in range(length)]

    def matrix(self, low: int, high: int, rows: int, columns: int) -> list[list[int]]:
        return [self.vector(low, high, columns) for _ in range(rows)]

    def fraction(self, low: int, high: int, denominator: int) -> Fraction:
        """An integer in [low, high] over `denominator`: tenths, halves, hundredths."""
        return Fraction(self.integer(low, high), denominator)
