"""What checks share, held against what is known by other means."""

from __future__ import annotations

import cmath
import math
from fractions import Fraction
from typing import Any

import pytest

from penwork.checking import e_to, root, shares, slope, times


@pytest.mark.parametrize(
    ("x", "power"),
    [(0, 1), (Fraction(0), 1), (1, math.e), (709, math.exp(709)), (800, math.inf), (-800, 0)],
)
def test_powers_of_e(x: Any, power: Any) -> None:
    assert e_to(x) == power
    assert isinstance(e_to(0), int)


@pytest.mark.parametrize(
    ("square", "side"), [(9, 3), (Fraction(4, 9), Fraction(2, 3)), (0, 0), (10**40, 10**20)]
)
def test_rational_roots_are_exact(square: Any, side: Any) -> None:
    assert root(square) == side
    assert isinstance(root(square), Fraction)


@pytest.mark.parametrize("square", [2, Fraction(1, 3), 4.0, 2.25])
def test_other_roots_are_floats(square: Any) -> None:
    assert root(square) == pytest.approx(float(square) ** 0.5)
    assert isinstance(root(square), float)


def test_shares_are_a_softmax() -> None:
    sizes = [math.exp(z) for z in (1, 2.5, -1)]
    assert shares([1, 2.5, -1]) == pytest.approx([size / sum(sizes) for size in sizes])
    assert shares([5, 5, 5]) == [Fraction(1, 3)] * 3
    assert shares([0, 2000]) == [0, 1]
    assert shares([None, 3, None]) == [0, 1, 0]


def test_times() -> None:
    assert times([[1, 2], [3, 4]], [[5, 6, 7], [8, 9, 10]]) == [[21, 24, 27], [47, 54, 61]]
    assert times([[Fraction(1, 3)]], [[3]]) == [[1]]


def test_slope() -> None:
    assert slope(cmath.exp, 0.5) == pytest.approx(math.exp(0.5), rel=1e-15)
    assert slope(lambda x: x**3 - 2 * x, Fraction(3)) == pytest.approx(25, rel=1e-15)
