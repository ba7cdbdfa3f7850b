"""The recipe of a sheet: all that brings back exactly the same problems, as one short word.

    PENWORK1:SEED:PRINT:TITLE:ITEMS:CHECK

Numbers are in base 36; PRINT is paper, room and kind of key, TITLE is hexadecimal. Each item has
15 characters: a digest of its template's id, seed, level, draws and try. A QR code packs these
characters densest, no shell needs quotes for them, and lower case is read as well.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from penwork.errors import UserError
from penwork.problem import MOST_DRAWS

MARK = "PENWORK1"
MOST_ITEMS = 5000
MOST_CHARACTERS = 300_000
Paper = Literal["a4", "letter"]
Space = Literal["none", "compact", "work"]
PAPERS: tuple[Paper, ...] = ("a4", "letter")
SPACES: tuple[Space, ...] = ("none", "compact", "work")

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_AN_ITEM = 15
_SEEDS, _LEVELS, _TRIES = 2**32, 3, 200  # for ever: codes are in print
_DIGESTS: int = 36**_AN_ITEM // (_SEEDS * _LEVELS * MOST_DRAWS * _TRIES)
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
    way = PAPERS.index(recipe.paper)
    way = way * len(SPACES) + SPACES.index(recipe.space)
    way = way * 2 + recipe.answers_only
    body = ":".join(
        (
            MARK,
            _base36(recipe.seed),
            _base36(way),
            recipe.title.encode().hex().upper(),
            "".join(_packed(item) for item in recipe.items),
        )
    )
    return f"{body}:{_check(body)}"


def _packed(item: Item) -> str:
    number = _digest(item.id)
    number = number * _SEEDS + item.seed
    number = number * _LEVELS + item.level - 1
    number = number * MOST_DRAWS + item.draws - 1
    number = number * _TRIES + item.attempt
    return _base36(number).zfill(_AN_ITEM)


def parts(text: str, count: int) -> list[str]:
    """The code cut into `count` texts for as many QR codes; `decode` takes them in any order."""
    if count < 2:
        return [text]
    size = -(-len(text) // count)
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    return [f"{MARK} {k}/{len(pieces)} {piece}" for k, piece in enumerate(pieces, 1)]


def decode(text: str, ids: Iterable[str]) -> Recipe:
    """The recipe that `encode` wrote, from its text or from all its parts.

    `ids` are the templates at hand, of which the code knows digests.
    """
    if len(text) > MOST_CHARACTERS:
        raise _bad(f"is longer than {MOST_CHARACTERS} characters")
    words = text.upper().split()
    if not words:
        raise _bad("is empty")
    whole = words[0] if len(words) == 1 else _join(words)
    body, _, check = whole.rpartition(":")
    fields = body.split(":")
    if fields[0] != MARK:
        raise _bad(f"does not begin with {MARK}")
    if len(fields) != 5:
        raise _bad(f"has {len(fields)} fields where 5 belong")
    if check != _check(body):
        raise _bad("was mistyped or cut: its last letters do not fit the rest")
    _, seed, way, title, items = fields
    if not re.fullmatch(r"[0-9A-Z]{1,13}", seed):
        raise _bad("has a bad sheet seed")
    if not re.fullmatch(r"[0-9AB]", way):
        raise _bad("names a paper, room or kind of key that penwork does not know")
    if not re.fullmatch(r"([0-9A-Z]{15})+", items):
        raise _bad("has a bad problem")
    if len(items) > MOST_ITEMS * _AN_ITEM:
        raise _bad(f"has more than {MOST_ITEMS} problems")
    room, answers_only = divmod(int(way, 36), 2)
    known = {_digest(name): name for name in ids}
    return Recipe(
        seed=int(seed, 36),
        items=tuple(
            _unpacked(items[start : start + _AN_ITEM], known)
            for start in range(0, len(items), _AN_ITEM)
        ),
        paper=PAPERS[room // len(SPACES)],
        space=SPACES[room % len(SPACES)],
        answers_only=bool(answers_only),
        title=_title(title),
    )


def _unpacked(text: str, known: Mapping[int, str]) -> Item:
    number, attempt = divmod(int(text, 36), _TRIES)
    number, draws = divmod(number, MOST_DRAWS)
    number, level = divmod(number, _LEVELS)
    digest, seed = divmod(number, _SEEDS)
    if digest not in known:
        raise UserError(
            "The code needs a template that is not here.", "Add its folder with --templates."
        )
    return Item(known[digest], draws + 1, level + 1, seed, attempt)


def _digest(name: str) -> int:
    digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % _DIGESTS


def _title(text: str) -> str:
    try:
        return bytes.fromhex(text).decode()
    except ValueError:
        raise _bad("has a title that cannot be read") from None


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
