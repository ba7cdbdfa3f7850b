"""The likelier of two tokens: a decision, words, a table."""

from fractions import Fraction

from penwork.author import Problem, log, log2, option, slip, table

problem = Problem(
    title="The likelier token",
    question="Which token does a model choose?",
    source=["Toy 2"],
    draws=1,
    version=1,
    minutes={1: 3, 2: 4},
    given={"p": table()},
    effort={1: (0, 500), 2: (0, 500)},
)

WORDS = ["cat", "dog", "hen", "owl", "fox"]


def sample(draw, level):
    start, one, other = draw.some(WORDS, 3)
    share = Fraction(draw.integer(11, 39), 100)
    return {"p": {start: {one: share, other: 1 - share}}}


def solve(work, given):
    ((_, row),) = given.p.items()
    scores = {
        word: work.let(
            f"score_{word}",
            log(chance),
            rf"s_{{{word}}}",
            why="a logarithm",
            slips=[slip("used base 2", "bits were taken for nats", log2(chance))],
        )
        for word, chance in row.items()
    }
    options = [option(rf"\tok{{{word}}}", score, word) for word, score in scores.items()]
    (best,) = work.choose(
        "best",
        options,
        keep=1,
        why="the higher score",
        slips=[
            slip("took the lower score", "a cost was read", lambda s: [0 if s[0] < s[1] else 1]),
        ],
    )
    work.answer("best", best.item, label="token")
    work.answer("score", scores[best.item], places=2)


def check(given):
    """Compares the probabilities themselves"""
    import math

    ((_, row),) = given["p"].items()
    best = max(row, key=lambda word: row[word])
    return {"best": best, "score": math.log(row[best])} | {
        f"score_{word}": math.log(chance) for word, chance in row.items()
    }
