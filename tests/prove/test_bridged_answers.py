"""Answers of whoever went on with the numbers of a bridge: told in answers.csv, and judged."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from penwork.prove.verify.findings import Findings
from penwork.prove.verify.written import verify_written
from press.exams import small
from press.exams.small import DESCENT, SPEC
from prove.test_verify import in_manifest
from prove.test_verify_deformed import later

quick = pytest.fixture(small.quick, autouse=True, scope="module")
BRIDGED = "converges (bridge b)"


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "answers.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def judged(folder: Path, key: list[dict[str, str]], spread: Any = small.spread) -> Findings:
    file = folder.parent / "key.csv"
    with file.open("w", newline="") as out:
        writer = csv.DictWriter(out, key[0])
        writer.writeheader()
        writer.writerows(key)
    return verify_written(file, folder, small.catalogue(), spread)


def test_they_count_no_points(finished: Path) -> None:
    found = [row for row in rows(finished) if row["answer"] == BRIDGED]
    assert [(row["problem"], row["part"], row["points"]) for row in found] == [("1", "c", "")] * 5
    assert sum(int(row["points"] or 0) for row in rows(finished)) == 5 * 13
    assert {row["value"] for row in found} == {"yes", "no"}


def test_a_wrong_one_is_a_fault(copy: Path) -> None:
    key = rows(copy)
    assert judged(copy, key).sound
    row = next(row for row in key if row["answer"] == BRIDGED)
    right, row["value"] = row["value"], {"no": "yes", "yes": "no"}[row["value"]]
    [fault] = judged(copy, key).faults
    said = f"{BRIDGED}: claimed {row['value']}, right is {right}"
    assert str(fault).endswith(said) and row["form"] in str(fault)


def test_a_bridge_of_a_problem_that_is_cut(tmp_path: Path) -> None:
    """Parts c and d are b and c on paper."""
    folder, roster = tmp_path / "out", "id,name\n0041,Ann\n"
    cut = SPEC.replace(DESCENT, "coding_traces/backprop_batch").replace("level = 2", "level = 3")
    small.made(folder, cut.replace('["b"]', '["c"]\nparts = ["b", "c", "d"]'), roster)
    key = [row for row in rows(folder) if row["answer"] == "dX (bridge b)"]
    assert [row["part"] for row in key] == ["c"]
    assert judged(folder, key).sound


def test_of_an_older_template_they_are_not_judged(copy: Path) -> None:
    def then(work: Any, jobs: Any, what: str) -> Iterator[Any]:
        return (work(later(DESCENT, version=1), job) for job in jobs)

    found = judged(copy, rows(copy), then)
    assert found.sound and found.answers == 30
    assert "What rests on its bridges can't be solved anew, and is not judged." in found.notes


@pytest.mark.parametrize("letter", ["c", "p"])
def test_a_bridge_that_there_is_not(copy: Path, letter: str) -> None:
    in_manifest("papers", 0, "problems", 0, "bridges", 0, "part", to=letter)(copy)
    found = judged(copy, rows(copy))
    assert any(f"Part ({letter}) of {DESCENT}" in str(fault) for fault in found.faults)


def test_bridges_that_are_none(copy: Path) -> None:
    in_manifest("papers", 0, "problems", 0, "bridges", to=[5])(copy)
    found = judged(copy, rows(copy))
    assert "problems[0].bridges[0] cannot be 5" in str(found.faults[0])
