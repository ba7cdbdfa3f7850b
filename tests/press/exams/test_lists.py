"""Names and ids of any length in any script, forms that several share, figures for the setter."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from penwork.errors import UserError
from penwork.press.exams.finish import seated_alike
from penwork.press.exams.lists import set_list
from penwork.press.exams.setting import roomy
from penwork.press.letters import plain
from press.exams import small
from press.exams.small import MOMENTUM, made
from press.exams.test_plan import slot
from press.exams.test_run import text

PRESS = Path(small.TEMPLATES).parent / "generator" / "penwork" / "press"
SPEC = f"""id = "lists"
title = "Lists"
course = "{"A course of many words " * 5}"
date = "Thursday, the 26th of November, at ten"
minutes = 7
versions = 2

[[section]]
title = "Numbers"

[[section.problem]]
template = "{MOMENTUM}"
level = 1

[[section.problem]]
template = "{small.DESCENT}"
level = 1
same = true

[[section]]
title = "Choice"
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
MAIL = "wilhelmina.brandenburg-lenz@students.example-university.edu"
LACKING = {"103": "محمد علي", "104": "Anna 😀 Berg", "105": "שרה כהן", "106": "Ħanna Berg"}
PRINTED = {
    "101": ("Jose\u0301 Nun\u0303ez", "José Nuñez"),
    "102": ("\u200eZoë \u00adMüller", "Zoë Müller"),
    "107": ("Țepeș ﬁna‐Li", "Ţepeş fina-Li"),
    "108": ("Ana Lucía de los Ángeles " * 4 + "Fernández de Córdoba", "Fernández de Córdoba"),
    "111": ("Nguyễn Thị Ánh Ỷ-Phượng", "Nguyễn Thị Ánh Ỷ-Phượng"),
    "109": ("W" * 45, "W" * 45),
    "110": ("M" * 120, "M" * 120),
    MAIL: ("Wilhelmina Brandenburg-Lenz", "Wilhelmina Brandenburg-Lenz"),
}
CLASS = {number: name for number, (name, _) in PRINTED.items()} | LACKING
ROSTER = "id,name\n" + "".join(f"{number},{name}\n" for number, name in CLASS.items())

quick = pytest.fixture(small.quick, autouse=True, scope="module")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lists") / "out"
    result = made(folder, SPEC, ROSTER)
    assert result.failures == []
    for number, name in LACKING.items():
        assert f"The fonts lack letters of {name} ({number}): printed by the id." in result.notes
    return folder


@pytest.fixture(scope="module")
def papers(folder: Path) -> Any:
    return json.loads((folder / "manifest.json").read_bytes())["papers"]


def close(text: str) -> str:
    """Without the spaces that a page reader puts between accents and letters."""
    return text.replace(" ", "")


def test_every_name_stands_on_sheet_paper_and_key(folder: Path, papers: Any) -> None:
    signin = close(" ".join(text(folder / "signin.pdf")))
    forms = {paper["student"]: paper["form"] for paper in papers}
    for number, (_, name) in PRINTED.items():
        there = [signin, *(close(p) for p in text(folder / "papers" / f"{forms[number]}.pdf"))]
        there.append(close(text(folder / "keys" / f"{forms[number]}.pdf")[0]))
        assert all(close(name) in page and number in page for page in there), number


def test_no_name_is_a_blank(folder: Path, papers: Any) -> None:
    """Cover: the id where the name would be; every other page and list: the id."""
    signin = " ".join(text(folder / "signin.pdf"))
    for paper in papers:
        if paper["student"] in LACKING:
            number = paper["student"]
            cover, *_ = text(folder / "papers" / f"{paper['form']}.pdf")
            assert cover.count(number) >= 2
            assert number in text(folder / "keys" / f"{paper['form']}.pdf")[0]
            assert f"{number} printed by number: the fonts lack letters of the name" in signin


def test_each_form_is_marked_once(folder: Path) -> None:
    marking = " ".join(text(folder / "marking.pdf"))
    assert marking.index("M: method; A: accuracy") < marking.index("1 Steps")
    first, rest = marking.split("2 Gradient descent")
    assert [first.count(f"Form {letter}") for letter in "AB"] == [1, 1]
    same, _ = rest.split("3 ", 1)
    assert same.count("same for all") == 1 and "Form" not in same


def test_the_blueprint_has_the_numbers_of_the_papers(folder: Path) -> None:
    [page] = text(folder / "blueprint.pdf")
    rows = "1 Numbers Steps .* 2 Gradient .* 3 Choice .* \\(1 of 2\\) .* 3 Reading .* \\(1 of 2\\)"
    assert re.search(rows, page)
    least, most = re.findall(r"Total (\d+)–(\d+) ", page)[0]
    assert int(least) < int(most)
    assert f"The problems take {least}–{most} minutes; the exam has 7." in page


def test_the_run_tells_the_effort_that_the_blueprint_has(tmp_path: Path) -> None:
    told = "\n".join(made(tmp_path / "out").notes)
    [page] = text(tmp_path / "out" / "blueprint.pdf")
    efforts = re.findall(r"@\d: effort (\d+), spread (\d+–\d+), [+-]\d+% to \+\d+% against", told)
    assert len(efforts) == 2
    for effort, spread in efforts:
        assert re.search(rf" {effort} \d\.\d\d {spread}", page), page


def test_every_letter_that_is_taken_prints(tmp_path: Path) -> None:
    """TeX knows each; none vanishes."""
    letters = []
    for letter in map(chr, range(0x21, 0x250)):
        with suppress(UserError):
            letters.append(f"\\noindent({plain(letter)})")
    source = "\n\n".join(["\\geometry{a4paper}\\begin{document}", *letters, "\\end{document}"])
    (tmp_path / "letters.pdf").write_bytes(set_list(source, "Letters", ""))
    printed = " ".join(text(tmp_path / "letters.pdf"))
    assert len(letters) > 300 and printed.count("(") == len(letters) + 1
    assert printed.count("()") == 2, "none but those of the brackets themselves"


def test_no_macro_takes_the_name_of_another() -> None:
    """What is defined at the beginning of a line is defined once in all of the preamble."""
    files = sorted(PRESS.glob("*.tex"))
    assert len(files) == 3
    lines = "\n".join(file.read_text("utf-8") for file in files)
    names = re.findall(r"^\\(?:long\\)?def(\\[A-Za-z@]+)", lines, re.MULTILINE)
    assert sorted(names) == sorted(set(names))


def test_neighbours_with_the_same_form_are_told() -> None:
    seats = [("1", "A", "1"), ("2", "A", "2"), ("3", "B", "1"), ("4", "", "")]
    forms = ["form A", "form B", "form A", "form A"]
    papers: list[dict[str, str]] = [
        {"student": number, "name": "N", "row": row, "seat": seat, "who": form}
        for (number, row, seat), form in zip(seats, forms, strict=True)
    ]
    [told] = seated_alike(papers)
    assert told.startswith("2 neighbours have the same form: set another number of versions")
    assert seated_alike([paper | {"who": f"student {paper['student']}"} for paper in papers]) == []


def test_large_print_has_room_where_a_share_of_a_page_has_little() -> None:
    spaces = ("auto", "third", "half", "full", 8.0)
    found = [roomy(replace(slot(), space=space)).space for space in spaces]
    assert found == ["auto", "auto", "auto", "full", 8.0]
