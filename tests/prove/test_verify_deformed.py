"""Whatever a manifest, a key or a list has become, it is told as a fault, and nothing breaks."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from penwork.catalogue import Catalogue, load
from penwork.errors import UserError
from penwork.press.exams.files import attached
from penwork.prove.verify.findings import Findings
from penwork.prove.verify.folder import verify_folder
from penwork.prove.verify.keys import verify_key
from penwork.prove.verify.manifest import read_claims
from penwork.prove.verify.written import verify_written
from press.exams import small
from prove.test_verify import answers, change_attachment, claims, first, key, redrawn, with_hash
from ran import Run

quick = pytest.fixture(small.quick, autouse=True, scope="module")

REMOVED = object()
NESTED: list[Any] = []
for _ in range(400):
    NESTED = [NESTED]
VALUES: tuple[Any, ...] = (
    REMOVED,
    None,
    [],
    {},
    "x",
    -1,
    10**400,
    True,
    float("nan"),
    "\ud800",
    "\x1b[2J",
    NESTED,
)
READ, VERIFIED = 150, 8
Place = tuple[str | int, ...]


def places(value: Any, at: Place = ()) -> Iterator[Place]:
    """Every place of a document; of a list the first and the last entry."""
    if at:
        yield at
    if isinstance(value, dict):
        for name in value:
            yield from places(value[name], (*at, name))
    elif isinstance(value, list):
        for k in sorted({0, len(value) - 1} if value else ()):
            yield from places(value[k], (*at, k))


def deformed(whole: Any, at: Place, value: Any) -> Any:
    """The document with another value at a place, or None where it has that already."""
    changed = inner = deepcopy(whole)
    for step in at[:-1]:
        inner = inner[step]
    before = inner[at[-1]]
    if value is REMOVED:
        del inner[at[-1]]
    elif type(before) is type(value) and before == value:
        return None
    else:
        inner[at[-1]] = value
    return changed


def deformations(whole: Any, count: int, seed: int) -> Iterator[Any]:
    """So many of all that can be done to a document."""
    every = [(at, value) for at in places(whole) for value in VALUES]
    for at, value in random.Random(seed).sample(every, count):
        changed = deformed(whole, at, value)
        if changed is not None:
            yield changed


def write(folder: Path, manifest: Any) -> None:
    (folder / "manifest.json").write_text(json.dumps(manifest))


def verified(folder: Path) -> Findings:
    return verify_folder(folder, small.catalogue(), small.spread)


def told(found: Findings) -> list[str]:
    """The faults as they are printed; a terminal takes them."""
    lines = [str(fault) for fault in found.faults]
    assert all(line.isprintable() and line.encode() for line in lines)
    return lines


def test_deformed_manifests_are_read(copy: Path) -> None:
    for manifest in deformations(claims(copy), READ, 4):
        write(copy, manifest)
        read = read_claims(copy)
        assert read.head or read.faults
        assert all(str(fault).isprintable() for fault in read.faults)


def test_deformed_manifests_are_faults(copy: Path) -> None:
    for manifest in deformations(claims(copy), VERIFIED, 5):
        write(copy, manifest)
        assert told(verified(copy))


CONTENTS = {
    "empty": b"",
    "no UTF-8": b'{"format": 1, "papers": ["\xff"]}',
    "a list": b"[]",
    "cut": b'{"format": 1, "papers": [',
    "nested": b"[" * 100_000,
    "long number": b'{"format": ' + b"9" * 5000 + b', "papers": []}',
    "no papers": b'{"format": 1}',
    "later": b'{"format": 2, "papers": []}',
    "true": b'{"format": true, "papers": []}',
    "bare": b'{"format": 1, "papers": []}',
}


@pytest.mark.parametrize("name", CONTENTS)
def test_what_is_no_manifest(copy: Path, name: str) -> None:
    (copy / "manifest.json").write_bytes(CONTENTS[name])
    found = verified(copy)
    assert told(found) and not found.answers


def test_a_lost_manifest(copy: Path, tmp_path: Path) -> None:
    (copy / "manifest.json").unlink()
    assert told(verified(copy)) == ["the file manifest.json is missing"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match=r"empty has no manifest\.json"):
        verified(tmp_path / "empty")


def test_one_broken_paper_hides_no_other(copy: Path) -> None:
    there = claims(copy)
    there["papers"][2]["items"][0]["seed"] = "x"
    write(copy, there)
    with_hash(lambda folder: redrawn(key(folder)), key)(copy)
    found = verified(copy)
    assert found.papers == 4
    lines = told(found)
    assert any("manifest, papers[2]: items[0].seed cannot be x" in line for line in lines)
    assert any("page 1 of keys/" in line for line in lines)


@pytest.mark.parametrize("name", ["/dev/zero", "../secret", "papers/../../x.pdf", "a\0.pdf"])
def test_no_other_file_is_read(copy: Path, name: str) -> None:
    there = claims(copy)
    there["files"][name] = "00"
    there["papers"][0]["files"][name] = "00"
    write(copy, there)
    assert told(verified(copy))


def of_answers(content: bytes, folder: Path) -> None:
    answers(folder).write_bytes(content)


@pytest.mark.parametrize("content", [b"", b"\0\xff", b'"' + b"x" * 200_000, b"a\r\n" * 9])
def test_other_answers(copy: Path, content: bytes) -> None:
    with_hash(lambda folder: of_answers(content, folder), answers)(copy)
    assert told(verified(copy))


def set_attachment(file: Path, content: bytes) -> None:
    with pikepdf.open(file, allow_overwriting_input=True) as pdf:
        [name] = pdf.attachments
        pdf.attachments[name] = pikepdf.AttachedFileSpec(pdf, content, filename=name)
        pdf.save()


def test_deformed_attachments_are_faults(copy: Path) -> None:
    file = key(copy)
    there = json.loads(attached(file.read_bytes()) or b"")
    for carried in deformations(there, VERIFIED, 6):
        set_attachment(file, json.dumps(carried).encode())
        try:
            found = verify_key(file, small.catalogue())
        except UserError as error:
            assert "carries no answers" in str(error)
        else:
            assert told(found)


@pytest.mark.parametrize("name", CONTENTS)
def test_what_is_no_attachment(copy: Path, name: str) -> None:
    set_attachment(key(copy), CONTENTS[name])
    with pytest.raises(UserError, match=r"cannot be read as a key|carries no answers"):
        verify_key(key(copy), small.catalogue())
    assert any(f"keys/{key(copy).name}" in line for line in told(verified(copy)))


HEAD = "form,problem,part,answer,value\n"
WRITTEN = {
    "empty": "",
    "head alone": HEAD,
    "short rows": f"{HEAD}a\n\n,,,,,,,,\n",
    "long cell": f'{HEAD}a,1,a,w,"{"x" * 200_000}"\n',
    "long head": f'"{"x" * 200_000}"\n',
    "controls": f"{HEAD}\0,\x1b[2J,a,w,1\n",
    "nested": f"{HEAD}FORM,1,a,weights,{'[' * 5000}\n",
    "numbers": f"{HEAD}FORM,1,a,weights,[NaN;1e99999]\nFORM,1,b,factor,1e99999\n",
    "huge": f"{HEAD}FORM,1,b,factor,{'9' * 5000}\nFORM,1,b,factor,1/0\n",
}


@pytest.mark.parametrize("name", WRITTEN)
def test_strange_keys_that_somebody_wrote(finished: Path, tmp_path: Path, name: str) -> None:
    form = claims(finished)["papers"][0]["form"]
    file = tmp_path / "key.csv"
    file.write_text(WRITTEN[name].replace("FORM", form), newline="")
    try:
        found = verify_written(file, finished, small.catalogue(), small.spread)
    except UserError as error:
        assert "key.csv" in str(error)
    else:
        told(found)
        assert not found.sound


def later(slug: str, **more: int) -> Catalogue:
    """The templates when one has a newer version or draws otherwise."""
    present = load([small.TEMPLATES])
    template = present.get(slug)
    problem = template.problem
    changed = {name: getattr(problem, name) + by for name, by in more.items()}
    present._loaded[slug] = replace(template, problem=replace(problem, **changed))
    return present


@pytest.mark.parametrize("what", ["version", "draws"])
def test_a_key_of_an_older_template(finished: Path, what: str) -> None:
    found = verify_key(key(finished), later(small.DESCENT, **{what: 1}))
    assert found.sound and found.answers == 6, found.faults
    assert "no page is examined" in found.notes[0]
    both = [note for note in found.notes if note.endswith("3/5 both times")]
    then = small.VERSION
    said = {"version": f"draws 1 version {then + 1}", "draws": f"draws 2 version {then}"}[what]
    assert f"factor, by {small.DESCENT} draws 1 version {then} and now by {said}" in both[0]


@pytest.mark.parametrize("what", ["version", "draws"])
def test_an_older_template_hides_no_other_answer(copy: Path, what: str) -> None:
    change_attachment(copy, lambda there: there["answers"]["factor"].update(value="3/7"))
    found = verify_key(key(copy), later(small.DESCENT, **{what: 1}))
    assert any("claimed 3/7, right is 3/5" in line for line in told(found))


def test_an_older_template_hides_no_other_given(copy: Path) -> None:
    change_attachment(copy, lambda there: there["given"].update(w0=-2))
    found = verify_key(key(copy), later(small.DESCENT, version=1))
    assert any("given.w0: claimed -2, right is -1" in line for line in told(found))


def test_rows_about_an_older_template(finished: Path) -> None:
    def then(work: Any, jobs: Any, what: str) -> Iterator[Any]:
        return (work(later(small.DESCENT, draws=1), job) for job in jobs)

    found = verify_written(answers(finished), finished, small.catalogue(), then)
    assert found.sound and found.answers == 30
    assert "has changed since: the stored numbers are solved anew" in found.notes[0]


@pytest.fixture
def sheet_key(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The key of a worksheet."""
    monkeypatch.setenv("PENWORK_TEMPLATES", str(small.TEMPLATES))
    run("sheet", small.MOMENTUM, "-n", "2", "--level", "1", "--seed", "3", "-o", "sheet")
    return tmp_path / "sheet" / "key.pdf"


