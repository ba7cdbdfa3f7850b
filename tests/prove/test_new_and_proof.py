"""penwork new and penwork proof: what they write, where, and what they refuse."""

from __future__ import annotations

import shlex
from pathlib import Path

import pikepdf
import pypdfium2
import pytest

from penwork.catalogue import VARIABLE
from ran import Run

NEW = ("new", "my_category/my_problem")
PATHS = [Path("my_category/my_problem.py"), Path("my_category/my_problem.tex.j2")]


@pytest.fixture(autouse=True)
def _own_templates_only(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE)


def text_of(file: str) -> tuple[int, str]:
    document = pypdfium2.PdfDocument(file)
    try:
        return len(document), "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


def test_new_writes_a_certified_pair_and_names_the_next_command(run: Run) -> None:
    ran = run(*NEW)
    assert (ran.code, ran.out) == (0, "")
    assert all((Path("templates") / path).is_file() for path in PATHS)
    command = ran.err.splitlines()[-1].removeprefix("Look at it: penwork ")
    assert run(*shlex.split(command)).code == 0
    words = ("audit", "my_category", "--templates", "templates", "--jobs", "1")
    assert run(*words, "--seeds", "60").code == 0
    assert run(*words, "--mutate", "--seeds", "2").code == 0


def test_where_new_writes(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("named").mkdir()
    monkeypatch.setenv(VARIABLE, "named")
    ran = run(*NEW)
    assert (Path("named") / PATHS[0]).is_file()
    assert ran.err.splitlines()[-1].endswith("--seed 1")
    assert run("new", "my_category/other", "--templates", "my own").code == 0
    assert (Path("my own") / "my_category" / "other.tex.j2").is_file()


def test_new_makes_the_folder_that_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "named")
    assert run(*NEW).code == 0
    assert (Path("named") / PATHS[0]).is_file()
    monkeypatch.setenv(VARIABLE, "gone")
    assert run("new", "my_category/other", "--templates", "named").code == 2


def test_new_overwrites_nothing(run: Run) -> None:
    assert run(*NEW).code == 0
    file = Path("templates") / PATHS[0]
    file.write_text("mine", encoding="utf-8")
    ran = run(*NEW)
    assert ran.code == 2 and "is there already" in ran.err
    assert file.read_text(encoding="utf-8") == "mine"
    file.unlink()
    assert run(*NEW).code == 2
    assert not file.exists()


BAD = ["cosine", "A/b", "a/B", "a/b/c", "../b", "a/../b", "exams/a", "a/", "/a/b", "a/b.py", "1/2"]


@pytest.mark.parametrize("name", [*BAD, ""])
def test_bad_names(run: Run, name: str) -> None:
    ran = run("new", name)
    assert ran.code == 2 and "category/slug" in ran.err
    assert list(Path.cwd().iterdir()) == []


def test_a_name_that_another_template_has(run: Run) -> None:
    ran = run("new", "forward_backward/gradient_descent")
    assert ran.code == 2 and "called forward_backward/gradient_descent already" in ran.err
    assert list(Path.cwd().iterdir()) == []


def test_proof_is_a_contact_sheet_of_every_level(run: Run) -> None:
    ran = run("proof", "forward_backward/gradient_descent", "--seeds", "3-4")
    assert (ran.code, ran.out) == (0, "")
    assert "Wrote output/proof.pdf" in ran.err
    pages, text = text_of("output/proof.pdf")
    assert pages == 1
    for level in (1, 2, 3):
        for seed in (3, 4):
            assert f"level {level}, seed {seed}" in text
    assert "effort" in text and "If you got" not in text


def test_a_dozen_seeds_of_each_level_take_a_page_or_two(run: Run) -> None:
    assert run("proof", "forward_backward/gradient_descent").code == 0
    with pikepdf.open("output/proof.pdf") as pdf:
        assert len(pdf.pages) <= 2
        for page in pdf.pages:
            assert [round(float(side)) for side in page.mediabox] == [0, 0, 842, 595]
    assert text_of("output/proof.pdf")[1].count("effort ") == 36


def test_proof_with_solutions(run: Run) -> None:
    words = ("proof", "forward_backward/gradient_descent", "--seeds", "3-3", "--solutions")
    assert run(*words, "-o", "here/p.pdf").code == 0
    assert text_of("here/p.pdf")[1].count("If you got") == 3


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nothing/here"], "No template"),
        (["forward_backward"], "forward_backward/gradient_descent"),
        (["forward_backward/gradient_descent", "--seeds", "4-3"], "no range"),
        (["forward_backward/gradient_descent", "--seeds", "1-9999"], "at most"),
        (["forward_backward/gradient_descent", "-o", "."], "is a folder"),
    ],
)
def test_what_proof_refuses(run: Run, words: list[str], said: str) -> None:
    ran = run("proof", *words)
    assert ran.code == 2 and said in ran.err
    assert list(Path.cwd().iterdir()) == []


@pytest.mark.parametrize(
    "words",
    [
        ["nothing/here"],
        ["--seeds", "0"],
        ["--level", "4"],
        ["--jobs", "0"],
        ["--json", "."],
        ["--json", "a", "--report", "a"],
    ],
)
def test_what_audit_refuses(run: Run, words: list[str]) -> None:
    ran = run("audit", *words)
    assert ran.code == 2 and ran.out == ""
    assert list(Path.cwd().iterdir()) == []
