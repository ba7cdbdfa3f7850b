"""Expressions in free symbols as plain text, "3*x^2 - 3": for JSON, never for print.

Powers are ^, functions log, exp, sqrt, …; a number is an integer, p/q, or a decimal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gmpy2 import mpq

from penwork.maths.fields import Field
from penwork.maths.operations import OPERATIONS
from penwork.maths.value import Value
from penwork.numbers import is_exact

SUM, PRODUCT, POWER, ATOM = 1, 2, 3, 4
DIGITS = 20


@dataclass(frozen=True, slots=True)
class Text:
    """A written expression and how tightly it binds; `number` where it is one."""

    text: str
    binding: int = ATOM
    number: Any = None

    def at_least(self, binding: int) -> str:
        return self.text if self.binding >= binding else f"({self.text})"

    def __add__(self, other: Text) -> Text:
        if self.number == 0 or other.number == 0:
            return other if self.number == 0 else self
        if other.text.startswith("-"):
            return Text(f"{self.text} - {other.text[1:]}", SUM)
        return Text(f"{self.text} + {other.text}", SUM)

    def __sub__(self, other: Text) -> Text:
        return self + -other

    def __neg__(self) -> Text:
        if self.number is not None:
            return number_text(-self.number)
        if self.text.startswith("-") and self.binding >= PRODUCT:
            return Text(self.text[1:], self.binding)
        return Text(f"-{self.at_least(PRODUCT)}", PRODUCT)

    def __mul__(self, other: Text) -> Text:
        for one, rest in ((self, other), (other, self)):
            if one.number == 0:
                return one
            if one.number == 1:
                return rest
            if one.number == -1:
                return -rest
        return Text(f"{self.at_least(PRODUCT)}*{_unsigned(other, PRODUCT)}", PRODUCT)

    def __truediv__(self, other: Text) -> Text:
        return Text(f"{self.at_least(PRODUCT)}/{_unsigned(other, POWER)}", PRODUCT)

    def __pow__(self, exponent: int) -> Text:
        power = f"({exponent})" if exponent < 0 else exponent
        return Text(f"{_unsigned(self, ATOM)}^{power}", POWER)


def _unsigned(text: Text, binding: int) -> str:
    return f"({text.text})" if text.text.startswith("-") else text.at_least(binding)


def number_text(number: Any) -> Text:
    if is_exact(number):
        return Text(str(number), ATOM if number.denominator == 1 else PRODUCT, number)
    return Text(f"{number:.{DIGITS}g}", ATOM, number)


def _function(name: str) -> Callable[[Text], Text]:
    return lambda inner: Text(f"{name}({inner.text})")


TEXT = Field(
    name="text",
    number=lambda x: number_text(mpq(x)),
    tidy=lambda x: x,
    exp=_function("exp"),
    log=_function("log"),
    sqrt=_function("sqrt"),
    sin=_function("sin"),
    cos=_function("cos"),
    tanh=_function("tanh"),
    positive=_function("step"),
    relu=_function("relu"),
    absolute=_function("abs"),
    floor=_function("floor"),
    ceiling=_function("ceiling"),
    maximum=lambda *inner: Text(f"max({', '.join(text.text for text in inner)})"),
)


def plain_text(value: Value) -> str:
    """The expression of a named result, its letters kept and its numbers put in."""
    return _text(value).text


def _text(value: Value) -> Text:
    if value.operation == "symbol" and value.name is not None:
        return Text(value.name.source.removeprefix("symbol "))
    if not value.free:
        return number_text(value.data)
    if value.operation == "defined":
        return _text(value.arguments[0])
    bare = [_text(a) if isinstance(a, Value) else a for a in value.arguments]
    text: Text = OPERATIONS[value.operation].evaluate(TEXT, *bare)
    return text
