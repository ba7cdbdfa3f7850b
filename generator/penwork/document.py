"""An instance as the interface's JSON object."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import gmpy2

from penwork.maths.value import Value
from penwork.model import Answer, Bridge, Instance, Part, Slip, Step

DIGITS = 20
_MPQ, _MPFR = type(gmpy2.mpq()), type(gmpy2.mpfr())


def document(instance: Instance) -> dict[str, Any]:
    """The object that `show --json` prints; it holds no float."""
    return {
        "id": instance.id,
        "draws": instance.draws,
        "version": instance.version,
        "level": instance.level,
        "seed": instance.seed,
        "try": instance.attempt,
        "given": {k: plain(v) for k, v in instance.given.items() if v is not None},
        "answers": {name: _answer(answer) for name, answer in instance.answers.items()},
        "asked": list(instance.asked),
        "parts": [_part(part) for part in instance.parts],
        "steps": [_step(step) for step in instance.steps],
        "slips": [_slip(slip) for slip in instance.slips],
        **({"bridges": [_bridge(b) for b in instance.bridges]} if instance.bridges else {}),
        "effort": _decimal(instance.effort),
        "certificate": {
            "routes": list(instance.certificate.routes),
            "values_checked": instance.certificate.values_checked,
            "equations_checked": instance.certificate.equations_checked,
        },
    }


def dumps(value: Any, *, indent: int | None = None) -> str:
    """JSON text; letters beyond ASCII are escaped, so that no terminal or pipe spoils them."""
    return json.dumps(value, indent=indent, allow_nan=False)


def plain(value: Any) -> Any:
    """A value of an instance as JSON: exact numbers as integers or "p/q", reals as decimals."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, (_MPQ, Fraction)):
        whole = int(value.numerator)
        return whole if value.denominator == 1 else f"{whole}/{int(value.denominator)}"
    if isinstance(value, _MPFR):
        return _real(value)
    if isinstance(value, Value):
        return plain(value.data)
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, Sequence):
        return [plain(entry) for entry in value]
    raise TypeError(f"{type(value).__name__} has no place in a document: {value!r}")


def _real(value: Any) -> str:
    """A decimal of twenty significant digits, without an exponent."""
    if not gmpy2.is_finite(value):
        return "-inf" if value < 0 else "inf"
    if value == 0:
        return "0"
    digits, exponent, _ = value.digits(10, DIGITS)
    sign, digits = ("-", digits[1:]) if digits[0] == "-" else ("", digits)
    if exponent <= 0:
        return f"{sign}0.{'0' * -exponent}{digits}"
    digits = digits.ljust(exponent, "0")
    return f"{sign}{digits[:exponent]}.{digits[exponent:] or '0'}"


def _decimal(value: Any) -> str:
    """The effort as a decimal with at most two places."""
    return f"{Decimal(int(value * 100 + 0.5)).scaleb(-2).normalize():f}"


def _answer(answer: Answer) -> dict[str, Any]:
    return {
        "type": answer.type,
        "value": plain(answer.value),
        "tolerance": str(plain(answer.tolerance)),
        "places": answer.places,
    }


def _part(part: Part) -> dict[str, Any]:
    return {
        "part": part.letter,
        "asks": list(part.asks),
        "points": part.points,
        "marks": part.marks,
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "name": step.name,
        "part": step.part,
        "why": step.why,
        "latex": "; ".join(line.latex for line in step.lines),
        "value": plain(step.value),
        "exact": step.exact,
    }


def _bridge(bridge: Bridge) -> dict[str, Any]:
    return {
        "part": bridge.letter,
        "latex": list(bridge.values),
        "answers": {
            answer.name: _answer(answer) for part in bridge.parts for answer in part.answers
        },
        "steps": [_step(step) for part in bridge.parts for step in part.steps],
    }


def _slip(slip: Slip) -> dict[str, Any]:
    return {"name": slip.name, "answer": slip.answer, "value": plain(slip.value)}
