"""Own numbers that are odd and fine are worked at every level; of others the field is named.

The answers stand here as found by hand or by other means than penwork's.
"""

from __future__ import annotations

import math
from typing import Any

import pytest

from penwork.catalogue import default_folders, load
from penwork.document import document
from penwork.errors import UserError
from penwork.instance import make_given

CATALOGUE = load(default_folders([]))
DESCENT, MOMENTUM = "forward_backward/gradient_descent", "forward_backward/momentum_step"
FORWARD, BACKWARD = "forward_backward/mlp_forward", "forward_backward/mlp_backward"
ATTENTION, SCALE = "attention_mechanics/scaled_dot_product", "attention_mechanics/softmax_scale"
COUNT, COST = "architecture_analysis/parameter_count", "architecture_analysis/attention_complexity"
NAN, CURVES = "debugging_scenarios/nan_loss", "debugging_scenarios/overfitting_curves"
UNIFORM = "debugging_scenarios/uniform_attention"
HEADS, BATCH = "coding_traces/multi_head_attention", "coding_traces/backprop_batch"
CACHE, POSITIONS = "coding_traces/kv_cache", "coding_traces/positional_encoding"
BEAM = "coding_traces/beam_search"

STEP = {"w": 1, "v": 2, "alpha": "1/10", "beta": "1/2", "gradients": [3]}
POINT = {"w0": 3, "x": 1, "y": 1, "alpha": "1/4", "T": 1}
MODEL = {"L": 2, "H": 2, "d_model": 4, "d_ff": 8, "V": 10, "context": 5, "tied": True,
         "biases": False, "norms_per_layer": 2, "final_norm": True,
         "positions": "rotary"}  # fmt: skip
KEPT = {"prompt": 3, "generated": 2, "L": 1, "H": 2, "d_head": 2, "kv_heads": 1,
        "batch": 1, "bytes": 2}  # fmt: skip
ROWS = {"<s>": {"a": "6/10", "b": "4/10"}, "a": {"a": "1/2", "b": "3/10", "</s>": "1/5"},
        "b": {"a": "1/10", "b": "2/10", "</s>": "7/10"}}  # fmt: skip
SEARCH = {"tokens": ["a", "b"], "table": ROWS, "start": "<s>", "end": "</s>", "k": 2, "max_len": 2}
ONE = {"x": 2, "W1": [[3]], "b1": -1, "W2": [["1/3"]], "b2": 1}
LIKE = {"Q": [[1, 0]], "K": [[1, 0], [0, 1]], "multiplier": "1/2"}

