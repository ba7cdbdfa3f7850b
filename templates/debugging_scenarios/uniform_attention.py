"""Attention that looks everywhere alike, and why (Vaswani et al. 2017, section 3.2.1)."""

import math
from fractions import Fraction

import numpy as np

from penwork.author import (
    Grid, Problem, absolute, frac, hadamard, log, log2, mask, matrix, norm, row_sums, scalar,
    slip, softmax, sqrt,
)

problem = Problem(
    title="Attention that looks everywhere alike",
    question="Why are the attention weights uniform, and what repairs them?",
    source=["Practice 10"],
    version=2,
    minutes={1: 8, 2: 16, 3: 22},
    given=dict(
        Q=matrix(rows="m", columns="d"), K=matrix(rows="n", columns="d"),
        multiplier=scalar("c", nonzero=True, low=0),
        masked=matrix(r"\mathbf M", rows="m", columns="n", low=0, high=1, integer=True,
                      default=None),
        temperature=scalar("T", low=1, default=1), gain=scalar("g", low=1, default=1),
        K_fixed=matrix(r"\mathbf K'", rows="n", columns="d", default=None),
    ),
    effort={1: (90, 320), 2: (150, 700), 3: (150, 920)},
    typical={1: 210, 2: 440, 3: 690},
    aids={1: "strip", 2: "calculator", 3: "calculator"},
    exceptions={"common": "the largest entropy is the logarithm of a small number of keys",
                "digits": "the mask's own number is a billion"},
)

CAUSES = ("divided by d", "temperature too high", "tiny initialisation", "identical keys",
          "whole row masked")
HUGE = 10**9


def sample(draw, level):
    """Keys at right angles, so that Q K^T is twice the mixture x and x is the repaired score."""
    m, n = {1: (2, 2), 2: draw.pick([(2, 2), (1, 3)]), 3: (2, 3)}[level]
    cause = draw.pick(CAUSES[:4] if level < 3 else (*CAUSES, CAUSES[0]))
    T = g = 1
    if cause == "temperature too high":
        T = draw.pick({1: [4, 8], 2: [4, 5, 8], 3: [2, 2, 5, 10]}[level])
    if cause == "tiny initialisation":
        g = 2 if level == 1 else draw.pick([2, 4, 5])
    unit = {4: 2, 8: 4}.get(T, 2 if g > 1 else 1)
    others = {1: [-1, 0, 1] if T > 4 else [0, 1], 2: [0, 1], 4: [0]}[unit]
    if cause in ("identical keys", "whole row masked"):
        others = [-1, 1]
    x = [draw.shuffle([2 if unit < 4 else 1, *[draw.pick(others) for _ in range(n - 1)]])
         for _ in range(m)]
    axes = draw.some([(1, 1, 0, 0), (1, -1, 0, 0), (0, 0, 1, 1), (0, 0, 1, -1)], n)
    order, signs = draw.shuffle(range(4)), [draw.pick([1, -1]) for _ in range(4)]
    keys = [[Fraction(signs[i] * axis[order[i]], g) for i in range(4)] for axis in axes]
    queries = [[unit * sum(a * key[i] for a, key in zip(row, keys)) for i in range(4)] for row in x]
    given = dict(Q=queries, K=keys, multiplier=Fraction(1, 2 * T), temperature=T, gain=g)
    if cause == "divided by d":
        given["multiplier"] = Fraction(1, 4)
    if cause == "identical keys":
        given |= dict(K=[draw.pick(keys)] * n, K_fixed=keys)
    if cause == "whole row masked" or (level == 3 and draw.chance(3)):
        given["masked"] = [[0] * n for _ in x]
        rows = draw.shuffle(range(2))
        given["masked"][rows[0]][draw.integer(0, n - 1)] = 1
        if cause == "whole row masked":
            given["masked"][rows[1]] = [1] * n
    return given


def attend(work, name, scores, hidden, seen, tex, letter, slips=()):
    """Row softmax of the scores; e to the -10^9 is 0, but a row of equals is uniform."""
    if hidden is not None:
        scores = work.let(
            f"{name}_seen", mask(scores + HUGE * hidden, seen), tex.replace("A", "S") + "_0",
            why=r"$e^{-10^9}$ is 0; a row of equal scores may be shifted")
    return work.answer(name, work.softmax(name, scores, tex, letter=letter, slips=slips,
                                          why="exponentials over the sum of their row"), places=2)


