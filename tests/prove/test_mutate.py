"""Faults that are injected are caught, and where a check is weak the audit says so."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from penwork import instance
from penwork.catalogue import default_folders, load
from penwork.maths import functions as f
from penwork.maths.fields import EXACT
from penwork.maths.value import Name, Value
from penwork.numbers import precision
from penwork.prove import printed
from penwork.prove.faults import faults, inject
from penwork.prove.mutate import Chunk, Found, work
from penwork.prove.verdicts import tally, terminal
from prove.toy import put
from ran import Run

DECIDED = 'found["step top"] = ([max(z)], [x for x in z if x < max(z)])'
LARGEST = """
from penwork.author import Problem, option, slip, vector

problem = Problem(title="Top", question="?", source=["Toy 3"], draws=1, version=1, minutes={2: 1},
                  given=dict(z=vector()), effort={2: (0, 99)})

def sample(draw, level):
    return dict(z=draw.some(range(10, 99), 3))

def solve(work, given):
    options = [option(f"z_{i + 1}", entry) for i, entry in enumerate(given.z)]
    (top,) = work.choose("top", options)
    work.answer("m", work.let("m", 2 * top.score, "m", slips=[
        slip("once", "once was enough", lambda: top.score),
        slip("thrice", "thrice was needed", lambda: 3 * top.score)]))

def check(given):
    '''Adds the largest to itself'''
    z = given["z"]
    found = {"m": max(z) + max(z)}
    # decided
    return found
"""
ASKED = '<< z|eq >><% part asks="m" marks="M1" %>Find $m$.<% endpart %>'


def mutated(folder: Path, name: str = "odd/line", level: int = 2, seeds: int = 2) -> Found:
    return work(load([folder]), Chunk(name, level, seeds))


def verdicts(found: Found) -> Counter[str]:
    return Counter(outcome.verdict for outcome in found.outcomes)


# ── faults in formulas ──


def named(name: str, data: object, shape: tuple[int, ...] = ()) -> Value:
    return Value(EXACT, "name", (), shape, data=data, name=Name(name, name))


def matrix(name: str, rows: int, columns: int) -> Value:
    import numpy as np
    from gmpy2 import mpq

    data = np.array([[mpq(i + 2 * j + 1) for j in range(columns)] for i in range(rows)])
    return named(name, data, (rows, columns))


A, B, SQUARE = matrix("A", 2, 3), matrix("B", 2, 3), matrix("S", 2, 2)
X = named("x", 3)
V = named("v", matrix("v", 1, 3).data[0], (3,))
L, M = (Value(EXACT, "symbol", (), (), data=5, name=Name(n, f"symbol {n}")) for n in "lm")
WORDS = {w: Value(EXACT, "name", (), (), data=3, name=Name(w, "n", at=(w,))) for w in ("a", "b")}
KNOWN = {"symbol l": L, "symbol m": M, "A": A, "B": B, "S": SQUARE, "x": X, "v": V, "n": WORDS}
EXPRESSIONS = {
    "x + 2": (X + 2, {"- for +", "constant + 1", "constant - 1"}),
    "x * 2": (X * 2, {"/ for *", "constant + 1", "constant - 1"}),
    "A @ B.T": (A @ B.T, {"factors swapped"} - {"factors swapped"}),
    "A.T @ B": (A.T @ B, set()),
    "S.T": (SQUARE.T, {"transpose dropped", "transpose added"}),
    "v[1]": (V[1], {"index 1 of its neighbour"}),
    "softmax": (f.softmax(A), {"the other axis", "sigmoid"}),
    "row sums": (f.row_sums(SQUARE), {"the other axis", "mean for sum", "transpose added"}),
    "maximum": (
        f.maximum(X, X * 2),
        {"the smallest for the largest", "left out the first", "left out the last", "/ for *",
         "constant + 1", "constant - 1"},
    ),
    "a count": (WORDS["b"] * 1, {"the count of another word"}),
    "x ** 2": (X**2, {"exponent + 1", "exponent - 1"}),
    "tanh": (f.tanh(X), {"sigmoid for tanh", "tanh dropped"}),
    "mean": (f.mean(V), {"sum for mean"}),
    "ceiling": (f.ceiling(X), {"not rounded up", "one more"}),
    "ln": (f.log(X), {"log2 for ln", "ln dropped"}),
    "sum of terms": (
        f.combination([X, 2], [L, 1]),
        {"the other sign of term 1", "the other sign of term 2", "term 1 left out",
         "term 2 left out", "constant + 1", "constant - 1", "m for l"},
    ),
    "floor": (f.floor(X), {"not rounded down"}),
    "mask": (
        f.mask_future(SQUARE),
        {"mask dropped", "mask turned round", "mask sees one further", "masked with 0",
         "transpose added"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("value", "kinds"), EXPRESSIONS.values(), ids=EXPRESSIONS)
def test_the_faults_of_an_expression(value: Value, kinds: set[str]) -> None:
    found = list(faults(value, KNOWN))
    assert {kind for _, kind in found} == kinds
    for path, kind in found:
        wrong = inject(value, path, kind, KNOWN)
        assert wrong is not None and wrong.shape == value.shape and wrong is not value


def test_a_fault_deep_in_an_expression() -> None:
    with precision():
        wrong = inject((X + 2) * 5, (0,), "- for +", KNOWN)
        assert wrong is not None and wrong.data == 5


# ── are they caught? ──


def test_a_good_check_catches_all(tmp_path: Path) -> None:
    put(tmp_path)
    found = verdicts(mutated(tmp_path))
    assert found["caught"] == 8
    assert found["missed"] == 0


LETTERS = """
from penwork.author import Problem, combination, scalar, slip

