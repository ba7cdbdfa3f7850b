"""Every operation of the table: its value against NumPy, its printing rule, its cost."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from maths.cases import CASES, Case, Leaves
from maths.tiny import data_from, leaf
from penwork.author import (
    ceiling,
    cos,
    exp,
    log,
    log2,
    mask_future,
    power,
    sin,
    softmax,
    sqrt,
    tanh,
)
from penwork.maths.effort import effort
from penwork.maths.fields import EXACT, FLOAT, Field, elementwise
from penwork.maths.operations import OPERATIONS
from penwork.numbers import is_exact
from penwork.writing import rules, sums  # noqa: F401 (they fill the pen's table)
from penwork.writing.pen import RULES

every_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())


def test_every_operation_has_a_rule_and_a_case() -> None:
    assert set(RULES) == {*OPERATIONS, "constant"}
    assert {case.operation for case in CASES.values()} == set(OPERATIONS)


@every_case
def test_the_case_is_about_its_operation(case: Case) -> None:
    value = case.build(Leaves())
    inside = {getattr(a, "operation", "") for a in value.arguments}
    assert case.operation in {value.operation, *inside}


@pytest.mark.parametrize("field", [EXACT, FLOAT], ids=["exact", "float"])
@every_case
def test_value_against_numpy(case: Case, field: Field) -> None:
    value, plain = case.build(Leaves(field)), np.asarray(case.plain(Leaves(None)))
    assert value.shape == plain.shape == np.shape(value.data)
    np.testing.assert_allclose(np.asarray(value.data, dtype=float), plain, rtol=1e-12, atol=1e-12)


@every_case
def test_effort_is_a_finite_cost(case: Case) -> None:
    cost = effort(case.build(Leaves()))
    assert 0 <= cost < 1000
    assert math.isfinite(cost)


@pytest.mark.parametrize("name", [n for n in CASES if CASES[n].operation in ("matmul", "softmax")])
def test_laborious_operations_cost_something(name: str) -> None:
    assert effort(CASES[name].build(Leaves())) > 0


def test_rational_results_stay_exact() -> None:
    irrational = {"exp", "log", "log2", "sin", "cos", "tanh", "sigmoid", "softmax", "log_sum_exp"}
    for name, case in CASES.items():
        if case.operation in irrational | {"sqrt", "norm", "rational_power", "mask"}:
            continue
        assert all(map(is_exact, np.ravel(np.array(case.build(Leaves()).data)))), name


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (softmax(leaf("z", [3, 3])), ["1/2", "1/2"]),
        (softmax(leaf("z", [7])), [1]),
        (softmax(mask_future(leaf("Z", [[1, 5], [2, 2]]))), [[1, 0], ["1/2", "1/2"]]),
        (sqrt(leaf("x", "9/4")), "3/2"),
        (exp(leaf("x", 0)), 1),
        (log(leaf("x", 1)), 0),
        (tanh(leaf("x", 0)), 0),
        (sin(leaf("x", 0)), 0),
        (cos(leaf("x", 0)), 1),
        (log2(leaf("x", 8)), 3),
        (power(leaf("x", 8), -2, 3), "1/4"),
        (ceiling(sqrt(leaf("x", 8)) * sqrt(leaf("x", 2))), 4),
        (ceiling(sqrt(leaf("x", 17))), 5),
        (ceiling(leaf("x", "-7/2")), -3),
    ],
)
def test_results_that_are_rational_become_exact(value: Any, wanted: Any) -> None:
    tidied = elementwise(EXACT.tidy, value.data)
    assert all(map(is_exact, np.ravel(tidied)))
    assert np.all(tidied == data_from(wanted))


@pytest.mark.parametrize("function", [log, sqrt, log2])
def test_undefined_values_are_arithmetic_errors(function: Any) -> None:
    for build in (lambda: function(leaf("x", -1)), lambda: 1 / (leaf("x", 1) - 1)):
        with pytest.raises(ArithmeticError):
            _ = build().data
