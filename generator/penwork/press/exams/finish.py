"""The end of a run: volumes and lists written, the manifest last."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from statistics import median
from typing import Any

from penwork import __version__
from penwork.compose.exams.plan import FORM, neighbours
from penwork.compose.exams.roster import Student
from penwork.press.engine import find_engine, said_version
from penwork.press.exams.batch import Failure
from penwork.press.exams.lists import (
    Lines,
    Listing,
    Marking,
    Volume,
    answers_csv,
    blueprint_source,
    errata_source,
    piece,
    signin_source,
    volumes,
)
from penwork.press.exams.medium import is_large, print_name
from penwork.press.exams.records import FORMAT, MANIFEST, digest, manifest
from penwork.press.exams.request import Request
from penwork.press.exams.setting import Setting, Spread
from penwork.press.exams.sources import Exam, printable
from penwork.press.sheet import write_all

_MADE = re.compile(r"((papers|keys|marking)(-\d+)?|blueprint|signin|errata)\.pdf|answers\.csv")


BINDING, LISTING = "Binding", "Setting marking pages and lists"


@dataclass(frozen=True, slots=True)
class Finished:
    """All papers that came out, in the order of the volumes, and what they came from.

    `order` is that of appearance.
    """

    request: Request
    setting: Setting
    inputs: str
    order: Sequence[str]
    records: Mapping[str, str]
    failures: Sequence[Failure]


def finish(done: Finished, spread: Spread, local: Spread) -> list[str]:
    """Write everything beside the single papers; returns what the user should know."""
    papers = Lines(done.records.values())
    efforts = efforts_of(papers)
    request, exam = done.request, done.setting.exam
    hashes = {}
    lists = {"spec.toml": request.spec_file, "roster.csv": request.roster_file}
    if papers:
        whole, lists_due = bound(exam, papers, request.folder), listed(exam, papers, request.engine)
        if local is spread:
            made = spread(piece, [*whole, *lists_due], BINDING)
        else:
            made = chain(local(piece, whole, BINDING), spread(piece, lists_due, LISTING))
        for name, content, source in made:
            write_all({request.folder / name: content})
            hashes[name] = digest(content)
            if request.keep_tex and source:
                kept = request.folder / "tex" / f"{Path(name).stem}.tex"
                write_all({kept: source.encode()})
        lists["answers.csv"] = answers_csv(papers)
    write_all({request.folder / name: content for name, content in lists.items()})
    hashes |= {name: digest(content) for name, content in lists.items()}
    for file in lists_in(request.folder):
        if file.name not in hashes:
            file.unlink()
    _write_manifest(done, papers, hashes, efforts)
    return [*_spreads(done.setting, efforts), *_unprinted(papers), *seated_alike(papers)]


def lists_in(folder: Path) -> list[Path]:
    """The volumes and lists that are there, of this run or of another."""
    return [file for file in sorted(folder.iterdir()) if _MADE.fullmatch(file.name)]


def bound(exam: Exam, papers: Sequence[Mapping[str, Any]], folder: Path) -> list[Volume]:
    """Volumes of papers and keys out of the folder's single files: work where the folder is."""
    return [
        Volume(
            name,
            f"{title}: {exam.spec.title}",
            tuple(f"{kind}/{paper['form']}.pdf" for paper in part),
            tuple(kind == "papers" and is_large(paper["medium"]) for paper in part),
            str(folder),
        )
        for kind, title in (("papers", exam.words.papers), ("keys", exam.words.key))
        for name, part in volumes(papers, kind)
    ]


def listed(exam: Exam, papers: Sequence[dict[str, Any]], engine: str) -> list[Marking | Listing]:
    """Marking pages in volumes too, blueprint and sign-in sheet; errata where something is void."""
    words, title = exam.words, exam.spec.title
    sources = {
        ("blueprint", words.blueprint): blueprint_source(exam, papers, efforts_of(papers)),
        ("signin", words.signin): signin_source(exam, papers),
        **({("errata", words.errata): errata_source(exam, papers)} if exam.void else {}),
    }
    jobs = [Marking(name, exam, part, engine) for name, part in volumes(papers, "marking")]
    lists = [
        Listing(f"{name}.pdf", f"{said}: {title}", source, engine)
        for (name, said), source in sources.items()
    ]
    return [*jobs, *lists]


