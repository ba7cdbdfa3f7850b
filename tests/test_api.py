"""import penwork."""

from __future__ import annotations

from pathlib import Path

import pytest

import penwork
from ran import TOYS


def test_make() -> None:
    one = penwork.make("toy/line", seed=7, templates=[TOYS])
    assert (one.seed, one.level) == (7, 2)
    assert penwork.make("toy/line", 7, templates=[str(TOYS)]) == one
    assert penwork.make("toy/line", 7, 3, templates=[TOYS]) != one


def test_boxes_have_the_shape_of_what_is_asked() -> None:
    column = penwork.make("forward_backward/mlp_forward", seed=7, level=1).answers["h"]
    assert column.boxes[0].shape == (len(column.value), 1)
    row = penwork.make("attention_mechanics/softmax_scale", seed=7, level=1).answers["p"]
    assert row.boxes[0].shape == (len(row.value),)


def test_of_answers_that_are_rounded_none_is_a_fraction() -> None:
    own = {"w0": 1, "x": -3, "y": 9, "alpha": "0.15", "T": 2, "sigmas": ["0.05", "0.25"]}
    made = penwork.make("forward_backward/gradient_descent", given=own, level=3)
    assert made.answers["flat_gradients"].printed == r"\pmx{-0.0903 & -0.2813}"


def test_make_of_chance_and_of_given() -> None:
    seed = penwork.make("toy/line", templates=[TOYS]).seed
    assert seed is not None
    own = penwork.make("toy/line", given={"w": 3, "x": "0.5", "b": 1, "n": 2}, templates=[TOYS])
    assert own.seed is None
    assert own.answers["y"].value == 2.5


def test_templates() -> None:
    names = [template.id for template in penwork.templates([TOYS])]
    assert {"toy/line", "toy/tokens"} < set(names) and names == sorted(names)


def test_errors_are_public(tmp_path: Path) -> None:
    with pytest.raises(penwork.UserError):
        penwork.make("toy/line", seed=1, templates=[tmp_path / "nowhere"])
