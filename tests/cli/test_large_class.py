"""Five hundred students, as they would be typed."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from press.exams.small import SECRET

STUDENTS = 500
MINUTES = 15
SPEC = """id = "large"
title = "Large"
minutes = 30

[[section]]

[[section.problem]]
template = "forward_backward/momentum_step"
level = 2

[[section.problem]]
template = "attention_mechanics/softmax_scale"
level = 1
"""


def typed(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "penwork", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60 * MINUTES)


@pytest.mark.slow
def test_five_hundred_students(tmp_path: Path) -> None:
    """All of them get a paper of their own, in two volumes, and every one is right."""
    (tmp_path / "large.toml").write_text(SPEC)
    (tmp_path / "secret").write_bytes(SECRET)
    rows = "".join(f"{number:05d},Student {number}\n" for number in range(STUDENTS))
    (tmp_path / "class.csv").write_text(f"id,name\n{rows}")
    words = ("large.toml", "--roster", "class.csv", "--secret-file", "secret", "-o", "out")
    made = typed(tmp_path, "exam", *words)
    assert made.returncode == 0, made.stderr
    verified = typed(tmp_path, "verify", "out")
    assert verified.returncode == 0, verified.stderr
    counts = dict(line.rsplit(maxsplit=1) for line in verified.stdout.splitlines())
    assert (counts["papers"], counts["faults"]) == (str(STUDENTS), "0")

    folder = tmp_path / "out"
    papers = json.loads((folder / "manifest.json").read_bytes())["papers"]
    for number in range(2):
        givens = {json.dumps(paper["problems"][number]["given"]) for paper in papers}
        assert len(givens) == STUDENTS
    for kind in ("papers", "keys", "marking"):
        assert len(list(folder.glob(f"{kind}-?.pdf"))) == 2
        assert not (folder / f"{kind}.pdf").exists()
    with (folder / "answers.csv").open(newline="") as file:
        assert len({row["form"] for row in csv.DictReader(file)}) == STUDENTS
