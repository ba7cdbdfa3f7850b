"""Attention that looks everywhere alike, and why (Vaswani et al. 2017, section 3.2.1)."""

import math
from fractions import Fraction
from itertools import product

import numpy as np

from penwork.author import (
    Grid, Problem, hadamard, log, log2, mask, matrix, norm, row_sums, scalar, slip, softmax, sqrt,
)

problem = Problem(
    title="Attention that looks everywhere alike",
    question="Why are the attention weights uniform, and what repairs them?",
    source=["Practice 10"],
    draws=2,
    version=3,
    minutes={1: 9, 2: 20, 3: 26},
    given=dict(
        Q=matrix(rows="m", columns="d"), K=matrix(rows="n", columns="d"),
        multiplier=scalar("c"),
        masked=matrix(r"\mathbf M", rows="m", columns="n", low=0, high=1, integer=True,
                      default=None),
        temperature=scalar("T", low=1, default=1), gain=scalar("g", low=1, default=1),
        K_fixed=matrix(r"\mathbf K'", rows="n", columns="d", default=None),
    ),
    effort={1: (90, 320), 2: (150, 700), 3: (150, 920)},
    typical={1: 200, 2: 420, 3: 620},
    aids={1: "strip", 2: "calculator", 3: "calculator"},
    exceptions={"common": "the largest entropy is the logarithm of a small number of keys",
                "digits": "the mask's own number is a billion"},
)

LESSONS = {
    "divided by d":
        r"Divided by $d$, all scores and their differences are $\sqrt d$ times too small.",
    "temperature too high":
        "All scores and their differences are divided by $T$, and the weights are flat.",
    "tiny initialisation":
        "Queries and keys are each $g$ times too small, so the scores $g^2$ times.",
    "identical keys": "Where all keys are alike a query cannot prefer one of them.",
    "whole row masked": "Where every key is hidden the scores are equal again: the mask is lost.",
}
CAUSES = BY_D, HOT, SMALL, ALIKE, BLIND = tuple(LESSONS)
HUGE = 10**9