FINE: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (MOMENTUM, STEP | {"beta": 0}, {"v": [3], "w": [0.7]}),
    (MOMENTUM, STEP | {"beta": 1, "gradients": 3}, {"v": [5], "w": [0.5]}),
    (MOMENTUM, STEP | {"beta": "3/2"}, {"v": [6], "w": [0.4]}),
    (MOMENTUM, STEP | {"alpha": 0, "gradients": [3, 0]}, {"v": [4, 2], "w": [1, 1]}),
    (DESCENT, POINT | {"alpha": 0}, {"weights": [3], "factor": 1, "converges": "no"}),
    (DESCENT, POINT | {"alpha": -1}, {"weights": [7], "factor": 3, "converges": "no"}),
    (DESCENT, POINT | {"alpha": "1/100000"}, {"factor": 0.99998, "converges": "yes"}),
    (DESCENT, POINT | {"alpha": "1/3000000"}, {"factor": 1 - 2 / 3e6, "converges": "yes"}),
    (DESCENT, POINT | {"alpha": 1, "T": 40}, {"weights": [-1, 3] * 20, "converges": "no"}),
    (DESCENT, {"w0": 5, "x": 2, "y": "1.12345678", "alpha": "0.1234567", "T": 30},
     {"minimiser": 0.56172839, "factor": 0.0123464}),
    (FORWARD, ONE | {"x": "1/3"}, {"z": [0], "h": [0], "y": [1]}),
    (FORWARD, ONE | {"x": ["0.1", "0.2"], "W1": [[1, 1]], "b1": "-0.3"},
     {"z": [0], "slope": [[0, 0]], "linear": [[1 / 3, 1 / 3]]}),
    (BACKWARD, ONE | {"x": ["0.1", "0.2"], "W1": [[1, 1]], "b1": "-0.3", "target": 0},
     {"loss": 1, "dz": [0], "db2": [2]}),
    (BATCH, {"X": [["0.1", "0.2", "-0.3"]], "W1": [[1]] * 3, "W2": [[1, 0]], "labels": 1},
     {"loss": math.log(2), "dH": [[0.5]], "dW1": [[0]] * 3}),
    (FORWARD, ONE | {"x": "0.123456789012"}, {"z": [3 * 0.123456789012 - 1], "h": [0], "y": [1]}),
    (FORWARD, {"x": [-1, 0], "W1": [[0, "-1.311"]], "b1": ["3.56789"], "W2": [["2.93"]],
               "b2": [-3]}, {"z": [3.56789], "y": [2.93 * 3.56789 - 3]}),
    (BACKWARD, ONE | {"target": 1}, {"loss": 25 / 9, "dy": [10 / 3], "dW1": [[20 / 9]]}),
    (BACKWARD, ONE | {"x": [[2]], "target": [[1]]}, {"dy": [[10 / 3]], "db1": [10 / 9]}),
    (BACKWARD, {"x": [[1, 0], [0, 1], [1, 1]], "W1": [[1, -1], [1, 1]], "b1": [0, "-1/2"],
                "W2": [[1, 2], [0, 1]], "b2": [0, 0], "target": [[0, 0]] * 3},
     {"loss": 16.75, "dz": [[4, 9], [0, 5], [0, 15]], "dW1": [[4, 0], [24, 20]], "db1": [4, 29],
      "dW2": [[4, 12], [1, 5.5]], "db2": [12, 5]}),
    (ATTENTION, {"Q": [[5]], "K": [[3]], "V": [[7, -1]]}, {"weights": [[1]], "output": [[7, -1]]}),
    (ATTENTION, {"Q": [[0, 0]] * 3, "K": [[0, 0]] * 2, "V": [[1], [0]], "causal": True},
     {"weights": [[1, 0], [0.5, 0.5], [0.5, 0.5]], "output": [[1], [0.5], [0.5]]}),
    (ATTENTION, {"Q": [[40]], "K": [[40], [39]], "V": [[1], [0]]},
     {"scores": [[1600, 1560]], "output": [[1 / (1 + math.exp(-40))]]}),
    (ATTENTION, {"Q": [[1] * 6] * 6, "K": [[2] * 6] * 6, "V": [[i] for i in range(6)]},
     {"scores": [[12 / math.sqrt(6)] * 6] * 6, "output": [[2.5]] * 6}),
    (SCALE, {"logits": [0, 2], "c": 0}, {"p_scaled": [0.5, 0.5], "ratio_scaled": 1}),
    (SCALE, {"logits": [0, 2], "c": -1},
     {"p_scaled": [1 / (1 + math.exp(-2)), 1 / (1 + math.exp(2))], "ratio_scaled": math.exp(2)}),
    (SCALE, {"logits": [10, 20, 30], "c": 10}, {"p_scaled": [0, 0, 1], "ratio": math.exp(20)}),
    (SCALE, {"logits": 4, "c": 1}, {"p": [1], "ratio": 1}),
    (COUNT, MODEL | {"norms_per_layer": 0, "final_norm": False}, {"norms": 0, "total": 296}),
    (COUNT, MODEL | {"token_types": 0, "norm": "rmsnorm"}, {"norms": 20, "total": 316}),
    (COST, {"N": 1, "d": 1, "H": 1}, {"total": 6, "crossover": 2, "weights_memory": 1}),
    (NAN, {"T": 10, "w0": 1, "lam": 10, "alpha": 1}, {"first_step": 3, "stable_value": 0.2}),
    (NAN, {"T": 3, "z": [[12, 10], [0, 0], [0, 0]], "y": 0},
     {"first_step": 0, "first_quantity": "S", "stable_value": 12 + math.log(1 + math.exp(-2))}),
    (NAN, {"T": 6, "c": [3, 4], "r": 10, "clip": 4}, {"first_step": 4, "stable_value": 2.4}),
    (UNIFORM, LIKE | {"multiplier": 0}, {"scores": [[0, 0]], "entropy": [math.log(2)]}),
    (UNIFORM, LIKE | {"multiplier": -1}, {"scores": [[-1, 0]]}),
    (CURVES, {"train": [1], "validation": [2], "patience": 9},
     {"best_epoch": 1, "gap_end": 1, "stop_epoch": 1, "restored_epoch": 1}),
    (CURVES, {"train": [3, 2, 1], "validation": ["0.1234567", "0.1234566", 1], "patience": 40},
     {"best_epoch": 2, "gap_best": -1.8765434, "stop_epoch": 3, "restored_epoch": 2}),
    (HEADS, {"X": [[2]], "WQ": [[0]], "WK": [[0]], "WV": [[3]], "WO": [[5]], "H": 1},
     {"output": [[30]]}),
    (HEADS, {"X": [[1] * 10], **{name: [[0] * 10] * 10 for name in ("WQ", "WK", "WV", "WO")},
             "H": 10}, {"output": [[0] * 10]}),
    (BATCH, {"X": [[1]], "W1": [[1]], "W2": [[1]], "labels": [0]}, {"loss": 0, "dW2": [[0]]}),
    (BATCH, {"X": [[1]], "W1": [[1]], "W2": [[900, 0]], "labels": 1},
     {"loss": 900, "dH": [[900]], "dW2": [[1, -1]]}),
    (CACHE, KEPT | {"generated": 1}, {"projections_without": 6, "saving": 1, "cache_bytes": 32}),
    (CACHE, KEPT | {"query": [0, 0], "keys": [[1, 2]], "values": [[3, 4]]},
     {"step_output": [3, 4], "projections_with": 8}),
    (POSITIONS, {"positions": 0, "d_model": 2}, {"encoding": [[0, 1]]}),
    (POSITIONS, {"positions": [1], "d_model": 4},
     {"encoding": [[math.sin(1), math.cos(1), math.sin(0.01), math.cos(0.01)]]}),
    (BEAM, SEARCH | {"k": 100}, {"best": ["a", "a"], "greedy": ["a", "a"]}),
    (BEAM, SEARCH | {"k": 9, "max_len": 4, "table": ROWS | {"b": {"a": "3/10", "</s>": "7/10"}}},
     {"best": ["b", "</s>"], "best_logprob": math.log(0.28), "greedy": ["a", "a", "a", "a"]}),
]  # fmt: skip

