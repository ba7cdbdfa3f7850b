"""Reads printed mathematics back: LaTeX of ours to numbers, by recursive descent.

Nothing is evaluated but the grammar below; numbers are exact. Where operands were printed
rounded, every number carries how far it may be off, and the result says how far it may be.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import gmpy2
import numpy as np
from gmpy2 import mpq

from penwork.maths.fields import EXACT, elementwise
from penwork.numbers import MINUS_INFINITY, is_exact
from penwork.writing.near import Near, Unreadable, monotone, near

_NUMBER = r"\d+(?:\\,\d{3})*(?:\.\d+)?(?:\\cdot10\^\{-?\d+\})?"
_SKIP = r"(?:\s|\\[,;!]|\\z\{[\d.]*\}|\\left(?=[(\[])|\\right(?=[)\]])|\\displaystyle)*"
_WORD = r"_\d|\\(?:left|right)(?:\\?\||\\[lr](?:floor|ceil))|\\[a-zA-Z]+|\\\\|."
_LEXICON = re.compile(rf"(?>{_SKIP})(?:({_NUMBER})|({_WORD})|$)", re.S)
_FUNCTIONS = {r"\exp": "exp", r"\ln": "log", r"\sin": "sin", r"\cos": "cos", r"\tanh": "tanh"}


_TIDIED = mpq(1, 2**100)
_CERTAINLY = mpq(1, 2**120)
_NOISE = mpq(1, 2**150)
_CLOSED = (r"\right|", r"\right\|", r"\right\rfloor", r"\right\rceil")
_ENDS = ("", "+", "-", ",", ")", "]", "}", "&", r"\\", ">", *_CLOSED)


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + gmpy2.exp(-x))


_SCALAR: dict[str, Callable[[Any], Any]] = {
    **{tex: monotone(getattr(EXACT, name)) for tex, name in _FUNCTIONS.items()},
    r"\sigma": monotone(_sigmoid),
    r"\ReLU": monotone(EXACT.relu),
}
_sqrt = monotone(EXACT.sqrt)


def _rooted(value: Any, degree: int) -> Any:
    return monotone(lambda x: EXACT.tidy(EXACT.exp(EXACT.log(x) / degree)))(value)


Token = tuple[str, str]
"""Its kind (name, number or word) and its text."""


@lru_cache(maxsize=4096)
def _tokens(text: str) -> tuple[Token, ...]:
    if r"\top}" in text:
        text = re.sub(r"\^\{([^{}\\]+)\\top\}", r"^{\1}^\\top", text)  # W^{(2)\top}
    found = _LEXICON.findall(text)
    return tuple([("number", n) if n else ("word", w) for n, w in found if n or w])


@lru_cache(maxsize=2048)
def _with_names(text: str, names: tuple[str, ...]) -> tuple[Token, ...]:
    """The tokens of a text in which each of these names is one; the longest name wins."""
    spelled: dict[Token, list[tuple[tuple[Token, ...], str]]] = {}
    for name in sorted(names, key=len, reverse=True):
        spelling = _tokens(name)
        spelled.setdefault(spelling[0], []).append((spelling, name))
    tokens, found, at = _tokens(text), [], 0
    while at < len(tokens):
        for spelling, name in spelled.get(tokens[at], ()):
            if tokens[at : at + len(spelling)] == spelling:
                found.append(("name", name))
                at += len(spelling)
                break
        else:
            found.append(tokens[at])
            at += 1
    return tuple(found)


def read(text: str, names: Mapping[str, Any], rounded: Mapping[str, Any]) -> Any:
    """The value of printed mathematics: a scalar, or a 2-D object array (vectors have one side 1).

    `names` gives what symbols stand for, `rounded` how far each rounded number may be off.
    Raises Unreadable on anything outside the grammar.
    """
    reader = _Reader(text, names, rounded)
    value = reader.sum()
    if reader.token:
        raise Unreadable(f"cannot read on at {reader.token!r}")
    return value


class _Reader:
    """Recursive descent over tokens; `kind` and `token` are what comes next."""

    def __init__(self, text: str, names: Mapping[str, Any], rounded: Mapping[str, Any]) -> None:
        self.names = names
        self.rounded = rounded
        self.tokens = _with_names(text, tuple(names)) if names else _tokens(text)
        self.at = 0
        self.kind = self.token = ""
        self.next()

    # ── tokens ──

    def next(self) -> str:
        """Step on; returns the token that was left behind."""
        left = self.token
        try:
            self.kind, self.token = self.tokens[self.at]
        except IndexError:
            self.kind = self.token = ""
        self.at += 1
        return left

    def take(self, token: str) -> bool:
        if self.token != token:
            return False
        self.next()
        return True

    def need(self, token: str) -> None:
        if not self.take(token):
            raise Unreadable(f"{token!r} is missing before {self.token!r}")

    def group(self) -> Any:
        self.need("{")
        value = self.sum()
        self.need("}")
        return value

    # ── grammar ──

    def sum(self) -> Any:
        value = -self.term() if self.take("-") else self.term()
        while self.token in ("+", "-"):
            value = value + self.term() if self.next() == "+" else value - self.term()
        return value

    def term(self) -> Any:
        value = self.factor()
        while self.token not in _ENDS:
            if self.token in (r"\cdot", r"\odot"):
                self.next()
                value = value * self.factor()
            elif self.take("/") or self.take(r"\div"):
                value = value / self.factor()
            else:
                value = _juxtaposed(value, self.factor())
        return value

    def factor(self) -> Any:
        value = self.number(self.next()) if self.kind == "number" else self.atom()
        if self.token != "^":
            return value
        self.next()
        return self._raise(value)

    def _raise(self, value: Any) -> Any:
        if self.take(r"\top"):
            return value.T if isinstance(value, np.ndarray) else value
        braced = self.take("{")
        self.take(r"\odot")
        sign = -1 if self.take("-") else 1
        if self.kind != "number":
            raise Unreadable(f"a power is missing before {self.token!r}")
        power = int(self.next())
        if self.take("/"):
            value = _rooted(value, int(self.next()))
        if braced:
            self.need("}")
        return value**power if sign > 0 else 1 / value**power

    def atom(self) -> Any:
        if self.kind == "name":
            return self.names[self.next()]
        handler = _ATOMS.get(self.token)
        if handler is None:
            raise Unreadable(f"cannot read {self.token!r}")
        self.next()
        return handler(self)

    def number(self, text: str) -> Any:
        digits, _, power = text.replace(r"\,", "").partition(r"\cdot10^")
        value = mpq(digits)
        if power:
            value *= mpq(10) ** int(power.strip("{}"))
        off = self.rounded.get(text)
        return Near(value, off) if off is not None else value

    def fraction(self) -> Any:
        over = self.group()
        return over / self.group()

    def root(self) -> Any:
        return elementwise(_sqrt, self.group())

    def bracketed(self) -> Any:
        value = self.sum()
        self.need(")")
        return value

    def iverson(self) -> Any:
        value = self.sum()
        self.need(">")
        self.need("0")
        self.need("]")
        return elementwise(lambda x: mpq(1 if near(x).value > 0 else 0), value)

    def absolute(self) -> Any:
        value = self.sum()
        self.need(r"\right|")
        return elementwise(lambda x: -x if near(x).value < 0 else x, value)

    def floor(self) -> Any:
        value = self.sum()
        self.need(r"\right\rfloor")
        return elementwise(monotone(lambda x: EXACT.floor(EXACT.tidy(x))), value)

    def ceiling(self) -> Any:
        value = self.sum()
        self.need(r"\right\rceil")
        return elementwise(monotone(EXACT.ceiling), value)

    def maximum(self) -> Any:
        self.need("(")
        numbers = [near(self.sum())]
        while self.take(","):
            numbers.append(near(self.sum()))
        self.need(")")
        value, off = max(n.value for n in numbers), max(n.off for n in numbers)
        return Near(value, off) if off else value

    def norm(self) -> Any:
        value = self.sum()
        self.need(r"\right\|")
        return _sqrt((value * value).sum())

    def matrix(self) -> Any:
        self.need("{")
        rows: list[list[Any]] = [[self.sum()]]
        while not self.take("}"):
            if self.take("&"):
                rows[-1].append(self.sum())
            else:
                self.need(r"\\")
                rows.append([self.sum()])
        if any(len(row) != len(rows[0]) for row in rows):
            raise Unreadable("rows of unequal length")
        if any(isinstance(cell, np.ndarray) for row in rows for cell in row):
            return np.block([[np.atleast_2d(cell) for cell in row] for row in rows])
        return _object(rows)

    def exponential(self) -> Any:
        self.need("^")
        return elementwise(monotone(EXACT.exp), self.group())

    def base_two(self) -> Any:
        self.need("_2")
        two = EXACT.log(mpq(2))
        return elementwise(monotone(lambda x: EXACT.log(x) / two), self.factor())

    def softmax(self) -> Any:
        powers = elementwise(monotone(EXACT.exp), self.factor())
        axis = 0 if powers.shape[1] == 1 else 1
        return powers / powers.sum(axis=axis, keepdims=True)

    def summed(self) -> Any:
        by_row = False
        if self.take("_"):
            self.need("{")
            by_row = self.next() == "j" and self.token == "}"
            while not self.take("}"):
                self.next()
        value = self.term()
        return value.sum(axis=1, keepdims=True) if by_row else value.sum()


def _object(rows: list[list[Any]]) -> Any:
    out = np.empty((len(rows), len(rows[0])), dtype=object)
    for i, row in enumerate(rows):
        for j, cell in enumerate(row):
            out[i, j] = cell
    return out


def _juxtaposed(left: Any, right: Any) -> Any:
    if not (isinstance(left, np.ndarray) and isinstance(right, np.ndarray)):
        return left * right
    product = left @ right
    return product[0, 0] if product.shape == (1, 1) else product


def _function(name: str) -> Callable[[_Reader], Any]:
    return lambda reader: elementwise(_SCALAR[name], reader.factor())


_ATOMS: dict[str, Callable[[_Reader], Any]] = {
    **{name: _function(name) for name in _SCALAR},
    "(": _Reader.bracketed,
    "[": _Reader.iverson,
    r"\frac": _Reader.fraction,
    r"\sqrt": _Reader.root,
    r"\pmx": _Reader.matrix,
    r"\left|": _Reader.absolute,
    r"\left\|": _Reader.norm,
    r"\left\lfloor": _Reader.floor,
    r"\left\lceil": _Reader.ceiling,
    r"\max": _Reader.maximum,
    r"\softmax": _Reader.softmax,
    r"\mask": lambda reader: reader.factor(),
    r"\sum": _Reader.summed,
    r"\log": _Reader.base_two,
    r"\infty": lambda reader: -MINUS_INFINITY,
    "e": _Reader.exponential,
}


def as_table(data: Any, row: bool = False) -> Any:
    """Data as the reader has it: a vector as a column, or as a row."""
    if isinstance(data, np.ndarray) and data.ndim == 1:
        return data[None, :] if row else data[:, None]
    return data


def difference(left: Any, right: Any) -> tuple[bool, bool]:
    """(whether both are exactly equal, whether they agree within what either may be off)."""
    one, other = _flat(left), _flat(right)
    if one == other and all(map(is_exact, one)):
        return True, True
    if len(one) != len(other):
        return False, False
    equal = within = True
    for a, b in zip(one, other, strict=True):
        value, off = (a.value, a.off) if type(a) is Near else (a, 0)
        right, room = (b.value, b.off) if type(b) is Near else (b, 0)
        if right == MINUS_INFINITY:
            equal = equal and value == right
            continue
        value = EXACT.tidy(value)
        gap = abs(value - right)
        if right == 0 and gap < _NOISE:
            continue
        equal = equal and (gap == 0 if is_exact(value) else _same_real(right, gap))
        within = within and gap <= off + room + _TIDIED * abs(right)
    return equal, within


def _same_real(number: Any, gap: Any) -> bool:
    """Whether two reals (ln 16 and 2 ln 4) are equal in 120 bits; a rational is none of them."""
    return not is_exact(number) and bool(gap <= _CERTAINLY * abs(number))


def _flat(value: Any) -> list[Any]:
    return value.ravel().tolist() if isinstance(value, np.ndarray) else [value]
