"""Reads printed mathematics back: LaTeX of ours to numbers, by recursive descent.

Nothing is evaluated but the grammar below; numbers are exact. A text is parsed to a formula, which
serves every text that differs from it in its numbers only. Where operands were printed rounded,
every number carries how far it may be off, and the result says how far it may be.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from gmpy2 import mpq

from penwork.maths.fields import elementwise, entries
from penwork.numbers import MINUS_INFINITY, RATIONAL, is_exact, tidy
from penwork.writing import worth
from penwork.writing.near import Near, Unreadable

_NUMBER = r"\d++(?:\\,\d{3})*+(?:\.\d++)?+(?:\\cdot10\^\{-?\d++\})?+"
_PAD = r"\\z\{[\d.]*\}"
_SKIP = rf"(?:\s|\\[,;!]|{_PAD}|\\left(?=[(\[])|\\right(?=[)\]])|\\displaystyle)*"
_WORD = r"_\d|\\(?:left|right)(?:\\?\||\\[lr](?:floor|ceil))|\\[a-zA-Z]+|\\\\|."
_LEXICON = re.compile(rf"(?>{_SKIP})(?:({_NUMBER}|\#)|({_WORD})|$)", re.S)
# A sign is cut out with its number where both are all that stands in brackets or a cell.
_SIGN = rf"(?:^|(?<=[{{(])|(?<=& )|(?<=\\\\ ))-(?={_NUMBER}(?!{_SKIP}\^))"
_APART = r"(?<![\d._])(?<!\\z\{)|(?<=_\d)"
_NUMBERS = re.compile(rf"(?=[-\d])((?:{_SIGN}|{_APART}){_NUMBER})(?:{_PAD})?")
_CLOSED = (r"\right|", r"\right\|", r"\right\rfloor", r"\right\rceil")
_ENDS = frozenset(("", "+", "-", ",", ")", "]", "}", "&", r"\\", ">", *_CLOSED))

_RATIONAL = frozenset([RATIONAL])
_TIDIED = mpq(1, 2**100)
_CERTAINLY = mpq(1, 2**120)
_NOISE = mpq(1, 2**150)

Token = tuple[str, str]
"""Its kind (name, number or word) and its text."""
Formula = Callable[[Sequence[Any]], Any]
"""What a text is worth, given the values of its names and then its numbers."""
Further = tuple[Callable[[Any, Any], Any], Formula]
"""What is done to what stands before, and with what."""


def read(text: str, names: Mapping[str, Any], rounded: Mapping[str, Any]) -> Any:
    """The value of printed mathematics: a scalar, or a 2-D object array (vectors have one side 1).

    `names` gives what symbols stand for, `rounded` how far each rounded number may be off.
    Raises Unreadable on anything outside the grammar.
    """
    if names:
        formula, numbers = _parsed(text, tuple(names))
    else:
        pieces = _NUMBERS.split(text)
        numbers = pieces[1::2]
        formula, places = _parsed("#".join(pieces[::2]), ())
        if len(places) != len(numbers):
            raise Unreadable(f"cannot tell the numbers of {text!r}")
    values = [*names.values(), *map(_number, numbers)]
    if rounded:
        for at, number in enumerate(numbers, len(names)):
            off = rounded.get(number.lstrip("-"))
            if off is not None:
                values[at] = Near(values[at], off)
    return formula(values)


@lru_cache(maxsize=4096)
def _number(text: str) -> Any:
    digits, _, power = text.replace(r"\,", "").partition(r"\cdot10^")
    return mpq(digits) * mpq(10) ** int(power.strip("{}")) if power else mpq(digits)


@lru_cache(maxsize=4096)
def _parsed(text: str, names: tuple[str, ...]) -> tuple[Formula, list[str]]:
    """The formula of a text, and its numbers (# where they were cut out)."""
    tokens = _tokens(text)
    if names:
        tokens = _with_names(tokens, names)
    numbers = [text for kind, text in tokens if kind == "number"]
    return _Parser(tokens, names).whole(), numbers


def _tokens(text: str) -> list[Token]:
    if r"\top}" in text:
        text = re.sub(r"\^\{([^{}\\]+)\\top\}", r"^{\1}^\\top", text)  # W^{(2)\top}
    found = _LEXICON.findall(text)
    return [("number", n) if n else ("word", w) for n, w in found if n or w]


def _with_names(tokens: list[Token], names: tuple[str, ...]) -> list[Token]:
    """The tokens where each of these names is one; the longest name wins."""
    spelled: dict[Token, list[tuple[list[Token], str]]] = {}
    for name in sorted(names, key=len, reverse=True):
        spelling = _tokens(name)
        spelled.setdefault(spelling[0], []).append((spelling, name))
    found, at = [], 0
    while at < len(tokens):
        for spelling, name in spelled.get(tokens[at], ()):
            if tokens[at : at + len(spelling)] == spelling:
                found.append(("name", name))
                at += len(spelling)
                break
        else:
            found.append(tokens[at])
            at += 1
    return found


class _Parser:
    """Recursive descent over tokens; `kind` and `token` are what comes next.

    `slot` is the place of the next number among the values of the formula.
    """

    def __init__(self, tokens: Sequence[Token], names: tuple[str, ...]) -> None:
        self.tokens = iter(tokens)
        self.names = names
        self.slot = len(names)
        self.kind = self.token = ""
        self.next()

    def whole(self) -> Formula:
        formula = self.sum()
        if self.token or self.kind:
            raise Unreadable(f"cannot read on at {self.token!r}")
        return formula

    # ── tokens ──

    def next(self) -> str:
        """Step on; returns the token that was left behind."""
        left = self.token
        self.slot += self.kind == "number"
        self.kind, self.token = next(self.tokens, ("", ""))
        return left

    def take(self, token: str) -> bool:
        if self.token != token:
            return False
        self.next()
        return True

    def need(self, token: str) -> None:
        if not self.take(token):
            raise Unreadable(f"{token!r} is missing before {self.token!r}")

    def group(self) -> Formula:
        self.need("{")
        return self.until("}")

    def until(self, end: str) -> Formula:
        inside = self.sum()
        self.need(end)
        return inside

    # ── grammar ──

    def sum(self) -> Formula:
        first = _negated(self.term()) if self.take("-") else self.term()
        more: list[Further] = []
        while self.token in ("+", "-"):
            combine = operator.add if self.next() == "+" else operator.sub
            more.append((combine, self.term()))
        return _chain(first, more)

    def term(self) -> Formula:
        first = self.factor()
        more: list[Further] = []
        while self.token not in _ENDS:
            if self.take(r"\cdot") or self.take(r"\odot"):
                more.append((operator.mul, self.factor()))
            elif self.take("/") or self.take(r"\div"):
                more.append((operator.truediv, self.factor()))
            else:
                more.append((worth.juxtaposed, self.factor()))
        return _chain(first, more)

    def factor(self) -> Formula:
        value = self.atom()
        return self.raised(value) if self.take("^") else value

    def raised(self, base: Formula) -> Formula:
        if self.take(r"\top"):
            return lambda v: worth.transposed(base(v))
        braced = self.take("{")
        self.take(r"\odot")
        steps: list[Further] = [(worth.power, self.exponent())]
        if self.take("/"):
            steps.insert(0, (worth.rooted, self.exponent()))
        if braced:
            self.need("}")
        return _chain(base, steps)

    def exponent(self) -> Formula:
        negative = self.take("-")
        if self.kind != "number":
            raise Unreadable(f"a whole number is missing before {self.token!r}")
        number = self.atom()
        if negative:
            return lambda v: -worth.whole(number(v))
        return lambda v: worth.whole(number(v))

    def atom(self) -> Formula:
        if self.kind == "number":
            slot = self.slot
            self.next()
            return operator.itemgetter(slot)
        if self.kind == "name":
            return operator.itemgetter(self.names.index(self.next()))
        handler = _ATOMS.get(self.token)
        if handler is None:
            raise Unreadable(f"cannot read {self.token!r}")
        self.next()
        return handler(self)

    def fraction(self) -> Formula:
        return _chain(self.group(), [(operator.truediv, self.group())])

    def iverson(self) -> Formula:
        value = self.until(">")
        bound = self.exponent()
        self.need("]")
        return lambda v: worth.iverson(value(v), bound(v))

    def maximum(self) -> Formula:
        self.need("(")
        numbers = [self.sum()]
        while self.take(","):
            numbers.append(self.sum())
        self.need(")")
        return lambda v: worth.maximum([number(v) for number in numbers])

    def matrix(self) -> Formula:
        self.need("{")
        rows = [[self.sum()]]
        while not self.take("}"):
            if self.take("&"):
                rows[-1].append(self.sum())
            else:
                self.need(r"\\")
                rows.append([self.sum()])
        if any(len(row) != len(rows[0]) for row in rows):
            raise Unreadable("rows of unequal length")
        cells, width = [cell for row in rows for cell in row], len(rows[0])
        return lambda v: worth.table([cell(v) for cell in cells], width)

    def exponential(self) -> Formula:
        exponent = self.group() if self.take("^") else lambda v: mpq(1)
        return _each(worth.exp, exponent)

    def base_two(self) -> Formula:
        self.need("_2")
        return _each(worth.log_two, self.factor())

    def summed(self) -> Formula:
        by_row = False
        if self.take("_"):
            self.need("{")
            by_row = self.next() == "j" and self.token == "}"
            while self.token not in ("}", ""):
                self.next()
            self.need("}")
        term = self.term()
        if by_row:
            return lambda v: term(v).sum(axis=1, keepdims=True)
        return lambda v: term(v).sum()


def _chain(first: Formula, more: Sequence[Further]) -> Formula:
    """Operations of one rank, from left to right."""
    if not more:
        return first
    if len(more) == 1:
        combine, second = more[0]
        return lambda v: combine(first(v), second(v))

    def formula(v: Sequence[Any]) -> Any:
        value = first(v)
        for combine, further in more:
            value = combine(value, further(v))
        return value

    return formula


def _negated(term: Formula) -> Formula:
    return lambda v: -term(v)


def _each(function: Callable[[Any], Any], inside: Formula) -> Formula:
    return lambda v: elementwise(function, inside(v))


def _of(function: Callable[[Any], Any], inside: Formula) -> Formula:
    return lambda v: function(inside(v))


def _function(function: Callable[[Any], Any]) -> Callable[[_Parser], Formula]:
    return lambda parser: _each(function, parser.factor())


_ATOMS: dict[str, Callable[[_Parser], Formula]] = {
    **{tex: _function(function) for tex, function in worth.FUNCTIONS.items()},
    "(": lambda parser: parser.until(")"),
    "[": _Parser.iverson,
    r"\frac": _Parser.fraction,
    r"\sqrt": lambda parser: _each(worth.sqrt, parser.group()),
    r"\pmx": _Parser.matrix,
    r"\left|": lambda parser: _each(worth.absolute, parser.until(r"\right|")),
    r"\left\|": lambda parser: _of(worth.norm, parser.until(r"\right\|")),
    r"\left\lfloor": lambda parser: _each(worth.floor, parser.until(r"\right\rfloor")),
    r"\left\lceil": lambda parser: _each(worth.ceiling, parser.until(r"\right\rceil")),
    r"\max": _Parser.maximum,
    r"\softmax": lambda parser: _of(worth.softmax, parser.factor()),
    r"\mask": _Parser.factor,
    r"\sum": _Parser.summed,
    r"\log": _Parser.base_two,
    r"\infty": lambda parser: lambda v: -MINUS_INFINITY,
    "e": _Parser.exponential,
}


def as_table(data: Any, row: bool = False) -> Any:
    """Data as the reader has it: a vector as a column, or as a row."""
    if isinstance(data, np.ndarray) and data.ndim == 1:
        return data[None, :] if row else data[:, None]
    return data


def difference(left: Any, right: Any) -> tuple[bool, bool]:
    """(whether both are exactly equal, whether they agree within what either may be off).

    Either is a number, an array, or a list of numbers.
    """
    one, other = entries(left), entries(right)
    if one == other and _RATIONAL.issuperset(map(type, one)):
        return True, True
    if len(one) != len(other):
        return False, False
    equal = within = True
    for a, b in zip(one, other, strict=True):
        value, off = (a.value, a.off) if type(a) is Near else (a, 0)
        right, room = (b.value, b.off) if type(b) is Near else (b, 0)
        if value == right:
            continue
        if not is_exact(right) and right == MINUS_INFINITY:
            equal = False
            continue
        value = tidy(value)
        gap = abs(value - right)
        if right == 0 and gap < _NOISE:
            continue
        equal = equal and (gap == 0 if is_exact(value) else _same_real(right, gap))
        room += off
        within = within and (gap <= room or gap <= room + _TIDIED * abs(right))
    return equal, within


def _same_real(number: Any, gap: Any) -> bool:
    """Whether two reals (ln 16 and 2 ln 4) are equal in 120 bits; a rational is none of them."""
    return not is_exact(number) and bool(gap <= _CERTAINLY * abs(number))
