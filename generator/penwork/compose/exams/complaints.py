"""What is wrong with a spec, in a teacher's words: file, place, key, value, what it may be."""

from __future__ import annotations

import difflib
import json
from dataclasses import dataclass
from datetime import date, time
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from penwork.compose.exams.text import visible
from penwork.errors import UserError

LONGEST = 60
Model = type[BaseModel]


@dataclass(frozen=True, slots=True)
class Wants:
    """What a key may hold, as the end of a sentence: "Write …"."""

    text: str


def complaint(file: str, error: ValidationError, data: Any, model: Model) -> UserError:
    """The first thing that is wrong; unknown keys before others, for they explain missing ones."""
    errors = sorted(error.errors(), key=lambda e: e["type"] != "extra_forbidden")
    kind, loc = errors[0]["type"], errors[0]["loc"]
    places, key, owner, value = _followed(loc, data, model)
    head = ": ".join(filter(None, (file, ", ".join(places))))
    if kind == "extra_forbidden":
        return UserError(f"{head}: there is no key {_said(key)}.", _nearest(key, owner, model))
    wants = f"Write {_wants(owner, key)}."
    if kind == "missing":
        return UserError(f"{head}: {key} is missing.", wants)
    return UserError(f"{head}: {key} is {_said(value)}.", wants)


def _followed(
    loc: tuple[int | str, ...], data: Any, model: Model
) -> tuple[list[str], str, Model, Any]:
    """The places on the way, the key, the model that has it, and what stands there."""
    places: list[str] = []
    key = ""
    steps = iter(loc)
    for step in steps:
        key = str(step)
        data = data.get(step) if isinstance(data, dict) else None
        inner = _inner(model.model_fields[key].annotation) if key in model.model_fields else None
        index = next(steps, None) if inner else None
        if inner is None or index is None:
            break
        data = data[index]
        if not isinstance(data, dict):
            return places, _place(key, index), model, data
        places.append(_place(key, index))
        model = inner
    return places, key, model, data


def _place(key: str, index: int | str) -> str:
    return f"{key} {index + 1}" if isinstance(index, int) else f"{key} {_said(index)}"


def _inner(annotation: Any) -> Model | None:
    """The model inside tuple[Section, ...] or dict[str, Accommodation]."""
    for argument in get_args(annotation):
        if isinstance(argument, type) and issubclass(argument, BaseModel):
            return argument
    return None


def _wants(owner: Model, key: str) -> str:
    if key not in owner.model_fields:
        return "a table of keys"
    [wants] = [m for m in owner.model_fields[key].metadata if isinstance(m, Wants)]
    return wants.text


def _nearest(key: str, owner: Model, whole: Model) -> str:
    near = difflib.get_close_matches(key, owner.model_fields, 1, 0.6)
    if near:
        return f"Did you mean {near[0]}?"
    for place, model in _models(whole, ""):
        if key in model.model_fields:
            return f"It belongs {place}."
    return f"Here may stand {', '.join(owner.model_fields)}."


def _models(model: Model, path: str) -> list[tuple[str, Model]]:
    found = [(f"to [[{path}]]" if path else "to the top of the file", model)]
    for name, field in model.model_fields.items():
        if inner := _inner(field.annotation):
            found += _models(inner, f"{path}.{name}".strip("."))
    return found


def _said(value: Any) -> str:
    """A value as it stands in TOML, shortened."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, float):
        return str(value)
    text = visible(json.dumps(value, ensure_ascii=False, default=str))
    if len(text) <= LONGEST:
        return text
    size = f" ({len(value)} characters)" if isinstance(value, str) else ""
    return f"{text[: LONGEST - 3]}...{size}"
