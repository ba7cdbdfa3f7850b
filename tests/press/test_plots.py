"""Plots by themselves: where the axes stand, which ticks they have, what labels keep clear of."""

from __future__ import annotations

import math
import re

import pytest

from penwork.figures import Curve, Mark, Plot
from penwork.press.pictures import draw

Spot = tuple[float, float]


def _lines(drawn: str) -> list[list[Spot]]:
    """The polylines, in their order: the axes or the frame, ticks, curves."""
    paths = re.findall(r"[\d.]+ [\d.]+ m(?: [\d.]+ [\d.]+ l)+ S", drawn)
    pairs = [re.findall(r"([\d.]+) ([\d.]+) [ml]", path) for path in paths]
    return [[(float(x), float(y)) for x, y in path] for path in pairs]


def _labels(drawn: str) -> dict[str, Spot]:
    """Where each label stands, by what it says."""
    found = re.findall(
        r"pmput[a-z]*\{([\d.]+)\}\{([\d.]+)\}\{[\d.]+\}\{[\d.]+\}"
        r"\{(?:\\[a-z]+\{\})?\\ensuremath\{([^{}]*)\}\}",
        drawn,
    )
    return {text: (float(x), float(y)) for x, y, text in found}


def test_a_plot_of_one_point_has_room() -> None:
    drawn = draw(Plot((Curve([(1.0, 1.0), (1.0, 1.0)]),)))
    assert "nan" not in drawn
    assert "inf" not in drawn


def test_a_curve_of_one_point_leaves_no_speck() -> None:
    wide = Curve([(-2.0, 0.0), (-2.0, 0.0)])
    drawn = draw(Plot((Curve([(0.0, 0.0), (1.0, 1.0)]), wide)))
    assert len(re.findall(r"0\.9 w", drawn)) == 1


def test_a_plot_from_0_begins_on_its_axis() -> None:
    drawn = draw(Plot((Curve([(0.0, 1.0), (4.0, 2.0)]),)))
    axis = re.findall(r"([\d.]+) -?[\d.]+ m \1 ", drawn)[0]
    assert re.search(rf"0\.9 w .* {axis} [\d.]+ m", drawn)


def test_a_label_that_finds_no_free_place_has_a_ground() -> None:
    lines = [Curve([(-1.0, k / 20), (1.0, k / 20)]) for k in range(-20, 21)]
    assert r"\pmputover" in draw(Plot(lines, [Mark(0.0, 0.0, "P")]))
    assert r"\pmputover" not in draw(Plot(lines[:1], [Mark(0.0, 0.0, "P")]))


def test_a_map_has_one_unit_for_both_axes() -> None:
    circle = Curve([(math.cos(t / 9), math.sin(t / 9)) for t in range(57)])

    def sides(figure: Plot) -> tuple[float, float]:
        (path,) = re.findall(r"0\.9 w [^S]* S", draw(figure))
        points = [(float(x), float(y)) for x, y in re.findall(r"([\d.]+) ([\d.]+) [ml]", path)]
        xs, ys = zip(*points, strict=True)
        return max(xs) - min(xs), max(ys) - min(ys)

    across, up = sides(Plot((circle,), equal=True))
    assert across == pytest.approx(up, rel=0.02)
    across, up = sides(Plot((circle,)))
    assert across > 1.5 * up


def test_axes_cross_at_0_where_it_is_in_range() -> None:
    across, up, line = _lines(draw(Plot([Curve([(-1, -2), (3, 2)])])))[:3]
    share = [low + (high - low) / 4 for low, high in zip(*line, strict=True)]
    assert up[0][0] == up[1][0] == pytest.approx(share[0], abs=0.02)
    assert across[0][1] == across[1][1] == pytest.approx(sum(y for _, y in line) / 2, abs=0.02)


def test_an_axis_without_0_has_round_ticks() -> None:
    away, near = Curve([(12, 0.31), (17, 0.52)]), Curve([(0, 0.31), (17, 0.52)])
    assert {"12", "13", "14", "15", "16", "17"} <= _labels(draw(Plot([away]))).keys()
    assert _labels(draw(Plot([near]))).keys() == {"x", "y"}
    assert {"0.35", "0.40", "0.45", "0.50"} <= _labels(draw(Plot([near], fit=True))).keys()
    given = draw(Plot([away], x_ticks=[(14, "a")]))
    assert _labels(given).keys() == {"x", "y", "a"}


def test_the_label_of_a_tick_makes_way_for_a_dot_below_the_axis() -> None:
    line = Curve([(1, 3), (2, 6), (5, -3), (6, -1), (6.7, 0.4)])
    drawn = draw(Plot([line], [Mark(x, y) for x, y in line.points[:4]]))
    labels, base = _labels(drawn), _labels(drawn)["x"][1]
    assert labels["6"][1] > base > labels["2"][1]


