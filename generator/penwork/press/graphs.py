"""Graphs and vectors of the plane on a canvas."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice, permutations
from math import atan2, cos, hypot, inf, pi, sin
from typing import Any

import numpy as np

from penwork.figures import Arrow, Arrows, Graph, Point
from penwork.press.canvas import NARROW, SCRIPT, WIDEST, Canvas, math_label, small, text_width

PLANE = 170.0, 96.0
COLUMN, ROW = 62.0, 38.0
CIRCLE = 46.0
# of a label on an edge: half its height, the room it needs, to the next one, its pull to the middle
SIGN, CLEAR, WORD, AWAY = 3.5, 3.0, 3.0, 0.05
ARROW_GREY = 0.35
Line = tuple[Point, Point]
Ends = tuple[tuple[int, int], ...]
Box = tuple[float, float, float, float]


def _script(text: str) -> str:
    return rf"\scriptsize{{}}{math_label(text)}" if text else ""


def _around(points: Sequence[Point], boxes: Sequence[Box]) -> tuple[float, float, float, float]:
    """Left, bottom, width and height of what is drawn: points, and boxes about a centre."""
    xs = [x for x, _ in points] + [x + s * w for x, _, w, _ in boxes for s in (-1, 1)]
    ys = [y for _, y in points] + [y + s * h for _, y, _, h in boxes for s in (-1, 1)]
    return min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)


# ---- graphs ----


def graph(figure: Graph, narrow: bool = False) -> Canvas:
    """Notes stand where a node has the widest gap between its edges."""
    radius = max(8.5, *(text_width(node.label) / 2 + 2.5 for node in figure.nodes))
    at = _places(figure, radius, NARROW - 6 if narrow else WIDEST)
    notes = [_note_box(figure, at, i, radius) for i in range(len(at))]
    labels = _edge_labels(figure, at, radius)
    boxes = [(x, y, radius + 0.5, radius + 0.5) for x, y in at]
    boxes += [box for box, node in zip(notes, figure.nodes, strict=True) if node.note]
    boxes += [box for box, _ in labels]
    left, bottom, width, height = _around(at, boxes)
    canvas = Canvas(width, height)
    at = [(x - left, y - bottom) for x, y in at]
    canvas.pen(0.6, 0.2)
    for edge in figure.edges:
        (a, b), (c, d) = at[edge.start], at[edge.end]
        long = hypot(c - a, d - b)
        across, up = (c - a) / long * radius, (d - b) / long * radius
        if figure.directed:
            canvas.arrow((a + across, b + up), (c - across, d - up))
        else:
            canvas.line(((a + across, b + up), (c - across, d - up)))
    for node, (x, y), (u, v, _, _) in zip(figure.nodes, at, notes, strict=True):
        canvas.disc(x, y, radius)
        canvas.label(x, y, small(node.label))
        canvas.label(u - left, v - bottom, _script(node.note))
    for (x, y, _, _), text in labels:
        canvas.label(x - left, y - bottom, text)
    return canvas


def _places(figure: Graph, radius: float, widest: float) -> list[Point]:
    given = [node.at for node in figure.nodes if node.at is not None]
    if len(given) == len(figure.nodes):
        spread = [hypot(a - c, b - d) for i, (a, b) in enumerate(given) for c, d in given[:i]]
        unit = max(ROW, 3 * radius) / min(spread, default=1.0)
        return [(x * unit, y * unit) for x, y in given]
    ends = tuple((edge.start, edge.end) for edge in figure.edges)
    if figure.directed:
        spots = layered(len(figure.nodes), ends)
        last = max(1.0, *(x for x, _ in spots))
        notes = {0.0: 0.0, last: 0.0}  # beside the first and the last column
        for node, (x, _) in zip(figure.nodes, spots, strict=True):
            if x in notes:
                notes[x] = max(notes[x], text_width(node.note, SCRIPT) + 5)
        column = min(COLUMN, (widest - 2 * radius - sum(notes.values())) / last)
        row = ROW + 8 * any(edge.above or edge.below for edge in figure.edges)
        return [(column * x, row * y) for x, y in spots]
    return round_about(len(figure.nodes), ends, max(CIRCLE, 6 * radius))


@lru_cache(maxsize=256)
def round_about(size: int, edges: Ends, width: float) -> list[Point]:
    """Nodes on an ellipse, the first one on top, in the order that crosses the fewest edges."""
    turn = pi / 2 if size % 2 else pi / 2 + pi / size
    around = [(turn - 2 * pi * k / size, 0.5 + size / 12) for k in range(size)]
    spots = [(width * far * cos(angle), 0.8 * width * far * sin(angle)) for angle, far in around]

    def crossings(order: tuple[int, ...]) -> int:
        ways = [(spots[order.index(one)], spots[order.index(other)]) for one, other in edges]
        return sum(_cross(one, other) for k, one in enumerate(ways) for other in ways[:k])

    orders = ((0, *rest) for rest in islice(permutations(range(1, size)), 720))
    best = min(orders, key=crossings)
    return [spots[best.index(node)] for node in range(size)]


@lru_cache(maxsize=256)
def layered(size: int, edges: Ends) -> list[Point]:
    """(column, row) of each node of a directed graph without cycles.

    The column is the longest way from a source. The row is near the middle of the nodes that
    lead there, where no edge runs through another node; sources stand in the order that crosses
    the fewest edges.
    """
    into = [[start for start, end in edges if end == node] for node in range(size)]
    depth = [0] * size
    for _ in range(size):
        depth = [max((depth[i] + 1 for i in into[node]), default=0) for node in range(size)]
    sources = [node for node in range(size) if not into[node]]
    later = sorted(set(range(size)) - set(sources), key=lambda node: depth[node])
    best: dict[int, Point] = {}
    least = inf
    for order in islice(permutations(sources), 24):
        at = {node: (0.0, (len(sources) - 1) / 2 - k) for k, node in enumerate(order)}
        cost = 0.0
        for node in later:
            middle = sum(at[i][1] for i in into[node]) / len(into[node])
            rows = [middle + k / 2 for k in (0, 1, -1, 2, -2, 3, -3)]
            costs = [_crowd(at, into, node, (float(depth[node]), row)) + abs(row - middle)
                     for row in rows]  # fmt: skip
            at[node] = float(depth[node]), rows[costs.index(min(costs))]
            cost += min(costs)
        if cost < least:
            best, least = at, cost
    return [best[node] for node in range(size)]


def _crowd(at: dict[int, Point], into: Sequence[Sequence[int]], node: int, place: Point) -> float:
    """How much a node would be in the way there of what has its place, with its edges too."""
    ways = [(at[i], place) for i in into[node]]
    others = [(at[i], at[other]) for other in at for i in into[other]]
    crowd = sum(9.0 for x, y in at.values() if x == place[0] and abs(y - place[1]) < 1)
    crowd += sum(5.0 for other in at.values() for way in ways if _passes(way, other))
    crowd += sum(5.0 for way in others if _passes(way, place))
    return crowd + sum(1.2 for one in ways for other in others if _cross(one, other))


def _passes(way: Line, place: Point) -> bool:
    """Whether an edge runs close to a node between its ends' columns."""
    (a, b), (c, d) = way
    return a < place[0] < c and abs(b + (d - b) * (place[0] - a) / (c - a) - place[1]) < 0.6


