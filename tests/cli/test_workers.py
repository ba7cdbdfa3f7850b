"""Worker processes: they end with whoever started them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import nullcontext
from pathlib import Path

import pytest

from penwork.catalogue import Catalogue
from penwork.cli import making
from penwork.cli.making import pool
from ran import TOYS

MANY = ["sheet", "forward_backward", "-n", "3000", "--seed", "1", "-o"]


def children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return [int(child) for child in found.split()]


def runs(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="reads /proc")
def test_a_killed_run_leaves_no_worker(tmp_path: Path) -> None:
    run = subprocess.Popen(
        [sys.executable, "-m", "penwork", *MANY, str(tmp_path / "out")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    while not (workers := children(run.pid)):
        assert run.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    while any(map(runs, workers)):
        assert time.monotonic() < deadline, "workers go on without their run"
        time.sleep(0.1)
    assert not (tmp_path / "out").exists()


def nap(_: Catalogue, seconds: float) -> None:
    time.sleep(seconds)


def test_a_pool_has_ended_when_its_run_goes_on() -> None:
    """What still runs when Python itself ends meets a pipe that is half closed."""
    before = set(threading.enumerate())
    with (
        pytest.raises(KeyError),
        pool([TOYS], lambda *_: nullcontext(lambda: None)) as spread,
    ):
        next(spread(nap, [0, 0.5, 0.5], "Napping"))
        raise KeyError
    assert set(threading.enumerate()) <= before


def test_a_worker_that_goes_on_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "PATIENCE", 0.2)
    begun = time.monotonic()
    with (
        pytest.raises(KeyError),
        pool([TOYS], lambda *_: nullcontext(lambda: None)) as spread,
    ):
        next(spread(nap, [0, 600, 600], "Napping"))
        raise KeyError
    assert time.monotonic() - begun < 60
