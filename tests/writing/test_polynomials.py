"""Sums of terms: printed tidily for every sign and size, and read back; also as plain text."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from gmpy2 import mpq

from maths.tiny import leaf, tiny
from penwork.author import combination, cos, exp, floor, frac, log, sqrt
from penwork.draw import Draw
from penwork.errors import Fault
from penwork.instance import make
from penwork.maths.given import Scalar
from penwork.maths.work import Work
from penwork.numbers import precision
from penwork.writing.near import Near
from penwork.writing.plain import plain_text
from penwork.writing.reader import difference, read
from penwork.writing.statement import read_back, render_statement, same_as_printed
from writing.readback import complaints, reads_back, write

COEFFICIENTS = [-2, -1, 0, 1, 2, "1/2", "-2/3", "0.75"]


def x_of() -> Any:
    return Work().symbol("x", "x")


@pytest.mark.parametrize("named", [True, False], ids=["named", "formula"])
def test_every_sign_and_size(named: bool) -> None:
    x = x_of()
    for numbers in product(COEFFICIENTS, repeat=3):
        leaves = [leaf(name, number) for name, number in zip("abc", numbers, strict=True)]
        coefficients = leaves if named else [c + 0 * leaves[0] for c in leaves]
        value = combination(coefficients, [x**2, x, 1])
        text, pen = write(value, True)
        assert not complaints(text, True), text
        assert not re.search(r"(?<![\d.])[01]x|\+-|--|^\+", text), text
        assert read(text, {"x": x.data}, {}) == value.data, text
        assert {name for _, name, _ in pen.names} <= {"symbol x"}


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ((1, -3, 0), "x^2-3x"),
        ((-1, 1, -1), "-x^2+x-1"),
        ((0, 0, 0), "0"),
        ((0, 0, -4), "-4"),
        (("1/2", -1, "2/3"), r"0.5x^2-x+\frac{2}{3}"),
    ],
)
def test_examples(numbers: Any, text: str) -> None:
    x = x_of()
    coefficients = [leaf(name, number) for name, number in zip("abc", numbers, strict=True)]
    assert write(combination(coefficients, [x**2, x, 1]), True)[0] == text


def test_signs_are_drawn_out_in_symbols() -> None:
    x, a, b = x_of(), leaf("a", 2), leaf("b", 5)
    value = combination([1, -(a + b), a * b - 1], [x**2, x, 1])
    assert write(value, False)[0] == r"x^2-(a+b)\,x+(a\,b-1)"
    assert write(value, True)[0] == "x^2-7x+9"


def test_a_rounded_formula_stays_a_formula() -> None:
    x, a, b = x_of(), leaf("a", "1/3", places=4, style="rounded"), leaf("b", 71)
    value = combination([a / b, 1], [x, 1])
    assert write(value, True)[0] == r"\left(\frac{0.3333}{71}\right)\,x+1"


def test_terms_of_every_kind_read_back() -> None:
    x, a, b = x_of(), leaf("a", 3), leaf("b", -2)
    for term in (log(x), 1 / x, (1 - x) ** 2, 1 - x, exp(x), sqrt(x), a * x, -x):
        reads_back(combination([a, b], [term, 1]), pretty=False)
        reads_back(combination([b, -a], [1, term]), pretty=False)


# ── plain text ──


def _evaluated(text: str, point: Any) -> Any:
    known = {"x": point, "log": math.log, "exp": math.exp, "sqrt": math.sqrt, "cos": math.cos}
    divided = re.sub(r"(\d+)/(\d+)", r"Fraction(\1,\2)", text.replace("^", "**"))
    return eval(divided, {"Fraction": Fraction, **known})  # our own text


OPERATIONS = {
    "sum": lambda p, q: p + q,
    "difference": lambda p, q: p - q,
    "product": lambda p, q: p * q,
    "quotient": lambda p, q: p / q,
}
PARTS = {
    "x": lambda x, a: x,
    "-x": lambda x, a: -x,
    "x + 1": lambda x, a: x + 1,
    "x - a": lambda x, a: x - a,
    "a x": lambda x, a: a * x,
    "1 / x": lambda x, a: 1 / x,
    "square": lambda x, a: (x - 2) ** 2,
    "inverse": lambda x, a: x**-1,
    "number": lambda x, a: a - 5,
    "minus a square": lambda x, a: -(x**2),
}


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("a", [3, "-1/2", 1])
def test_plain_text_says_the_same(operation: str, a: Any) -> None:
    x, number = x_of(), leaf("a", a)
    for one, other in product(PARTS, repeat=2):
        value = OPERATIONS[operation](PARTS[one](x, number), PARTS[other](x, number))
        for whole in (value, -value, value**2, combination([number, -2], [value, 1])):
            text = plain_text(whole)
            found = _evaluated(text, Fraction(str(x.data)))
            assert mpq(found) == whole.data, f"{one} {operation} {other}: {text}"
            assert not re.search(r"[-+*/] ?[-+]|(?<![\d.])1\*|(?<![\w.)])0[*+ ]", text), text


@pytest.mark.parametrize(
    ("build", "text"),
    [
        (lambda x: 3 * log(x) - 9 * x, "3*log(x) - 9*x"),
        (lambda x: -frac(1, 2) * x**2 + exp(-x), "-1/2*x^2 + exp(-x)"),
        (lambda x: 2 / (1 - x) ** 2, "2/(1 - x)^2"),
        (lambda x: cos(2 * x) - sqrt(x + 1), "cos(2*x) - sqrt(x + 1)"),
        (lambda x: x - (x - 1), "x - (x - 1)"),
    ],
)
def test_plain_text_reads_well(build: Any, text: str) -> None:
    assert plain_text(build(x_of())) == text


# ── rounding down ──


@pytest.mark.parametrize(
    ("text", "rounded", "value"),
    [
        (r"\left\lfloor 11.36\right\rfloor+1", {"11.36": mpq(1, 200)}, 12),
        (r"\left\lfloor -2.5\right\rfloor", {}, -3),
        (r"\left\lfloor\frac{7}{2}\right\rfloor", {}, 3),
    ],
)
def test_rounding_down_is_read(text: str, rounded: Any, value: int) -> None:
    assert (
        difference(read(text, {}, rounded), mpq(value)) == (True, True)
        or (difference(read(text, {}, rounded), mpq(value))[1])
    )


def test_rounding_down_of_a_doubtful_number_is_doubtful() -> None:
    found = read(r"\left\lfloor 2.00\right\rfloor", {}, {"2.00": mpq(1, 200)})
    assert isinstance(found, Near)
    assert found.off == 1


def test_rounding_down_prints_and_reads_back() -> None:
    with precision():
        reads_back(floor(leaf("a", "11/3")) + 1)
        reads_back(floor(log(leaf("a", 50))))


# ── in statements ──

LETTERS = ("x^3", "x^2", "x")


def _rendered(numbers: dict[str, Any]) -> str:
    declared = {name: Scalar(default=None) for name in "abc"}
    stored = {
        name: None if (n := numbers.get(name)) is None else mpq(Fraction(n)) for name in declared
    }
    source = 'Let $<< polynomial((a, "x^3"), (b, "x^2"), (c, "x")) >>$.'
    return render_statement(source, declared, stored, 1, Draw("story")).text


def _shown(text: str) -> str:
    return re.sub(r"\\term\{\w\}\{((?:[^{}]|\{[^{}]*\})*)\}", r"\1", text)


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ({"a": 1, "b": -3, "c": 2}, "Let $x^3-3x^2+2x$."),
        ({"a": -1, "c": 1}, "Let $-x^3+x$."),
        ({"b": "1/2", "c": "-1/3"}, r"Let $0.5x^2-\frac{1}{3}x$."),
        ({"b": -1}, "Let $-x^2$."),
    ],
)
def test_a_polynomial_of_givens(numbers: dict[str, Any], text: str) -> None:
    rendered = _rendered(numbers)
    assert _shown(rendered) == text
    told = {path: printed for _, path, printed in read_back([rendered])}
    assert set(told) == set(numbers)
    for path, printed in told.items():
        assert same_as_printed(printed, mpq(Fraction(numbers[path])))
        assert not same_as_printed(printed, mpq(Fraction(numbers[path])) + 1)


def test_a_polynomial_that_leaves_a_given_out_does_not_tell_it() -> None:
    statement = '$<< polynomial((a, "x")) >>$<% part asks="p" marks="M1 A1" %>Find.<% endpart %>'
    with pytest.raises(Fault, match="does not tell the given 'b'"):
        make(tiny(statement=statement), seed=4, level=1)
