"""A tiny template, of which each test replaces the piece that it breaks; and bare traced values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
from gmpy2 import mpq

from penwork.author import Problem, scalar, slip
from penwork.maths.fields import EXACT, Field
from penwork.maths.value import Name, Value
from penwork.problem import Template

STATEMENT = 'With << a|eq >> and << b|eq >>.\n<% part asks="p" marks="M1 A1" %>Find.<% endpart %>'


def sample(draw: Any, level: int) -> dict[str, Any]:
    return {"a": draw.integer(2, 9), "b": draw.integer(12, 99)}


def solve(work: Any, given: Any) -> None:
    s = work.let(
        "s", given.a + given.b, "s", slips=[slip("subtracted", "a sign", given.a - given.b)]
    )
    p = work.let("p", s * given.a, "p", slips=[slip("squared the sum", "a mix-up", s**2)])
    work.answer("p", p)


def check(given: Any) -> dict[str, Any]:
    """Expands the product."""
    a, b = given["a"], given["b"]
    return {"s": sum([a, b]), "p": a * a + a * b}


def off_by_one(given: Any) -> dict[str, Any]:
    """Wrong."""
    return {**check(given), "p": check(given)["p"] + 1}


def tiny(
    *,
    solve: Callable[..., None] = solve,
    check: Callable[..., Any] = check,
    sample: Callable[..., Any] = sample,
    statement: str = STATEMENT,
    given: Mapping[str, Any] | None = None,
    effort: tuple[float, float] = (0, 1000),
    exceptions: Mapping[str, str] | None = None,
) -> Template:
    problem = Problem(
        title="Tiny",
        question="What?",
        source=["nowhere"],
        draws=1,
        version=3,
        minutes={1: 1},
        given=given or {"a": scalar(), "b": scalar()},
        effort={1: effort},
        exceptions=exceptions or {},
    )
    return Template("toy/tiny", problem, sample, solve, check, None, statement, "tiny.py")


def number(raw: Any) -> Any:
    """3, "0.25" or "-2/3" as an exact number."""
    return mpq(Fraction(raw)) if isinstance(raw, (int, str)) else raw


def data_from(nested: Any, field: Field = EXACT) -> Any:
    if not isinstance(nested, list):
        return field.number(number(nested))
    flat = [[field.number(number(x)) for x in r] if isinstance(r, list) else r for r in nested]
    if not isinstance(nested[0], list):
        flat = [field.number(number(x)) for x in nested]
    return np.array(flat, dtype=object)


def leaf(tex: str, nested: Any, *, row: bool = False, field: Field = EXACT, **how: Any) -> Value:
    """A named value as a given would be: leaf("x", 3), leaf(r"\\mathbf v", [1, 2])."""
    data = data_from(nested, field)
    shape = data.shape if isinstance(data, np.ndarray) else ()
    return Value(field, "name", (), shape, data=data, name=Name(tex, tex, **how), row=row)
