"""Free symbols: what they print, how they are certified, and what may not be done with them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from gmpy2 import mpq

from maths.tiny import tiny
from penwork.author import (
    absolute,
    combination,
    exp,
    log,
    maximum,
    option,
    relu,
    slip,
    sqrt,
    stack,
)
from penwork.bridge import replay_bridged
from penwork.certify import certify_check
from penwork.document import document
from penwork.errors import Fault, UserError
from penwork.instance import make, make_given, solve, symbol_points
from penwork.ledger import certify_lines
from penwork.maths.value import TraceError
from penwork.maths.work import Work
from penwork.model import Instance, Line, Step
from penwork.problem import Template
from penwork.prove.printed import _rewritten as rewritten
from penwork.prove.symbolic import derivatives

STATEMENT = (
    'With << a|eq >> and << b|eq >>.\n<% part asks="f g h" marks="M1 A1" %>Find.<% endpart %>'
)
NUMBERS = {"a": 3, "b": -4}


def cubic(work: Any, given: Any) -> None:
    """f = a x^3 + b x, its derivative, and the derivative of that."""
    x = work.symbol("x", "x")
    f = work.let("f", combination([given.a, given.b], [x**3, x]), "f(x)")
    g = work.let(
        "g",
        combination([3 * given.a, given.b], [x**2, 1]),
        "f'(x)",
        derives=(f, x),
        slips=[
            slip("kept the exponent", "x", lambda: combination([given.a, given.b], [x**2, 1])),
            slip("kept x", "x", lambda: combination([3 * given.a, given.b], [x**2, x])),
        ],
    )
    for name, value in (("f", f), ("g", g)):
        work.answer(name, value)
    work.answer("h", work.let("h", 6 * given.a * x, "f''(x)", derives=(g, x)))


def check(given: Any) -> dict[str, Any]:
    """Horner's rule."""
    a, b = given["a"], given["b"]
    return {
        "f": lambda x: x * (a * x * x + b),
        "g": lambda x: x * (x * 3 * a) + b,
        "h": lambda x: 6 * a * x,
    }


def template(solve: Callable[..., None] = cubic, check: Callable[..., Any] = check) -> Template:
    return tiny(solve=solve, check=check, statement=STATEMENT)


def made() -> Instance:
    return make_given(template(), NUMBERS, level=1)


def test_a_line_keeps_its_letters_and_ends_with_its_numbers() -> None:
    lines = [step.lines[0].latex for step in made().steps]
    assert lines == [
        r"f(x) = a\,x^3+b\,x = 3x^3-4x",
        r"f'(x) = 3a\,x^2+b = 9x^2-4",
        r"f''(x) = 6a\,x = 6\cdot 3x",
    ]


def test_json_has_the_expression_and_never_the_test_point() -> None:
    found = document(made())
    assert found["answers"]["g"] == {
        "type": "expression",
        "value": "9*x^2 - 4",
        "tolerance": "0",
        "places": None,
    }
    assert [step["value"] for step in found["steps"]] == ["3*x^3 - 4*x", "9*x^2 - 4", "18*x"]


def test_slips_show_the_wrong_expression() -> None:
    slips = {s.name: (s.answer, s.latex, s.value) for s in made().slips}
    assert slips == {
        "kept the exponent": ("g", "$f'(x) = 3x^2-4$", "3*x^2 - 4"),
        "kept x": ("g", "$f'(x) = 9x^2-4x$", "9*x^2 - 4*x"),
    }


def test_a_slip_that_is_the_same_expression_written_otherwise_is_dead() -> None:
    def twice(work: Any, given: Any) -> None:
        x = work.symbol("x", "x")
        f = work.let("f", x**2 + 2 * given.a * x + given.a**2, "f(x)", slips=[
            slip("multiplied", "x", lambda: (x + given.a) * (x + given.a))])  # fmt: skip
        g = work.let("g", log(given.a * x) + log(x), "g(x)", slips=[
            slip("added logarithms", "x", lambda: log(given.a) + 2 * log(x))])  # fmt: skip
        for name, value in zip("fgh", (f, g, f), strict=True):
            work.answer(name, value)

    def squared(given: Any) -> dict[str, Any]:
        """By squares."""
        a = given["a"]
        f = lambda x: (x + a) ** 2  # noqa: E731
        return {"f": f, "g": lambda x: math.log(a * x * x), "h": f}

    assert make_given(template(twice, squared), NUMBERS, level=1).slips == ()


