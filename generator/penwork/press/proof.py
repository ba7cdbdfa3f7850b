"""A contact sheet: many instances of one template on a page or two."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from penwork import __version__
from penwork.compose.sheet import Numbered
from penwork.model import Instance
from penwork.press import lines
from penwork.press.engine import Document, find_engine
from penwork.press.render import environment, pdf_text, solution, task
from penwork.press.sheet import check_folder, compile_documents, write_all

_GEOMETRY = "paperwidth=210mm,paperheight=297mm,textwidth=190mm,top=10mm,bottom=20mm,hcentering"


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
    pages = compile_documents(pdflatex, [Document("proof", proof_source(instances, solutions))])
    write_all({file: pages[0].pdf})
    return pages[0].count


def proof_source(instances: Sequence[Instance], solutions: bool) -> str:
    """Its TeX: two columns where there are solutions or pictures, else three."""
    first = instances[0]
    problems = [Numbered(number, instance, 0) for number, instance in enumerate(instances, 1)]
    cells = [_cell(problem, solutions) for problem in problems]
    wide = solutions or any(cell["task"]["figures"] for cell in cells)
    return (
        environment()
        .get_template("proof.tex.j2")
        .render(
            geometry=_GEOMETRY,
            pdf_title=pdf_text(f"{first.title}: proof"),
            pdf_subject=pdf_text("Contact sheet"),
            codes=[],
            version=__version__,
            seed=f"{first.seed} to {instances[-1].seed}",
            title=first.title,
            subtitle=f"{first.id} v{first.version}, draws {first.draws}",
            columns=2 if wide else 3,
            cells=cells,
        )
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
