"""docs/first-template.md, walked: its commands, its code, and every error that it promises."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from penwork.catalogue import VARIABLE
from ran import Run

TEXT = (Path(__file__).parents[2] / "docs" / "first-template.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", TEXT, flags=re.MULTILINE | re.DOTALL)
COMMANDS = [body for kind, body in BLOCKS if kind == "sh"]
PYTHON, STATEMENT = (next(b for k, b in BLOCKS if k == kind) for kind in ("python", "jinja"))
MISTAKES = [
    (body, BLOCKS[i + 1][1].strip()) for i, (kind, body) in enumerate(BLOCKS) if kind == "diff"
]
FILES = (Path("templates/vectors/cosine.py"), Path("templates/vectors/cosine.tex.j2"))


def written(python: str = PYTHON, statement: str = STATEMENT) -> None:
    FILES[0].parent.mkdir(parents=True, exist_ok=True)
    for file, text in zip(FILES, (python, statement), strict=True):
        file.write_text(text, encoding="utf-8")


def test_every_command_runs_in_its_turn(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE)
    for number, block in enumerate(COMMANDS):
        if number == 2:
            written()
        for line in block.splitlines():
            words = shlex.split(line)
            if words[0] == "export":
                monkeypatch.setenv(*words[1].split("="))
                continue
            ran = run(*words[1:])
            assert ran.code == 0, f"{line}\n{ran.out}\n{ran.err}"
            if words[1] == "new":
                assert all(told in TEXT for told in ran.err.splitlines())
            if "--mutate" in words:
                assert " 0 missed." in ran.out


@pytest.mark.parametrize(("change", "said"), MISTAKES, ids=[said[:40] for _, said in MISTAKES])
def test_every_error_is_the_one_promised(
    change: str, said: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "templates")
    old, new = (
        "".join(line[1:] + "\n" for line in change.splitlines() if line[0] == sign) for sign in "-+"
    )
    assert (old in PYTHON) != (old in STATEMENT)
    written(PYTHON.replace(old, new), STATEMENT.replace(old, new))
    level = "1" if "slips" in said else "2"
    ran = run("show", "vectors/cosine", "--seed", "1", "--level", level)
    assert ran.code == 1
    assert said in ran.err
