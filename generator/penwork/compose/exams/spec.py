"""What a teacher writes about an exam, as TOML: the model, and how it is read and examined."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
)
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from penwork.catalogue import Catalogue
from penwork.compose.exams.complaints import Wants, complaint
from penwork.compose.exams.fields import Letters, Line, SomeLetters, Text, iso, whole
from penwork.compose.exams.text import normal
from penwork.compose.exams.toml import load_toml
from penwork.compose.exams.words import WORDS
from penwork.errors import UserError
from penwork.instance import make
from penwork.model import Part

DIALECT = "http://json-schema.org/draft-07/schema#"
MOST_PROBLEMS = 60
MOST_CENTIMETRES = 25


def _known_language(language: str) -> str:
    if language not in WORDS:
        raise ValueError("unknown language")
    return language


class Model(BaseModel):
    """What all of them share: nothing is converted, guessed or changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Entry(Model):
    """A problem of a section."""

    template: Annotated[
        str,
        Field(
            min_length=1, max_length=200, description="Which problem, as `penwork list` names it."
        ),
        Wants('a name such as "forward_backward/gradient_descent"'),
    ]
    level: Annotated[
        Literal[1, 2, 3],
        BeforeValidator(whole),
        Field(description="1 the bare mechanism, 2 what an exam asks, 3 a step beyond."),
        Wants("1, 2 or 3"),
    ] = 2
    parts: Annotated[
        Literal["all"] | SomeLetters,
        Field(description='All parts, or some: ["a", "b"].'),
        Wants('"all", or letters, each once: ["a", "b"]'),
    ] = "all"
    points: Annotated[
        int | None,
        Field(ge=1, le=1000, description="Points of the problem; without it, the template's own."),
        Wants("a whole number from 1 to 1000"),
    ] = None
    space: Annotated[
        Literal["auto", "third", "half", "full"]
        | Annotated[float, Field(gt=0, le=MOST_CENTIMETRES)],
        Field(
            description="Room to work: what the work takes, or centimetres; or the share of a page"
            " that the problem takes in all."
        ),
        Wants(f'"auto", "third", "half", "full", or centimetres above 0 up to {MOST_CENTIMETRES}'),
    ] = "auto"
    same: Annotated[
        bool,
        Field(description="Whether everybody gets the same numbers here."),
        Wants("true or false"),
    ] = False
    bridge: Annotated[
        Letters,
        Field(description="Parts after which other numbers are offered to go on with."),
        Wants('letters, each once: ["a"]'),
    ] = ()


class Section(Model):
    """A group of problems under a heading."""

    title: Annotated[
        Line,
        Field(max_length=120, description="Heading; none if empty."),
        Wants("one line of at most 120 printable characters"),
    ] = ""
    instructions: Annotated[
        Text,
        Field(max_length=2000, description="What stands below the heading."),
        Wants("at most 2000 printable characters"),
    ] = ""
    order: Annotated[
        Literal["fixed", "shuffled"],
        Field(description="Whether each paper has its own order of this section's problems."),
        Wants('"fixed" or "shuffled"'),
    ] = "fixed"
    pick: Annotated[
        int | None,
        Field(
            ge=1, description="How many of this section's problems a paper gets; all without it."
        ),
        Wants("a whole number from 1 to the number of this section's problems"),
    ] = None
    problem: Annotated[
        tuple[Entry, ...],
        Field(min_length=1, description="The problems, each a [[section.problem]]."),
        Wants("at least one [[section.problem]]"),
    ]


class Accommodation(Model):
    """What one student's paper has otherwise; its numbers and numbering are the same."""

    large_print: Annotated[
        bool,
        Field(description="18 point print, on one side of the sheet."),
        Wants("true or false"),
    ] = False
    sans: Annotated[
        bool, Field(description="A typeface without serifs."), Wants("true or false")
    ] = False
    extra_time: Annotated[
        Literal[0, 25, 50, 100],
        BeforeValidator(whole),
        Field(description="Further time in percent, printed on the cover."),
        Wants("0, 25, 50 or 100"),
    ] = 0


