"""A template: what an author declares, and the four functions that go with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from penwork.errors import UserError

Aids = Literal["none", "strip", "calculator"]
LEVELS = (1, 2, 3)
MOST_DRAWS = 256


@dataclass(frozen=True, slots=True)
class Problem:
    """What a template says about itself.

    `question` is the question of the notes that it answers, in our words; `minutes` and
    `effort` (a band of hand effort) go by level; `draws` rises when any seed's givens change,
    `version` when answers or steps do. `typical` is the hand effort that all variants of an exam
    come near, by level (the median of many where it is not stored). `exceptions` maps a rule to
    the reason why this template must differ from it. The optional givens of a group in `together`
    come all or not at all.
    """

    title: str
    question: str
    source: Sequence[str]
    minutes: Mapping[int, int]
    given: Mapping[str, Any]
    effort: Mapping[int, tuple[float, float]]
    draws: int = 1
    version: int = 1
    aids: Mapping[int, Aids] = field(default_factory=lambda: {1: "none", 2: "none", 3: "none"})
    typical: Mapping[int, float] = field(default_factory=dict)
    exceptions: Mapping[str, str] = field(default_factory=dict)
    together: Sequence[Sequence[str]] = ()


@dataclass(frozen=True, slots=True)
class Card:
    """What is told of a template where it is listed or chosen."""

    id: str
    title: str
    question: str
    source: tuple[str, ...]
    draws: int
    version: int
    minutes: Mapping[int, int]

    @property
    def category(self) -> str:
        return self.id.split("/")[0]

    @property
    def levels(self) -> list[int]:
        return sorted(self.minutes)

    @property
    def metadata(self) -> dict[str, Any]:
        """The object of `list --json`."""
        return {
            "id": self.id,
            "title": self.title,
            "draws": self.draws,
            "version": self.version,
            "levels": self.levels,
            "source": list(self.source),
            "minutes": {str(level): self.minutes[level] for level in self.levels},
            "question": self.question,
        }


@dataclass(frozen=True, slots=True)
class Template:
    """One pair of files, loaded: `templates/<category>/<slug>.py` and `<slug>.tex.j2`."""

    id: str
    problem: Problem
    sample: Callable[..., Mapping[str, Any]]
    solve: Callable[..., None]
    check: Callable[..., Mapping[str, Any]]
    figures: Callable[..., Iterable[Any]] | None
    statement: str
    path: str

    @property
    def card(self) -> Card:
        said = self.problem
        source, minutes = tuple(said.source), dict(said.minutes)
        return Card(self.id, said.title, said.question, source, said.draws, said.version, minutes)

    @property
    def route(self) -> str:
        """How `check` works, in its docstring's first line; printed in the key."""
        if self.check.__doc__ is None:
            raise UserError("Python -OO drops what a key says of its check.", "Run without it.")
        return self.check.__doc__.strip().splitlines()[0].rstrip(".")
