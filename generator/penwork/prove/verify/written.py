"""A key that somebody else wrote, held row by row against an exam's true answers."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from penwork.catalogue import Catalogue
from penwork.document import document
from penwork.errors import Fault, TemplateError, UserError
from penwork.instance import make_given, replay
from penwork.model import Instance
from penwork.numbers import exact, parse
from penwork.press.exams.setting import Spread
from penwork.problem import Template
from penwork.prove.verify.findings import Finding, Findings, said
from penwork.prove.verify.manifest import read_claims
from penwork.prove.verify.older import older
from penwork.reading import MEGABYTE, read_text

COLUMNS = ("form", "problem", "part", "answer", "value")


@dataclass(frozen=True, slots=True)
class Asked:
    """The rows of one paper's problem, and where its truth comes from."""

    form: str
    problem: Mapping[str, Any]
    rows: tuple[Mapping[str, str], ...]


def verify_written(key: Path, folder: Path, catalogue: Catalogue, spread: Spread) -> Findings:
    """Every row of the file. Raises UserError where file or folder cannot be read."""
    rows = _rows(key)
    claims = read_claims(folder)
    there = {
        (record["form"], str(problem["number"])): problem
        for record in claims.papers
        for problem in record["problems"]
    }
    found = Findings(papers=len({row["form"] for row in rows}), faults=list(claims.faults))
    grouped: dict[tuple[str, str], list[Mapping[str, str]]] = {}
    void = 0
    for row in rows:
        at = (row["form"], row["problem"])
        if at in there and there[at].get("void"):
            void += 1
        elif at in there:
            grouped.setdefault(at, []).append(row)
        else:
            line = f"line {row['line']} names a form or problem that is not in this exam"
            found.faults.append(Finding(said(row["form"]), said(row["problem"]), line))
    jobs = [Asked(at[0], there[at], tuple(members)) for at, members in grouped.items()]
    for part in spread(judge, jobs, "Solving every problem again"):
        found.add(part)
    if void:
        found.notes.append(f"{void} rows are of void problems, and not judged.")
    judged = {(*at, row["answer"]) for at, members in grouped.items() for row in members}
    left = sum(
        (*at, name) not in judged
        for at, problem in there.items()
        if not problem.get("void")
        for name in problem["answers"]
    )
    if left:
        found.notes.append(f"{left} answers of the exam are not in {key.name}.")
    return found


def _rows(path: Path) -> list[dict[str, str]]:
    text = read_text(path, most=50 * MEGABYTE, mend="Mend --key.", short="Split it.")
    reader = csv.DictReader(io.StringIO(text))
    try:
        missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
        rows = [_cells(row, reader.line_num) for row in reader if not missing]
    except csv.Error as error:
        where = f"{path.name}: line {reader.line_num}"
        raise UserError(f"{where} cannot be read ({error}).", "Mend --key.") from None
    if missing:
        raise UserError(
            f"{path} lacks the column {missing[0]!r}.", f"It needs {', '.join(COLUMNS)}."
        )
    return rows


def _cells(row: Mapping[str, str | None], line: int) -> dict[str, str]:
    cells = {name: (row[name] or "").strip().removeprefix("'") for name in COLUMNS}
    return {**cells, "line": str(line)}


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
    truth = document(instance)
    if changed:
        found.notes.append(f"{template.id} has changed since: the stored numbers are solved anew.")
    elif truth["given"] != problem["given"]:
        found.faults.append(Finding(asked.form, number, "the manifest's givens are not its seed's"))
    due = problem if changed else truth
    parts = {name: part["part"] for part in due["parts"] for name in part["asks"]}
    for row in asked.rows:
        found.answers += 1
        found.faults += _judge_row(asked.form, number, row, truth, parts)
    return found


def _again(template: Template, problem: Mapping[str, Any]) -> Instance:
    return replay(
        template,
        seed=problem["seed"],
        level=problem["level"],
        attempt=problem["try"],
        parts=tuple(problem["letters"]),
    )


def _solved(template: Template, problem: Mapping[str, Any]) -> Instance:
    return make_given(template, problem["given"], level=problem["level"])


def _judge_row(
    form: str,
    number: str,
    row: Mapping[str, str],
    truth: Mapping[str, Any],
    parts: Mapping[str, str],
) -> Iterator[Finding]:
    name = row["answer"]
    place = f"line {row['line']}, {said(name)}"
    if name not in parts or name not in truth["answers"]:
        yield Finding(form, number, f"{place} is not asked here", said(name), ", ".join(parts))
        return
    if row["part"] != parts[name]:
        yield Finding(form, number, f"{place}: the part", said(row["part"]), parts[name])
    answer = truth["answers"][name]
    if not agrees(row["value"], answer["value"], exact(answer["tolerance"])):
        right = (
            json.dumps(answer["value"]) if isinstance(answer["value"], list) else answer["value"]
        )
        slips = [
            slip["name"]
            for slip in truth["slips"]
            if slip["answer"] == name
            and agrees(row["value"], slip["value"], exact(answer["tolerance"]))
        ]
        told = f"{place} (the slip {slips[0]!r})" if slips else place
        yield Finding(form, number, told, said(row["value"]), str(right))


def agrees(written: str, value: Any, tolerance: Any) -> bool:
    """Whether a cell says the value, entry by entry within the tolerance."""
    if isinstance(value, list):
        try:
            cells = json.loads(written, parse_float=str, parse_int=str)
        except (ValueError, RecursionError):
            return False
        return _all_agree(cells, value, tolerance)
    return _agrees(written, value, tolerance)


def _all_agree(written: Any, value: Any, tolerance: Any) -> bool:
    if isinstance(value, list):
        return (
            isinstance(written, list)
            and len(written) == len(value)
            and all(_all_agree(a, b, tolerance) for a, b in zip(written, value, strict=True))
        )
    return _agrees(str(written), value, tolerance)


def _agrees(written: str, value: Any, tolerance: Any) -> bool:
    try:
        one, other = parse(written), parse(str(value))
    except UserError:
        return written == str(value)
    return bool(abs(Fraction(str(one)) - Fraction(str(other))) <= Fraction(str(tolerance)))
