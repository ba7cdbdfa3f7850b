"""A CSV file as spreadsheets and exports write it: separator, encoding, quotes, line numbers."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

from penwork.errors import UserError
from penwork.reading import MEGABYTE, read_text

MOST_BYTES = 20 * MEGABYTE
WORKBOOKS = {".xlsx", ".xls", ".ods", ".numbers"}
SEPARATORS = "\t;,"  # of those that cut alike the first: commas stand in names too
_SEP_LINE = re.compile(r"\"?sep=(.)\"?\r?\n", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of a record, and the line it begins in."""

    line: int
    cells: tuple[str, ...]

    @property
    def blank(self) -> bool:
        """Whether the line has nothing at all, not even separators."""
        return len(self.cells) < 2 and not self.cell(0).strip()

    def cell(self, at: int | None) -> str:
        """A cell by its column; empty where the column or the cell isn't there."""
        return self.cells[at] if at is not None and at < len(self.cells) else ""


@dataclass(frozen=True, slots=True)
class Table:
    """The header of a file, and its rows."""

    file: str
    header: Row
    rows: tuple[Row, ...]


def read_table(path: Path) -> Table:
    """The file's rows; blank lines at its end are none. Raises UserError with the line."""
    if path.suffix.lower() in WORKBOOKS:
        raise UserError(f"{path.name} is a spreadsheet's own file.", 'Save it as "CSV UTF-8".')
    text = read_text(path, most=MOST_BYTES, mend="Mend --roster.", short="Is it a roster?")
    skipped = 0
    separator = ""
    if told := _SEP_LINE.match(text):  # a spreadsheet's own hint
        separator, text, skipped = told[1], text[told.end() :], 1
    rows = _rows(path.name, text, separator or _separator(text), skipped)
    while rows and rows[0].blank:
        rows.pop(0)
    while rows and not any(cell.strip() for cell in rows[-1].cells):
        rows.pop()
    if not rows:
        raise UserError(f"{path.name} is empty.", "A roster begins with a header: id, name.")
    return Table(path.name, rows[0], tuple(rows[1:]))


def _separator(text: str) -> str:
    """The sign that cuts the header into most columns, quotes respected."""
    first = text.lstrip("\r\n").splitlines()[:1]

    def columns(sign: str) -> int:
        return len(next(csv.reader(first, delimiter=sign), []))

    return max(SEPARATORS, key=columns)


def _rows(file: str, text: str, separator: str, skipped: int) -> list[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows: list[Row] = []
    line = skipped + 1
    try:
        for cells in reader:
            rows.append(Row(line, tuple(cells)))
            line = skipped + reader.line_num + 1
    except csv.Error as error:
        raise UserError(
            f"{file}: line {line} cannot be read ({error}).", "Mend its quotes."
        ) from None
    return rows
