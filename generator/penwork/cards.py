"""The cards of templates that were found good before, so that nothing is run to list them.

A card is kept under a digest of the template's two files and of the rules that it passed.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from penwork import __version__, kept
from penwork.problem import Card

_KIND = "cards"
_RULES = ("catalogue.py", "lint.py", "problem.py")


def digest(*texts: str) -> str:
    """Under what the card of a template is kept: its id and the texts of its files."""
    return kept.digest(_rules(), *texts)


def recall(key: str) -> Card | None:
    """The card kept under a digest, if there is one that can be read."""
    with suppress(ValueError, TypeError, KeyError, AttributeError):
        said = json.loads(kept.recall(_KIND, key) or "null")
        minutes = {int(level): int(each) for level, each in said["minutes"].items()}
        return Card(**{**said, "source": tuple(said["source"]), "minutes": minutes})
    return None


def keep(key: str, card: Card) -> None:
    """Keep a card for later runs."""
    kept.keep(_KIND, key, json.dumps(dataclasses.asdict(card)).encode())


@lru_cache(maxsize=1)
def _rules() -> bytes:
    """What decides whether a template is good: another release or Python may decide otherwise."""
    here = Path(__file__).parent
    texts = [(here / name).read_bytes() for name in _RULES]
    return kept.digest(f"{__version__} {sys.version_info[:2]}", *texts).encode()
