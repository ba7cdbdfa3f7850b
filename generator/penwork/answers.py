"""From what solve hands in to answers with boxes and tolerances, and to slips with their values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

import numpy as np
from gmpy2 import mpq

from penwork.errors import Reject
from penwork.maths.fields import EXACT
from penwork.maths.records import Claim
from penwork.maths.rework import claimed
from penwork.maths.value import ShapeError, Value, is_exact_data, with_subscript
from penwork.maths.work import Work
from penwork.model import Answer, AnswerType, Box, Slip
from penwork.numbers import Style, decimal, is_exact, round_half_away, show
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
        return np.array([entry.data for entry in value], dtype=object)
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
    return (
        ("number", "vector", "matrix")[np.ndim(data)] if isinstance(data, np.ndarray) else "number"
    )


def _is_expression(value: Any) -> bool:
    return isinstance(value, Value) and value.free


def is_short(data: Any, style: Style = "decimal") -> bool:
    """Whether every number is exact and prints in full."""
    return is_exact_data(data) and all(show(x, style=style).exact for x in _flat(data))


def style_of(value: Any) -> Style:
    first = value[0] if isinstance(value, list) and value else value
    return first.name.style if isinstance(first, Value) and first.name else "decimal"


def rounded(data: Any, places: int | None) -> Rounded:
    """Numbers as they are handed in: as they are, or rounded to `places` (a flat tuple)."""
    if isinstance(data, str):
        return (data,)
    if isinstance(data, (list, tuple)):
        return tuple(str(x) for x in data)
    return tuple(
        x if places is None and is_exact(x) else round_half_away(x, places or 2)
        for x in _flat(data)
    )


def _flat(data: Any) -> Sequence[Any]:
    """The entries of what was handed in."""
    if isinstance(data, np.ndarray):
        return data.ravel().tolist()
    return data if isinstance(data, (list, tuple)) else (data,)


def make_answers(
    exact: Work, carried: Mapping[str, Any], asked: Sequence[str]
) -> dict[str, Answer]:
    """All answers, with tolerances from the rounding that the problem allows.

    `carried` are the steps' numbers where every printed one is carried on. Raises Reject where
    that leads a student to another answer.
    """
    by_hand = {c.name: claimed(c.value, carried, EXACT) for c in exact.claims}
    return {
        claim.name: replace(
            _answer(claim, by_hand[claim.name], claim.name in asked, exact.strict), why=claim.why
        )
        for claim in exact.claims
    }


def _answer(claim: Claim, by_hand: Any, asked: bool, strict: bool) -> Answer:
    data, kind = data_of(claim.value), type_of(claim)
    if kind == "expression":
        box = Box(claim.label or _tex(claim.value), (), "", kind)
        text, tex = plain_text(claim.value), expression_tex(claim.value)
        return Answer(claim.name, kind, text, mpq(0), None, (box,), True, tex)
    if kind in ("choice", "text", "sequence"):
        boxes = _word_boxes(claim, data, kind)
        return Answer(claim.name, kind, data, mpq(0), None, boxes, True, _words_tex(claim, data))
    style = style_of(claim.value)
    places = (
        None if is_short(data, style) else (ASKED_PLACES if claim.places is None else claim.places)
    )
    if asked and strict:
        if rounded(data, places) != rounded(by_hand, places):
            raise Reject("carrying four decimals gives another answer")
        if any(a == 0 != b for a, b in zip(rounded(data, places), np.ravel(data), strict=True)):
            raise Reject("an answer rounds to 0")
    drift = _drift(data, by_hand)
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
    )


def _drift(data: Any, by_hand: Any) -> Any:
    one = data.flat if isinstance(data, np.ndarray) else [data]
    other = by_hand.flat if isinstance(by_hand, np.ndarray) else [by_hand]
    return max((abs(a - b) for a, b in zip(one, other, strict=True) if a != b), default=mpq(0))


def _printed(value: Any, data: Any, places: int | None, style: Style) -> str:
    row = (isinstance(value, Value) and value.row) or isinstance(value, list)
    if places is None:
        return data_tex(data, row=row, style=style)
    cells = [_number_printed(x, places, style) for x in np.ravel(data)]
    return shaped_tex(cells, np.shape(data), row) if np.shape(data) else cells[0]


def _number_printed(x: Any, places: int, style: Style) -> str:
    """With its decimals; in scientific form where they would be zeros only."""
    short = is_short(x, style) and show(x, style=style).kind != "fraction"
    short = short or round_half_away(x, places) == 0
    return number_tex(x, style=style) if short else grouped(decimal(x, places))


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
    if isinstance(value, list) and len(value) <= SEPARATE_BOXES and np.ndim(data) == 1:
        exact = [is_short(v.data, style_of(value)) for v in value]
        return tuple(
            Box(_tex(v), (), note, "number", exact=e) for v, e in zip(value, exact, strict=True)
        )
    shape = np.shape(data) if isinstance(data, np.ndarray) else ()
    if len(shape) == 1 and isinstance(value, Value) and not value.row:
        shape = (*shape, 1)
    return (Box(claim.label or _tex(value), shape, note, kind, claim.room, places is None),)


def _tex(value: Any) -> str:
    return value.name.tex if isinstance(value, Value) and value.name else ""


# ── slips ──


def make_slips(
    after: Callable[[str], Mapping[str, Any]],
    exact: Work,
    answers: Mapping[str, Answer],
    asked: Sequence[str],
    needed: set[str],
) -> tuple[Slip, ...]:
    """The slips that show in an asked answer, each at its own entry; equal ones are merged."""
    right = {claim.name: data_of(claim.value) for claim in exact.claims}
    key = {name: _seen(right[name], answers[name]) for name in asked}
    alive: dict[tuple[Any, ...], list[str]] = {}
    outcomes: dict[tuple[Any, ...], Mapping[str, Any]] = {}
    for name in exact.slips:
        if not exact.slipping[name] & needed:
            continue
        found = _outcome(after, name)
        if found is None:
            continue
        seen = tuple(
            key[each]
            if (data := data_of(found.get(each, ""))) is right[each]
            else _seen(data, answers[each])
            for each in asked
        )
        if seen != tuple(key.values()):
            alive.setdefault(seen, []).append(name)
            outcomes.setdefault(seen, found)
    shown: set[str] = set()
    slips = []
    for seen, names in alive.items():
        slips.append(_slip(names, exact, answers, key, seen, outcomes[seen], shown))
    return tuple(slips)


def _outcome(after: Callable[[str], Mapping[str, Any]], name: str) -> Mapping[str, Any] | None:
    """The answers under one slip, or None where it leads nowhere (a tie, no number, no shape)."""
    try:
        found = after(name)
        bare = map(data_of, found.values())
        numbers = [x for data in bare for x in _flat(data) if not isinstance(x, str)]
    except (Reject, ArithmeticError, ShapeError):
        return None
    return None if any(x != x for x in numbers) else found  # NaN is not equal to itself


def _seen(data: Any, answer: Answer) -> Rounded:
    if answer.type == "expression":
        return rounded(data, TEST_PLACES)
    if answer.places is None and not isinstance(data, (str, list, tuple)) and not is_short(data):
        return rounded(data, 4)
    return rounded(data, answer.places)


def _slip(
    names: list[str],
    exact: Work,
    answers: Mapping[str, Answer],
    key: Mapping[str, Rounded],
    seen: tuple[Rounded, ...],
    found: Mapping[str, Any],
    shown: set[str],
) -> Slip:
    claims = {claim.name: claim for claim in exact.claims}
    wrong = _wrong_entries(claims, answers, key, seen, found)
    first = next(wrong)
    answer, latex = next((e for e in chain([first], wrong) if e[1] not in shown), first)
    shown.add(latex)
    beliefs = dict.fromkeys(exact.slips[name] for name in names)
    wrong = found[answer]
    value = plain_text(wrong) if _is_expression(wrong) else data_of(wrong)
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
        if answers[name].type == "expression":
            if mine != right:
                yield name, f"${_tex(claims[name].value)} = {_expression_slip(found[name])}$"
            continue
        if isinstance(answers[name].value, (str, list, tuple)):
            if mine != right:
                yield name, _word_slip(claims[name], data_of(found[name]))
            continue
        places = np.ndindex(np.shape(answers[name].value))
        for at, a, b in zip(places, mine, right, strict=True):
            if a != b:
                yield name, _entry_slip(claims[name], at, a, answers[name])


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
    places = 4 if answer.places is None else answer.places
    return f"${tex} = {number_tex(number, places)}$"
