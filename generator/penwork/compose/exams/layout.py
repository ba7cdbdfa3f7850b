"""Where everything stands: the same place on the same page in every paper.

Lengths are TeX points. A place is as high as the tallest problem that may stand there, with its
room for work; what is left of a page is room too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256

from penwork.compose.exams.plan import Place, Slot

MILLIMETRE = 72.27 / 25.4
SQUARE = 5 * MILLIMETRE
SPLIT = 0.75  # of a page that what flows on to the next one surely fills
BEFORE_PARTS = 2  # blocks of a task: its statement, its figures
GAP = 12.0  # above a problem
LEAST_SQUARES = 3
ROOM = 10.0  # between a task and its squares
LEAST_ROOM = ROOM + LEAST_SQUARES * SQUARE
TIGHT = 0.6  # of the room that a problem wants will do to save a page
SHARES = {"third": 1 / 3, "half": 1 / 2, "full": 1.0}


@dataclass(frozen=True, slots=True)
class Measured:
    """What probes of a slot showed: the tallest task, the most room that its work takes.

    `blocks` are the tallest pieces of a task that stay together: its head and statement, its
    figures, then each part with its boxes.
    """

    task: float
    room: float
    effort: float
    blocks: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Heights:
    """What TeX measured of a medium's fixed pieces: page, cover, section heads, and the head of a
    page on which a problem goes on.
    """

    page: float
    cover: float
    heads: tuple[float, ...]
    continued: float


@dataclass(frozen=True, slots=True)
class Piece:
    """Which blocks of a problem begin on a page; what `flows` ends on a later one."""

    blocks: tuple[int, ...] = ()
    flows: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """A place on its page; `head` is the section that begins with it, or None.

    The height of a `free` one may grow. One that is taller than a page comes in pieces; `split`
    has this one's for every slot that may stand here.
    """

    place: int
    height: float
    head: int | None
    free: bool = True
    piece: int = 1
    pieces: int = 1
    split: Mapping[int, Piece] = field(default_factory=dict)


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
        task = max(found[s].task for s in place.slots)
        if task + LEAST_ROOM > heights.page - above - GAP:
            _fill(pages[-1], left)
            pages += [[piece] for piece in _in_pieces(place, found, heights, head)]
            left = 0.0
            continue
        height = max(_height(slots[s], found[s], heights, above) for s in place.slots)
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


def _in_pieces(
    place: Place, found: Sequence[Measured], heights: Heights, head: int | None
) -> list[Standing]:
    """A place on as many pages as the longest of its slots takes."""
    above = heights.heads[head] if head is not None else 0.0
    first, later = heights.page - above - GAP, heights.page - GAP
    rooms = first - LEAST_ROOM, later - heights.continued - LEAST_ROOM
    split = {slot: _split(found[slot].blocks, *rooms) for slot in place.slots}
    pieces = max(map(len, split.values()))
    return [
        Standing(
            place.number,
            later if k else first,
            None if k else head,
            False,
            k + 1,
            pieces,
            {slot: its[k] if k < len(its) else Piece() for slot, its in split.items()},
        )
        for k in range(pieces)
    ]


def _split(blocks: Sequence[float], first: float, later: float) -> list[Piece]:
    """Blocks onto pages that have so much room; each stays whole unless no page holds it.

    One that takes the room for work too may have a draw whose last lines flow.
    """
    pages: list[Piece] = []
    here: list[int] = []
    left = first
    for block, high in enumerate(blocks):
        if high > left and here:
            pages.append(Piece(tuple(here)))
            here, left = [], later
        here.append(block)
        while high > left:
            pages.append(Piece(tuple(here), flows=True))
            high = LEAST_ROOM if high <= left + LEAST_ROOM else high - SPLIT * left
            here, left = [], later
        left -= high
    return [*pages, Piece(tuple(here))]


def _height(slot: Slot, found: Measured, heights: Heights, above: float) -> float:
    most = heights.page - above - GAP
    share = SHARES.get(slot.space) if isinstance(slot.space, str) else None
    if share is not None:
        wanted = share * heights.page - above - GAP
    elif isinstance(slot.space, str):
        wanted = found.task + ROOM + _squares(found.room)
    else:
        wanted = found.task + ROOM + _squares(slot.space * 10 * MILLIMETRE)
    return min(max(wanted, found.task + LEAST_ROOM), most)


def _squares(room: float) -> float:
    return SQUARE * -(-room // SQUARE)
