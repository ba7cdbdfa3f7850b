"""Level curves lie on their levels, are whole, and don't join what a saddle parts."""

from __future__ import annotations

from itertools import pairwise
from math import atan2, hypot, pi

import pytest

from penwork.author import level_curves
from penwork.contours import CELLS

SQUARE = (-1.0, 1.0)


def test_points_lie_near_their_level() -> None:
    curves = level_curves(lambda x, y: x**3 - 3 * x + y * y, (-2.2, 2.2), (-2.0, 2.0), [1.0])
    assert curves
    assert all(abs(x**3 - 3 * x + y * y - 1) < 1e-4 for c in curves for x, y in c.points)


def test_a_circle_is_one_closed_curve() -> None:
    (curve,) = level_curves(lambda x, y: x * x + y * y, SQUARE, SQUARE, [0.5])
    assert curve.points[0] == curve.points[-1]
    assert all(hypot(a - c, b - d) < 3 / CELLS for (a, b), (c, d) in pairwise(curve.points))
    length = sum(hypot(a - c, b - d) for (a, b), (c, d) in pairwise(curve.points))
    assert length == pytest.approx(2 * 3.14159 * 0.5**0.5, rel=0.01)


def test_a_long_ellipse_has_round_ends() -> None:
    def f(x: float, y: float) -> float:
        return 35 * (x - y / 4) ** 2 + (y + x / 4) ** 2

    for level in (0.1, 0.4, 0.9):
        (curve,) = level_curves(f, SQUARE, SQUARE, [level])
        ways = [atan2(d - b, c - a) for (a, b), (c, d) in pairwise(curve.points)]
        turns = [abs((one - other + pi) % (2 * pi) - pi) for one, other in pairwise(ways)]
        assert max(turns) < 0.8
        reach = max(abs(y + x / 4) for x, y in curve.points)
        assert reach == pytest.approx(level**0.5, rel=0.005)


@pytest.mark.parametrize(("level", "axis"), [(0.001, 0), (-0.001, 1)])
def test_a_saddle_parts_the_branches(level: float, axis: int) -> None:
    branches = level_curves(lambda x, y: (x - y) * (x + y), SQUARE, (-0.97, 1.0), [level])
    assert len(branches) == 2
    signs = [{point[axis] > 0 for point in branch.points} for branch in branches]
    assert all(len(sign) == 1 for sign in signs)
    assert signs[0] != signs[1]


@pytest.mark.parametrize(("level", "together"), [(0.0001, True), (-0.0001, False)])
def test_a_cell_with_two_corners_up_is_cut_the_right_way(level: float, together: bool) -> None:
    """Where xy is positive, x and y have one sign."""
    branches = level_curves(lambda x, y: x * y, (-0.97, 1.0), (-0.98, 1.0), [level])
    assert len(branches) == 2
    for branch in branches:
        assert all((x * y > 0) == together for x, y in branch.points)
        assert len({x > 0 for x, _ in branch.points}) == 1


def test_levels_beyond_the_function_give_nothing() -> None:
    assert level_curves(lambda x, y: x + y, SQUARE, SQUARE, [5.0]) == []
    assert level_curves(lambda x, y: 0 * x, SQUARE, SQUARE, [0.5, -0.5]) == []


def test_dashes_are_passed_on() -> None:
    (line,) = level_curves(lambda x, y: x - y / 2, SQUARE, SQUARE, [0.01], dashed=True)
    assert line.dashed
