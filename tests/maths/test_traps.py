"""Each silent trap that the spike met is made right, or made to raise with what to write."""

from __future__ import annotations

import threading
from collections.abc import Callable
from fractions import Fraction
from itertools import islice
from typing import Any

import numpy as np
import pytest

from maths.tiny import leaf, tiny
from penwork.author import (
    absolute,
    beside,
    by_rows,
    columns,
    exp,
    frac,
    hadamard,
    less_by_rows,
    log_sum_exp,
    mask,
    mask_future,
    mean,
    norm,
    only,
    outer,
    power,
    repeat,
    rows,
    scalar,
    slip,
    softmax,
    sqrt,
    stack,
    total,
    variance,
)
from penwork.catalogue import default_folders, load
from penwork.document import document
from penwork.errors import Fault
from penwork.instance import make, solve
from penwork.maths.value import ShapeError, TraceError
from penwork.maths.work import Work
from penwork.numbers import MINUS_INFINITY, exact
from penwork.writing.pen import Pen

S = leaf("s", 9)
T = leaf("t", 2)
V = leaf(r"\mathbf v", [1, 2])
W = leaf(r"\mathbf w", [3, 4, 5])
A = leaf(r"\mathbf A", [[1, 2], [3, 4]])
B = leaf(r"\mathbf B", [[1, 2, 3], [4, 5, 6]])


def _if(value: Any) -> Any:
    return 1 if value else 0


