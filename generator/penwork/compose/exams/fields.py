"""The kinds of text and letters that an exam spec holds."""

from __future__ import annotations

import unicodedata
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field

from penwork.compose.exams.text import controls, normal


def _printable(text: str) -> str:
    """In composed form, and without what a page cannot show."""
    if controls(text):
        raise ValueError("control characters")
    return unicodedata.normalize("NFC", text.strip())


def _one_line(text: str) -> str:
    if len(text.splitlines()) > 1:
        raise ValueError("more than one line")
    return normal(text)


def iso(value: object) -> object:
    return value.isoformat() if type(value) is date else value


def whole(value: object) -> object:
    """1, not true and not 1.0, which are equal to it."""
    if type(value) is not int:
        raise ValueError("no whole number")
    return value


def _each_once(letters: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(letters)) < len(letters):
        raise ValueError("a letter twice")
    return tuple(sorted(letters))


Text = Annotated[str, AfterValidator(_printable)]
Line = Annotated[Text, AfterValidator(_one_line)]
Letter = Annotated[str, Field(pattern=r"^[a-p]$")]
Letters = Annotated[
    tuple[Letter, ...], Field(json_schema_extra={"uniqueItems": True}), AfterValidator(_each_once)
]
SomeLetters = Annotated[
    tuple[Letter, ...],
    Field(min_length=1, json_schema_extra={"uniqueItems": True}),
    AfterValidator(_each_once),
]
