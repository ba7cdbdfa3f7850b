"""What to say of somebody's own numbers that cannot be worked, and which givens that comes from."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from gmpy2 import DivisionByZeroError, OverflowResultError, UnderflowResultError

from penwork.maths.decisions import in_order
from penwork.maths.records import Option, Record
from penwork.maths.value import Value, sources_in

_TROUBLE = {
    ZeroDivisionError: "a division by 0",
    OverflowError: "a number beyond every range",
    DivisionByZeroError: "a division by 0",
    OverflowResultError: "a number beyond every range",
    UnderflowResultError: "a number too near 0",
}
_CERTAINLY = 2.0**-120
_LARGE = 10**6


def trouble(error: Exception) -> str:
    """What went wrong, in the words of a person."""
    return _TROUBLE.get(type(error), str(error))


def beyond_floats(stored: Any) -> bool:
    """Whether a number is so large that differences of floats lose what is asked."""
    if isinstance(stored, dict):
        return beyond_floats(list(stored.values()))
    if isinstance(stored, list):
        return any(map(beyond_floats, stored))
    return not isinstance(stored, str) and stored is not None and bool(abs(stored) > _LARGE)


def unworkable(
    records: Sequence[Record], step: str, what: str, *formulas: Value
) -> ArithmeticError:
    """That a step's formulas come to what no key can show."""
    return ArithmeticError(f"{what} comes of {givens_of(records, formulas)} ({step})")


def refuse_tie(
    records: Sequence[Record],
    step: str,
    options: Sequence[Option],
    scores: Sequence[Value],
    keep: int,
    lowest: bool,
) -> None:
    """Raise where the last option that is kept is not better than the next one."""
    for i, j in pairwise(in_order(scores, lowest)[keep - 1 : keep + 1]):
        one, other = scores[i].data, scores[j].data
        if abs(one - other) <= _CERTAINLY * abs(one):
            both = f"{_said(options[i])} and {_said(options[j])}"
            givens = givens_of(records, [option.score for option in options])
            raise ArithmeticError(f"{both} tie in {step}, which comes of {givens}")


def givens_of(records: Sequence[Record], formulas: Sequence[Value]) -> str:
    """The names of the givens that formulas rest on, be it by way of other steps."""
    rests = {record.name: record.rests for record in records}
    waiting = sorted(sources_in(*formulas))
    for source in waiting:
        waiting += sorted(rests.get(source, frozenset()) - set(waiting))
    return ", ".join(source for source in waiting if source not in rests)


def _said(option: Option) -> str:
    """An option in plain words: what is kept with it, where that is words, else its label."""
    words = option.item if isinstance(option.item, (list, tuple)) else [option.item]
    return repr(" ".join(words)) if all(isinstance(w, str) for w in words) else option.label
