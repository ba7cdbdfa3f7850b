"""One problem from seed to certificate: sample, solve, write, certify.

What fails a rule of sense (slips, effort, rounding) is drawn again; what fails a rule of truth
stops with the line that replays it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import chain
from typing import Any, TypeVar

from gmpy2 import mpfr

from penwork.answers import data_of, make_answers, make_slips
from penwork.certify import (
    certify_check,
    certify_effort,
    certify_elsewhere,
    certify_float,
    certify_slips,
    certify_statement,
    certify_steps,
    certify_text,
    said_by,
)
from penwork.draw import Draw
from penwork.errors import Fault, Reject, Unfair, UserError
from penwork.figures import Figure, NotShown, Shown
from penwork.ledger import certify_letters, certify_lines
from penwork.maths.effort import effort_of
from penwork.maths.fields import EXACT, Field
from penwork.maths.given import leaves, read_given
from penwork.maths.records import numbers_of
from penwork.maths.rework import (
    Undecided,
    after_turn,
    as_on_paper,
    before,
    decided_otherwise,
    in_float,
)
from penwork.maths.unworkable import beyond_floats, trouble
from penwork.maths.work import Answered, Work
from penwork.model import Answer, Certificate, Instance, Slip
from penwork.needs import needed_steps, sources_of
from penwork.numbers import is_exact, precision
from penwork.problem import Template
from penwork.replay import replayable
from penwork.steps import insight_of, letter_of, parts_of, steps_of
from penwork.writing.own import fit_to_given
from penwork.writing.statement import Asked, Prose, render_statement

TRIES = 200
ELSEWHERE = (-5, 7)
ANY_EFFORT = (0.0, math.inf)
Letters = tuple[str, ...]
Band = tuple[float, float]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A draw that keeps the rules of sense; what is true of it is not certified yet."""

    given: dict[str, Any]
    exact: Work
    prose: Prose
    asked: tuple[str, ...]
    needed: set[str]
    effort: float
    answers: dict[str, Answer]
    slips: tuple[Slip, ...]
    silent: dict[str, str | None]
    notices: list[str]


def make(template: Template, *, seed: int, level: int) -> Instance:
    """The certified instance of a seed. Raises Fault where a rule of truth fails."""
    with precision(), replayable(template, seed, level):
        return _first_good(lambda attempt: _draw(template, seed, level, attempt))


def propose(
    template: Template, *, seed: int, level: int, parts: Letters = (), band: Band = ANY_EFFORT
) -> tuple[int, Proposal]:
    """The try that `make` accepts, and what it proposes; of some parts only where they are named.

    Raises Reject where these parts alone make no good problem, Unfair where the effort is outside
    the band, be it of a try that would not be accepted.
    """

    def draw(attempt: int) -> tuple[int, Proposal]:
        given = _sample(template, seed, level, attempt)
        usual = ANY_EFFORT if parts else band
        return attempt, _propose(template, given, level=level, seed=seed, strict=True, band=usual)

    with precision(), replayable(template, seed, level):
        attempt, whole = _first_good(draw)
        if not parts:
            return attempt, whole
        given = _sample(template, seed, level, attempt)
        return attempt, _propose(
            template, given, level=level, seed=seed, strict=True, parts=parts, band=band
        )


def _first_good(draw: Callable[[int], T]) -> T:
    reasons: Counter[str] = Counter()
    details: dict[str, str] = {}
    for attempt in range(TRIES):
        try:
            return draw(attempt)
        except Reject as rejected:
            reasons[rejected.reason] += 1
            details[rejected.reason] = rejected.detail
    listed = ", ".join(f"{reason} ({count})" for reason, count in reasons.most_common(4))
    detail = details[reasons.most_common(1)[0][0]]
    raise Fault("draws", f"{TRIES} tries made no good problem: {listed}{detail and '; '}{detail}")


def replay(
    template: Template, *, seed: int, level: int, attempt: int, parts: Letters = ()
) -> Instance:
    """The instance of a recorded try, or some of its parts: a, b, … anew.

    The rules of sense may have changed since, and don't bind.
    """
    with precision(), replayable(template, seed, level):
        given = _sample(template, seed, level, attempt)
        return build(
            template, given, level=level, seed=seed, attempt=attempt, strict=False, parts=parts
        )


def make_given(template: Template, given: Mapping[str, object], *, level: int) -> Instance:
    """The certified instance of somebody's own numbers. Raises UserError that names the field."""
    with precision(), replayable(template, None, level):
        stored = read_given(template.problem.given, given, template.problem.together)
        try:
            return build(template, stored, level=level, seed=None, attempt=None, strict=False)
        except ArithmeticError as error:
            what = str(error)
            if type(error) is not ArithmeticError:  # of no formula, but of a figure or a check
                what = f"{trouble(error)} comes of {', '.join(given)}"
            raise UserError(f"These numbers cannot be worked: {what}.", "Change them.") from error
        except Fault as fault:
            if fault.rule in ("check", "float") and beyond_floats(list(stored.values())):
                what = f"another method finds {fault.step or 'them'} only roughly"
                raise UserError(
                    f"These numbers are too large to be certified: {what}.", "Stay below 10^6."
                ) from fault
            raise


