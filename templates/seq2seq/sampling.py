"""Temperature, top-k and top-p on the same logits (Holtzman et al. 2020, section 3)."""

import math
from fractions import Fraction
from itertools import combinations

from penwork.author import (
    Grid, Problem, count, exp, log, log2, option, scalar, slip, stack, total, vector)
from penwork.checking import e_to

problem = Problem(
    title="Temperature, top-k and top-p",
    question="How do temperature, top-k and top-p change what a language model samples?",
    source=["Sequence-to-Sequence 3"], minutes={1: 10, 2: 13, 3: 20},
    given=dict(logits=vector(r"\mathbf z", row=True, style="log"),
        T=scalar(low=0, nonzero=True, style="fraction"), k=count(low=1),
        p=scalar(low=0, high=1, nonzero=True)),
    effort={1: (120, 260), 2: (90, 280), 3: (180, 560)}, typical={1: 210, 2: 180, 3: 400},
    aids={1: "none", 2: "none", 3: "calculator"}, draws=2, version=2)

HALF, THIRDS = Fraction(1, 2), Fraction(2, 3)
# What the logits are logarithms of: powers of these bases, of which T makes other powers.
POWERS = [(1, HALF), (1, HALF), (2, 2), (2, 2), (2, THIRDS), (3, 3), (3, Fraction(3, 2))]
BASES = {power: [bases for bases in combinations(range(1, 10), size)
                 if sum(base**power for base in bases) < 100] for power, size in ((2, 4), (3, 3))}


def sample(draw, level):
    power, T = draw.pick(POWERS[:{1: 3, 2: 7, 3: 5}[level]])
    bases = draw.pick(BASES[3 if power == 3 or T == THIRDS else 2])
    sizes = draw.shuffle([base**power for base in bases])
    falling = sorted(sizes, reverse=True)
    kept = draw.integer(2, 3) if len(sizes) == 4 else 2 if level == 3 else 1
    below, above = (Fraction(sum(falling[:m]), sum(sizes)) for m in (kept - 1, kept))
    between = [Fraction(n, 100) for n in range(20, 100) if below < Fraction(n, 100) < above]
    if level == 3:  # the tempered ones reach p with fewer tokens, or with more
        hot = sorted((base**int(power / T) for base in bases), reverse=True)
        low, high = (Fraction(sum(hot[:m]), sum(hot)) for m in (kept - 1, kept))
        between = [p for p in between if not low <= p <= high]
    return dict(
        logits=[f"ln {size}" if size > 1 else 0 for size in sizes], T=T,
        k=2 * len(sizes) - 3 - kept,
        p=draw.pick([p for p in between if 20 % p.denominator == 0] or between))


def short_of(limit):
    """The wrong cut of a nucleus: the likeliest tokens while their sum stays below the limit."""
    def kept(found):
        order = sorted(range(len(found)), key=lambda i: -found[i][0])
        sums = [sum(found[i][0] for i in order[:n + 1]) for n in range(len(order))]
        return [i for i, reached in zip(order, sums) if reached < limit] or order[:1]
    return kept


def numbers(kept):
    return [str(token.item + 1) for token in kept]


def reaching(work, name, tokens, p, label, tex, **how):
    """The fewest tokens that add up to p, and to what; one fewer does not."""
    kept = work.choose(f"{name}_kept", tokens, reach=p, style="fraction", **how)
    if len(kept) > 1:
        work.compare(f"{name}_less", sum(token.score for token in kept[:-1]), "<", p,
                     why="one token fewer is not enough")
    mass = work.let(f"{name}_mass", sum(token.score for token in kept), tex, style="fraction",
                    why="what is kept")
    work.compare(f"{name}_enough", mass, ">=", p)
    work.answer(f"{name}_tokens", numbers(kept), label=label, joint=", ")
    return kept, mass


