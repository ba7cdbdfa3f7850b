"""`python -m penwork`."""

import sys

from penwork.cli import main

if __name__ == "__main__":
    sys.exit(main())
