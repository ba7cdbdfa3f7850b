"""An exam's manifest, read as the claim that it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from penwork.errors import UserError
from penwork.press.exams.claims import Head, Record
from penwork.press.exams.finish import lists_in
from penwork.press.exams.records import FORMAT, MANIFEST
from penwork.prove.verify.findings import Finding, said
from penwork.prove.verify.shape import bytes_of, parsed, strange


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
        raise UserError(f"{folder / MANIFEST} cannot be read: {error.strerror or error}.") from None
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
    if told := strange(Head, whole):
        return Claims(faults=tuple(Finding("", "", f"manifest, {each}") for each in told))
    return _with_papers({"void": [], **whole}, records)


def _with_papers(head: Mapping[str, Any], records: list[Any]) -> Claims:
    papers: list[Mapping[str, Any]] = []
    faults: list[Finding] = []
    forms: set[str] = set()
    for k, record in enumerate(records):
        told = strange(Record, record)
        if not told and record["form"] in forms:
            told = [f"form {record['form']} is that of two papers"]
        if not told:
            forms.add(record["form"])
            papers.append(record)
        faults += (Finding("", "", f"manifest, papers[{k}]: {each}") for each in told)
    return Claims(head, tuple(papers), tuple(faults))