class Spec(Model):
    """An exam of penwork: what is set, for how long, and how it looks."""

    id: Annotated[
        str,
        Field(
            pattern=r"^([A-Za-z0-9][A-Za-z0-9._-]{0,79})?$",
            description="Names the exam in the numbers' secret; keep it when the title changes."
            " Without it: course, title and date.",
        ),
        Wants("letters, digits, dots and dashes, at most 80"),
    ] = ""
    title: Annotated[
        Line,
        Field(min_length=1, max_length=120, description="Title on every page."),
        Wants("one line of 1 to 120 printable characters"),
    ]
    course: Annotated[
        Line,
        Field(max_length=120, description="Course, on the cover."),
        Wants("one line of at most 120 printable characters"),
    ] = ""
    date: Annotated[
        Line,
        BeforeValidator(iso, json_schema_input_type=str),
        Field(max_length=60, description="Date on the cover: a TOML date, or text."),
        Wants('a date such as 2026-11-20, or text such as "20 November"'),
    ] = ""
    minutes: Annotated[
        int,
        Field(ge=1, le=1440, description="Time for the exam."),
        Wants("a whole number from 1 to 1440"),
    ]
    paper: Annotated[
        Literal["a4", "letter"], Field(description="Paper size."), Wants('"a4" or "letter"')
    ] = "a4"
    instructions: Annotated[
        Text,
        Field(max_length=4000, description="What stands on the cover."),
        Wants("at most 4000 printable characters"),
    ] = ""
    versions: Annotated[
        Literal["per-student"] | Annotated[int, Field(ge=1, le=26)],
        Field(description="Own numbers for every student, or a number of forms A, B, …"),
        Wants('"per-student", or a whole number from 1 to 26'),
    ] = "per-student"
    aids: Annotated[
        Literal["none", "strip", "calculator", ""],
        Field(description="Allowed aids, on the cover; if empty, the most that its problems need."),
        Wants('"none", "strip" or "calculator"'),
    ] = ""
    places: Annotated[
        int,
        Field(ge=4, le=8, description="Decimals to work with, told on the cover."),
        Wants("a whole number from 4 to 8"),
    ] = 4
    points: Annotated[
        int | float | None,
        Field(
            gt=0,
            le=60_000,
            description="The exam's points, if you want them checked against the sum.",
        ),
        Wants("the sum of the problems' points"),
    ] = None
    anonymous: Annotated[
        bool,
        Field(description="A candidate number on the pages; names on the sign-in list only."),
        Wants("true or false"),
    ] = False
    spare: Annotated[
        int,
        Field(ge=0, le=1000, description="Further papers that belong to nobody."),
        Wants("a whole number from 0 to 1000"),
    ] = 0
    language: Annotated[
        str,
        AfterValidator(_known_language),
        Field(description="Language of the fixed words.", json_schema_extra={"enum": [*WORDS]}),
        Wants(" or ".join(f'"{name}"' for name in WORDS)),
    ] = "en"
    section: Annotated[
        tuple[Section, ...],
        Field(min_length=1, description="The sections in their order, each a [[section]]."),
        Wants("at least one [[section]] with a [[section.problem]]"),
    ]
    accommodations: Annotated[
        dict[Annotated[str, AfterValidator(normal)], Accommodation],
        Field(description='By student id: [accommodations."0012345"].'),
        Wants('a table by student id: [accommodations."0012345"]'),
    ] = Field(default_factory=dict)

    @property
    def exam_id(self) -> str:
        """`id`, or one made of course, title and date; with a digest where it lost letters."""
        if self.id:
            return self.id
        text = " ".join(filter(None, (self.course, self.title, self.date)))
        plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
        slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
        if slug and text.isascii() and len(slug) <= 80:
            return slug
        return f"{slug[:60]}-{hashlib.sha256(text.encode()).hexdigest()[:8]}".strip("-")

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The problems of all sections, in their order."""
        return tuple(entry for section in self.section for entry in section.problem)


class _ForEditors(GenerateJsonSchema):
    """Without what TOML lacks (null) and without titles that only repeat the key."""

    def nullable_schema(self, schema: Any) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: Any) -> JsonSchemaValue:
        found = super().default_schema(schema)
        return {k: v for k, v in found.items() if k != "default" or v is not None}

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def schema() -> dict[str, Any]:
    """The JSON Schema of the file, for editors."""
    return {"$schema": DIALECT, **Spec.model_json_schema(schema_generator=_ForEditors)}


def read_spec(path: Path, catalogue: Catalogue) -> Spec:
    """The exam in the file, examined against the templates. UserError names file and key."""
    data = load_toml(path)
    try:
        spec = Spec.model_validate(data)
    except ValidationError as error:
        raise complaint(path.name, error, data, Spec) from None
    if len(spec.entries) > MOST_PROBLEMS:
        raise UserError(f"{path.name}: {len(spec.entries)} problems; {MOST_PROBLEMS} at most.")
    total = sum(
        _section_points(f"{path.name}: section {number}", section, catalogue)
        for number, section in enumerate(spec.section, 1)
    )
    if spec.points is not None and spec.points != total:
        raise UserError(
            f"{path.name}: points is {spec.points:g}, and the problems' points add up to {total}.",
            "Mend one of them.",
        )
    return spec


def _section_points(where: str, section: Section, catalogue: Catalogue) -> int:
    """What a section counts in every paper."""
    points = []
    for number, entry in enumerate(section.problem, 1):
        try:
            parts = parts_of(entry, catalogue)
        except UserError as error:
            raise UserError(f"{where}, problem {number}: {error.message}", error.hint) from None
        points.append(entry.points or sum(part.points for part in parts))
    if section.pick is None:
        return sum(points)
    if section.pick > len(points):
        raise UserError(
            f"{where}: pick is {section.pick}, of {len(points)} in the list.",
            "Pick fewer, or add problems.",
        )
    if len(set(points)) > 1:
        raise UserError(
            f"{where}: its problems have {_listed(points)} points; with pick, totals differ.",
            "Give all of them the same `points`.",
        )
    return section.pick * points[0]


def parts_of(entry: Entry, catalogue: Catalogue) -> tuple[Part, ...]:
    """The parts that an entry sets, as its template has them. UserError names the key."""
    try:
        template = catalogue.get(entry.template)
    except UserError as error:
        raise UserError(f"template: {error.message}", error.hint) from None
    levels = sorted(template.problem.minutes)
    if entry.level not in levels:
        raise UserError(f"level is {entry.level}; {entry.template} has {_listed(levels)}.")
    there = make(template, seed=0, level=entry.level).parts
    letters = [part.letter for part in there]
    named = [("parts", letter) for letter in entry.parts if entry.parts != "all"]
    for key, letter in named + [("bridge", letter) for letter in entry.bridge]:
        if letter not in letters:
            raise UserError(
                f'{key} names "{letter}"; {entry.template} has {_listed(letters)}'
                f" at level {entry.level}."
            )
    chosen = tuple(part for part in there if entry.parts == "all" or part.letter in entry.parts)
    for letter in entry.bridge:
        if letter not in [part.letter for part in chosen[:-1]]:
            raise UserError(
                f'bridge names "{letter}", after which no part is set.',
                "It leads from a part to a later one.",
            )
    if entry.points is not None and entry.points < len(chosen):
        raise UserError(
            f"points is {entry.points}, too few for {len(chosen)} parts.",
            "Every part takes at least one.",
        )
    return chosen


def _listed(things: Sequence[object]) -> str:
    *first, last = [str(thing) for thing in things]
    return f"{', '.join(first)} and {last}" if first else last
