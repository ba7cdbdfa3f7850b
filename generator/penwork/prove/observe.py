"""What the audit notes of one instance, small enough to send between processes."""

from __future__ import annotations

import hashlib
import re
from typing import Any, NamedTuple

from penwork.answers import rounded
from penwork.certify import flatten
from penwork.model import Answer, Instance
from penwork.numbers import is_exact
from penwork.prove.loose import Said, said_in

_PADDING = re.compile(r"\\,|\\z\{[\d.]*\}")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
CHOICES = ("choice", "text", "sequence")


class Handed(NamedTuple):
    """One asked answer: as it is printed, whether the statement prints it, which option it is."""

    name: str
    printed: str
    words: bool
    told: bool
    position: int
    options: int


class Picked(NamedTuple):
    """A decision: the place of what was kept among its candidates."""

    step: str
    position: int
    options: int


class Seen(NamedTuple):
    """One instance of one seed."""

    seed: int
    ms: float
    stages: tuple[float, ...]
    tries: int
    given: str
    effort: float
    digits: int
    decimals: int
    slips: int
    coinciding: int
    silent: dict[str, str | None]
    handed: tuple[Handed, ...]
    picked: tuple[Picked, ...]
    said: tuple[Said, ...]


def observe(instance: Instance, stages: tuple[float, ...]) -> Seen:
    """The facts of an instance that was made in the time of these stages."""
    told = _told(instance)
    digits, decimals = _longest(instance)
    return Seen(
        seed=instance.seed or 0,
        ms=sum(stages),
        stages=stages,
        tries=(instance.attempt or 0) + 1,
        given=hashlib.blake2b(repr(instance.given).encode(), digest_size=8).hexdigest(),
        effort=float(instance.effort),
        digits=digits,
        decimals=decimals,
        slips=len(instance.slips),
        coinciding=sum(", or " in slip.name for slip in instance.slips),
        silent=dict(instance.silent),
        handed=tuple(_handed(instance.answers[name], told) for name in instance.asked),
        picked=tuple(_picked(instance)),
        said=said_in(instance),
    )


def _told(instance: Instance) -> set[Any]:
    """Every number that the statement prints as a given."""
    return {number for stored in instance.given.values() for number in _numbers(stored)}


def _numbers(stored: Any) -> list[Any]:
    if isinstance(stored, dict):
        return [number for entry in stored.values() for number in _numbers(entry)]
    return [
        number
        for number in flatten(stored)
        if is_exact(number) or (isinstance(number, int) and not isinstance(number, bool))
    ]


def _handed(answer: Answer, told: set[Any]) -> Handed:
    words = answer.type in CHOICES
    known = not words and all(n in told for n in rounded(answer.value, answer.places))
    options = answer.boxes[0].note.split(" / ") if answer.type == "choice" else []
    position = options.index(answer.value) if answer.value in options else -1
    return Handed(answer.name, answer.printed, words, known, position, len(options))


def _picked(instance: Instance) -> list[Picked]:
    return [
        Picked(step.name, [line.kept for line in step.lines].index(True), len(step.lines))
        for step in instance.steps
        if step.kind == "choose" and len(step.lines) > 1 and any(line.kept for line in step.lines)
    ]


def _longest(instance: Instance) -> tuple[int, int]:
    """The most digits and the most decimals of a number that a student writes down."""
    printed = [line.printed for step in instance.steps for line in step.lines]
    printed += [instance.answers[name].printed for name in instance.asked]
    numbers = [n for text in printed for n in _NUMBER.findall(_PADDING.sub("", text))]
    digits = max((len(n.replace(".", "").lstrip("0")) for n in numbers), default=0)
    return digits, max((len(n.partition(".")[2]) for n in numbers), default=0)
