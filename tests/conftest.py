"""What every test may use: the command line in this process, the toy templates, a small exam."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest
from hypothesis import settings

from penwork.catalogue import VARIABLE
from penwork.cli import main
from press.exams import small
from ran import TOYS, Ran, Run

# In a background shell Ctrl-C is ignored, and what a test starts would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

# The same examples on every machine; HYPOTHESIS_PROFILE=default looks for new ones.
settings.register_profile("same", derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small exam. Nobody writes into it."""
    folder = tmp_path_factory.mktemp("exam") / "out"
    assert small.made(folder).failures == []
    return folder


@pytest.fixture
def copy(finished: Path, tmp_path: Path) -> Path:
    """The small exam in a folder of one's own."""
    return Path(shutil.copytree(finished, tmp_path / "out"))


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
