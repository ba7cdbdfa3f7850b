"""What authors hand to a run of solve, and what the run writes down."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple

import numpy as np

from penwork.errors import Fault
from penwork.maths.value import Value
from penwork.numbers import WORKING_PLACES

Numbers = Callable[[Value], Any]
Test = Callable[[Numbers], bool]


class Slip(NamedTuple):
    """A wrong turn: what was done, the wrong belief behind it, and what stands there instead.

    `instead` is an expression (or a function that makes one, where its shape may not fit); in a
    decision it is another number to keep, a list of other scores, or a function from the list of
    (score, item) to the kept positions.
    """

    name: str
    belief: str
    instead: Any

    @property
    def expression(self) -> Any:
        """What stands there instead, made now."""
        return self.instead() if callable(self.instead) else self.instead


class Option(NamedTuple):
    """A candidate of a decision: its LaTeX label, its score, and what the author keeps with it."""

    label: str
    score: Value
    item: Any = None


class Rule(NamedTuple):
    """How many candidates a decision keeps: so many, or the fewest whose scores reach a sum."""

    keep: int = 1
    reach: Any = None
    lowest: bool = False
    tie: Literal["reject", "listed"] = "reject"


class Record(NamedTuple):
    """What solve claimed at one step; writing turns it into lines.

    Of a decision, `decision` is said in any case, `tied` where a tie was broken; of more than
    `shown` candidates the key prints the best only. `labels` stand before a state's rows. The
    left side of a comparison has so many `places` where it has no name. It `rests` on the steps
    and givens that its formulas name.
    """

    name: str
    kind: Literal["let", "choose", "compare", "state"]
    why: str
    result: Any
    expression: Value | None = None
    derives: tuple[Value, Value] | None = None
    rests: frozenset[str] = frozenset()
    options: tuple[tuple[Value, Value], ...] = ()
    rule: Rule = Rule()
    kept: tuple[int, ...] = ()
    comparison: tuple[Value, str, Value] | None = None
    text: tuple[str, str] = ("", "")
    labels: tuple[str, ...] = ()
    decision: str = ""
    tied: str = ""
    shown: int = 0
    places: int = WORKING_PLACES


class Claim(NamedTuple):
    """An answer as solve hands it in: a value, a list of values, or plain words.

    It `rests` on the steps and givens that it names; words rest on nothing.
    """

    name: str
    value: Any
    places: int | None
    label: str
    options: tuple[str, ...]
    after: int
    why: str = ""
    joint: str = r"\,"
    room: str = ""
    rests: frozenset[str] = frozenset()


class Insight(NamedTuple):
    """A sentence and the values it speaks of; `holds` says if it is true of this instance."""

    text: str
    holds: Test | None
    values: Mapping[str, Any]


class Position(NamedTuple):
    """Which one of several, counted as on paper; the one plain number that prose may print."""

    number: int


def is_true(test: Test, called: str) -> bool:
    """What a test says of the exact numbers: true or false, not what counts as true in Python."""
    said = test(numbers_of)
    if not isinstance(said, (bool, np.bool_)):
        raise Fault("tests", f"{called} tells {said!r}, which is neither True nor False")
    return bool(said)


def numbers_of(value: Any) -> Any:
    """The bare number of a value; arrays as nested lists."""
    data = value.data if isinstance(value, Value) else value
    return data.tolist() if isinstance(data, np.ndarray) else data