def solve(work, given):
    K, c, M, d = given.K, given.multiplier, given.masked, given.K.width
    raw = work.answer("raw", given.Q @ K.T, r"\mathbf R", why="every query with each key")
    scaled = scores = c * raw
    seen = None
    if M is not None:  # a full row hides nothing
        seen = [[x == 0 or all(row) for x in row] for row in M.data]
        scaled = work.let("scaled", scaled, r"\mathbf C", why="as the code scales")
        scores = scaled - hadamard(M, scaled) - HUGE * M
    S = work.answer("scores", scores, r"\mathbf S", why="as the code has them", slips=[
        slip("scaled a second time", "the multiplier was thought to leave out the scaling",
             lambda: c * raw / sqrt(d)),
        slip("divided by the multiplier", "it was taken for the divisor", lambda: raw / c),
    ] if M is None else [])
    A = attend(work, "weights", S, M, seen, r"\mathbf A", "e", [
        slip("normalised the columns", "the weights of a key were made to add up to 1",
             lambda: softmax(S.T).T)])
    entropies = []
    for i in range(len(A)):
        sees = [A[i, j] for j in range(len(K)) if seen is None or seen[i][j]]
        entropies.append(work.let(
            f"entropy_{i + 1}", -sum(a * log(a) for a in sees), f"H_{i + 1}",
            why=r"surprise $-\ln a$, weighted",
            slips=[slip("took the logarithm to base 2", "bits were compared with nats",
                        lambda sees=sees: -sum(a * log2(a) for a in sees))]))
    work.answer("entropy", entropies, places=2)
    largest = work.answer(
        "max_entropy", log(K.height), r"H_{\max}", places=2, why="all keys alike",
        slips=[slip("took the width for the number of keys",
                    "the entropy was taken to be over features", lambda: log(d))])
    cause = work.answer("cause", find_cause(work, given), label="cause", options=CAUSES)
    further = [slip("divided once more", "more scaling was thought to sharpen",
                    lambda: c * raw / sqrt(d))]
    fixed = raw / sqrt(d)
    if cause == "identical keys":
        keys = K if given.K_fixed is None else given.K_fixed
        fixed = c * work.let("fixed_raw", given.Q @ keys.T, r"\mathbf R'", why="the right keys")
    elif cause == "whole row masked":
        fixed = scaled
    elif cause == "tiny initialisation":
        fixed = given.gain**2 * c * raw
        further.append(slip("rescaled the queries only", "the keys were taken to be large enough",
                            lambda: given.gain * c * raw))
    fixed = work.let("fixed" if M is None else "fixed_scaled", fixed, r"\mathbf S'",
                     why="the scores without the fault", slips=further)
    if cause == "whole row masked":
        fixed, M = work.let("fixed_seen", mask(fixed, seen), r"\mathbf S''",
                            why="the mask left over"), None
    attend(work, "fixed_weights", fixed, M, seen, r"\mathbf A'", "f", [
        slip(r"multiplied the weights by $\sqrt d$",
             "a common factor was thought to survive the normalisation", lambda: A)])
    work.insight("With $T\\sqrt d = d$ the scores cannot tell a temperature from a wrong divisor.",
                 holds=lambda n: n(given.temperature) ** 2 == n(d) > 1)
    work.insight("Keys that are all alike give every query exactly the weights $1/n$.",
                 holds=lambda n: cause == "identical keys")
    work.insight("Where every key is hidden the scores are equal again: the mask is lost.",
                 holds=lambda n: cause == "whole row masked")
    work.insight("The entropy << h|n >> is nearly the << m|n >> of weights that know nothing.",
                 holds=lambda n: n(entropies[0]) > 0.9 * n(largest), h=entropies[0], m=largest)


