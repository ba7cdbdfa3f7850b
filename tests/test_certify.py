"""Every rule of the certificate, broken on purpose by a tiny template."""

from __future__ import annotations

import dataclasses
import math
import pickle
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from maths.broken import fault
from maths.tiny import STATEMENT, check, off_by_one, solve, tiny
from penwork.author import exp, flag, option, slip, vector
from penwork.certify import agree, certify_check, certify_statement
from penwork.errors import Fault
from penwork.instance import make
from penwork.maths import rework
from penwork.maths.fields import FLOAT
from penwork.numbers import exact

Solve = Callable[[Any, Any], None]


def test_the_tiny_template_is_certified() -> None:
    made = make(tiny(), seed=4, level=1)
    a, b = made.given["a"], made.given["b"]
    assert made.answers["p"].value == a * (a + b)
    assert (made.certificate.values_checked, made.certificate.equations_checked) == (4, 4)
    assert [s.name for s in made.slips] == ["subtracted", "squared the sum"]
    assert made.certificate.routes == ("Expands the product",)


# ── 1: check ──


def test_check_that_disagrees() -> None:
    found = fault(tiny(check=off_by_one), "check")
    assert found.step == "p"
    assert "check finds" in found.message


def test_check_that_disagrees_on_a_step_only() -> None:
    wrong = {"s": 0}
    assert fault(tiny(check=lambda given: {**check(given), **wrong}), "check").step == "s"


@pytest.mark.parametrize("found", [{}, {"nonsense": 1}])
def test_check_that_covers_nothing(found: dict[str, Any]) -> None:
    fault(tiny(check=lambda given: found), "check")


def test_check_that_covers_nothing_has_no_excuse() -> None:
    excuses = {"check": "none", "coverage": "none"}
    fault(tiny(check=lambda given: {"nonsense": 1}, exceptions=excuses), "check")


def test_check_that_leaves_out_an_answer() -> None:
    found = fault(tiny(check=lambda given: {"s": check(given)["s"]}), "check")
    assert (found.step, "leaves out" in found.message) == ("p", True)


def test_check_that_covers_too_few_steps() -> None:
    def long(work: Any, given: Any) -> None:
        at = given.a
        for i in range(4):
            at = work.let(
                f"s{i}", at + given.b, f"s_{i}", slips=[slip(f"slip {i}", "?", at * (i + 2))]
            )
        work.answer("p", at)

    def some(*names: str) -> Callable[[Any], dict[str, Any]]:
        def multiples(given: Any) -> dict[str, Any]:
            """Multiples."""
            a, b = given["a"], given["b"]
            return {**{n: a + (int(n[1]) + 1) * b for n in names}, "p": a + 4 * b}

        return multiples

    assert "60 %" in fault(tiny(solve=long, check=some("s0")), "check").message
    assert make(tiny(solve=long, check=some("s0", "s1")), seed=4, level=1)
    excused = tiny(solve=long, check=some(), exceptions={"coverage": "a reason"})
    assert make(excused, seed=4, level=1)


@pytest.mark.parametrize(
    ("claimed", "found", "same"),
    [
        ("1/3", Fraction(1, 3), True),
        ("1/3", 1 / 3, True),
        ("1/3", 0.3334, False),
        (2, 2 + Fraction(1, 10**12), False),
        (2, 3, False),
        (2, math.nan, False),
        (2, math.inf, False),
        (2, "2", False),
        (2, [2, 2], False),
        ("1e-12", 0.0, False),
        ("1e-12", 2e-12, False),
        ("1e-12", 1.0000001e-12, True),
        (0, 1e-11, True),
    ],
)
def test_agreement(claimed: Any, found: Any, same: bool) -> None:
    assert agree(exact(claimed), found) is same


@pytest.mark.parametrize(("found", "same"), [("yes", True), ("no", False), (["yes"], True)])
def test_agreement_of_words(found: Any, same: bool) -> None:
    assert agree("yes", found) is same


