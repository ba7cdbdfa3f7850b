"""How high the pieces of an exam are, and how laborious its problems: by TeX, on probes.

Probes come from fixed seeds, so that the geometry rests on the spec alone: a late student, or
another class, changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import astuple, dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from statistics import median
from typing import Any

from penwork import kept
from penwork.bridge import replay_bridged
from penwork.catalogue import Catalogue
from penwork.compose.exams.layout import MILLIMETRE, Heights, Measured
from penwork.compose.exams.plan import Slot
from penwork.compose.sheet import room
from penwork.errors import Fault, PressError, Reject, UserError
from penwork.instance import Proposal, certify, propose
from penwork.model import Instance
from penwork.press.engine import Document, find_engine
from penwork.press.exams.batch import Failure, failed
from penwork.press.exams.medium import Medium
from penwork.press.exams.sources import Exam, cover_source, probes_source
from penwork.press.format import format_name
from penwork.press.sheet import compile_documents
from penwork.problem import Template

PROBES = 24
_KIND = "measures"
_PIECES = {
    "cover": "cover (title, course, date, instructions)",
    "head": "head of a section",
    "continued": "head of a problem that goes on",
}


@dataclass(frozen=True, slots=True)
class Probe:
    """A slot to be measured in some media, `keep_tex` although it was measured before."""

    exam: Exam
    slot: int
    media: tuple[Medium, ...]
    engine: str = ""
    keep_tex: bool = False


@dataclass(frozen=True, slots=True)
class Probed:
    """What a slot needs in each medium, or of what fails its effort alone, and why."""

    measured: tuple[Measured, ...]
    failure: Failure | None = None
    sources: Mapping[str, str] = field(default_factory=dict)


def probed(catalogue: Catalogue, probe: Probe) -> Probed:
    """What a slot needs in each medium.

    Raises UserError where a part offers no number to go on with, or the parts don't stand alone.
    """
    slot = probe.exam.slots[probe.slot]
    template = catalogue.get(slot.template)
    key = _key(probe, slot, template)
    if not probe.keep_tex and (known := kept.recall(_KIND, key)):
        return Probed(tuple(map(_recalled, json.loads(known))))
    sources: dict[str, str] = {}
    try:
        instances = _instances(template, slot)
        _offered(template, slot, instances[0])
        found = tuple(_measured(probe, template, instances, sources))
    except (Fault, PressError) as error:
        failure = replace(failed("", error), template=slot.template)
        nothing = Measured(0.0, 0.0, _effort(template, slot, _proposed(template, slot)))
        return Probed((nothing,) * len(probe.media), failure, sources if probe.keep_tex else {})
    kept.keep(_KIND, key, json.dumps([astuple(measured) for measured in found]).encode())
    return Probed(found, None, sources if probe.keep_tex else {})


def _measured(
    probe: Probe, template: Template, instances: Sequence[Instance], sources: dict[str, str]
) -> Iterator[Measured]:
    """One for each medium; `sources` takes what TeX sets. PressError where it is too wide."""
    slot = probe.exam.slots[probe.slot]
    effort = _effort(template, slot, instances)
    most = max(room(instance, "work") for instance in instances) * MILLIMETRE
    engine = find_engine(probe.engine or None)
    for medium in probe.media:
        source = probes_source(probe.exam, medium, probe.slot, instances)
        sources[f"probes-{probe.slot + 1}-{medium.name}"] = source
        [pages] = compile_documents(engine, [Document("probes", source)])
        beyond = [(size.beyond, size.mark) for size in pages.sizes]
        beyond += [(box.points, box.mark) for box in pages.overfull]
        points, mark = max(beyond)
        if points > 1:
            raise PressError(
                f"{mark} is {points:.0f} pt too wide for"
                f" {'large print on ' if medium.large else ''}{medium.paper} paper."
            )
        # of each probe the whole task, then its blocks
        own = len(pages.sizes) // len(instances)
        task, *blocks = (max(size.height for size in pages.sizes[k::own]) for k in range(own))
        yield Measured(task, most, effort, tuple(blocks))


def _recalled(stored: Sequence[Any]) -> Measured:
    task, room, effort, blocks = stored
    return Measured(task, room, effort, tuple(blocks))


def _effort(template: Template, slot: Slot, those: Iterable[Instance | Proposal]) -> float:
    """The usual effort of a slot: as the template says, or as these have it."""
    usual = template.problem.typical.get(slot.level) if not slot.letters else None
    return usual or median([float(each.effort) for each in those] or [1.0])


def _proposed(template: Template, slot: Slot) -> Iterator[Proposal]:
    """The probes that can be worked, though no certificate says that they are right."""
    for seed in range(PROBES):
        with suppress(Fault, Reject):
            yield propose(template, seed=seed, level=slot.level, parts=slot.letters)[1]


def _key(probe: Probe, slot: Slot, template: Template) -> str:
    """Under what the measures are kept: all that they come from."""
    heads = [probes_source(probe.exam, medium, probe.slot, ()) for medium in probe.media]
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


def measure_fixed(exam: Exam, medium: Medium, engine: str = "") -> tuple[Heights, str]:
    """The height of the cover and of each section's head, and what TeX set to measure them.

    Raises UserError where they fit no page.
    """
    source = cover_source(exam, medium)
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
    cover, *heads, continued = heights
    return Heights(medium.points_high, cover, tuple(heads), continued), source
