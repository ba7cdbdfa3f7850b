"""Multi-head attention by hand (Vaswani et al. 2017, section 3.2.2)."""

from itertools import product

from penwork.author import (
    Block, Flow, Problem, beside, columns, count, mask, matrix, position, rows, slip, softmax, sqrt)
from penwork.checking import e_to, root, shares, times

problem = Problem(
    title="Multi-head attention",
    question="What do several attention heads compute, and in which shapes?",
    source=["Coding 1"], draws=5, version=3, minutes={1: 13, 2: 21, 3: 23},
    given=dict(X=matrix(rows="n", columns="d"), WQ=matrix(r"\mathbf W_Q", rows="d", columns="d"),
        WK=matrix(r"\mathbf W_K", rows="d", columns="d"),
        WV=matrix(r"\mathbf W_V", rows="d", columns="d"),
        WO=matrix(r"\mathbf W_O", rows="d", columns="d"), H=count(low=1)),
    effort={1: (120, 420), 2: (200, 850), 3: (200, 620)}, typical={1: 260, 2: 515, 3: 460},
    aids={1: "strip", 2: "strip", 3: "calculator"})


def spread(column):
    return max(column) - min(column)


def sparse(draw, X, widest, most):
    """A matrix of 0 and ±1, at most two in a column; X W stays in ±most and spreads a little."""
    d = len(X[0])
    mapped = {w: [sum(map(int.__mul__, row, w)) for row in X] for w in product((0, 1, -1), repeat=d)
              if 0 < sum(map(abs, w)) <= 2 and w > (0,) * d}
    fitting = [w for w, column in mapped.items()
               if max(map(abs, column)) <= most and 0 < spread(column) <= widest]
    signed = [[sign * a for a in w] for w in draw.some(fitting, d) for sign in [draw.pick((1, -1))]]
    return [list(row) for row in zip(*signed)]


def sample(draw, level):
    n, d, H = {1: (2, 2, 2), 2: draw.pick([(3, 2, 2), (2, 3, 3)]), 3: (2, 4, 2)}[level]
    varied = [column for column in product((-1, 0, 1, 2), repeat=n) if 0 < spread(column) < 3]
    tokens = []
    while len(set(tokens)) < n or not all(map(any, tokens)):  # two equal ones would be one
        tokens = list(zip(*draw.some(varied, d)))
    unit = [[int(i == j) for j in range(d)] for i in range(d)]
    X = [list(token) for token in tokens]
    WO = [[]]
    while not all(map(any, WO)):  # a row of zeros would drop a feature
        WO = sparse(draw, unit, 2, 1)
    return dict(X=X, WQ=sparse(draw, X, 4, 2), WK=sparse(draw, X, 2, 2), WV=sparse(draw, X, 6, 4),
                WO=WO, H=H)


def by(n, inner, m):
    """How the shapes of a product go together."""
    return f"[{n}×{inner}] times [{inner}×{m}] is [{n}×{m}]"