ONE, TWO = exact(1), exact(2)


@pytest.mark.parametrize(
    ("claimed", "found", "same"),
    [
        (np.array([[ONE], [TWO]]), [[1], [2]], True),
        (np.array([[ONE], [TWO]]), [[1, 2]], False),
        (np.array([[ONE], [TWO]]), [1, 2], False),
        (np.array([ONE, TWO]), (1, 2), True),
        (np.array([ONE, TWO]), [[1, 2]], False),
        ([["lo", "w"], ["er"]], [("lo", "w"), ["er"]], True),
        ([["lo", "w"], ["er"]], [["lo"], ["w", "er"]], False),
        (ONE, [1], True),
    ],
)
def test_shape_of_what_check_finds(claimed: Any, found: Any, same: bool) -> None:
    def certified() -> bool:
        try:
            return certify_check({"v": found}, {"v": claimed}, [], {}, {"coverage": ""}) > 0
        except Fault as fault:
            assert "the shape" in fault.message
            return False

    assert certified() is same


def test_answers_of_check_are_not_trusted_by_count() -> None:
    with pytest.raises(Fault, match="check finds"):
        certify_check(
            {"v": [1, 2]}, {"v": [exact(1), exact(2), exact(3)]}, [], {}, {"coverage": ""}
        )


def deciding(work: Any, given: Any) -> None:
    work.choose("best", [option(f"o_{i}", given.a * i, f"item {i}") for i in (1, 3, 2)], keep=2)
    work.compare("large", given.a, ">", 1)
    work.state("stack", "stack", "a b")
    solve(work, given)


def decided(a: Any) -> dict[str, Any]:
    """What check may say of each decision of `deciding`."""
    return {
        "step best": ([3 * a, 2 * a], [a], ["item 3", "item 2"]),
        "step large": (a, 1, "yes"),
        "step stack": "a b",
    }


@pytest.mark.parametrize(
    ("step", "wrong"),
    [
        ("step best", lambda a: ([2 * a, 3 * a], [a])),
        ("step best", lambda a: ([3 * a, a], [2 * a])),
        ("step best", lambda a: ([3 * a, 2 * a], [a + 1])),
        ("step best", lambda a: ([3 * a, 2 * a], [])),
        ("step best", lambda a: ([3 * a, 2 * a], [a], ["item 2", "item 3"])),
        ("step best", lambda a: ()),
        ("step large", lambda a: (a, 1, "no")),
        ("step large", lambda a: (a, 2, "yes")),
        ("step stack", lambda a: "a"),
    ],
)
def test_check_that_decides_otherwise(step: str, wrong: Callable[[Any], Any]) -> None:
    def right(given: Any) -> dict[str, Any]:
        """Sorts."""
        return {**check(given), **decided(given["a"])}

    assert make(tiny(solve=deciding, check=right), seed=4, level=1)
    other = tiny(solve=deciding, check=lambda given: {**right(given), step: wrong(given["a"])})
    assert fault(other, "check").step == step.removeprefix("step ")


@pytest.mark.parametrize("step", ["step best", "step large", "step stack", "step held"])
def test_numbers_of_a_decision_are_found_or_named_before(step: str) -> None:
    def worked(work: Any, given: Any) -> None:
        solve(work, given)
        work.choose("best", [option(f"o_{i}", given.a * i, f"item {i}") for i in (1, 3, 2)], keep=2)
        work.compare("large", given.a * 2, ">", 1)
        work.state("stack", "stack", "a 7 b")
        work.state("held", ["t"], [["x", "y"]])

    def right(given: Any) -> dict[str, Any]:
        """Sorts."""
        a = given["a"]
        found = {"step large": (2 * a, 1, "yes"), "step stack": "a 7 b"}
        return {**check(given), **decided(a), **found, "step held": [["x", "y"]]}

    def all_but(given: Any) -> dict[str, Any]:
        """Sorts."""
        return {name: value for name, value in right(given).items() if name != step}

    assert make(tiny(solve=worked, check=right), seed=4, level=1)
    assert fault(tiny(solve=worked, check=all_but), "check").step == step.removeprefix("step ")
    excused = tiny(solve=worked, check=all_but, exceptions={"coverage": "a reason"})
    assert make(excused, seed=4, level=1)