ODD: list[tuple[str, dict[str, Any], str]] = [
    (DESCENT, POINT | {"w0": [5]}, "w0 must be a number, not a list"),
    (DESCENT, POINT | {"x": 0}, "x must not be 0"),
    (DESCENT, POINT | {"T": 1000}, "T must be at most 100"),
    (DESCENT, POINT | {"x": 10**14, "T": 90}, "digits comes of x, y, alpha, w0 (loss_"),
    (DESCENT, POINT | {"w0": -60, "x": -(10**12), "alpha": "1/2", "T": 8}, "w0, x, y, alpha, T"),
    (FORWARD, ONE | {"x": [1, 2]}, "W1 (columns) has size 1 where x has 2"),
    (ATTENTION, {"Q": [[1]], "K": [[1, 2]], "V": [[1]]}, "K (columns) has size 2 where Q"),
    (ATTENTION, {"Q": [[1]] * 13, "K": [[1]], "V": [[1]]}, "Q has 13 entries. At most 12"),
    (ATTENTION, {"Q": [[10**9]], "K": [[10**9]], "V": [[1]]}, "beyond every range comes of K, Q"),
    (SCALE, {"logits": [1, 1], "c": 1, "target": 2}, "target"),
    (COUNT, MODEL | {"H": 3}, "H = 3 does not divide d_model = 4"),
    (COUNT, MODEL | {"kv_heads": 4}, "kv_heads = 4 does not divide H = 2"),
    (NAN, {"T": 3, "w0": 1, "lam": 1, "alpha": 1}, "the T = 3 steps"),
    (NAN, {"T": 3, "w0": 1, "lam": 1}, "alpha must be there"),
    (NAN, {"T": 3, "y": 1}, "z must be there"),
    (NAN, {"T": 3}, "one of u, z, w0, c"),
    (NAN, {"T": 3, "z": [[1, 2]], "y": 0}, "z has fewer rows than the T = 3"),
    (NAN, {"T": 1, "z": [[1, 2]], "y": 2}, "y = 2 is no class of z"),
    (CURVES, {"train": [1, 2], "validation": [1], "patience": 1}, "validation has size 1"),
    (HEADS, {"X": [[1, 2]], **{name: [[0, 0]] * 2 for name in ("WQ", "WK", "WV", "WO")}, "H": 3},
     "H = 3 heads"),
    (BATCH, {"X": [[1]] * 2, "W1": [[1]], "W2": [[1, 1]], "labels": [0, 2]}, "labels[1] = 2"),
    (CACHE, KEPT | {"kv_heads": 3}, "kv_heads = 3 does not divide H = 2"),
    (CACHE, KEPT | {"query": [1, 2, 3], "keys": [[1, 2, 3]], "values": [[1, 2, 3]]},
     "query has size 3 where d_head is 2"),
    (CACHE, KEPT | {"L": 10**14}, "L must be at most 10000"),
    ("vectors/projection", {"a": [-5, 11], "b": [10**8, -2]}, "too large to be certified"),
    ("forward_backward/mlp_forward", {"x": 1, "W1": [1.5, 2], "b1": 1, "W2": 1, "b2": 1},
     "W1[0] must be a list, not a number"),
    (CACHE, KEPT | {"query": [1, 2]}, "query without keys, values"),
    (CACHE, KEPT | {"keys": [[1, 2]], "values": [[1, 2]]}, "keys, values without query"),
    (POSITIONS, {"positions": [1], "d_model": 5}, "d_model = 5 is odd"),
    (POSITIONS, {"positions": [1, 2], "d_model": 4, "pair": 2}, "pair = 2"),
    (POSITIONS, {"positions": [1], "d_model": 4, "pair": 1}, "positions has one"),
    (POSITIONS, {"positions": [1] * 99, "d_model": 64}, "d_model = 64"),
    (BEAM, SEARCH | {"table": {"<s>": {"a": "1/2", "b": "1/2"}}, "max_len": 1},
     "'a' and 'b' tie in result, which comes of table"),
    (BEAM, SEARCH | {"table": {"<s>": {"a": 1}}}, "table lacks what follows 'a'"),
    (BEAM, SEARCH | {"table": ROWS | {"a": {"a": 1, "b": 1}}}, "table['a'] adds up to more than 1"),
    (BEAM, SEARCH | {"table": ROWS | {"a": {"zz": 1}}}, "table['a'] has 'zz'"),
    (BEAM, SEARCH | {"start": "x"}, "start, 'x'"),
    (BEAM, SEARCH | {"end": "<s>"}, "start and end"),
    (BEAM, SEARCH | {"max_len": 12}, "max_len and table allow more than 500"),
]  # fmt: skip


