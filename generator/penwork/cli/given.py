"""Reads a --given file: JSON whose numbers stay exact, limited before any work, never evaluated."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from pathlib import Path
from typing import Any, NoReturn

from penwork.errors import UserError
from penwork.reading import MEGABYTE, read_text

MOST_DIGITS = 60
DEEPEST = 8
_DECIMAL = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,2})?")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)


def read_given(path: Path) -> dict[str, Any]:
    """The object in the file. Every mistake is a UserError that names the file."""
    text = read_text(
        path, most=MEGABYTE, mend="Mend --given.", short="A problem's givens are short."
    )
    if _depth(text) > DEEPEST:
        _bad(path, f"nests deeper than {DEEPEST} levels", "Givens are lists of lists at most.")

    def number(digits: str) -> int | Fraction:
        if len(digits) > MOST_DIGITS or not _DECIMAL.fullmatch(digits):
            short = digits if len(digits) <= 20 else f"{digits[:17]}..."
            _bad(path, f"has a number of absurd size, {short}", "Stay below 10^15.")
        exact = Fraction(digits)
        return int(exact) if exact.denominator == 1 else exact

    def constant(word: str) -> NoReturn:
        _bad(path, f"has {word}, which is no number", "Write a finite number.")

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
            parse_float=number,
            parse_int=number,
            parse_constant=constant,
            object_pairs_hook=members,
        )
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        _bad(path, f"is not JSON: {error.msg} in {where}", 'Write {"name": value, ...}.')
    if not isinstance(given, dict):
        _bad(path, "holds no JSON object", 'Write {"name": value, ...}.')
    return given


def _depth(text: str) -> int:
    """How deep brackets nest outside strings; the JSON parser would recurse as deep."""
    deepest = depth = 0
    for sign in re.findall(r"[\[\]{}]", _STRING.sub("", text)):
        depth += 1 if sign in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _bad(path: Path, what: str, hint: str) -> NoReturn:
    raise UserError(f"The file {path} {what}.", hint)
