"""A finished exam verified: the manifest is a claim, every paper is made again and compared."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pikepdf

from penwork import __version__
from penwork.catalogue import Catalogue
from penwork.compose.exams.spec import Spec, read_spec
from penwork.compose.exams.void import Void
from penwork.errors import UserError
from penwork.press.engine import find_engine, said_version
from penwork.press.exams.batch import Batch
from penwork.press.exams.files import page_contents
from penwork.press.exams.finish import (
    BINDING,
    LISTING,
    bound,
    described,
    efforts_of,
    listed,
    lists_in,
)
from penwork.press.exams.lists import answers_csv, piece, volumes
from penwork.press.exams.medium import Medium
from penwork.press.exams.records import FORMAT, MANIFEST, Placed, digest, placed_of, read_json
from penwork.press.exams.setting import Setting, Spread, exam_of, medium_of, setting_of
from penwork.press.exams.sources import Exam
from penwork.press.exams.standing import void_said
from penwork.prove.verify.claims import of_class, of_exam, of_paper
from penwork.prove.verify.findings import Finding, Findings
from penwork.prove.verify.older import Older, Version, older, recheck_older
from penwork.prove.verify.papers import Claimed, recheck

_FIELDS = {"form", "student", "name", "row", "seat", "spare", "who", "candidate"}
_FIELDS |= {"medium", "extra_time", "batch", "slots", "items", "problems", "files"}
_PROBLEM = {"number", "slot", "template", "draws", "version", "level", "seed", "try", "letters"}
_PROBLEM |= {"given", "answers", "parts", "effort"}
_INPUTS = ("spec.toml", "roster.csv")
_LISTS = ("blueprint.pdf", "signin.pdf", "answers.csv")


def verify_folder(folder: Path, catalogue: Catalogue, spread: Spread, engine: str = "") -> Findings:
    """Every paper, key and list of an exam's folder, made again from the manifest's claims.

    Raises UserError where there is no manifest to begin with.
    """
    claims = _claims(folder)
    findings = Findings()
    findings.faults += _files(folder, claims)
    spec = _spec(folder, catalogue, findings)
    if spec is None:
        return findings
    placed = [
        placed_of(record, spec.accommodations.get(record["student"])) for record in claims["papers"]
    ]
    exam = exam_of(spec, catalogue)
    exam = replace(exam, void=_void(claims, exam, findings))
    findings.faults += _slots_of(claims, exam)
    versions = _older_versions(claims, exam, findings)
    findings.faults += of_class(folder, claims, spec)
    current, before = [], []
    order = {name: number for number, name in enumerate(claims["order"])}
    for each, record in zip(placed, claims["papers"], strict=True):
        wrong = list(of_paper(record, each, exam, order))
        findings.faults += wrong
        if wrong:
            continue
        if versions.keys() & {exam.slots[slot].name for slot in each.paper.slots}:
            before.append(Older(exam, each.paper, record, versions, str(folder)))
        else:
            current.append((each, record))
    bytewise = _same_makers(claims, engine, findings)
    right: dict[str, tuple[dict[str, Any], ...]] = {}
    if current:
        setting = setting_of(exam, current[0][0].paper, spread, engine)
        right = _papers(folder, setting, current, bytewise, spread, engine, findings)
    if before:
        findings.notes.append(
            f"{len(before)} papers have a problem whose template has changed since: their numbers"
            " are examined, their pages are not."
        )
        for part in spread(recheck_older, before, "Solving older problems"):
            findings.add(part)
    papers = [{**p, "problems": right.get(p["form"], p["problems"])} for p in claims["papers"]]
    findings.faults += _unlisted(claims, papers)
    whole = bool(right) and len(right) == len(placed)
    said = {"exam": spec.exam_id, "title": spec.title}
    findings.faults += of_exam(claims, described(setting, efforts_of(papers)) if whole else said)
    findings.faults += _lists(folder, exam, papers, bytewise, spread, engine, whole)
    return findings


def _claims(folder: Path) -> dict[str, Any]:
    claims = read_json(folder / MANIFEST)
    if isinstance(claims, dict):
        claims.setdefault("void", [])
    if not isinstance(claims, dict) or claims.get("format") != FORMAT:
        what = "has no readable" if claims is None else "holds an unknown kind of"
        raise UserError(
            f"{folder} {what} {MANIFEST}.", "Name the folder that `penwork exam` wrote."
        )
    shape = {
        "papers": list,
        "slots": list,
        "files": dict,
        "order": list,
        "missing": list,
        "void": list,
    }
    for name, kind in shape.items():
        if not isinstance(claims.get(name), kind):
            raise UserError(f"{folder / MANIFEST} lacks {name!r}.", "Make the exam again.")
    for record in claims["papers"]:
        whole = isinstance(record, dict) and set(record) >= _FIELDS
        if not whole or not all(set(problem) >= _PROBLEM for problem in record["problems"]):
            raise UserError(f"{folder / MANIFEST} has a broken paper.", "Make the exam again.")
    return claims


def _files(folder: Path, claims: Mapping[str, Any]) -> Iterator[Finding]:
    """Every file that the manifest names is there with its hash, and no other paper or key is."""
    claimed = dict(claims["files"])
    for record in claims["papers"]:
        claimed |= record["files"]
    for name, said in claimed.items():
        try:
            found = digest((folder / name).read_bytes())
        except OSError:
            yield Finding("", "", f"the file {name} is missing")
            continue
        if found != said:
            yield Finding("", "", f"the file {name} is not the one that was made", said, found)
    for place in ("papers", "keys"):
        for file in sorted((folder / place).glob("*")):
            if f"{place}/{file.name}" not in claimed:
                yield Finding("", "", f"the file {place}/{file.name} belongs to no paper")
    for file in lists_in(folder):
        if file.name not in claimed:
            yield Finding("", "", f"the file {file.name} is not in the manifest")
    for missing in claims["missing"]:
        yield Finding(missing["form"], "", f"was never made: {missing['why']}")


def _spec(folder: Path, catalogue: Catalogue, findings: Findings) -> Spec | None:
    try:
        return read_spec(folder / "spec.toml", catalogue)
    except UserError as error:
        findings.faults.append(Finding("", "", f"spec.toml: {error}"))
        return None


def _void(claims: Mapping[str, Any], exam: Exam, findings: Findings) -> Void:
    """What the manifest says is void, in the order of the spec."""
    said = claims["void"]
    void = tuple(k for k, slot in enumerate(exam.slots) if slot.name in said)
    names = [exam.slots[slot].name for slot in void]
    if said != names:
        findings.faults.append(Finding("", "", "manifest, void", str(said), str(names)))
    findings.notes += void_said(replace(exam, void=void))
    return void


def _slots_of(claims: Mapping[str, Any], exam: Exam) -> Iterator[Finding]:
    """The manifest's problems are those of the spec."""
    names = ("slot", "template", "level", "points")
    right = [(slot.name, slot.template, slot.level, slot.points) for slot in exam.slots]
    said = [tuple(slot[name] for name in names) for slot in claims["slots"]]
    if said != right:
        yield Finding("", "", "problems of the manifest", str(said), str(right))


