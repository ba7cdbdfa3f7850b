"""A batch of papers and their keys: problems made and certified, set by TeX, cut apart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from penwork.bridge import replay_bridged
from penwork.catalogue import Catalogue
from penwork.compose.exams.layout import Layout
from penwork.compose.exams.plan import Item, Paper, Slot, with_marks
from penwork.compose.exams.words import WORDS
from penwork.document import document
from penwork.errors import Fault, PressError, UserError
from penwork.model import Instance
from penwork.press.engine import Document, Pages, find_engine
from penwork.press.exams.files import cut
from penwork.press.exams.keys import Key, key_data, key_of, keys_source, keys_specimen
from penwork.press.exams.letters import uncommon
from penwork.press.exams.medium import Medium
from penwork.press.exams.sources import Exam, Script, pages_of, papers_source
from penwork.press.lines import handed_in
from penwork.press.sheet import compile_documents

# How the log names a problem behind its number.
_SHOWN = re.compile(r"\((penwork show (\S+) --seed (\d+) --level (\d))\)")


@dataclass(frozen=True, slots=True)
class Batch:
    """Papers of one medium that TeX sets in one run, or their keys alone.

    Which are set together changes no byte of them.
    """

    exam: Exam
    medium: Medium
    layout: Layout
    papers: tuple[Paper, ...]
    engine: str = ""
    keep_tex: bool = False
    keys_only: bool = False


@dataclass(frozen=True, slots=True)
class Printed:
    """One paper and its key as PDF, with what the lists of the exam say of it.

    `paper` is empty where the keys alone were asked for; `geometry` tells its layout.
    """

    form: str
    paper: bytes
    key: bytes
    geometry: str
    problems: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """A paper that could not be made, and why; `certificate` where a certificate failed."""

    form: str
    template: str
    why: str
    replay: str = ""
    certificate: bool = False


@dataclass(slots=True)
class Outcome:
    """What became of a batch."""

    printed: list[Printed] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    sources: dict[str, bytes] = field(default_factory=dict)


def solved(catalogue: Catalogue, exam: Exam, paper: Paper) -> Script:
    """The paper with every problem made again from its seed, and certified."""
    made = (made_again(catalogue, exam.slots[item.slot], item) for item in paper.items)
    return Script(paper, tuple(made))


def made_again(catalogue: Catalogue, slot: Slot, item: Item) -> Instance:
    """One problem from its seed."""
    return replay_bridged(
        catalogue.get(slot.template),
        seed=item.seed,
        level=slot.level,
        attempt=item.attempt,
        parts=slot.letters,
        bridges=slot.bridges,
    )


def print_batch(catalogue: Catalogue, batch: Batch) -> Outcome:
    """Make, certify and set the papers of a batch; what fails is told, the others come out."""
    outcome = Outcome()
    scripts = []
    for paper in batch.papers:
        try:
            scripts.append(solved(catalogue, batch.exam, paper))
        except (Fault, UserError) as error:
            outcome.failures.append(failed(paper.form, error))
    try:
        _typeset(batch, scripts, outcome)
    except PressError:
        for script in scripts:
            _alone(batch, script, outcome)
    return outcome


def _alone(batch: Batch, script: Script, outcome: Outcome) -> None:
    try:
        _typeset(batch, [script], outcome)
    except PressError as error:
        outcome.failures.append(failed(script.paper.form, error))


def failed(form: str, error: Fault | UserError | PressError) -> Failure:
    """What is told of a paper that could not be made, the line that shows its problem apart."""
    if isinstance(error, Fault):
        return Failure(form, error.where.split(" ")[0], error.told, error.replay, True)
    found = _SHOWN.search(str(error))
    if found is None:
        return Failure(form, "", str(error))
    why = _SHOWN.sub(r"(\2 seed \3 level \4)", str(error))
    return Failure(form, found[2], why, found[1])


def _typeset(batch: Batch, scripts: Sequence[Script], outcome: Outcome) -> None:
    if not scripts:
        return
    exam, engine = batch.exam, find_engine(batch.engine or None)
    keys = [key_of(exam, script) for script in scripts]
    sources: list[Document] = []

    def written() -> Iterator[Document]:
        if not batch.keys_only:
            source = papers_source(exam, batch.medium, batch.layout, scripts)
            sources.append(Document("papers", source))
            yield sources[-1]  # TeX sets them while the keys are written
        sources.append(Document("keys", keys_source(keys)))
        yield sources[-1]

    *set_papers, set_keys = compile_documents(engine, written())
    for pages in set_papers:
        _refuse_overfull(pages)
    if set_keys.overfull:
        sources[-1], set_keys = _wider(engine, keys, set_keys)
    if len(scripts) > 1:
        for set_pages in set_papers:
            blank = papers_source(exam, batch.medium, batch.layout, ())
            _refuse_uncommon(engine, set_pages, blank)
        _refuse_uncommon(engine, set_keys, keys_specimen(keys[0]))
    if batch.keep_tex:
        first = keys[0].form
        outcome.sources |= {f"{d.name}-{first}.tex": d.source.encode() for d in sources}
    forms = [key.form for key in keys]
    papers = _cut_papers(batch, forms, set_papers[0]) if set_papers else [b""] * len(keys)
    geometry = batch.layout.fingerprint
    for key, script, paper, printed in zip(
        keys, scripts, papers, cut_keys(keys, set_keys), strict=True
    ):
        problems = tuple(problems_of(exam, script))
        outcome.printed.append(Printed(key.form, paper, printed, geometry, problems))


def print_keys(engine: Path, keys: Sequence[Key]) -> list[bytes]:
    """The keys alone."""
    [found] = compile_documents(engine, [Document("keys", keys_source(keys))])
    if found.overfull:
        _, found = _wider(engine, keys, found)
    return cut_keys(keys, found)


def _wider(engine: Path, keys: Sequence[Key], found: Pages) -> tuple[Document, Pages]:
    """The keys again, with what did not fit a column at full width."""
    wide = frozenset(" ".join(box.mark.split(" ")[:2]) for box in found.overfull)
    document = Document("keys", keys_source(keys, wide))
    [again] = compile_documents(engine, [document])
    _refuse_overfull(again)
    return document, again


def _refuse_overfull(pages: Pages) -> None:
    for box in pages.overfull:
        raise PressError(f"What stands in {box.mark} is {box.points:.0f} pt too {box.what}.")


def _refuse_uncommon(engine: Path, pages: Pages, specimen: str) -> None:
    """What has uncommon letters is set paper by paper, lest they get into the others' files."""
    if uncommon(engine, pages.pdf, specimen):
        raise PressError("Some papers have letters that others lack.")


