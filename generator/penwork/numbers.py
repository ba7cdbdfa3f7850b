"""Exact rationals, long reals, rounding, display digits, and parsing without evaluation.

A number is a gmpy2 `mpq` where it is rational and known exactly, else an `mpfr` of 200 bits.
gmpy2 keeps its precision per thread, so everything that computes runs inside `precision()`.
"""

from __future__ import annotations

import hashlib
import re
from fractions import Fraction
from functools import lru_cache
from typing import Any, Literal, NamedTuple

import gmpy2
from gmpy2 import mpq

from penwork.errors import UserError

BITS = 200
WORKING_PLACES = 4
EXACTLY = 30
MINUS_INFINITY = gmpy2.mpfr("-inf")
Style = Literal["decimal", "fraction", "rounded", "log", "hundredths"]

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,2})?|-?\d+/\d+", re.ASCII)
_MAX_DIGITS = 60
MOST_IN_LOG = 1000
_LARGEST_LOG = 14
_ALL_DIGITS_OF_LOG = mpq(1, 10**9)
RATIONAL, _REAL = type(mpq()), type(gmpy2.mpfr())
_EVERY_SMALL_DENOMINATOR = 232792560 * 10**4
_CERTAINLY_EQUAL = 2.0**-120
_LARGEST_SCALED = 2.0**80
_IN_DIGITS = 10**15
_TEST_POINTS = 1_000_003  # a prime: that a wrong formula agrees at a point is as rare as that
_THOUSANDS = mpq(10**4000)


def precision() -> Any:
    """A context manager in which every `mpfr` has 200 bits, whatever the thread.

    What leaves the range of an `mpfr`, or divides it by 0, raises an ArithmeticError.
    """
    return gmpy2.context(precision=BITS, trap_divzero=True, trap_overflow=True, trap_underflow=True)


def exact(number: int | Fraction | str | Any) -> Any:
    """The number as an `mpq`; text may be an integer, a decimal or a fraction p/q."""
    if isinstance(number, str):
        return parse(number)
    if isinstance(number, Fraction):
        return mpq(number.numerator, number.denominator)
    return mpq(number)


def parse(text: str) -> Any:
    """`mpq` from "3", "-0.25", "1e-8" or "2/3". Raises UserError on anything else."""
    text = text.strip()
    if len(text) > _MAX_DIGITS or not _NUMBER.fullmatch(text):
        raise UserError(f"{text[:40]!r} is not a number.", "Write 3, -0.25, 1e-8 or 2/3.")
    if text.endswith("/0") or re.search(r"/0+$", text):
        raise UserError(f"{text!r} divides by zero.", "Write a fraction such as 2/3.")
    return mpq(text) if "e" not in text.lower() else mpq(Fraction(text))


def is_exact(number: Any) -> bool:
    return type(number) is RATIONAL


def is_infinite(number: Any) -> bool:
    return not is_exact(number) and bool(gmpy2.is_infinite(number))


def test_point(name: str) -> Any:
    """Where a free symbol stands for the certificate: between 0 and 1, always the same."""
    digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
    share = mpq(int.from_bytes(digest, "big") % _TEST_POINTS, _TEST_POINTS)
    return mpq(1, 8) + share * mpq(3, 4)


def too_long(number: Any) -> bool:
    """Whether a finite number has thousands of digits before the point or behind it."""
    if is_exact(number):
        return bool(max(abs(number.numerator), number.denominator) >= _THOUSANDS)
    size = abs(number)
    return bool(size) and not is_infinite(size) and not 1 / _THOUSANDS < size < _THOUSANDS


def tidy(number: Any) -> Any:
    """An `mpfr` that is a simple rational to 120 bits becomes that `mpq`; others stay."""
    if type(number) is RATIONAL or gmpy2.is_infinite(number):
        return number
    scaled = number * _EVERY_SMALL_DENOMINATOR
    nearest = gmpy2.rint(scaled)
    size = abs(scaled)
    if size > _LARGEST_SCALED:  # too few of its bits stand behind the point to tell
        return number
    if abs(scaled - nearest) <= _CERTAINLY_EQUAL * size and (nearest != 0 or number == 0):
        return mpq(int(nearest), _EVERY_SMALL_DENOMINATOR)
    return number


def whole_of_log(number: Any) -> int | None:
    """The whole number from 2 on whose natural logarithm an `mpfr` is to 120 bits, or None."""
    if is_exact(number) or not 0 < number < _LARGEST_LOG:
        return None
    whole = tidy(gmpy2.exp(number))
    return int(whole) if is_exact(whole) and whole.denominator == 1 else None


def parse_log(text_or_number: Any) -> Any:
    """`mpfr` from "ln 4", or from its decimals where nine or more of them are right; else None."""
    if isinstance(text_or_number, str) and text_or_number.startswith("ln "):
        whole = parse(text_or_number[3:])
        if whole.denominator != 1 or not 2 <= whole <= MOST_IN_LOG:
            raise UserError(
                f"{text_or_number[:40]!r} is no logarithm here.",
                f'Write "ln 2" to "ln {MOST_IN_LOG}", or a number.',
            )
        return gmpy2.log(whole)
    number = exact(text_or_number)
    if number.denominator < 10**8 or not 0 < number < _LARGEST_LOG:
        return None
    whole = round_half_away(gmpy2.exp(number), 0)
    near = gmpy2.log(whole) if 2 <= whole <= MOST_IN_LOG else mpq(0)
    return near if abs(near - number) < _ALL_DIGITS_OF_LOG else None


