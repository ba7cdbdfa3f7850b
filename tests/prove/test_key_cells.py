"""A cell of a key that somebody else wrote says a value in any of the usual spellings."""

from __future__ import annotations

from typing import Any

import pytest

from penwork.prove.verify.cells import agrees, number


def says(written: str, value: Any, kind: str, tolerance: str = "0") -> bool:
    return agrees(written, {"type": kind, "tolerance": tolerance}, value)


SAME: dict[str, tuple[str, Any]] = {
    "0.5": ("number", "1/2"),
    " 2/4 ": ("number", "1/2"),
    "+0.50": ("number", "1/2"),
    "\N{MINUS SIGN}0.5": ("number", "-1/2"),
    "5e-1": ("number", "1/2"),
    "[1/2]": ("number", "1/2"),
    "124 439 808": ("number", 124439808),
    "124\N{NARROW NO-BREAK SPACE}439\N{NO-BREAK SPACE}808": ("number", 124439808),
    "\N{MINUS SIGN}∞": ("number", "-inf"),
    '["1/2", -3]': ("vector", ["1/2", -3]),
    "[1/2, -3.0]": ("vector", ["1/2", -3]),
    "(0.5, -3)": ("vector", ["1/2", -3]),
    "1/2, -3": ("vector", ["1/2", -3]),
    "1/2 -3": ("vector", ["1/2", -3]),
    "[1/2; -3]": ("vector", ["1/2", -3]),
    "[[1/2], [-3]]": ("vector", ["1/2", -3]),
    "[[1/2, -3]]": ("vector", ["1/2", -3]),
    "0.25": ("vector", ["1/4"]),
    "[[1, 2], [3, 4]]": ("matrix", [[1, 2], [3, 4]]),
    "[1 2; 3 4]": ("matrix", [[1, 2], [3, 4]]),
    "1, 2; 3, 4": ("matrix", [[1, 2], [3, 4]]),
    "1 2\n3 4": ("matrix", [[1, 2], [3, 4]]),
    "[1 2]": ("matrix", [[1, 2]]),
    "[1; 2]": ("matrix", [[1], [2]]),
    "YES": ("choice", "yes"),
    " yes ": ("choice", "yes"),
    '"yes"': ("choice", "yes"),
    "Shift  by the maximum": ("choice", "shift by the maximum"),
    '["Low", "er</w>"]': ("sequence", ["low", "er</w>"]),
    "low, er</w>": ("sequence", ["low", "er</w>"]),
    "low er</w>": ("sequence", ["low", "er</w>"]),
    "{2, 3, 1}": ("sequence", ["2", "3", "1"]),
    "(l, o), (lo, w)": ("sequence", [["l", "o"], ["lo", "w"]]),
    "6x": ("expression", "6 x"),
    "6*x**2+18·x - 24": ("expression", "6*x^2 + 18*x - 24"),
}
OTHER: dict[str, tuple[str, Any]] = {
    "0,5": ("number", "1/2"),
    "1,234": ("number", 1234),
    "1 1/2": ("number", "11/2"),
    "1 2": ("number", 12),
    "12 34": ("number", 1234),
    "50%": ("number", "1/2"),
    "1/0": ("number", 0),
    "0.3333": ("number", "1/3"),
    "": ("number", 0),
    "nan": ("number", 0),
    "[1, 2": ("vector", [1, 2]),
    "1, 2]": ("vector", [1, 2]),
    "[2, 1]": ("vector", [1, 2]),
    "[1, 2, 3]": ("vector", [1, 2]),
    "1 2; 3 4": ("vector", [1, 2, 3, 4]),
    "[1, 2, 3, 4]": ("matrix", [[1, 2], [3, 4]]),
    "[[1, 3], [2, 4]]": ("matrix", [[1, 2], [3, 4]]),
    "[[[1]]]": ("vector", [1]),
    '["lower</w>"]': ("sequence", ["low", "er</w>"]),
    "no": ("choice", "yes"),
    "3*x": ("expression", "2*x"),
}


@pytest.mark.parametrize("written", SAME)
def test_usual_spellings(written: str) -> None:
    kind, value = SAME[written]
    assert says(written, value, kind)


@pytest.mark.parametrize("written", OTHER)
def test_what_says_something_else(written: str) -> None:
    kind, value = OTHER[written]
    assert not says(written, value, kind)


def test_within_the_tolerance() -> None:
    assert says("0.33", "0.33333333333333333333", "number", "0.005")
    assert not says("0.32", "0.33333333333333333333", "number", "0.005")
    assert says("0.33 0.67", ["1/3", "2/3"], "vector", "1/200")


def test_nothing_is_evaluated() -> None:
    assert number("1+1") is None and number("2**3") is None and number("9" * 5000) is None
    assert not says("[" * 5000, [1], "vector")
