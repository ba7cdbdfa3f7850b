"""Statements as Jinja compiled them, kept from run to run: a text takes it 10 ms."""

from __future__ import annotations

import importlib.util
import marshal
from functools import lru_cache
from pathlib import Path

import jinja2

from penwork import kept

_KIND = "statements"
_OURS = ("statement.py", "parts.py")


def compiled(environment: jinja2.Environment, source: str) -> jinja2.Template:
    """The template of a text. Raises what Jinja raises."""
    key = kept.digest(_makers(), source)
    body = kept.recall(_KIND, key)
    code = environment.compile(source) if body is None else marshal.loads(body)
    if body is None:
        kept.keep(_KIND, key, marshal.dumps(code))
    return jinja2.Template.from_code(environment, code, environment.make_globals(None))


@lru_cache(maxsize=1)
def _makers() -> bytes:
    """What the code depends on besides the text: Python, Jinja, and how statements use it."""
    ours = [Path(__file__).with_name(name).read_bytes() for name in _OURS]
    return kept.digest(importlib.util.MAGIC_NUMBER, jinja2.__version__, *ours).encode()
