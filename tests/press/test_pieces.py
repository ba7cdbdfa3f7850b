"""The strip, the codes and the figures by themselves."""

from __future__ import annotations

import math
import re

import segno

from penwork.compose.recipe import decode, encode
from penwork.figures import Curve, Grid, Node, Plot, Tree
from penwork.press.codes import MODULE, QUIET, path, split
from penwork.press.pictures import draw
from penwork.press.strip import strip
from press.samples import sheet


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
    width, drawn = path(text)
    wanted = [list(row) for row in segno.make_qr(text, error="l", boost_error=True).matrix]
    assert _modules(drawn, round(width / MODULE)) == wanted
    assert MODULE >= 0.3


def test_long_recipes_are_split_and_come_back() -> None:
    recipe = sheet(200).recipe
    pieces = split(encode(recipe), 200)
    assert 2 <= len(pieces) <= 20
    assert decode("\n".join(reversed(pieces))) == recipe
    assert split(encode(sheet(10).recipe), 10) == [encode(sheet(10).recipe)]


def test_dark_cells_have_white_text() -> None:
    drawn = draw(Grid([[0.9, 0.1]], [["0.9", "0.1"]]))
    assert re.search(r"pmputwhite[^%]*0\.9", drawn)
    assert not re.search(r"pmputwhite[^%]*0\.1\}", drawn)


def test_kept_branches_are_strong() -> None:
    leaves = (Node("a", "0.6", kept=True), Node("b", "0.4"))
    drawn = draw(Tree(Node("s", kept=True, children=leaves)))
    assert "1.1 w 0 G" in drawn
    assert "0.5 w 0.55 G" in drawn


def test_a_plot_of_one_point_has_room() -> None:
    drawn = draw(Plot((Curve([(1.0, 1.0), (1.0, 1.0)]),)))
    assert "nan" not in drawn
    assert "inf" not in drawn
