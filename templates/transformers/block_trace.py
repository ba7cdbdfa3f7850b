"""One transformer block, from embeddings to output (Vaswani et al. 2017, section 3)."""

import math
from itertools import product

import numpy as np

from penwork.author import (
    Block, Flow, Problem, by_rows, less_by_rows, matrix, position, relu, row_squares, row_sums,
    slip, softmax, sqrt,
)

TOKENS = dict(rows="n", columns="d", default=None)
SQUARE = dict(rows="d", columns="d", default=None)

problem = Problem(
    title="One transformer block",
    question="What happens to two tokens on their way through a transformer block?",
    source=["Basic Transformer 1"],
    minutes={1: 11, 2: 20, 3: 38},
    given=dict(
        E=matrix(**TOKENS), P=matrix(**TOKENS), X=matrix(**TOKENS),
        WQ=matrix(r"\mathbf W_Q", **SQUARE), WK=matrix(r"\mathbf W_K", **SQUARE),
        WV=matrix(r"\mathbf W_V", **SQUARE), WO=matrix(r"\mathbf W_O", **SQUARE),
        O=matrix(**TOKENS), Y=matrix(**TOKENS),
        W1=matrix(rows="d", columns="m", default=None),
        W2=matrix(rows="m", columns="d", default=None),
    ),
    together=["EP", ("WV", "WO"), ("W1", "W2")],
    effort={1: (25, 420), 2: (90, 1150), 3: (950, 1900)},
    typical={1: 304, 2: 272, 3: 1460},
    exceptions={"p95": "a whole block is thirty steps, and each of fourteen slips solves it again"},
    aids=dict.fromkeys((1, 2, 3), "calculator"),
    draws=3, version=2,
)

# rows of four: of mean 0 and deviation 2, 5, 3, 7, or 1; for units, positions, tokens (mean 0)
SPREAD = [(2, 2, -2, -2), (7, 1, -1, -7), (5, -1, -1, -3), (11, 1, -5, -7)]
SIGNS = [row for row in product((1, -1), repeat=4) if sum(row) == 0]
PAIRS = [u for u in product((-1, 0, 1), repeat=4) if sum(map(abs, u)) == 2]
PLACES = [p for p in product((0, 1), repeat=4) if sum(p) == 2]
SMALL = [row for row in product(range(-2, 3), repeat=4)
         if sum(row) == 0 and 0 < sum(map(abs, row)) < 6]


def turned(draw, signs):
    """A permutation matrix with these signs by row."""
    return [[int(sign) * (j == place) for j in range(4)]
            for sign, place in zip(signs, draw.shuffle(range(4)))]


def projections(draw, X):
    """W_V and W_O, permutations with signs; the rows of X W_V W_O add up to 0 as those of X do."""
    kept = [s for s in product((1, -1), repeat=4) if not np.dot(X, s).any()]
    WV = turned(draw, [draw.pick((1, -1)) for _ in range(4)])
    return dict(WV=WV, WO=turned(draw, np.dot(draw.pick(kept), WV)))


def sample(draw, level):
    """One of the three sublayers, two that follow each other, or the block."""
    layers = draw.pick({1: ["a", "n", "f"], 2: ["an", "nf"], 3: ["anf"]}[level])
    if "a" in layers:
        rows, P = draw.some(SMALL, 2), draw.some(PLACES, 2)
        given = dict(E=np.subtract(rows, P).tolist(), P=P, **projections(draw, rows))
    elif "n" in layers:
        attended, mean = draw.matrix(-2, 2, 2, 4), draw.integer(-1, 1)
        rows = np.array([draw.shuffle(row) for row in draw.some(SPREAD, 2)])
        given = dict(X=(mean + rows - attended).tolist(), O=attended)
    else:
        rows = draw.some(SIGNS, 2)
        given = dict(Y=rows)
    if "f" in layers:  # units that each token opens in turn, and that leave one feature alone
        m, spared, W1 = draw.pick([2, 3]), draw.integer(0, 3), []
        for k in range(m):  # no two alike
            W1.append(draw.pick([u for u in PAIRS if u not in W1 and np.dot(u, rows[k % 2]) > 0]))
        given |= dict(W1=list(zip(*W1)), W2=draw.some([u for u in PAIRS if not u[spared]], m))
    return given


def norm(R):
    """Layer norm as one formula, for slips."""
    C = less_by_rows(R, row_sums(R) / R.width)
    return by_rows(C, sqrt(row_squares(C) / R.width))


