"""Statements as Jinja compiled them, kept from run to run: a text takes it 10 ms.

The code is filed under a digest of the text and of all that compiled it, and beside its own.
"""

from __future__ import annotations

import base64
import importlib.util
import marshal
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from types import CodeType
from typing import Any

import jinja2

from penwork import kept

_KIND = "statements"


def compiled(environment: jinja2.Environment, source: str) -> jinja2.Template:
    """The template of a text. Raises what Jinja raises."""
    key = kept.digest(_makers(), source)
    code = _whole(kept.recall(_KIND, key))
    if code is None:
        code = environment.compile(source)
        body = marshal.dumps(code)
        kept.keep(_KIND, key, [kept.digest(body), base64.b64encode(body).decode()])
    return jinja2.Template.from_code(environment, code, environment.make_globals(None))


def _whole(said: Any) -> CodeType | None:
    """The code that was kept, if every byte of it is there: marshal trusts what it reads."""
    with suppress(ValueError, TypeError):
        digest, text = said
        body = base64.b64decode(text)
        if kept.digest(body) == digest:
            code: CodeType = marshal.loads(body)
            return code
    return None


@lru_cache(maxsize=1)
def _makers() -> bytes:
    """What the code depends on besides the text: Python, Jinja, and how statements use it."""
    ours = Path(__file__).with_name("statement.py").read_bytes()
    return kept.digest(importlib.util.MAGIC_NUMBER, jinja2.__version__, ours).encode()
