"""Attention that looks everywhere alike, and why (Vaswani et al. 2017, section 3.2.1)."""

import math
from fractions import Fraction

from penwork.author import (
    Grid, Problem, absolute, frac, hadamard, log, log2, mask, matrix, norm, row_sums, scalar, show,
    slip, softmax, sqrt,
)

problem = Problem(
    title="Attention that looks everywhere alike",
    question="Why are the attention weights uniform, and what repairs them?",
    source=["Practice 10"],
    version=2,
    minutes={1: 8, 2: 16, 3: 22},
    given=dict(
        Q=matrix(rows="m", columns="d"),
        K=matrix(rows="n", columns="d"),
        multiplier=scalar("c", nonzero=True, low=0),
        masked=matrix(r"\mathbf M", rows="m", columns="n", low=0, high=1, integer=True,
                      default=None),
        temperature=scalar("T", low=1, default=1),
        gain=scalar("g", low=1, default=1),
        K_fixed=matrix(r"\mathbf K'", rows="n", columns="d", default=None),
        masked_fixed=matrix(r"\mathbf M'", rows="m", columns="n", low=0, high=1, integer=True,
                            default=None),
    ),
    effort={1: (90, 320), 2: (150, 700), 3: (150, 920)},
    typical={1: 210, 2: 440, 3: 690},
    aids={1: "strip", 2: "calculator", 3: "calculator"},
    exceptions={
        "common": "the largest entropy is the logarithm of a small number of keys",
        "digits": "the mask's own number is a billion",
    },
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


def visible(masked):
    return None if masked is None else [[x == 0 for x in row] for row in masked.data]


def attend(work, name, scores, hidden, tex, letter, slips=()):
    """Row softmax of the scores; e to the -10^9 is 0, but a row of equals is uniform."""
    seen = visible(hidden)
    if seen is not None:
        lifted = scores + HUGE * hidden
        open_ = [[see or not any(row) for see in row] for row in seen]
        scores = work.let(f"{name}_seen", mask(lifted, open_), tex.replace("A", "S") + "_0",
                          why=r"$e^{-10^9}$ is 0; a row of equal scores may be shifted")
    return work.softmax(name, scores, tex, letter=letter, slips=slips,
                        why="exponentials over the sum of their row")


def solve(work, given):
    K, c, M, d = given.K, given.multiplier, given.masked, given.K.width
    raw = work.let("raw", given.Q @ K.T, r"\mathbf R", why="every query with each key")
    work.answer("raw", raw)
    scaled = scores = c * raw
    if M is not None:
        scaled = work.let("scaled", scaled, r"\mathbf C", why="as the code scales")
        scores = scaled - hadamard(M, scaled) - HUGE * M
    scaling = [slip("scaled a second time", "the multiplier was thought to leave out the scaling",
                    lambda: c * raw / sqrt(d)),
               slip("divided by the multiplier", "it was taken for the divisor", lambda: raw / c)]
    S = work.let("scores", scores, r"\mathbf S", why="as the code has them",
                 slips=scaling if M is None else [])
    work.answer("scores", S)
    A = attend(work, "weights", S, M, r"\mathbf A", "e", [
        slip("normalised the columns", "the weights of a key were made to add up to 1",
             lambda: softmax(S.T).T)])
    work.answer("weights", A, places=2)
    seen, entropies = visible(M), []
    for i in range(len(A)):
        sees = [A[i, j] for j in range(len(K)) if seen is None or seen[i][j] or not any(seen[i])]
        entropies.append(work.let(
            f"entropy_{i + 1}", -sum(a * log(a) for a in sees), f"H_{i + 1}",
            why=r"surprise $-\ln a$, weighted",
            slips=[slip("took the logarithm to base 2", "bits were compared with nats",
                        lambda sees=sees: -sum(a * log2(a) for a in sees))]))
    work.answer("entropy", entropies, places=2)
    largest = work.let(
        "max_entropy", log(K.height), r"H_{\max}", why="all keys alike",
        slips=[slip("took the width for the number of keys",
                    "the entropy was taken to be over features", lambda: log(d))])
    work.answer("max_entropy", largest, places=2)
    cause = find_cause(work, given)
    work.answer("cause", cause, label="cause", options=CAUSES)
    fixed_mask = M
    if cause == "identical keys":
        keys = given.K_fixed if given.K_fixed is not None else K
        fixed = c * work.let("fixed_raw", given.Q @ keys.T, r"\mathbf R'", why="the right keys")
    elif cause == "whole row masked":
        fixed, fixed_mask = scaled, given.masked_fixed
    elif cause == "tiny initialisation":
        fixed = given.gain**2 * c * raw
    else:
        fixed = raw / sqrt(d)
    further = [slip("divided once more", "more scaling was thought to sharpen",
                    lambda: c * raw / sqrt(d))]
    if cause == "tiny initialisation":
        further.append(slip("rescaled the queries only", "the keys were taken to be large enough",
                            lambda: given.gain * c * raw))
    fixed = work.let("fixed" if M is None else "fixed_scaled", fixed, r"\mathbf S'",
                     why="the scores without the fault", slips=further)
    if cause == "whole row masked" and fixed_mask is None:  # a full row hides nothing
        open_ = [[see or not any(row) for see in row] for row in seen]
        fixed = work.let("fixed_seen", mask(fixed, open_), r"\mathbf S''", why="the mask left over")
        fixed_mask = None
    B = attend(
        work, "fixed_weights", fixed, fixed_mask, r"\mathbf A'", "f",
        slips=[slip(r"multiplied the weights by $\sqrt d$",
                    "a common factor was thought to survive the normalisation", lambda: A)])
    work.answer("fixed_weights", B, places=2)
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

    def length(v):
        return sum(a * a for a in v)

    sizes = [length(k) for k in K]
    gaps = [[length([a - b for a, b in zip(q, k, strict=True)]) for k in K] for q in Q]
    return [[Fraction(length(q) + size - gap) / 2 for size, gap in zip(sizes, row, strict=True)]
            for q, row in zip(Q, gaps, strict=True)]  # fmt: skip


def _totals(scores):
    """Per entry the sum of exp(other score - own score), the inverse of its weight."""
    if len(set(scores)) == 1:
        return [Fraction(len(scores))] * len(scores)
    return [sum(math.exp(o - s) if o - s < 700 else math.inf for o in scores) for s in scores]


def _powers(scores):
    """The exponentials of a row; a row all masked is shifted by 10^9."""
    shift = -HUGE if max(scores) == -HUGE else 0
    return [math.exp(s - shift) if s != shift else 1 for s in scores]


def check(given):
    """Pairwise odds on the law of cosines; the cause by which repair is called for"""
    Q, K, m = given["Q"], given["K"], given["multiplier"]
    d, n = len(K[0]), len(K)
    open_ = [[0] * n for _ in Q]
    masked = given.get("masked") or open_
    cleared = [row if not all(row) else [0] * n for row in masked]
    raw = _products(Q, K)
    root = math.isqrt(d) if math.isqrt(d) ** 2 == d else math.sqrt(d)
    right = Fraction(1, root) if isinstance(root, int) else 1 / root

    def fill(products, factor, cover):
        pairs = (zip(row, hidden, strict=True) for row, hidden in zip(products, cover, strict=True))
        return [[-(10**9) if h else factor * r for r, h in pair] for pair in pairs]

    gain, T = given.get("gain", 1), given.get("temperature", 1)
    if cleared != masked:
        cause, fixed = "whole row masked", fill(raw, m, given.get("masked_fixed") or cleared)
    elif all(k == K[0] for k in K):
        cause, fixed = "identical keys", fill(_products(Q, given.get("K_fixed", K)), m, masked)
    elif T == 1 and d > 1 and abs(m * d - 1) < 1e-6:
        cause, fixed = "divided by d", fill(raw, right, masked)
    elif T != 1 or abs(m * m * d - 1) > 1e-6:
        cause, fixed = "temperature too high", fill(raw, right, masked)
    else:
        cause, fixed = "tiny initialisation", fill(raw, gain * gain * m, masked)
    scores = fill(raw, m, masked)
    totals = [_totals(row) for row in scores]
    surprise = [[math.log(v) / v for v in row if v != math.inf] for row in totals]
    word, gaps = ("no", "yes"), [[b - a for a, b in zip(K[0], k, strict=True)] for k in K]
    apart = [sum(v * v for v in gap) for gap in gaps]
    by_root, by_d = abs(m / right - 1), abs(m * d - 1)
    decided = {
        "step hot": (T, 1, word[T > 1]),
        "step not_by_root": (by_root, Fraction(1, 1000), word[by_root > 0.001]),
        "step not_by_d": (by_d, Fraction(1, 1000), word[by_d > 0.001]),
    }
    for i, row in enumerate(masked):
        decided[f"step blind_{i + 1}"] = (sum(row), n, word[all(row)])
    for j in range(1, n):
        decided[f"step apart_{j + 1}"] = (apart[j], 0, word[apart[j] > 0])
        decided[f"gap_{j + 1}"] = gaps[j]
    return decided | {
        "raw": raw,
        "scores": scores,
        "weights": [[1 / v for v in row] for row in totals],
        "entropy": [sum(row) for row in surprise],
        "max_entropy": math.log(n),
        "cause": cause,
        "fixed_weights": [[1 / v for v in _totals(row)] for row in fixed],
        "fixed": fixed,
        "scaled": [[m * r for r in row] for row in raw],
        "hidden": [sum(row) for row in masked],
        "weights_exponentials": [_powers(row) for row in scores],
        "weights_sums": [sum(_powers(row)) for row in scores],
        "fixed_weights_exponentials": [_powers(row) for row in fixed],
        "fixed_weights_sums": [sum(_powers(row)) for row in fixed],
        "query_norms": [math.sqrt(sum(a * a for a in q)) for q in Q],
        "key_norms": [math.sqrt(sum(a * a for a in k)) for k in K],
    }


def figures(given, steps):
    queries = [f"query {i + 1}" for i in range(len(given["Q"]))]
    keys = [f"key {j + 1}" for j in range(len(given["K"]))]
    return [Grid(
        shades=[[float(w) for w in row] for row in steps[name]],
        texts=[[show(w, 2) for w in row] for row in steps[name]],
        row_labels=queries, column_labels=keys, caption=caption)
        for name, caption in (("weights", "As it runs"), ("fixed_weights", "Repaired"))]
