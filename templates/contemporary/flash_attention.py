"""Attention tile by tile with an online softmax (Milakov and Gimelshein 2018; Dao et al. 2022)."""

import math
from fractions import Fraction
from functools import partial

from penwork.author import (
    Grid, Problem, count, exp, log, maximum, position, scalar, show, slip, stack, total, vector)
from penwork.checking import e_to

problem = Problem(
    title="Attention by tiles",
    question="How can attention be exact without ever holding a whole row of scores?",
    source=["Contemporary"], minutes={1: 8, 2: 17, 3: 19},
    given=dict(a=vector(row=True, low=0, nonzero=True, default=None),
        s=vector(row=True, default=None), v=vector(row=True), tile=count(low=1, high=256),
        key=count(low=1, default=None), N=scalar(integer=True, low=1, default=None),
        d=scalar(integer=True, low=1, default=None), B=scalar(integer=True, low=1, default=None)),
    together=["NdB"],
    effort={1: (40, 150), 2: (280, 480), 3: (250, 430)}, typical={1: 82, 2: 370, 3: 320},
    exceptions={"told": "the largest score so far is one of the given scores"},
    aids={1: "none", 2: "strip", 3: "calculator"}, draws=2, version=2)


def sample(draw, level):
    first = draw.integer(2, 6)
    tops = {1: [first, first * draw.integer(2, 4)],
            2: draw.pick([(0, 1), (0, 2), (1, 2), (1, 3), (-1, 1)]),
            3: draw.pick([(0, 1, 2), (0, 2, 1), (1, 0, 2), (0, 2, 3), (1, 3, 0), (2, 1, 3)])}
    width, keys = draw.pick([2, 3]) if level == 2 else 2, []
    for top in tops[level]:
        less = range(top - 3, top) if level > 1 else [x for x in range(1, top) if top % x == 0]
        keys += draw.shuffle([top, *(draw.pick(less) for _ in range(width - 1))])
    given = {"a" if level == 1 else "s": keys, "v": draw.vector(1, 9, len(keys)), "tile": width}
    if level > 1:
        N, d = draw.pick([64, 128, 256, 512]), draw.pick([16, 32, 64])
        B = draw.pick([B for B in (8, 16, 32, 64, 128) if N * d < B * (d + 2 * N) and B < N])
        given |= dict(N=N, d=d, B=B)
    near = [j for j, s in enumerate(keys, 1) if s > max(keys) - 4]  # others hardly weigh
    return given | (dict(key=draw.pick(near)) if level == 3 else {})


def solve(work, given):
    v, n = list(given.v), len(given.v)
    work.refuse((given.a is None) == (given.s is None), "give either a or s")
    work.refuse((given.key or 1) > n, f"key is none of the {n} keys")
    work.refuse(given.N is not None and given.plain("B") > given.plain("N"),
                "B, the queries of a block, are more than all N")
    x, M, style = (given.s, "m", None) if given.a is None else (given.a, "M", "fraction")
    let, answer = partial(work.let, style=style), partial(work.answer, style=style)

    def power(score, top):
        """What a score's exponential is against that of the maximum."""
        return score / top if given.s is None else exp(score - top)

    scores, tops, news, mixes, sums, outs = list(x), [], [], [], [], []
    still = "left out the rescaling", "the tiles were thought to share one maximum"
    for t, start in enumerate(range(0, n, given.tile), 1):
        keys = range(start, min(start + given.tile, n))
        tops.append(let(f"max_{t}", maximum(*tops[-1:], *(scores[j] for j in keys)), f"{M}_{t}",
                        why="the largest so far"))
        p = let(f"p_{t}", stack([power(scores[j], tops[-1]) for j in keys], row=True),
                rf"\mathbf p^{{({t})}}", entry="p", first=start + 1,
                why="each exponential against that maximum")
        fresh, mixed = total(p), sum(p[i] * v[j] for i, j in enumerate(keys))
        news.append(fresh)
        mixes.append(mixed)
        if t == 1:
            sums.append(let("denominator_1", fresh, r"\ell_1", why="their sum"))
            outs.append(let("output_1", mixed, "o_1", why="the values they weigh"))
            continue
        factor = let(
            f"factor_{t}", power(tops[-2], tops[-1]), rf"\alpha_{t}",
            why="the old maximum against the new one",
            slips=[slip("turned the factor round", "a larger maximum was thought to enlarge sums",
                        lambda: power(tops[-1], tops[-2]))])
        sums.append(let(
            f"denominator_{t}", factor * sums[-1] + fresh, rf"\ell_{t}",
            why="rescale what was there, then add",
            slips=[slip(*still, lambda: sums[-1] + fresh)]))
        outs.append(let(f"output_{t}", factor * outs[-1] + mixed, f"o_{t}",
                        why="rescale what was there, then add",
                        slips=[slip(*still, lambda: outs[-1] + mixed)]))
    work.answer("maxima", tops)
    work.answer("denominators", sums)
    work.answer("outputs", outs)
    answer("output", outs[-1] / sums[-1], "o", why="divide once, at the end", slips=[
        slip("averaged the tiles", "every tile was thought to weigh the same",
             lambda: sum(mixed / each for mixed, each in zip(mixes, news)) / len(news)),
        slip("divided sums that were never rescaled", still[1], lambda: sum(mixes) / sum(news)),
        slip("rescaled the output only", "a sum of weights was thought to need no scale",
             lambda: outs[-1] / sum(news)),
        slip("did not divide", "exponentials were taken for weights", lambda: outs[-1])])
    powers = x if given.s is None else let("powers", exp(x), r"\mathbf e", entry="e",
        why="all scores at once")
    whole = let("sum", total(powers), "S", why="the sum over all keys")
    answer("direct", powers @ given.v / whole, r"o_{\mathrm{full}}",
           why="the softmax of all scores, times the values")
    top, last = tops[-1], sums[-1]
    L = work.answer("logsumexp", log(top * last) if given.s is None else top + log(last), "L",
        why="the logarithm of the whole sum")
    if given.key:
        s = scores[given.key - 1]
        answer("weight", s / (top * last) if given.s is None else exp(s - L), f"w_{given.key}",
               why="the score against $L$", slips=[
                slip("took the last maximum for $L$", "the sum was forgotten",
                     lambda: power(s, top))], places=3)
    if given.N is not None:
        traffic(work, given.N, given.d, given.B)
    t = len(tops)
    work.insight("Tile << t|n >> brings no larger score: its factor is 1.", t=position(t),
                 holds=lambda n: t > 1 and n(tops[-1]) == n(tops[-2]))
    if t > 1:
        work.insight("The last tile brings a larger score: all that was summed is"
                     " multiplied by << f|about >>, and no old score is needed for it.", f=factor)


