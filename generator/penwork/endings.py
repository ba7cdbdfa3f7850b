"""What ends a run from outside, and the exit code of one that was interrupted."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

ENDINGS = [each for each in signal.Signals if each.name in ("SIGINT", "SIGTERM", "SIGHUP")]
SIGNALLED = 128
INTERRUPTED = SIGNALLED + signal.SIGINT
_IMPORT = ("<frozen importlib._bootstrap>", "_find_and_load")
_begun = 0


@contextmanager
def whole() -> Iterator[None]:
    """What is begun here is done before the run may end."""
    global _begun
    _begun += 1
    try:
        yield
    finally:
        _begun -= 1


def may_break(frame: FrameType | None) -> bool:
    """Not into what is to be done whole, nor into an import, which may swallow what is raised."""
    while frame is not None:
        if (frame.f_code.co_filename, frame.f_code.co_name) == _IMPORT:
            return False
        frame = frame.f_back
    return not _begun
