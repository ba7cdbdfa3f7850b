"""What an exam draws from its secret: item seeds, form codes, who gets which problems.

HMAC-SHA256 (RFC 2104) of the secret, so that neither a student's number nor a printed code
gives the numbers away.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256

import numpy as np

from penwork.draw import SEEDS, Draw

ALPHABET = "3479CDFGHJKLMNPQRTVWXY"  # no vowels, nothing that looks like something else
CODE_LENGTH = 7
APART = 4
SECRET_BYTES = 32


def new_secret() -> bytes:
    """A secret of chance."""
    return secrets.token_bytes(SECRET_BYTES)


@dataclass(frozen=True, slots=True)
class Source:
    """The streams of one exam."""

    secret: bytes
    exam: str

    def digest(self, *purpose: str | int) -> bytes:
        text = "\x1f".join(str(part) for part in (self.exam, *purpose))
        return hmac.new(self.secret, text.encode(), sha256).digest()

    def seed(self, who: str, slot: str, turn: int) -> int:
        """The item seed of a student (or of a form) in a slot; `turn` counts what was redrawn."""
        return int.from_bytes(self.digest("item", who, slot, turn)[:8], "big") % SEEDS

    def draw(self, *purpose: str | int) -> Draw:
        """A stream for choices: which problems of a list, in which order."""
        return Draw("exam", self.digest("choice", *purpose).hex())

    @property
    def fingerprint(self) -> str:
        """Tells one secret from another, and says nothing about it."""
        return self.digest("fingerprint").hex()[:16]


@dataclass(slots=True)
class Codes:
    """Form codes that differ from each other in at least four characters."""

    source: Source
    taken: list[str] = field(default_factory=list)
    _letters: np.ndarray = field(default_factory=lambda: np.zeros((256, CODE_LENGTH), np.uint8))

    def keep(self, codes: Iterable[str]) -> None:
        """Codes that were given before."""
        for code in codes:
            self._add(code)

    def give(self, who: str) -> str:
        """The code of a student."""
        turn = 0
        while True:
            draw = self.source.draw("code", who, turn)
            code = "".join(draw.pick(ALPHABET) for _ in range(CODE_LENGTH))
            if self._apart(code):
                self._add(code)
                return code
            turn += 1

    def _apart(self, code: str) -> bool:
        there = self._letters[: len(self.taken)]
        differing = (there != np.frombuffer(code.encode(), np.uint8)).sum(axis=1)
        return bool((differing >= APART).all())

    def _add(self, code: str) -> None:
        if len(self.taken) == len(self._letters):
            self._letters = np.concatenate([self._letters, np.zeros_like(self._letters)])
        self._letters[len(self.taken)] = np.frombuffer(code.encode(), np.uint8)
        self.taken.append(code)
