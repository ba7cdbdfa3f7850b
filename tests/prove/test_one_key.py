"""One key alone: made again from its attachment, page by page."""

from __future__ import annotations

from pathlib import Path

import pytest

from penwork.prove.verify.keys import verify_key
from press.exams import small
from prove.test_verify import Change, digit_of_attachment, key, page_of_key, version_of_attachment


def test_one_key_of_another_version(copy: Path) -> None:
    version_of_attachment(copy)
    told = [str(fault) for fault in verify_key(key(copy), small.catalogue()).faults]
    wrong = f"attachment, version: claimed 9, right is {small.VERSION}"
    assert any(wrong in each for each in told), told


def test_one_key_alone(finished: Path) -> None:
    found = verify_key(key(finished), small.catalogue())
    assert found.sound and found.answers == 6


@pytest.mark.parametrize("change", [digit_of_attachment, page_of_key])
def test_one_changed_key_alone(copy: Path, change: Change) -> None:
    change(copy)
    told = [str(fault) for fault in verify_key(key(copy), small.catalogue()).faults]
    assert any("page 1" in each or "right is 3/5" in each for each in told), told
