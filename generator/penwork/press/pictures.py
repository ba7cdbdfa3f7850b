"""Figures on a canvas: black and grey, labels clear of lines. Grids and trees are here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from penwork.certify import certify_text, texts_in
from penwork.figures import (
    Arrows,
    Bars,
    Figure,
    Flow,
    Graph,
    Grid,
    Network,
    Node,
    Plot,
    Tree,
)
from penwork.press.canvas import (
    BLACK,
    GREY,
    LOW,
    NARROW,
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
from penwork.press.plots import plot

CELL = 27.0
LEAF = 15.0
NOTE = 8.0
TIGHTEST = 0.74  # of the distance between leaves: letters don't touch yet
GIVES = 12.0  # what a gap between the nodes of a tree is smaller where it must be


def draw(figure: Figure, narrow: bool = False) -> str:
    """The figure with its caption as TeX; `narrow` for large print. Raises Fault."""
    certify_text(texts_in(figure))
    match figure:
        case Plot():
            canvas = plot(figure, narrow)
        case Grid():
            canvas = _grid(figure, narrow)
        case Tree():
            canvas = _tree(figure, narrow)
        case Network():
            canvas = network(figure, narrow)
        case Bars():
            canvas = bars(figure, narrow)
        case Flow():
            canvas = flow(figure, narrow)
        case Graph():
            canvas = graph(figure, narrow)
        case Arrows():
            canvas = arrows(figure, narrow)
    return rf"\pmfigure{{{canvas.tex()}}}{{{figure.caption}}}"


# ---- grids ----


def _grid(grid: Grid, narrow: bool) -> Canvas:
    rows, columns = len(grid.shades), max(map(len, grid.shades))
    texts = aligned(grid.texts, grid.places)
    widest = max((text_width(t) for line in texts for t in line), default=0)
    heads = max((text_width(t) for t in grid.column_labels), default=0)
    left = max((text_width(t) + 8 for t in grid.row_labels), default=2)
    cell = max(CELL, widest + 8, heads + 6)
    if narrow:
        cell = min(cell, max(widest, heads, (NARROW - left - 2) / columns))
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


def _tree(tree: Tree, narrow: bool) -> Canvas:
    leaves: list[_Place] = []
    root = _place(tree.root, 0, leaves)
    places = list(_all(root))
    step = LEAF + (NOTE if any(place.node.note for place in places) else 0)
    if narrow and len(leaves) * step > LOW:
        step *= max(TIGHTEST, LOW / len(leaves) / step)
    widths: dict[int, float] = {}
    gaps: dict[int, float] = {}
    for place in places:
        node = place.node
        wide = max(text_width(node.label), text_width(node.note, SCRIPT)) + 4
        widths[place.depth] = max(widths.get(place.depth, 0), wide)
        gaps[place.depth] = max(gaps.get(place.depth, 30), text_width(node.edge, SCRIPT) + 20)
    last = len(widths) - 1
    beyond = sum(widths.values()) + sum(gaps[depth] for depth in widths if depth) - NARROW
    less = min(max(0.0, beyond) / max(1, last), GIVES) if narrow else 0.0
    starts = {0: 0.0}
    for depth in range(1, len(widths)):
        starts[depth] = starts[depth - 1] + widths[depth - 1] + gaps[depth] - less
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
