"""Numbers in prose that came through no filter: they change with the draw, and nothing reads them.

In a statement none may change; elsewhere small whole numbers are places, sizes and counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from penwork.model import Instance
from penwork.writing.statement import closing

_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_INDICES = re.compile(
    r"_(?:\{[^{}]*\}(?:\^\{[^{}]*\})?|\w)|\\sum\^\{[^{}]*\}|\[\d+×\d+\]|\\,(?=\d)"
)
_TAKES = {"given": 3, "said": 3, "val": 2, "term": 2, "word": 2}
_TOLD = re.compile(r"\\(given|said|val|term|word|ensuremath|tok)(?=\{)")
SMALL = 12


class Said(NamedTuple):
    """A text of an instance: where it stands, what it says beside its numbers, its numbers."""

    where: str
    text: str
    numbers: tuple[str, ...]


def said_in(instance: Instance) -> tuple[Said, ...]:
    """The texts of an instance that hold numbers of their own."""
    found = [_said(where, text) for where, text in _texts(instance) if any(map(str.isdigit, text))]
    return tuple(said for said in found if said.numbers)


def _texts(instance: Instance) -> Iterator[tuple[str, str]]:
    yield "the statement", instance.statement
    for part in instance.parts:
        yield f"part {part.letter}", part.text
    for step in instance.steps:
        yield f"the why of {step.name}", step.why
    for slip in instance.slips:
        for text in (*slip.name.split(", or "), *slip.belief.split("; or ")):
            yield "a slip", text
    yield "an insight", instance.insight
    for figure in instance.figures:
        yield "a caption", figure.caption


def _said(where: str, text: str) -> Said:
    bare = _INDICES.sub("", _without_told(text))
    return Said(where, _NUMBER.sub("#", bare), tuple(_NUMBER.findall(bare)))


def _without_told(text: str) -> str:
    """The text without what filters printed."""
    out, at = "", 0
    for macro in _TOLD.finditer(text):
        if macro.start() < at:
            continue
        end = macro.end()
        for _ in range(_TAKES.get(macro[1], 1)):
            end = closing(text, end)
        out, at = out + text[at : macro.start()], end
    return out + text[at:]


def loose(seen: Iterable[Sequence[Said]]) -> list[str]:
    """The texts of which some number changes from one instance to another."""
    found: dict[tuple[str, str], set[tuple[str, ...]]] = {}
    for instance in seen:
        for said in instance:
            found.setdefault((said.where, said.text), set()).add(said.numbers)
    return [
        f"{where}: {', '.join(sorted({row[i] for row in rows})[:4])}"
        for (where, _), rows in found.items()
        for i in range(len(next(iter(rows))))
        if _changes({row[i] for row in rows}, strictly=where.startswith(("the statement", "part")))
    ]


def _changes(numbers: set[str], *, strictly: bool) -> bool:
    if len(numbers) < 2:
        return False
    return strictly or any("." in number or int(number) > SMALL for number in numbers)
