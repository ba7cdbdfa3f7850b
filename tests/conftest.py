"""What every test may use: the command line in this process, and the toy templates."""

from __future__ import annotations

from pathlib import Path

import pytest

from penwork.catalogue import VARIABLE
from penwork.cli import main
from ran import TOYS, Ran, Run


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run `penwork` with these words, in an empty folder, with the toy templates."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(VARIABLE, str(TOYS))
    monkeypatch.delenv("PENWORK_PDFLATEX", raising=False)

    def run_here(*words: str | Path) -> Ran:
        code = main([str(word) for word in words])
        out, err = capsys.readouterr()
        return Ran(code, out, err)

    return run_here
