"""Recipes come back as they were, and nothing else does."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penwork.compose.recipe import Item, Recipe, decode, encode, parts
from penwork.draw import SEEDS
from penwork.errors import UserError
from penwork.instance import TRIES
from penwork.problem import MOST_DRAWS

names = st.from_regex(r"[a-z0-9_]{1,20}/[a-z0-9_]{1,20}", fullmatch=True)
items = st.builds(
    Item,
    names,
    st.integers(1, MOST_DRAWS),
    st.integers(1, 3),
    st.integers(0, 2**32 - 1),
    st.integers(0, 199),
)
recipes = st.builds(
    Recipe,
    st.integers(0, 2**64 - 1),
    st.lists(items, min_size=1, max_size=30).map(tuple),
    st.sampled_from(("a4", "letter")),
    st.sampled_from(("none", "compact", "work")),
    st.booleans(),
    st.text(max_size=40),
)


def ids(recipe: Recipe) -> list[str]:
    return [item.id for item in recipe.items]


SMALL = Recipe(1, (Item("a/b", 1, 2, 3, 0), Item("a/c", 1, 2, 4, 0), Item("a/b", 1, 3, 5, 1)))


@given(recipes)
def test_round_trip(recipe: Recipe) -> None:
    text = encode(recipe)
    assert decode(text, ids(recipe)) == recipe
    assert decode(f" {text.lower()}\n", ids(recipe)) == recipe
    assert re.fullmatch("[0-9A-Z:]+", text)


@given(recipes, st.integers(2, 12), st.randoms())
def test_parts_in_any_order(recipe: Recipe, count: int, random: object) -> None:
    pieces = parts(encode(recipe), count)
    random.shuffle(pieces)  # type: ignore[attr-defined]
    assert decode("\n".join([*pieces, pieces[0]]), ids(recipe)) == recipe


@given(st.text(max_size=200))
def test_garbage_is_a_users_error(text: str) -> None:
    for tried in (text, "penwork1:" + text, f"penwork1 1/2 {text}"):
        with pytest.raises(UserError):
            decode(tried, ())


@given(recipes, st.data())
def test_a_changed_letter_is_seen(recipe: Recipe, data: st.DataObject) -> None:
    text = encode(recipe)
    at = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.sampled_from("0123456789abcXYZ.,:/%é \n"))
    changed = text[:at] + letter + text[at + 1 :]
    if changed.upper().split() == [text]:
        return
    try:
        assert decode(changed, ids(recipe)) == recipe or text[at] == letter
    except UserError as error:
        assert error.message.startswith("The code ")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("x" * 400_000, "longer"),
        ("penwork2:1", "begin"),
        ("PENWORK1:1", "fields"),
        (encode(SMALL)[:-1], "mistyped"),
        (" ".join(parts(encode(SMALL), 3)[:2]), "lacks part 3 of 3"),
        ("penwork1 1/2 a penwork1 1/2 b", "two different"),
        ("penwork1 1/2 a penwork1 1/3 b", "belong"),
        ("penwork1 3/2 a", "belong"),
    ],
)
def test_it_says_what_is_wrong(text: str, says: str) -> None:
    with pytest.raises(UserError, match=says):
        decode(text, ids(SMALL))


def test_a_template_that_is_not_here() -> None:
    with pytest.raises(UserError, match="not here"):
        decode(encode(SMALL), ["a/b"])


def test_a_code_holds_whatever_the_engine_gives() -> None:
    last = Recipe(2**64 - 1, (Item("a/b", MOST_DRAWS, 3, SEEDS - 1, TRIES - 1),))
    assert decode(encode(last), ["a/b"]) == last
