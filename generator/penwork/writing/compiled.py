"""Statements as Jinja compiled them, kept from run to run: a text takes it 10 ms.

A file begins with the digest of the rest, and is filed under a digest of the text and of all that
compiled it: what is not whole, or was made by others, is made anew.
"""

from __future__ import annotations

import hashlib
import importlib.util
import marshal
import tempfile
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from types import CodeType

import jinja2
import platformdirs

MOST = 500
_SIZE = 16


def compiled(environment: jinja2.Environment, source: str) -> jinja2.Template:
    """The template of a text. Raises what Jinja raises."""
    place = _place(source)
    code = _recall(place)
    if code is None:
        code = environment.compile(source)
        _keep(place, code)
    return jinja2.Template.from_code(environment, code, environment.make_globals(None))


def _recall(place: Path) -> CodeType | None:
    with suppress(OSError):
        kept = place.read_bytes()
        if _digest(kept[_SIZE:]) == kept[:_SIZE]:
            code: CodeType = marshal.loads(kept[_SIZE:])
            return code
    return None


def _keep(place: Path, code: CodeType) -> None:
    """Keep it for later runs; where there is no room for it, nothing is lost."""
    body = marshal.dumps(code)
    with suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=place.parent, delete=False) as file:
            file.write(_digest(body) + body)
        Path(file.name).replace(place)
        for old in sorted(place.parent.iterdir(), key=lambda one: one.stat().st_mtime)[:-MOST]:
            old.unlink()


def _place(source: str) -> Path:
    key = _digest(_makers() + source.encode("utf-8", "surrogatepass")).hex()
    return platformdirs.user_cache_path("penwork", appauthor=False) / "statements" / key


@lru_cache(maxsize=1)
def _makers() -> bytes:
    """What the code depends on besides the text: Python, Jinja, and how statements use it."""
    ours = Path(__file__).with_name("statement.py").read_bytes()
    return _digest(importlib.util.MAGIC_NUMBER + jinja2.__version__.encode() + ours)


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=_SIZE).digest()
