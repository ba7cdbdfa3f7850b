"""What a PDF holds beside the lines of its pages: properties, attachments, actions, fonts."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator
from typing import Any

import pikepdf

from penwork.press.exams.files import DEEPEST
from penwork.press.sheet import KEY_DATA
from penwork.prove.verify.findings import LONGEST, said

_SUBSET = re.compile(r"/[A-Z]{6}\+")
# What TeX's run, its version or the compression decide, and no reader sees.
_UNSEEN = {
    *("/Parent", "/Length", "/Filter", "/DecodeParms", "/ToUnicode"),
    *("/FirstChar", "/LastChar", "/Widths", "/FontDescriptor"),
}
_OWN = {"/Type", "/Pages", "/AF"}


def differing(name: str, there: bytes, right: bytes) -> Iterator[tuple[str, str, str]]:
    """Where two files of that name part beside their pages: (what, claimed, right)."""
    one, other = _around(there), _around(right)
    for what in dict.fromkeys([*other, *one]):
        if one.get(what) != other.get(what):
            yield f"{what} of {name}", said(one.get(what)), said(other.get(what))


def _around(content: bytes) -> dict[str, str]:
    with pikepdf.open(io.BytesIO(content)) as pdf:
        found = {f"property {key}": str(value) for key, value in pdf.docinfo.items()}
        for key, value in pdf.Root.items():
            if key == "/Names":
                names = {name: _seen(each) for name, each in value.items()}
                found |= {f"names {n}": v for n, v in names.items() if n != "/EmbeddedFiles"}
            elif key not in _OWN:
                found[f"entry {key}"] = _short(_seen(value))
        for name, spec in pdf.attachments.items():
            if name != KEY_DATA:
                found[f"attachment {name}"] = _digest(spec.get_file().read_bytes())
        known: dict[Any, str] = {}
        for number, page in enumerate(pdf.pages, 1):
            for kind, resources in page.obj.get("/Resources", {}).items():
                what = f"page {number}, {kind.removeprefix('/')}"
                found[what] = _digest(_seen(resources, known).encode())
    return found


def _seen(found: Any, known: dict[Any, str] | None = None, depth: int = 0) -> str:
    """An object by what it holds, whatever its number; `known` are those seen before."""
    if depth > DEEPEST:
        return ""
    known = {} if known is None else known
    at = getattr(found, "objgen", (0, 0))
    if at == (0, 0):
        return _held(found, known, depth)
    if at not in known:
        known[at] = ""  # a circle ends here
        known[at] = _held(found, known, depth)
    return known[at]


def _held(found: Any, known: dict[Any, str], depth: int) -> str:
    if isinstance(found, pikepdf.Stream):
        told = _digest(bytes(found.read_bytes()))
        return told + _held(found.stream_dict, known, depth)
    if isinstance(found, pikepdf.Dictionary):
        inner = (f"{k} {_seen(v, known, depth + 1)}" for k, v in found.items() if k not in _UNSEEN)
        return f"<<{' '.join(inner)}>>"
    if isinstance(found, pikepdf.Array):
        return f"[{' '.join(_seen(each, known, depth + 1) for each in found)}]"
    return _SUBSET.sub("/", str(found))


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else _digest(text.encode())


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
