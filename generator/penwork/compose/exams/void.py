"""Problems that count for nothing, because a mistake was found when the exam was held already."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from penwork.compose.exams.plan import Paper, Place, Slot
from penwork.errors import UserError

NOTHING = "none"
Void = tuple[int, ...]


def void_slots(
    said: Sequence[str], before: Iterable[int], slots: Sequence[Slot], places: Sequence[Place]
) -> Void:
    """The slots that are void: those said and those of before, which "none" takes back.

    A problem is said by its number, where that is the same problem on every paper, by its
    template, or by its name among the slots. Raises UserError where it isn't one problem.
    """
    found = set() if NOTHING in said else set(before)
    found |= {_meant(text, slots, places) for text in said if text != NOTHING}
    return tuple(sorted(found))


def _meant(said: str, slots: Sequence[Slot], places: Sequence[Place]) -> int:
    stand = _found(said, slots, places)
    if len(stand) == 1:
        return stand[0]
    if stand:
        either = " or ".join(slots[slot].name for slot in stand)
        raise UserError(f"--void {said} may mean {either}.", "Name one of them.")
    names = [slot.name for slot in slots]
    near = difflib.get_close_matches(said, names, 1, 0.5) or names
    raise UserError(
        f"--void {said} names no problem of this exam.",
        f"Give a number from 1 to {len(places)}, or a name such as {near[0]}.",
    )


def _found(said: str, slots: Sequence[Slot], places: Sequence[Place]) -> list[int]:
    if said.isascii() and said.isdigit():
        return [slot for place in places if place.number == int(said) for slot in place.slots]
    named = [k for k, slot in enumerate(slots) if slot.name == said]
    return named or [k for k, slot in enumerate(slots) if slot.template == said]


def refuse_empty(papers: Iterable[Paper], void: Void) -> None:
    """Something must count on every paper."""
    for paper in papers:
        if set(paper.slots) <= set(void):
            raise UserError(f"Nothing would count on paper {paper.form}.", "Void fewer problems.")


def problem_said(slot: int, slots: Sequence[Slot], places: Sequence[Place]) -> str:
    """Which problem a slot is: its number where every paper has the same, its name, its points."""
    numbers = [place.number for place in places if place.slots == (slot,)]
    its = slots[slot]
    points = f"{its.points} point{'s' * (its.points != 1)}"
    return f"problem {', '.join([*map(str, numbers), its.name, points])}"
