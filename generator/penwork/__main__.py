"""`penwork` and `python -m penwork`, which leave nothing half done when they are ended.

Be it by Ctrl-C, kill, or a terminal that closes, and while the command line is still imported.
"""

from __future__ import annotations

import signal
import sys
from typing import NoReturn

INTERRUPTED = 130
ENDINGS = [each for each in signal.Signals if each.name in ("SIGINT", "SIGTERM", "SIGHUP")]


def main() -> int:
    """Import the command line and run it."""
    try:
        _heed_endings()
        from penwork import cli

        return cli.main()
    except KeyboardInterrupt:
        return INTERRUPTED


def _heed_endings() -> None:
    """Let a signal that ends the process unwind it; what is ignored stays so."""
    for each in ENDINGS:
        if signal.getsignal(each) is not signal.SIG_IGN:
            signal.signal(each, _end)


def _end(number: int, frame: object) -> NoReturn:
    """Once: a second one must not break into what is being cleared away."""
    for each in ENDINGS:
        signal.signal(each, signal.SIG_IGN)
    raise SystemExit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
