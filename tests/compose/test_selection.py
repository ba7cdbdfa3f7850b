"""A selection is fair, repeats itself for the same seed, and fits its minutes."""

from __future__ import annotations

from collections import Counter

import pytest

from penwork.compose.selection import select
from penwork.errors import UserError
from penwork.problem import Card

SOME = [Card(f"a/t{k}", "", "", (), 1, 1, {1: 3 + k, 2: 8, 3: 15}) for k in range(4)]


def test_ten_by_default_easier_first() -> None:
    picks = select(SOME, 1)
    assert len(picks) == 10
    assert [(p.level, p.minutes) for p in picks] == sorted((p.level, p.minutes) for p in picks)
    assert {p.level for p in picks} == {1, 2, 3}


def test_spread_evenly() -> None:
    counts = Counter(pick.id for pick in select(SOME, 5, count=10))
    assert sorted(counts.values()) == [2, 2, 3, 3]
    combinations = Counter((p.id, p.level) for p in select(SOME, 5, count=12))
    assert set(combinations.values()) == {1}


def test_the_order_of_the_catalogue_does_not_matter() -> None:
    assert select(SOME, 7) == select(SOME[::-1], 7)
    assert select(SOME, 7) != select(SOME, 8)


def test_neighbouring_seeds_share_nothing() -> None:
    one, other = ({p.seed for p in select(SOME, s, count=200)} for s in (42, 43))
    assert not one & other
    assert len(one) == 200


@pytest.mark.parametrize("minutes", [3, 10, 35, 90, 240])
def test_minutes_are_kept_and_used(minutes: int) -> None:
    picks = select(SOME, 3, minutes=minutes)
    total = sum(p.minutes for p in picks)
    assert total <= minutes < total + 3


def test_one_level() -> None:
    assert {p.level for p in select(SOME, 1, level=2)} == {2}


@pytest.mark.parametrize(
    "wrong",
    [{"count": 0}, {"count": 5001}, {"minutes": 0}, {"minutes": 2}, {"level": 4}],
)
def test_bad_wishes(wrong: dict[str, int]) -> None:
    with pytest.raises(UserError):
        select(SOME, 1, **wrong)
