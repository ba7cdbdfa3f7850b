"""A problem that is longer than a page: its heads, its parts with their boxes, its subtotals."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import pypdfium2
import pytest

from penwork.compose.exams.layout import Layout, Measured, lay_out
from penwork.compose.exams.plan import Paper
from penwork.compose.exams.roster import Student
from penwork.compose.exams.spec import read_spec
from penwork.compose.exams.words import ENGLISH
from penwork.compose.recipe import Item, Recipe
from penwork.compose.sheet import lay_out as sheet_of
from penwork.model import Box, Instance, Part
from penwork.press.engine import Document, Pages, find_engine
from penwork.press.exams.measure import measure_fixed
from penwork.press.exams.medium import Medium
from penwork.press.exams.setting import exam_of
from penwork.press.exams.sources import Exam, Script, papers_source, probes_source
from penwork.press.render import pieces_of, worksheet_source
from penwork.press.sheet import compile_documents
from press.exams.small import SPEC, catalogue
from press.pieces import answer, instance

LETTERS, BOXES = "abcdefgh", 7
TASK = "Go through all that was said before, line by line, and write down what you find. " * 3


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


@pytest.fixture(scope="module")
def exam(tmp_path_factory: pytest.TempPathFactory) -> Exam:
    """One problem only."""
    file = tmp_path_factory.mktemp("long") / "spec.toml"
    file.write_text(SPEC, encoding="utf-8")
    whole = exam_of(read_spec(file, catalogue()), catalogue())
    parts = long_problem().parts
    marks, asks = tuple(p.marks for p in parts), tuple(p.asks for p in parts)
    slot = replace(whole.slots[0], marks=marks, asks=asks, title="Long")
    return replace(whole, slots=(slot,), places=whole.places[:1])


def typeset(name: str, source: str) -> Pages:
    [pages] = compile_documents(find_engine(), [Document(name, source)])
    return pages


def printed(exam: Exam, medium: Medium, problem: Instance) -> tuple[Layout, list[str]]:
    """The layout, and what stands on each page."""
    sizes = typeset("probes", probes_source(exam, medium, 0, [problem])).sizes
    task, *blocks = (size.height for size in sizes)
    fixed, _ = measure_fixed(exam, medium)
    layout = lay_out(exam.places, exam.slots, [Measured(task, 0.0, 1.0, tuple(blocks))], fixed)
    paper = Paper("ABCDEFG", Student("1", "Ada"), 1, "", "", (0,), None)
    pages = typeset("papers", papers_source(exam, medium, layout, [Script(paper, (problem,))]))
    assert pages.overfull == ()
    return layout, texts(pages.pdf)[1:]  # behind the page of letters


def texts(pdf: bytes) -> list[str]:
    with pypdfium2.PdfDocument(pdf) as document:
        return [" ".join(page.get_textpage().get_text_range().split()) for page in document]


def together(pages: Sequence[str]) -> list[str]:
    """The letters of the parts on each page, every one with all of its boxes."""
    for letter in LETTERS:
        [page] = [text for text in pages if f"Task-{letter}." in text]
        assert all(f"box {letter}{k}" in page for k in range(BOXES)), letter
    return ["".join(re.findall(r"Task-(\w)\.", text)) for text in pages]


MEDIA = [Medium("a4"), Medium("letter", large=True), Medium("a4", large=True, sans=True)]


@pytest.mark.parametrize("medium", MEDIA, ids=lambda medium: f"{medium.paper}-{medium.name}")
def test_heads_parts_and_subtotals_of_every_page(exam: Exam, medium: Medium) -> None:
    layout, pages = printed(exam, medium, long_problem())
    assert len(layout.pages) >= 3
    begins = next(k for k, text in enumerate(pages) if "1 Long" in text)
    told = [k for k, text in enumerate(pages) if "1, continued" in text]
    assert told == list(range(begins + 1, len(layout.pages)))
    letters = together(pages)
    assert "".join(letters) == LETTERS
    subtotals = [re.search(rf"{ENGLISH.subtotal} / ?(\d+)", text) for text in pages]
    assert [int(s[1]) if s else 0 for s in subtotals] == [2 * len(those) for those in letters]


def test_a_statement_longer_than_a_page_goes_on_with_its_lines_in_order(exam: Exam) -> None:
    layout, pages = printed(exam, Medium("a4"), long_problem(20))
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
