"""Networks, bars and block diagrams on a canvas."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import hypot

from penwork.figures import Bars, Block, Flow, Network, Point
from penwork.press.canvas import (
    BLACK,
    GREY,
    LOW,
    NARROW,
    SCRIPT,
    WIDEST,
    Canvas,
    aligned,
    in_floats,
    math_label,
    said,
    small,
    text_width,
)

TALLEST_BAR, LEAST_BAR = 78.0, 16.0
SHADES = (0.68, 0.3, 0.0, 0.9)
ROW_GAP, LEAST_GAP = 17.0, 7.0
SKIP = 14.0


def _script(text: str) -> str:
    return rf"\scriptsize{{}}{math_label(text)}" if text else ""


# ---- networks ----


def network(figure: Network, narrow: bool = False) -> Canvas:
    """Units as circles; a weight stands on its edge where no other edge's weight can stand."""
    sizes = [len(layer) for layer in figure.layers]
    labels = [label for layer in figure.layers for label in layer]
    radius = max(9.0, max(text_width(label) for label in labels) / 2 + 2.5)
    notes = said(figure.notes)
    below = 9.0 if any(note for layer in notes for note in layer) else 0.0
    spread = 8.5 * (max(sizes[1:], default=1) + 1) if figure.weights else 0
    step = max(2 * radius + below + 7, spread)
    top = 15.0 if any(figure.names) else 1.0
    tall = (max(sizes) - 1) * step + 2 * radius + below + top + 1
    names = [*(text_width(name) for name in figure.names), 2 * radius]
    gap = min(100.0, ((NARROW if narrow else WIDEST) - max(names)) / max(1, len(sizes) - 1))
    margin = max(names) / 2 + 1
    canvas = Canvas(2 * margin + gap * (len(sizes) - 1), tall)
    middle = (tall - top + below) / 2
    at = {
        (layer, unit): (margin + layer * gap, middle + ((size - 1) / 2 - unit) * step)
        for layer, size in enumerate(sizes)
        for unit in range(size)
    }
    _edges(canvas, figure, at, radius)
    for (layer, unit), (x, y) in at.items():
        off = (layer, unit) in figure.off
        canvas.disc(x, y, radius, GREY if off else BLACK)
        canvas.label(x, y, small(figure.layers[layer][unit]), kind="grey" if off else "")
        if notes and unit < len(notes[layer]):
            canvas.label(x, y - radius - 2, _script(notes[layer][unit]), 0.5, 1)
    for layer, name in enumerate(figure.names):
        canvas.label(margin + layer * gap, tall - 3, small(name), 0.5, 1)
    return canvas


def _edges(
    canvas: Canvas, figure: Network, at: dict[tuple[int, int], Point], radius: float
) -> None:
    for layer in range(1, len(figure.layers)):
        sources = [at[layer - 1, unit] for unit in range(len(figure.layers[layer - 1]))]
        targets = [at[layer, unit] for unit in range(len(figure.layers[layer]))]
        shares = _clear_shares(sources, targets) if figure.weights else (0.0, 0.0)
        weights = said(figure.weights[layer - 1]) if figure.weights else []
        for source, (a, b) in enumerate(sources):
            for to, (c, d) in enumerate(targets):
                off = (layer, to) in figure.off or (layer - 1, source) in figure.off
                canvas.pen(0.45, GREY if off else 0.2)
                long = hypot(c - a, d - b)
                across, up = (c - a) / long * radius, (d - b) / long * radius
                canvas.line(((a + across, b + up), (c - across, d - up)))
                if weights:
                    share = shares[source % 2]
                    weight = _script(weights[to][source])
                    canvas.label(a + (c - a) * share, b + (d - b) * share, weight, kind="over")


def _clear_shares(sources: Sequence[Point], targets: Sequence[Point]) -> tuple[float, float]:
    """How far along their edges weights stand clear of each other: of even and odd sources."""
    steps = sorted((0.2 + 0.02 * k for k in range(16)), key=lambda share: abs(share - 0.34))

    def room(shares: tuple[float, float]) -> float:
        spots = sorted(
            (b + (d - b) * shares[i % 2], a + (c - a) * shares[i % 2])
            for i, (a, b) in enumerate(sources)
            for c, d in targets
        )
        gaps = [
            high[0] - low[0]
            for k, low in enumerate(spots)
            for high in spots[k + 1 : k + 4]
            if abs(high[1] - low[1]) < 17
        ]
        return min(8.0, *gaps) if gaps else 8.0

    even = max(((share, share) for share in steps), key=room)
    if room(even) >= 6.5 or len(sources) < 2:
        return even
    return max(((one, two) for one in steps for two in steps), key=room)


# ---- bars ----


