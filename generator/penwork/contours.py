"""Level curves of a function of two variables, as curves of a plot."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from penwork.figures import Curve, Point

CELLS = 48
SPECK = 6
Edge = tuple[int, int, int]


def level_curves(
    f: Callable[[Any, Any], Any],
    x: tuple[float, float],
    y: tuple[float, float],
    levels: Sequence[float],
    dashed: bool = False,
) -> list[Curve]:
    """Where f is one of the levels within x × y; f takes arrays of NumPy (marching squares).

    Specks of a curve in a corner are left out.
    """
    xs, ys = np.linspace(*x, CELLS + 1), np.linspace(*y, CELLS + 1)
    heights = np.broadcast_to(f(xs[:, None], ys[None, :]), (CELLS + 1, CELLS + 1)).astype(float)
    return [
        Curve(_points(chain, above, xs, ys), dashed=dashed)
        for above in (heights - level for level in levels)
        for chain in _chains(_segments(above))
        if len(chain) >= SPECK
    ]


def _pieces(case: int) -> list[tuple[Edge, Edge]]:
    """The pieces of the curve in a cell whose corners k, counted around, are up by bit k."""
    edges = [(0, 0, 0), (1, 0, 1), (0, 1, 0), (0, 0, 1)]
    up = [bool(case >> k & 1) for k in range(4)]
    crossed = [edge for k, edge in enumerate(edges) if up[k] != up[(k + 1) % 4]]
    return list(zip(crossed[::2], crossed[1::2], strict=True))


_CASES = [_pieces(case) for case in range(16)]
_CASES += list(_CASES)
for _case in (5, 10):  # two corners against two: the middle says which of them are joined
    _CASES[16 + _case] = [(_CASES[_case][0][1], _CASES[_case][1][0]),
                          (_CASES[_case][1][1], _CASES[_case][0][0])]  # fmt: skip


def _segments(above: Any) -> Iterator[tuple[Edge, Edge]]:
    """The pieces of the curve cell by cell, each from edge to edge.

    An edge is (i, j, axis): it leads from the corner (i, j) to the next one along that axis.
    """
    up = (above > 0).astype(int)
    cases = up[:-1, :-1] + 2 * up[1:, :-1] + 4 * up[1:, 1:] + 8 * up[:-1, 1:]
    a, b, c, d = above[:-1, :-1], above[1:, :-1], above[1:, 1:], above[:-1, 1:]
    middle = (a * c - b * d) * (a + c - b - d) > 0  # the sign at the saddle between the corners
    cases += 16 * (middle != up[:-1, :-1])
    places = np.argwhere(cases % 16 % 15 != 0)
    for (i, j), case in zip(places.tolist(), cases[tuple(places.T)].tolist(), strict=True):
        for (a, b, one), (c, d, other) in _CASES[case]:
            yield (i + a, j + b, one), (i + c, j + d, other)


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


def _points(chain: list[Edge], above: Any, xs: Any, ys: Any) -> list[Point]:
    """Where the curve crosses these edges, by the heights at their ends."""
    i, j, axis = np.array(chain).T
    start, end = above[i, j], above[i + 1 - axis, j + axis]
    share = start / (start - end)
    x = xs[i] + share * (1 - axis) * (xs[1] - xs[0])
    y = ys[j] + share * axis * (ys[1] - ys[0])
    return list(zip(x.tolist(), y.tolist(), strict=True))
