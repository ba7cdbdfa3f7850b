"""The interface's JSON: no float anywhere, exact numbers exact, reals with enough digits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import gmpy2
import pytest
from gmpy2 import mpfr, mpq
from hypothesis import given
from hypothesis import strategies as st

from penwork.catalogue import load
from penwork.document import document, dumps, plain
from penwork.instance import make, make_given
from penwork.model import Instance
from penwork.numbers import precision
from ran import TOYS

KEYS = [
    *("id", "draws", "version", "level", "seed", "try", "given", "answers", "asked", "parts"),
    *("steps", "slips", "effort", "certificate"),
]


def made(name: str, seed: int = 7, level: int = 2) -> Instance:
    return make(load([TOYS]).get(name), seed=seed, level=level)


def leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for entry in value:
            yield from leaves(entry)
    else:
        yield value


@pytest.mark.parametrize("name", ["toy/line", "toy/tokens"])
def test_the_shape_of_a_document(name: str) -> None:
    instance = made(name)
    found = json.loads(dumps(document(instance)))
    assert list(found) == KEYS
    assert (found["id"], found["seed"], found["try"]) == (name, 7, instance.attempt)
    assert not [leaf for leaf in leaves(found) if isinstance(leaf, float)]
    assert set(found["answers"]) >= set(found["asked"])
    for answer in found["answers"].values():
        assert list(answer) == ["type", "value", "tolerance", "places"]
        assert isinstance(answer["tolerance"], str)
    for part in found["parts"]:
        assert list(part) == ["part", "asks", "points", "marks"]
    for step in found["steps"]:
        assert list(step) == ["name", "part", "why", "latex", "value", "exact"]
    for slip in found["slips"]:
        assert list(slip) == ["name", "answer", "value"]
    assert isinstance(found["effort"], str) and Decimal(found["effort"]) >= 0
    assert list(found["certificate"]) == ["routes", "values_checked", "equations_checked"]


def test_irrational_values_have_enough_digits() -> None:
    value = document(made("toy/tokens"))["answers"]["score"]["value"]
    assert isinstance(value, str)
    assert len(value.lstrip("-0.")) >= 15


@pytest.mark.parametrize("name", ["toy/line", "toy/tokens"])
def test_given_comes_back(name: str) -> None:
    first = document(made(name))
    again = document(make_given(load([TOYS]).get(name), first["given"], level=2))
    assert again["seed"] is None and again["try"] is None
    for same in ("given", "answers", "steps"):
        assert again[same] == first[same]


def test_metadata() -> None:
    assert load([TOYS]).get("toy/line").card.metadata == {
        "id": "toy/line",
        "title": "A line",
        "draws": 1,
        "version": 1,
        "levels": [1, 2, 3],
        "source": ["Toy 1"],
        "minutes": {"1": 2, "2": 3, "3": 4},
        "question": "What does a weight do?",
    }


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (mpq(3), 3),
        (mpq(-9, 5), "-9/5"),
        (Fraction(1, 10), "1/10"),
        (True, True),
        (None, None),
        ("1/2", "1/2"),
        ([mpq(1), [mpq(1, 2)]], [1, ["1/2"]]),
        ({"a": mpq(1, 3)}, {"a": "1/3"}),
        (mpfr("-inf"), "-inf"),
        (mpfr("0"), "0"),
    ],
    ids=str,
)
def test_plain(value: Any, shown: Any) -> None:
    found = plain(value)
    assert found == shown and type(found) is type(shown)


@pytest.mark.parametrize("value", [0.5, object(), 1j])
def test_what_has_no_place_raises(value: Any) -> None:
    with pytest.raises(TypeError):
        plain(value)


@given(st.fractions().filter(bool), st.integers(-40, 40))
def test_a_real_keeps_its_value(number: Fraction, exponent: int) -> None:
    with precision():
        real = gmpy2.exp(mpfr(0)) * mpq(number) * mpfr(10) ** exponent
        text = plain(real)
    assert "e" not in text.lower()
    exact = number * Fraction(10) ** exponent
    assert abs(Fraction(text) - exact) <= abs(exact) / 10**18
