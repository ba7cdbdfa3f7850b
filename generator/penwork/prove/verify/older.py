"""Papers of templates that have changed since: what was claimed then, held against the present."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from penwork.catalogue import Catalogue
from penwork.compose.exams.plan import Item, Paper, Slot
from penwork.document import document
from penwork.errors import Fault, TemplateError, UserError
from penwork.instance import make_given
from penwork.model import Instance
from penwork.press.exams.batch import made_again, problem_of
from penwork.press.exams.files import attached
from penwork.press.exams.sources import Exam
from penwork.problem import Template
from penwork.prove.verify.findings import Finding, Findings, differences, said
from penwork.prove.verify.shape import loads

Version = tuple[int, int]
_CARRIED = ("number", "draws", "version", "level", "seed", "try", "letters", "given", "parts")


@dataclass(frozen=True, slots=True)
class Older:
    """A paper to examine; `versions` are the draws and version that its slots claim."""

    exam: Exam
    paper: Paper
    record: Mapping[str, Any]
    versions: Mapping[str, Version]
    folder: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was made of a problem when its template was another; `asked` are the answers."""

    form: str
    number: int
    was: Version
    level: int
    given: Mapping[str, Any]
    asked: Mapping[str, Any]
    void: bool


def older(claimed: Any, now: Version) -> bool:
    """Whether a template may have been like that before it became what it is now."""
    pairs = zip(claimed, now, strict=True)
    return claimed != now and all(type(was) is int and 1 <= was <= is_ for was, is_ in pairs)


def versions_said(version: tuple[Any, Any]) -> str:
    return f"draws {said(version[0])} version {said(version[1])}"


def solved_anew(template: Template, then: Outcome, again: Callable[[], Instance]) -> Findings:
    """The stored givens solved by the present template, and both outcomes told.

    Another outcome is a fault, unless the problem is void. `again` makes the draw again; its
    givens must be the stored ones where nothing but the version has changed.
    """
    found, number = Findings(answers=len(then.asked)), str(then.number)
    now = (template.problem.draws, template.problem.version)
    told: list[Finding] = []
    if then.was[0] == now[0]:
        with suppress(UserError, Fault):  # the present one may refuse this draw
            for path, one, other in differences(then.given, document(again())["given"], "given"):
                found.faults.append(Finding(then.form, number, path, one, other))
    try:
        answers = document(make_given(template, then.given, level=then.level))["answers"]
    except (UserError, Fault) as error:
        answers = {}
        told.append(Finding(then.form, number, f"the present {template.id} cannot: {error}"))
    for name, claimed in then.asked.items() if answers else ():
        right = answers.get(name, {}).get("value")
        versions = f"{name}, by {template.id} {versions_said(then.was)}"
        versions += f" and now by {versions_said(now)}"
        if claimed["value"] == right:
            place = str(Finding(then.form, number, versions))
            found.notes.append(f"{place}: {said(right)} both times")
        else:
            told.append(Finding(then.form, number, versions, said(claimed["value"]), said(right)))
    if then.void:
        found.notes += (f"{each}; it is void" for each in told)
    else:
        found.faults += told
    return found


def recheck_older(catalogue: Catalogue, asked: Older) -> Findings:
    """What has changed is solved from the stored givens, what hasn't is made again; no page is."""
    found = Findings(papers=1)
    form, problems = asked.paper.form, asked.record["problems"]
    if len(problems) != len(asked.paper.items):
        found.faults.append(Finding(form, "", "its problems are not those of the spec"))
        return found
    for item, place, claimed in zip(asked.paper.items, asked.exam.places, problems, strict=True):
        slot = asked.exam.slots[item.slot]
        found.faults += _of_place(asked, place.number, item, claimed)
        if slot.name in asked.versions:
            found.add(_changed(catalogue, form, slot, item, claimed))
        else:
            found.add(_unchanged(catalogue, form, slot, item, claimed))
    found.faults += _of_key(Path(asked.folder), form, problems)
    return found


def _of_place(
    asked: Older, number: int, item: Item, claimed: Mapping[str, Any]
) -> Iterator[Finding]:
    """What a problem says of itself, against the spec and the paper's seeds."""
    slot = asked.exam.slots[item.slot]
    due: dict[str, Any] = {"number": number, "slot": slot.name, "template": slot.template}
    due |= {"level": slot.level, "letters": list(slot.letters)}
    due |= {"seed": item.seed, "try": item.attempt}
    if slot.name in asked.versions:
        due |= dict(zip(("draws", "version"), asked.versions[slot.name], strict=True))
    due |= {"void": True if item.slot in asked.exam.void else None}
    for path, one, other in differences({name: claimed.get(name) for name in due}, due):
        yield Finding(asked.paper.form, str(number), f"manifest, {path}", one, other)


def _changed(
    catalogue: Catalogue, form: str, slot: Slot, item: Item, claimed: Mapping[str, Any]
) -> Findings:
    then = Outcome(
        form,
        claimed["number"],
        (claimed["draws"], claimed["version"]),
        slot.level,
        claimed["given"],
        claimed["answers"],
        bool(claimed.get("void")),
    )
    again = partial(made_again, catalogue, slot, item)
    return solved_anew(catalogue.get(slot.template), then, again)


def _unchanged(
    catalogue: Catalogue, form: str, slot: Slot, item: Item, claimed: Mapping[str, Any]
) -> Findings:
    found, number = Findings(answers=len(claimed["answers"])), str(claimed["number"])
    try:
        made = made_again(catalogue, slot, item)
    except (UserError, TemplateError, Fault) as error:
        found.faults.append(Finding(form, number, f"cannot be made again: {error}"))
        return found
    right = problem_of(claimed["number"], slot, made, bool(claimed.get("void")))
    for path, one, other in differences(claimed, json.loads(json.dumps(right))):
        found.faults.append(Finding(form, number, f"manifest, {path}", one, other))
    return found


def _of_key(folder: Path, form: str, problems: list[Mapping[str, Any]]) -> Iterator[Finding]:
    """What the key carries is what the manifest says."""
    name = f"keys/{form}.pdf"
    try:
        carried = loads(attached((folder / name).read_bytes()) or b"")["problems"]
        pairs = [(dict(said), claimed) for said, claimed in zip(carried, problems, strict=True)]
    except Exception as error:  # whatever a damaged file makes a PDF reader say
        yield Finding(form, "", f"what {name} carries cannot be read ({type(error).__name__})")
        return
    for carries, claimed in pairs:
        due = {each: claimed[each] for each in (*_CARRIED, "answers")}
        due |= {"id": claimed["template"], "void": claimed.get("void")}
        there = {each: carries.get(each) for each in due}
        if isinstance(there["answers"], dict):  # those that are not asked are carried too
            there["answers"] = {each: there["answers"].get(each) for each in claimed["answers"]}
        for path, one, other in differences(there, due):
            what = f"the manifest and the attachment of {name} differ, {path}"
            yield Finding(form, str(claimed["number"]), what, one, other)
