"""Short names for the parts of an instance."""

from __future__ import annotations

from dataclasses import replace

from penwork.model import Answer, AnswerType, Box, Certificate, Instance, Line, Step, StepKind


def line(lhs: str, *chain: tuple[str, str], kept: bool | None = None) -> Line:
    return Line(lhs, chain, kept)


def step(
    name: str, part: str, why: str, *lines: Line, kind: StepKind = "let", decision: str = ""
) -> Step:
    return Step(name, kind, part, why, lines, 0, True, True, decision)


def answer(
    name: str, kind: AnswerType, boxes: tuple[Box, ...], printed: str, places: int | None = None
) -> Answer:
    return Answer(name, kind, 0, 0, places, boxes, places is None, printed)


def instance(name: str, title: str, **fields: object) -> Instance:
    base = Instance(
        id=name,
        title=title,
        draws=1,
        version=1,
        level=2,
        seed=901774,
        attempt=0,
        given={},
        statement="",
        parts=(),
        steps=(),
        answers={},
        asked=(),
        effort=25,
        minutes=9,
        aids="none",
        slips=(),
        insight="",
        figures=(),
        certificate=Certificate(("finite differences", "SymPy"), 12, 9),
    )
    return replace(base, **fields)  # type: ignore[arg-type]