def _older_versions(
    claims: Mapping[str, Any], exam: Exam, findings: Findings
) -> dict[str, Version]:
    """Draws and version of the slots whose templates have changed since; they only ever rise."""
    now = {slot.name: (slot.draws, slot.version) for slot in exam.slots}
    found = {}
    for slot in claims["slots"]:
        name, said = slot["slot"], (slot["draws"], slot["version"])
        if name not in now or said == now[name]:
            continue
        if older(said, now[name]):
            found[name] = said
        else:
            what = f"manifest, draws and version of {name}"
            findings.faults.append(Finding("", "", what, _told(said), _told(now[name])))
    return found


def _told(version: Version) -> str:
    return "{} and {}".format(*version)


def _same_makers(claims: Mapping[str, Any], engine: str, findings: Findings) -> bool:
    """Whether bytes must agree; what else is compared is told."""
    here = (__version__, said_version(find_engine(engine or None)))
    there = (claims.get("penwork"), claims.get("engine"))
    if here == there:
        return True
    findings.notes.append(
        f"Made by penwork {there[0]} with {there[1]}, checked by penwork {here[0]} with {here[1]}:"
        " pages are compared by what stands on them, not byte for byte."
    )
    return False


def _papers(
    folder: Path,
    setting: Setting,
    current: Sequence[tuple[Placed, Mapping[str, Any]]],
    bytewise: bool,
    spread: Spread,
    engine: str,
    findings: Findings,
) -> dict[str, tuple[dict[str, Any], ...]]:
    """Check every batch; returns the problems as they are right, by form."""
    batches: dict[tuple[int, Medium], list[tuple[Placed, Mapping[str, Any]]]] = {}
    for placed, record in current:
        medium = medium_of(setting.exam.spec, placed.paper)
        batches.setdefault((placed.batch, medium), []).append((placed, record))
    jobs = []
    for (number, medium), members in batches.items():
        papers = tuple(placed.paper for placed, _ in members)
        batch = Batch(number, setting.exam, medium, setting.layouts[medium], papers, engine)
        jobs.append(Claimed(batch, tuple(r for _, r in members), str(folder), bytewise))
    right: dict[str, tuple[dict[str, Any], ...]] = {}
    for remade in spread(recheck, jobs, "Making every paper again"):
        findings.add(remade.findings)
        right |= remade.problems
    return right


