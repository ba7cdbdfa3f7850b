"""Givens: what a person may bring, and one sentence that names the field for all the rest."""

from __future__ import annotations

import time
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from gmpy2 import mpfr, mpq
from hypothesis import given, settings
from hypothesis import strategies as st

from penwork.author import choice, count, flag, matrix, scalar, table, tally, token, tokens, vector
from penwork.errors import UserError
from penwork.maths.fields import EXACT, FLOAT
from penwork.maths.given import Given, NoNumber, default_tex, leaves, read_given

KINDS: dict[str, Given] = {
    "scalar": scalar(),
    "vector": vector(),
    "matrix": matrix(),
    "count": count(),
    "flag": flag(),
    "choice": choice(options=("mean", "sum")),
    "token": token(),
    "tokens": tokens(),
    "table": table(),
    "tally": tally(),
}
GOOD: dict[str, Any] = {
    "scalar": "1/2",
    "vector": [1, "0.5"],
    "matrix": [[1, 2], [3, "-1/4"]],
    "count": 3,
    "flag": True,
    "choice": "sum",
    "token": "cat",
    "tokens": ["a", "b"],
    "table": {"a": {"b": "0.5", "c": "1/2"}},
    "tally": {"low": 5, "a%": 1},
}
CODE = ["1+1", "2**99", "__import__('os').getcwd()", "exec('1')", "lambda: 1", "{{7*7}}", "0x1f"]
NOT_NUMBERS = ["NaN", "nan", "Infinity", "-inf", "1e999", "", " ", "three", "٣", "1_0", *CODE]
HUGE = [10**16, -(10**400), "9" * 70, "1" + "0" * 50, "1/" + "7" * 40, "1e99", "1e-99"]
BAD_NUMBERS: list[Any] = [
    *NOT_NUMBERS,
    *HUGE,
    0.5,
    float("nan"),
    float("inf"),
    True,
    False,
    None,
    {},
    {"a": 1},
    b"1",
    NoNumber("NaN"),
    1j,
    Decimal("0.5"),
    np.float64(0.5),
    mpfr("0.5"),
    object(),
    [[]],
    [1, [2]],
    "1/0",
    "1/2/3",
]
BAD: dict[str, list[Any]] = {
    "scalar": [*BAD_NUMBERS, [], [3], [1, 2], [[1]]],
    "vector": [[], [[]], [1, None], [1, [2]], [True], [0.5], ["nan"], {}, {"0": 1}, None,
               True, [1] * 257, range(3), {1, 2}, "[1, 2]", *([x] for x in BAD_NUMBERS)],
    "matrix": [[], [[]], [[], []], [[1, 2], [3]], [[1], []], [1, 2], [[1], 2], [[[1]]], {}, None,
               "1 2; 3 4", NoNumber("NaN"), [[1] * 13], [[1]] * 13, [[True]], [[0.5]],
               *([[x]] for x in BAD_NUMBERS)],
    "count": [*BAD_NUMBERS, "1.5", "1/2", Fraction(1, 2), [], [3], "three"],
    "flag": [0, 1, "true", "yes", None, [], [True], {}, 0.0, np.bool_(True)],
    "choice": ["max", "", None, 0, True, [], ["sum"], {}, "SUM", "sum "],
    "token": ["", None, 0, True, [], ["a"], {}, "x" * 25, "a\nb", "a\x00", "\x1b[0m", "\ud800",
              "a\u2028b", "two  spaces"],
    "tokens": [[], "ab", None, {}, [1], [""], ["a", "a"], [["a"]], ["a", None], ["x" * 25],
               [str(i) for i in range(65)], ["a\n"]],
    "table": [{}, [], None, "a", 1, {"a": 1}, {"a": None}, {"a": []}, {"": {"b": 1}}, {1: {"b": 1}},
              {"a": {1: 1}}, {"a": {"": 1}}, {"a": {"b": {}}}, {"a": {"b": [1]}}, {"a\n": {"b": 1}},
              {"a": {}}, {str(i): {"b": 1} for i in range(65)},
              {"a": {str(i): 1 for i in range(65)}}, *({"a": {"b": x}} for x in BAD_NUMBERS)],
    "tally": [{}, [], None, "a", 1, {"a": None}, {"a": []}, {"a": {"b": 1}}, {"": 1}, {1: 1},
              {"a\n": 1}, {"a": 0}, {"a": -1}, {"a": "1/2"}, {"a": True}, [["a", 1]],
              {str(i): 1 for i in range(65)}, *({"a": x} for x in BAD_NUMBERS)],
}  # fmt: skip
PAIRS = [(kind, i) for kind, values in BAD.items() for i in range(len(values))]


