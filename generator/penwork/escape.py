"""Text that reaches TeX is escaped here, character by character."""

from __future__ import annotations

import re

_SPECIAL = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "$": r"\$",
        "&": r"\&",
        "#": r"\#",
        "%": r"\%",
        "_": r"\_",
        "^": r"\textasciicircum{}",
        "~": r"\textasciitilde{}",
    }
)


_JOINED = re.compile(r"(?<=[-<>,'`?!])(?=[-<>,'`])")


def escape(text: str) -> str:
    """The text as TeX prints it."""
    return text.translate(_SPECIAL)


def spelled(text: str) -> str:
    """The text letter for letter: no -- is drawn as a dash, no << as a quotation mark."""
    return _JOINED.sub("{}", escape(text))
