"""`penwork` and `python -m penwork`: Ctrl-C is quiet while the command line is still imported.

Whoever ends it otherwise (kill, a terminal that closes) finds nothing half done either.
"""

from __future__ import annotations

import signal
import sys
from typing import NoReturn

INTERRUPTED = 130
ENDINGS = ("SIGTERM", "SIGHUP")


def main() -> int:
    """Import the command line and run it."""
    try:
        _heed_endings()
        from penwork import cli

        return cli.main()
    except KeyboardInterrupt:
        return INTERRUPTED


def _heed_endings() -> None:
    """Let a signal that ends the process unwind it, as Ctrl-C does; what is ignored stays so."""
    for name in ENDINGS:
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _end)


def _end(number: int, frame: object) -> NoReturn:
    """A second one must not break into what is being cleared away."""
    signal.signal(number, signal.SIG_IGN)
    raise SystemExit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
