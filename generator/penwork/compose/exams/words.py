"""All fixed words of an exam's pages, by language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language; what stands in {braces} is filled in with str.format."""

    # cover and pages
    name: str
    ident: str
    candidate: str
    form: str
    date: str
    time: str
    extra: str
    minute: str
    minutes: str
    point: str
    points: str
    points_in_all: str
    problem: str
    total: str
    page: str
    continues: str
    end: str
    blank: str
    first_marker: str
    second_marker: str
    subtotal: str
    spare: str
    # aids
    no_aids: str
    strip: str
    calculator: str
    logarithm: str
    places: str
    # a number to go on with
    bridge: str
    either: str
    # key
    key: str
    certified: str
    value: str
    values: str
    equation: str
    equations: str
    with_own: str
    with_bridge: str
    # marking pages
    marking: str
    part: str
    answer: str
    answers: str
    slip: str
    slips: str
    tolerance: str
    # blueprint
    blueprint: str
    section: str
    topic: str
    level: str
    effort: str
    rate: str
    spread: str
    papers: str
    aids: str
    same: str
    picked: str
    too_long: str
    # sign-in sheet
    signin: str
    row: str
    seat: str
    signature: str
    no_glyphs: str
    # after a mistake
    erratum: str
    void: str
    voided: str

    def counted_points(self, number: int) -> str:
        """ "1 point", "8 points"."""
        return f"{number} {self.point if number == 1 else self.points.lower()}"

    def total_points(self, number: int) -> str:
        """What the whole exam counts."""
        return self.points_in_all.format(points=self.counted_points(number))

    def time_said(self, minutes: int, percent: int = 0) -> str:
        """The time allowed; what is extra is rounded up to a whole minute."""
        if not percent:
            return self.time.format(minutes=self._counted_minutes(minutes))
        allowed = minutes + -(-minutes * percent // 100)
        return self.extra.format(
            minutes=self._counted_minutes(allowed), usual=minutes, percent=percent
        )

    def _counted_minutes(self, number: int) -> str:
        return f"{number} {self.minute if number == 1 else self.minutes}"

    def aids_said(self, aids: str, places: int) -> str:
        """What may be used, which logarithm is meant, how many decimals to carry."""
        allowed = {"none": self.no_aids, "strip": self.strip, "calculator": self.calculator}
        return " ".join((allowed[aids], self.logarithm, self.places.format(places=places)))

    def checked(self, values: int, equations: int) -> str:
        """What the certificates of a key examined."""
        return self.certified.format(
            values=f"{values} {self.value if values == 1 else self.values}",
            equations=f"{equations} {self.equation if equations == 1 else self.equations}",
        )

    def bridge_said(self, part: str, values: Sequence[str]) -> str:
        """The offer after a part; `values` are ready for the page."""
        return self.bridge.format(part=part, values=", ".join(values))


ENGLISH = Words(
    name="Name",
    ident="Student number",
    candidate="Candidate",
    form="Form",
    date="Date",
    time="Time: {minutes}",
    extra="Time: {minutes} ({usual} and {percent} % extra)",
    minute="minute",
    minutes="minutes",
    point="point",
    points="Points",
    points_in_all="{points} in all",
    problem="Problem",
    total="Total",
    page="page {page} of {total}",
    continues="continues on page {page}",
    end="end of paper",
    blank="This page is intentionally blank.",
    first_marker="1st",
    second_marker="2nd",
    subtotal="this page",
    spare="spare",
    no_aids="Allowed aids: none.",
    strip="Allowed aids: the strip of values on this page. No calculator.",
    calculator="Allowed aids: a calculator.",
    logarithm="Logarithms are natural unless a problem says otherwise.",
    places="Work with {places} decimals; round each answer as its box says.",
    bridge="No answer to ({part})? Go on with {values}.",
    either="Either way earns full marks from here.",
    key="Key",
    certified="checked by independent routes: {values}, {equations}",
    value="value",
    values="values",
    equation="equation",
    equations="equations",
    with_own="with the true result of ({part})",
    with_bridge="going on with {values}",
    marking="Marking pages",
    part="Part",
    answer="Answer",
    answers="Answers",
    slip="If you find",
    slips="Known slips",
    tolerance="Tolerance",
    blueprint="Blueprint",
    section="Section",
    topic="Topic",
    level="Level",
    effort="Effort",
    rate="Points a minute",
    spread="Spread",
    papers="Papers",
    aids="Aids",
    same="same for all",
    picked="{count} of {of}",
    too_long="The problems take {needed} minutes; the exam has {minutes}.",
    signin="Sign-in sheet",
    row="Row",
    seat="Seat",
    signature="Signature",
    no_glyphs="printed by number: the fonts lack letters of the name",
    erratum="Erratum",
    void="void",
    voided="Form {form}: problem {problem} is void and counts nothing; {points} in all.",
)

WORDS: Mapping[str, Words] = MappingProxyType({"en": ENGLISH})
