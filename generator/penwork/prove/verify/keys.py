"""One key verified alone: made again from what it carries, certified, compared page by page."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from penwork.bridge import replay_bridged
from penwork.catalogue import Catalogue
from penwork.compose.exams.plan import with_marks
from penwork.compose.exams.words import WORDS
from penwork.compose.recipe import Recipe, decode
from penwork.compose.sheet import lay_out
from penwork.document import document, dumps
from penwork.errors import Fault, PressError, TemplateError, UserError
from penwork.model import Instance
from penwork.press.engine import find_engine
from penwork.press.exams.batch import print_keys
from penwork.press.exams.claims import Claim, Form, Letter, Made, Text, Whole
from penwork.press.exams.files import attached, page_contents
from penwork.press.exams.keys import Key, Solved, key_data
from penwork.press.exams.records import MANIFEST, digest
from penwork.press.sheet import key_of_sheet
from penwork.problem import Template
from penwork.prove.verify.around import differing
from penwork.prove.verify.findings import Finding, Findings, differences, said
from penwork.prove.verify.manifest import read_claims
from penwork.prove.verify.older import Outcome, older, solved_anew
from penwork.prove.verify.shape import bytes_of, parsed, strange

_HINT = "Name a key that penwork printed; it carries what is needed."
_NOT_MADE = (UserError, TemplateError, PressError, Fault, ValueError)


class _Problem(Made):
    number: Whole = 0
    id: Text
    letters: list[Letter] = Field(default_factory=list)
    offers: list[Letter] = Field(default_factory=list)
    void: bool = False
    asked: list[str]

    @model_validator(mode="after")
    def _answered(self) -> Self:
        if not set(self.asked) <= self.answers.keys():
            raise ValueError("what is asked is not answered")
        return self


class _OfPaper(Claim):
    exam: Text
    title: Text
    language: Text
    paper: Literal["a4", "letter"]
    form: Form
    whose: Text
    problems: Annotated[list[_Problem], Field(max_length=100)]


class _OfSheet(Claim):
    code: str
    problems: list[_Problem]


@dataclass(frozen=True, slots=True)
class Due:
    """What a key carries if it is right, and its file."""

    carried: Mapping[str, Any]
    content: bytes


def verify_key(path: Path, catalogue: Catalogue, engine: str = "") -> Findings:
    """The key of a paper or of a worksheet. Raises UserError where it is none of penwork's."""
    content, claims = _read(path)
    found = Findings(papers=1)
    if told := strange(_OfSheet if "code" in claims else _OfPaper, claims):
        found.faults += (Finding("", "", f"attachment, {each}") for each in told)
        return found
    solved: list[Solved] = []
    changed = False
    for k, problem in enumerate(claims["problems"], 1):
        number = problem.get("number", k)
        try:
            template = catalogue.get(problem["id"], problem["level"])
            now = template.problem.draws, template.problem.version
            if older((problem["draws"], problem["version"]), now):
                found.add(_anew(template, number, problem))
                changed = True
            else:
                solved.append(_solved(template, number, problem, found))
        except _NOT_MADE as error:
            found.faults.append(Finding("", str(number), f"cannot be made again: {error}"))
    if changed:
        told_once = (
            "Problems whose template has changed since are solved anew; no page is examined."
        )
        found.notes.insert(0, told_once)
    elif len(solved) == len(claims["problems"]):
        _compare(path, content, claims, solved, engine, found)
    found.faults += _of_manifest(path, content)
    return found


def _read(path: Path) -> tuple[bytes, dict[str, Any]]:
    """The file, and what it carries."""
    try:
        content = bytes_of(path)
        claims = parsed(attached(content) or b"null")
    except Exception as error:  # whatever a damaged file makes a PDF reader say
        why = type(error).__name__
        raise UserError(f"{path} cannot be read as a key ({why}).", _HINT) from None
    if not isinstance(claims, dict) or "problems" not in claims:
        raise UserError(f"{path} carries no answers.", _HINT)
    return content, claims


def _solved(template: Template, number: int, claimed: Mapping[str, Any], found: Findings) -> Solved:
    """The problem made again; what it carries otherwise is a fault."""
    letters, offers = tuple(claimed.get("letters", ())), tuple(claimed.get("offers", ()))
    instance = _again(template, claimed)
    due = json.loads(json.dumps(document(instance)))
    found.count(due)
    for path, one, other in differences({name: claimed.get(name) for name in due}, due):
        found.faults.append(Finding("", str(number), f"attachment, {path}", one, other))
    return Solved(number, instance, letters, offers, bool(claimed.get("void")))


