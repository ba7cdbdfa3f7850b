"""No cell of a CSV file is a formula, and every number stays a number."""

from __future__ import annotations

import csv
import io
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penwork.compose.exams.cells import safe_cell

FORMULA = "=+-@\t\r\n＝＋－＠"
FORMULAS = ["=1+1", "+A1", "-2+3", "-A1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "=cmd|' /C calc'!A0"]
NUMBERS = ["3", "-3", "+3", "-0.25", "1e-5", "-1.5E+7", "-9/5", "0"]


@pytest.mark.parametrize(
    "text", [*FORMULAS, "-", "--3", "-3-4", "-3\n", "-٣", "-1/2/3", "-9/5+1", "-0/0", "-1/2e5"]
)
def test_formulas_stand_behind_an_apostrophe(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", [*NUMBERS, "", "Ada", "O'Brien", "'=1", "[-1, 2]", "a=b", "1-2"])
def test_others_stay_as_they_are(text: str) -> None:
    assert safe_cell(text) == text


@given(st.integers() | st.fractions() | st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_stays_a_number(number: int | Fraction | float) -> None:
    assert safe_cell(str(number)) == str(number)


@given(st.text() | st.tuples(st.sampled_from(FORMULA), st.text()).map("".join))
def test_what_begins_like_a_formula_is_a_number(text: str) -> None:
    safe = safe_cell(text)
    assert safe.removeprefix("'") == text.removeprefix("'") and safe.endswith(text)
    if safe.startswith(tuple(FORMULA)):
        Fraction(safe)  # raises where it is none


@given(st.lists(st.text(st.characters(codec="utf-8")), min_size=1, max_size=4))
def test_a_row_comes_back_from_its_file(texts: list[str]) -> None:
    out = io.StringIO()
    csv.writer(out).writerow([safe_cell(text) for text in texts])
    [row] = csv.reader(io.StringIO(out.getvalue(), newline=""))
    assert row == [safe_cell(text) for text in texts]
