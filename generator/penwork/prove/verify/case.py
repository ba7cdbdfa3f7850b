"""An exam's folder under examination: what every examination of it needs to know."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from penwork.press.exams.setting import Spread
from penwork.press.exams.sources import Exam
from penwork.prove.verify.manifest import Claims


@dataclass(frozen=True, slots=True)
class Case:
    """`bytewise` says whether the same penwork and engine made it, so that bytes must agree."""

    folder: Path
    claims: Claims
    exam: Exam
    bytewise: bool
    spread: Spread
    engine: str
