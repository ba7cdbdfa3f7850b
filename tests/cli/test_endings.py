"""Whoever is asked to end clears away what is half done, on every command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.test_workers import children
from prove.toy import put
from ran import TOYS, Run

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals differ")

ENGINE = Path(__file__).parents[2] / "generator"
SPEC = Path(__file__).parents[2] / "templates" / "exams" / "midterm.toml"
LONG = {
    "sheet": ("sheet", "toy", "-n", "2000", "-o", "out"),
    "exam": ("exam", str(SPEC), "--roster", "class.csv", "-o", "out"),
    "audit": ("audit", "toy", "--seeds", "100", "--jobs", "1"),
    "proof": ("proof", "toy/line", "--seeds", "1-200", "-o", "out/proof.pdf"),
}


def started(words: tuple[str, ...], folder: Path) -> subprocess.Popen[str]:
    (folder / "tmp").mkdir()
    own = {"PYTHONPATH": str(ENGINE), "TMPDIR": str(folder / "tmp"), "XDG_DATA_HOME": str(folder)}
    return subprocess.Popen(
        [sys.executable, "-m", "penwork", *words, "--templates", str(TOYS)],
        cwd=folder,
        env=os.environ | own,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def await_tex(run: subprocess.Popen[str], folder: Path) -> None:
    deadline = time.monotonic() + 60
    while not list(folder.glob("tmp/penwork-*/*/penwork.log")):
        assert run.poll() is None, run.stderr and run.stderr.read()
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("command", LONG)
@pytest.mark.parametrize("kill", [os.kill, os.killpg])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_ended_leaves_nothing(
    tmp_path: Path, command: str, kill: Callable[[int, int], None], number: int
) -> None:
    """Though it is asked twice, while it clears away: so does `timeout`, and who is impatient."""
    run = started(LONG[command], tmp_path)
    await_tex(run, tmp_path)
    for _ in range(2):
        kill(run.pid, number)
        time.sleep(0.05)
    _, said = run.communicate(timeout=60)
    assert run.returncode == 128 + number, said
    assert said.endswith("Interrupted.\n") and "Traceback" not in said
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.mark.parametrize(("before", "code"), [("SIG_DFL", 129), ("SIG_IGN", 0)])
def test_nohup_is_heeded(before: str, code: int) -> None:
    hangs_up = (
        "import os, runpy, signal, sys\n"
        f"signal.signal(signal.SIGHUP, signal.{before})\n"
        "class HangsUp:\n"
        "    def find_spec(self, name, *rest):\n"
        "        if name == 'penwork.catalogue': os.kill(os.getpid(), signal.SIGHUP)\n"
        "sys.meta_path.insert(0, HangsUp())\n"
        "sys.argv = ['penwork', 'list', 'forward_backward']\n"
        "runpy.run_module('penwork', run_name='__main__')"
    )
    environment = os.environ | {"PYTHONPATH": str(ENGINE)}
    words = [sys.executable, "-c", hangs_up]
    ran = subprocess.run(words, env=environment, check=False, capture_output=True)
    assert (ran.returncode, ran.stderr) == (code, b"Interrupted.\n" if code else b"")


def asked_to_end(at: str, work: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Does `work`, and is asked to end when `at` is first called."""
    script = (
        "import os, pathlib, shutil, signal, sys, time\n"
        "from penwork.__main__ import _heed_endings\n"
        "from penwork.press import engine, sheet\n"
        f"called = {at}\n"
        "def asked(*words, **options):\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    time.sleep(0.05)\n"
        "    return called(*words, **options)\n"
        f"_heed_endings()\n{at} = asked\n{work}\ntime.sleep(1)\nprint('never ended')"
    )
    words = [sys.executable, "-c", script]
    environment = os.environ | {"PYTHONPATH": str(ENGINE), "TMPDIR": str(folder)}
    return subprocess.run(
        words, env=environment, cwd=folder, check=False, capture_output=True, text=True
    )


def test_clearing_away_is_not_broken_into(tmp_path: Path) -> None:
    work = "with engine.private_folder() as there: (there / 'a').touch()"
    assert asked_to_end("shutil.rmtree", work, tmp_path).returncode == 130
    assert list(tmp_path.iterdir()) == []


def test_two_files_are_exchanged_together(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).write_bytes(b"old")
    work = "sheet.write_all({pathlib.Path('a'): b'new', pathlib.Path('b'): b'new'})"
    assert asked_to_end("pathlib.Path.replace", work, tmp_path).returncode == 130
    assert [each.read_bytes() for each in tmp_path.iterdir()] == [b"new", b"new"]


def test_an_import_does_not_swallow_the_end() -> None:
    breaks_in = (
        "import numbers, os, runpy, signal, sys\n"
        "called = numbers.Rational.register\n"
        "def asked(kind):\n"
        "    if kind.__module__ == 'gmpy2': os.kill(os.getpid(), signal.SIGINT)\n"
        "    return called(kind)\n"
        "numbers.Rational.register = asked\n"
        "sys.argv = ['penwork', 'show', 'matrices/eigen_condition', '--seed', '1']\n"
        "runpy.run_module('penwork', run_name='__main__')"
    )
    ran = subprocess.run(
        [sys.executable, "-c", breaks_in],
        env=os.environ | {"PYTHONPATH": str(ENGINE)},
        check=False,
        capture_output=True,
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (130, b"", b"Interrupted.\n")


def test_a_worker_that_is_killed_ends_the_run(tmp_path: Path) -> None:
    run = started(LONG["sheet"], tmp_path)
    deadline = time.monotonic() + 60
    while not (workers := children(run.pid)):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.kill(workers[0], signal.SIGKILL)
    _, said = run.communicate(timeout=60)
    assert (run.returncode, said.splitlines()[-1]) == (
        2,
        "A process that makes problems was killed, perhaps for want of memory."
        " Run the command again.",
    )


def test_no_template_ends_a_run_as_if_all_were_well(run: Run) -> None:
    put(
        Path("mine"),
        '    return {\n        "w"',
        '    raise SystemExit(0)\n    return {\n        "w"',
    )
    assert run("show", "odd/line", "--templates", "mine").code == 130
