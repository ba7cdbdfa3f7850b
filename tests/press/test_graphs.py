"""Graphs and vectors of the plane by themselves."""

from __future__ import annotations

import math
import re
from itertools import combinations

import pytest

from penwork.figures import Arrow, Arrows, Edge, Figure, Graph, Point, Vertex
from penwork.press.canvas import SCRIPT, text_width
from penwork.press.graphs import layered, round_about
from penwork.press.pictures import draw


def _graph(size: int, pairs: list[tuple[int, int]], *, directed: bool = False) -> Graph:
    nodes = [Vertex(f"{i}", f"x_{i}=-10") for i in range(size)]
    return Graph(nodes, [Edge(a, b, "-1.25", "12.5") for a, b in pairs], directed)


def _projection(a: Point, b: Point, axes: tuple[str, ...] = ()) -> Arrows:
    share = (a[0] * b[0] + a[1] * b[1]) / (b[0] ** 2 + b[1] ** 2)
    p = (share * b[0], share * b[1])
    arrows = [Arrow(b, "b"), Arrow(a, "a"), Arrow(p, "p", strong=True), Arrow(a, "r", p)]
    return Arrows(arrows, [(p, a, (0.0, 0.0))], [(a, b)], axes)


SQUARE_AND_SUM = [(0, 2), (1, 2), (2, 3), (0, 3), (3, 4)]
FIGURES: list[Figure] = [
    _graph(5, SQUARE_AND_SUM, directed=True),
    _graph(7, [(0, 3), (1, 3), (3, 4), (4, 5), (2, 6), (5, 6)], directed=True),
    _graph(2, [(0, 1)], directed=True),
    _graph(4, [(0, 2), (1, 3), (0, 1)]),
    _graph(8, [(0, k) for k in range(1, 8)]),
    _graph(1, []),
    Graph([Vertex("a", at=(0, 0)), Vertex("b", at=(2, 1)), Vertex("c", "note", (0, 1))], []),
    _projection((7, 1), (3, 4), ("x_1", "x_2")),
    _projection((-5, 0.1), (3, 0)),
    _projection((1e-4, 3e-4), (2e-4, 0)),
]


def _box(drawn: str) -> tuple[float, float]:
    width, height = map(float, re.findall(r"pmcanvas\{([\d.]+)\}\{([\d.]+)\}", drawn)[0])
    return width, height


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: type(figure).__name__)
def test_figures_stay_in_their_box_and_column(figure: Figure) -> None:
    drawn = draw(figure)
    width, height = _box(drawn)
    assert 0 < width <= 240 and 0 < height <= 200
    spots = re.findall(r"(-?[\d.]+) (-?[\d.]+) [ml] ", drawn)
    spots += re.findall(r"pmput[a-z]*\{(-?[\d.]+)\}\{(-?[\d.]+)\}", drawn)
    assert spots
    for x, y in spots:
        assert -1 <= float(x) <= width + 1
        assert -1 <= float(y) <= height + 1


def test_labels_of_a_graph_stand_clear_of_each_other() -> None:
    labels = re.findall(r"pmput\{([\d.]+)\}\{([\d.]+)\}\{0.5\}\{0.5\}", draw(FIGURES[0]))
    spots = [(float(x), float(y)) for x, y in labels]
    assert len(spots) == 5 + 5 + 2 * 5  # nodes, notes, edges
    for (a, b), (c, d) in combinations(spots, 2):
        assert abs(a - c) > 13 or abs(b - d) > 6


@pytest.mark.parametrize(
    ("above", "below"),
    [
        ("4 -0.63 -2.5 4 1.5 3 0.82", "-0.28 1.79 0.45 0.45 0.45 0.82 3"),
        ("4 -0.625 -2.5 4 1.5 -1.5 0.8176", "0.1398 -0.8949 -0.2237 -0.2237 -0.2237 0.8176 -1.5"),
    ],
)
def test_labels_in_a_narrow_triangle_are_apart(above: str, below: str) -> None:
    """Of z σ(x y + x): values in black, what comes back in grey."""
    ends = [(0, 3), (1, 3), (3, 4), (0, 4), (4, 5), (2, 6), (5, 6)]
    texts = zip(above.split(), below.split(), strict=True)
    edges = [Edge(*end, *pair) for end, pair in zip(ends, texts, strict=True)]
    drawn = draw(Graph([*map(Vertex, "xyzabc"), Vertex("f", "2.45")], edges, True))
    boxes = [
        (float(x), float(y), text_width(text, SCRIPT) / 2)
        for x, y, text in re.findall(
            r"pmput\{([\d.]+)\}\{([\d.]+)\}\{0.5\}\{0.5\}\{(?:\\pmgrey\{)?\\scriptsize\{\}"
            r"\\ensuremath\{([^}]*)\}",
            drawn,
        )
    ]
    assert len(boxes) == 15
    for (x, y, wide), (u, v, other) in combinations(boxes, 2):
        assert abs(x - u) > wide + other + 2 or abs(y - v) > 6.5


