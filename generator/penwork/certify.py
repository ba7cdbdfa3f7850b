"""The certificate: every rule that an instance must pass before it may be printed.

Rules 1-4 (check, float run, written lines, statement) raise Fault: a bug, never drawn again.
The third is in ledger.py.
Rules 5 and 6 (slips, effort and sizes) raise Reject: the next try is drawn.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import fields, is_dataclass
from itertools import zip_longest
from typing import Any

import numpy as np
from gmpy2 import mpq

from penwork.errors import Fault, Reject
from penwork.maths.fields import entries
from penwork.maths.given import Given
from penwork.maths.records import Record
from penwork.model import Answer, Instance, Slip, Step
from penwork.numbers import is_exact
from penwork.writing.statement import at_path, entries_of, printed_paths, read_back, same_as_printed

COVERAGE = 0.6
RELATIVE = 1e-6
ABSOLUTE = 1e-10
LIFE = "a slip is alive where it leads to another value of an answer that is asked"
_NESTS = (list, tuple, np.ndarray)


# ── 1: another route ──


def agree(claimed: Any, found: Any) -> bool:
    """Whether a claimed value (exact) and a found one (plain numbers, words) are the same."""
    return _match(flatten(claimed), flatten(found))


def _match(claimed: list[Any], found: list[Any]) -> bool:
    return claimed == found or (len(claimed) == len(found) and all(map(_same, claimed, found)))


def flatten(value: Any) -> list[Any]:
    """The entries of an array or of nested lists, one after the other; a number alone as one."""
    if not isinstance(value, (list, tuple)):
        return entries(value)
    flat: list[Any] = []
    for part in value:
        if isinstance(part, _NESTS):
            flat += flatten(part)
        else:
            flat.append(part)
    return flat


def shape_of(value: Any) -> Any:
    """The lengths of nested lists, from without: [3, 1] is a column; None for what is one alone."""
    if isinstance(value, np.ndarray):
        return list(value.shape) or None
    if not isinstance(value, (list, tuple)):
        return None
    inner = [shape_of(part) for part in value]
    if all(each is None for each in inner):
        return [len(value)]
    if all(each == inner[0] for each in inner):
        return [len(value), *inner[0]]
    return [len(value), inner]


def _same(claimed: Any, found: Any) -> bool:
    if isinstance(claimed, str) or isinstance(found, str):
        return bool(claimed == found)
    if not isinstance(found, float) and is_exact(claimed):
        return bool(claimed == mpq(found))
    one, other = float(claimed), float(found)
    gap = abs(one - other)
    if not math.isfinite(gap):
        return one == other
    return gap <= (RELATIVE * abs(one) if one else ABSOLUTE)


def certify_check(
    found: Mapping[str, Any],
    answers: Mapping[str, Any],
    records: Sequence[Record],
    covered_by_answers: Mapping[str, set[str]],
    exceptions: Mapping[str, str],
    points: Sequence[Any] = (),
) -> int:
    """Another method finds every answer and most steps. Returns how many values it confirmed.

    An expression it finds as a function of the free symbols, whose test points are `points`.
    """
    if not found:
        raise Fault("check", "check looked at nothing: let it return every answer")
    steps = {record.name: record.result.data for record in records if record.kind == "let"}
    decided = {f"step {record.name}": record for record in records if record.kind != "let"}
    missing = [name for name in answers if name not in found]
    if missing and "check" not in exceptions:
        unknown = [repr(name) for name in found if name not in {*answers, *steps, *decided}]
        instead = f"; there is no {' or '.join(unknown[:3])}" if unknown else ""
        raise Fault("check", f"check leaves out the answer {missing[0]!r}{instead}", missing[0])
    values = 0
    for name, value in found.items():
        if callable(value):
            value = value(*points)
        if name in decided:
            _certify_decision(decided[name], value)
        claimed = answers.get(name, steps.get(name))
        if claimed is None:
            continue
        there = flatten(value)
        shape = shape_of(claimed)
        if shape is not None and shape_of(value) != shape:
            shapes = f"the shape {shape_of(value)}, solve {shape}"
            raise Fault("check", f"check finds {shapes}", name)
        if not _match(flatten(claimed), there):
            raise Fault("check", f"check finds {_short(value)}, solve {_short(claimed)}", name)
        values += len(there)
    if not values:
        raise Fault("check", "check looked at nothing that solve names")
    alone = [step for step, record in decided.items() if step not in found and _is_worked(record)]
    if alone and "coverage" not in exceptions:
        what = f"check leaves out {alone[0]!r}, whose numbers lead to no answer that tells them"
        raise Fault("check", what, alone[0].removeprefix("step "))
    covered = set(found) & set(steps)
    for name in found:
        covered |= covered_by_answers.get(name, set())
    share = len(covered & set(steps)) / max(len(steps), 1)
    if steps and share < COVERAGE and "coverage" not in exceptions:
        left_out = ", ".join(sorted(set(steps) - covered)[:4])
        raise Fault("check", f"check covers {share:.0%} of the steps (60 % needed): add {left_out}")
    return values


def certify_elsewhere(
    found: Mapping[str, Any], records: Sequence[Record], points: Sequence[Any]
) -> None:
    """Expressions agree elsewhere too: below 0, |x|, ReLU and roots of squares differ."""
    for record in records:
        expression = found.get(record.name)
        if callable(expression) and not agree(record.result.data, expression(*points)):
            at = ", ".join(f"{float(point):.6g}" for point in points)
            raise Fault("check", f"check finds another expression, seen at {at}", record.name)


def _is_worked(record: Record) -> bool:
    """Whether a decision prints numbers that no step before it has, or a state what it holds."""
    formulas = [formula for _, formula in record.options]
    if record.comparison is not None:
        formulas.append(record.comparison[0])
    worked = any(each.name is None and each.operation != "constant" for each in formulas)
    return worked or bool(record.labels) or any(map(str.isdigit, record.text[1]))


def _certify_decision(record: Record, found: Any) -> None:
    """What check finds of a decision: (scores kept in order, other scores in any order).

    What was kept, item by item, may stand third. Of a comparison it finds (left side, right side,
    outcome), of a state its text, or its rows of symbols.
    """
    if record.kind == "choose":
        scores = [score.data for score, _ in record.options]
        kept = [scores[i] for i in record.kept]
        others = sorted(score for i, score in enumerate(scores) if i not in record.kept)
        right = len(found) in (2, 3) and agree(kept, list(found[0]))
        right = right and (len(found) == 2 or agree(record.result, found[2]))
        right = right and agree(others, sorted(flatten(found[1])))
    elif record.comparison is not None:
        right = agree([record.comparison[0].data, record.comparison[2].data, record.result], found)
    elif record.labels:
        right = record.result == [list(row) for row in found]
    else:
        right = agree(record.result, found)
    if not right:
        raise Fault("check", "check decides otherwise, or on other numbers", record.name)


def _short(value: Any) -> str:
    text = ", ".join(
        str(x) if isinstance(x, str) else f"{float(x):.6g}" for x in flatten(value)[:4]
    )
    return f"[{text}]" if len(flatten(value)) > 1 else text


# ── 2: another arithmetic ──


def certify_float(records: Sequence[Record], floats: Mapping[str, Any], own: bool = False) -> None:
    """The same formulas in float64 give the same numbers: the evaluator is right.

    Of somebody's own numbers it says nothing where float64 has left its range.
    """
    for exact in records:
        if exact.kind != "let":
            continue
        for number, b in zip(entries(exact.result.data), entries(floats[exact.name]), strict=True):
            a = float(number)
            if a == b or abs(a - b) <= 1e-9 + 1e-9 * abs(a):
                continue
            if math.isfinite(b) or not own:
                raise Fault("float", f"float64 gives {b!r}, exact {a!r}", exact.name)


# ── 3: the printed lines, which ledger.py reads, are all there and in order ──


def certify_steps(records: Sequence[Record], needed: Set[str], steps: Sequence[Step]) -> None:
    """The key shows every step that its answers rest on, in the order of the computation."""
    there = [record.name for record in records if record.name in needed]
    for expected, step in zip_longest(there, [step.name for step in steps]):
        if expected != step:
            found = f"shows {step!r}" if step else "ends"
            raise Fault("steps", f"the key {found} where {expected!r} belongs", expected)


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
            if not _is_told(path, value, told):
                raise Fault("statement", f"the statement does not tell the given {path!r}")
    return sum(_certify_path(declared, stored, path, printed) for path, printed in told.items())


def _is_told(path: str, value: Any, told: Mapping[str, Any]) -> bool:
    """Whether a given is printed: as a whole, by rows, or entry by entry."""
    entries = entries_of(path, value).items()
    return path in told or (bool(entries) and all(_is_told(p, v, told) for p, v in entries))


def _certify_path(
    declared: Mapping[str, Given], stored: Mapping[str, Any], path: str, printed: Sequence[str]
) -> int:
    name, *keys = path.split(":")
    value = at_path(stored[name], keys)
    for text in printed:
        if not same_as_printed(text, value):
            raise Fault("statement", f"the statement prints {text} for the given {path!r}")
    return len(printed)


_COMMENT = re.compile(r"(?<!\\)(?:\\\\)*%")


def certify_text(texts: Iterable[str]) -> None:
    """Nothing that is said vanishes: to TeX, a bare % makes the rest of its line a comment."""
    for text in texts:
        if "%" in text and _COMMENT.search(text):
            raise Fault("text", rf"TeX drops what follows a bare %: write \% in {text[:60]!r}")


def texts_in(drawn: Any) -> Iterator[str]:
    """The texts of figures, at any depth."""
    if isinstance(drawn, str):
        yield drawn
    elif isinstance(drawn, (list, tuple)):
        for each in drawn:
            yield from texts_in(each)
    elif is_dataclass(drawn):
        for part in fields(drawn):
            if part.name != "points":  # of a curve: many, and all numbers
                yield from texts_in(getattr(drawn, part.name))


def said_by(made: Instance) -> Iterator[str]:
    """What a key says beside its pictures; a name in a line stood on the left of one before."""
    for step in made.steps:
        yield from (step.why, step.decision)
        for line in step.lines:
            yield line.lhs
            if not line.operands:
                yield from (text for _, text in line.chain)
    for answer in made.answers.values():
        yield from (answer.printed, answer.why)
        yield from (text for box in answer.boxes for text in (box.label, box.note))
    for slip in made.slips:
        yield from (slip.name, slip.belief, slip.latex)
    yield made.insight


# ── 5 and 6: slips, effort, sizes ──


def certify_slips(slips: Sequence[Slip], answers: Mapping[str, Answer], strict: bool) -> list[str]:
    """At least two slips are alive, and none of them looks like the key."""
    for slip in slips:
        if agree(answers[slip.answer].value, slip.value):
            raise Fault("slips", f"the slip {slip.name!r} is the key")
    if len({slip.latex for slip in slips}) < len(slips):
        return _reject("two slips look the same", strict)
    if len(slips) < 2:
        return _reject("fewer than two slips alive", strict, LIFE)
    return []


def certify_effort(effort: float, band: tuple[float, float], strict: bool) -> list[str]:
    """The hand effort lies within the level's band."""
    low, high = band
    if not low <= effort <= high:
        detail = f"the last had an effort of {effort:.0f}, effort= asks for {low:g} to {high:g}"
        return _reject("too easy" if effort < low else "too laborious", strict, detail)
    return []


def _reject(reason: str, strict: bool, detail: str = "") -> list[str]:
    if strict:
        raise Reject(reason, detail)
    return [reason]
