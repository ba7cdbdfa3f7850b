"""Where everything stands: the same place on the same page in every paper.

Lengths are TeX points. A place is as high as the tallest problem that may stand there, with its
room for work; what is left of a page is room too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from math import ceil

from penwork.compose.exams.plan import Place, Slot

MILLIMETRE = 72.27 / 25.4
SQUARE = 5 * MILLIMETRE
SPLIT = 0.8  # of a page that a problem in pieces surely fills
GAP = 12.0  # above a problem
LEAST_SQUARES = 3
ROOM = 10.0  # between a task and its squares
TIGHT = 0.6  # of the room that a problem wants will do to save a page
SHARES = {"third": 1 / 3, "half": 1 / 2, "full": 1.0}


@dataclass(frozen=True, slots=True)
class Measured:
    """What probes of a slot showed: the tallest task, the most room that its work takes."""

    task: float
    room: float
    effort: float


@dataclass(frozen=True, slots=True)
class Heights:
    """What TeX measured of a medium's fixed pieces: page, cover, section heads."""

    page: float
    cover: float
    heads: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """A place on its page; `head` is the section that begins with it, or None.

    The height of a `free` one may grow. One that is taller than a page comes in pieces.
    """

    place: int
    height: float
    head: int | None
    free: bool = True
    piece: int = 1
    pieces: int = 1


@dataclass(frozen=True, slots=True)
class Layout:
    """The places of every page, first to last; the first page begins with the cover."""

    pages: tuple[tuple[Standing, ...], ...]

    @property
    def fingerprint(self) -> str:
        """Tells papers that lie side by side from those of another geometry."""
        return sha256(repr(self).encode()).hexdigest()[:16]


def lay_out(
    places: Sequence[Place], slots: Sequence[Slot], found: Sequence[Measured], heights: Heights
) -> Layout:
    """Places onto pages in their order."""
    pages: list[list[Standing]] = [[]]
    left = heights.page - heights.cover
    section = -1
    for place in places:
        head = place.section if place.section != section else None
        section = place.section
        above = heights.heads[head] if head is not None else 0.0
        pieces = max(_pieces(found[s], heights, above) for s in place.slots)
        if pieces > 1:
            _fill(pages[-1], left)
            pages += [[_piece(place, heights, head, k, pieces)] for k in range(1, pieces + 1)]
            left = 0.0
            continue
        height = max(_height(slots[s], found[s], heights, above) for s in place.slots)
        task = max(found[s].task for s in place.slots)
        free = all(slots[s].space == "auto" for s in place.slots)
        most = left - above - GAP
        if height > most and free and most > task + ROOM + TIGHT * (height - task - ROOM):
            height = most
        if height > most:
            _fill(pages[-1], left)
            pages.append([])
            left = heights.page
        left -= height + above + GAP
        pages[-1].append(Standing(place.number, height, head, free))
    _fill(pages[-1], left)
    return Layout(tuple(tuple(page) for page in pages))


def with_strip_page(layout: Layout) -> Layout:
    """The same with a page for the reference strip, behind the first."""
    return Layout((layout.pages[0], (), *layout.pages[1:]))


def _fill(page: list[Standing], left: float) -> None:
    """What is left of a page goes to its problems, so that their squares end with it."""
    free = [k for k, standing in enumerate(page) if standing.free]
    for k in free:
        page[k] = replace(page[k], height=page[k].height + left / len(free))


def _pieces(found: Measured, heights: Heights, above: float) -> int:
    """How many pages a problem takes that does not fit on one; some of each may stay empty."""
    least = found.task + ROOM + LEAST_SQUARES * SQUARE
    if least <= heights.page - above - GAP:
        return 1
    return max(2, ceil((least + above) / (SPLIT * heights.page)))


def _piece(place: Place, heights: Heights, head: int | None, piece: int, pieces: int) -> Standing:
    above = heights.heads[head] if head is not None and piece == 1 else 0.0
    first = head if piece == 1 else None
    return Standing(place.number, heights.page - above - GAP, first, False, piece, pieces)


def _height(slot: Slot, found: Measured, heights: Heights, above: float) -> float:
    most = heights.page - above - GAP
    share = SHARES.get(slot.space) if isinstance(slot.space, str) else None
    if share is not None:
        wanted = share * heights.page - above - GAP
    elif isinstance(slot.space, str):
        wanted = found.task + ROOM + _squares(found.room)
    else:
        wanted = found.task + ROOM + _squares(slot.space * 10 * MILLIMETRE)
    least = found.task + ROOM + LEAST_SQUARES * SQUARE
    return min(max(wanted, least), most)


def _squares(room: float) -> float:
    return SQUARE * -(-room // SQUARE)
