"""The two kinds of paper that an exam is set on: as usual, and in large print."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from penwork.compose.exams.layout import MILLIMETRE
from penwork.compose.sheet import SQUARE

SIZES = {"a4": (210.0, 297.0), "letter": (215.9, 279.4)}
TOP, BOTTOM = 20.0, 30.0
LARGE = 1.8  # 18 points
_SIDES = {False: 20.0, True: 15.0}


def print_name(large: bool, sans: bool) -> str:
    """ "usual", "large", "sans" or "large sans", as the manifest calls it."""
    kinds = (("large", large), ("sans", sans))
    return " ".join(name for name, wanted in kinds if wanted) or "usual"


def is_large(name: str) -> bool:
    """Whether the manifest's word for a medium is that of large print."""
    return "large" in name.split()


@dataclass(frozen=True, slots=True)
class Medium:
    """Paper and print; lengths in millimetres, those of the text before it is scaled."""

    paper: Literal["a4", "letter"]
    large: bool = False
    sans: bool = False

    @property
    def scale(self) -> float:
        return LARGE if self.large else 1.0

    @property
    def cells(self) -> int:
        """How many columns a points table has at most."""
        return 10 if self.large else 16

    @property
    def wide(self) -> float:
        """Whole squares, so that the squared paper ends with the text."""
        whole = (SIZES[self.paper][0] - 2 * _SIDES[self.large]) / self.scale
        return SQUARE * (whole // SQUARE)

    @property
    def high(self) -> float:
        return (SIZES[self.paper][1] - TOP - BOTTOM) / self.scale

    @property
    def left(self) -> float:
        return (SIZES[self.paper][0] - self.wide * self.scale) / 2

    @property
    def points_high(self) -> float:
        return self.high * MILLIMETRE

    @property
    def name(self) -> str:
        """Part of a file's name."""
        return print_name(self.large, self.sans).replace(" ", "-")

    def setup(self) -> str:
        """The macros that begin a document in this medium, behind \\begin{document}."""
        width, height = SIZES[self.paper]
        scale = f"{self.scale:g}" if self.large else ""
        lengths = (width, height, self.left, TOP, self.wide, self.high)
        sizes = "".join(f"{{{length:.3f}mm}}" for length in lengths)
        extra = "\\pmnarrow" if self.large else ""
        extra += "\\pmsans" if self.sans else ""
        return f"\\pmexam{sizes}{{{scale}}}{extra}"
