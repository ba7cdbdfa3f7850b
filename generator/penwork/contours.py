"""Level curves of a function of two variables, as curves of a plot."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from penwork.figures import Curve, Point

CELLS = 28
Edge = tuple[int, int, int]


def level_curves(
    f: Callable[[Any, Any], Any],
    x: tuple[float, float],
    y: tuple[float, float],
    levels: Sequence[float],
    dashed: bool = False,
) -> list[Curve]:
    """Where f is one of the levels within x × y; f takes arrays of NumPy (marching squares)."""
    xs, ys = np.linspace(*x, CELLS + 1), np.linspace(*y, CELLS + 1)
    heights = np.broadcast_to(f(xs[:, None], ys[None, :]), (CELLS + 1, CELLS + 1)).astype(float)
    return [
        Curve([_place(edge, above, xs, ys) for edge in chain], dashed=dashed)
        for above in (heights - level for level in levels)
        for chain in _chains(_segments(above))
    ]


def _segments(above: Any) -> Iterator[tuple[Edge, Edge]]:
    """The pieces of the curve cell by cell, each from edge to edge.

    An edge is (i, j, axis): it leads from the corner (i, j) to the next one along that axis.
    """
    up = above > 0
    mixed = np.argwhere(
        (up[:-1, :-1] != up[1:, :-1]) | (up[:-1, :-1] != up[:-1, 1:]) | (up[:-1, :-1] != up[1:, 1:])
    )
    for i, j in mixed.tolist():
        corners = [bool(up[i, j]), bool(up[i + 1, j]), bool(up[i + 1, j + 1]), bool(up[i, j + 1])]
        edges = [(i, j, 0), (i + 1, j, 1), (i, j + 1, 0), (i, j, 1)]
        crossed = [e for k, e in enumerate(edges) if corners[k] != corners[(k + 1) % 4]]
        if len(crossed) == 4 and (above[i : i + 2, j : j + 2].sum() > 0) != corners[0]:
            crossed = [*crossed[1:], crossed[0]]  # the curve cuts off the corners that differ
        yield from zip(crossed[::2], crossed[1::2], strict=True)


def _chains(segments: Iterator[tuple[Edge, Edge]]) -> Iterator[list[Edge]]:
    """Pieces that share an edge, joined; a closed curve ends where it begins."""
    next_to: dict[Edge, list[Edge]] = {}
    for one, other in segments:
        next_to.setdefault(one, []).append(other)
        next_to.setdefault(other, []).append(one)
    ends = [edge for edge, others in next_to.items() if len(others) == 1]
    for start in (*ends, *list(next_to)):
        chain = [start]
        while next_to.get(chain[-1]):
            step = next_to[chain[-1]].pop()
            next_to[step].remove(chain[-1])
            chain.append(step)
        if len(chain) > 1:
            yield chain


def _place(edge: Edge, above: Any, xs: Any, ys: Any) -> Point:
    i, j, axis = edge
    a, b = above[i, j], above[(i + 1, j) if axis == 0 else (i, j + 1)]
    share = float(a / (a - b))
    if axis == 0:
        return float(xs[i] + share * (xs[i + 1] - xs[i])), float(ys[j])
    return float(xs[i]), float(ys[j] + share * (ys[j + 1] - ys[j]))
