"""Room for the work, and what the head of a sheet says."""

from __future__ import annotations

from penwork.compose.recipe import Recipe
from penwork.compose.sheet import LEAST_ROOM, MOST_ROOM, SQUARE, lay_out, room
from press.samples import attention, beam_search, gradient_descent


def test_room_is_whole_squares_and_grows_with_the_work() -> None:
    for make in (attention, beam_search, gradient_descent):
        work, compact = room(make(), "work"), room(make(), "compact")
        assert LEAST_ROOM <= compact <= work <= MOST_ROOM
        assert work % SQUARE == compact % SQUARE == 0
        assert room(make(), "none") == 0
    assert room(gradient_descent(), "work") > room(beam_search(), "work")


def test_remarks_say_only_what_applies() -> None:
    exact = lay_out(Recipe(1, ()), [gradient_descent()], "T")
    assert exact.remarks == "Answer exactly. Aids: none. About 9 minutes."
    assert not exact.needs_strip
    mixed = lay_out(Recipe(1, ()), [gradient_descent(), attention()], "T")
    assert mixed.remarks == (
        "Work with four decimals; round as a box says, else answer exactly. "
        "Aids: the strip. About 23 minutes."
    )
    assert mixed.needs_strip
    assert (mixed.points, mixed.minutes) == (18, 23)
    assert (mixed.values_checked, mixed.equations_checked) == (31, 14)


def test_the_recipe_may_bring_its_title() -> None:
    assert lay_out(Recipe(1, (), title="Own"), [attention()], "T").title == "Own"
    assert lay_out(Recipe(1, ()), [attention()], "T").title == "T"
