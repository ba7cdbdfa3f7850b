"""The pen writes one expression, in symbols or with its numbers put in, and notes what it wrote.

How each operation is printed stands in the tables of rules.py and sums.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from penwork.maths.fields import entries
from penwork.maths.value import Name, Shape, TraceError, Value, entry_tex, with_subscript
from penwork.model import Operand
from penwork.numbers import EXACTLY, Style, show
from penwork.writing.digits import number_tex, shaped_tex

SUM, PRODUCT, FUNCTION, FRACTION, ATOM = 1, 2, 3, 4, 5
Printed = tuple[str, int]
RULES: dict[str, Callable[..., Printed]] = {}


class PutIn(NamedTuple):
    """A named value with its numbers put in: entry by entry, and as a whole.

    `said` are the numbers that the cells say, `rounded` whether they are others for an entry.
    """

    cells: list[str]
    said: list[Any]
    operands: tuple[Operand, ...]
    rounded: bool
    text: str
    binding: int


def put_in(value: Value, name: Name) -> PutIn:
    numbers, places, style = entries(value.data), name.places, name.style
    shown = [show(number, places, style) for number in numbers]
    cells = [number_tex(number, places, style) for number in numbers]
    rounded = [not one.exact for one in shown]
    operands = [
        Operand(name.source, name.at + at, cell, others)
        for at, cell, others in zip(indices(value.shape), cells, rounded, strict=True)
    ]
    text = shaped_tex(cells, value.shape, value.row) if value.shape else cells[0]
    return PutIn(
        cells=cells,
        said=[one.value for one in shown],
        operands=tuple(operands),
        rounded=any(rounded),
        text=text,
        binding=ATOM if value.shape else binding_of(text),
    )


@lru_cache(maxsize=256)
def indices(shape: Shape) -> tuple[tuple[int, ...], ...]:
    """Where the entries of an array stand, row by row; () for a scalar."""
    return tuple(np.ndindex(shape))


class Paper:
    """The named values of a run as they are put in: each is written once."""

    def __init__(self) -> None:
        self._there: dict[tuple[str, tuple[Any, ...]], PutIn] = {}

    def put_in(self, value: Value) -> PutIn:
        name = value.name
        assert name is not None
        key = name.source, name.at
        found = self._there.get(key)
        if found is None:
            found = self._there[key] = put_in(value, name)
        return found


@dataclass(slots=True)
class Pen:
    """Writes one expression, `with_numbers` or in symbols, and notes what it wrote."""

    with_numbers: bool
    paper: Paper = field(default_factory=Paper)
    operands: list[Operand] = field(default_factory=list)
    rounded: bool = False
    constants: list[str] = field(default_factory=list)
    names: list[tuple[str, str, tuple[Any, ...]]] = field(default_factory=list)

    def write(self, value: Value) -> Printed:
        if value.name is not None:
            return self.leaf(value)
        return RULES[value.operation](self, value, *value.arguments)

    def text(self, value: Value, at_least: int = SUM) -> str:
        """The expression, in brackets where it binds less tightly than that."""
        text, binding = self.write(value)
        return bracket(text) if binding < at_least else text

    def leaf(self, value: Value) -> Printed:
        name = value.name
        assert name is not None
        if not self.with_numbers or value.operation == "symbol":
            self.names.append((name.tex, name.source, name.at))
            return name.tex, binding_of_name(name.tex)
        if value.operation == "defined":
            return self.write(value.arguments[0])
        number = self.put(value)
        return number.text, number.binding

    def put(self, value: Value) -> PutIn:
        """A named value's numbers, noted as operands."""
        found = self.paper.put_in(value)
        self.operands += found.operands
        self.rounded = self.rounded or found.rounded
        return found

    def note(self, operands: Sequence[Operand]) -> None:
        """Note some entries of a value that is not put in as a whole."""
        self.operands += operands
        self.rounded = self.rounded or any(operand.rounded for operand in operands)

    def forget(self, number: str) -> None:
        """Take the last note of a number back: it is not printed."""
        there = [k for k, operand in enumerate(self.operands) if operand.printed == number]
        if there:
            del self.operands[there[-1]]
        else:
            self.constants.remove(number)

    def cells(self, value: Value) -> list[str]:
        """Every entry of a named value as text, in this pen's way."""
        if self.with_numbers:
            return self.put(value).cells
        return [self.leaf(value[at])[0] for at in indices(value.shape)]

    def indexed(self, value: Value, letters: str) -> str:
        r"""A named value with free indices: E_{ij}."""
        name = value.name
        assert name is not None
        tex = with_subscript(name.entry or entry_tex(name.tex), letters)
        self.names.append((tex, name.source, (*name.at, letters)))
        return tex


def _constant(pen: Pen, value: Value, number: Any) -> Printed:
    text, binding = _constant_tex(number)
    pen.constants.append(text)
    return text, binding


@lru_cache(maxsize=1024)
def _constant_tex(number: Any) -> Printed:
    style: Style = "decimal" if number.denominator in (2, 5, 10, 20) else "fraction"
    text = number_tex(number, EXACTLY, style)
    return text, binding_of(text)


RULES["constant"] = _constant


def binding_of(number: str) -> int:
    if number.startswith("-"):
        return SUM
    if number.startswith(r"\ln"):
        return FUNCTION
    return PRODUCT if r"\cdot" in number else FRACTION if r"\frac" in number else ATOM


_WITHIN = re.compile(
    r"\{[^{}]*\}|\([^()]*\)|\\left.*?\\right\\?.|\\l([Vv]ert).*?\\r\1|\|[^|]*\||[_^](?:\\[a-zA-Z]+|[^{])"
)
_is_sum = re.compile(r"[-+]|\\[pm][pm]\b").search
_is_product = re.compile(r"/|\\,|\\cdot|\\times|\d *[a-zA-Z\\]").search
_is_function = re.compile(r"\\(?:ln|log|exp|sin|cos|tanh|max|min|sum|prod)\b.*\w").match


def stripped(tex: str) -> str:
    """What stands in a name outside of brackets, braces and indices."""
    found = 1
    while found:
        tex, found = _WITHIN.subn("", tex)
    return tex


@lru_cache(maxsize=1024)
def binding_of_name(tex: str) -> int:
    r"""How tightly a name binds that is a formula itself: 1-p, 2d, \ln p, \partial f/\partial x."""
    bare = stripped(tex)
    if _is_sum(bare):
        return SUM
    if _is_product(bare):
        return PRODUCT
    return FUNCTION if _is_function(bare) else FRACTION if r"\frac" in bare else ATOM


_is_tall = re.compile(r"\\(?:frac|pmx|sum|sqrt)").search


def bracket(text: str) -> str:
    return rf"\left({text}\right)" if _is_tall(text) else f"({text})"


def named(value: Value, what: str) -> Value:
    if value.name is None:
        raise TraceError(f"{what} is printed entry by entry: name its argument with work.let first")
    return value


def right_hand(text: str, binding: int, at_least: int) -> str:
    return bracket(text) if binding < at_least or text.startswith("-") else text


def joined(terms: list[str]) -> str:
    """Terms with plus signs; a negative one after the first stands in brackets."""
    return terms[0] + "".join(f"+{bracket(t) if t.startswith('-') else t}" for t in terms[1:])
