"""Declarations of givens: they validate, name the field that is wrong, and make the leaves.

One declaration serves what `sample` draws and what a user's file brings. Sizes are checked
before any work; nothing is evaluated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
from gmpy2 import mpq

from penwork.errors import Fault, UserError
from penwork.maths.fields import Field, array, elementwise
from penwork.maths.value import Name, Value, entry_name
from penwork.numbers import EXACTLY, Style, exact, parse_log

GREEK = {"alpha", "beta", "gamma", "epsilon", "eta", "theta", "lambda", "sigma", "mu", "tau"}
LARGEST = mpq(10**15)
FINEST = 10**30
_MISSING = object()
_NUMBERS = (int, str, Fraction, type(mpq()))


@dataclass(frozen=True, slots=True)
class NoNumber:
    """What a file has where a number would stand: NaN, Infinity, digits without end."""

    text: str


@cache
def default_tex(name: str, bold: bool) -> str:
    """A letter stands for itself; w0 and W_i have an index."""
    if name in GREEK:
        return rf"\{name}"
    if indexed := re.fullmatch(r"([A-Za-z])(?:_(\w)|(\d))", name):
        letter, index, digit = indexed.groups()
        name = f"{letter}_{index or digit}"
    return rf"\mathbf {name}" if bold else name


def as_number(where: str, raw: Any, style: Style = "decimal") -> Any:
    if isinstance(raw, NoNumber):
        raise UserError(f"{where} is {raw.text}.", "Write a finite number below 10^15.")
    if isinstance(raw, bool) or not isinstance(raw, _NUMBERS):
        if isinstance(raw, float):
            raise UserError(f"{where} is a float.", "Give an integer, a Fraction or decimal text.")
        raise UserError(f"{where} must be a number, not {kind_of(raw)}.", 'Write 3, 0.25 or "1/3".')
    try:
        if style == "log" and (logarithm := parse_log(raw)) is not None:
            return logarithm
        number = exact(raw)
    except UserError as error:
        raise UserError(f"{where}: {error.message}", error.hint) from None
    if abs(number) > LARGEST or number.denominator > FINEST:
        raise UserError(
            f"{where} is too large or too fine to work with by hand.", "Stay below 10^15."
        )
    return number


def kind_of(raw: Any) -> str:
    names = {
        dict: "an object",
        list: "a list",
        str: "text",
        bool: "true or false",
        type(None): "null",
    }
    if isinstance(raw, NoNumber):
        return raw.text
    if isinstance(raw, (int, float, Fraction)) and not isinstance(raw, bool):
        return "a number"
    return names.get(type(raw), type(raw).__name__)


def as_list(where: str, raw: Any, most: int = 256) -> list[Any]:
    if not isinstance(raw, (list, tuple)):
        raise UserError(f"{where} must be a list, not {kind_of(raw)}.", "Write [1, 2].")
    if not raw:
        raise UserError(f"{where} is empty.", "Give at least one entry.")
    if len(raw) > most:
        raise UserError(
            f"{where} has {len(raw)} entries.", f"At most {most} can be worked by hand."
        )
    return list(raw)


def _listed(where: str, raw: Any, most: int) -> Iterator[tuple[int, Any]]:
    return enumerate(as_list(where, raw, most))


def _fit(where: str, dimension: str | int, size: int, sizes: dict[str, tuple[int, str]]) -> None:
    if isinstance(dimension, int):
        if size != dimension:
            raise UserError(f"{where} has {size} where {dimension} are needed.", "Mend its shape.")
        return
    known, first = sizes.setdefault(dimension, (size, where))
    if known != size:
        raise UserError(
            f"{where} has size {size} where {first} has {known}.", f"Both are {dimension}."
        )


@dataclass(frozen=True, slots=True)
class Given:
    """What all declarations share. `default` is used where a file leaves the given out."""

    tex: str = ""
    default: Any = _MISSING
    style: Style = "decimal"
    first: int = 1

    @property
    def required(self) -> bool:
        return self.default is _MISSING

    def called(self, name: str, stored: Any) -> str:
        """Its LaTeX name in print."""
        return self.tex or default_tex(name, bold=isinstance(stored, list))

    def read(self, where: str, raw: Any, sizes: dict[str, tuple[int, str]]) -> Any:
        raise NotImplementedError

    def leaf(self, field: Field, name: str, stored: Any) -> Any:
        """What solve sees; a plain thing unless it is a number in a formula."""
        return stored


def _leaf(
    given: Given,
    field: Field,
    name: str,
    stored: Any,
    *,
    bold: bool,
    row: bool = False,
    sizes: tuple[str, ...] = (),
) -> Value:
    data = array(stored)
    shape = data.shape if isinstance(data, np.ndarray) else ()
    if field.name != "exact":
        data = elementwise(field.number, data)
    called = Name(
        given.tex or default_tex(name, bold),
        name,
        first=given.first,
        sizes=sizes,
        places=EXACTLY,
        style=given.style,
    )
    return Value(field, "name", (), shape, data=data, name=called, row=row)


@dataclass(frozen=True, slots=True)
class Scalar(Given):
    """A number in formulas, with its limits."""

    low: Any = None
    high: Any = None
    nonzero: bool = False
    integer: bool = False

    def read(self, where: str, raw: Any, sizes: dict[str, tuple[int, str]]) -> Any:
        return self.single(where, raw)

    def single(self, where: str, raw: Any) -> Any:
        """One number of it, within its limits."""
        return self._limited(where, as_number(where, raw, self.style))

    def _limited(self, where: str, number: Any) -> Any:
        if self.integer and number.denominator != 1:
            raise UserError(f"{where} must be a whole number, not {number}.", "Round it.")
        if self.nonzero and number == 0:
            raise UserError(f"{where} must not be 0.", "Give another number.")
        if self.low is not None and number < self.low:
            raise UserError(f"{where} must be at least {self.low}, not {number}.", "Raise it.")
        if self.high is not None and number > self.high:
            raise UserError(f"{where} must be at most {self.high}, not {number}.", "Lower it.")
        return number

    def leaf(self, field: Field, name: str, stored: Any) -> Any:
        return None if stored is None else _leaf(self, field, name, stored, bold=False)


@dataclass(frozen=True, slots=True)
class Count(Scalar):
    """A whole number that solve needs as such (how many steps): a plain int, not a value."""

    def read(self, where: str, raw: Any, sizes: dict[str, tuple[int, str]]) -> Any:
        number = self._limited(where, as_number(where, raw))
        if number.denominator != 1:
            raise UserError(f"{where} must be a whole number, not {number}.", "Round it.")
        return int(number)

    def leaf(self, field: Field, name: str, stored: Any) -> Any:
        return stored


@dataclass(frozen=True, slots=True)
class Vector(Scalar):
    """A vector of numbers, `most` at most; a scalar is taken as one. `row` prints it as a row."""

    dimension: str | int = "n"
    row: bool = False
    most: int = 256

    def read(self, where: str, raw: Any, sizes: dict[str, tuple[int, str]]) -> Any:
        rows = raw if isinstance(raw, (list, tuple)) else [raw]
        numbers = [self.single(f"{where}[{i}]", x) for i, x in _listed(where, rows, self.most)]
        _fit(where, self.dimension, len(numbers), sizes)
        return numbers

    def leaf(self, field: Field, name: str, stored: Any) -> Any:
        return (
            None
            if stored is None
            else _leaf(
                self, field, name, stored, bold=True, row=self.row, sizes=(str(self.dimension),)
            )
        )


@dataclass(frozen=True, slots=True)
class Matrix(Scalar):
    """A matrix of numbers, a list of rows; shared dimension names must agree.

    It has `most` rows at most, and columns. With `symmetric`, one that is square must be symmetric.
    """

    rows: str | int = "n"
    columns: str | int = "m"
    symmetric: bool = False
    most: int = 12

    def read(self, where: str, raw: Any, sizes: dict[str, tuple[int, str]]) -> Any:
        if not isinstance(raw, (list, tuple)):
            raw = [[raw]]
        rows = _listed(where, raw, self.most)
        lists = [as_list(f"{where}[{i}]", row, self.most) for i, row in rows]
        for i, row in enumerate(lists):
            if len(row) != len(lists[0]):
                raise UserError(
                    f"{where}[{i}] has {len(row)} entries where {where}[0] has {len(lists[0])}.",
                    "Make the rows equally long.",
                )
        _fit(f"{where} (rows)", self.rows, len(lists), sizes)
        _fit(f"{where} (columns)", self.columns, len(lists[0]), sizes)
        numbers = [
            [self.single(f"{where}[{i}][{j}]", x) for j, x in enumerate(row)]
            for i, row in enumerate(lists)
        ]
        turned = [list(column) for column in zip(*numbers, strict=True)]
        if self.symmetric and len(numbers) == len(turned) and numbers != turned:
            raise UserError(f"{where} is not symmetric.", "Make it equal to its transpose.")
        return numbers

    def leaf(self, field: Field, name: str, stored: Any) -> Any:
        return (
            None
            if stored is None
            else _leaf(
                self, field, name, stored, bold=True, sizes=(str(self.rows), str(self.columns))
            )
        )


def called_at(declaration: Given, path: str, stored: Any) -> str:
    """The LaTeX name of a given, or of an entry or a row of it, as solve writes it."""
    name, *keys = path.split(":")
    if not keys:
        return declaration.called(name, stored)
    if not isinstance(declaration, (Vector, Matrix)):
        raise Fault("statement", f"|eq has no name for {path!r}: write its name, and |n")
    whole = stored
    for _ in keys:
        whole = [whole]
    called = Name(declaration.called(name, whole), name, first=declaration.first)
    return entry_name(called, tuple(map(int, keys)), isinstance(stored, list)).tex


class Givens:
    """The givens of one run by name, as solve sees them."""

    def __init__(self, values: Mapping[str, Any], stored: Mapping[str, Any]) -> None:
        self._values = dict(values)
        self._stored = stored

    def plain(self, name: str) -> Any:
        """The bare given, the same in every run: to tell cases apart, never to compute with."""
        return self._stored[name]

    def __getattr__(self, name: str) -> Any:
        try:
            return self._values[name]
        except KeyError:
            known = ", ".join(self._values)
            raise AttributeError(f"no given is called {name!r}; there are {known}") from None

    def __getitem__(self, name: str) -> Any:
        return self._values[name]


def read_given(
    declared: Mapping[str, Given], raw: Mapping[str, Any], together: Sequence[Sequence[str]] = ()
) -> dict[str, Any]:
    """Validated givens in the declared order. Raises UserError that names the field.

    The optional ones of each group in `together` must all be there, or none of them.
    """
    if not isinstance(raw, Mapping):
        raise UserError(f"given must be an object, not {kind_of(raw)}.", 'Write {"x": 3}.')
    for name in raw:
        if name not in declared:
            raise UserError(
                f"given has no field {str(name)[:40]!r}.", f"Its fields are {', '.join(declared)}."
            )
    sizes: dict[str, tuple[int, str]] = {}
    stored: dict[str, Any] = {}
    for name, declaration in declared.items():
        if name in raw and not (raw[name] is None and declaration.default is None):
            stored[name] = declaration.read(name, raw[name], sizes)
        elif declaration.required:
            needed = [each for each, its in declared.items() if its.required]
            raise UserError(f"given lacks the field {name!r}.", f"It needs {', '.join(needed)}.")
        else:
            default = declaration.default
            stored[name] = default if default is None else declaration.read(name, default, sizes)
    for group in together:
        there = [name for name in group if stored[name] is not None]
        missing = [name for name in group if stored[name] is None]
        if there and missing:
            raise UserError(
                f"given has {', '.join(there)} without {', '.join(missing)}.",
                "They belong together: give them all, or leave them all out.",
            )
    return stored


def leaves(declared: Mapping[str, Given], stored: Mapping[str, Any], field: Field) -> Givens:
    """The givens as values of one run."""
    values = {name: d.leaf(field, name, stored[name]) for name, d in declared.items()}
    return Givens(values, stored)
