"""The strip, the codes and the figures by themselves."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from fractions import Fraction

import pytest
import segno

from penwork.compose.recipe import Item, Recipe, decode, encode
from penwork.draw import SEEDS
from penwork.figures import Bars, Block, Curve, Figure, Flow, Grid, Label, Network, Node, Plot, Tree
from penwork.model import Answer, Box
from penwork.press.canvas import aligned
from penwork.press.codes import MASK, MODULE, QUIET, path, split
from penwork.press.lines import boxes, codes, handed_in, worked
from penwork.press.pictures import draw
from penwork.press.strip import strip
from press.pieces import line, step
from press.samples import sheet

FOOT = 24.0  # millimetres that the foot of a page has for a code


def test_the_strip_is_right() -> None:
    rows = re.findall(r"(e\^x|\\sqrt n|\\ln n|\\sigma\(x\)|\\tanh x) & ([^}\\]*)", strip())
    found = {name: [float(x) for x in numbers.split("&")] for name, numbers in rows}
    halves = [k / 2 for k in range(-8, 9) if k]
    wanted = {
        "e^x": [math.exp(x) for x in halves],
        r"\sqrt n": [math.sqrt(n) for n in range(2, 11)],
        r"\ln n": [math.log(n) for n in range(2, 11)],
        r"\sigma(x)": [1 / (1 + math.exp(-k / 2)) for k in range(1, 7)],
        r"\tanh x": [math.tanh(k / 2) for k in range(1, 7)],
    }
    assert found.keys() == wanted.keys()
    for name, values in wanted.items():
        assert len(found[name]) == len(values)
        for shown, value in zip(found[name], values, strict=True):
            assert abs(shown - value) <= (0.5001e-4 if value < 10 else 0.5001e-3)


def _modules(drawn: str, size: int) -> list[list[int]]:
    dark = [[0] * size for _ in range(size)]
    for x, y, wide in re.findall(r"(\d+) (\d+) (\d+) 1 re", drawn):
        for column in range(int(x), int(x) + int(wide)):
            dark[size - 1 - int(y)][column] = 1
    return [row[QUIET : size - QUIET] for row in dark[QUIET : size - QUIET]]


def test_the_path_is_the_code() -> None:
    text = encode(sheet(10).recipe)
    width, drawn = path(text, "m")
    wanted = [list(row) for row in segno.make_qr(text, error="m", mask=MASK).matrix]
    assert _modules(drawn, round(width / MODULE)) == wanted
    assert MODULE >= 0.3


def test_long_recipes_are_split_and_come_back() -> None:
    recipe = sheet(200).recipe
    pieces = split(encode(recipe))
    assert 2 <= len(pieces) <= 20
    assert decode("\n".join(reversed(pieces)), [item.id for item in recipe.items]) == recipe
    assert max(path(piece, "m")[0] for piece in pieces) <= FOOT


def test_a_sheet_of_thirty_has_one_code_that_fits_the_foot() -> None:
    items = tuple(Item(f"a/t{k}", 9, 3, SEEDS - 1 - k, 199) for k in range(30))
    text = encode(Recipe(SEEDS - 1, items))
    assert split(text) == [text]
    assert path(text, "m")[0] <= FOOT


def test_numbers_are_labels_too() -> None:
    third, half = Fraction(1, 3), Fraction(1, 2)
    said = [["0.333", "0.500"]]
    assert draw(Grid([[third, half]], [[third, half]], places=3)) == draw(
        Grid([[1 / 3, 0.5]], said)
    )
    assert draw(Bars([[third, half]], [[third, half]], ["a", "b"], places=3)) == draw(
        Bars([[1 / 3, 0.5]], said, ["a", "b"])
    )
    layers = [["x"], ["h", "k"]]
    assert draw(Network(layers, [[[0], [half]]], [[0], [half, 1]])) == draw(
        Network(layers, [[["0"], ["0.5"]]], [["0"], ["0.5", "1"]])
    )


def test_the_numbers_of_a_figure_have_equal_decimals() -> None:
    rows: list[list[Label]] = [
        [Fraction(2, 5), 3, 0],
        [Fraction(1, 3), 12, 1],
        [1, 7, Fraction(1, 2)],
    ]
    said = [["0.40", "3", "0"], ["0.33", "12", "1.00"], ["1.00", "7", "0.50"]]
    assert aligned(rows) == said
    mixed: list[list[Label]] = [["a", Fraction(1, 4)], [0.5, 0.5]]
    assert aligned(mixed) == [["a", "0.25"], ["0.50", "0.50"]]
    assert "0.50" in draw(Bars([[0.25, 0.5]], [[0.25, 0.5]], ["a", "b"]))


def test_the_curve_of_a_function() -> None:
    exact = Curve.of(lambda x: x * x, Fraction(-1, 2), 1, dashed=True)
    (left, low), *_, (right, high) = exact.points
    assert (left, low, right, high) == (Fraction(-1, 2), Fraction(1, 4), 1, 1)
    assert exact.dashed
    floats = Curve([(float(x), float(y)) for x, y in exact.points], dashed=True)
    assert draw(Plot([exact])) == draw(Plot([floats]))


def test_dark_cells_have_white_text() -> None:
    drawn = draw(Grid([[0.9, 0.1]], [["0.9", "0.1"]]))
    assert re.search(r"pmputwhite[^%]*0\.9", drawn)
    assert not re.search(r"pmputwhite[^%]*0\.1\}", drawn)


def test_kept_branches_are_strong() -> None:
    leaves = (Node("a", "0.6", kept=True), Node("b", "0.4"))
    drawn = draw(Tree(Node("s", kept=True, children=leaves)))
    assert "1.1 w 0 G" in drawn
    assert "0.5 w 0.55 G" in drawn


def test_the_share_of_a_branch_stands_over_its_line() -> None:
    drawn = draw(Tree(Node("1", children=[Node("2", "0.25", "D"), Node("3", "0.75")])))
    spots = re.findall(r"pmput\{([\d.]+)\}\{([\d.]+)\}\{1\}\{0\}\{[^%]*0\.[27]5", drawn)
    ends = re.findall(r"m ([\d.]+) ([\d.]+) l S", drawn)
    assert len(spots) == 2
    for x, y in spots:
        assert any(abs(float(x) - float(u)) < 4 and 1 < float(y) - float(v) < 4 for u, v in ends)
    assert r"\pmputover" not in drawn


def test_a_choice_has_room_for_its_words() -> None:
    box = Box("fix", (), "yes / no", "choice")
    answer = Answer("fix", "choice", "no", 0, None, (box,), True)
    longer = replace(answer, boxes=(replace(box, note="lower the learning rate / train longer"),))
    assert boxes([answer]) == r"\pmbox{fix}{20}{7.5}{yes~/ no}"
    assert boxes([longer]) == r"\pmbox{fix}{42}{7.5}{lower~the~learning~rate~/ train~longer}"


def test_a_box_does_not_tell_what_comes_into_it() -> None:
    box = Box("k", (), "", "text", room="number")
    answer = Answer("k", "text", "infinite", 0, None, (box,), True, "infinite")
    assert boxes([answer]) == r"\pmbox{k}{17}{7.5}{}"


def test_of_several_numbers_each_has_its_own_relation() -> None:
    pair = (Box("x", (), "2 d.p.", exact=False), Box("y", (), "2 d.p."))
    said = handed_in([Answer("r", "vector", 0, 0, 2, pair, False, r"\pmx{4.24 & 4}")])
    assert r"x{}\approx{}" in said
    assert "y{}={}" in said


def test_a_short_state_stays_in_its_column() -> None:
    rows = [line(rf"w_{i}", (":", "a")) for i in range(7)]
    assert r"\pmrow" not in worked(step("s", "a", "", *rows[:4], kind="state"))
    assert worked(step("s", "a", "", *rows, kind="state")).count(r"\pmrow") == 6


def test_long_numbers_have_long_boxes() -> None:
    answer = Answer("P", "number", 0, 0, None, (Box("P", (), "", "number"),), True, r"1\,640\,960")
    longer = replace(answer, printed=r"59\,925\,760")
    short, wide = r"\pmbox{$P$}{17}{7.5}{}", r"\pmbox{$P$}{26}{7.5}{}"
    assert boxes([answer]) == short
    assert boxes([answer, longer]) == 2 * wide


def test_of_a_rounded_answer_anything_counts_that_rounds_to_it() -> None:
    assert codes("M2 A1ft") == r"\pmcode{M2}\pmcode{A1ft}"
    assert codes("M1", rounded=True) == r"\pmcode{M1}\pmcode{awrt}"


def test_an_answer_is_bold_where_it_is_found_and_nowhere_else() -> None:
    shown = line("x", ("=", "2"), (">", "0"))
    assert "bold" in worked(step("x", "a", "", shown), {"x"})
    assert "bold" not in worked(step("x", "a", "", shown, kind="compare"), {"x"})


WEIGHTS = [[[f"{4 * i + j}" for j in range(3)] for i in range(3)]]
FIGURES: list[Figure] = [
    Network(
        [["x", "y", "z"], ["a", "b", "c"]], WEIGHTS, [["1", "", ""], ["2", "", ""]], ["in", "out"]
    ),
    Network([["x"], ["y"]]),
    Bars([[0.5, 0.5], [0.1, -0.9]], [["a", "b"], ["c", "d"]], ["one", "two"], ["s", "t"]),
    Bars([[0.0]], [["0"]], ["nothing"]),
    Flow([[Block("in", "5")], [Block("head", "2"), Block("head", "2")], [Block("out")]]),
    Flow([[Block("in")], [Block("layer")], [Block("sum")]], skips=[(0, 2)]),
]


def test_a_skip_goes_around_the_rows_between() -> None:
    rows = [[Block("in")], [Block("layer")], [Block("sum")]]
    plain, skipping = draw(Flow(rows)), draw(Flow(rows, skips=[(0, 2)]))
    assert plain.count(" h f") + 1 == skipping.count(" h f")
    turns = re.findall(r"([\d.]+) [\d.]+ m ([\d.]+) [\d.]+ l ([\d.]+) [\d.]+ l ([\d.]+)", skipping)
    assert any(float(left) == float(again) < float(start) for start, left, again, _ in turns)


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: type(figure).__name__)
def test_figures_stay_in_their_box_and_column(figure: Figure) -> None:
    drawn = draw(figure)
    width, height = map(float, re.findall(r"pmcanvas\{([\d.]+)\}\{([\d.]+)\}", drawn)[0])
    assert width <= 240
    for x, y in re.findall(r"(-?[\d.]+) (-?[\d.]+) [ml] ", drawn):
        assert -1 <= float(x) <= width + 1
        assert -1 <= float(y) <= height + 1


def test_weights_stand_clear_of_each_other() -> None:
    spots = [
        (float(x), float(y))
        for x, y in re.findall(r"pmputover\{([\d.]+)\}\{([\d.]+)\}", draw(FIGURES[0]))
    ]
    assert len(spots) == 9
    for number, (x, y) in enumerate(spots):
        for a, b in spots[:number]:
            assert abs(x - a) > 12 or abs(y - b) > 6
