"""What is drawn again (slips, effort, ties, rounding), and what a fault carries."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from maths.broken import fault, rejected
from maths.tiny import STATEMENT, off_by_one, sample, solve, tiny
from penwork import instance as engine
from penwork.author import exp, log, option, scalar, slip, vector
from penwork.certify import certify_slips
from penwork.draw import Draw
from penwork.errors import Fault, Reject, UserError
from penwork.instance import make, make_given, replay
from penwork.model import Slip
from penwork.numbers import exact
from penwork.problem import Template

Solve = Callable[[Any, Any], None]
ALONE = {"coverage": "check finds no decision here"}


# ── 5: slips ──


def test_slip_equal_to_the_key() -> None:
    made = make(tiny(), seed=4, level=1)
    same = Slip("the key itself", "?", "p", made.answers["p"].value, "$p = 1$")
    with pytest.raises(Fault, match="is the key"):
        certify_slips([*made.slips, same], made.answers, strict=True)


def slipping(*instead: Callable[[Any, Any], Any]) -> Solve:
    def with_slips(work: Any, given: Any) -> None:
        s = work.let("s", given.a + given.b, "s")
        slips = [slip(f"slip {i}", f"belief {i}", f(s, given)) for i, f in enumerate(instead)]
        work.answer("p", work.let("p", s * given.a, "p", slips=slips))

    return with_slips


@pytest.mark.parametrize(
    "dead",
    [lambda s, g: g.a * s, lambda s, g: s / (g.a - g.a), lambda s, g: log(-s)],
    ids=["equals the key", "divides by zero", "has no logarithm"],
)
def test_dead_slip_does_not_count(dead: Any) -> None:
    alive = slipping(lambda s, g: s, lambda s, g: s - g.a, dead)
    assert [s.name for s in make(tiny(solve=alive), seed=4, level=1).slips] == ["slip 0", "slip 1"]
    told = rejected(tiny(solve=slipping(lambda s, g: s, dead)))
    assert "fewer than two slips alive (200); a slip is alive where it leads to another" in told


def test_slip_of_another_shape_is_dead() -> None:
    wide = slipping(lambda s, g: s, lambda s, g: s - g.a, lambda s, g: lambda: g.v)
    given = {"a": scalar(), "b": scalar(), "v": vector()}
    template = tiny(
        solve=wide,
        given=given,
        sample=lambda draw, level: {**sample(draw, level), "v": [1, 2]},
        statement="<< v|eq >>" + STATEMENT,
    )
    assert len(make(template, seed=4, level=1).slips) == 2


def test_slips_that_look_the_same_are_merged() -> None:
    twins = slipping(lambda s, g: s, lambda s, g: s + g.a - g.a, lambda s, g: s - g.a)
    first, second = make(tiny(solve=twins), seed=4, level=1).slips
    assert first.name == "slip 0, or slip 1"
    assert first.belief == "belief 0; or belief 1"
    assert second.name == "slip 2"


def test_two_slips_printed_alike_are_rejected() -> None:
    made = make(tiny(), seed=4, level=1)
    first, second = made.slips
    alike = dataclasses.replace(second, latex=first.latex)
    with pytest.raises(Reject, match="look the same"):
        certify_slips([first, alike], made.answers, strict=True)
    assert certify_slips([first, alike], made.answers, strict=False) == ["two slips look the same"]


# ── 6: effort, ties, rounding ──


@pytest.mark.parametrize(
    ("effort", "reason"), [((900, 1000), "too easy"), ((0, 1), "too laborious")]
)
def test_effort_out_of_its_band_stops_after_all_tries(effort: Any, reason: str) -> None:
    drawn = []

    def counting(draw: Any, level: int) -> dict[str, Any]:
        drawn.append(sample(draw, level))
        return drawn[-1]

    told = rejected(tiny(effort=effort, sample=counting))
    assert told.startswith(
        f"200 tries made no good problem: {reason} (200); the last had an effort"
    )
    assert told.endswith(f"effort= asks for {effort[0]} to {effort[1]}")
    assert len(drawn) == 200
    assert len({tuple(d.values()) for d in drawn}) > 100


def test_histogram_names_each_reason() -> None:
    def picky(work: Any, given: Any) -> None:
        work.require(lambda n: n(given.a) > 5, "small a")
        work.require(lambda n: n(given.a) <= 5, "large a")

    message = rejected(tiny(solve=picky))
    counts = {
        reason: int(n[:-1])
        for reason, n in (part.split(" (") for part in message.split(": ")[1].split(", "))
    }
    assert set(counts) == {"small a", "large a"}
    assert sum(counts.values()) == 200


@pytest.mark.parametrize(
    ("scores", "keep", "ties"),
    [([3, 3, 1], 1, True), ([3, 2, 2], 2, True), ([3, 3, 1], 2, True), ([3, 2, 2], 1, False)],
)
def test_ties_reject(scores: list[int], keep: int, ties: bool) -> None:
    def deciding(work: Any, given: Any) -> None:
        options = [option(f"o_{i}", given.a - given.a + s, i) for i, s in enumerate(scores)]
        work.choose("best", options, keep=keep)
        solve(work, given)

    if ties:
        assert "best: a tie (200)" in rejected(tiny(solve=deciding))
    else:
        assert make(tiny(solve=deciding, exceptions=ALONE), seed=4, level=1)


def reaching(scores: list[int], reach: Any) -> Template:
    def deciding(work: Any, given: Any) -> None:
        options = [option(f"o_{i}", given.a - given.a + s, s) for i, s in enumerate(scores)]
        work.choose("best", options, reach=reach)
        solve(work, given)

    return tiny(solve=deciding, exceptions=ALONE)


@pytest.mark.parametrize(
    ("reach", "kept"), [(1, [5]), (6, [5, 3]), (Fraction(17, 2), [5, 3, 2]), (99, [5, 3, 2, 1])]
)
def test_the_fewest_that_add_up_are_kept(reach: Any, kept: list[int]) -> None:
    assert make(reaching([2, 5, 1, 3], reach), seed=4, level=1)
    work = engine.solve(reaching([2, 5, 1, 3], reach), {"a": exact(2), "b": exact(20)})
    assert work.records[0].result == kept


def test_a_sum_that_ends_at_the_cut_is_rejected() -> None:
    assert "best: the sum ends at the cut (200)" in rejected(reaching([2, 5, 1, 3], 8))


def always(a: int, b: int) -> Callable[[Any, int], dict[str, Any]]:
    return lambda draw, level: {"a": a, "b": b}


@pytest.mark.parametrize(("divisor", "differs"), [(333, False), (331, True)])
def test_answers_that_four_decimals_change_are_rejected(divisor: int, differs: bool) -> None:
    """1000 · 200/333 = 600.6006 and 1000 · 0.6006 = 600.6, but 604.2296 is not 604.2."""

    def long(work: Any, given: Any) -> None:
        s = work.let("s", given.a / given.b, "s", slips=[slip("lost", "?", given.a)])
        slips = [slip("halved", "?", s / 2)]
        work.answer("p", work.let("p", s * 1000, "p", slips=slips), places=2)

    def quotient(given: Any) -> dict[str, Any]:
        """One quotient."""
        s = Fraction(given["a"], given["b"])
        return {"s": s, "p": s * 1000}

    template = tiny(solve=long, check=quotient, sample=always(200, divisor))
    if differs:
        assert "carrying four decimals gives another answer (200)" in rejected(template)
    else:
        assert make(template, seed=4, level=1)


def test_answer_that_rounds_to_zero_is_rejected() -> None:
    def small(work: Any, given: Any) -> None:
        s = work.let("s", given.a / (given.b * 5000), "s", slips=[slip("lost", "?", given.a)])
        work.answer("s", s, places=2)

    statement = STATEMENT.replace('"p"', '"s"')
    message = rejected(tiny(solve=small, statement=statement, sample=always(3, 7)))
    assert message.endswith("an answer rounds to 0 (200)")


def comparing(part: int) -> Template:
    def solve_and_compare(work: Any, given: Any) -> None:
        work.compare("c", exp(given.a / part), ">", 1)
        solve(work, given)

    return tiny(solve=solve_and_compare, sample=always(3, 20), exceptions=ALONE)


def test_comparison_that_paper_cannot_show_is_rejected() -> None:
    assert make(comparing(10**3), seed=4, level=1)
    assert "c: a comparison too close for paper (200)" in rejected(comparing(10**5))
    assert "c: too close to call (200)" in rejected(comparing(10**10))


def test_own_numbers_that_cannot_be_divided_are_named_with_the_step() -> None:
    def dividing(work: Any, given: Any) -> None:
        s = work.let("s", 2 * given.a, "s")
        work.answer("p", given.b / s, "p")

    with pytest.raises(UserError, match=r"a division by 0 comes of b, a \(p\)"):
        make_given(tiny(solve=dividing), {"a": 0, "b": 20}, level=1)


@pytest.mark.parametrize("tie", ["reject", "listed"])
def test_tie_on_paper_is_a_tie(tie: Any) -> None:
    """e^0.00001 and e^0.00002 are both printed 1.0000."""

    def deciding(work: Any, given: Any) -> None:
        options = [option(f"o_{i}", exp(given.a * i / 10**5), i) for i in (1, 2)]
        work.choose("best", options, tie=tie)
        solve(work, given)

    assert "best: a tie (200)" in rejected(tiny(solve=deciding, sample=always(1, 20)))


def test_listed_tie_keeps_the_first() -> None:
    def deciding(work: Any, given: Any) -> None:
        options = [option(f"o_{i}", given.a + 1, f"option {i}") for i in range(3)]
        work.choose("best", options, keep=2, tie="listed")
        solve(work, given)

    work = engine.solve(tiny(solve=deciding), {"a": exact(2), "b": exact(20)})
    assert work.records[0].result == ["option 0", "option 1"]


# ── what a fault carries, and own numbers ──


def test_fault_carries_its_place_and_the_line_that_replays_it() -> None:
    found = fault(tiny(check=off_by_one), "check", seed=77)
    assert found.where == "toy/tiny v3, level 1, seed 77"
    assert found.replay == "penwork show toy/tiny --seed 77 --level 1"
    text = str(found)
    assert text.startswith("toy/tiny v3, level 1, seed 77, step p: check finds")
    assert text.endswith("To see it again: penwork show toy/tiny --seed 77 --level 1")


@pytest.mark.parametrize("where", ["solve", "check", "sample"])
def test_any_exception_of_a_template_is_a_fault(where: str) -> None:
    def broken(*_: Any) -> None:
        raise KeyError("oops")

    found = fault(tiny(**{where: broken}), "solve")
    assert "KeyError" in found.message
    assert isinstance(found.__cause__, KeyError)
    assert "--seed 4" in found.replay


def test_sample_that_draws_what_given_forbids() -> None:
    assert "'a'" in fault(tiny(sample=lambda draw, level: {"b": 12}), "given").message
    half = lambda draw, level: {"a": 0.5, "b": 12}  # noqa: E731
    assert "a is a float" in fault(tiny(sample=half), "given").message


def test_own_numbers_bind_the_truth_and_report_the_rest() -> None:
    made = make_given(tiny(effort=(900, 1000)), {"a": 3, "b": "1/2"}, level=1)
    assert made.answers["p"].value == exact("21/2")
    assert made.notices == ["too easy"]
    with pytest.raises(Fault) as caught:
        make_given(tiny(check=off_by_one), {"a": 3, "b": 20}, level=1)
    assert caught.value.replay == "penwork show toy/tiny --given FILE --level 1"


def test_own_numbers_that_cannot_be_worked() -> None:
    def divides(work: Any, given: Any) -> None:
        work.answer("p", work.let("p", given.a / (given.b - given.b), "p"))

    with pytest.raises(UserError, match="cannot be worked"):
        make_given(tiny(solve=divides), {"a": 3, "b": 20}, level=1)


def test_replay_is_the_instance_that_was_made() -> None:
    made = make(tiny(), seed=9, level=1)
    assert made.attempt is not None
    assert replay(tiny(), seed=9, level=1, attempt=made.attempt).given == made.given


def test_story_never_touches_the_numbers() -> None:
    told = tiny(statement='<< pick("one", "other", "third") >> ' + STATEMENT)
    assert [make(told, seed=s, level=1).given for s in range(5)] == [
        make(tiny(), seed=s, level=1).given for s in range(5)
    ]
    assert len({make(told, seed=s, level=1).statement.split()[0] for s in range(9)}) > 1


def test_draw_is_not_shared_between_tries() -> None:
    first = sample(Draw("toy/tiny", 1, 1, 4, 0, "numbers"), 1)
    assert sample(Draw("toy/tiny", 1, 1, 4, 1, "numbers"), 1) != first


def third(decide: Callable[[Any, Any], None]) -> Template:
    """A decision on 10,000 times a third, which is printed as 0.3333."""

    def solve_and_decide(work: Any, given: Any) -> None:
        solve(work, given)
        decide(work, work.let("x", given.a / (3 * given.a), "x", style="rounded") * 10000)

    def check(given: Any) -> dict[str, Any]:
        """By heart."""
        a, b = given["a"], given["b"]
        return {"s": a + b, "p": a * (a + b), "x": Fraction(1, 3), "w": "w"}

    asking = STATEMENT.replace('"p"', '"p w"')
    return tiny(solve=solve_and_decide, check=check, statement=asking, exceptions=ALONE)


@pytest.mark.parametrize("other", ["3333.2", "3333.4", "3332.9"])
@pytest.mark.parametrize("how", ["choose", "compare"])
def test_what_carried_digits_decide_otherwise_is_rejected(how: str, other: str) -> None:
    def decide(work: Any, large: Any) -> None:
        if how == "choose":
            small = large - large + Fraction(other)
            work.choose("best", [option("o_1", large, "one"), option("o_2", small, "two")])
        else:
            work.compare("best", large, ">", Fraction(other))
        work.answer("w", "w")

    if other == "3333.2":
        assert "best: carrying four decimals decides otherwise (200)" in rejected(third(decide))
    else:
        assert make(third(decide), seed=4, level=1)


@pytest.mark.parametrize(("reach", "odd"), [("0.50003", True), ("0.4", False)])
def test_a_sum_that_carried_digits_do_not_reach_is_rejected(reach: str, odd: bool) -> None:
    def decide(work: Any, large: Any) -> None:
        scores = [large - large + Fraction(x) for x in ("0.30004", "0.20004", "0.10004")]
        options = [option(f"o_{i}", score, i) for i, score in enumerate(scores)]
        work.choose("best", options, reach=Fraction(reach))
        work.answer("w", "w")

    if odd:
        assert "decides otherwise" in rejected(third(decide))
    else:
        assert make(third(decide), seed=4, level=1)
