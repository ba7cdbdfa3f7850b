"""What is kept of a run: its plan, then a line of JSON for every paper that is done.

Both live in a working folder beside the papers until the run is finished; the manifest then
holds the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from penwork.compose.exams.plan import Item, Paper
from penwork.compose.exams.roster import Student
from penwork.compose.exams.spec import Accommodation
from penwork.document import dumps
from penwork.press.exams.batch import Printed
from penwork.press.exams.medium import print_name

WORKING = ".penwork"
MANIFEST = "manifest.json"
FORMAT = 2


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@dataclass(slots=True)
class Known:
    """What is there already: the plan's papers, and the records of those that are done.

    `goes` where it is another exam's; `told` is what the user should know of it.
    """

    papers: list[Paper] = field(default_factory=list)
    records: dict[str, str] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    void: list[str] = field(default_factory=list)
    goes: bool = False
    told: str = ""


def medium_name(paper: Paper) -> str:
    """Which print a paper has."""
    adapted = paper.adapted or Accommodation()
    return print_name(adapted.large_print, adapted.sans)


def planned(paper: Paper) -> dict[str, Any]:
    """A paper as the plan has it."""
    return {
        "form": paper.form,
        "student": paper.student.id,
        "name": paper.student.name,
        "row": paper.student.row,
        "seat": paper.student.seat,
        "spare": paper.student.spare,
        "number": paper.number,
        "who": paper.who,
        "candidate": paper.candidate,
        "medium": medium_name(paper),
        "extra_time": paper.adapted.extra_time if paper.adapted else 0,
        "slots": list(paper.slots),
        "items": [asdict(item) for item in paper.items],
    }


def record_of(paper: Paper, printed: Printed, before: str) -> str:
    """The line that manifest and working folder keep of a paper that is done.

    `before` is that of the paper that stands, where the key alone is new.
    """
    its, key = (f"{kind}/{paper.form}.pdf" for kind in ("papers", "keys"))
    stands = digest(printed.paper) if printed.paper else json.loads(before)["files"][its]
    made = {
        "geometry": printed.geometry,
        "problems": printed.problems,
        "files": {its: stands, key: digest(printed.key)},
    }
    return dumps({**planned(paper), **made})


def adapted_of(record: Mapping[str, Any]) -> Accommodation:
    """What a paper had otherwise when it was made."""
    kinds = record["medium"].split()
    return Accommodation(
        large_print="large" in kinds, sans="sans" in kinds, extra_time=record["extra_time"]
    )


def paper_of(record: Mapping[str, Any], adapted: Accommodation | None) -> Paper:
    """The paper that a record is of."""
    student = Student(
        id=record["student"],
        name=record["name"],
        row=record["row"],
        seat=record["seat"],
        spare=record["spare"],
    )
    return Paper(
        form=record["form"],
        student=student,
        number=record["number"],
        who=record["who"],
        candidate=record["candidate"],
        slots=tuple(record["slots"]),
        adapted=adapted,
        items=tuple(Item(**item) for item in record["items"]),
    )


def read_json(path: Path) -> Any:
    """What a file of penwork's own says, or None where there is none or it was cut."""
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None


def manifest(head: Mapping[str, Any], records: Sequence[str]) -> bytearray:
    """The manifest: what all papers share, then a line for each; a large class has 100 MB."""
    text = json.dumps({**head, "papers": []}, indent=1)
    assert text.endswith('"papers": []\n}')
    whole = bytearray(text[:-3].encode())
    for number, line in enumerate(records):
        whole += b",\n  " if number else b"\n  "
        whole += line.encode()
    whole += b"\n ]\n}\n"
    return whole