def test_a_long_note_at_one_rim_leaves_the_edges_room_for_their_labels() -> None:
    """Of e^(x-y) x z."""
    ends = [(0, 3), (1, 3), (3, 4), (0, 5), (2, 5), (4, 6), (5, 6)]
    nodes = [*map(Vertex, "xyzabc"), Vertex("f", "-13.4451")]
    drawn = draw(Graph(nodes, [Edge(*end, "1.5", "-13.4451") for end in ends], True))
    left, right = sorted({float(x) for x in re.findall(r"J \[\] 0 d ([\d.]+) [\d.]+ m", drawn)})[
        1:3
    ]
    assert right - left - 2 * 8.5 > 32  # as wide as TeX sets the label


def test_arrows_point_along_directed_edges_only() -> None:
    assert draw(FIGURES[0]).count("h f") == len(SQUARE_AND_SUM)
    assert draw(FIGURES[3]).count("h f") == 0


def test_columns_follow_the_longest_way_and_no_edge_runs_through_a_node() -> None:
    ends = tuple(SQUARE_AND_SUM)
    spots = layered(5, ends)
    assert [x for x, _ in spots] == [0, 0, 1, 2, 3]
    (a, b), (c, d) = spots[0], spots[3]  # past node 2
    assert abs(b + (d - b) * (1 - a) / (c - a) - spots[2][1]) > 0.5


def _crosses(one: tuple[Point, Point], other: tuple[Point, Point]) -> bool:
    (a, b), (c, d) = one
    sides = [(c - a) * (y - b) - (d - b) * (x - a) for x, y in other]
    return sides[0] * sides[1] < -1e-9


def test_a_ring_has_no_crossings_whatever_its_nodes_are_called() -> None:
    ring = ((0, 2), (2, 1), (1, 4), (4, 3), (3, 0))
    spots = round_about(5, ring, 46.0)
    ways = [(spots[a], spots[b]) for a, b in ring]
    for one, other in combinations(ways, 2):
        assert not (_crosses(one, other) and _crosses(other, one))


def test_both_directions_of_the_plane_have_one_scale() -> None:
    drawn = draw(Arrows([Arrow((6, 0)), Arrow((0, 2))]))
    lines = re.findall(r"([\d.]+) ([\d.]+) m ([\d.]+) ([\d.]+) l ([\d.]+) ([\d.]+) l h f", drawn)
    (x, y), (u, v) = [(float(tip[0]), float(tip[1])) for tip in lines]
    assert math.isclose((x - u) / 6, (v - y) / 2, rel_tol=1e-3)


def test_the_strong_arrow_is_thick_and_the_right_angle_is_marked() -> None:
    marked, bare = _projection((7, 1), (3, 4)), _projection((7, 1), (3, 4))
    drawn = draw(marked)
    assert "1.5 w 0 G" in drawn
    without = draw(Arrows(bare.arrows, (), bare.lines))
    assert drawn.count(" m ") == without.count(" m ") + 1


@pytest.mark.parametrize("tip", [(-2.0, 14.6), (2.0, 14.6), (1.0, 9.0), (-0.5, 5.0)])
def test_no_arrow_crosses_a_label_in_a_narrow_triangle(tip: Point) -> None:
    p = (tip[0], 0.0)
    arrows = [Arrow((3, 0), "b"), Arrow(tip, "a"), Arrow(p, "p", strong=True)]
    drawn = draw(Arrows([*arrows, Arrow(tip, "a-p", p, dashed=True)]))
    lines = re.findall(r"([\d.]+) ([\d.]+) m ([\d.]+) ([\d.]+) l S", drawn)
    labels = re.findall(r"pmput\{([\d.]+)\}\{([\d.]+)\}[^%]*?ensuremath\{([^}]*)\}", drawn)
    assert [text for _, _, text in labels] == ["b", "a", "p", "a-p"]
    for x, y, text in labels:
        half = 10.4 if text == "a-p" else 2.8  # as TeX sets them
        for a, b, c, d in (map(float, line) for line in lines):
            ways = ((a + (c - a) * k / 99, b + (d - b) * k / 99) for k in range(100))
            assert all(abs(u - float(x)) > half or abs(v - float(y)) > 3 for u, v in ways)
