"""Faults in a formula: at every node of its expression, what a wrong hand might have written.

Each variant has the shape of what it stands in for, so that nothing but the value changes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from penwork.maths import functions as f
from penwork.maths.value import ShapeError, TraceError, Value

Make = Callable[[], Value]
Variants = Iterator[tuple[str, Make]]
Path = tuple[int, ...]
Known = Mapping[str, Any]


def faults(value: Value, known: Known) -> Iterator[tuple[Path, str]]:
    """Every (place, kind) of a fault in an expression whose named parts are `known`."""
    for path, node in nodes(value):
        for kind, make in _fitting(node, known):
            del make
            yield path, kind


def inject(value: Value, path: Path, kind: str, known: Known) -> Value | None:
    """The expression with that fault, or None where it has no such place."""
    if not path:
        return next((make() for name, make in _fitting(value, known) if name == kind), None)
    if value.name is not None or path[0] >= len(value.arguments):
        return None
    inner = value.arguments[path[0]]
    wrong = inject(inner, path[1:], kind, known) if isinstance(inner, Value) else None
    if wrong is None:
        return None
    arguments = (*value.arguments[: path[0]], wrong, *value.arguments[path[0] + 1 :])
    return Value(value.field, value.operation, arguments, value.shape, row=value.row)


def nodes(value: Value, path: Path = ()) -> Iterator[tuple[Path, Value]]:
    """Every node of an expression down to its named values, with its place."""
    yield path, value
    if value.name is None:
        for i, argument in enumerate(value.arguments):
            if isinstance(argument, Value):
                yield from nodes(argument, (*path, i))


def _fitting(node: Value, known: Known) -> Variants:
    """The variants that can be built and have the node's shape."""
    for kind, make in _variants(node, known):
        try:
            if make().shape == node.shape:
                yield kind, make
        except (ShapeError, TraceError, IndexError):
            continue


def _variants(node: Value, known: Known) -> Variants:
    if node.name is not None:
        yield from _neighbours(node, known)
        if len(node.shape) == 2:
            yield "transpose added", partial(getattr, node, "T")
    elif node.operation == "constant":
        number = node.arguments[0]
        yield "constant + 1", lambda: node.constant(number + 1)
        yield "constant - 1", lambda: node.constant(number - 1)
    elif node.operation in _VARIANTS:
        yield from _VARIANTS[node.operation](node, *node.arguments)


# ── a name for its neighbour ──


def _neighbours(leaf: Value, known: Known) -> Variants:
    name = leaf.name
    assert name is not None
    if leaf.operation == "symbol":
        others = [x for source, x in known.items() if source.startswith("symbol ")]
        yield from (
            (f"{x.name.tex} for {name.tex}", partial(_same, x))
            for x in others
            if x.name.source != name.source
        )
        return
    whole, at = known.get(name.source), name.at
    if at[:1] == ("size",):
        if isinstance(whole, Value) and len(whole.shape) == 2:
            yield "the other size", lambda: whole.width if at[1] == 0 else whole.height
        return
    if isinstance(whole, dict):
        yield from _cells(whole, *at) if len(at) > 1 else _counts(whole, *at)
    elif isinstance(whole, list):
        yield "the neighbour's score", lambda: whole[at[0] + 1 if at[0] == 0 else at[0] - 1]
    elif isinstance(whole, Value):
        for axis, i in enumerate(at):
            there = i + 1 if i + 1 < whole.shape[axis] else i - 1
            moved = (*at[:axis], there, *at[axis + 1 :])
            if there >= 0:
                yield f"index {axis + 1} of its neighbour", partial(whole.__getitem__, moved)
    if found := re.fullmatch(r"(.*?)(\d+)", name.source):
        for shift in (-1, 1):
            other = known.get(f"{found[1]}{int(found[2]) + shift}")
            if isinstance(other, Value):
                yield (
                    f"step {shift:+}",
                    partial(other.__getitem__, at) if at else partial(_same, other),
                )


def _cells(table: dict[str, dict[str, Value]], row: str, column: str) -> Variants:
    columns = [each for each in table[row] if each != column]
    rows = [each for each in table if each != row and column in table[each]]
    if columns:
        yield "the next entry of its row", lambda: table[row][columns[0]]
    if rows:
        yield "the entry of another row", lambda: table[rows[0]][column]


