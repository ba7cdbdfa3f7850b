"""A key that somebody else wrote, held row by row against an exam's true answers."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from penwork.bridge import replay_bridged
from penwork.catalogue import Catalogue
from penwork.document import document
from penwork.errors import Fault, TemplateError, UserError
from penwork.instance import make_given
from penwork.model import Instance
from penwork.press.exams.lists import due_answers
from penwork.press.exams.setting import Spread
from penwork.problem import Template
from penwork.prove.verify.cells import agrees, is_number
from penwork.prove.verify.findings import Finding, Findings, said
from penwork.prove.verify.manifest import read_claims
from penwork.prove.verify.older import older
from penwork.reading import MEGABYTE, read_text

MOST_FORMS = 10
COLUMNS = ("form", "problem", "part", "answer", "value")


class Row(NamedTuple):
    """A line of the key."""

    form: str
    problem: str
    part: str
    answer: str
    value: str
    line: int


@dataclass(frozen=True, slots=True)
class Asked:
    """The rows of one paper's problem, and where its truth comes from."""

    form: str
    problem: Mapping[str, Any]
    rows: tuple[Row, ...]


Place = tuple[str, str]


def verify_written(key: Path, folder: Path, catalogue: Catalogue, spread: Spread) -> Findings:
    """Every row of the file. Raises UserError where file or folder cannot be read."""
    rows = _rows(key)
    claims = read_claims(folder)
    there = {
        (record["form"], str(problem["number"])): problem
        for record in claims.papers
        for problem in record["problems"]
    }
    forms = {row.form for row in rows} & {form for form, _ in there}
    found = Findings(papers=len(forms), faults=list(claims.faults))
    found.faults += _repeated(rows)
    grouped: dict[Place, list[Row]] = {}
    void = 0
    for row in rows:
        at = (row.form, row.problem)
        if at in there and there[at].get("void"):
            void += 1
        elif at in there:
            grouped.setdefault(at, []).append(row)
        else:
            line = f"line {row.line} names a form or problem that is not in this exam"
            found.faults.append(Finding(said(row.form), said(row.problem), line))
    jobs = [Asked(at[0], there[at], tuple(members)) for at, members in grouped.items()]
    for part in spread(judge, jobs, "Solving every problem again"):
        found.add(part)
    if void:
        found.notes.append(f"{void} rows are of void problems, and not judged.")
    due = {at: problem for at, problem in there.items() if not problem.get("void")}
    found.notes += _covered(key.name, due, grouped)
    return found


def _repeated(rows: Sequence[Row]) -> Iterator[Finding]:
    """An answer has one line."""
    first: dict[tuple[str, ...], int] = {}
    for row in rows:
        before = first.setdefault((row.form, row.problem, row.answer), row.line)
        if before != row.line:
            what = f"line {row.line} gives {said(row.answer)} again, line {before} did already"
            yield Finding(said(row.form), said(row.problem), what)


def _covered(
    name: str, due: Mapping[Place, Mapping[str, Any]], grouped: Mapping[Place, Sequence[Row]]
) -> Iterator[str]:
    """How much of the exam the key has; what it leaves out, by paper."""
    lacking: dict[str, list[str]] = {}
    untouched = {form for form, _ in due} - {form for form, _ in grouped}
    count = left = 0
    for (form, number), problem in due.items():
        given = {row.answer for row in grouped.get((form, number), ())}
        names = [each.name for each in due_answers(problem)]
        lacks = [name for name in names if name not in given]
        count, left = count + len(names), left + len(lacks)
        if lacks and form not in untouched:
            lacking.setdefault(form, []).append(f"problem {number} {', '.join(lacks)}")
    yield f"{name} has {count - left} of the exam's {count} answers."
    if untouched:
        forms = [form for form in dict.fromkeys(form for form, _ in due) if form in untouched]
        more = f" and {len(forms) - MOST_FORMS} more" if len(forms) > MOST_FORMS else ""
        yield f"It has nothing of {', '.join(forms[:MOST_FORMS])}{more}."
    for form, problems in lacking.items():
        yield f"Of {form} it lacks {'; '.join(problems)}."