def renormalised(work, name, kept, mass, size):
    """The kept probabilities over their sum, zeros elsewhere."""
    chances = {token.item: token.score for token in kept}
    cut = stack([chances.get(i, 0) for i in range(size)], row=True)
    return work.answer(name, 1 / mass * cut, rf"\mathbf q_{name[-1]}", style="fraction",
        why="each over what is kept", slips=[
            slip("forgot to renormalise", "what is cut off was thought to vanish", lambda: cut)])


def solve(work, given):
    z, T, k, p = given.logits, given.T, min(given.k, len(given.logits)), given.p
    e = work.let("exponentials", exp(z), r"\mathbf e", why="exponentials")
    s = work.let("sum", total(e), "s", why="their sum")
    q = work.answer("probabilities", e / s, r"\mathbf q", style="fraction", why="each over the sum")
    y = work.let("tempered", z / T, r"\mathbf y", style="log", why="every logit over $T$", slips=[
        slip("multiplied the logits by $T$", "a low $T$ was thought to flatten"
             if given.plain("T") < 1 else "a high $T$ was thought to sharpen", lambda: z * T)])
    f = work.let("tempered_exponentials", exp(y), r"\mathbf f", why="exponentials")
    t = work.let("tempered_sum", total(f), "t", why="their sum")
    warm = work.answer("temperature", f / t, r"\mathbf q_T", style="fraction",
        why="each over the sum", slips=[
            slip("divided the probabilities by $T$", "$T$ was thought to act after the softmax",
                 lambda: q)])
    plain, hot = list(q), list(warm)
    tokens, hot_tokens = ([option(chance.name.tex, chance, i) for i, chance in enumerate(chances)]
                          for chances in (plain, hot))

    top = work.choose("top_k_kept", tokens, keep=k, style="fraction", why="the $k$ likeliest")
    work.answer("top_k_tokens", numbers(top), label="top-$k$ keeps", joint=", ")
    m_k = work.let("top_k_mass", sum(token.score for token in top), "m_k", style="fraction",
                   why="what is kept")
    top_k = renormalised(work, "top_k", top, m_k, len(z))

    nucleus, m_p = reaching(
        work, "top_p", tokens, p, "top-$p$ keeps", "m_p",
        why="the fewest that add up to $p$ or more", slips=[
            slip("stopped before the sum reached $p$", "$p$ was taken for an upper limit",
                 short_of(p.data)),
            slip("cut the tempered probabilities", "the rules were thought to follow each other",
                 hot)])
    top_p = renormalised(work, "top_p", nucleus, m_p, len(z))

    fewer = sum(token.score for token in top[:-1]) if k > 1 else z[0].constant(0)
    work.answer("p_low", fewer, r"p_{\min}", style="fraction",
        why="up to here fewer tokens are enough", slips=[
            slip("started where the sum of $k$ tokens ends",
                 "the token that reaches $p$ was thought to be cut", lambda: m_k)])
    work.answer("p_high", m_k, r"p_{\max}", style="fraction", why="beyond it one more is needed")
    for name, left, tex in (("entropy", plain, "H"), ("entropy_temperature", hot, "H_T"),
        ("entropy_top_k", [top_k[token.item] for token in top], "H_k"),
        ("entropy_top_p", [top_p[token.item] for token in nucleus], "H_p")):
        work.answer(name, -sum(chance * log(chance) for chance in left), tex,
            why=r"surprise $-\ln q$, weighted", slips=[
                slip("took the logarithm to base 2", "bits were taken for nats",
                     lambda left=left: -sum(chance * log2(chance) for chance in left))])
    reaching(
        work, "both", hot_tokens, p, r"top-$p$ of $\mathbf q_T$", "m_T",
        why="now of the tempered ones", slips=[
            slip("kept what top-$p$ kept before", "the nucleus was thought to go by $p$ alone",
                 plain)])
    leader = top[0].item
    work.insight("A temperature below 1 sharpens: << q|eq >> becomes << w|eq >>.",
                 holds=lambda n: n(T) < 1 and n(hot[leader]) > n(plain[leader]),
                 q=plain[leader], w=hot[leader])
    work.insight("A temperature above 1 flattens: << q|eq >> becomes << w|eq >>.",
                 holds=lambda n: n(T) > 1 and n(hot[leader]) < n(plain[leader]),
                 q=plain[leader], w=hot[leader])