def _draw(template: Template, seed: int, level: int, attempt: int) -> Instance:
    given = _sample(template, seed, level, attempt)
    return build(template, given, level=level, seed=seed, attempt=attempt, strict=True)


def _sample(template: Template, seed: int, level: int, attempt: int) -> dict[str, Any]:
    draw = Draw(template.id, template.problem.draws, level, seed, attempt, "numbers")
    raw = template.sample(draw, level)
    if not isinstance(raw, Mapping):
        what = "nothing" if raw is None else f"a {type(raw).__name__}"
        raise Fault(
            "given",
            f"sample returns {what}: write return dict({next(iter(template.problem.given))}=...)",
        )
    try:
        return read_given(template.problem.given, raw, template.problem.together)
    except UserError as error:
        raise Fault("given", f"sample draws what given= forbids: {error}") from error


def solve(
    template: Template, stored: Mapping[str, Any], field: Field = EXACT, **options: Any
) -> Work:
    """One run of solve over stored givens."""
    work = Work(field, **options)
    with suppress(Answered):
        template.solve(work, leaves(template.problem.given, stored, field))
    return work


def build(
    template: Template,
    stored: dict[str, Any],
    *,
    level: int,
    seed: int | None,
    attempt: int | None,
    strict: bool,
    parts: Letters = (),
) -> Instance:
    """The certified instance of validated givens, cheapest tests first."""
    good = _propose(template, stored, level=level, seed=seed, strict=strict, parts=parts)
    return _certified(template, good, level=level, seed=seed, attempt=attempt)


def certify(
    template: Template, proposal: Proposal, *, level: int, seed: int, attempt: int
) -> Instance:
    """The certified instance of what `propose` returned. Raises Fault."""
    with precision(), replayable(template, seed, level):
        return _certified(template, proposal, level=level, seed=seed, attempt=attempt)


def _certified(
    template: Template, good: Proposal, *, level: int, seed: int | None, attempt: int | None
) -> Instance:
    problem, stored = template.problem, good.given
    exact, prose, asked, needed = good.exact, good.prose, good.asked, good.needed
    steps = steps_of(exact, prose, needed)
    certify_steps(exact.records, needed, steps)
    printed = [record for record in exact.records if record.name in needed]
    certify_letters(problem.given, stored, printed, steps)
    equations = certify_lines(problem.given, stored, exact.records, steps)
    texts = [prose.text, *(part.text for part in prose.parts)]
    told = certify_statement(problem.given, stored, texts)
    certify_float(exact.records, in_float(exact, {}), own=seed is None)
    found = template.check(plain_givens(stored))
    data = {claim.name: data_of(claim.value) for claim in exact.claims}
    points = symbol_points(exact)
    values = certify_check(found, data, exact.records, _covers(exact), problem.exceptions, points)
    if points:
        _certify_away(template, stored, found)
    made = Instance(
        id=template.id,
        title=problem.title,
        draws=problem.draws,
        version=problem.version,
        level=level,
        seed=seed,
        attempt=attempt,
        given=stored,
        statement=prose.text,
        parts=parts_of(prose),
        steps=steps,
        answers=good.answers,
        asked=asked,
        slips=good.slips,
        silent=good.silent,
        insight=insight_of(exact, {*needed, *stored, *found}),
        figures=_figures(template, stored, exact, needed),
        effort=good.effort,
        minutes=problem.minutes[level],
        aids=problem.aids[level],
        certificate=Certificate((template.route,), values + told, equations),
        notices=good.notices,
    )
    certify_text(chain(texts, said_by(made)))
    return made


def _certify_away(template: Template, stored: Mapping[str, Any], found: Mapping[str, Any]) -> None:
    """Expressions agree with those of check at the first place elsewhere where both are defined."""
    for away in ELSEWHERE:
        with suppress(ArithmeticError, ValueError):  # no logarithm there
            there = solve(template, stored, strict=False, away=away)
            certify_elsewhere(found, there.records, symbol_points(there))
            return


