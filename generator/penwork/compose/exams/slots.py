"""The slots of a spec: each of its problems with the template's parts and the spec's points."""

from __future__ import annotations

from collections.abc import Sequence

from penwork.catalogue import Catalogue
from penwork.compose.exams.plan import Slot, scaled, slot_names
from penwork.compose.exams.spec import Entry, Spec, parts_of
from penwork.model import Part

_MOST = ("none", "strip", "calculator")
_NEEDED = {"strip": "the strip of values", "calculator": "a calculator"}


def slots_of_spec(spec: Spec, catalogue: Catalogue) -> tuple[Slot, ...]:
    """Every problem of the spec, in its order."""
    sections = [k for k, section in enumerate(spec.section) for _ in section.problem]
    names = slot_names(spec.entries)
    slots = []
    for section, name, entry in zip(sections, names, spec.entries, strict=True):
        template = catalogue.get(entry.template, entry.level)
        problem = template.problem
        parts = parts_of(entry, catalogue)
        slots.append(
            Slot(
                name=name,
                section=section,
                template=template.id,
                draws=problem.draws,
                version=problem.version,
                level=entry.level,
                letters=() if entry.parts == "all" else tuple(p.letter for p in parts),
                asks=tuple(part.asks for part in parts),
                bridges=entry.bridge,
                same=entry.same,
                title=problem.title,
                minutes=_minutes(problem.minutes[entry.level], entry, parts, catalogue),
                aids=problem.aids[entry.level],
                marks=scaled([part.marks for part in parts], entry.points),
                space=entry.space,
            )
        )
    return tuple(slots)


def _minutes(whole: int, entry: Entry, parts: Sequence[Part], catalogue: Catalogue) -> int:
    """The template's minutes; of some of its parts, their share by points."""
    if entry.parts == "all":
        return whole
    of = parts_of(entry.model_copy(update={"parts": "all"}), catalogue)
    points, total = (sum(part.points for part in some) for some in (parts, of))
    return -(-whole * points // total)


def aids_of(spec: Spec, slots: tuple[Slot, ...]) -> str:
    """The aids of the spec, or the most that its problems need."""
    return spec.aids or max((slot.aids for slot in slots), key=_MOST.index)


def beyond_aids(spec: Spec, slots: tuple[Slot, ...]) -> list[str]:
    """What problems need that the exam does not allow, a line each."""
    allowed = _MOST.index(aids_of(spec, slots))
    return [
        f"{slot.template} at level {slot.level} needs {_NEEDED[slot.aids]}, which this exam's aids"
        f' ("{spec.aids}") leave out.'
        for slot in slots
        if _MOST.index(slot.aids) > allowed
    ]