def _again(template: Template, claimed: Mapping[str, Any]) -> Instance:
    made = replay_bridged(
        template,
        seed=claimed["seed"],
        level=claimed["level"],
        attempt=claimed["try"],
        parts=tuple(claimed.get("letters", ())),
        bridges=tuple(claimed.get("offers", ())),
    )
    return with_marks(made, [part["marks"] for part in claimed["parts"]])


def _anew(template: Template, number: int, claimed: Mapping[str, Any]) -> Findings:
    """A problem of an older template, by the present one."""
    asked = {name: claimed["answers"][name] for name in claimed["asked"]}
    was, void = (claimed["draws"], claimed["version"]), bool(claimed.get("void"))
    then = Outcome("", number, was, claimed["level"], claimed["given"], asked, void)
    return solved_anew(template, then, partial(_again, template, claimed))


def _compare(
    path: Path,
    content: bytes,
    claims: Mapping[str, Any],
    solved: Sequence[Solved],
    engine: str,
    found: Findings,
) -> None:
    """The file beside the one that it should be."""
    try:
        due = _due(claims, solved, engine)
    except _NOT_MADE as error:
        found.faults.append(Finding("", "", f"its pages cannot be made again: {error}"))
        return
    if not found.faults:  # else what the problems carry is told already
        for at, one, other in differences(claims, json.loads(dumps(due.carried))):
            found.faults.append(Finding("", "", f"attachment, {at}", one, other))
    if content == due.content:
        found.notes.append("Made again, byte for byte.")
        return
    found.faults += _of_pages(path.name, content, due.content)
    if not found.faults:
        found.notes.append(
            "Made again: its pages and what it carries are right. Its fonts or its structure are"
            " written otherwise, as another run, pdfTeX or penwork does."
        )


def _of_manifest(path: Path, content: bytes) -> Iterator[Finding]:
    """Where a key lies in its exam's folder, it is the one that the manifest names."""
    folder = path.absolute().parent.parent
    if path.absolute().parent.name != "keys" or not (folder / MANIFEST).is_file():
        return
    claims = read_claims(folder)
    if claims.head:
        told, found = claims.files.get(f"keys/{path.name}"), digest(content)
        if told != found:
            yield Finding("", "", f"its hash in the {MANIFEST} beside it", said(told), found)


def _due(claims: Mapping[str, Any], solved: Sequence[Solved], engine: str) -> Due:
    pdflatex = find_engine(engine or None)
    if "code" in claims:
        recipe = _recipe(claims)
        sheet = lay_out(recipe, [each.instance for each in solved], "Worksheet")
        problems = [document(each.instance) for each in solved]
        carried = {"code": claims["code"], "problems": problems}
        return Due(carried, key_of_sheet(sheet, pdflatex, dumps(carried).encode()))
    if claims["language"] not in WORDS:
        raise UserError(f"No language is called {said(claims['language'])}.")
    head = {name: claims[name] for name in _OfPaper.model_fields if name != "problems"}
    key = Key(**head, problems=tuple(solved))
    return Due(json.loads(key_data(key)), print_keys(pdflatex, [key])[0])


def _recipe(claims: Mapping[str, Any]) -> Recipe:
    """What the code of a sheet says, which must be its problems. Raises UserError."""
    recipe = decode(claims["code"], [problem["id"] for problem in claims["problems"]])
    there = [[p["id"], p["draws"], p["level"], p["seed"], p["try"]] for p in claims["problems"]]
    for k, item in enumerate(recipe.items):
        due = [item.id, item.draws, item.level, item.seed, item.attempt]
        if there[k : k + 1] != [due]:
            raise UserError(f"Problem {k + 1} is not that of the code, {said(due)}.")
    if len(there) > len(recipe.items):
        raise UserError(f"The code has {len(recipe.items)} problems, the key {len(there)}.")
    return recipe


def _of_pages(name: str, content: bytes, right: bytes) -> Iterator[Finding]:
    try:
        there, due = page_contents(content), page_contents(right)
        around = list(differing(name, content, right))
    except Exception as error:  # whatever a damaged file makes a PDF reader say
        yield Finding("", "", f"its pages cannot be read ({type(error).__name__})")
        return
    if len(there) != len(due):
        yield Finding("", "", "pages", str(len(there)), str(len(due)))
    wrong = [n for n, (a, b) in enumerate(zip(there, due, strict=False), 1) if a != b]
    for number in wrong:
        yield Finding("", "", f"page {number} is not what it should be")
    for what, one, other in around:
        yield Finding("", "", what, one, other)