def round_half_away(number: Any, places: int) -> Any:
    """The nearest `mpq` with that many decimals; halves go away from zero."""
    return mpq(_units(number, places), 10**places)


def _units(number: Any, places: int) -> Any:
    """The number in units of that decimal place, a whole number; halves go away from zero."""
    if type(number) is _REAL:
        mantissa, exponent = number.as_mantissa_exp()
        doubled = (abs(mantissa) * 10**places << max(exponent, 0)) * 2
        under = 1 << max(-exponent, 0)
    else:
        value = mpq(number)
        doubled, under = 2 * abs(value.numerator) * 10**places, value.denominator
    units = (doubled + under) // (2 * under)
    return units if number >= 0 else -units


class Shown(NamedTuple):
    """How a number stands on paper: `kind`, its digits, the value they say, and if that is exact.

    kind "integer" or "decimal": digits "-12.5"; "fraction": "-3/4"; "scientific": "2.06e-9";
    "log": "ln 4".
    `half_unit` is half a unit of the last digit where the digits are rounded, else 0.
    """

    kind: Literal["integer", "decimal", "fraction", "scientific", "log", "infinity"]
    digits: str
    value: Any
    exact: bool
    half_unit: Any = 0


def decimals_of(number: Any, most: int) -> int | None:
    """How many decimals write an `mpq` exactly, or None where `most` do not suffice."""
    denominator = number.denominator
    if 10**most % denominator:
        return None
    places = 0
    while 10**places % denominator:
        places += 1
    return places


def decimal(number: Any, places: int) -> str:
    """Digits with exactly `places` decimals, rounded half away from zero."""
    return _digits(_units(number, places), places)


def _digits(units: Any, places: int) -> str:
    text = str(abs(units)).rjust(places + 1, "0")
    whole = f"{text[:-places]}.{text[-places:]}" if places else text
    return f"-{whole}" if units < 0 else whole


@lru_cache(maxsize=2**16, typed=True)
def show(number: Any, places: int = WORKING_PLACES, style: Style = "decimal") -> Shown:
    """How the number is written in working: exactly where that is short, else rounded.

    Decimals up to `places` and fractions with a denominator below 100 count as short; what
    would round to 0.0000 (or lose all but one digit), or is rounded and has more than fifteen
    digits before the point, stands in scientific form. With
    `places=EXACTLY`, as givens are printed, every fraction is written out. The style "fraction"
    prefers 3/4 to 0.75; "rounded", the style of arrays, has decimals only; "log" writes ln 4 for
    the logarithm of a whole number, "hundredths" 1.70 for 1.7.
    """
    if not is_exact(number):
        if is_infinite(number):
            return Shown("infinity", "-inf" if number < 0 else "inf", number, True)
        number = tidy(number)  # exp(ln 4) is a real equal to 4, and the cache knows them as one
    if style == "log" and (whole := whole_of_log(number)) is not None:
        return Shown("log", f"ln {whole}", gmpy2.log(mpq(whole)), True)
    if is_exact(number):
        needed = decimals_of(number, places)
        if style == "hundredths" and needed is not None:
            return Shown("decimal", decimal(number, max(needed, 2)), number, True)
        if number.denominator == 1:
            return Shown("integer", str(number.numerator), number, True)
        small = number.denominator < 100 and abs(number.numerator) < 1000
        short = (small and style not in ("rounded", "hundredths")) or places == EXACTLY
        if needed is not None and not (style == "fraction" and short and number.denominator < 100):
            return Shown("decimal", decimal(number, needed), number, True)
        if short:
            return Shown("fraction", f"{number.numerator}/{number.denominator}", number, True)
    units = _units(number, places)
    if (-10 < units < 10 and number != 0) or abs(units) >= _IN_DIGITS * 10**places:
        return _scientific(number)
    rounded, half = mpq(units, 10**places), mpq(1, 2 * 10**places)
    return Shown("decimal", _digits(units, places), rounded, False, half)


def _scientific(number: Any) -> Shown:
    """Three digits times a power of ten."""
    value = mpq(number)
    size = abs(value)
    exponent = len(str(size.numerator)) - len(str(size.denominator))
    if size < mpq(10) ** exponent:
        exponent -= 1
    mantissa = round_half_away(value * mpq(10) ** -exponent, 2)
    if abs(mantissa) >= 10:
        exponent += 1
        mantissa = round_half_away(value * mpq(10) ** -exponent, 2)
    said = mantissa * mpq(10) ** exponent
    half = mpq(10) ** exponent / 200 if said != value else 0
    return Shown("scientific", f"{decimal(mantissa, 2)}e{exponent}", said, said == value, half)
