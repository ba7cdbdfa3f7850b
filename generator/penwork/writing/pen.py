"""The pen writes one expression, in symbols or with its numbers put in, and notes what it wrote.

How each operation is printed stands in the tables of rules.py and sums.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from penwork.maths.value import TraceError, Value, entry_tex, with_subscript
from penwork.model import Operand
from penwork.numbers import EXACTLY, Style, show
from penwork.writing.digits import data_tex, number_tex

SUM, PRODUCT, FUNCTION, FRACTION, ATOM = 1, 2, 3, 4, 5
Printed = tuple[str, int]
RULES: dict[str, Callable[..., Printed]] = {}


@dataclass(slots=True)
class Pen:
    """Writes one expression, `with_numbers` or in symbols, and notes what it wrote."""

    with_numbers: bool
    operands: list[Operand] = field(default_factory=list)
    constants: list[str] = field(default_factory=list)
    names: list[tuple[str, str, tuple[Any, ...]]] = field(default_factory=list)

    def write(self, value: Value) -> Printed:
        if value.operation == "constant":
            return self._constant(value.arguments[0])
        if value.name is not None:
            return self.leaf(value)
        return RULES[value.operation](self, value, *value.arguments)

    def text(self, value: Value, at_least: int = SUM) -> str:
        """The expression, in brackets where it binds less tightly than that."""
        text, binding = self.write(value)
        return bracket(text) if binding < at_least else text

    def _constant(self, number: Any) -> Printed:
        style: Style = "decimal" if number.denominator in (2, 5, 10, 20) else "fraction"
        text = number_tex(number, EXACTLY, style)
        self.constants.append(text)
        return text, binding_of(text)

    def leaf(self, value: Value) -> Printed:
        name = value.name
        assert name is not None
        if not self.with_numbers or value.operation == "symbol":
            self.names.append((name.tex, name.source, name.at))
            return name.tex, ATOM
        if value.operation == "defined":
            return self.write(value.arguments[0])
        self.note_operands(value)
        text = data_tex(value.data, row=value.row, places=name.places, style=name.style)
        return text, ATOM if value.shape else binding_of(text)

    def note_operands(self, value: Value) -> None:
        name = value.name
        assert name is not None
        if not isinstance(value.data, np.ndarray):
            self.note(name, name.at, value.data)
        else:
            for at, number in np.ndenumerate(value.data):
                self.note(name, name.at + at, number)

    def note(self, name: Any, index: tuple[Any, ...], number: Any) -> None:
        rounded = not show(number, name.places, name.style).exact
        text = number_tex(number, name.places, name.style)
        self.operands.append(Operand(name.source, index, text, rounded))

    def cells(self, value: Value) -> list[str]:
        """Every entry of a named value as text, in this pen's way."""
        name = value.name
        assert name is not None
        if self.with_numbers:
            self.note_operands(value)
            return [number_tex(x, name.places, name.style) for x in value.data.flat]
        entries = [value[at] for at in np.ndindex(value.shape)]
        return [self.leaf(entry)[0] for entry in entries]

    def indexed(self, value: Value, letters: str) -> str:
        r"""A named value with free indices: E_{ij}."""
        name = value.name
        assert name is not None
        tex = with_subscript(name.entry or entry_tex(name.tex), letters)
        self.names.append((tex, name.source, (*name.at, letters)))
        return tex


def binding_of(number: str) -> int:
    if number.startswith("-"):
        return SUM
    if number.startswith(r"\ln"):
        return FUNCTION
    return PRODUCT if r"\cdot" in number else FRACTION if r"\frac" in number else ATOM


def bracket(text: str) -> str:
    tall = any(mark in text for mark in (r"\frac", r"\pmx", r"\sum", r"\sqrt"))
    return rf"\left({text}\right)" if tall else f"({text})"


def named(value: Value, what: str) -> Value:
    if value.name is None:
        raise TraceError(f"{what} is printed entry by entry: name its argument with work.let first")
    return value


def right_hand(text: str, binding: int, at_least: int) -> str:
    return bracket(text) if binding < at_least or text.startswith("-") else text


def joined(terms: list[str]) -> str:
    """Terms with plus signs; a negative one after the first stands in brackets."""
    return terms[0] + "".join(f"+{bracket(t) if t.startswith('-') else t}" for t in terms[1:])
