"""Which columns of a class list are id and name, by the headings of the usual exports.

R/exams (registration; name; id), Gradescope, Canvas and Moodle, English and German.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from penwork.compose.exams.table import Row, Table
from penwork.compose.exams.text import visible
from penwork.errors import UserError

# First found, first taken: a registry's number before a system's own, an address last.
IDS = (
    "registration",
    "registration number",
    "student id",
    "student number",
    "student no",
    "matriculation number",
    "matrikelnummer",
    "matrikelnr",
    "matrikel nr",
    "matrikel nummer",
    "matr nr",
    "matrnr",
    "mat nr",
    "mtknr",
    "sid",
    "sis user id",
    "id number",
    "id nummer",
    "org defined id",
    "id",
    "user id",
    "username",
    "user name",
    "sis login id",
    "login id",
    "login",
    "email address",
    "email",
    "e mail adresse",
)
NAMES = ("name", "full name", "student name", "student", "display name")
FIRST = ("first name", "given name", "forename", "vorname", "first")
LAST = ("last name", "surname", "family name", "nachname", "familienname", "last")
ID_WORDS = {"id", "number", "no", "nr", "nummer", "code"}
COUNTS = {"no", "nr", "number", "nummer"}  # such a column numbers the lines, if there is another
NO_ID = {"phone", "mobile", "telephone", "section", "course", "group", "class", "room", "zip"}
NO_NAME = {"user", "first", "last", "course", "section", "group", "file", "login"}
STAFF = {"instructor", "ta", "reader", "teacher", "non editing teacher", "dozent", "dozentin"}


@dataclass(frozen=True, slots=True)
class Columns:
    """Where a table has what: id, the parts of a name, row and seat, role."""

    id: int
    name: tuple[int, ...]
    place: tuple[int | None, int | None]
    role: int | None


def columns_of(table: Table) -> Columns:
    """The columns of a class list. Raises UserError where id or name isn't found."""
    titles = [_words(title) for title in table.header.cells]
    row, seat = _one(table, titles, ("row",)), _one(table, titles, ("seat",))
    taken = {row, seat}
    name = _name(table, titles)
    ident = _ident(table, titles, taken | set(name))
    if ident is None or not name:
        what = "an id" if ident is None else "a name"
        heads = visible(", ".join(title.strip() for title in table.header.cells))
        raise UserError(
            f"{table.file}: line {table.header.line}: no heading is {what}'s ({heads[:120]}).",
            "Call the columns id and name.",
        )
    return Columns(ident, name, (row, seat), _one(table, titles, ("role", "roles")))


def _words(title: str) -> str:
    """ "E-Mail" as "e mail", "SIS User ID" as "sis user id", "OrgDefinedId" as "org defined id"."""
    plain = unicodedata.normalize("NFKC", title)
    apart = re.sub(r"(?<=[a-zà-ÿ])(?=[A-Z])", " ", plain)
    words = " ".join(re.findall(r"[^\W_]+", apart.casefold()))
    return words.removesuffix(" of student")


def _one(table: Table, titles: Sequence[str], known: Sequence[str]) -> int | None:
    for name in known:
        if titles.count(name) > 1:
            raise UserError(f"{table.file}: two columns are called {name}.", "Rename one.")
        if name in titles:
            return titles.index(name)
    return None


def _name(table: Table, titles: Sequence[str]) -> tuple[int, ...]:
    first, last = _one(table, titles, FIRST), _one(table, titles, LAST)
    if last is None and "vorname" in titles:
        last = _one(table, titles, ("name",))
    if first is not None and last is not None:
        return first, last
    whole = _one(table, titles, NAMES)
    if whole is None:
        like = [
            at
            for at, title in enumerate(titles)
            if ("name" in title.split() or title.endswith("name"))
            and not NO_NAME & set(title.split())
        ]
        whole = like[0] if like else first if first is not None else last
    return () if whole is None else (whole,)


def _ident(table: Table, titles: Sequence[str], taken: set[int | None]) -> int | None:
    """The first of the known headings under which anything stands, else one that ends like one."""
    known = [name for name in IDS if name in titles and titles.index(name) not in taken]
    for name in known:
        at = _one(table, titles, (name,))
        if any(row.cell(at).strip() for row in table.rows):
            return at
    if known:
        return titles.index(known[0])
    like = [
        at
        for at, title in enumerate(titles)
        if at not in taken
        and (ID_WORDS & set(title.split()[-1:]) or title.endswith(("nummer", "nr")))
        and not NO_ID & set(title.split())
    ]
    return min(like, key=lambda at: titles[at] in COUNTS) if like else None


def left_out(table: Table, columns: Columns) -> dict[int, str]:
    """The rows that are no students, by line, and why: an export's own, staff."""
    found: dict[int, str] = {}
    without_id = [row for row in table.rows[:3] if not row.cell(columns.id).strip()]
    points = [row.line for row in without_id if _first(row, columns) == "points possible"]
    for row in without_id if points else ():
        if row.line in points or (row.line < points[0] and not _first(row, columns)):
            found[row.line] = "a row of the gradebook"
    for row in table.rows:
        if _first(row, columns) == "student test" and (points or not row.cell(columns.id).strip()):
            found[row.line] = "the test student"
        if _words(row.cell(columns.role)) in STAFF:
            found[row.line] = f"role {row.cell(columns.role).strip()}"
    return found


def _first(row: Row, columns: Columns) -> str:
    return _words(row.cell(columns.name[0]))
