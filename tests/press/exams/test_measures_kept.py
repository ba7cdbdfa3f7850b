"""What was measured of a slot is measured once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from penwork.compose.exams.spec import read_spec
from penwork.press import sheet
from penwork.press.exams import measure
from penwork.press.exams.measure import Probe, probed
from penwork.press.exams.medium import Medium
from penwork.press.exams.setting import exam_of
from press.exams.small import SPEC, catalogue


@pytest.fixture
def set_by_tex(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """An empty cache, and what TeX had to set since."""
    monkeypatch.setattr("platformdirs.user_cache_path", lambda *a, **k: tmp_path)
    compiled: list[str] = []

    def compile_documents(engine: Path, documents: Any) -> Any:
        compiled.extend(document.source for document in documents)
        return real(engine, documents)

    real = sheet.compile_documents
    monkeypatch.setattr(measure, "compile_documents", compile_documents)
    return compiled


def test_measures_are_kept(set_by_tex: list[str], tmp_path: Path) -> None:
    spec = tmp_path / "spec.toml"
    spec.write_text(SPEC, encoding="utf-8")
    exam = exam_of(read_spec(spec, catalogue()), catalogue())
    probe = Probe(exam, 1, (Medium("a4"),))
    first = probed(catalogue(), probe)
    assert first.sources == {}
    assert probed(catalogue(), probe) == first and len(set_by_tex) == 1
    large = probed(catalogue(), replace(probe, media=(Medium("a4", large=True),)))
    assert large != first and len(set_by_tex) == 2
    probed(catalogue(), replace(probe, slot=0))
    assert len(set_by_tex) == 3
    [*files] = (tmp_path / "measures").iterdir()
    assert len(files) == 3
    for file in files:
        file.write_text("[1")
    assert probed(catalogue(), probe) == first and len(set_by_tex) == 4
    kept = probed(catalogue(), replace(probe, keep_tex=True))
    assert kept.measured == first.measured and len(set_by_tex) == 5
    assert kept.sources == {"probes-2-usual": set_by_tex[-1]}
