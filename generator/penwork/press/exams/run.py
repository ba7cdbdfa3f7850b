"""An exam from its spec to a folder: planned, drawn, printed in batches, resumed where it broke."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

from penwork import __version__
from penwork.catalogue import Catalogue
from penwork.compose.exams.drawing import draw_all, first_fair
from penwork.compose.exams.plan import Drawn, Draws, Paper, neighbours, papers_of
from penwork.compose.exams.roster import Student
from penwork.compose.exams.spec import Spec
from penwork.compose.exams.void import refuse_empty, void_slots
from penwork.document import dumps
from penwork.errors import UserError
from penwork.press.engine import find_engine, said_version
from penwork.press.exams.batch import Batch, Failure, Outcome, print_batch
from penwork.press.exams.finish import Finished, finish
from penwork.press.exams.medium import Medium
from penwork.press.exams.records import (
    FORMAT,
    MANIFEST,
    WORKING,
    Known,
    Placed,
    adapted_of,
    digest,
    medium_name,
    placed_of,
    planned,
    read_json,
    record_of,
)
from penwork.press.exams.request import Request
from penwork.press.exams.setting import Setting, Spread, exam_of, medium_of, setting_of
from penwork.press.exams.sources import Exam
from penwork.press.exams.standing import (
    Standing,
    clear,
    exams_own,
    refuse_foreign,
    refuse_to_lose,
    standings,
    void_notes,
)
from penwork.press.sheet import check_folder, write_all

PLAN = "plan.json"
LARGEST_BATCH = 16
DRAWN_TOGETHER = 20


@dataclass(slots=True)
class Result:
    """What came of a run: papers made in it, and papers that got new keys alone."""

    folder: Path
    papers: int
    made: int
    failures: list[Failure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    rekeyed: int = 0


def run_exam(
    request: Request, catalogue: Catalogue, spread: Spread, local: Spread | None = None
) -> Result:
    """Make all that is not there yet. What could not be made is told in the result.

    `local` does the work that reads the folder, where `spread` uses other machines.
    """
    check_folder(request.folder)
    exam = exam_of(request.spec, catalogue)
    inputs = inputs_of(request, exam)
    known = known_before(request, inputs)
    stood = [k for k, slot in enumerate(exam.slots) if slot.name in known.void]
    void = void_slots(request.void, stood, exam.slots, exam.places)
    _sweep(request.folder)
    students = _students(request)
    order = list(dict.fromkeys([*known.order, *students]))
    codes = {each.paper.student.id: each.paper.form for each in known.placed}
    papers = papers_of(request.spec, students, order, request.source, codes)
    refuse_empty(papers, void)
    setting = setting_of(exam, papers[0], spread, request.engine)
    setting = replace(setting, exam=replace(exam, void=void))
    placed = _place(request, catalogue, setting, papers, known, spread)
    by_form = {each.paper.form: each for each in placed}
    standing = standings(request.folder, placed, known, setting.exam, bool(request.void))
    _write_plan(request.folder, inputs, order, placed, setting.exam)
    records = {form: known.records[form] for form, stands in standing.items() if stands}
    _take_away(request.folder, {each.paper.form for each in known.placed} - by_form.keys())
    failures: list[Failure] = []
    made: set[str] = set()
    rekeyed: set[str] = set()
    batches = batches_of(request, setting, placed, standing)
    for outcome in spread(print_batch, batches, "Printing"):
        refuse_to_lose(outcome.failures, standing)
        records |= _keep(request.folder, outcome, by_form, known)
        failures += outcome.failures
        made |= {printed.form for printed in outcome.printed if printed.paper}
        rekeyed |= {printed.form for printed in outcome.printed if not printed.paper}
    records = {p.form: records[p.form] for p in papers if p.form in records}
    failures += _withheld(failures, records)
    for failure in failures:
        records.pop(failure.form, None)
    _take_away(request.folder, (failure.form for failure in failures))
    notes = finish(
        Finished(request, setting, inputs, order, records, failures), spread, local or spread
    )
    if not failures:
        shutil.rmtree(request.folder / WORKING, ignore_errors=True)
    notes += void_notes(setting.exam, known, bool(request.void))
    made &= records.keys()
    return Result(request.folder, len(records), len(made), failures, notes, len(rekeyed))


def inputs_of(request: Request, exam: Exam) -> str:
    """Tells one exam from another: its spec, its secret, its templates, its typesetting."""
    engine = said_version(find_engine(request.engine or None))
    drawn = [[slot.template, slot.draws, slot.version] for slot in exam.slots]
    spec = request.spec.model_dump(mode="json", exclude={"accommodations", "spare"})
    text = [FORMAT, spec, request.source.fingerprint, drawn, __version__, engine]
    return digest(json.dumps(text).encode())


def known_before(request: Request, inputs: str) -> Known:
    """What an earlier run left in the folder; another exam's finished papers are not touched."""
    folder = request.folder
    finished = exams_own(folder / MANIFEST)
    plan = exams_own(folder / WORKING / PLAN)
    if request.void and not (finished or {}).get("papers"):
        raise UserError(f"No exam stands in {folder} yet.", "Make it first, without --void.")
    if finished is None and plan is None:
        refuse_foreign(request)
    if finished is not None and finished.get("inputs") != inputs:
        if request.void or not request.force:
            raise UserError(
                f"{folder} holds another exam ({finished.get('title', 'unknown')}, penwork"
                f" {finished.get('penwork', '?')}), or this one from another spec or secret.",
                "Void with the spec, secret and penwork that made it."
                if request.void
                else "Choose another folder with -o, or replace it with --force.",
            )
        finished = None
    if plan is None or plan["inputs"] != inputs:
        plan = finished  # a plan is never older than the manifest beside it
    if plan is None:
        clear(folder)
        return Known()
    records = {each["form"]: json.dumps(each) for each in (finished or {}).get("papers", ())}
    for file in sorted((folder / WORKING).glob("batch-*.json")):
        records |= {each["form"]: json.dumps(each) for each in read_json(file) or []}
    placed = [placed_of(each, adapted_of(each)) for each in plan["papers"]]
    return Known(placed, records, plan["order"], plan.get("void", []))


