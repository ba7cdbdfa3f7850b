"""What the documents say, done: every command runs, every Python line gives what stands there."""

from __future__ import annotations

import doctest
import json
import re
import shlex
from pathlib import Path

import pytest

from penwork.catalogue import VARIABLE
from ran import Run

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
OWN_TEST = {"first-template.md", "exams.md"}  # walks whose commands build on each other
MINE = {"w0": 5, "x": 2, "y": 2, "alpha": 0.1, "T": 3}


def commands(text: str) -> list[str]:
    """The `penwork …` lines of the indented blocks."""
    return re.findall(r"^ {4}(penwork .+)$", text, flags=re.MULTILINE)


CASES = [
    (path.name, line)
    for path in DOCUMENTS
    if path.name not in OWN_TEST
    for line in commands(path.read_text(encoding="utf-8"))
]


def test_the_readme_has_commands() -> None:
    assert sum(name == "README.md" for name, _ in CASES) >= 5


@pytest.mark.parametrize(("document", "line"), CASES)
def test_command(
    document: str, line: str, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv(VARIABLE)
    (tmp_path / "mine.json").write_text(json.dumps(MINE), encoding="utf-8")
    ran = run(*shlex.split(line, comments=True)[1:])
    if line.startswith("penwork audit") and "--mutate" not in line:
        assert " 0 failures" in ran.out  # its limits on time depend on the machine
    else:
        assert ran.code == 0, ran.err


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_make_targets_are_there(path: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(
        r"^ {4}make ([a-z-]+)", path.read_text(encoding="utf-8"), re.MULTILINE
    ):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_python_of_the_readme(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    outcome = doctest.testfile(str(ROOT / "README.md"), module_relative=False)
    assert outcome.attempted
    assert not outcome.failed


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), target