def refused(declared: Any, raw: Any) -> UserError:
    with pytest.raises(UserError) as caught:
        read_given(declared, raw)
    assert len(str(caught.value)) < 400
    assert "\n" not in str(caught.value)
    assert caught.value.hint, "says how to mend it"
    return caught.value


@pytest.mark.parametrize("kind", KINDS)
def test_good_value_is_read(kind: str) -> None:
    assert read_given({"thing": KINDS[kind]}, {"thing": GOOD[kind]})["thing"] is not None


@pytest.mark.parametrize(("kind", "at"), PAIRS)
def test_bad_value_names_the_field(kind: str, at: int) -> None:
    assert "thing" in refused({"thing": KINDS[kind]}, {"thing": BAD[kind][at]}).message


@pytest.mark.parametrize(
    ("kind", "raw", "place"),
    [
        ("vector", [1, "x"], "thing[1]"),
        ("matrix", [[1, 2], [3, "x"]], "thing[1][1]"),
        ("matrix", [[1], []], "thing[1]"),
        ("matrix", [[1, 2], [3, 4], [5]], "thing[2] has 1 entries where thing[0] has 2"),
        ("matrix", [[1], [NoNumber("NaN")]], "thing[1][0] is NaN"),
        ("vector", NoNumber("NaN"), "thing[0] is NaN"),
        ("tokens", NoNumber("NaN"), "thing must be a list, not NaN"),
        ("matrix", [[1] * 13], "thing[0] has 13 entries"),
        ("tokens", ["a", ""], "thing[1]"),
        ("table", {"a": {"b": "x"}}, "thing['a']['b']"),
        ("tally", {"a": 1, "b": "x"}, "thing['b']"),
    ],
)
def test_bad_entry_is_named(kind: str, raw: Any, place: str) -> None:
    assert place in refused({"thing": KINDS[kind]}, {"thing": raw}).message


def test_unknown_and_missing_fields_are_named() -> None:
    declared = {"w": scalar(), "x": scalar()}
    assert "'z'" in refused(declared, {"w": 1, "x": 2, "z": 3}).message
    assert "'x'" in refused(declared, {"w": 1}).message
    assert "'w'" in refused(declared, {}).message


@pytest.mark.parametrize(
    ("kind", "raw"), [("scalar", None), ("table", {"x" * 9000: {}}), ("tally", {"x" * 9000: 1})]
)
def test_a_name_of_absurd_length_is_cut(kind: str, raw: Any) -> None:
    given = {"x" * 9000: 1} if raw is None else {"thing": raw}
    message = refused({"thing": KINDS[kind]}, given).message
    assert "'xxx" in message and len(message) < 120


@pytest.mark.parametrize("raw", [None, 5, "w", [], [1], True, [("w", 1)]])
def test_given_that_is_no_object(raw: Any) -> None:
    refused({"w": scalar()}, raw)


@pytest.mark.parametrize(
    ("declaration", "good", "bad"),
    [
        (scalar(nonzero=True), ["1", -2], [0, "0/3"]),
        (scalar(low=0, high=1), [0, 1, "1/2"], [-1, 2, "1.0001"]),
        (scalar(integer=True), [3, "4/2"], ["1/2"]),
        (count(low=1, high=9), [1, 9], [0, 10]),
        (vector(low=0), [[0, 1]], [[0, -1]]),
        (vector(dimension=2), [[1, 2]], [[1], [1, 2, 3]]),
        (matrix(rows=2, columns=1), [[[1], [2]]], [[[1, 2]], [[1]]]),
        (matrix(symmetric=True), [[[1, 2], [2, 0]], [[1, 2, 3]]], [[[1, 2], [3, 1]]]),
        (table(low=0, high=1), [{"a": {"b": 1}}], [{"a": {"b": 2}}]),
    ],
)
def test_limits(declaration: Given, good: list[Any], bad: list[Any]) -> None:
    for raw in good:
        assert read_given({"thing": declaration}, {"thing": raw})
    for raw in bad:
        assert "thing" in refused({"thing": declaration}, {"thing": raw}).message


def test_a_tally_keeps_its_order_and_names_its_counts() -> None:
    stored = read_given({"words": tally()}, {"words": {"slow": 2, "a%": 7}})
    words = leaves({"words": tally()}, stored, EXACT).words
    assert [(word, value.name.tex, value.data) for word, value in words.items()] == [
        ("slow", r"n(\tok{slow})", 2),
        ("a%", r"n(\tok{a\%})", 7),
    ]


