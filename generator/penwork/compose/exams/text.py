"""Text of teachers and their lists, before it reaches a page."""

from __future__ import annotations

import json
import unicodedata

# These turn the rest of a line round.
_TURNS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"

# Ligatures, hyphens of word processors, and Romanian letters as the fonts have them.
_PRINTED = str.maketrans(
    dict(zip("ȘșȚț‐‑ʼ", "ŞşŢţ--’", strict=True))
    | {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl"}
)


def as_printed(text: str) -> str:
    """A name as the fonts can print it: without marks that nobody sees, in their letters."""
    return "".join(c for c in text if unicodedata.category(c) != "Cf").translate(_PRINTED)


def normal(text: str) -> str:
    """Composed (NFC), with single spaces, none at the ends."""
    return unicodedata.normalize("NFC", " ".join(text.split()))


def controls(text: str) -> list[str]:
    """The control characters but tabs and line ends, and those that turn a line round."""
    return [
        c
        for c in text
        if (unicodedata.category(c) in ("Cc", "Cs") and c not in "\t\r\n") or c in _TURNS
    ]


def visible(text: str) -> str:
    """The text as a terminal may show it: what prints nothing as its escape."""
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)
