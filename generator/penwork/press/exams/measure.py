"""How high the pieces of an exam are, and how laborious its problems: by TeX, on probes.

Probes come from fixed seeds, so that the geometry rests on the spec alone: a late student, or
another class, changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from functools import lru_cache
from pathlib import Path
from statistics import median

from penwork import kept
from penwork.bridge import replay_bridged
from penwork.catalogue import Catalogue
from penwork.compose.exams.layout import MILLIMETRE, Heights, Measured
from penwork.compose.exams.plan import Paper, Slot
from penwork.compose.sheet import room
from penwork.errors import Fault, PressError, Reject, UserError
from penwork.instance import certify, propose
from penwork.model import Instance
from penwork.press.engine import Document, Pages, find_engine
from penwork.press.exams.medium import Medium
from penwork.press.exams.sources import Exam, cover_source, probes_source
from penwork.press.format import format_name
from penwork.press.sheet import compile_documents
from penwork.problem import Template

PROBES = 24
_KIND = "measures"
_PIECES = {"cover": "cover (title, course, date, instructions)", "head": "head of a section"}


@dataclass(frozen=True, slots=True)
class Probe:
    """A slot to be measured in some media."""

    exam: Exam
    slot: int
    media: tuple[Medium, ...]
    engine: str = ""


def probed(catalogue: Catalogue, probe: Probe) -> list[Measured]:
    """What a slot needs in each medium. Raises PressError where it is too wide for one.

    Raises UserError where a part offers no number to go on with, or the parts don't stand alone.
    """
    slot = probe.exam.slots[probe.slot]
    template = catalogue.get(slot.template)
    key = _key(probe, slot, template)
    if known := kept.recall(_KIND, key):
        return [Measured(*each) for each in json.loads(known)]
    instances = _instances(template, slot)
    _offered(template, slot, instances[0])
    usual = template.problem.typical.get(slot.level) if not slot.letters else None
    effort = usual or median(float(instance.effort) for instance in instances)
    most = max(room(instance, "work") for instance in instances) * MILLIMETRE
    found = []
    for medium in probe.media:
        pages = _set(probe, medium, instances)
        beyond = [size.beyond for size in pages.sizes] + [box.points for box in pages.overfull]
        if max(beyond) > 1:
            raise PressError(
                f"{slot.template} at level {slot.level} is {max(beyond):.0f} pt too wide for"
                f" {'large print on ' if medium.large else ''}{medium.paper} paper."
            )
        found.append(Measured(max(size.height for size in pages.sizes), most, effort))
    kept.keep(_KIND, key, json.dumps([astuple(measured) for measured in found]).encode())
    return found


def _key(probe: Probe, slot: Slot, template: Template) -> str:
    """Under what the measures are kept: all that they come from."""
    heads = [probes_source(probe.exam, medium, probe.slot, {}) for medium in probe.media]
    engine = format_name(find_engine(probe.engine or None))
    own = Path(template.path).read_bytes(), template.statement
    return kept.digest(_code(), engine, *own, repr(slot), *heads)


@lru_cache(maxsize=1)
def _code() -> str:
    """Tells one state of penwork from another."""
    return kept.digest_of_files(Path(kept.__file__).parent)


def _instances(template: Template, slot: Slot) -> list[Instance]:
    found = []
    why = "no draw makes one"
    for seed in range(PROBES):
        try:
            attempt, good = propose(template, seed=seed, level=slot.level, parts=slot.letters)
            if tuple(part.asks for part in good.prose.parts) == slot.asks:
                found.append(certify(template, good, level=slot.level, seed=seed, attempt=attempt))
        except Reject:
            continue
        except Fault as fault:
            if not slot.letters:
                raise
            found, why = [], fault.message
            break
    if not found:
        raise UserError(
            f"{slot.template} at level {slot.level} makes no problem of"
            f" {', '.join(slot.letters) or 'all its parts'} alone ({why}).",
            "Take more of its parts, or all.",
        )
    return found


def _offered(template: Template, slot: Slot, one: Instance) -> None:
    """See that every bridge can be made, before anything is written."""
    replay_bridged(
        template,
        seed=one.seed or 0,
        level=slot.level,
        attempt=one.attempt or 0,
        parts=slot.letters,
        bridges=slot.bridges,
    )


def _set(probe: Probe, medium: Medium, instances: Sequence[Instance]) -> Pages:
    tasks = {f"{instance.id} {k}": instance for k, instance in enumerate(instances)}
    source = probes_source(probe.exam, medium, probe.slot, tasks)
    return compile_documents(find_engine(probe.engine or None), [Document("probes", source)])[0]


def measure_fixed(exam: Exam, medium: Medium, paper: Paper, engine: str = "") -> Heights:
    """The height of the cover and of each section's head. UserError where they fit no page."""
    source = cover_source(exam, medium, paper)
    [pages] = compile_documents(find_engine(engine or None), [Document("cover", source)])
    heights = [size.height for size in pages.sizes]
    where = f"{medium.paper} paper{' in large print' * medium.large}"
    for box in pages.overfull:
        raise UserError(
            f"A line of the {_PIECES[box.mark]} is {box.points:.0f} pt too wide for {where}.",
            "Shorten its longest word.",
        )
    for size in pages.sizes:
        if size.height > medium.points_high:
            raise UserError(
                f"The {_PIECES[size.mark]} is higher than a page of {where}.", "Shorten its text."
            )
    return Heights(medium.points_high, heights[0], tuple(heights[1:]))