def _write_manifest(
    done: Finished,
    papers: Lines,
    hashes: Mapping[str, str],
    efforts: Mapping[str, Sequence[float]],
) -> None:
    request = done.request
    head = {
        "format": FORMAT,
        "penwork": __version__,
        "engine": said_version(find_engine(request.engine or None)),
        "inputs": done.inputs,
        "order": list(done.order),
        **described(done.setting, efforts),
        "missing": [{"form": f.form, "template": f.template, "why": f.why} for f in done.failures],
        "files": dict(hashes),
    }
    write_all({request.folder / MANIFEST: manifest(head, papers.lines)})


def described(setting: Setting, efforts: Mapping[str, Sequence[float]]) -> dict[str, Any]:
    """What the manifest says of the exam itself: its problems, and which page each is on."""
    exam = setting.exam
    return {
        "exam": exam.spec.exam_id,
        "title": exam.spec.title,
        **({"void": [exam.slots[slot].name for slot in exam.void]} if exam.void else {}),
        "slots": [
            {
                "slot": slot.name,
                "template": slot.template,
                "draws": slot.draws,
                "version": slot.version,
                "level": slot.level,
                "points": slot.points,
                "effort": round(effort, 2),
                "spread": [min(efforts[slot.name]), max(efforts[slot.name])]
                if slot.name in efforts
                else None,
            }
            for slot, effort in zip(exam.slots, setting.efforts, strict=True)
        ],
        "pages": {
            print_name(medium.large, medium.sans): [
                [standing.place for standing in page] for page in layout.pages
            ]
            for medium, layout in setting.layouts.items()
        },
    }


def efforts_of(papers: Sequence[Mapping[str, Any]]) -> dict[str, list[float]]:
    """The hand effort of every variant, by slot."""
    found: dict[str, list[float]] = {}
    for paper in papers:
        for problem in paper["problems"]:
            found.setdefault(problem["slot"], []).append(float(problem["effort"]))
    return found


def _spreads(setting: Setting, efforts: Mapping[str, Sequence[float]]) -> list[str]:
    lines = []
    for slot, usual in zip(setting.exam.slots, setting.efforts, strict=True):
        there = efforts.get(slot.name)
        if there:
            low, high = min(there), max(there)
            over = f"{low / usual - 1:+.0%} to {high / usual - 1:+.0%} against the usual"
            lines.append(
                f"{slot.name}: effort {high:.0f} in every paper"
                if low == high
                else f"{slot.name}: effort {median(there):.0f}, spread {low:.0f}–{high:.0f}, {over}"
            )
    return lines


def seated_alike(papers: Sequence[Mapping[str, Any]]) -> list[str]:
    """Forms go by the class list: who sits beside whom is the teacher's to see to."""
    form = {paper["student"]: paper["who"] for paper in papers if paper["who"].startswith(FORM)}
    places = [Student(p["student"], p["name"], p["row"], p["seat"]) for p in papers]
    near = neighbours([student for student in places if student.id in form])
    pairs = sum(form[one] == form[other] for one, those in near.items() for other in those) // 2
    if not pairs:
        return []
    said = f"{pairs} pairs of neighbours have" if pairs > 1 else "2 neighbours have"
    return [
        f"{said} the same form: set another number of versions, or sort the class list by row"
        " and seat before the first run."
    ]


def _unprinted(papers: Sequence[Mapping[str, Any]]) -> list[str]:
    """Names that the fonts cannot print stand by their id."""
    return [
        f"The fonts lack letters of {paper['name']} ({paper['student']}): printed by the id."
        for paper in papers
        if paper["name"] and not printable(paper["name"])
    ]
