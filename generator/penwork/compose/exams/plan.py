"""An exam as data: slots, places, papers; who gets which problem with which seed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace

from penwork.compose.exams.roster import Student
from penwork.compose.exams.seeds import Codes, Source
from penwork.compose.exams.spec import Accommodation, Entry, Spec
from penwork.errors import Fault, UserError
from penwork.model import Instance, points_of

FAIR = 0.15
TURNS = 16
MOST_TURNS = 800
USUAL_FORMS = 4
EVERYBODY = "everybody"
FORM = "form "
Asks = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Slot:
    """A problem of the spec as every paper has it: what differs is its numbers.

    `asks` are the answers of each part, the same in all variants; `marks` the marker's codes of
    each part, scaled to the points that the spec wants.
    """

    name: str
    section: int
    template: str
    draws: int
    version: int
    level: int
    letters: tuple[str, ...]
    asks: Asks
    bridges: tuple[str, ...]
    same: bool
    title: str
    minutes: int
    aids: str
    marks: tuple[str, ...]
    space: str | float

    @property
    def points(self) -> int:
        return sum(points_of(marks) for marks in self.marks)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a problem stands: its number on paper, and the slots that may stand there."""

    number: int
    section: int
    slots: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """A problem of one paper: the slot, and the draw that was kept."""

    slot: int
    seed: int
    attempt: int


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper: whose it is, and which slot stands at each place.

    `number` counts from 1 by first appearance, those who left included; spare papers apart.
    """

    form: str
    student: Student
    number: int
    who: str
    candidate: str
    slots: tuple[int, ...]
    adapted: Accommodation | None
    items: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """A draw to make: the first of the seeds whose effort is fair; they count from `turn`."""

    template: str
    level: int
    letters: tuple[str, ...]
    asks: Asks
    band: tuple[float, float]
    seeds: tuple[int, ...]
    turn: int = 0


@dataclass(frozen=True, slots=True)
class Drawn:
    """What was drawn: the turn and its seed and try, a digest of the givens, the asked numbers."""

    turn: int
    seed: int
    attempt: int
    givens: str
    effort: float
    numbers: tuple[str, ...]


def scaled(marks: Sequence[str], points: int | None) -> tuple[str, ...]:
    """The marker's codes of all parts for a new total, by the largest remainder.

    Every part keeps at least a point where there are enough.
    """
    if points is None:
        return tuple(marks)
    codes = [
        (i, letter, int(weight), follows)
        for i, text in enumerate(marks)
        for letter, weight, follows in re.findall(r"([A-Z])(\d+)(ft)?", text)
    ]
    whole = sum(weight for _, _, weight, _ in codes)
    shares = [points * weight / whole for _, _, weight, _ in codes]
    given = [int(share) for share in shares]
    parts = range(len(marks))

    def of_part(part: int) -> int:
        return sum(g for g, (i, *_) in zip(given, codes, strict=True) if i == part)

    while sum(given) < points:
        bare = [p for p in parts if of_part(p) == 0]
        open_ = [k for k, (i, *_) in enumerate(codes) if not bare or i in bare]
        best = max(open_, key=lambda k: (shares[k] - given[k], -k))
        given[best] += 1
    texts: list[list[str]] = [[] for _ in marks]
    for (i, letter, _, follows), number in zip(codes, given, strict=True):
        if number:
            texts[i].append(f"{letter}{number}{follows}")
    return tuple(" ".join(text) for text in texts)


def with_marks(instance: Instance, marks: Sequence[str]) -> Instance:
    """The instance with the exam's marks and points."""
    parts = (
        replace(part, marks=text, points=points_of(text))
        for part, text in zip(instance.parts, marks, strict=True)
    )
    return replace(instance, parts=tuple(parts))


def slot_names(entries: Sequence[Entry]) -> list[str]:
    """Names that stay when other problems come or go: template, level, which of its kind."""
    seen: dict[str, int] = {}
    names = []
    for entry in entries:
        base = f"{entry.template}@{entry.level}"
        seen[base] = seen.get(base, 0) + 1
        names.append(base if seen[base] == 1 else f"{base}#{seen[base]}")
    return names


