"""Plots on a canvas: axes through 0, or round ticks; labels clear of lines, dots and each other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from math import ceil, dist, floor, inf, log10, pi
from typing import Any

import numpy as np

from penwork.figures import Curve, Mark, Plot, Point
from penwork.press.canvas import BLACK, NARROW, SCRIPT, Canvas, math_label, small, text_width
from penwork.writing.digits import grouped

WIDTH, HEIGHT, MAP_HEIGHT = 190.0, 108.0, 140.0
LEAST_WIDTH = 60.0
RIM, FOOT, TIP = 6.0, 8.0, 14.0  # around the data: everywhere, at an axis' foot and at its tip
NAMED_RIM = 13.0
APART = 30.0, 18.0  # the least distance of round ticks, across and up
BUNCH = 7.0
ZERO_GREY = 0.7
REACHES = (0.9, 1.0, 1.12, 1.25, 1.4, 1.6, 2.0, 2.5)
Box = tuple[float, float, float, float]  # left, bottom, right, top
Span = tuple[float, float]
Ticks = Sequence[tuple[Any, str]]


@dataclass(frozen=True, slots=True)
class _Scale:
    """From the data's coordinates to the canvas; the other axis stands at `cross`."""

    low: float
    high: float
    start: float
    end: float
    cross: float = 0.0

    def __call__(self, value: float) -> float:
        share = (float(value) - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)


@dataclass(slots=True)
class _Field:
    """A plot's canvas, the frame of its axes, and what labels have to avoid."""

    canvas: Canvas
    x: _Scale
    y: _Scale
    frame: Box  # of the axes
    box: Box  # of the labels
    ink: list[Point] = field(default_factory=list)
    dots: list[Point] = field(default_factory=list)
    taken: list[tuple[float, float, float]] = field(default_factory=list)  # centre, half a width

    def at(self, point: tuple[Any, Any]) -> Point:
        return self.x(point[0]), self.y(point[1])


def plot(figure: Plot, narrow: bool = False) -> Canvas:
    """Axes, curves, then marks with their labels."""
    room, x_ticks, y_ticks = _fitted(figure, narrow)
    (_frame if figure.equal else _axes)(room, figure)
    lines = [[room.at(point) for point in curve.points] for curve in figure.curves]
    ink = [point for line in lines for point in _along(line)]
    dots = [room.at((mark.x, mark.y)) for mark in figure.marks]
    _draw_ticks(room, x_ticks, y_ticks, [*ink, *dots])
    for curve, line in zip(figure.curves, lines, strict=True):
        _curve(room.canvas, curve, line)
    room.ink += ink
    _curve_labels(room, figure)
    room.canvas.pen(0.6)
    room.dots += dots
    for place in room.dots:
        room.canvas.dot(*place, 1.7)
    for place, label in _bunched(figure.marks, room.dots):
        _label(room, label, place)
    return room.canvas


def _fitted(figure: Plot, narrow: bool) -> tuple[_Field, Ticks, Ticks]:
    """The canvas, as narrow as it can be where it has to be, and the ticks of both axes."""
    points = [p for curve in figure.curves for p in curve.points]
    points += [(mark.x, mark.y) for mark in figure.marks]
    ground = [] if figure.fit or figure.equal else [0.0]
    xs = _span([x for x, _ in points] + [x for x, _ in figure.x_ticks])
    ys = _span([y for _, y in points] + [y for y, _ in figure.y_ticks] + ground)
    most = WIDTH
    while True:
        wide, high = _size(figure, xs, ys, most)
        x_ticks = _ticks(figure.x_ticks, xs, APART[0] / wide, figure.equal)
        y_ticks = _ticks(figure.y_ticks, ys, APART[1] / high, figure.equal)
        room = _laid_out(figure, (xs, ys), (wide, high), (x_ticks, y_ticks))
        most = wide - (room.canvas.width - NARROW)
        if not narrow or not LEAST_WIDTH < most < wide:
            return room, x_ticks, y_ticks


def _span(values: Sequence[Any]) -> Span:
    low, high = float(min(values, default=0)), float(max(values, default=0))
    return (low, high) if high > low else (low - 1, high + 1)


def _size(figure: Plot, x: Span, y: Span, most: float) -> Point:
    """Width and height within the frame; one unit for both axes where it is a map."""
    if not figure.equal:
        return most, HEIGHT
    rim = 2 * _rim(figure)
    unit = min((most - rim) / (x[1] - x[0]), (MAP_HEIGHT - rim) / (y[1] - y[0]))
    return unit * (x[1] - x[0]) + rim, unit * (y[1] - y[0]) + rim


def _rim(figure: Plot) -> float:
    """What a map has around its data: more where the ends of curves have names."""
    return NAMED_RIM if any(curve.label for curve in figure.curves) else RIM