def _counts(tally: dict[str, Value], word: str) -> Variants:
    others = [each for each in tally if each != word]
    if others:
        yield "the count of another word", lambda: tally[others[0]]


# ── an operation for another ──


def _add(node: Value, a: Value, b: Value) -> Variants:
    yield "- for +", lambda: a - b


def _subtract(node: Value, a: Value, b: Value) -> Variants:
    yield "+ for -", lambda: a + b
    yield "the other way round", lambda: b - a


def _multiply(node: Value, a: Value, b: Value) -> Variants:
    yield "/ for *", lambda: a / b if not b.shape else b / a


def _hadamard(node: Value, a: Value, b: Value) -> Variants:
    yield "+ for a product of entries", lambda: a + b
    yield "left out a factor", lambda: a


def _divide(node: Value, a: Value, b: Value) -> Variants:
    yield "* for /", lambda: a * b
    yield "the other way round", lambda: b / a


def _power(node: Value, base: Value, exponent: int) -> Variants:
    yield "exponent + 1", lambda: base ** (exponent + 1)
    yield "exponent - 1", lambda: base ** (exponent - 1)


def _rational_power(node: Value, base: Value, over: int, under: int) -> Variants:
    yield "exponent + 1", lambda: f.power(base, over + 1, under)
    yield "exponent - 1", lambda: f.power(base, over - 1, under)


def _matmul(node: Value, a: Value, b: Value) -> Variants:
    for side, other in (("left", a), ("right", b)):
        if len(other.shape) != 2 or other.shape[0] == other.shape[1]:
            continue  # of a square factor the transpose is a fault of its own
        yield f"{side} factor transposed", partial(_transposed, a, b, side)
    if len(a.shape) + len(b.shape) > 2:  # of two vectors the product is the same
        yield "factors swapped", lambda: b @ a


def _transposed(a: Value, b: Value, side: str) -> Value:
    return a.T @ b if side == "left" else a @ b.T


def _transpose(node: Value, inner: Value) -> Variants:
    yield "transpose dropped", lambda: inner


def _outer(node: Value, a: Value, b: Value) -> Variants:
    yield "factors swapped", lambda: f.outer(b, a)


def _block(take: Callable[..., Value]) -> Callable[..., Variants]:
    def variants(node: Value, inner: Value, first: int, last: int) -> Variants:
        yield "the next block", lambda: take(inner, first + 1, last + 1)
        yield "the block before", lambda: take(inner, first - 1, last - 1)

    return variants


def _parts(node: Value, *parts: Value) -> Variants:
    if len(parts) > 1:
        swapped = (parts[1], parts[0], *parts[2:])
        yield (
            "neighbours swapped",
            lambda: node.node(node.operation, *swapped, shape=node.shape, row=node.row),
        )


def _combination(node: Value, *parts: Value) -> Variants:
    half = len(parts) // 2
    for i in range(half):
        turned = (*parts[:i], -parts[i], *parts[i + 1 :])
        yield f"the other sign of term {i + 1}", partial(_combined, node, turned)
        if half > 1:
            fewer = (*parts[:i], *parts[i + 1 : half + i], *parts[half + i + 1 :])
            yield f"term {i + 1} left out", partial(_combined, node, fewer)


def _combined(node: Value, parts: tuple[Value, ...]) -> Value:
    return node.node("combination", *parts, shape=())


def _kin(*others: tuple[str, Callable[[Value], Value]]) -> Callable[..., Variants]:
    def variants(node: Value, inner: Value, *rest: Any) -> Variants:
        for kind, function in others:
            yield kind, partial(function, inner)

    return variants


def _mask(node: Value, inner: Value, seen: Any, fill: Any) -> Variants:
    further = seen.copy()
    further[..., 1:] |= seen[..., :-1]
    yield "mask dropped", lambda: inner
    yield "mask turned round", lambda: f.mask(inner, ~seen, fill)
    yield "mask sees one further", lambda: f.mask(inner, further, fill)
    if fill is None:
        yield "masked with 0", lambda: f.mask(inner, seen, 0)


