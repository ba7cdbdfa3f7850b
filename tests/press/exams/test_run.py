"""What comes out of a run: its files, their bytes, and what papers and keys tell."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest

from penwork.bridge import replay_bridged
from penwork.compose.exams.seeds import APART
from penwork.errors import UserError
from penwork.model import Instance
from penwork.press.exams import batch, lists, measure
from penwork.press.exams.files import attached
from penwork.press.exams.run import run_exam
from penwork.press.sheet import compile_documents
from penwork.prove.verify.folder import verify_folder
from press.exams import small
from press.exams.small import (
    INSTRUCTIONS,
    LATE,
    LISTS,
    ROSTER,
    SPEC,
    TITLE,
    afresh,
    catalogue,
    contents,
    made,
    request,
    spread,
)

quick = pytest.fixture(small.quick, autouse=True, scope="module")


@pytest.fixture(scope="module")
def claims(finished: Path) -> Any:
    return json.loads((finished / "manifest.json").read_bytes())


@pytest.fixture(scope="module")
def forms(claims: Any) -> list[str]:
    return [paper["form"] for paper in claims["papers"]]


def text(file: Path) -> list[str]:
    """What is printed on each page."""
    document = pypdfium2.PdfDocument(file)
    try:
        return [page.get_textpage().get_text_range().replace("\r\n", " ") for page in document]
    finally:
        document.close()


def every(finished: Path, place: str) -> Iterator[pikepdf.Pdf]:
    for file in sorted((finished / place).glob("*.pdf")):
        with pikepdf.open(file) as pdf:
            yield pdf


def test_the_files_that_come_out(finished: Path, forms: list[str]) -> None:
    single = {f"{place}/{form}.pdf" for place in ("papers", "keys") for form in forms}
    assert set(contents(finished)) == LISTS | single
    assert len(forms) == len(set(forms)) == 5
    assert (finished / "spec.toml").read_text() == SPEC
    assert (finished / "roster.csv").read_text() == ROSTER


def test_the_same_bytes_when_made_afresh(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (lists, measure):
        monkeypatch.setattr(module, "compile_documents", compile_documents)
    folder = tmp_path / "elsewhere" / "out"
    run_exam(request(folder), catalogue(), afresh)
    assert contents(folder) == contents(finished)


def test_a_late_student_changes_no_other_paper(finished: Path, copy: Path) -> None:
    header, rest = ROSTER.split("\n", 1)
    result = made(copy, roster=f"{header}\n{LATE}{rest}")
    assert (result.papers, result.made) == (6, 1)
    before, after = contents(finished), contents(copy)
    kept = [name for name in before if "/" in name]
    assert len(kept) == 10 and {name: after[name] for name in kept} == {n: before[n] for n in kept}
    assert len([name for name in after if "/" in name]) == 12
    order = json.loads(after["manifest.json"])["order"]
    assert order == ["0041", "0042", "0043", "0044", "0045", "0040"]


SPARE = f"spare = 2\n{SPEC}"


@pytest.fixture(scope="module")
def spared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small exam with two spare papers, made at once."""
    folder = tmp_path_factory.mktemp("spared") / "out"
    assert not made(folder, SPARE).failures
    return folder


def test_late_students_leave_no_trace(spared: Path, tmp_path: Path) -> None:
    header, one, *late = ROSTER.splitlines(keepends=True)
    for roster in (header + one, header + one + late[0], ROSTER):
        made(tmp_path / "out", SPARE, roster)
    assert contents(tmp_path / "out") == contents(spared)


def test_late_students_that_stand_above_others(spared: Path, tmp_path: Path) -> None:
    """They are bound where the class list has them; the manifest keeps who came when."""
    header, _, *others = ROSTER.splitlines(keepends=True)
    for roster in (header + "".join(others), ROSTER):
        made(tmp_path / "out", SPARE, roster)
    there, whole = contents(tmp_path / "out"), contents(spared)
    claims = [json.loads(each.pop("manifest.json")) for each in (there, whole)]
    assert there == whole
    late, once = claims
    assert late.pop("order") == ["0042", "0043", "0044", "0045", "0041"]
    assert once.pop("order") == ["0041", "0042", "0043", "0044", "0045"]
    numbers = [[paper.pop("number") for paper in each["papers"]] for each in claims]
    assert numbers == [[5, 1, 2, 3, 4, 1, 2], [1, 2, 3, 4, 5, 1, 2]]
    assert late == once
    assert verify_folder(tmp_path / "out", catalogue(), spread).sound


