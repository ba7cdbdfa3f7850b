"""The same work on several machines, by dask.distributed."""

from __future__ import annotations

import asyncio
import platform
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from penwork import __version__
from penwork.catalogue import Catalogue, load
from penwork.errors import PressError, UserError
from penwork.kept import digest_of_files
from penwork.press.engine import find_engine, said_version

# How long a scheduler may take to answer, and its first worker to come.
ANSWER_SECONDS, SECONDS = 5, 20
# What numbers and pages are made with.
PACKAGES = ("gmpy2", "numpy", "sympy", "jinja2", "pylatex", "segno", "pikepdf")
# What a machine runs, by name.
Running = dict[str, str]


@contextmanager
def cluster(
    address: str, folders: Sequence[Path], told: Callable[[str, int], Any], engine: str = ""
) -> Iterator[Callable[[Callable[[Catalogue, Any], Any], Sequence[Any], str], Iterator[Any]]]:
    """Work for the scheduler at `address`; a worker that dies loses nothing, its jobs are redone.

    Raises UserError where dask is not installed, no scheduler or worker answers, or a worker
    runs another penwork than this machine, and PressError where they all die.
    """
    try:
        from distributed import Client
    except ImportError:
        raise UserError(
            "--cluster needs dask.distributed.", "Install it with `pip install penwork[cluster]`."
        ) from None
    _see_a_scheduler(address)
    client: Any = Client(address, timeout=SECONDS, set_as_default=False)  # type: ignore[no-untyped-call]
    places = tuple(map(str, folders))
    here = running(places, engine)

    def spread(
        work: Callable[[Catalogue, Any], Any], jobs: Sequence[Any], what: str
    ) -> Iterator[Any]:
        with told(what, len(jobs)) as tick:
            there = partial(_there, work, places, engine, here)
            for future in client.map(there, jobs, pure=False, retries=2):
                yield _result(future, address)
                future.release()
                tick()

    try:
        _see_a_worker(client, address)
        _refuse_others(client.run(running, places, engine, on_error="return"), here)
        yield spread
    finally:
        client.close()


def _see_a_scheduler(address: str) -> None:
    """Before there is a client, which would try for long and, being refused, leave a traceback."""
    try:
        said = asyncio.run(asyncio.wait_for(_identity(address), ANSWER_SECONDS))
        found = said["type"]
    except Exception as error:  # whatever a stranger there answers
        found = type(error).__name__
    if found != "Scheduler":
        raise UserError(
            f"No scheduler answers at {address} ({found}).",
            "Start one with `dask scheduler`, and workers with `dask worker ADDRESS`.",
        )


async def _identity(address: str) -> Any:
    """What answers there says of itself."""
    from distributed.core import rpc

    async with rpc(address, timeout=ANSWER_SECONDS) as there:  # type: ignore[no-untyped-call]
        return await there.identity()


def _see_a_worker(client: Any, address: str) -> None:
    try:
        client.wait_for_workers(1, timeout=SECONDS)
    except TimeoutError:
        raise UserError(
            f"The scheduler at {address} has no worker.", f"Start some: `dask worker {address}`."
        ) from None


def _result(future: Any, address: str) -> Any:
    from distributed import CancelledError, KilledWorker

    try:
        return future.result()
    except CancelledError:
        why = f"The scheduler at {address} is gone."
    except KilledWorker:
        why = "Worker after worker died over the same work; their logs may say why."
    raise PressError(f"{why} The same command makes what is missing.")


def _refuse_others(workers: dict[str, Any], here: Running) -> None:
    """Every worker must make the same bytes as this machine."""
    for worker, there in workers.items():
        if not isinstance(there, dict):
            raise UserError(
                f"The worker {worker} cannot say which penwork it runs"
                f" ({type(there).__name__}: {str(there).partition(chr(10))[0]}).",
                "Install on it what runs here.",
            )
        if other := _other(there, here):
            raise UserError(f"The worker {worker} has {other}.", "Install on it what runs here.")


def _other(there: Running, here: Running) -> str:
    """The first thing that a worker runs otherwise."""
    for name, value in here.items():
        if there[name] != value:
            return f"another {name}: {there[name]}, here {value}"
    return ""


@cache
def running(folders: tuple[str, ...], engine: str) -> Running:
    """What this machine makes problems and pages with."""
    package = Path(__file__).parents[1]
    return {
        "penwork": f"{__version__} ({digest_of_files(package)[:12]})",
        "folder of templates": digest_of_files(*map(Path, folders))[:12],
        "Python": ".".join(platform.python_version_tuple()[:2]),
        "pdfTeX": said_version(find_engine(engine or None)),
        **{name: version(name) for name in PACKAGES},
    }


@cache
def _load(folders: tuple[str, ...]) -> Catalogue:
    return load([Path(folder) for folder in folders])


def _there(
    work: Callable[[Catalogue, Any], Any],
    folders: tuple[str, ...],
    engine: str,
    wanted: Running,
    job: Any,
) -> Any:
    """On a worker, which may have come after the first were asked what they run."""
    if other := _other(running(folders, engine), wanted):
        raise PressError(f"A worker came that has {other}. The same command makes what is missing.")
    return work(_load(folders), job)
