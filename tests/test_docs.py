"""What the documents say, done: every command runs, every Python line gives what stands there."""

from __future__ import annotations

import doctest
import json
import re
import shlex
from pathlib import Path

import pytest

from penwork import author
from penwork.catalogue import VARIABLE, default_folders, load
from penwork.instance import make
from ran import Run

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
OWN_TEST = {"first-template.md", "exams.md"}  # walks whose commands build on each other
TEMPLATES = (ROOT / "docs" / "templates.md").read_text(encoding="utf-8")
FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
KINDS = ("formula", "matrices", "decision", "algorithm", "symbols", "figure")
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


def recipe(kind: str) -> tuple[str, str]:
    """Both files of a recipe; the figure's belongs to the recipe before it."""
    part = next(
        text
        for text in TEMPLATES.split("# Reference")[0].split("\n## ")
        if kind in text.splitlines()[0].lower()
    )
    blocks = dict(FENCED.findall(part))
    if kind == "figure":
        python, statement = recipe("symbols")
        return f"{python}\n\n{blocks['python']}", statement
    return blocks["python"], blocks["jinja"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_recipe_is_a_template(kind: str, tmp_path: Path) -> None:
    python, statement = recipe(kind)
    (tmp_path / "recipes").mkdir()
    for ending, text in ((".py", python), (".tex.j2", statement)):
        (tmp_path / "recipes" / f"{kind}{ending}").write_text(text, encoding="utf-8")
    template = load(default_folders([str(tmp_path)])).get(f"recipes/{kind}")
    for seed in range(12):
        instance = make(template, seed=seed, level=1)
        assert len(instance.slips) >= 2
        assert (kind == "figure") == bool(instance.figures)


def test_every_name_of_an_author_is_told() -> None:
    told = set(re.findall(r"\w+", TEMPLATES))
    assert set(author.__all__) - told == set()