def test_shared_dimensions_must_agree() -> None:
    declared = {"Q": matrix(rows="n", columns="d"), "K": matrix(rows="m", columns="d")}
    assert read_given(declared, {"Q": [[1, 2]], "K": [[3, 4], [5, 6]]})
    error = refused(declared, {"Q": [[1, 2]], "K": [[3], [4]]})
    assert "K" in error.message
    assert "Q" in error.message
    square = {"A": matrix(rows="n", columns="n")}
    assert "A (columns)" in refused(square, {"A": [[1, 2]]}).message
    assert "v" in refused({"A": matrix(), "v": vector("v", dimension="m")},
                          {"A": [[1, 2]], "v": [1, 2, 3]}).message  # fmt: skip


def test_promotion_and_defaults() -> None:
    declared = {"v": vector(), "M": matrix(rows="a", columns="b"), "c": flag(default=False)}
    assert read_given(declared, {"v": 3, "M": "1/2"}) == {
        "v": [mpq(3)],
        "M": [[mpq(1, 2)]],
        "c": False,
    }
    optional = {"x": scalar(default=None), "y": scalar(default="1/2")}
    assert read_given(optional, {}) == {"x": None, "y": mpq(1, 2)}
    assert read_given(optional, {"x": None, "y": 3}) == {"x": None, "y": mpq(3)}
    refused({"y": scalar(default="1/2")}, {"y": None})


@pytest.mark.parametrize(
    "raw",
    [[1] * 10**6, [[1] * 1000] * 1000, "9" * 10**7, {str(i): {} for i in range(10**5)}, 10**10**5],
    ids=["list", "matrix", "digits", "object", "integer"],
)
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "flag"])
def test_absurd_size_is_refused_before_any_work(kind: str, raw: Any) -> None:
    start = time.process_time()
    refused({"thing": KINDS[kind]}, {"thing": raw})
    assert time.process_time() - start < 0.5


# ── anything at all ──

junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from([*NOT_NUMBERS, "1/2", "0.5", "3"]),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from([*KINDS, "unknown"]), junk, max_size=4), st.data())
def test_anything_is_read_or_refused(raw: dict[str, Any], data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from(sorted(KINDS)), min_size=1, unique=True))
    declared = {name: KINDS[name] for name in names}
    try:
        stored = read_given(declared, raw)
    except UserError as error:
        assert any(repr(name) in error.message or name in error.message for name in [*raw, *names])
        return
    assert list(stored) == names
    assert read_given(declared, stored) == stored
    for field in (EXACT, FLOAT):
        leaves(declared, stored, field)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(KINDS)), junk)
def test_any_value_of_one_kind(kind: str, raw: Any) -> None:
    try:
        stored = read_given({"thing": KINDS[kind]}, {"thing": raw})
    except UserError as error:
        assert "thing" in error.message
        return
    assert not isinstance(raw, float)
    assert read_given({"thing": KINDS[kind]}, stored) == stored


def test_leaves_are_named_as_declared() -> None:
    declared = {
        "alpha": scalar(),
        "w0": scalar("w_0"),
        "W": matrix(),
        "x": vector(row=True),
        "p": table(),
        "T": count(),
    }
    raw = {"alpha": 1, "w0": 2, "W": [[1, 2]], "x": [1], "p": {"a": {"b_c": 1, "d": 0}}, "T": 3}
    given = leaves(declared, read_given(declared, raw), EXACT)
    assert given.alpha.name.tex == r"\alpha"
    assert (given.plain("T"), given.plain("W")) == (3, [[1, 2]])
    assert given.w0.name.tex == "w_0"
    assert (given.W.name.tex, given.W[0, 1].name.tex) == (r"\mathbf W", "W_{12}")
    assert given.x.row
    assert given.T == 3
    assert given.p["a"]["b_c"].name.tex == r"p(\tok{b\_c}\mid\tok{a})"
    assert "d" not in given.p["a"], "what is impossible is no candidate"


@pytest.mark.parametrize(
    ("name", "tex"),
    [("x", "x"), ("alpha", r"\alpha"), ("w0", "w_0"), ("W_i", "W_i"), ("no", "no"), ("x12", "x12")],
)
def test_names_that_are_latex_by_themselves(name: str, tex: str) -> None:
    assert default_tex(name, bold=False) == tex
    assert default_tex(name, bold=True) in (tex, rf"\mathbf {tex}")
