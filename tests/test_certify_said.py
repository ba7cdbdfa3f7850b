"""Letters and insights: what a key says of its numbers, broken on purpose by a tiny template."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import pytest

from maths.broken import fault
from maths.tiny import STATEMENT, check, solve, tiny
from penwork.author import option, position, scalar, slip, vector
from penwork.instance import make, make_given

Solve = Callable[[Any, Any], None]


# ── letters ──


@pytest.mark.parametrize("tex", ["s", "a", "7", "12.5", "s=a", "a<b"])
def test_letter_that_is_taken_or_none(tex: str) -> None:
    def twins(work: Any, given: Any) -> None:
        s = work.let("s", given.a + given.b, "s", slips=[slip("one", "?", given.a)])
        work.answer("p", s * given.a, tex, slips=[slip("two", "?", s)])

    assert fault(tiny(solve=twins), "names").step == "p"


def test_letter_of_two_givens() -> None:
    assert (
        "both called x" in fault(tiny(given={"a": scalar("x"), "b": scalar("x")}), "names").message
    )


def test_letter_of_an_entry_that_is_a_given_too() -> None:
    def entries(work: Any, given: Any) -> None:
        work.let("q", given.x1 * 2, "q")
        work.answer("p", given.x[0] * work.records[-1].result, "p", slips=[
            slip("one", "?", given.x1), slip("two", "?", given.x[1])])  # fmt: skip

    def found(given: Any) -> dict[str, Any]:
        """Doubles."""
        return {"q": given["x1"] + given["x1"], "p": 2 * given["x"][0] * given["x1"]}

    def make_of(tex: str) -> Any:
        return tiny(
            solve=entries,
            check=found,
            given={"x1": scalar(tex), "x": vector()},
            sample=lambda draw, level: {"x1": draw.integer(30, 99), "x": [2, 3]},
            statement='<< x1|eq >> << x|eq >><% part asks="p" marks="A1" %>Find.',
        )

    assert "x_1 is one number here" in fault(make_of("x_1"), "names").message
    assert make(make_of("a"), seed=4, level=1)


def test_label_of_two_options() -> None:
    def alike(work: Any, given: Any) -> None:
        solve(work, given)
        work.choose("best", [option("d", given.a * i, f"item {i}") for i in (1, 3)])
        work.answer("w", "item 3")

    def sorted_(given: Any) -> dict[str, Any]:
        """Sorts."""
        return {**check(given), "w": "item 3"}

    asking = STATEMENT.replace('"p"', '"p w"')
    assert fault(tiny(solve=alike, check=sorted_, statement=asking), "names").step == "best"


@pytest.mark.parametrize(
    "tex", ["P(D,+)", r"n_{\tok{</s>}}", r"\frac{\partial L}{\partial \mathbf{W_{1}}}"]
)
def test_signs_within_a_letter(tex: str) -> None:
    def named(work: Any, given: Any) -> None:
        s = work.let("s", given.a + given.b, tex, slips=[slip("one", "?", given.a)])
        work.answer("p", s * given.a, "p", slips=[slip("two", "?", s)])

    assert make(tiny(solve=named), seed=4, level=1)


# ── insights ──


def saying(*insights: Callable[[Any, Any], None]) -> Solve:
    def with_insights(work: Any, given: Any) -> None:
        solve(work, given)
        for insight in insights:
            insight(work, given)

    return with_insights


def test_false_insight_is_not_printed() -> None:
    false = saying(lambda work, given: work.insight("Never.", holds=lambda n: n(given.a) > 99))
    assert make(tiny(solve=false), seed=4, level=1).insight == ""
    both = saying(
        lambda work, given: work.insight("Never.", holds=lambda n: n(given.a) > 99),
        lambda work, given: work.insight("$a$ is << a|n >>.", holds=lambda n: True, a=given.a),
    )
    made = make(tiny(solve=both), seed=4, level=1)
    assert made.insight == rf"$a$ is \ensuremath{{{made.given['a']}}}."


@pytest.mark.parametrize(
    "never",
    [
        lambda n: (x for x in [False]),
        lambda n: (False, False),
        lambda n: lambda: False,
        lambda n: n(-1),
        lambda n: None,
    ],
    ids=["generator", "pair", "function", "number", "nothing"],
)
def test_what_counts_as_true_is_no_test(never: Any) -> None:
    fault(tiny(solve=saying(lambda work, given: work.insight("Never.", holds=never))), "tests")
    fault(tiny(solve=saying(lambda work, given: work.require(never, "never"))), "tests")


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        (lambda given: given.a / 7, r"r\approx 0.5714, about 0.5714"),
        (lambda given: given.a / 8, "r=0.5, 0.5"),
    ],
)
def test_insight_tells_a_rounded_number_from_an_exact_one(formula: Any, said: str) -> None:
    def rounding(work: Any, given: Any) -> None:
        solve(work, given)
        r = work.let("r", formula(given), "r", style="rounded")
        work.insight("<< r|eq >>, << r|about >>", r=r)

    def finds(given: Any) -> dict[str, Any]:
        """Divides."""
        return {**check(given), "r": formula(SimpleNamespace(a=Fraction(given["a"])))}

    template = tiny(solve=rounding, check=finds)
    insight = make_given(template, {"a": 4, "b": 3}, level=1).insight
    assert insight.replace(r"\ensuremath{", "").replace("}", "") == said


@pytest.mark.parametrize("written", ["<< v|n >>", "<< v|eq >>", "<< v|name >>", "<< v >>"])
@pytest.mark.parametrize("kind", ["unnamed", "plain"])
def test_insight_with_a_number_that_is_no_step(written: str, kind: str) -> None:
    def insight(work: Any, given: Any) -> None:
        work.insight(f"It is {written}.", v=given.a * given.b if kind == "unnamed" else 7)

    fault(tiny(solve=saying(insight)), "numbers")


def test_insight_with_a_number_that_nothing_certifies() -> None:
    def remote(work: Any, given: Any) -> None:
        t = work.let("t", given.a * 99, "t")
        work.insight("<< t|eq >>", holds=lambda n: True, t=t)

    def finds(given: Any) -> dict[str, Any]:
        """Adds."""
        return {**check(given), "t": sum([given["a"]] * 99)}

    assert fault(tiny(solve=saying(remote)), "insight").step == "t"
    assert "t=" in make(tiny(solve=saying(remote), check=finds), seed=4, level=1).insight


def test_insight_may_count_positions() -> None:
    counted = saying(lambda work, given: work.insight("Row << i|n >>.", i=position(2)))
    assert make(tiny(solve=counted), seed=4, level=1).insight == "Row 2."
