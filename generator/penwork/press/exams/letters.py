"""Whether papers that TeX sets in one run have the same bytes as each alone."""

from __future__ import annotations

import io
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import pikepdf

from penwork import kept
from penwork.press.engine import Document
from penwork.press.format import format_name
from penwork.press.sheet import compile_documents

_KIND = "letters"
# The names of fonts and what they stand for; how a file's letters differ its name tells.
Fonts = frozenset[tuple[str, str]]


def uncommon(engine: Path, pdf: bytes, specimen: str) -> bool:
    """Whether a page has a font, or a letter of one, that the page of all letters lacks.

    It would get into the files of all that were set in this run. `specimen` is that page alone.
    """
    return not fonts_of(pdf) <= _common(engine, specimen)


@lru_cache(maxsize=8)
def _common(engine: Path, specimen: str) -> Fonts:
    key = kept.digest(format_name(engine), specimen)
    if known := kept.recall(_KIND, key):
        return frozenset((name, font) for name, font in json.loads(known))
    [pages] = compile_documents(engine, [Document("specimen", specimen)])
    found = fonts_of(pages.pdf)
    kept.keep(_KIND, key, json.dumps(sorted(found)).encode())
    return found


def fonts_of(pdf: bytes) -> Fonts:
    """The fonts of all pages."""
    found: dict[str, str] = {}
    with pikepdf.open(io.BytesIO(pdf)) as whole:
        for page in whole.pages:
            resources: Any = page.obj.get("/Resources", {})
            for name, font in resources.get("/Font", {}).items():
                if name not in found:
                    found[name] = str(font.BaseFont)
    return frozenset(found.items())