def test_a_digit_on_the_page_of_a_worksheets_key(sheet_key: Path) -> None:
    assert verify_key(sheet_key, small.catalogue()).sound
    redrawn(sheet_key)
    assert "page 1 is not what it should be" in told(verify_key(sheet_key, small.catalogue()))


def test_the_key_of_a_worksheet_and_its_code(sheet_key: Path) -> None:
    older = verify_key(sheet_key, later(small.MOMENTUM, draws=1))
    assert older.sound and "no page is examined" in older.notes[0]
    there = json.loads(attached(sheet_key.read_bytes()) or b"")
    there["problems"].reverse()
    set_attachment(sheet_key, json.dumps(there).encode())
    lines = told(verify_key(sheet_key, small.catalogue()))
    assert any("Problem 1 is not that of the code" in line for line in lines)


def test_swapped_keys_with_their_hashes(copy: Path) -> None:
    def swap(folder: Path) -> None:
        one, other = first(folder, "keys", 0), first(folder, "keys", 1)
        contents = one.read_bytes(), other.read_bytes()
        for file, content in zip((other, one), contents, strict=True):
            file.write_bytes(content)

    change = with_hash(swap, lambda folder: first(folder, "keys", 0))
    with_hash(change, lambda folder: first(folder, "keys", 1))(copy)
    lines = told(verified(copy))
    assert sum("attachment of keys/" in line and "form: claimed" in line for line in lines) == 2
    assert not any("is not the one that was made" in line for line in lines)


def test_one_wrong_answer_in_manifest_list_and_key(copy: Path) -> None:
    def everywhere(folder: Path) -> None:
        there = claims(folder)
        there["papers"][0]["problems"][0]["answers"]["factor"]["value"] = "3/7"
        write(folder, there)
        change_attachment(folder, lambda each: each["answers"]["factor"].update(value="3/7"))
        text = answers(folder).read_text().replace("3/5", "3/7", 1)
        answers(folder).write_text(text, newline="")

    with_hash(with_hash(everywhere, answers), key)(copy)
    lines = told(verified(copy))
    for place in ("manifest, answers", "answers.csv, part b", "attachment of keys/"):
        assert any(place in line and "3/7" in line for line in lines), lines
