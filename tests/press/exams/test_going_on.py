"""A problem that is longer than a page: its heads, its parts with their boxes, its subtotals."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from penwork.compose.exams.words import ENGLISH
from penwork.compose.recipe import Item, Recipe
from penwork.compose.sheet import lay_out as sheet_of
from penwork.model import Box, Instance, Part
from penwork.press.exams.medium import Medium
from penwork.press.render import pieces_of, worksheet_source
from penwork.prove.verify.folder import verify_folder
from press.exams import small
from press.exams.alone import printed, texts, typeset
from press.exams.small import LATE, ROSTER, catalogue, contents, made, papers_of, spread
from press.pieces import answer, instance

LETTERS, BOXES = "abcdefgh", 7
TASK = "Go through all that was said before, line by line, and write down what you find. " * 3
MEDIA = [Medium("a4"), Medium("letter", large=True), Medium("a4", large=True, sans=True)]
SPEC = """title = "Large"
minutes = 30

[[section]]

[[section.problem]]
template = "attention_mechanics/scaled_dot_product"
level = 3

[accommodations.0041]
large_print = true

[accommodations.0042]
large_print = true
extra_time = 25
"""

quick = pytest.fixture(small.quick, autouse=True, scope="module")


def long_problem(paragraphs: int = 2) -> Instance:
    """Eight parts of two points, each with seven boxes, which are named by part and number."""
    names = {letter: [f"{letter}{k}" for k in range(BOXES)] for letter in LETTERS}
    parts = tuple(Part(x, f"Task-{x}. {TASK}", tuple(names[x]), 2, "M1 A1") for x in LETTERS)
    answers = {
        name: answer(name, "number", (Box(rf"\hbox{{box {name}}}", ()),), "1")
        for those in names.values()
        for name in those
    }
    told = r"\par ".join(f"Line-{k}. {TASK}" for k in range(paragraphs))
    return instance("a/b", "Long", statement=told, parts=parts, answers=answers)


def together(pages: Sequence[str]) -> list[str]:
    """The letters of the parts on each page, every one with all of its boxes."""
    for letter in LETTERS:
        [page] = [text for text in pages if f"Task-{letter}." in text]
        assert all(f"box {letter}{k}" in page for k in range(BOXES)), letter
    return ["".join(re.findall(r"Task-(\w)\.", text)) for text in pages]


@pytest.mark.parametrize("medium", MEDIA, ids=lambda medium: f"{medium.paper}-{medium.name}")
def test_heads_parts_and_subtotals_of_every_page(medium: Medium) -> None:
    layout, pdf = printed(medium, long_problem())
    pages = texts(pdf)[1:]
    assert len(layout.pages) >= 3
    begins = next(k for k, text in enumerate(pages) if "1 Long" in text)
    told = [k for k, text in enumerate(pages) if "1, continued" in text]
    assert told == list(range(begins + 1, len(layout.pages)))
    letters = together(pages)
    assert "".join(letters) == LETTERS
    subtotals = [re.search(rf"{ENGLISH.subtotal} / ?(\d+)", text) for text in pages]
    assert [int(s[1]) if s else 0 for s in subtotals] == [2 * len(those) for those in letters]


def test_a_statement_longer_than_a_page_goes_on_with_its_lines_in_order() -> None:
    layout, pdf = printed(Medium("a4"), long_problem(20))
    pages = texts(pdf)[1:]
    assert layout.pages[1][0].split[0].flows
    lines = [int(k) for text in pages for k in re.findall(r"Line-(\d+)\.", text)]
    assert lines == list(range(20))
    assert "Line-0." in pages[1] and "Line-19." in pages[2] and "Task-a." in pages[2]
    assert "".join(together(pages)) == LETTERS


def test_a_worksheet_keeps_a_part_with_its_boxes_too() -> None:
    recipe = Recipe(seed=1, items=(Item("a/b", 1, 2, 1, 0),), space="none")
    for lines in range(2, 9):
        sheet = sheet_of(recipe, [long_problem(lines)], "Sheet")
        pieces = [pieces_of(problem, answers_only=False) for problem in sheet.problems]
        pages = texts(typeset("worksheet", worksheet_source(sheet, pieces)).pdf)
        assert len(pages) > 1 and "".join(together(pages)) == LETTERS


def test_large_papers_go_on_at_the_same_places_and_are_made_again(tmp_path: Path) -> None:
    """Behind the cover and the strip of values."""
    folder = tmp_path / "out"
    assert made(folder, SPEC).failures == []
    before = contents(folder)
    large = [p["form"] for p in papers_of(folder) if p["student"] in ("0041", "0042")]
    pages = [texts(before[f"papers/{form}.pdf"]) for form in large]
    places = [
        [
            re.findall(r"1 Scaled|1, continued|(?<=/ )\d+(?= page)|\b[abc] Find", text)
            for text in each
        ]
        for each in pages
    ]
    assert places[0] == places[1] and places[0][2:] == [
        ["1 Scaled", "a Find", "2"],
        ["1, continued", "b Find", "c Find", "6"],
    ]
    header, _, rest = ROSTER.partition("\n")
    result = made(folder, SPEC, f"{header}\n{LATE}{rest}")
    assert (result.papers, result.made) == (6, 1)
    after = contents(folder)
    assert all(after[name] == before[name] for name in before if "/" in name)
    found = verify_folder(folder, catalogue(), spread)
    assert found.sound and found.papers == 6, found.faults