def _rows(path: Path) -> list[Row]:
    """The lines that say anything; separated as spreadsheets do it."""
    text = read_text(path, most=50 * MEGABYTE, mend="Mend --key.", short="Split it.")
    separator = max(",;\t", key=text.partition("\n")[0].count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        reader.fieldnames = [name.strip().casefold() for name in reader.fieldnames or ()]
        missing = [name for name in COLUMNS if name not in reader.fieldnames]
        rows = [_row(row, reader.line_num) for row in reader if not missing]
    except csv.Error as error:
        where = f"{path.name}: line {reader.line_num}"
        raise UserError(f"{where} cannot be read ({error}).", "Mend --key.") from None
    if missing:
        raise UserError(
            f"{path} lacks the column {missing[0]!r}.", f"It needs {', '.join(COLUMNS)}."
        )
    return [row for row in rows if any(row[:-1])]


def _row(cells: Mapping[str, str | None], line: int) -> Row:
    told = {name: (cells[name] or "").strip().removeprefix("'") for name in COLUMNS}
    return Row(**{**told, "form": told["form"].upper()}, line=line)


def judge(catalogue: Catalogue, asked: Asked) -> Findings:
    """The rows of a problem against the answers that are certified here and now."""
    found, problem = Findings(), asked.problem
    number = str(problem["number"])
    try:
        template = catalogue.get(problem["template"], problem["level"])
        now = template.problem.draws, template.problem.version
        changed = older((problem["draws"], problem["version"]), now)
        instance = (_solved if changed else _again)(template, problem)
    except (Fault, TemplateError, UserError) as error:
        found.faults.append(Finding(asked.form, number, f"cannot be made again: {error}"))
        return found
    found.routes |= set(instance.certificate.routes)
    found.steps += len(instance.steps)
    found.values += instance.certificate.values_checked
    found.equations += instance.certificate.equations_checked
    truth = document(instance)
    if changed:
        found.notes.append(f"{template.id} has changed since: the stored numbers are solved anew.")
    elif truth["given"] != problem["given"]:
        found.faults.append(Finding(asked.form, number, "the manifest's givens are not its seed's"))
    parts = {due.name: due.part for due in due_answers(problem if changed else truth)}
    right = truth["answers"] | {due.name: due.answer for due in due_answers(truth)}
    bridged = parts.keys() - problem["answers"].keys() if changed else set()
    rows = [row for row in asked.rows if row.answer not in bridged]
    if len(rows) < len(asked.rows):
        found.notes.append("What rests on its bridges can't be solved anew, and is not judged.")
    for row in rows:
        found.answers += 1
        found.faults += _judge_row(asked.form, number, row, truth["slips"], parts, right)
    return found


def _again(template: Template, problem: Mapping[str, Any]) -> Instance:
    own = problem["letters"]
    letters = dict(zip((part["part"] for part in problem["parts"]), own, strict=False))
    bridges = (bridge["part"] for bridge in problem.get("bridges", ()))
    return replay_bridged(
        template,
        seed=problem["seed"],
        level=problem["level"],
        attempt=problem["try"],
        parts=tuple(own),
        bridges=[letters.get(letter, letter) for letter in bridges],
    )


def _solved(template: Template, problem: Mapping[str, Any]) -> Instance:
    return make_given(template, problem["given"], level=problem["level"])


def _judge_row(
    form: str,
    number: str,
    row: Row,
    slips: Sequence[Mapping[str, Any]],
    parts: Mapping[str, str],
    answers: Mapping[str, Mapping[str, Any]],
) -> Iterator[Finding]:
    place = f"line {row.line}, {said(row.answer)}"
    if row.answer not in parts or row.answer not in answers:
        yield Finding(
            form, number, f"{place} is not asked here", said(row.answer), ", ".join(parts)
        )
        return
    due = parts[row.answer]
    if row.part.strip("()").casefold() != due:
        yield Finding(form, number, f"{place}: the part", said(row.part), due)
    answer = answers[row.answer]
    if agrees(row.value, answer, answer["value"]):
        return
    right = json.dumps(answer["value"]) if isinstance(answer["value"], list) else answer["value"]
    its = (slip for slip in slips if slip["answer"] == row.answer)
    slip = next((each["name"] for each in its if agrees(row.value, answer, each["value"])), "")
    yield Finding(form, number, place + _why(row, answer, slip), said(row.value), str(right))


def _why(row: Row, answer: Mapping[str, Any], slip: str) -> str:
    """What else is to be said of a wrong value."""
    if slip:
        return f" (the slip {slip!r})"
    if answer["type"] == "expression":
        return " (compared by its spelling)"
    if answer["type"] == "number" and row.value and not is_number(row.value):
        return " (no number: write 0.5, 1/2 or 12000)"
    return ""
