"""Exams to TeX: papers and keys of a batch, and probes whose height is measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from penwork.compose.exams.layout import Layout
from penwork.compose.exams.plan import Paper, Place, Slot, marked
from penwork.compose.exams.spec import Spec
from penwork.compose.exams.words import Words
from penwork.compose.sheet import SQUARE, Numbered
from penwork.errors import UserError
from penwork.model import Instance
from penwork.press import codes
from penwork.press.exams.medium import Medium
from penwork.press.render import (
    environment,
    plain,
    row_of_squares,
    task,
)
from penwork.press.strip import strip

CELLS_A_TABLE = 16


@dataclass(frozen=True, slots=True)
class Script:
    """One paper with its problems solved, in the order of its places."""

    paper: Paper
    instances: tuple[Instance, ...]


@dataclass(frozen=True, slots=True)
class Exam:
    """What every paper of an exam shares."""

    spec: Spec
    slots: tuple[Slot, ...]
    places: tuple[Place, ...]
    words: Words
    aids: str

    @property
    def points(self) -> int:
        return sum(self.slots[place.slots[0]].points for place in self.places)


def papers_source(exam: Exam, medium: Medium, layout: Layout, scripts: Sequence[Script]) -> str:
    """The papers of a batch, one after the other, behind a page of letters that is none's."""
    return _fill("papers", exam, medium, papers=[_paper(exam, medium, layout, s) for s in scripts])


def probes_source(exam: Exam, medium: Medium, slot: int, probes: Mapping[str, Instance]) -> str:
    """Tasks of a slot to be measured, each under its name."""
    tasks = {name: _task(exam, 88, one, exam.slots[slot]) for name, one in probes.items()}
    return _fill("probes", exam, medium, tasks=tasks, sections=exam.spec.section, paper=None)


def cover_source(exam: Exam, medium: Medium, paper: Paper) -> str:
    """Cover and section heads to be measured."""
    cover = _cover(exam, paper)
    return _fill("probes", exam, medium, tasks={}, sections=exam.spec.section, paper=cover)


def _fill(name: str, exam: Exam, medium: Medium, **context: Any) -> str:
    spec = exam.spec
    return (
        environment()
        .get_template(f"{name}.tex.j2")
        .render(
            setup=medium.setup(),
            row=row_of_squares(round(medium.wide / SQUARE)),
            words=exam.words,
            exam_title=spec.title,
            exam_course=spec.course,
            exam_date=spec.date,
            instructions=spec.instructions,
            aids_said=exam.words.aids_said(exam.aids, spec.places),
            strip=strip() if exam.aids == "strip" else "",
            **context,
        )
    )


def _paper(exam: Exam, medium: Medium, layout: Layout, script: Script) -> dict[str, Any]:
    return _cover(exam, script.paper) | {
        "pages": _pages(exam, medium, layout, script),
        "total": len(layout.pages),
    }


def _cover(exam: Exam, paper: Paper) -> dict[str, Any]:
    words = exam.words
    cells: list[dict[str, Any]] = [
        {"number": place.number, "points": exam.slots[slot].points}
        for place, slot in zip(exam.places, paper.slots, strict=True)
    ]
    cells.append({"number": words.total, "points": exam.points})
    return {
        "form": paper.form,
        "running": running(exam, paper),
        "fields": _fields(exam, paper),
        "time": _time(exam, paper),
        "points_said": words.total_points(exam.points),
        "tables": [cells[k : k + CELLS_A_TABLE] for k in range(0, len(cells), CELLS_A_TABLE)],
    }


def running(exam: Exam, paper: Paper) -> str:
    """Whose a page is: a candidate's number, or name and id."""
    if exam.spec.anonymous:
        return f"{exam.words.candidate} {paper.candidate}"
    return ", ".join(filter(None, (printable(paper.student.name), paper.student.id)))


def _fields(exam: Exam, paper: Paper) -> list[tuple[str, float, str]]:
    words, student = exam.words, paper.student
    code = (words.form, 34.0, paper.form)
    if exam.spec.anonymous:
        return [(words.candidate, 40.0, paper.candidate), code]
    ident = "" if student.spare else student.id
    fields = [(words.name, 76.0, printable(student.name)), (words.ident, 40.0, ident), code]
    return [(label, width, text) for label, width, text in fields]


def printable(name: str) -> str:
    """The name, or nothing where the fonts lack a letter of it."""
    try:
        plain(name)
    except UserError:
        return ""
    return name


def _time(exam: Exam, paper: Paper) -> str:
    extra = paper.adapted.extra_time if paper.adapted else 0
    return exam.words.time_said(exam.spec.minutes, extra)


def _pages(exam: Exam, medium: Medium, layout: Layout, script: Script) -> list[dict[str, Any]]:
    paper = script.paper
    by_place = {
        place.number: (slot, instance)
        for place, slot, instance in zip(exam.places, paper.slots, script.instances, strict=True)
    }
    pages = []
    for number, standings in enumerate(layout.pages, 1):
        places = []
        for standing in standings:
            slot, instance = by_place[standing.place]
            places.append(
                {
                    "height": standing.height,
                    "head": None if standing.head is None else exam.spec.section[standing.head],
                    "task": _task(exam, standing.place, instance, exam.slots[slot], paper.form),
                    "points": exam.words.counted_points(exam.slots[slot].points),
                }
            )
        pages.append(
            {
                "mark": f"{paper.form} page {number}",
                "cover": number == 1,
                "blank": False,
                "number": number,
                "last": number == len(layout.pages),
                "subtotal": sum(exam.slots[by_place[s.place][0]].points for s in standings) or None,
                "places": places,
                "qr": codes.path(f"{paper.form} {number}/{len(layout.pages)}"),
            }
        )
    if pads(layout, medium):
        pages.append({"mark": f"{paper.form} blank", "cover": False, "blank": True, "places": []})
    return pages


def pads(layout: Layout, medium: Medium) -> bool:
    """Whether an empty page ends the paper on the back of a sheet; large print has one side."""
    return not medium.large and len(layout.pages) % 2 == 1


def _task(
    exam: Exam, number: int, instance: Instance, slot: Slot, form: str = ""
) -> dict[str, Any]:
    there = task(Numbered(number, replace(instance, parts=marked(instance.parts, slot.marks)), 0))
    there["mark"] = f"{form} {there['mark']}".strip()
    for part in there["parts"]:
        part["bridge"] = ""
    return there
