"""Reads a TOML file of limited size; lists become tuples, nothing is evaluated."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from penwork.errors import UserError

MOST_BYTES = 1_000_000


def load_toml(path: Path) -> dict[str, Any]:
    """The file's tables. Every mistake is a UserError that names the file."""
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UserError(
            f"The file {path} cannot be read: {error.strerror}.", "Name an exam spec."
        ) from None
    if len(content) > MOST_BYTES:
        raise UserError(f"{path.name} is larger than 1 MB.", "An exam spec is short.")
    try:
        return {key: _tuples(value) for key, value in tomllib.loads(_text(path, content)).items()}
    except RecursionError:
        raise UserError(
            f"{path.name} nests too deep.", "An exam has sections of problems."
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{path.name} is not TOML: {error}.", "Mend that line.") from None
    except ValueError:
        raise UserError(f"{path.name} has a number of absurd size.", "Mend it.") from None


def _text(path: Path, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UserError(
            f"{path.name} is not UTF-8 text (line {line}).", "Save it as UTF-8."
        ) from None


def _tuples(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_tuples(entry) for entry in value)
    if isinstance(value, dict):
        return {key: _tuples(entry) for key, entry in value.items()}
    return value
