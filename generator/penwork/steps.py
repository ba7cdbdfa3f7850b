"""The steps and parts of an instance as its key shows them."""

from __future__ import annotations

import re
from typing import Any

from penwork.errors import Fault
from penwork.maths.records import is_true
from penwork.maths.value import Value
from penwork.maths.work import Work
from penwork.model import Part, Step, points_of
from penwork.needs import sources_of
from penwork.writing.lines import decision_text, write_lines
from penwork.writing.pen import Paper
from penwork.writing.plain import plain_text
from penwork.writing.statement import Prose, render_sentence

_MARKS = re.compile(r"[MAB][1-9]\d*(ft)?( [MAB][1-9]\d*(ft)?)*").fullmatch


def steps_of(exact: Work, prose: Prose, needed: set[str]) -> tuple[Step, ...]:
    """The needed steps with their printed lines, each under the part that it belongs to."""
    letters = {name: letter_of(i) for i, part in enumerate(prose.parts) for name in part.asks}
    ends = [(claim.after, letters[claim.name]) for claim in exact.claims if claim.name in letters]
    ends.sort()
    steps, paper = [], Paper()
    said: set[tuple[str, str]] = set()
    for at, record in enumerate(exact.records):
        if record.name not in needed:
            continue
        letter = next((part for end, part in ends if end > at), letter_of(0))
        lines = write_lines(record, paper)
        exact_here = all(line.chain[-1][0] != r"\approx" for line in lines)
        why = "" if (letter, record.why) in said else record.why
        said.add((letter, record.why))
        steps.append(
            Step(
                record.name,
                record.kind,
                letter,
                why,
                lines,
                value_of(record.result),
                exact_here,
                True,
                decision_text(record),
            )
        )
    return tuple(steps)


def value_of(result: Any) -> Any:
    """What a step came to: a number, words, or an expression in free symbols as text."""
    if not isinstance(result, Value):
        return result
    return plain_text(result) if result.free else result.data


def letter_of(index: int) -> str:
    """What a part is called."""
    return "abcdefghijklmnop"[index]


def parts_of(prose: Prose) -> tuple[Part, ...]:
    """The parts of a statement; each must have marks."""
    parts = []
    for i, part in enumerate(prose.parts):
        points = points_of(part.marks)
        if not points or not _MARKS(part.marks):
            raise Fault(
                "statement",
                f'part {letter_of(i)} has the marks {part.marks!r}: write marks="M2 A1" (M method,'
                " A accuracy, B independent, A1ft)",
            )
        parts.append(Part(letter_of(i), part.text, part.asks, points, part.marks))
    return tuple(parts)


def insight_of(exact: Work, certified: set[str]) -> str:
    """The first that is true; its numbers are printed in the key too, or found by check."""
    for insight in exact.insights:
        if insight.holds is None or is_true(insight.holds, f"holds of {insight.text[:40]!r}"):
            for name in sources_of(list(insight.values.values())):
                if name not in certified:
                    raise Fault(
                        "insight", "prints a number that is in no line nor found by check", name
                    )
            return render_sentence(insight.text, insight.values)
    return ""
