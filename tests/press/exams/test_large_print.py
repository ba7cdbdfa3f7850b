"""Large print: a narrow page whose text is ragged and whose boxes stand below."""

from __future__ import annotations

from pathlib import Path

import pytest

from penwork.compose.exams.spec import read_spec
from penwork.model import Part
from penwork.press.engine import Document, find_engine
from penwork.press.exams.medium import Medium
from penwork.press.exams.setting import exam_of
from penwork.press.exams.sources import probes_source
from penwork.press.sheet import compile_documents
from penwork.press.strip import in_rows
from press.exams.small import SPEC, catalogue
from press.pieces import instance

LARGE = Medium("a4", large=True, sans=True)


def test_a_vector_may_stand_anywhere_in_a_line(tmp_path: Path) -> None:
    """Words stretched to the margin would leave no place to break before it."""
    spec = tmp_path / "spec.toml"
    spec.write_text(SPEC, encoding="utf-8")
    exam = exam_of(read_spec(spec, catalogue()), catalogue())
    vector = r"$\mathbf z=\pmx{10 & 11 & 9 & 12}$"
    told = [f"{'So ' * k}the logits {vector}. It takes their softmax and more." for k in range(24)]
    parts = tuple(Part("a", "Find it.", (), 1, marks) for marks in exam.slots[0].marks)
    tasks = [instance("a/b", "One", statement=text, parts=parts) for text in told]
    source = probes_source(exam, LARGE, 0, tasks)
    [pages] = compile_documents(find_engine(), [Document("probes", source)])
    assert pages.overfull == ()


@pytest.mark.parametrize(
    ("cells", "most", "rows"), [(9, 10, [9]), (10, 10, [10]), (11, 10, [6, 5]), (21, 10, [7, 7, 7])]
)
def test_the_points_table_has_rows_of_like_length(cells: int, most: int, rows: list[int]) -> None:
    assert [len(row) for row in in_rows(range(cells), most)] == rows
