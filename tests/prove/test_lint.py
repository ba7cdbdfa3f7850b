"""A template that would prove nothing is refused, with what to write instead."""

from __future__ import annotations

import pytest

from penwork.errors import TemplateError
from penwork.lint import examine
from prove.toy import LINE

CHECK = '    product = sum([given["x"]] * given["w"])'
SAMPLE = '        "n": 2,'
IMPORT = "from penwork.author import Problem, count, scalar, slip"
KNOWS = 'def check(given):\n    "Knows it all"\n    return {"y": 1}\n'
REFUSED = {
    "looks at nothing": (
        LINE[: LINE.index("def check")] + KNOWS,
        "its check looks at nothing",
        "work out every answer from its argument",
    ),
    "takes nothing": (
        LINE.replace("def check(given)", "def check()"),
        "its check looks at nothing",
        "from its argument",
    ),
    "solves": (
        LINE.replace(CHECK, "    solve(None, given)\n" + CHECK),
        "its check uses solve",
        "by another method",
    ),
    "uses the engine": (
        LINE.replace(IMPORT, IMPORT + ", total").replace(CHECK, "    total(given)\n" + CHECK),
        "its check uses total",
        "plain Python",
    ),
    "uses the engine under another name": (
        LINE.replace(IMPORT, IMPORT + ", total as added").replace(
            CHECK, "    helper(given)\n" + CHECK
        )
        + "\n\ndef helper(given):\n    return added(given)\n",
        "its check uses added",
        "plain Python",
    ),
    "uses the engine whole": (
        "from penwork import author\n" + LINE.replace(CHECK, "    author.exp(1)\n" + CHECK),
        "its check uses author",
        "plain Python",
    ),
    "imports the engine": (
        LINE.replace(CHECK, "    from penwork.maths.value import Value\n" + CHECK),
        "imports penwork.maths.value",
        "import from penwork.author",
    ),
    "draws": (
        LINE.replace(CHECK, "    Draw(1)\n" + CHECK),
        "its check uses Draw",
        "nothing is drawn",
    ),
    "random": ("import random\n" + LINE, "imports random", "draw.integer(1, 9)"),
    "numpy.random": (
        "import numpy as np\n" + LINE.replace(SAMPLE, '        "n": np.random.randint(2),'),
        "uses numpy.random",
        "draw.integer(1, 9)",
    ),
    "float": (LINE.replace(SAMPLE, '        "n": 2.5,'), "the float 2.5", "Fraction(1, 4)"),
    "float()": (LINE.replace(SAMPLE, '        "n": float(2),'), "uses float()", "Fraction(1, 4)"),
    "another package": ("import scipy\n" + LINE, "imports scipy", "standard library"),
}  # fmt: skip


@pytest.mark.parametrize(("source", "what", "instead"), REFUSED.values(), ids=REFUSED)
def test_refused_with_what_to_write_instead(source: str, what: str, instead: str) -> None:
    assert source != LINE
    with pytest.raises(TemplateError) as caught:
        examine(source)
    assert what in str(caught.value)
    assert instead in str(caught.value)


@pytest.mark.parametrize(
    "line",
    [
        "    for total in [1]:\n        pass\n",
        "    def total(x):\n        return x\n    total(1)\n",
        "    added = [total for total in (1, 2)]\n",
    ],
)
def test_a_name_of_its_own_is_no_engine(line: str) -> None:
    examine(LINE.replace(IMPORT, IMPORT + ", total").replace(CHECK, line + CHECK))


def test_what_checks_share_is_no_engine() -> None:
    shared = "from penwork.checking import root\n"
    examine(shared + LINE.replace(CHECK, "    root(4)\n" + CHECK))


def test_a_variable_is_no_function_of_that_name() -> None:
    helper = "\n\ndef steps(given):\n    return total(given)\n"
    source = LINE.replace(IMPORT, IMPORT + ", total") + helper
    examine(source.replace(CHECK, "    steps = 3\n    steps += 1\n" + CHECK))
