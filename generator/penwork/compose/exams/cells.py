"""Cells of CSV files that a spreadsheet opens without running them."""

from __future__ import annotations

import re

_STARTS = tuple("=+-@\t\r\n＝＋－＠")
_NUMBER = re.compile(r"[+-]?(\d+/0*[1-9]\d*|\d+(\.\d+)?([eE][+-]?\d+)?)", re.ASCII)


def safe_cell(text: str) -> str:
    """The text, behind an apostrophe where a spreadsheet would take it for a formula.

    Numbers (-3, -0.25, -9/5) stay as they are.
    """
    return f"'{text}" if text.startswith(_STARTS) and not _NUMBER.fullmatch(text) else text
