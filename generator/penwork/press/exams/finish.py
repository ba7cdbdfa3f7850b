"""The end of a run: volumes and lists written, the manifest last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from penwork import __version__
from penwork.compose.exams.roster import Student
from penwork.press.engine import find_engine, said_version
from penwork.press.exams.batch import Failure
from penwork.press.exams.lists import (
    Marking,
    Volume,
    answers_csv,
    bind,
    blueprint_source,
    ordered,
    set_list,
    set_marking,
    signin_source,
    volumes,
)
from penwork.press.exams.records import FORMAT, MANIFEST, digest, manifest
from penwork.press.exams.request import Request
from penwork.press.exams.setting import Setting, Spread
from penwork.press.exams.sources import printable
from penwork.press.sheet import write_all


@dataclass(frozen=True, slots=True)
class Finished:
    """All papers that came out, and what they came from."""

    request: Request
    setting: Setting
    inputs: str
    students: Sequence[Student]
    records: Mapping[str, str]
    failures: Sequence[Failure]


def finish(done: Finished, spread: Spread) -> list[str]:
    """Write everything beside the single papers; returns what the user should know."""
    papers = ordered(done.records)
    efforts = efforts_of(papers)
    if papers:
        names = _volumes(done, papers, spread)
        names += _lists(done, papers, efforts)
        _write_manifest(done, papers, names, efforts)
    return [*_spreads(done.setting, efforts), *_unprinted(papers)]


def _volumes(done: Finished, papers: Sequence[dict[str, Any]], spread: Spread) -> list[str]:
    exam, folder = done.setting.exam, done.request.folder
    jobs = [
        Volume(
            name,
            f"{exam.spec.title}: {title}",
            tuple(f"{kind}/{paper['form']}.pdf" for paper in part),
            str(folder),
        )
        for kind, title in (("papers", exam.words.papers), ("keys", exam.words.key))
        for name, part in volumes(papers, kind)
    ]
    names = []
    for name, content in spread(bind, jobs, "Binding"):
        write_all({folder / name: content})
        names.append(name)
    jobs_of_marking = [
        Marking(name, exam, tuple(part), done.request.engine)
        for name, part in volumes(papers, "marking")
    ]
    for name, content in spread(set_marking, jobs_of_marking, "Setting the marking pages"):
        write_all({folder / name: content})
        names.append(name)
    return names


def _lists(
    done: Finished, papers: Sequence[dict[str, Any]], efforts: Mapping[str, Sequence[float]]
) -> list[str]:
    exam, request = done.setting.exam, done.request
    words, title = exam.words, exam.spec.title
    contents = {
        "blueprint.pdf": set_list(
            blueprint_source(exam, efforts), f"{words.blueprint}: {title}", request.engine
        ),
        "signin.pdf": set_list(
            signin_source(exam, papers), f"{words.signin}: {title}", request.engine
        ),
        "answers.csv": answers_csv(papers),
        "spec.toml": request.spec_file,
        "roster.csv": request.roster_file,
    }
    write_all({request.folder / name: content for name, content in contents.items()})
    return list(contents)


def _write_manifest(
    done: Finished,
    papers: Sequence[dict[str, Any]],
    names: Sequence[str],
    efforts: Mapping[str, Sequence[float]],
) -> None:
    request, setting = done.request, done.setting
    exam = setting.exam
    head = {
        "format": FORMAT,
        "penwork": __version__,
        "engine": said_version(find_engine(request.engine or None)),
        "exam": exam.spec.exam_id,
        "title": exam.spec.title,
        "inputs": done.inputs,
        "order": [student.id for student in done.students],
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
            f"{'large' if medium.large else 'usual'}{' sans' if medium.sans else ''}": [
                [standing.place for standing in page] for page in layout.pages
            ]
            for medium, layout in setting.layouts.items()
        },
        "missing": [{"form": f.form, "template": f.template, "why": f.why} for f in done.failures],
        "files": {name: digest((request.folder / name).read_bytes()) for name in names},
    }
    lines = [done.records[paper["form"]] for paper in papers]
    write_all({request.folder / MANIFEST: manifest(head, lines)})


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
            low, high = min(there) / usual - 1, max(there) / usual - 1
            lines.append(
                f"{slot.name}: effort {usual:.0f}, {low:+.0%} to {high:+.0%} over the class"
            )
    return lines


def _unprinted(papers: Sequence[Mapping[str, Any]]) -> list[str]:
    """Names that the fonts cannot print stand by their id."""
    return [
        f"The fonts lack letters of {paper['name']} ({paper['student']}): printed by the id."
        for paper in papers
        if paper["name"] and not printable(paper["name"])
    ]
