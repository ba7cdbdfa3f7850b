"""Two PDFs from a sheet: their bytes, what they carry, and what happens when they fail."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pikepdf
import pypdfium2
import pytest

from penwork.compose.sheet import Numbered, Sheet
from penwork.errors import PressError, UserError
from penwork.model import Box
from penwork.press.sheet import check_folder, print_sheet, write_all
from press.samples import gradient_descent, sheet

ROOT = Path(__file__).parents[2]
SPECIALS = r"\input{/etc/passwd} %d $x$ ~ ^ # & _ {} -- <a> ?"


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("printed")
    return print_sheet(
        sheet(3, title=SPECIALS), folder, attachments={"key.json": b'{"a": 1}'}, keep_tex=True
    )


def _text(path: Path) -> str:
    document = pypdfium2.PdfDocument(path)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


def _pages(path: Path) -> int:
    with pikepdf.open(path) as pdf:
        return len(pdf.pages)


def test_there_are_two_documents(printed: list[Path]) -> None:
    assert [path.name for path in printed] == ["worksheet.pdf", "key.pdf"]
    assert sorted(path.name for path in printed[0].parent.glob("*.pdf")) == [
        "key.pdf",
        "worksheet.pdf",
    ]


def test_the_title_prints_as_itself(printed: list[Path]) -> None:
    for path, said in zip(printed, (SPECIALS, f"{SPECIALS}: key"), strict=True):
        with pikepdf.open(path) as pdf:
            assert str(pdf.docinfo["/Title"]) == said
    text = _text(printed[0])
    for piece in (r"\input{/etc/passwd}", "%d", "$x$", "~", "#", "&", "_", "<a>"):
        assert piece in text
    assert "root:" not in text


def test_the_pdf_says_what_it_is(printed: list[Path]) -> None:
    for path in printed:
        with pikepdf.open(path) as pdf:
            assert str(pdf.Root.Lang) == "en"
            assert str(pdf.docinfo["/Author"]) == "penwork"
            assert "/CreationDate" not in pdf.docinfo


def test_only_the_key_carries_answers(printed: list[Path]) -> None:
    worksheet, key = printed
    with pikepdf.open(key) as pdf:
        assert pdf.attachments["key.json"].get_file().read_bytes() == b'{"a": 1}'
    with pikepdf.open(worksheet) as pdf:
        assert not pdf.attachments
    assert "5.8" in _text(key)
    assert "5.8" not in _text(worksheet)


def test_fonts_are_embedded(printed: list[Path]) -> None:
    for path in printed:
        with pikepdf.open(path) as pdf:
            fonts = [
                item
                for item in pdf.objects
                if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/FontDescriptor"
            ]
            assert fonts
            assert all("/FontFile" in font for font in fonts)


def test_text_copies_sensibly(printed: list[Path]) -> None:
    text = _text(printed[0])
    assert "A thermostat predicts" in text
    assert "Score" in text
    assert f"1 of {_pages(printed[0])}" in " ".join(text.split())
    assert "checked by independent routes: 42 values, 21 equations" in _text(printed[1])


def test_kept_sources_are_complete(printed: list[Path]) -> None:
    source = (printed[0].parent / "tex" / "worksheet.tex").read_text("utf-8")
    assert source.lstrip().startswith(r"\documentclass")
    assert source.rstrip().endswith(r"\end{document}")


@pytest.mark.parametrize(("paper", "size"), [("a4", (595, 842)), ("letter", (612, 792))])
def test_papers(tmp_path: Path, paper: str, size: tuple[int, int]) -> None:
    made = print_sheet(sheet(3, paper=paper), tmp_path)  # type: ignore[arg-type]
    for path in made:
        with pikepdf.open(path) as pdf:
            box = [float(x) for x in pdf.pages[0].mediabox]
            assert (round(box[2]), round(box[3])) == size


def test_many_problems(tmp_path: Path) -> None:
    worksheet, key = print_sheet(sheet(31, space="compact"), tmp_path)
    assert 10 <= _pages(worksheet) <= 40
    assert _pages(key) >= 8
    assert f"1 of {_pages(worksheet)}" in " ".join(_text(worksheet).split())


def test_without_squares_a_problem_stays_on_its_page(tmp_path: Path) -> None:
    worksheet, _ = print_sheet(sheet(9, space="none"), tmp_path)
    document = pypdfium2.PdfDocument(worksheet)
    pages = [page.get_textpage().get_text_range() for page in document]
    document.close()
    assert sum(text.count("about ") for text in pages) == 9
    for text in pages[1:]:
        assert "about " in text.splitlines()[0], text[:200]


def test_a_problem_as_high_as_a_page_is_not_cut(tmp_path: Path) -> None:
    """Its squares may go on overleaf; its text may not."""
    short = sheet(2)
    high = short.problems[1].instance
    text = high.statement + r"\par\vskip90mm The end of it."
    problems = (short.problems[0], Numbered(2, replace(high, statement=text), 30))
    worksheet, _ = print_sheet(replace(short, problems=problems), tmp_path)
    document = pypdfium2.PdfDocument(worksheet)
    pages = [page.get_textpage().get_text_range() for page in document]
    document.close()
    assert "about " in pages[1].splitlines()[0]
    assert "The end of it." in pages[1]


@pytest.mark.parametrize("gap", (140, 150))
def test_the_first_problem_stands_under_the_head(gap: int, tmp_path: Path) -> None:
    """For want of room its squares go overleaf, and it does not go with them."""
    one = gradient_descent()
    high = replace(one, statement=one.statement + rf"\par\vskip{gap}mm The end of it.")
    made = replace(sheet(1), problems=(Numbered(1, high, 40),))
    worksheet, _ = print_sheet(made, tmp_path)
    document = pypdfium2.PdfDocument(worksheet)
    assert "The end of it." in document[0].get_textpage().get_text_range()
    document.close()


@pytest.mark.parametrize("lines", (55, 56, 57, 58))  # from a page nearly full to one full
def test_the_last_page_says_so_however_full(lines: int, tmp_path: Path) -> None:
    insight = r"\\".join(f"Line {k}." for k in range(lines))
    full = Numbered(1, replace(gradient_descent(), insight=insight), 0)
    _, key = print_sheet(replace(sheet(1), problems=(full,)), tmp_path)
    document = pypdfium2.PdfDocument(key)
    *before, last = (page.get_textpage().get_text_range() for page in document)
    document.close()
    assert "end" in last.split() and "continues" not in last
    assert all("continues on page" in page for page in before)


@pytest.mark.parametrize("slips", (90, 91, 92))  # one more than fit, with the insight below
def test_the_last_slip_is_not_alone_overleaf(slips: int, tmp_path: Path) -> None:
    one = gradient_descent()
    many = tuple(replace(one.slips[0], name="went wrong", belief="why") for _ in range(slips))
    full = Numbered(1, replace(one, slips=many), 0)
    _, key = print_sheet(replace(sheet(1), problems=(full,)), tmp_path)
    document = pypdfium2.PdfDocument(key)
    first, last = (page.get_textpage().get_text_range().count("went wrong") for page in document)
    document.close()
    assert first + last == slips and last > 1


@pytest.mark.parametrize("slips", (27, 28, 29))  # their columns are cut below the first
def test_the_first_slip_is_not_alone_above_a_break(slips: int, tmp_path: Path) -> None:
    one = gradient_descent()
    many = tuple(replace(one.slips[0], name=f"wrong {k}", belief="why") for k in range(slips))
    full = Numbered(1, replace(one, slips=many, figures=()), 0)
    _, key = print_sheet(replace(sheet(1), problems=(full,)), tmp_path)
    document = pypdfium2.PdfDocument(key)
    page = document[0].get_textpage()
    text = page.get_text_range()
    first, second = (page.get_charbox(text.index(f"wrong {k}"))[0] for k in range(2))
    document.close()
    assert abs(first - second) < 1


def test_rows_of_answer_boxes_are_about_equally_long(tmp_path: Path) -> None:
    one = gradient_descent()
    boxes = tuple(Box(f"Q{k}", ()) for k in range(7))
    first = replace(one.parts[0], text="Fill in.")
    answers = {**one.answers, "weights": replace(one.answers["weights"], boxes=boxes)}
    alone = Numbered(1, replace(one, parts=(first,), answers=answers), 0)
    worksheet, _ = print_sheet(replace(sheet(1), problems=(alone,)), tmp_path)
    document = pypdfium2.PdfDocument(worksheet)
    page = document[0].get_textpage()
    at = page.get_text_range().index("Q0")
    found = page.get_text_range()
    heights = Counter(round(page.get_charbox(found.index(f"Q{k}", at))[1]) for k in range(7))
    document.close()
    assert sorted(heights.values()) == [3, 4]


def test_fractions_in_a_column_stand_apart(tmp_path: Path) -> None:
    column = r"$\pmx{\frac{1}{\mathbf Q} \\ \frac{\mathbf X}{2}}$"
    alone = Numbered(1, replace(gradient_descent(), statement=column), 0)
    worksheet, _ = print_sheet(replace(sheet(1), problems=(alone,)), tmp_path)
    document = pypdfium2.PdfDocument(worksheet)
    page = document[0].get_textpage()
    text = page.get_text_range()
    (_, bottom, *_), (*_, top) = (page.get_charbox(text.index(letter)) for letter in "QX")
    document.close()
    assert bottom - top > 4


def test_answers_only_is_short(tmp_path: Path) -> None:
    whole = _pages(print_sheet(sheet(12), tmp_path / "whole")[1])
    short = print_sheet(sheet(12, answers_only=True), tmp_path / "short")[1]
    assert _pages(short) < whole
    assert "If you got" not in _text(short)


PRINT = """
import sys
from pathlib import Path
from penwork.press.sheet import print_sheet
from press.samples import sheet
print_sheet(sheet(3), Path(sys.argv[1]), attachments={"key.json": b"{}"})
"""


def test_bytes_do_not_depend_on_where_or_when(tmp_path: Path) -> None:
    made = []
    for number, (seed, zone) in enumerate((("1", "UTC"), ("77", "Asia/Tokyo"))):
        folder = tmp_path / f"folder {number} é"
        subprocess.run(
            [sys.executable, "-c", PRINT, str(folder)],
            check=True,
            env={
                **os.environ,
                "PYTHONHASHSEED": seed,
                "TZ": zone,
                "PYTHONUTF8": "1",
                "PYTHONPATH": os.pathsep.join((str(ROOT / "generator"), str(ROOT / "tests"))),
            },
            cwd=tmp_path,
        )
        made.append([(folder / f"{name}.pdf").read_bytes() for name in ("worksheet", "key")])
    assert made[0] == made[1]


def _with_statement(statement: str) -> Sheet:
    made = sheet(3)
    broken = replace(gradient_descent(), statement=statement, seed=4711)
    first, second, third = made.problems
    return replace(made, problems=(first, Numbered(2, broken, second.room), third))


def test_a_wide_line_fails_with_its_problem(tmp_path: Path) -> None:
    with pytest.raises(PressError, match="too wide") as caught:
        print_sheet(_with_statement(r"\hbox{\kern200mm}"), tmp_path)
    said = str(caught.value)
    assert "penwork show forward_backward/gradient_descent --seed 4711 --level 3" in said
    assert not list(tmp_path.iterdir())


def test_a_tex_error_names_its_problem(tmp_path: Path) -> None:
    (tmp_path / "key.pdf").write_bytes(b"old")
    with pytest.raises(PressError, match=r"--seed 4711 --level 3.*undefined macro .nonsense"):
        print_sheet(_with_statement(r"\nonsense"), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["key.pdf"]
    assert (tmp_path / "key.pdf").read_bytes() == b"old"


@pytest.mark.parametrize("text", [r"\input{/etc/passwd}", r"\immediate\write18{echo}\input|ls "])
def test_tex_reads_no_file_of_the_machine(tmp_path: Path, text: str) -> None:
    with pytest.raises(PressError):
        print_sheet(_with_statement(text), tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_wide_step_takes_the_full_width(tmp_path: Path) -> None:
    made = sheet(1)
    problem = made.problems[0]
    step = problem.instance.steps[0]
    line = step.lines[0]._replace(chain=(("=", r"\hbox to120mm{wide\hfil line}"),))
    steps = (replace(step, lines=(line,)), *problem.instance.steps[1:])
    wide = replace(problem.instance, steps=steps)
    print_sheet(replace(made, problems=(replace(problem, instance=wide),)), tmp_path)


@pytest.mark.parametrize(("squeezes", "wide"), [(".12", False), (".01", True)])
def test_a_line_that_can_be_squeezed_is_not_wide(tmp_path: Path, squeezes: str, wide: bool) -> None:
    made = sheet(1)
    problem = made.problems[0]
    step = problem.instance.steps[0]
    most = r"\ifdim\hsize>120mm .5\else.88\fi\hsize"
    text = rf"\hbox to{most}{{x\hfil}}\hskip.12\hsize minus{squeezes}\hsize x"
    steps = (
        replace(step, lines=(step.lines[0]._replace(lhs="w", chain=(("=", text),)),)),
        *problem.instance.steps[1:],
    )
    squeezed = replace(problem, instance=replace(problem.instance, steps=steps))
    *_, key = print_sheet(replace(made, problems=(squeezed,)), tmp_path)
    page = pypdfium2.PdfDocument(key)[0]
    words = page.get_textpage()
    title = words.search(problem.instance.title).get_next()
    assert title is not None
    points = words.get_charbox(sum(title) + 1)
    assert (points[0] > page.get_width() / 2) == wide


def test_a_wide_figure_takes_the_full_width(tmp_path: Path) -> None:
    made = sheet(3)
    problem = made.problems[0]
    slips = (replace(problem.instance.slips[0], belief=r"\hbox{\kern130mm}"),)
    wide = replace(problem.instance, slips=slips)
    print_sheet(
        replace(made, problems=(replace(problem, instance=wide), *made.problems[1:])), tmp_path
    )


@pytest.mark.parametrize("name", ["no/such/pdflatex", ""])
def test_a_bad_engine_is_a_users_error(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("penwork.press.engine._embedded", lambda: None)
    monkeypatch.delenv("PENWORK_PDFLATEX", raising=False)
    with pytest.raises(UserError):
        print_sheet(sheet(1), tmp_path, engine=name or None)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be written"):
        print_sheet(sheet(1), tmp_path / "file")


def test_a_folder_is_tried_and_not_left(tmp_path: Path) -> None:
    check_folder(tmp_path / "new" / "deep")
    assert not list(tmp_path.iterdir())
    (tmp_path / "there").mkdir()
    check_folder(tmp_path / "there")
    assert [each.name for each in tmp_path.iterdir()] == ["there"]


def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rename = Path.replace

    def fails(self: Path, target: Path) -> Path:
        if target.name == "b.pdf":
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "replace", fails)
    new = tmp_path / "new"
    for files in (["b.pdf"], ["a.pdf", "b.pdf"], ["deep/a.pdf", "b.pdf"]):
        with pytest.raises(UserError, match="no space left"):
            write_all({new / name: b"1" for name in files})
        assert not list(tmp_path.iterdir())
    new.mkdir()
    (new / "a.pdf").write_bytes(b"0")
    with pytest.raises(UserError, match="no space left"):
        write_all({new / "a.pdf": b"1", new / "b.pdf": b"2"})
    assert [each.name for each in new.iterdir()] == ["a.pdf"]


def test_a_short_key_says_how_it_was_checked(tmp_path: Path) -> None:
    _, key = print_sheet(sheet(2, answers_only=True), tmp_path)
    assert "Checked by: pairwise odds" in _text(key)


def test_long_titles_wrap_and_long_words_are_refused(tmp_path: Path) -> None:
    print_sheet(sheet(1, title="A rather long title " * 12), tmp_path)
    with pytest.raises(UserError, match="more than 35 letters"):
        print_sheet(sheet(1, title="x" * 36), tmp_path)


def test_progress_ends_at_all(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    print_sheet(sheet(1), tmp_path, progress=lambda done, of: seen.append((done, of)))
    assert seen[-1] == (2, 2)
