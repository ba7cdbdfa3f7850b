"""A line through the origin: the smallest template that has everything."""

from penwork.author import Problem, count, scalar, slip

problem = Problem(
    title="A line",
    question="What does a weight do?",
    source=["Toy 1"],
    draws=1,
    version=1,
    minutes={1: 2, 2: 3, 3: 4},
    given={"w": scalar(nonzero=True), "x": scalar(), "b": scalar(), "n": count("n", low=1, high=9)},
    effort={1: (0, 100), 2: (0, 100), 3: (0, 100)},
)


def sample(draw, level):
    return {
        "w": draw.integer(2, 9),
        "x": draw.integer(11, 99),
        "b": draw.integer(1, 9) + 10 * level,
        "n": 2,
    }


def solve(work, given):
    product = work.let("product", given.w * given.x, "p", why="weight times input")
    y = work.let(
        "y",
        product + given.b,
        "y",
        why="then the bias",
        slips=[
            slip("dropped the bias", "the line was taken through the origin", product),
            slip("subtracted the bias", "the bias was moved over", product - given.b),
        ],
    )
    work.answer("y", y)
    work.insight("The bias moves the line without turning it.")


def check(given):
    """Adds the input w times"""
    product = sum([given["x"]] * given["w"])
    return {"product": product, "y": product + given["b"]}
