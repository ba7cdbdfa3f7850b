"""Somebody's own numbers: the odd ones that are fine are worked, the others name their field."""

from __future__ import annotations

from typing import Any

import pytest

from penwork.catalogue import default_folders, load
from penwork.document import document
from penwork.errors import UserError
from penwork.instance import make_given
from penwork.problem import LEVELS

CATALOGUE = load(default_folders([]))
ONE = [[1, 0], [0, 1]]
LSTM: dict[str, Any] = {
    "x": 0, "h": 0, "c": 1,
    **{f"{letter}_{gate}": 0 for letter in "WUb" for gate in "ifog"},
}  # fmt: skip
SADDLE = {"b": 1, "c": -1, "y0": "1/10", "alpha": "1/2", "beta": 0}
BAYES = {"prior": "0.1", "sensitivity": "0.9", "false_positive": "0.05"}
LOGITS = ["1.386294361119891", "1.098612288668110", "0.693147180559945", 0]
FINE: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("vectors/projection", {"a": 5, "b": 2}, {"component": 5, "rejection": [0], "distance": 0}),
    ("vectors/projection", {"a": [0, 0], "b": [3, 4]}, {"projection": [0, 0]}),
    ("matrices/eigen_condition", {"A": [[1, 2], [2, 4]]}, {"rank": 1, "condition": "infinite"}),
    (
        "matrices/eigen_condition",
        {"A": [[2, 1, 0], [1, 2, 0], [0, 0, 5]], "v": [1, 1, 0]},
        {"eigenvalues": [5, 3, 1], "rate": "2/5"},
    ),
    ("calculus/chain_rule", {"form": "x**2*(y - z)", "x": 0, "y": 1, "z": 1}, {"dx": 0, "dz": 0}),
    ("calculus/hessian_saddle", SADDLE, {"factor": 2, "steps": 4, "momentum_steps": 4}),
    ("calculus/hessian_saddle", {"b": 1, "k": 0, "c": 1}, {"eigenvalues_1": [2, 2]}),
    ("calculus/hessian_saddle", {**SADDLE, "y0": "1e-9", "alpha": "1/8"}, {"steps": 93}),
    ("probability/bayes", {**BAYES, "prior": 0}, {"posterior": 0, "evidence": "1/20"}),
    ("probability/bayes", {**BAYES, "prior": 1}, {"posterior": 1, "posterior_twice": 1}),
    ("probability/bayes", {**BAYES, "goal": "0.999"}, {"tests_needed": 4}),
    ("probability/mle_derivation", {"family": "exponential", "x": 4}, {"estimate": "1/4"}),
    (
        "neural_networks/relu_approximation",
        {"knots": [0, 2], "a": 1, "b": 0, "epsilon": "1e-8", "D": 7},
        {"weights": [2], "units": 10000, "grid": 10**28},
    ),
    (
        "graph_networks/message_passing",
        {"x": [6, 0, 3], "edges": [[1, 2]], "w": 0, "i": 3, "j": 3},
        {"sum": [0, 0, 0], "influence": 0},
    ),
    (
        "tokenization/bpe_merges",
        {"words": {"ab": 1}, "merges": 40, "ties": "first", "new": "zz"},
        {"merges": [["a", "b"], ["ab", "</w>"]], "encoded": ["z", "z", "</w>"]},
    ),
    ("recurrent/lstm_step", {**LSTM, "T": 1, "u": 2, "s": 0}, {"f": ["1/2"], "rnn_gradient": 2}),
    ("recurrent/lstm_step", {**LSTM, "T": 40, "u": 1, "s": 0}, {"rnn_gradient": 1}),
    (
        "seq2seq/sampling",
        {"logits": LOGITS, "T": "1/2", "k": 9, "p": "0.001"},
        {"top_k": ["2/5", "3/10", "1/5", "1/10"], "top_p": [1, 0, 0, 0], "p_high": 1},
    ),
    (
        "seq2seq/sampling",
        {"logits": LOGITS, "T": 1, "k": 4, "p": 1},
        {"top_p_tokens": ["1", "2", "3", "4"]},
    ),
    (
        "contemporary/flash_attention",
        {"a": [1, 2, 4, 1], "v": [1, 2, 3, 4], "tile": 3, "N": 64, "d": 16, "B": 12},
        {"denominators": ["7/4", 2], "output": "21/8", "tiled": "38912/3"},
    ),
    ("contemporary/flash_attention", {"s": 5, "v": 3, "tile": 9}, {"output": 3, "maxima": [5]}),
    (
        "transformers/block_trace",
        {"X": [[1, 3]], "WV": ONE, "WO": ONE, "W1": [[1], [0]], "W2": [[0, 1]]},
        {"weights": [[1]], "Y": [[-1, 1]], "F": [[0, 0]], "Z": [[-1, 1]]},
    ),
]  # fmt: skip
REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("vectors/projection", {"a": [1, 2], "b": [0, 0]}, "b is 0"),
    ("vectors/projection", {"a": [1, 2], "b": [1, 1], "c": [2, 2]}, "c lies along b"),
    ("matrices/eigen_condition", {"A": [[2, 1, 0], [1, 2, 0], [0, 0, 5]], "v": [1, 0, 0]},
     "v is no eigenvector"),
    ("matrices/eigen_condition", {"A": [[2, 0, 0], [0, 2, 0], [0, 0, 5]], "v": [0, 0, 0]},
     "v is no eigenvector"),
    ("matrices/eigen_condition", {"A": [[2, 0], [0, 1]], "v": [1, 0, 0]}, "v belongs"),
    ("matrices/eigen_condition", {"A": [[0, 0], [0, 0]]}, "A is 0"),
    ("calculus/chain_rule", {"form": "x*log(x*y + z)", "x": 1, "y": 1, "z": -1}, r"x\*y \+ z"),
    ("calculus/hessian_saddle", {**SADDLE, "c": 1}, "y0 starts at a saddle"),
    ("calculus/hessian_saddle", {"b": 1, "c": -1, "y0": "1/10"}, "y0 without alpha, beta"),
    ("calculus/hessian_saddle", {**SADDLE, "y0": 2}, "y0 must be at most 1"),
    ("probability/bayes", {**BAYES, "sensitivity": 0, "false_positive": 0}, "false_positive"),
    ("probability/bayes", {**BAYES, "goal": "0.1"}, "goal must lie"),
    ("probability/bayes", {**BAYES, "false_positive": 0, "goal": "0.9"}, "false_positive"),
    ("probability/mle_derivation", {"family": "poisson", "x": [1, -1]}, r"x\[1\] = -1"),
    ("probability/mle_derivation", {"family": "geometric", "x": ["1/2"]}, r"x\[0\] = 1/2"),
    ("probability/mle_derivation", {"family": "bernoulli", "x": [1, 1]}, "x puts"),
    ("probability/mle_derivation", {"family": "gaussian", "x": [1, 2]}, "variance"),
    ("probability/mle_derivation", {"family": "poisson", "x": [1, 2], "variance": 2}, "variance"),
    ("probability/mle_derivation", {"family": "poisson", "x": [1, 2], "a": 2}, "a without b"),
    ("probability/mle_derivation", {"family": "poisson", "x": 1, "a": -2, "b": 1}, "a must"),
    ("neural_networks/relu_approximation", {"knots": [0, 1], "a": 1, "D": 2}, "D needs epsilon"),
    ("graph_networks/message_passing",
     {"x": [1, 2], "edges": [[1, 2]], "w": 1, "i": 1}, "i without j"),
    ("graph_networks/message_passing",
     {"x": [1, 2], "edges": [[1, 2]], "w": 1, "i": 1, "j": 3}, "j is no node"),
    ("recurrent/lstm_step", {**LSTM, "T": 3}, "T without u, s"),
    ("recurrent/lstm_step", {**LSTM, "T": 3, "u": 1, "s": 1}, "s lies"),
    ("seq2seq/sampling", {"logits": [1, 1, 0], "T": 1, "k": 1, "p": "0.9"},
     "q_1 and q_2 tie in top_k_kept, which comes of logits"),
    ("contemporary/flash_attention", {"s": [1, 2], "v": [1, 2], "tile": 1, "key": 3}, "key"),
    ("contemporary/flash_attention", {"s": 1, "v": 1, "tile": 1, "N": 4, "d": 1, "B": 5}, "B"),
    ("transformers/block_trace", {"X": [[1, 2]], "WV": ONE}, "WV without WO"),
    ("transformers/block_trace", {"X": [[1, 2]], "O": [[1, 2]], "WQ": ONE}, "WQ needs"),
    ("transformers/block_trace", {"X": [[1, 2]], "O": [[1, 2]], "WV": ONE, "WO": ONE},
     "O is given"),
    ("transformers/block_trace", {"X": [[1, 2]], "O": [[2, 1]]}, "X and attention"),
]  # fmt: skip


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(("name", "given", "answers"), FINE)
def test_odd_numbers_are_worked(
    name: str, given: dict[str, Any], answers: dict[str, Any], level: int
) -> None:
    found = document(make_given(CATALOGUE.get(name), given, level=level))["answers"]
    assert {each: found[each]["value"] for each in answers} == answers


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(("name", "given", "named"), REFUSED)
def test_numbers_without_sense_name_their_field(
    name: str, given: dict[str, Any], named: str, level: int
) -> None:
    with pytest.raises(UserError, match=named):
        make_given(CATALOGUE.get(name), given, level=level)