def add_and_norm(work, base, branch, name, prime=""):
    """The residual and the layer norm of its rows, step by step."""
    R = work.let(f"sum_{name}", base + branch, rf"\mathbf R{prime}",
                 why="the residual: what came in is added",
                 slips=[slip("left out the residual", "the layer was thought to replace its input",
                             lambda: branch)])
    means = work.let(f"means_{name}", row_sums(R) / R.width, rf"\boldsymbol\mu{prime}",
                     why="the mean of each token's features")
    C = work.let(f"centred_{name}", less_by_rows(R, means), rf"\mathbf C{prime}",
                 why="less the mean of the row",
                 slips=[slip("left the mean in", "only the scale was thought to be normalised",
                             lambda: 1 * R)])
    v = work.let(f"variances_{name}", row_squares(C) / R.width, rf"\mathbf v{prime}",
                 why="the variance: mean squares, over $d$",
                 slips=[slip("divided by $d-1$", "the features were taken for a sample",
                             lambda: row_squares(C) / (R.width - 1))])
    work.require(lambda n: min(n(v)) > 0.1 and 1 not in n(v), "a row's spread is small, or 1")
    what = "X and attention" if name == "Y" else "Y and feed-forward"
    work.refuse(0 in list(v.data), f"{what} add up to a row of equal entries: no layer norm has it")
    deviations = work.let(f"deviations_{name}", sqrt(v), rf"\boldsymbol\sigma{prime}",
                          why="the standard deviations")
    return work.answer(
        name, by_rows(C, deviations), rf"\mathbf {name}", why="each row over its deviation",
        slips=[slip("divided by the variance", "the variance was taken for the spread",
                    lambda: by_rows(C, v)),
               slip("normalised over the tokens", "layer norm was taken for batch norm",
                    lambda: norm(R.T).T),
               slip("normalised before adding", "the norm was thought to sit inside the branch",
                    lambda: base + norm(branch))])


def attend(work, X, given):
    """Single-head attention; without matrices of their own, queries and keys are the input."""
    Q, K = X, X
    if given.WQ is not None:
        Q = work.let("Q", X @ given.WQ, r"\mathbf Q", why=r"queries: through $\mathbf W_Q$")
    if given.WK is not None:
        K = work.let("K", X @ given.WK, r"\mathbf K", why=r"keys: through $\mathbf W_K$")
    S = work.let("scores", Q @ K.T / sqrt(K.width), r"\mathbf S", why=r"products over $\sqrt d$",
                 slips=[slip("left out the scaling", "the softmax was thought to set the scale",
                             lambda: Q @ K.T),
                        slip("divided by $d$", "the variance was taken for the spread",
                             lambda: Q @ K.T / K.width)])
    A = work.answer("weights", work.softmax(
        "weights", S, r"\mathbf A", letter="t", why="exponentials over the sum of their row",
        slips=[slip("normalised the columns", "keys were taken for queries",
                    lambda: softmax(S.T).T)]))
    V = work.let("V", X @ given.WV, r"\mathbf V", why=r"values: through $\mathbf W_V$")
    mixed = work.let("mixed", A @ V, r"\mathbf H", why="each row mixes the values", slips=[
        slip(r"left out $\mathbf W_V$", "tokens were taken for their own values", lambda: A @ X)])
    out = work.answer(
        "attention", mixed @ given.WO, r"\mathbf O", why=r"through $\mathbf W_O$", slips=[
            slip(r"left out $\mathbf W_O$", "the head was taken for the whole layer",
                 lambda: 1 * mixed)])
    for i, j in product(range(len(X)), repeat=2):
        at, whose = ("itself", "its own") if i == j else ("token << j|n >>", "that token's")
        work.insight(f"Token << i|n >> looks almost only at {at}: its row of $\\mathbf H$ is nearly"
                     f" {whose} value.", i=position(i + 1), j=position(j + 1),
                     holds=lambda n, i=i, j=j: given.W1 is None and n(A)[i][j] > 0.9)
    work.insight("The scores are symmetric, the weights are not: each row has a sum of its own.",
                 holds=lambda n: given.W1 is given.WQ is given.WK is None
                 and abs(n(A)[0][-1] - n(A)[-1][0]) > 0.01)
    work.insight("The two tokens are equally long, so each gives the other the same weight.",
                 holds=lambda n: given.W1 is given.WQ is given.WK is None and len(X) == 2
                 and n(S)[0][0] == n(S)[1][1])
    return out


def feed_forward(work, Y, W1, W2):
    U = work.let("hidden", Y @ W1, r"\mathbf U", why="the hidden units, before the ReLU")
    G = work.let("active", relu(U), r"\mathbf G", why="negative entries become 0", slips=[
        slip("left out the ReLU", "the network was taken to be linear", lambda: 1 * U)])
    F = work.answer("F", G @ W2, r"\mathbf F", why="back to $d$ features", slips=[
        slip("put a ReLU on the output", "every layer was thought to end with one",
             lambda: relu(G @ W2))])
    work.require(lambda n: all(map(any, n(F))), "a token opens no unit")
    for i, k in product(range(len(Y)), range(len(W2))):
        work.insight("Hidden unit << k|n >> is closed for token << i|n >>: its row of"
                     " $\\mathbf W_2$ adds nothing there.", i=position(i + 1), k=position(k + 1),
                     holds=lambda n, i=i, k=k: n(U)[i][k] < 0)
    return F


