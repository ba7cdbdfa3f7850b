"""A problem with its solution as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from penwork.model import Answer, Instance, Line, Part, Step
from penwork.readable.box import Box, beside
from penwork.readable.boxes import cells, flow, formula, prose, words

INDENT = "    "


@dataclass(frozen=True, slots=True)
class Row:
    """A row of text and how it is set off on a terminal: "bold", "italic", "dim" or ""."""

    text: str
    style: str = ""


def worked(instance: Instance, width: int) -> list[Row]:
    """Title, statement, parts, solution by part, answers, slips, insight, certificate."""
    return list(_worked(instance, width))


def _worked(instance: Instance, width: int) -> Iterator[Row]:
    seed = "own numbers" if instance.seed is None else f"seed {instance.seed}"
    yield Row(instance.title, "bold")
    yield Row(f"{instance.id} v{instance.version}, level {instance.level}, {seed}", "dim")
    yield Row(f"{_points(instance.points)}, {instance.minutes} min", "dim")
    yield Row("")
    yield from _rows(prose(instance.statement, width), indent="")
    for part in instance.parts:
        yield from _task(instance, part, width)
    yield from _heading("Solution")
    for part in instance.parts:
        yield from _solution(instance, part, width)
    yield from _closing(instance, width)


def _task(instance: Instance, part: Part, width: int) -> Iterator[Row]:
    yield Row("")
    lines = prose(part.text, width - len(INDENT) - 6)
    for number, line in enumerate(lines):
        head = f"{part.letter})" if number == 0 else ""
        tail = f"  [{part.points}]" if number == len(lines) - 1 else ""
        yield Row(f"{head:<{len(INDENT)}}{line}{tail}")
    for name in part.asks:
        if instance.answers[name].type == "choice":
            options = flow(words(choices(instance.answers[name])), width - len(INDENT), hang=4)
            yield from _rows(options, style="dim")


def choices(answer: Answer) -> str:
    """What there is to choose from, as under the answer's box on paper."""
    (box,) = answer.boxes
    return f"{box.label or answer.name}: {box.note}"


def _solution(instance: Instance, part: Part, width: int) -> Iterator[Row]:
    yield Row("")
    yield Row(f"{part.letter})", "bold")
    steps = [step for step in instance.steps if step.part == part.letter and step.printed]
    for step in steps:
        yield from _step(step, width)
    for name in part.asks:
        if not steps:
            yield from _rows(prose(instance.answers[name].why, width - len(INDENT)), "italic")
        yield from _rows(_answer(instance.answers[name], width), style="bold")


def _step(step: Step, width: int) -> Iterator[Row]:
    yield from _rows(prose(step.why, width - len(INDENT)), style="italic")
    for line in step.lines:
        yield from _rows(_line(line, width - len(INDENT)))
    yield from _rows(prose(step.decision, width - len(INDENT)))


def _line(line: Line, width: int) -> list[str]:
    mark = {None: "", True: "→ ", False: "  "}[line.kept]
    pieces = [beside((Box((mark,)), formula(line.lhs)))]
    for relation, text in line.chain:
        sign = formula(relation).text.strip()
        pieces.append(beside((Box((f"{sign} " if sign else "",)), formula(text))))
    return flow(pieces, width, hang=4)


def _answer(answer: Answer, width: int) -> list[str]:
    note = "" if answer.places is None else f"  ({answer.places} decimals)"
    return flow([Box(("⇒",)), *_handed_in(answer), Box((note,))], width - len(INDENT))


def _handed_in(answer: Answer) -> Iterator[Box]:
    name = answer.name.replace("_", " ")
    if answer.type in ("choice", "text", "sequence"):
        label = answer.boxes[0].label if len(answer.boxes) == 1 else ""
        yield from (*words(f"{label or name}:"), *words(answer.printed))
    elif answer.type == "vector" and all(box.shape == () for box in answer.boxes):
        entries = [
            f"{b.label} = {c}" for b, c in zip(answer.boxes, cells(answer.printed), strict=True)
        ]
        yield formula(", ".join(entries))
    else:
        label = answer.boxes[0].label
        said = beside((formula(label), Box((" = ",)))) if label else Box((f"{name}: ",))
        yield beside((said, formula(answer.printed)))


def _closing(instance: Instance, width: int) -> Iterator[Row]:
    if instance.slips:
        yield from _heading("If you got")
        for slip in instance.slips:
            belief = f" ({slip.belief})" if slip.belief else ""
            text = words(f"{slip.latex}: {slip.name}{belief}")
            yield from _rows(flow(text, width - len(INDENT), hang=4))
    if instance.insight:
        yield Row("")
        yield from _rows(prose(instance.insight, width), indent="")
    certificate = instance.certificate
    yield Row("")
    routes = "; ".join(certificate.routes)
    said = (
        f"Checked: {certificate.values_checked} values, {certificate.equations_checked}"
        f" equations. Another route: {routes}."
    )
    yield from _rows(prose(said, width), style="dim", indent="")


def _heading(text: str) -> Iterator[Row]:
    yield Row("")
    yield Row(text, "bold")


def _rows(lines: list[str], style: str = "", indent: str = INDENT) -> Iterator[Row]:
    return (Row(f"{indent}{line}".rstrip(), style) for line in lines)


def _points(count: int) -> str:
    return f"{count} point" if count == 1 else f"{count} points"
