"""Text of teachers and their lists, before it reaches a page."""

from __future__ import annotations

import unicodedata

_NO_SIGN = ("Cc", "Cs", "Co", "Cn")
_BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def normal(text: str) -> str:
    """Composed (NFC), with single spaces, none at the ends."""
    return unicodedata.normalize("NFC", " ".join(text.split()))


def controls(text: str) -> list[str]:
    """The characters that print nothing or turn the line round."""
    return [c for c in text if unicodedata.category(c) in _NO_SIGN or c in _BIDI]
