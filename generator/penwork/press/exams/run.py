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
from penwork.compose.exams.plan import (
    Drawn,
    Draws,
    Item,
    Paper,
    neighbours,
    papers_of,
    print_order,
    spares,
)
from penwork.compose.exams.roster import Student
from penwork.compose.exams.void import refuse_empty, void_slots
from penwork.document import dumps
from penwork.errors import Fault, UserError
from penwork.press.engine import find_engine, said_version
from penwork.press.exams.batch import Batch, Failure, Outcome, failed, print_batch
from penwork.press.exams.claims import Planned, Record, can_go_by
from penwork.press.exams.finish import Finished, finish
from penwork.press.exams.records import (
    FORMAT,
    MANIFEST,
    WORKING,
    Known,
    adapted_of,
    digest,
    paper_of,
    planned,
    read_json,
    record_of,
)
from penwork.press.exams.request import Request
from penwork.press.exams.setting import Setting, Spread, exam_of, setting_of
from penwork.press.exams.sources import Exam
from penwork.press.exams.standing import (
    Standing,
    clear,
    exams_own,
    gone_notes,
    refuse_damaged,
    refuse_foreign,
    refuse_to_forget,
    refuse_to_lose,
    standings,
    void_notes,
)
from penwork.press.sheet import check_folder, write_all

PLAN = "plan.json"
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
    order = list(dict.fromkeys([*known.order, *(s.id for s in request.roster.students)]))
    codes = {paper.student.id: paper.form for paper in known.papers}
    papers = papers_of(request.spec, students, order, request.source, codes)
    refuse_empty(papers, void)
    setting = setting_of(exam, spread, request.engine, request.keep_tex)
    setting = replace(setting, exam=replace(exam, void=void))
    papers, failures = _drawn(request, catalogue, setting, papers, known, spread)
    failures |= {failure.form: failure for failure in setting.withheld(papers)}
    refuse_to_forget(failures, known)
    by_form = {paper.form: paper for paper in papers}
    standing = standings(request.folder, papers, known, setting, bool(request.void))
    if known.goes:
        clear(request.folder)
    _write_plan(request, inputs, order, papers, setting)
    due = {form: stands for form, stands in standing.items() if form not in failures}
    records = {form: known.records[form] for form, stands in due.items() if stands}
    gone = {paper.form for paper in known.papers} - by_form.keys()
    _take_away(request.folder, gone)
    made: set[str] = set()
    rekeyed: set[str] = set()
    outcomes = spread(print_batch, _batches(request, setting, by_form, due), "Printing")
    for number, outcome in enumerate(outcomes, len(_done(request.folder))):
        refuse_to_lose(outcome.failures, standing)
        records |= _keep(request.folder, number, outcome, by_form, known)
        failures |= {failure.form: failure for failure in outcome.failures}
        made |= {printed.form for printed in outcome.printed if printed.paper}
        rekeyed |= {printed.form for printed in outcome.printed if not printed.paper}
    failures |= _withheld(failures.values(), records)
    _take_away(request.folder, failures)
    forms = _in_order(students, papers)
    records = {form: records[form] for form in forms if form in records and form not in failures}
    missing = list(failures.values())
    notes = finish(
        Finished(request, setting, inputs, order, records, missing), spread, local or spread
    )
    if not missing:
        shutil.rmtree(request.folder / WORKING, ignore_errors=True)
    notes += gone_notes(known, gone - failures.keys())
    notes += void_notes(setting.exam, known, bool(request.void))
    made &= records.keys()
    return Result(request.folder, len(records), len(made), missing, notes, len(rekeyed))


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
    elif finished is not None and not can_go_by(finished, Record):
        refuse_damaged(request)
        finished = None
    begun = plan is not None and finished is None
    if plan is None or plan["inputs"] != inputs or not can_go_by(plan, Planned):
        plan = finished  # a plan is never older than the manifest beside it
    if plan is None:
        told = f"Cleared away what was unfinished in {folder}: it was of another spec or secret."
        return Known(goes=True, told=told if begun else "")
    records = {each["form"]: json.dumps(each) for each in (finished or {}).get("papers", ())}
    for file in _done(folder):
        batch = read_json(file)
        if can_go_by({"order": [], "papers": batch}, Record):
            records |= {each["form"]: json.dumps(each) for each in batch}
    papers = [paper_of(each, adapted_of(each)) for each in plan["papers"]]
    return Known(papers, records, plan["order"], plan.get("void", []))


def _done(folder: Path) -> list[Path]:
    """The records of what runs have printed that did not finish, the latest last."""
    return sorted((folder / WORKING).glob("batch-*.json"))


def _sweep(folder: Path) -> None:
    """Half-written files that a killed run left under other names."""
    for place in (folder, *(folder / name for name in ("papers", "keys", "tex", WORKING))):
        for file in place.glob(".penwork-*"):
            with suppress(OSError):
                file.unlink()


def _students(request: Request) -> dict[str, Student]:
    """The class by id, then the spare papers."""
    students = {student.id: student for student in request.roster.students}
    for spare in spares(request.spec):
        if spare.id in students:
            raise UserError(
                f"The id {spare.id} is that of a spare paper.",
                "Give the student another, or set spare = 0.",
            )
        students[spare.id] = spare
    return students


