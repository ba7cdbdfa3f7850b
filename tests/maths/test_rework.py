"""Other numbers in a run's formulas: what a run of solve would have found."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from maths.tiny import tiny
from penwork.answers import data_of
from penwork.author import option, scalar, slip
from penwork.catalogue import default_folders, load
from penwork.certify import agree
from penwork.errors import Reject
from penwork.instance import propose, solve
from penwork.maths.rework import Undecided, after_turn, as_on_paper
from penwork.maths.value import ShapeError
from penwork.numbers import exact, precision

CATALOGUE = load(default_folders())


def by_running(template: Any, given: Any, name: str, wanted: frozenset[str]) -> Any:
    try:
        run = solve(template, given, slip=name, wanted=wanted)
    except (Reject, ArithmeticError, ShapeError) as error:
        return type(error)
    return {claim.name: data_of(claim.value) for claim in run.claims}


@pytest.mark.parametrize("name", sorted(CATALOGUE.pairs))
def test_a_turn_gives_what_a_run_gives(name: str) -> None:
    template, turns = CATALOGUE.get(name), 0
    for level, seed in product((1, 2, 3), range(3)):
        with precision():
            _, found = propose(template, seed=seed, level=level)
            wanted = frozenset(found.asked)
            key = {claim.name: claim.value for claim in found.exact.claims}
            for wrong in found.exact.turns.beliefs:
                try:
                    turned: Any = after_turn(found.exact, wrong, wanted)
                except Undecided:
                    continue
                except (Reject, ArithmeticError, ShapeError) as error:
                    turned = type(error)
                turns += 1
                run = by_running(template, found.given, wrong, wanted)
                if isinstance(run, type):  # a division by 0 may be refused before it is done
                    assert isinstance(turned, type) and (turned is run or issubclass(turned, run))
                    continue
                assert turned.keys() <= wanted
                after = key | turned
                assert all(agree(data_of(after[each]), run[each]) for each in wanted), wrong
    assert turns


def thirds(work: Any, given: Any) -> None:
    third = work.let("third", given.a / 3, "t", slips=[slip("halved", "misread", lambda: given.a)])
    whole = work.let("whole", 3 * third, "w")
    work.answer("third", third)
    work.compare("large", whole, ">", 5)
    work.answer("whole", whole)


def test_on_paper_the_printed_digits_are_carried() -> None:
    found = as_on_paper(
        solve(tiny(solve=thirds, given={"a": scalar()}), {"a": exact("7.0001")}), {}
    )
    assert found["third"] == exact("2.3334")
    assert found["whole"] == exact("7.0002")


def test_numbers_that_are_put_in_are_carried_as_they_are() -> None:
    work = solve(tiny(solve=thirds, given={"a": scalar()}), {"a": exact(7)})
    assert as_on_paper(work, {"third": exact("0.123456")})["whole"] == exact("0.3704")


def decided(work: Any, given: Any) -> None:
    third = work.let("third", given.a / 3, "t", slips=[slip("halved", "misread", lambda: given.a)])
    work.compare("large", third, ">", 5)
    kept = work.choose("best", [option("t", third, 0), option("9", third * 0 + 9, 1)])
    work.answer("score", kept[0].score)
    work.answer("third", third)


def test_a_turn_that_leaves_decisions_as_they_are_needs_no_run() -> None:
    work = solve(tiny(solve=decided, given={"a": scalar()}), {"a": exact(4)})
    assert after_turn(work, "halved", frozenset({"third"})) == {"third": 4}
    assert after_turn(work, "halved", frozenset({"score"})) == {"score": 9}


@pytest.mark.parametrize("a", [7, 10])
def test_a_turn_that_changes_a_decision_is_left_to_a_run(a: int) -> None:
    work = solve(tiny(solve=decided, given={"a": scalar()}), {"a": exact(a)})
    with pytest.raises(Undecided):
        after_turn(work, "halved", frozenset({"third"}))
