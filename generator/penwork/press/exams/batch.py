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
from penwork.press.exams.keys import Key, key_data, key_of, keys_source
from penwork.press.exams.medium import Medium
from penwork.press.exams.sources import Exam, Script, pads, papers_source
from penwork.press.lines import handed_in
from penwork.press.sheet import compile_documents


@dataclass(frozen=True, slots=True)
class Batch:
    """Papers of one medium that TeX sets in one run, or their keys alone."""

    number: int
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

    `paper` is empty where the keys alone were asked for.
    """

    form: str
    paper: bytes
    key: bytes
    problems: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """A paper that could not be made, and why."""

    form: str
    template: str
    why: str
    replay: str
    certificate: bool


@dataclass(slots=True)
class Outcome:
    """What became of a batch."""

    number: int
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
    outcome = Outcome(batch.number)
    scripts = []
    for paper in batch.papers:
        try:
            scripts.append(solved(catalogue, batch.exam, paper))
        except Fault as fault:
            failing = fault.where.split(" ")[0]
            outcome.failures.append(Failure(paper.form, failing, str(fault), fault.replay, True))
        except UserError as error:
            outcome.failures.append(Failure(paper.form, "", str(error), "", False))
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
        found = re.search(r"\((penwork show (\S+) [^)]*)\)", str(error))
        template, line = (found[2], found[1]) if found else ("", "")
        outcome.failures.append(Failure(script.paper.form, template, str(error), line, False))


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
    if batch.keep_tex:
        outcome.sources |= {f"{d.name}-{batch.number + 1}.tex": d.source.encode() for d in sources}
    forms = [key.form for key in keys]
    papers = _cut_papers(batch, forms, set_papers[0]) if set_papers else [b""] * len(keys)
    for key, script, paper, printed in zip(
        keys, scripts, papers, cut_keys(keys, set_keys), strict=True
    ):
        outcome.printed.append(Printed(key.form, paper, printed, tuple(problems_of(exam, script))))


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


def _cut_papers(batch: Batch, forms: Sequence[str], found: Pages) -> list[bytes]:
    exam = batch.exam
    pages = len(batch.layout.pages) + pads(batch.layout, batch.medium)
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
        },
    }