def test_a_name_for_an_expression_is_written_out_in_numbers() -> None:
    def chained(work: Any, given: Any) -> None:
        x = work.symbol("x", "x")
        f = work.let("f", given.a * x + given.b, "f(x)")
        work.answer("f", f)
        work.answer("g", work.let("g", f**2, "g(x)"))
        work.answer("h", work.let("h", x - f, "h(x)"))

    def expanded(given: Any) -> dict[str, Any]:
        """Multiplied out."""
        return {
            "f": lambda x: 3 * x - 4,
            "g": lambda x: 9 * x * x - 24 * x + 16,
            "h": lambda x: 4 - 2 * x,
        }

    instance = make_given(template(chained, expanded), NUMBERS, level=1)
    lines = [step.lines[0].latex for step in instance.steps]
    assert lines[1:] == ["g(x) = f(x)^2 = (3x+(-4))^2", "h(x) = x-f(x) = x-(3x+(-4))"]


def test_points_are_fixed_and_lie_between_0_and_1() -> None:
    points = {name: Work().symbol(name, name).data for name in ("x", "y", "lambda", "mu", "p")}
    assert points == {name: Work().symbol(name, name).data for name in points}
    assert len(set(points.values())) == len(points)
    assert all(mpq(1, 8) <= point < mpq(7, 8) for point in points.values())


def test_check_may_not_find_another_expression() -> None:
    def other(given: Any) -> dict[str, Any]:
        """Wrong."""
        return {**check(given), "g": lambda x: 9 * x * x - 4 + (x - 1) * x}

    with pytest.raises(Fault, match="check finds"):
        make_given(template(check=other), NUMBERS, level=1)


def test_check_is_called_with_every_symbol_in_order() -> None:
    work = solve(template(two_letters), {"a": mpq(3), "b": mpq(-4)})
    points = symbol_points(work)
    assert len(points) == 2
    seen: list[Any] = []

    def function(x: Any, y: Any) -> Any:
        seen.extend((x, y))
        return 3 * x - 4 * y

    certify_check({"f": function}, {"f": work.claims[0].value.data}, work.records, {}, {}, points)
    assert seen == points


def two_letters(work: Any, given: Any) -> None:
    x, y = work.symbol("x", "x"), work.symbol("y", "y")
    work.answer("f", work.let("f", given.a * x + given.b * y, "f(x,y)"))


# ── the lines are read again ──


def _with_line(instance: Instance, at: int, line: Line) -> list[Step]:
    steps = list(instance.steps)
    steps[at] = replace(steps[at], lines=(line,))
    return steps


@pytest.mark.parametrize(
    ("part", "wrong"),
    [("numbers", "9x^2+4"), ("numbers", "-9x^2-4"), ("symbols", r"3a\,x^2-b")],
)
def test_a_wrong_side_of_a_line_is_found(part: Any, wrong: str) -> None:
    instance = made()
    exact = solve(template(), dict(instance.given))
    line = instance.steps[1].lines[0]
    if part == "symbols":
        chain = tuple((sign, wrong if text == line.symbols else text) for sign, text in line.chain)
        spoilt = line._replace(symbols=wrong, chain=chain)
    else:
        spoilt = rewritten(line, part, wrong)
    declared = template().problem.given
    certify_lines(declared, instance.given, exact.records, instance.steps)
    with pytest.raises(Fault, match="is not what f'"):
        certify_lines(declared, instance.given, exact.records, _with_line(instance, 1, spoilt))


def test_a_coefficient_that_was_printed_otherwise_is_found() -> None:
    instance = made()
    exact = solve(template(), dict(instance.given))
    spoilt = rewritten(instance.steps[1].lines[0], "numbers", "9x^2-5")
    with pytest.raises(Fault, match="stands in no earlier line"):
        certify_lines(
            template().problem.given, instance.given, exact.records, _with_line(instance, 1, spoilt)
        )


# ── SymPy ──


def test_sympy_proves_first_and_second_derivatives() -> None:
    assert derivatives(template(), {"a": mpq(3), "b": mpq(-4)}) == 2


@pytest.mark.parametrize(
    "wrong", [lambda x, a: 6 * a * x + 1, lambda x, a: 6 * a * x**2, lambda x, a: 5 * a * x]
)
def test_sympy_refuses_what_is_no_derivative(wrong: Any) -> None:
    def odd(work: Any, given: Any) -> None:
        x = work.symbol("x", "x")
        f = work.let("f", given.a * x**3 + log(x), "f(x)")
        g = work.let("g", 3 * given.a * x**2 + 1 / x, "g(x)", derives=(f, x))
        work.let("h", wrong(x, given.a) - 1 / x**2, "h(x)", derives=(g, x))

    with pytest.raises(Fault, match="is not the derivative"):
        derivatives(template(odd), {"a": mpq(3), "b": mpq(-4)})


