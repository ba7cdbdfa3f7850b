"""What an author is told of a mistake: in which function and line it is, and how to mend it."""

from __future__ import annotations

import pytest

from penwork.catalogue import VARIABLE
from prove.test_tutorial import PYTHON, STATEMENT, written
from ran import Run

# (what stands there, what is written instead, what is said)
MISTAKES = {
    "sample": (
        "draw.pick([-1, 1])",
        "draw.choice([-1, 1])",
        "line 24 of cosine.py: AttributeError",
    ),
    "its rule": ("LENGTHS[level])),\n", "LENGTHS[level + 1])),\n", "KeyError: 3 (rule: sample)"),
    "an empty range": ("draw.pick([-1, 1])", "draw.integer(3, 1)", "draw has nothing to draw from"),
    "sample gives nothing": (
        "    return dict(u=turned(draw",
        "    dict(u=turned(draw",
        "sample returns nothing: write return dict(",
    ),
    "a name": ("norm(v)", "length(v)", "line 36 of cosine.py: NameError: name 'length'"),
    "check": ('given["u"], given["v"]', 'given["u"], given["w"]', "KeyError: 'w' (rule: check)"),
    "math.sqrt": ("norm(u)", "math.sqrt(u @ u)", "sqrt, exp, ... of penwork.author (rule: solve)"),
    "a bare comparison": (
        "    work.require(lambda n: abs(n(c)) < 1",
        "    work.require(lambda n: c < 1",
        "in holds= and require n(x) is x's number",
    ),
    "shapes": ("u @ v, ", "(u + 1) @ v, ", "stack([x] * n) for a number n times"),
    "an answer's name": (
        '"distance": apart',
        '"distence": apart',
        "leaves out the answer 'distance'; there is no 'distence'",
    ),
    "two of one letter": ('norm(v), "b"', 'norm(v), "a"', "'length_u' and 'length_v' are both"),
    "figures": (
        "def check(",
        "def figures(given, steps):\n    return None\n\n\ndef check(",
        "figures returns no list of figures",
    ),
    "figures' own": (
        "def check(",
        'def figures(given, steps):\n    return steps["cos"]\n\n\ndef check(',
        "KeyError: 'cos' (rule: figures)",
    ),
    "source": ('["Own 1"]', '"Own 1"', 'its source is a list: ["Own 1"]'),
    "minutes": ("{1: 4, 2: 6}", "[1, 2]", "its minutes must name levels"),
    "effort": ("2: (5, 80)", "2: (80, 5)", "its effort of level 2 runs from 80 down to 5"),
    "aids": ("    source=", "    aids={1: 'none'},\n    source=", "its aids lacks level 2"),
    "an aid": (
        "    source=",
        "    aids={1: 'none', 2: 'table'},\n    source=",
        "its aids 'table' is none of none, strip, calculator",
    ),
    "draws": ("    source=", "    draws='1',\n    source=", "whole numbers that start at 1"),
    "a given": ('u=vector(dimension="n")', 'u="vector"', "its given u is 'vector'"),
    "an import": ("norm, slip", "cosine, norm, slip", "line 6 of cosine.py: ImportError"),
    "a bare given": (
        "<< u|eq >>",
        "<< u >>",
        "line 2 of the statement: prose prints the given 'u'",
    ),
    "no such given": ("<< u|eq >>", "<< w|eq >>", "line 2 of the statement: 'w' is undefined"),
    "an insight": (
        'above 90°."',
        'above 90°, << c|n >>."',
        "of an insight: 'c' is undefined: only steps handed to work.insight",
    ),
    "a condition in quotes": (
        "level > 1",
        '"level > 1"',
        "line 5 of the statement: when= is a text",
    ),
    "marks": ("M2 A1", "3", "part a has the marks '3': write marks="),
    "asked twice": ('asks="distance"', 'asks="cosine"', "two parts ask 'cosine'"),
    "no flag": ("Find their", '<< u|says("a", "b") >>', "|says takes one text for each of yes, no"),
    "an argument": ("solve(work, given)", "solve(given)", "must begin def solve(work, given):"),
    "a style": (
        '"c", style="fraction"',
        '"c", style="ratio"',
        "its style 'ratio' in line 38 is none",
    ),
    "a why": ("entry by entry", "each " * 12, "its why in line 34 has 15 words; name the rule"),
    "a sign": (
        "    work.require",
        '    work.compare("acute", c, "=>", 0)\n    work.require',
        "step acute: '=>' is none of < <= > >=",
    ),
    "braces": ("<< u|eq >>", "{{ u|eq }}", "line 2 of its statement says '{{ u|eq }}"),
    "another tag": ('<% part asks="cosine"', '{% part asks="cosine"', "line 3 of its statement"),
}


@pytest.mark.parametrize(("old", "new", "said"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_named_where_it_stands(
    old: str, new: str, said: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "templates")
    assert (old in PYTHON) != (old in STATEMENT)
    written(PYTHON.replace(old, new), STATEMENT.replace(old, new))
    ran = run("show", "vectors/cosine", "--seed", "1", "--level", "2")
    assert ran.code == 1
    assert said in ran.err


def test_a_figure_that_cannot_be_drawn_names_its_problem(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "templates")
    uneven = PYTHON.replace("norm, slip", "Bars, norm, slip")
    written(
        f'{uneven}\n\ndef figures(given, steps):\n    return [Bars([[1, 2]], [[1]], ["a"])]\n',
        STATEMENT,
    )
    ran = run("sheet", "vectors/cosine", "-n", "1", "--seed", "1")
    assert ran.code == 1
    assert "A Bars of vectors/cosine, level 1, seed" in ran.err
    assert "Traceback" not in ran.err


def test_a_level_that_always_fails_is_given_up_and_told_once(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "templates")
    written(PYTHON.replace('"c", style', '"c", stile'), STATEMENT)
    ran = run("audit", "vectors/cosine", "--level", "1", "--seeds", "60", "--jobs", "1")
    assert ran.code == 1
    assert ran.out.count("FAILED") == 1 and "(rule: solve), 20 seeds" in ran.out
