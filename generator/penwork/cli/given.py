"""Reads a --given file: JSON whose numbers stay exact, limited before any work, never evaluated.

What is no number, or one of absurd size, is handed on as such: it is refused where its field is
known.
"""

from __future__ import annotations

import json
import re
from fractions import Fraction
from pathlib import Path
from typing import Any, NoReturn

from penwork.errors import UserError
from penwork.maths.given import NoNumber
from penwork.reading import MEGABYTE, read_text

MOST_DIGITS = 60
DEEPEST = 8
_DECIMAL = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,2})?")
_SIGNS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)


def read_given(path: Path) -> dict[str, Any]:
    """The object in the file. Every mistake is a UserError that names the file."""
    text = read_text(
        path, most=MEGABYTE, mend="Mend --given.", short="A problem's givens are short."
    )
    depth, name = _depth(text)
    if depth > DEEPEST:
        where = f", in {name[:40]}" if name else ""
        _bad(path, f"nests deeper than {DEEPEST} levels{where}", "Write lists of lists at most.")

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in pairs:
            if name in found:
                _bad(path, f"names {name[:40]!r} twice", "Keep one of them.")
            found[name] = value
        return found

    try:
        given = json.loads(
            text,
            parse_float=_number,
            parse_int=_number,
            parse_constant=NoNumber,
            object_pairs_hook=members,
        )
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        _bad(path, f"is not JSON: {error.msg} in {where}", 'Write {"name": value, ...}.')
    if not isinstance(given, dict):
        _bad(path, "holds no JSON object", 'Write {"name": value, ...}.')
    return given


def _number(digits: str) -> int | Fraction | NoNumber:
    if len(digits) > MOST_DIGITS or not _DECIMAL.fullmatch(digits):
        short = digits if len(digits) <= 20 else f"{digits[:17]}..."
        return NoNumber(f"a number of absurd size, {short}")
    exact = Fraction(digits)
    return int(exact) if exact.denominator == 1 else exact


def _depth(text: str) -> tuple[int, str]:
    """How deep brackets nest outside strings, and under which name at the top.

    The JSON parser would recurse as deep.
    """
    deepest, depth, name, there = 0, 0, "", ""
    for sign in _SIGNS.findall(text):
        if sign[0] == '"':
            name = sign[1:-1] if depth == 1 else name
            continue
        depth += 1 if sign in "[{" else -1
        if depth > deepest:
            deepest, there = depth, name
    return deepest, there


def _bad(path: Path, what: str, hint: str) -> NoReturn:
    raise UserError(f"The file {path} {what}.", hint)
