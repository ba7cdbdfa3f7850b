"""Printing rules of sums, means, norms, quotients by rows: what is spelled out by entries."""

from __future__ import annotations

from penwork.maths.value import Value
from penwork.writing.digits import pmx, shaped_tex
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

SPELLED_OUT = 4
PRIMES = "'^"  # of a letter that has a superscript already


def _spelled(pen: Pen, value: Value) -> list[str] | None:
    short = pen.with_numbers or value.shape[0] <= SPELLED_OUT
    return pen.cells(value) if len(value.shape) == 1 and short else None


def _total(pen: Pen, value: Value, inner: Value) -> Printed:
    if inner.name is None:
        return rf"\sum {bracket(pen.text(inner))}", FUNCTION
    cells = pen.cells(inner) if pen.with_numbers else _spelled(pen, inner)
    if cells is not None:
        return joined(cells), SUM
    letters = "i" if len(inner.shape) == 1 else "ij"
    return rf"\sum_{{{letters}}} {pen.indexed(inner, letters)}", FUNCTION


def _mean(pen: Pen, value: Value, inner: Value) -> Printed:
    over, _ = _total(pen, value, named(inner, "a mean"))
    count = str(inner.shape[0])
    pen.constants.append(count)
    return rf"\frac{{{over}}}{{{count}}}", FRACTION


def _variance(pen: Pen, value: Value, inner: Value, mean: Value) -> Printed:
    count = str(named(inner, "a variance").shape[0])
    pen.constants.append(count)
    if pen.with_numbers:
        terms = []
        for cell in pen.cells(inner):
            centre, binding = pen.write(mean)
            terms.append(f"({cell}-{right_hand(centre, binding, PRODUCT)})^2")
            pen.constants.append("2")
        return rf"\frac{{{joined(terms)}}}{{{count}}}", FRACTION
    pen.constants.append("2")
    entry = pen.indexed(inner, "i")
    return rf"\frac{{\sum_{{i}} ({entry}-{pen.text(mean, PRODUCT)})^2}}{{{count}}}", FRACTION


def _squared(pen: Pen, inner: Value) -> list[str]:
    cells = pen.cells(named(inner, "a sum of squares"))
    pen.constants.extend("2" for _ in cells)
    return [f"{bracket(c) if binding_of(c) < ATOM else c}^2" for c in cells]


def _squares(pen: Pen, inner: Value) -> str:
    return "+".join(_squared(pen, inner))


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
        cells, width = pen.cells(named(inner, "a sum of rows")), inner.shape[1]
        rows = [cells[i : i + width] for i in range(0, len(cells), width)]
        return pmx([joined(row) for row in rows]), ATOM
    return rf"\sum_{{j}} {pen.indexed(named(inner, 'a sum of rows'), 'ij')}", FUNCTION


def _row_squares(pen: Pen, value: Value, inner: Value) -> Printed:
    if pen.with_numbers:
        squares, width = _squared(pen, inner), inner.shape[1]
        rows = [squares[i : i + width] for i in range(0, len(squares), width)]
        return pmx(["+".join(row) for row in rows]), ATOM
    pen.constants.append("2")
    entry = pen.indexed(named(inner, "a sum of rows"), "ij")
    return rf"\sum_{{j}} {bracket(entry) if set(entry) & set(PRIMES) else entry}^2", FUNCTION


def _with_own(pen: Pen, inner: Value, own: Value, sign: str) -> str:
    """The entries of a matrix, each with the number of its row."""
    cells, width = pen.cells(named(inner, "by rows")), inner.shape[1]
    numbers = []
    for row in range(inner.shape[0]):
        texts = [pen.text(named(own, "by rows")[row]) for _ in range(width)]
        numbers += [bracket(text) if text.startswith("-") else text for text in texts]
    return shaped_tex([f"{a}{sign}{b}" for a, b in zip(cells, numbers, strict=True)], inner.shape)


def _less_by_rows(pen: Pen, value: Value, inner: Value, amounts: Value) -> Printed:
    if pen.with_numbers:
        return _with_own(pen, inner, amounts, "-"), ATOM
    entry = pen.indexed(named(inner, "less_by_rows"), "ij")
    return f"({entry}-{pen.indexed(named(amounts, 'less_by_rows'), 'i')})", ATOM


def _by_rows(pen: Pen, value: Value, inner: Value, under: Value) -> Printed:
    if pen.with_numbers:
        return _with_own(pen, inner, under, "/"), ATOM
    over = pen.indexed(named(inner, "by_rows"), "ij")
    return rf"\left(\frac{{{over}}}{{{pen.indexed(named(under, 'by_rows'), 'i')}}}\right)", ATOM


def _log_sum_exp(pen: Pen, value: Value, inner: Value) -> Printed:
    if pen.with_numbers:
        return rf"\ln({'+'.join(f'e^{{{c}}}' for c in pen.cells(named(inner, 'LSE')))})", FUNCTION
    return rf"\ln\sum_{{i}} e^{{{pen.indexed(named(inner, 'LSE'), 'i')}}}", FUNCTION


RULES.update(
    {
        "total": _total,
        "mean": _mean,
        "variance": _variance,
        "norm": _norm,
        "square_norm": _square_norm,
        "row_sums": _row_sums,
        "row_squares": _row_squares,
        "less_by_rows": _less_by_rows,
        "by_rows": _by_rows,
        "log_sum_exp": _log_sum_exp,
    }
)
