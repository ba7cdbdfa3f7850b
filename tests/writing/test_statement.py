"""Statements: each filter prints a given so that the certificate reads the same one back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penwork.author import choice, count, flag, matrix, scalar, table, tally, token, tokens, vector
from penwork.certify import certify_statement
from penwork.draw import Draw
from penwork.errors import Fault, UserError
from penwork.escape import escape
from penwork.maths.given import Given, read_given
from penwork.writing.digits import token_tex
from penwork.writing.statement import (
    WORDS,
    Prose,
    read_back,
    render_sentence,
    render_statement,
    same_as_printed,
)

PART = '<% part asks="y" marks="A1" %>Do.<% endpart %>'


def render(source: str, declared: dict[str, Given], raw: dict[str, Any]) -> tuple[Prose, Any]:
    stored = read_given(declared, raw)
    prose = render_statement(source + PART, declared, stored, 2, Draw("story"))
    return prose, stored


def told(source: str, declared: dict[str, Given], raw: dict[str, Any]) -> list[Any]:
    """(macro, path, printed) of all that is told, each of them certified."""
    prose, stored = render(source, declared, raw)
    texts = [prose.text, *(part.text for part in prose.parts)]
    found = read_back(texts)
    assert certify_statement(declared, stored, texts) == len(found)
    return found


ALL_OF = "<% for x in g %><< x|n >> <% endfor %>"
TABLE = "<% for r in g %><% for c in r %><< c|n >><% endfor %><% endfor %>"
FILTERS: dict[str, tuple[str, Given, Any, list[Any]]] = {
    "number": ("<< g|n >>", scalar(), "-3/4", [("val", "g", "-0.75")]),
    "equation": ("<< g|eq >>", scalar("w_0"), 12345, [("given", "g", r"12\,345")]),
    "fraction": ("<< g|n >>", scalar(style="fraction"), "-3/4", [("val", "g", r"-\frac{3}{4}")]),
    "long fraction": ("<< g|eq >>", scalar(), "1/333", [("given", "g", r"\frac{1}{333}")]),
    "all decimals": ("<< g|n >>", scalar(), "0.123456789", [("val", "g", "0.123456789")]),
    "greek": ("<< g|eq >>", scalar(r"\alpha"), "0.05", [("given", "g", "0.05")]),
    "two decimals": ("<< g|n(2) >>", scalar(), "-1234.5", [("val", "g", "-1234.50")]),
    "from a whole number": ("<< g|n(2) >>", count(), 3, [("val", "g", "3.00")]),
    "three decimals stay": ("<< g|n(2) >>", scalar(), "0.125", [("val", "g", "0.125")]),
    "count": ("<< g|n >>", count(), 3, [("val", "g", "3")]),
    "count in words": ("<< g|word >>", count(), 3, [("word", "g", "three")]),
    "none in words": ("<< g|word >>", count(), 0, [("word", "g", "no")]),
    "large count": ("<< g|word >>", count(), 11, [("val", "g", "11")]),
    "column": ("<< g|eq >>", vector(), [1, -2], [("given", "g", r"\pmx{1 \\ -2}")]),
    "row": ("<< g|eq >>", vector(row=True), [1, -2], [("given", "g", r"\pmx{1 & -2}")]),
    "entries": (ALL_OF, vector(), [1, "1/2"], [("val", "g:0", "1"), ("val", "g:1", "0.5")]),
    "matrix": ("<< g|n >>", matrix(), [[1, 2]], [("val", "g", r"\pmx{1 & 2}")]),
    "rows of a matrix": (
        "<< g[0]|eq >> << g[1]|n >>",
        matrix("W"),
        [[1, 2], [3, 4]],
        [("given", "g:0", r"\pmx{1 & 2}"), ("val", "g:1", r"\pmx{3 & 4}")],
    ),
    "padded": (
        "<< g|n >>",
        matrix(),
        [["0.25"], [1]],
        [("val", "g", r"\pmx{0.25 \\ 1\z{.00}}")],
    ),
    "flag": ('<< g|says("On.", "Off.") >>', flag(), False, [("said", "g", "no")]),
    "choice": (
        '<< g|says("Mean.", "Sum.") >>',
        choice(options=("mean", "sum")),
        "sum",
        [("said", "g", "sum")],
    ),
    "token": ("<< g|tok >>", token(), "50%_off", [("word", "g", r"\tok{50\%\_off}")]),
    "token of signs": ("<< g|tok >>", token(), "--<<", [("word", "g", r"\tok{-{}-{}<{}<}")]),
    "tokens": (
        "<% for w in g %><< w|tok >><% endfor %>",
        tokens(),
        ["a", "b"],
        [("word", "g:0", r"\tok{a}"), ("word", "g:1", r"\tok{b}")],
    ),
    "table": (
        '<< g["a"]["b"]|n >> and << g["a"]["c"]|n >>',
        table(),
        {"a": {"b": "0.5", "c": "1/3"}},
        [("val", "g:0:0", "0.5"), ("val", "g:0:1", r"\frac{1}{3}")],
    ),
    "tally": (
        "<% for word, n in g.words %><< word|tok >> << n|n >>; <% endfor %>",
        tally(),
        {"low": 5, "a%": 12},
        [
            ("word", "g:0:word", r"\tok{low}"),
            ("val", "g:0", "5"),
            ("word", "g:1:word", r"\tok{a\%}"),
            ("val", "g:1", "12"),
        ],
    ),
    "table by loops": (
        TABLE,
        table(),
        {"a": {"b": 1}, "c": {"b": 2}},
        [("val", "g:0:0", "1"), ("val", "g:1:0", "2")],
    ),
}


@pytest.mark.parametrize(
    ("source", "declared", "raw", "name"),
    [
        ("<< g[1]|eq >> << g[0]|n >>", vector(), [1, 2], "g_2"),
        ("<< g[1]|eq >> << g[0]|n >>", vector(r"\mathbf x", first=0), [1, 2], "x_1"),
        ("<< g[1]|eq >> << g[0]|n >>", matrix(r"\mathbf W"), [[1, 2], [3, 4]], r"\mathbf w_2"),
        ("<< g|n >> << g[1][0]|eq >>", matrix(r"\mathbf W"), [[1, 2], [3, 4]], "W_{21}"),
    ],
)
def test_an_entry_goes_by_its_own_name(source: str, declared: Given, raw: Any, name: str) -> None:
    prose, _ = render(source, {"g": declared}, {"g": raw})
    assert f"}}{{{name}}}{{" in prose.text


def test_an_entry_of_a_table_has_no_name() -> None:
    with pytest.raises(Fault, match="has no name"):
        render('<< g["a"]["b"]|eq >>', {"g": table()}, {"g": {"a": {"b": 1}}})


@pytest.mark.parametrize("name", FILTERS)
def test_filter_is_read_back(name: str) -> None:
    source, declaration, raw, wanted = FILTERS[name]
    assert told(source, {"g": declaration}, {"g": raw}) == wanted


@pytest.mark.parametrize("name", FILTERS)
def test_filter_that_is_dropped_is_missed(name: str) -> None:
    _, declaration, raw, _ = FILTERS[name]
    with pytest.raises(Fault, match="does not tell"):
        told("Nothing.", {"g": declaration}, {"g": raw})


def another(stored: Any) -> Any:
    """A given like this one, and yet another."""
    if isinstance(stored, dict):
        return {key: another(entry) for key, entry in stored.items()}
    if isinstance(stored, list):
        return [another(entry) for entry in stored]
    return stored + ("s" if isinstance(stored, str) else 1)


@pytest.mark.parametrize("name", [n for n in FILTERS if n not in ("flag", "choice")])
def test_filter_printing_another_value_is_seen(name: str) -> None:
    source, declaration, raw, _ = FILTERS[name]
    prose, stored = render(source, {"g": declaration}, {"g": raw})
    with pytest.raises(Fault, match="prints"):
        certify_statement({"g": declaration}, {"g": another(stored["g"])}, [prose.text])


@settings(max_examples=80, deadline=None)
@given(
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=24)
    | st.text(st.sampled_from(r"\{}$&#%_^~<>%ab "), min_size=1, max_size=12)
)
def test_any_token_is_read_back_or_refused(word: str) -> None:
    try:
        read_given({"g": token()}, {"g": word})
    except UserError:
        return
    assert told("One << g|tok >>.", {"g": token()}, {"g": word}) == [("word", "g", token_tex(word))]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.lists(st.fractions(-(10**6), 10**6, max_denominator=10**5), min_size=2, max_size=2),
        min_size=1,
        max_size=3,
    )
)
def test_any_matrix_is_read_back(rows: list[list[Any]]) -> None:
    assert len(told("<< g|eq >>", {"g": matrix()}, {"g": rows})) == 1


@pytest.mark.parametrize(
    ("printed", "stored", "same"),
    [
        ("3", 3, True),
        ("three", 3, True),
        ("three", 4, False),
        ("-3", 3, False),
        ("0.3333", "1/3", False),
        (r"\frac{1}{3}", "1/3", True),
        ("", 3, False),
        ("x", 3, False),
        (r"\frac{1}{0}", 3, False),
        (r"\pmx{1 & 2}", [[1, 2]], True),
        (r"\pmx{1 \\ 2}", [[1, 2]], False),
        (r"\pmx{1 & 2 \\ 3}", [[1, 2]], False),
        (r"\pmx{1 \\ 2}", [1, 2], True),
        (r"\pmx{2 \\ 1}", [1, 2], False),
    ],
)
def test_same_as_printed(printed: str, stored: Any, same: bool) -> None:
    kind = matrix() if isinstance(stored, list) and isinstance(stored[0], list) else vector()
    declared = {"g": kind if isinstance(stored, list) else scalar()}
    assert same_as_printed(printed, read_given(declared, {"g": stored})["g"]) is same


def test_words_of_numbers() -> None:
    assert [WORDS[i] for i in (1, 2, 10)] == ["one", "two", "ten"]


def test_braces_escaped_or_nested_are_told_apart() -> None:
    assert read_back([r"a \word{g}{\tok{\{x\}}} \val{h:0}{\frac{1}{2}}"]) == [
        ("word", "g", r"\tok{\{x\}}"),
        ("val", "h:0", r"\frac{1}{2}"),
    ]


@pytest.mark.parametrize("text", [r"\val{g}{1", r"\val{g", r"\val{g}"])
def test_braces_that_do_not_close_are_a_fault(text: str) -> None:
    with pytest.raises(Fault, match="no brace closes"):
        read_back([text])


# ── parts, stories, levels ──


def test_parts_are_taken_out_of_the_text() -> None:
    source = 'Before << g|n >>.\n<% part asks="a b" marks="M1 A2" %>First.<% endpart %>\nAfter.'
    prose, _ = render(source, {"g": scalar()}, {"g": 1})
    assert prose.text == "Before \\val{g}{1}.\nAfter."
    assert [(p.text, p.asks, p.marks) for p in prose.parts] == [
        ("First.", ("a", "b"), "M1 A2"),
        ("Do.", ("y",), "A1"),
    ]


@pytest.mark.parametrize(
    ("source", "parts"),
    [
        ("{a}One.\n{b}Two.\n", ["One.", "Two."]),
        ("{a}One.<% if level > 2 %> Hard.<% else %> Easy.<% endif %> Then.", ["One. Easy. Then."]),
        ("<% if level < 3 %>{a}One.\n<% else %>{b}Two.<% endif %> After.", ["One."]),
        ("{a}One.\n<% if level < 3 %>\n{b}Two.\n<% endif %> After.", ["One.", "Two."]),
        ("<% for _ in (1, 2) %>{a}Again.<% endfor %>", ["Again.", "Again."]),
        ("{a}One.<% endpart %> After.", ["One."]),
        ("<% macro m() %>{a}One.<% endmacro %><< m() >> After.", ["One."]),
    ],
)
def test_a_part_ends_where_the_next_begins(source: str, parts: list[str]) -> None:
    tags = {f"{{{name}}}": f'<% part asks="{name}" marks="M1" %>' for name in "ab"}
    for name, tag in tags.items():
        source = source.replace(name, tag)
    prose = render_statement(f"<< g|n >> {source}", {"g": scalar()}, {"g": 1}, 2, Draw("s"))
    assert [part.text for part in prose.parts] == parts
    assert prose.text == r"\val{g}{1}" + (" After." if "After" in source else "")


def test_level_chooses_parts() -> None:
    source = "<% if level > 2 %>hard<% else %>easy<% endif %> << g|n >>"
    assert render(source, {"g": scalar()}, {"g": 1})[0].text.startswith("easy")


def test_plain_is_for_conditions() -> None:
    source = "<% if g.plain > 1 %>many<% else %>one<% endif %>: << g|n >>"
    assert render(source, {"g": count()}, {"g": 2})[0].text.startswith("many")


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        ("<< g >>", "numbers"),
        ("<< g.plain >>", "numbers"),
        ("<< g.plain|n >>", "numbers"),
        ("<< 7|word >>", "numbers"),
        ("<< 7|eq >>", "numbers"),
        ("<< nobody|n >>", "statement"),
        ("<< g|nofilter >>", "statement"),
        ("<% part %>", "statement"),
        ("<% endpart %>", "statement"),
        ("<< g|n", "statement"),
    ],
)
def test_broken_statement_is_a_fault(source: str, rule: str) -> None:
    with pytest.raises(Fault) as caught:
        render(source, {"g": scalar()}, {"g": 1})
    assert caught.value.rule == rule


def test_sentence_without_values_is_left_alone() -> None:
    assert render_sentence("All is well.", {}) == "All is well."


def test_story_is_drawn_from_its_own_stream() -> None:
    def story(seed: int) -> str:
        source = '<< pick("a", "b", "c") >><< pick("d", "e") >>'
        return render_statement(source, {}, {}, 1, Draw("story", seed)).text

    assert story(1) == story(1)
    assert len({story(seed) for seed in range(20)}) > 3


@given(st.text())
def test_escaped_text_has_no_bare_special(text: str) -> None:
    escaped = escape(text)
    for bare in ("\\textbackslash{}", "\\textasciicircum{}", "\\textasciitilde{}"):
        escaped = escaped.replace(bare, "")
    for special in "{}$&#%_":
        escaped = escaped.replace("\\" + special, "")
    assert not set(escaped) & set("\\{}$&#%_^~")
