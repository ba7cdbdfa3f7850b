"""Any exam for any class, planned and drawn as it would be printed, without the printing."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penwork.catalogue import Catalogue
from penwork.compose.exams.drawing import NUMERIC
from penwork.compose.exams.layout import Layout
from penwork.compose.exams.plan import FAIR, Slot
from penwork.compose.exams.seeds import APART
from penwork.instance import replay
from penwork.model import Instance
from penwork.press.exams import run
from penwork.press.exams.batch import print_batch
from penwork.press.exams.run import run_exam
from penwork.press.exams.setting import Setting, exam_of, media_of
from penwork.press.exams.sources import Exam
from press.exams.small import DESCENT, MOMENTUM, catalogue, request, spread

POOL = ((DESCENT, 1), (DESCENT, 2), (MOMENTUM, 1), ("vectors/projection", 1))
HEAD = 'id = "whole"\ntitle = "Whole"\nminutes = 30\n'


class Planned(BaseException):
    """The plan is written; what follows is printing."""


@dataclass(frozen=True, slots=True)
class Student:
    id: str
    row: int
    seat: int


@dataclass(frozen=True, slots=True)
class Case:
    """A spec, and the class before and after some left and some came."""

    spec: str
    seated: bool
    before: tuple[Student, ...]
    after: tuple[Student, ...]

    def roster(self, students: Sequence[Student]) -> str:
        place = ",row,seat" if self.seated else ""
        rows = [f"{s.id},S {s.id}{f',{s.row},{s.seat}' * self.seated}" for s in students]
        return "\n".join([f"id,name{place}", *rows, ""])


@st.composite
def sections(draw: st.DrawFn) -> str:
    problems = draw(st.lists(st.sampled_from(POOL), min_size=1, max_size=3))
    pick = draw(st.none() | st.integers(1, len(problems)))
    lines = ["[[section]]", f'order = "{draw(st.sampled_from(("fixed", "shuffled")))}"']
    lines += [f"pick = {pick}"] if pick else []
    for template, level in problems:
        lines += ["[[section.problem]]", f'template = "{template}"', f"level = {level}"]
        points = 12 if pick else draw(st.none() | st.integers(6, 20))
        lines += [f"points = {points}"] if points else []
        lines += ["same = true"] if draw(st.booleans()) else []
    return "\n".join([*lines, ""])


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Two students at least stay."""
    ids = draw(st.lists(st.integers(0, 999), min_size=2, max_size=9, unique=True))
    seats = draw(st.permutations([(row, seat) for row in range(1, 4) for seat in range(1, 4)]))
    students = [Student(f"{number:04d}", *seat) for number, seat in zip(ids, seats, strict=False)]
    kinds = st.lists(st.sampled_from(("stays", "leaves", "comes")), min_size=7, max_size=7)
    those = list(zip(students, ["stays", "stays", *draw(kinds)], strict=False))
    versions = draw(st.none() | st.integers(1, 3))
    spec = HEAD + (f"versions = {versions}\n" if versions else "")
    spec += f"spare = {draw(st.integers(0, 2))}\n"
    spec += f"anonymous = {draw(st.sampled_from(('true', 'false')))}\n"
    return Case(
        spec + "".join(draw(st.lists(sections(), min_size=1, max_size=2))),
        draw(st.booleans()),
        tuple(s for s, what in those if what != "comes"),
        tuple(draw(st.permutations([s for s, what in those if what != "leaves"]))),
    )


def usual_effort(slot: Slot) -> float:
    return float(catalogue().get(slot.template).problem.typical[slot.level])


@pytest.fixture(autouse=True, scope="module")
def unmeasured() -> Iterator[None]:
    """Every exam has its efforts, and no geometry."""

    def setting_of(exam: Exam, *_: Any) -> Setting:
        media = media_of(exam.spec)
        efforts = tuple(map(usual_effort, exam.slots))
        return Setting(exam, media, {medium: Layout(()) for medium in media}, efforts)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "setting_of", setting_of)
        yield


