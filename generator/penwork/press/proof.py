"""A contact sheet: many instances of one template on a page or two."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf

from penwork import __version__
from penwork.compose.sheet import Numbered
from penwork.model import Instance
from penwork.press import lines
from penwork.press.engine import Document, Pages, find_engine
from penwork.press.render import environment, pdf_text, solution, task
from penwork.press.sheet import check_folder, compile_documents, write_all

WIDTH, HEIGHT = 841.89, 595.276  # A4 on its side, in bp
SMALLER = 0.74  # set large, then scaled: type of 7 pt is printed at 5.2
COLUMNS, COLUMNS_WITH_SOLUTIONS = (6, 5, 4), (4, 3)


def print_proof(
    instances: Sequence[Instance],
    file: Path,
    *,
    solutions: bool = False,
    engine: str | Path | None = None,
) -> int:
    """Write the contact sheet of these instances; returns its pages."""
    pdflatex = find_engine(engine)
    check_folder(file.parent)
    cells = [
        _cell(Numbered(number, instance, 0), solutions)
        for number, instance in enumerate(instances, 1)
    ]
    choices = COLUMNS_WITH_SOLUTIONS if solutions else COLUMNS
    documents = [
        Document(
            f"proof-{columns}", proof_source(instances, cells, columns, columns == choices[-1])
        )
        for columns in choices
    ]
    best = min(compile_documents(pdflatex, documents), key=_badness)
    write_all({file: _scaled(best.pdf)})
    return best.count


def _badness(pages: Pages) -> tuple[float, int]:
    """How far the widest line stands out of its column, then how many pages there are."""
    return max((box.points for box in pages.overfull if box.what == "wide"), default=0), pages.count


def _scaled(pdf: bytes) -> bytes:
    """The same pages, smaller."""
    with pikepdf.open(BytesIO(pdf)) as document:
        for page in document.pages:
            page.contents_add(f"q {SMALLER} 0 0 {SMALLER} 0 0 cm\n".encode(), prepend=True)
            page.contents_add(b"\nQ")
            page.mediabox = pikepdf.Array([0, 0, WIDTH, HEIGHT])
        out = BytesIO()
        document.save(out, deterministic_id=True)
        return out.getvalue()


def proof_source(
    instances: Sequence[Instance], cells: Sequence[dict[str, Any]], columns: int, narrowest: bool
) -> str:
    """Its TeX, in so many columns."""
    first = instances[0]
    return (
        environment()
        .get_template("proof.tex.j2")
        .render(
            geometry=_geometry(),
            pdf_title=pdf_text(f"{first.title}: proof"),
            pdf_subject=pdf_text("Contact sheet"),
            codes=[],
            version=__version__,
            seed=f"{first.seed} to {instances[-1].seed}",
            title=first.title,
            subtitle=f"{first.id} v{first.version}, draws {first.draws}",
            columns=columns,
            narrowest=narrowest,
            cells=cells,
        )
    )


def _geometry() -> str:
    """The page before it is made smaller."""
    width, height = (side / SMALLER for side in (WIDTH, HEIGHT))
    return (
        f"paperwidth={width:.2f}bp,paperheight={height:.2f}bp,hmargin=10mm,"
        "top=10mm,bottom=17mm,footskip=9mm"
    )


def _cell(problem: Numbered, solutions: bool) -> dict[str, Any]:
    instance = problem.instance
    context = task(problem)
    return {
        "mark": context["mark"],
        "level": instance.level,
        "seed": instance.seed,
        "attempt": instance.attempt,
        "effort": f"{float(instance.effort):.0f}",
        "task": context,
        "parts": [
            {
                "letter": part.letter,
                "text": part.text,
                "marks": part.marks,
                "answers": lines.handed_in([instance.answers[name] for name in part.asks]),
            }
            for part in instance.parts
        ],
        "problem": solution(problem, False, False) if solutions else None,
    }
