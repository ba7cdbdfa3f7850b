"""Class lists as they come out of spreadsheets and courses, and what is wrong with bad ones."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from penwork.compose.exams.roster import Roster, Student, numbered, read_roster
from penwork.errors import UserError

EXAMS = Path(__file__).parents[3] / "templates" / "exams"
often = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "class.csv"


def read(file: Path, content: str | bytes) -> Roster:
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_roster(file)


def pairs(roster: Roster) -> list[tuple[str, str]]:
    return [(student.id, student.name) for student in roster.students]


def test_the_example_has_what_a_class_has() -> None:
    roster = read_roster(EXAMS / "class.csv")
    names = [student.name for student in roster.students]
    assert len(names) == 30 and roster.seated
    assert all(any(sign in name for name in names) for sign in "Łñ李',")
    assert max(sum(map(str.isalpha, name)) for name in names) == 45
    assert all(len(student.id) == 7 and student.id[0] == "0" for student in roster.students)


def test_a_roster_is_looked_for_beside_the_spec(
    file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert len(read_roster(Path("class.csv"), EXAMS).students) == 30
    read(file, "id,name\n1,Ada\n")
    assert len(read_roster(Path("class.csv"), EXAMS).students) == 1
    with pytest.raises(UserError, match=r"The file nobody\.csv cannot be read"):
        read_roster(Path("nobody.csv"), EXAMS)


ADA = [("0012", "Ada Lovelace")]
FORMS = {
    "R/exams": 'registration;name;id\n"0012";"Ada Lovelace";"ada"\n',
    "Gradescope": "First Name,Last Name,SID,Email,Sections\nAda,Lovelace,0012,a@b.edu,101\n",
    "Gradescope, full name": "Name,SID,Email,Role\nAda Lovelace,0012,a@b.edu,Student\n",
    "Canvas": "Student,ID,SIS User ID,SIS Login ID,Section,Quiz 1 (42)\n"
    ",,,,,Manual Posting\n    Points Possible,,,,,10\n"
    "Ada Lovelace,777,0012,ada,DL-1,9\n"
    '"Student, Test",999,,8f3a,DL-1,\n',
    "Moodle": "First name,Last name,ID number,Email address\nAda,Lovelace,0012,a@b.edu\n",
    "Moodle, older": '"First name",Surname,"ID number",Institution\nAda,Lovelace,0012,\n',
    "Moodle, German": "Vorname,Nachname,ID-Nummer,E-Mail-Adresse\nAda,Lovelace,0012,a@b.de\n",
    "Brightspace": "OrgDefinedId,Username,Last Name,First Name\n0012,ada,Lovelace,Ada\n",
    "German": "Name;Vorname;Matr.-Nr.\nLovelace;Ada;0012\n",
    "German, lines numbered": "Nr.;Nachname;Vorname;Mat.-Nr.\n1;Lovelace;Ada;0012\n",
    "numbered, by another word": "No.,Name,Candidate no.\n1,Ada Lovelace,0012\n",
    "HIS": "mtknr;nachname;vorname;stg\n0012;Lovelace;Ada;82\n",
    "CAMPUSonline": "REGISTRATION_NUMBER;FAMILY_NAME_OF_STUDENT;FIRST_NAME_OF_STUDENT\n"
    "0012;Lovelace;Ada\n",
    "short headings": "#,ID,Last,First\n1,0012,Lovelace,Ada\n",
    "German, in a word": "Matrikelnr.;Name;Punkte\n0012;Ada Lovelace;3,5\n",
    "Canvas without SIS ids": "Student,ID,SIS User ID,SIS Login ID,Section\n"
    "    Points Possible,,,,\nAda Lovelace,0012,,ada,DL-1\n"
    '"Student, Test",999,,8f3a,DL-1\n',
    "ids that keep their zeros": 'ID,NAME\n="0012",Ada Lovelace\n',
    "two ids": "Login ID,Student No,Name\nada,0012,Ada Lovelace\n",
    "any heading": "Phone number,Candidate no.,Candidate name\n555,0012,Ada Lovelace\n",
    "an address for want of ids": "Name,SID,Email\nAda Lovelace,,0012\n",
    "tabs": "id\tname\n0012\tAda Lovelace\n",
    "a spreadsheet's hint": "sep=;\r\nid;name\r\n0012;Ada Lovelace\r\n",
    "comma in a heading": 'id;"name, as printed";note\n0012;Ada Lovelace;\n',
    "old line ends": "id,name\r0012,Ada Lovelace\r",
    "spaces": " ID , Name \n 0012 ,  Ada   Lovelace \n",
    "blank lines around": "\n\nid,name\n0012,Ada Lovelace\n\n  \n",
    "a spreadsheet's empty rows": "id,name\n0012,Ada Lovelace\n,\n , \n",
    "quoted line end": 'note,id,name\n"a\nb",0012,"Ada\nLovelace"\n',
    "short row": "id,name,row,seat\n0012,Ada Lovelace\n",
    "empty cells at the end": "id,name\n0012,Ada Lovelace,,\n",
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_lists_as_teachers_have_them(file: Path, form: str, encoding: str) -> None:
    assert pairs(read(file, FORMS[form].encode(encoding))) == ADA


def test_rows_that_are_no_students_are_told(file: Path) -> None:
    roster = read(file, FORMS["Canvas"] + "Bo Li,778,0013,bo,DL-1,\n")
    assert pairs(roster) == [*ADA, ("0013", "Bo Li")]
    assert roster.left_out == (
        "line 2: a row of the gradebook",
        "line 3: a row of the gradebook",
        "line 5: the test student",
    )
    staff = "Name,SID,Role\nAda Lovelace,0012,Student\nA Tutor,7,TA\n"
    assert read(file, staff).left_out == ("line 3: role TA",)


def test_the_columns_that_were_taken_are_told(file: Path) -> None:
    taken = read(file, "Nr.;Name;Vorname;Matr.-Nr.\n1;Lovelace;Ada;0012\n").taken
    assert taken == "ids from the column Matr.-Nr., names from Vorname, Name"


def test_a_workbook_is_no_class_list(tmp_path: Path) -> None:
    book = tmp_path / "class.xlsx"
    book.write_bytes(b"PK\x03\x04")
    with pytest.raises(UserError, match=r"class\.xlsx is a spreadsheet's own file.*CSV UTF-8"):
        read_roster(book)


def test_names_are_composed_and_ids_stay_text(file: Path) -> None:
    roster = read(file, "id,name\n007,Nu\u0301ria\n7,\u5218 O'Brien\n1e5,\\input{x} $%\n")
    assert pairs(roster) == [("007", "Núria"), ("7", "刘 O'Brien"), ("1e5", "\\input{x} $%")]


def test_seats(file: Path) -> None:
    roster = read(file, "id,name,row,seat\n1,A,2,3\n2,B,b,4\n3,C,,\n")
    assert [student.place for student in roster.students] == [(2, 3), (2, 4), None]
    assert roster.seated
    assert not read(file, "id,name\n1,A\n").seated


BAD: list[tuple[str | bytes, list[str]]] = [
    ("id,name\n1,A\n2,B\n1,C\n", ["line 4: the id 1 stands in line 2 already"]),
    ("id,name\n1,A\n 1 ,C\n", ["line 3: the id 1"]),
    ("id,name\n1,A\n,\n2,B\n", ["line 3: the row is empty"]),
    ("id,name\n1,A\n\n2,B\n", ["line 3: the row is empty"]),
    ("id,name\n1,A\n,,\n2,B\n", ["line 3: the row is empty"]),
    ("id,name\n,A\n", ["line 2: the id is missing"]),
    ("id,name\n1,\n", ["line 2: the name is missing"]),
    ("id,name\n1\n", ["line 2: the name is missing"]),
    ("id,name\n1,Li, Bo\n", ["line 2: 3 fields under 2 headings", "quotes"]),
    ('id,name\n"a\nb\nc",A\n1,\n', ["line 5: the name is missing"]),
    ("sep=,\nid,name\n1,\n", ["line 3: the name is missing"]),
    ("id,name\n1,A\x07\n", ["line 2: the name", "U+0007"]),
    ("id,name\n1,A\x0bB\n", ["line 2: the name", "U+000B"]),
    ("id,name\n1,A\x00B\n", ["line 2: the name", "U+0000"]),
    ("id,name\n1\x1b[2J,A\n", ["line 2: the id", "U+001B"]),
    ("id,name\n1,A\u202eB\n", ["line 2: the name", "U+202E"]),
    (f"id,name\n1,{'x' * 121}\n", ["line 2: the name has 121 characters"]),
    (f"id,name\n{'1' * 121},A\n", ["line 2: the id has 121 characters"]),
    (f"id,name\n1,{'x' * 200_000}\n", ["line 2", "field"]),
    ("id,name\n1.23E+07,A\n", ["line 2: a spreadsheet", "1.23E+07"]),
    ("id,name\n1,A\n12.0,B\n", ["line 3: a spreadsheet", "12.0"]),
    ("name,\nA,\n", ["line 1: no heading is an id's"]),
    ("id,name,row,seat\n1,A,1,\n", ["line 2: row and seat"]),
    ("id,name,row,seat\n1,A,back,1\n", ["line 2: the row is 'back'"]),
    ("id,name,row,seat\n1,A,1,0\n", ["line 2: the seat is '0'"]),
    ("id,name,row,seat\n1,A,2,1\n2,B,b,1\n", ["line 3: row b, seat 1 stands in line 2"]),
    ("id,name\n" + ",\n" * 9 + "1,A\n", ["line 2", "line 5", "and 5 more"]),
    ("name,points\nA,3\n", ["line 1", "an id", "name, points"]),
    ("id,points\n1,3\n", ["line 1", "a name", "id, points"]),
    ("user name,course name\nada,DL\n", ["a name"]),
    ("\n1,A\n2,B\n", ["line 2", "1, A"]),
    ("id,name,ID\n1,A,2\n", ["two columns are called id"]),
    ("id,name\n", ["no student"]),
    ("", ["empty"]),
    ("\n \n", ["empty"]),
    ('id,name\n1,"A\n2,B\n', ["line 2", "quotes"]),
    ('id,name\n1,"A"B\n', ["line 2", "quotes"]),
    ("id,name\n1,A\n2,Núria\n".encode("latin-1"), ["line 3 is not UTF-8", "CSV UTF-8"]),
    ("id,name\n1,A\n".encode("utf-16")[:-1], ["UTF-8"]),
]


@pytest.mark.parametrize(("content", "named"), BAD, ids=lambda x: str(x)[:40])
def test_a_mistake_is_told_with_file_and_line(
    file: Path, content: str | bytes, named: list[str]
) -> None:
    with pytest.raises(UserError) as refused:
        read(file, content)
    said = str(refused.value)
    assert said.startswith("class.csv")
    assert said.isprintable() and len(said) < 400
    for words in named:
        assert words in said


def test_of_many_mistakes_the_first_are_told(file: Path) -> None:
    with pytest.raises(UserError) as refused:
        read(file, "id,name\n" + ",\n" * 9 + "1,A\n")
    assert str(refused.value).count("line ") == 4


def test_the_manual_quotes_what_is_said(file: Path) -> None:
    lines = ["id,name", *(f"{k:04d},A" for k in range(2, 16))]
    lines[3] = lines[8] = "0012,A"
    lines[11] = "0099,A"
    lines[14] = "0015,"
    with pytest.raises(UserError) as refused:
        read(file, "\n".join(lines))
    manual = (EXAMS.parents[1] / "docs" / "exams.md").read_text(encoding="utf-8")
    assert str(refused.value).removesuffix(" Mend the roster.") in manual


def test_files_that_are_not_there_or_too_large(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match="cannot be read: No such file"):
        read_roster(file)
    with pytest.raises(UserError, match="cannot be read"):
        read_roster(file.parent)
    monkeypatch.setattr("penwork.compose.exams.table.MOST_BYTES", 10)
    with pytest.raises(UserError, match="larger"):
        read(file, "id,name\n1,A\n")
    monkeypatch.undo()
    monkeypatch.setattr("penwork.compose.exams.roster.MOST_STUDENTS", 1)
    with pytest.raises(UserError, match="2 students; 1 at most"):
        read(file, "id,name\n1,A\n2,B\n")


def test_numbered_papers() -> None:
    assert [student.id for student in numbered(3).students] == ["0001", "0002", "0003"]
    assert {len(student.id) for student in numbered(12_345).students} == {5}
    assert not numbered(3).seated and numbered(3).students[0].name == ""
    # More papers change no earlier one.
    assert numbered(9).students == numbered(1000).students[:9]
    for count in (0, -1, 50_001):
        with pytest.raises(UserError, match=str(count)):
            numbered(count)


# --- whatever else a list may hold ----------------------------------------------------------

WORDS = (
    st.text(
        st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"), codec="utf-8"),
        min_size=1,
        max_size=30,
    )
    .filter(
        lambda text: not set(text) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    )
    .map(lambda text: unicodedata.normalize("NFC", " ".join(text.split())))
    .filter(lambda text: 0 < len(text) <= 80)
)
IDS = WORDS.filter(lambda text: not re.fullmatch(r".*E\+.*|\d+\.0", text))
STUDENTS = st.lists(st.tuples(IDS, WORDS), min_size=1, max_size=12, unique_by=lambda pair: pair[0])
SHAPES = st.fixed_dictionaries(
    {
        "separator": st.sampled_from(",;\t"),
        "ends": st.sampled_from(["\n", "\r\n", "\r"]),
        "quoting": st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
        "encoding": st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    }
)


def written(rows: list[tuple[str, ...]], shape: dict[str, str]) -> bytes:
    out = io.StringIO()
    csv.writer(
        out,
        delimiter=shape["separator"],
        lineterminator=shape["ends"],
        quoting=shape["quoting"],  # type: ignore[arg-type]
    ).writerows(rows)
    return out.getvalue().encode(shape["encoding"])


@often
@given(STUDENTS, SHAPES)
def test_every_class_is_read_as_it_was_written(
    file: Path, students: list[tuple[str, str]], shape: dict[str, str]
) -> None:
    roster = read(file, written([("id", "name"), *students], shape))
    assert pairs(roster) == students
    assert [student.line for student in roster.students] == [*range(2, len(students) + 2)]
    other = read(file, written([("name", "id"), *((n, i) for i, n in students)], shape))
    assert other.digest == roster.digest


@often
@given(STUDENTS, st.data())
def test_the_digest_tells_classes_apart(
    file: Path, students: list[tuple[str, str]], data: st.DataObject
) -> None:
    def digest(pairs: list[tuple[str, str]]) -> str:
        return Roster(tuple(Student(*pair) for pair in pairs), seated=False).digest

    at = data.draw(st.integers(0, len(students) - 1))
    ident, name = students[at]
    changed = [*students[:at], (ident, name + "x"), *students[at + 1 :]]
    assert len({digest(students), digest(changed), digest(students[1:])}) == 3


@often
@given(STUDENTS, SHAPES, st.data())
def test_a_second_time_the_same_id(
    file: Path, students: list[tuple[str, str]], shape: dict[str, str], data: st.DataObject
) -> None:
    twice = [*students, data.draw(st.sampled_from(students))]
    with pytest.raises(UserError, match=f"line {len(twice) + 1}: the id"):
        read(file, written([("id", "name"), *twice], shape))


@often
@given(
    st.binary(max_size=120)
    | st.text(st.characters(codec="utf-8"), max_size=120).map(lambda t: f"id,name\n{t}".encode())
)
def test_any_bytes_are_read_or_refused(file: Path, content: bytes) -> None:
    try:
        roster = read(file, content)
    except UserError as refused:
        assert str(refused).startswith("class.csv") and str(refused).isprintable()
    else:
        assert all(student.id and student.name for student in roster.students)
