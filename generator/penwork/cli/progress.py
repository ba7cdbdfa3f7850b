"""A progress bar on a terminal; elsewhere a line that says what is being done."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from penwork.cli.options import is_terminal, tell


@contextmanager
def counting(what: str, total: int) -> Iterator[Callable[[], None]]:
    """Tell `what` is being done; the callable counts one more of `total`."""
    if not is_terminal(sys.stderr):
        tell(what)
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(what, total=total)
        yield lambda: progress.advance(task)
