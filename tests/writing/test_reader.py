"""The reader: what it computes, how far off it says a number may be, and what it refuses."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from gmpy2 import mpq
from hypothesis import given, settings
from hypothesis import strategies as st

from maths.tiny import data_from
from penwork.numbers import MINUS_INFINITY
from penwork.writing.near import Near, Unreadable
from penwork.writing.reader import difference, read

ROUGH = Fraction(1, 20000)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2+3\\cdot 4", 14),
        ("2-(3-4)", 3),
        ("-2^2", -4),
        ("(-2)^2", 4),
        (r"-25\z{.0}^2", -625),
        (r"-2\,^2+3", -1),
        (r"\left(-2\right)^2", 4),
        (r"3-\frac{-2}{-4}", "5/2"),
        (r"2^{-2}", "1/4"),
        (r"\frac{1}{2}^2", "1/4"),
        (r"12\,345.5", "24691/2"),
        (r"-2.06\cdot10^{-3}", "-0.00206"),
        (r"3\cdot 10^2", 300),
        (r"\frac{\frac{1}{2}}{3}", "1/6"),
        (r"\sqrt{\frac{9}{4}}", "3/2"),
        (r"\ReLU (-3)+2", 2),
        (r"\left[2>0\right]", 1),
        (r"\left[-2>0\right]", 0),
        (r"\left|-2\right|^2", 4),
        (r"\left\lceil \sqrt{17}\right\rceil-1", 4),
        (r"\left\lceil \sqrt{8}\cdot \sqrt{2}\right\rceil^2", 16),
        (r"\left\|\pmx{3 \\ -4}\right\|^2", 25),
        (r"\pmx{1 & 2}\pmx{3 \\ 4}", 11),
        (r"\pmx{3 \\ 4}^\top\,\pmx{1 \\ 2}", 11),
        (r"\sum (\pmx{1 & 2})", 3),
        (r"x\,y-2x", -20),
        ("x_1x_{12}", 21),
        (r"\left(1+\frac{1}{2}\right)\cdot 2", 3),
    ],
)
def test_value(text: str, value: Any) -> None:
    names = {"x": mpq(5), "y": mpq(-2), "x_1": mpq(3), "x_{12}": mpq(7)}
    assert read(text, names, {}) == data_from(value)
    if not text.startswith("x"):  # without names it is cut at its numbers
        assert read(text, {}, {}) == data_from(value)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        (r"\pmx{1 & 2 \\ 3 & 4}\pmx{1 \\ 0}", [[1], [3]]),
        (r"\pmx{1 \\ 2}\pmx{3 & 4}", [[3, 4], [6, 8]]),
        (r"\pmx{1 & 2 \\ 3 & 4}^\top", [[1, 3], [2, 4]]),
        (r"\pmx{1 & 2}\odot \pmx{3 & 4}", [[3, 8]]),
        (r"\pmx{1 & 2}^{\odot 2}", [[1, 4]]),
        (r"\frac{1}{2}\,\pmx{1 & -2}", [["1/2", -1]]),
        (r"\pmx{\pmx{1 \\ 2} & \pmx{3 \\ 4}}", [[1, 3], [2, 4]]),
        (r"\ReLU \pmx{-1 & 2}", [[0, 2]]),
        (r"\softmax (\pmx{0 & 0})", [["1/2", "1/2"]]),
        (r"\sum_{j} M_{ij}", [[3], [7]]),
        (r"\mathbf{W}^{(2)\top}", [[5, 6]]),
    ],
)
def test_matrix(text: str, rows: Any) -> None:
    names = {"M_{ij}": data_from([[1, 2], [3, 4]]), r"\mathbf{W}^{(2)}": data_from([[5], [6]])}
    assert np.array_equal(read(text, names, {}), data_from(rows))


@pytest.mark.parametrize(
    "text",
    ["", "+", "2+", "(2", "2)", "{2}", "2^", "2^x", r"\frac{1}", r"\frac{1}{", r"\pmx{1 & 2 \\ 3}",
     r"\unknown 2", "x", "2 = 2", r"2 \approx 2", r"\left[2>1\right]", r"\left|2", "__import__",
     r"\sqrt 2", "2;3", r"\input{file}", r"\log_3 9", "2^2^2", r"2^{2}^2", "2!", "2%3", "½",
     "#", "2#", r"\sum_{j"],
)  # fmt: skip
def test_unreadable(text: str) -> None:
    with pytest.raises(Unreadable):
        read(text, {}, {})


@settings(max_examples=150)
@given(st.text(st.sampled_from(list("0123456789+-()^{}[]&.,xe\\_ ")), max_size=14))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        read(text, {"x": mpq(2)}, {})
    except (Unreadable, ValueError, TypeError, ArithmeticError):
        return


# ── how far off ──

FORMULAS: dict[str, Any] = {
    "{}+{}": lambda x, y: x + y,
    "{}-{}": lambda x, y: x - y,
    r"{}\cdot {}": lambda x, y: x * y,
    r"\frac{{{}}}{{{}}}": lambda x, y: x / y,
    r"({})^2-{}": lambda x, y: x**2 - y,
    r"\ReLU ({}-{})": lambda x, y: max(x - y, Fraction(0)),
    r"\left|{}-{}\right|": lambda x, y: abs(x - y),
    r"\frac{{1}}{{{}}}+{}": lambda x, y: 1 / x + y,
}


@settings(max_examples=100)
@given(
    st.sampled_from(sorted(FORMULAS)),
    st.integers(1, 10**6),
    st.integers(1, 10**6),
    st.fractions(-1, 1, max_denominator=50),
    st.fractions(-1, 1, max_denominator=50),
)
def test_true_value_lies_within_the_bound(
    formula: str, one: int, other: int, d: Fraction, e: Fraction
) -> None:
    """Whatever the rounded digits hide, the result lies where the reader says."""
    x, y = f"{one}.0001", f"{other}.0002"
    off = mpq(ROUGH.numerator, ROUGH.denominator)
    found = read(formula.format(x, y), {}, {x: off, y: off})
    true = FORMULAS[formula](Fraction(x) + d * ROUGH, Fraction(y) + e * ROUGH)
    assert abs(found.value - mpq(true.numerator, true.denominator)) <= found.off


def test_texts_of_one_shape_keep_their_own_numbers() -> None:
    text = r"\pmx{{{} & {} \\ {} & {}}}"
    for cells in (["1", "2", "3", "4"], ["-1.5", r"2\z{.00}", "-3", r"4.5\z{0}"]):
        numbers = [mpq(cell.split("\\")[0]) for cell in cells]
        assert read(text.format(*cells), {}, {}).ravel().tolist() == numbers


def test_a_negative_number_is_as_far_off_as_its_digits() -> None:
    off = mpq(1, 20000)
    cell = read(r"\pmx{-3.1416 & 3.1417}", {}, {"3.1416": off})[0, 0]
    assert (cell.value, cell.off) == (mpq("-3.1416"), off)


def test_bound_is_not_idle() -> None:
    off = mpq(1, 20000)
    found = read(r"3.1416\cdot 2.7183", {}, {"3.1416": off, "2.7183": off})
    assert 0 < found.off < mpq(1, 1000)
    assert not difference(found, mpq(86, 10))[1]
    assert difference(found, mpq(85398, 10000))[1]


def test_division_by_what_may_be_zero_is_refused() -> None:
    with pytest.raises(Unreadable, match="may be 0"):
        read(r"\frac{1}{0.0000}", {}, {"0.0000": mpq(1, 20000)})


@pytest.mark.parametrize(
    ("left", "right", "equal", "within"),
    [
        (1, 1, True, True),
        (1, 2, False, False),
        (Near(mpq(1), mpq(1)), mpq(2), False, True),
        (Near(mpq(1), mpq(1)), mpq(3), False, False),
        ([1, 2], [1], False, False),
        ([1, 2], [1, 2], True, True),
        (1, MINUS_INFINITY, False, True),
        (MINUS_INFINITY, MINUS_INFINITY, True, True),
        (MINUS_INFINITY, 1, False, False),
    ],
)
def test_difference(left: Any, right: Any, equal: bool, within: bool) -> None:
    one, other = (
        x if isinstance(x, Near) or x == MINUS_INFINITY else data_from(x) for x in (left, right)
    )
    assert difference(one, other) == (equal, within)
