"""The wheel in an empty environment, run from another folder."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def ran(words: list[str], here: Path) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PENWORK"))}
    done = subprocess.run(
        words, cwd=here, env=kept, check=False, capture_output=True, text=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    ran([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)], ROOT)
    (built,) = folder.glob("penwork-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts' folder of an environment that holds the wheel; its needs are lent by ours."""
    home = tmp_path_factory.mktemp("environment")
    venv.create(home)
    scripts = home / ("Scripts" if sys.platform == "win32" else "bin")
    python = str(scripts / "python")
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet"]
    ran([*pip, "--no-deps", "--no-index", "--disable-pip-version-check", str(wheel)], home)
    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = Path(ran([python, "-c", where], home).stdout.strip())
    lent = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (site / "lent.pth").write_text("\n".join(sorted(lent)), encoding="utf-8")
    return scripts


def test_what_the_wheel_holds(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names} == {"penwork", "penwork-0.1.0.dist-info"}
    for name in (
        "penwork/templates/forward_backward/gradient_descent.py",
        "penwork/templates/forward_backward/gradient_descent.tex.j2",
        "penwork/press/macros.tex",
        "penwork/press/pages/key.tex.j2",
        "penwork/py.typed",
    ):
        assert name in names
    assert not [name for name in names if "__pycache__" in name or "tests" in name.split("/")]
    licenses = {Path(name).name for name in names if "/licenses/" in name}
    assert licenses == {"LICENSE", "NOTICE"}


def test_it_runs_from_another_folder(installed: Path, tmp_path: Path) -> None:
    penwork = str(installed / "penwork")
    origin = "import penwork; print(penwork.__file__)"
    where = ran([str(installed / "python"), "-c", origin], tmp_path).stdout
    assert str(installed.parent) in where
    assert "forward_backward/gradient_descent" in ran([penwork, "list"], tmp_path).stdout
    ran([penwork, "sheet", "-n", "2", "--seed", "1", "--level", "1"], tmp_path)
    written = sorted(path.name for path in (tmp_path / "output").iterdir())
    assert written == ["key.pdf", "worksheet.pdf"]
