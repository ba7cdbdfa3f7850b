"""User text is printed letter for letter, or refused."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pypdfium2
import pytest

from penwork.errors import UserError
from penwork.press.sheet import print_sheet
from press.samples import sheet


def test_a_title_that_the_fonts_lack(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="fonts have no '深'"):
        print_sheet(sheet(1, title="深層学習"), tmp_path)


def test_vietnamese_letters_are_printed_and_copied(tmp_path: Path) -> None:
    every = (
        "ẢẠẦẤẪẨẬẰẮẴẲẶẼẺẸỀẾỄỂỆỈ"
        "ảạầấẫẩậằắẵẳặẽẻẹềếễểệỉỊỎỌỒỐỖỔỘƠỜỚỠỞỢỦỤƯỪỨỮỬỰỲỸ"
        "ịỏọồốỗổộơờớỡởợủụưừứữửựỳỹỶỷỴỵ"
    )
    words = " ".join(every[at : at + 20] for at in range(0, len(every), 20))
    worksheet, _ = print_sheet(sheet(1, title=words), tmp_path)
    document = pypdfium2.PdfDocument(worksheet)
    first = "".join(document[0].get_textpage().get_text_range().split())
    document.close()
    assert every in unicodedata.normalize("NFC", first)


def test_signs_side_by_side_stay_themselves(tmp_path: Path) -> None:
    worksheet, _ = print_sheet(sheet(1, title="if x << 1 -- and y >> 2"), tmp_path)
    document = pypdfium2.PdfDocument(worksheet)
    first = document[0].get_textpage().get_text_range()
    document.close()
    assert "if x << 1 -- and y >> 2" in first
