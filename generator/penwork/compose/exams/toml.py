"""Reads a TOML file of limited size; lists become tuples, nothing is evaluated."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from penwork.errors import UserError
from penwork.reading import MEGABYTE, read_text


def load_toml(path: Path) -> dict[str, Any]:
    """The file's tables. Every mistake is a UserError that names the file."""
    text = read_text(path, most=MEGABYTE, mend="Name an exam spec.", short="An exam spec is short.")
    try:
        return {key: _tuples(value) for key, value in tomllib.loads(text).items()}
    except RecursionError:
        raise UserError(
            f"{path.name} nests too deep.", "An exam has sections of problems."
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{path.name} is not TOML: {error}.", "Mend that line.") from None
    except ValueError:
        raise UserError(f"{path.name} has a number of absurd size.", "Mend it.") from None


def _tuples(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_tuples(entry) for entry in value)
    if isinstance(value, dict):
        return {key: _tuples(entry) for key, entry in value.items()}
    return value