def _in_order(students: Mapping[str, Student], papers: Iterable[Paper]) -> list[str]:
    """The forms in the order in which they are bound."""
    forms = {paper.student.id: paper.form for paper in papers}
    return [forms[name] for name in print_order(students.values()) if name in forms]


def _drawn(
    request: Request,
    catalogue: Catalogue,
    setting: Setting,
    papers: Sequence[Paper],
    known: Known,
    spread: Spread,
) -> tuple[list[Paper], dict[str, Failure]]:
    """The papers with their problems, of which nobody has the same; what had some keeps them.

    Apart from them, those whose draw fails.
    """
    before = {paper.form: paper.items for paper in known.papers}
    kept = [replace(p, items=before[p.form]) for p in papers if _fit(p, before.get(p.form, ()))]
    there = {paper.form for paper in kept}
    new = [paper for paper in papers if paper.form not in there]
    if not new:
        return kept, {}
    draws = Draws(setting.exam.slots, setting.bands, request.source)
    jobs = draws.needed([*kept, *new])
    wanted = list(jobs.values())
    together = [wanted[k : k + DRAWN_TOGETHER] for k in range(0, len(wanted), DRAWN_TOGETHER)]
    found = chain.from_iterable(spread(draw_all, together, "Drawing the numbers"))
    drawn = dict(zip(jobs, found, strict=True))
    first = {key: each for key, each in drawn.items() if isinstance(each, Drawn)}
    failures = {
        paper.form: failed(paper.form, fault)
        for paper in (*kept, *new)
        for slot in paper.slots
        if isinstance(fault := drawn[draws.who_draws(paper, slot), slot], Fault)
    }
    sound = [paper for paper in (*kept, *new) if paper.form not in failures]

    def again(who: str, slot: int, turn: int) -> Drawn:
        wanted = draws.wanted(who, slot, turn)
        return first_fair(catalogue, wanted) or again(who, slot, turn + len(wanted.seeds))

    near = neighbours([paper.student for paper in sound])
    settled = []
    for paper, fault in draws.settle(sound, first, near, again):
        if fault:
            failures[paper.form] = failed(paper.form, fault)
        else:
            settled.append(paper)
    return settled, failures


def _fit(paper: Paper, items: Sequence[Item]) -> bool:
    """Whether these are of the problems that the paper has."""
    return [item.slot for item in items] == list(paper.slots)


def _batches(
    request: Request, setting: Setting, papers: Mapping[str, Paper], due: Mapping[str, Standing]
) -> list[Batch]:
    """What TeX has to set: the papers that are missing with their keys, and missing keys."""
    whole = [papers[form] for form, stands in due.items() if not stands]
    keys = [papers[form] for form, stands in due.items() if stands == "paper"]
    engine, keep_tex = request.engine, request.keep_tex
    return [
        *setting.batches(whole, engine, keep_tex=keep_tex),
        *setting.batches(keys, engine, keep_tex=keep_tex, keys_only=True),
    ]


def _write_plan(
    request: Request, inputs: str, order: Sequence[str], papers: Sequence[Paper], setting: Setting
) -> None:
    """The plan; with --keep-tex, what was set to measure the problems too."""
    void = [setting.exam.slots[slot].name for slot in setting.exam.void]
    plan = {"inputs": inputs, "order": order, "void": void, "papers": [*map(planned, papers)]}
    files = {request.folder / WORKING / PLAN: dumps(plan).encode()}
    for name, source in setting.sources.items() if request.keep_tex else ():
        files[request.folder / "tex" / f"{name}.tex"] = source.encode()
    write_all(files)


def _keep(
    folder: Path, number: int, outcome: Outcome, papers: Mapping[str, Paper], known: Known
) -> dict[str, str]:
    """Write what a batch made, then the line that says so."""
    records = {
        p.form: record_of(papers[p.form], p, known.records.get(p.form, "")) for p in outcome.printed
    }
    contents: dict[Path, bytes] = {}
    for printed in outcome.printed:
        if printed.paper:
            contents[folder / "papers" / f"{printed.form}.pdf"] = printed.paper
        contents[folder / "keys" / f"{printed.form}.pdf"] = printed.key
    contents |= {folder / "tex" / name: source for name, source in outcome.sources.items()}
    write_all(contents)
    lines = f"[{','.join(records.values())}]"
    write_all({folder / WORKING / f"batch-{number:05d}.json": lines.encode()})
    return records


def _withheld(failures: Iterable[Failure], records: Mapping[str, str]) -> dict[str, Failure]:
    """The papers that came out, though their template failed a certificate in another."""
    faulty = {failure.template for failure in failures if failure.certificate}
    found = {}
    for form, line in records.items():
        used = faulty & {problem["template"] for problem in json.loads(line)["problems"]}
        if used:
            why = f"withheld, for a certificate of {min(used)} failed"
            found[form] = Failure(form, min(used), why)
    return found


def _take_away(folder: Path, forms: Iterable[str]) -> None:
    """Papers and keys that are nobody's any more, or must not be used."""
    for form in forms:
        for name in ("papers", "keys"):
            (folder / name / f"{form}.pdf").unlink(missing_ok=True)
