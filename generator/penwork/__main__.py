"""`penwork` and `python -m penwork`, which leave nothing half done when they are ended.

Be it by Ctrl-C, kill, or a terminal that closes, and while the command line is still imported.
"""

from __future__ import annotations

import signal
import sys
import time
from types import FrameType

from penwork.endings import ENDINGS, INTERRUPTED, SIGNALLED, may_break

HASTE = 2.0  # seconds
SOON = 0.001
_CAN_WAIT = hasattr(signal, "setitimer")


def main() -> int:
    """Import the command line and run it."""
    try:
        _heed_endings()
        from penwork import cli

        return cli.main()
    except KeyboardInterrupt:
        return INTERRUPTED
    finally:
        for each in ENDINGS:  # it ends, with the code that was told
            signal.signal(each, signal.SIG_IGN)
        if _CAN_WAIT:
            signal.setitimer(signal.ITIMER_REAL, 0)


def _heed_endings() -> None:
    """Let a signal that ends the process unwind it; what is ignored stays so."""
    ended = -HASTE

    def end(number: int, frame: FrameType | None) -> None:
        nonlocal ended
        if _CAN_WAIT and not may_break(frame):
            signal.signal(signal.SIGALRM, lambda _, later: end(number, later))
            signal.setitimer(signal.ITIMER_REAL, SOON)
            return
        last, ended = ended, time.monotonic()
        if ended - last > HASTE:  # one soon after another must not break into clearing away
            raise SystemExit(SIGNALLED + number)

    for each in ENDINGS:
        if signal.getsignal(each) is not signal.SIG_IGN:
            signal.signal(each, end)


if __name__ == "__main__":
    sys.exit(main())
