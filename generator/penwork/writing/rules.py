"""Printing rules, one row an operation: an expression in symbols, or with its numbers put in.

A rule returns LaTeX and how tightly it binds. Brackets are decided here and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from penwork.maths.value import Value, with_subscript
from penwork.writing.digits import matrix_tex, padded, pmx, shaped_tex
from penwork.writing.pen import (
    ATOM,
    FRACTION,
    FUNCTION,
    PRODUCT,
    RULES,
    SUM,
    Pen,
    Printed,
    binding_of,
    bracket,
    joined,
    named,
    right_hand,
)


def _add(pen: Pen, value: Value, left: Value, right: Value) -> Printed:
    if right.operation == "negate":
        return _subtract(pen, value, left, right.arguments[0])
    first = pen.text(left)
    text, _ = pen.write(right)
    return f"{first}+{right_hand(text, SUM, SUM)}", SUM


def _subtract(pen: Pen, value: Value, left: Value, right: Value) -> Printed:
    first = pen.text(left)
    text, binding = pen.write(right)
    return f"{first}-{right_hand(text, binding, PRODUCT)}", SUM


def _multiply(pen: Pen, value: Value, left: Value, right: Value) -> Printed:
    first, binding = pen.write(left)
    if (binding < PRODUCT and not _is_number(first)) or binding == FUNCTION:
        first = bracket(first)
    second, binding = pen.write(right)
    second = right_hand(second, binding, FRACTION if left.shape else PRODUCT)
    sized, dotted = bool(left.shape or right.shape), pen.with_numbers and not value.free
    return times(first, second, sized=sized, dotted=dotted), product_of(second, binding)


def product_of(last: str, binding: int) -> int:
    r"""How tightly a product binds: what follows y\,\ln x would seem to belong to the \ln."""
    return FUNCTION if binding == FUNCTION and not last.endswith(")") else PRODUCT


_is_number = re.compile(r"-?(?:[\d.,\\]+|\\frac\{\d+\}\{\d+\})").fullmatch
_starts_with_number = re.compile(r"\d|\\frac|\(-?\d").match


def times(first: str, second: str, *, sized: bool = False, dotted: bool = False) -> str:
    """Two factors side by side, or with a dot between numbers."""
    if sized and not (_starts_with_number(second) and first[-1] in "}0123456789"):
        return rf"{first}\,{second}"
    if sized or dotted or _starts_with_number(second):
        return rf"{first}\cdot {second}"
    return (
        rf"{first}\,{second}"
        if first[-1] not in "}0123456789" or second.startswith(("(", r"\left("))
        else f"{first}{second}"
    )


def _divide(pen: Pen, value: Value, left: Value, right: Value) -> Printed:
    over, binding = pen.write(left)
    under = pen.text(right)
    if _is_stacked(over, under) or (left.shape and r"\frac" in under and _is_number(under)):
        return rf"{over}\div {right_hand(under, PRODUCT, PRODUCT)}", SUM
    if left.shape and (pen.with_numbers or over.startswith(r"\left(")):
        pen.constants.append("1")
        over = right_hand(over, binding, PRODUCT)
        return rf"\frac{{1}}{{{under}}}\,{over}", product_of(over, binding)
    return rf"\frac{{{over}}}{{{under}}}", FRACTION


def _is_stacked(over: str, under: str) -> bool:
    """Whether a bar between these numbers would be one of several, one above the other."""
    return r"\frac" in over + under and bool(_is_number(over) and _is_number(under))


def _negate(pen: Pen, value: Value, inner: Value) -> Printed:
    text, binding = pen.write(inner)
    return (text, ATOM) if text == "0" else (f"-{right_hand(text, binding, PRODUCT)}", SUM)


def _power(pen: Pen, value: Value, base: Value, exponent: int) -> Printed:
    text, binding = pen.write(base)
    if binding < ATOM or has_superscript(text):
        text = bracket(text)
    pen.constants.append(str(exponent))
    mark = rf"\odot {exponent}" if base.shape else str(exponent)
    return f"{text}^{{{mark}}}" if len(mark) > 1 else f"{text}^{mark}", ATOM


def _rational_power(pen: Pen, value: Value, base: Value, over: int, under: int) -> Printed:
    text, binding = pen.write(base)
    exponent = str(over) if under == 1 or not over else f"{over}/{under}"
    pen.constants.extend(re.findall(r"\d+", exponent))
    base_text = bracket(text) if binding < ATOM or has_superscript(text) else text
    return f"{base_text}^{{{exponent}}}", ATOM


def has_superscript(text: str) -> bool:
    """Whether TeX refuses another one: x^a and x'_1 have theirs, with x' it is joined."""
    return "^" in text or "'_" in text


_with_superscript = re.compile(r"(\\mathbf\s*\{?\w+\}?|\w+)\^\{([^{}\\]*)\}").fullmatch


def raised(text: str, binding: int) -> str:
    r"""`text` transposed; a superscript that is there is joined: W^{(2)\top}."""
    found = _with_superscript(text)
    if found:
        return rf"{found[1]}^{{{found[2]}\top}}"
    return rf"{bracket(text) if binding < ATOM or has_superscript(text) else text}^\top"


def _transpose(pen: Pen, value: Value, inner: Value) -> Printed:
    if pen.with_numbers and inner.name is not None:
        height, width = inner.shape
        return shaped_tex(_turned(pen.put(inner).cells, width), (width, height)), ATOM
    if pen.with_numbers and inner.operation in ("rows", "columns"):
        return _block_numbers(pen, inner.operation, *inner.arguments, turned=True), ATOM
    text, binding = pen.write(inner)
    return raised(text, binding), ATOM


def _turned(cells: list[str], width: int) -> list[str]:
    """The cells of a matrix, given row by row, column by column."""
    return [cell for j in range(width) for cell in cells[j::width]]


def _matmul(pen: Pen, value: Value, left: Value, right: Value) -> Printed:
    both = len(left.shape) == len(right.shape) == 1
    if both and pen.with_numbers and left.name and right.name:
        pairs = zip(pen.cells(left), pen.cells(right), strict=True)
        terms = [rf"{a}\cdot {right_hand(b, binding_of(b), PRODUCT)}" for a, b in pairs]
        return joined(terms), SUM if len(terms) > 1 else PRODUCT
    first, binding = _side(pen, left, turned=not left.row)
    if product_of(first, binding) == FUNCTION or _has_dot(left):
        first = bracket(first)
    second, binding = _side(pen, right, turned=right.row, loose=("multiply", "hadamard"))
    return rf"{first}\,{second}" if both else f"{first}{second}", product_of(second, binding)


def _side(pen: Pen, value: Value, *, turned: bool, loose: Sequence[str] = ()) -> tuple[str, int]:
    """A side of a product of matrices; a vector is turned where the product needs it so."""
    text, binding = pen.write(value)
    if len(value.shape) == 1 and turned:
        return raised(text, binding), ATOM
    return (
        (bracket(text), ATOM) if binding < PRODUCT or value.operation in loose else (text, binding)
    )


def _has_dot(value: Value) -> bool:
    r"""Whether a product of entries stands in it without brackets: 2\,\mathbf a\odot\mathbf b."""
    if value.name is not None or value.operation not in ("hadamard", "multiply", "divide"):
        return False
    return value.operation == "hadamard" or any(
        _has_dot(a) for a in value.arguments if isinstance(a, Value)
    )


def _hadamard(pen: Pen, value: Value, left: Value, right: Value) -> Printed:
    return rf"{pen.text(left, FRACTION)}\odot {pen.text(right, FRACTION)}", PRODUCT


def _outer(pen: Pen, value: Value, left: Value, right: Value) -> Printed:
    if pen.with_numbers and left.name and right.name:
        column = shaped_tex(pen.put(left).cells, left.shape)
        return column + shaped_tex(pen.put(right).cells, right.shape, row=True), PRODUCT
    first = raised(*pen.write(left)) if left.row else pen.text(left, FRACTION)
    second = pen.text(right, ATOM) if right.row else raised(*pen.write(right))
    return first + second, PRODUCT


def _block_numbers(
    pen: Pen, axis: str, inner: Value, first: int, last: int, *, turned: bool = False
) -> str:
    """Some rows or columns of a named matrix, put in; transposed where `turned`."""
    whole = pen.paper.put_in(named(inner, "a block"))
    height, width = inner.shape
    across, along = range(height), range(width)
    if axis == "rows":
        across = across[first:last]
    else:
        along = along[first:last]
    there = [i * width + j for i in across for j in along]
    pen.note([whole.operands[k] for k in there])
    cells = [whole.cells[k] for k in there]
    if turned:
        return shaped_tex(_turned(cells, len(along)), (len(along), len(across)))
    return shaped_tex(cells, (len(across), len(along)))


def _block(axis: str) -> Callable[..., Printed]:
    def rule(pen: Pen, value: Value, inner: Value, first: int, last: int) -> Printed:
        name = named(inner, "a block").name
        assert name is not None
        if pen.with_numbers:
            return _block_numbers(pen, axis, inner, first, last), ATOM
        span = f"{first + 1}" if last == first + 1 else f"{first + 1}:{last}"
        tex = with_subscript(name.tex, f"{span},:" if axis == "rows" else f":,{span}")
        pen.names.append((tex, name.source, (*name.at, axis, first, last)))
        return tex, ATOM

    return rule


def _row_cells(pen: Pen, part: Value) -> list[str]:
    """A row of a stack: entry by entry where it is a stack of scalars itself."""
    if part.name is None and part.operation == "stack":
        return [pen.text(entry) for entry in part.arguments]
    text, binding = pen.write(part)
    return [raised(text, binding) if part.shape and not part.row else text]


def _stack(pen: Pen, value: Value, *parts: Value) -> Printed:
    if pen.with_numbers and parts[0].shape and all(part.name for part in parts):
        cells = [pen.cells(part) for part in parts]
    else:
        cells = [_row_cells(pen, part) for part in parts]
    if value.row:
        cells = [[cell for line in cells for cell in line]]
    return matrix_tex(cells), ATOM


def _columns(pen: Pen, part: Value) -> list[Sequence[str]]:
    """The padded cells of a named matrix, column by column."""
    cells, width = pen.cells(part), part.shape[1]
    return [padded(cells[i::width]) for i in range(width)]


def _beside(pen: Pen, value: Value, *parts: Value) -> Printed:
    if pen.with_numbers and len(value.shape) == 2 and all(part.name for part in parts):
        columns = [column for part in parts for column in _columns(pen, part)]
        return pmx([" & ".join(row) for row in zip(*columns, strict=True)]), ATOM
    cells = [pen.text(part) for part in parts]
    return pmx([" & ".join(cells)] if value.row or len(value.shape) == 2 else cells), ATOM


def _repeat(pen: Pen, value: Value, inner: Value, count: int) -> Printed:
    text, binding = pen.write(inner)
    if pen.with_numbers:
        cells = pen.paper.put_in(named(inner, "repeat")).cells
        return shaped_tex(cells, inner.shape, row=True), ATOM
    return (text if inner.row else raised(text, binding)), ATOM


WITHOUT_BRACKETS = (r"\ln", r"\log_2", r"\sin", r"\cos")


def _applied(name: str) -> Callable[..., Printed]:
    """A function by name, without brackets before a plain number or name."""

    def rule(pen: Pen, value: Value, inner: Value) -> Printed:
        text, binding = pen.write(inner)
        if binding == ATOM and text.startswith(r"\pmx"):
            return rf"{name} {text}", FUNCTION
        plain = inner.name is not None or "(" not in text
        bare = binding == ATOM and plain and name in WITHOUT_BRACKETS
        return rf"{name} {text if bare else bracket(text)}", FUNCTION

    return rule


def _e_to(pen: Pen, exponent: str) -> str:
    if exponent != "1":
        return f"e^{{{exponent}}}"
    pen.forget(exponent)
    return "e"


def _exp(pen: Pen, value: Value, inner: Value) -> Printed:
    if not value.shape:
        return _e_to(pen, pen.text(inner)), ATOM
    if pen.with_numbers and inner.name is not None:
        cells = [_e_to(pen, cell) for cell in pen.cells(inner)]
        return shaped_tex(cells, inner.shape, inner.row), ATOM
    return _applied(r"\exp")(pen, value, inner)


def _sqrt(pen: Pen, value: Value, inner: Value) -> Printed:
    return rf"\sqrt{{{pen.text(inner)}}}", ATOM


def _positive(pen: Pen, value: Value, inner: Value) -> Printed:
    pen.constants.append("0")
    return rf"\left[{pen.text(inner)}>0\right]", ATOM


def _absolute(pen: Pen, value: Value, inner: Value) -> Printed:
    return rf"\left|{pen.text(inner)}\right|", ATOM


def _floor(pen: Pen, value: Value, inner: Value) -> Printed:
    return rf"\left\lfloor {pen.text(inner)}\right\rfloor", ATOM


def _ceiling(pen: Pen, value: Value, inner: Value) -> Printed:
    return rf"\left\lceil {pen.text(inner)}\right\rceil", ATOM


def _maximum(pen: Pen, value: Value, *numbers: Value) -> Printed:
    return rf"\max {bracket(', '.join(map(pen.text, numbers)))}", FUNCTION


def _mask(pen: Pen, value: Value, inner: Value, seen: Any, fill: Any) -> Printed:
    return rf"\mask {bracket(pen.text(inner))}", FUNCTION


RULES.update(
    {
        "add": _add,
        "subtract": _subtract,
        "multiply": _multiply,
        "divide": _divide,
        "negate": _negate,
        "power": _power,
        "rational_power": _rational_power,
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
        "floor": _floor,
        "ceiling": _ceiling,
        "maximum": _maximum,
        "mask": _mask,
    }
)
