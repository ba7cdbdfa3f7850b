"""Exams to TeX: papers and keys of a batch, and probes whose height is measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from penwork.compose.exams.layout import BEFORE_PARTS, Layout, Piece
from penwork.compose.exams.plan import FORM, Paper, Place, Slot, labelled, with_marks
from penwork.compose.exams.roster import Student
from penwork.compose.exams.spec import Spec
from penwork.compose.exams.text import as_printed
from penwork.compose.exams.void import Void
from penwork.compose.exams.words import Words
from penwork.compose.sheet import SQUARE, Numbered
from penwork.errors import UserError
from penwork.model import Instance
from penwork.press import codes
from penwork.press.exams.medium import Medium
from penwork.press.letters import plain
from penwork.press.render import environment, row_of_squares, shown, task
from penwork.press.strip import in_rows, strip


@dataclass(frozen=True, slots=True)
class Script:
    """One paper with its problems solved, in the order of its places."""

    paper: Paper
    instances: tuple[Instance, ...]


@dataclass(frozen=True, slots=True)
class Exam:
    """What every paper of an exam shares. What is void counts in keys and lists for nothing."""

    spec: Spec
    slots: tuple[Slot, ...]
    places: tuple[Place, ...]
    words: Words
    aids: str
    void: Void = ()

    @property
    def points(self) -> int:
        return self.total(lambda slot: slot.points)

    def total(self, of: Callable[[Slot], int]) -> int:
        """The sum over a paper's problems; where a section picks, over the largest."""
        return self.range(of)[1]

    def range(self, of: Callable[[Slot], int]) -> tuple[int, int]:
        """The least and the largest sum that a paper's problems may have."""
        least = most = 0
        for number, section in enumerate(self.spec.section):
            there = sorted(of(slot) for slot in self.slots if slot.section == number)
            least += sum(there[: section.pick])
            most += sum(there[-(section.pick or 0) :])
        return least, most


def papers_source(exam: Exam, medium: Medium, layout: Layout, scripts: Sequence[Script]) -> str:
    """The papers of a batch, one after the other, behind a page of letters that is none's."""
    return _fill("papers", exam, medium, papers=[_paper(exam, medium, layout, s) for s in scripts])


def probes_source(exam: Exam, medium: Medium, slot: int, probes: Sequence[Instance]) -> str:
    """Tasks of a slot to be measured."""
    tasks = [_task(exam, medium, 88, one, exam.slots[slot]) for one in probes]
    for there, one in zip(tasks, probes, strict=True):
        there["mark"] = shown(one)
    return _fill("probes", exam, medium, tasks=tasks, sections=exam.spec.section, paper=None)


def cover_source(exam: Exam, medium: Medium) -> str:
    """Cover and section heads to be measured: they are as high whoever's they are."""
    slots = tuple(place.slots[0] for place in exam.places)
    cover = _cover(exam, medium, Paper("", Student("", ""), 1, "", "", slots, None))
    return _fill("probes", exam, medium, tasks=(), sections=exam.spec.section, paper=cover)


def accented(*texts: str) -> str:
    """The letters of an exam's own texts that not every page of letters has."""
    return "".join(sorted({letter for text in texts for letter in text if letter > "~"}))


def _fill(name: str, exam: Exam, medium: Medium, **context: Any) -> str:
    spec = exam.spec
    heads = (text for section in spec.section for text in (section.title, section.instructions))
    return (
        environment()
        .get_template(f"{name}.tex.j2")
        .render(
            setup=medium.setup(),
            row=row_of_squares(round(medium.wide / SQUARE)),
            words=exam.words,
            letters=accented(spec.title, spec.course, spec.date, spec.instructions, *heads),
            exam_title=spec.title,
            exam_course=spec.course,
            exam_date=spec.date,
            instructions=spec.instructions,
            aids_said=exam.words.aids_said(exam.aids, spec.places),
            strip=strip(medium.large) if exam.aids == "strip" else "",
            strip_page=has_strip_page(exam, medium),
            **context,
        )
    )


def _paper(exam: Exam, medium: Medium, layout: Layout, script: Script) -> dict[str, Any]:
    return _cover(exam, medium, script.paper) | {
        "pages": _pages(exam, medium, layout, script),
        "total": pages_of(layout, medium),
    }