def _sweep(folder: Path) -> None:
    """Half-written files that a killed run left under other names."""
    for place in (folder, *(folder / name for name in ("papers", "keys", "tex", WORKING))):
        for file in place.glob(".penwork-*"):
            with suppress(OSError):
                file.unlink()


def _students(request: Request) -> dict[str, Student]:
    """The class by id, then the spare papers."""
    spares = [Student(f"spare-{k}", "", spare=True) for k in range(1, request.spec.spare + 1)]
    return {student.id: student for student in (*request.roster.students, *spares)}


def _place(
    request: Request,
    catalogue: Catalogue,
    setting: Setting,
    papers: Sequence[Paper],
    known: Known,
    spread: Spread,
) -> list[Placed]:
    """Every paper with its problems and its batch; what was placed before stays as it was."""
    before = {each.paper.form: each for each in known.placed}
    kept = [replace(p, items=before[p.form].paper.items) for p in papers if p.form in before]
    new = [paper for paper in papers if paper.form not in before]
    if new:
        new = _drawn(request, catalogue, setting, kept, new, spread)
    there, moved = [], []
    for paper in kept:
        same = medium_name(paper) == medium_name(before[paper.form].paper)
        if same:
            there.append(Placed(paper, before[paper.form].batch))
        else:
            moved.append(paper)
    return [*there, *_batched(request.spec, [*moved, *new], known)]


