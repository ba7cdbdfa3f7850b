"""Makes the instances of a sheet: a few here, many on every core."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing import active_children, get_context
from pathlib import Path
from typing import Any, TypeVar

from penwork.catalogue import Catalogue, load
from penwork.endings import ENDINGS, whole
from penwork.errors import Fault, TemplateError, UserError
from penwork.instance import make, replay
from penwork.model import Instance

FEW = 40  # where workers import everything anew
FEW_TO_COPY = 4
_CHUNK = 10
ALIVE_SECONDS = 1.0
PATIENCE = 10.0
_catalogue: Catalogue
T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Job:
    """An instance to make; `attempt` is the accepted try where a recipe knows it."""

    id: str
    level: int
    seed: int
    attempt: int | None = None


def make_job(catalogue: Catalogue, job: Job) -> Instance:
    """The instance of a job."""
    template = catalogue.get(job.id)
    if job.attempt is None:
        return make(template, seed=job.seed, level=job.level)
    return replay(template, seed=job.seed, level=job.level, attempt=job.attempt)


def make_all(
    work: Callable[[Catalogue, T], R],
    catalogue: Catalogue,
    folders: Sequence[Path],
    jobs: Sequence[T],
    counter: AbstractContextManager[Callable[[], None]],
) -> list[R]:
    """What `work` makes of each job, in their order; `counter` is told after each."""
    if len(jobs) <= (FEW_TO_COPY if _can_copy() else FEW):
        with counter as tick:
            return [_counted(work(catalogue, job), tick) for job in jobs]
    with _workers(folders) as there, counter as tick:
        chunk = max(1, min(_CHUNK, len(jobs) // 20))
        with _undisturbed():
            found = there.map(partial(_there, partial(_tried, work)), jobs, chunksize=chunk)
        return [
            _counted(work(catalogue, job) if made is None else made, tick)
            for job, made in zip(jobs, found, strict=True)
        ]


def _counted(made: R, tick: Callable[[], None]) -> R:
    tick()
    return made


def spread(
    folders: Sequence[Path],
    work: Callable[[Catalogue, T], R],
    jobs: Sequence[T],
    *,
    workers: int | None = None,
    chunk: int = 1,
) -> Iterator[R]:
    """What `work` makes of each job, in their order, on every core unless said otherwise."""
    with _workers(folders, workers) as there:
        with _undisturbed():
            found = there.map(partial(_there, work), jobs, chunksize=chunk)
        yield from found


def _can_copy() -> bool:
    """A process with one thread can be copied, which saves every worker the imports."""
    return sys.platform == "linux" and threading.active_count() == 1


@contextmanager
def _workers(folders: Sequence[Path], count: int | None = None) -> Iterator[ProcessPoolExecutor]:
    """Processes that know the templates; what they have not begun is dropped at the end."""
    copied = _can_copy()
    context = get_context("fork" if copied else "spawn")
    known = list(folders), os.getpid()
    there = ProcessPoolExecutor(count or os.cpu_count() or 1, context, _start, known)
    try:
        if copied:
            with _undisturbed():
                there.submit(int)  # all are copied now, before a progress bar has its thread
        yield there
    except BrokenProcessPool:
        _kill_all()
        raise UserError(
            "A process that makes problems was killed, perhaps for want of memory.",
            "Run the command again.",
        ) from None
    finally:
        patience = threading.Timer(PATIENCE, _kill_all)
        patience.start()
        with _undisturbed():  # a join that is broken into counts as done
            there.shutdown(cancel_futures=True)  # Python's own end may meet a half-closed pipe
        patience.cancel()
        patience.join()


def _kill_all() -> None:
    """They may be in a loop that never ends; other signals they leave to the parent."""
    for worker in active_children():
        worker.kill()


@contextmanager
def pool(
    folders: Sequence[Path], told: Callable[[str, int], Any]
) -> Iterator[Callable[[Callable[[Catalogue, Any], Any], Sequence[Any], str], Iterator[Any]]]:
    """One pool for work of several kinds; `told(what, jobs)` counts what is done."""
    with _workers(folders) as workers:
        yield partial(_spread_told, workers, told)


def _spread_told(
    workers: ProcessPoolExecutor,
    told: Callable[[str, int], Any],
    work: Callable[[Catalogue, Any], Any],
    jobs: Sequence[Any],
    what: str,
) -> Iterator[Any]:
    with told(what, len(jobs)) as tick:
        with _undisturbed():
            found = workers.map(partial(_there, work), jobs)
        for each in found:
            yield each
            tick()


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Hold Ctrl-C and the like back while workers start, which inherit that, or end."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    with whole():
        before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDINGS)
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _start(folders: list[Path], parent: int) -> None:
    """In a worker: Ctrl-C and the like are the parent's to handle, and it ends with its parent."""
    global _catalogue
    for number in ENDINGS:
        signal.signal(number, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    _catalogue = load(folders)


def _end_with(parent: int) -> None:
    """A parent that was killed leaves its workers waiting for ever; the system adopts them."""
    while os.getppid() == parent:
        time.sleep(ALIVE_SECONDS)
    os._exit(1)


def _there(work: Callable[[Catalogue, T], R], job: T) -> R:
    """In a worker."""
    return work(_catalogue, job)


def _tried(work: Callable[[Catalogue, T], R], catalogue: Catalogue, job: T) -> R | None:
    """In a worker; None where it fails, so that the error is raised whole in the parent."""
    try:
        return work(catalogue, job)
    except (Fault, TemplateError, UserError):
        return None
