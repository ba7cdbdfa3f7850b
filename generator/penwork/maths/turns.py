"""The wrong turns of a run: the exact run notes them all, a slip run takes one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from penwork.errors import Reject
from penwork.maths.records import Slip
from penwork.maths.value import ShapeError

NOWHERE = (Reject, ArithmeticError, ShapeError)
"""What a wrong turn raises that leads nowhere."""


@dataclass(slots=True)
class Turns:
    """By the name of each slip: its belief, the steps that it touches, what it puts there.

    Where no shape fits, the error stands there; what cannot be told without taking the turn is
    left out.
    """

    beliefs: dict[str, str] = field(default_factory=dict)
    steps: dict[str, set[str]] = field(default_factory=dict)
    instead: dict[str, dict[str, Any]] = field(default_factory=dict)

    def note(self, step: str, slips: Sequence[Slip], made: Callable[[Slip], Any] | None) -> None:
        """The slips of a step, and what is `made` of each."""
        for slip in slips:
            self.beliefs.setdefault(slip.name, slip.belief)
            self.steps.setdefault(slip.name, set()).add(step)
            instead = self.instead.setdefault(slip.name, {})
            try:
                if made is not None:
                    instead[step] = made(slip)
            except ShapeError as error:
                instead[step] = error
            except Exception:  # raised again where it is taken
                continue
