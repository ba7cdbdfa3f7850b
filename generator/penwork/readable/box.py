"""Boxes of characters: what stands side by side on one line, however high it is."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """Rows of text, equally wide; `base` is the row that stands on the line."""

    rows: tuple[str, ...]
    base: int = 0

    @property
    def width(self) -> int:
        return max(map(columns, self.rows))

    @property
    def text(self) -> str:
        return self.rows[0] if len(self.rows) == 1 else " ".join(self.rows)


def columns(text: str) -> int:
    """How many columns a terminal needs for it."""
    return sum(not unicodedata.combining(character) for character in text)


def beside(boxes: Iterable[Box]) -> Box:
    """One box of several, side by side on one line."""
    parts = [box for box in boxes if box.rows != ("",)]
    if not parts:
        return Box(("",))
    above = max(box.base for box in parts)
    below = max(len(box.rows) - box.base for box in parts)
    rows = [""] * (above + below)
    for box in parts:
        width, top = box.width, above - box.base
        for i in range(len(rows)):
            row = box.rows[i - top] if 0 <= i - top < len(box.rows) else ""
            rows[i] += row + " " * (width - columns(row))
    return Box(tuple(rows), above)
