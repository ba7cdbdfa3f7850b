"""The teacher's secret: made once, kept in the user's own folder, never beside the papers."""

from __future__ import annotations

import os
from pathlib import Path

from penwork.compose.exams.seeds import new_secret
from penwork.errors import UserError

LEAST, MOST = 16, 4096


def own_file() -> Path:
    """Where penwork keeps the secret of this user."""
    import platformdirs

    return Path(platformdirs.user_data_dir("penwork", appauthor=False)) / "exam-secret"


def read_secret(named: Path | None = None) -> bytes:
    """The secret of a file that the user names, else the user's own, made on first use."""
    path = named or own_file()
    try:
        if named is None and not path.exists():
            _make(path)
        secret = path.read_bytes().strip()
    except OSError as error:
        raise UserError(
            f"The secret {path} cannot be read: {(error.strerror or str(error)).lower()}.",
            "Name another with --secret-file.",
        ) from None
    if not LEAST <= len(secret) <= MOST:
        raise UserError(
            f"The secret {path} has {len(secret)} bytes; {LEAST} to {MOST} make a secret.",
            "Write a long line of chance into it.",
        )
    return secret


def _make(path: Path) -> None:
    """Written beside its place and linked there, so that two first runs end with one secret."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(new_secret().hex().encode() + b"\n")
    if path.exists():
        beside.unlink()
    else:
        beside.replace(path)
