"""What can go wrong, by whose mistake it is."""

from __future__ import annotations

from pathlib import Path
from traceback import walk_tb
from typing import Any


class UserError(Exception):
    """The user's mistake: one sentence that says what and where, and how to mend it."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(f"{message} {hint}".strip())
        self.message = message
        self.hint = hint


class TemplateError(Exception):
    """An author's mistake that is found before any number is drawn: the template is refused."""


class Fault(Exception):
    """A template broke a rule of the certificate: a bug, never drawn again.

    `rule` names the rule, `step` the step where it broke; `replay` is filled in by whoever
    knows template, level and seed.
    """

    def __init__(self, rule: str, message: str, step: str | None = None) -> None:
        super().__init__(message)
        self.rule = rule
        self.message = message
        self.step = step
        self.where = ""
        self.replay = ""

    def __reduce__(self) -> Any:
        """So that it comes whole out of another process."""
        return Fault, (self.rule, self.message, self.step), self.__dict__

    @property
    def told(self) -> str:
        """Where and what, without the line that replays it."""
        place = f", step {self.step}" if self.step else ""
        head = f"{self.where}{place}: " if self.where else ""
        return f"{head}{self.message} (rule: {self.rule})"

    def __str__(self) -> str:
        return f"{self.told}\nTo see it again: {self.replay}" if self.replay else self.told


def blame(path: str, error: BaseException) -> tuple[str, str]:
    """Which function of a template's file raised it, and in which line, with what it says."""
    said = str(error) if isinstance(error, OwnWords) else f"{type(error).__name__}: {error}"
    trace = [step for step in walk_tb(error.__traceback__) if step[0].f_code.co_filename == path]
    if not trace:
        return "solve", said
    first, line = trace[0][0].f_code.co_name, trace[-1][1]
    rule = first if first in ("sample", "check", "figures") else "solve"
    return rule, f"line {line} of {Path(path).name}: {said}"


class OwnWords(Exception):
    """What says in a sentence of its own what to write instead."""


class Reject(Exception):
    """This draw makes no good problem; the next try is drawn.

    `reason` is counted, `detail` told where no try was good.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


class Unfair(Exception):
    """The effort lies outside the band that was asked for."""


class PressError(Exception):
    """TeX did not make the pages: the error in a line, with the problem it stands in."""
