"""Numbers: read without evaluation, rounded half away from zero, shown in few true digits."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

import gmpy2
import pytest
from gmpy2 import mpfr, mpq
from hypothesis import example, given, settings
from hypothesis import strategies as st

from penwork.errors import UserError
from penwork.numbers import (
    BITS,
    EXACTLY,
    MINUS_INFINITY,
    Shown,
    decimal,
    decimals_of,
    exact,
    is_exact,
    is_infinite,
    parse,
    precision,
    round_half_away,
    show,
    tidy,
)

rationals = st.fractions(min_value=-(10**6), max_value=10**6, max_denominator=10**7)
places = st.integers(0, 8)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("-0", 0),
        ("-0.25", Fraction(-1, 4)),
        ("2/3", Fraction(2, 3)),
        ("-4/6", Fraction(-2, 3)),
        ("0/5", 0),
        ("007", 7),
        ("1e-8", Fraction(1, 10**8)),
        ("2.5E+3", 2500),
        (" 12 ", 12),
        ("0.1", Fraction(1, 10)),
    ],
)
def test_parsed(text: str, value: Any) -> None:
    assert parse(text) == value
    assert is_exact(parse(text))


@pytest.mark.parametrize(
    "text",
    ["", " ", ".", "-", "+1", "1.", ".5", "1,5", "1_000", "0x10", "1e", "1e999", "1e1.5", "1/0",
     "1/00", "0/0", "1/-2", "1/2/3", "1/2.5", "--1", "1 2", "1\n2", "nan", "NaN", "inf", "-inf",
     "Infinity", "1j", "1+1", "2**9", "exp(1)", "__import__('os')", "None", "True", "½", "²",
     "٣", "３", "1e٣", "9" * 61, "9" * 100_000, "1/" + "9" * 60, "\x001", "1\x00"],
)  # fmt: skip
def test_not_parsed(text: str) -> None:
    with pytest.raises(UserError) as caught:
        parse(text)
    assert len(str(caught.value)) < 200
    assert caught.value.hint


@given(st.text(alphabet=st.sampled_from("0123456789/.-+eE_ ٣²½nax"), max_size=12) | st.text())
def test_any_text_is_a_number_or_a_user_error(text: str) -> None:
    try:
        value = parse(text)
    except UserError:
        return
    assert value == Fraction(text.strip())


@given(rationals)
def test_exact_keeps_the_number(number: Fraction) -> None:
    assert Fraction(int(exact(number).numerator), int(exact(number).denominator)) == number
    assert exact(str(number)) == exact(number)


# ── rounding ──


def by_decimal(number: Fraction, places: int) -> Fraction:
    """Half away from zero by the standard library (enough digits for an exact tie)."""
    from decimal import localcontext

    with localcontext() as context:
        context.prec = 80
        quotient = Decimal(number.numerator) / Decimal(number.denominator)
        return Fraction(quotient.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP))


@given(rationals, places)
@example(Fraction(5, 1000), 2)
@example(Fraction(-5, 1000), 2)
@example(Fraction(25, 10), 0)
@example(Fraction(-1, 2), 0)
@example(Fraction(2675, 1000), 2)
def test_rounding_is_half_away_from_zero(number: Fraction, places: int) -> None:
    rounded = round_half_away(exact(number), places)
    assert rounded == exact(by_decimal(number, places))
    assert abs(rounded - exact(number)) * 2 * 10**places <= 1


@given(st.integers(-(10**6), 10**6), places)
def test_ties_go_away_from_zero(units: int, places: int) -> None:
    tie = mpq(2 * units + 1, 2 * 10**places)
    up = round_half_away(tie, places)
    assert abs(up) > abs(tie)
    assert up == -round_half_away(-tie, places)


def test_long_reals_are_rounded_on_all_their_bits() -> None:
    with precision():
        just_below = mpfr("0.5") - mpfr(2) ** -150
        assert round_half_away(just_below, 0) == 0
        assert round_half_away(mpfr("0.5"), 0) == 1


@given(rationals, places)
def test_decimal_digits_say_the_rounded_number(number: Fraction, places: int) -> None:
    text = decimal(exact(number), places)
    assert Fraction(text) == by_decimal(number, places)
    assert len(text.partition(".")[2]) == places
    assert not text.startswith("-0") or Fraction(text) != 0


@given(st.integers(-(10**9), 10**9), st.integers(0, 6), st.integers(0, 6))
def test_decimals_of(units: int, tens: int, most: int) -> None:
    number = Fraction(units, 10**tens)
    needed = decimals_of(exact(number), most)
    fits = [p for p in range(most + 1) if (number * 10**p).denominator == 1]
    assert needed == (fits[0] if fits else None)


# ── showing ──


@settings(max_examples=200)
@given(rationals, st.integers(0, 6), st.sampled_from(["decimal", "fraction"]))
@example(Fraction(5, 10**5), 4, "decimal")
@example(Fraction(1001, 2), 1, "fraction")
def test_shown_digits_are_true(number: Fraction, places: int, style: Any) -> None:
    shown = show(exact(number), places, style)
    assert said(shown) == shown.value
    off = abs(shown.value - exact(number))
    assert shown.exact == (off == 0)
    assert off <= shown.half_unit
    assert (shown.half_unit == 0) == shown.exact
    assert number == 0 or shown.value != 0


def said(shown: Shown) -> Any:
    return exact(Fraction(shown.digits))


@given(rationals)
def test_givens_are_always_shown_exactly(number: Fraction) -> None:
    shown = show(exact(number), EXACTLY)
    assert shown.exact
    assert said(shown) == exact(number)


@pytest.mark.parametrize(
    ("number", "places", "style", "kind", "digits"),
    [
        ("3", 4, "decimal", "integer", "3"),
        ("-12345", 4, "decimal", "integer", "-12345"),
        ("1/4", 4, "decimal", "decimal", "0.25"),
        ("1/4", 4, "fraction", "fraction", "1/4"),
        ("-1/3", 4, "decimal", "fraction", "-1/3"),
        ("1/3", EXACTLY, "decimal", "fraction", "1/3"),
        ("1/100", 4, "fraction", "decimal", "0.01"),
        ("1/101", 4, "decimal", "decimal", "0.0099"),
        ("123456/7", 4, "decimal", "decimal", "17636.5714"),
        ("1e15", 4, "decimal", "integer", "1000000000000000"),
        ("2000000000000000/3", 4, "decimal", "decimal", "666666666666666.6667"),
        ("20000000000000000/3", 4, "decimal", "scientific", "6.67e15"),
        ("-99999999999999999999/7", 2, "decimal", "scientific", "-1.43e19"),
        ("1/30001", 4, "decimal", "scientific", "3.33e-5"),
        ("0.00005", 4, "decimal", "scientific", "5.00e-5"),
        ("-0.00099999", 4, "decimal", "decimal", "-0.0010"),
        ("1/1001", 4, "decimal", "decimal", "0.0010"),
        ("0.000999999999", 2, "decimal", "scientific", "1.00e-3"),
        ("0", 4, "decimal", "integer", "0"),
        ("2", 4, "hundredths", "decimal", "2.00"),
        ("1.7", 4, "hundredths", "decimal", "1.70"),
        ("-0.125", EXACTLY, "hundredths", "decimal", "-0.125"),
        ("2/3", 4, "hundredths", "decimal", "0.6667"),
    ],
)
def test_shown(number: str, places: int, style: Any, kind: str, digits: str) -> None:
    shown = show(exact(number), places, style)
    assert (shown.kind, shown.digits) == (kind, digits)


@given(st.integers(-400, -1), st.booleans())
def test_a_number_that_is_not_zero_never_shows_as_zero(power: int, negative: bool) -> None:
    with precision():
        number = gmpy2.exp(mpfr(power)) * (-1 if negative else 1)
        shown = show(number)
    assert shown.value != 0
    assert shown.digits.strip("-0.") not in ("", "e")
    assert (shown.value < 0) == negative
    assert not shown.exact
    assert abs(shown.value - mpq(number)) <= shown.half_unit


def test_infinity() -> None:
    assert show(MINUS_INFINITY).digits == "-inf"
    assert is_infinite(MINUS_INFINITY)
    assert not is_infinite(mpq(1))


# ── tidying ──


@given(st.fractions(-1000, 1000, max_denominator=22))
def test_long_real_that_is_a_simple_rational_is_tidied(number: Fraction) -> None:
    with precision():
        real = mpfr(number.numerator) / number.denominator
        assert tidy(real) == exact(number)
        assert is_exact(tidy(real))


@given(st.integers(2, 500))
def test_irrational_numbers_are_left_alone(n: int) -> None:
    with precision():
        for number in (gmpy2.sqrt(mpfr(n * n + 1)), gmpy2.exp(mpfr(-n)), gmpy2.log(mpfr(n))):
            assert not is_exact(tidy(number))


def test_precision_is_left_as_it_was() -> None:
    before = gmpy2.get_context().precision
    with precision():
        assert gmpy2.get_context().precision == BITS
        with precision():
            pass
        assert gmpy2.get_context().precision == BITS
    assert gmpy2.get_context().precision == before


def test_a_real_that_is_a_short_fraction_is_shown_as_one() -> None:
    with precision():
        assert show(mpfr(2) ** mpfr("0.5")).digits == "1.4142"
        assert show(mpfr("1.125")).digits == show(mpq(9, 8)).digits == "1.125"


def test_a_large_real_is_no_fraction() -> None:
    with precision():
        assert not is_exact(tidy(gmpy2.exp(100)))
        assert is_exact(tidy(gmpy2.exp(gmpy2.log(12345))))


def test_what_leaves_the_range_of_reals_raises() -> None:
    far = mpq(10) ** 30
    with precision():
        with pytest.raises(ZeroDivisionError):
            gmpy2.div(mpfr(1), mpq(0))
        for number in (far, -far):
            with pytest.raises(ArithmeticError):
                gmpy2.exp(number)