def places_of(spec: Spec) -> list[Place]:
    """The places of a paper; where a section picks or shuffles, several slots may stand at each."""
    places: list[Place] = []
    first = 0
    for number, section in enumerate(spec.section):
        slots = tuple(range(first, first + len(section.problem)))
        first += len(section.problem)
        mixed = section.pick is not None or section.order == "shuffled"
        for k in range(section.pick or len(slots)):
            stands = slots if mixed else (slots[k],)
            places.append(Place(len(places) + 1, number, stands))
    return places


def slots_of(spec: Spec, source: Source, who: str) -> tuple[int, ...]:
    """Which slot stands at each place of a student's (or a form's) paper."""
    chosen: list[int] = []
    first = 0
    for number, section in enumerate(spec.section):
        slots = list(range(first, first + len(section.problem)))
        first += len(slots)
        if section.pick is not None:
            slots = sorted(source.draw("pick", who, number).some(slots, section.pick))
        if section.order == "shuffled":
            slots = source.draw("order", who, number).shuffle(slots)
        chosen += slots
    return tuple(chosen)


def whose(spec: Spec, student: Student, number: int) -> tuple[str, str]:
    """Who draws for a student's paper, and the candidate's number where names are left out."""
    who = f"student {student.id}"
    if isinstance(spec.versions, int):
        who = FORM + chr(ord("A") + (number - 1) % spec.versions)
    candidate = f"S{number:03d}" if student.spare else f"{number:04d}"
    return who, candidate if spec.anonymous else ""


def spares(spec: Spec) -> tuple[Student, ...]:
    """Those whom the spare papers are for."""
    return tuple(Student(f"spare-{k}", "", spare=True) for k in range(1, spec.spare + 1))


def print_order(students: Iterable[Student]) -> list[str]:
    """The ids in the order of the papers: by row and seat, without them as the class list has it.

    Whoever has no seat comes last.
    """
    return [s.id for s in sorted(students, key=lambda s: (s.place is None, s.place or (0, 0)))]


def labelled(form: str, who: str) -> str:
    """The code as cover and lists have it: behind its letter where the exam has forms."""
    return f"{who[-1]} {form}" if who.startswith(FORM) else form


def papers_of(
    spec: Spec,
    students: Mapping[str, Student],
    order: Sequence[str],
    source: Source,
    before: Mapping[str, str],
) -> list[Paper]:
    """The spare papers, then one for each student who is in the order, spares not among them.

    They draw in this order, so that late students change no spare paper. `before` has the codes
    given earlier.
    """
    unknown = sorted(spec.accommodations.keys() - students.keys())
    if unknown:
        raise UserError(
            f"The accommodation for {unknown[0]!r} is for nobody of this class.",
            "Mend the id, or take it out.",
        )
    codes = Codes(source)
    codes.keep(before.values())
    papers = []
    spare = [student.id for student in spares(spec)]
    for number, name in (*enumerate(spare, 1), *enumerate(order, 1)):
        if name in students:
            who, candidate = whose(spec, students[name], number)
            papers.append(
                Paper(
                    form=before.get(name) or codes.give(name),
                    student=students[name],
                    number=number,
                    who=who,
                    candidate=candidate,
                    slots=slots_of(spec, source, who),
                    adapted=spec.accommodations.get(name),
                )
            )
    return papers


def neighbours(students: Sequence[Student]) -> dict[str, list[str]]:
    """Who sits beside, before or behind whom, by their ids."""
    seats = {student.place: student.id for student in students if student.place}
    found: dict[str, list[str]] = {}
    for (row, seat), student in seats.items():
        near = ((row, seat - 1), (row, seat + 1), (row - 1, seat), (row + 1, seat))
        found[student] = [seats[place] for place in near if place in seats]
    return found


