"""The audit: many seeds of a template and level made, watched, typeset, and held to limits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

from penwork import instance
from penwork.catalogue import Catalogue
from penwork.compose.recipe import Recipe
from penwork.compose.sheet import lay_out
from penwork.errors import Fault, PressError, UserError
from penwork.model import Instance
from penwork.press.sheet import measure_sheet
from penwork.problem import LEVELS, Template
from penwork.prove.loose import loose
from penwork.prove.observe import Seen, observe
from penwork.prove.watch import STAGES, Watch

A_CHUNK = 100
PROVED = 3
THOUSAND = 1000
HOPELESS = 20  # failures: a chunk whose first seeds all fail is given up
BINS = 12
MM = 25.4 / 72.27


class Chunk(NamedTuple):
    """Some seeds of one template and level; the first chunk of each is also typeset."""

    id: str
    level: int
    first: int
    last: int
    typeset: bool


class Failure(NamedTuple):
    """A rule of truth that broke, and the line that shows it again."""

    rule: str
    message: str
    replay: str


@dataclass(frozen=True, slots=True)
class Pressed:
    """What TeX said of a batch: pages, boxes that don't fit, heights in millimetres."""

    instances: int
    pages: tuple[int, int]
    overfull: tuple[str, ...]
    beyond: tuple[str, ...]
    statement: tuple[float, float]
    solution: tuple[float, float]


@dataclass(slots=True)
class Found:
    """What a chunk gave."""

    chunk: Chunk
    seen: list[Seen] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    rejected: Counter[str] = field(default_factory=Counter)
    pressed: Pressed | None = None


class Spread(NamedTuple):
    """A quantity over the instances; `bins` count from `low` to `high` in equal steps."""

    low: float
    p5: float
    median: float
    p95: float
    high: float
    bins: tuple[int, ...]


class Handing(NamedTuple):
    """An asked answer over the instances: how often its commonest value came, and where from."""

    name: str
    asked: int
    common: str
    share: float
    words: bool
    told: float
    position: float
    options: int


class Silent(NamedTuple):
    """A slip that leads to the key, or nowhere: in which share of the instances that declare it.

    `elsewhere` is True where it shows at another level, or might; `why` is what it raised.
    """

    name: str
    declared: int
    share: float
    elsewhere: bool
    why: str


@dataclass(frozen=True, slots=True)
class Row:
    """All that the audit knows of a template at a level."""

    id: str
    version: int
    level: int
    made: int
    failures: tuple[Failure, ...]
    rejected: dict[str, int]
    ms: Spread
    worst_seed: int
    stages: dict[str, float]
    distinct: int
    repeats: float
    answers: tuple[Handing, ...]
    picked: dict[str, float]
    slips: float
    coinciding: float
    silent: tuple[Silent, ...]
    loose: tuple[str, ...]
    effort: Spread
    outliers: tuple[int, ...]
    digits: int
    decimals: int
    pressed: Pressed | None

    @property
    def name(self) -> str:
        return f"{self.id}, level {self.level}"

    @property
    def tries(self) -> float:
        """Draws that a kept instance took."""
        return 1 + sum(self.rejected.values()) / max(self.made, 1)


# ── in a worker ──


def chunks(templates: Iterable[Template], seeds: int, level: int | None) -> list[Chunk]:
    """The work for seeds 0 to `seeds` - 1 of every template and level."""
    return [
        Chunk(template.id, each, first, min(first + A_CHUNK, seeds) - 1, first == 0)
        for template in templates
        for each in LEVELS
        if each in template.problem.minutes and level in (None, each)
        for first in range(0, seeds, A_CHUNK)
    ]


def work(catalogue: Catalogue, chunk: Chunk) -> Found:
    """Make the instances of a chunk; failures are noted, none stops the audit."""
    template = catalogue.get(chunk.id)
    found = Found(chunk)
    instances: list[Instance] = []
    with Watch() as watch:
        for seed in range(chunk.first, chunk.last + 1):
            watch.start()
            try:
                made = instance.make(template, seed=seed, level=chunk.level)
            except Fault as fault:
                step = f"step {fault.step}: " if fault.step else ""
                found.failures.append(Failure(fault.rule, step + fault.message, fault.replay))
                if len(found.failures) == HOPELESS and not found.seen:
                    break
            else:
                found.seen.append(observe(made, watch.stop()))
                instances.append(made)
        found.rejected = watch.rejected
    if chunk.typeset:
        found.failures += _unproved(template, instances[:PROVED])
    if chunk.typeset and instances:
        try:
            found.pressed = press(instances)
        except (PressError, UserError) as error:
            replay = f"penwork proof {chunk.id} --seeds {chunk.first}-{chunk.last}"
            found.failures.append(Failure("typeset", str(error), replay))
    return found


def _unproved(template: Template, instances: Sequence[Instance]) -> Iterator[Failure]:
    """What `derives=` claims and SymPy does not find; what it cannot work it leaves open."""
    if "derives=" not in Path(template.path).read_text(encoding="utf-8"):
        return
    from penwork.prove.symbolic import derivatives

    for made in instances:
        try:
            derivatives(template, made.given)
        except Fault as fault:
            replay = f"penwork audit {made.id} --level {made.level} --seeds {PROVED}"
            yield Failure(fault.rule, f"step {fault.step}: {fault.message}", replay)
        except Exception:
            continue