def _powers(z, T):
    """e^(z/T): exact where a float is ln of a whole number and the root a whole one."""
    if not all(isinstance(a, float) or a == 0 for a in z):
        return [e_to(a / T) for a in z]
    whole, (over, under) = [round(math.exp(a)) for a in z], (1 / T).as_integer_ratio()
    near = [round(e_to(a / T)) if under > 1 else b**over for a, b in zip(z, whole)]
    return [Fraction(r) if r**under == b**over else e_to(a / T) for r, a, b in zip(near, z, whole)]


def _entropy(shares, logits):
    """Surprise of the likeliest token, and how much further all logits lie on average."""
    best = logits[shares.index(max(shares))]
    return -math.log(max(shares)) + sum(float(p * (best - a)) for p, a in zip(shares, logits) if p)


def check(given):
    """Pairwise odds; a token is kept for what lies ahead of it; entropies from mean logit gaps"""
    z, T, p = given["logits"], Fraction(given["T"]), given["p"]
    k = min(given["k"], len(z))
    every, tempered = range(len(z)), [a / T for a in z]
    sizes, hot = _powers(z, Fraction(1)), _powers(z, T)

    def shares(powers, logits, kept):  # 1 / sum of the odds of the kept ones against each
        finite = max(powers) < math.inf
        return [1 / sum(powers[j] / powers[i] if finite else e_to(logits[j] - logits[i])
                        for j in kept) if i in kept else 0 for i in every]

    ahead = [[j for j in every if (-z[j], j) < (-z[i], i)] for i in every]
    ranked = sorted(every, key=lambda i: len(ahead[i]))
    plain, warm = shares(sizes, z, every), shares(hot, tempered, every)
    core, both = ([i for i in ranked if sum(dist[j] for j in ahead[i]) < p]
                  for dist in (plain, warm))
    top_k, top_p = shares(sizes, z, ranked[:k]), shares(sizes, z, core)
    answers = {
        "probabilities": plain, "temperature": warm, "top_k": top_k, "top_p": top_p,
        "entropy": _entropy(plain, z), "entropy_temperature": _entropy(warm, tempered),
        "entropy_top_k": _entropy(top_k, z), "entropy_top_p": _entropy(top_p, z),
        "exponentials": sizes, "sum": sum(sizes), "tempered": tempered,
        "tempered_exponentials": hot, "tempered_sum": sum(hot),
        "p_low": 1 - sum(plain[i] for i in ranked[k - 1:]),
        "p_high": 1 - sum(plain[i] for i in ranked[k:])}
    for name, kept, dist in (("top_k", ranked[:k], plain), ("top_p", core, plain),
                             ("both", both, warm)):
        scores = [dist[i] for i in ranked]
        less, mass = (1 - sum(scores[m:]) for m in (len(kept) - 1, len(kept)))
        answers |= {f"{name}_tokens": [str(i + 1) for i in kept], f"{name}_mass": mass,
                    f"step {name}_kept": (scores[: len(kept)], scores[len(kept) :], kept),
                    f"step {name}_less": (less, p, "yes" if less < p else "no"),
                    f"step {name}_enough": (mass, p, "yes" if mass >= p else "no")}
    return answers


def figures(given, steps):
    rows = {"probabilities": r"\mathbf q", "temperature": r"\mathbf q_T", "top_k": r"\mathbf q_k",
            "top_p": r"\mathbf q_p"}
    chances = [steps[name] for name in rows]
    return [Grid(chances, chances, list(rows.values()),
                 [str(i + 1) for i in range(len(given["logits"]))])]
