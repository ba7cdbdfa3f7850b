"""Faults leave with template, version, level and seed, and the line that replays them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from penwork.errors import Fault, Reject, Unfair, UserError, blame
from penwork.problem import Template


@contextmanager
def replayable(template: Template, seed: int | None, level: int) -> Iterator[None]:
    """What fails inside is a Fault of this problem, but for rejected draws and the user's mistakes.

    A problem without a seed is somebody's own numbers.
    """
    try:
        yield
    except (Reject, Unfair, UserError):
        raise
    except Fault as fault:
        _place(fault, template, seed, level)
        raise
    except Exception as error:
        wrapped = Fault(*blame(template.path, error))
        _place(wrapped, template, seed, level)
        raise wrapped from error


def _place(fault: Fault, template: Template, seed: int | None, level: int) -> None:
    drawn = "own numbers" if seed is None else f"seed {seed}"
    fault.where = f"{template.id} v{template.problem.version}, level {level}, {drawn}"
    asked = "--given FILE" if seed is None else f"--seed {seed}"
    fault.replay = f"penwork show {template.id} {asked} --level {level}"
