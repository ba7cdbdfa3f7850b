"""What a verification found: counts, faults, and what it has to say beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from penwork.compose.exams.text import visible

LONGEST = 120


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault: where it is and what it concerns, what was claimed and what is right."""

    paper: str
    problem: str
    what: str
    claimed: str = ""
    right: str = ""

    def __str__(self) -> str:
        place = ", ".join(filter(None, (self.paper, self.problem and f"problem {self.problem}")))
        told = f"{place}: {self.what}" if place else self.what
        if self.claimed or self.right:
            told += f": claimed {self.claimed or 'nothing'}, right is {self.right or 'nothing'}"
        return told


@dataclass(slots=True)
class Findings:
    """The sum of a verification."""

    papers: int = 0
    answers: int = 0
    steps: int = 0
    values: int = 0
    equations: int = 0
    routes: set[str] = field(default_factory=set)
    faults: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, other: Findings) -> None:
        self.papers += other.papers
        self.answers += other.answers
        self.steps += other.steps
        self.values += other.values
        self.equations += other.equations
        self.routes |= other.routes
        self.faults += other.faults
        self.notes += [note for note in other.notes if note not in self.notes]

    def count(self, problem: Mapping[str, Any]) -> None:
        """A problem of a key that was made again, as `show --json` has it."""
        self.answers += len(problem["asked"])
        self.steps += len(problem["steps"])
        self.values += problem["certificate"]["values_checked"]
        self.equations += problem["certificate"]["equations_checked"]
        self.routes |= set(problem["certificate"]["routes"])

    @property
    def sound(self) -> bool:
        """Something was examined, and all of it is right."""
        return bool(self.answers) and not self.faults


def differences(claimed: Any, right: Any, path: str = "") -> Iterator[tuple[str, str, str]]:
    """Where two documents part: (path, claimed, right), at the deepest places."""
    if isinstance(claimed, Mapping) and isinstance(right, Mapping):
        for name in dict.fromkeys([*right, *claimed]):
            at = f"{path}.{name}" if path else str(name)
            if name in claimed and name in right:
                yield from differences(claimed[name], right[name], at)
            else:
                yield at, said(claimed.get(name)), said(right.get(name))
    elif _long(claimed) and _long(right) and len(claimed) == len(right):
        for k, (one, other) in enumerate(zip(claimed, right, strict=True)):
            yield from differences(one, other, f"{path}[{k}]")
    elif claimed != right or type(claimed) is not type(right):
        yield path, said(claimed), said(right)


def _long(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def said(value: Any) -> str:
    """A value as a line of a report has it."""
    text = "nothing" if value is None else str(value)
    return visible(text if len(text) <= LONGEST else f"{text[:LONGEST]}…")
