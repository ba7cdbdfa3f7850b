"""What stands in an exam's folder already, and what a run that voids a problem must leave there."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence, Set
from pathlib import Path
from typing import Any, Literal

from penwork.compose.exams.plan import Paper
from penwork.compose.exams.seeds import ALPHABET, CODE_LENGTH
from penwork.compose.exams.void import problem_said
from penwork.errors import PressError, UserError
from penwork.press.exams.batch import Failure
from penwork.press.exams.finish import lists_in
from penwork.press.exams.records import (
    MANIFEST,
    WORKING,
    Known,
    digest,
    planned,
    read_json,
)
from penwork.press.exams.request import Request
from penwork.press.exams.setting import Setting
from penwork.press.exams.sources import Exam

# Nothing that could stay, a paper whose key is for other void problems, paper and key.
Standing = Literal["", "paper", "whole"]
_FORM = rf"[{ALPHABET}]{{{CODE_LENGTH}}}"
_SINGLE = re.compile(
    rf"{_FORM}\.pdf|(papers|keys)-{_FORM}\.tex|(probes-\d+|cover)-[a-z-]+\.tex"
    r"|(marking(-\d+)?|blueprint|signin|errata)\.tex"
)


def exams_own(path: Path) -> dict[str, Any] | None:
    """A manifest or a plan that penwork wrote, or None where there is none."""
    found = read_json(path)
    return found if isinstance(found, dict) and "inputs" in found else None


def refuse_foreign(request: Request) -> None:
    """Where no exam stands, nothing is overwritten; spec and class may lie there as given."""
    folder = request.folder
    if not folder.is_dir():
        return
    if list(_singles(folder)):
        refuse_damaged(request)
        return
    given = {"spec.toml": request.spec_file, "roster.csv": request.roster_file}
    names = [name for name, content in given.items() if _other(folder / name, content)]
    names += [MANIFEST] if (folder / MANIFEST).exists() else []
    names += [file.name for file in lists_in(folder)]
    names += [name for name in ("papers", "keys") if (folder / name).is_file()]
    if names:
        raise UserError(
            f"{folder} is no exam's folder, and its {', '.join(names)} would be overwritten.",
            "Choose another folder with -o.",
        )


def refuse_damaged(request: Request) -> None:
    """What cannot be gone by is made anew, but not unasked."""
    if request.void or not request.force:
        raise UserError(
            f"{request.folder} holds an exam whose {MANIFEST} is lost or damaged.",
            "Choose another folder with -o, or make it anew with --force.",
        )


def _other(path: Path, content: bytes) -> bool:
    """Whether something else stands there."""
    return path.exists() and not (path.is_file() and path.read_bytes() == content)


def clear(folder: Path) -> None:
    """Take away what an earlier run made here, and nothing else; what tells of it last."""
    if folder.is_dir():
        for file in (*_singles(folder), *lists_in(folder)):
            file.unlink()
    shutil.rmtree(folder / WORKING, ignore_errors=True)
    (folder / MANIFEST).unlink(missing_ok=True)


def _singles(folder: Path) -> Iterator[Path]:
    """The files of single papers and keys, and what --keep-tex kept."""
    for place in ("papers", "keys", "tex"):
        found = sorted((folder / place).glob("*"))
        yield from (file for file in found if _SINGLE.fullmatch(file.name))


def standings(
    folder: Path, papers: Sequence[Paper], known: Known, setting: Setting, voiding: bool
) -> dict[str, Standing]:
    """What is still there of each paper, by form.

    Voiding leaves the papers as they are: raises UserError where class or print are not those
    that they were made for.
    """
    due = {paper.form: paper for paper in papers}
    found: dict[str, Standing] = dict.fromkeys(due, "")
    for form, line in known.records.items():
        there = json.loads(line) if form in due else {}
        if there and _is_as(_due(due[form], setting), there):
            found[form] = _standing(folder, there, due[form], setting.exam)
        elif voiding:
            raise _other_paper(form)
    for form in due if voiding else ():
        if form not in known.records:
            raise _other_paper(form, "be new")
    return found


def _due(paper: Paper, setting: Setting) -> dict[str, Any]:
    """What the record of a paper must say for the paper to stay."""
    return {**planned(paper), "geometry": setting.geometry(paper)}


def _is_as(due: Mapping[str, Any], there: Mapping[str, Any]) -> bool:
    return all(there.get(name) == value for name, value in due.items())


def _standing(folder: Path, there: Mapping[str, Any], paper: Paper, exam: Exam) -> Standing:
    """What is still there of a paper that is done, as it was made and as it should be."""
    if not _holds(folder, there, f"papers/{paper.form}.pdf"):
        return ""
    void = [exam.slots[slot].name for slot in paper.slots if slot in exam.void]
    if void != [problem["slot"] for problem in there["problems"] if problem.get("void")]:
        return "paper"
    return "whole" if _holds(folder, there, f"keys/{paper.form}.pdf") else ""


def _holds(folder: Path, record: Mapping[str, Any], name: str) -> bool:
    try:
        return (folder / name).is_file() and digest((folder / name).read_bytes()) == str(
            record["files"][name]
        )
    except OSError:
        return False


def _other_paper(form: str, become: str = "change") -> UserError:
    return UserError(
        f"With this spec and class list paper {form} would {become}.",
        "Void with those that the exam was made with, or run without --void first.",
    )


def refuse_to_forget(failures: Mapping[str, Failure], known: Known) -> None:
    """A problem that stands on papers was measured once: that it now fails takes none of them."""
    if stand := known.records.keys() & failures.keys():
        why = failures[min(stand)].why
        raise PressError(f"{why}\nThe papers that are there have this problem, and stay.")


def refuse_to_lose(failures: Sequence[Failure], standing: Mapping[str, Standing]) -> None:
    """A paper that stands is not taken away because its new key cannot be made."""
    for failure in failures:
        if standing[failure.form] == "paper":
            raise PressError(f"The new key of {failure.form} could not be made: {failure.why}")


def gone_notes(known: Known, gone: Set[str]) -> Iterator[str]:
    """What a run tells of what it took away: another exam's files, papers of the forms `gone`."""
    if known.told:
        yield known.told
    if gone:
        yield f"Papers for nobody of this class, taken away: {len(gone)}."


def void_said(exam: Exam) -> list[str]:
    """What is void, a line each."""
    return [f"Void: {problem_said(slot, exam.slots, exam.places)}." for slot in exam.void]


def void_notes(exam: Exam, known: Known, asked: bool) -> Iterator[str]:
    """What a run tells of what is void, above all where it was not `asked` for this time."""
    yield from void_said(exam)
    if exam.void and not asked:
        yield "That was so before; `--void none` takes it back."
    now = {exam.slots[slot].name for slot in exam.void}
    yield from (f"No longer void: {name}." for name in known.void if name not in now)
