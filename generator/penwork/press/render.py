"""Page templates filled: a sheet to the TeX source of its worksheet and its key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import jinja2

from penwork import __version__
from penwork.compose.recipe import Paper, encode
from penwork.compose.sheet import SQUARE, Numbered, Sheet
from penwork.errors import PressError, UserError
from penwork.figures import Figure, Where
from penwork.model import Answer, Instance, Part
from penwork.press import codes, lines
from penwork.press.letters import plain
from penwork.press.pictures import draw
from penwork.press.strip import strip

_SIZES: Mapping[Paper, tuple[int, str]] = {
    "a4": (170, "paperwidth=210mm,paperheight=297mm"),
    "letter": (175, "paperwidth=215.9mm,paperheight=279.4mm"),
}
_WORKSHEET_MARGINS = "top=16mm,bottom=31mm,footskip=11mm,headheight=0pt,headsep=0pt"
_KEY_MARGINS = "top=15mm,bottom=37mm,footskip=17mm,headheight=0pt,headsep=0pt"
_KEY_WIDER = 14
_LONGEST_WORD = 35


class Tex(str):
    """Text that is TeX already."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """A problem as TeX: its task for the worksheet, its solution for the key."""

    task: str
    solution: str


def pieces_of(problem: Numbered, *, answers_only: bool) -> Pieces:
    """A problem as TeX."""
    fill = environment().get_template
    return Pieces(
        fill("task.tex.j2").render(problem=task(problem)),
        fill("solution.tex.j2").render(
            problem=solution(problem, False, answers_only), answers_only=answers_only
        ),
    )


def worksheet_source(sheet: Sheet, pieces: Sequence[Pieces]) -> str:
    """The worksheet's TeX, from \\geometry on: the preamble is in the format."""
    width, paper = _SIZES[sheet.recipe.paper]
    return _page(
        "worksheet",
        sheet,
        geometry=f"{paper},textwidth={width}mm,{_WORKSHEET_MARGINS},hcentering",
        row=row_of_squares(width // SQUARE),
        strip=strip() if sheet.needs_strip else "",
        problems=[Tex(piece.task) for piece in pieces],
        pdf_subject=pdf_text("Worksheet"),
    )


def key_source(
    sheet: Sheet,
    pieces: Sequence[Pieces],
    attachments: Sequence[str] = (),
    wide: frozenset[int] = frozenset(),
) -> str:
    """The key's TeX; the problems numbered in `wide` are set at full width."""
    return _page(
        "key",
        sheet,
        geometry=key_geometry(sheet.recipe.paper),
        attachments=sorted(attachments),
        problems=[
            Tex(piece.solution.replace(r"\pmsolved", r"\pmwide", number in wide))
            for number, piece in enumerate(pieces, 1)
        ],
        pdf_subject=pdf_text("Key"),
    )


def key_geometry(paper: Paper) -> str:
    """The page of a key, for the geometry package."""
    width, size = _SIZES[paper]
    return f"{size},textwidth={width + _KEY_WIDER}mm,{_KEY_MARGINS},hcentering"


def _page(name: str, sheet: Sheet, **context: Any) -> str:
    if max(map(len, sheet.title.split()), default=0) > _LONGEST_WORD:
        raise UserError(
            f"The title has a word of more than {_LONGEST_WORD} letters.", "Shorten it."
        )
    pieces = codes.split(encode(sheet.recipe))
    return (
        environment()
        .get_template(f"{name}.tex.j2")
        .render(
            sheet=sheet,
            codes=[codes.path(piece, "m") for piece in pieces],
            version=__version__,
            seed=sheet.recipe.seed,
            pdf_title=pdf_text(sheet.title if name == "worksheet" else f"{sheet.title}: key"),
            **context,
        )
    )


@lru_cache(maxsize=1)
def environment() -> jinja2.Environment:
    """Where the page templates are filled."""
    folder = files("penwork.press").joinpath("pages")
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: folder.joinpath(name).read_text("utf-8")),
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
        undefined=jinja2.StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
        auto_reload=False,
    )
    environment.filters.update(
        prose=_prose, tex=Tex, counted=_counted, mm=lambda x: Tex(f"{x:.2f}")
    )
    return environment


def _finalize(value: Any) -> str:
    """All that is no TeX prints as itself."""
    return value if isinstance(value, Tex) else plain(str(value))


def _prose(text: str) -> Tex:
    """User text of several lines, a paragraph each."""
    return Tex("\\par ".join(plain(line.strip()) for line in text.splitlines() if line.strip()))


