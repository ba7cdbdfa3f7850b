"""Level curves of a function of two variables, as curves of a plot."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from penwork.figures import Curve, Point

CELLS = 48
SPECK = 6


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
        Curve(_points(np.array(chain), above, xs, ys), dashed=dashed)
        for above in (heights - level for level in levels)
        for chain in _chains(_ends(above))
        if len(chain) >= SPECK
    ]


def _edge(i: Any, j: Any, axis: int) -> Any:
    """The number of an edge, from the corner (i, j) to the next one along that axis."""
    return 2 * (i * (CELLS + 1) + j) + axis


def _pieces(case: int) -> list[tuple[int, int]]:
    """The pieces of the curve in a cell whose corners k, counted around, are up by bit k."""
    edges = [_edge(0, 0, 0), _edge(1, 0, 1), _edge(0, 1, 0), _edge(0, 0, 1)]
    up = [bool(case >> k & 1) for k in range(4)]
    crossed = [edge for k, edge in enumerate(edges) if up[k] != up[(k + 1) % 4]]
    return list(zip(crossed[::2], crossed[1::2], strict=True))


_CASES = [_pieces(case) for case in range(16)]
_CASES += list(_CASES)
for _case in (5, 10):  # two corners against two: the middle says which of them are joined
    _CASES[16 + _case] = [(_CASES[_case][0][1], _CASES[_case][1][0]),
                          (_CASES[_case][1][1], _CASES[_case][0][0])]  # fmt: skip


def _ends(above: Any) -> list[int]:
    """The pieces of the curve cell by cell: the edges where each begins and ends, in turn."""
    up = (above > 0).astype(int)
    cases = up[:-1, :-1] + 2 * up[1:, :-1] + 4 * up[1:, 1:] + 8 * up[:-1, 1:]
    a, b, c, d = above[:-1, :-1], above[1:, :-1], above[1:, 1:], above[:-1, 1:]
    middle = (a * c - b * d) * (a + c - b - d) > 0  # the sign at the saddle between the corners
    cases += 16 * (middle != up[:-1, :-1])
    i, j = np.nonzero(cases % 16 % 15)
    cells = zip(_edge(i, j, 0).tolist(), cases[i, j].tolist(), strict=True)
    return [cell + edge for cell, case in cells for piece in _CASES[case] for edge in piece]


def _chains(ends: list[int]) -> Iterator[list[int]]:
    """Pieces (the ends 2k and 2k + 1) that meet at an edge, joined; a closed curve ends where it
    begins.
    """
    first: dict[int, int] = {}
    meets = [-1] * len(ends)
    for end, edge in enumerate(ends):
        other = first.setdefault(edge, end)
        if other != end:
            meets[end], meets[other] = other, end
    joined = [False] * (len(ends) // 2)
    for end in (*[end for end, other in enumerate(meets) if other < 0], *meets):
        chain = [ends[end]]
        while end >= 0 and not joined[end // 2]:
            joined[end // 2] = True
            end ^= 1
            chain.append(ends[end])
            end = meets[end]
        if len(chain) > 1:
            yield chain


def _points(chain: Any, above: Any, xs: Any, ys: Any) -> list[Point]:
    """Where the curve crosses these edges, by the heights at their ends."""
    (i, j), axis = divmod(chain // 2, CELLS + 1), chain % 2
    start, end = above[i, j], above[i + 1 - axis, j + axis]
    share = start / (start - end)
    x = xs[i] + share * (1 - axis) * (xs[1] - xs[0])
    y = ys[j] + share * axis * (ys[1] - ys[0])
    return list(zip(x.tolist(), y.tolist(), strict=True))
