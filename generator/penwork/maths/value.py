"""Traced values: the formula as it was written, its shape, and its number when asked.

A value is a node of the expression that the author's line built. Shapes are checked at once, so
that the author's own line raises; numbers are computed on demand in the run's field, so that a
slip's expression costs nothing until a slip run asks for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple, NoReturn

from gmpy2 import mpq

from penwork.errors import OwnWords
from penwork.maths.fields import Field
from penwork.maths.operations import OPERATIONS
from penwork.numbers import WORKING_PLACES, Style

Shape = tuple[int, ...]
_FREE = ("symbol", "defined")


class ShapeError(OwnWords, ValueError):
    """Shapes that do not fit, said where the author wrote it."""


class TraceError(OwnWords, TypeError):
    """An operation that would lose or falsify the formula; the message says what to write."""


_PLAIN = '; in holds= and require n(x) is x\'s number, given.plain("x") the bare given'


class Name(NamedTuple):
    r"""How a named value is written: LaTeX, LaTeX of its entries, and the step it belongs to.

    `first` is the number of the first entry on paper: 1, or 0 for positions and classes.
    """

    tex: str
    source: str
    entry: str = ""
    first: int = 1
    at: tuple[Any, ...] = ()
    sizes: tuple[str, ...] = ()
    places: int = WORKING_PLACES
    style: Style = "decimal"


@lru_cache(maxsize=4096)
def entry_tex(tex: str) -> str:
    r"""The letter of a vector's or matrix's entries: \mathbf W gives W."""
    return re.sub(r"\\(?:mathbf|boldsymbol)\s*\{?(\\?\w+)\}?", r"\1", tex)


@lru_cache(maxsize=4096)
def with_subscript(tex: str, subscript: str) -> str:
    """`tex` with a further subscript, merged into one that is there."""
    found = re.fullmatch(r"(.*?)_(?:\{([^{}]*)\}|(\w))(\^.*)?", tex)
    if found:
        head, braced, single, tail = found.groups()
        return f"{head}_{{{braced or single},{subscript}}}{tail or ''}"
    return f"{tex}_{subscript}" if len(subscript) == 1 else f"{tex}_{{{subscript}}}"


class Value:
    """A scalar (), a vector (n,) or a matrix (n, m), with the expression that made it."""

    __slots__ = ("_data", "arguments", "field", "name", "operation", "row", "shape")
    __array_ufunc__ = None

    def __init__(
        self,
        field: Field,
        operation: str,
        arguments: tuple[Any, ...],
        shape: Shape,
        data: Any = None,
        name: Name | None = None,
        row: bool = False,
    ) -> None:
        self.field = field
        self.operation = operation
        self.arguments = arguments
        self.shape = shape
        self.name = name
        self.row = row
        self._data = data

    @property
    def free(self) -> bool:
        """Whether it holds a free symbol: its data are then those of a test point."""
        if self.name is not None:
            return self.operation in _FREE
        return any(isinstance(each, Value) and each.free for each in self.arguments)

    @property
    def data(self) -> Any:
        """The number, or the object array of numbers of this shape."""
        if self._data is None:
            bare = [a.data if isinstance(a, Value) else a for a in self.arguments]
            self._data = OPERATIONS[self.operation].evaluate(self.field, *bare)
        return self._data

    def with_data(self, data: Any) -> Value:
        """The same value with another number."""
        return Value(
            self.field, self.operation, self.arguments, self.shape, data, self.name, self.row
        )

    def replace_data(self, data: Any) -> None:
        """Let a leaf stand for something else (symbols); its expression stays."""
        self._data = data

    def node(self, operation: str, *arguments: Any, shape: Shape, row: bool = False) -> Value:
        """A further operation in the same run."""
        return Value(self.field, operation, arguments, shape, None, None, row)

    def constant(self, number: Any) -> Value:
        """A literal of the author's as a value of this run."""
        if isinstance(number, Value):
            return number
        if type(number) is int:
            return _whole(self.field, number)
        if isinstance(number, bool) or not isinstance(number, (int, float, Fraction, type(mpq()))):
            raise TraceError(f"cannot compute with {number!r} of type {type(number).__name__}")
        if isinstance(number, float):
            text = repr(number)
            if len(re.sub(r"\D", "", text.split("e")[0]).strip("0")) > 6:
                raise TraceError(f"{text} has lost its fraction: write frac(1, 3) instead of 1/3")
            number = Fraction(text)
        exact = mpq(number.numerator, number.denominator)
        return Value(self.field, "constant", (exact,), (), data=self.field.number(exact))

    def is_constant(self, *numbers: int) -> bool:
        """Whether this is one of these literals of the author's (a given 1 is none)."""
        return self.operation == "constant" and self.arguments[0] in numbers

    # ── arithmetic ──

    def __add__(self, other: Any) -> Value:
        return self._termwise("add", self, self.constant(other))

    def __radd__(self, other: Any) -> Value:
        if isinstance(other, int) and other == 0:
            return self
        return self._termwise("add", self.constant(other), self)

    def __sub__(self, other: Any) -> Value:
        return self._termwise("subtract", self, self.constant(other))

    def __rsub__(self, other: Any) -> Value:
        return self._termwise("subtract", self.constant(other), self)

    def _termwise(self, operation: str, left: Value, right: Value) -> Value:
        if left.shape != right.shape:
            raise ShapeError(
                f"{operation} of shapes {left.shape} and {right.shape}: they must be equal; write"
                " stack([x] * n) for a number n times, repeat(v, n) for a vector in each row"
            )
        return self.node(operation, left, right, shape=left.shape, row=left.row and right.row)

    def __mul__(self, other: Any) -> Value:
        return self._times(self, self.constant(other))

    def __rmul__(self, other: Any) -> Value:
        return self._times(self.constant(other), self)

    def _times(self, left: Value, right: Value) -> Value:
        if left.shape and right.shape:
            raise ShapeError("* is for scalars: write hadamard(a, b) entry by entry, or a @ b")
        for factor, other in ((left, right), (right, left)):
            if factor.operation == "constant" and abs(factor.arguments[0]) == 1:
                return other if factor.arguments[0] == 1 else -other
        return self.node(
            "multiply", left, right, shape=left.shape or right.shape, row=left.row or right.row
        )

    def __truediv__(self, other: Any) -> Value:
        divisor = self.constant(other)
        if divisor.shape:
            raise ShapeError(
                "only a scalar divides: write stack([a / x for x in b]), or by_rows(A, b)"
            )
        if divisor.is_constant(1):
            return self
        return self.node("divide", self, divisor, shape=self.shape, row=self.row)

    def __rtruediv__(self, other: Any) -> Value:
        return self.constant(other) / self

    def __neg__(self) -> Value:
        return self.node("negate", self, shape=self.shape, row=self.row)

    def __pow__(self, exponent: Any) -> Value:
        if not isinstance(exponent, int) or isinstance(exponent, bool):
            raise TraceError("powers take whole numbers: write sqrt(x) for x ** 0.5")
        if len(self.shape) == 2:
            raise ShapeError("a matrix has no power here: write A @ A, or hadamard(A, A)")
        if exponent == 1:
            return self
        if self.operation == "norm" and exponent == 2:
            return self.node("square_norm", *self.arguments, shape=())
        return self.node("power", self, exponent, shape=self.shape, row=self.row)

    def __rpow__(self, base: Any) -> NoReturn:
        raise TraceError(
            f"a value cannot be an exponent: write exp(x), for {base} ** x"
            f" exp(x * log(x.constant({base})))"
        )

    def __matmul__(self, other: Any) -> Value:
        if not isinstance(other, Value):
            raise TraceError("@ joins two traced values: declare the matrix in given=")
        left, right = self.shape, other.shape
        if not left or not right or left[-1] != right[0]:
            raise ShapeError(f"{left} @ {right}: the inner sizes must be equal")
        row = len(left) == 1 and len(right) == 2
        return self.node("matmul", self, other, shape=left[:-1] + right[1:], row=row)

    def __rmatmul__(self, other: Any) -> NoReturn:
        raise TraceError("@ joins two traced values: declare the matrix in given=")

    # ── parts ──

    @property
    def T(self) -> Value:
        if len(self.shape) != 2:
            raise ShapeError("only a matrix has a transpose; vectors turn by themselves in @")
        return self.node("transpose", self, shape=self.shape[::-1])

    @property
    def height(self) -> Value:
        """The number of rows, as a value."""
        return self._size(0)

    @property
    def width(self) -> Value:
        """The number of columns (of entries, in a vector), as a value."""
        return self._size(-1)

    def _size(self, axis: int) -> Value:
        if not self.shape:
            raise ShapeError("a scalar has no size")
        exact = mpq(self.shape[axis])
        data = self.field.number(exact)
        if self.name is None or not self.name.sizes:
            return Value(self.field, "constant", (exact,), (), data=data)
        called = Name(self.name.sizes[axis], self.name.source, at=("size", axis % len(self.shape)))
        return Value(self.field, "name", (), (), data=data, name=called)

    def __len__(self) -> int:
        if not self.shape:
            raise TraceError("a scalar has no length")
        return self.shape[0]

    def __iter__(self) -> Iterator[Value]:
        return (self[i] for i in range(len(self)))

    def __getitem__(self, index: Any) -> Value:
        at = self._place(index if isinstance(index, tuple) else (index,))
        if self.name is None:
            raise TraceError("name the value with work.let before taking an entry of it")
        shape = self.shape[len(at) :]
        called = entry_name(self.name, at, bool(shape))
        return Value(self.field, "name", (), shape, self.data[at], called, bool(shape))

    def _place(self, indices: tuple[Any, ...]) -> tuple[int, ...]:
        """These indices, which must be whole numbers within the shape, counted from the front."""
        if len(indices) > len(self.shape):
            raise ShapeError(f"{len(indices)} indices for the shape {self.shape}")
        at = []
        for i, n in zip(indices, self.shape, strict=False):
            if not isinstance(i, int):
                raise TraceError(
                    "index with whole numbers; blocks are columns(A, 0, 2) and rows(A, 0, 2)"
                )
            if not -n <= i < n:
                raise IndexError(f"index {indices} is outside the shape {self.shape}")
            at.append(i + n if i < 0 else i)
        return tuple(at)

    # ── what would lose the formula raises ──

    def __bool__(self) -> NoReturn:
        raise TraceError("a value has no truth: write work.compare, work.require, relu or choose")

    def __eq__(self, other: object) -> NoReturn:
        raise TraceError(f"== would hide a decision: write work.compare or work.require{_PLAIN}")

    def __ne__(self, other: object) -> NoReturn:
        raise TraceError(f"!= would hide a decision: write work.compare or work.require{_PLAIN}")

    def _ordering(self, other: Any) -> NoReturn:
        raise TraceError(
            "< and > would hide a decision (as max and sort do):"
            f" write work.compare, work.choose, relu or largest{_PLAIN}"
        )

    __lt__ = __le__ = __gt__ = __ge__ = _ordering

    def __hash__(self) -> NoReturn:
        raise TraceError("a value cannot be a key: use its name or its position")

    def __float__(self) -> NoReturn:
        raise TraceError(
            "float() would leave the exact numbers (as math's functions do): compute with the value"
            " itself, and with sqrt, exp, ... of penwork.author"
        )

    __int__ = __index__ = __complex__ = __float__

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        raise TraceError("NumPy would lose the formula: use the functions of penwork.author")

    def __repr__(self) -> str:
        called = self.name.tex if self.name else self.operation
        return f"<{called} {self.shape}>"


