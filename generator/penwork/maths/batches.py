"""Declarations of givens that are one example or a batch of them, and of lists of labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from penwork.errors import UserError
from penwork.maths.fields import Field
from penwork.maths.given import Matrix, Vector, default_tex


@dataclass(frozen=True, slots=True)
class VectorOrMatrix(Vector):
    """One example (a vector), or a batch of them: a matrix, one example a row.

    `batch` is the dimension of its rows; the matrix goes by the capital letter of the given.
    """

    batch: str = "n"

    def _matrix(self, name: str) -> Matrix:
        return Matrix(
            tex=default_tex(name[0].upper(), True),
            style=self.style,
            first=self.first,
            low=self.low,
            high=self.high,
            nonzero=self.nonzero,
            integer=self.integer,
            rows=self.batch,
            columns=self.dimension,
        )

    def called(self, name: str, stored: Any) -> str:
        return self._matrix(name).tex if _has_rows(stored) else Vector.called(self, name, stored)

    def read(self, where: str, raw: Any, sizes: dict[str, tuple[int, str]]) -> Any:
        batch, first = sizes.setdefault(f"a batch of {self.batch}", (_has_rows(raw), where))
        if batch != _has_rows(raw):
            raise UserError(
                f"{where if batch else first} is one example where {first if batch else where}"
                " is a batch.",
                "Give one example of each, or a list of rows for each.",
            )
        if _has_rows(raw):
            return self._matrix(where).read(where, raw, sizes)
        return Vector.read(self, where, raw, sizes)

    def leaf(self, field: Field, name: str, stored: Any) -> Any:
        if _has_rows(stored):
            return self._matrix(name).leaf(field, name, stored)
        return Vector.leaf(self, field, name, stored)


def _has_rows(stored: Any) -> bool:
    return isinstance(stored, (list, tuple)) and isinstance((*stored, 0)[0], (list, tuple))


@dataclass(frozen=True, slots=True)
class Counts(Vector):
    """A list of whole numbers that solve needs as such (labels): plain ints, printed as a row."""

    row: bool = True
    integer: bool = True

    def leaf(self, field: Field, name: str, stored: Any) -> Any:
        return None if stored is None else [int(number) for number in stored]