problem = Problem(title="Slope", question="?", source=["Toy 4"], draws=1, version=1, minutes={2: 1},
                  given=dict(a=scalar()), effort={2: (0, 99)})

def sample(draw, level):
    return dict(a=draw.integer(2, 99))

def solve(work, given):
    a, x = given.a, work.symbol("x", "x")
    f = work.let("f", combination([a, 1], [x**2, x]), "f(x)")
    work.answer("g", work.let("g", combination([2 * a, 1], [x, 1]), "f'(x)", derives=(f, x), slips=[
        slip("kept a", "?", lambda: combination([a, 1], [x, 1])),
        slip("kept x", "?", lambda: combination([2 * a, 1], [x, x]))]))

def check(given):
    '''Cuts the chord'''
    a = given["a"]
    f = lambda x: x * (a * x + 1)
    return {"f": f, "g": lambda x: (f(x + 1) - f(x - 1)) / 2}
"""


@pytest.mark.parametrize("weak", [False, True])
def test_expressions_are_compared_at_their_test_point(tmp_path: Path, weak: bool) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    source = LETTERS
    if weak:  # it looks at the loss alone, and nothing claims a derivative
        source = source.replace(', "g": lambda x: (f(x + 1) - f(x - 1)) / 2', "")
        source = source.replace("derives=(f, x), ", "")
        source = source.replace(
            "effort={2: (0, 99)}", "effort={2: (0, 99)}, exceptions={'check': '?', 'coverage': '?'}"
        )
    (folder / "slope.py").write_text(source, encoding="utf-8")
    asked = '<< a|eq >><% part asks="g" marks="M1" %>Find $f\'$.<% endpart %>'
    (folder / "slope.tex.j2").write_text(asked, encoding="utf-8")
    found = verdicts(mutated(tmp_path, "odd/slope"))
    assert bool(found["missed"]) == weak
    assert found["caught"] >= 8
    assert bool(found["equal"]) is False


def test_a_weak_check_misses_and_the_audit_fails(run: Run) -> None:
    # A step that is printed, that the answer names, and that check doesn't look at.
    put(
        Path("my own"),
        "        product + given.b,",
        '        product + given.b + 0 * work.let("half", product / 2, "h"),',
    )
    words = ("odd", "--mutate", "--level", "2", "--jobs", "1", "--templates", "my own")
    ran = run("audit", *words, "--json", "m.json")
    assert ran.code == 1
    assert "MISSED odd/line, step half" in ran.out
    assert "penwork show odd/line --seed 0 --level 2 --templates 'my own'\n" in ran.out
    faults_told = json.loads(Path("m.json").read_text(encoding="utf-8"))["templates"][0]["faults"]
    missed = {each["fault"] for each in faults_told if each["verdict"] == "missed"}
    assert missed >= {"half: * for /", "half (at 1): constant + 1"}


def test_a_check_that_looks_at_the_decision_catches_wrong_candidates(tmp_path: Path) -> None:
    for name, seen in (("blind", ""), ("seeing", DECIDED)):
        path = tmp_path / "odd" / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(LARGEST.replace("# decided", seen), encoding="utf-8")
        path.with_suffix(".tex.j2").write_text(ASKED, encoding="utf-8")
    assert verdicts(mutated(tmp_path, "odd/blind"))["missed"] > 0
    assert verdicts(mutated(tmp_path, "odd/seeing"))["missed"] == 0


def test_an_equal_fault_is_shown_with_what_was_compared(tmp_path: Path) -> None:
    put(tmp_path, "given.w * given.x", "given.w * given.x + (given.b - given.b)")
    equal = [o for o in mutated(tmp_path).outcomes if o.verdict == "equal"]
    assert {str(outcome.fault) for outcome in equal} == {
        "product: - for +",
        "product (at 1): the other way round",
    }
    assert all(outcome.compared == 3 for outcome in equal)


def test_too_many_equal_faults_are_flagged_but_no_failure(tmp_path: Path) -> None:
    put(tmp_path, "given.w * given.x", "given.w * given.x + (given.b - given.b)")
    (tallied,) = tally([mutated(tmp_path)])
    assert tallied.flagged and not tallied.failed
    assert any(line.startswith("FLAG") for line in terminal([tallied]))


def test_sympy_catches_a_wrong_derivative() -> None:
    found = work(load(default_folders()), Chunk("forward_backward/gradient_descent", 1, 1))
    routes = {str(o.fault): o.routes for o in found.outcomes}
    slipped = routes["gradient_0 (slip): dropped the factor 2"]
    assert slipped == ("check", "SymPy")
    assert routes["minimiser: the other way round"] == ("check",)


def test_a_template_that_makes_nothing_is_a_problem(tmp_path: Path) -> None:
    put(tmp_path, 'product + given["b"]}', 'product - given["b"]}')
    found = mutated(tmp_path)
    assert "penwork show odd/line" in found.problem
    assert tally([found])[0].failed


# ── faults in what is printed ──


@pytest.fixture(scope="module")
def spoilt() -> list[printed.Printed]:
    template = load(default_folders()).get("forward_backward/gradient_descent")
    made = instance.make(template, seed=1, level=2)
    with precision():
        return printed.spoil(template, made)


def test_every_kind_is_injected_and_caught(spoilt: list[printed.Printed]) -> None:
    rules = {
        "a digit of a printed value": {"lines"},
        "a digit of an operand": {"operands"},
        "an operand, and the note of it": {"operands"},
        "a given in the statement": {"statement"},
        "two steps swapped": {"steps"},
        "a step left out": {"steps"},
    }
    for kind, caught in rules.items():
        assert {one.rule for one in spoilt if one.kind == kind} == caught


def test_a_rule_that_does_not_bite_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    put(tmp_path)
    monkeypatch.setattr(printed, "certify_statement", lambda *_: 0)
    (tallied,) = tally([mutated(tmp_path)])
    assert tallied.failed
    assert any("a given in the statement" in line for line in terminal([tallied]))