def _drawn(
    request: Request,
    catalogue: Catalogue,
    setting: Setting,
    kept: Sequence[Paper],
    new: Sequence[Paper],
    spread: Spread,
) -> list[Paper]:
    """The new papers with their problems, of which nobody has the same."""
    draws = Draws(setting.exam.slots, setting.bands, request.source)
    jobs = draws.needed([*kept, *new])
    wanted = list(jobs.values())
    together = [wanted[k : k + DRAWN_TOGETHER] for k in range(0, len(wanted), DRAWN_TOGETHER)]
    found = chain.from_iterable(spread(draw_all, together, "Drawing the numbers"))
    first = {key: drawn for key, drawn in zip(jobs, found, strict=True) if drawn}

    def again(who: str, slot: int, turn: int) -> Drawn:
        wanted = draws.wanted(who, slot, turn)
        return first_fair(catalogue, wanted) or again(who, slot, turn + len(wanted.seeds))

    near = neighbours([paper.student for paper in (*kept, *new)])
    return list(draws.settle([*kept, *new], first, near, again))[len(kept) :]


def _batched(spec: Spec, papers: Sequence[Paper], known: Known) -> list[Placed]:
    """New papers in batches of one medium, numbered on from those of before."""
    size = max(5, min(LARGEST_BATCH, len(papers) // 8))
    number = max((each.batch for each in known.placed), default=-1)
    full: dict[Medium, list[int]] = {}
    placed = []
    for paper in papers:
        batch = full.setdefault(medium_of(spec, paper), [number, size])
        if batch[1] == size:
            number += 1
            batch[:] = [number, 0]
        batch[1] += 1
        placed.append(Placed(paper, batch[0]))
    return placed


def batches_of(
    request: Request,
    setting: Setting,
    placed: Sequence[Placed],
    standing: Mapping[str, Standing],
) -> list[Batch]:
    """What TeX has to set: every batch of which a paper is missing, whole; else missing keys."""
    grouped: dict[int, list[Paper]] = {}
    for each in placed:
        grouped.setdefault(each.batch, []).append(each.paper)
    batches = []
    for number, papers in grouped.items():
        medium = medium_of(request.spec, papers[0])
        whole = not all(standing[paper.form] for paper in papers)
        wanted = [paper for paper in papers if whole or standing[paper.form] == "paper"]
        if wanted:
            batches.append(
                Batch(
                    number,
                    setting.exam,
                    medium,
                    setting.layouts[medium],
                    tuple(wanted),
                    request.engine,
                    request.keep_tex,
                    keys_only=not whole,
                )
            )
    return batches


def _write_plan(
    folder: Path, inputs: str, order: Sequence[str], placed: Sequence[Placed], exam: Exam
) -> None:
    papers = [planned(each) for each in placed]
    void = [exam.slots[slot].name for slot in exam.void]
    plan = {"inputs": inputs, "order": order, "void": void, "papers": papers}
    write_all({folder / WORKING / PLAN: dumps(plan).encode()})


def _keep(
    folder: Path, outcome: Outcome, placed: Mapping[str, Placed], known: Known
) -> dict[str, str]:
    """Write what a batch made, then the line that says so."""
    records = {
        p.form: record_of(placed[p.form], p, known.records.get(p.form, "")) for p in outcome.printed
    }
    contents: dict[Path, bytes] = {}
    for printed in outcome.printed:
        if printed.paper:
            contents[folder / "papers" / f"{printed.form}.pdf"] = printed.paper
        contents[folder / "keys" / f"{printed.form}.pdf"] = printed.key
    contents |= {folder / "tex" / name: source for name, source in outcome.sources.items()}
    write_all(contents)
    lines = f"[{','.join(records.values())}]"
    write_all({folder / WORKING / f"batch-{outcome.number:05d}.json": lines.encode()})
    return records


def _withheld(failures: Sequence[Failure], records: Mapping[str, str]) -> list[Failure]:
    """The papers that came out, though their template failed a certificate in another."""
    faulty = {failure.template for failure in failures if failure.certificate}
    found = []
    for form, line in records.items():
        used = faulty & {problem["template"] for problem in json.loads(line)["problems"]}
        if used:
            why = f"withheld, for a certificate of {min(used)} failed"
            found.append(Failure(form, min(used), why, "", False))
    return found


def _take_away(folder: Path, forms: Iterable[str]) -> None:
    """Papers and keys that are nobody's any more, or must not be used."""
    for form in forms:
        for name in ("papers", "keys"):
            (folder / name / f"{form}.pdf").unlink(missing_ok=True)
