"""Text files that somebody names: limited in size before any work, UTF-8, told by line."""

from __future__ import annotations

import codecs
from pathlib import Path

from penwork.errors import UserError

MEGABYTE = 1_000_000


def read_text(path: Path, *, most: int, mend: str, short: str = "Is it the right file?") -> str:
    """The text of a file of at most `most` bytes: UTF-8, or UTF-16 with its mark.

    `mend` says which argument named the file, `short` why a larger one is none. Every mistake is
    a UserError.
    """
    try:
        with path.open("rb") as file:
            content = file.read(most + 1)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UserError(f"The file {path} cannot be read: {reason}.", mend) from None
    if len(content) > most:
        size = f"{most // MEGABYTE} MB" if most >= MEGABYTE else f"{most // 1000} kB"
        raise UserError(f"{path.name} is larger than {size}.", short)
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UserError(
            f"{path.name}: line {line} is not UTF-8 text.",
            'Save it as UTF-8 (a spreadsheet as "CSV UTF-8"), so that no letter is misread.',
        ) from None
