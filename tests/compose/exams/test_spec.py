"""What a spec may say, and how each mistake in it is told."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from penwork.catalogue import Catalogue, default_folders, load
from penwork.compose.exams.spec import Entry, Section, Spec, read_spec
from penwork.errors import UserError

EXAMS = Path(__file__).parents[3] / "templates" / "exams"
MANUAL = EXAMS.parents[1] / "docs" / "exams.md"
SHORTEST = """\
title = "Midterm"
minutes = 50
{top}
[[section]]
{section}
[[section.problem]]
template = "forward_backward/gradient_descent"
{problem}
{end}
"""
# Parts of the problem above: a (4 points), b (2), c (2).


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load(default_folders())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "midterm.toml"


def written(**places: str) -> str:
    return SHORTEST.format(**{"top": "", "section": "", "problem": "", "end": "", **places})


def test_the_example_reads_as_its_comments_say(catalogue: Catalogue) -> None:
    spec = read_spec(EXAMS / "midterm.toml", catalogue)
    assert (len(spec.section), spec.points, spec.date) == (3, 60, "2026-11-20")
    assert [entry.same for entry in spec.entries].count(True) == 1
    assert [section.pick for section in spec.section] == [None, None, 1]
    assert spec.section[1].problem[0].bridge == ("b",)
    assert spec.accommodations["0042643"].extra_time == 25
    assert sum(len(s.problem) if s.pick is None else s.pick for s in spec.section) == 6


def test_what_is_left_out_is_as_told(catalogue: Catalogue, file: Path) -> None:
    file.write_text(written(), encoding="utf-8")
    spec = read_spec(file, catalogue)
    assert (spec.paper, spec.versions, spec.aids, spec.places) == ("a4", "per-student", "", 4)
    assert spec.entries == (Entry(template="forward_backward/gradient_descent"),)
    assert spec.exam_id == "midterm"


def test_values_are_kept_as_they_are(catalogue: Catalogue, file: Path) -> None:
    file.write_text(
        "\ufeff"
        + written(
            top="versions = 3\npoints = 9.0\ndate = 2026-10-02\n"
            'instructions = """a\n  \\\\write18"""',
            section='order = "shuffled"\npick = 1',
            problem='space = 6\nparts = ["c", "a"]\nbridge = ["a"]\npoints = 9',
            end='[accommodations."\u0065\u0301 1"]\nsans = true',
        ),
        encoding="utf-8",
    )
    spec = read_spec(file, catalogue)
    assert (spec.versions, spec.points, spec.date) == (3, 9, "2026-10-02")
    assert spec.instructions == "a\n  \\write18"
    entry = spec.entries[0]
    assert (entry.space, entry.parts, entry.bridge) == (6, ("a", "c"), ("a",))
    assert list(spec.accommodations) == ["é 1"]  # composed, as a roster has it


TWO = '[[section.problem]]\ntemplate = "forward_backward/momentum_step"\n'
NONE = "[[section]]\n"
BAD: list[tuple[dict[str, str] | str, list[str]]] = [
    ({"top": "minuts = 3"}, ['no key "minuts"', "mean minutes?"]),
    ({"top": "level = 2"}, ['no key "level"', "[[section.problem]]"]),
    ({"top": "zzz = 2"}, ['no key "zzz"', "title", "accommodations"]),
    ({"section": "ordr = 2"}, ["section 1: ", "mean order?"]),
    ({"problem": "tempalte = 2"}, ["section 1, problem 1: ", "mean template?"]),
    ({"end": "[accommodations.7]\nlarge = true"}, ['accommodations "7": ', "mean large_print?"]),
    ({"top": 'paper = "a3"'}, ['paper is "a3"', "letter"]),
    ({"top": 'versions = "each"'}, ['versions is "each"', "per-student", "26"]),
    ({"top": "versions = 0"}, ["versions is 0"]),
    ({"top": "versions = 27"}, ["versions is 27"]),
    ({"top": "versions = true"}, ["versions is true"]),
    ({"top": 'aids = "phone"'}, ['aids is "phone"', "strip"]),
    ({"top": "places = 3"}, ["places is 3", "4 to 8"]),
    ({"top": "spare = -1"}, ["spare is -1"]),
    ({"top": "spare = 9999999"}, ["spare is 9999999"]),
    ({"top": "anonymous = 1"}, ["anonymous is 1", "true or false"]),
    ({"top": 'language = "tlh"'}, ['language is "tlh"', '"en"']),
    ({"top": 'id = "../x"'}, ['id is "../x"']),
    ({"top": f'id = "{"x" * 81}"'}, ["id is", "(81 characters)"]),
    ({"top": f'course = "{"x" * 121}"'}, ["course is", "(121 characters)", "at most 120"]),
    ({"top": 'course = "a\\nb"'}, ["course is", "one line"]),
    ({"top": 'course = "a\\u0007b"'}, ['course is "a\\u0007b"', "printable"]),
    ({"top": 'course = "a\\u202eb"'}, ['course is "a\\u202eb"', "printable"]),
    ({"top": 'instructions = "\\u0000"'}, ["instructions is"]),
    ({"top": f'instructions = "{"x" * 4001}"'}, ["instructions is", "4000"]),
    ({"top": "date = 12:00:00"}, ["date is 12:00:00"]),
    ({"top": "date = 2026-10-02T12:00:00Z"}, ["date is 2026-10-02T12:00:00"]),
    ({"top": "date = 5"}, ["date is 5"]),
    ({"top": 'points = "ten"'}, ['points is "ten"']),
    ({"top": "points = nan"}, ["points is nan"]),
    ({"top": "points = 0"}, ["points is 0"]),
    ({"top": "points = 9"}, ["points is 9", "add up to 8"]),
    ({"top": "points = 8.5"}, ["points is 8.5", "add up to 8"]),
    ({"top": "section = []\n#", "section": ""}, ["TOML", "line"]),
    ({"top": 'accommodations = "none"'}, ['accommodations is "none"']),
    ({"end": '[accommodations]\n"7" = true'}, ['accommodations "7" is true', "table"]),
    ({"end": "[accommodations.7]\nextra_time = 30"}, ["extra_time is 30", "25, 50 or 100"]),
    ({"end": "[accommodations.7]\nextra_time = 25.0"}, ["extra_time is 25.0"]),
    ({"section": 'order = "random"'}, ["section 1: order is", "shuffled"]),
    ({"section": "pick = 0"}, ["section 1: pick is 0"]),
    ({"section": "pick = 2"}, ["section 1: pick is 2", "1 in the list"]),
    ({"section": "pick = true"}, ["section 1: pick is true"]),
    ({"section": "pick = 1", "end": TWO + "points = 9"}, ["section 1: ", "8 and 9 points", "pick"]),
    ({"end": NONE + 'title = "empty"'}, ["section 2: problem is missing"]),
    ({"end": NONE + "problem = []"}, ["section 2: problem is []", "[[section.problem]]"]),
    ({"end": NONE + "problem = [3]"}, ["section 2: problem 1 is 3", "table"]),
    ({"end": NONE + "problem = [{}]"}, ["section 2, problem 1: template is missing"]),
    ({"problem": "level = 4"}, ["section 1, problem 1: level is 4", "1, 2 or 3"]),
    ({"problem": "level = true"}, ["level is true"]),
    ({"problem": "level = 2.0"}, ["level is 2.0"]),
    ({"problem": 'parts = "a"'}, ['parts is "a"', '["a", "b"]']),
    ({"problem": "parts = []"}, ["parts is []"]),
    ({"problem": 'parts = ["a", "a"]'}, ['parts is ["a", "a"]', "each once"]),
    ({"problem": 'parts = ["a", "d"]'}, ['problem 1: parts names "d"', "a, b and c"]),
    ({"problem": 'bridge = ["d"]'}, ['problem 1: bridge names "d"', "a, b and c"]),
    ({"problem": 'bridge = ["c"]'}, ['bridge names "c"', "no part"]),
    ({"problem": 'parts = ["a"]\nbridge = ["a"]'}, ['bridge names "a"', "no part"]),
    ({"problem": "points = 0"}, ["problem 1: points is 0"]),
    ({"problem": "points = 2.5"}, ["problem 1: points is 2.5", "whole number"]),
    ({"problem": "points = 2"}, ["problem 1: points is 2", "3 parts"]),
    ({"problem": 'space = "much"'}, ['space is "much"', "half"]),
    ({"problem": "space = 0"}, ["space is 0"]),
    ({"problem": "space = 26"}, ["space is 26", "25"]),
    ({"problem": "space = inf"}, ["space is inf"]),
    ({"problem": "space = nan"}, ["space is nan"]),
    ({"problem": 'same = "yes"'}, ['same is "yes"', "true or false"]),
    ({"end": TWO * 60}, ["61 problems", "60"]),
    (written().replace("gradient_descent", "gradient_decent"), ["problem 1: template", "Did you"]),
    (written().replace("forward_backward/", ""), ["problem 1: template", "forward_backward/"]),
    (written().replace('"forward', '"../../x/forward'), ["problem 1: template"]),
    (written().replace("minutes = 50\n", ""), ["minutes is missing", "Write a whole number"]),
    (written().replace('"Midterm"', '" "'), ["title is"]),
    (written().replace('"Midterm"', "3"), ["title is 3"]),
    (written().replace("[[section]]", "[section]"), ["section is a table", "[[section]]"]),
    ('title = "x"\nminutes = 3\n', ["section is missing", "[[section]]"]),
    ('title = "x"\nminutes = 3\nsection = [1]\n', ["section 1 is 1"]),
    ("", ["title is missing"]),
    ('title = "x\n', ["not TOML", "line 1"]),
    ("a = 1\nb = \n", ["not TOML", "line 2"]),
    ("a = 1\na = 2\n", ["not TOML"]),
    ("a = " + "9" * 5000, ["absurd size"]),
    ("a = " + "[" * 50_000, ["deep"]),
    ("#" * 1_000_001, ["larger than 1 MB"]),
]


@pytest.mark.parametrize(("content", "named"), BAD, ids=lambda x: str(x)[:50])
def test_a_mistake_is_told_with_file_and_key(
    catalogue: Catalogue, file: Path, content: dict[str, str] | str, named: list[str]
) -> None:
    text = written(**content) if isinstance(content, dict) else content
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UserError) as refused:
        read_spec(file, catalogue)
    said = str(refused.value)
    assert said.startswith("midterm.toml")
    assert said.isprintable() and len(said) < 400
    for words in named:
        assert words in said


def test_the_manual_quotes_what_is_said(catalogue: Catalogue, file: Path) -> None:
    file.write_text(written(end=NONE + TWO + "level = 4"), encoding="utf-8")
    with pytest.raises(UserError) as refused:
        read_spec(file, catalogue)
    assert f"    {refused.value}\n" in MANUAL.read_text(encoding="utf-8")


def test_files_that_are_no_text_or_not_there(catalogue: Catalogue, file: Path) -> None:
    file.write_bytes(b'a = 1\nb = "\xff"\n')
    with pytest.raises(UserError, match=r"midterm\.toml: line 2 is not UTF-8"):
        read_spec(file, catalogue)
    with pytest.raises(UserError, match=r"missing\.toml cannot be read: No such file"):
        read_spec(file.with_name("missing.toml"), catalogue)
    with pytest.raises(UserError, match="cannot be read"):
        read_spec(file.parent, catalogue)


# --- names of exams -------------------------------------------------------------------------


def exam(**keys: Any) -> Spec:
    section = Section(problem=(Entry(template="a/b"),))
    return Spec(**{"title": "Final", "minutes": 90, "section": (section,), **keys})


def test_an_exam_is_named_by_its_id_or_by_course_title_and_date() -> None:
    assert exam(id="dl.2026", course="Deep").exam_id == "dl.2026"
    assert (
        exam(course="Deep Learning", date="2026-11-20").exam_id == "deep-learning-final-2026-11-20"
    )


def test_letters_that_a_name_cannot_keep_count_too() -> None:
    names = {exam(title=title, date="2026").exam_id for title in ("深度学习", "線形代数", "é", "e")}
    assert len(names) == 4


@given(st.lists(st.text(min_size=1, max_size=120), min_size=2, max_size=2, unique=True))
def test_two_exams_have_two_names(titles: list[str]) -> None:
    def letters(text: str) -> str:
        return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")

    try:
        one, other = (exam(title=title) for title in titles)
    except ValueError:
        return
    assert re.fullmatch(r"[A-Za-z0-9-]{1,80}", one.exam_id)
    assert one.exam_id != other.exam_id or letters(one.title) == letters(other.title)


# --- whatever else a file may hold ----------------------------------------------------------

TURNS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
TITLES = st.text(
    st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\u2028\u2029" + TURNS),
    min_size=1,
    max_size=40,
).filter(lambda text: text.strip())
ENTRIES = st.fixed_dictionaries(
    {"template": st.just("forward_backward/gradient_descent")},
    optional={
        "level": st.sampled_from([2, 3]),
        "parts": st.just("all") | st.sets(st.sampled_from("abc"), min_size=1).map(sorted),
        "points": st.integers(3, 1000),
        "space": st.sampled_from(["auto", "third", "half", "full"])
        | st.floats(0.5, 25)
        | st.integers(1, 25),
        "same": st.booleans(),
    },
)
SECTIONS = st.fixed_dictionaries(
    {"problem": st.lists(ENTRIES, min_size=1, max_size=3)},
    optional={
        "title": TITLES,
        "instructions": TITLES,
        "order": st.sampled_from(["fixed", "shuffled"]),
    },
)
SPECS = st.fixed_dictionaries(
    {
        "title": TITLES,
        "minutes": st.integers(1, 1440),
        "section": st.lists(SECTIONS, min_size=1, max_size=3),
    },
    optional={
        "course": TITLES,
        "date": st.dates().map(str),
        "instructions": TITLES,
        "versions": st.just("per-student") | st.integers(1, 26),
        "anonymous": st.booleans(),
        "spare": st.integers(0, 1000),
        "accommodations": st.dictionaries(
            st.from_regex(r"[0-9]{1,7}", fullmatch=True),
            st.fixed_dictionaries({}, optional={"extra_time": st.sampled_from([0, 25, 50, 100])}),
            max_size=3,
        ),
    },
)
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=5,
)
often = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def toml(value: Any) -> str:
    """A value inline."""
    if isinstance(value, dict):
        pairs = (f"{toml(str(k))} = {toml(v)}" for k, v in value.items() if v is not None)
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, list):
        return f"[{', '.join(toml(v) for v in value if v is not None)}]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return repr(value).lower()


def lines(spec: dict[str, Any]) -> str:
    return "".join(f"{toml(k)} = {toml(v)}\n" for k, v in spec.items() if v is not None)


@often
@given(SPECS)
def test_what_may_be_said_is_read_as_it_was_said(
    catalogue: Catalogue, file: Path, said: dict[str, Any]
) -> None:
    file.write_text(lines(said), encoding="utf-8", newline="")
    spec = read_spec(file, catalogue)
    shown = spec.model_dump(exclude_unset=True, mode="json")
    assert [s["problem"] for s in shown["section"]] == [s["problem"] for s in said["section"]]
    for key in said.keys() - {"title", "course", "instructions", "section"}:
        assert shown[key] == said[key], key


@often
@given(SPECS, st.data())
def test_junk_anywhere_is_refused_in_one_line(
    catalogue: Catalogue, file: Path, said: dict[str, Any], data: st.DataObject
) -> None:
    places = [said, *said["section"], *(p for s in said["section"] for p in s["problem"])]
    place = data.draw(st.sampled_from(places))
    known = [*Spec.model_fields, *Section.model_fields, *Entry.model_fields, "junk"]
    place[data.draw(st.sampled_from(known))] = data.draw(JUNK)
    try:
        text = lines(said).encode()
    except UnicodeEncodeError:
        return
    file.write_bytes(text)
    try:
        read_spec(file, catalogue)
    except UserError as refused:
        assert str(refused).startswith("midterm.toml")
        assert str(refused).isprintable()


@often
@given(st.binary(max_size=200))
def test_any_bytes_are_refused(catalogue: Catalogue, file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(UserError, match=r"midterm\.toml") as refused:
        read_spec(file, catalogue)
    assert str(refused.value).isprintable()
