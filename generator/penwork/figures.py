"""Figures as data. A template returns them; press draws them. Coordinates are floats, labels LaTeX."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Where = Literal["statement", "key"]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Mark:
    """A dot in a plot with its label; `label` is LaTeX, "" for none."""

    x: float
    y: float
    label: str = ""


@dataclass(frozen=True, slots=True)
class Curve:
    """A polyline in a plot: many points for a smooth curve, `dashed` for steps and aids."""

    points: Sequence[Point]
    dashed: bool = False
    arrow: bool = False
    label: str = ""


@dataclass(frozen=True, slots=True)
class Plot:
    """Curves and marks over two axes; `x_ticks` and `y_ticks` are (position, LaTeX label)."""

    curves: Sequence[Curve]
    marks: Sequence[Mark] = ()
    x_label: str = "x"
    y_label: str = "y"
    x_ticks: Sequence[tuple[float, str]] = ()
    y_ticks: Sequence[tuple[float, str]] = ()
    caption: str = ""
    where: Where = "key"


@dataclass(frozen=True, slots=True)
class Grid:
    """A matrix as shaded cells: `shades` in [0, 1] (0 white, 1 black), `texts` printed inside."""

    shades: Sequence[Sequence[float]]
    texts: Sequence[Sequence[str]]
    row_labels: Sequence[str] = ()
    column_labels: Sequence[str] = ()
    caption: str = ""
    where: Where = "key"


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


Figure = Plot | Grid | Tree
