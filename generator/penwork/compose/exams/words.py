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
    one_minute: str
    many_minutes: str
    points: str
    one_point: str
    many_points: str
    points_in_all: str
    problem: str
    total: str
    page: str
    continues: str
    continued: str
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
    one_value: str
    many_values: str
    one_equation: str
    many_equations: str
    with_bridge: str
    # marking pages
    marking: str
    marks: str
    answers: str
    slips: str
    # errata
    errata: str
    void: str
    one_void: str
    many_void: str
    erratum: str
    no_erratum: str
    # blueprint
    blueprint: str
    section: str
    topic: str
    level: str
    minutes: str
    effort: str
    rate: str
    spread: str
    papers: str
    same: str
    picked: str
    needed: str
    too_long: str
    effort_told: str
    # sign-in sheet
    signin: str
    row: str
    seat: str
    signature: str
    no_glyphs: str

    def counted_points(self, number: int) -> str:
        """1 point, 8 points."""
        return _counted(self.one_point, self.many_points, number)

    def total_points(self, number: int) -> str:
        """What the whole exam counts."""
        return self.points_in_all.format(points=self.counted_points(number))

    def time_said(self, minutes: int, percent: int = 0) -> str:
        """The time allowed; what is extra is rounded up to a whole minute."""
        allowed = minutes + -(-minutes * percent // 100)
        said = _counted(self.one_minute, self.many_minutes, allowed)
        text = self.extra if percent else self.time
        return text.format(minutes=said, usual=minutes, percent=percent)

    def aids_said(self, aids: str, places: int) -> str:
        """What may be used, which logarithm is meant, how many decimals to carry."""
        allowed = {"none": self.no_aids, "strip": self.strip, "calculator": self.calculator}
        return " ".join((allowed[aids], self.logarithm, self.places.format(places=places)))

    def needed_said(self, needed: str, most: int, minutes: int) -> str:
        """How the problems' time stands to the exam's; `needed` says its range over the papers."""
        text = self.too_long if most > minutes else self.needed
        return text.format(needed=needed, minutes=minutes)

    def checked(self, values: int, equations: int) -> str:
        """What the certificates of a key examined."""
        return self.certified.format(
            values=_counted(self.one_value, self.many_values, values),
            equations=_counted(self.one_equation, self.many_equations, equations),
        )

    def bridge_said(self, part: str, values: Sequence[str]) -> str:
        """The offer after a part; `values` are ready for the page."""
        return self.bridge.format(part=part, values=", ".join(values))

    def erratum_said(self, points: Mapping[int, int], void: Sequence[int]) -> str:
        """What is void on a paper; `points` are those of every problem, by its number."""
        before = sum(points.values())
        if not void:
            return self.no_erratum.format(total=self.counted_points(before))
        out = sum(points[number] for number in void)
        numbers = ", ".join(map(str, void))
        return self.erratum.format(
            void=(self.one_void if len(void) == 1 else self.many_void).format(numbers=numbers),
            out=self.counted_points(out),
            total=self.counted_points(before - out),
            before=before,
        )


def _counted(one: str, many: str, number: int) -> str:
    return (one if number == 1 else many).format(number=number)


ENGLISH = Words(
    name="Name",
    ident="Student number",
    candidate="Candidate",
    form="Form",
    date="Date",
    time="Time: {minutes}",
    extra="Time: {minutes} ({usual} and {percent} % extra)",
    one_minute="{number} minute",
    many_minutes="{number} minutes",
    points="Points",
    one_point="{number} point",
    many_points="{number} points",
    points_in_all="{points} in all",
    problem="Problem",
    total="Total",
    page="page {page} of {total}",
    continues="continues on page {page}",
    continued="{number}, continued",
    end="end of paper",
    blank="This page is intentionally blank.",
    first_marker="1st",
    second_marker="2nd",
    subtotal="this page",
    spare="spare",
    no_aids="Allowed aids: none.",
    strip="Allowed aids: the strip of values. No calculator.",
    calculator="Allowed aids: a calculator.",
    logarithm="Logarithms are natural unless a problem says otherwise.",
    places="Work with at least {places} decimals; round each answer as its box says.",
    bridge="No answer to ({part})? Go on with {values}.",
    either="Either way earns full marks from here.",
    key="Key",
    certified="checked by independent routes: {values}, {equations}",
    one_value="{number} value",
    many_values="{number} values",
    one_equation="{number} equation",
    many_equations="{number} equations",
    with_bridge="going on with {values}",
    marking="Marking pages",
    marks="M: method; A: accuracy, not without its method; B: on its own; ft: follows through from"
    " the student's own earlier value. Of a rounded answer anything counts that rounds to it. What"
    " known slips lead to stands below.",
    answers="Answers",
    slips="Known slips",
    errata="Errata",
    void="void",
    one_void="Problem {numbers} is void",
    many_void="Problems {numbers} are void",
    erratum="{void}: {out} out, {total} in all instead of {before}.",
    no_erratum="Nothing is void: {total} in all.",
    blueprint="Blueprint",
    section="Section",
    topic="Topic",
    level="Level",
    minutes="Minutes",
    effort="Effort",
    rate="Points a minute",
    spread="Spread",
    papers="Papers",
    same="same for all",
    picked="{count} of {of}",
    needed="The problems take {needed} of the {minutes} minutes.",
    too_long="The problems take {needed} minutes; the exam has {minutes}.",
    effort_told="Minutes are what the problem's author allows, with its aids. Effort counts the"
    " arithmetic by hand, an addition as 1, in the median paper: its spread over the papers says"
    " how even a problem is; it doesn't compare one problem with another.",
    signin="Sign-in sheet",
    row="Row",
    seat="Seat",
    signature="Signature",
    no_glyphs="printed by number: the fonts lack letters of the name",
)

WORDS: Mapping[str, Words] = MappingProxyType({"en": ENGLISH})
