"""Figures as data: a template returns them, press draws them.

Coordinates are numbers, labels LaTeX. A label in a cell, over a bar, under a unit or on an edge of
a network may be a plain number too; it is shown with at most `places` decimals.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, Literal

Where = Literal["statement", "key"]
Point = tuple[float, float]
Number = Any  # float, int, Fraction or what solve finds
Label = str | Number


@dataclass(frozen=True, slots=True)
class Mark:
    """A dot in a plot with its label; `label` is LaTeX, "" for none."""

    x: Number
    y: Number
    label: str = ""


@dataclass(frozen=True, slots=True)
class Curve:
    """A polyline in a plot: many points for a smooth curve, `dashed` for steps and aids."""

    points: Sequence[tuple[Number, Number]]
    dashed: bool = False
    arrow: bool = False
    label: str = ""

    @classmethod
    def of(cls, f: Callable[[Any], Any], low: Any, high: Any, **style: Any) -> Curve:
        """The curve of a function between two places."""
        places = [low + (high - low) * k / 60 for k in range(61)]
        return cls([(x, f(x)) for x in places], **style)


@dataclass(frozen=True, slots=True)
class Plot:
    """Curves and marks over two axes; `x_ticks` and `y_ticks` are (position, LaTeX label).

    The axes pass through 0 where it is in range; the others get round ticks if none are given.
    `fit` lets the y axis span the curves only, without 0. `equal` gives both axes one unit, and
    round ticks along a frame: a map of the plane.
    """

    curves: Sequence[Curve]
    marks: Sequence[Mark] = ()
    x_label: str = "x"
    y_label: str = "y"
    x_ticks: Sequence[tuple[Number, str]] = ()
    y_ticks: Sequence[tuple[Number, str]] = ()
    caption: str = ""
    where: Where = "key"
    equal: bool = False
    fit: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A matrix as shaded cells: `shades` in [0, 1] (0 white, 1 black), `texts` printed inside."""

    shades: Sequence[Sequence[Number]]
    texts: Sequence[Sequence[Label]]
    row_labels: Sequence[str] = ()
    column_labels: Sequence[str] = ()
    caption: str = ""
    where: Where = "key"
    places: int = 2


@dataclass(frozen=True, slots=True)
class Node:
    """A node of a tree: `edge` labels the branch that leads to it; `kept` draws it strong."""

    label: str
    edge: str = ""
    note: str = ""
    kept: bool = False
    children: Sequence[Node] = ()


@dataclass(frozen=True, slots=True)
class Tree:
    """A tree that grows to the right; kept branches are strong, the others thin and grey."""

    root: Node
    caption: str = ""
    where: Where = "key"


@dataclass(frozen=True, slots=True)
class Network:
    """Layers of units from left to right, fully joined.

    `layers` holds the label inside each unit, `notes` a label under it ("" for none), `weights`
    the label on each edge as [layer][to][from] (leave it empty for bare edges), `names` what
    stands over each layer. `off` lists (layer, unit) drawn grey: a closed ReLU.
    """

    layers: Sequence[Sequence[str]]
    weights: Sequence[Sequence[Sequence[Label]]] = ()
    notes: Sequence[Sequence[Label]] = ()
    names: Sequence[str] = ()
    off: Sequence[tuple[int, int]] = ()
    caption: str = ""
    where: Where = "key"


@dataclass(frozen=True, slots=True)
class Bars:
    """Groups of bars side by side; heights in [0, 1] or any common unit, `texts` above the bars.

    `heights` is [series][group]; the first series is drawn dark, the next lighter.
    """

    heights: Sequence[Sequence[Number]]
    texts: Sequence[Sequence[Label]]
    group_labels: Sequence[str]
    series_labels: Sequence[str] = ()
    caption: str = ""
    where: Where = "key"
    places: int = 2


@dataclass(frozen=True, slots=True)
class Block:
    """A box of a block diagram: its label, and a note (shape, count) to its right."""

    label: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Flow:
    """Rows of boxes from top to bottom, an arrow from each row to the next.

    A row of one box spans the width, a row of several shares it: heads side by side. `skips`
    holds (from, to), numbers of rows: an arrow at the left, around the rows between them.
    """

    rows: Sequence[Sequence[Block]]
    skips: Sequence[tuple[int, int]] = ()
    caption: str = ""
    where: Where = "key"


@dataclass(frozen=True, slots=True)
class Vertex:
    """A node of a graph: the label inside, a note beside it, its place (any unit, y upwards)."""

    label: str
    note: str = ""
    at: Point | None = None


@dataclass(frozen=True, slots=True)
class Edge:
    """An edge between two nodes, by their positions from 0; labels stand above and below it."""

    start: int
    end: int
    above: str = ""
    below: str = ""


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes as circles with straight edges, arrows if `directed`.

    Nodes without a place stand in columns by their depth where the graph is directed (and has no
    cycle), else on a circle in their order.
    """

    nodes: Sequence[Vertex]
    edges: Sequence[Edge]
    directed: bool = False
    caption: str = ""
    where: Where = "key"


@dataclass(frozen=True, slots=True)
class Arrow:
    """A vector of the plane from `tail` to `tip`; `strong` draws it thick."""

    tip: Point
    label: str = ""
    tail: Point = (0.0, 0.0)
    strong: bool = False
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Arrows:
    """Vectors of the plane, in one scale for both directions.

    `right_angles` lists (corner, a point on one side, a point on the other), `lines` thin
    dashed lines from point to point; `axes` names the two axes, () draws none.
    """

    arrows: Sequence[Arrow]
    right_angles: Sequence[tuple[Point, Point, Point]] = ()
    lines: Sequence[tuple[Point, Point]] = ()
    axes: Sequence[str] = ()
    caption: str = ""
    where: Where = "key"


Figure = Plot | Grid | Tree | Network | Bars | Flow | Graph | Arrows


class NotShown(Exception):
    """A picture wants a step that the key does not show."""


class Shown(dict[str, Any]):
    """The steps that the key shows, by name, as plain numbers; the others are `hidden`."""

    def __init__(self, steps: Mapping[str, Any], hidden: Set[str]) -> None:
        super().__init__(steps)
        self.hidden = hidden

    def __missing__(self, name: str) -> Any:
        raise NotShown(name) if name in self.hidden else KeyError(name)