def _cross(one: Line, other: Line) -> bool:
    """Whether two edges without a common end cross each other."""

    def side(way: Line, point: Point) -> float:
        (a, b), (c, d) = way
        return (c - a) * (point[1] - b) - (d - b) * (point[0] - a)

    return (
        side(one, other[0]) * side(one, other[1]) < 0
        and side(other, one[0]) * side(other, one[1]) < 0
    )


def _note_box(figure: Graph, at: Sequence[Point], node: int, radius: float) -> Box:
    """Centre and half sizes of a node's note."""
    x, y = at[node]
    ends = [(e.start, e.end) for e in figure.edges if node in (e.start, e.end)]
    turns = [atan2(at[j][1] - y, at[j][0] - x) for i, k in ends for j in (i, k) if j != node]
    centre = sum(a for a, _ in at) / len(at), sum(b for _, b in at) / len(at)
    out = atan2(y - centre[1] + 1e-3, x - centre[0])

    def room(turn: float) -> float:
        gaps = [abs((turn - other + pi) % (2 * pi) - pi) for other in turns]
        return min([*gaps, 1.2]) - 0.05 * abs((turn - out + pi) % (2 * pi) - pi)

    turn = max((out, *(k * pi / 4 for k in range(8))), key=room)
    half = text_width(figure.nodes[node].note, SCRIPT) * 0.55 + 1.5
    far = radius + 3.5
    aside = half * max(-1.0, min(1.0, 2 * cos(turn)))
    return x + far * cos(turn) + aside, y + (far + 4.5) * sin(turn), half, 4.5


