"""Declarations of givens that are words: flags, choices, tokens, and tables by two words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from penwork.errors import UserError
from penwork.escape import spelled
from penwork.maths.fields import Field
from penwork.maths.given import Given, Scalar, as_list, kind_of
from penwork.maths.value import Name, Value
from penwork.numbers import EXACTLY


@dataclass(frozen=True, slots=True)
class Flag(Given):
    """True or false."""

    def read(self, where: str, raw: Any, sizes: dict[str, tuple[int, str]]) -> Any:
        if not isinstance(raw, bool):
            raise UserError(
                f"{where} must be true or false, not {kind_of(raw)}.",
                "Write true or false without quotes.",
            )
        return raw


@dataclass(frozen=True, slots=True)
class Choice(Given):
    """One of a few words."""

    options: tuple[str, ...] = ()

    def read(self, where: str, raw: Any, sizes: dict[str, tuple[int, str]]) -> Any:
        if raw not in self.options:
            raise UserError(f"{where} must be one of {', '.join(self.options)}.", "Pick one.")
        return raw


@dataclass(frozen=True, slots=True)
class Token(Given):
    """A short word: a token, a label. Never evaluated, escaped in print."""

    def read(self, where: str, raw: Any, sizes: dict[str, tuple[int, str]]) -> Any:
        if not isinstance(raw, str) or not raw or len(raw) > 24 or not raw.isprintable():
            raise UserError(f"{where} must be a word of 1 to 24 letters.", "Shorten it.")
        if "  " in raw:
            raise UserError(f"{where} has spaces side by side.", "Write one.")
        return raw


@dataclass(frozen=True, slots=True)
class Tokens(Token):
    """A list of different words."""

    def read(self, where: str, raw: Any, sizes: dict[str, tuple[int, str]]) -> Any:
        listed = enumerate(as_list(where, raw, 64))
        words = [Token.read(self, f"{where}[{i}]", word, sizes) for i, word in listed]
        if len(set(words)) != len(words):
            raise UserError(f"{where} names a word twice.", "Make them different.")
        return words


@dataclass(frozen=True, slots=True)
class Table(Scalar):
    """Numbers by two words, {previous: {token: number}}; order is kept.

    `rule` makes the LaTeX name of an entry from both words.
    """

    rule: str = r"p(\tok{<column>}\mid\tok{<row>})"

    def entry_tex(self, row: str, column: str) -> str:
        return self.rule.replace("<column>", spelled(column)).replace("<row>", spelled(row))

    def read(self, where: str, raw: Any, sizes: dict[str, tuple[int, str]]) -> Any:
        if not isinstance(raw, Mapping) or not raw or len(raw) > 64:
            raise UserError(
                f"{where} must be an object of 1 to 64 rows.", 'Write {"a": {"b": 0.5}}.'
            )
        table: dict[str, dict[str, Any]] = {}
        for key, cells in raw.items():
            Token.read(Token(), f"{where} key {str(key)[:40]!r}", key, sizes)
            if not isinstance(cells, Mapping) or not cells or len(cells) > 64:
                raise UserError(
                    f"{where}[{key!r}] must be an object of 1 to 64.", 'Write {"b": 0.5}.'
                )
            table[key] = {
                Token.read(Token(), f"{where}[{key!r}] key", word, sizes): self.single(
                    f"{where}[{key!r}][{word!r}]", x
                )
                for word, x in cells.items()
            }
        return table

    def cells(self, stored: Mapping[str, Any]) -> dict[tuple[Any, ...], Any]:
        return {(r, c): x for r, row in stored.items() for c, x in row.items()}

    def leaf(self, field: Field, name: str, stored: Any) -> Any:
        return {
            row: {
                column: Value(
                    field,
                    "name",
                    (),
                    (),
                    data=x if field.name == "exact" else field.number(x),
                    name=Name(
                        self.entry_tex(row, column),
                        name,
                        at=(row, column),
                        places=EXACTLY,
                        style=self.style,
                    ),
                )
                for column, x in cells.items()
                if x != 0
            }
            for row, cells in stored.items()
        }
