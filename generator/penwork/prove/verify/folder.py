"""A finished exam verified: the manifest is a claim, every paper is made again and compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from penwork import __version__
from penwork.catalogue import Catalogue
from penwork.compose.exams.plan import Paper, spares
from penwork.compose.exams.spec import Spec, read_spec
from penwork.compose.exams.void import Void
from penwork.errors import UserError
from penwork.press.engine import find_engine, said_version
from penwork.press.exams.finish import described, efforts_of
from penwork.press.exams.setting import Setting, Spread, exam_of, setting_of
from penwork.press.exams.sources import Exam
from penwork.press.exams.standing import void_said
from penwork.prove.verify.beside import no_files, of_files, of_lists, strays, unlisted
from penwork.prove.verify.case import Case
from penwork.prove.verify.claims import (
    due_paper,
    everybody,
    fits,
    latecomers,
    of_class,
    of_exam,
    of_paper,
)
from penwork.prove.verify.findings import Finding, Findings
from penwork.prove.verify.manifest import Claims, read_claims
from penwork.prove.verify.older import Older, Version, older, recheck_older, versions_said
from penwork.prove.verify.papers import Claimed, recheck

Record = Mapping[str, Any]
MOST_LATE = 5


@dataclass(slots=True)
class Sorted:
    """The papers that can be made again, and those of templates that have changed since."""

    current: list[tuple[Paper, Record]] = field(default_factory=list)
    older: list[Older] = field(default_factory=list)


@dataclass(slots=True)
class Remade:
    """The problems as they are right, by form, and how the exam is set; None of no paper."""

    problems: dict[str, tuple[dict[str, Any], ...]] = field(default_factory=dict)
    setting: Setting | None = None


def verify_folder(folder: Path, catalogue: Catalogue, spread: Spread, engine: str = "") -> Findings:
    """Every paper, key and list of an exam's folder, made again from the manifest's claims.

    Raises UserError where there is no manifest to begin with.
    """
    claims = read_claims(folder)
    found = Findings(faults=list(claims.faults))
    if not claims.head:
        return found
    if strange := list(no_files(folder, claims)):
        found.faults += strange
        return found
    found.faults += of_files(folder, claims)
    found.notes += strays(folder, claims)
    spec = _spec(folder, catalogue, found)
    if spec is None:
        return found
    exam = _exam(spec, claims, catalogue, found)
    case = Case(folder, claims, exam, _same_makers(claims.head, engine, found), spread, engine)
    papers = _sorted(case, found)
    remade = _made_again(case, papers.current, found)
    _solve_older(case, papers.older, found)
    _of_the_rest(case, remade, found)
    return found


def _spec(folder: Path, catalogue: Catalogue, found: Findings) -> Spec | None:
    try:
        return read_spec(folder / "spec.toml", catalogue)
    except UserError as error:
        found.faults.append(Finding("", "", f"spec.toml: {error}"))
        return None


def _exam(spec: Spec, claims: Claims, catalogue: Catalogue, found: Findings) -> Exam:
    """The exam of the spec, of which void is what the manifest says; its problems must be those."""
    exam = exam_of(spec, catalogue)
    exam = replace(exam, void=_void(claims.head["void"], exam, found))
    names = ("slot", "template", "level", "points")
    right = [(slot.name, slot.template, slot.level, slot.points) for slot in exam.slots]
    said = [tuple(slot[name] for name in names) for slot in claims.head["slots"]]
    if said != right:
        found.faults.append(Finding("", "", "problems of the manifest", str(said), str(right)))
    return exam


def _void(said: Sequence[str], exam: Exam, found: Findings) -> Void:
    """What the manifest says is void, in the order of the spec."""
    void = tuple(k for k, slot in enumerate(exam.slots) if slot.name in said)
    names = [exam.slots[slot].name for slot in void]
    if said != names:
        found.faults.append(Finding("", "", "manifest, void", str(said), str(names)))
    found.notes += void_said(replace(exam, void=void))
    return void


def _same_makers(head: Record, engine: str, found: Findings) -> bool:
    """Whether the same penwork and engine made it, so that the bytes must agree."""
    here = (__version__, said_version(find_engine(engine or None)))
    there = (head["penwork"], head["engine"])
    if there == here:
        return True
    found.notes.append(
        f"Made by penwork {there[0]} with {there[1]}, checked by penwork {here[0]} with {here[1]}:"
        " pages are compared by what stands on them, not byte for byte."
    )
    return False


def _sorted(case: Case, found: Findings) -> Sorted:
    """The papers as they are due, held against what is said of them and of the class."""
    claims, spec = case.claims, case.exam.spec
    students = everybody(case.folder, claims, spec, found)
    found.faults += of_class(claims, students)
    if late := latecomers(claims, students):
        who = f"{', '.join(late[:MOST_LATE])}{', …' if len(late) > MOST_LATE else ''}"
        found.notes.append(f"By the manifest, who came after others below them in the list: {who}.")
    versions = _older_versions(case, found)
    order = {name: number for number, name in enumerate(claims.head["order"], 1)}
    order |= {spare.id: number for number, spare in enumerate(spares(spec), 1)}
    papers = Sorted()
    for record in claims.papers:
        due = due_paper(record, spec, students, order)
        found.faults += of_paper(record, due)
        slots = due.slots
        if not fits(due, case.exam):
            what = "its problems are not those of the spec"
            found.faults.append(Finding(due.form, "", what))
        elif versions.keys() & {case.exam.slots[slot].name for slot in slots}:
            papers.older.append(Older(case.exam, due, record, versions, str(case.folder)))
        elif record["student"] in students:
            papers.current.append((due, record))
    return papers


def _older_versions(case: Case, found: Findings) -> dict[str, Version]:
    """Draws and version of the slots whose templates have changed since; they only ever rise."""
    now = {slot.name: (slot.draws, slot.version) for slot in case.exam.slots}
    changed = {}
    for slot in case.claims.head["slots"]:
        name, said = slot["slot"], (slot["draws"], slot["version"])
        if name not in now or said == now[name]:
            continue
        if older(said, now[name]):
            changed[name] = said
        else:
            what = f"manifest, draws and version of {name}"
            told = Finding("", "", what, versions_said(said), versions_said(now[name]))
            found.faults.append(told)
    return changed


def _made_again(case: Case, papers: Sequence[tuple[Paper, Record]], found: Findings) -> Remade:
    """Check every batch."""
    if not papers:
        return Remade()
    setting = setting_of(case.exam, case.spread, case.engine)
    found.faults += (
        Finding("", "", f"{each.template} cannot be measured: {each.why}")
        for each in setting.unmeasured.values()
    )
    records = {paper.form: record for paper, record in papers}
    place, bytewise = str(case.folder), case.bytewise
    jobs = [
        Claimed(batch, tuple(records[paper.form] for paper in batch.papers), place, bytewise)
        for batch in setting.batches([paper for paper, _ in papers], case.engine)
    ]
    problems: dict[str, tuple[dict[str, Any], ...]] = {}
    for remade in case.spread(recheck, jobs, "Making every paper again"):
        found.add(remade.findings)
        problems |= remade.problems
    return Remade(problems, setting)


def _solve_older(case: Case, papers: Sequence[Older], found: Findings) -> None:
    if not papers:
        return
    found.notes.append(
        f"{len(papers)} papers have a problem whose template has changed since: their numbers"
        " are examined, their pages are not."
    )
    for part in case.spread(recheck_older, papers, "Solving older problems"):
        found.add(part)


def _of_the_rest(case: Case, remade: Remade, found: Findings) -> None:
    """The exam as a whole: what the manifest says of it, its volumes and lists."""
    claims, spec, right = case.claims, case.exam.spec, remade.problems
    papers = [{**p, "problems": right.get(p["form"], p["problems"])} for p in claims.papers]
    found.faults += unlisted(claims, papers)
    whole = len(right) == len(papers) and not claims.faults
    due: dict[str, Any] = {"exam": spec.exam_id, "title": spec.title}
    if whole and remade.setting:
        due = described(remade.setting, efforts_of(papers))
    found.faults += of_exam(claims.head, due)
    found.faults += of_lists(case, papers, whole and bool(papers))
