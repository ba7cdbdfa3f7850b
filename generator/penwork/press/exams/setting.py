"""What all papers of an exam have in common: its slots and places, its geometry, its efforts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from penwork.catalogue import Catalogue
from penwork.compose.exams.layout import Layout, Measured, lay_out, with_strip_page
from penwork.compose.exams.plan import FAIR, Paper, Slot, places_of
from penwork.compose.exams.slots import aids_of, slots_of_spec
from penwork.compose.exams.spec import Spec
from penwork.compose.exams.words import WORDS
from penwork.press.exams.measure import Probe, measure_fixed, probed
from penwork.press.exams.medium import Medium
from penwork.press.exams.sources import Exam, has_strip_page

# Does one piece of work for many jobs, on every core or machine, in their order.
Spread = Callable[[Callable[[Catalogue, Any], Any], Sequence[Any], str], Iterator[Any]]


@dataclass(slots=True)
class Setting:
    """All that the papers of an exam have in common, measured."""

    exam: Exam
    media: tuple[Medium, ...]
    layouts: Mapping[Medium, Layout]
    efforts: tuple[float, ...]

    @property
    def bands(self) -> list[tuple[float, float]]:
        return [((1 - FAIR) * effort, (1 + FAIR) * effort) for effort in self.efforts]


def exam_of(spec: Spec, catalogue: Catalogue) -> Exam:
    """The exam as data, before anything is drawn or measured."""
    slots = slots_of_spec(spec, catalogue)
    return Exam(spec, slots, tuple(places_of(spec)), WORDS[spec.language], aids_of(spec, slots))


def setting_of(exam: Exam, someone: Paper, spread: Spread, engine: str) -> Setting:
    """Measure every slot in every medium that somebody needs."""
    media = media_of(exam.spec)
    jobs = [Probe(exam, slot, media, engine) for slot in range(len(exam.slots))]
    found: list[list[Measured]] = list(spread(probed, jobs, "Measuring the problems"))
    layouts = {}
    for k, medium in enumerate(media):
        heights = measure_fixed(exam, medium, someone, engine)
        slots = [roomy(slot) if medium.large else slot for slot in exam.slots]
        layout = lay_out(exam.places, slots, [f[k] for f in found], heights)
        layouts[medium] = with_strip_page(layout) if has_strip_page(exam, medium) else layout
    return Setting(exam, media, layouts, tuple(f[0].effort for f in found))


def roomy(slot: Slot) -> Slot:
    """A share of a page that holds less has little room left beside the task."""
    return replace(slot, space="auto") if slot.space in ("third", "half") else slot


def media_of(spec: Spec) -> tuple[Medium, ...]:
    """The usual medium, and those of the accommodations."""
    others = {(a.large_print, a.sans) for a in spec.accommodations.values()} - {(False, False)}
    kinds = [(False, False), *sorted(others)]
    return tuple(Medium(spec.paper, large, sans) for large, sans in kinds)


def medium_of(spec: Spec, paper: Paper) -> Medium:
    adapted = paper.adapted
    if adapted is None:
        return Medium(spec.paper)
    return Medium(spec.paper, adapted.large_print, adapted.sans)
