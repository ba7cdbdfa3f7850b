"""Givens that are the edges of a graph."""

from __future__ import annotations

from typing import Any

import pytest

from penwork.author import edges, vector
from penwork.errors import UserError
from penwork.maths.fields import EXACT
from penwork.maths.given import leaves, read_given

DECLARED = {"x": vector(dimension="n"), "edges": edges(nodes="n")}


def given(pairs: Any) -> Any:
    return leaves(DECLARED, read_given(DECLARED, {"x": [6, 0, 3], "edges": pairs}), EXACT)


def test_solve_gets_pairs_of_plain_whole_numbers() -> None:
    found = given([[1, 2], ["3", 2]]).edges
    assert found == [(1, 2), (3, 2)]
    assert all(type(node) is int for pair in found for node in pair)


@pytest.mark.parametrize(
    "pairs, said",
    [
        ([[1, 4]], "edges[0] joins nodes that are not there. There are 1 to 3."),
        ([[1, 2], [0, 1]], "edges[1] joins nodes that are not there"),
        ([[2, 2]], "edges[0] joins node 2 to itself"),
        ([[1, 2], [2, 3], [2, 1]], "edges[2] was named before"),
        ([[1, 2, 3]], "edges (columns) has 3 where 2 are needed"),
        ([[1, "1/2"]], "edges[0][1] must be a whole number"),
        ("12", "edges"),
        ([], "edges is empty"),
    ],
)
def test_what_is_no_graph_is_refused_by_name(pairs: Any, said: str) -> None:
    with pytest.raises(UserError) as caught:
        given(pairs)
    assert said in f"{caught.value.message} {caught.value.hint}"
