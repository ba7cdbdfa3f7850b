"""Each operation in every shape it takes: built by us, and again in plain NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from maths.tiny import leaf
from penwork import author as pw
from penwork.maths.fields import EXACT, Field
from penwork.maths.value import Value

NUMBERS: dict[str, Any] = {
    "a": "3/4",
    "b": -2,
    "A": [[1, -2, 3], [0, "1/2", -1]],
    "C": [[4, 0, -1], ["-1/4", 2, 2]],
    "B": [[2, 1], [-1, 0], [3, -5]],
    "P": [[2, "1/3", 1], [5, 4, "0.5"]],
    "S": [[2, -1], [3, 4]],
    "D": [[1, 2, -1]],
    "v": [1, -2, 3],
    "w": [2, -1],
    "p": [1, 4, "1/2"],
    "long": [1, -2, 3, "-1/2", 0, 6],
    "r": [2, 0, -3],
    "q": ["1/2", 5],
    "z": [1, 1],
}
ROWS = {"r", "q"}
SEEN = np.array([[True, False, True], [True, True, False]])


class Case(NamedTuple):
    """`build` with the traced leaves, `plain` with NumPy's arrays of floats."""

    operation: str
    build: Callable[[Any], Value]
    plain: Callable[[Any], Any]
    printable: bool = True


class Leaves:
    """NUMBERS by name: as traced values of a field, or as arrays of floats."""

    def __init__(self, field: Field | None = EXACT) -> None:
        self.field = field

    def __getattr__(self, name: str) -> Any:
        if self.field is not None:
            tex = name if name in "ab" else rf"\mathbf {name}" if len(name) == 1 else r"\mathbf{x}"
            return leaf(tex, NUMBERS[name], row=name in ROWS, field=self.field)
        value = Leaves().__getattr__(name).data
        return value.astype(float) if isinstance(value, np.ndarray) else float(value)


def _softmax(x: Any) -> Any:
    powers = np.exp(x)
    return powers / powers.sum(axis=-1, keepdims=True)


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def _hide(x: Any, fill: float) -> Any:
    return np.where(SEEN, x, fill)