# (what is written, what raises, a word of the advice)
LOST: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "s ** 0.5": (lambda: S**0.5, TraceError, "sqrt"),
    "s ** Fraction": (lambda: S ** Fraction(1, 2), TraceError, "sqrt"),
    "s ** True": (lambda: S**True, TraceError, "sqrt"),
    "s ** t": (lambda: S**T, TraceError, "whole numbers"),
    "2 ** s": (lambda: 2**S, TraceError, "constant\\(2\\)"),
    "exp(2)": (lambda: exp(2), TraceError, "constant\\(2\\)"),
    "A ** 2": (lambda: A**2, ShapeError, "A @ A"),
    "1/3 * s": (lambda: 1 / 3 * S, TraceError, "frac"),
    "s + 0.1 + 0.2 in floats": (lambda: S + (0.1 + 0.2), TraceError, "frac"),
    "s * True": (lambda: S * True, TraceError, "True"),
    "s + text": (lambda: S + "1", TraceError, "str"),
    "s + None": (lambda: S + None, TraceError, "NoneType"),
    "s + nan": (lambda: S + float("nan"), (TraceError, ValueError), ""),  # type: ignore[dict-item]
    "s + inf": (lambda: S + float("inf"), (TraceError, ValueError), ""),  # type: ignore[dict-item]
    "max": (lambda: max(S, T), TraceError, "choose"),
    "max of entries": (lambda: max(V), TraceError, "choose"),
    "min": (lambda: min(S, T), TraceError, "choose"),
    "sorted": (lambda: sorted([S, T]), TraceError, "choose"),
    "s < t": (lambda: S < T, TraceError, "compare"),
    "s <= 3": (lambda: S <= 3, TraceError, "compare"),
    "3 < s": (lambda: 3 < S, TraceError, "compare"),  # noqa: SIM300
    "s >= t": (lambda: S >= T, TraceError, "compare"),
    "s == 9": (lambda: S == 9, TraceError, "compare"),
    "s != 9": (lambda: S != 9, TraceError, "compare"),
    "s in list": (lambda: S in [T], TraceError, "compare"),
    "if s": (lambda: _if(S), TraceError, "truth"),
    "not s": (lambda: not S, TraceError, "truth"),
    "s and t": (lambda: S and T, TraceError, "truth"),
    "hash": (lambda: {S: 1}, TraceError, "key"),
    "set": (lambda: {S, T}, TraceError, "key"),
    "float": (lambda: float(S), TraceError, "float"),
    "int": (lambda: int(S), TraceError, "float"),
    "round": (lambda: round(S), TypeError, ""),
    "complex": (lambda: complex(S), TraceError, "float"),
    "range": (lambda: range(S), TraceError, "float"),
    "list index": (lambda: [1, 2][S], TraceError, "float"),  # type: ignore[call-overload]
    "abs": (lambda: abs(S), TypeError, ""),
    "s // 2": (lambda: S // 2, TypeError, ""),
    "s % 2": (lambda: S % 2, TypeError, ""),
    "math.exp": (lambda: __import__("math").exp(S), TraceError, "float"),
    "np.exp": (lambda: np.exp(S), TypeError, ""),
    "np.exp of a vector": (lambda: np.exp(V), TypeError, ""),
    "np.array": (lambda: np.array(V), TraceError, "penwork.author"),
    "np.asarray of values": (lambda: np.asarray(A, dtype=float), TraceError, "penwork.author"),
    "np.sum": (lambda: np.sum(V), (TraceError, TypeError), ""),  # type: ignore[dict-item]
    "array + s": (lambda: np.ones(2) + V, TypeError, ""),
    "[[..]] @ v": (lambda: [[1, 2]] @ V, TraceError, "given"),
    "v @ [[..]]": (lambda: V @ [1, 2], TraceError, "given"),
    "array @ v": (lambda: np.ones((2, 2)) @ V, TraceError, "given"),
    "A + v": (lambda: A + V, ShapeError, "repeat"),
    "v + s": (lambda: V + S, ShapeError, "repeat"),
    "s + v": (lambda: S + V, ShapeError, "repeat"),
    "v + 1": (lambda: V + 1, ShapeError, "repeat"),
    "1 - v": (lambda: 1 - V, ShapeError, "repeat"),
    "v + w": (lambda: V + W, ShapeError, "equal"),
    "v * v": (lambda: V * V, ShapeError, "hadamard"),
    "A * v": (lambda: A * V, ShapeError, "hadamard"),
    "s / v": (lambda: S / V, ShapeError, "scalar"),
    "A / A": (lambda: A / A, ShapeError, "scalar"),
    "v @ w": (lambda: V @ W, ShapeError, "inner sizes"),
    "B @ v": (lambda: B @ V, ShapeError, "inner sizes"),
    "s @ v": (lambda: S @ V, ShapeError, "inner sizes"),
    "v.T": (lambda: V.T, ShapeError, "matrix"),
    "v[2]": (lambda: V[2], IndexError, "outside"),
    "v[-3]": (lambda: V[-3], IndexError, "outside"),
    "A[0, 0, 0]": (lambda: A[0, 0, 0], ShapeError, "indices"),
    "s[0]": (lambda: S[0], ShapeError, "indices"),
    "A[:, 0]": (lambda: A[:, 0], TraceError, "columns"),
    "v[s]": (lambda: V[S], TraceError, "whole numbers"),
    "(v + v)[0]": (lambda: (V + V)[0], TraceError, "work.let"),
    "len(s)": (lambda: len(S), TraceError, "length"),
    "s.width": (lambda: S.width, ShapeError, "size"),
    "exp(3)": (lambda: exp(3), TraceError, "traced"),
    "softmax(s)": (lambda: softmax(S), ShapeError, "vector"),
    "mean(A)": (lambda: mean(A), ShapeError, "vector"),
    "norm(A)": (lambda: norm(A), ShapeError, "vector"),
    "variance(v, v)": (lambda: variance(V, V), ShapeError, "scalar"),
    "log_sum_exp(A)": (lambda: log_sum_exp(A), ShapeError, "vector"),
    "hadamard(v, w)": (lambda: hadamard(V, W), ShapeError, "equal"),
    "outer(A, v)": (lambda: outer(A, V), ShapeError, "vector"),
    "by_rows(A, w)": (lambda: by_rows(A, W), ShapeError, "divisors"),
    "less_by_rows(A, w)": (lambda: less_by_rows(A, W), ShapeError, "amounts"),
    "only(v)": (lambda: only(V), ShapeError, "of one"),
    "stack(v, w)": (lambda: stack([V, W]), ShapeError, "one length"),
    "stack()": (lambda: stack([]), ShapeError, "stack"),
    "beside(A, v)": (lambda: beside([A, V]), ShapeError, "beside"),
    "columns(A, 1, 3)": (lambda: columns(A, 1, 3), ShapeError, "outside"),
    "rows(A, 1, 1)": (lambda: rows(A, 1, 1), ShapeError, "outside"),
    "repeat(A, 2)": (lambda: repeat(A, 2), ShapeError, "vector"),
    "mask of another shape": (lambda: mask(A, [True, False]), ShapeError, "mask"),
    "mask_future(v)": (lambda: mask_future(V), ShapeError, "matrix"),
    "power(s, 0.5, 1)": (lambda: power(S, 0.5, 1), TraceError, "whole"),  # type: ignore[arg-type]
    "power(s, 1, 0)": (lambda: power(S, 1, 0), TraceError, "positive"),
}


@pytest.mark.parametrize("written", LOST)
def test_what_would_lose_the_formula_raises(written: str) -> None:
    attempt, error, advice = LOST[written]
    with pytest.raises(error, match=advice or None):
        attempt()


