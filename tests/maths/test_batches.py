"""Givens that are one example or a batch of them, and lists of labels."""

from __future__ import annotations

from typing import Any

import pytest

from penwork.author import counts, matrix, vector_or_matrix
from penwork.errors import UserError
from penwork.maths.fields import EXACT
from penwork.maths.given import leaves, read_given

DECLARED = {
    "x": vector_or_matrix(dimension="d"),
    "W": matrix(rows="k", columns="d"),
    "target": vector_or_matrix(r"\mathbf t", dimension="o"),
    "labels": counts(r"\mathbf c", dimension="n", low=0, default=None),
}


def given(**raw: Any) -> Any:
    stored = read_given(DECLARED, {"x": [1, 2], "W": [[1, 0]], "target": 1, **raw})
    return stored, leaves(DECLARED, stored, EXACT)


def test_one_example_is_a_vector_and_a_list_of_rows_is_a_matrix() -> None:
    stored, one = given()
    assert one.x.shape == (2,) and one.target.shape == (1,)
    assert (one.x.name.tex, one.target.name.tex) == (r"\mathbf x", r"\mathbf t")
    assert DECLARED["x"].called("x", stored["x"]) == r"\mathbf x"

    stored, batch = given(x=[[1, 2], [3, 4], [5, 6]], target=[[1], [2], [3]])
    assert batch.x.shape == (3, 2) and batch.target.shape == (3, 1)
    assert (batch.x.name.tex, batch.target.name.tex) == (r"\mathbf X", r"\mathbf T")
    assert DECLARED["target"].called("target", stored["target"]) == r"\mathbf T"


def test_labels_are_plain_whole_numbers() -> None:
    _, leaf = given(x=[[1, 2], [3, 4]], target=[[1], [2]], labels=[0, 1])
    assert leaf.labels == [0, 1] and all(type(label) is int for label in leaf.labels)
    assert given()[1].labels is None


@pytest.mark.parametrize(
    "raw, said",
    [
        ({"x": [1, 2, 3]}, "W (columns) has size 2 where x has 3"),
        ({"x": [[1, 2], [3]]}, "x[1] has 1 entries where x[0] has 2"),
        ({"x": [[1, 2, 3]]}, "W (columns) has size 2 where x (columns) has 3"),
        ({"x": [[1, 2]]}, "target is one example where x is a batch"),
        ({"target": [[1]]}, "x is one example where target is a batch"),
        ({"x": [[1, 2], [3, 4]], "target": [[1]]}, "target (rows) has size 1 where x (rows) has 2"),
        ({"x": []}, "x is empty"),
        ({"labels": [0, "1.5"]}, "labels[1] must be a whole number"),
        ({"labels": [-1]}, "labels[0] must be at least 0"),
    ],
)
def test_what_does_not_fit_is_named(raw: dict[str, Any], said: str) -> None:
    with pytest.raises(UserError) as caught:
        given(**raw)
    assert said in str(caught.value)
