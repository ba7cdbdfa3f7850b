"""Figures on a canvas: black and grey, labels clear of lines. Plots, grids and trees are here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import hypot

from penwork.figures import (
    Arrows,
    Bars,
    Curve,
    Figure,
    Flow,
    Graph,
    Grid,
    Network,
    Node,
    Plot,
    Point,
    Tree,
)
from penwork.press.canvas import (
    BLACK,
    GREY,
    SCRIPT,
    Canvas,
    aligned,
    in_floats,
    math_label,
    small,
    text_width,
)
from penwork.press.diagrams import bars, flow, network
from penwork.press.graphs import arrows, graph

PLOT_WIDTH, PLOT_HEIGHT, MAP_HEIGHT = 190.0, 108.0, 140.0
_RIM = (22.0, 12.0)  # of a plot's width and height what lies outside the data
CELL = 27.0
_AROUND = (
    (1, 0),
    (-1, 0),
    (0, 1),
    (0.8, 0.9),
    (-0.8, 0.9),
    (0, -1),
    (0.8, -0.9),
    (-0.8, -0.9),
)
LEAF = 15.0
NOTE = 8.0


def draw(figure: Figure) -> str:
    """The figure with its caption as TeX."""
    match figure:
        case Plot():
            canvas = _plot(figure)
        case Grid():
            canvas = _grid(figure)
        case Tree():
            canvas = _tree(figure)
        case Network():
            canvas = network(figure)
        case Bars():
            canvas = bars(figure)
        case Flow():
            canvas = flow(figure)
        case Graph():
            canvas = graph(figure)
        case Arrows():
            canvas = arrows(figure)
    return rf"\pmfigure{{{canvas.tex()}}}{{{figure.caption}}}"


# ---- plots ----


@dataclass(frozen=True, slots=True)
class _Scale:
    """From the data's coordinates to the canvas."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        share = (float(value) - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)


def _plot(plot: Plot) -> Canvas:
    points = [p for curve in plot.curves for p in curve.points]
    points += [(mark.x, mark.y) for mark in plot.marks]
    xs = [x for x, _ in points] + [x for x, _ in plot.x_ticks] or [0.0]
    ys = [y for _, y in points] + [y for y, _ in plot.y_ticks] + [0.0]
    left = 10 + max((text_width(label, SCRIPT) for _, label in plot.y_ticks), default=0)
    bottom = 14.0 if plot.x_ticks and (min(ys) >= 0 or plot.equal) else 6.0
    ends = [text_width(curve.label) - 10 for curve in plot.curves if curve.label]
    right = 8 + max(text_width(plot.x_label), *ends, 0)
    wide, high = _size(plot, _span(xs), _span(ys))
    canvas = Canvas(left + wide + right, bottom + high + 14)
    x = _Scale(*_span(xs), left + (8 if min(xs) else 0), left + wide - 14)
    y = _Scale(*_span(ys), bottom + (0 if min(ys) >= 0 else 6), bottom + high - 6)
    _axes(canvas, plot, x, y, (left, bottom), (wide, high))
    for curve in plot.curves:
        _curve(canvas, curve, [(x(a), y(b)) for a, b in curve.points])
    _curve_labels(canvas, plot, x, y)
    canvas.pen(0.6)
    taken: list[Point] = []
    lines = [[(x(a), y(b)) for a, b in curve.points] for curve in plot.curves]
    ink = [p for line in [*lines, [(left, bottom), (left, bottom + high)]] for p in _along(line)]
    for mark in plot.marks:
        place = (x(mark.x), y(mark.y))
        canvas.dot(*place, 1.7)
        _mark_label(canvas, mark.label, place, taken, ink, y(max(min(ys), 0)))
    return canvas


def _size(plot: Plot, x: Point, y: Point) -> Point:
    """Width and height of a plot; one unit for both axes where it is a map."""
    if not plot.equal:
        return PLOT_WIDTH, PLOT_HEIGHT
    room = (PLOT_WIDTH - _RIM[0], MAP_HEIGHT - _RIM[1])
    unit = min(room[0] / (x[1] - x[0]), room[1] / (y[1] - y[0]))
    return unit * (x[1] - x[0]) + _RIM[0], unit * (y[1] - y[0]) + _RIM[1]


def _span(values: Sequence[float]) -> tuple[float, float]:
    low, high = float(min(values)), float(max(values))
    return (low, high) if high > low else (low - 1, high + 1)


