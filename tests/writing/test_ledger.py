"""Printed lines with one thing changed: the ledger must see each."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from maths.tiny import tiny
from penwork.author import (
    exp,
    flag,
    frac,
    log,
    mask_future,
    matrix,
    option,
    relu,
    scalar,
    softmax,
    sqrt,
    stack,
    vector,
)
from penwork.errors import Fault
from penwork.instance import solve
from penwork.ledger import certify_lines
from penwork.maths.given import Given, read_given
from penwork.maths.work import Work
from penwork.model import Line, Step
from penwork.writing.lines import write_lines
from penwork.writing.pen import Paper

DECLARED: dict[str, Given] = {
    "a": scalar(),
    "b": scalar(),
    "v": vector(),
    "w": vector(dimension="n", row=True),
    "M": matrix(rows="n", columns="n"),
    "causal": flag(),
}
STORED = read_given(
    DECLARED,
    {"a": 3, "b": "-1/3", "v": [1, -2], "w": [0, 4], "M": [[2, -1], [0, 3]], "causal": True},
)


def written(solving: Callable[[Any, Any], None]) -> tuple[Work, list[Step]]:
    """The run and its steps, as they would be printed."""
    template = tiny(solve=solving, given=DECLARED)
    work = solve(template, STORED)
    steps = [
        Step(r.name, r.kind, "a", r.why, write_lines(r, Paper()), None, True, True)
        for r in work.records
    ]
    return work, steps


def certify(solving: Callable[[Any, Any], None], **tampered: Callable[[Line], Line]) -> int:
    """Certify these lines; `tampered` changes a line of the step of that name."""
    work, steps = written(solving)
    for i, step in enumerate(steps):
        if step.name in tampered:
            before = step.lines
            lines = (tampered[step.name](before[0]), *before[1:])
            assert lines != before, "the line was not tampered with"
            steps[i] = dataclasses.replace(step, lines=lines)
    return certify_lines(DECLARED, STORED, work.records, steps)


def change(**fields: tuple[str, str]) -> Callable[[Line], Line]:
    """Replace text in these fields of a line; the chain follows, as the page would show it."""

    def apply(line: Line) -> Line:
        changes: dict[str, Any] = {}
        chain = line.chain
        for name, (old, new) in fields.items():
            was = getattr(line, name)
            assert old in was
            changes[name] = was.replace(old, new, 1)
            chain = tuple((sign, changes[name] if text == was else text) for sign, text in chain)
        return line._replace(chain=chain, **changes)

    return apply


def scalars(work: Any, given: Any) -> None:
    s = work.let("s", given.a * given.b + 5, "s")
    t = work.let("t", s / 7, "t")
    r = work.let("r", sqrt(given.a) - t, "r")
    work.let("u", r * given.a + s, "u")
    work.compare("c", r, "<", 5)


def matrices(work: Any, given: Any) -> None:
    z = work.let("z", given.M @ given.v, r"\mathbf z")
    work.let("S", mask_future(given.M), r"\mathbf S")
    work.let("h", relu(z), r"\mathbf h")
    work.let("e", exp(z), r"\mathbf e")


def decisions(work: Any, given: Any) -> None:
    options = [option(f"o_{i}", log(given.a + i) + given.b, i) for i in range(3)]
    work.choose("best", options, keep=2)


@pytest.mark.parametrize("solving", [scalars, matrices, decisions])
def test_untouched_lines_hold(solving: Any) -> None:
    assert certify(solving) >= 3


@pytest.mark.parametrize(
    ("step", "changes"),
    [
        ("s", {"printed": ("4", "5")}),
        ("r", {"printed": ("1.1606", "1.1607")}),
        ("r", {"printed": ("1.1606", "1.161")}),
        ("r", {"printed": ("1", "-1")}),
        ("u", {"printed": ("7", "8")}),
        ("z", {"printed": ("4", "-4")}),
        ("e", {"printed": ("0.0025", "0.0026")}),
        ("best", {"printed": ("0.7653", "0.7652")}),
    ],
)
def test_digit_of_a_printed_value(step: str, changes: dict[str, tuple[str, str]]) -> None:
    solving = next(f for f in (scalars, matrices, decisions) if _has(f, step))
    with pytest.raises(Fault) as caught:
        certify(solving, **{step: change(**changes)})
    assert (caught.value.rule, caught.value.step) == ("lines", step if step != "best" else "best 1")


def _has(solving: Callable[[Any, Any], None], step: str) -> bool:
    return any(s.name == step for s in written(solving)[1])


@pytest.mark.parametrize(
    ("step", "changes"),
    [
        ("s", {"numbers": ("+", "-")}),
        ("s", {"numbers": ("-", "")}),
        ("s", {"symbols": ("+", "-")}),
        ("s", {"symbols": ("a", "b")}),
        ("t", {"symbols": ("7", "8")}),
        ("r", {"numbers": (r"\sqrt", "")}),
        ("u", {"symbols": ("r", "s")}),
        ("z", {"numbers": ("-", "")}),
        ("z", {"symbols": (r"\mathbf M", r"\mathbf M^\top")}),
        ("h", {"symbols": (r"\ReLU", r"\exp")}),
        ("h", {"numbers": (r"\ReLU", "")}),
        ("best", {"numbers": (r"\ln", r"\sin")}),
    ],
)
def test_formula_that_does_not_hold(step: str, changes: dict[str, tuple[str, str]]) -> None:
    solving = next(f for f in (scalars, matrices, decisions) if _has(f, step))
    with pytest.raises(Fault) as caught:
        certify(solving, **{step: change(**changes)})
    assert caught.value.rule == "lines"


def sign(which: str, sign: str) -> Callable[[Line], Line]:
    """Another relation before the numbers or the printed result, in the chain as well."""

    def apply(line: Line) -> Line:
        follows = line.numbers if which == "to_numbers" else line.printed
        chain = tuple((sign if text == follows else old, text) for old, text in line.chain)
        return line._replace(chain=chain, **{which: sign})

    return apply


@pytest.mark.parametrize("which", ["to_numbers", "to_printed"])
@pytest.mark.parametrize(("step", "wrong"), [("s", r"\approx"), ("u", "="), ("z", r"\approx")])
def test_wrong_relation_sign(step: str, wrong: str, which: str) -> None:
    with pytest.raises(Fault, match="wrong sign"):
        certify(scalars if step in "su" else matrices, **{step: sign(which, wrong)})


@pytest.mark.parametrize(("step", "wrong"), [("m", "="), ("o", r"\approx")])
def test_wrong_relation_sign_where_the_numbers_are_the_result(step: str, wrong: str) -> None:
    """-r is not -1.1606, though those are the digits put in; -a is -3."""

    def opposites(work: Any, given: Any) -> None:
        scalars(work, given)
        r = work.let("again", sqrt(given.a) / 7, "q")
        work.let("m", -r, "m")
        work.let("o", -given.a, "o")

    assert certify(opposites) > 3
    with pytest.raises(Fault, match="wrong sign"):
        certify(opposites, **{step: sign("to_printed", wrong)})


def operand(which: int, /, **changes: Any) -> Callable[[Line], Line]:
    def apply(line: Line) -> Line:
        operands = list(line.operands)
        operands[which] = operands[which]._replace(**changes)
        return line._replace(operands=tuple(operands))

    return apply


@pytest.mark.parametrize(
    ("step", "tamper"),
    [
        ("u", operand(0, printed="1.1607")),
        ("u", operand(0, source="nowhere")),
        ("u", operand(1, source="b")),
        ("z", operand(0, at=(1, 1))),
        ("z", operand(0, at=(5, 5))),
        ("u", change(numbers=("1.1606", "1.1607"))),
        ("u", change(numbers=("3", "3+0"))),
        ("z", change(numbers=("0", "7"))),
        ("t", lambda line: line._replace(constants=())),
        ("s", lambda line: line._replace(constants=(*line.constants, "9"))),
        ("s", lambda line: line._replace(names=(("a", "nowhere", ()),))),
    ],
)
def test_operand_that_was_printed_otherwise(step: str, tamper: Any) -> None:
    with pytest.raises(Fault) as caught:
        certify(scalars if step != "z" else matrices, **{step: tamper})
    assert caught.value.rule == "operands"


def test_operand_changed_in_both_places() -> None:
    def apply(line: Line) -> Line:
        return operand(0, printed="1.1607")(change(numbers=("1.1606", "1.1607"))(line))

    with pytest.raises(Fault, match=r"was 1\.1606 before"):
        certify(scalars, u=apply)


def test_hidden_operand_is_seen_though_its_factor_is_zero() -> None:
    """M has a 0 that hides a digit of v from the value; the ledger compares the print."""
    with pytest.raises(Fault):
        certify(matrices, z=change(numbers=("-2", "-1")))


@pytest.mark.parametrize(("old", "new"), [(r"-\infty", "9"), ("2", r"-\infty"), ("3", r"-\infty")])
def test_mask_in_the_wrong_place(old: str, new: str) -> None:
    with pytest.raises(Fault):
        certify(matrices, S=change(printed=(old, new)))


@pytest.mark.parametrize("extra", ["@", r"\color{red}", "(", r"\frac{1}{0}", "2 3 x"])
def test_unreadable_print(extra: str) -> None:
    with pytest.raises(Fault, match=r"cannot read|another value|is not"):
        certify(scalars, s=lambda line: line._replace(symbols=line.symbols + extra))


@pytest.mark.parametrize("piece", ["symbols", "numbers", "printed"])
def test_page_that_shows_another_text_than_was_certified(piece: str) -> None:
    def shows_another(line: Line) -> Line:
        was = getattr(line, piece)
        chain = tuple((sign, text + "+1" if text == was else text) for sign, text in line.chain)
        return line._replace(chain=chain)

    with pytest.raises(Fault):
        certify(scalars, s=shows_another)


@pytest.mark.parametrize("at", [0, 1, 2])
def test_page_that_shows_another_relation_than_was_certified(at: int) -> None:
    def shows_another(line: Line) -> Line:
        chain = list(line.chain)
        chain[at] = ("<", chain[at][1])
        return line._replace(chain=tuple(chain))

    with pytest.raises(Fault):
        certify(scalars, s=shows_another)


@pytest.mark.parametrize("wrong", [(r"\ge", "5"), (">", "5"), ("<", "1"), ("=", "5")])
def test_comparison_that_is_false_on_paper(wrong: tuple[str, str]) -> None:
    def flipped(line: Line) -> Line:
        return line._replace(chain=(*line.chain[:-1], wrong))

    with pytest.raises(Fault):
        certify(scalars, c=flipped)


def test_key_without_a_formula() -> None:
    with pytest.raises(Fault, match="no formula"):
        certify(lambda work, given: work.state("s", "text", "a stack"))


def test_symbols_may_be_used_in_all_forms() -> None:
    """Sizes, blocks, entries, rows and nested names are looked up as they were printed."""

    def forms(work: Any, given: Any) -> None:
        M = given.M
        n = work.let("n", M.height * M.width, "n")
        root = work.let("root", given.v / sqrt(M.width), r"\mathbf q")
        work.let("row", given.w * n, r"\mathbf r")
        work.let("entry", M[0, 1] - given.v[1] + root[0], "f")
        work.let("line", M[1] @ given.v, "g")
        work.let("stacked", stack([M[0], M[1]]), r"\mathbf T")
        work.let("third", frac(1, 3) * given.b, "h", style="fraction")
        work.let("weights", softmax(given.w), r"\mathbf p")

    assert certify(forms) > 12


def equal_to_its_limit(work: Any, given: Any) -> None:
    z = work.let("z", given.a - given.a, "z")
    work.compare("none", z, "<=", 0)


def test_equality_with_a_limit_is_said_once() -> None:
    _, steps = written(equal_to_its_limit)
    assert steps[-1].lines[0].chain == (("=", "0"),)
    assert certify(equal_to_its_limit)
    with pytest.raises(Fault, match="compared with nothing"):
        certify(scalars, c=lambda line: line._replace(chain=line.chain[:-1]))
