"""Declaration of a given that counts words, {word: count}."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from penwork.errors import UserError
from penwork.escape import spelled
from penwork.maths.fields import Field
from penwork.maths.given import Scalar
from penwork.maths.value import Name, Value
from penwork.maths.words import Token
from penwork.numbers import EXACTLY


@dataclass(frozen=True, slots=True)
class Tally(Scalar):
    """How often each word occurs, {word: whole number}; the order of the words is kept.

    `tex` is the letter of a count: n gives n(low). solve sees {word: value}.
    """

    tex: str = "n"
    low: Any = 1
    integer: bool = True

    def read(self, where: str, raw: Any, sizes: dict[str, tuple[int, str]]) -> Any:
        if not isinstance(raw, Mapping) or not 0 < len(raw) <= 64:
            raise UserError(f"{where} must be an object of 1 to 64 words.", 'Write {"low": 5}.')
        return {
            Token.read(Token(), f"{where} key {str(word)[:40]!r}", word, sizes): self.single(
                f"{where}[{word!r}]", count
            )
            for word, count in raw.items()
        }

    def cells(self, stored: Mapping[str, Any]) -> dict[tuple[Any, ...], Any]:
        return {(word,): count for word, count in stored.items()}

    def leaf(self, field: Field, name: str, stored: Any) -> Any:
        def value(word: str, count: Any) -> Value:
            tex = rf"{self.tex}(\tok{{{spelled(word)}}})"
            called = Name(tex, name, at=(word,), places=EXACTLY, style=self.style)
            data = count if field.name == "exact" else field.number(count)
            return Value(field, "name", (), (), data=data, name=called)

        return {word: value(word, count) for word, count in stored.items()}
