"""`penwork` and `python -m penwork`: Ctrl-C is quiet while the command line is still imported."""

from __future__ import annotations

import sys

INTERRUPTED = 130


def main() -> int:
    """Import the command line and run it."""
    try:
        from penwork import cli

        return cli.main()
    except KeyboardInterrupt:
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
