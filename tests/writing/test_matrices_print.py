"""Vectors and matrices in every shape: written, looked at, read back."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest

from maths.cases import CASES, Leaves
from maths.tiny import leaf
from penwork.author import (
    exp,
    hadamard,
    mean,
    norm,
    only,
    outer,
    relu,
    row_squares,
    sqrt,
    stack,
    total,
)
from penwork.maths.value import ShapeError, Value
from writing.readback import reads_back, write

PRINTABLE = {name: case for name, case in CASES.items() if case.printable}
G = Leaves()


@pytest.mark.parametrize("nested", [["-1/2"], [["-1/2"]]], ids=["vector", "matrix"])
def test_the_only_entry_goes_by_the_name_of_the_whole(nested: list[Any]) -> None:
    entry = only(leaf(r"\mathbf U_f", nested))
    assert write(entry, False)[0] == "U_f"
    reads_back(entry * leaf("h", -3) + 2)


def test_squares_of_a_primed_letter_stand_in_brackets() -> None:
    squares = row_squares(leaf(r"\mathbf C'", SQUARE["S"]))
    reads_back(squares)
    assert "(C'_{ij})^2" in write(squares, False)[0]


def test_exponentials_of_a_column_that_has_no_name_stand_in_one_pair_of_brackets() -> None:
    a, b = leaf("a", 10), leaf("b", 12)
    distances = exp(stack([a - b, b - b]))
    reads_back(distances)
    assert write(distances, True)[0] == r"\exp \pmx{10-12 \\ 12-12}"


def test_the_billion_of_a_mask_is_a_power() -> None:
    masked = 10**9 * leaf(r"\mathbf M", [[0, 1]])
    reads_back(-masked)
    assert write(masked, False)[0] == r"10^9\,\mathbf M"


@pytest.mark.parametrize("name", PRINTABLE)
def test_each_operation(name: str) -> None:
    reads_back(PRINTABLE[name].build(G))


# Results of every shape that operations may be applied to, square so that they fit each other.
SQUARE = {"S": [[2, -1], [3, 4]], "T": [[0, 1], ["-1/2", 5]]}
OPERANDS: dict[str, Callable[[], Value]] = {
    "scalar": lambda: leaf("a", -3),
    "matrix": lambda: leaf(r"\mathbf S", SQUARE["S"]),
    "weights": lambda: leaf(r"\mathbf{W}^{(2)}", SQUARE["T"]),
    "column": lambda: leaf(r"\mathbf v", [1, -2]),
    "row": lambda: leaf(r"\mathbf r", [3, -1], row=True),
}
INNER: dict[str, Callable[[Any, Any], Value]] = {
    "plus": lambda x, y: x + y,
    "minus": lambda x, y: x - y,
    "negative": lambda x, y: -x,
    "product": lambda x, y: x @ y,
    "entrywise": hadamard,
    "times": lambda x, y: x * y,
    "over": lambda x, y: x / leaf("d", 4),
    "transposed": lambda x, y: x.T,
    "relu": lambda x, y: relu(x),
    "exp": lambda x, y: exp(x),
    "squared": lambda x, y: x**2,
    "outer": outer,
    "plain": lambda x, y: x,
}


def made(build: Callable[..., Value], *arguments: Any) -> Value | None:
    """The value, or None where the shapes do not fit (or rows meet columns)."""
    try:
        value = build(*arguments)
    except ShapeError:
        return None
    return value


def mixed(value: Value) -> bool:
    """A row of numbers and a column of numbers, term by term: not printed in one formula."""
    parts = [a for a in value.arguments if isinstance(a, Value)]
    flat = value.operation in ("add", "subtract", "hadamard") and len(value.shape) == 1
    return (flat and parts[0].row != parts[1].row) or any(map(mixed, parts))


@pytest.mark.parametrize("inner", INNER)
@pytest.mark.parametrize("outer", INNER)
def test_operations_in_operations(outer: str, inner: str) -> None:
    tried = 0
    for a, b, c in product(OPERANDS, repeat=3):
        x, y, z = OPERANDS[a](), OPERANDS[b](), OPERANDS[c]()
        first = made(INNER[inner], x, y)
        if first is None:
            continue
        for whole in (made(INNER[outer], first, z), made(INNER[outer], z, first)):
            if whole is not None and not mixed(whole):
                reads_back(whole)
                tried += 1
    assert tried or "outer" in (outer, inner)


@pytest.mark.parametrize(
    ("build", "symbols"),
    [
        (lambda S, W, v, r: S @ v, r"\mathbf S\mathbf v"),
        (lambda S, W, v, r: W.T @ v, r"\mathbf{W}^{(2)\top}\mathbf v"),
        (lambda S, W, v, r: v @ v, r"\mathbf v^\top\,\mathbf v"),
        (lambda S, W, v, r: v @ S, r"\mathbf v^\top\mathbf S"),
        (lambda S, W, v, r: (S @ v) @ v, r"(\mathbf S\mathbf v)^\top\,\mathbf v"),
        (lambda S, W, v, r: norm(v) ** 2, r"\left\|\mathbf v\right\|^2"),
        (lambda S, W, v, r: S.T.T, r"(\mathbf S^\top)^\top"),
        (lambda S, W, v, r: W.T.T, r"(\mathbf{W}^{(2)\top})^\top"),
        (lambda S, W, v, r: (W @ S).T, r"(\mathbf{W}^{(2)}\mathbf S)^\top"),
        (lambda S, W, v, r: (v**2) @ S, r"(\mathbf v^{\odot 2})^\top\mathbf S"),
        (lambda S, W, v, r: S @ hadamard(S, S), r"\mathbf S(\mathbf S\odot \mathbf S)"),
        (lambda S, W, v, r: total(r), "r_1+r_2"),
        (lambda S, W, v, r: outer(v, v), r"\mathbf v\mathbf v^\top"),
        (lambda S, W, v, r: S[1] @ v, r"\mathbf s_2\,\mathbf v"),
        (lambda S, W, v, r: S[0, 1] * v[0], r"S_{12}v_1"),
        (lambda S, W, v, r: W[0, 1] + v[0], r"W^{(2)}_{12}+v_1"),
    ],
)
def test_as_a_teacher_writes(build: Any, symbols: str) -> None:
    value = build(*(OPERANDS[name]() for name in ("matrix", "weights", "column", "row")))
    assert write(value, False)[0] == symbols


def test_transposed_numbers_stand_transposed() -> None:
    text = write(leaf("S", [[1, 2], [3, 4]]).T, True)[0]
    assert text == r"\pmx{1 & 3 \\ 2 & 4}"


def test_decimals_are_padded_to_their_column() -> None:
    text = write(leaf("S", [["0.25", 1], [3, "-0.5"]]), True)[0]
    assert text == r"\pmx{0.25 & 1\z{.0} \\ 3\z{.00} & -0.5}"


def test_large_sums_are_written_with_a_sign_of_sum() -> None:
    assert write(total(G.long), False)[0].startswith(r"\sum_{i}")
    assert write(mean(G.long), True)[0].endswith("}{6}")


def test_unnamed_argument_of_a_spelled_out_sum_is_refused() -> None:
    for build in (norm, mean):
        with pytest.raises(TypeError, match="name its argument"):
            write(build(G.v + G.p), True)


def test_entries_of_stacks_are_written_entry_by_entry() -> None:
    a, b = leaf("a", 1), leaf("b", -2)
    inner = stack([stack([a + b, b]), stack([sqrt(a), a * b])])
    assert write(inner, True)[0] == r"\pmx{1+(-2) & -2 \\ \sqrt{1} & 1\cdot (-2)}"
    assert np.shape(inner.data) == (2, 2)


def test_stacked_rows_are_one_matrix() -> None:
    text, pen = write(stack([G.r, G.v]), True)
    assert text == r"\pmx{2 & 0 & -3 \\ 1 & -2 & 3}"
    assert len(pen.operands) == 6