def _ticks(given: Ticks, span: Span, share: float, always: bool) -> Ticks:
    """Those given; round ones, a share of the span apart, where 0 doesn't say enough."""
    low, high = span
    if given or (low <= 0 <= high and not always):
        return given
    least = share * (high - low)
    power = 10.0 ** floor(log10(least))
    step = next(power * digit for digit in (1, 2, 5, 10) if power * digit > 0.999 * least)
    places = max(0, -floor(log10(step) + 1e-6))
    numbers = range(ceil(low / step - 1e-6), floor(high / step + 1e-6) + 1)
    return [(k * step, grouped(f"{k * step:.{places}f}") if k else "0") for k in numbers]


def _laid_out(
    figure: Plot, spans: tuple[Span, Span], size: Point, ticks: tuple[Ticks, Ticks]
) -> _Field:
    """The canvas and where the data lies on it."""
    (xs, ys), (wide, high) = spans, size
    left = 10 + max((text_width(label, SCRIPT) for _, label in ticks[1]), default=0)
    outside = figure.equal or ys[0] >= 0 or ys[1] < 0  # the ticks' labels
    bottom = 14.0 if ticks[0] and outside else 6.0
    ends = [text_width(c.label) - 10 for c in figure.curves if c.label and not figure.equal]
    canvas = Canvas(left + wide + 8 + max(text_width(figure.x_label), *ends, 0), bottom + high + 14)
    frame = left, bottom, right, top = (left, bottom, left + wide, bottom + high)
    if figure.equal:
        rim = _rim(figure)
        x = _Scale(*xs, left + rim, right - rim, left)
        y = _Scale(*ys, bottom + rim, top - rim, bottom)
        inside = left + 3.5, bottom, right - 3.5, top
        return _Field(canvas, x, y, frame, inside)
    x = _Scale(*xs, left + (FOOT if xs[0] else 0), right - TIP, left)
    y = _Scale(*ys, bottom + (RIM if ys[0] else 0), top - RIM, bottom)
    x, y = (replace(s, cross=s(0)) if s.low <= 0 <= s.high else s for s in (x, y))
    low = y.cross if ys[0] >= 0 else 0.0
    return _Field(canvas, x, y, frame, (0.0, low, canvas.width, canvas.height))


# ---- axes ----


def _axes(room: _Field, figure: Plot) -> None:
    """Two arrows that cross at 0, or at the rim of what has no 0."""
    left, bottom, right, top = room.frame
    canvas, across, base = room.canvas, room.x.cross, room.y.cross
    canvas.pen(0.5, 0.25)
    for tail, tip in (((left - 3, base), (right, base)), ((across, bottom - 3), (across, top + 4))):
        canvas.line((tail, (tip[0] - 2 * (tip[0] > tail[0]), tip[1] - 2 * (tip[1] > tail[1]))))
        canvas.head(tail, tip, 4)
        room.ink += _along([tail, tip])
    canvas.label(right + 4, base, math_label(figure.x_label), 0, 0.5)
    canvas.label(across, top + 6, math_label(figure.y_label), 0.5, 0)


def _frame(room: _Field, figure: Plot) -> None:
    """A frame, with thin lines where a coordinate is 0."""
    left, bottom, right, top = room.frame
    canvas = room.canvas
    canvas.pen(0.4, ZERO_GREY)
    if room.x.low < 0 < room.x.high:
        canvas.line(((room.x(0), bottom), (room.x(0), top)))
    if room.y.low < 0 < room.y.high:
        canvas.line(((left, room.y(0)), (right, room.y(0))))
    canvas.pen(0.5, 0.25)
    canvas.line(((left, bottom), (right, bottom), (right, top), (left, top), (left, bottom)))
    canvas.label(right + 4, bottom, math_label(figure.x_label), 0, 0.5)
    canvas.label(left, top + 5, math_label(figure.y_label), 0.5, 0)


def _draw_ticks(room: _Field, x_ticks: Ticks, y_ticks: Ticks, drawn: Sequence[Point]) -> None:
    """Labels below the axis, or above it where what is drawn leaves room there only."""
    canvas, across, base = room.canvas, room.x.cross, room.y.cross
    every = _every([(room.x(place), label) for place, label in x_ticks])
    for k, (place, label) in enumerate(x_ticks):
        x = room.x(place)
        canvas.line(((x, base - 2), (x, base + 2)))
        if k % every:
            continue
        half = text_width(label, SCRIPT) / 2
        below, above = (
            any(abs(u - x) < half + 1.5 and abs(v - base - rise) < 5.5 for u, v in drawn)
            for rise in (-8, 8)
        )
        side = 1 if below and not above else -1
        text = rf"\scriptsize{{}}{math_label(label)}"
        canvas.label(x, base + 4 * side, text, 0.5, 0 if side > 0 else 1, "over")
        room.taken.append((x, base + 8 * side, half))
    for place, label in y_ticks:
        y = room.y(place)
        canvas.line(((across - 2, y), (across + 2, y)))
        canvas.label(across - 4, y, rf"\scriptsize{{}}{math_label(label)}", 1, 0.5, "over")