def refuse_unclear(work, given):
    """What belongs together and is not, or is given beside what it would be computed from."""
    def has(*names):
        return all(given[name] is not None for name in names)

    for name in ("WQ", "WK"):
        work.refuse(has(name) and not has("WV"), f"{name} needs WV and WO")
    inputs = "E" if has("E") else "X"
    for name, made in (("X", has("E")), ("O", has(inputs, "WV")), ("Y", has(inputs, "WV")),
                       ("Y", has(inputs, "O"))):
        work.refuse(has(name) and made, f"{name} is given, and follows from what else is given")


def solve(work, given):
    refuse_unclear(work, given)
    X, attended, Y = given.X, given.O, given.Y
    if given.E is not None:
        X = work.answer("input", work.let(
            "X", given.E + given.P, r"\mathbf X", why="each embedding plus its position",
            slips=[slip("left out the positions", "the order was thought to be known",
                        lambda: 1 * given.E)]))
    if X is not None and given.WV is not None:
        attended = attend(work, X, given)
    if X is not None and attended is not None:
        Y = add_and_norm(work, X, attended, "Y")
    if Y is not None and given.W1 is not None:
        add_and_norm(work, Y, feed_forward(work, Y, given.W1, given.W2), "Z", "'")
    work.refuse(not work.claims,
                "no sublayer can be reached: X needs WV and WO, or O; Y needs W1, W2")
    work.insight("Whatever came before, each token leaves with mean << zero|n >> and variance"
                 " << one|n >>.", zero=position(0), one=position(1),
                 holds=lambda n: given.WV is None or given.W1 is not None)


def _normed(name, R):
    """Layer norm from the differences of a row's entries, two by two; no mean is formed first."""
    apart = R[:, :, None] - R[:, None, :]
    centred, variances = apart.mean(2), (apart**2).mean((1, 2)) / 2
    deviations = np.sqrt(variances)
    return {f"sum_{name}": R, f"means_{name}": (R - centred)[:, 0], f"centred_{name}": centred,
            f"variances_{name}": variances, f"deviations_{name}": deviations,
            name: (centred.T / deviations).T}


def _attended(X, /, WV, WO, WQ=None, WK=None, **_):
    Q, K = (X if W is None else X @ W for W in (WQ, WK))
    apart = ((Q[:, None] - K) ** 2).sum(2)  # the law of cosines
    scores = ((Q**2).sum(1)[:, None] + (K**2).sum(1) - apart) / 2 / math.sqrt(K.shape[1])
    with np.errstate(over="ignore"):
        powers = np.exp(scores)
        weights = 1 / np.exp(scores[:, None] - scores[:, :, None]).sum(2)
    told = weights @ X  # the tokens are mixed first, then projected
    return {"Q": Q, "K": K, "V": X @ WV, "scores": scores, "weights": weights,
            "weights_exponentials": powers, "weights_sums": powers.sum(1),
            "mixed": told @ WV, "attention": told @ (WV @ WO)}


def check(given):
    """Pairwise odds and differences, tokens mixed before they are projected"""
    there = {name: np.array(rows, float) for name, rows in given.items()}
    found = {"Y": there["Y"]} if "Y" in there else {}
    X = there["E"] + there["P"] if {"E", "P"} <= there.keys() else there.get("X")
    if X is not None:
        attends = {"WV", "WO"} <= there.keys()
        found |= {"X": X, "input": X} | (_attended(X, **there) if attends else {})
        moved = found.get("attention", there.get("O"))
        found |= {} if moved is None else _normed("Y", X + moved)
    if "Y" in found and {"W1", "W2"} <= there.keys():
        hidden = found["Y"] @ there["W1"]
        active = (hidden + abs(hidden)) / 2
        F = active @ there["W2"]
        found |= {"hidden": hidden, "active": active, "F": F} | _normed("Z", found["Y"] + F)
    return found


def figures(given, steps):
    there = {*steps, *(name for name, value in given.items() if value is not None)}
    first = given["E"] or given["X"] or given["Y"]
    layers = [("input", "X", "X"), ("attention", "O", "attention"), ("add and norm", "Y", "Y"),
              ("feed-forward", "F", "F"), ("add and norm", "Z", "Z")]
    shown = [(label, letter) for label, letter, name in layers if {name, letter} & there]
    ends = [row for row, (label, _) in enumerate(shown) if label == "add and norm" and row]
    size = rf"{len(first)}\times {len(first[0])}"
    return [Flow([[Block(label, rf"\mathbf {letter}:\ {size}")] for label, letter in shown],
                 skips=[(row - 2, row) for row in ends],
                 caption="The first half of the block." if given["W1"] is None and ends else "")]
