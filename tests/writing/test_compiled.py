"""Compiled statements are kept, and made anew where they are spoilt, old, or have no room."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NoReturn

import jinja2
import pytest

from penwork.writing.compiled import _makers, compiled

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


@pytest.mark.parametrize("wrong", ["", "null", "[1, 2]", '["", ""]', '["", "=A"]', '{"a": 1}'])
def test_another_file_is_written_anew(shelf: Path, wrong: str) -> None:
    said()
    [file] = shelf.iterdir()
    whole = file.read_text()
    file.write_text(wrong)
    assert said() == "1 and 2"
    assert file.read_text() == whole


def test_code_without_its_digest_is_not_run(shelf: Path) -> None:
    said("other words")
    [other] = shelf.iterdir()
    _, code = json.loads(other.read_bytes())
    other.unlink()
    said()
    [file] = shelf.iterdir()
    whole = file.read_bytes()
    file.write_text(json.dumps([json.loads(whole)[0], code]))
    assert said() == "1 and 2"
    assert file.read_bytes() == whole


def test_another_jinja_compiles_for_itself(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said()
    _makers.cache_clear()
    monkeypatch.setattr("jinja2.__version__", "0.1")
    said()
    _makers.cache_clear()
    assert len(list(shelf.iterdir())) == 2


def test_no_room(shelf: Path) -> None:
    shelf.parent.write_text("a file where the folder should be")
    assert said() == "1 and 2"