@dataclass(slots=True)
class Draws:
    """Who draws what: nobody the same givens twice, neighbours and forms never the same numbers."""

    slots: Sequence[Slot]
    bands: Sequence[tuple[float, float]]
    source: Source

    def who_draws(self, paper: Paper, slot: int) -> str:
        return EVERYBODY if self.slots[slot].same else paper.who

    def wanted(self, who: str, slot: int, turn: int = 0) -> Wanted:
        its = self.slots[slot]
        seeds = tuple(self.source.seed(who, its.name, turn + k) for k in range(TURNS))
        return Wanted(its.template, its.level, its.letters, its.asks, self.bands[slot], seeds, turn)

    def needed(self, papers: Sequence[Paper]) -> dict[tuple[str, int], Wanted]:
        """Every draw once, in the order of the papers; what a paper has is drawn again as it is."""
        jobs: dict[tuple[str, int], Wanted] = {}
        for paper in papers:
            for slot in paper.slots:
                who = self.who_draws(paper, slot)
                if (who, slot) in jobs:
                    continue
                its = next((item.seed for item in paper.items if item.slot == slot), None)
                job = self.wanted(who, slot)
                jobs[who, slot] = job if its is None else replace(job, seeds=(its,))
        return jobs

    def settle(
        self,
        papers: Sequence[Paper],
        first: Mapping[tuple[str, int], Drawn],
        near: Mapping[str, Sequence[str]],
        again: Callable[[str, int, int], Drawn],
    ) -> Iterator[tuple[Paper, Fault | None]]:
        """The papers with their items; a draw that somebody has already is drawn again.

        Papers that have their items come first and keep them. `again(who, slot, turn)` draws
        from that turn on; a paper whose draw fails comes with the fault, and without items.
        """
        settling = _Settling(self, first, near, again)
        for paper in papers:
            try:
                items = settling.items_of(paper)
            except Fault as fault:
                yield paper, fault
            else:
                yield (paper if paper.items else replace(paper, items=items)), None

    def refuse_beyond(self, turn: int, slot: int, used: Set[tuple[int, str]]) -> None:
        """Raise UserError where so many turns found nothing that is free."""
        if turn <= MOST_TURNS:
            return
        there = sum(1 for at, _ in used if at == slot)
        its = self.slots[slot]
        forms = f"Print forms (versions = {min(USUAL_FORMS, there)}), set" if there > 1 else "Set"
        raise UserError(
            f"{its.template} at level {its.level} has about {there} different problems of equal"
            " effort, too few for this class.",
            f"{forms} `same = true`, or take another template.",
        )


@dataclass(slots=True)
class _Settling:
    """What the papers have so far: givens by slot, numbers by student, draws by who drew them."""

    draws: Draws
    first: Mapping[tuple[str, int], Drawn]
    near: Mapping[str, Sequence[str]]
    again: Callable[[str, int, int], Drawn]
    used: set[tuple[int, str]] = field(default_factory=set)
    numbers: dict[tuple[str, int], tuple[str, ...]] = field(default_factory=dict)
    kept: dict[tuple[str, int], Drawn] = field(default_factory=dict)
    forms: dict[str, str] = field(default_factory=dict)

    def items_of(self, paper: Paper) -> tuple[Item, ...]:
        student = paper.student.id
        if paper.who.startswith(FORM):  # one of each form: who sits where, the spec doesn't say
            self.forms.setdefault(paper.who, student)
        beside = [*self.near.get(student, ()), *self.forms.values()]
        items = []
        for slot in paper.slots:
            its = self._drawn(paper, slot, beside)
            self.numbers[student, slot] = its.numbers
            items.append(Item(slot, its.seed, its.attempt))
        return tuple(items)

    def _drawn(self, paper: Paper, slot: int, beside: Sequence[str]) -> Drawn:
        """What was drawn already, or the first draw that is free; a paper that is there has its."""
        who = self.draws.who_draws(paper, slot)
        if (who, slot) in self.kept:
            return self.kept[who, slot]
        theirs = {self.numbers.get((other, slot)) for other in beside} - {()}
        drawn = self.first.get((who, slot)) or self.again(who, slot, TURNS)
        while not paper.items and ((slot, drawn.givens) in self.used or drawn.numbers in theirs):
            self.draws.refuse_beyond(drawn.turn, slot, self.used)
            drawn = self.again(who, slot, drawn.turn + 1)
        self.used.add((slot, drawn.givens))
        self.kept[who, slot] = drawn
        return drawn
