"""A copy of the toy template with one change."""

from __future__ import annotations

from pathlib import Path

from ran import TOYS

LINE = (TOYS / "toy" / "line.py").read_text(encoding="utf-8")
STATEMENT = (TOYS / "toy" / "line.tex.j2").read_text(encoding="utf-8")


def put(folder: Path, old: str = "", new: str = "", statement: str = STATEMENT) -> None:
    """The toy line as odd/line in `folder`, with `new` in place of `old`."""
    assert old in LINE
    path = folder / "odd" / "line.py"
    path.parent.mkdir(parents=True)
    path.write_text(LINE.replace(old, new) if old else LINE, encoding="utf-8")
    path.with_suffix(".tex.j2").write_text(statement, encoding="utf-8")
