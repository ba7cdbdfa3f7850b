"""One attention head on two or three tokens (Vaswani et al. 2017, section 3.2.1)."""

from fractions import Fraction

from penwork.author import (Grid, Problem, flag, mask_future, matrix, position, slip, softmax, sqrt)
from penwork.checking import e_to, root, shares, times

problem = Problem(
    title="Scaled dot-product attention",
    question="What does an attention head compute from queries, keys and values?",
    source=["Practice 5"], draws=4, minutes={1: 8, 2: 12, 3: 15},
    given=dict(Q=matrix(rows="n", columns="d"), K=matrix(rows="m", columns="d"),
        V=matrix(rows="m", columns="v"), causal=flag(default=False)),
    effort={1: (70, 240), 2: (120, 400), 3: (90, 330)}, typical={1: 200, 2: 330, 3: 245},
    aids={1: "strip", 2: "strip", 3: "strip"})


ENTRIES = (-1, 1, 1, 2)
MOST_EXPONENTIALS = {1: 3, 2: 5, 3: 4}


def sample(draw, level):
    shapes = {1: [(2, 2)], 2: [(2, 3), (3, 2)], 3: [(3, 3), (3, 2), (2, 3)]}
    n, m = draw.pick(shapes[level])
    width = draw.pick([1, 2]) if level == 1 else 2
    columns = [draw.some(range(-4, 7), m) for _ in range(width)]
    Q = K = [[0]]
    while not is_telling(Q, K, level):
        Q, K = ([draw.shuffle([draw.pick(ENTRIES), draw.pick(ENTRIES), 0, 0]) for _ in range(size)]
                for size in (n, m))
    return dict(Q=Q, K=K, V=[list(row) for row in zip(*columns)], causal=level == 3)


def is_telling(Q, K, level):
    """Whether no two keys or queries do the same, and the last query prefers some key."""
    raw = [[sum(a * b for a, b in zip(q, k)) for k in K] for q in Q]
    seen = [row[: i + 1] if level == 3 else row for i, row in enumerate(raw)]
    weights = {tuple(score - row[0] for score in row) for row in raw}
    return (len(set(zip(*raw))) == len(K) and len(weights) == len(Q) and len(set(seen[-1])) > 1
            and sum(score != 0 for row in seen for score in row) <= MOST_EXPONENTIALS[level])


def solve(work, given):
    Q, K, V = given.Q, given.K, given.V
    d = K.width
    raw = work.answer("raw", Q @ K.T, r"\mathbf Q\mathbf K^\top", entry="R",
        why="every query with every key")
    scores = work.answer("scores", raw / sqrt(d), r"\mathbf S",
        why=r"over $\sqrt d$, the spread of a dot product", slips=[
            slip("left out the scaling", "the softmax was thought to normalise the scale",
                 lambda: raw),
            slip("divided by $d$", "the variance was taken for the spread", lambda: raw / d),
            slip("divided by the root of the number of keys",
                 "the width was confused with the length", lambda: raw / sqrt(K.height))])
    seen = scores
    if given.causal:
        seen = work.let("masked", mask_future(scores), r"\mathbf S'",
            why=r"later keys get $-\infty$", slips=[
                slip("ignored the mask", "the mask was thought to matter in training only",
                     lambda: scores),
                slip("masked with 0", "a score of 0 was taken for a weight of 0",
                     lambda: mask_future(scores, 0))])
    weights = work.answer("weights", work.softmax(
        "weights", seen, r"\mathbf A", why="exponentials over the sum of their row",
        slips=[slip("normalised the columns", "the weights of a key were made to add up to 1",
                    lambda: softmax(seen.T).T)]))
    output = work.answer("output", weights @ V, r"\mathbf O",
        why="each row mixes the rows of $\\mathbf V$", slips=[
            slip("used the transpose of the weights", "keys were taken for queries",
                 lambda: weights.T @ V)], places=2)
    for i in range(len(Q)):
        for j in range(len(K)):
            work.insight(
                "Query << i|n >> listens almost only to key << j|n >>: its output is nearly the"
                " key's value.", i=position(i + 1), j=position(j + 1),
                holds=lambda n, i=i, j=j: 0.9 < n(weights)[i][j] < 1 and all(
                    abs(o - v) < 0.3 for o, v in zip(n(output)[i], n(V)[j])))
    if given.causal and len(K) > len(Q):
        work.insight("Key << m|n >> comes too late for every query: its value leaves no trace.",
                     m=position(len(K)))
    work.insight("Every output is a weighted mean: no entry leaves the range of its column"
                 r" of $\mathbf V$.")


def check(given):
    """Pairwise odds, with the dot products from the law of cosines"""
    Q, K, V, causal = given["Q"], given["K"], given["V"], given.get("causal", False)

    def dot(q, k):
        gap = [a - b for a, b in zip(q, k)]
        return Fraction(sum(a * a for a in [*q, *k]) - sum(a * a for a in gap)) / 2

    raw = [[dot(q, k) for k in K] for q in Q]
    scores = [[r / root(len(K[0])) for r in row] for row in raw]
    seen = [[s if j <= i or not causal else None for j, s in enumerate(row)]
            for i, row in enumerate(scores)]
    weights = [shares(row) for row in seen]
    return {"raw": raw, "scores": scores, "weights": weights, "output": times(weights, V),
            "weights_sums": [sum(e_to(s) for s in row if s is not None) for row in seen]}


def figures(given, steps):
    weights = steps["weights"]
    return [Grid(weights, weights, [f"query {i + 1}" for i in range(len(weights))],
                 [f"key {j + 1}" for j in range(len(weights[0]))])]
