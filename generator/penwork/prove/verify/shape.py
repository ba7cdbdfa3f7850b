"""JSON that somebody else may have written: its values are of their kind, or it is told."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from penwork.press.exams.claims import Claim
from penwork.prove.verify.findings import said

DEEPEST = 30
LARGEST = 10**60
_KEY = re.compile(r"\.\[key\]$")


def bytes_of(path: Path) -> bytes:
    """The bytes of a file; a pipe or device, which may never end, is none. Raises OSError."""
    if path.exists() and not path.is_file():
        raise OSError(f"{path.name} is no file")
    return path.read_bytes()


def parsed(content: bytes) -> Any:
    """JSON in UTF-8. Raises ValueError."""
    try:
        return json.loads(content.decode(), object_pairs_hook=_once)
    except RecursionError:
        raise ValueError("it nests too deep") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of two values under one name every reader takes another."""
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(name for k, (name, _) in enumerate(pairs) if name in dict(pairs[:k]))
        raise ValueError(f"{said(twice)} stands there twice")
    return found


def loads(content: bytes) -> Any:
    """JSON in UTF-8 that holds what a document of penwork may hold. Raises ValueError."""
    value = parsed(content)
    if found := next(_unfit(value), ""):
        raise ValueError(found)
    return value


def strange(kind: type[Claim], value: Any) -> list[str]:
    """What is wrong with a value that should be of this kind: "seed cannot be 'x'"."""
    if found := next(_unfit(value), ""):
        return [found]
    try:
        kind.model_validate(value)
    except ValidationError as error:
        return [_told(each["loc"], each["type"], each["input"]) for each in error.errors()]
    return []


def _told(loc: tuple[int | str, ...], kind: str, value: Any) -> str:
    path = _path(loc)
    return f"{path} is missing" if kind == "missing" else f"{path} cannot be {said(value)}"


def _path(loc: tuple[int | str, ...]) -> str:
    text = "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in loc)
    return said(_KEY.sub("", text).removeprefix(".") or "it")


def _unfit(value: Any, loc: tuple[int | str, ...] = ()) -> Iterator[str]:
    """Values that no document of penwork holds, whatever they stand for."""
    if len(loc) > DEEPEST:
        yield f"{_path(loc[:3])} nests too deep"
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _unfit(name, (*loc, "a name"))
            yield from _unfit(inner, (*loc, name))
    elif isinstance(value, list):
        for k, inner in enumerate(value):
            yield from _unfit(inner, (*loc, k))
    elif isinstance(value, str):
        if not _is_text(value):
            yield f"{_path(loc)} is no text"
    elif isinstance(value, float) and not math.isfinite(value):
        yield f"{_path(loc)} cannot be {value}"
    elif isinstance(value, int) and abs(value) > LARGEST:
        yield f"{_path(loc)} is a number of absurd size"


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
