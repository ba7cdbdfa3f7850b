"""One key verified alone: made again from what it carries, certified, compared page by page."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from penwork.bridge import replay_bridged
from penwork.catalogue import Catalogue
from penwork.compose.exams.plan import with_marks
from penwork.compose.exams.words import WORDS
from penwork.compose.recipe import Recipe, decode
from penwork.compose.sheet import lay_out
from penwork.document import document, dumps
from penwork.errors import Fault, PressError, TemplateError, UserError
from penwork.instance import make_given
from penwork.model import Instance
from penwork.press.engine import find_engine
from penwork.press.exams.batch import print_keys
from penwork.press.exams.files import attached, page_contents
from penwork.press.exams.keys import Key, Solved
from penwork.press.sheet import key_of_sheet
from penwork.prove.verify.findings import Finding, Findings, differences

_AROUND = ("number", "letters", "offers", "void")
_HINT = "Name a key that penwork printed; it carries what is needed."


def verify_key(path: Path, catalogue: Catalogue, engine: str = "") -> Findings:
    """The key of a paper or of a worksheet. Raises UserError where it is none of penwork's."""
    try:
        content = path.read_bytes()
        claims = json.loads(attached(content) or b"null")
    except Exception as error:  # whatever a damaged file makes a PDF reader say
        why = type(error).__name__
        raise UserError(f"{path} cannot be read as a key ({why}).", _HINT) from None
    if not isinstance(claims, dict) or not isinstance(claims.get("problems"), list):
        raise UserError(f"{path} carries no answers.", _HINT)
    found = Findings(papers=1)
    solved = [_solved(catalogue, number, said, found) for number, said in _numbered(claims)]
    if None in solved:
        return found
    instances = cast("list[Solved]", solved)
    try:
        right = _printed(claims, instances, engine)
    except (UserError, PressError, KeyError, TypeError) as error:
        found.faults.append(Finding("", "", f"its pages cannot be made again: {error}"))
        return found
    found.faults += _pages(content, right)
    if content != right and not found.faults:
        found.notes.append("Its pages are right; its bytes come from another run or engine.")
    return found


def _numbered(claims: Mapping[str, Any]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, said in enumerate(claims["problems"], 1):
        yield int(said.get("number", number)), said


def _solved(
    catalogue: Catalogue, number: int, said: Mapping[str, Any], found: Findings
) -> Solved | None:
    """The problem made again; what differs from what the key carries is a fault."""
    try:
        instance, letters = _again(catalogue, said)
    except (UserError, TemplateError, Fault, KeyError, TypeError, ValueError) as error:
        found.faults.append(Finding("", str(number), f"cannot be made again: {error}"))
        return None
    due = document(instance)
    found.answers += len(instance.asked)
    found.steps += len(instance.steps)
    found.values += instance.certificate.values_checked
    found.equations += instance.certificate.equations_checked
    found.routes |= set(instance.certificate.routes)
    claimed = {name: value for name, value in said.items() if name not in _AROUND}
    for path, one, other in differences(claimed, json.loads(json.dumps(due))):
        found.faults.append(Finding("", str(number), f"attachment, {path}", one, other))
    offers, void = tuple(said.get("offers", ())), bool(said.get("void"))
    return Solved(number, instance, letters, offers, void)


def _again(catalogue: Catalogue, said: Mapping[str, Any]) -> tuple[Instance, tuple[str, ...]]:
    template = catalogue.get(said["id"], said["level"])
    letters = tuple(said.get("letters", ()))
    problem = template.problem
    if said["seed"] is None or said["draws"] != problem.draws:
        return make_given(template, said["given"], level=said["level"]), letters
    made = replay_bridged(
        template,
        seed=said["seed"],
        level=said["level"],
        attempt=said["try"],
        parts=letters,
        bridges=tuple(said.get("offers", ())),
    )
    return with_marks(made, [part["marks"] for part in said["parts"]]), letters


def _printed(claims: Mapping[str, Any], solved: list[Solved], engine: str) -> bytes:
    """The key's file as it should be."""
    pdflatex = find_engine(engine or None)
    if "code" in claims:
        recipe: Recipe = decode(claims["code"])
        sheet = lay_out(recipe, [each.instance for each in solved], "Worksheet")
        carried = {"code": claims["code"], "problems": [document(s.instance) for s in solved]}
        return key_of_sheet(sheet, pdflatex, dumps(carried).encode())
    if claims["language"] not in WORDS:
        raise UserError(f"No language is called {claims['language']!r}.")
    key = Key(
        exam=claims["exam"],
        title=claims["title"],
        language=claims["language"],
        paper=claims["paper"],
        form=claims["form"],
        whose=claims["whose"],
        problems=tuple(solved),
    )
    return print_keys(pdflatex, [key])[0]


def _pages(content: bytes, right: bytes) -> Iterator[Finding]:
    there, due = page_contents(content), page_contents(right)
    if len(there) != len(due):
        yield Finding("", "", "pages", str(len(there)), str(len(due)))
    wrong = [n for n, (a, b) in enumerate(zip(there, due, strict=False), 1) if a != b]
    for number in wrong:
        yield Finding("", "", f"page {number} is not what it should be")
