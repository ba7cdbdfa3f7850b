"""What is changed where no page shows it is found too, whoever claims to have made the exam."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from penwork.prove.verify.findings import Findings
from penwork.prove.verify.folder import verify_folder
from penwork.prove.verify.keys import verify_key
from press.exams import small
from prove.test_verify import answers, claims, in_manifest, key, paper, with_hash

quick = pytest.fixture(small.quick, autouse=True, scope="module")


def attachment(pdf: Any) -> None:
    pdf.attachments["a.txt"] = pikepdf.AttachedFileSpec(pdf, b"3/5", filename="a.txt")


def subject(pdf: Any) -> None:
    pdf.docinfo["/Subject"] = "factor 3/5"


def title(pdf: Any) -> None:
    pdf.docinfo["/Title"] = "factor 3/5"


def script(pdf: Any) -> None:
    run = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
    pdf.Root.OpenAction = run


def named_script(pdf: Any) -> None:
    pdf.Root.Names = pikepdf.Dictionary(JavaScript=pikepdf.Dictionary(Names=[]))


def outline(pdf: Any) -> None:
    with pdf.open_outline() as there:
        there.root.append(pikepdf.OutlineItem("factor 3/5", 0))


def hidden_text(pdf: Any) -> None:
    content = pdf.pages[0].Contents.read_bytes()
    pdf.pages[0].Contents = pdf.make_stream(content + b"\nq 3 Tr (3/5) Tj Q")


def digits_of_fonts(pdf: Any) -> None:
    """Every 3 is drawn as a 7."""
    for font in pdf.pages[0].Resources.Font.values():
        names = font.get("/Encoding", {}).get("/Differences", [])
        for k, name in enumerate(names):
            if str(name) == "/three":
                names[k] = pikepdf.Name("/seven")


def picture(pdf: Any) -> None:
    for form in pdf.pages[0].Resources.XObject.values():
        form.write(form.read_bytes() + b"\nq Q")


HIDDEN = {
    attachment: "attachment a.txt of ",
    subject: "property /Subject of ",
    title: "property /Title of ",
    script: "entry /OpenAction of ",
    named_script: "names /JavaScript of ",
    outline: "entry /Outlines of ",
    hidden_text: "page 1 of ",
    digits_of_fonts: "page 1, Font of ",
    picture: "page 1, XObject of ",
}


def verified(folder: Path) -> Findings:
    return verify_folder(folder, small.catalogue(), small.spread)


def changed(file: Path, change: Any) -> None:
    with pikepdf.open(file, allow_overwriting_input=True) as pdf:
        change(pdf)
        pdf.save()


@pytest.mark.parametrize("change", HIDDEN, ids=lambda change: change.__name__)
def test_what_a_paper_hides(copy: Path, change: Any) -> None:
    """Though bytes are not compared, for another penwork is said to have made it."""
    with_hash(lambda folder: changed(paper(folder), change), paper)(copy)
    in_manifest("penwork", to="0.0.1")(copy)
    faults = [str(fault) for fault in verified(copy).faults]
    told = f"{paper(copy).stem}: {HIDDEN[change]}papers/{paper(copy).name}"
    assert any(fault.startswith(told) for fault in faults), faults


@pytest.mark.parametrize("change", [attachment, subject, script, digits_of_fonts])
def test_what_a_key_alone_hides(copy: Path, tmp_path: Path, change: Any) -> None:
    alone = Path(shutil.copy(key(copy), tmp_path))
    changed(alone, change)
    faults = [str(fault) for fault in verify_key(alone, small.catalogue()).faults]
    assert any(HIDDEN[change] in fault for fault in faults), faults


def test_a_list_that_carries_more(copy: Path) -> None:
    def change(folder: Path) -> None:
        changed(folder / "signin.pdf", attachment)

    with_hash(change, lambda folder: folder / "signin.pdf")(copy)
    in_manifest("penwork", to="0.0.1")(copy)
    assert [str(fault) for fault in verified(copy).faults] == [
        "signin.pdf is not what the papers make it"
    ]


def linked(copy: Path, name: str, elsewhere: Path) -> None:
    (copy / name).rename(elsewhere)
    (copy / name).symlink_to(elsewhere)


@pytest.mark.parametrize("name", ["manifest.json", "keys", "answers.csv"])
def test_a_link_is_no_file_of_the_exam(copy: Path, tmp_path: Path, name: str) -> None:
    linked(copy, name, tmp_path / "elsewhere")
    assert [str(fault) for fault in verified(copy).faults] == [
        f"{name} is a link to somewhere else"
    ]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="makes a pipe")
@pytest.mark.parametrize("which", [paper, answers])
def test_no_pipe_is_waited_for(copy: Path, which: Any) -> None:
    which(copy).unlink()
    os.mkfifo(which(copy))
    name = str(which(copy).relative_to(copy))
    assert [str(each) for each in verified(copy).faults] == [
        f"{name} is no file; nothing was examined"
    ]


def test_what_else_lies_there_is_told(copy: Path) -> None:
    for name in ("solutions.pdf", "answers-2.csv", ".penwork-1234"):
        (copy / name).write_bytes(b"x")
    (copy / ".penwork").mkdir()
    found = verified(copy)
    assert found.sound and found.notes == [
        ".penwork is of a run that is not finished; the same command ends it.",
        "Not of the exam, and not examined: .penwork-1234, answers-2.csv, solutions.pdf.",
    ]


def test_a_name_that_stands_twice(copy: Path) -> None:
    """Readers differ in which of the two they take."""
    manifest = copy / "manifest.json"
    manifest.write_bytes(manifest.read_bytes().replace(b'"title"', b'"title": "x", "title"', 1))
    [fault] = verified(copy).faults
    assert str(fault) == "manifest.json cannot be read: title stands there twice"


def test_papers_of_two_students_swapped_in_every_file(copy: Path) -> None:
    one, other = (record["form"] for record in claims(copy)["papers"][:2])
    for place in ("papers", "keys"):
        first, second = copy / place / f"{one}.pdf", copy / place / f"{other}.pdf"
        held = first.read_bytes()
        first.write_bytes(second.read_bytes())
        second.write_bytes(held)
    for name in ("manifest.json", "answers.csv"):
        text = (copy / name).read_text().replace(one, "@").replace(other, one)
        (copy / name).write_text(text.replace("@", other), newline="")
    with_hash(lambda _: None, answers)(copy)
    faults = [str(fault) for fault in verified(copy).faults]
    for form in (one, other):
        assert any(f"page 1 of papers/{form}.pdf" in fault for fault in faults), faults


@pytest.mark.parametrize(
    ("row", "to", "told"),
    [(",0,2\r\n", ",0,3\r\n", "factor: claimed"), (",3/5,0,", ",3/5,1,", "factor: claimed")],
    ids=["points", "tolerance"],
)
def test_a_column_of_the_answers(copy: Path, row: str, to: str, told: str) -> None:
    def change(folder: Path) -> None:
        text = answers(folder).read_bytes().decode()
        assert row in text
        answers(folder).write_bytes(text.replace(row, to, 1).encode())

    with_hash(change, answers)(copy)
    [fault] = verified(copy).faults
    assert told in str(fault) and fault.paper and fault.problem == "1"


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        ("roster.csv", "O'Brien", "Mallory", "manifest, name: claimed O'Brien, right is Mallory"),
        ("roster.csv", "0044", "0049", "0044 is not in roster.csv"),
        ("spec.toml", "minutes = 30", "minutes = 40", "page 1 of papers/"),
        ("spec.toml", "points = 9", "points = 8", "problems of the manifest"),
    ],
)
def test_the_copies_of_spec_and_class(copy: Path, name: str, old: str, new: str, told: str) -> None:
    def change(folder: Path) -> None:
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new), encoding="utf-8")

    with_hash(change, lambda folder: folder / name)(copy)
    faults = [str(fault) for fault in verified(copy).faults]
    assert any(told in fault for fault in faults), faults


def test_one_key_made_again(copy: Path) -> None:
    """It says so; in its exam's folder it is the manifest's too."""
    found = verify_key(key(copy), small.catalogue())
    assert found.sound and found.notes == ["Made again, byte for byte."]
    with pikepdf.open(key(copy), allow_overwriting_input=True) as pdf:
        pdf.save(static_id=True)
    found = verify_key(key(copy), small.catalogue())
    assert "its pages and what it carries are right" in found.notes[0]
    [fault] = found.faults
    assert "its hash in the manifest.json beside it" in str(fault)
    alone = Path(shutil.copy(key(copy), copy.parent))
    assert verify_key(alone, small.catalogue()).sound