def test_comparison_with_a_number_that_stands_nowhere() -> None:
    def limited(named: bool) -> Solve:
        def compares(work: Any, given: Any) -> None:
            solve(work, given)
            limit = work.let("m", given.b * 2, "m") if named else given.b * 2
            work.compare("c", given.a, "<", limit, label="c")

        return compares

    def doubled(given: Any) -> dict[str, Any]:
        """Doubles."""
        return {**check(given), "c": "yes"}

    asking = STATEMENT.replace('"p"', '"p c"')
    found = fault(tiny(solve=limited(False), check=doubled, statement=asking), "operands")
    assert found.step == "c"
    assert make(tiny(solve=limited(True), check=doubled, statement=asking), seed=4, level=1)


def test_decision_that_keeps_none() -> None:
    def keeping_none(work: Any, given: Any) -> None:
        solve(work, given)
        work.choose("best", [option("o", given.a, "one")], keep=0)

    assert fault(tiny(solve=keeping_none), "decision").step == "best"


# ── 2: float run ──


def with_exp(work: Any, given: Any) -> None:
    s = work.let("s", exp(given.a / 10), "s", slips=[slip("lost", "?", given.a / 10)])
    p = work.let("p", s + given.b, "p", slips=[slip("minus", "?", s - given.b)])
    work.answer("p", p)


def check_exp(given: Any) -> dict[str, Any]:
    """Floats."""
    return {"s": math.e ** (given["a"] / 10), "p": math.e ** (given["a"] / 10) + given["b"]}


def test_float_run_that_disagrees(monkeypatch: pytest.MonkeyPatch) -> None:
    template = tiny(solve=with_exp, check=check_exp)
    assert make(template, seed=4, level=1)
    off = dataclasses.replace(FLOAT, exp=lambda x: math.exp(x) * (1 + 1e-7))
    monkeypatch.setattr(rework, "FLOAT", off)
    assert fault(template, "float").step == "s"


# ── 4: the statement ──


@pytest.mark.parametrize("left_out", ["a", "b"])
def test_given_that_the_statement_leaves_out(left_out: str) -> None:
    statement = STATEMENT.replace(f"<< {left_out}|eq >>", "nothing")
    assert repr(left_out) in fault(tiny(statement=statement), "statement").message


def test_given_that_only_an_if_reads_is_not_told() -> None:
    statement = STATEMENT.replace("<< a|eq >>", "<% if a.plain > 0 %>positive<% endif %>")
    fault(tiny(statement=statement), "statement")


@pytest.mark.parametrize("wrong", [r"\val{a}{10000}", r"\given{a}{a}{-1}", r"\word{b}{two}"])
def test_given_that_the_statement_prints_wrongly(wrong: str) -> None:
    fault(tiny(statement=wrong + STATEMENT), "statement")


@pytest.mark.parametrize("place", ["text", "part"])
def test_tampered_digit_of_a_given(place: str) -> None:
    made = make(tiny(), seed=4, level=1)
    declared, b = tiny().problem.given, str(made.given["b"])
    texts = [made.statement, made.parts[0].text]
    assert certify_statement(declared, made.given, texts) == 2
    shifted = made.statement.replace(f"{{{b}}}", f"{{{int(b) + 1}}}")
    texts = [shifted, ""] if place == "text" else [made.statement, rf"\val{{b}}{{{int(b) + 1}}}"]
    with pytest.raises(Fault, match="prints"):
        certify_statement(declared, made.given, texts)


