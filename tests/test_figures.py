"""Pictures show what the key derives, whatever parts are asked."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from penwork import instance
from penwork.catalogue import default_folders, load
from penwork.errors import Fault, Reject
from penwork.figures import Bars, Grid
from penwork.instance import make, propose
from penwork.numbers import precision
from penwork.press.pictures import draw
from penwork.problem import LEVELS, Template

CATALOGUE = load(default_folders([]))
SEED = 9000


def bars(label: str, **where: Any) -> Bars:
    return Bars([[1]], [[1]], [label], **where)


def pictures(template: Template, level: int, parts: tuple[str, ...]) -> tuple[Any, ...]:
    with precision():
        _, good = propose(template, seed=SEED, level=level, parts=parts)
        return instance._figures(template, good.given, good.exact, good.needed)


def drawn(figures: Any, *parts: str) -> list[str]:
    """Which bars descent has at level 2, where it asks the weights, then r, then the minimiser."""
    template = replace(CATALOGUE.get("forward_backward/gradient_descent"), figures=figures)
    return [str(figure.group_labels[0]) for figure in pictures(template, 2, parts)]


def test_a_picture_of_a_step_that_is_not_asked_is_left_out() -> None:
    def figures(given: Any, steps: Any) -> Any:
        yield bars("worksheet", where="statement")
        yield bars(str(steps["weight_1"]))
        yield bars(str(steps["minimiser"]))

    assert len(drawn(figures)) == 3
    assert drawn(figures, "a") == drawn(figures)[:2]
    assert drawn(figures, "c") == ["worksheet"]


def test_a_template_may_ask_what_the_key_shows() -> None:
    def figures(given: Any, steps: Any) -> Any:
        return [bars(name) for name in ("weight_1", "minimiser") if name in steps]

    assert drawn(figures, "a") == ["weight_1"]
    assert drawn(figures, "c") == ["minimiser"]


def test_a_step_that_there_is_not_is_the_authors_mistake() -> None:
    with pytest.raises(KeyError, match="wieght_1"):
        drawn(lambda given, steps: [bars(str(steps["wieght_1"]))])


@pytest.mark.parametrize("name", sorted(CATALOGUE.pairs))
def test_each_part_alone_has_its_pictures(name: str) -> None:
    """None fails, and the worksheet's are the same whatever is asked."""
    template = CATALOGUE.get(name)
    for level in LEVELS:
        whole = make(template, seed=SEED, level=level)
        assert all(figure.caption[-1:] in ("", ".") for figure in whole.figures)
        told = [figure for figure in whole.figures if figure.where == "statement"]
        for part in whole.parts:
            with suppress(Reject):
                alone = pictures(template, level, (part.letter,))
                assert [figure for figure in alone if figure.where == "statement"] == told


BEFORE_ITS_PART = [
    ("architecture_analysis/attention_complexity", 1, "2d"),
    ("coding_traces/backprop_batch", 1, "Delta_H"),
    ("coding_traces/backprop_batch", 2, "mathbf X ="),
    ("debugging_scenarios/overfitting_curves", 1, "kept"),
    ("debugging_scenarios/uniform_attention", 1, "Repaired"),
    ("forward_backward/momentum_step", 3, "plain"),
    ("matrices/eigen_condition", 1, "mathbf u_"),
    ("tokenization/bpe_merges", 3, "Symbols in the corpus"),
]


@pytest.mark.parametrize(("name", "level", "words"), BEFORE_ITS_PART)
def test_no_picture_shows_what_only_another_level_asks(name: str, level: int, words: str) -> None:
    template = CATALOGUE.get(name)
    assert words not in str(make(template, seed=SEED, level=level).figures)
    shown = [str(make(template, seed=SEED, level=other).figures) for other in LEVELS]
    assert any(words in figures for figures in shown)


def test_a_bare_percent_sign_in_a_figure_is_a_fault() -> None:
    for caption, label in (("60 % of it", "a"), ("", "60%")):
        with pytest.raises(Fault, match="bare %"):
            draw(Grid([[0.5]], [["1"]], [label], ["b"], caption=caption))
    assert draw(Grid([[0.5]], [["1"]], ["a"], ["b"], caption=r"60 \% of it"))