def traffic(work, N, d, B):
    work.answer("standard", 4 * N * d + 4 * N**2, r"T_{\mathrm{std}}",
        why="four matrices of width $d$, and two squares both ways", slips=[
            slip("moved the square once", "weights were thought to stay on the chip",
                 lambda: 4 * N * d + 2 * N**2)])
    work.answer("tiled", 2 * N * d + 2 * N * d * (N / B), r"T_{\mathrm{tiled}}",
        why="keys and values once a block of queries", slips=[
            slip("read keys and values once", "the blocks were thought to share what was read",
                 lambda: 4 * N * d)])
    work.answer("break_even", N * d / (d + 2 * N), "B_0", style="fraction",
        why="$2Nd\\cdot N/B=2Nd+4N^2$, solved for $B$")


def check(given):
    """No running values: each tile's state anew from all keys so far; traffic block by block"""
    base = given.get("a") or given["s"]
    exact, v, tile = "a" in given, given["v"], given["tile"]

    def odds(one, other):  # exp of one score less the other
        return Fraction(one) / other if exact else e_to(one - other)

    ends = [*range(tile, len(base), tile), len(base)]
    maxima = [max(base[:end]) for end in ends]
    shares = [[odds(e, most) for e in base[:end]] for end, most in zip(ends, maxima)]
    outputs = [sum(p * value for p, value in zip(row, v)) for row in shares]
    weights = [1 / sum(odds(other, e) for other in base) for e in base]
    output = sum(p * value for p, value in zip(weights, v))
    top = max(base)
    answers = {
        "maxima": maxima, "denominators": [sum(row) for row in shares], "outputs": outputs,
        "output": output,
        "direct": output, "logsumexp": (math.log(top) if exact else top) - math.log(max(weights)),
        "powers": base if exact else [e_to(e) for e in base],
        "sum": (top if exact else e_to(top)) / max(weights)}
    for t, row in enumerate(shares, 1):
        answers |= {f"max_{t}": maxima[t - 1], f"denominator_{t}": sum(row),
                    f"output_{t}": outputs[t - 1], f"p_{t}": row[tile * (t - 1):],
                    f"factor_{t}": odds(maxima[max(t - 2, 0)], maxima[t - 1])}
    if "key" in given:
        answers["weight"] = weights[given["key"] - 1]
    if "N" in given:
        N, d, B = given["N"], given["d"], given["B"]

        def tiled(rows):  # a block reads its queries and all keys and values, writes its outputs
            return Fraction(N, rows) * sum((rows * d, N * d, N * d, rows * d))

        standard = sum(4 * [N * d] + 4 * [N * N])  # Q, K, V, O; scores and weights out and in
        halved = tiled(1) - tiled(2)  # the count is a straight line in 1 / rows
        crossing = 1 + (standard - tiled(1)) / (2 * halved)
        answers |= {"standard": standard, "tiled": tiled(B), "break_even": 1 / crossing}
    return answers


def figures(given, steps):
    tiles = range(1, len(given["v"][:: given["tile"]]) + 1)
    texts = [[show(steps[f"max_{t}"], 4), steps[f"factor_{t}"] if t > 1 else r"\text{--}",
              steps[f"denominator_{t}"], steps[f"output_{t}"]] for t in tiles]
    return [Grid([[0.0] * 4 for _ in tiles], texts, [f"tile {t}" for t in tiles],
                 ["$M$" if given["s"] is None else "$m$", r"$\alpha$", r"$\ell$", "$o$"],
                 caption="What is kept after each tile, in decimals.", places=4)]