def _counted(number: int, what: str) -> Tex:
    return Tex(f"{number} {what}" if number == 1 else f"{number} {what}s")


def pdf_text(text: str) -> str:
    """Text as a PDF string."""
    return f"<feff{text.encode('utf-16-be').hex()}>"


def row_of_squares(count: int) -> str:
    side = SQUARE * 72 / 25.4
    width = count * side
    uprights = " ".join(f"{k * side:.3f} 0 m {k * side:.3f} {side:.3f} l" for k in range(count + 1))
    return f".35 w .8 G 0 {side:.3f} m {width:.3f} {side:.3f} l {uprights} S"


def _mark(problem: Numbered) -> str:
    """How the log names a problem, and the line that brings it back alone."""
    return f"{problem.number} {shown(problem.instance)}"


def shown(instance: Instance) -> str:
    """The line that brings a problem back alone, as the log has it."""
    seed = "" if instance.seed is None else f" --seed {instance.seed}"
    return f"(penwork show {instance.id}{seed} --level {instance.level})"


def _pictures(instance: Instance, where: Where, narrow: bool = False) -> list[str]:
    return [
        _picture(instance, figure, narrow) for figure in instance.figures if figure.where == where
    ]


def _picture(instance: Instance, figure: Figure, narrow: bool) -> str:
    try:
        return draw(figure, narrow)
    except Exception as error:  # data that fit no such figure
        raise PressError(
            f"A {type(figure).__name__} of {instance.id}, level {instance.level}, seed"
            f" {instance.seed}, cannot be drawn: {type(error).__name__}: {error}"
        ) from error


def _asked(instance: Instance, part: Part) -> list[Answer]:
    return [instance.answers[name] for name in part.asks]


def task(problem: Numbered, narrow: bool = False) -> dict[str, Any]:
    """What a page needs to set a problem; `narrow` in large print."""
    instance = problem.instance
    return {
        "number": problem.number,
        "title": instance.title,
        "mark": _mark(problem),
        "points": instance.points,
        "minutes": instance.minutes,
        "statement": instance.statement,
        "figures": _pictures(instance, "statement", narrow),
        "rows": problem.room // SQUARE,
        "parts": [
            {
                "letter": part.letter,
                "text": part.text,
                "points": part.points,
                "boxes": lines.boxes(_asked(instance, part)),
            }
            for part in instance.parts
        ],
    }


def solution(problem: Numbered, wide: bool, answers_only: bool) -> dict[str, Any]:
    """What a page needs to set its solution."""
    instance = problem.instance
    seed = "" if instance.seed is None else f", seed {instance.seed}"
    common = {
        "number": problem.number,
        "title": instance.title,
        "mark": _mark(problem),
        "points": instance.points,
        "wide": wide,
        "origin": f"{instance.id} v{instance.version}, level {instance.level}{seed}."
        f" Checked by: {'; '.join(instance.certificate.routes)}.",
    }
    if answers_only:
        return common | {
            "parts": [
                {"letter": part.letter, "answers": lines.handed_in(_asked(instance, part))}
                for part in instance.parts
            ]
        }
    return common | {
        "blocks": [_block(instance, part) for part in (None, *instance.parts)],
        "figures": _pictures(instance, "key"),
        "slips": "".join(
            rf"\pmslip{{{slip.latex}}}{{{slip.name}}}{{{slip.belief}}}" for slip in instance.slips
        ),
        "insight": instance.insight,
    }


def _block(instance: Instance, part: Part | None) -> dict[str, Any]:
    """A part's steps; its first reason stands beside its letter, its answers are bold."""
    steps = [s for s in instance.steps if s.printed and s.part == (part.letter if part else None)]
    asked = _asked(instance, part) if part else []
    shown = {line.lhs for step in steps if step.kind == "let" for line in step.lines}
    inline = [
        answer
        for answer in asked
        if answer.places is None and all(box.label in shown for box in answer.boxes)
    ]
    bold = {box.label for answer in inline for box in answer.boxes}
    return {
        "letter": part.letter if part else "",
        "why": steps[0].why if steps else next((a.why for a in asked if a.why), ""),
        "marks": lines.codes(part.marks, any(a.places is not None for a in asked)) if part else "",
        "widest": lines.left_sides(steps),
        "steps": [
            {
                "why": "" if number == 0 else step.why,
                "lines": lines.worked(step, bold),
                "decision": step.decision,
            }
            for number, step in enumerate(steps)
        ],
        "answers": lines.handed_in([answer for answer in asked if answer not in inline]),
        "bridged": [],
    }
