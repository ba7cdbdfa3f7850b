"""Algorithms on symbols: states in rows, many candidates of which a few are printed, pairs."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from maths.tiny import tiny
from penwork.author import option, slip, tally
from penwork.document import document
from penwork.errors import Fault
from penwork.instance import make_given, solve
from penwork.ledger import certify_lines
from penwork.maths.given import read_given
from penwork.maths.work import Work
from penwork.model import Instance, Step
from penwork.press.lines import boxes, handed_in
from penwork.prove.saboteur import Sabotage, Saboteur
from penwork.readable import worked
from penwork.readable.source import source
from penwork.writing.lines import decision_text, write_lines
from penwork.writing.pen import Paper

GIVEN = {"words": tally()}
STATEMENT = (
    "<% for word, n in words.words %><< word|tok >>: << n|n >>. <% endfor %>"
    '<% part asks="pairs spelled" marks="M1 A1" %>Merge.<% endpart %>'
)
TWO, SIX = [["a%", "b"], ["c"]], {"x": 2, "y": 5, "z": 5, "u": 1, "v": 3, "w": 3}


def solving(work: Any, given: Any) -> None:
    rows = work.state("rows", ["one", "two"], TWO, slips=[slip("cut", "b.", lambda: [["a%"]])])
    counts = given.words
    best = work.choose(
        "best", [option(f"n_{w}", n + 0 * n, w) for w, n in counts.items()], tie="listed",
        tied="The first.", shown=3, slips=[slip("last", "c.", lambda found: [len(found) - 1])],
    )[0]  # fmt: skip
    work.let("twice", best.score * 2, "t")
    work.answer("pairs", [(best.item, "b"), ("c", "d")], joint=r"\sep")
    work.answer("spelled", rows[0], joint=r"\sep", label="word")


def check(given: Any) -> dict[str, Any]:
    """Looks."""
    best = max(given["words"], key=given["words"].__getitem__)
    others = [n for word, n in given["words"].items() if word != best]
    return {"pairs": [[best, "b"], ["c", "d"]], "spelled": ["a%", "b"], "step rows": TWO,
            "step best": ([given["words"][best]], others),
            "twice": 2 * given["words"][best]}  # fmt: skip


def made(words: dict[str, int] = SIX, **found: Any) -> Instance:
    def checking(given: Any) -> dict[str, Any]:
        """Looks."""
        return check(given) | found

    template = tiny(solve=solving, check=checking, given=GIVEN, statement=STATEMENT)
    return make_given(template, {"words": words}, level=1)


def run(words: dict[str, int]) -> Work:
    return solve(tiny(solve=solving, given=GIVEN), read_given(GIVEN, {"words": words}))


def test_rows_of_symbols_are_printed_apart() -> None:
    lines = made().steps[0].lines
    assert [line.latex for line in lines] == [r"one : \tok{a\%}\sep\tok{b}", r"two : \tok{c}"]


@pytest.mark.parametrize("rows", [[["a%"], ["b", "c"]], [["a%", "b"]], [["a%", "c"], ["c"]]])
def test_rows_that_check_finds_otherwise(rows: Any) -> None:
    with pytest.raises(Fault, match="decides otherwise"):
        made(**{"step rows": rows})


@pytest.mark.parametrize("printed", [r"\tok{a\%}\sep\tok{c}", r"\tok{a\%b}", r"\tok{a\%}"])
def test_rows_that_are_printed_wrongly(printed: str) -> None:
    stored = read_given(GIVEN, {"words": SIX})
    work = run(SIX)
    steps = [
        Step(r.name, r.kind, "a", "", write_lines(r, Paper()), None, True, True)
        for r in work.records
    ]
    assert certify_lines(GIVEN, stored, work.records, steps)
    wrong = steps[0].lines[0]._replace(chain=((":", printed),))
    steps[0] = dataclasses.replace(steps[0], lines=(wrong, steps[0].lines[1]))
    with pytest.raises(Fault, match="other symbols"):
        certify_lines(GIVEN, stored, work.records, steps)


def test_a_slip_puts_other_rows_in_their_place() -> None:
    stored = read_given(GIVEN, {"words": SIX})
    wrong = solve(tiny(solve=solving, given=GIVEN), stored, slip="cut")
    assert {claim.name: claim.value for claim in wrong.claims}["spelled"] == ["a%"]
    saboteur = Saboteur(Work(), {}, Sabotage("rows", "slip", (), "cut"))
    assert saboteur.state("rows", ["1"], TWO, slips=[slip("cut", "b.", lambda: [["a%"]])]) == [
        ["a%"]
    ]


@pytest.mark.parametrize(
    ("words", "shown", "said"),
    [
        (SIX, ["n_y", "n_z", "n_v"], "The first. 3~further candidates reach at most $3$."),
        ({"x": 2, "y": 5, "z": 1, "u": 3}, ["n_y", "n_u", "n_x"],
         "1~further candidate reaches $1$."),
        ({"x": 2, "y": 5, "z": 5}, ["n_x", "n_y", "n_z"], "The first."),
        ({"x": 2}, ["n_x"], ""),
    ],
)  # fmt: skip
def test_the_best_of_many_candidates_are_printed(
    words: dict[str, int], shown: list[str], said: str
) -> None:
    record = run(words).records[1]
    lines = write_lines(record, Paper())
    assert [line.lhs for line in lines] == shown
    assert [line.lhs for line in lines if line.kept] == ["n_y" if len(words) > 1 else "n_x"]
    assert decision_text(record) == said


def test_lists_of_words_as_an_answer() -> None:
    instance = made()
    pairs, word = instance.answers["pairs"], instance.answers["spelled"]
    assert document(instance)["answers"]["pairs"]["value"] == [["y", "b"], ["c", "d"]]
    assert pairs.printed == r"\tok{y}\sep\tok{b}, \tok{c}\sep\tok{d}"
    assert [box.label for box in pairs.boxes] == ["1", "2"]
    assert boxes([pairs]).count(r"\pmbox") == 2
    assert handed_in([pairs]) == rf"\pmtext{{{pairs.printed}}}"
    assert handed_in([word]) == r"\mbox{word:}~\pmtext{\tok{a\%}\sep\tok{b}}"
    assert {slip.latex for slip in instance.slips} == {
        r"word: \tok{a\%}",
        r"\tok{w}\sep\tok{b}, \tok{c}\sep\tok{d}",
    }


def test_what_a_decision_says_stands_below_its_candidates() -> None:
    instance = made()
    rows = [row.text.strip() for row in worked(instance, 80)]
    said = "The first. 3\N{NO-BREAK SPACE}further candidates reach at most 3."
    assert rows[rows.index(said) - 1].endswith("= 3")
    assert "one : a%·b" in rows
    text = source(instance)
    assert text.index("The first.") > text.index("n_v")
    assert r"\newcommand{\sep}" in text
