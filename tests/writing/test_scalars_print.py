"""Every pair of operators over every kind of operand: written, looked at, read back."""

from __future__ import annotations

import operator
from collections.abc import Callable
from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maths.tiny import leaf
from penwork.author import (
    absolute,
    cos,
    exp,
    frac,
    log,
    log2,
    positive,
    power,
    relu,
    sigmoid,
    sin,
    sqrt,
    tanh,
)
from penwork.maths.value import Value
from penwork.writing.digits import grouped
from writing.readback import complaints, reads_back, write

BINARY: dict[str, Callable[[Any, Any], Value]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}
UNARY: dict[str, Callable[[Any], Value]] = {
    "negate": operator.neg,
    "square": lambda x: x**2,
    "cube": lambda x: x**3,
    "inverse": lambda x: x**-1,
    "sqrt": lambda x: sqrt(x * x),
    "exp": exp,
    "log": lambda x: log(x * x),
    "log of a square": lambda x: log(x**2),
    "log2": lambda x: log2(x * x),
    "sin": sin,
    "cos": cos,
    "tanh": tanh,
    "sigmoid": sigmoid,
    "relu": relu,
    "absolute": absolute,
    "positive": positive,
    "root": lambda x: power(x**2, -1, 2),
}
# (name, number, printing style, places)
KINDS: dict[str, Callable[[str], Any]] = {
    "positive": lambda tex: leaf(tex, 3),
    "negative": lambda tex: leaf(tex, -2),
    "fraction": lambda tex: leaf(tex, "2/3"),
    "negative fraction": lambda tex: leaf(tex, "-3/4", style="fraction"),
    "decimal": lambda tex: leaf(tex, "0.25"),
    "negative decimal": lambda tex: leaf(tex, "-1.5"),
    "one": lambda tex: leaf(tex, 1),
    "thousands": lambda tex: leaf(tex, -12345),
    "tiny": lambda tex: leaf(tex, "-1/50000"),
    "entry": lambda tex: leaf(tex + "_1", -7),
    "upper": lambda tex: leaf(tex + "^{(1)}", 7),
    "integer constant": lambda tex: 5,
    "negative constant": lambda tex: -4,
    "constant one": lambda tex: 1,
    "constant minus one": lambda tex: -1,
    "fraction constant": lambda tex: frac(1, 3),
    "decimal constant": lambda tex: 0.05,
}
SOME = ("positive", "negative", "negative fraction", "decimal", "negative constant", "entry")


def formula(expression: Any) -> Value | None:
    """The value, unless constants alone made it (Python folds those) or it has none."""
    if not isinstance(expression, Value):
        return None
    try:
        _ = expression.data
    except ArithmeticError:
        return None
    return expression


@pytest.mark.parametrize("outer", BINARY)
@pytest.mark.parametrize("left", KINDS)
def test_one_operator(outer: str, left: str) -> None:
    for right in KINDS:
        x, y = KINDS[left]("x"), KINDS[right]("y")
        if isinstance(x, Value) or isinstance(y, Value):
            reads_back(BINARY[outer](x, y))


@pytest.mark.parametrize("inner", BINARY)
@pytest.mark.parametrize("outer", BINARY)
def test_pairs_of_operators(outer: str, inner: str) -> None:
    for a, b, c in product(SOME, repeat=3):
        x, y, z = KINDS[a]("x"), KINDS[b]("y"), KINDS[c]("z")
        if not isinstance(x, Value):
            continue
        for made in (BINARY[inner](x, y), BINARY[inner](y, x)):
            for whole in (BINARY[outer](made, z), BINARY[outer](z, made)):
                if formula(whole) is not None:
                    reads_back(whole)


@pytest.mark.parametrize("outer", UNARY)
@pytest.mark.parametrize("kind", KINDS)
def test_one_function(outer: str, kind: str) -> None:
    x = KINDS[kind]("x")
    if isinstance(x, Value):
        reads_back(UNARY[outer](x))


@pytest.mark.parametrize("inner", UNARY)
@pytest.mark.parametrize("outer", UNARY)
def test_pairs_of_functions(outer: str, inner: str) -> None:
    for kind in SOME:
        x = KINDS[kind]("x")
        if isinstance(x, Value) and (value := formula_of(outer, inner, x)) is not None:
            reads_back(value)


def formula_of(outer: str, inner: str, x: Value) -> Value | None:
    try:
        return formula(UNARY[outer](UNARY[inner](x)))
    except ArithmeticError:
        return None


