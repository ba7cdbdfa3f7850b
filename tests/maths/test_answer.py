"""The verb `answer`: with a LaTeX name, it is the step and the answer of one name."""

from __future__ import annotations

from typing import Any

import pytest

from maths.tiny import check, tiny
from penwork.author import scalar, slip
from penwork.errors import Fault, UserError
from penwork.instance import make, make_given, solve
from penwork.maths.value import TraceError, Value
from penwork.maths.work import Work
from penwork.numbers import exact
from penwork.prove.saboteur import sabotaged


def in_two(work: Any, given: Any) -> None:
    s = work.let("s", given.a + given.b, "s", why="added")
    slips = [slip("lost", "?", s), slip("squared", "?", s**2)]
    work.answer("p", work.let("p", s * given.a, "p", why="times", slips=slips))


def in_one(work: Any, given: Any) -> None:
    s = work.let("s", given.a + given.b, "s", why="added")
    slips = [slip("lost", "?", s), slip("squared", "?", s**2)]
    work.answer("p", s * given.a, "p", why="times", slips=slips)


def run(solving: Any) -> Work:
    return solve(tiny(solve=solving, given={"a": scalar()}), {"a": exact(3)})


def test_one_line_makes_what_two_made() -> None:
    one, two = (make(tiny(solve=solving), seed=1, level=1) for solving in (in_one, in_two))
    assert one == two
    assert [step.name for step in one.steps] == ["s", "p"]
    assert [found.name for found in one.slips] == ["lost", "squared"]


def test_the_named_value_comes_back() -> None:
    done: list[Value] = []
    work = run(lambda w, g: done.append(w.answer("twice", 2 * g.a, "t", places=3, label="box")))
    assert done[0].name is not None
    assert done[0].name.tex == "t"
    assert (work.claims[0].value, work.claims[0].places) == (done[0], 3)
    assert work.claims[0].why == ""  # it is the step's


def test_what_has_no_latex_is_handed_in_as_it_is() -> None:
    said: list[str] = []
    work = run(lambda w, g: said.append(w.answer("word", "yes", why="it is so")))
    assert said == ["yes"]
    assert not work.records
    assert work.claims[0].why == "it is so"


@pytest.mark.parametrize("how", [{"slips": []}, {"entry": "A"}, {"style": "fraction"}])
def test_a_step_without_its_latex_is_refused(how: dict[str, Any]) -> None:
    with pytest.raises(TraceError, match=f"{next(iter(how))} .*LaTeX"):
        run(lambda w, g: w.answer("twice", 2 * g.a, **how))


def test_twice_is_refused() -> None:
    with pytest.raises(Fault, match="given twice"):
        run(lambda w, g: (w.answer("s", g.a, "s"), w.answer("s", g.a, "t")))


def test_a_comparison_with_a_box_is_an_answer() -> None:
    work = run(lambda w, g: w.compare("large", g.a, ">", 5, yes="big", no="small", label="size"))
    (claim,) = work.claims
    assert (claim.name, claim.value, claim.label) == ("large", "small", "size")
    assert claim.options == ("big", "small")
    assert not run(lambda w, g: w.compare("large", g.a, ">", 5)).claims


def test_numbers_that_cannot_be_worked_are_refused() -> None:
    def solving(work: Any, given: Any) -> None:
        work.refuse(given.plain("b") == 7, "b is 7")
        in_one(work, given)

    template = tiny(solve=solving)
    assert make_given(template, {"a": 3, "b": 20}, level=1).answers["p"].value == 69
    with pytest.raises(UserError, match="cannot be worked: b is 7"):
        make_given(template, {"a": 3, "b": 7}, level=1)


def test_faults_are_injected_into_it() -> None:
    noted: list[Any] = []
    template = tiny(solve=in_one, check=check)
    solve(sabotaged(template, None, noted), {"a": exact(3), "b": exact(20)})
    assert {"s", "p"} == {fault.step for fault in noted}
    assert ("p", "slip", "lost") in {(f.step, f.formula, f.kind) for f in noted}
