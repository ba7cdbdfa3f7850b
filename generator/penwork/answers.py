"""From what solve hands in to answers with boxes and tolerances, and to slips with their values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

import numpy as np
from gmpy2 import mpq

from penwork.certify import agree
from penwork.errors import Fault, Reject
from penwork.maths.fields import EXACT, entries, filled
from penwork.maths.records import Claim
from penwork.maths.rework import claimed
from penwork.maths.turns import NOWHERE
from penwork.maths.unworkable import trouble
from penwork.maths.value import Value, values_in, with_subscript
from penwork.maths.work import Work
from penwork.model import Answer, AnswerType, Box, Slip
from penwork.numbers import (
    MINUS_INFINITY,
    RATIONAL,
    Style,
    decimal,
    decimals_of,
    round_half_away,
    show,
)
from penwork.writing.digits import data_tex, grouped, number_tex, shaped_tex, token_tex
from penwork.writing.lines import expression_tex
from penwork.writing.plain import plain_text

ASKED_PLACES = 2
Rounded = tuple[Any, ...]
SEPARATE_BOXES = 4
TEST_PLACES = 30


def data_of(value: Any) -> Any:
    """What was handed in as bare data: a number, an object array, a word, a list of words."""
    if isinstance(value, Value):
        return value.data
    if isinstance(value, (list, tuple)) and value and isinstance(value[0], Value):
        return filled([entry.data for entry in value], (len(value),))
    if isinstance(value, int) and not isinstance(value, bool):
        return mpq(value)
    return value


def type_of(claim: Claim) -> AnswerType:
    data = data_of(claim.value)
    if _is_expression(claim.value):
        return "expression"
    if isinstance(data, str):
        return "choice" if claim.options else "text"
    if isinstance(data, (list, tuple)):
        return "sequence"
    return ("number", "vector", "matrix")[data.ndim] if isinstance(data, np.ndarray) else "number"


def _is_expression(value: Any) -> bool:
    return isinstance(value, Value) and value.free


def is_short(data: Any, style: Style = "decimal") -> bool:
    """Whether every number is exact and prints in full."""
    for x in entries(data):
        if type(x) is not RATIONAL and x != MINUS_INFINITY:
            return False
        if not show(x, style=style).exact:
            return False
    return True


def style_of(value: Any) -> Style:
    first = value[0] if isinstance(value, list) and value else value
    return first.name.style if isinstance(first, Value) and first.name else "decimal"


def rounded(data: Any, places: int | None) -> Rounded:
    """Numbers as they are handed in: as they are, or rounded to `places` (a flat tuple)."""
    if isinstance(data, str):
        return (data,)
    if isinstance(data, (list, tuple)):
        return tuple(map(str, data))
    numbers = entries(data)
    if places is None:
        return tuple([x if type(x) is RATIONAL else _round(x, ASKED_PLACES) for x in numbers])
    return tuple([_round(x, places) for x in numbers])


_round = lru_cache(maxsize=2**14, typed=True)(round_half_away)


def make_answers(
    exact: Work, carried: Mapping[str, Any], asked: Sequence[str]
) -> dict[str, Answer]:
    """All answers, with tolerances from the rounding that the problem allows.

    `carried` are the steps' numbers where every printed one is carried on. Raises Reject where
    that leads a student to another answer.
    """
    for claim in exact.claims:
        if fault := _unsound(claim):
            raise Fault("answers", fault, claim.name)
    return {
        claim.name: _answer(claim, carried, exact.strict and claim.name in asked)
        for claim in exact.claims
    }


def _unsound(claim: Claim) -> str:
    """Why the box or the line of an answer would tell something else than solve hands in."""
    value, options = claim.value, claim.options
    if isinstance(value, Value) and claim.label and value.name:
        return f"label={claim.label!r} would call {_tex(value)} by another name: leave it out"
    if any(each.name is None for each in values_in(value)):
        return "it stands in no line of the key: write its LaTeX, or name it with work.let"
    if not isinstance(value, (Value, str, list, tuple)) and type(value) is not int:
        return f"{value!r} is worked outside the steps: hand in a value, a word or a whole number"
    if options and (value not in options or len(set(options)) < len(options)):
        return f"{value!r} is not one of its options, or two of them are the same"
    return ""


def _answer(claim: Claim, carried: Mapping[str, Any], held: bool) -> Answer:
    """One answer; where it is held to it, carried numbers must lead to it."""
    data, kind = data_of(claim.value), type_of(claim)
    if kind == "expression":
        box = Box(claim.label or _tex(claim.value), (), "", kind)
        text, tex = plain_text(claim.value), expression_tex(claim.value)
        return Answer(claim.name, kind, text, mpq(0), None, (box,), True, tex, claim.why)
    if kind in ("choice", "text", "sequence"):
        boxes, tex = _word_boxes(claim, data, kind), _words_tex(claim, data)
        return Answer(claim.name, kind, data, mpq(0), None, boxes, True, tex, claim.why)
    style = style_of(claim.value)
    places = (
        None if is_short(data, style) else (ASKED_PLACES if claim.places is None else claim.places)
    )
    by_hand = data if claim.rests.isdisjoint(carried) else claimed(claim.value, carried, EXACT)
    if held:
        handed_in = rounded(data, places)
        if by_hand is not data and handed_in != rounded(by_hand, places):
            raise Reject("carrying four decimals gives another answer")
        if any(a == 0 != b for a, b in zip(handed_in, entries(data), strict=True)):
            raise Reject("an answer rounds to 0")
    drift = mpq(0) if by_hand is data else _drift(data, by_hand)
    half = mpq(0) if places is None else mpq(1, 2 * 10**places)
    tolerance = half + (round_half_away(drift, 6) + mpq(1, 10**6) if drift else mpq(0))
    printed = _printed(claim.value, data, places, style)
    return Answer(
        claim.name,
        kind,
        data,
        tolerance,
        places,
        _boxes(claim, data, kind, places),
        places is None,
        printed,
        claim.why,
    )


def _drift(data: Any, by_hand: Any) -> Any:
    pairs = zip(entries(data), entries(by_hand), strict=True)
    return max((abs(a - b) for a, b in pairs if a != b), default=mpq(0))


def _printed(value: Any, data: Any, places: int | None, style: Style) -> str:
    row = (isinstance(value, Value) and value.row) or isinstance(value, list)
    if places is None:
        return data_tex(data, row=row, style=style)
    if not isinstance(data, np.ndarray):
        return _number_printed(data, places, style)
    return shaped_tex([_number_printed(x, places, style) for x in data.flat], data.shape, row)


def _number_printed(x: Any, places: int, style: Style) -> str:
    """With its decimals; as it is in working where they would be zeros only."""
    if x == MINUS_INFINITY or (x != 0 and _round(x, places) == 0):
        return number_tex(x, style=style)
    return grouped(decimal(x, places))


def _words_tex(claim: Claim, data: Any) -> str:
    if isinstance(data, str):
        return data
    if data and isinstance(data[0], (list, tuple)):
        return ", ".join(_words_tex(claim, words) for words in data)
    return claim.joint.join(token_tex(str(word)) for word in data)


def _word_boxes(claim: Claim, data: Any, kind: AnswerType) -> tuple[Box, ...]:
    """One box; for lists of words a box each, numbered."""
    if kind == "sequence" and data and isinstance(data[0], (list, tuple)):
        return tuple(Box(str(i + 1), (), "", "choice") for i in range(len(data)))
    return (Box(claim.label, (), " / ".join(claim.options), kind, claim.room),)


def _boxes(claim: Claim, data: Any, kind: AnswerType, places: int | None) -> tuple[Box, ...]:
    note = "" if places is None else f"{places} d.p."
    value = claim.value
    if isinstance(value, list) and len(value) <= SEPARATE_BOXES and kind == "vector":
        exact = [places is None or _stands(v.data, places) for v in value]
        return tuple(
            Box(_tex(v), (), note, "number", exact=e) for v, e in zip(value, exact, strict=True)
        )
    shape = data.shape if isinstance(data, np.ndarray) else ()
    if len(shape) == 1 and isinstance(value, Value) and not value.row:
        shape = (*shape, 1)
    return (Box(claim.label or _tex(value), shape, note, kind, claim.room, places is None),)


def _stands(number: Any, places: int) -> bool:
    """Whether so many decimals write it in full."""
    return type(number) is RATIONAL and decimals_of(number, places) is not None


def _tex(value: Any) -> str:
    return value.name.tex if isinstance(value, Value) and value.name else ""


# ── slips ──


def make_slips(
    after: Callable[[str], Mapping[str, Any]],
    exact: Work,
    answers: Mapping[str, Answer],
    asked: Sequence[str],
    needed: set[str],
) -> tuple[tuple[Slip, ...], dict[str, str | None]]:
    """The slips that show in an asked answer, each at its own entry; equal ones are merged.

    Of own numbers a slip may come so near to the key that it tells nothing, and is left out.
    Second, of each slip that the needed steps declare: None where it shows, else why not.
    """
    claims = {claim.name: claim for claim in exact.claims}
    key = {name: _seen(data_of(claims[name].value), answers[name]) for name in asked}
    right = tuple(key.values())
    alive: dict[tuple[Any, ...], list[str]] = {}
    outcomes: dict[tuple[Any, ...], Mapping[str, Any]] = {}
    silent: dict[str, str | None] = {}
    for name, steps in exact.turns.steps.items():
        if steps.isdisjoint(needed):
            continue
        found, nowhere = _outcome(after, name)
        seen = tuple(
            [
                _seen(data_of(found[each]), answers[each]) if each in found else key[each]
                for each in asked
            ]
        )
        silent[name] = nowhere if seen == right else None
        if seen != right:
            alive.setdefault(seen, []).append(name)
            outcomes.setdefault(seen, found)
    shown: set[str] = set()
    slips = []
    for seen, names in alive.items():
        wrong = _wrong_entries(claims, answers, key, seen, outcomes[seen])
        slip = _slip(names, exact, wrong, outcomes[seen], shown)
        if not (exact.own and agree(answers[slip.answer].value, slip.value)):
            slips.append(slip)
    return tuple(slips), silent


def _outcome(after: Callable[[str], Mapping[str, Any]], name: str) -> tuple[Mapping[str, Any], str]:
    """The answers that one slip may change; none, and why, where it leads nowhere."""
    try:
        found = after(name)
        numbers = [x for handed_in in found.values() for x in entries(data_of(handed_in))]
    except NOWHERE as error:
        return {}, trouble(error)
    if [x for x in numbers if x != x]:  # NaN is not equal to itself
        return {}, "no number comes of it"
    return found, ""


def _seen(data: Any, answer: Answer) -> Rounded:
    if answer.type == "expression":
        return rounded(data, TEST_PLACES)
    if answer.places is None and not isinstance(data, (str, list, tuple)) and not is_short(data):
        return rounded(data, 4)
    return rounded(data, answer.places)


def _slip(
    names: list[str],
    exact: Work,
    wrong: Iterator[tuple[str, str]],
    found: Mapping[str, Any],
    shown: set[str],
) -> Slip:
    first = next(wrong)
    answer, latex = next((e for e in chain([first], wrong) if e[1] not in shown), first)
    shown.add(latex)
    beliefs = dict.fromkeys(exact.turns.beliefs[name] for name in names)
    value = plain_text(found[answer]) if _is_expression(found[answer]) else data_of(found[answer])
    return Slip(", or ".join(names), "; or ".join(beliefs), answer, value, latex)


def _wrong_entries(
    claims: Mapping[str, Claim],
    answers: Mapping[str, Answer],
    key: Mapping[str, Rounded],
    seen: tuple[Rounded, ...],
    found: Mapping[str, Any],
) -> Iterator[tuple[str, str]]:
    """(answer, what stands there) wherever a slip differs from the key."""
    for (name, right), mine in zip(key.items(), seen, strict=True):
        if mine == right:
            continue
        value = answers[name].value
        if answers[name].type == "expression":
            yield name, f"${_tex(claims[name].value)} = {_expression_slip(found[name])}$"
        elif isinstance(value, (str, list, tuple)):
            yield name, _word_slip(claims[name], data_of(found[name]))
        else:
            numbers = entries(data_of(found[name]))
            for k, (a, b) in enumerate(zip(mine, right, strict=True)):
                if a != b:
                    yield (
                        name,
                        _entry_slip(claims[name], _place(k, value), numbers[k], answers[name]),
                    )


def _place(k: int, data: Any) -> tuple[int, ...]:
    """Where the entry stands that is the k-th row by row."""
    if not isinstance(data, np.ndarray):
        return ()
    return (k,) if data.ndim == 1 else divmod(k, data.shape[1])


def _word_slip(claim: Claim, data: Any) -> str:
    label = f"{claim.label}: " if claim.label else ""
    return label + _words_tex(claim, data)


def _expression_slip(wrong: Any) -> str:
    return expression_tex(wrong) if _is_expression(wrong) else number_tex(data_of(wrong))


def _entry_slip(claim: Claim, at: tuple[int, ...], number: Any, answer: Answer) -> str:
    value = claim.value
    if isinstance(value, list):
        value, at = value[at[0]], at[1:]
    entry = value[at] if at and isinstance(value, Value) and value.name else value
    tex = _tex(entry) or claim.label or with_subscript(claim.name.replace("_", r"\_"), str(at))
    style = style_of(claim.value)
    if answer.places is None:
        return f"${tex} = {number_tex(number, style=style)}$"
    return f"${tex} = {_number_printed(number, answer.places, style)}$"