def _unlisted(claims: Mapping[str, Any], papers: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """The manifest names every file that belongs to the exam, and no other."""
    due = {name for kind in ("papers", "keys", "marking") for name, _ in volumes(papers, kind)}
    due |= {*_INPUTS, *(_LISTS if papers else ())}
    if papers and claims["void"]:
        due.add("errata.pdf")
    for name in sorted(due ^ claims["files"].keys()):
        what = "lacks the file" if name in due else "names a file too many:"
        yield Finding("", "", f"the manifest {what} {name}")


def _lists(
    folder: Path,
    exam: Exam,
    papers: Sequence[dict[str, Any]],
    bytewise: bool,
    spread: Spread,
    engine: str,
    whole: bool,
) -> Iterator[Finding]:
    """Volumes and answers made again; marking pages, blueprint and sign-in sheet of the `whole`."""
    contents = dict(_bound(exam, papers, folder, spread))
    contents["answers.csv"] = answers_csv(papers)
    if whole:
        contents |= dict(spread(piece, listed(exam, papers, engine), LISTING))
    for name, content in contents.items():
        try:
            there = (folder / name).read_bytes()
        except OSError:
            continue  # told as missing
        if name == "answers.csv":
            yield from _of_answers(there, content)
        elif there != content and (bytewise or _other_pages(there, content)):
            yield Finding("", "", f"{name} is not what the papers make it")


def _other_pages(there: bytes, right: bytes) -> bool:
    try:
        return page_contents(there) != page_contents(right)
    except pikepdf.PdfError:
        return True


def _bound(
    exam: Exam, papers: Sequence[Mapping[str, Any]], folder: Path, spread: Spread
) -> Iterator[tuple[str, bytes]]:
    """What is bound of the single files; where one cannot be read, that is told already."""
    with suppress(OSError, pikepdf.PdfError):
        yield from spread(piece, bound(exam, papers, folder), BINDING)


def _of_answers(there: bytes, right: bytes) -> Iterator[Finding]:
    """Row by row, so that a wrong digit is named."""
    one, other = (
        list(csv.reader(io.StringIO(text.decode("utf-8", "replace")))) for text in (there, right)
    )
    if len(one) != len(other):
        yield Finding("", "", "rows of answers.csv", str(len(one)), str(len(other)))
    for said, due in zip(one, other, strict=False):
        if said != due:
            form, _, problem, part, answer, *_ = [*due, *[""] * 5]
            what = f"answers.csv, part {part}, {answer}"
            yield Finding(form, problem, what, ",".join(said), ",".join(due))
