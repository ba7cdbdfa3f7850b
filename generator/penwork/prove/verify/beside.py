"""The files of an exam: their hashes, and what stands beside the papers made again."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from penwork.catalogue import Catalogue
from penwork.press.exams.files import page_contents
from penwork.press.exams.finish import LISTING, bound, listed, lists_in
from penwork.press.exams.lists import Listing, Marking, Volume, answers_csv, piece, volumes
from penwork.press.exams.records import MANIFEST, WORKING, digest
from penwork.prove.verify.around import differing
from penwork.prove.verify.case import Case
from penwork.prove.verify.findings import Finding, said
from penwork.prove.verify.manifest import Claims

Papers = Sequence[dict[str, Any]]
MOST_NAMED = 10
_SINGLES = ("papers", "keys")
_INPUTS = ("spec.toml", "roster.csv")
_LISTS = ("blueprint.pdf", "signin.pdf", "answers.csv")


def no_files(folder: Path, claims: Claims) -> Iterator[Finding]:
    """Pipes, devices and folders where a file should be: to read one may never end."""
    for name in _named(claims):
        if name not in _SINGLES and (folder / name).exists() and not (folder / name).is_file():
            yield Finding("", "", f"{name} is no file; nothing was examined")


def of_files(folder: Path, claims: Claims) -> Iterator[Finding]:
    """Every file that the manifest names is there with its hash, and no other paper or key is."""
    claimed = claims.files
    for name in _named(claims):
        if (folder / name).is_symlink():
            yield Finding("", "", f"{name} is a link to somewhere else")
    for name, said_hash in claimed.items():
        try:
            found = digest((folder / name).read_bytes())
        except OSError:
            yield Finding("", "", f"the file {name} is missing")
            continue
        if found != said_hash:
            told = said(said_hash)
            yield Finding("", "", f"the file {name} is not the one that was made", told, found)
    for place in _SINGLES:
        for file in sorted((folder / place).glob("*")):
            if f"{place}/{file.name}" not in claimed:
                yield Finding("", "", f"the file {place}/{said(file.name)} belongs to no paper")
    for file in lists_in(folder):
        if file.name not in claimed:
            yield Finding("", "", f"the file {file.name} is not in the manifest")
    for missing in claims.head["missing"]:
        yield Finding(said(missing["form"]), "", f"was never made: {said(missing['why'])}")


def _named(claims: Claims) -> tuple[str, ...]:
    """What the folder of an exam has."""
    return tuple(dict.fromkeys((MANIFEST, *_SINGLES, *_INPUTS, *claims.files)))


def strays(folder: Path, claims: Claims) -> Iterator[str]:
    """What else lies there: nobody examines it."""
    known = {"tex", *_named(claims)}
    known |= {file.name for file in lists_in(folder)}  # told as faults
    names = [said(file.name) for file in sorted(folder.iterdir()) if file.name not in known]
    if WORKING in names:
        yield f"{WORKING} is of a run that is not finished; the same command ends it."
        names.remove(WORKING)
    if names:
        more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
        yield f"Not of the exam, and not examined: {', '.join(names[:MOST_NAMED])}{more}."


def unlisted(claims: Claims, papers: Papers) -> Iterator[Finding]:
    """The manifest names every file that belongs to the exam, and no other."""
    due = {name for kind in ("papers", "keys", "marking") for name, _ in volumes(papers, kind)}
    due |= {*_INPUTS, *(_LISTS if papers else ())}
    if papers and claims.head["void"]:
        due.add("errata.pdf")
    for name in sorted(due ^ claims.head["files"].keys()):
        what = "lacks the file" if name in due else "names a file too many:"
        yield Finding("", "", f"the manifest {what} {name}")


def of_lists(case: Case, papers: Papers, whole: bool) -> Iterator[Finding]:
    """Volumes and answers made again; marking pages, blueprint and sign-in sheet of the `whole`."""
    name = "answers.csv"
    there = _there(case.folder / name)
    if there is not None:
        yield from _of_answers(there, answers_csv(papers), case.bytewise)
    lists = listed(case.exam, papers, case.engine) if whole else []
    due = [*bound(case.exam, papers, case.folder), *lists]
    jobs = [Beside(each, case.folder, case.bytewise) for each in due]
    for wrong in case.spread(_recheck_beside, jobs, LISTING):
        yield from wrong


@dataclass(frozen=True, slots=True)
class Beside:
    """A file beside the papers to make again, and to compare with what lies there."""

    job: Volume | Marking | Listing
    folder: Path
    bytewise: bool


def _recheck_beside(catalogue: Catalogue, due: Beside) -> list[Finding]:
    """Make one file beside the papers again, and compare it."""
    name = due.job.name
    try:
        right = piece(catalogue, due.job).content
    except OSError:
        return []  # a file that is told as missing
    except Exception as error:  # whatever a damaged file makes a PDF reader say
        if not isinstance(due.job, Volume):
            raise
        what = f"{name} cannot be bound of the single files ({type(error).__name__})"
        return [Finding("", "", what)]
    there = _there(due.folder / name)
    if there is None or there == right:
        return []
    if due.bytewise or _shows_other(name, there, right):
        return [Finding("", "", f"{name} is not what the papers make it")]
    return []


def _there(path: Path) -> bytes | None:
    """None where it is missing, which is told elsewhere."""
    try:
        return path.read_bytes()
    except OSError:
        return None


def _shows_other(name: str, there: bytes, right: bytes) -> bool:
    try:
        same = page_contents(there) == page_contents(right)
        return not same or any(differing(name, there, right))
    except Exception:  # whatever a damaged file makes a PDF reader say
        return True


def _of_answers(there: bytes, right: bytes, bytewise: bool) -> Iterator[Finding]:
    """Row by row, so that a wrong digit is named."""
    try:
        one, other = (
            list(csv.reader(io.StringIO(text.decode("utf-8", "replace"))))
            for text in (there, right)
        )
    except csv.Error as error:
        yield Finding("", "", f"answers.csv cannot be read: {error}")
        return
    if len(one) != len(other):
        yield Finding("", "", "rows of answers.csv", str(len(one)), str(len(other)))
    wrong = [(row, due) for row, due in zip(one, other, strict=False) if row != due]
    for row, due in wrong:
        form, _, problem, part, answer, *_ = [*due, *[""] * 5]
        what = f"answers.csv, part {part}, {answer}"
        yield Finding(form, problem, what, said(",".join(row)), ",".join(due))
    if bytewise and there != right and len(one) == len(other) and not wrong:
        yield Finding("", "", "answers.csv has other bytes than it should")
