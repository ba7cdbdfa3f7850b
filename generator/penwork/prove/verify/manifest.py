"""An exam's manifest, read as the claim that it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from penwork.errors import UserError
from penwork.press.exams.finish import lists_in
from penwork.press.exams.records import FORMAT, MANIFEST
from penwork.prove.verify.findings import Finding, said
from penwork.prove.verify.shape import (
    Answer,
    Bridge,
    Claim,
    Form,
    Letter,
    Part,
    Seed,
    Text,
    Whole,
    bytes_of,
    parsed,
    strange,
)

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


class _Head(Claim):
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


class _Problem(Claim):
    number: Whole
    slot: str
    template: str
    draws: Whole
    version: Whole
    level: Literal[1, 2, 3]
    seed: Seed
    attempt: Annotated[Whole, Field(alias="try")]
    letters: list[Letter]
    effort: str
    given: dict[str, Any]
    answers: dict[str, Answer]
    parts: list[Part]
    bridges: list[Bridge] = Field(default_factory=list)

    @model_validator(mode="after")
    def _answered(self) -> Self:
        if not {name for part in self.parts for name in part.asks} <= self.answers.keys():
            raise ValueError("a part asks what is not answered")
        return self


class _Record(Claim):
    """A paper."""

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
    geometry: Text
    slots: list[Whole]
    items: list[_Item]
    problems: list[_Problem]
    files: dict[_SINGLE, str]


@dataclass(frozen=True, slots=True)
class Claims:
    """What a manifest says: `head` of the exam, then of each paper; what has no sense is a fault.

    Where the head has none, it is empty and nothing can be examined.
    """

    head: Mapping[str, Any] = field(default_factory=dict)
    papers: tuple[Mapping[str, Any], ...] = ()
    faults: tuple[Finding, ...] = ()

    @property
    def files(self) -> dict[str, str]:
        """The hash that is claimed of every file."""
        claimed = dict(self.head["files"])
        for record in self.papers:
            claimed |= record["files"]
        return claimed


def read_claims(folder: Path) -> Claims:
    """The folder's manifest. Raises UserError where the folder holds no exam."""
    try:
        content = bytes_of(folder / MANIFEST)
    except FileNotFoundError:
        if lists_in(folder):
            return Claims(faults=(Finding("", "", f"the file {MANIFEST} is missing"),))
        mend = "Name the folder that `penwork exam` wrote."
        raise UserError(f"{folder} has no {MANIFEST}.", mend) from None
    except OSError as error:
        raise UserError(f"{folder / MANIFEST} cannot be read: {error.strerror}.") from None
    try:
        whole = parsed(content)
    except ValueError as error:
        return Claims(faults=(Finding("", "", f"{MANIFEST} cannot be read: {error}"),))
    if not isinstance(whole, dict) or not isinstance(whole.get("papers"), list):
        return Claims(faults=(Finding("", "", f"{MANIFEST} lists no papers"),))
    records = whole.pop("papers")
    made_as = whole.get("format")
    if type(made_as) is not int or made_as != FORMAT:
        kind = Finding("", "", "format of the manifest", said(made_as), str(FORMAT))
        return Claims(faults=(kind,))
    if told := strange(_Head, whole):
        return Claims(faults=tuple(Finding("", "", f"manifest, {each}") for each in told))
    return _with_papers({"void": [], **whole}, records)


def _with_papers(head: Mapping[str, Any], records: list[Any]) -> Claims:
    papers: list[Mapping[str, Any]] = []
    faults: list[Finding] = []
    forms: set[str] = set()
    for k, record in enumerate(records):
        told = strange(_Record, record)
        if not told and record["form"] in forms:
            told = [f"form {record['form']} is that of two papers"]
        if not told:
            forms.add(record["form"])
            papers.append(record)
        faults += (Finding("", "", f"manifest, papers[{k}]: {each}") for each in told)
    return Claims(head, tuple(papers), tuple(faults))
