"""Papers of templates that have changed since: what was claimed then, held against the present."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from penwork.catalogue import Catalogue
from penwork.compose.exams.plan import Item, Paper, Slot
from penwork.document import document
from penwork.errors import Fault, TemplateError, UserError
from penwork.instance import make_given
from penwork.press.exams.batch import made_again, problem_of
from penwork.press.exams.files import attached
from penwork.press.exams.sources import Exam
from penwork.prove.verify.findings import Finding, Findings, differences

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


def older(claimed: Any, now: Version) -> bool:
    """Whether a template may have been like that before it became what it is now."""
    pairs = zip(claimed, now, strict=True)
    return all(type(was) is int and 1 <= was <= present for was, present in pairs)


def recheck_older(catalogue: Catalogue, asked: Older) -> Findings:
    """What has changed is solved from the stored givens, what hasn't is made again; no page is."""
    found = Findings(papers=1)
    form, problems = asked.paper.form, asked.record["problems"]
    if len(problems) != len(asked.paper.items):
        found.faults.append(Finding(form, "", "its problems are not those of the spec"))
        return found
    for item, place, claimed in zip(asked.paper.items, asked.exam.places, problems, strict=True):
        slot = asked.exam.slots[item.slot]
        due = {"number": place.number, "slot": slot.name, "template": slot.template}
        due |= {"level": slot.level, "letters": list(slot.letters)}
        due |= {"seed": item.seed, "try": item.attempt}
        if slot.name in asked.versions:
            due |= dict(zip(("draws", "version"), asked.versions[slot.name], strict=True))
        void = item.slot in asked.exam.void
        due |= {"void": True if void else None}
        number = str(place.number)
        for path, one, other in differences({name: claimed.get(name) for name in due}, due):
            found.faults.append(Finding(form, number, f"manifest, {path}", one, other))
        found.answers += len(claimed["answers"])
        check = _solved if slot.name in asked.versions else _unchanged
        try:
            for told in check(catalogue, form, slot, item, claimed):
                (found.faults if isinstance(told, Finding) else found.notes).append(told)  # type: ignore[arg-type]
        except (UserError, TemplateError, Fault) as error:
            what = Finding(form, number, f"the present {slot.template} cannot solve it: {error}")
            if void:
                found.notes.append(f"{what}; it is void")
            else:
                found.faults.append(what)
    found.faults += _of_key(Path(asked.folder), form, problems)
    return found


def _unchanged(
    catalogue: Catalogue, form: str, slot: Slot, item: Item, claimed: Mapping[str, Any]
) -> Iterator[Finding | str]:
    void = bool(claimed.get("void"))
    right = problem_of(claimed["number"], slot, made_again(catalogue, slot, item), void)
    for path, one, other in differences(claimed, json.loads(json.dumps(right))):
        yield Finding(form, str(claimed["number"]), f"manifest, {path}", one, other)


def _solved(
    catalogue: Catalogue, form: str, slot: Slot, item: Item, claimed: Mapping[str, Any]
) -> Iterator[Finding | str]:
    number = str(claimed["number"])
    if claimed["draws"] == slot.draws:
        with suppress(UserError, TemplateError, Fault):  # the present one may refuse this draw
            given = document(made_again(catalogue, slot, item))["given"]
            for path, one, other in differences(claimed["given"], given, "given"):
                yield Finding(form, number, f"manifest, {path}", one, other)
    instance = make_given(catalogue.get(slot.template), claimed["given"], level=slot.level)
    now = document(instance)["answers"]
    for answer, said in claimed["answers"].items():
        right = now.get(answer, {}).get("value")
        versions = (
            f"{answer}, by {slot.template} draws {claimed['draws']} version {claimed['version']}"
            f" and now by draws {slot.draws} version {slot.version}"
        )
        if said["value"] == right:
            yield f"{form}, problem {number}, {versions}: {right} both times"
            continue
        finding = Finding(form, number, versions, str(said["value"]), str(right))
        yield f"{finding}; it is void" if claimed.get("void") else finding


def _of_key(folder: Path, form: str, problems: list[Mapping[str, Any]]) -> Iterator[Finding]:
    """What the key carries is what the manifest says."""
    name = f"keys/{form}.pdf"
    try:
        carried = json.loads(attached((folder / name).read_bytes()) or b"")["problems"]
        pairs = list(zip(carried, problems, strict=True))
    except Exception as error:  # whatever a damaged file makes a PDF reader say
        yield Finding(form, "", f"what {name} carries cannot be read ({type(error).__name__})")
        return
    for said, claimed in pairs:
        due = {each: claimed[each] for each in _CARRIED} | {"id": claimed["template"]}
        there = {each: said.get(each) for each in due}
        there["void"], due["void"] = said.get("void"), claimed.get("void")
        due["answers"] = claimed["answers"]
        there["answers"] = {each: said["answers"].get(each) for each in claimed["answers"]}
        for path, one, other in differences(there, due):
            what = f"the manifest and the attachment of {name} differ, {path}"
            yield Finding(form, str(claimed["number"]), what, one, other)
