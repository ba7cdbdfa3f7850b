"""Write an expression with both pens, look at the print, read it back."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from penwork.maths.value import Value
from penwork.numbers import is_exact
from penwork.writing import rules, sums  # noqa: F401 (they fill the pen's table)
from penwork.writing.pen import Pen
from penwork.writing.reader import as_table, read

_FRACTION = r"-?\\frac\{\d+\}\{\d+\}"
_NUMBER = rf"(-?[\d.]+|{_FRACTION})"
_STACKED = re.compile(
    rf"\\frac\{{{_NUMBER}\}}\{{{_FRACTION}\}}|\\frac\{{{_FRACTION}\}}\{{{_NUMBER}\}}"
)
UGLY = {
    "a sign after a sign": re.compile(r"[-+]\s*[-+]"),
    "a sign after a dot": re.compile(r"(\\cdot|\\odot|\\div)\s*-"),
    "minus nothing": re.compile(r"(?:^|[({&])-0(?![.\d]|\\cdot)"),
    "digits side by side": re.compile(r"\d(\\,|\s)+\d(?!\d\d(?!\d))"),
    "a number after a name": re.compile(r"[a-z}]\d"),
    "brackets around a matrix": re.compile(r"\\left\(\s*\\pmx\{[^{}]*\}\s*\\right\)"),
}
UGLY_IN_SYMBOLS = {
    "times one": re.compile(r"(?<![\d.^_,{])1(\\,|\s)*(?=[a-zA-Z]|\\mathbf)"),
    "power of one": re.compile(r"\^\{?1\}?(?!\d)"),
    "over one": re.compile(r"\}\{1\}"),
}
_OPEN = re.compile(r"\\left\(|\\right\)|[()]")


def complaints(text: str, with_numbers: bool = False) -> list[str]:
    """What a careful teacher would not write; a 1 that is a number put in may stand."""
    plain = re.sub(r"_(\{[^{}]*\}|\w)|\\cdot10\^\{-?\d+\}", "", text)
    patterns = UGLY if with_numbers else UGLY | UGLY_IN_SYMBOLS
    found = [what for what, pattern in patterns.items() if pattern.search(plain)]
    found += ["double brackets"] if _double(text) else []
    found += ["a fraction over a fraction"] if _STACKED.search(text) else []
    return found + (["double superscript"] if _raised_twice(text) else [])


def _raised_twice(text: str) -> bool:
    """Whether a superscript follows a superscript, which TeX refuses."""
    for start in (m.end() for m in re.finditer(r"\^", text)):
        end, depth = start, 0
        while end < len(text):
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
            if depth == 0:
                break
        tail = re.match(r"[a-z]+", text[end:]) if text[start] == "\\" else None
        if text[end + (tail.end() if tail else 0) :].startswith("^"):
            return True
    return False


def _double(text: str) -> bool:
    pairs, waiting = set(), []
    for match in _OPEN.finditer(text):
        if "(" in match.group():
            waiting.append(match)
        else:
            opened = waiting.pop()
            pairs.add((opened.start(), opened.end(), match.start(), match.end()))
    inner = {(start, end) for start, _, _, end in pairs}
    return any((end, start) in inner for _, end, start, _ in pairs)


def write(value: Value, with_numbers: bool) -> tuple[str, Pen]:
    pen = Pen(with_numbers)
    return pen.text(value), pen


def same(read_again: Any, data: Any, row: bool = False) -> bool:
    """Exactly equal where numbers are rational, to 40 digits where they are not."""
    one, other = _table(read_again), _table(as_table(data, row))
    return one.shape == other.shape and all(map(_equal, one.flat, other.flat))


def _table(data: Any) -> Any:
    return np.atleast_2d(np.array(data, dtype=object))


def _equal(a: Any, b: Any) -> bool:
    if is_exact(a) and is_exact(b):
        return bool(a == b)
    return bool(a == b or abs(a - b) <= abs(b) * 10**-40 + 10**-50)


def reads_back(value: Value, *, pretty: bool = True) -> None:
    """In symbols and in numbers the print says this value, and is fit to be seen."""
    known = {leaf.name.source: leaf for leaf in leaves(value)}
    for with_numbers in (False, True):
        text, pen = write(value, with_numbers)
        names = {tex: part(known[source], index) for tex, source, index in pen.names}
        assert same(read(text, names, {}), value.data, value.row), text
        assert not pretty or not complaints(text, with_numbers), text


def part(named: Any, index: tuple[Any, ...]) -> Any:
    """What a symbol stands for: a value, an entry, a row, a block, or all of it (free indices)."""
    data = named.data
    if "size" in index:
        return data.shape[index[-1]]
    if "rows" in index:
        return data[index[-2] : index[-1]]
    if "columns" in index:
        return data[:, index[-2] : index[-1]]
    numbers = tuple(i for i in index if isinstance(i, int))[len(named.name.at) :]
    return as_table(data[numbers], True) if numbers else as_table(data, named.row)


def leaves(value: Value) -> list[Any]:
    if value.name is not None:
        return [value]
    return [x for a in value.arguments if isinstance(a, Value) for x in leaves(a)]
