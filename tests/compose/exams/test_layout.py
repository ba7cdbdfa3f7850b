"""Which blocks of a problem stand on which page where it is longer than one."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from penwork.compose.exams.layout import (
    GAP,
    LEAST_ROOM,
    Heights,
    Layout,
    Measured,
    Piece,
    Standing,
    lay_out,
)
from penwork.compose.exams.plan import Place, Slot

PAGE, CONTINUED = 400.0, 25.0
HEIGHTS = Heights(PAGE, 100.0, (30.0,), CONTINUED)
SLOT = Slot("s", 0, "toy/s", 1, 1, 2, (), (), (), False, "S", 5, "none", (), "auto")


def laid_out(*slots: list[float]) -> Layout:
    """One place where any of these may stand, each by the heights of its blocks."""
    place = Place(1, 0, tuple(range(len(slots))))
    found = [Measured(sum(blocks), 50.0, 1.0, tuple(blocks)) for blocks in slots]
    return lay_out([place], [SLOT] * len(slots), found, HEIGHTS)


def pieces(layout: Layout, slot: int = 0) -> list[Piece]:
    return [standing.split[slot] for page in layout.pages for standing in page]


def test_what_fits_a_page_stands_on_one() -> None:
    assert [len(page) for page in laid_out([100, 0, 100]).pages] == [1]


def test_a_part_that_fits_no_more_begins_the_next_page_and_takes_what_follows() -> None:
    layout = laid_out([150, 60, 100, 90, 140])
    whole = PAGE - GAP
    assert layout.pages == (
        (),
        (Standing(1, whole - 30, 0, False, 1, 3, {0: Piece((0, 1))}),),
        (Standing(1, whole, None, False, 2, 3, {0: Piece((2, 3))}),),
        (Standing(1, whole, None, False, 3, 3, {0: Piece((4,))}),),
    )


def test_what_no_page_holds_flows_and_the_next_part_follows_it() -> None:
    assert pieces(laid_out([450, 0, 60, 120])) == [
        Piece((0,), flows=True),
        Piece((1, 2)),
        Piece((3,)),
    ]


def test_a_shorter_choice_has_empty_pages_where_the_longest_goes_on() -> None:
    layout = laid_out([150, 0, 250, 250], [100, 0, 50])
    assert pieces(layout, 1) == [Piece((0, 1, 2)), Piece(), Piece()]


@given(st.lists(st.floats(0, 270), min_size=3, max_size=9))
def test_every_block_stands_once_and_whole_with_room_below(blocks: list[float]) -> None:
    layout = laid_out(blocks)
    if len(layout.pages) == 1 or not layout.pages[-1][0].split:
        return
    found = pieces(Layout(layout.pages[1:]))
    assert [block for piece in found for block in piece.blocks] == list(range(len(blocks)))
    assert not any(piece.flows for piece in found)
    room = [PAGE - 30 - GAP, *[PAGE - GAP - CONTINUED] * len(found)]
    taken = [sum(blocks[block] for block in piece.blocks) for piece in found]
    for high, most in zip(taken, room, strict=False):
        assert high + LEAST_ROOM <= most + 1e-6
    for (one, other), high, most in zip(pairwise(found), taken, room, strict=False):
        assert high + blocks[other.blocks[0]] + LEAST_ROOM > most, (one, other)