def bars(figure: Bars, narrow: bool = False) -> Canvas:
    """Bars in groups over a line, their texts above them; where it is narrow, on several lines."""
    series, groups = len(figure.heights), len(figure.group_labels)
    every = in_floats(figure.heights)
    texts = list(zip(*aligned(list(zip(*figure.texts, strict=True)), figure.places), strict=True))
    text = max(text_width(t, SCRIPT) for row in texts for t in row) + 3
    labels = max(text_width(label) for label in figure.group_labels) + 5
    wanted = max(series * max(text, 13.0) + 8, labels)
    across = min(groups, max(1, int(NARROW / wanted))) if narrow else groups
    lines = -(-groups // across)
    group = min(wanted, (NARROW if narrow else WIDEST) / across)
    bar = (group - 8) / series
    high = max(max(heights) for heights in every)
    low = min(0.0, *(min(heights) for heights in every))
    legend = 14.0 if figure.series_labels else 0.0
    under = 22.0 if low < 0 else 13.0
    tallest = TALLEST_BAR if lines == 1 else max(LEAST_BAR, (LOW - legend) / lines - under - 12)
    scale = tallest / ((high - low) or 1)
    foot = under - low * scale
    step = foot + max(high, 0) * scale + 12
    canvas = Canvas(across * group, lines * step + legend)
    canvas.pen(0.5)
    for row, heights in enumerate(every):
        for column, height in enumerate(heights):
            base = foot + (lines - 1 - column // across) * step
            x = column % across * group + 4 + row * bar
            y = base + min(0.0, height * scale)
            canvas.cell(x + 0.7, y, bar - 1.4, abs(height) * scale, SHADES[row % 4])
            end, up = (base + height * scale, 0.0) if height >= 0 else (y, 1.0)
            canvas.label(
                x + bar / 2,
                end + (2 if height >= 0 else -2),
                _script(texts[row][column]),
                0.5,
                up,
            )
    canvas.pen(0.6)
    for line in range(lines):
        base = foot + line * step
        canvas.line(((0, base), (across * group, base)))
    for column, label in enumerate(figure.group_labels):
        line = lines - 1 - column // across
        canvas.label((column % across + 0.5) * group, line * step + 9, small(label), 0.5, 1)
    _legend(canvas, figure.series_labels)
    return canvas


def _legend(canvas: Canvas, labels: Sequence[str]) -> None:
    wide = sum(text_width(label) + 22 for label in labels) - 10
    x, y = max(0.0, (canvas.width - wide) / 2), canvas.height - 10
    canvas.pen(0.5)
    for row, label in enumerate(labels):
        canvas.cell(x, y, 8, 7, SHADES[row % 4])
        canvas.label(x + 11, y + 3.5, small(label), 0)
        x += text_width(label) + 22


# ---- block diagrams ----


def flow(figure: Flow, narrow: bool = False) -> Canvas:
    """Boxes in rows; a note stands right of a lone box, and inside one of several."""
    notes = [row[0].note for row in figure.rows if len(row) == 1]
    side = max((text_width(note, SCRIPT) + 6 for note in notes if note), default=0.0)
    side = max(side, SKIP + 2) if figure.skips else side
    wide = max(sum(_box_width(block, len(row)) + 8 for block in row) - 8 for row in figure.rows)
    wide = min(max(wide, 70.0), (NARROW if narrow else WIDEST) - 2 * side)
    heights = [27.0 if len(row) > 1 and any(b.note for b in row) else 19.0 for row in figure.rows]
    gap = ROW_GAP
    if narrow and sum(heights) + gap * (len(heights) - 1) > LOW:
        heights = [24.0 if high > 19 else 14.0 for high in heights]
        gap = max(LEAST_GAP, (LOW - sum(heights)) / (len(heights) - 1))
    canvas = Canvas(wide + 2 * side, sum(heights) + gap * (len(heights) - 1) + 1)
    y = canvas.height - 0.5
    before: list[float] = []
    centres: list[float] = []
    for row, high in zip(figure.rows, heights, strict=True):
        box = (wide - 8 * (len(row) - 1)) / len(row)
        middles = [side + k * (box + 8) + box / 2 for k in range(len(row))]
        canvas.pen(0.6)
        for x in _arrows(before, middles):
            canvas.arrow((x, y + gap), (x, y + 0.6))
        for x, block in zip(middles, row, strict=True):
            canvas.cell(x - box / 2, y - high, box, high, 0)
            inside = block.note and len(row) > 1
            canvas.label(x, y - high / 2 + (5 if inside else 0), small(block.label))
            if inside:
                canvas.label(x, y - high / 2 - 6, _script(block.note), kind="grey")
            elif block.note:
                canvas.label(x + box / 2 + 5, y - high / 2, _script(block.note), 0, kind="grey")
        before = middles
        centres.append(y - high / 2)
        y -= high + gap
    canvas.pen(0.6)
    for above, below in figure.skips:
        up, down = centres[above] - SKIP / 4, centres[below] + SKIP / 4
        canvas.line(((side, up), (side - SKIP, up), (side - SKIP, down), (side - 4, down)))
        canvas.head((side - SKIP, down), (side - 0.6, down))
    return canvas


def _box_width(block: Block, count: int) -> float:
    inside = text_width(block.note, SCRIPT) if count > 1 else 0
    return max(text_width(block.label), inside) + 14


def _arrows(above: Sequence[float], below: Sequence[float]) -> Iterator[float]:
    """Where arrows run straight down between two rows."""
    if not above:
        return
    if len(above) == 1 or len(below) == 1 or len(above) == len(below):
        yield from max(above, below, key=len)
    else:
        yield (above[0] + above[-1]) / 2