def test_an_id_that_a_spare_paper_has(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"The id spare-2 is that of a spare paper\. Give"):
        made(tmp_path / "out", SPARE, f"{ROSTER}spare-2,Mallory\n")
    assert contents(tmp_path / "out") == {}


def test_a_rare_letter_of_one_paper_changes_no_other(
    finished: Path, claims: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is set by itself, so that its letters and fonts are in no other file."""
    first, rare, *others = [paper["form"] for paper in claims["papers"]]
    seed = claims["papers"][1]["problems"][0]["seed"]

    def other(*arguments: Any, **named: Any) -> Instance:
        instance = replay_bridged(*arguments, **named)
        if instance.seed != seed:
            return instance
        return replace(instance, statement=rf"{instance.statement} \ss")

    monkeypatch.setattr(batch, "replay_bridged", other)
    run_exam(request(tmp_path / "out"), catalogue(), afresh)
    there, whole = contents(tmp_path / "out"), contents(finished)
    for form in (first, *others):
        for name in (f"papers/{form}.pdf", f"keys/{form}.pdf"):
            assert there[name] == whole[name]
    assert there[f"papers/{rare}.pdf"] != whole[f"papers/{rare}.pdf"]


def test_form_codes_are_apart(forms: list[str]) -> None:
    for form in forms:
        for other in set(forms) - {form}:
            assert sum(a != b for a, b in zip(form, other, strict=True)) >= APART


def test_everybody_has_other_numbers(claims: Any) -> None:
    for number in range(2):
        givens = [json.dumps(paper["problems"][number]["given"]) for paper in claims["papers"]]
        assert len(set(givens)) == 5
        efforts = [float(paper["problems"][number]["effort"]) for paper in claims["papers"]]
        usual = claims["slots"][number]["effort"]
        assert all(abs(effort - usual) <= 0.15 * usual for effort in efforts)


def test_a_problem_is_on_the_same_page_in_every_paper(finished: Path, claims: Any) -> None:
    assert claims["pages"] == {"usual": [[1], [2]]}
    for form in (paper["form"] for paper in claims["papers"]):
        pages = text(finished / "papers" / f"{form}.pdf")
        assert len(pages) == 2
        assert all(form in page and "of 2" in page for page in pages), pages
        assert "continue" not in pages[1]


def test_a_volume_holds_all_papers_in_their_order(finished: Path, forms: list[str]) -> None:
    pages = text(finished / "papers.pdf")
    assert len(pages) == 10
    assert all(form in pages[2 * k] + pages[2 * k + 1] for k, form in enumerate(forms))


def test_a_large_class_has_volumes(
    finished: Path, copy: Path, forms: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two papers a volume here; what one volume held before is taken away."""
    monkeypatch.setattr(lists, "VOLUME", 2)
    assert made(copy).made == 0
    names = {f"{kind}-{k}.pdf" for kind in ("papers", "keys", "marking") for k in (1, 2, 3)}
    once = {"papers.pdf", "keys.pdf", "marking.pdf"}
    assert set(contents(copy)) == set(contents(finished)) - once | names
    claims = json.loads((copy / "manifest.json").read_bytes())
    assert set(claims["files"]) == LISTS - once - {"manifest.json"} | names
    for k, part in enumerate((forms[:2], forms[2:4], forms[4:]), 1):
        for kind in ("papers", "keys", "marking"):
            printed = " ".join(text(copy / f"{kind}-{k}.pdf"))
            assert [form for form in forms if form in printed] == part
    assert verify_folder(copy, catalogue(), spread).sound
    shutil.copyfile(copy / "keys-1.pdf", copy / "keys-2.pdf")
    told = [str(fault) for fault in verify_folder(copy, catalogue(), spread).faults]
    assert "keys-2.pdf is not what the papers make it" in told


def test_a_paper_tells_no_answer(finished: Path, forms: list[str]) -> None:
    for form, pdf in zip(sorted(forms), every(finished, "papers"), strict=True):
        assert dict(pdf.attachments) == {}
        told = {str(name): str(value) for name, value in pdf.docinfo.items()}
        assert told == {"/Title": f"{TITLE}, Form {form}", "/Author": "penwork"}
        assert "/Metadata" not in pdf.Root and "/Names" not in pdf.Root
        assert all("/Annots" not in page.obj for page in pdf.pages)
    with pikepdf.open(finished / "papers.pdf") as whole:
        assert dict(whole.attachments) == {} and "/Names" not in whole.Root


def test_a_paper_prints_no_seed(finished: Path, claims: Any) -> None:
    for paper in claims["papers"]:
        printed = " ".join(text(finished / "papers" / f"{paper['form']}.pdf"))
        assert not any(str(item["seed"]) in printed for item in paper["items"])


def test_marking_pages_have_the_answers_of_both_ways(finished: Path, forms: list[str]) -> None:
    marking = " ".join(text(finished / "marking.pdf"))
    keys = " ".join(" ".join(text(finished / "keys" / f"{form}.pdf")) for form in forms)
    assert marking.count("going on with") == keys.count("going on with") > 0


def test_a_key_carries_its_json(finished: Path, claims: Any) -> None:
    for paper in claims["papers"]:
        content = (finished / "keys" / f"{paper['form']}.pdf").read_bytes()
        carried = json.loads(attached(content) or b"")
        assert carried["form"] == paper["form"]
        for one, other in zip(carried["problems"], paper["problems"], strict=True):
            assert one["given"] == other["given"] and one["seed"] == other["seed"]
            assert {name: one["answers"][name] for name in other["answers"]} == other["answers"]


def test_points_are_those_of_the_spec(claims: Any) -> None:
    assert [slot["points"] for slot in claims["slots"]] == [9, 4]
    for paper in claims["papers"]:
        assert [sum(p["points"] for p in q["parts"]) for q in paper["problems"]] == [9, 4]


def test_signs_of_tex_print_as_themselves(finished: Path, forms: list[str]) -> None:
    cover = text(finished / "papers" / f"{forms[1]}.pdf")[0]
    pieces = (r"\input{/etc/passwd} 5 % $x$ \write18{id}", INSTRUCTIONS, "Doe, John $x$ & Co_")
    for piece in (*pieces, "Sec_tion #1"):
        assert piece in cover, cover
    assert "root:" not in cover


@pytest.mark.parametrize(("number", "name"), [(0, "Łukasz Peña"), (3, "O’Brien"), (4, "=cmd")])
def test_names_print(finished: Path, forms: list[str], number: int, name: str) -> None:
    assert name in text(finished / "papers" / f"{forms[number]}.pdf")[0].replace("'", "’")
    assert name in " ".join(text(finished / "signin.pdf")).replace("'", "’")


def test_a_name_without_letters_is_told(finished: Path, tmp_path: Path, forms: list[str]) -> None:
    result = made(tmp_path / "out")
    assert "The fonts lack letters of 李 (0043): printed by the id." in result.notes
    assert "0043" in text(finished / "papers" / f"{forms[2]}.pdf")[0]
    signin = " ".join(text(finished / "signin.pdf"))
    assert f"{forms[2]} 0043 printed by number: the fonts lack letters of the name" in signin


def test_no_cell_of_the_answers_is_a_formula(tmp_path: Path) -> None:
    roster = "id,name\n=1+1,Ada\n@x,Bob\n-3,Cy\n"
    made(tmp_path / "out", roster=roster)
    content = (tmp_path / "out" / "answers.csv").read_bytes().decode()
    rows = list(csv.DictReader(io.StringIO(content)))
    assert {row["id"] for row in rows} == {"'=1+1", "'@x", "-3"}
    assert not any(cell.startswith(("=", "@", "+")) for row in rows for cell in row.values())


def test_a_part_without_numbers_to_go_on_with_is_told_first(tmp_path: Path) -> None:
    no_number = r"Part \(a\) of .*descent at level 2 offers no number to go on with; \(b\) can\."
    with pytest.raises(UserError, match=no_number):
        made(tmp_path / "out", spec=SPEC.replace('["b"]', '["a"]'))
    assert contents(tmp_path / "out") == {}


def test_the_longest_title_fits_every_page(tmp_path: Path) -> None:
    title = "Mathematics of Wide Moments " * 4 + "Examined"
    assert len(title) == 120
    spec = SPEC.replace(f"title = '{TITLE}'", f"title = '{title}'")
    adapted = '\n[accommodations."0044"]\nlarge_print = true\n'
    result = made(tmp_path / "long", spec + adapted)
    assert not result.failures
    [first, *_] = sorted((tmp_path / "long" / "papers").glob("*.pdf"))
    assert all("Moments Examined" in page for page in text(first)[:2])
