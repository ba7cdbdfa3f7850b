"""Lines that solve makes pass the ledger: every operation, exact and rounded, and any program."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maths.cases import CASES, NUMBERS, ROWS
from maths.tiny import tiny
from penwork.author import (
    absolute,
    exp,
    frac,
    less_by_rows,
    log,
    log_sum_exp,
    mask_future,
    matrix,
    mean,
    norm,
    relu,
    row_sums,
    scalar,
    sigmoid,
    softmax,
    sqrt,
    stack,
    tanh,
    total,
    vector,
)
from penwork.errors import Fault, Reject
from penwork.instance import solve
from penwork.ledger import certify_lines
from penwork.maths.given import Given, read_given
from penwork.model import Line, Step
from penwork.numbers import precision
from penwork.writing.lines import write_lines
from penwork.writing.pen import Paper


def declaration(name: str) -> Given:
    if name in "ab":
        return scalar()
    if name.isupper():
        return matrix(rows=f"n{name}", columns=f"m{name}")
    return vector(dimension=f"n{name}", row=name in ROWS)


DECLARED = {name: declaration(name) for name in NUMBERS}
STORED = read_given(DECLARED, NUMBERS)


def lines_of(
    solving: Callable[[Any, Any], None],
    declared: dict[str, Given] | None = None,
    stored: dict[str, Any] | None = None,
) -> tuple[int, dict[str, tuple[Line, ...]]]:
    """How many equations the ledger read, and the lines; raises Fault where one does not hold."""
    declared, stored = declared or DECLARED, stored or STORED
    with precision():
        work = solve(tiny(solve=solving, given=declared), stored)
        steps = [
            Step(r.name, r.kind, "a", "", write_lines(r, Paper()), None, True, True)
            for r in work.records
        ]
        read = certify_lines(declared, stored, work.records, steps)
    return read, {step.name: step.lines for step in steps}


class Rounded:
    """The givens, each over 7 in a step of its own: no number of them is printed in full."""

    def __init__(self, work: Any, given: Any) -> None:
        self.work, self.given, self.made = work, given, {}  # type: ignore[var-annotated]

    def __getattr__(self, name: str) -> Any:
        if name not in self.made:
            tex = name if name in "ab" else rf"\mathbf {name[0]}"
            value = exp(self.given[name]) if name == "p" else self.given[name] / sqrt(self.given.a)
            self.made[name] = self.work.let(f"{name}_7", value, tex)
        return self.made[name]


@pytest.mark.parametrize("rounded", [False, True], ids=["exact", "rounded"])
@pytest.mark.parametrize("name", [name for name in CASES if name != "mask with 0"])
def test_each_operation(name: str, rounded: bool) -> None:
    case = CASES[name]

    def solving(work: Any, given: Any) -> None:
        work.let("y", case.build(Rounded(work, given) if rounded else given), r"\mathbf y")

    if case.operation in ("log", "log2", "sqrt", "rational_power") and rounded:
        return
    read, lines = lines_of(solving)
    assert read >= 1
    nearly = r"\approx" in lines["y"][0].latex
    assert nearly or not rounded or case.operation == "positive"


def test_mask_with_a_number_is_for_slips() -> None:
    """Its print does not say the number; a step that shows it is refused."""
    with pytest.raises(Fault, match="is not"):
        lines_of(lambda work, given: work.let("y", CASES["mask with 0"].build(given), "y"))


def test_what_cancelling_leaves_is_0() -> None:
    """The root of 3, cubed, less 3 roots is 10^-60 in 200 bits: it is 0, and is printed so."""

    def solving(work: Any, given: Any) -> None:
        root = work.let("r", sqrt(given.p[1] - given.z[0]), "r")
        cube = work.let("c", root * root * root, "c")
        work.let("y", cube - 3 * root, "y")
        work.let("z", 2 * (root - cube / 3), "z")

    _, lines = lines_of(solving)
    assert {lines[name][0].printed for name in "yz"} == {"0"}


def test_rows_that_cancel_add_up_to_0() -> None:
    def solving(work: Any, given: Any) -> None:
        root = work.let("r", sqrt(given.p[1] - given.z[0]), "r")
        cube = work.let("c", root * root * root, "c")
        row = stack([cube, -2 * root, -1 * root])
        rows = work.let("R", stack([row, row]), r"\mathbf R")
        work.let("s", row_sums(rows) / 3, r"\mathbf s")
        thirds = work.let("t", stack([cube / 3, -2 * root]), r"\mathbf t")
        work.let("C", less_by_rows(rows, thirds), r"\mathbf C")

    _, lines = lines_of(solving)
    assert lines["s"][0].printed == r"\pmx{0 \\ 0}"
    assert r" & 0\z{.0000} & " in lines["C"][0].printed


def test_what_is_too_small_without_cancelling_is_refused() -> None:
    def solving(work: Any, given: Any) -> None:
        small = work.let("s", exp(-9 * given.long[5]), "s")
        work.let("y", small * small, "y")

    with pytest.raises(Reject, match="y: a number too small for paper"):
        lines_of(solving)


def test_0_over_0_is_refused() -> None:
    def solving(work: Any, given: Any) -> None:
        root = work.let("r", sqrt(given.p[1] - given.z[0]), "r")
        nothing = root * root * root - 3 * root
        work.let("y", (nothing - nothing) / (nothing - nothing), "y")

    with pytest.raises(Reject, match="0/0"):
        lines_of(solving)


STEPS: dict[str, Callable[[Any, Any], Any]] = {
    "add": lambda x, y: x + y,
    "subtract": lambda x, y: x - y,
    "multiply": lambda x, y: x * y,
    "over": lambda x, y: x / (y**2 + 1),
    "third": lambda x, y: frac(1, 3) * x,
    "square": lambda x, y: x**2 - y,
    "exp": lambda x, y: exp(-(x**2)) + y,
    "log": lambda x, y: log(x**2 + 1) - y,
    "sqrt": lambda x, y: sqrt(x**2 + y**2 + 1),
    "sigmoid": lambda x, y: sigmoid(x) * y,
    "tanh": lambda x, y: tanh(x - y),
    "relu": lambda x, y: relu(x) - relu(-y),
    "absolute": lambda x, y: absolute(x - y),
    "negate": lambda x, y: -x,
}
small = st.one_of(st.integers(-9, 9), st.fractions(-5, 5, max_denominator=20))


@settings(max_examples=60, deadline=None)
@given(st.lists(small, min_size=2, max_size=3), st.lists(st.data(), min_size=1, max_size=1))
def test_any_program_of_scalars(numbers: list[Any], source: list[Any]) -> None:
    data = source[0]
    names = data.draw(st.lists(st.sampled_from(sorted(STEPS)), min_size=1, max_size=6))
    picks = data.draw(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=6))
    declared: dict[str, Given] = {name: scalar() for name in "abc"[: len(numbers)]}
    stored = read_given(declared, dict(zip(declared, numbers, strict=True)))

    def solving(work: Any, given: Any) -> None:
        values = [given[name] for name in declared]
        for i, name in enumerate(names):
            x, y = (values[at % len(values)] for at in picks[i])
            values.append(work.let(f"s{i}", STEPS[name](x, y), f"s_{i}"))

    lines_of(
        lambda work, given: (solving(work, given), work.let("z", given.a + 1, "z"))[0],
        declared,
        stored,
    )


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.lists(st.integers(-5, 5), min_size=3, max_size=3), min_size=3, max_size=3),
    st.lists(st.integers(-5, 5), min_size=3, max_size=3),
)
def test_a_layer_of_any_numbers(weights: list[list[int]], x: list[int]) -> None:
    declared: dict[str, Given] = {"W": matrix(rows="n", columns="n"), "x": vector()}
    stored = read_given(declared, {"W": weights, "x": x})

    def solving(work: Any, given: Any) -> None:
        z = work.let("z", given.W @ given.x / sqrt(given.W.width), r"\mathbf z")
        a = work.softmax("a", z, r"\mathbf a")
        b = work.let("b", softmax(z), r"\mathbf b")
        t = work.let("t", tanh(z), r"\mathbf t")
        scores = work.let("S", mask_future(given.W), r"\mathbf S")
        weights = work.softmax("A", scores, r"\mathbf A")
        work.let("o", weights @ t, r"\mathbf o")
        work.let("d", a - b, r"\mathbf d")
        work.let("n", norm(z), "n")
        work.let("s", norm(t) ** 2, "s")
        work.let("m", mean(t), "m")
        work.let("l", log_sum_exp(z), r"\ell")
        work.let("u", total(a), "u")
        work.let("q", z @ t, "q")

    assert lines_of(solving, declared, stored)[0] > 20


@pytest.mark.parametrize("relation", ["<", "<=", ">", ">="])
@pytest.mark.parametrize("limit", [-3, "1/3", "given", "rounded"])
@pytest.mark.parametrize("left", ["given", "rounded", "formula", "rounded formula"])
def test_comparisons_hold(left: str, limit: Any, relation: Any) -> None:
    said: list[str] = []

    def solving(work: Any, given: Any) -> None:
        r = work.let("r", sqrt(given.a) / 7, "r")
        lefts = {"given": given.b, "rounded": r, "formula": given.a - 1, "rounded formula": r - 2}
        limits = {"given": given.w[1], "rounded": work.let("q", r * 3, "q"), "1/3": frac(1, 3)}
        said.append(work.compare("c", lefts[left], relation, limits.get(limit, limit)))

    line = lines_of(solving)[1]["c"][0]
    shown, right = line.chain[-1]
    if said == ["yes"]:
        assert shown == {"<=": r"\le", ">=": r"\ge"}.get(relation, relation)
    elif line.printed != right:
        assert shown == (">" if relation.startswith("<") else "<")
    else:
        assert shown == {"<": r"\ge", ">": r"\le"}[relation]


@pytest.mark.parametrize("lowest", [True, False])
def test_the_largest_of_rounded_entries(lowest: bool) -> None:
    def solving(work: Any, given: Any) -> None:
        z = work.let("z", given.v / sqrt(given.a), r"\mathbf z")
        best = work.largest("best", z, lowest=lowest)
        work.let("y", best.score * 2, "y")
        work.state("s", "kept", "text")
        assert best.item == (1 if lowest else 2)

    lines = lines_of(solving)[1]
    assert [line.kept for line in lines["best"]] == [False, lowest, not lowest]


def test_equal_scores_share_exactly() -> None:
    """A softmax of equal scores is 0.5, with "=": exponentials cancel."""

    def solving(work: Any, given: Any) -> None:
        work.let("p", softmax(given.z), r"\mathbf p")

    _, lines = lines_of(solving)
    assert lines["p"][0].chain[-1] == ("=", r"\pmx{0.5 \\ 0.5}")


@pytest.mark.parametrize(
    ("build", "latex"),
    [
        (lambda g: g.a * 4, r"y = a\cdot 4 = 0.75\cdot 4 = 3"),
        (lambda g: g.a / 7, r"y = \frac{a}{7} = \frac{0.75}{7} = \frac{3}{28}"),
        (lambda g: sqrt(g.a * 3), r"y = \sqrt{a\cdot 3} = \sqrt{0.75\cdot 3} = 1.5"),
        (lambda g: exp(g.a), r"y = e^{a} = e^{0.75} \approx 2.117"),
        (lambda g: g.a, "y = a = 0.75"),
        (lambda g: g.a / 10**6, r"y = \frac{a}{1\,000\,000} = \frac{0.75}{1\,000\,000}"),
        (lambda g: exp(g.b * 15), r"y = e^{b\cdot 15} = e^{-2\cdot 15} \approx 9.36\cdot10^{-14}"),
        (lambda g: softmax(g.z) @ g.z, None),
    ],
)
def test_lines_as_printed(build: Any, latex: str | None) -> None:
    line = lines_of(lambda work, given: work.let("y", build(given), "y"))[1]["y"][0]
    assert line.latex.startswith(latex or "y = ")


def test_e_stands_without_its_power_of_one() -> None:
    def solving(work: Any, given: Any) -> None:
        one = work.let("one", given.a * 4 - 2, "u")
        z = work.let("z", stack([one, 2 * one, one - 1]), r"\mathbf z")
        work.let("y", exp(one), "y")
        work.let("w", exp(z), r"\mathbf w")

    lines = lines_of(solving)[1]
    assert lines["y"][0].latex == r"y = e^{u} = e \approx 2.7183"
    assert r"= \pmx{e \\ e^{2} \\ e^{0}} \approx" in lines["w"][0].latex


def test_nothing_is_said_twice() -> None:
    """No 0.3 = 0.3, where the numbers put in are the result, or the symbols are the name."""

    def solving(work: Any, given: Any) -> None:
        work.let("y", given.a + 0, "a")
        work.let("w", given.v[1], "w")

    lines = lines_of(solving)[1]
    for line in (lines["y"][0], lines["w"][0]):
        texts = [line.lhs, *(text for _, text in line.chain)]
        assert len(texts) == len(set(texts)), line.latex


def test_never_zero_point_zero_for_a_number_that_is_not() -> None:
    def solving(work: Any, given: Any) -> None:
        for i in range(1, 40):
            work.let(f"e{i}", exp(given.b * i), f"e_{{{i}}}")

    for name, (line,) in lines_of(solving)[1].items():
        assert float(line.printed.replace(r"\cdot10^{", "e").rstrip("}")) > 0, name