def symbols_in(value: Value) -> dict[str, Value]:
    """The free symbols of an expression by source, also of the named results that it uses."""
    if value.operation == "symbol" and value.name is not None:
        return {value.name.source: value}
    found: dict[str, Value] = {}
    for argument in value.arguments:
        if isinstance(argument, Value):
            found |= symbols_in(argument)
    return found


def values_in(handed: Any) -> list[Value]:
    """The values of an answer: its own, or those of a list of them; words have none."""
    listed = handed if isinstance(handed, (list, tuple)) else (handed,)
    return [each for each in listed if isinstance(each, Value)]


def sources_in(*values: Value) -> set[str]:
    """The steps and givens whose names stand in expressions."""
    found: set[str] = set()
    waiting = list(values)
    for value in waiting:
        if value.name is not None:
            found.add(value.name.source)
        else:
            waiting += [each for each in value.arguments if isinstance(each, Value)]
    return found


@lru_cache(maxsize=2**14)
def entry_name(name: Name, at: tuple[int, ...], bold: bool) -> Name:
    """How the entry of a named value is written, in bold where it is a row."""
    numbers = [str(i + name.first) for i in at]
    joint = "," if any(len(n) > 1 for n in numbers) else ""
    letter = name.entry or entry_tex(name.tex)
    if bold:
        letter = rf"\mathbf {letter.lower()}" if len(letter) == 1 else letter
    return Name(
        tex=with_subscript(letter, joint.join(numbers)),
        source=name.source,
        first=name.first,
        at=name.at + at,
        places=name.places,
        style=name.style,
    )


@lru_cache(maxsize=1024)
def _whole(field: Field, number: int) -> Value:
    exact = mpq(number)
    return Value(field, "constant", (exact,), (), data=field.number(exact))