def solve(work, given):
    X, H, n, d = given.X, given.H, len(given.X), len(given.WQ)
    work.refuse(d % H, f"H = {H} heads cannot share {d} features evenly")
    w = d // H
    Q = work.let("Q", X @ given.WQ, r"\mathbf Q", why=f"queries: {by(n, d, d)}")
    K = work.let("K", X @ given.WK, r"\mathbf K", why=f"keys: {by(n, d, d)}")

    def line(kind, first, last):
        return f"{kind}s {first + 1}–{last}" if last - first > 1 else f"{kind} {last}"

    def block(A, h):
        return columns(A, h * w, (h + 1) * w)

    def dealt(A, h):
        return beside([columns(A, j, j + 1) for j in range(h, d, H)])

    def in_turn(instead):  # the same thing where a head is one feature wide
        belief = "heads were thought to take one feature after the other"
        return [slip("dealt the features out in turn", belief, instead)] if w > 1 else []

    heads, weights, own, names = [], [], [], range(1, H + 1)
    for h, name in enumerate(names):
        own.append(line("column", h * w, h * w + w))
        scores, shown = block(Q, h) @ block(K, h).T, f"{own[h]}: {by(n, w, n)}"
        if w > 1:
            scores = work.let(f"raw_{name}", scores, rf"\mathbf R_{name}", why=shown)
            scores, shown = scores / sqrt(X.constant(w)), r"over $\sqrt{d/H}$"
        else:
            shown += r"; $\sqrt{d/H}$ is 1"
        S = work.let(f"scores_{name}", scores, rf"\mathbf S_{name}", why=shown,
            slips=[slip(r"divided by $\sqrt d$", "each head was taken to see all features",
                        lambda: block(Q, h) @ block(K, h).T / sqrt(Q.width)),
                   *in_turn(lambda: dealt(Q, h) @ dealt(K, h).T / sqrt(X.constant(w)))])
        weights.append(work.softmax(f"weights_{name}", S, rf"\mathbf A_{name}", letter=f"e_{name}",
                                    why=f"softmax by row keeps [{n}×{n}]"))
        work.answer(f"weights_{name}", weights[-1])
    V = work.let("V", X @ given.WV, r"\mathbf V", why=f"values: {by(n, d, d)}")
    for h, name in enumerate(names):
        heads.append(
            work.let(f"head_{name}", weights[h] @ block(V, h), rf"\mathbf H_{name}",
                     why=rf"{own[h]} of $\mathbf V$: {by(n, n, w)}",
                     slips=in_turn(lambda: weights[h] @ dealt(V, h))))
    near = [[i * H // n == j * H // n for j in range(n)] for i in range(n)]
    concat = work.answer("concat", beside(heads), r"\mathbf C",
        why=f"{H} times [{n}×{w}] side by side: [{n}×{d}]", slips=[
            slip("averaged the heads' weights", "heads were taken for votes on one pattern",
                 lambda: sum(weights) / H @ V),
            slip("added the heads", "heads were taken for terms of one sum",
                 lambda: beside([sum(heads)] * H)),
            slip("used one head of full width", "splitting was thought to change the cost only",
                 lambda: softmax(Q @ K.T / sqrt(Q.width)) @ V),
            slip("split the tokens", "a head was taken to read its share of the tokens",
                 lambda: softmax(mask(Q @ K.T / sqrt(Q.width), near)) @ V)])
    output = work.answer("output", concat @ given.WO, r"\mathbf O", why=by(n, d, d), slips=[
        slip(r"left out $\mathbf W_O$", "concatenating was thought to mix the heads",
             lambda: concat)])
    work.require(lambda n: len({str(n(A)) for A in weights}) == H, "two heads see the same")
    work.require(lambda n: all(max(map(abs, column)) > 0.005 for column in zip(*n(concat))),
                 "a head brings 0 to every token")
    work.require(lambda n: len({str(o) for o in n(output)}) == len(X), "two outputs are the same")
    if H > 1:
        parts = [head @ rows(given.WO, h * w, (h + 1) * w) for h, head in enumerate(heads)]
        work.answer("pruned", sum(parts[:-1]), r"\mathbf O'",
            why=rf"the heads that remain meet {line('row', 0, d - w)} of $\mathbf W_O$", slips=[
                slip("struck columns of the output",
                     r"a head was taken to own a block of $\mathbf O$",
                     lambda: beside([columns(output, 0, d - w), 0 * columns(output, d - w, d)]))])
        for i in range(n):
            work.insight(
                "Token << i|n >> looks elsewhere in head << one|n >> than in head << two|n >>:"
                " that is what several heads are for.", i=position(i + 1), one=position(1),
                two=position(2), holds=lambda n, i=i: any(
                    a > 0.6 > 0.4 > b for a, b in zip(n(weights[0])[i], n(weights[1])[i])))
        work.insight("<< H|n >> heads of width << w|n >>, side by side, are as wide as a token:"
                     " << d|n >>.", H=position(H), w=position(w), d=position(d))


def check(given):
    """Pairwise odds of bilinear forms; values and outputs merged head by head"""
    X, WQ, WK, WV, WO, H = (given[name] for name in ("X", "WQ", "WK", "WV", "WO", "H"))
    width = len(WQ[0]) // H
    found = {}
    heads, output = [], [[0] * len(WO[0]) for _ in X]
    for h in range(H):
        pruned = output
        block = slice(h * width, (h + 1) * width)
        query, key, value = ([row[block] for row in W] for W in (WQ, WK, WV))
        raw = times(times(X, times(query, zip(*key))), zip(*X))
        scores = [[dot / root(width) for dot in row] for row in raw]
        weights, name = [shares(row) for row in scores], h + 1
        mixed = times(weights, X)
        heads.append(times(mixed, value))
        through = times(mixed, times(value, WO[block]))
        output = [[a + b for a, b in zip(*rows)] for rows in zip(output, through)]
        found |= {f"raw_{name}": raw, f"scores_{name}": scores, f"weights_{name}": weights,
                  f"head_{name}": heads[-1],
                  f"weights_{name}_sums": [sum(map(e_to, row)) for row in scores]}
    concat = [[v for part in parts for v in part] for parts in zip(*heads)]
    projected = {name: times(X, W) for name, W in zip("QKV", (WQ, WK, WV))}
    return projected | found | {"concat": concat, "output": output, "pruned": pruned}


def figures(given, steps):
    n, d, H = len(given["X"]), len(given["WQ"]), given["H"]
    wide = rf"{n}\times {d}"
    return [Flow(rows=[[Block(r"\mathbf X", wide)],
                       [Block(r"\mathbf Q,\ \mathbf K,\ \mathbf V", wide)],
                       [Block(rf"\mathbf A_{h + 1}", rf"{n}\times {n}") for h in range(H)],
                       [Block(rf"\mathbf H_{h + 1}", rf"{n}\times {d // H}") for h in range(H)],
                       [Block(r"\mathbf C", wide)], [Block(r"\mathbf O", wide)]],
                 caption=r"Shapes; head $h$ brings its columns of $\mathbf V$ to $\mathbf H_h$.")]
