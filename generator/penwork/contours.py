"""Level curves of a function of two variables, as curves of a plot."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from penwork.figures import Curve, Point

CELLS = 48
SPECK = 6
CORNER = 0.15  # radians
BETWEEN, ROUNDS = 2, 2
STEPS = 2


def level_curves(
    f: Callable[[Any, Any], Any],
    x: tuple[float, float],
    y: tuple[float, float],
    levels: Sequence[float],
    dashed: bool = False,
) -> list[Curve]:
    """Where f is one of the levels within x × y; f takes arrays of NumPy (marching squares).

    Specks of a curve in a corner are left out. The points are moved onto the curve, with some more
    where the line from cell to cell would have a corner.
    """
    xs, ys = np.linspace(*x, CELLS + 1), np.linspace(*y, CELLS + 1)
    heights = np.broadcast_to(f(xs[:, None], ys[None, :]), (CELLS + 1, CELLS + 1)).astype(float)
    chains = [
        (_points(np.array(chain), above, xs, ys), level)
        for level, above in zip(levels, [heights - level for level in levels], strict=True)
        for chain in _chains(_ends(above))
        if len(chain) >= SPECK
    ]
    smooth = _smooth(f, chains, (x, y)) if chains else []
    return [Curve([(a, b) for a, b in points], dashed=dashed) for points in smooth]


def _smooth(
    f: Callable[[Any, Any], Any], chains: list[tuple[Any, float]], box: tuple[Point, Point]
) -> Iterator[list[list[float]]]:
    """The points of each chain moved onto its level, with more of them beside corners."""
    sizes = [points.shape[1] for points, _ in chains]
    chain = np.repeat(np.arange(len(chains)), sizes)
    level = np.array([level for _, level in chains])
    points = _moved(f, np.hstack([points for points, _ in chains]), level[chain], box)
    shares = np.arange(1, BETWEEN + 1) / (BETWEEN + 1)
    for _ in range(ROUNDS):
        along = np.diff(points)
        beside = _beside_corners(along, chain)
        more = (points[:, beside, None] + along[:, beside, None] * shares).reshape(2, -1)
        spots = np.repeat(beside + 1, BETWEEN)
        more = _moved(f, more, level[chain[spots]], box)
        points = np.insert(points, spots, more, axis=1)
        chain = np.insert(chain, spots, chain[spots])
    for piece in np.split(points.T, np.flatnonzero(np.diff(chain)) + 1):
        yield piece.tolist()


def _beside_corners(along: Any, chain: Any) -> Any:
    """Which steps from point to point meet another one at a corner, or begin or end a chain."""
    ways = along[0] + 1j * along[1]
    within = chain[1:] == chain[:-1]
    corner = np.ones(len(chain), dtype=bool)
    corner[1:-1] = abs(np.angle(ways[1:] * ways[:-1].conj())) > CORNER
    corner[1:-1] |= ~(within[1:] & within[:-1])
    return np.flatnonzero(within & (corner[1:] | corner[:-1]))


def _moved(f: Callable[[Any, Any], Any], start: Any, level: Any, box: tuple[Point, Point]) -> Any:
    """Points near their levels, moved onto them by Newton's method along the gradient."""
    low, high = np.array(box).T[:, :, None]
    cell, near = (high - low) / CELLS, (high - low) * 1e-5
    x, y = start
    first = above = f(x, y) - level
    for _ in range(STEPS):
        slope = (np.array([f(x + near[0], y), f(x, y + near[1])]) - level - above) / near
        step = above * slope / np.maximum((slope**2).sum(0), 1e-12)
        x, y = np.clip((x, y) - np.clip(step, -cell, cell), low, high)
        above = f(x, y) - level
    return np.where(abs(above) < abs(first), (x, y), start)


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


def _points(chain: Any, above: Any, xs: Any, ys: Any) -> Any:
    """Where the curve crosses these edges, by the heights at their ends."""
    (i, j), axis = divmod(chain // 2, CELLS + 1), chain % 2
    start, end = above[i, j], above[i + 1 - axis, j + axis]
    share = start / (start - end)
    x = xs[i] + share * (1 - axis) * (xs[1] - xs[0])
    y = ys[j] + share * axis * (ys[1] - ys[0])
    return np.stack([x, y])
