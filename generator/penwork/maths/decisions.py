"""Which candidates a decision keeps, and whether a person could have decided otherwise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise
from typing import Any, Literal, NamedTuple

from penwork.maths.records import Rule
from penwork.maths.value import Value
from penwork.numbers import EXACTLY, WORKING_PLACES, is_exact, show

Relation = Literal["<", "<=", ">", ">="]
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}

NEAR = 10**-9


def decide(scores: Sequence[Value], rule: Rule, wrong: Any) -> tuple[tuple[int, ...], list[str]]:
    """The positions that are kept, and why a person could have kept others.

    `wrong` is what a slip keeps instead: another number, or these positions.
    """
    if isinstance(wrong, tuple):
        return wrong, []
    faults, keep = [], rule.keep
    if isinstance(wrong, int):
        keep = wrong
    elif rule.reach is not None:
        keep, at_cut = fewest(scores, scores[0].constant(rule.reach).data)
        if at_cut:
            faults.append("the sum ends at the cut")
    order = in_order(scores, rule.lowest)
    if tied_within([scores[i] for i in order[: keep + 1]], rule.tie == "reject"):
        faults.append("a tie")
    return tuple(order[:keep]), faults


def turn_of(instead: Any, scores: Sequence[Value], items: Sequence[Any]) -> Any:
    """What a slip puts in the place of a decision; of a function, the positions that it keeps."""
    if not callable(instead):
        return instead
    return tuple(instead([(s.data, item) for s, item in zip(scores, items, strict=True)]))


class Compared(NamedTuple):
    """Whether a relation holds; whether that is too `near` to call, or `odd` in printed digits."""

    holds: bool
    near: bool
    odd: bool


def compared(one: Value, relation: Relation, other: Value, places: int) -> Compared:
    """One compared with the other; without a name, one is printed with so many places."""
    near = not is_exact(one.data) and abs(one.data - other.data) < NEAR
    holds = COMPARE[relation](one.data, other.data)
    return Compared(holds, near, holds != COMPARE[relation](on_paper(one, places), on_paper(other)))


def in_order(scores: Sequence[Value], lowest: bool) -> list[int]:
    """Positions, the best score first; among equals the first listed."""
    return sorted(
        range(len(scores)), key=lambda i: (scores[i].data if lowest else -scores[i].data, i)
    )


def fewest(scores: Sequence[Value], reach: Any) -> tuple[int, bool]:
    """How many of the highest scores add up to `reach`, and whether a sum ends just there."""
    falling = sorted((score.data for score in scores), reverse=True)
    at_cut = False
    for count, whole in enumerate(accumulate(falling), 1):
        at_cut = at_cut or (count < len(scores) and abs(whole - reach) < NEAR)
        if whole >= reach:
            return count, at_cut
    return len(scores), at_cut


def tied_within(scores: Sequence[Value], ties_matter: bool) -> bool:
    """Whether neighbours of an order are equal, or look equal on paper and are not."""
    for one, other in pairwise(scores):
        equal = abs(one.data - other.data) < NEAR * max(abs(one.data), 1)
        if (equal and ties_matter) or (not equal and on_paper(one) == on_paper(other)):
            return True
    return False


def on_paper(value: Value, places: int = WORKING_PLACES) -> Any:
    """The number that the digits of a scalar say; one without a name has so many places."""
    name = value.name
    return show(value.data, *((name.places, name.style) if name else (places,))).value


def telling_places(number: Any, places: int = WORKING_PLACES) -> int:
    """How many places show that a number is no whole one (0.99999, not 1.0000)."""
    for more in (places, *range(WORKING_PLACES + 4, EXACTLY, 4)):
        shown = show(number, more)
        if shown.exact or shown.value.denominator > 1:
            return int(more)
    return places
