"""penwork exam --cluster, with a real scheduler and worker processes over TCP."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

import penwork
from penwork.cli import cluster as clusters
from penwork.cli.cluster import cluster
from penwork.compose.exams.roster import numbered
from penwork.errors import PressError, UserError
from penwork.press.exams.run import run_exam
from press.exams import small
from press.exams.small import SECRET, SPEC, contents
from ran import TOYS, Run

pytest.importorskip("distributed")

PAPERS = 11  # three batches
PATIENCE = 240.0


@dataclass(frozen=True, slots=True)
class Machines:
    """A scheduler and its workers, each a process of its own."""

    address: str
    scheduler: subprocess.Popen[bytes]
    workers: tuple[subprocess.Popen[bytes], ...]


@contextmanager
def process(*words: str, env: Mapping[str, str] = os.environ) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        words, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as started:
        try:
            yield started
        finally:
            started.kill()


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[Machines]:
    """What `dask scheduler` and two `dask worker`s give, on ports that are free."""
    file = tmp_path / "scheduler.json"
    dask = (sys.executable, "-m", "dask")
    common = ("--scheduler-file", str(file), "--no-dashboard")
    threads = ("--no-nanny", "--nthreads", "2", "--local-directory", str(tmp_path))
    with ExitStack() as stack:
        at = ("--host", "127.0.0.1", "--port", "0")
        scheduler = stack.enter_context(process(*dask, "scheduler", *common, *at))
        workers = [
            stack.enter_context(process(*dask, "worker", *common, *threads)) for _ in range(2)
        ]
        until = time.monotonic() + PATIENCE
        while not (file.exists() and file.read_text()):
            assert time.monotonic() < until
            time.sleep(0.05)
        yield Machines(json.loads(file.read_text())["address"], scheduler, tuple(workers))


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The exam, made on this machine."""
    folder = tmp_path_factory.mktemp("here") / "out"
    asked = replace(small.request(folder), roster=numbered(PAPERS), roster_file=b"")
    run_exam(asked, small.catalogue(), small.spread)
    return contents(folder)


