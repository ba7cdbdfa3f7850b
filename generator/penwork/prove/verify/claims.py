"""What a manifest says of exam and class, held against the spec and the class list beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from penwork.compose.exams.plan import Paper, print_order, spares, whose
from penwork.compose.exams.roster import MOST_STUDENTS, Student, numbered, read_roster
from penwork.compose.exams.spec import Spec
from penwork.errors import UserError
from penwork.press.exams.records import paper_of, planned
from penwork.press.exams.sources import Exam
from penwork.prove.verify.findings import Finding, Findings, differences
from penwork.prove.verify.manifest import Claims

Everybody = Mapping[str, Student]


def everybody(folder: Path, claims: Claims, spec: Spec, found: Findings) -> Everybody:
    """Whose papers there should be, by id; as the papers say where the class list is lost."""
    papers = [paper for paper in claims.papers if not paper["spare"]]
    students = tuple(paper_of(paper, None).student for paper in papers)
    try:
        listed = (folder / "roster.csv").read_bytes()
        if listed or papers:
            roster = read_roster(folder / "roster.csv") if listed else numbered(_last(papers))
            students = roster.students
    except OSError:
        pass  # told as missing
    except UserError as error:
        found.faults.append(Finding("", "", f"roster.csv: {error}"))
    return {student.id: student for student in (*students, *spares(spec))}


def _last(papers: Sequence[Mapping[str, Any]]) -> int:
    """The number of the last paper that is there; some before it may never have been made."""
    numbers = [int(paper["student"]) for paper in papers if paper["student"].isdecimal()]
    return min(max(numbers, default=0), MOST_STUDENTS)


def of_class(claims: Claims, students: Everybody) -> Iterator[Finding]:
    """Everybody has a paper of their own, and nobody else has one."""
    owners = Counter(paper["student"] for paper in claims.papers)
    for paper in claims.papers:
        if paper["student"] not in students:
            yield Finding(paper["form"], "", f"{paper['student']} is not in roster.csv")
        elif owners[paper["student"]] > 1:
            yield Finding(paper["form"], "", f"{paper['student']} has another paper too")
    if not claims.head["missing"] and not claims.faults:
        for name in students.keys() - owners.keys():
            yield Finding("", "", f"{name} has no paper")
    order = claims.head["order"]
    listed = {name for name, student in students.items() if not student.spare}
    if not listed <= set(order) or len(set(order)) < len(order):
        yield Finding("", "", "order of the manifest is not that of roster.csv")
    bound = [paper["student"] for paper in claims.papers if paper["student"] in students]
    due = [name for name in print_order(students.values()) if name in owners]
    for name, right in zip(bound, due, strict=False):
        if name != right:
            what = "the papers of the manifest are not in the order of roster.csv and its seats"
            yield Finding("", "", what, name, right)
            return


def latecomers(claims: Claims, students: Everybody) -> list[str]:
    """Who came after others that stand below them in the class list, as the manifest has it."""
    places = {name: place for place, name in enumerate(students)}
    lowest, found = -1, []
    for name in claims.head["order"]:
        place = places.get(name, lowest)
        found += [name] if place < lowest else []
        lowest = max(lowest, place)
    return found


def due_paper(
    record: Mapping[str, Any], spec: Spec, students: Everybody, order: Mapping[str, int]
) -> Paper:
    """The paper of a record with its seeds as they are claimed, its owner as the class list says.

    `order` is the manifest's.
    """
    name = record["student"]
    said = paper_of(record, spec.accommodations.get(name))
    student = students.get(name, said.student)
    number = order.get(name, said.number)
    who, candidate = whose(spec, student, number)
    return replace(said, student=student, number=number, who=who, candidate=candidate)


def of_paper(record: Mapping[str, Any], due: Paper) -> Iterator[Finding]:
    """What the manifest says otherwise of a paper than it is due."""
    right = planned(due)
    for path, said, true in differences({name: record[name] for name in right}, right):
        yield Finding(due.form, "", f"manifest, {path}", said, true)


def fits(paper: Paper, exam: Exam) -> bool:
    """Whether a paper's problems are such as the spec sets."""
    if len(paper.slots) != len(exam.places):
        return False
    stands = zip(paper.slots, exam.places, strict=True)
    return all(slot in place.slots for slot, place in stands) and paper.slots == tuple(
        item.slot for item in paper.items
    )


def of_exam(head: Mapping[str, Any], right: Mapping[str, Any]) -> Iterator[Finding]:
    """What is said of the exam itself: title, problems, efforts and pages."""
    for path, said, true in differences({name: head.get(name) for name in right}, right):
        yield Finding("", "", f"manifest, {path}", said, true)
