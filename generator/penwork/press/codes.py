"""The recipe of a sheet as QR codes, each one PDF path."""

from __future__ import annotations

import math
from functools import lru_cache

import segno

from penwork.compose.recipe import parts

MOST_CHARACTERS = 483  # what the 69 modules of version 13 hold at level M: a sheet of thirty
A_HEAD = 16  # what stands before a part
MODULE = 0.3
QUIET = 4
MASK = 2  # every mask can be read; trying all eight takes five sixths of a code's time
_MM = 72 / 25.4


def split(text: str) -> list[str]:
    """The texts of the codes: one, or as many as keep each small enough for the foot of a page."""
    if len(text) <= MOST_CHARACTERS:
        return [text]
    return parts(text, math.ceil(len(text) / (MOST_CHARACTERS - A_HEAD)))


@lru_cache(maxsize=512)
def path(text: str, error: str = "l") -> tuple[float, str]:
    """Width in mm and the PDF path of a QR code, quiet zone included."""
    matrix = segno.make_qr(text, error=error, mask=MASK).matrix
    size = len(matrix) + 2 * QUIET
    runs = []
    for row, modules in enumerate(matrix):
        start = None
        for column, dark in enumerate([*modules, 0]):
            if dark and start is None:
                start = column
            elif not dark and start is not None:
                y = size - QUIET - row - 1
                runs.append(f"{QUIET + start} {y} {column - start} 1 re")
                start = None
    scale = MODULE * _MM
    return size * MODULE, f"{scale:.4f} 0 0 {scale:.4f} 0 0 cm 0 g {' '.join(runs)} f"
