"""Printing rules, one row an operation: an expression in symbols, or with its numbers put in.

A rule returns LaTeX and how tightly it binds. Brackets are decided here and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from penwork.maths.value import TraceError, Value, entry_tex, with_subscript
from penwork.model import Operand
from penwork.numbers import EXACTLY, Style, show
from penwork.writing.digits import data_tex, matrix_tex, number_tex, pmx, shaped_tex

SUM, PRODUCT, FUNCTION, FRACTION, ATOM = 1, 2, 3, 4, 5
Printed = tuple[str, int]
SPELLED_OUT = 4


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
        if not self.with_numbers:
            self.names.append((name.tex, name.source, name.index))
            return name.tex, ATOM
        self.note_operands(value)
        text = data_tex(value.data, row=value.row, places=name.places, style=name.style)
        return text, ATOM if value.shape else binding_of(text)

    def note_operands(self, value: Value) -> None:
        name = value.name
        assert name is not None
        if not isinstance(value.data, np.ndarray):
            self._note(name, name.index, value.data)
        else:
            for at, number in np.ndenumerate(value.data):
                self._note(name, name.index + at, number)

    def _note(self, name: Any, index: tuple[Any, ...], number: Any) -> None:
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
        self.names.append((tex, name.source, (*name.index, letters)))
        return tex


def binding_of(number: str) -> int:
    if number.startswith("-"):
        return SUM
    return PRODUCT if r"\cdot" in number else FRACTION if r"\frac" in number else ATOM


def bracket(text: str) -> str:
    tall = any(mark in text for mark in (r"\frac", r"\pmx", r"\sum", r"\sqrt"))
    return rf"\left({text}\right)" if tall else f"({text})"


def _named(value: Value, what: str) -> Value:
    if value.name is None:
        raise TraceError(f"{what} is printed entry by entry: name its argument with work.let first")
    return value


def _right(text: str, binding: int, at_least: int) -> str:
    return bracket(text) if binding < at_least or text.startswith("-") else text


def _add(pen: Pen, value: Value, left: Value, right: Value) -> Printed:
    if right.operation == "negate":
        return _subtract(pen, value, left, right.arguments[0])
    first = pen.text(left)
    text, _ = pen.write(right)
    return f"{first}+{_right(text, SUM, SUM)}", SUM


def _subtract(pen: Pen, value: Value, left: Value, right: Value) -> Printed:
    first = pen.text(left)
    text, binding = pen.write(right)
    return f"{first}-{_right(text, binding, PRODUCT)}", SUM


def _multiply(pen: Pen, value: Value, left: Value, right: Value) -> Printed:
    first, binding = pen.write(left)
    if (binding < PRODUCT and not _is_number(first)) or binding == FUNCTION:
        first = bracket(first)
    second, binding = pen.write(right)
    second = _right(second, binding, PRODUCT)
    return _times(pen, first, second, bool(left.shape or right.shape)), PRODUCT


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"-?(?:[\d.,\\]+|\\frac\{\d+\}\{\d+\})", text))


def _times(pen: Pen, first: str, second: str, sized: bool) -> str:
    if sized:
        return rf"{first}\,{second}"
    if pen.with_numbers or re.match(r"\d|\\frac|\(-?\d", second):
        return rf"{first}\cdot {second}"
    return rf"{first}\,{second}" if first[-1] not in "}0123456789" or "(" in second[:6] else f"{first}{second}"


def _divide(pen: Pen, value: Value, left: Value, right: Value) -> Printed:
    if left.shape and pen.with_numbers:
        under = pen.text(right)
        over, binding = pen.write(left)
        pen.constants.append("1")
        return rf"\frac{{1}}{{{under}}}\,{_right(over, binding, PRODUCT)}", PRODUCT
    return rf"\frac{{{pen.text(left)}}}{{{pen.text(right)}}}", FRACTION


def _negate(pen: Pen, value: Value, inner: Value) -> Printed:
    text, binding = pen.write(inner)
    return f"-{_right(text, binding, PRODUCT)}", SUM


def _power(pen: Pen, value: Value, base: Value, exponent: int) -> Printed:
    text, binding = pen.write(base)
    if binding < ATOM or "^" in text:
        text = bracket(text)
    pen.constants.append(str(exponent))
    mark = rf"\odot {exponent}" if base.shape else str(exponent)
    return f"{text}^{{{mark}}}" if len(mark) > 1 else f"{text}^{mark}", ATOM


def raised(text: str, binding: int) -> str:
    r"""`text` transposed; a superscript that is there is joined: W^{(2)\top}."""
    found = re.fullmatch(r"(\\mathbf\s*\{?\w+\}?|\w+)\^\{([^{}]*)\}", text)
    if found:
        return rf"{found[1]}^{{{found[2]}\top}}"
    return rf"{bracket(text) if binding < ATOM else text}^\top"


def _transpose(pen: Pen, value: Value, inner: Value) -> Printed:
    if pen.with_numbers and inner.name is not None:
        pen.note_operands(inner)
        return data_tex(inner.data.T, places=inner.name.places, style=inner.name.style), ATOM
    text, binding = pen.write(inner)
    return raised(text, binding), ATOM


def _matmul(pen: Pen, value: Value, left: Value, right: Value) -> Printed:
    both = len(left.shape) == len(right.shape) == 1
    if both and pen.with_numbers and left.name and right.name:
        pairs = zip(pen.cells(left), pen.cells(right), strict=True)
        terms = [rf"{a}\cdot {_right(b, binding_of(b), PRODUCT)}" for a, b in pairs]
        return _joined(terms), SUM if len(terms) > 1 else PRODUCT
    first, binding = pen.write(left)
    first = bracket(first) if binding < PRODUCT else first
    if len(left.shape) == 1 and not left.row:
        first = raised(first, ATOM)
    second, binding = pen.write(right)
    second = bracket(second) if binding < PRODUCT else second
    if len(right.shape) == 1 and right.row:
        second = raised(second, ATOM)
    return rf"{first}\,{second}" if both else f"{first}{second}", PRODUCT


def _joined(terms: list[str]) -> str:
    """Terms with plus signs; a negative one after the first stands in brackets."""
    return terms[0] + "".join(f"+{bracket(t) if t.startswith('-') else t}" for t in terms[1:])


def _hadamard(pen: Pen, value: Value, left: Value, right: Value) -> Printed:
    return rf"{pen.text(left, FRACTION)}\odot {pen.text(right, FRACTION)}", PRODUCT


def _outer(pen: Pen, value: Value, left: Value, right: Value) -> Printed:
    if pen.with_numbers and left.name and right.name:
        pen.note_operands(left)
        pen.note_operands(right)
        column = data_tex(left.data, places=left.name.places, style=left.name.style)
        row = data_tex(right.data, row=True, places=right.name.places, style=right.name.style)
        return column + row, PRODUCT
    first = pen.text(left, ATOM) if not left.row else raised(pen.text(left, ATOM), ATOM)
    second = pen.text(right, ATOM)
    return first + (second if right.row else raised(second, ATOM)), PRODUCT


def _block(axis: str) -> Callable[..., Printed]:
    def rule(pen: Pen, value: Value, inner: Value, first: int, last: int) -> Printed:
        name = _named(inner, "a block").name
        assert name is not None
        if pen.with_numbers:
            part = inner.data[first:last] if axis == "rows" else inner.data[:, first:last]
            for (i, j), number in np.ndenumerate(part):
                at = (i + first, j) if axis == "rows" else (i, j + first)
                pen._note(name, name.index + at, number)
            return data_tex(part, places=name.places, style=name.style), ATOM
        span = f"{first + 1}" if last == first + 1 else f"{first + 1}:{last}"
        tex = with_subscript(name.tex, f"{span},:" if axis == "rows" else f":,{span}")
        pen.names.append((tex, name.source, (*name.index, axis, first, last)))
        return tex, ATOM

    return rule


def _stack(pen: Pen, value: Value, *parts: Value) -> Printed:
    cells = [[pen.text(part)] for part in parts]
    if pen.with_numbers and parts[0].shape and all(part.name for part in parts):
        cells = [pen.cells(part) for part in parts]
    return matrix_tex(cells), ATOM


def _beside(pen: Pen, value: Value, *parts: Value) -> Printed:
    return pmx([" & ".join(pen.text(part) for part in parts)]), ATOM


def _repeat(pen: Pen, value: Value, inner: Value, count: int) -> Printed:
    text, binding = pen.write(inner)
    if pen.with_numbers:
        name = _named(inner, "repeat").name
        assert name is not None
        row = data_tex(inner.data, row=True, places=name.places, style=name.style)
        return row, ATOM
    return (text if inner.row else raised(text, binding)), ATOM


WITHOUT_BRACKETS = (r"\ln", r"\log_2", r"\sin", r"\cos")


def _applied(name: str) -> Callable[..., Printed]:
    """A function by name, without brackets before a plain number or name."""

    def rule(pen: Pen, value: Value, inner: Value) -> Printed:
        text, binding = pen.write(inner)
        if text.startswith(r"\pmx"):
            return rf"{name} {text}", FUNCTION
        plain = inner.name is not None or "(" not in text
        bare = binding == ATOM and plain and name in WITHOUT_BRACKETS
        return rf"{name} {text if bare else bracket(text)}", FUNCTION

    return rule


def _exp(pen: Pen, value: Value, inner: Value) -> Printed:
    if not value.shape:
        return f"e^{{{pen.text(inner)}}}", ATOM
    if pen.with_numbers and inner.name is not None:
        cells = [f"e^{{{cell}}}" for cell in pen.cells(inner)]
        return shaped_tex(cells, inner.shape, inner.row), ATOM
    return rf"\exp {bracket(pen.text(inner))}", FUNCTION


def _sqrt(pen: Pen, value: Value, inner: Value) -> Printed:
    return rf"\sqrt{{{pen.text(inner)}}}", ATOM


def _positive(pen: Pen, value: Value, inner: Value) -> Printed:
    return rf"\left[{pen.text(inner)}>0\right]", ATOM


def _absolute(pen: Pen, value: Value, inner: Value) -> Printed:
    return rf"\left|{pen.text(inner)}\right|", ATOM


def _mask(pen: Pen, value: Value, inner: Value, seen: Any, fill: Any) -> Printed:
    return rf"\mask {bracket(pen.text(inner))}", FUNCTION


def _spelled(pen: Pen, value: Value) -> list[str] | None:
    short = pen.with_numbers or value.shape[0] <= SPELLED_OUT
    return pen.cells(value) if len(value.shape) == 1 and short else None


def _total(pen: Pen, value: Value, inner: Value) -> Printed:
    if inner.name is None:
        return rf"\sum {bracket(pen.text(inner))}", FUNCTION
    cells = pen.cells(inner) if pen.with_numbers else _spelled(pen, inner)
    if cells is not None:
        return _joined(cells), SUM
    letters = "i" if len(inner.shape) == 1 else "ij"
    return rf"\sum_{{{letters}}} {pen.indexed(inner, letters)}", FUNCTION


def _mean(pen: Pen, value: Value, inner: Value) -> Printed:
    over, _ = _total(pen, value, _named(inner, "a mean"))
    count = str(inner.shape[0])
    pen.constants.append(count)
    return rf"\frac{{{over}}}{{{count}}}", FRACTION


def _variance(pen: Pen, value: Value, inner: Value, mean: Value) -> Printed:
    count = str(_named(inner, "a variance").shape[0])
    pen.constants.append(count)
    if pen.with_numbers:
        terms = []
        for cell in pen.cells(inner):
            centre, binding = pen.write(mean)
            terms.append(f"({cell}-{_right(centre, binding, PRODUCT)})^2")
            pen.constants.append("2")
        return rf"\frac{{{_joined(terms)}}}{{{count}}}", FRACTION
    pen.constants.append("2")
    entry = pen.indexed(inner, "i")
    return rf"\frac{{\sum_{{i}} ({entry}-{pen.text(mean, PRODUCT)})^2}}{{{count}}}", FRACTION


def _squares(pen: Pen, inner: Value) -> str:
    cells = pen.cells(_named(inner, "a norm"))
    pen.constants.extend("2" for _ in cells)
    return "+".join(f"{bracket(c) if binding_of(c) < ATOM else c}^2" for c in cells)


def _norm(pen: Pen, value: Value, inner: Value) -> Printed:
    if pen.with_numbers:
        return rf"\sqrt{{{_squares(pen, inner)}}}", ATOM
    return rf"\left\|{pen.text(inner)}\right\|", ATOM


def _square_norm(pen: Pen, value: Value, inner: Value) -> Printed:
    if pen.with_numbers:
        return _squares(pen, inner), SUM
    return rf"\left\|{pen.text(inner)}\right\|^2", FRACTION


def _row_sums(pen: Pen, value: Value, inner: Value) -> Printed:
    if pen.with_numbers:
        cells, width = pen.cells(_named(inner, "a sum of rows")), inner.shape[1]
        rows = [cells[i : i + width] for i in range(0, len(cells), width)]
        return pmx([_joined(row) for row in rows]), ATOM
    return rf"\sum_{{j}} {pen.indexed(_named(inner, 'a sum of rows'), 'ij')}", FUNCTION


def _by_rows(pen: Pen, value: Value, inner: Value, under: Value) -> Printed:
    if pen.with_numbers:
        cells, width = pen.cells(_named(inner, "by_rows")), inner.shape[1]
        divisors = []
        for row in range(inner.shape[0]):
            divisors += [pen.text(_named(under, "by_rows")[row]) for _ in range(width)]
        quotients = [rf"\frac{{{a}}}{{{b}}}" for a, b in zip(cells, divisors, strict=True)]
        return shaped_tex(quotients, inner.shape), ATOM
    over = pen.indexed(_named(inner, "by_rows"), "ij")
    return rf"\left(\frac{{{over}}}{{{pen.indexed(_named(under, 'by_rows'), 'i')}}}\right)", ATOM


def _log_sum_exp(pen: Pen, value: Value, inner: Value) -> Printed:
    if pen.with_numbers:
        return rf"\ln({'+'.join(f'e^{{{c}}}' for c in pen.cells(_named(inner, 'LSE')))})", FUNCTION
    return rf"\ln\sum_{{i}} e^{{{pen.indexed(_named(inner, 'LSE'), 'i')}}}", FUNCTION


RULES: dict[str, Callable[..., Printed]] = {
    "add": _add,
    "subtract": _subtract,
    "multiply": _multiply,
    "divide": _divide,
    "negate": _negate,
    "power": _power,
    "matmul": _matmul,
    "hadamard": _hadamard,
    "outer": _outer,
    "transpose": _transpose,
    "columns": _block("columns"),
    "rows": _block("rows"),
    "stack": _stack,
    "beside": _beside,
    "repeat": _repeat,
    "exp": _exp,
    "log": _applied(r"\ln"),
    "log2": _applied(r"\log_2"),
    "sqrt": _sqrt,
    "sin": _applied(r"\sin"),
    "cos": _applied(r"\cos"),
    "tanh": _applied(r"\tanh"),
    "sigmoid": _applied(r"\sigma"),
    "relu": _applied(r"\ReLU"),
    "softmax": _applied(r"\softmax"),
    "positive": _positive,
    "absolute": _absolute,
    "mask": _mask,
    "total": _total,
    "mean": _mean,
    "variance": _variance,
    "norm": _norm,
    "square_norm": _square_norm,
    "row_sums": _row_sums,
    "by_rows": _by_rows,
    "log_sum_exp": _log_sum_exp,
}
