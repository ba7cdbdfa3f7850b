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
from penwork.errors import Fault, UserError
from penwork.instance import replay
from penwork.numbers import exact, parse
from penwork.press.exams.records import MANIFEST, read_json
from penwork.press.exams.setting import Spread
from penwork.prove.verify.findings import Finding, Findings
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
    claims = read_json(folder / MANIFEST)
    if not isinstance(claims, dict) or not isinstance(claims.get("papers"), list):
        raise UserError(f"{folder} has no readable {MANIFEST}.", "Name an exam's folder.")
    there = {
        (record["form"], str(problem["number"])): problem
        for record in claims["papers"]
        for problem in record["problems"]
    }
    found = Findings(papers=len({row["form"] for row in rows}))
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
            found.faults.append(Finding(row["form"], row["problem"], line))
    jobs = [Asked(at[0], there[at], tuple(members)) for at, members in grouped.items()]
    for part in spread(judge, jobs, "Solving every problem again"):
        found.add(part)
    if void:
        found.notes.append(f"{void} rows are of void problems, and not judged.")
    counting = ((at, problem) for at, problem in there.items() if not problem.get("void"))
    left = sum(len(problem["answers"]) for at, problem in counting if at not in grouped)
    if left:
        found.notes.append(f"{left} answers of the exam are not in {key.name}.")
    return found


def _rows(path: Path) -> list[dict[str, str]]:
    text = read_text(path, most=50 * MEGABYTE, mend="Mend --key.", short="Split it.")
    reader = csv.DictReader(io.StringIO(text))
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise UserError(
            f"{path} lacks the column {missing[0]!r}.", f"It needs {', '.join(COLUMNS)}."
        )
    rows = []
    for row in reader:
        cells = {name: (row[name] or "").strip().removeprefix("'") for name in COLUMNS}
        rows.append({**cells, "line": str(reader.line_num)})
    return rows


def judge(catalogue: Catalogue, asked: Asked) -> Findings:
    """The rows of a problem against the answers that are certified here and now."""
    found = Findings()
    problem = asked.problem
    number = str(problem["number"])
    try:
        template = catalogue.get(problem["template"], problem["level"])
        instance = replay(
            template,
            seed=problem["seed"],
            level=problem["level"],
            attempt=problem["try"],
            parts=tuple(problem["letters"]),
        )
    except (Fault, UserError) as error:
        found.faults.append(Finding(asked.form, number, f"cannot be made again: {error}"))
        return found
    found.routes |= set(instance.certificate.routes)
    found.steps += len(instance.steps)
    truth = document(instance)
    if truth["given"] != problem["given"]:
        found.faults.append(Finding(asked.form, number, "the manifest's givens are not its seed's"))
    parts = {name: part["part"] for part in truth["parts"] for name in part["asks"]}
    for row in asked.rows:
        found.answers += 1
        found.faults += _judge_row(asked.form, number, row, truth, parts)
    return found


def _judge_row(
    form: str,
    number: str,
    row: Mapping[str, str],
    truth: Mapping[str, Any],
    parts: Mapping[str, str],
) -> Iterator[Finding]:
    name = row["answer"]
    place = f"line {row['line']}, {name}"
    if name not in parts:
        yield Finding(form, number, f"{place} is not asked here", name, ", ".join(parts))
        return
    if row["part"] != parts[name]:
        yield Finding(form, number, f"{place}: the part", row["part"], parts[name])
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
        yield Finding(form, number, told, row["value"], str(right))


def agrees(written: str, value: Any, tolerance: Any) -> bool:
    """Whether a cell says the value, entry by entry within the tolerance."""
    if isinstance(value, list):
        try:
            cells = json.loads(written, parse_float=str, parse_int=str)
        except ValueError:
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