def names(case: Any) -> str:
    return case if isinstance(case, str) else ""


@pytest.mark.parametrize("level", (1, 2, 3))
@pytest.mark.parametrize(("name", "given", "answers"), FINE, ids=names)
def test_what_is_fine_is_worked(
    name: str, given: dict[str, Any], answers: dict[str, Any], level: int
) -> None:
    instance = make_given(CATALOGUE.get(name), given, level=level)
    found = document(instance)["answers"]
    for answer, value in answers.items():
        assert near(found[answer]["value"], value), f"{answer}: {found[answer]['value']}"


@pytest.mark.parametrize(("name", "given", "said"), ODD, ids=names)
def test_what_is_not_is_named(name: str, given: dict[str, Any], said: str) -> None:
    for level in (1, 3):
        with pytest.raises(UserError) as caught:
            make_given(CATALOGUE.get(name), given, level=level)
        assert said in str(caught.value)


def test_numbers_near_to_whole_ones_are_shown_to_as_many_places_as_it_takes() -> None:
    instance = make_given(CATALOGUE.get(DESCENT), POINT | {"alpha": "1/3000000"}, level=2)
    steps = {step.name: step.lines[0].latex for step in instance.steps}
    assert steps["factor"].endswith(r"\approx 0.99999933")
    assert steps["converges"].endswith("= 0.99999933 < 1")


def near(found: Any, expected: Any) -> bool:
    """Equal words; numbers to nine digits, in any nesting."""
    if isinstance(expected, list):
        return len(found) == len(expected) and all(map(near, found, expected))
    if isinstance(expected, str):
        return bool(found == expected)
    over, _, under = str(found).partition("/")
    return math.isclose(float(over) / float(under or 1), expected, rel_tol=1e-9, abs_tol=1e-9)
