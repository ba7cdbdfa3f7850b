"""What was worked out before, kept in the user's cache; where it is lost, nothing is.

A file begins with the digest of the rest: what is not whole is not there.
"""

from __future__ import annotations

import hashlib
import tempfile
from contextlib import suppress
from pathlib import Path

import platformdirs

MOST = 500
_SIZE = 16


def digest(*pieces: bytes | str) -> str:
    """Tells one list of texts from another."""
    found = hashlib.blake2b(digest_size=_SIZE)
    for piece in pieces:
        found.update(
            _digest(piece.encode("utf-8", "surrogatepass") if isinstance(piece, str) else piece)
        )
    return found.hexdigest()


def digest_of_files(*folders: Path) -> str:
    """Tells one state of all that the folders hold from another, by names and bytes."""
    pieces: list[bytes | str] = []
    for folder in folders:
        for file in sorted(folder.rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                pieces += [file.relative_to(folder).as_posix(), file.read_bytes()]
    return digest(*pieces)


def recall(kind: str, key: str) -> bytes | None:
    """What was kept under a key, if it is there and whole."""
    with suppress(OSError):
        content = _place(kind, key).read_bytes()
        if _digest(content[_SIZE:]) == content[:_SIZE]:
            return content[_SIZE:]
    return None


def keep(kind: str, key: str, content: bytes) -> None:
    """Keep it for later runs, and of its kind the newest alone."""
    place = _place(kind, key)
    with suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=place.parent, delete=False) as empty:
            file = Path(empty.name)
        try:
            file.write_bytes(_digest(content) + content)
            file.replace(place)
        finally:
            file.unlink(missing_ok=True)
        for old in sorted(place.parent.iterdir(), key=lambda kept: kept.stat().st_mtime)[:-MOST]:
            old.unlink()


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=_SIZE).digest()


def _place(kind: str, key: str) -> Path:
    return platformdirs.user_cache_path("penwork", appauthor=False) / kind / key
