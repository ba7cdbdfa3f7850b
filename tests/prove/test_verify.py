"""A sound exam has no fault, and whoever changed a digit or a page is found out."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from penwork.catalogue import load
from penwork.press.exams.records import digest
from penwork.prove.verify.findings import Finding, Findings
from penwork.prove.verify.folder import verify_folder
from press.exams import small

Change = Callable[[Path], None]


quick = pytest.fixture(small.quick, autouse=True, scope="module")


def verified(folder: Path) -> Findings:
    return verify_folder(folder, small.catalogue(), small.spread)


def claims(folder: Path) -> Any:
    return json.loads((folder / "manifest.json").read_bytes())


def first(folder: Path, place: str, number: int = 0) -> Path:
    """A paper or key, in the manifest's order."""
    form = claims(folder)["papers"][number]["form"]
    return folder / place / f"{form}.pdf"


def in_manifest(*path: str | int, to: Any) -> Change:
    """A change of what the manifest says at this place; names of files stand for their form."""

    def change(folder: Path) -> None:
        there = claims(folder)
        inner = there
        for step in path[:-1]:
            inner = inner[step]
        assert inner[path[-1]] != to
        inner[path[-1]] = to
        (folder / "manifest.json").write_text(json.dumps(there))

    return change


def with_hash(change: Change, name: Callable[[Path], Path]) -> Change:
    """The change, and the manifest's hash of the file made to fit."""

    def both(folder: Path) -> None:
        change(folder)
        there, file = claims(folder), name(folder)
        short = str(file.relative_to(folder))
        records = [record["files"] for record in there["papers"]]
        named = next((files for files in records if short in files), there["files"])
        named[short] = digest(file.read_bytes())
        (folder / "manifest.json").write_text(json.dumps(there))

    return both


def key(folder: Path) -> Path:
    return first(folder, "keys")


def paper(folder: Path) -> Path:
    return first(folder, "papers")


def answers(folder: Path) -> Path:
    return folder / "answers.csv"


def digit_of_answers(folder: Path) -> None:
    text = answers(folder).read_text()
    assert "3/5" in text
    answers(folder).write_text(text.replace("3/5", "3/7", 1))


def bridged_answer(folder: Path) -> None:
    text = answers(folder).read_text()
    assert "converges (bridge b),no" in text
    answers(folder).write_text(text.replace("(bridge b),no", "(bridge b),yes", 1))


def row_of_answers(folder: Path) -> None:
    lines = answers(folder).read_bytes().splitlines(keepends=True)
    answers(folder).write_bytes(b"".join(lines[:-1]))


def change_attachment(folder: Path, change: Callable[[Any], Any]) -> None:
    with pikepdf.open(key(folder), allow_overwriting_input=True) as pdf:
        [name] = pdf.attachments
        there = json.loads(bytes(pdf.attachments[name].get_file().read_bytes()))
        change(there["problems"][0])
        changed = json.dumps(there).encode()
        pdf.attachments[name] = pikepdf.AttachedFileSpec(pdf, changed, filename=name)
        pdf.save()


def digit_of_attachment(folder: Path) -> None:
    change_attachment(folder, lambda there: there["answers"]["factor"].update(value="3/7"))


def version_of_attachment(folder: Path) -> None:
    change_attachment(folder, lambda there: there.update(version=9))


def redrawn(file: Path) -> None:
    with pikepdf.open(file, allow_overwriting_input=True) as pdf:
        content = pdf.pages[0].Contents.read_bytes()
        at = content.index(b")]TJ")
        changed = content[: at - 1] + (b"7" if content[at - 1 : at] != b"7" else b"8")
        pdf.pages[0].Contents = pdf.make_stream(changed + content[at:])
        pdf.save()


def page_of_key(folder: Path) -> None:
    redrawn(key(folder))


def page_of_paper(folder: Path) -> None:
    redrawn(paper(folder))


def note_on_paper(folder: Path) -> None:
    with pikepdf.open(paper(folder), allow_overwriting_input=True) as pdf:
        note = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot,
            Subtype=pikepdf.Name.Text,
            Rect=[0, 0, 20, 20],
            Contents=pikepdf.String("factor = 3/5"),
        )
        pdf.pages[0].Annots = pdf.make_indirect(pikepdf.Array([note]))
        pdf.save()