# ── traps ──


def test_an_expression_is_no_number_to_go_on_with() -> None:
    def with_number(work: Any, given: Any) -> None:
        cubic(work, given)
        work.answer("n", work.let("n", given.a + given.b, "n"))
        work.answer("m", work.let("m", work.claims[-1].value ** 2, "m"))

    def summed(given: Any) -> dict[str, Any]:
        """By adding."""
        n = given["a"] + given["b"]
        return {**check(given), "n": n, "m": n * n}

    def bridged(asks: str) -> Any:
        parts = STATEMENT.replace("f g h", asks)
        parts += '<% part asks="m g" marks="M1 A1" %>Then.<% endpart %>'
        two = tiny(solve=with_number, check=summed, statement=parts)
        return replay_bridged(two, seed=1, level=1, attempt=0, bridges=("a",))

    assert bridged("n").bridges
    with pytest.raises(UserError, match="offers no number"):
        bridged("n f")


def _work() -> tuple[Work, Any, Any]:
    work = Work()
    x = work.symbol("x", "x")
    return work, x, work.let("f", 2 * x + 1, "f(x)")


def test_decisions_need_numbers() -> None:
    work, x, f = _work()
    with pytest.raises(TraceError, match="a decision needs numbers"):
        work.compare("one", f, ">", 0)
    with pytest.raises(TraceError, match="a decision needs numbers"):
        work.choose("two", [option("a", x), option("b", f)])


def test_coefficients_are_numbers() -> None:
    _, x, f = _work()
    with pytest.raises(TraceError, match="a coefficient is a number"):
        combination([f, 1], [x, 1])


def test_free_symbols_stand_in_scalars() -> None:
    work, x, f = _work()
    with pytest.raises(TraceError, match="name entry by entry"):
        work.let("v", stack([x, f]), r"\mathbf v")


def test_prose_prints_no_expression() -> None:
    def told(work: Any, given: Any) -> None:
        cubic(work, given)
        work.insight("It is << f|n >>.", f=work.claims[0].value)

    with pytest.raises(Fault, match="an expression and no number"):
        make_given(template(told), NUMBERS, level=1)


def test_two_symbols_of_one_name() -> None:
    work, _, _ = _work()
    with pytest.raises(Fault, match="two steps are called"):
        work.symbol("x", "y")


def test_carried_and_float_runs_use_the_same_point() -> None:
    def irrational(work: Any, given: Any) -> None:
        x = work.symbol("x", "x")
        root = work.let("r", sqrt(given.a), "r")
        f = work.let("f", root * x + exp(x), "f(x)", slips=[
            slip("one", "x", lambda: root * x), slip("two", "x", lambda: root + x)])  # fmt: skip
        for name in "fgh":
            work.answer(name, f)

    def again(given: Any) -> dict[str, Any]:
        """By logarithms."""
        from math import e, sqrt

        return {"r": sqrt(given["a"]), **dict.fromkeys("fgh", lambda x: sqrt(3) * x + e**x)}

    instance = make_given(template(irrational, again), NUMBERS, level=1)
    assert instance.steps[1].lines[0].latex == r"f(x) = r\,x+e^{x} \approx 1.7321x+e^{x}"
    assert instance.answers["f"].value == "1.7320508075688772935*x + exp(x)"


def test_effort_counts_operations_and_no_digits_of_the_test_point() -> None:
    assert make(template(), seed=1, level=1).effort < 40


@pytest.mark.parametrize(
    "kinked", [absolute, lambda x: sqrt(x**2), lambda x: maximum(x, x**2) + x - x, relu]
)
def test_check_that_agrees_between_0_and_1_only(kinked: Any) -> None:
    def solving(work: Any, given: Any) -> None:
        x = work.symbol("x", "x")
        wrong = [slip("one", "b", given.b * x), slip("two", "b", x + given.b)]
        work.answer("f", given.a * kinked(x), "f(x)", slips=wrong)

    def straight(given: Any) -> dict[str, Any]:
        """Straight on."""
        return {"f": lambda x: given["a"] * x}

    one = STATEMENT.replace("f g h", "f")
    broken = tiny(solve=solving, check=straight, statement=one)
    with pytest.raises(Fault, match="another expression, seen at"):
        make(broken, seed=4, level=1)
