"""Which steps an answer rests on."""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import Any

from penwork.maths.value import Value
from penwork.maths.work import Work


def needed_steps(exact: Work, asked: Sequence[str]) -> set[str]:
    """The steps that the asked answers rest on; words rest on the decisions just before them."""
    waiting: list[str] = []
    ends = sorted({claim.after for claim in exact.claims})
    for claim in exact.claims:
        if claim.name not in asked:
            continue
        sources = sources_of(claim.value)
        waiting += sources
        if not sources:
            start = max((end for end in ends if end < claim.after), default=0)
            waiting += [r.name for r in exact.records[start : claim.after] if r.kind != "let"]
    return behind(exact, waiting)


def behind(exact: Work, names: Sequence[str]) -> set[str]:
    """These steps, and all that they rest on."""
    records = {record.name: record for record in exact.records}
    needed: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in needed or name not in records:
            continue
        needed.add(name)
        waiting += records[name].rests
    return needed


def after(work: Work, names: Set[str]) -> set[str]:
    """The steps that rest on these, themselves left out."""
    found: set[str] = set()
    for record in work.records:
        if record.name not in names and record.rests & (names | found):
            found.add(record.name)
    return found


def sources_of(value: Any) -> list[str]:
    if isinstance(value, Value):
        return [value.name.source] if value.name else []
    if isinstance(value, (list, tuple)):
        return [source for entry in value for source in sources_of(entry)]
    return []