@contextmanager
def started(folder: Path, address: str) -> Iterator[subprocess.Popen[str]]:
    """`penwork exam --cluster`, running."""
    (folder / "small.toml").write_text(SPEC, encoding="utf-8")
    (folder / "secret").write_bytes(SECRET)
    words = ("small.toml", "--papers", str(PAPERS), "--secret-file", "secret", "-o", "out")
    with subprocess.Popen(
        [sys.executable, "-m", "penwork", "exam", *words, "--cluster", address],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        try:
            yield running
        finally:
            running.kill()


def test_the_same_bytes_on_several_machines(
    tmp_path: Path, here: dict[str, bytes], machines: Machines
) -> None:
    with started(tmp_path, machines.address) as running:
        _, err = running.communicate(timeout=PATIENCE)
    assert running.returncode == 0, err
    assert contents(tmp_path / "out") == here


def test_a_machine_that_dies_loses_nothing(
    tmp_path: Path, here: dict[str, bytes], machines: Machines
) -> None:
    """It dies while it prints, and with it what it had drawn."""
    from distributed import Client

    with (
        started(tmp_path, machines.address) as running,
        Client(machines.address, set_as_default=False) as client,  # type: ignore[no-untyped-call]
    ):
        assert running.stderr is not None
        while "Printing" not in running.stderr.readline():
            assert running.poll() is None
        pids = client.run(os.getpid)
        busy: list[str] = []
        while not busy:
            assert running.poll() is None
            busy = [name for name, tasks in client.processing().items() if tasks]
        os.kill(pids[busy[0]], signal.SIGKILL)
        _, err = running.communicate(timeout=PATIENCE)
    assert running.returncode == 0, err
    assert [worker.poll() for worker in machines.workers].count(-signal.SIGKILL) == 1
    assert contents(tmp_path / "out") == here


def nothing(what: str, jobs: int) -> Any:
    return nullcontext(lambda: None)


def test_a_scheduler_that_dies_is_told(machines: Machines) -> None:
    with (
        pytest.raises(PressError, match=f"The scheduler at {machines.address} is gone"),
        cluster(machines.address, [small.TEMPLATES], nothing) as spread,
    ):
        for _ in spread(lambda _, seconds: time.sleep(seconds), [0, 60], "Sleeping"):
            machines.scheduler.kill()


@contextmanager
def joined(machines: Machines, home: Path) -> Iterator[None]:
    """A third worker, which finds its packages in `home` first."""
    from distributed import Client

    words = (sys.executable, "-m", "dask", "worker", machines.address, "--no-nanny")
    path = os.pathsep.join(filter(None, (str(home), os.environ.get("PYTHONPATH"))))
    with (
        process(*words, "--no-dashboard", env=os.environ | {"PYTHONPATH": path}),
        Client(machines.address, set_as_default=False) as client,  # type: ignore[no-untyped-call]
    ):
        client.wait_for_workers(3, timeout=PATIENCE)
        yield


def test_a_worker_that_runs_something_else_is_refused(tmp_path: Path, machines: Machines) -> None:
    """Before any work: templates that changed since it loaded them, then another penwork."""
    folder = Path(shutil.copytree(TOYS, tmp_path / "templates"))
    with cluster(machines.address, [folder], nothing):
        pass
    (folder / "new.txt").write_text("new")
    clusters.running.cache_clear()
    with (
        pytest.raises(UserError, match="has another folder of templates"),
        cluster(machines.address, [folder], nothing),
    ):
        pass
    there = Path(shutil.copytree(Path(penwork.__file__).parent, tmp_path / "penwork"))
    (there / "py.typed").write_text("other")
    with (
        joined(machines, tmp_path),
        pytest.raises(UserError, match=r"^The worker tcp://\S+ has another penwork: .*, here "),
        cluster(machines.address, [small.TEMPLATES], nothing),
    ):
        pass


def test_a_worker_without_penwork_is_refused() -> None:
    found = {"tcp://1": ModuleNotFoundError("No module named 'penwork'")}
    with pytest.raises(UserError, match=r"cannot say which penwork it runs .*Install on it"):
        clusters._refuse_others(found, {})


def test_a_worker_that_comes_later_is_asked_too() -> None:
    here = clusters.running((str(TOYS),), "")
    with pytest.raises(PressError, match=r"A worker came that has another numpy: .*, here 0\.1"):
        clusters._there(lambda *_: 0, (str(TOYS),), "", here | {"numpy": "0.1"}, "")


@pytest.fixture
def stranger() -> Iterator[str]:
    """Where something listens that never answers."""
    with socket.create_server(("127.0.0.1", 0)) as there:
        yield f"tcp://127.0.0.1:{there.getsockname()[1]}"


@pytest.mark.parametrize("address", ["stranger", "tcp://127.0.0.1:9", "nonsense", "tcp://:", ""])
def test_no_scheduler_answers(
    run: Run, monkeypatch: pytest.MonkeyPatch, stranger: str, address: str
) -> None:
    """One sentence, soon."""
    monkeypatch.setenv("PENWORK_TEMPLATES", str(small.TEMPLATES))
    monkeypatch.setattr(clusters, "ANSWER_SECONDS", 0.5)
    Path("small.toml").write_text(SPEC, encoding="utf-8")
    Path("secret").write_bytes(SECRET)
    at = stranger if address == "stranger" else address
    before, began = set(threading.enumerate()), time.monotonic()
    ran = run("exam", "small.toml", "--papers", "2", "--secret-file", "secret", "--cluster", at)
    assert ran.code == 2 and f"No scheduler answers at {at} (" in ran.err
    assert ran.err.count("\n") == 1 and not Path("output").exists()
    assert set(threading.enumerate()) <= before, "a client goes on trying"
    assert time.monotonic() - began < clusters.SECONDS


def test_a_scheduler_without_workers_is_told(
    machines: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clusters, "SECONDS", 1)
    for worker in machines.workers:
        worker.kill()
        worker.wait()
    with pytest.raises(UserError, match="has no worker"), cluster(machines.address, [], nothing):
        pass
