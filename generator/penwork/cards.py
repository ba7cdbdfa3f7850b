"""The cards of templates that were found good before: kept, so that nothing is run to list them.

A card is filed under a digest of the template's two files and of the rules that it passed.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import platformdirs

from penwork import __version__
from penwork.problem import Card

MOST = 500
_RULES = ("catalogue.py", "lint.py", "problem.py")


def digest(*texts: str) -> str:
    """Under what the card of a template is kept: its id and the texts of its files."""
    found = hashlib.blake2b(_rules(), digest_size=16)
    for text in texts:
        found.update(hashlib.blake2b(text.encode("utf-8", "surrogatepass")).digest())
    return found.hexdigest()


def recall(key: str) -> Card | None:
    """The card kept under a digest, if there is one that can be read."""
    with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
        return _card(json.loads(_place(key).read_bytes()))
    return None


def keep(key: str, card: Card) -> None:
    """Keep a card for later runs; where there is no room for it, nothing is lost."""
    place = _place(key)
    with suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=place.parent, delete=False) as file:
            json.dump(dataclasses.asdict(card), file)
        Path(file.name).replace(place)
        for old in sorted(place.parent.iterdir(), key=lambda card: card.stat().st_mtime)[:-MOST]:
            old.unlink()


def _card(said: Mapping[str, Any]) -> Card:
    minutes = {int(level): int(each) for level, each in said["minutes"].items()}
    return Card(**{**said, "source": tuple(said["source"]), "minutes": minutes})


def _place(key: str) -> Path:
    return platformdirs.user_cache_path("penwork", appauthor=False) / "cards" / f"{key}.json"


@lru_cache(maxsize=1)
def _rules() -> bytes:
    """What decides whether a template is good: another release or Python may decide otherwise."""
    here = Path(__file__).parent
    found = hashlib.blake2b(f"{__version__} {sys.version_info[:2]}".encode())
    for name in _RULES:
        found.update((here / name).read_bytes())
    return found.digest()