def _edge_labels(figure: Graph, at: Sequence[Point], radius: float) -> list[tuple[Box, str]]:
    """Labels above and below each edge, near its middle, clear of edges, nodes and each other."""
    ways = [(at[edge.start], at[edge.end]) for edge in figure.edges]
    texts, places = [], []
    for edge, way in zip(figure.edges, ways, strict=True):
        for text, side, kind in ((edge.above, 1, "{}"), (edge.below, -1, r"\pmgrey{{{}}}")):
            if text:
                texts.append(kind.format(_script(text)))
                places.append(list(_spots(way, side, text_width(text, SCRIPT) / 2)))
    if not texts:
        return []
    ink = [(x, y, 0.0, 0.0) for way in ways for x, y in _along(*way)]
    ink += [(x, y, 0.8 * radius, 0.8 * radius) for x, y in at]
    spots = np.array(places)  # [label][place][x, y, half a width, half a height]
    alone = _gaps(spots, np.array(ink))
    pull = AWAY * np.arange(spots.shape[1])
    best = spots[:, 0] + (0.0, 0.0, WORD, 0.0)
    chosen = [0] * len(texts)
    for _ in range(3):  # each again, now that the others have their places
        for k in range(len(texts)):
            best[k, 0] = inf
            room = np.minimum(alone[k], _gaps(spots[k], best))
            chosen[k] = int(np.argmax(np.round(np.minimum(room, CLEAR) - pull, 6)))
            best[k, :2] = spots[k, chosen[k], :2]
    return [(boxes[k], text) for boxes, k, text in zip(places, chosen, texts, strict=True)]


def _gaps(boxes: Any, others: Any) -> Any:
    """How far each box stands from the nearest of the others."""
    x, y, half, high = np.moveaxis(boxes, -1, 0)[..., None]
    across = np.maximum(abs(others[:, 0] - x) - half - others[:, 2], 0)
    return np.hypot(across, np.maximum(abs(others[:, 1] - y) - high - others[:, 3], 0)).min(-1)


def _spots(way: Line, side: int, half: float) -> Iterator[Box]:
    """Places for a label of that width on one side of an edge, from its middle outwards."""
    (a, b), (c, d) = way
    long = hypot(c - a, d - b)
    left, up = -(d - b) / long, (c - a) / long
    if up < 0 or (up == 0 and left > 0):
        left, up = -left, -up
    far = side * (1.5 + half * abs(left) + SIGN * up)
    for k in range(12):
        for share in (0.5 - 0.03 * k, 0.5 + 0.03 * k):
            yield a + (c - a) * share + far * left, b + (d - b) * share + far * up, half, SIGN


# ---- vectors ----


def arrows(figure: Arrows, narrow: bool = False) -> Canvas:
    """Vectors in one scale; each label where it is clear of the other lines."""
    points = [p for arrow in figure.arrows for p in (arrow.tail, arrow.tip)]
    points += [p for line in figure.lines for p in line] + [(0.0, 0.0)] * bool(figure.axes)
    left, bottom, width, height = _around(points, [])
    edge = 17.0
    side = max([edge, *(2 * _half(arrow.label) + 6 for arrow in figure.arrows)])
    wide = min(PLANE[0], NARROW - 2 * side) if narrow else PLANE[0]
    scale = min(wide / max(width, 1e-9), PLANE[1] / max(height, 1e-9))

    def on(point: Point) -> Point:
        return side + (point[0] - left) * scale, edge + (point[1] - bottom) * scale

    canvas = Canvas(width * scale + 2 * side, height * scale + 2 * edge)
    axes = _axes(canvas, figure.axes, on((0.0, 0.0))) if figure.axes else []
    canvas.pen(0.4, ARROW_GREY, "[2 2]")
    for line in figure.lines:
        canvas.line([on(point) for point in line])
    for arrow in figure.arrows:
        _arrow(canvas, arrow, on(arrow.tail), on(arrow.tip))
    canvas.pen(0.5)
    for corner, one, other in figure.right_angles:
        _right_angle(canvas, on(corner), on(one), on(other))
    ways = [(on(arrow.tail), on(arrow.tip)) for arrow in figure.arrows]
    taken: list[Point] = []
    for arrow, way in zip(figure.arrows, ways, strict=True):
        if arrow.label:
            _arrow_label(canvas, arrow.label, way, ways, axes, taken)
    return canvas


