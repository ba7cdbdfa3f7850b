"""What a manifest says of exam and class, held against the spec and the class list beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from penwork.compose.exams.plan import whose
from penwork.compose.exams.roster import numbered, read_roster
from penwork.compose.exams.spec import Spec
from penwork.errors import UserError
from penwork.press.exams.records import Placed, planned
from penwork.press.exams.sources import Exam
from penwork.prove.verify.findings import Finding, differences

_WHOSE = ("name", "row", "seat")


def of_class(folder: Path, claims: Mapping[str, Any], spec: Spec) -> Iterator[Finding]:
    """Everybody of the class list has a paper of their own, and nobody else has one."""
    papers = [paper for paper in claims["papers"] if not paper["spare"]]
    try:
        listed = (folder / "roster.csv").read_bytes()
        roster = read_roster(folder / "roster.csv") if listed else numbered(len(papers))
    except OSError:
        return  # told as missing
    except UserError as error:
        yield Finding("", "", f"roster.csv: {error}")
        return
    due = {student.id: student for student in roster.students}
    for paper in papers:
        student = due.pop(paper["student"], None)
        if student is None:
            yield Finding(paper["form"], "", f"{paper['student']} is not in roster.csv")
            continue
        for name in _WHOSE:
            if paper[name] != getattr(student, name):
                right = str(getattr(student, name))
                yield Finding(paper["form"], "", f"manifest, {name}", str(paper[name]), right)
    spares = {f"spare-{k}" for k in range(1, spec.spare + 1)}
    there = {paper["student"] for paper in claims["papers"] if paper["spare"]}
    if not claims["missing"]:
        for name in (*due, *sorted(spares ^ there)):
            yield Finding("", "", f"{name} has no paper, or one too many")
    everybody = spares | {student.id for student in roster.students}
    order = claims["order"]
    if not everybody <= set(order) or len(set(order)) < len(order):
        yield Finding("", "", "order of the manifest is not that of roster.csv")


def of_paper(
    record: Mapping[str, Any], placed: Placed, exam: Exam, order: Mapping[str, int]
) -> Iterator[Finding]:
    """What must agree before a paper can be made again; `order` is the manifest's."""
    paper, student = placed.paper, placed.paper.student.id
    right = planned(placed)
    if student in order:
        right["who"], right["candidate"] = whose(exam.spec, student, order[student])
    for path, said, true in differences({name: record[name] for name in right}, right):
        yield Finding(paper.form, "", f"manifest, {path}", said, true)
    known = len(paper.slots) == len(exam.places) and all(
        slot in place.slots for slot, place in zip(paper.slots, exam.places, strict=True)
    )
    if not known or tuple(item.slot for item in paper.items) != paper.slots:
        yield Finding(paper.form, "", "its problems are not those of the spec")


def of_exam(claims: Mapping[str, Any], right: Mapping[str, Any]) -> Iterator[Finding]:
    """What is said of the exam itself: title, problems, efforts and pages."""
    for path, said, true in differences({name: claims.get(name) for name in right}, right):
        yield Finding("", "", f"manifest, {path}", said, true)