def swapped_pages(folder: Path) -> None:
    with pikepdf.open(paper(folder), allow_overwriting_input=True) as pdf:
        page = pdf.pages[1]
        del pdf.pages[1]
        pdf.pages.insert(0, page)
        pdf.save()


def swapped_files(folder: Path) -> None:
    one, other = first(folder, "keys", 0), first(folder, "keys", 1)
    content = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(content)


def missing(folder: Path) -> None:
    key(folder).unlink()


def emptied(folder: Path) -> None:
    paper(folder).write_bytes(b"")


def cut_short(folder: Path) -> None:
    paper(folder).write_bytes(paper(folder).read_bytes()[:2000])


def foreign(folder: Path) -> None:
    (folder / "papers" / "WWWWWWW.pdf").write_bytes(paper(folder).read_bytes())


def volume(folder: Path) -> None:
    (folder / "keys.pdf").write_bytes((folder / "papers.pdf").read_bytes())


def lost_paper(folder: Path) -> None:
    there = claims(folder)
    record = there["papers"].pop()
    for name in record["files"]:
        (folder / name).unlink()
    (folder / "manifest.json").write_text(json.dumps(there))


def unnamed(name: str) -> Change:
    """A file of the exam is gone, and the manifest doesn't speak of it."""

    def change(folder: Path) -> None:
        there = claims(folder)
        del there["files"][name]
        (folder / name).unlink()
        (folder / "manifest.json").write_text(json.dumps(there))

    return change


def reversed_list(name: str) -> Change:
    """What the manifest lists, from its end."""

    def change(folder: Path) -> None:
        in_manifest(name, to=claims(folder)[name][::-1])(folder)

    return change


def further_volume(folder: Path) -> None:
    (folder / "keys-1.pdf").write_bytes((folder / "keys.pdf").read_bytes())


