"""What stands beside the papers: volumes, marking pages, blueprint, sign-in, answers, errata."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple, overload

from penwork.catalogue import Catalogue
from penwork.compose.exams.cells import safe_cell
from penwork.compose.exams.plan import labelled
from penwork.errors import PressError
from penwork.press.engine import Document, find_engine
from penwork.press.exams.files import cut, joined
from penwork.press.exams.sources import Exam, form_said, printable, with_bridge
from penwork.press.render import environment, key_geometry
from penwork.press.sheet import compile_documents

# A paper and one of its problems, as the manifest has them.
Solved = tuple[Mapping[str, Any], Mapping[str, Any]]
VOLUME = 250
COLUMNS = ("form", "id", "problem", "part", "answer", "value", "tolerance", "points")


@dataclass(frozen=True, slots=True)
class Volume:
    """Files of a folder that become one PDF; `fronts` are to be printed on one side."""

    name: str
    title: str
    files: tuple[str, ...]
    fronts: tuple[bool, ...]
    folder: str


@dataclass(frozen=True, slots=True)
class Marking:
    """Marking pages to be set: problem by problem, the forms in their order."""

    name: str
    exam: Exam
    rows: Sequence[Mapping[str, Any]]
    engine: str


@dataclass(frozen=True, slots=True)
class Listing:
    """A document of one piece to be set."""

    name: str
    title: str
    source: str
    engine: str


class Lines(Sequence[dict[str, Any]]):
    """The records of papers, each read when it is asked for: a class of thousands is large."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = tuple(lines)

    def __len__(self) -> int:
        return len(self.lines)

    @overload
    def __getitem__(self, at: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, at: slice) -> Lines: ...
    def __getitem__(self, at: int | slice) -> dict[str, Any] | Lines:
        found = self.lines[at]
        return Lines(found) if isinstance(found, tuple) else json.loads(found)


def volumes(papers: Sequence[Mapping[str, Any]], kind: str) -> list[tuple[str, Sequence[Any]]]:
    """The names of the volumes of papers or keys, and what belongs into each."""
    cuts = [papers[k : k + VOLUME] for k in range(0, len(papers), VOLUME)]
    if len(cuts) == 1:
        return [(f"{kind}.pdf", cuts[0])]
    return [(f"{kind}-{number}.pdf", part) for number, part in enumerate(cuts, 1)]


class Piece(NamedTuple):
    """A file beside the papers, and the TeX that it was set from."""

    name: str
    content: bytes
    source: str = ""


def piece(catalogue: Catalogue, job: Volume | Marking | Listing) -> Piece:
    """One file beside the papers. Raises PressError where something is too wide."""
    if isinstance(job, Volume):
        files = ((Path(job.folder) / name).read_bytes() for name in job.files)
        return Piece(job.name, joined(files, job.title, job.fronts))
    if isinstance(job, Marking):
        return _marking_pages(job)
    return Piece(job.name, set_list(job.source, job.title, job.engine), job.source)


def _marking_pages(marking: Marking) -> Piece:
    """The marking pages of a volume, in two columns where all answers fit them."""
    exam = marking.exam
    title = f"{exam.words.marking}: {exam.spec.title}"
    problems = list(_by_problem(exam, marking.rows))

    def pages(columns: int) -> Piece:
        source = _fill("marking", exam, problems=problems, columns=columns)
        return Piece(marking.name, set_list(source, title, marking.engine), source)

    try:
        return pages(2)
    except PressError:
        return pages(1)


def set_list(source: str, title: str, engine: str) -> bytes:
    """A document of one piece. Raises PressError where something is too wide."""
    [pages] = compile_documents(find_engine(engine or None), [Document("list", source)])
    for box in pages.overfull:
        raise PressError(f"What stands in {box.mark or title} is {box.points:.0f} pt too wide.")
    return cut(pages.pdf, [range(pages.count)], [title], [None])[0]