def test_a_fitted_plot_uses_its_height() -> None:
    curve = Curve([(1, 100.0), (2, 101.0)])

    def height(figure: Plot) -> float:
        line = _lines(draw(figure))[-1]
        return abs(line[0][1] - line[1][1])

    assert height(Plot([curve])) < 2
    assert height(Plot([curve], fit=True)) > 80


def test_a_map_has_a_frame_with_ticks_and_lines_through_0() -> None:
    drawn = draw(Plot([Curve([(-1, 1), (1, 3)], label="u")], [Mark(1, 3, "P")], equal=True))
    zero, frame = _lines(drawn)[:2]
    assert len(frame) == 5 and frame[0] == frame[-1]
    (left, bottom), (right, top) = frame[0], frame[2]
    assert zero[0][0] == zero[1][0] == pytest.approx((left + right) / 2)
    labels = _labels(drawn)
    assert {"0", "1.0", "2.0", "3.0"} <= labels.keys()
    assert all(left < labels[k][0] < right and bottom < labels[k][1] < top for k in "uP")


def test_the_label_of_a_curve_that_ends_at_0_keeps_off_the_axis() -> None:
    for a, b in ((0.0, -3.0), (0.1, 0.05), (-0.1, 0.1), (-0.05, -0.1)):
        curves = [Curve([(0, 5), (1, a)], label="a"), Curve([(0, 5), (1, b)], label="b")]
        drawn = draw(Plot(curves, x_label="t"))
        labels = _labels(drawn)
        heights = [labels["a"][1], labels["b"][1], labels["t"][1]]
        gaps = [abs(one - other) for k, one in enumerate(heights) for other in heights[:k]]
        assert min(gaps) > 7


def test_marks_that_stand_close_share_a_label() -> None:
    curve = Curve([(0, 0), (100, 50)])
    marks = [Mark(0, 0, "a"), Mark(50, 25, "b"), Mark(51, 25.5, "c"), Mark(52, 26, "d")]
    labels = _labels(draw(Plot([curve], marks)))
    assert {"a", r"b,\,c,\,d"} <= labels.keys()
    assert "b" not in labels


def test_labels_keep_clear_of_other_dots_and_stay_near_their_own() -> None:
    marks = [Mark(50, y, f"w_{k}") for k, y in ((1, 5.0), (2, 4.1), (3, 3.2))]
    drawn = draw(Plot([Curve([(0, 10), (100, 10)])], marks))
    dots = [(float(x), float(y)) for x, y in re.findall(r"J \[\] 0 d ([\d.]+) ([\d.]+) m", drawn)]
    labels = _labels(drawn)
    for number, own in enumerate(dots, 1):
        x, y = labels[f"w_{number}"]
        assert min(dots, key=lambda dot: math.hypot(dot[0] - x, dot[1] - y)) == own
        assert all(abs(u - x) > 5 or abs(v - y) > 6 for u, v in dots)


def test_labels_of_neighbours_do_not_read_as_one_product() -> None:
    circle = Curve([(math.sin(t / 9), math.cos(t / 9)) for t in range(57)])
    marks = [Mark(math.sin(t), math.cos(t), f"p_{k}") for k, t in enumerate((0.06, 0.2))]
    labels = _labels(draw(Plot([circle], marks, equal=True)))
    assert abs(labels["p_0"][0] - labels["p_1"][0]) > 11


def test_a_label_fits_where_curves_leave_just_enough_room() -> None:
    """Within a narrow ellipse in others: there is no need for a white ground that cuts them."""
    turns = [k / 10 for k in range(63)]
    sizes = ((0.235, 1.0), (0.5, 2.3), (0.75, 2.3), (1.0, 2.3))
    rings = [Curve([(a * math.cos(t), b * math.sin(t)) for t in turns]) for a, b in sizes]
    drawn = draw(Plot(rings, [Mark(0, 0, "P_1")], equal=True))
    assert "P_1" in drawn
    assert not re.search(r"pmputover[^%]*P_1", drawn)


@pytest.mark.parametrize("narrow", [0.2, 0.3, 0.5])
def test_the_names_of_an_ellipse_s_axes_have_room_at_the_rim_of_a_map(narrow: float) -> None:
    turns = [k / 10 for k in range(63)]
    for c, s in ((0.894, -0.447), (0.894, 0.447), (0.83, -0.55), (0.83, 0.55)):
        ends = [(0.9 * math.cos(t), narrow * math.sin(t)) for t in turns]
        ring = Curve([(a * c - b * s, a * s + b * c) for a, b in ends])
        tips = ((c, s), (abs(s), c if s < 0 else -c))
        arrows = [Curve([(0, 0), tip], arrow=True, label="u_1") for tip in tips]
        drawn = draw(Plot([ring, *arrows], equal=True))
        assert "u_1" in drawn
        assert not re.search(r"pmputover[^%]*u_1", drawn)