def press(instances: Sequence[Instance]) -> Pressed:
    """The instances as one worksheet and its key, measured by TeX."""
    sheet = lay_out(Recipe(seed=0, items=(), space="none"), instances, "Audit")
    worksheet, key = measure_sheet(sheet)
    overfull = [
        f"{box.points:.0f} pt too {box.what}: {box.mark}"
        for pages in (worksheet, key)
        for box in pages.overfull
    ]
    beyond = [
        f"{size.beyond:.0f} pt beyond the margin: {size.mark}"
        for pages in (worksheet, key)
        for size in pages.sizes
        if size.beyond > 1
    ]
    statement, solution = (
        [round(size.height * MM, 1) for size in pages.sizes] for pages in (worksheet, key)
    )
    return Pressed(
        instances=len(instances),
        pages=(worksheet.count, key.count),
        overfull=tuple(overfull),
        beyond=tuple(beyond),
        statement=(min(statement), max(statement)),
        solution=(min(solution), max(solution)),
    )


# ── afterwards ──


def summarise(catalogue: Catalogue, found: Sequence[Found]) -> list[Row]:
    """One row for each template and level, in the order of the chunks."""
    groups: dict[tuple[str, int], list[Found]] = {}
    for each in found:
        groups.setdefault((each.chunk.id, each.chunk.level), []).append(each)
    return [
        _row(catalogue.get(name), level, group, _shown_elsewhere(catalogue, groups, name, level))
        for (name, level), group in groups.items()
    ]


def _shown_elsewhere(
    catalogue: Catalogue, groups: Mapping[tuple[str, int], Sequence[Found]], name: str, level: int
) -> set[str] | None:
    """The slips of a template that show at another level; None where not all were audited."""
    if any((name, each) not in groups for each in catalogue.get(name).problem.minutes):
        return None
    return {
        slip
        for (its, other), group in groups.items()
        if its == name and other != level
        for found in group
        for one in found.seen
        for slip, nowhere in one.silent.items()
        if nowhere is None
    }


def _row(template: Template, level: int, group: Sequence[Found], elsewhere: set[str] | None) -> Row:
    seen = [one for found in group for one in found.seen]
    effort = spread([one.effort for one in seen])
    quarters = quantiles((one.effort for one in seen), n=4) if len(seen) > 1 else (0, 0, 0)
    reach = 1.5 * (quarters[2] - quarters[0])
    worst = max(seen, key=lambda one: one.ms, default=None)
    return Row(
        id=template.id,
        version=template.problem.version,
        level=level,
        made=len(seen),
        failures=tuple(failure for found in group for failure in found.failures),
        rejected=dict(sum((found.rejected for found in group), Counter()).most_common()),
        ms=spread([one.ms for one in seen]),
        worst_seed=worst.seed if worst else 0,
        stages={
            stage: median(one.stages[i] for one in seen) if seen else 0.0
            for i, stage in enumerate(STAGES)
        },
        distinct=len({one.given for one in seen}),
        repeats=repeats([one.given for one in seen]),
        answers=tuple(_answers(seen)),
        picked=_picked(seen),
        slips=_mean([one.slips for one in seen]),
        coinciding=_mean([one.coinciding > 0 for one in seen]),
        silent=tuple(_silent(seen, elsewhere)),
        loose=tuple(loose([one.said for one in seen])),
        effort=effort,
        outliers=tuple(
            one.seed
            for one in seen
            if not quarters[0] - reach <= one.effort <= quarters[2] + reach and len(seen) > 1
        ),
        digits=max((one.digits for one in seen), default=0),
        decimals=max((one.decimals for one in seen), default=0),
        pressed=next((found.pressed for found in group if found.pressed), None),
    )


def repeats(givens: Sequence[str]) -> float:
    """The share of the first thousand that had come before; of more seeds more would have."""
    first = givens[:THOUSAND]
    return 1 - len(set(first)) / len(first) if first else 0.0


def spread(values: Sequence[float]) -> Spread:
    """Quantiles and a histogram."""
    if not values:
        return Spread(0, 0, 0, 0, 0, ())
    low, high = min(values), max(values)
    twentieths = quantiles(values, n=20, method="inclusive") if len(values) > 1 else [low] * 19
    width = (high - low) / BINS or 1
    counted = Counter(min(int((value - low) / width), BINS - 1) for value in values)
    bins = tuple(counted[i] for i in range(BINS))
    return Spread(low, twentieths[0], median(values), twentieths[-1], high, bins)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / max(len(values), 1)


def _answers(seen: Sequence[Seen]) -> Iterable[Handing]:
    names = dict.fromkeys(handed.name for one in seen for handed in one.handed)
    for name in names:
        handed = [h for one in seen for h in one.handed if h.name == name]
        values = Counter(h.printed for h in handed)
        places = Counter(h.position for h in handed if h.options)
        common, count = values.most_common(1)[0]
        yield Handing(
            name=name,
            asked=len(handed),
            common=common,
            share=count / len(handed),
            words=any(h.words for h in handed if h.printed == common),
            told=_mean([h.told for h in handed]),
            position=max(places.values(), default=0) / len(handed),
            options=max(h.options for h in handed),
        )


def _silent(seen: Sequence[Seen], elsewhere: set[str] | None) -> Iterable[Silent]:
    """The slips that don't show in every instance, the most silent first."""
    found: dict[str, list[str | None]] = {}
    for one in seen:
        for name, nowhere in one.silent.items():
            found.setdefault(name, []).append(nowhere)
    shares = []
    for name, each in found.items():
        mute = [why for why in each if why is not None]
        if mute:
            known, why = elsewhere is None or name in elsewhere, max(mute, key=mute.count)
            shares.append(Silent(name, len(each), len(mute) / len(each), known, why))
    return sorted(shares, key=lambda slip: -slip.share)


def _picked(seen: Sequence[Seen]) -> dict[str, float]:
    """For each decision: how often what was kept stood in its commonest place."""
    places: dict[str, Counter[int]] = {}
    for one in seen:
        for picked in one.picked:
            places.setdefault(picked.step, Counter())[picked.position] += 1
    return {step: max(found.values()) / found.total() for step, found in places.items()}