def _cut_papers(batch: Batch, forms: Sequence[str], found: Pages) -> list[bytes]:
    exam = batch.exam
    pages = pages_of(batch.layout, batch.medium)
    numbers = [range(1 + k * pages, 1 + (k + 1) * pages) for k in range(len(forms))]
    titles = [f"{exam.spec.title}, {exam.words.form} {form}" for form in forms]
    return cut(found.pdf, numbers, titles, [None] * len(forms))


def cut_keys(keys: Sequence[Key], found: Pages) -> list[bytes]:
    """One file a key, by the form that each page says it belongs to."""
    numbers = [[1 + n for n, form in enumerate(found.forms) if form == key.form] for key in keys]
    words = [WORDS[key.language] for key in keys]
    titles = [f"{w.key}: {k.title}, {w.form} {k.form}" for k, w in zip(keys, words, strict=True)]
    return cut(found.pdf, numbers, titles, [key_data(key) for key in keys])


def problems_of(exam: Exam, script: Script) -> list[dict[str, Any]]:
    """What manifest, answers and marking pages say of a paper's problems."""
    return [
        problem_of(place.number, exam.slots[slot], instance, slot in exam.void)
        for place, slot, instance in zip(
            exam.places, script.paper.slots, script.instances, strict=True
        )
    ]


def problem_of(number: int, slot: Slot, instance: Instance, void: bool) -> dict[str, Any]:
    """One of them."""
    there = document(with_marks(instance, slot.marks))
    marks = {part.letter: text for part, text in zip(instance.parts, slot.marks, strict=True)}
    bridged = [
        [part.letter, list(bridge.values), handed_in(part.answers)]
        for bridge in instance.bridges
        for part in bridge.parts
    ]
    return {
        "number": number,
        "slot": slot.name,
        **({"void": True} if void else {}),
        "template": instance.id,
        "draws": instance.draws,
        "version": instance.version,
        "level": instance.level,
        "seed": instance.seed,
        "try": instance.attempt,
        "letters": list(slot.letters),
        "effort": there["effort"],
        "given": there["given"],
        "answers": {name: there["answers"][name] for name in instance.asked},
        "parts": there["parts"],
        **({"bridges": there["bridges"]} if "bridges" in there else {}),
        "marking": {
            "answers": {
                part.letter: handed_in([instance.answers[n] for n in part.asks])
                for part in instance.parts
            },
            "marks": marks,
            "slips": [[slip.latex, slip.name] for slip in instance.slips],
            **({"bridged": bridged} if bridged else {}),
        },
    }
