"""User text as TeX that prints it: which letters the fonts have, and where."""

from __future__ import annotations

from penwork.errors import UserError
from penwork.escape import spelled

_SIGNS = "–—‘’“”…€"
_LACKING = "\u00adĦħĸĿŀŉŦŧ"
# The places of Vietnamese letters in fonts of TeX's encoding T5, of those that T1 lacks.
_T5 = dict(zip("ỶỷỴỵ", range(26, 30), strict=True)) | dict(
    zip(
        "ÀÁÃẢẠÂẦẤẪẨẬĂẰẮẴẲẶÈÉẼẺẸÊỀẾỄỂỆÌÍĨỈàáãảạâầấẫẩậăằắẵẳặèéẽẻẹêềếễểệìíĩỉ"
        "ỊÒÓÕỎỌÔỒỐỖỔỘƠỜỚỠỞỢÙÚŨỦỤƯỪỨỮỬỰỲÝỸịòóõỏọôồốỗổộơờớỡởợùúũủụưừứữửựỳýỹ",
        range(128, 256),
        strict=True,
    )
)


def _in_t1(character: str) -> bool:
    latin = " " <= character <= "~" or "¡" <= character <= "ž" or character in _SIGNS
    return latin and character not in _LACKING


_ELSEWHERE = str.maketrans(
    {letter: rf"\pmviet{{{at}}}" for letter, at in _T5.items() if not _in_t1(letter)}
)


def plain(text: str) -> str:
    """User text as TeX that prints it and does nothing else.

    Raises UserError where the fonts lack a letter.
    """
    for character in text:
        if not _in_t1(character) and ord(character) not in _ELSEWHERE:
            raise UserError(
                f"The fonts have no {character!r}, which stands in {text[:60]!r}.",
                "Use Latin letters and common signs.",
            )
    return spelled(text).translate(_ELSEWHERE)
