"""PDF files cut out of a batch and joined again, the same bytes whatever they were set beside."""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

import pikepdf

from penwork.press.sheet import KEY_DATA

_REFERENCE = re.compile(rb"\b(\d+) (\d+) R\b")
DEEPEST = 6
_USUAL = {"/Contents", "/Resources", "/Parent", "/Type"}


def cut(
    batch: bytes,
    pages: Sequence[Sequence[int]],
    titles: Sequence[str],
    attachments: Sequence[bytes | None],
) -> list[bytes]:
    """One PDF for each list of page numbers (from 0), with its title and attachment."""
    with pikepdf.open(io.BytesIO(batch)) as source:
        return [
            _written([source.pages[number] for number in numbers], title, data)
            for numbers, title, data in zip(pages, titles, attachments, strict=True)
        ]


def joined(files: Iterable[bytes], title: str, fronts: Sequence[bool]) -> bytes:
    """All pages in one PDF; fonts and forms that are the same are kept once.

    It is for printing on both sides: each file begins on a new sheet, and those of which `fronts`
    says so have empty backs.
    """
    whole = pikepdf.new()
    once: dict[bytes, Any] = {}
    for content, front in zip(files, fronts, strict=True):
        with pikepdf.open(io.BytesIO(content)) as part:
            known: dict[Any, Any] = {}
            for number, page in enumerate(part.pages, 1):
                whole.pages.append(page)
                here = whole.pages[-1]
                _share(here, whole, once, known)
                if front or (number % 2 and number == len(part.pages)):
                    whole.add_blank_page().mediabox = here.mediabox
    return _saved(whole, title)


def _share(page: Any, whole: Any, once: dict[bytes, Any], known: dict[Any, Any]) -> None:
    """Let a page use what earlier pages brought; `known` are the objects of its own file."""
    resources = page.obj.get("/Resources", {})
    for kind in ("/Font", "/XObject"):
        for name, found in list(resources.get(kind, {}).items()):
            if found.objgen not in known:
                known[found.objgen] = once.setdefault(_digest(found, whole), found)
            resources[kind][name] = known[found.objgen]


def _digest(found: Any, whole: Any) -> bytes:
    """What a font or form is, whatever its number."""
    digest = hashlib.blake2b(digest_size=16)
    _feed(found, whole, digest, 0)
    return digest.digest()


def _feed(found: Any, whole: Any, digest: Any, depth: int) -> None:
    """Take in an object, and for each number of another object in it, that object."""
    if isinstance(found, pikepdf.Stream):
        digest.update(found.read_raw_bytes())
        found = found.stream_dict
    said = found.unparse(resolved=True)
    digest.update(_REFERENCE.sub(b"R", said))
    if depth < DEEPEST:
        for number, generation in _REFERENCE.findall(said):
            there = whole.get_object(int(number), int(generation))
            _feed(there, whole, digest, depth + 1)


def _written(pages: Sequence[Any], title: str, data: bytes | None) -> bytes:
    part = pikepdf.new()
    part.pages.extend(pages)
    if data is not None:
        part.attachments[KEY_DATA] = pikepdf.AttachedFileSpec(
            part, data, filename=KEY_DATA, mime_type="application/json"
        )
    return _saved(part, title)


def _saved(pdf: Any, title: str) -> bytes:
    pdf.docinfo["/Title"] = title
    pdf.docinfo["/Author"] = "penwork"
    pdf.Root.Lang = pikepdf.String("en")
    pdf.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
    out = io.BytesIO()
    pdf.save(
        out,
        deterministic_id=True,
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
        compress_streams=True,
    )
    return out.getvalue()


def attached(content: bytes) -> bytes | None:
    """What a key carries."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        if KEY_DATA not in pdf.attachments:
            return None
        return bytes(pdf.attachments[KEY_DATA].get_file().read_bytes())


def page_contents(content: bytes) -> list[bytes]:
    """What stands on each page, for a comparison that does without the fonts' bytes."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        return [_page_content(page.obj) for page in pdf.pages]


def _page_content(page: Any) -> bytes:
    """What is drawn, and whatever else hangs on the page (notes and links do)."""
    others = {name: str(value) for name, value in page.items() if name not in _USUAL}
    return bytes(page.Contents.read_bytes()) + json.dumps(others, sort_keys=True).encode()


def counted(content: bytes) -> int:
    with pikepdf.open(io.BytesIO(content)) as pdf:
        return len(pdf.pages)
