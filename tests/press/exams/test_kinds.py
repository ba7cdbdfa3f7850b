"""An exam with everything that isn't usual: forms, candidates' numbers, choices, a spare paper."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from penwork.press import codes
from penwork.prove.verify.folder import verify_folder
from press.exams import small
from press.exams.small import DESCENT, MOMENTUM, catalogue, made, spread
from press.exams.test_run import text

SPEC = f"""id = "kinds-5"
title = "Kinds"
minutes = 30
paper = "letter"
versions = 2
anonymous = true
spare = 1

[[section]]
title = "Mixed"
order = "shuffled"

[[section.problem]]
template = "{DESCENT}"
level = 1
points = 5

[[section.problem]]
template = "{MOMENTUM}"
level = 1
points = 7

[[section]]
title = "One of two"
pick = 1

[[section.problem]]
template = "vectors/projection"
level = 1
points = 6

[[section.problem]]
template = "debugging_scenarios/overfitting_curves"
level = 1
points = 6
"""
CLASS = {
    "70411": "Ada Lovelace",
    "70412": "Grace Hopper",
    "70413": "Emmy Noether",
    "70414": "Maryam Mirzakhani",
    "70415": "Sofja Kowalewskaja",
}
ROSTER = "id,name\n" + "".join(f"{number},{name}\n" for number, name in CLASS.items())
TITLES = {DESCENT: "Gradient descent on one weight", MOMENTUM: "Steps with momentum"}
POINTS = {DESCENT: 5, MOMENTUM: 7}

quick = pytest.fixture(small.quick, autouse=True, scope="module")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kinds") / "out"
    assert made(folder, SPEC, ROSTER).failures == []
    return folder


@pytest.fixture(scope="module")
def papers(folder: Path) -> Any:
    return json.loads((folder / "manifest.json").read_bytes())["papers"]


def test_forms_take_turns(papers: Any) -> None:
    """The spare papers begin with A again."""
    assert [paper["who"] for paper in papers] == [f"form {letter}" for letter in "ABABAA"]
    assert len({paper["form"] for paper in papers}) == 6


def test_a_form_has_the_same_problems_for_all_who_have_it(papers: Any) -> None:
    sets = [json.dumps([paper["slots"], paper["items"]]) for paper in papers]
    assert sets[0] == sets[2] == sets[4] == sets[5] != sets[1] == sets[3]
    for one, other in zip(papers[0]["problems"], papers[1]["problems"], strict=True):
        assert one["given"] != other["given"]


def test_the_letter_of_the_form_stands_on_every_page_and_list(folder: Path, papers: Any) -> None:
    signin = text(folder / "signin.pdf")[0]
    marking = " ".join(text(folder / "marking.pdf"))
    for paper in papers:
        letter = paper["who"][-1]
        label = f"{letter} {paper['form']}"
        assert all(label in page for page in text(folder / "papers" / f"{paper['form']}.pdf"))
        assert signin.count(label) == 1
        assert f"Form {letter}, Cand" in text(folder / "keys" / f"{paper['form']}.pdf")[0]
        assert marking.count(f"Form {letter}") == len(paper["problems"])
        assert paper["form"] not in marking, "all who have a form are marked alike"


def test_where_a_problem_has_another_number_in_each_form_it_is_told(folder: Path) -> None:
    marking = " ".join(text(folder / "marking.pdf"))
    assert "1–2 Gradient descent" in marking and "3 Projection" in marking
    assert re.search("Form A Problem [12] a", marking) and not re.search("Problem 3", marking)


def test_names_are_on_the_signin_sheet_alone(folder: Path, papers: Any) -> None:
    signin = " ".join(text(folder / "signin.pdf"))
    for paper, (number, name) in zip(papers, CLASS.items(), strict=False):
        assert f"{paper['form']} {paper['candidate']} {number} {name}" in signin
    for file in sorted(folder.rglob("*.pdf")):
        printed = file.read_bytes().decode("latin-1") + " ".join(text(file))
        there = [word for word in (*CLASS, *CLASS.values()) if word in printed]
        assert there == [] or file.name == "signin.pdf", file


def test_every_page_has_the_candidates_number(folder: Path, papers: Any) -> None:
    assert [paper["candidate"] for paper in papers] == [*(f"000{k}" for k in range(1, 6)), "S001"]
    for paper in papers:
        for place in ("papers", "keys"):
            pages = text(folder / place / f"{paper['form']}.pdf")
            assert "Candidate " + paper["candidate"] in pages[0]
            assert all(paper["form"] in page for page in pages)
        for page in text(folder / "papers" / f"{paper['form']}.pdf")[1:]:
            assert f"Candidate {paper['candidate']}" in page


def test_the_blank_page_is_told_apart_by_a_scanner_too(tmp_path: Path) -> None:
    """It counts with the others, and has form, candidate and QR code where they have them."""
    long = SPEC.replace("points = 5", "points = 5\nspace = 'full'").replace("spare = 1\n", "")
    long = long.replace('order = "shuffled"', "").partition('[[section]]\ntitle = "One')[0]
    made(tmp_path / "out", long, "id,name\n1,Ada\n")
    [paper] = json.loads((tmp_path / "out" / "manifest.json").read_bytes())["papers"]
    file = tmp_path / "out" / "papers" / f"{paper['form']}.pdf"
    *pages, last, blank = text(file)
    assert len(pages) == 2 and all("of 4" in page for page in pages)
    assert "page 3 of 4 end of paper" in last
    said = (
        f"Form A {paper['form']} Candidate 0001 Kinds This page is intentionally blank. page 4 of 4"
    )
    assert said in blank and blank.endswith(paper["form"])
    with pikepdf.open(file) as pdf:
        for number, page in enumerate(pdf.pages, 1):
            _, code = codes.path(f"{paper['form']} {number}/4")
            assert code.encode() in page.Contents.read_bytes()


def test_a_spare_paper_is_nobodys(folder: Path, papers: Any) -> None:
    *_, spare = papers
    assert (spare["student"], spare["name"], spare["spare"]) == ("spare-1", "", True)
    assert f"{spare['form']} S001 spare" in " ".join(text(folder / "signin.pdf"))
    assert len(text(folder / "papers.pdf")) == 12


def test_shuffled_problems_stand_in_the_order_of_their_paper(folder: Path, papers: Any) -> None:
    """Their numbers count on, the table of points follows them, the total is the same."""
    orders = set()
    for paper in papers:
        cover = text(folder / "papers" / f"{paper['form']}.pdf")[0]
        first, second = (problem["template"] for problem in paper["problems"][:2])
        orders.add(first)
        assert "18 points in all" in cover
        assert f"Points {POINTS[first]} {POINTS[second]} 6 18" in cover
        titles = [f"{k} {TITLES[each]}" for k, each in enumerate((first, second), 1)]
        assert re.search(f"Mixed {titles[0]} .*{titles[1]} ", cover), cover
    assert orders == {DESCENT, MOMENTUM}, "the secret of this test gives both forms one order"


def test_one_of_two_is_picked(folder: Path, papers: Any) -> None:
    picked = {paper["problems"][2]["template"] for paper in papers}
    assert len(picked) == 2, "the secret of this test gives both forms one problem"
    assert all(len(paper["problems"]) == 3 for paper in papers)
    blueprint = " ".join(text(folder / "blueprint.pdf"))
    assert blueprint.count("(1 of 2)") == 2 and "Total 11–12 18" in blueprint


def test_all_is_on_letter_paper(folder: Path) -> None:
    import pypdfium2

    for file in folder.rglob("*.pdf"):
        document = pypdfium2.PdfDocument(file)
        assert {page.get_size() for page in document} == {(612.0, 792.0)}, file
        document.close()


def test_it_is_sound(folder: Path) -> None:
    found = verify_folder(folder, catalogue(), spread)
    assert found.sound and found.papers == 6, found.faults