def test_flag_told_by_the_wrong_text() -> None:
    declared = {"causal": flag()}
    assert certify_statement(declared, {"causal": True}, [r"\said{causal}{yes}{A mask.}"]) == 1
    with pytest.raises(Fault):
        certify_statement(declared, {"causal": True}, [r"\said{causal}{no}{No mask.}"])


def test_vector_told_but_for_one_entry() -> None:
    declared, stored = {"v": vector()}, {"v": [exact(1), exact(2)]}
    assert certify_statement(declared, stored, [r"\val{v:0}{1}\val{v:1}{2}"]) == 2
    with pytest.raises(Fault):
        certify_statement(declared, stored, [r"\val{v:0}{1}"])


@pytest.mark.parametrize(
    "printed",
    ["<< 3 >>", "<< a >>", "<< a.plain >>", "<< level >>", "<< b.plain + 1 >>", "<< 3|n >>"],
)
def test_prose_with_a_number_that_is_no_step(printed: str) -> None:
    assert "number" in str(fault(tiny(statement=printed + STATEMENT), "numbers"))


def test_part_that_asks_for_what_solve_does_not_answer() -> None:
    fault(tiny(statement=STATEMENT.replace('"p"', '"q"')), "statement")


@pytest.mark.parametrize(
    "statement",
    [
        "<< a|eq >> << b|eq >>",
        STATEMENT + '<% part asks="" marks="B1" %>Find $q$.',
        STATEMENT.replace("M1 A1", "M A"),
        STATEMENT.replace("M1 A1", "M2 A0"),
        STATEMENT + "<< c|eq >>",
        STATEMENT + "<% if %>",
    ],
    ids=[
        "no part",
        "part that asks nothing",
        "no marks",
        "marks for nothing",
        "unknown name",
        "broken Jinja",
    ],
)
def test_broken_statement(statement: str) -> None:
    fault(tiny(statement=statement), "statement")


@pytest.mark.parametrize("text", ["20% of it", r"one \\\\% two"], ids=["bare", "after a new line"])
def test_text_that_tex_would_take_for_a_comment(text: str) -> None:
    def wordy(work: Any, given: Any) -> None:
        solve(work, given)
        work.insight(text, holds=lambda n: True)

    def why(work: Any, given: Any) -> None:
        work.answer("p", (given.a + given.b) * given.a, "p", why=text, slips=[
            slip("one", "b", given.a), slip("two", "b", given.b)])  # fmt: skip

    for broken in (tiny(statement=text + STATEMENT), tiny(solve=wordy), tiny(solve=why)):
        fault(broken, "text")
    fine = STATEMENT + r" 20\% and \\\% of it"
    assert make(tiny(statement=fine), seed=4, level=1)


@pytest.mark.parametrize(
    ("claim", "said"),
    [
        (lambda s, a: (s, {"label": "$q$"}), "another name"),
        (lambda s, a: (s * 2, {}), "no line"),
        (lambda s, a: ([s, s * 2], {}), "no line"),
        (lambda s, a: (float(a) / 7, {}), "outside the steps"),
        (lambda s, a: (a > 3, {}), "outside the steps"),
        (lambda s, a: (a / 7, {}), "outside the steps"),
        (lambda s, a: ("inf", {"options": ["nan", "zero"]}), "options"),
        (lambda s, a: ("nan", {"options": ["nan", "nan"]}), "options"),
    ],
)
def test_answer_that_its_box_or_line_belies(claim: Any, said: str) -> None:
    def claiming(work: Any, given: Any) -> None:
        s = work.let("s", given.a + given.b, "s")
        value, how = claim(s, given.plain("a"))
        work.answer("p", value, **how)

    assert said in fault(tiny(solve=claiming), "answers").message


def test_a_fault_comes_whole_out_of_another_process() -> None:
    one = Fault("rule", "what is wrong", "step")
    one.where, one.replay = "here", "penwork show it"
    there = pickle.loads(pickle.dumps(one))
    assert str(there) == str(one) and there.rule == "rule"
