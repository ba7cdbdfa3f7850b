"""Numbers and arrays of numbers as LaTeX."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from penwork.escape import spelled
from penwork.numbers import WORKING_PLACES, Shown, Style, decimal, decimals_of, exact, show

_DECIMAL = re.compile(r"-?[\d.]+").fullmatch


def digits_tex(shown: Shown) -> str:
    r"""The digits as LaTeX: 12\,345, 10^9, -\frac{3}{4}, 2.06\cdot10^{-9}, \ln 4, -\infty."""
    if shown.kind == "fraction":
        sign = "-" if shown.digits.startswith("-") else ""
        over, under = shown.digits.lstrip("-").split("/")
        return rf"{sign}\frac{{{over}}}{{{under}}}"
    if shown.kind == "scientific":
        mantissa, exponent = shown.digits.split("e")
        return rf"{mantissa}\cdot10^{{{exponent}}}"
    if shown.kind == "log":
        return rf"\ln {grouped(shown.digits[3:])}"
    if shown.kind == "infinity":
        return shown.digits.replace("inf", r"\infty")
    if found := re.fullmatch(r"(-?)10{9}", shown.digits):  # a mask's billion
        return f"{found[1]}10^9"
    return grouped(shown.digits)


def grouped(digits: str) -> str:
    """Thousands before the point set apart by thin spaces from five digits on."""
    whole, point, rest = digits.partition(".")
    if len(whole.lstrip("-")) >= 5:
        whole = re.sub(r"(?<=\d)(?=(?:\d{3})+$)", r"\\,", whole)
    return whole + point + rest


@lru_cache(maxsize=2**16, typed=True)
def number_tex(number: Any, places: int = WORKING_PLACES, style: Style = "decimal") -> str:
    return digits_tex(show(number, places, style))


def label_tex(number: Any, places: int = 2) -> str:
    """A number for a figure's label: as a decimal, exact where `places` suffice, else rounded."""
    value = exact(number)
    needed = decimals_of(value, places)
    return grouped(decimal(value, places if needed is None else needed))


def matrix_tex(cells: Sequence[Sequence[str]]) -> str:
    r"""\pmx{…} with decimals padded to the longest of their column."""
    if len(cells) > 1:
        columns = [padded(column) for column in zip(*cells, strict=True)]
        cells = list(zip(*columns, strict=True))
    return pmx([" & ".join(row) for row in cells])


def pmx(rows: list[str]) -> str:
    return r"\pmx{" + r" \\ ".join(rows) + "}"


def padded(column: Sequence[str]) -> Sequence[str]:
    if "." not in "".join(column) or not all(map(_DECIMAL, column)):
        return column
    tails = [cell.partition(".")[2] for cell in column]
    longest = max(map(len, tails))
    return [
        cell
        if len(tail) == longest
        else rf"{cell}\z{{{'' if tail else '.'}{'0' * (longest - len(tail))}}}"
        for cell, tail in zip(column, tails, strict=True)
    ]


def data_tex(
    data: Any, *, row: bool = False, places: int = WORKING_PLACES, style: Style = "decimal"
) -> str:
    """A scalar, a vector (column unless `row`) or a matrix as LaTeX."""
    if not isinstance(data, np.ndarray):
        return number_tex(data, places, style)
    cells = [number_tex(x, places, style) for x in data.flat]
    return shaped_tex(cells, data.shape, row)


def shaped_tex(cells: list[str], shape: tuple[int, ...], row: bool = False) -> str:
    """Ready cells in the shape of a vector (column unless `row`) or a matrix."""
    if len(shape) == 1:
        return matrix_tex([cells] if row else [[cell] for cell in cells])
    return matrix_tex([cells[i : i + shape[1]] for i in range(0, len(cells), shape[1])])


def symbols_tex(words: Sequence[str]) -> str:
    r"""Words as the symbols of one word, visibly apart: \tok{lo}\sep\tok{w}, escaped."""
    return r"\sep".join(map(token_tex, words))


@lru_cache(maxsize=4096)
def token_tex(*words: str) -> str:
    r"""Words as tokens: \tok{the}\,\tok{cat}, escaped."""
    return r"\,".join(rf"\tok{{{spelled(word)}}}" for word in words)
