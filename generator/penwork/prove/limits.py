"""What a template must keep to: one table, and the exceptions that a template declares."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import sqrt
from statistics import median
from typing import NamedTuple

from penwork.prove.audit import Handing, Row, Silent

COVERAGE_RULES = ("check", "coverage")


class Limit(NamedTuple):
    """`measure` of a row may be `most` at most; `form` prints both.

    A share that hangs on the draw may exceed it by as much as a few seeds do by chance.
    """

    rule: str
    most: float
    form: str
    what: str
    measure: Callable[[Row], float]
    least: int = 1  # how many instances it takes to say anything
    subject: Callable[[Row], str] = lambda _: ""
    drawn: bool = False

    def holds(self, row: Row) -> bool:
        """Whether the row keeps to it; three standard deviations are put down to chance."""
        if row.made < self.least:
            return True
        chance = 3 * sqrt(self.most * (1 - self.most) / row.made) if self.drawn else 0
        return self.measure(row) <= self.most + chance


class Breach(NamedTuple):
    """A limit that a template and level break; `reason` where its metadata allows it."""

    where: str
    rule: str
    said: str
    reason: str


def _commonest(row: Row, words: bool) -> Handing | None:
    own = [answer for answer in row.answers if answer.words is words]
    return max(own, key=lambda answer: answer.share, default=None)


def _common(words: bool) -> Callable[[Row], float]:
    return lambda row: found.share if (found := _commonest(row, words)) else 0


def _common_answer(words: bool) -> Callable[[Row], str]:
    return lambda row: (
        f" ({found.name} = {found.common})" if (found := _commonest(row, words)) else ""
    )


def _told(row: Row) -> float:
    return max((answer.told for answer in row.answers), default=0)


def _told_answer(row: Row) -> str:
    return f" ({max(row.answers, key=lambda answer: answer.told).name})"


def _silent(row: Row) -> Silent | None:
    never = [slip for slip in row.silent if slip.declared >= SHARE and not slip.elsewhere]
    return never[0] if never else None


def _silence(row: Row) -> float:
    return found.share if (found := _silent(row)) else 0


def _silent_slip(row: Row) -> str:
    found = _silent(row)
    return f" ({found.name}{found.why and ': ' + found.why})" if found else ""


def _position(row: Row) -> float:
    return max((answer.position for answer in row.answers), default=0)


SHARE, TIMED = 20, 100
LIMITS = (
    Limit("tries", 20, "{:.1f}", "draws a kept instance", lambda row: row.tries),
    Limit("p95", 15, "{:.1f} ms", "95th percentile of the time", lambda row: row.ms.p95, TIMED),
    Limit("repeats", 0.5, "{:.0%}", "givens that had come before among a thousand",
          lambda row: row.repeats, SHARE),
    Limit("common", 0.25, "{:.0%}", "the commonest value of a number", _common(False), SHARE,
          _common_answer(False), drawn=True),
    Limit("common word", 0.8, "{:.0%}", "the commonest value of a word", _common(True), SHARE,
          _common_answer(True), drawn=True),
    Limit("position", 0.8, "{:.0%}", "the commonest place of the right choice", _position, SHARE,
          drawn=True),
    Limit("told", 0.25, "{:.0%}", "an answer whose numbers the statement prints", _told, SHARE,
          _told_answer, drawn=True),
    Limit("coinciding", 0.5, "{:.0%}", "instances in which slips coincide",
          lambda row: row.coinciding, SHARE, drawn=True),
    Limit("silent", 0.99, "{:.0%}", "a slip that never shows", _silence, SHARE, _silent_slip),
    Limit("loose", 0, "{:.0f}", "numbers that change with the draw and come through no filter",
          lambda row: len(row.loose), subject=lambda row: f" ({row.loose[0]})"),
    Limit("digits", 9, "{:.0f}", "digits to write in one number", lambda row: row.digits),
    Limit("decimals", 6, "{:.0f}", "decimals to write in one number", lambda row: row.decimals),
    Limit("overfull", 0, "{:.0f}", "boxes overfull by more than 1 pt",
          lambda row: len(row.pressed.overfull) if row.pressed else 0),
    Limit("margin", 0, "{:.0f}", "problems that stand out beyond the margin",
          lambda row: len(row.pressed.beyond) if row.pressed else 0),
)  # fmt: skip
MEDIAN_MS = 3.0
RULES = (*(limit.rule for limit in LIMITS), *COVERAGE_RULES)


def breaches(
    rows: Sequence[Row], exceptions: Mapping[str, Mapping[str, str]], whole: bool
) -> list[Breach]:
    """Every broken limit, and every exception for a rule that is none.

    The median time is held over the templates, so that only a `whole` catalogue is.
    """
    found = [
        Breach(name, rule, "no rule of the audit has this name", "")
        for name, rules in exceptions.items()
        for rule in rules
        if rule not in RULES
    ]
    for row in rows:
        for limit in LIMITS:
            if not limit.holds(row):
                value, most = (limit.form.format(x) for x in (limit.measure(row), limit.most))
                said = f"{limit.what}{limit.subject(row)}: {value}, at most {most}"
                reason = exceptions.get(row.id, {}).get(limit.rule, "")
                found.append(Breach(row.name, limit.rule, said, reason))
    middle = median_ms(rows)
    if whole and middle > MEDIAN_MS:
        said = f"median time of an instance: {middle:.1f} ms, at most {MEDIAN_MS:.0f} ms"
        found.append(Breach("all templates", "median", said, ""))
    return found


def median_ms(rows: Sequence[Row]) -> float:
    """The median over templates and levels of the median time of an instance."""
    return median([row.ms.median for row in rows if row.made] or [0.0])
