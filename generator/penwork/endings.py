"""What ends a run from outside, and the exit code of one that was interrupted."""

from __future__ import annotations

import signal

ENDINGS = [each for each in signal.Signals if each.name in ("SIGINT", "SIGTERM", "SIGHUP")]
SIGNALLED = 128
INTERRUPTED = SIGNALLED + signal.SIGINT
