"""What stands in an exam's folder already, and what a run that voids a problem must leave there."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from penwork.compose.exams.void import problem_said
from penwork.errors import PressError, UserError
from penwork.press.exams.batch import Failure
from penwork.press.exams.records import Known, Placed, digest, planned
from penwork.press.exams.sources import Exam

# Nothing that could stay, a paper whose key is for other void problems, paper and key.
Standing = Literal["", "paper", "whole"]


def standing_of(folder: Path, placed: Placed, record: str, exam: Exam) -> Standing:
    """What is still there of a paper that is done, as it was made and as it should be."""
    if not record:
        return ""
    there, paper = json.loads(record), placed.paper
    if any(there.get(name) != value for name, value in planned(placed).items()):
        return ""
    if not _holds(folder, there, f"papers/{paper.form}.pdf"):
        return ""
    void = [exam.slots[slot].name for slot in paper.slots if slot in exam.void]
    if void != [problem["slot"] for problem in there["problems"] if problem.get("void")]:
        return "paper"
    return "whole" if _holds(folder, there, f"keys/{paper.form}.pdf") else ""


def _holds(folder: Path, record: Mapping[str, Any], name: str) -> bool:
    try:
        return digest((folder / name).read_bytes()) == str(record["files"][name])
    except OSError:
        return False


def refuse_other_papers(placed: Sequence[Placed], known: Known) -> None:
    """Voiding leaves the papers as they are: class and print must be those they were made for."""
    due = {each.paper.form: each for each in placed}
    for form in dict.fromkeys([*known.records, *due]):
        there = json.loads(known.records.get(form, "{}"))
        said = planned(due[form]) if form in due else {}
        if not said or any(there.get(name) != value for name, value in said.items()):
            raise UserError(
                f"With this spec and class list paper {form} would change.",
                "Void with those that the exam was made with, or run without --void first.",
            )


def refuse_to_lose(failures: Sequence[Failure], standing: Mapping[str, Standing]) -> None:
    """A paper that stands is not taken away because its new key cannot be made."""
    for failure in failures:
        if standing[failure.form] == "paper":
            raise PressError(f"The new key of {failure.form} could not be made: {failure.why}")


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