CHANGES: dict[str, tuple[Change, str]] = {
    "given": (in_manifest("papers", 0, "problems", 0, "given", "w0", to=-2), "given.w0"),
    "answer": (
        in_manifest("papers", 0, "problems", 0, "answers", "factor", "value", to="3/7"),
        "answers.factor.value: claimed 3/7, right is 3/5",
    ),
    "seed": (in_manifest("papers", 0, "problems", 0, "seed", to=521061473), "seed"),
    "seed of the item": (in_manifest("papers", 0, "items", 0, "seed", to=7), "page"),
    "try": (in_manifest("papers", 0, "problems", 0, "try", to=1), "try"),
    "tolerance": (
        in_manifest("papers", 1, "problems", 0, "answers", "factor", "tolerance", to="1"),
        "tolerance",
    ),
    "effort": (in_manifest("papers", 0, "problems", 1, "effort", to="99"), "effort"),
    "name": (in_manifest("papers", 0, "name", to="Somebody"), "manifest, name: claimed Somebody"),
    "number": (in_manifest("papers", 0, "student", to="0099"), "0099 is not in roster.csv"),
    "form": (in_manifest("papers", 0, "form", to="WWWWWWW"), "WWWWWWW"),
    "points": (in_manifest("slots", 0, "points", to=10), "problems of the manifest"),
    "exam": (in_manifest("title", to="Other"), "manifest, title"),
    "page": (in_manifest("pages", "usual", 1, 0, to=3), "manifest, pages.usual[1][0]"),
    "usual effort": (in_manifest("slots", 0, "effort", to=77.0), "manifest, slots[0].effort"),
    "order": (in_manifest("order", 0, to="0042"), "order of the manifest"),
    "order reversed": (reversed_list("order"), "manifest, number: claimed 1, right is 5"),
    "papers reversed": (reversed_list("papers"), "not in the order of roster.csv and its seats"),
    "place in the order": (in_manifest("papers", 1, "number", to=3), "manifest, number: claimed 3"),
    "geometry": (in_manifest("papers", 1, "geometry", to="0"), "manifest, geometry: claimed 0"),
    "candidate": (in_manifest("papers", 1, "candidate", to="0002"), "manifest, candidate"),
    "seat": (in_manifest("papers", 1, "row", to="1"), "manifest, row"),
    "who": (in_manifest("papers", 1, "who", to="student 0041"), "manifest, who"),
    "medium": (in_manifest("papers", 1, "medium", to="large"), "manifest, medium"),
    "slot": (in_manifest("papers", 1, "slots", 1, to=2), "not those of the spec"),
    "slot of the item": (in_manifest("papers", 1, "items", 0, "slot", to=1), "not those of"),
    "hash": (in_manifest("files", "keys.pdf", to="00"), "keys.pdf is not the one"),
    "lost paper": (lost_paper, "0045 has no paper"),
    "answers.csv": (digit_of_answers, "answers.csv, part b, factor"),
    "answers.csv and hash": (with_hash(digit_of_answers, answers), "answers.csv, part b, factor"),
    "bridged answer": (
        with_hash(bridged_answer, answers),
        "answers.csv, part c, converges (bridge b): claimed ",
    ),
    "row of answers.csv": (with_hash(row_of_answers, answers), "rows of answers.csv"),
    "attachment": (digit_of_attachment, "answers.factor.value: claimed 3/7, right is 3/5"),
    "version of an attachment": (
        with_hash(version_of_attachment, key),
        f"version: claimed 9, right is {small.VERSION}",
    ),
    "attachment and hash": (with_hash(digit_of_attachment, key), "claimed 3/7, right is 3/5"),
    "page of a key": (page_of_key, "page 1 of keys/"),
    "page of a key and hash": (with_hash(page_of_key, key), "page 1 of keys/"),
    "page of a paper": (with_hash(page_of_paper, paper), "page 1 of papers/"),
    "note on a paper": (with_hash(note_on_paper, paper), "page 1 of papers/"),
    "swapped pages": (with_hash(swapped_pages, paper), "page 2 of papers/"),
    "swapped files": (swapped_files, "of keys/"),
    "missing file": (missing, "is missing"),
    "emptied file": (emptied, "is empty"),
    "cut file": (cut_short, "papers/"),
    "foreign file": (foreign, "papers/WWWWWWW.pdf belongs to no paper"),
    "unnamed volume": (unnamed("keys.pdf"), "the manifest lacks the file keys.pdf"),
    "unnamed class": (unnamed("roster.csv"), "the manifest lacks the file roster.csv"),
    "further volume": (further_volume, "keys-1.pdf is not in the manifest"),
    "further volume and hash": (
        with_hash(further_volume, lambda folder: folder / "keys-1.pdf"),
        "a file too many: keys-1.pdf",
    ),
    "volume": (with_hash(volume, lambda folder: folder / "keys.pdf"), "keys.pdf is not what"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_was_changed_is_found(copy: Path, name: str) -> None:
    change, told = CHANGES[name]
    change(copy)
    found = verified(copy)
    assert not found.sound
    assert any(told in str(fault) for fault in found.faults), [*map(str, found.faults)]


def test_a_sound_exam_has_no_fault(finished: Path) -> None:
    found = verified(finished)
    assert found.sound and found.faults == [] and found.notes == []
    assert (found.papers, found.answers, found.steps) == (5, 30, 70)
    assert found.values > found.steps and found.equations > found.steps and len(found.routes) == 2


def test_who_came_late_by_the_manifest_is_told(copy: Path) -> None:
    """Nothing else can show it: the secret draws the same numbers for whoever comes first."""
    there = claims(copy)
    there["order"] = ["0042", "0043", "0041", "0044", "0045"]
    for paper, number in zip(there["papers"], (3, 1, 2, 4, 5), strict=True):
        paper["number"] = number
    (copy / "manifest.json").write_text(json.dumps(there))
    found = verified(copy)
    assert found.notes == ["By the manifest, who came after others below them in the list: 0041."]
    assert found.sound


def test_a_fault_says_where_and_what_is_right() -> None:
    fault = Finding("K7M4QXR", "3", "manifest, seed", "1", "2")
    assert str(fault) == "K7M4QXR, problem 3: manifest, seed: claimed 1, right is 2"


def test_nothing_examined_is_not_sound() -> None:
    assert not Findings().sound


def test_other_makers_are_compared_by_their_pages(copy: Path) -> None:
    in_manifest("penwork", to="0.0.1")(copy)
    found = verified(copy)
    assert found.sound and "by penwork 0.0.1 with" in found.notes[0]
    with_hash(page_of_key, key)(copy)
    with_hash(digit_of_answers, answers)(copy)
    told = [str(fault) for fault in verified(copy).faults]
    assert any("page 1 of keys/" in each for each in told)
    assert any("answers.csv, part b, factor" in each for each in told)


def verified_later(folder: Path) -> Findings:
    """The same when descent has a newer version."""
    present = load([small.TEMPLATES])
    template = present.get(small.DESCENT)
    problem = replace(template.problem, version=template.problem.version + 1)
    present._loaded[small.DESCENT] = replace(template, problem=problem)
    return verify_folder(
        folder, present, lambda work, jobs, what: (work(present, job) for job in jobs)
    )


def test_a_newer_template_is_told_with_both_outcomes(finished: Path) -> None:
    found = verified_later(finished)
    assert found.sound and (found.papers, found.answers) == (5, 30), found.faults
    assert "5 papers have a problem whose template has changed since" in found.notes[0]
    both = [note for note in found.notes if note.endswith("3/5 both times")]
    was = f"factor, by {small.DESCENT} draws 1 version {small.VERSION} and now by"
    assert was in both[0]


def test_an_answer_that_a_newer_template_does_not_find_is_a_fault(copy: Path) -> None:
    text = (copy / "manifest.json").read_text(encoding="utf-8")
    (copy / "manifest.json").write_text(text.replace('"3/5"', '"4/5"'), encoding="utf-8")
    told = [str(fault) for fault in verified_later(copy).faults]
    assert any("claimed 4/5, right is 3/5" in each for each in told), told


OLDER: dict[str, tuple[Change, str]] = {
    "given": (in_manifest("papers", 0, "problems", 0, "given", "w0", to=-2), "given.w0"),
    "other problem": (
        in_manifest("papers", 0, "problems", 1, "answers", "w", "value", to="3/7"),
        "answers.w.value: claimed 3/7",
    ),
    "version": (
        in_manifest("papers", 0, "problems", 0, "version", to=9),
        f"manifest, version: claimed 9, right is {small.VERSION}",
    ),
    "seed": (in_manifest("papers", 0, "problems", 0, "seed", to=7), "manifest, seed"),
    "level": (in_manifest("papers", 0, "problems", 0, "level", to=1), "manifest, level"),
    "title": (in_manifest("title", to="Other"), "manifest, title"),
    "answers.csv": (with_hash(digit_of_answers, answers), "answers.csv, part b, factor"),
    "version of an attachment": (
        with_hash(version_of_attachment, key),
        f"version: claimed 9, right is {small.VERSION}",
    ),
    "attachment": (with_hash(digit_of_attachment, key), "answers.factor.value: claimed 3/7"),
    "volume": (CHANGES["volume"][0], "keys.pdf is not what"),
    "lost file": (unnamed("marking.pdf"), "the manifest lacks the file marking.pdf"),
    "cut file": (cut_short, "papers/"),
}


@pytest.mark.parametrize("name", OLDER)
def test_an_older_template_hides_no_change(copy: Path, name: str) -> None:
    change, told = OLDER[name]
    change(copy)
    faults = [str(fault) for fault in verified_later(copy).faults]
    assert any(told in fault for fault in faults), faults


@pytest.mark.parametrize(
    ("which", "claim"), [("version", 0), ("version", 9), ("draws", 9), ("draws", None)]
)
def test_a_version_that_never_was_is_a_fault(copy: Path, which: str, claim: Any) -> None:
    in_manifest("slots", 0, which, to=claim)(copy)
    found = verified(copy)
    assert any("manifest, draws and version of" in str(fault) for fault in found.faults)
    assert found.papers == 5 and found.values, "the papers are made again all the same"