def _fill(name: str, exam: Exam, **context: Any) -> str:
    return (
        environment()
        .get_template(f"{name}.tex.j2")
        .render(
            geometry=key_geometry(exam.spec.paper),
            words=exam.words,
            exam_title=exam.spec.title,
            exam_date=exam.spec.date,
            **context,
        )
    )


def _by_problem(exam: Exam, papers: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Every problem of the spec with the forms that have it."""
    for index, slot in enumerate(exam.slots):
        # Papers with the same numbers, in the order of the papers.
        groups: dict[tuple[int, int], list[Solved]] = {}
        for paper in papers:
            for problem in paper["problems"]:
                if problem["slot"] == slot.name:
                    same = problem["seed"], problem["try"]
                    groups.setdefault(same, []).append((paper, problem))
        numbers = numbers_said(exam, index)
        if groups:
            yield {
                "number": numbers,
                "fixed": numbers.isdigit(),
                "title": slot.title,
                "points": exam.words.counted_points(slot.points),
                "void": index in exam.void,
                "forms": [_marked(exam, index, group) for group in groups.values()],
            }


def _marked(exam: Exam, index: int, group: Sequence[Solved]) -> dict[str, Any]:
    """The answers of a problem, once for all papers that have these numbers."""
    paper, problem = group[0]
    marking = problem["marking"]
    parts = []
    for part, marks, answers in zip(
        problem["parts"], marking["marks"].values(), marking["answers"].values(), strict=True
    ):
        parts.append((part["part"], "" if index in exam.void else marks, answers))
        parts += [
            ("", "", f"{with_bridge(exam.words, values)}: {bridged}")
            for letter, values, bridged in marking.get("bridged", ())
            if letter == part["part"]
        ]
    label, ident = form_said(exam, paper["who"]), ""
    if exam.slots[index].same:
        label = exam.words.same
    elif not label:
        label, ident = paper["form"], _printed_id(paper)
    return {
        "form": paper["form"],
        "label": label,
        "id": ident,
        "numbers": sorted({each["number"] for _, each in group}),
        "parts": parts,
        "slips": marking["slips"],
    }


def _printed_id(paper: Mapping[str, Any]) -> str:
    """Whose a paper is, as its pages say it."""
    return str(paper["candidate"] or ("" if paper["spare"] else paper["student"]))


def numbers_said(exam: Exam, slot: int) -> str:
    """Which number a problem has on the papers: 3, or 1–3 where it may stand at several places."""
    numbers = [place.number for place in exam.places if slot in place.slots]
    return span(numbers[0], numbers[-1])


class Due(NamedTuple):
    """An answer that a problem may get: in which part, under which name; for how many points."""

    part: str
    name: str
    answer: Mapping[str, Any]
    points: int | str


def due_answers(problem: Mapping[str, Any]) -> Iterator[Due]:
    """Every asked answer, and what it is for whoever went on with the numbers of a bridge.

    Points stand with a part's first answer; those of what is void are 0.
    """
    for part in problem["parts"]:
        points: int | str = 0 if problem.get("void") else part["points"]
        for name in part["asks"]:
            yield Due(part["part"], name, problem["answers"][name], points)
            points = ""
        for bridge in problem.get("bridges", ()):
            for name in (name for name in part["asks"] if name in bridge["answers"]):
                called = f"{name} (bridge {bridge['part']})"
                yield Due(part["part"], called, bridge["answers"][name], "")


def answers_csv(papers: Sequence[Mapping[str, Any]]) -> bytes:
    """Every answer of every paper, a row each."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for paper in papers:
        for problem in paper["problems"]:
            for part, name, answer, points in due_answers(problem):
                row = [
                    paper["form"],
                    paper["student"],
                    problem["number"],
                    part,
                    name,
                    value_text(answer["value"]),
                    answer["tolerance"],
                    points,
                ]
                writer.writerow([safe_cell(str(cell)) for cell in row])
    return out.getvalue().encode()


def value_text(value: Any) -> str:
    """A number or a word as it is, a list as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def blueprint_rows(exam: Exam, efforts: Mapping[str, Sequence[float]]) -> list[dict[str, Any]]:
    """A row for each problem of the spec, with the spread of its effort over the class."""
    rows = []
    for index, slot in enumerate(exam.slots):
        void = index in exam.void
        there = efforts.get(slot.name, [])
        section = exam.spec.section[slot.section]
        of = len(section.problem)
        begins = index == 0 or exam.slots[index - 1].section != slot.section
        rows.append(
            {
                "number": numbers_said(exam, index),
                "section": (section.title or str(slot.section + 1)) if begins else "",
                "topic": slot.title,
                "template": slot.template,
                "level": slot.level,
                "minutes": slot.minutes,
                "points": exam.words.void if void else slot.points,
                "effort": f"{median(there):.0f}" if there else "–",
                "rate": "–" if void else _rate(slot.points, slot.minutes),
                "spread": span(*(f"{end(there):.0f}" for end in (min, max))) if there else "–",
                "note": exam.words.same
                if slot.same
                else exam.words.picked.format(count=section.pick, of=of)
                if section.pick
                else "",
            }
        )
    return rows


def blueprint_source(
    exam: Exam, papers: Sequence[Mapping[str, Any]], efforts: Mapping[str, Sequence[float]]
) -> str:
    """The setter's view: what each problem takes and counts, and how fair it is."""
    counting = (
        sum(_points(problem) for problem in paper["problems"] if not problem.get("void"))
        for paper in papers
    )
    totals = sorted(set(counting)) if exam.void else [exam.points]
    least, most = exam.range(lambda slot: slot.minutes)
    return _fill(
        "blueprint",
        exam,
        rows=blueprint_rows(exam, efforts),
        needed=span(least, most),
        points=span(totals[0], totals[-1]),
        rate="–" if exam.void else span(_rate(exam.points, most), _rate(exam.points, least)),
        time=exam.words.needed_said(span(least, most), most, exam.spec.minutes),
        too_long=most > exam.spec.minutes,
        aids=exam.words.aids_said(exam.aids, exam.spec.places),
    )


def span(low: object, high: object) -> str:
    """12–15, or 12 alone."""
    return "–".join(map(str, dict.fromkeys((low, high))))


def _rate(points: int, minutes: int) -> str:
    return f"{points / minutes:.2f}"


def signin_source(exam: Exam, papers: Sequence[Mapping[str, Any]]) -> str:
    """Who sits where with which form, and room for a signature."""
    rows = [
        {
            **{told: paper[told] for told in ("candidate", "row", "seat")},
            "label": labelled(paper["form"], paper["who"]),
            "student": exam.words.spare if paper["spare"] else paper["student"],
            "words": printable(paper["name"]).split(),
            "lacking": bool(paper["name"]) and not printable(paper["name"]),
        }
        for paper in papers
    ]
    seated = any(row["seat"] for row in rows)
    return _fill("signin", exam, rows=rows, seated=seated, anonymous=exam.spec.anonymous)


def errata_source(exam: Exam, papers: Sequence[Mapping[str, Any]]) -> str:
    """A line for each paper: which of its problems are void, and what it counts now."""
    rows = [
        {
            "form": paper["form"],
            "label": labelled(paper["form"], paper["who"]),
            "id": _printed_id(paper),
            "erratum": exam.words.erratum_said(
                {problem["number"]: _points(problem) for problem in paper["problems"]},
                [problem["number"] for problem in paper["problems"] if problem.get("void")],
            ),
        }
        for paper in papers
    ]
    return _fill("errata", exam, rows=rows)


def _points(problem: Mapping[str, Any]) -> int:
    return sum(part["points"] for part in problem["parts"])