def number_of(value: Any) -> Any:
    return value.data


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (lambda: sqrt(S), 3),
        (lambda: frac(1, 3) * S, 3),
        (lambda: S * Fraction(1, 3), 3),
        (lambda: 0.05 * S, Fraction(9, 20)),
        (lambda: S / 3, 3),
        (lambda: 1 / T, Fraction(1, 2)),
        (lambda: 1 - S, -8),
        (lambda: sum(V), 3),
        (lambda: total(V), 3),
        (lambda: absolute(-S), 9),
        (lambda: A[-1, -1], 4),
        (lambda: V[-1], 2),
        (lambda: A.height * A.width, 4),
    ],
)
def test_what_is_right_stays_exact(value: Any, wanted: Any) -> None:
    assert value().data == exact(wanted)


def test_iteration_ends() -> None:
    assert [e.data for e in islice(V, 5)] == [1, 2]
    assert [[e.data for e in islice(row, 5)] for row in islice(B, 5)] == [[1, 2, 3], [4, 5, 6]]
    assert [x.name.tex for x in V] == ["v_1", "v_2"]
    assert len(B) == 2
    first, second = V
    assert (first.data, second.data) == (1, 2)


def test_sum_prints_no_zero() -> None:
    assert Pen(False).text(sum([S, T])) == "s+t"
    assert Pen(False).text(sum([S, T], start=S - T)) == "s-t+s+t"


def test_infinite_mask_is_kept_apart() -> None:
    masked = mask_future(A)
    assert masked.data[0, 1] == MINUS_INFINITY
    assert softmax(masked).data[0].tolist() == [1, 0]
    assert softmax(masked).data[1].sum() - 1 < 1e-50


def test_lazy_slip_costs_nothing_until_asked() -> None:
    value = S / (T - 2)
    assert value.shape == ()
    with pytest.raises(ZeroDivisionError):
        _ = value.data


def test_wide_precision_in_a_new_thread() -> None:
    """gmpy2 keeps its precision per thread: a new one silently had 53 bits."""
    template = load(default_folders([])).get("attention_mechanics/scaled_dot_product")
    here = document(make(template, seed=3, level=2))
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(make(template, seed=3, level=2)))
    thread.start()
    thread.join()
    assert document(found[0]) == here
    bits = {getattr(x, "precision", 200) for x in np.ravel(found[0].answers["output"].value)}
    assert bits == {200}


def test_precision_in_a_thread_that_only_solves() -> None:
    digits: list[str] = []

    def slow() -> None:
        made = make(tiny(solve=irrational, check=irrational_check), seed=1, level=1)
        digits.append(str(made.answers["p"].value))

    thread = threading.Thread(target=slow)
    thread.start()
    thread.join()
    assert digits == [
        str(
            make(tiny(solve=irrational, check=irrational_check), seed=1, level=1).answers["p"].value
        )
    ]
    assert len(digits[0]) > 55


def irrational(work: Any, given: Any) -> None:
    s = work.let("s", exp(given.a / 100), "s", slips=[slip("lost", "?", given.a)])
    work.answer("p", work.let("p", s + given.b, "p", slips=[slip("minus", "?", s - given.b)]))


def irrational_check(given: Any) -> dict[str, float]:
    """Floats."""
    s = float(np.exp(given["a"] / 100))
    return {"s": s, "p": s + given["b"]}


def run(solving: Callable[[Any, Any], None]) -> Work:
    return solve(tiny(solve=solving, given={"a": scalar()}), {"a": exact(2)})


@pytest.mark.parametrize(
    ("solving", "rule"),
    [
        (lambda w, g: (w.let("s", g.a, "s"), w.let("s", g.a, "t")), "names"),
        (lambda w, g: (w.answer("s", g.a), w.answer("s", g.a)), "names"),
        (lambda w, g: w.choose("c", []), "decision"),
    ],
)
def test_solve_that_contradicts_itself(solving: Any, rule: str) -> None:
    with pytest.raises(Fault) as caught:
        run(solving)
    assert caught.value.rule == rule


def test_step_that_is_no_value() -> None:
    with pytest.raises(TraceError, match="step s"):
        run(lambda w, g: w.let("s", 3, "s"))


def test_unknown_given_is_named() -> None:
    with pytest.raises(AttributeError, match="'b'; there are a"):
        run(lambda w, g: g.b)


def test_require_binds_the_exact_run_only() -> None:
    asked: list[str] = []

    def solving(work: Any, given: Any) -> None:
        work.require(lambda n: bool(asked.append(work.slip or "")) or True, "never")

    template = tiny(solve=solving, given={"a": scalar()})
    solve(template, {"a": exact(2)})
    solve(template, {"a": exact(2)}, slip="a slip")
    assert asked == [""]
