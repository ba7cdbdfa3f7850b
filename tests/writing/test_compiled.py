"""Compiled statements are kept, and made anew where they are spoilt, old, or have no room."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import jinja2
import pytest

from penwork import kept
from penwork.writing import compiled as compiled_
from penwork.writing.compiled import compiled

TEXT = "{{ a }} and {{ b }}"


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setattr("platformdirs.user_cache_path", lambda *a, **k: folder)
    return folder / "statements"


def said(text: str = TEXT) -> str:
    return compiled(jinja2.Environment(), text).render(a=1, b=2)


def never(*_: object) -> NoReturn:
    raise AssertionError("it was compiled again")


def test_a_text_is_compiled_once(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert said() == "1 and 2"
    monkeypatch.setattr(jinja2.Environment, "compile", never)
    assert said() == "1 and 2"
    with pytest.raises(AssertionError, match="again"):
        said("{{ a }} or {{ b }}")


@pytest.mark.parametrize("at", [0, 15, 16, 40, -1])
def test_a_spoilt_file_is_written_anew(shelf: Path, at: int) -> None:
    said()
    [file] = shelf.iterdir()
    whole = file.read_bytes()
    spoilt = bytearray(whole)
    spoilt[at] ^= 1
    for wrong in (bytes(spoilt), whole[:at], b""):
        file.write_bytes(wrong)
        assert said() == "1 and 2"
        assert file.read_bytes() == whole


def test_another_jinja_compiles_for_itself(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said()
    compiled_._makers.cache_clear()
    monkeypatch.setattr("jinja2.__version__", "0.1")
    said()
    compiled_._makers.cache_clear()
    assert len(list(shelf.iterdir())) == 2


def test_no_room(shelf: Path) -> None:
    shelf.parent.write_text("a file where the folder should be")
    assert said() == "1 and 2"


def test_they_do_not_pile_up(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST", 2)
    for number in range(4):
        said(f"{TEXT} {number}")
    assert len(list(shelf.iterdir())) == 2


def test_a_full_disk_leaves_no_piece(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> NoReturn:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    kept.keep("statements", "a", b"text")
    assert not list(shelf.iterdir())