def _propose(
    template: Template,
    stored: dict[str, Any],
    *,
    level: int,
    seed: int | None,
    strict: bool,
    parts: Letters = (),
    band: Band = ANY_EFFORT,
) -> Proposal:
    """Solve, and hold the draw against the rules of sense; effort and slips bind all parts only."""
    exact = solve(template, stored, strict=strict, own=seed is None)
    prose = _statement(template, stored, level, seed or 0)
    if parts:
        prose.parts = _chosen(prose.parts, parts)
    if seed is None:
        fit_to_given(prose, template.problem.given, stored, {claim.name for claim in exact.claims})
    asked = _asked(exact, prose)
    needed = needed_steps(exact, asked)
    labour = sum(effort_of(record) for record in exact.records if record.name in needed)
    if not band[0] <= labour <= band[1]:
        raise Unfair
    notices = list(exact.notices)
    if not parts:
        notices += certify_effort(labour, template.problem.effort[level], strict)
    carried = as_on_paper(exact, {})
    answers = make_answers(exact, carried, asked)
    if strict and (name := decided_otherwise(exact, carried, needed)):
        raise Reject(f"{name}: carrying four decimals decides otherwise")
    after = partial(_after_slip, template, stored, exact, frozenset(asked))
    slips, silent = make_slips(after, exact, answers, asked, needed)
    notices += certify_slips(slips, answers, strict and not parts)
    return Proposal(stored, exact, prose, asked, needed, labour, answers, slips, silent, notices)


def _chosen(parts: list[Asked], letters: Letters) -> list[Asked]:
    """These parts of a statement, which must have them."""
    there = [letter_of(i) for i in range(len(parts))]
    for letter in letters:
        if letter not in there:
            raise UserError(
                f"There is no part {letter!r} here.", f"Its parts are {', '.join(there)}."
            )
    return [part for letter, part in zip(there, parts, strict=True) if letter in letters]


def _statement(template: Template, stored: Mapping[str, Any], level: int, seed: int) -> Prose:
    story = Draw(template.id, level, seed, "story")
    prose = render_statement(template.statement, template.problem.given, stored, level, story)
    if not prose.parts or not all(part.asks for part in prose.parts):
        what = "no part, or one that asks nothing: write <% part asks=… marks=… %>"
        raise Fault("statement", what)
    return prose


def _asked(exact: Work, prose: Prose) -> tuple[str, ...]:
    names = {claim.name for claim in exact.claims}
    asked = [name for part in prose.parts for name in part.asks]
    for i, name in enumerate(asked):
        if name not in names:
            raise Fault("statement", f"a part asks {name!r}, which solve does not answer")
        if name in asked[:i]:
            raise Fault("statement", f"two parts ask {name!r}")
    return tuple(asked)


def _after_slip(
    template: Template, stored: Mapping[str, Any], exact: Work, wanted: frozenset[str], slip: str
) -> dict[str, Any]:
    """The wanted answers that a wrong turn may change; what stands before it is known."""
    try:
        return after_turn(exact, slip, wanted)
    except Undecided:
        run = solve(template, stored, slip=slip, wanted=wanted, known=before(exact, slip))
        handed_in = {claim.name: claim.value for claim in run.claims}
        return {name: handed_in[name] for name in wanted if name in handed_in}


def _covers(exact: Work) -> dict[str, set[str]]:
    return {claim.name: set(sources_of(claim.value)) for claim in exact.claims}


def _figures(
    template: Template, stored: Mapping[str, Any], exact: Work, needed: set[str]
) -> tuple[Figure, ...]:
    """The pictures of what the key shows; one that wants another step ends the row."""
    if template.figures is None:
        return ()
    drawn: list[Any] = []
    with suppress(NotShown):
        returned = template.figures(stored, _shown(exact, needed))
        drawn.extend(returned if isinstance(returned, Iterable) else [returned])
    if not all(isinstance(each, Figure) for each in drawn):
        raise Fault("figures", "figures returns no list of figures: write return [Plot(...)]")
    return tuple(drawn)


def _shown(exact: Work, needed: set[str]) -> Shown:
    return Shown(
        {
            record.name: numbers_of(record.result) if record.kind == "let" else record.result
            for record in exact.records
            if record.name in needed and (record.kind != "let" or not record.result.free)
        },
        hidden=frozenset(record.name for record in exact.records if record.name not in needed),
    )


def symbol_points(done: Work) -> list[Fraction]:
    """What the free symbols are for the certificate, in the order in which solve names them."""
    return [Fraction(str(letter.data)) for letter in done.symbols.values()]


def plain_givens(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Givens as check has them: int, Fraction (float for ln 4), lists, words; no absent ones."""
    return {name: _plain(value) for name, value in stored.items() if value is not None}


def _plain(stored: Any) -> Any:
    if isinstance(stored, list):
        return [_plain(entry) for entry in stored]
    if isinstance(stored, dict):
        return {key: _plain(entry) for key, entry in stored.items()}
    if is_exact(stored):
        over, under = int(stored.numerator), int(stored.denominator)
        return over if under == 1 else Fraction(over, under)
    return float(stored) if isinstance(stored, type(mpfr())) else stored