@pytest.mark.parametrize("function", UNARY)
@pytest.mark.parametrize("binary", BINARY)
def test_operators_in_and_around_functions(binary: str, function: str) -> None:
    for a, b in product(SOME, repeat=2):
        x, y = KINDS[a]("x"), KINDS[b]("y")
        if not isinstance(x, Value):
            continue
        op, wrap = BINARY[binary], UNARY[function]
        for whole in (wrap(op(x, y)), op(wrap(x), y), op(y, wrap(x))):
            if formula(whole) is not None:
                reads_back(whole)


numbers = st.one_of(
    st.integers(-20, 20), st.fractions(-9, 9, max_denominator=12), st.just(Fraction(-1, 40000))
)


@st.composite
def expressions(draw: st.DrawFn) -> Value:
    count = draw(st.integers(1, 4))
    parts: list[Any] = [leaf(tex, str(draw(numbers))) for tex in "abcd"[:count]]
    for _ in range(draw(st.integers(1, 6))):
        x = draw(st.sampled_from(parts))
        y = draw(st.one_of(st.sampled_from(parts), st.integers(-5, 5)))
        turn = draw(st.booleans())
        op = BINARY[draw(st.sampled_from(sorted(BINARY)))]
        unary = draw(st.sampled_from([None, operator.neg, UNARY["square"], relu, absolute]))
        made = op(y, x) if turn else op(x, y)
        parts.append(made if unary is None else unary(made))
    return parts[-1]  # type: ignore[no-any-return]


@settings(max_examples=150, deadline=None)
@given(expressions())
def test_any_expression(value: Value) -> None:
    if formula(value) is not None:
        reads_back(value)


@pytest.mark.parametrize(
    ("value", "symbols", "numbers"),
    [
        (leaf("w", 4) - leaf("a", "0.05") * leaf("g", 36), r"w-a\,g", r"4-0.05\cdot 36"),
        (leaf("a", 2) + leaf("b", -3), "a+b", "2+(-3)"),
        (leaf("a", 2) - leaf("b", -3), "a-b", "2-(-3)"),
        (leaf("a", 2) - (leaf("b", 3) - leaf("c", 4)), "a-(b-c)", "2-(3-4)"),
        (2 * leaf("x", 3), "2x", r"2\cdot 3"),
        (leaf("x", 3) * -2, r"x\cdot (-2)", r"3\cdot (-2)"),
        (1 * leaf("x", 3), "x", "3"),
        (-1 * leaf("x", 3), "-x", "-3"),
        (leaf("x", 3) / 1, "x", "3"),
        (leaf("x", 3) ** 1, "x", "3"),
        (leaf("x", -3) ** 2, "x^2", "(-3)^2"),
        (leaf("x", "1/2", style="fraction") ** 2, "x^2", r"\left(\frac{1}{2}\right)^2"),
        (0 + leaf("a", 1) + leaf("b", 2), "a+b", "1+2"),
        (sum([leaf("a", 1), leaf("b", 2)]), "a+b", "1+2"),
        (leaf("x", -1500000), "x", r"-1\,500\,000"),
    ],
)
def test_as_a_teacher_writes(value: Value, symbols: str, numbers: str) -> None:
    assert (write(value, False)[0], write(value, True)[0]) == (symbols, numbers)


@pytest.mark.parametrize(
    "ugly",
    [
        "x^2^3",
        "e^{x}^2",
        r"e^{\frac{1}{x^2}}^2",
        r"S^\top^\top",
        "2+-3",
        "2--3",
        r"2\cdot -3",
        r"2\,3",
        "x3",
        "1x",
        r"1\,x",
        "x^1",
        r"\frac{a}{1}",
        "((a+b))",
    ],
)
def test_ugly_print_is_seen(ugly: str) -> None:
    assert complaints(ugly)


@pytest.mark.parametrize("fine", ["x_1", "x^{12}", r"12\,345", "((a+b)c)^2", r"\log_2 x", "e^{x}"])
def test_fine_print_is_not(fine: str) -> None:
    assert not complaints(fine)


@pytest.mark.parametrize(
    ("digits", "printed"),
    [("0.123456", "0.123456"), ("-1234.5", "-1234.5"), ("-12345.6789", r"-12\,345.6789"),
     ("1234567", r"1\,234\,567")],
)  # fmt: skip
def test_only_thousands_before_the_point_are_set_apart(digits: str, printed: str) -> None:
    assert grouped(digits) == printed


def test_minus_nothing_is_nothing() -> None:
    assert write(-leaf("b", 0), with_numbers=True)[0] == "0"
    assert write(-leaf("b", 0), with_numbers=False)[0] == "-b"


def test_a_primed_letter_with_an_index_is_raised_in_brackets() -> None:
    g, w = leaf("g'_1", 3), leaf("w'", 2)
    assert write(g**2, False)[0] == "(g'_1)^2" and write(w**2, False)[0] == "w'^2"
    reads_back(g**2 + g * w**2)
