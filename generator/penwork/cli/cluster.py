"""The same work on several machines, by dask.distributed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from penwork.catalogue import Catalogue, load
from penwork.errors import PressError, UserError

SECONDS = 20


@contextmanager
def cluster(
    address: str, folders: Sequence[Path], told: Callable[[str, int], Any]
) -> Iterator[Callable[[Callable[[Catalogue, Any], Any], Sequence[Any], str], Iterator[Any]]]:
    """Work for the scheduler at `address`; a worker that dies loses nothing, its jobs are redone.

    Raises UserError where dask is not installed, or no scheduler or worker answers, and
    PressError where they all die.
    """
    try:
        from distributed import Client
    except ImportError:
        raise UserError(
            "--cluster needs dask.distributed.", "Install it with `pip install penwork[cluster]`."
        ) from None
    try:
        client: Any = Client(address, timeout=SECONDS, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, TimeoutError) as error:
        raise UserError(
            f"No scheduler answers at {address} ({type(error).__name__}).",
            "Start one with `dask scheduler`, and workers with `dask worker ADDRESS`.",
        ) from None

    def spread(
        work: Callable[[Catalogue, Any], Any], jobs: Sequence[Any], what: str
    ) -> Iterator[Any]:
        with told(what, len(jobs)) as tick:
            there = partial(_there, work, tuple(map(str, folders)))
            for future in client.map(there, jobs, pure=False, retries=2):
                yield _result(future, address)
                future.release()
                tick()

    try:
        _see_a_worker(client, address)
        yield spread
    finally:
        client.close()


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


_loaded: dict[tuple[str, ...], Catalogue] = {}


def _there(work: Callable[[Catalogue, Any], Any], folders: tuple[str, ...], job: Any) -> Any:
    """On a worker, which has penwork and the same folders of templates."""
    if folders not in _loaded:
        _loaded[folders] = load([Path(folder) for folder in folders])
    return work(_loaded[folders], job)
