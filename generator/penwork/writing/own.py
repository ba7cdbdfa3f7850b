"""A statement fitted to somebody's own numbers, which may be meant for another level."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

from penwork.maths.given import Given
from penwork.maths.tally import Tally
from penwork.maths.words import Table
from penwork.writing.statement import Asked, Prose, Told, entries_of, equation, read_back


def fit_to_given(
    prose: Prose, declared: Mapping[str, Given], stored: Mapping[str, Any], found: Set[str]
) -> None:
    """Let parts ask only what is found, and tell givens that the level's words leave out."""
    prose.parts = [
        Asked(part.text, asks, part.marks)
        for part in prose.parts
        if (asks := tuple(name for name in part.asks if name in found))
    ]
    texts = [prose.text, *(part.text for part in prose.parts)]
    told = {path for _, path, _ in read_back(texts)}
    untold = [
        equation(Told(name, stored[name], declared[name]))
        for name in declared
        if name not in told
        and not (entries_of(name, stored[name]).keys() or {name}) <= told
        and _is_numeric(declared[name], stored[name])
    ]
    if untold:
        prose.text += rf"\givens{{{', '.join(untold)}}}"


def _is_numeric(declaration: Given, stored: Any) -> bool:
    if stored is None or isinstance(declaration, (Table, Tally)):
        return False
    first = stored
    while isinstance(first, list):
        first = first[0]
    return not isinstance(first, (bool, str, dict))
