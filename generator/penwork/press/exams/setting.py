"""What all papers of an exam have in common: its slots and places, its geometry, its efforts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from penwork.catalogue import Catalogue
from penwork.compose.exams.layout import Layout, lay_out, with_strip_page
from penwork.compose.exams.plan import FAIR, Paper, Slot, places_of
from penwork.compose.exams.slots import aids_of, slots_of_spec
from penwork.compose.exams.spec import Spec
from penwork.compose.exams.words import WORDS
from penwork.press.exams.batch import Batch, Failure
from penwork.press.exams.measure import Probe, Probed, measure_fixed, probed
from penwork.press.exams.medium import Medium
from penwork.press.exams.sources import Exam, has_strip_page

# Does one piece of work for many jobs, on every core or machine, in their order.
Spread = Callable[[Callable[[Catalogue, Any], Any], Sequence[Any], str], Iterator[Any]]
SMALLEST_BATCH, LARGEST_BATCH = 5, 16


@dataclass(slots=True)
class Setting:
    """All that the papers of an exam have in common, measured.

    `unmeasured` tells why of the slots that could not be, and `sources` what TeX set to measure.
    """

    exam: Exam
    media: tuple[Medium, ...]
    layouts: Mapping[Medium, Layout]
    efforts: tuple[float, ...]
    unmeasured: Mapping[int, Failure] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)

    @property
    def bands(self) -> list[tuple[float, float]]:
        return [((1 - FAIR) * effort, (1 + FAIR) * effort) for effort in self.efforts]

    def geometry(self, paper: Paper) -> str:
        """The fingerprint of a paper's layout."""
        return self.layouts[medium_of(self.exam.spec, paper)].fingerprint

    def withheld(self, papers: Iterable[Paper]) -> Iterator[Failure]:
        """The papers with a problem that could not be measured, or whose certificate failed."""
        faulty = {each.template: each for each in self.unmeasured.values() if each.certificate}
        for paper in papers:
            for slot in paper.slots:
                its = faulty.get(self.exam.slots[slot].template) or self.unmeasured.get(slot)
                if its:
                    yield replace(its, form=paper.form)
                    break

    def batches(
        self,
        papers: Sequence[Paper],
        engine: str,
        *,
        keep_tex: bool = False,
        keys_only: bool = False,
    ) -> list[Batch]:
        """What TeX sets in one run each: papers of one medium, some for every core."""
        size = max(SMALLEST_BATCH, min(LARGEST_BATCH, len(papers) // 8))
        of_medium: dict[Medium, list[Paper]] = {}
        for paper in papers:
            of_medium.setdefault(medium_of(self.exam.spec, paper), []).append(paper)
        return [
            Batch(
                self.exam,
                medium,
                self.layouts[medium],
                tuple(those[k : k + size]),
                engine,
                keep_tex,
                keys_only,
            )
            for medium, those in of_medium.items()
            for k in range(0, len(those), size)
        ]


def exam_of(spec: Spec, catalogue: Catalogue) -> Exam:
    """The exam as data, before anything is drawn or measured."""
    slots = slots_of_spec(spec, catalogue)
    return Exam(spec, slots, tuple(places_of(spec)), WORDS[spec.language], aids_of(spec, slots))


def setting_of(exam: Exam, spread: Spread, engine: str, keep_tex: bool = False) -> Setting:
    """Measure every slot in every medium that somebody needs."""
    media = media_of(exam.spec)
    jobs = [Probe(exam, slot, media, engine, keep_tex) for slot in range(len(exam.slots))]
    found: list[Probed] = list(spread(probed, jobs, "Measuring the problems"))
    sources = {name: source for each in found for name, source in each.sources.items()}
    layouts = {}
    for k, medium in enumerate(media):
        heights, sources[f"cover-{medium.name}"] = measure_fixed(exam, medium, engine)
        slots = [roomy(slot) if medium.large else slot for slot in exam.slots]
        layout = lay_out(exam.places, slots, [f.measured[k] for f in found], heights)
        layouts[medium] = with_strip_page(layout) if has_strip_page(exam, medium) else layout
    efforts = tuple(each.measured[0].effort for each in found)
    unmeasured = {slot: each.failure for slot, each in enumerate(found) if each.failure}
    return Setting(exam, media, layouts, efforts, unmeasured, sources)


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
