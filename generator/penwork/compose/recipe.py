"""The recipe of a sheet: all that brings back exactly the same problems, as one short word.

    penwork1:SEED:PAPER:SPACE:ANSWERS:TITLE:TEMPLATE,TEMPLATE:ITEM,ITEM:CHECK

An item is index.draws.level.seed.attempt; seeds are in base 36, the title is percent-encoded.
No character needs quoting in a shell.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote_plus, unquote_plus

from penwork.errors import UserError

MARK = "penwork1"
MOST_ITEMS = 5000
MOST_CHARACTERS = 300_000
Paper = Literal["a4", "letter"]
Space = Literal["none", "compact", "work"]
PAPERS: tuple[Paper, ...] = ("a4", "letter")
SPACES: tuple[Space, ...] = ("none", "compact", "work")

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_ID = re.compile(r"[a-z0-9_]{1,80}/[a-z0-9_]{1,80}")
_ITEM = re.compile(r"([0-9]{1,4})\.([0-9]{1,6})\.([123])\.([0-9a-z]{1,7})\.([0-9]{1,6})", re.ASCII)
_PART = re.compile(r"([0-9]{1,3})/([0-9]{1,3})", re.ASCII)
_HINT = f"A code begins with {MARK} and stands whole in the QR codes of a sheet."


@dataclass(frozen=True, slots=True)
class Item:
    """One problem of a sheet, and the try that was accepted when it was made."""

    id: str
    draws: int
    level: int
    seed: int
    attempt: int


@dataclass(frozen=True, slots=True)
class Recipe:
    """A whole sheet: its seed, its problems in order, and how it is printed."""

    seed: int
    items: tuple[Item, ...]
    paper: Paper = "a4"
    space: Space = "work"
    answers_only: bool = False
    title: str = ""


def encode(recipe: Recipe) -> str:
    """The recipe as one word."""
    ids = list(dict.fromkeys(item.id for item in recipe.items))
    index = {name: number for number, name in enumerate(ids)}
    items = ",".join(
        f"{index[item.id]}.{item.draws}.{item.level}.{_base36(item.seed)}.{item.attempt}"
        for item in recipe.items
    )
    body = ":".join(
        (
            MARK,
            _base36(recipe.seed),
            recipe.paper,
            recipe.space,
            str(int(recipe.answers_only)),
            quote_plus(recipe.title, safe=""),
            ",".join(ids),
            items,
        )
    )
    return f"{body}:{_check(body)}"


def parts(text: str, count: int) -> list[str]:
    """The code cut into `count` texts for as many QR codes; `decode` takes them in any order."""
    if count < 2:
        return [text]
    size = -(-len(text) // count)
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    return [f"{MARK} {k}/{len(pieces)} {piece}" for k, piece in enumerate(pieces, 1)]


def decode(text: str) -> Recipe:
    """The recipe that `encode` wrote, from its text or from all its parts."""
    if len(text) > MOST_CHARACTERS:
        raise _bad(f"is longer than {MOST_CHARACTERS} characters")
    words = text.split()
    if not words:
        raise _bad("is empty")
    whole = words[0] if len(words) == 1 else _join(words)
    body, _, check = whole.rpartition(":")
    fields = body.split(":")
    if fields[0] != MARK:
        raise _bad(f"does not begin with {MARK}")
    if len(fields) != 8:
        raise _bad(f"has {len(fields)} fields where 8 belong")
    if check != _check(body):
        raise _bad("was mistyped or cut: its last letters do not fit the rest")
    _, seed, paper, space, answers, title, ids, items = fields
    if not re.fullmatch(r"[0-9a-z]{1,13}", seed):
        raise _bad("has a bad sheet seed")
    if paper not in PAPERS or space not in SPACES or answers not in ("0", "1"):
        raise _bad("names a paper, room or kind of key that penwork does not know")
    names = ids.split(",")
    for name in names:
        if not _ID.fullmatch(name):
            raise _bad(f"has a bad template name, {name[:40]!r}")
    texts = items.split(",")
    if len(texts) > MOST_ITEMS:
        raise _bad(f"has more than {MOST_ITEMS} problems")
    return Recipe(
        seed=int(seed, 36),
        items=tuple(_item(item, names) for item in texts),
        paper=paper,
        space=space,
        answers_only=answers == "1",
        title=_title(title),
    )


def _item(text: str, names: list[str]) -> Item:
    found = _ITEM.fullmatch(text)
    if not found or int(found[1]) >= len(names):
        raise _bad(f"has a bad problem, {text[:40]!r}")
    seed = int(found[4], 36)
    if seed >= 2**32:
        raise _bad(f"has a seed above 32 bits, {text[:40]!r}")
    return Item(names[int(found[1])], int(found[2]), int(found[3]), seed, int(found[5]))


def _title(text: str) -> str:
    try:
        return unquote_plus(text, errors="strict")
    except UnicodeDecodeError:
        raise _bad("has a title that is not UTF-8") from None


def _join(words: list[str]) -> str:
    if len(words) % 3 or any(word != MARK for word in words[::3]):
        raise _bad("has spaces in it, but not the parts of a code in several QR codes")
    pieces: dict[int, str] = {}
    total = 0
    for place, piece in zip(words[1::3], words[2::3], strict=True):
        found = _PART.fullmatch(place)
        if not found:
            raise _bad(f"has a bad part number, {place[:20]!r}")
        number, count = int(found[1]), int(found[2])
        if not 1 <= number <= count or (total and count != total):
            raise _bad(f"has parts that do not belong together, {place}")
        if pieces.setdefault(number, piece) != piece:
            raise _bad(f"has two different parts {place}")
        total = count
    missing = [str(k) for k in range(1, total + 1) if k not in pieces]
    if missing:
        raise _bad(f"lacks part {', '.join(missing[:5])} of {total}")
    return "".join(pieces[k] for k in range(1, total + 1))


def _bad(why: str) -> UserError:
    return UserError(f"The code {why}.", _HINT)


def _check(body: str) -> str:
    return _base36(zlib.crc32(body.encode()) % 36**4)


def _base36(number: int) -> str:
    digits = ""
    while True:
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
        if not number:
            return digits
