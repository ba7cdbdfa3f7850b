"""Who draws what, how points are shared out, and form codes that nobody mixes up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penwork.compose.exams import plan
from penwork.compose.exams.plan import Drawn, Draws, Item, Paper, Slot, neighbours, scaled
from penwork.compose.exams.roster import Student
from penwork.compose.exams.seeds import ALPHABET, APART, CODE_LENGTH, Codes, Source
from penwork.errors import Fault, UserError
from penwork.model import points_of
from press.exams.small import SECRET

SOURCE = Source(SECRET, "plan")
Plan = Mapping[str, Sequence[tuple[str, tuple[str, ...]]]]


def slot(same: bool = False) -> Slot:
    marks, asks = ("M1 A1",), (("y",),)
    return Slot("s", 0, "toy/s", 1, 1, 2, (), asks, (), same, "S", 5, "none", marks, "auto")


def paper(name: str, items: tuple[Item, ...] = (), seat: int = 0) -> Paper:
    student = Student(name, name, row="1" if seat else "", seat=str(seat) if seat else "")
    return Paper(f"F{name}", student, 1, name, "", (0,), None, items)


def drawn(turn: int, givens: str, numbers: tuple[str, ...]) -> Drawn:
    return Drawn(turn, 100 + turn, 0, givens, 10.0, numbers)


def settled(papers: list[Paper], turns: Plan, same: bool = False) -> tuple[list[int], list[str]]:
    """The seeds of the papers, and who drew again."""
    asked = []

    def again(who: str, number: int, turn: int) -> Drawn:
        asked.append(who)
        return drawn(turn, *turns[who][min(turn, len(turns[who]) - 1)])

    draws = Draws([slot(same)], [(0.0, 99.0)], SOURCE)
    first = {(who, 0): drawn(0, *its[0]) for who, its in turns.items()}
    near = neighbours([each.student for each in papers])
    found = draws.settle(papers, first, near, again)
    return [each.items[0].seed for each, fault in found if not fault], asked


def test_who_has_the_same_givens_later_draws_again() -> None:
    turns: Plan = {"a": [("G", ("1",))], "b": [("G", ("1",)), ("G", ("1",)), ("H", ("2",))]}
    assert settled([paper("a"), paper("b")], turns) == ([100, 102], ["b", "b"])


def test_a_draw_that_fails_when_it_is_drawn_again_leaves_the_others() -> None:
    def again(who: str, number: int, turn: int) -> Drawn:
        raise Fault("check", "wrong on one seed in two thousand")

    first = {(who, 0): drawn(0, "G", ("1",)) for who in "ab"}
    first["c", 0] = drawn(7, "H", ("2",))
    draws = Draws([slot()], [(0.0, 99.0)], SOURCE)
    found = list(draws.settle([paper("a"), paper("b"), paper("c")], first, {}, again))
    assert [(each.form, len(each.items), bool(fault)) for each, fault in found] == [
        ("Fa", 1, False),
        ("Fb", 0, True),
        ("Fc", 1, False),
    ]


def test_a_paper_that_is_there_keeps_its_draw() -> None:
    turns: Plan = {"a": [("G", ("1",))], "b": [("G", ("1",)), ("H", ("2",))]}
    kept = paper("b", (Item(0, 100, 0),))
    assert settled([kept, paper("a")], {**turns, "a": [*turns["a"], ("I", ("3",))]}) == (
        [100, 101],
        ["a"],
    )


def test_a_late_student_changes_no_draw_of_before() -> None:
    turns: Plan = {"a": [("G", ("1",))], "b": [("H", ("2",))], "c": [("G", ("1",)), ("K", ("4",))]}
    before, _ = settled([paper("a"), paper("b")], turns)
    after, asked = settled([paper("a"), paper("b"), paper("c")], turns)
    assert after[:2] == before and asked == ["c"]


def test_neighbours_never_have_the_same_numbers() -> None:
    turns: Plan = {"a": [("G", ("1",))], "b": [("H", ("1",)), ("I", ("2",))]}
    assert settled([paper("a", seat=1), paper("b", seat=2)], turns) == ([100, 101], ["b"])
    assert settled([paper("a", seat=1), paper("b", seat=3)], turns) == ([100, 100], [])


def test_forms_never_have_the_same_numbers() -> None:
    turns: Plan = {"form A": [("G", ("1",))], "form B": [("H", ("1",)), ("I", ("2",))]}
    forms = [replace(paper(name), who=f"form {name[0]}") for name in ("A1", "B1", "A2")]
    assert settled(forms, turns) == ([100, 101, 100], ["form B"])


def test_words_alone_make_nobody_draw_again() -> None:
    turns: Plan = {"a": [("G", ())], "b": [("H", ())]}
    assert settled([paper("a", seat=1), paper("b", seat=2)], turns) == ([100, 100], [])


def test_the_same_for_everybody_is_drawn_once() -> None:
    turns: Plan = {plan.EVERYBODY: [("G", ("1",))]}
    papers = [paper("a", seat=1), paper("b", seat=2)]
    assert settled(papers, turns, same=True) == ([100, 100], [])


def test_too_few_problems_say_how_many_there_are() -> None:
    turns: Plan = {"a": [("G", ("1",))], "b": [("G", ("1",))]}
    with pytest.raises(UserError, match="toy/s at level 2 has about 1 different problems") as told:
        settled([paper("a"), paper("b")], turns)
    assert told.value.hint == "Set `same = true`, or take another template."


@pytest.mark.parametrize(("there", "forms"), [(2, 2), (3, 3), (4, 4), (9, 4)])
def test_too_few_problems_are_enough_for_some_forms(there: int, forms: int) -> None:
    turns: Plan = {f"s{k}": [(f"G{k % there}", ())] for k in range(there + 1)}
    with pytest.raises(UserError, match=f"has about {there} different problems") as told:
        settled([paper(name) for name in turns], turns)
    assert f"Print forms (versions = {forms}), set `same" in told.value.hint


def test_neighbours_sit_beside_before_and_behind() -> None:
    seats = {"a": (1, 1), "b": (1, 2), "c": (2, 1), "d": (2, 2), "e": (4, 1)}
    found = neighbours([Student(n, n, row=str(r), seat=str(s)) for n, (r, s) in seats.items()])
    assert {name: set(near) for name, near in found.items()} == {
        "a": {"b", "c"},
        "b": {"a", "d"},
        "c": {"a", "d"},
        "d": {"b", "c"},
        "e": set(),
    }


codes = st.tuples(
    st.sampled_from("MAB"), st.integers(1, 9).map(str), st.sampled_from(["", "ft"])
).map("".join)
marks = st.lists(st.lists(codes, min_size=1, max_size=4).map(" ".join), min_size=1, max_size=5)


@given(marks, st.integers(1, 99))
def test_marks_add_up_to_the_points(given_marks: list[str], points: int) -> None:
    found = scaled(given_marks, points)
    assert len(found) == len(given_marks)
    assert sum(points_of(text) for text in found) == points
    kinds = {(code[0], code.endswith("ft")) for text in given_marks for code in text.split()}
    assert {(code[0], code.endswith("ft")) for text in found for code in text.split()} <= kinds
    if points >= len(given_marks):
        assert all(found)


@given(marks)
def test_marks_stay_without_points_and_with_the_same(given_marks: list[str]) -> None:
    assert scaled(given_marks, None) == tuple(given_marks)
    total = sum(points_of(text) for text in given_marks)
    assert scaled(given_marks, total) == tuple(given_marks)


def test_codes_differ_in_four_characters() -> None:
    codes = Codes(SOURCE)
    codes.keep(["3333333"])
    found = ["3333333", *(codes.give(str(number)) for number in range(600))]
    assert all(len(code) == CODE_LENGTH and set(code) <= set(ALPHABET) for code in found)
    assert not set(ALPHABET) & set("0O1I")
    least = min(sum(a != b for a, b in zip(*pair, strict=True)) for pair in combinations(found, 2))
    assert least == APART == 4


def test_a_code_of_its_own_for_each_secret_and_exam() -> None:
    others = [Source(SECRET, "other"), Source(SECRET[:-1], "plan")]
    for other in others:
        assert Codes(other).give("a") != Codes(SOURCE).give("a")
        assert other.seed("a", "s", 0) != SOURCE.seed("a", "s", 0)
        assert other.fingerprint != SOURCE.fingerprint
    assert SOURCE.seed("a", "s", 0) != SOURCE.seed("a", "s", 1)
