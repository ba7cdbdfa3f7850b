"""Text that reaches TeX is escaped here, character by character."""

from __future__ import annotations

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


def escape(text: str) -> str:
    """The text as TeX prints it, letter for letter."""
    return text.translate(_SPECIAL)