def find_cause(work, given):
    """The questions in the order of their cost; the first yes ends the search."""
    K, c, T, d = given.K, given.multiplier, given.temperature, given.K.width
    if given.masked is not None:
        hidden = work.let("hidden", row_sums(given.masked), r"\mathbf h", why="hidden keys by row")
        for i in range(len(hidden)):
            if work.compare(f"blind_{i + 1}", hidden[i], ">=", K.height,
                            why="does a row hide every key?") == "yes":
                return "whole row masked"
    for j in range(1, len(K)):
        gap = work.let(f"gap_{j + 1}", K[j] - K[0], rf"\mathbf g_{j + 1}",
                       why="are the keys different?")
        if work.compare(f"apart_{j + 1}", norm(gap)**2, ">", 0, slips=[
                slip("took equal keys for small ones", "equal scores were taken to be small",
                     lambda gap=gap: (norm(gap)**2 + 1, ">", 0))]) == "yes":
            break
    else:
        return "identical keys"
    if work.compare("hot", T, ">", 1, why="is the temperature raised?", slips=[
            slip("took a large divisor for a temperature",
                 "every small $c$ was thought to be a setting",
                 lambda: (c * sqrt(d), "<", 1))]) == "yes":
        return "temperature too high"
    near = frac(1, 1000)
    if work.compare("not_by_root", absolute(c * sqrt(d) - 1), ">", near,
                    why=r"is $c$ not $1/\sqrt d$?") == "no":
        return "tiny initialisation"
    if work.compare("not_by_d", absolute(c * d - 1), ">", near, why="is $c$ not $1/d$?") == "no":
        return "divided by d"
    return "temperature too high"


def _products(Q, K):
    """q . k from the law of cosines: half of |q|^2 + |k|^2 - |q - k|^2."""
    apart = ((Q[:, None] - K) ** 2).sum(2)
    return ((Q**2).sum(1)[:, None] + (K**2).sum(1) - apart) * Fraction(1, 2)


def _softmax(name, scores):
    """Weights as inverse sums of odds; the exponentials of a row all masked are shifted by 10^9."""
    scores = scores.astype(float)
    odds = np.exp(np.minimum(scores[:, None] - scores[:, :, None], 700)).sum(2)
    powers = np.exp(scores + HUGE * (scores.max(1, keepdims=True) == -HUGE))
    return {name: 1 / odds, f"{name}_exponentials": powers, f"{name}_sums": powers.sum(1)}


def check(given):
    """Pairwise odds on the law of cosines; the cause by which repair is called for"""
    Q, K, past = (np.array(given.get(name, given["K"]), object) for name in ("Q", "K", "K_fixed"))
    c, T, (n, d), gaps = given["multiplier"], given["temperature"], K.shape, K - K[0]
    masked = np.array(given.get("masked", [[0] * n] * len(Q))) == 1
    blind = masked.all(1, keepdims=True)
    raw, cover, by_root, by_d = _products(Q, K), masked, abs(c * d**0.5 - 1), abs(c * d - 1)
    if blind.any():
        cause, fixed, cover = "whole row masked", c * raw, masked * ~blind
    elif not gaps.any():
        cause, fixed = "identical keys", c * _products(Q, past)
    elif T == 1 and by_root < 1e-6:
        cause, fixed = "tiny initialisation", given["gain"] ** 2 * c * raw
    else:
        cause = "divided by d" if T == 1 and by_d < 1e-6 else "temperature too high"
        fixed = raw / d**0.5
    scores, fixed = np.where(masked, -HUGE, c * raw), np.where(cover, -HUGE, fixed)
    found = {"raw": raw, "scaled": c * raw, "scores": scores, "max_entropy": math.log(n),
             "cause": cause, "fixed": fixed, "hidden": masked.sum(1).tolist(),
             **_softmax("weights", scores), **_softmax("fixed_weights", fixed)}
    found["entropy"] = -(found["weights"] * np.log(found["weights"])).sum(1)
    asked = {"hot": (T, 1, T > 1), "not_by_root": (by_root, 0.001, by_root > 0.001),
             "not_by_d": (by_d, 0.001, by_d > 0.001)}
    for i, row in enumerate(masked, 1):
        asked[f"blind_{i}"] = int(row.sum()), n, row.all()
    for j, gap in enumerate(gaps, 1):
        found[f"gap_{j}"], asked[f"apart_{j}"] = gap, (gap @ gap, 0, gap.any())
    return found | {f"step {name}": (one, other, "yes" if holds else "no")
                    for name, (one, other, holds) in asked.items()}


def figures(given, steps):
    queries, keys = ([f"{what} {i}" for i, _ in enumerate(given[name], 1)]
                     for what, name in (("query", "Q"), ("key", "K")))
    return [Grid(steps[name], steps[name], queries, keys, caption=caption)
            for name, caption in (("weights", "As it runs"), ("fixed_weights", "Repaired"))]
