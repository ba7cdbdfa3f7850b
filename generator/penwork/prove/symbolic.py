"""SymPy's route: what solve claims as a derivative is the derivative of what solve claims as loss.

The same solve runs with symbols in place of numbers; every named result becomes a symbol with its
definition, so that a derivative is taken by any given or step along the way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import sympy
from gmpy2 import mpq

from penwork.errors import Fault
from penwork.instance import solve
from penwork.maths.fields import Field, elementwise
from penwork.maths.given import leaves
from penwork.maths.value import Name, Value
from penwork.maths.work import Work
from penwork.numbers import is_exact, precision
from penwork.problem import Template

TOLERANCE = sympy.Float("1e-25", 30)


def _rational(number: Any) -> Any:
    exact = mpq(number)  # ln 4 to all its bits, which SymPy need not know
    return sympy.Rational(int(exact.numerator), int(exact.denominator))


SYMBOLS = Field(
    name="symbols",
    number=lambda x: x if isinstance(x, sympy.Basic) else _rational(x),
    tidy=lambda x: x,
    exp=sympy.exp,
    log=sympy.log,
    sqrt=sympy.sqrt,
    sin=sympy.sin,
    cos=sympy.cos,
    tanh=sympy.tanh,
    positive=lambda x: sympy.Piecewise((1, x > 0), (0, True)),
    relu=lambda x: sympy.Piecewise((x, x > 0), (0, True)),
    absolute=sympy.Abs,
    floor=sympy.floor,
    ceiling=sympy.ceiling,
    maximum=sympy.Max,
)


@dataclass(slots=True)
class SymbolicWork(Work):
    """A run in which each named result is a symbol, with its definition and its number aside."""

    definitions: dict[Any, Any] = field(default_factory=dict)

    def settle(self, name: Name, expression: Value) -> Any:
        symbols = _symbols((name.source, *map(str, name.at)), expression.shape)
        for symbol, entry in zip(_entries(symbols), _entries(expression.data), strict=True):
            self.definitions[symbol] = entry
        return symbols

    def _test_point(self, name: str) -> Any:
        return _symbols((f"symbol {name}",), ())


def _symbols(source: tuple[str, ...], shape: tuple[int, ...]) -> Any:
    name = "@".join(source)
    if not shape:
        return sympy.Symbol(name, real=True)
    out = np.empty(shape, dtype=object)
    for at in np.ndindex(shape):
        out[at] = sympy.Symbol("@".join((name, *map(str, at))), real=True)
    return out


def _entries(data: Any) -> list[Any]:
    return list(data.flat) if isinstance(data, np.ndarray) else [data]


def derivatives(template: Template, stored: Mapping[str, Any]) -> int:
    """Prove every `derives=` of one instance; returns how many identities held.

    Raises Fault (rule "SymPy") where a claimed derivative is not the derivative.
    """
    with precision():
        exact = solve(template, stored)
        if not any(record.derives for record in exact.records):
            return 0
        work = SymbolicWork(SYMBOLS, tape=exact.decisions)
        givens = leaves(template.problem.given, stored, SYMBOLS)
        points = dict(_pin_givens(template, stored, givens))
        template.solve(work, givens)
        for name, letter in exact.symbols.items():
            points[work.symbols[name].data] = _number(letter.data)
        for record in exact.records:
            if isinstance(record.result, Value):
                numbers = _entries(elementwise(_number, record.result.data))
                points |= dict(
                    zip(
                        _entries(_symbols((record.name,), record.result.shape)),
                        numbers,
                        strict=True,
                    )
                )
        return sum(
            _prove(record.name, record.result, *record.derives, work.definitions, points)
            for record in work.records
            if record.derives
        )


def _number(x: Any) -> Any:
    return _rational(x) if is_exact(x) else sympy.Float(str(x), 50)


def _pin_givens(
    template: Template, stored: Mapping[str, Any], givens: Any
) -> Iterator[tuple[Any, Any]]:
    """Put symbols into the leaves; yields each with its number."""
    for name in template.problem.given:
        leaf = givens[name]
        if isinstance(leaf, Value):
            numbers = _entries(leaf.data)
            leaf.replace_data(_symbols((name,), leaf.shape))
            yield from zip(_entries(leaf.data), numbers, strict=True)


def _prove(
    step: str,
    claimed: Value,
    loss: Value,
    by: Value,
    definitions: Mapping[Any, Any],
    points: Mapping[Any, Any],
) -> int:
    variables = _entries(by.data)
    if len(variables) != len(_entries(claimed.data)):
        raise Fault("SymPy", "a gradient has the shape of its parameter", step)
    whole = _expanded(sum(_entries(loss.data)), definitions, set(variables))
    for variable, symbol in zip(variables, _entries(claimed.data), strict=True):
        said = _expanded(definitions[symbol], definitions, set(variables))
        gap = (sympy.diff(whole, variable) - said).xreplace(dict(points))
        if not (gap == 0 or abs(sympy.N(gap, 40)) < TOLERANCE):
            raise Fault("SymPy", f"is not the derivative of {loss!r} by {by!r}", step)
    return len(variables)


def _expanded(expression: Any, definitions: Mapping[Any, Any], keep: set[Any]) -> Any:
    """The expression in terms of givens and of the symbols to keep."""
    while True:
        known = {
            s: definitions[s] for s in expression.free_symbols if s in definitions and s not in keep
        }
        if not known:
            return expression
        expression = expression.xreplace(known)