def _axes(canvas: Canvas, plot: Plot, x: _Scale, y: _Scale, start: Point, size: Point) -> None:
    (left, bottom), (wide, high) = start, size
    base = bottom if plot.equal else y(max(y.low, 0.0))
    canvas.pen(0.5, 0.25)
    ends = (
        ((left - 3, base), (left + wide, base)),
        ((left, bottom - 3), (left, bottom + high + 4)),
    )
    for tail, tip in ends:
        canvas.line((tail, (tip[0] - 2 * (tip[0] > tail[0]), tip[1] - 2 * (tip[1] > tail[1]))))
        canvas.head(tail, tip, 4)
    canvas.label(left + wide + 4, base, math_label(plot.x_label), 0, 0.5)
    canvas.label(left, bottom + high + 6, math_label(plot.y_label), 0.5, 0)
    for place, label in plot.x_ticks:
        canvas.line(((x(place), base - 2), (x(place), base + 2)))
        canvas.label(x(place), base - 4, rf"\scriptsize{{}}{math_label(label)}", 0.5, 1, "over")
    for place, label in plot.y_ticks:
        canvas.line(((left - 2, y(place)), (left + 2, y(place))))
        canvas.label(left - 4, y(place), rf"\scriptsize{{}}{math_label(label)}", 1, 0.5)


def _curve(canvas: Canvas, curve: Curve, points: list[Point]) -> None:
    if len(set(points)) < 2:  # it only widens the plot
        return
    canvas.pen(0.6 if curve.dashed else 0.9, BLACK, "[2.5 2]" if curve.dashed else "[]")
    canvas.line(points)
    if curve.arrow:
        canvas.pen(0.6)
        canvas.head(points[-2], points[-1])


def _curve_labels(canvas: Canvas, plot: Plot, x: _Scale, y: _Scale) -> None:
    """At the curves' ends, pushed apart where they would touch each other or the axis."""
    free = y(max(y.low, 0.0)) + 7 if y.low >= 0 else 0.0
    ends = sorted((y(c.points[-1][1]), x(c.points[-1][0]), c.label) for c in plot.curves if c.label)
    for high, across, label in ends:
        high = max(high, free)
        canvas.label(across + 3, high, small(label), 0)
        free = high + 9


def _mark_label(
    canvas: Canvas,
    label: str,
    place: Point,
    taken: list[Point],
    ink: Sequence[Point],
    base: float,
) -> None:
    """Beside the dot where the fewest lines and labels pass."""
    if not label:
        return
    half = max(text_width(label) / 2, 4)
    far = 3.4 * half + 14
    near = [p for p in ink if abs(p[0] - place[0]) < far and abs(p[1] - place[1]) < 30]
    options = [
        (reach * (half + 5) * across, reach * 9 * up)
        for reach in (1.0, 1.7, 2.4)
        for across, up in _AROUND
    ]

    def on_line(cx: float, cy: float) -> bool:
        return any(abs(px - cx) < half + 1.5 and abs(py - cy) < 5.5 for px, py in near)

    def crowd(offset: Point) -> float:
        cx, cy = place[0] + offset[0], place[1] + offset[1]
        inside = half < cx < canvas.width - half and cy < canvas.height - 4
        on_label = any(abs(tx - cx) < 2 * half and abs(ty - cy) < 9 for tx, ty in taken)
        below = cy - 6 < base
        return (
            hypot(*offset) + 60 * on_line(cx, cy) + 90 * on_label + 80 * below + 500 * (not inside)
        )

    dx, dy = min(options, key=crowd)
    at = place[0] + dx, place[1] + dy
    taken.append(at)
    ground = "over" if on_line(*at) else ""
    canvas.label(*at, rf"\footnotesize{{}}{math_label(label)}", kind=ground)