def sample(draw, level):
    """Keys at right angles: x are the repaired scores; x/shrink, flat, are at most 1/2 apart."""
    m, n = {1: (2, 2), 2: draw.pick([(2, 2), (1, 3)]), 3: (2, 3)}[level]
    cause = draw.pick(CAUSES[:4] if level < 3 else (*CAUSES, CAUSES[0]))
    T = g = 1
    if cause == HOT:
        T = draw.pick({1: [4, 8], 2: [4, 5, 8], 3: [2, 2, 5, 10]}[level])
    if cause == SMALL:
        g = 2 if level == 1 else draw.pick([2, 4, 5])
    shrink = {BY_D: 2, ALIKE: 4, BLIND: 4}.get(cause, T * g * g)
    step = min(shrink // 2, 4)
    rows = [(0, step), (step, 0), (step, step)] if level == 1 else [
        row for row in product(sorted({0, step // 2, step}), repeat=n) if min(row) == 0 < max(row)]
    x = []
    for row in draw.some(rows, m):
        start = draw.pick([-step, 0, step % 4]) if 0 in row else 0
        x.append([start + e for e in row])
    axes = draw.some([(1, 1, 0, 0), (1, -1, 0, 0), (0, 0, 1, 1), (0, 0, 1, -1)], n)
    order, signs = draw.shuffle(range(4)), [draw.pick([1, -1]) for _ in range(4)]
    keys = [[Fraction(signs[i] * axis[order[i]], g) for i in range(4)] for axis in axes]
    queries = [[sum(a * key[i] for a, key in zip(row, keys)) for i in range(4)] for row in x]
    given = dict(Q=queries, K=keys, multiplier=Fraction(1, 2 * T), temperature=T, gain=g)
    if cause == BY_D:
        given["multiplier"] = Fraction(1, 4)
    if cause == ALIKE:
        given |= dict(K=[draw.pick(keys)] * n, K_fixed=keys)
    if cause == BLIND or (level == 3 and draw.chance(3)):
        given["masked"] = [[0] * n for _ in x]
        rows = draw.shuffle(range(2))
        given["masked"][rows[0]][draw.integer(0, n - 1)] = 1
        if cause == BLIND:
            given["masked"][rows[1]] = [1] * n
    return given


def solve(work, given):
    K, c, M, d, g = given.K, given.multiplier, given.masked, given.K.width, given.gain
    raw = work.answer("raw", given.Q @ K.T, r"\mathbf R", why="every query with each key")
    wrong = [slip("scaled a second time", "the multiplier was thought to leave out the scaling",
                  lambda: c * raw / sqrt(d)),
             slip("divided by the multiplier", "it was taken for the divisor", lambda: raw / c)]
    if M is None:
        left = scaled = work.answer("scores", c * raw, r"\mathbf S", why="as the code has them",
                                    slips=wrong)
        seen = None
    else:  # a full row hides nothing
        scaled = work.let("scaled", c * raw, r"\mathbf C", why="as the code scales", slips=wrong)
        S = work.answer("scores", scaled - hadamard(M, scaled) - HUGE * M, r"\mathbf S",
                        why="as the code masks")
        seen = [[x == 0 or all(row) for x in row] for row in M.data]
        full = any(all(row) for row in M.data)
        left = work.let("left", mask(S + HUGE * M if full else S, seen), r"\mathbf Z",
                        why="$-10^9$ weighs nothing" + "; a row of equals may be zeros" * full)

    def attend(name, scores, tex, letter, wrong):
        return work.answer(name, work.softmax(name, scores, tex, letter=letter, slips=[wrong],
            why="exponentials over the sum of their row"), places=2)

    A = attend("weights", left, r"\mathbf A", "e", slip(
        "normalised the columns", "the weights of a key were made to add up to 1",
        lambda: softmax(left.T).T))
    entropies = []
    for i in range(len(A)):
        sees = [A[i, j] for j in range(len(K)) if seen is None or seen[i][j]]
        entropies.append(work.let(
            f"entropy_{i + 1}", -sum(a * log(a) for a in sees), f"H_{i + 1}",
            why=r"surprise $-\ln a$, weighted",
            slips=[slip("took the logarithm to base 2", "bits were compared with nats",
                        lambda sees=sees: -sum(a * log2(a) for a in sees))]))
    work.answer("entropy", entropies, places=3)
    work.answer(
        "max_entropy", log(K.height), r"H_{\max}", places=3, why="all weights $1/n$",
        slips=[slip("took the width for the number of keys",
                    "the entropy was taken to be over features", lambda: log(d))])
    cause = work.answer("cause", find_cause(work, given), label="cause", options=CAUSES)
    hide = (lambda scores: scores) if seen is None else (lambda scores: mask(scores, seen))
    further = [slip("divided once more", "more scaling was thought to sharpen",
                    lambda: hide(c * raw / sqrt(d)))]
    fixed = scaled if cause == BLIND else raw / sqrt(d)
    if cause == ALIKE:
        keys = K if given.K_fixed is None else given.K_fixed
        fixed = c * work.let("fixed_raw", given.Q @ keys.T, r"\mathbf R'", why="the right keys")
    elif cause == SMALL:
        fixed = g**2 * scaled
        further.append(slip("rescaled the queries only", "the keys were taken to be large enough",
                            lambda: hide(g * scaled)))
    fixed = work.let("fixed", hide(fixed), r"\mathbf S'", why="the scores without the fault",
                     slips=further)
    attend("fixed_weights", fixed, r"\mathbf A'", "e'", slip(
        r"multiplied the weights by $\sqrt d$ and normalised again",
        "a common factor was thought to survive the normalisation", lambda: A))
    work.insight("With $T\\sqrt d = d$ the scores cannot tell a temperature from a wrong divisor.",
                 holds=lambda n: n(given.temperature) ** 2 == n(d) > 1)
    work.insight(LESSONS[cause])


def find_cause(work, given):
    """The questions in the order of their cost; the first yes ends the search."""
    K, c, T, d = given.K, given.multiplier, given.temperature, given.K.width
    if given.masked is not None:
        hidden = work.let("hidden", row_sums(given.masked), r"\mathbf h", why="hidden keys by row")
        for i in range(len(hidden)):
            if work.compare(f"blind_{i + 1}", hidden[i], ">=", K.height,
                            why="does a row hide every key?") == "yes":
                return BLIND
    for j in range(1, len(K)):
        gap = work.let(f"gap_{j + 1}", K[j] - K[0], rf"\mathbf u_{j + 1}",
                       why="are the keys different?")
        if work.compare(f"apart_{j + 1}", norm(gap)**2, ">", 0, slips=[
                slip("took equal keys for small ones", "equal scores were taken to be small",
                     lambda gap=gap: (norm(gap)**2 + 1, ">", 0))]) == "yes":
            break
    else:
        return ALIKE
    if work.compare("hot", T, ">", 1, why="is the temperature raised?", slips=[
            slip("took a large divisor for a temperature",
                 "every small $c$ was thought to be a setting",
                 lambda: (c * sqrt(d), "<", 1))]) == "yes":
        return HOT
    multiplier = given.plain("multiplier")
    if work.compare("by_d", c * d, "<=", 1, why="is $c$ as small as $1/d$?") == "yes":
        return BY_D if multiplier * K.shape[1] == 1 else HOT
    work.compare("small", given.gain, ">", 1, why="is the initialisation too small?")
    work.require(lambda n: n(given.gain) > 1, "none of the listed causes is at work")
    return SMALL if multiplier**2 * K.shape[1] == 1 else HOT


def _products(Q, K):
    """q . k from the law of cosines: half of |q|^2 + |k|^2 - |q - k|^2."""
    apart = ((Q[:, None] - K) ** 2).sum(2)
    return ((Q**2).sum(1)[:, None] + (K**2).sum(1) - apart) * Fraction(1, 2)


def _softmax(name, scores):
    """Weights as inverse sums of odds; the exponentials of a row all masked are shifted by 10^9."""
    scores = scores.astype(float)
    odds = np.exp(np.minimum(scores[:, None] - scores[:, :, None], 700)).sum(2)
    with np.errstate(over="ignore"):  # own scores may be beyond what a float holds
        powers = np.exp(scores + HUGE * (scores.max(1, keepdims=True) == -HUGE))
    return {name: 1 / odds, f"{name}_exponentials": powers, f"{name}_sums": powers.sum(1)}


def check(given):
    """Pairwise odds on the law of cosines; the cause by which repair is called for"""
    Q, K, past = (np.array(given.get(name, given["K"]), object) for name in ("Q", "K", "K_fixed"))
    c, T, (n, d), gaps = given["multiplier"], given["temperature"], K.shape, K - K[0]
    masked = np.array(given.get("masked", [[0] * n] * len(Q))) == 1
    blind = masked.all(1, keepdims=True)
    raw, cover = _products(Q, K), masked
    if blind.any():
        cause, fixed, cover = BLIND, c * raw, masked * ~blind
    elif not gaps.any():
        cause, fixed = ALIKE, c * _products(Q, past)
    elif T == 1 < c * d and c * c * d == 1:
        cause, fixed = SMALL, given["gain"] ** 2 * c * raw
    else:
        cause, fixed = BY_D if T == 1 == c * d else HOT, raw / d**0.5
    scores, fixed = np.where(masked, -HUGE, c * raw), np.where(cover, -HUGE, fixed)
    found = {"raw": raw, "scaled": c * raw, "scores": scores, "max_entropy": math.log(n),
             "cause": cause, "hidden": masked.sum(1).tolist(),
             **_softmax("weights", scores), **_softmax("fixed_weights", fixed)}
    if not cover.any():
        found["fixed"] = fixed
    found["entropy"] = -(found["weights"] * np.log(found["weights"])).sum(1)
    asked = {"hot": (T, 1, T > 1), "small": (given["gain"], 1, given["gain"] > 1),
             "by_d": (c * d, 1, c * d <= 1)}
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
            for name, caption in (("weights", "As it runs."), ("fixed_weights", "Repaired."))
            if name in steps]
