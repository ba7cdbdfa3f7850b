"""The reference strip: one fixed grid for every paper, so that it gives nothing away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache

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


@lru_cache(maxsize=2)
def strip(narrow: bool = False) -> str:
    """The strip as TeX: e to the x in one row, roots and logarithms, sigmoid and tanh below.

    On a `narrow` page every table has a row of its own.
    """
    numbers = [Decimal(n) for n in range(2, 11)]
    powers = [("e^x", exponential)]
    first = _table("x", [-x for x in reversed(_HALVES)] + _HALVES, powers, "wide")
    second = _table(
        "n",
        numbers,
        [(r"\sqrt n", lambda n: n.sqrt(_EXACTLY)), (r"\ln n", lambda n: n.ln(_EXACTLY))],
    )
    third = _table("x", _SIX, [(r"\sigma(x)", sigmoid), (r"\tanh x", tanh)])
    if narrow:
        below, above = (
            _table("x", xs, powers) for xs in ([-x for x in reversed(_HALVES)], _HALVES)
        )
        return "".join(rf"\pmstrip{{{table}}}" for table in (below, above, second, third))
    return rf"\pmstrip{{{first}}}\pmstrip{{{second}{third}}}"


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
