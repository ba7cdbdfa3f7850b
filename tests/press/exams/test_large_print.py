"""Large print: a narrow page whose text is ragged, whose boxes stand below, all of it large."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import pytest

from penwork.figures import (
    Arrow,
    Arrows,
    Bars,
    Block,
    Curve,
    Edge,
    Figure,
    Flow,
    Graph,
    Grid,
    Mark,
    Network,
    Node,
    Plot,
    Tree,
    Vertex,
)
from penwork.model import Box, Instance, Part
from penwork.press.exams.medium import BOTTOM, SIZES, TOP, Medium
from penwork.press.exams.sources import probes_source
from penwork.press.strip import in_rows
from press.exams.alone import Letter, exam_with, letters, printed, texts, typeset
from press.pieces import answer, instance

LARGE = Medium("a4", large=True, sans=True)
LETTER = Medium("letter", large=True)
SIZE, SMALLEST = 18, 14.4  # of what is read; of indices, and of the edges of a page
HEAD = 21.6
TOKENS = [f"tok{k}" for k in range(12)]
PROBABILITIES = [[f"0.{10 + 12 * row + k}" for k in range(12)] for row in range(3)]


def problem(statement: str, *figures: Figure) -> Instance:
    boxes = (Box("y", (2, 2), "2 d.p."), Box("kind", (), "minimum / maximum", "choice"))
    answers = {"y": answer("y", "matrix", boxes, "1")}
    part = Part("a", r"Find $y_1^2$.", ("y",), 2, "M1 A1")
    return instance(
        "a/b", "One", statement=statement, parts=(part,), answers=answers, figures=figures
    )


def table(columns: str, rows: Sequence[Sequence[str]]) -> str:
    head, *body = (r" & ".join(row) + r"\\ " for row in rows)
    return (
        rf"Here: \begin{{nexttable}}{{{columns}}}{head}\tablerule {''.join(body)}\end{{nexttable}}"
    )


def within(pdf: bytes) -> list[Letter]:
    """All that stands between head and foot of its pages, behind the cover."""
    inch = 25.4 / 72.27
    low, high = BOTTOM / inch, (SIZES["letter"][1] - TOP) / inch
    return [one for page in letters(pdf)[2:] for one in page if low < one.y < high]


def sizes(pdf: bytes) -> Counter[float]:
    return Counter(one.size for one in within(pdf))


@cache
def bare() -> Counter[float]:
    return sizes(printed(LETTER, problem("Here:"))[1])


def more(pdf: bytes) -> Counter[float]:
    """How many letters of each size there are beyond those of a task; `HEAD` is that of a page."""
    return sizes(pdf) - bare()


def test_a_vector_may_stand_anywhere_in_a_line() -> None:
    """Words stretched to the margin would leave no place to break before it."""
    vector = r"$\mathbf z=\pmx{10 & 11 & 9 & 12}$"
    told = [f"{'So ' * k}the logits {vector}. It takes their softmax and more." for k in range(24)]
    tasks = [problem(text) for text in told]
    assert typeset("probes", probes_source(exam_with(tasks[0]), LARGE, 0, tasks)).overfull == ()


@pytest.mark.parametrize(
    ("cells", "most", "rows"), [(9, 10, [9]), (10, 10, [10]), (11, 10, [6, 5]), (21, 10, [7, 7, 7])]
)
def test_the_points_table_has_rows_of_like_length(cells: int, most: int, rows: list[int]) -> None:
    assert [len(row) for row in in_rows(range(cells), most)] == rows


def test_a_wide_table_is_broken_and_as_large_as_the_text() -> None:
    rows = [["after", *TOKENS], *([f"row{k}", *PROBABILITIES[k]] for k in range(3))]
    _, pdf = printed(LETTER, problem(table("c" * 12, rows)))
    text = " ".join(texts(pdf)[2:])
    for word in (*TOKENS, *(cell for row in PROBABILITIES for cell in row)):
        assert len(re.findall(rf"(?<!\S){re.escape(word)}(?!\S)", text)) == 1, word
    assert text.count("after") == text.count("row2") >= 2
    assert set(more(pdf)) == {SIZE}


def test_a_table_that_is_wide_by_its_words_has_them_on_several_lines() -> None:
    rows = [
        ["this line", "what it gives"],
        ["of code", "the first entry of the vector, clipped " * 2],
    ]
    _, pdf = printed(LETTER, problem(table("l", rows)))
    assert texts(pdf)[2].count("of code") == 1
    words = [one for one in within(pdf) if one.sign == "v"]
    assert {one.size for one in words} == {SIZE} and len({round(one.y) for one in words}) >= 2


EPOCHS = range(1, 31)
FIGURES: list[Figure] = [
    Plot(
        [Curve([(e, 2 / e) for e in EPOCHS], label="L"), Curve([(1, 1), (30, 0.5)], dashed=True)],
        [Mark(9, 1, "kept")],
        x_label="e",
        x_ticks=[(e, str(e)) for e in EPOCHS],
        fit=True,
        caption="Loss by epoch.",
    ),
    Plot([Curve([(-3, -2), (4, 3)])], [Mark(1, 1, "A")], equal=True),
    Grid([[0.2] * 8] * 3, [[0.25] * 8] * 3, ["cat", "sat", "mat"], TOKENS[:8]),
    Tree(
        Node(
            "start",
            children=[
                Node(
                    f"word{k}", "0.25", "0.0625", children=[Node(f"leaf{j}", "0.5") for j in "abc"]
                )
                for k in range(3)
            ],
        )
    ),
    Network(
        [["x", "y", "z"], ["a", "b", "c"], ["u"]],
        [[["2", "-1", "3"]] * 3, [["1", "2", "-3"]]],
        [["1", "", ""], ["2", "", ""], ["3"]],
        ["in", "hidden", "out"],
    ),
    Bars([[0.5, 0.25] * 4, [0.1, -0.9] * 4], [[0.5, 0.25] * 4, [0.1, -0.9] * 4], TOKENS[:8], "st"),
    Flow(
        [[Block("in", "512")], [Block("head", "64")] * 4, *[[Block("layer", "512")]] * 5],
        skips=[(2, 4)],
    ),
    Graph(
        [Vertex(x, f"{x}=4") for x in "abcde"],
        [Edge(k, k + 1, "2.5", "-1") for k in range(4)],
        directed=True,
    ),
    Arrows([Arrow((4, 1), "a"), Arrow((1, 3), "b", strong=True)], axes=("x", "y")),
]


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: type(figure).__name__)
def test_the_letters_of_a_figure_are_as_large_as_the_text(figure: Figure) -> None:
    _, pdf = printed(LETTER, problem("Here:", replace(figure, where="statement")))
    assert set(more(pdf)) <= {SIZE, HEAD} and more(pdf)[SIZE] >= 4


def test_nothing_is_small_on_any_page() -> None:
    _, pdf = printed(
        LARGE, problem(r"Given $\mathbf x^{\top}_{i_1}$ and $\frac{x}{2}$.", FIGURES[0])
    )
    assert min(one.size for page in letters(pdf)[1:] for one in page) == SMALLEST
    _, pdf = printed(Medium("a4"), problem("Given $x_1$."))
    assert min(one.size for page in letters(pdf)[1:] for one in page) < 8
