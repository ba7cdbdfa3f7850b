"""The certificate: every rule that an instance must pass before it may be printed.

Rules 1-4 (check, float run, written lines, statement) raise Fault: a bug, never drawn again.
Rules 5 and 6 (slips, effort and sizes) raise Reject: the next try is drawn.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from gmpy2 import mpq

from penwork.errors import Fault, Reject
from penwork.maths.fields import array
from penwork.maths.given import Given, Table, Vector
from penwork.maths.work import Record
from penwork.model import Answer, Line, Operand, Slip, Step
from penwork.numbers import EXACTLY, is_exact, show
from penwork.writing.digits import digits_tex, number_tex
from penwork.writing.lines import EQUAL, NEARLY
from penwork.writing.reader import Near, Unreadable, difference, read
from penwork.writing.statement import entries_of, printed_paths, read_back, same_as_printed

COVERAGE = 0.6
RELATIVE = 1e-6
ABSOLUTE = 1e-10


# ── 1: another route ──


def agree(claimed: Any, found: Any) -> bool:
    """Whether a claimed value (exact) and a found one (plain numbers, words) are the same."""
    one, other = flatten(claimed), flatten(found)
    return len(one) == len(other) and all(map(_same, one, other))


def flatten(value: Any) -> list[Any]:
    if isinstance(value, np.ndarray):
        return list(value.flat)
    if isinstance(value, (list, tuple)):
        return [entry for part in value for entry in flatten(part)]
    return [value]


def _same(claimed: Any, found: Any) -> bool:
    if isinstance(claimed, str) or isinstance(found, str):
        return bool(claimed == found)
    if not isinstance(found, float) and is_exact(claimed):
        return bool(claimed == mpq(found))
    one, other = float(claimed), float(found)
    if not (math.isfinite(one) and math.isfinite(other)):
        return one == other
    return abs(one - other) <= ABSOLUTE + RELATIVE * abs(one)


def certify_check(
    found: Mapping[str, Any],
    answers: Mapping[str, Any],
    records: Sequence[Record],
    covered_by_answers: Mapping[str, set[str]],
    exceptions: Mapping[str, str],
) -> int:
    """Another method finds every answer and most steps. Returns how many values it confirmed."""
    if not found:
        raise Fault("check", "check looked at nothing: let it return every answer")
    steps = {record.name: record.result.data for record in records if record.kind == "let"}
    missing = [name for name in answers if name not in found]
    if missing and "check" not in exceptions:
        raise Fault("check", f"check leaves out the answer {missing[0]!r}", missing[0])
    values = 0
    for name, value in found.items():
        claimed = answers.get(name, steps.get(name))
        if claimed is None:
            continue
        if not agree(claimed, value):
            raise Fault("check", f"check finds {_short(value)}, solve {_short(claimed)}", name)
        values += len(flatten(value))
    covered = set(found) & set(steps)
    for name in found:
        covered |= covered_by_answers.get(name, set())
    share = len(covered & set(steps)) / max(len(steps), 1)
    if share < COVERAGE and "coverage" not in exceptions:
        left_out = ", ".join(sorted(set(steps) - covered)[:4])
        raise Fault("check", f"check covers {share:.0%} of the steps (60 % needed): add {left_out}")
    return values


def _short(value: Any) -> str:
    text = ", ".join(str(x) if isinstance(x, str) else f"{float(x):.6g}" for x in flatten(value)[:4])
    return f"[{text}]" if len(flatten(value)) > 1 else text


# ── 2: another arithmetic ──


def certify_float(records: Sequence[Record], floats: Sequence[Record]) -> None:
    """The same formulas in float64 give the same numbers: the evaluator is right."""
    if [r.name for r in records] != [r.name for r in floats]:
        raise Fault("float", "the float run took other steps than the exact run")
    for exact, other in zip(records, floats, strict=True):
        if exact.kind != "let":
            continue
        for a, b in zip(flatten(exact.result.data), flatten(other.result.data), strict=True):
            if float(a) != b and not abs(float(a) - b) <= 1e-9 + 1e-9 * abs(float(a)):
                raise Fault("float", f"float64 gives {b!r}, exact {float(a)!r}", exact.name)


# ── 3: the written lines ──


@dataclass(frozen=True, slots=True)
class Known:
    """How a given or a result stands in print: the text of every entry, and its value."""

    texts: Mapping[tuple[Any, ...], str]
    values: Any
    row: bool


class Ledger:
    """What has been printed so far, by step; operands and symbols are looked up here."""

    def __init__(self) -> None:
        self.known: dict[str, Known] = {}
        self.equations = 0

    def add_given(self, name: str, declaration: Given, stored: Any) -> None:
        if isinstance(declaration, Table):
            cells = {(r, c): x for r, row in stored.items() for c, x in row.items()}
            texts = {at: self._text(x, EXACTLY, declaration.style) for at, x in cells.items()}
            self.known[name] = Known(texts, cells, False)
            return
        data = array(stored)
        if stored is None or isinstance(stored, (bool, str)) or _words(data):
            return
        data = mpq(data) if isinstance(data, int) else data
        pairs = np.ndenumerate(data) if isinstance(data, np.ndarray) else [((), data)]
        texts = {at: self._text(x, EXACTLY, declaration.style) for at, x in pairs}
        row = isinstance(declaration, Vector) and declaration.row
        self.known[name] = Known(texts, data, row)

    @staticmethod
    def _text(number: Any, places: int, style: Any) -> str:
        return number_tex(number, places, style)

    def read_line(self, name: str, index: tuple[Any, ...], line: Line, value: Any, places: int,
                  style: Any, row: bool) -> None:
        """Read one line again, and remember what it printed."""
        step = name if not index else f"{name} {index[0] + 1}"
        printed = self._read(line.printed, {}, {}, step)
        expected = _map(lambda x: show(x, places, style).value, value)
        if not difference(_shaped(expected, row), printed)[0]:
            raise Fault("lines", f"prints {line.printed} for {_short(value)}", step)
        self._check_operands(line, step)
        halves = _map(lambda x: show(x, places, style).half_unit, value)
        result = _map_two(Near, _shaped(expected, row), _shaped(halves, row))
        self._check_sides(line, result, printed, step)
        self._remember(name, index, expected, halves, places, style, row)

    def _remember(self, name: str, index: tuple[Any, ...], expected: Any, halves: Any, places: int,
                  style: Any, row: bool) -> None:
        values = _map_two(lambda v, h: Near(v, h) if h else v, expected, halves)
        pairs = np.ndenumerate(values) if isinstance(values, np.ndarray) else [((), values)]
        texts = {index + at: _said(x, places, style) for at, x in pairs}
        if index:
            old = self.known.get(name)
            texts = {**(old.texts if old else {}), **texts}
            values = {**(old.values if old else {}), index: values}
        self.known[name] = Known(texts, values, row)

    def _check_operands(self, line: Line, step: str) -> None:
        for operand in line.operands:
            before = self._printed_before(operand)
            if before != operand.printed:
                raise Fault(
                    "operands",
                    f"prints {operand.printed} for {operand.source}, which was {before} before", step,
                )
        here = Counter(_numbers(line.numbers))
        there: Counter[str] = Counter()
        for text in (*(o.printed for o in line.operands), *line.constants):
            there.update(_numbers(text))
        if line.numbers and here != there:
            odd = next(iter((here - there) | (there - here)))
            raise Fault("operands", f"the number {odd} stands in no earlier line", step)

    def _printed_before(self, operand: Operand) -> str:
        known = self.known.get(operand.source)
        if known is None:
            raise Fault("operands", f"uses {operand.source}, which is printed nowhere")
        if "size" in operand.index:
            return str(np.shape(known.values)[operand.index[-1]])
        return known.texts.get(operand.index, "nowhere")

    def _check_sides(self, line: Line, result: Any, printed: Any, step: str) -> None:
        rounded = {
            operand.printed.lstrip("-"): self._half(operand) for operand in line.operands if operand.rounded
        }
        if line.to_numbers:
            self.equations += 1
            side = self._read(line.numbers, {}, rounded, step)
            exactly = self._read(line.numbers, {}, {}, step)
            if not difference(side, result)[1]:
                raise Fault("lines", f"{line.numbers} is not {line.printed}", step)
            if (line.to_printed == EQUAL) != difference(exactly, printed)[0]:
                wrong = f"{line.numbers} {line.to_printed} {line.printed}"
                raise Fault("lines", f"{wrong} has the wrong sign", step)
            if (line.to_numbers == NEARLY) != bool(rounded):
                wrong = f"{line.symbols} {line.to_numbers} {line.numbers}"
                raise Fault("lines", f"{wrong} has the wrong sign", step)
        if line.symbols:
            self.equations += 1
            side = self._read(line.symbols, self._names(line), {}, step)
            if not difference(side, result)[1]:
                raise Fault("lines", f"{line.symbols} is not {line.printed}", step)

    def _half(self, operand: Operand) -> Any:
        known = self.known[operand.source]
        value = known.values[operand.index] if operand.index else known.values
        return value.off if isinstance(value, Near) else mpq(0)

    def _names(self, line: Line) -> dict[str, Any]:
        return {tex: self._look_up(source, index) for tex, source, index in line.names}

    def _look_up(self, source: str, index: tuple[Any, ...]) -> Any:
        known = self.known.get(source)
        if known is None:
            raise Fault("operands", f"names {source}, which is printed nowhere")
        values = known.values
        if isinstance(values, dict):
            return values[index]
        letters = [i for i in index if isinstance(i, str)]
        at = tuple(i for i in index if isinstance(i, int))
        if letters == ["size"]:
            return mpq(np.shape(values)[index[-1]])
        if letters == ["columns"]:
            return values[:, index[-2] : index[-1]]
        if letters == ["rows"]:
            return values[index[-2] : index[-1]]
        part = values[at] if at else values
        return _shaped(part, known.row if not at else True) if not letters else _shaped(part, False)

    def _read(self, text: str, names: Mapping[str, Any], rounded: Mapping[str, Any], step: str) -> Any:
        try:
            return read(text, names, rounded)
        except (Unreadable, ValueError, TypeError, ArithmeticError) as error:
            raise Fault("lines", f"cannot read {text} again: {error}", step) from error


def _said(value: Any, places: int, style: Any) -> str:
    if isinstance(value, Near) and value.off:
        return digits_tex(_rounded_shown(value, places, style))
    return number_tex(value.value if isinstance(value, Near) else value, places, style)


def _rounded_shown(value: Near, places: int, style: Any) -> Any:
    from penwork.numbers import Shown, decimal

    if value.off * 2 * 10**places == 1:
        return Shown("decimal", decimal(value.value, places), value.value, False)
    exponent = 0
    while value.off * 200 != mpq(10) ** exponent:
        exponent -= 1
    digits = f"{decimal(value.value / mpq(10) ** exponent, 2)}e{exponent}"
    return Shown("scientific", digits, value.value, False)


def _words(data: Any) -> bool:
    return isinstance(data, np.ndarray) and data.size > 0 and isinstance(data.flat[0], str)


def _numbers(text: str) -> list[str]:
    return re.findall(r"\d+(?:\.\d+)?", re.sub(r"\\,|\\z\{[\d.]*\}", "", text))


def _shaped(data: Any, row: bool) -> Any:
    if isinstance(data, np.ndarray) and data.ndim == 1:
        return data[None, :] if row else data[:, None]
    return data


def _map(function: Callable[[Any], Any], data: Any) -> Any:
    if not isinstance(data, np.ndarray):
        return function(data)
    out = np.empty(data.shape, dtype=object)
    out.flat = [function(x) for x in data.flat]
    return out


def _map_two(function: Callable[[Any, Any], Any], one: Any, other: Any) -> Any:
    if not isinstance(one, np.ndarray):
        return function(one, other)
    out = np.empty(one.shape, dtype=object)
    out.flat = [function(a, b) for a, b in zip(one.flat, other.flat, strict=True)]
    return out


def certify_lines(
    declared: Mapping[str, Given], stored: Mapping[str, Any], records: Sequence[Record],
    steps: Sequence[Step],
) -> int:
    """Every printed line, parsed back, holds. Returns how many equations were read."""
    ledger = Ledger()
    for name, declaration in declared.items():
        ledger.add_given(name, declaration, stored[name])
    by_name = {record.name: record for record in records}
    for step in steps:
        record = by_name[step.name]
        if step.kind == "let":
            name = record.result.name
            ledger.read_line(step.name, (), step.lines[0], record.result.data, name.places,
                             name.style, record.result.row)
        elif step.kind == "choose":
            for i, (line, (score, _)) in enumerate(zip(step.lines, record.options, strict=True)):
                ledger.read_line(step.name, (i,), line, score.data, score.name.places,
                                 score.name.style, False)
        elif step.kind == "compare":
            ledger.read_line(step.name, (), step.lines[0], record.comparison[0].data, 4, "decimal", False)
    if not ledger.equations:
        raise Fault("lines", "no printed line was read: the key shows no formula")
    return ledger.equations


# ── 4: the statement ──


def certify_statement(
    declared: Mapping[str, Given], stored: Mapping[str, Any], texts: Sequence[str]
) -> int:
    """The statement tells every given, and rightly. Returns how many values it tells."""
    told: dict[str, list[str]] = {}
    for _, path, printed in read_back(texts):
        told.setdefault(path, []).append(printed)
    for name, declaration in declared.items():
        if stored[name] is None:
            continue
        for path, value in printed_paths(name, declaration, stored[name]).items():
            entries = entries_of(path, value)
            if path not in told and entries and all(entry in told for entry in entries):
                continue
            if path not in told:
                raise Fault("statement", f"the statement does not tell the given {path!r}")
    return sum(_certify_path(declared, stored, path, printed) for path, printed in told.items())


def _certify_path(
    declared: Mapping[str, Given], stored: Mapping[str, Any], path: str, printed: Sequence[str]
) -> int:
    name, *keys = path.split(":")
    value = stored[name]
    for key in keys:
        value = list(value.values())[int(key)] if isinstance(value, dict) else value[int(key)]
    for text in printed:
        if not same_as_printed(text, value):
            raise Fault("statement", f"the statement prints {text} for the given {path!r}")
    return len(printed)


# ── 5 and 6: slips, effort, sizes ──


def certify_slips(slips: Sequence[Slip], answers: Mapping[str, Answer], strict: bool) -> list[str]:
    """At least two slips are alive, and none of them looks like the key."""
    for slip in slips:
        if agree(answers[slip.answer].value, slip.value):
            raise Fault("slips", f"the slip {slip.name!r} is the key")
    if len({slip.latex for slip in slips}) < len(slips):
        return _reject("two slips look the same", strict)
    return _reject("fewer than two slips alive", strict) if len(slips) < 2 else []


def certify_effort(effort: float, band: tuple[float, float], strict: bool) -> list[str]:
    """The hand effort lies within the level's band."""
    low, high = band
    if not low <= effort <= high:
        return _reject("too easy" if effort < low else "too laborious", strict)
    return []


def _reject(reason: str, strict: bool) -> list[str]:
    if strict:
        raise Reject(reason)
    return [reason]
