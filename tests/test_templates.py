"""Every template that is found, at every level: certified, referenced, golden, unlike its slips."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import lru_cache
from pathlib import Path
from statistics import median
from typing import Any

import pytest

import goldens
from penwork import answers, certify
from penwork.catalogue import default_folders, load
from penwork.document import document, dumps, plain
from penwork.draw import Draw
from penwork.errors import Fault, Reject, UserError
from penwork.instance import make, make_given, plain_givens, solve, symbol_points
from penwork.maths.value import ShapeError
from penwork.model import Instance
from penwork.numbers import precision
from penwork.problem import LEVELS, Template
from penwork.prove.symbolic import derivatives

CATALOGUE = load(default_folders([]))
IDS = sorted(CATALOGUE.pairs)
REFERENCES = json.loads(
    (Path(__file__).parent / "references.json").read_text(encoding="utf-8"), parse_float=str
)

MOST_WORDS = 12  # of a why: what one says at a blackboard

everywhere = pytest.mark.parametrize("level", LEVELS)
every_template = pytest.mark.parametrize("name", IDS)


@lru_cache(maxsize=3)
def made(name: str, level: int) -> tuple[Instance, ...]:
    template = CATALOGUE.get(name)
    return tuple(make(template, seed=seed, level=level) for seed in range(goldens.SEEDS))


def test_none_is_refused() -> None:
    assert IDS
    assert {name: CATALOGUE.get(name).id for name in IDS} == {name: name for name in IDS}


@every_template
@everywhere
def test_golden_and_certified(name: str, level: int) -> None:
    instances = made(name, level)
    assert len(instances) == goldens.SEEDS
    assert all(i.certificate.values_checked and i.certificate.equations_checked for i in instances)
    assert max(map(_longest_why, instances)) <= MOST_WORDS
    assert CATALOGUE.get(name).problem.typical[level] == pytest.approx(_usual(instances), rel=0.12)
    new, path = goldens.record(instances), goldens.path_of(name, level)
    if goldens.WRITING:
        if path.exists():
            old = json.loads(path.read_text(encoding="utf-8"))
            assert not goldens.complaint(name, old, new)
        path.write_text(dumps(new, indent=1) + "\n", encoding="utf-8")
    assert path.exists(), f"{name} has no golden for level {level}: run `make golden`"
    old = json.loads(path.read_text(encoding="utf-8"))
    assert not goldens.complaint(name, old, new)
    assert old == new, f"{name}: the golden is out of date: run `make golden` and read the diff"


def _longest_why(instance: Instance) -> int:
    """In words; a formula is one."""
    whys = [step.why for step in instance.steps] + [a.why for a in instance.answers.values()]
    return max(len(re.sub(r"\$[^$]*\$", "x", why).split()) for why in whys)


def _usual(instances: tuple[Instance, ...]) -> float:
    """The median effort of those that ask what the first asks, as the variants of an exam do."""
    asks = [tuple(part.asks for part in instance.parts) for instance in instances]
    return median(float(i.effort) for i, a in zip(instances, asks, strict=True) if a == asks[0])


@every_template
@everywhere
def test_a_thousand_different_givens(name: str, level: int) -> None:
    template = CATALOGUE.get(name)
    seen: set[str] = set()
    for seed in range(10_000):
        draw = Draw(name, template.problem.draws, level, seed, 0, "numbers")
        seen.add(repr(template.sample(draw, level)))
        if len(seen) >= 1000:
            return
    pytest.fail(f"{len(seen)} different givens in 10,000 seeds")


@every_template
@everywhere
def test_few_tries(name: str, level: int) -> None:
    template = CATALOGUE.get(name)
    tries = [(make(template, seed=seed, level=level).attempt or 0) + 1 for seed in range(50)]
    assert sum(tries) / len(tries) <= 20


def _slip_as_key(template: Template, instance: Instance, slip: str) -> bool:
    """Whether check refuses the answers that this slip leads to."""
    with precision():
        exact = solve(template, dict(instance.given))
        try:
            work = solve(template, dict(instance.given), slip=slip)
        except (Reject, ArithmeticError, ShapeError):
            return True
        wrong = {claim.name: answers.data_of(claim.value) for claim in work.claims}
        found = template.check(plain_givens(instance.given))
        right = {claim.name: answers.data_of(claim.value) for claim in exact.claims}
        if all(certify.agree(right[name], wrong[name]) for name in right):
            return True
        try:
            certify.certify_check(
                found, wrong, [], {}, {"coverage": "answers only"}, symbol_points(exact)
            )
        except Fault:
            return True
    return False


@every_template
@everywhere
def test_every_slip_is_refused_as_key(name: str, level: int) -> None:
    template = CATALOGUE.get(name)
    alive: Counter[str] = Counter()
    for seed in range(12):
        instance = make(template, seed=seed, level=level)
        with precision():
            named = list(solve(template, dict(instance.given)).turns.beliefs)
        for slip in named:
            assert _slip_as_key(template, instance, slip), f"seed {seed}: check accepts {slip!r}"
        alive.update(part for slip in instance.slips for part in slip.name.split(", or "))
    assert alive


@every_template
def test_derivatives_are_derivatives(name: str) -> None:
    template = CATALOGUE.get(name)
    claims = "derives=" in Path(template.path).read_text(encoding="utf-8")
    proved = sum(
        derivatives(template, make(template, seed=seed, level=level).given)
        for level in LEVELS
        for seed in range(3)
    )
    assert bool(proved) == claims


@pytest.mark.parametrize("case", REFERENCES, ids=lambda case: f"{case['id']}: {case['from']}")
def test_reference(case: dict[str, Any]) -> None:
    instance = make_given(CATALOGUE.get(case["id"]), case["given"], level=case.get("level", 2))
    found = document(instance)["answers"]
    for name, expected in case["answers"].items():
        assert _near(found[name]["value"], expected), f"{name}: {found[name]['value']}"
    for slip, wrong in case.get("slips", {}).items():
        with precision():
            work = solve(CATALOGUE.get(case["id"]), dict(instance.given), slip=slip)
            data = {claim.name: plain(answers.data_of(claim.value)) for claim in work.claims}
        for name, expected in wrong.items():
            assert _near(data[name], expected), f"{slip}: {name} {data[name]}"


def _near(found: Any, expected: Any) -> bool:
    """Equal words; numbers to the digits that the reference gives, in any nesting."""
    if isinstance(expected, list):
        return (
            isinstance(found, list)
            and len(found) == len(expected)
            and all(map(_near, found, expected))
        )
    if isinstance(expected, str) and not _is_number(expected):
        return bool(found == expected)
    one, other = _number(found), _number(expected)
    digits = len(str(expected).partition(".")[2]) if "/" not in str(expected) else 12
    return abs(one - other) <= (0.5000001 * 10**-digits if digits else 0)


def _is_number(text: str) -> bool:
    return text.lstrip("-").replace(".", "").replace("/", "").replace("e-", "").isdigit()


def _number(text: Any) -> float:
    over, _, under = str(text).partition("/")
    return float(over) / float(under or 1)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("matrices/eigen_condition", {"A": [[2, 1, 1], [1, 2, 1], [1, 1, 2]]}),
        (
            "forward_backward/gradient_descent",
            {"x": 2, "y": 4, "w0": 3, "alpha": "0.1", "T": 2, "sigmas": ["1/2", "1/4"]},
        ),
        (
            "forward_backward/momentum_step",
            {"w": 1, "v": 0, "alpha": "0.1", "beta": "0.9", "gradients": [1, 2, 3]},
        ),
    ],
)
def test_given_numbers_of_another_level_are_told_and_worked(
    name: str, given: dict[str, Any], level: int
) -> None:
    instance = make_given(CATALOGUE.get(name), given, level=level)
    assert instance.parts and all(part.asks for part in instance.parts)
    told = instance.statement + "".join(part.text for part in instance.parts)
    for each in given:
        assert f"{{{each}}}" in told or f"{{{each}:" in told, each


def test_givens_that_belong_together_are_asked_for() -> None:
    cache = {"prompt": 3, "generated": 2, "L": 2, "H": 2, "d_head": 4, "kv_heads": 1}
    alone = {**cache, "batch": 1, "bytes": 2, "query": [1, 0, 0, 1]}
    with pytest.raises(UserError, match="query without keys, values"):
        make_given(CATALOGUE.get("coding_traces/kv_cache"), alone, level=3)


@everywhere
def test_no_number_of_a_log_is_one_that_half_precision_rounds(level: int) -> None:
    """Between the limits of the statement and those of float16 the two tell different stories."""
    template = CATALOGUE.get("debugging_scenarios/nan_loss")
    for seed in range(60):
        with precision():
            work = solve(template, dict(make(template, seed=seed, level=level).given))
        compared = [r.comparison[0].data for r in work.records if r.comparison is not None]
        assert not [x for x in compared if 65504 < x < 65520 or 2**-25 <= x < 2**-24]
