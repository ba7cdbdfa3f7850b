"""docs/exams.md, walked: every command in its turn, for a class of one and the spare papers."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

from penwork.catalogue import VARIABLE
from ran import Run

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "exams.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^ {4}(penwork .+)$", TEXT, flags=re.MULTILINE)


@pytest.mark.slow
def test_every_command_runs_in_its_turn(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE)
    shutil.copytree(ROOT / "templates" / "exams", "templates/exams")
    Path("class.csv").write_text("id,name\n0042643,Bo Li\n", encoding="utf-8")
    Path("secret").write_bytes(b"a long line of no chance at all")
    assert len(COMMANDS) >= 6
    for line in COMMANDS:
        if "KEY.csv" in line:
            shutil.copy("output/midterm/answers.csv", "KEY.csv")
        form = next((file.stem for file in Path("output/midterm/keys").glob("*")), "")
        words = shlex.split(line.replace("FORM", form))[1:]
        secret = ("--secret-file", "secret") if words[0] == "exam" else ()
        ran = run(*words, *secret)
        assert ran.code == 0, f"{line}\n{ran.out}\n{ran.err}"
