"""One problem alone in an exam, measured and set as its papers have it."""

from __future__ import annotations

import ctypes
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium

from penwork.compose.exams.layout import Layout, Measured, lay_out
from penwork.compose.exams.plan import Paper
from penwork.compose.exams.roster import Student
from penwork.compose.exams.spec import read_spec
from penwork.model import Instance
from penwork.press.engine import Document, Pages, find_engine
from penwork.press.exams.measure import measure_fixed
from penwork.press.exams.medium import Medium
from penwork.press.exams.setting import exam_of
from penwork.press.exams.sources import Exam, Script, papers_source, probes_source
from penwork.press.sheet import compile_documents
from press.exams.small import SPEC, catalogue


@dataclass(frozen=True, slots=True)
class Letter:
    """A printed letter, how large it is and where it begins, in TeX points from the lower left."""

    sign: str
    size: float
    x: float
    y: float


@cache
def whole_exam() -> Exam:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "spec.toml"
        file.write_text(SPEC, encoding="utf-8")
        return exam_of(read_spec(file, catalogue()), catalogue())


def exam_with(problem: Instance) -> Exam:
    """The first problem only, with that one's parts."""
    whole, parts = whole_exam(), problem.parts
    marks, asks = tuple(p.marks for p in parts), tuple(p.asks for p in parts)
    slot = replace(whole.slots[0], marks=marks, asks=asks, title=problem.title)
    return replace(whole, slots=(slot,), places=whole.places[:1])


def typeset(name: str, source: str) -> Pages:
    [pages] = compile_documents(find_engine(), [Document(name, source)])
    return pages


def printed(medium: Medium, problem: Instance) -> tuple[Layout, bytes]:
    """The layout, and the paper behind its page of letters; nothing is too wide or too high."""
    exam = exam_with(problem)
    probes = typeset("probes", probes_source(exam, medium, 0, [problem]))
    task, *blocks = (size.height for size in probes.sizes)
    fixed, _ = measure_fixed(exam, medium)
    layout = lay_out(exam.places, exam.slots, [Measured(task, 0.0, 1.0, tuple(blocks))], fixed)
    paper = Paper("ABCDEFG", Student("1", "Ada"), 1, "", "", (0,), None)
    pages = typeset("papers", papers_source(exam, medium, layout, [Script(paper, (problem,))]))
    assert max(size.beyond for size in probes.sizes) <= 0 and pages.overfull == ()
    return layout, pages.pdf


def texts(pdf: bytes) -> list[str]:
    """What stands on each page."""
    with closing(pypdfium2.PdfDocument(pdf)) as document:
        return [" ".join(page.get_textpage().get_text_range().split()) for page in document]


def letters(pdf: bytes) -> list[Sequence[Letter]]:
    """The letters of each page, without its spaces."""
    with closing(pypdfium2.PdfDocument(pdf)) as document:
        return [tuple(_letters(page.get_textpage())) for page in document]


def _letters(page: pypdfium2.PdfTextPage) -> Iterator[Letter]:
    matrix, points = pdfium.FS_MATRIX(), 72.27 / 72
    for k in range(page.count_chars()):
        sign = chr(pdfium.FPDFText_GetUnicode(page.raw, k))
        if sign.isspace() or pdfium.FPDFText_IsGenerated(page.raw, k):
            continue
        pdfium.FPDFText_GetMatrix(page.raw, k, ctypes.byref(matrix))
        scale = abs(matrix.a * matrix.d - matrix.b * matrix.c) ** 0.5
        size = pdfium.FPDFText_GetFontSize(page.raw, k) * scale
        yield Letter(sign, round(size * points, 1), matrix.e * points, matrix.f * points)