def until_printing(
    work: Callable[[Catalogue, Any], Any], jobs: Sequence[Any], what: str
) -> Iterator[Any]:
    if work is print_batch:
        raise Planned
    yield from spread(work, jobs, what)


def planned(folder: Path, case: Case, students: Sequence[Student]) -> tuple[Exam, Any]:
    """The exam, and the plan that a run leaves in the folder."""
    asked = request(folder, case.spec, case.roster(students))
    with pytest.raises(Planned):
        run_exam(asked, catalogue(), until_printing)
    plan = json.loads((folder / ".penwork" / "plan.json").read_bytes())
    return exam_of(asked.spec, catalogue()), plan


@cache
def instance(slot: Slot, seed: int, attempt: int) -> Instance:
    template = catalogue().get(slot.template)
    return replay(template, seed=seed, level=slot.level, attempt=attempt, parts=slot.letters)


def drawn(exam: Exam, paper: Mapping[str, Any]) -> dict[int, Instance]:
    """The problems of a paper by slot."""
    items = paper["items"]
    return {i["slot"]: instance(exam.slots[i["slot"]], i["seed"], i["attempt"]) for i in items}


def numbers(problem: Instance) -> list[str]:
    answers = [problem.answers[name] for name in problem.asked]
    return [answer.printed for answer in answers if answer.type in NUMERIC]


def see_papers(exam: Exam, papers: Sequence[Mapping[str, Any]]) -> None:
    """Each paper by itself: what it counts, what it asks, what it takes."""
    for paper in papers:
        assert len(set(paper["slots"])) == len(exam.places)
        for place, slot in zip(exam.places, paper["slots"], strict=True):
            assert slot in place.slots
        assert sum(exam.slots[slot].points for slot in paper["slots"]) == exam.points
        assert [item["slot"] for item in paper["items"]] == paper["slots"]
        for slot, problem in drawn(exam, paper).items():
            its = exam.slots[slot]
            assert tuple(part.asks for part in problem.parts) == its.asks
            usual = usual_effort(its)
            assert abs(float(problem.effort) - usual) <= FAIR * usual + 1e-9


def see_class(exam: Exam, case: Case, papers: Sequence[Mapping[str, Any]]) -> None:
    """Every two papers: other codes, other givens, and other numbers side by side."""
    seats = {s.id: (s.row, s.seat) for s in (*case.before, *case.after) if case.seated}
    for one, other in combinations(papers, 2):
        assert sum(a != b for a, b in zip(one["form"], other["form"], strict=True)) >= APART
        assert one["candidate"] != other["candidate"] or not exam.spec.anonymous
        here, there = (drawn(exam, paper) for paper in (one, other))
        for slot in here.keys() & there.keys():
            same = exam.slots[slot].same or one["who"] == other["who"]
            assert (here[slot].given == there[slot].given) == same
            if not same and beside(seats, one["student"], other["student"]):
                assert numbers(here[slot]) != numbers(there[slot])


def beside(seats: Mapping[str, tuple[int, int]], one: str, other: str) -> bool:
    if one not in seats or other not in seats:
        return False
    return sum(abs(a - b) for a, b in zip(seats[one], seats[other], strict=True)) == 1


@settings(max_examples=20, deadline=None)
@given(cases())
def test_a_whole_exam_and_its_late_students(case: Case) -> None:
    see(case)


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(cases())
def test_many_whole_exams_and_their_late_students(case: Case) -> None:
    see(case)


def see(case: Case) -> None:
    """Before and after: whoever stays has the same paper."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "out"
        exam, first = planned(folder, case, case.before)
        see_papers(exam, first["papers"])
        see_class(exam, case, first["papers"])
        exam, second = planned(folder, case, case.after)
        see_papers(exam, second["papers"])
        see_class(exam, case, second["papers"])
    before = {paper["student"]: paper for paper in first["papers"]}
    after = {paper["student"]: paper for paper in second["papers"]}
    assert {s.id for s in case.after} <= after.keys()
    kept = before.keys() & after.keys()
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert second["order"][: len(first["order"])] == first["order"]
