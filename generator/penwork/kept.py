"""What was worked out before, kept as JSON in the user's cache; where it is lost, nothing is."""

from __future__ import annotations

import hashlib
import json
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import platformdirs

MOST = 500


def digest(*pieces: bytes | str) -> str:
    """Tells one list of texts from another."""
    found = hashlib.blake2b(digest_size=16)
    for piece in pieces:
        text = piece.encode("utf-8", "surrogatepass") if isinstance(piece, str) else piece
        found.update(hashlib.blake2b(text).digest())
    return found.hexdigest()


def recall(kind: str, key: str) -> Any:
    """What was kept under a key; None where there is nothing that can be read."""
    with suppress(OSError, ValueError):
        return json.loads(_place(kind, key).read_bytes())
    return None


def keep(kind: str, key: str, value: Any) -> None:
    """Keep a value that JSON holds, and of its kind the newest alone."""
    place = _place(kind, key)
    with suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=place.parent, delete=False) as file:
            json.dump(value, file)
        Path(file.name).replace(place)
        for old in sorted(place.parent.iterdir(), key=lambda kept: kept.stat().st_mtime)[:-MOST]:
            old.unlink()


def _place(kind: str, key: str) -> Path:
    return platformdirs.user_cache_path("penwork", appauthor=False) / kind / f"{key}.json"
