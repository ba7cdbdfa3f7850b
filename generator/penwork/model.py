"""What travels along the line: a certified instance and its parts, frozen, without behaviour.

Every `tex` and `latex` field is ready LaTeX; text from users was escaped where it was made.
Numbers are exact: `int`, gmpy2 `mpq`, or `mpfr` (200 bits) where a value is irrational.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from penwork.figures import Figure

StepKind = Literal["let", "choose", "compare", "state"]
AnswerType = Literal["number", "vector", "matrix", "choice", "sequence", "text", "expression"]


class Operand(NamedTuple):
    """A number as printed in a substituted line, and the step or given it was taken from."""

    source: str
    at: tuple[Any, ...]
    printed: str
    rounded: bool = False


class Line(NamedTuple):
    r"""One printed line of mathematics: `lhs` and its chain of (relation, LaTeX).

    lhs "w_1", chain (("=", "w_0-\alpha g_0"), ("=", r"4-0.05\cdot36"), ("=", "2.2")).
    In a decision each candidate is a line and `kept` says whether it was kept; else None.
    What the certificate reads again stands apart: the line in symbols, in numbers, the printed
    result (each "" where it is not printed), the relations that lead to the last two, the operands
    and constants of the numbers, and the names of the symbols as (LaTeX, source, index).
    """

    lhs: str
    chain: tuple[tuple[str, str], ...]
    kept: bool | None = None
    symbols: str = ""
    numbers: str = ""
    printed: str = ""
    to_numbers: str = ""
    to_printed: str = ""
    operands: tuple[Operand, ...] = ()
    constants: tuple[str, ...] = ()
    names: tuple[tuple[str, str, tuple[Any, ...]], ...] = ()

    @property
    def latex(self) -> str:
        return self.lhs + "".join(f" {relation} {text}" for relation, text in self.chain)


@dataclass(frozen=True, slots=True)
class Step:
    """A named result with the lines that show it; `printed` is False where no answer needs it."""

    name: str
    kind: StepKind
    part: str | None
    why: str
    lines: tuple[Line, ...]
    value: Any
    exact: bool
    printed: bool
    decision: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    r"""One answer box: LaTeX label ("w_1"), shape (), (n,) or (n, m), note ("2 d.p.").

    `room` is the kind of answer that it is as wide as ("": its own), `exact` whether it is printed
    with "=".
    """

    label: str
    shape: tuple[int, ...]
    note: str = ""
    kind: AnswerType = "number"
    room: str = ""
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """What the student hands in. `tolerance` is absolute per number, 0 for exact answers."""

    name: str
    type: AnswerType
    value: Any
    tolerance: Any
    places: int | None
    boxes: tuple[Box, ...]
    exact: bool
    printed: str = ""
    why: str = ""


def points_of(marks: str) -> int:
    """The points of marker's codes such as "M3 A12 A1ft"."""
    return sum(map(int, re.findall(r"\d+", marks)))


@dataclass(frozen=True, slots=True)
class Part:
    """One task: letter, LaTeX text, the answers it asks, points, marker's codes."""

    letter: str
    text: str
    asks: tuple[str, ...]
    points: int
    marks: str


@dataclass(frozen=True, slots=True)
class Slip:
    """A wrong turn that is alive in this instance: where it shows, and the belief behind it."""

    name: str
    belief: str
    answer: str
    value: Any
    latex: str


@dataclass(frozen=True, slots=True)
class BridgedPart:
    """A later part worked from offered numbers: the steps that change, and the answers."""

    letter: str
    steps: tuple[Step, ...]
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Bridge:
    r"""Numbers to go on with after a part: its letter, LaTeX ("w_1 = 0.5"), what follows."""

    letter: str
    values: tuple[str, ...]
    parts: tuple[BridgedPart, ...]


@dataclass(frozen=True, slots=True)
class Certificate:
    """By which routes an instance was checked, and how much each examined."""

    routes: tuple[str, ...]
    values_checked: int
    equations_checked: int


@dataclass(frozen=True, slots=True)
class Instance:
    """A certified problem: statement, parts, worked steps, answers, slips, and its certificate.

    `silent` says of each slip that its steps declare why it does not show here; None where it does.
    """

    id: str
    title: str
    draws: int
    version: int
    level: int
    seed: int | None
    attempt: int | None
    given: Mapping[str, Any]
    statement: str
    parts: tuple[Part, ...]
    steps: tuple[Step, ...]
    answers: Mapping[str, Answer]
    asked: tuple[str, ...]
    slips: tuple[Slip, ...]
    insight: str
    figures: tuple[Figure, ...]
    effort: Any
    minutes: int
    aids: str
    certificate: Certificate
    notices: Sequence[str] = ()
    bridges: tuple[Bridge, ...] = ()
    silent: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def points(self) -> int:
        return sum(part.points for part in self.parts)