def _axes(canvas: Canvas, names: Sequence[str], origin: Point) -> list[Line]:
    x, y = origin
    canvas.pen(0.4, 0.6)
    ends = [((3.0, y), (canvas.width - 9, y)), ((x, 3.0), (x, canvas.height - 9))]
    for tail, tip in ends:
        canvas.arrow(tail, tip)
    canvas.label(canvas.width - 7, y, _script(names[0]), 0, 0.5, "grey")
    canvas.label(x, canvas.height - 7, _script(names[1]), 0.5, 0, "grey")
    return ends


def _arrow(canvas: Canvas, arrow: Arrow, tail: Point, tip: Point) -> None:
    long = hypot(tip[0] - tail[0], tip[1] - tail[1])
    if long < 1:
        return
    size = 6.0 if arrow.strong else 5.0
    back = 1 - min(0.8 * size / long, 1)
    neck = (tail[0] + back * (tip[0] - tail[0]), tail[1] + back * (tip[1] - tail[1]))
    canvas.pen(1.5 if arrow.strong else 0.8, dash="[3 2]" if arrow.dashed else "[]")
    canvas.line((tail, neck))
    canvas.head(tail, tip, size)


def _right_angle(canvas: Canvas, corner: Point, one: Point, other: Point, size: float = 5) -> None:
    sides = []
    for end in (one, other):
        long = hypot(end[0] - corner[0], end[1] - corner[1])
        if long < 2 * size:
            return
        sides.append(((end[0] - corner[0]) / long * size, (end[1] - corner[1]) / long * size))
    (a, b), (c, d) = sides
    x, y = corner
    canvas.line(((x + a, y + b), (x + a + c, y + b + d), (x + c, y + d)))


def _half(label: str) -> float:
    """Half the width of an arrow's label; a sign between two letters stands apart from them."""
    return max(text_width(label) / 2 + 2.5 * len(re.findall(r"\w[-+]", label)), 4.0)


def _arrow_label(
    canvas: Canvas,
    label: str,
    way: Line,
    ways: Sequence[Line],
    axes: Sequence[Line],
    taken: list[Point],
) -> None:
    """Beside the arrow, or beyond a tip of its own: far from other arrows, labels and axes."""
    (a, b), (c, d) = way
    long = hypot(c - a, d - b) or 1.0
    along, up = (c - a) / long, (d - b) / long
    half = _half(label)
    others = [one for one in ways if one != way]
    shared = any(hypot(x - c, y - d) < 1 for _, (x, y) in others)
    spots = [] if shared else [(c + along * (half + 4), d + up * 8)]
    for share in (0.5, 0.65, 0.8, 0.35):
        for side in (1, -1):
            x, y = a + (c - a) * share, b + (d - b) * share
            spots.append((x - side * up * (half + 4), y + side * along * 8))
    ink = [p for one in others for p in _along(*one)] + taken
    thin = [p for one in axes for p in _along(*one)]

    def off(spot: Point, points: Sequence[Point]) -> float:
        x, y = spot
        gaps = ((max(abs(u - x) - half, 0.0), max(abs(v - y) - SIGN, 0.0)) for u, v in points)
        return min([8.0, *(hypot(*gap) for gap in gaps)])

    def room(spot: Point) -> float:
        inside = half < spot[0] < canvas.width - half and 5 < spot[1] < canvas.height - 5
        return off(spot, ink) + off(spot, thin) / 4 - 20 * (not inside)

    best = max(spots, key=room)
    taken += [(best[0] + shift, best[1]) for shift in (-half, 0, half)]
    canvas.label(*best, small(label), kind="" if off(best, thin) else "over")


def _along(tail: Point, tip: Point) -> Iterator[Point]:
    """Points close to each other on a line."""
    steps = max(1, int(hypot(tip[0] - tail[0], tip[1] - tail[1]) // 3))
    for k in range(steps + 1):
        yield tail[0] + (tip[0] - tail[0]) * k / steps, tail[1] + (tip[1] - tail[1]) * k / steps
