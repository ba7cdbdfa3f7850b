"""What a cell of a key says that somebody else wrote, in any of the usual spellings."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from penwork.errors import UserError
from penwork.numbers import parse

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\](){}]|[;\n]|,|[^\s\[\](){};,"]+|"')
_ALIKE = str.maketrans("−–\N{NO-BREAK SPACE}\N{THIN SPACE}\N{NARROW NO-BREAK SPACE}", "--   ")
_GROUPED = re.compile(r"-?\d{1,3}( \d{3})+(\.\d+)?", re.ASCII)
_SPELLED_ALIKE = str.maketrans({" ": "", "·": "*", "×": "*", "−": "-"})
Rows = list[list[str]]


def agrees(written: str, answer: Mapping[str, Any], value: Any) -> bool:
    """Whether a cell says this value of an answer, entry by entry within its tolerance."""
    tolerance = parse(answer["tolerance"])
    if answer["type"] == "expression":
        return _spelled(written) == _spelled(str(value))
    if not isinstance(value, list):
        return _says(written, value, tolerance) or _says(_bare(written), value, tolerance)
    rows = _rows(written)
    if not value or not isinstance(value[0], list):
        rows, value = _flat(rows), [value]
    return [len(row) for row in rows] == [len(row) for row in value] and all(
        _says(one, other, tolerance)
        for row, due in zip(rows, value, strict=True)
        for one, other in zip(row, due, strict=True)
    )


def is_number(written: str) -> bool:
    return number(_bare(written)) is not None


def number(text: str) -> Any:
    """3, +3, −0.25, 1e-8, 2/3, 12 000 as an `mpq`; None of anything else, commas above all."""
    plain = text.translate(_ALIKE).strip().removeprefix("+")
    if _GROUPED.fullmatch(plain):
        plain = plain.replace(" ", "")
    try:
        return parse(plain)
    except UserError:
        return None


def _says(written: str, value: Any, tolerance: Any) -> bool:
    right = number(str(value))
    if right is None:
        return _words(written) == _words(str(value))
    found = number(written)
    return found is not None and bool(abs(found - right) <= tolerance)


def _words(text: str) -> str:
    return " ".join(text.translate(_ALIKE).replace("∞", "inf").casefold().split())


def _spelled(text: str) -> str:
    return text.replace("**", "^").translate(_SPELLED_ALIKE).casefold()


def _bare(text: str) -> str:
    """What stands alone in brackets or quotation marks, without them."""
    rows = _rows(text)
    return rows[0][0] if [len(row) for row in rows] == [1] else text


def _flat(rows: Rows) -> Rows:
    """A column as the row that it is."""
    return [[row[0] for row in rows]] if all(len(row) == 1 for row in rows) else rows


def _rows(text: str) -> Rows:
    """A list or a matrix: [1, 2], (1 2), 1; 2, [[1, 2], [3, 4]], [1 2; 3 4]; [] of nonsense."""
    rows: Rows = [[]]
    depth = 0
    for token in _TOKEN.findall(text):
        if token in "[({":
            depth += 1
        elif token in "])}":
            depth -= 1
        if token in ";\n[({])}":
            rows.append([])
        elif token != ",":
            rows[-1].append(_unquoted(token))
        if not 0 <= depth <= 2:
            return []
    return [row for row in rows if row] if depth == 0 else []


def _unquoted(token: str) -> str:
    if len(token) < 2 or not token.startswith('"'):
        return token
    try:
        return str(json.loads(token, strict=False))
    except ValueError:
        return token
