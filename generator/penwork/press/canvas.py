"""A figure as one PDF path in a box of known size, with TeX labels put over it."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from penwork.figures import Label, Point
from penwork.numbers import decimal, decimals_of, exact
from penwork.writing.digits import grouped, label_tex

BLACK, GREY = 0.0, 0.55
FOOTNOTE, SCRIPT = 8.0, 7.0
WIDEST = 228.0
NARROW, LOW = 196.0, 162.0  # widest and highest in large print, where a macro draws all larger


@dataclass(slots=True)
class Canvas:
    """Width and height in bp (1/72 inch); origin at the lower left corner."""

    width: float
    height: float
    path: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)

    def pen(self, width: float, grey: float = BLACK, dash: str = "[]") -> None:
        """Line width, shade and dashes of what follows."""
        self.path.append(f"{width:g} w {grey:g} G {grey:g} g {dash} 0 d 1 J 1 j")

    def line(self, points: Sequence[Point]) -> None:
        """A polyline."""
        (x, y), *rest = points
        self.path.append(
            f"{x:.2f} {y:.2f} m " + " ".join(f"{a:.2f} {b:.2f} l" for a, b in rest) + " S"
        )

    def curve(self, start: Point, first: Point, second: Point, end: Point) -> None:
        """A cubic Bézier curve."""
        numbers = " ".join(f"{n:.2f}" for point in (first, second, end) for n in point)
        self.path.append(f"{start[0]:.2f} {start[1]:.2f} m {numbers} c S")

    def dot(self, x: float, y: float, radius: float) -> None:
        """A filled disc: a line of no length with a round cap."""
        self.path.append(f"q {2 * radius:g} w 1 J [] 0 d {x:.2f} {y:.2f} m {x:.2f} {y:.2f} l S Q")

    def head(self, tail: Point, tip: Point, size: float = 4.5) -> None:
        """A filled arrow head at `tip`."""
        angle = math.atan2(tip[1] - tail[1], tip[0] - tail[0])
        corners = [
            (tip[0] - size * math.cos(angle + turn), tip[1] - size * math.sin(angle + turn))
            for turn in (0.38, -0.38)
        ]
        (a, b), (c, d) = corners
        self.path.append(f"{tip[0]:.2f} {tip[1]:.2f} m {a:.2f} {b:.2f} l {c:.2f} {d:.2f} l h f")

    def cell(self, x: float, y: float, width: float, height: float, shade: float) -> None:
        """A filled rectangle with a thin border; shade 0 is white, 1 black."""
        self.path.append(f"{1 - shade:.3f} g 0 G {x:.2f} {y:.2f} {width:.2f} {height:.2f} re B")

    def arrow(self, tail: Point, tip: Point) -> None:
        """A straight line with a head."""
        self.line((tail, tip))
        self.head(tail, tip)

    def disc(self, x: float, y: float, radius: float, grey: float = BLACK) -> None:
        """A white disc with a rim."""
        self.pen(1, grey)
        self.dot(x, y, radius)
        self.pen(1, 1)
        self.dot(x, y, radius - 0.6)

    def label(
        self, x: float, y: float, tex: str, across: float = 0.5, up: float = 0.5, kind: str = ""
    ) -> None:
        """A label; `across` and `up` say which share of it lies left of and below the point."""
        if tex:
            self.labels.append(
                rf"\pmput{kind}{{{x:.2f}}}{{{y:.2f}}}{{{across:g}}}{{{up:g}}}{{{tex}}}"
            )

    def tex(self) -> str:
        """The figure as one TeX box."""
        path = " ".join(self.path)
        # by size: TeX sets up its mathematical fonts anew at each change of size
        labels = "%\n".join(sorted(self.labels, key=lambda label: r"\scriptsize" in label))
        return rf"\pmcanvas{{{self.width:.2f}}}{{{self.height:.2f}}}{{{path}}}{{{labels}}}"


def text_width(tex: str, size: float = FOOTNOTE) -> float:
    """About how wide a label is, in bp: its signs, without the commands that print none."""
    bare = re.sub(r"\\(?:mathbf|mathrm|tok|text\w*|ensuremath|pmbold)\b", "", tex)
    bare = re.sub(r"\\[,;:! ]", " ", re.sub(r"\\[a-zA-Z]+", "n", bare))
    return size * sum(_width(sign) for sign in re.sub(r"[\\${}^_]", "", bare))


def _width(sign: str) -> float:
    if sign in "ijlft.,:;|!' ()":
        return 0.3
    if sign in "mwMW-+=<>" or sign.isupper():
        return 0.78
    return 0.52


def said(labels: Sequence[Sequence[Label]], places: int = 2) -> list[list[str]]:
    """Labels row by row: LaTeX as it stands, numbers as decimals."""
    return [[x if isinstance(x, str) else label_tex(x, places) for x in row] for row in labels]


def aligned(labels: Sequence[Sequence[Label]], places: int = 2) -> list[list[str]]:
    """The same with equal decimals, as many as one of the numbers needs: 0.40 beside 0.33.

    An exact 0 stays as it is, and so do columns that hold whole numbers only.
    """
    numbers = {
        (i, j): exact(x)
        for i, row in enumerate(labels)
        for j, x in enumerate(row)
        if not isinstance(x, str)
    }
    needed = {spot: decimals_of(x, places) for spot, x in numbers.items()}
    most = max((places if k is None else k for k in needed.values()), default=0)
    broken = {spot[1] for spot, k in needed.items() if k != 0}
    texts = said(labels, places)
    for (i, j), number in numbers.items():
        if number and j in broken:
            texts[i][j] = grouped(decimal(number, most))
    return texts


def in_floats(rows: Sequence[Sequence[Any]]) -> list[list[float]]:
    """Numbers of any kind as coordinates."""
    return [[float(x) for x in row] for row in rows]


def small(text: str) -> str:
    """A label at footnote size."""
    return rf"\footnotesize{{}}{math_label(text)}" if text else ""


def math_label(text: str) -> str:
    """Numbers and symbols are formulas; words, and what brings its own dollars, are text."""
    if "$" in text or not text or re.fullmatch(r"[A-Za-z]{2}[A-Za-z -]*(?: \d+)?", text):
        return text
    return rf"\ensuremath{{{text}}}"