def _maximum(node: Value, *numbers: Value) -> Variants:
    yield "the smallest for the largest", lambda: -f.maximum(*(-x for x in numbers))
    yield "left out the first", lambda: f.maximum(*numbers[1:])
    yield "left out the last", lambda: f.maximum(*numbers[:-1])


def _by_rows(node: Value, inner: Value, divisors: Value) -> Variants:
    yield "the other axis", lambda: f.by_rows(inner.T, divisors).T
    yield "* for /", lambda: f.hadamard(inner, f.repeat(divisors, inner.shape[1]).T)


def _less_by_rows(node: Value, inner: Value, amounts: Value) -> Variants:
    yield "the other axis", lambda: f.less_by_rows(inner.T, amounts).T
    yield "+ for -", lambda: inner + f.repeat(amounts, inner.shape[1]).T
    yield "left out", lambda: inner


def _variance(node: Value, inner: Value, mean: Value) -> Variants:
    n = inner.shape[0]
    yield "the sum for the mean", lambda: node * n
    if n > 1:
        yield "n - 1 for n", lambda: node * f.frac(n, n - 1)


def _same(x: Value) -> Value:
    return x


_VARIANTS: dict[str, Callable[..., Variants]] = {
    "add": _add,
    "subtract": _subtract,
    "multiply": _multiply,
    "hadamard": _hadamard,
    "divide": _divide,
    "negate": _kin(("minus dropped", _same)),
    "power": _power,
    "rational_power": _rational_power,
    "matmul": _matmul,
    "transpose": _transpose,
    "outer": _outer,
    "columns": _block(f.columns),
    "rows": _block(f.rows),
    "stack": _parts,
    "beside": _parts,
    "exp": _kin(("exp(-x) for exp(x)", lambda x: f.exp(-x)), ("exp dropped", _same)),
    "log": _kin(("log2 for ln", f.log2), ("ln dropped", _same)),
    "log2": _kin(("ln for log2", f.log), ("log2 dropped", _same)),
    "sqrt": _kin(("root dropped", _same)),
    "sin": _kin(("cos for sin", f.cos)),
    "cos": _kin(("sin for cos", f.sin)),
    "tanh": _kin(("sigmoid for tanh", f.sigmoid), ("tanh dropped", _same)),
    "sigmoid": _kin(("tanh for sigmoid", f.tanh), ("sigmoid(-x)", lambda x: f.sigmoid(-x))),
    "relu": _kin(("ReLU dropped", _same), ("absolute value for ReLU", f.absolute)),
    "positive": _kin(("negative for positive", lambda x: f.positive(-x)), ("ReLU", f.relu)),
    "absolute": _kin(("absolute value dropped", _same), ("ReLU", f.relu)),
    "floor": _kin(("not rounded down", _same)),
    "combination": _combination,
    "ceiling": _kin(("not rounded up", _same), ("one more", lambda x: f.ceiling(x + 1))),
    "softmax": _kin(("the other axis", lambda x: f.softmax(x.T).T), ("sigmoid", f.sigmoid)),
    "log_sum_exp": _kin(("sum", f.total), ("ln of the sum", lambda x: f.log(f.total(x)))),
    "mask": _mask,
    "maximum": _maximum,
    "total": _kin(("mean for sum", lambda x: f.total(x) / int(np.prod(x.shape)))),
    "row_sums": _kin(
        ("the other axis", lambda x: f.row_sums(x.T)),
        ("mean for sum", lambda x: f.row_sums(x) / x.shape[1]),
    ),
    "row_squares": _kin(
        ("the other axis", lambda x: f.row_squares(x.T)),
        ("sums for squares", f.row_sums),
        ("length for square", lambda x: f.sqrt(f.row_squares(x))),
    ),
    "less_by_rows": _less_by_rows,
    "by_rows": _by_rows,
    "mean": _kin(("sum for mean", f.total)),
    "variance": _variance,
    "norm": _kin(("square for length", lambda x: f.norm(x) ** 2)),
    "square_norm": _kin(("length for square", f.norm)),
}
