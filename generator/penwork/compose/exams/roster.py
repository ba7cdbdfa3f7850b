"""Who sits an exam: a CSV as teachers have it, or numbered papers."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from penwork.compose.exams.columns import Columns, columns_of, left_out
from penwork.compose.exams.table import Row, Table, read_table
from penwork.compose.exams.text import controls, normal, visible
from penwork.errors import UserError

MOST_STUDENTS = 50_000
LONGEST = 120
SHOWN = 4
_MANGLED = re.compile(r"\d([.,]\d+)?E\+\d+|\d+\.0")
_TEXT_CELL = re.compile(r'="(.*)"')  # how an export tells a spreadsheet to keep zeros
NUMBER_WIDTH = 4  # so that more papers change no earlier one


@dataclass(frozen=True, slots=True)
class Student:
    """One student; `line` is where the roster has them, 0 without one."""

    id: str
    name: str
    row: str = ""
    seat: str = ""
    line: int = 0
    spare: bool = False

    @property
    def place(self) -> tuple[int, int] | None:
        """Row and seat as numbers (row B is 2), or None without a seat."""
        if not self.row or not self.seat:
            return None
        return _number(self.row), _number(self.seat)


@dataclass(frozen=True, slots=True)
class Roster:
    """The students in their order; `left_out` says which rows of the file are none.

    `taken` says under which headings ids and names were found.
    """

    students: tuple[Student, ...]
    seated: bool
    left_out: tuple[str, ...] = ()
    taken: str = ""

    @property
    def digest(self) -> str:
        """Of who is there and where they sit, however the file wrote it."""
        content = [[s.id, s.name, s.row, s.seat] for s in self.students]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def numbered(count: int) -> Roster:
    """Papers for nobody in particular."""
    if not 1 <= count <= MOST_STUDENTS:
        raise UserError(f"There cannot be {count} papers.", f"Take 1 to {MOST_STUDENTS}.")
    width = max(NUMBER_WIDTH, len(str(count)))
    return Roster(tuple(Student(f"{k:0{width}d}", "") for k in range(1, count + 1)), False)


def read_roster(path: Path, beside: Path | None = None) -> Roster:
    """The class in the file, which may lie in the folder `beside` too.

    Every mistake is a UserError that names file and lines.
    """
    if beside is not None and not path.is_absolute() and not path.exists():
        path = beside / path if (beside / path).exists() else path
    table = read_table(path)
    columns = columns_of(table)
    dropped = left_out(table, columns)
    rows = [row for row in table.rows if row.line not in dropped]
    if not rows:
        raise UserError(f"{table.file}: there is no student below the header.", "Add some.")
    if len(rows) > MOST_STUDENTS:
        raise UserError(f"{table.file}: {len(rows)} students; {MOST_STUDENTS} at most.")
    students = [_student(row, columns) for row in rows]
    _refuse(table, rows, students)
    told = tuple(f"line {line}: {why}" for line, why in dropped.items())
    ident, *name = (visible(table.header.cell(k).strip()) for k in (columns.id, *columns.name))
    taken = f"ids from the column {ident}, names from {', '.join(name)}"
    return Roster(tuple(students), any(s.place for s in students), told, taken)


def _student(row: Row, columns: Columns) -> Student:
    ident = _TEXT_CELL.sub(r"\1", row.cell(columns.id))
    name = " ".join(row.cell(at) for at in columns.name)
    if not controls(ident + name):
        ident, name = normal(ident), normal(name)
    where, seat = (normal(row.cell(at)) for at in columns.place)
    return Student(ident, name, where, seat, row.line)


def _refuse(table: Table, rows: Sequence[Row], students: Sequence[Student]) -> None:
    """Tell all that is wrong, the first few lines of it."""
    width = len(table.header.cells)
    wrong = [_wrong(row, student, width) for row, student in zip(rows, students, strict=True)]
    found = [(s.line, text) for s, text in zip(students, wrong, strict=True) if text]
    good = [s for s, text in zip(students, wrong, strict=True) if not text]
    found += _twice(good, lambda s: s.id, lambda s: f"the id {s.id}")
    found += _twice(good, lambda s: s.place, lambda s: f"row {s.row}, seat {s.seat}")
    if not found:
        return
    shown = [f"line {line}: {text}" for line, text in sorted(found)[:SHOWN]]
    if len(found) > SHOWN:
        shown.append(f"and {len(found) - SHOWN} more")
    raise UserError(f"{table.file}: {'; '.join(shown)}.", "Mend the roster.")


def _wrong(row: Row, student: Student, width: int) -> str:
    """What is wrong with a row by itself."""
    if not any(cell.strip() for cell in row.cells):
        return "the row is empty"
    if any(cell.strip() for cell in row.cells[width:]):
        return f"{len(row.cells)} fields under {width} headings (a comma in a name needs quotes)"
    for what, text in (("id", student.id), ("name", student.name)):
        if not text:
            return f"the {what} is missing"
        if len(text) > LONGEST:
            return f"the {what} has {len(text)} characters, more than {LONGEST}"
    for what, text in (("id", student.id), ("name", student.name)):
        if found := controls(text):
            return f"the {what} has a control character (U+{ord(found[0]):04X})"
    if _MANGLED.fullmatch(student.id):
        return f"a spreadsheet has turned the id into {student.id}"
    if bool(student.row) != bool(student.seat):
        return "row and seat go together"
    for what, text in (("row", student.row), ("seat", student.seat)):
        if text and not _number(text):
            return f"the {what} is {text[:20]!r}, neither a number nor a letter"
    return ""


def _number(text: str) -> int:
    """12 of "12", 2 of "B"; 0 of anything else."""
    if text.isascii() and text.isdigit() and len(text) <= 6:
        return int(text)
    return ord(text.upper()) - 64 if len(text) == 1 and text.isascii() and text.isalpha() else 0


def _twice(
    students: Sequence[Student],
    key: Callable[[Student], object],
    said: Callable[[Student], str],
) -> list[tuple[int, str]]:
    first: dict[object, int] = {}
    found = []
    for student in students:
        own = key(student)
        if own is not None and first.setdefault(own, student.line) != student.line:
            found.append((student.line, f"{said(student)} stands in line {first[own]} already"))
    return found
