"""The stream: one a purpose, unbiased, and the same for ever."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from fractions import Fraction
from itertools import pairwise
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penwork.draw import Draw

seeds = st.integers(0, 2**32 - 1)
GOLDEN = [787004791, 120241332, 964992552, 567408106, 221692217, 806243708]
GOLDEN_VECTOR = [9, -2, 2, -6, -4, 6, 6, -4]
GOLDEN_ORDER = list("eabcdf")
GOLDEN_MATRIX = [[-1, 0, 0], [-1, 0, 1]]
PURPOSE = ("forward_backward/gradient_descent", 1, 2, 7, 0, "numbers")


def first(*purpose: str | int, count: int = 8) -> list[int]:
    draw = Draw(*purpose)
    return [draw.below(2**64) for _ in range(count)]


def test_golden_integers() -> None:
    """If this fails, the stream changed: every seed of every sheet ever printed gives another."""
    draw = Draw(*PURPOSE)
    assert [draw.below(10**9) for _ in range(6)] == GOLDEN
    assert draw.vector(-9, 9, 8) == GOLDEN_VECTOR
    assert draw.shuffle(list("abcdef")) == GOLDEN_ORDER
    assert Draw(*PURPOSE).matrix(-2, 2, 2, 3) == GOLDEN_MATRIX


@pytest.mark.parametrize("seed", ["0", "1", "4711"])
def test_hash_seed_changes_nothing(seed: str) -> None:
    code = f"from penwork.draw import Draw; d = Draw(*{PURPOSE!r}); print(d.vector(0, 10**6, 40))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == str(Draw(*PURPOSE).vector(0, 10**6, 40))


def test_each_part_of_the_purpose_makes_another_stream() -> None:
    others = [
        ("forward_backward/gradient_descents", 1, 2, 7, 0, "numbers"),
        ("forward_backward/gradient_descent", 2, 2, 7, 0, "numbers"),
        ("forward_backward/gradient_descent", 1, 3, 7, 0, "numbers"),
        ("forward_backward/gradient_descent", 1, 2, 8, 0, "numbers"),
        ("forward_backward/gradient_descent", 1, 2, 7, 1, "numbers"),
        ("forward_backward/gradient_descent", 1, 2, 7, 0, "story"),
        ("forward_backward/gradient_descent", 12, 7, 0, "numbers"),
    ]
    streams = [first(*PURPOSE), *(first(*other) for other in others)]
    assert len({word for stream in streams for word in stream}) == 8 * len(streams)


def test_purposes_are_not_joined_by_accident() -> None:
    assert first("a", "b") != first("ab")
    assert first("a", 12) != first("a1", 2)
    assert first(1, 23) != first(12, 3)


@given(seeds)
def test_neighbouring_seeds_share_nothing(seed: int) -> None:
    one, other = first("x", seed), first("x", seed + 1)
    assert not set(one) & set(other)


@given(seeds, st.integers(1, 2**64))
def test_below_stays_below(seed: int, n: int) -> None:
    draw = Draw("below", seed)
    assert all(0 <= draw.below(n) < n for _ in range(5))


@pytest.mark.parametrize("n", [1, 2, 3, 7, 10])
def test_below_is_even(n: int) -> None:
    draw, count = Draw("even", n), 6000
    found = Counter(draw.below(n) for _ in range(count))
    expected, spread = count / n, sqrt(count / n * (1 - 1 / n))
    assert set(found) == set(range(n))
    assert all(abs(found[i] - expected) <= 5 * spread for i in range(n))


def test_below_rejects_what_would_bias() -> None:
    """For n = 3 · 2^62 a plain remainder would give the first third twice as often."""
    draw, n, count = Draw("rejection"), 3 * 2**62, 3000
    low = sum(draw.below(n) < 2**62 for _ in range(count))
    assert abs(low - count / 3) <= 5 * sqrt(count * 2 / 9)


@given(seeds, st.integers(-50, 50), st.integers(0, 60))
def test_integers_lie_within_their_limits(seed: int, low: int, width: int) -> None:
    draw = Draw("integers", seed)
    assert all(low <= draw.integer(low, low + width) <= low + width for _ in range(5))
    assert all(low <= x <= low + width for x in draw.vector(low, low + width, 4))


@pytest.mark.parametrize(("low", "high"), [(-3, 3), (0, 3), (-3, 0), (1, 4), (-4, -1)])
def test_nonzero_gives_every_number_but_zero(low: int, high: int) -> None:
    draw, wanted = Draw("nonzero"), {x for x in range(low, high + 1) if x}
    found = Counter(draw.nonzero(low, high) for _ in range(800))
    assert set(found) == wanted
    assert min(found.values()) > 800 / len(wanted) / 2


@given(seeds, st.lists(st.integers(), max_size=12, unique=True))
def test_shuffle_keeps_all_and_its_argument(seed: int, items: list[int]) -> None:
    before = list(items)
    shuffled = Draw("shuffle", seed).shuffle(items)
    assert sorted(shuffled) == sorted(before)
    assert items == before


def test_every_order_is_as_likely() -> None:
    draw = Draw("orders")
    found = Counter(tuple(draw.shuffle("abc")) for _ in range(3000))
    assert len(found) == 6
    assert all(abs(n - 500) <= 5 * sqrt(500) for n in found.values())


@given(seeds, st.integers(0, 6))
def test_some_are_different(seed: int, count: int) -> None:
    chosen = Draw("some", seed).some("abcdef", count)
    assert len(chosen) == len(set(chosen)) == count


def test_chance_pick_and_fraction() -> None:
    draw = Draw("chance")
    assert 130 < sum(draw.chance(6) for _ in range(1200)) < 270
    assert {draw.pick("xyz") for _ in range(60)} == set("xyz")
    found = [draw.fraction(-5, 5, 20) for _ in range(200)]
    assert set(found) == {Fraction(n, 20) for n in range(-5, 6)}


def test_long_streams_do_not_repeat() -> None:
    words = first("long", count=200)
    assert len(set(words)) == 200
    assert any(a < b for a, b in pairwise(words))
