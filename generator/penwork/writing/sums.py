"""Printing rules of sums, means, norms, quotients by rows: what is spelled out by entries."""

from __future__ import annotations

from penwork.maths.value import Value
from penwork.numbers import show
from penwork.writing.digits import number_tex, pmx, shaped_tex
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
from penwork.writing.rules import has_superscript, times

SPELLED_OUT = 4


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
    return [f"{bracket(c) if binding_of(c) < ATOM or has_superscript(c) else c}^2" for c in cells]


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
    entry = pen.indexed(named(inner, "a sum of rows"), "ij")
    return rf"\left(\sum_{{j}} {entry}\right)", ATOM


def _row_squares(pen: Pen, value: Value, inner: Value) -> Printed:
    if pen.with_numbers:
        squares, width = _squared(pen, inner), inner.shape[1]
        rows = [squares[i : i + width] for i in range(0, len(squares), width)]
        return pmx(["+".join(row) for row in rows]), ATOM
    pen.constants.append("2")
    entry = pen.indexed(named(inner, "a sum of rows"), "ij")
    base = bracket(entry) if has_superscript(entry) else entry
    return rf"\left(\sum_{{j}} {base}^2\right)", ATOM


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


def _combination(pen: Pen, value: Value, *parts: Value) -> Printed:
    half = len(parts) // 2
    terms = [_term(pen, c, m) for c, m in zip(parts[:half], parts[half:], strict=True)]
    first, *rest = [term for term in terms if term] or [_zero(pen)]
    text = first + "".join(term if term.startswith("-") else f"+{term}" for term in rest)
    return text, SUM if rest or first.startswith("-") else PRODUCT


def _zero(pen: Pen) -> str:
    pen.constants.append("0")
    return "0"


def _term(pen: Pen, coefficient: Value, monomial: Value) -> str:
    """Coefficient times monomial with its sign; with numbers no 1x, and "" for 0x."""
    if pen.with_numbers or coefficient.operation == "constant":
        return _numeric_term(pen, coefficient, monomial)
    negative = coefficient.operation == "negate"
    text = pen.text(coefficient.arguments[0] if negative else coefficient, PRODUCT)
    if not monomial.is_constant(1):
        text = times(text, pen.text(monomial, PRODUCT))
    return f"-{text}" if negative else text


def _numeric_term(pen: Pen, coefficient: Value, monomial: Value) -> str:
    number = coefficient.data
    if number == 0:
        return ""
    alone = monomial.is_constant(1)
    text = "" if abs(number) == 1 and not alone else _coefficient(pen, coefficient)
    sign = "-" if number < 0 and not text.startswith(("(", r"\left(")) else ""
    text = text.removeprefix("-")
    factor = "" if alone else pen.text(monomial, PRODUCT)
    return sign + (times(text, factor) if text and factor else text + factor)


def _coefficient(pen: Pen, coefficient: Value) -> str:
    """Its digits; a formula without a name that does not come out short stays as it is."""
    if coefficient.name is not None:
        return pen.leaf(coefficient)[0]
    if not show(coefficient.data).exact:
        return bracket(pen.text(coefficient))
    text = number_tex(coefficient.data)
    pen.constants.append(text)
    return text


RULES.update(
    {
        "combination": _combination,
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