def _every(ticks: Sequence[tuple[float, str]]) -> int:
    """1 where every label has room; else 2, 3, … of numbers, of which some may be left out."""
    if not all(re.fullmatch(r"[\d.]+", label) for _, label in ticks):
        return 1
    halves = [text_width(label, SCRIPT) / 2 + 1 for _, label in ticks]
    ends = [(x - half, x + half) for (x, _), half in zip(ticks, halves, strict=True)]
    k = 1
    while any(one[1] > other[0] for one, other in pairwise(ends[::k])):
        k += 1
    return k


# ---- curves and marks ----


def _curve(canvas: Canvas, curve: Curve, points: list[Point]) -> None:
    if len(set(points)) < 2:  # it only widens the plot
        return
    canvas.pen(0.6 if curve.dashed else 0.9, BLACK, "[2.5 2]" if curve.dashed else "[]")
    canvas.line(points)
    if curve.arrow:
        canvas.pen(0.6)
        canvas.head(points[-2], points[-1])


def _curve_labels(room: _Field, figure: Plot) -> None:
    """At the curves' ends, pushed apart where they would touch each other or the axis' tip."""
    ends = [(*room.at(c.points[-1]), c.label) for c in figure.curves if c.label]
    if figure.equal:
        for x, y, label in ends:
            _label(room, label, (x, y))
        return
    base = room.y.cross
    fit_below = 9 * sum(y < base for _, y, _ in ends) < base
    for side in (1, -1):
        free = base + 8 * side
        for x, y, label in sorted(ends, key=lambda end: side * end[1]):
            if (y >= base or not fit_below) == (side > 0):
                y = max(free, y) if side > 0 else min(free, y)
                room.canvas.label(x + 3, y, small(label), 0)
                room.taken.append((x + 3 + text_width(label) / 2, y, text_width(label) / 2))
                free = y + 9 * side


def _bunched(marks: Sequence[Mark], dots: Sequence[Point]) -> Iterator[tuple[Point, str]]:
    """Labels with their dots; marks that follow each other closely share a label."""
    bunches: list[list[tuple[Point, str]]] = []
    for mark, dot in zip(marks, dots, strict=True):
        if not mark.label:
            continue
        if bunches and dist(dot, bunches[-1][-1][0]) <= BUNCH:
            bunches[-1].append((dot, mark.label))
        else:
            bunches.append([(dot, mark.label)])
    for bunch in bunches:
        yield bunch[len(bunch) // 2][0], r",\,".join(label for _, label in bunch)


def _label(room: _Field, label: str, place: Point) -> None:
    """Beside its dot, the nearest place that is free; on a white ground where none is."""
    half = max(text_width(label) / 2 - (label.count("_") == 1), 3.5)
    left, bottom, right, top = room.box
    offsets = _offsets(half)
    x, y = np.array(place)[:, None, None] + offsets[..., None]  # a place a row

    def crowded(things: Any, wide: float, high: float) -> Any:
        u, v, *more = np.array(things).T if len(things) else np.full((2, 1), inf)
        return ((abs(u - x) < half + wide + sum(more)) & (abs(v - y) < high)).any(1)

    own = np.hypot(*offsets)
    ink = np.array(room.ink).reshape(-1, 2)
    ink = ink[(abs(ink - place) < own.max() + half + 9).all(1)]
    on_line = crowded(ink, 1, 4.2)
    cost = own + 60 * on_line + 8 * crowded(ink, 2.4, 5.6)
    cost += 90 * (crowded(room.taken, 4, 9) | crowded(room.dots, 3, 7))
    for u, v in room.dots:
        cost += 30 * (np.hypot(u - x, v - y)[:, 0] < own - 0.5)
    inside = (left + half < x) & (x < right - half) & (bottom + 5 < y) & (y < top - 4)
    best = int(np.argmin(np.round(cost + 500 * ~inside[:, 0], 6)))
    at = float(x[best, 0]), float(y[best, 0])
    room.taken.append((*at, half))
    room.canvas.label(*at, small(label), kind="over" if on_line[best] else "")


def _offsets(half: float) -> Any:
    """From a dot to the middle of a label half of which is that wide: places around it."""
    turns = np.arange(16) * pi / 8
    around = np.array([np.cos(turns) * (half + 5), np.sin(turns) * 9])
    around /= np.maximum(abs(np.cos(turns)), abs(np.sin(turns))) ** 0.6
    return np.concatenate([reach * around for reach in REACHES], axis=1)


def _along(points: Sequence[Point]) -> Iterator[Point]:
    """Points close to each other on a polyline."""
    for (a, b), (c, d) in pairwise(points):
        steps = max(1, int(max(abs(c - a), abs(d - b)) // 3))
        for k in range(steps + 1):
            yield a + (c - a) * k / steps, b + (d - b) * k / steps