def _cover(exam: Exam, medium: Medium, paper: Paper) -> dict[str, Any]:
    words = exam.words
    cells: list[dict[str, Any]] = [
        {"number": place.number, "points": exam.slots[slot].points}
        for place, slot in zip(exam.places, paper.slots, strict=True)
    ]
    cells.append({"number": words.total, "points": exam.points})
    return {
        "form": paper.form,
        "label": labelled(paper.form, paper.who),
        "running": running(exam, paper),
        "fields": _fields(exam, medium, paper),
        "time": _time(exam, paper),
        "points_said": words.total_points(exam.points),
        "tables": in_rows(cells, medium.cells),
    }


def running(exam: Exam, paper: Paper) -> str:
    """Whose a page is: a candidate's number, or name and id."""
    if exam.spec.anonymous:
        return f"{exam.words.candidate} {paper.candidate}"
    return ", ".join(filter(None, (printable(paper.student.name), paper.student.id)))


def form_said(exam: Exam, who: str) -> str:
    """Form A, where the exam has forms."""
    return f"{exam.words.form} {who[-1]}" if who.startswith(FORM) else ""


def _fields(exam: Exam, medium: Medium, paper: Paper) -> list[list[tuple[str, float, str]]]:
    """Rows of (label, width in mm, text) for the head of a cover."""
    words, student = exam.words, paper.student
    code = (words.form, 34.0, labelled(paper.form, paper.who))
    if exam.spec.anonymous:
        return [[(words.candidate, 40.0, paper.candidate), code]]
    number = "" if student.spare else student.id
    name = (words.name, 76.0, printable(student.name) or (number if student.name else ""))
    ident = (words.ident, 40.0, number)
    return [[name], [ident, code]] if medium.large else [[name, ident, code]]


def printable(name: str) -> str:
    """The name as it is printed, or nothing where the fonts lack a letter of it."""
    name = as_printed(name)
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
    total = pages_of(layout, medium)
    for number, standings in enumerate(layout.pages, 1):
        places, points = [], []
        for standing in standings:
            slot, instance = by_place[standing.place]
            there = _task(exam, medium, standing.place, instance, exam.slots[slot], paper.form)
            here = standing.split.get(slot, Piece(tuple(there["blocks"])))
            points += [
                there["parts"][block - BEFORE_PARTS]["points"]
                for block in here.blocks
                if block >= BEFORE_PARTS
            ]
            places.append(
                {
                    "height": standing.height,
                    "piece": standing.piece,
                    "pieces": standing.pieces,
                    "head": None if standing.head is None else exam.spec.section[standing.head],
                    "task": there,
                    "blocks": here.blocks,
                    "flows": here.flows,
                    "points": exam.words.counted_points(exam.slots[slot].points),
                }
            )
        pages.append(
            {
                "mark": f"{paper.form} page {number}",
                "blank": False,
                "cover": number == 1,
                "strip": number == 2 and has_strip_page(exam, medium),
                "number": number,
                "last": number == len(layout.pages),
                "subtotal": sum(points) if points else None,
                "places": places,
                "qr": codes.path(f"{paper.form} {number}/{total}"),
            }
        )
    if total > len(layout.pages):
        pages.append(
            {
                "mark": f"{paper.form} blank",
                "blank": True,
                "cover": False,
                "strip": False,
                "number": total,
                "subtotal": None,
                "places": [],
                "qr": codes.path(f"{paper.form} {total}/{total}"),
            }
        )
    return pages


def has_strip_page(exam: Exam, medium: Medium) -> bool:
    """Whether the reference strip has a page of its own: a cover in large print has no room."""
    return medium.large and exam.aids == "strip"


def pages_of(layout: Layout, medium: Medium) -> int:
    """How many pages a paper has: an even number, but for large print, which has one side."""
    pages = len(layout.pages)
    return pages if medium.large else pages + pages % 2


def _task(
    exam: Exam, medium: Medium, number: int, instance: Instance, slot: Slot, form: str = ""
) -> dict[str, Any]:
    there = task(Numbered(number, with_marks(instance, slot.marks), 0), medium.large)
    there["mark"] = f"{form} {there['mark']}".strip()
    there["blocks"] = range(BEFORE_PARTS + len(instance.parts))
    offered = {bridge.letter: bridge.values for bridge in instance.bridges}
    for part in there["parts"]:
        part["bridge"] = bridge_said(exam.words, part["letter"], offered.get(part["letter"], ()))
    return there


def with_bridge(words: Words, values: Sequence[str]) -> str:
    """Which numbers an answer goes on with, as TeX."""
    return words.with_bridge.format(values=", ".join(f"${value}$" for value in values))


def bridge_said(words: Words, letter: str, values: Sequence[str]) -> str:
    """The offer after a part as TeX, "" without values."""
    formulas = [f"${value}$" for value in values]
    return f"{words.bridge_said(letter, formulas)} {words.either}" if values else ""
