"""The keys of papers: their TeX, and the data by which a key alone can be made again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from penwork.compose.exams.plan import with_marks
from penwork.compose.exams.words import WORDS, Words
from penwork.compose.recipe import Paper as Size
from penwork.compose.sheet import Numbered
from penwork.document import document, dumps
from penwork.model import Instance
from penwork.press import lines
from penwork.press.exams.sources import Exam, Script, accented, form_said, running, with_bridge
from penwork.press.render import environment, key_geometry, solution


@dataclass(frozen=True, slots=True)
class Solved:
    """A problem of a key: its number, its instance with the marks, the parts that it was cut to."""

    number: int
    instance: Instance
    letters: tuple[str, ...]
    bridges: tuple[str, ...] = ()
    void: bool = False


@dataclass(frozen=True, slots=True)
class Key:
    """All that a key prints."""

    exam: str
    title: str
    language: str
    paper: Size
    form: str
    whose: str
    problems: tuple[Solved, ...]


def key_of(exam: Exam, script: Script) -> Key:
    """The key of a paper."""
    spec, paper = exam.spec, script.paper
    problems = []
    for place, index, instance in zip(exam.places, paper.slots, script.instances, strict=True):
        slot = exam.slots[index]
        marked = with_marks(instance, slot.marks)
        void = index in exam.void
        problems.append(Solved(place.number, marked, slot.letters, slot.bridges, void))
    whose = ", ".join(filter(None, (form_said(exam, paper.who), running(exam, paper))))
    return Key(
        spec.exam_id,
        spec.title,
        spec.language,
        spec.paper,
        paper.form,
        whose,
        tuple(problems),
    )


def key_data(key: Key) -> bytes:
    """What a key carries: each problem as `show --json` gives it, and what stands around them."""
    problems = [
        {
            "number": each.number,
            "letters": list(each.letters),
            "offers": list(each.bridges),
            **({"void": True} if each.void else {}),
            **document(each.instance),
        }
        for each in key.problems
    ]
    head = {name: getattr(key, name) for name in HEAD}
    return dumps({**head, "problems": problems}).encode()


HEAD = ("exam", "title", "language", "paper", "form", "whose")


def keys_source(keys: Sequence[Key], wide: frozenset[str] = frozenset()) -> str:
    """The keys of a batch, each beginning on a new page; those in `wide` at full width.

    A problem is named there by form and number: "K7M4QXR 3".
    """
    return _fill(keys[0], [_key(key, wide) for key in keys])


def keys_specimen(key: Key) -> str:
    """The page of letters alone that begins the keys of an exam."""
    return _fill(key, [])


def _fill(one: Key, keys: Sequence[Mapping[str, Any]]) -> str:
    return (
        environment()
        .get_template("keys.tex.j2")
        .render(
            geometry=key_geometry(one.paper),
            words=WORDS[one.language],
            exam_title=one.title,
            letters=accented(one.title),
            keys=keys,
        )
    )


def _key(key: Key, wide: frozenset[str]) -> Mapping[str, Any]:
    certificates = [each.instance.certificate for each in key.problems]
    words = WORDS[key.language]
    points = {each.number: each.instance.points for each in key.problems}
    void = [each.number for each in key.problems if each.void]
    return {
        "form": key.form,
        "whose": key.whose,
        "erratum": words.erratum_said(points, void) if void else "",
        "checked": words.checked(
            sum(c.values_checked for c in certificates),
            sum(c.equations_checked for c in certificates),
        ),
        "problems": [_solved(words, key.form, each, wide) for each in key.problems],
    }


def _solved(words: Words, form: str, problem: Solved, wide: frozenset[str]) -> dict[str, Any]:
    is_wide = f"{form} {problem.number}" in wide
    there = solution(Numbered(problem.number, problem.instance, 0), is_wide, False)
    there["void"] = problem.void
    for block in there["blocks"]:
        if problem.void:
            block["marks"] = ""
        block["bridged"] = _bridged(words, problem.instance, block["letter"])
    there["mark"] = f"{form} {there['mark']}"
    return there


def _bridged(words: Words, instance: Instance, letter: str) -> list[dict[str, Any]]:
    """A part once more, from the numbers that an earlier one offers."""
    return [
        {
            "said": with_bridge(words, bridge.values),
            "steps": [lines.worked(step) for step in part.steps],
            "widest": lines.left_sides(part.steps),
            "answers": lines.handed_in(part.answers),
        }
        for bridge in instance.bridges
        for part in bridge.parts
        if part.letter == letter
    ]
