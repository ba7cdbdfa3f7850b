"""What a small exam was when it was last looked at; refreshes with `make golden`."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

import goldens
from penwork.press.exams.files import page_contents
from press.exams import small

GOLDEN = Path(__file__).with_name("golden_exam.json")
VOLATILE = ("penwork", "engine", "inputs", "files")

quick = pytest.fixture(small.quick, autouse=True, scope="module")


def said(folder: Path) -> dict[str, str]:
    """A digest of every file: of sources and answers as they are, of PDFs what their pages say."""
    found = {}
    for name, content in small.contents(folder).items():
        if name.endswith(".pdf"):
            content = b"\f".join(page_contents(content))
        if name == "manifest.json":
            claims = json.loads(content)
            papers = [{**p, "files": sorted(p["files"])} for p in claims["papers"]]
            steady = {k: v for k, v in claims.items() if k not in VOLATILE} | {"papers": papers}
            content = json.dumps(steady).encode()
        found[name] = hashlib.blake2b(content, digest_size=16).hexdigest()
    return found


def test_golden_exam(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    assert small.made(folder, keep_tex=True).failures == []
    engine = json.loads((folder / "manifest.json").read_bytes())["engine"]
    found = {"engine": engine, "files": said(folder)}
    if goldens.WRITING:
        GOLDEN.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    known = json.loads(GOLDEN.read_text(encoding="utf-8"))
    if engine != known["engine"]:
        pytest.skip(f"the golden exam is by {known['engine']}")
    assert found == known, "the exam changed: look at it, then `make golden`"
