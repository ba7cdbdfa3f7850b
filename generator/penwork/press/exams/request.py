"""What a user asks of `penwork exam`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from penwork.compose.exams.roster import Roster
from penwork.compose.exams.seeds import Source
from penwork.compose.exams.spec import Spec


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asks for; `spec_file` and `roster_file` are kept beside the papers.

    `void` are problems to void in an exam that stands in the folder.
    """

    spec: Spec
    spec_file: bytes
    roster: Roster
    roster_file: bytes
    source: Source
    folder: Path
    engine: str = ""
    keep_tex: bool = False
    force: bool = False
    void: tuple[str, ...] = ()