ENTRYWISE: dict[str, tuple[Callable[[Any], Value], Callable[[Any], Any], str]] = {
    "exp": (pw.exp, np.exp, "b v r A"),
    "log": (pw.log, np.log, "a p P"),
    "log2": (pw.log2, np.log2, "a p P"),
    "sqrt": (pw.sqrt, np.sqrt, "a p P"),
    "sin": (pw.sin, np.sin, "b v A"),
    "cos": (pw.cos, np.cos, "b v A"),
    "tanh": (pw.tanh, np.tanh, "b v r A"),
    "sigmoid": (pw.sigmoid, _sigmoid, "b v r A"),
    "relu": (pw.relu, lambda x: np.maximum(x, 0), "a b v r A"),
    "positive": (pw.positive, lambda x: np.where(x > 0, 1.0, 0.0), "a b v A"),
    "absolute": (pw.absolute, np.abs, "a b v A"),
    "floor": (pw.floor, np.floor, "a b v A"),
    "ceiling": (pw.ceiling, np.ceil, "a b"),
    "negate": (lambda x: -x, lambda x: -x, "a b v r A"),
    "power": (lambda x: x**3, lambda x: x**3, "a b v r"),
    "softmax": (pw.softmax, _softmax, "v r A D long"),
}
PAIRS = {
    "matmul": "A@B B@A A@v B@w S@w w@S w@A q@A r@B D@B A@p S@A v@v v@p p@r r@v r@r w@q A@r S@S",
    "add": "a+b v+p r+r A+C",
    "subtract": "a-b v-p r-r A-C",
    "hadamard": "v.p r.r A.C A.P",
    "outer": "vxw wxv rxw wxq qxr",
    "multiply": "a*b b*v a*r b*A A*b v*a",
    "divide": "a/b v/a r/b A/b b/a",
}
_SIGNS: dict[str, tuple[str, Any, Any]] = {
    "matmul": ("@", lambda x, y: x @ y, np.matmul),
    "add": ("+", lambda x, y: x + y, np.add),
    "subtract": ("-", lambda x, y: x - y, np.subtract),
    "hadamard": (".", pw.hadamard, np.multiply),
    "outer": ("x", pw.outer, np.outer),
    "multiply": ("*", lambda x, y: x * y, np.multiply),
    "divide": ("/", lambda x, y: x / y, np.divide),
}
SINGLE = {
    "rational_power": Case("rational_power", lambda g: pw.power(g.a, -3, 2), lambda g: g.a**-1.5),
    "transpose": Case("transpose", lambda g: g.A.T, lambda g: g.A.T),
    "columns": Case("columns", lambda g: pw.columns(g.A, 1, 3), lambda g: g.A[:, 1:3]),
    "one column": Case("columns", lambda g: pw.columns(g.A, 0, 1), lambda g: g.A[:, 0:1]),
    "rows": Case("rows", lambda g: pw.rows(g.B, 1, 3), lambda g: g.B[1:3]),
    "stack scalars": Case("stack", lambda g: pw.stack([g.a, g.b]), lambda g: np.array([g.a, g.b])),
    "stack a row": Case(
        "stack",
        lambda g: pw.stack([g.a, g.b, -g.a], row=True),
        lambda g: np.array([g.a, g.b, -g.a]),
    ),
    "stack with numbers": Case(
        "stack", lambda g: pw.stack([0, g.a, 2]), lambda g: np.array([0, g.a, 2])
    ),
    "stack rows": Case("stack", lambda g: pw.stack([g.r, g.r]), lambda g: np.array([g.r, g.r])),
    "stack vectors": Case("stack", lambda g: pw.stack([g.v, g.p]), lambda g: np.array([g.v, g.p])),
    "stack of stacks": Case(
        "stack",
        lambda g: pw.stack([pw.stack([g.a, g.b]), pw.stack([g.b, g.a])]),
        lambda g: np.array([[g.a, g.b], [g.b, g.a]]),
    ),
    "beside": Case("beside", lambda g: pw.beside([g.A, g.S]), lambda g: np.hstack([g.A, g.S])),
    "end to end": Case("beside", lambda g: pw.beside([g.v, g.w]), lambda g: np.append(g.v, g.w)),
    "rows end to end": Case(
        "beside", lambda g: pw.beside([g.r, g.q]), lambda g: np.append(g.r, g.q)
    ),
    "repeat": Case("repeat", lambda g: g.A + pw.repeat(g.v, 2), lambda g: g.A + g.v),
    "repeat a row": Case("repeat", lambda g: g.A + pw.repeat(g.r, 2), lambda g: g.A + g.r),
    "mask": Case("mask", lambda g: pw.mask(g.A, SEEN), lambda g: _hide(g.A, -np.inf), False),
    "mask with 0": Case("mask", lambda g: pw.mask(g.A, SEEN, 0), lambda g: _hide(g.A, 0), False),
    "mask_future": Case(
        "mask",
        lambda g: pw.mask_future(g.S),
        lambda g: np.array([[g.S[0, 0], -np.inf], g.S[1]]),
        False,
    ),
    "total": Case("total", lambda g: pw.total(g.v), lambda g: g.v.sum()),
    "total of many": Case("total", lambda g: pw.total(g.long), lambda g: g.long.sum()),
    "total of a matrix": Case("total", lambda g: pw.total(g.A), lambda g: g.A.sum()),
    "total of a formula": Case("total", lambda g: pw.total(g.v + g.p), lambda g: (g.v + g.p).sum()),
    "row_sums": Case("row_sums", lambda g: pw.row_sums(g.A), lambda g: g.A.sum(axis=1)),
    "row_squares": Case(
        "row_squares", lambda g: pw.row_squares(g.A), lambda g: (g.A**2).sum(axis=1)
    ),
    "less_by_rows": Case(
        "less_by_rows", lambda g: pw.less_by_rows(g.A, g.w), lambda g: g.A - g.w[:, None]
    ),
    "by_rows": Case("by_rows", lambda g: pw.by_rows(g.A, g.w), lambda g: g.A / g.w[:, None]),
    "mean": Case("mean", lambda g: pw.mean(g.v), lambda g: g.v.mean()),
    "mean of many": Case("mean", lambda g: pw.mean(g.long), lambda g: g.long.mean()),
    "variance": Case(
        "variance", lambda g: pw.variance(g.w, g.a), lambda g: ((g.w - g.a) ** 2).mean()
    ),
    "variance about a negative": Case(
        "variance", lambda g: pw.variance(g.v, g.b), lambda g: ((g.v - g.b) ** 2).mean()
    ),
    "maximum": Case("maximum", lambda g: pw.maximum(g.a, g.b), lambda g: max(g.a, g.b)),
    "maximum of formulas": Case(
        "maximum",
        lambda g: pw.maximum(g.b, -g.a, g.a * g.b, g.a / 3),
        lambda g: max(g.b, -g.a, g.a * g.b, g.a / 3),
    ),
    "norm": Case("norm", lambda g: pw.norm(g.v), lambda g: np.linalg.norm(g.v)),
    "norm of a row": Case("norm", lambda g: pw.norm(g.r), lambda g: np.linalg.norm(g.r)),
    "square_norm": Case("square_norm", lambda g: pw.norm(g.p) ** 2, lambda g: (g.p**2).sum()),
    "combination": Case(
        "combination",
        lambda g: pw.combination([g.a, -g.b, g.a * g.b, 3], [g.b**2, g.a, 1, g.a + g.b]),
        lambda g: g.a * g.b**2 - g.b * g.a + g.a * g.b + 3 * (g.a + g.b),
    ),
    "combination of one": Case(
        "combination", lambda g: pw.combination([g.b], [g.a]), lambda g: g.b * g.a
    ),
    "log_sum_exp": Case(
        "log_sum_exp", lambda g: pw.log_sum_exp(g.v), lambda g: np.log(np.exp(g.v).sum())
    ),
}


def _entrywise(name: str, operand: str) -> Case:
    ours, numpys, _ = ENTRYWISE[name]
    return Case(name, lambda g: ours(getattr(g, operand)), lambda g: numpys(getattr(g, operand)))


def _pair(name: str, pair: str) -> Case:
    sign, ours, numpys = _SIGNS[name]
    one, other = pair.split(sign)

    def apply(function: Any) -> Callable[[Any], Any]:
        return lambda g: function(getattr(g, one), getattr(g, other))

    return Case(name, apply(ours), apply(numpys))


CASES: dict[str, Case] = {
    **SINGLE,
    **{f"{n} {x}": _entrywise(n, x) for n, row in ENTRYWISE.items() for x in row[2].split()},
    **{f"{n} {p}": _pair(n, p) for n, pairs in PAIRS.items() for p in pairs.split()},
}
