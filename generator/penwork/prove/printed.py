"""Faults brought in after solve, into what is printed: which rule catches each of them?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Literal, NamedTuple

from penwork import instance
from penwork.certify import certify_statement, certify_steps
from penwork.errors import Fault
from penwork.ledger import certify_lines
from penwork.model import Instance, Line, Step
from penwork.needs import needed_steps
from penwork.problem import Template
from penwork.writing.statement import WORDS, read_back

_PAD = re.compile(r"\\z\{[^{}]*\}")


class Printed(NamedTuple):
    """What became of one fault: the rule that caught it, or "" where none did."""

    kind: str
    where: str
    seed: int
    rule: str


def spoil(template: Template, made: Instance) -> list[Printed]:
    """Spoil every line, given and step of an instance, one at a time."""
    stored = dict(made.given)
    exact = instance.solve(template, stored, strict=False)
    needed = needed_steps(exact, made.asked)
    declared = template.problem.given

    def key(steps: Sequence[Step]) -> None:
        certify_steps(exact.records, needed, steps)
        certify_lines(declared, stored, exact.records, steps)

    def statement(texts: Sequence[str]) -> None:
        certify_statement(declared, stored, texts)

    texts = [made.statement, *(part.text for part in made.parts)]
    return [
        *(Printed(kind, where, made.seed or 0, _rule(key, wrong))
          for kind, where, wrong in _keys(made.steps)),
        *(Printed("a given in the statement", where, made.seed or 0, _rule(statement, wrong))
          for where, wrong in _statements(texts)),
    ]  # fmt: skip


def _rule(certify: Callable[[Any], None], wrong: Any) -> str:
    try:
        certify(wrong)
    except Fault as fault:
        return fault.rule
    return ""


def _keys(steps: Sequence[Step]) -> Iterator[tuple[str, str, list[Step]]]:
    for i, step in enumerate(steps):
        before, after = list(steps[:i]), list(steps[i + 1 :])
        yield "a step left out", step.name, before + after
        if after:
            yield "two steps swapped", step.name, [*before, after[0], step, *after[1:]]
        for j, line in enumerate(step.lines):
            for kind, wrong in _lines(line):
                lines = (*step.lines[:j], wrong, *step.lines[j + 1 :])
                yield kind, step.name, [*before, replace(step, lines=lines), *after]


def _lines(line: Line) -> Iterator[tuple[str, Line]]:
    for printed in _digits(line.printed):
        yield "a digit of a printed value", _rewritten(line, "printed", printed)
    if not line.to_numbers:
        return
    for numbers in _digits(line.numbers):
        yield "a digit of an operand", _rewritten(line, "numbers", numbers)
    for i, operand in enumerate(line.operands):
        for digits in _digits(operand.printed):
            noted = operand._replace(printed=digits)
            wrong = _rewritten(line, "numbers", line.numbers.replace(operand.printed, digits, 1))
            operands = (*line.operands[:i], noted, *line.operands[i + 1 :])
            yield "an operand, and the note of it", wrong._replace(operands=operands)


def _rewritten(line: Line, part: Literal["printed", "numbers"], text: str) -> Line:
    """The line with another text for one of its parts, in print as well."""
    old = getattr(line, part)
    chain = tuple((sign, text if said == old else said) for sign, said in line.chain)
    if part == "printed":
        return line._replace(chain=chain, printed=text)
    return line._replace(chain=chain, numbers=text)


def _digits(text: str) -> Iterator[str]:
    """The text with the last digit of one of its numbers raised by one."""
    padding = [found.span() for found in _PAD.finditer(text)]
    for number in re.finditer(r"\d+(?:\.\d+)?", text):
        at = number.end() - 1
        if not any(first <= at < last for first, last in padding):
            yield f"{text[:at]}{(int(text[at]) + 1) % 10}{text[at + 1 :]}"


def _statements(texts: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    for i, text in enumerate(texts):
        for macro, path, printed in read_back([text]):
            head = text.index(rf"\{macro}{{{path}}}")
            at = text.index(f"{{{printed}}}", head + len(macro) + len(path) + 2) + 1
            for wrong in _told_wrongly(macro, printed):
                spoilt = text[:at] + wrong + text[at + len(printed) :]
                yield path, [*texts[:i], spoilt, *texts[i + 1 :]]


def _told_wrongly(macro: str, printed: str) -> Iterator[str]:
    if printed in WORDS:
        yield WORDS[(WORDS.index(printed) + 1) % len(WORDS)]
    elif macro in ("word", "said"):
        yield {"yes": "no", "no": "yes"}.get(printed, f"{printed[:-1]}x{printed[-1:]}")
    else:
        yield from _digits(printed)
