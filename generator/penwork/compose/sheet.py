"""A sheet as data: numbered problems, totals, what the head says, and room for the work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from penwork.compose.recipe import Recipe, Space
from penwork.model import Instance, Line, Step

SQUARE = 5
LEAST_ROOM = 25
MOST_ROOM = 240


@dataclass(frozen=True, slots=True)
class Numbered:
    """A problem in its place; `room` is the height of squared paper in millimetres."""

    number: int
    instance: Instance
    room: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that press needs to print a worksheet and its key."""

    title: str
    recipe: Recipe
    problems: tuple[Numbered, ...]
    points: int
    minutes: int
    remarks: str
    needs_strip: bool

    @property
    def values_checked(self) -> int:
        return sum(p.instance.certificate.values_checked for p in self.problems)

    @property
    def equations_checked(self) -> int:
        return sum(p.instance.certificate.equations_checked for p in self.problems)


def lay_out(recipe: Recipe, instances: Sequence[Instance], default_title: str) -> Sheet:
    """The sheet of a recipe and the instances that its items gave."""
    return sheet_of(
        recipe, [numbered(n, i, recipe.space) for n, i in enumerate(instances, 1)], default_title
    )


def sheet_of(recipe: Recipe, problems: Sequence[Numbered], default_title: str) -> Sheet:
    """The sheet of a recipe and its problems."""
    instances = [problem.instance for problem in problems]
    minutes = sum(instance.minutes for instance in instances)
    return Sheet(
        title=recipe.title or default_title,
        recipe=recipe,
        problems=tuple(problems),
        points=sum(instance.points for instance in instances),
        minutes=minutes,
        remarks=" ".join(
            sentence
            for sentence in (_decimals(instances), _aids(instances), _duration(minutes))
            if sentence
        ),
        needs_strip=any(instance.aids == "strip" for instance in instances),
    )


def numbered(number: int, instance: Instance, space: Space) -> Numbered:
    """An instance in its place."""
    return Numbered(number, instance, room(instance, space))


def room(instance: Instance, space: Space) -> int:
    """Millimetres of squared paper: a square for each row of the solution, half a one between."""
    if space == "none":
        return 0
    halves = sum(_half_squares(step) for step in instance.steps if step.printed)
    squares = -(-halves // (4 if space == "compact" else 2))
    return min(MOST_ROOM, max(LEAST_ROOM, squares * SQUARE))


def _half_squares(step: Step) -> int:
    if step.kind == "choose":
        return 2 * len(step.lines) + 1
    return sum(2 * _rows(line) + 1 for line in step.lines)


def _rows(line: Line) -> int:
    return max((text.count(r"\\") + 1 for _, text in line.chain), default=1)


def _decimals(instances: Sequence[Instance]) -> str:
    asked = [instance.answers[name] for instance in instances for name in instance.asked]
    rounded = {answer.places for answer in asked if not answer.exact and answer.places is not None}
    exact = any(answer.exact and answer.type in ("number", "vector", "matrix") for answer in asked)
    if not rounded:
        return "Answer exactly." if exact else ""
    return f"Work with four decimals; round as a box says{', else answer exactly' * exact}."


def _aids(instances: Sequence[Instance]) -> str:
    aids = {instance.aids for instance in instances}
    allowed = [
        words
        for aid, words in (("strip", "the strip"), ("calculator", "a calculator"))
        if aid in aids
    ]
    return f"Aids: {' and '.join(allowed) or 'none'}."


def _duration(minutes: int) -> str:
    if minutes < 100:
        return f"About {minutes} {'minute' if minutes == 1 else 'minutes'}."
    hours, rest = divmod(5 * round(minutes / 5), 60)
    return f"About {hours} h {rest} min." if rest else f"About {hours} h."
