"""What plan, manifest and keys of an exam say: their shape, without which nothing goes by them."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from penwork.compose.exams.seeds import ALPHABET, CODE_LENGTH
from penwork.draw import SEEDS

Whole = Annotated[int, Field(ge=0, lt=2**31)]
Seed = Annotated[int, Field(ge=0, lt=SEEDS)]
Text = Annotated[str, Field(max_length=400)]
Form = Annotated[str, Field(pattern=rf"^[{ALPHABET}]{{{CODE_LENGTH}}}$")]
Letter = Annotated[str, Field(pattern="^[a-p]$")]
Marks = Annotated[str, Field(pattern=r"^[A-Z]\d{1,4}(ft)?( [A-Z]\d{1,4}(ft)?)*$")]


class Claim(BaseModel):
    """What all of them share: nothing is converted; further keys are of no concern here."""

    model_config = ConfigDict(strict=True, allow_inf_nan=False)


class Answer(Claim):
    """An answer of a problem; the value is compared as it is."""

    value: Any
    tolerance: str


class Part(Claim):
    """A task of a problem."""

    part: Letter
    asks: list[str]
    points: Whole
    marks: Marks


class Made(Claim):
    """What a problem was made of, and what it came to."""

    draws: Whole
    version: Whole
    level: Literal[1, 2, 3]
    seed: Seed
    attempt: Annotated[Whole, Field(alias="try")]
    given: dict[str, Any]
    answers: dict[str, Answer]
    parts: list[Part]


class Bridge(Claim):
    """What follows from the numbers that a part offers."""

    part: Letter
    answers: dict[str, Answer]


_SINGLE = Annotated[str, Field(pattern=r"^(papers|keys)/[0-9A-Z]{1,20}\.pdf$")]
_BESIDE = Annotated[str, Field(pattern=r"^[a-z]{1,20}(-\d{1,6})?\.(pdf|csv|toml)$")]


class _Slot(Claim):
    slot: str
    template: str
    draws: Any
    version: Any
    level: Any
    points: Any


class _Missing(Claim):
    form: str
    why: str


class Head(Claim):
    """What all papers share."""

    penwork: Annotated[str, Field(pattern=r"^\d+\.\d+(\.\w+)*$")]
    engine: Annotated[Text, Field(pattern=r"pdfTeX .*\d")]
    inputs: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    order: list[str]
    slots: list[_Slot]
    missing: list[_Missing]
    files: dict[_BESIDE, str]
    void: list[str] = Field(default_factory=list)


class _Item(Claim):
    model_config = ConfigDict(extra="forbid")

    slot: Whole
    seed: Seed
    attempt: Whole


class _Problem(Made):
    number: Whole
    slot: str
    template: str
    letters: list[Letter]
    effort: str
    marking: dict[str, Any]
    bridges: list[Bridge] = Field(default_factory=list)

    @model_validator(mode="after")
    def _answered(self) -> Self:
        if not {name for part in self.parts for name in part.asks} <= self.answers.keys():
            raise ValueError("a part asks what is not answered")
        return self


class Planned(Claim):
    """A paper that is to be made."""

    form: Form
    student: Text
    name: Text
    row: Text
    seat: Text
    spare: bool
    who: Text
    candidate: Text
    medium: Text
    extra_time: Whole
    number: Whole
    slots: list[Whole]
    items: list[_Item]


class Record(Planned):
    """A paper that is done."""

    geometry: Text
    problems: list[_Problem]
    files: dict[_SINGLE, str]


class _Plan(Claim):
    order: list[str]
    void: list[str] = Field(default_factory=list)
    papers: list[Any]


def can_go_by(plan: Any, kind: type[Planned]) -> bool:
    """Whether a plan or a manifest has the shape that a run relies on; its papers are of `kind`."""
    try:
        _Plan.model_validate(plan)
        for paper in plan["papers"]:  # one by one: a large class has 100 MB
            kind.model_validate(paper)
    except ValidationError:
        return False
    return True
