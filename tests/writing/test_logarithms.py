"""Logarithms of whole numbers: given, kept exact, printed as such, read back."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import gmpy2
import pytest
from gmpy2 import log, mpq

from maths.tiny import STATEMENT, tiny
from penwork.author import exp, slip, total, vector
from penwork.document import document
from penwork.errors import UserError
from penwork.instance import make, plain_givens
from penwork.maths.given import read_given
from penwork.numbers import EXACTLY, round_half_away, show
from penwork.writing.reader import difference
from penwork.writing.statement import same_as_printed

DECLARED = {"z": vector(row=True, style="log")}
LOGITS = ["ln 16", 0, "ln 3"]


def stored(*raw: Any) -> list[Any]:
    return read_given(DECLARED, {"z": list(raw)})["z"]  # type: ignore[no-any-return]


def test_a_logarithm_is_shown_by_its_number() -> None:
    for number in (log(mpq(16)), 2 * log(mpq(4)), log(mpq(256)) / 2):
        shown = show(number, EXACTLY, "log")
        assert (shown.kind, shown.digits, shown.exact) == ("log", "ln 16", True)
        assert shown.value == log(mpq(16))
    assert show(log(mpq(16)), 4).digits == "2.7726"


@pytest.mark.parametrize(
    ("number", "digits"),
    [
        (mpq(2), "2"),
        (mpq(0), "0"),
        (mpq("0.6931"), "0.6931"),
        (mpq("0.69314718055994530942"), "0.6931"),
        (gmpy2.log(2) / 3, "0.2310"),
        (-gmpy2.log(2), "-0.6931"),
    ],
)
def test_other_numbers_stay_numbers(number: Any, digits: str) -> None:
    assert show(number, 4, "log").digits == digits


@pytest.mark.parametrize(
    "raw",
    ["ln 16", "2.77258872224", Fraction("2.7725887222397811"), "2.7725887222397812377"],
)
def test_a_logarithm_is_given_in_words_or_decimals(raw: Any) -> None:
    assert stored(raw) == [log(mpq(16))]


@pytest.mark.parametrize("raw", [3, "0.693", Fraction(1, 3), "2.7725", "-0.693147180559945", "0"])
def test_what_is_no_logarithm_stays_exact(raw: Any) -> None:
    assert stored(raw) == [mpq(Fraction(raw))]


@pytest.mark.parametrize(
    "raw", ["ln 1", "ln 0", "ln -2", "ln 1001", "ln 2.5", "ln x", "ln  ", "ln"]
)
def test_no_other_words_are_read(raw: str) -> None:
    with pytest.raises(UserError, match=r"z\[0\]"):
        stored(raw)


def test_the_statement_is_read_back() -> None:
    logits = stored(*LOGITS)
    assert same_as_printed(r"\pmx{\ln 16 & 0 & \ln 3}", logits)
    for wrong in (r"\ln 15", r"\ln 0", r"16", r"2.7726", r"2.77258872223978123767"):
        assert not same_as_printed(rf"\pmx{{{wrong} & 0 & \ln 3}}", logits)


def test_reals_are_equal_in_120_bits_and_never_to_a_rational() -> None:
    sixteen = log(mpq(16))
    assert difference(2 * log(mpq(4)), sixteen) == (True, True)
    nearly = sixteen * (1 + mpq(1, 2**190))
    assert nearly != sixteen
    assert difference(nearly, sixteen) == (True, True)
    assert difference(sixteen * (1 + mpq(1, 2**110)), sixteen)[0] is False
    assert difference(round_half_away(sixteen, EXACTLY), sixteen)[0] is False


def softened(work: Any, given: Any) -> None:
    y = work.let("y", given.z / 2, r"\mathbf y", style="log")
    f = work.let("f", exp(y), r"\mathbf f")
    rooted = slip("forgot the 2", "?", lambda: total(exp(given.z)))
    square = slip("doubled", "?", lambda: total(f) * 2)
    work.answer("p", work.let("p", total(f), "p", slips=[rooted, square]))


def check(given: Any) -> dict[str, Any]:
    """Half the logarithm."""
    assert all(isinstance(z, float) or z == 0 for z in given["z"])
    powers = [gmpy2.exp(gmpy2.mpfr(z) / 2) for z in given["z"]]
    return {"p": float(sum(powers)), "f": [float(p) for p in powers]}


def test_lines_with_logarithms_are_exact() -> None:
    made = make(
        tiny(
            solve=softened,
            check=check,
            sample=lambda draw, level: {"z": ["ln 16", 0, "ln 9"]},
            given=DECLARED,
            statement=STATEMENT.replace("<< a|eq >> and << b|eq >>", "<< z|eq >>"),
        ),
        seed=1,
        level=1,
    )
    assert [line.latex for step in made.steps for line in step.lines] == [
        r"\mathbf y = \frac{\mathbf z}{2} = \frac{1}{2}\,\pmx{\ln 16 & 0 & \ln 9}"
        r" = \pmx{\ln 4 & 0 & \ln 3}",
        r"\mathbf f = \exp (\mathbf y) = \pmx{e^{\ln 4} & e^{0} & e^{\ln 3}} = \pmx{4 & 1 & 3}",
        "p = f_1+f_2+f_3 = 4+1+3 = 8",
    ]
    assert document(made)["answers"]["p"]["value"] == 8
    assert document(made)["given"]["z"] == ["2.7725887222397812377", 0, "2.1972245773362193828"]
    assert [type(z) for z in plain_givens(made.given)["z"]] == [float, int, float]
