"""The reference strip: one fixed grid for every paper, so that it gives nothing away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache
from math import ceil
from typing import TypeVar

T = TypeVar("T")
_EXACTLY = Context(prec=40)
_HALVES = [Decimal(k) / 2 for k in range(1, 9)]
_SIX = _HALVES[:6]


def rounded(value: Decimal) -> str:
    """Four decimals, as in the key."""
    return str(value.quantize(Decimal(1).scaleb(-4), ROUND_HALF_UP, _EXACTLY))


def exponential(x: Decimal) -> Decimal:
    """e to the x."""
    return x.exp(_EXACTLY)


def sigmoid(x: Decimal) -> Decimal:
    """1 / (1 + e to the -x)."""
    return _EXACTLY.divide(Decimal(1), 1 + exponential(-x))


def tanh(x: Decimal) -> Decimal:
    """(1 - e to the -2x) / (1 + e to the -2x)."""
    power = exponential(-2 * x)
    return _EXACTLY.divide(1 - power, 1 + power)


_NUMBERS = [Decimal(n) for n in range(2, 11)]
_EXPONENTIALS = "x", [-x for x in reversed(_HALVES)] + _HALVES, [("e^x", exponential)]
_ROOTS = (
    "n",
    _NUMBERS,
    [(r"\sqrt n", lambda n: n.sqrt(_EXACTLY)), (r"\ln n", lambda n: n.ln(_EXACTLY))],
)
_SIGMOIDS = "x", _SIX, [(r"\sigma(x)", sigmoid), (r"\tanh x", tanh)]
_ACROSS = 6  # columns on a narrow page, in the size of the text


@lru_cache(maxsize=2)
def strip(narrow: bool = False) -> str:
    """The strip as TeX: e to the x in one row, roots and logarithms, sigmoid and tanh below.

    On a `narrow` page it is as large as the text, every few columns a table.
    """
    if narrow:
        return "".join(
            rf"\pmstriplarge{{{_table(head, those, rows)}}}"
            for head, arguments, rows in (_EXPONENTIALS, _ROOTS, _SIGMOIDS)
            for those in in_rows(arguments, _ACROSS)
        )
    return (
        rf"\pmstrip{{{_table(*_EXPONENTIALS, 'wide')}}}"
        rf"\pmstrip{{{_table(*_ROOTS)}{_table(*_SIGMOIDS)}}}"
    )


def in_rows(cells: Sequence[T], most: int) -> list[Sequence[T]]:
    """The cells in as few rows of at most so many as there can be, about equally long."""
    across = ceil(len(cells) / ceil(len(cells) / most))
    return [cells[k : k + across] for k in range(0, len(cells), across)]


def _table(
    head: str,
    arguments: Sequence[Decimal],
    rows: Sequence[tuple[str, Callable[[Decimal], Decimal]]],
    kind: str = "",
) -> str:
    lines = [[head, *(f"{x.normalize():f}" for x in arguments)]]
    lines += [[name, *(rounded(function(x)) for x in arguments)] for name, function in rows]
    first, *rest = (" & ".join(line) for line in lines)
    return f"\\pmtable{kind}{{" + first + "\\cr\\pmtablerule " + "\\cr ".join(rest) + "}"
