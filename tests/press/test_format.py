"""The format that TeX loads: kept in the user's cache, made again where it is broken."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from penwork.press.format import MOST
from penwork.press.sheet import print_sheet
from press.samples import sheet


@pytest.fixture
def private_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    cache = tmp_path / "cache"
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *a, **k: str(cache))
    yield cache


def test_a_broken_format_is_made_again(tmp_path: Path, private_cache: Path) -> None:
    first = print_sheet(sheet(1), tmp_path / "one")
    (dumped,) = private_cache.iterdir()
    dumped.write_bytes(dumped.read_bytes()[:1000])
    second = print_sheet(sheet(1), tmp_path / "two")
    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in second]


def test_old_formats_do_not_pile_up(tmp_path: Path, private_cache: Path) -> None:
    private_cache.mkdir()
    for number in range(MOST + 2):
        old = private_cache / f"{number}.fmt"
        old.write_bytes(b"")
        os.utime(old, (number, number))
    print_sheet(sheet(1), tmp_path / "one")
    there = {file.name for file in private_cache.iterdir()}
    assert len(there) == MOST and {"0.fmt", "1.fmt", "2.fmt"}.isdisjoint(there)


def test_no_cache_is_no_matter(tmp_path: Path, private_cache: Path) -> None:
    private_cache.write_text("a file where a folder should be")
    other = print_sheet(sheet(1), tmp_path / "other")
    assert all(path.stat().st_size for path in other)


def test_a_format_is_kept_unpacked_and_taken_packed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *a, **k: str(tmp_path / "cache"))
    unpacked = [p.read_bytes() for p in print_sheet(sheet(1), tmp_path / "one")]
    [dumped] = (tmp_path / "cache").glob("*.fmt")
    content = dumped.read_bytes()
    assert not content.startswith(b"\x1f\x8b")
    dumped.write_bytes(gzip.compress(content, 1))
    assert [p.read_bytes() for p in print_sheet(sheet(1), tmp_path / "two")] == unpacked