def _along(points: Sequence[Point]) -> Iterator[Point]:
    """Points close to each other on a polyline."""
    for (a, b), (c, d) in pairwise(points):
        steps = max(1, int(max(abs(c - a), abs(d - b)) // 3))
        for k in range(steps + 1):
            yield a + (c - a) * k / steps, b + (d - b) * k / steps


# ---- grids ----


def _grid(grid: Grid) -> Canvas:
    rows, columns = len(grid.shades), max(map(len, grid.shades))
    texts = aligned(grid.texts, grid.places)
    widest = max((text_width(t) for line in texts for t in line), default=0)
    heads = max((text_width(t) for t in grid.column_labels), default=0)
    cell = max(CELL, widest + 8, heads + 6)
    left = max((text_width(t) + 8 for t in grid.row_labels), default=2)
    top = 13.0 if grid.column_labels else 1.0
    high = min(cell, CELL)
    canvas = Canvas(left + columns * cell + 2, rows * high + top + 1)
    canvas.pen(0.5)
    for i, shades in enumerate(in_floats(grid.shades)):
        for j, shade in enumerate(shades):
            x, y = left + j * cell, (rows - 1 - i) * high + 0.5
            canvas.cell(x, y, cell, high, 0.88 * min(1.0, max(0.0, shade)))
            text = texts[i][j] if texts else ""
            kind = "white" if shade > 0.5 else ""
            canvas.label(x + cell / 2, y + high / 2, small(text), kind=kind)
    for i, label in enumerate(grid.row_labels):
        canvas.label(left - 5, (rows - 0.5 - i) * high + 0.5, small(label), 1)
    for j, label in enumerate(grid.column_labels):
        canvas.label(left + (j + 0.5) * cell, rows * high + 4, small(label), 0.5, 0)
    return canvas


# ---- trees ----


@dataclass(slots=True)
class _Place:
    node: Node
    depth: int
    y: float
    children: list[_Place]


def _tree(tree: Tree) -> Canvas:
    leaves: list[_Place] = []
    root = _place(tree.root, 0, leaves)
    places = list(_all(root))
    step = LEAF + (NOTE if any(place.node.note for place in places) else 0)
    widths: dict[int, float] = {}
    gaps: dict[int, float] = {}
    for place in places:
        node = place.node
        wide = max(text_width(node.label), text_width(node.note, SCRIPT)) + 4
        widths[place.depth] = max(widths.get(place.depth, 0), wide)
        gaps[place.depth] = max(gaps.get(place.depth, 30), text_width(node.edge, SCRIPT) + 20)
    starts = {0: 0.0}
    for depth in range(1, len(widths)):
        starts[depth] = starts[depth - 1] + widths[depth - 1] + gaps[depth]
    last = len(widths) - 1
    canvas = Canvas(starts[last] + widths[last], len(leaves) * step)
    high = len(leaves) * step - step / 2
    for kept in (False, True):
        canvas.pen(1.1 if kept else 0.5, BLACK if kept else GREY)
        for place in places:
            for child in place.children:
                if child.node.kept == kept:
                    _branch(canvas, place, child, starts, widths, high, step)
    for place in places:
        _node(canvas, place, starts[place.depth], high - place.y * step)
    return canvas


def _place(node: Node, depth: int, leaves: list[_Place]) -> _Place:
    children = [_place(child, depth + 1, leaves) for child in node.children]
    if children:
        return _Place(node, depth, (children[0].y + children[-1].y) / 2, children)
    leaf = _Place(node, depth, float(len(leaves)), [])
    leaves.append(leaf)
    return leaf


def _all(place: _Place) -> Iterator[_Place]:
    yield place
    for child in place.children:
        yield from _all(child)


def _branch(
    canvas: Canvas,
    parent: _Place,
    child: _Place,
    starts: dict[int, float],
    widths: dict[int, float],
    high: float,
    step: float,
) -> None:
    own = max(text_width(parent.node.label), text_width(parent.node.note, SCRIPT)) + 3
    begin = (starts[parent.depth] + own, high - parent.y * step)
    end = (starts[child.depth] - 3, high - child.y * step)
    fork = starts[parent.depth] + widths[parent.depth] + 2
    if own < widths[parent.depth]:
        canvas.line((begin, (fork, begin[1])))
    level = (end[0] - text_width(child.node.edge, SCRIPT) - 4, end[1])
    bend = (level[0] - fork) * 0.7
    canvas.curve((fork, begin[1]), (fork + bend, begin[1]), (level[0] - bend, end[1]), level)
    canvas.line((level, end))
    canvas.label(end[0] - 1, end[1] + 2.2, _edge(child.node), 1, 0)


def _edge(node: Node) -> str:
    text = rf"\scriptsize{{}}{math_label(node.edge)}" if node.edge else ""
    return text if not text or node.kept else rf"\pmgrey{{{text}}}"


def _node(canvas: Canvas, place: _Place, x: float, y: float) -> None:
    node = place.node
    label = rf"\footnotesize{{}}{math_label(node.label)}"
    if node.kept:
        label = rf"\pmbold{{}}{label}"
    elif place.depth:
        label = rf"\pmgrey{{{label}}}"
    if not node.note:
        canvas.label(x, y, label, 0, 0.5)
        return
    canvas.label(x, y + 0.5, label, 0, 0)
    canvas.label(x, y - 2, rf"\pmgrey{{\scriptsize{{}}{math_label(node.note)}}}", 0, 1)
