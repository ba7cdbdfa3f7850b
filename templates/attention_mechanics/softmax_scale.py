"""The softmax of logits and of scaled logits (Hinton, Vinyals and Dean 2015, section 2)."""

import math
from fractions import Fraction
from itertools import combinations

from penwork.author import (
    Bars, Problem, exp, log, option, scalar, show, slip, stack, total, vector)
from penwork.checking import e_to, shares

problem = Problem(
    title="The softmax of scaled logits", question="Why does the softmax of large scores saturate?",
    source=["Practice 6", "Probability 4"], draws=2, version=2,
    minutes={1: 8, 2: 11, 3: 12},
    given=dict(logits=vector(r"\mathbf z", row=True), c=scalar(),
        target=scalar("R", low=1, default=None)),
    effort={1: (150, 300), 2: (150, 360), 3: (170, 380)}, typical={1: 210, 2: 240, 3: 330},
    aids={1: "strip", 2: "strip", 3: "calculator"},
    exceptions={"coinciding": "far from 0, the logits and their squares share out alike"})

HALVES = [Fraction(k, 2) for k in range(1, 9)]
HALF = Fraction(1, 2)
STEPS = {2: HALVES[:4], 4: HALVES[:2], HALF: HALVES[1::2], Fraction(1, 4): HALVES[3::4]}
FINER = {2: HALVES[:4], 3: HALVES[:3], HALF: HALVES[1:], Fraction(3, 2): HALVES[:5],
         Fraction(5, 2): HALVES[:3]}
WIDEST = [(2, 1), *[(2, 3 * HALF)] * 2, (2, 2), (4, 1), (HALF, 2), *[(HALF, 3)] * 2, (HALF, 4),
          (Fraction(1, 4), 4)]


def sample(draw, level):
    if level == 2:
        c, widest = draw.pick(WIDEST)
        nearer = [step for step in STEPS[c] if step < widest]
        sets = [nearby for size in (1, 2) for nearby in combinations(nearer, size)]
        below = [widest, *draw.pick(sets)]
    else:
        c = draw.pick(list(FINER) if level == 3 else [HALF, 2])
        gaps = FINER if level == 3 else STEPS
        below = draw.some(gaps[c], 2 if level == 1 else draw.pick([2, 3]))
    largest = draw.fraction(*{1: (-5, 12), 2: (9, 26), 3: (500, 1900)}[level], 2)
    logits = draw.shuffle([largest, *(largest - gap for gap in below)])
    goal = dict(target=draw.pick([20, 50, 100, 200, 500, 1000])) if level == 3 else {}
    return dict(logits=logits, c=c, **goal)


def solve(work, given):
    z, c = given.logits, given.c
    entries = [option(f"z_{i + 1}", entry, i) for i, entry in enumerate(z)]
    (top,) = work.choose("largest", entries, tie="listed", why="the largest logit")
    d = work.let("shifted", stack([entry - top.score for entry in z], row=True), r"\mathbf d",
        why="a common shift cancels in the quotient")
    e = work.let("exponentials", exp(d), r"\mathbf u", why="exponentials")
    s = work.let("sum", total(e), "s", why="their sum")
    p = work.answer("p", e / s, r"\mathbf p", why="each over the sum", slips=[
        slip("normalised without exponentials", "probabilities were taken to follow the logits",
             lambda: z / total(z)),
        slip("squared the logits", "any positive function was thought to do as well as $e^z$",
             lambda: z**2 / total(z**2)),
        slip("shifted the numerators only", "the shift was thought to cancel by itself",
             lambda: e / total(exp(z)))])
    d2 = work.let("shifted_scaled", c * d, r"\mathbf d'", why="every distance is multiplied by $c$")
    e2 = work.let("exponentials_scaled", exp(d2), r"\mathbf u'", why="exponentials")
    s2 = work.let("sum_scaled", total(e2), "s'", why="their sum")
    scaled = work.answer("p_scaled", e2 / s2, r"\mathbf p'", why="each over the sum", slips=[
        slip("scaled the probabilities", "the scale was thought to act after the softmax",
             lambda: p),
        slip("raised $p$ to the power $c$ and stopped", "the powers were thought to add up to 1",
             lambda: exp(c * log(p)))])
    (low,) = work.choose("smallest", entries, lowest=True, tie="listed", why="the smallest logit")
    ratio = work.answer("ratio", exp(top.score - low.score), "r", why="the sum cancels", slips=[
        slip("normalised without exponentials", "probabilities were taken to follow the logits",
             lambda: top.score / low.score)])
    falls = given.plain("c") < 0  # the smallest logit becomes the most probable
    gap = low.score - top.score if falls else top.score - low.score
    work.answer("ratio_scaled", exp(c * gap), "r'",
        why="$r$ to the power " + ("$-c$" if falls else "$c$"), slips=[
            slip("multiplied the ratio by $c$", "a ratio was thought to grow like the logits",
                 lambda: c * ratio)])
    if given.target is not None:
        work.refuse(len(set(given.plain("logits"))) == 1,
                    "equal logits have the ratio 1 at every scale, and target asks for one")
        R = given.target
        work.answer("scale", log(R) / (top.score - low.score), "c_R",
            why=r"$e^{c(z_{\max}-z_{\min})}=R$", slips=[
                slip("divided the ratios", "a ratio was thought to grow like the logits",
                     lambda: R / ratio),
                slip("left out the distance", "the ratio was taken for $e^c$", lambda: log(R))])
        work.insight("Nobody needs the exponential of << z|n >>: only distances of logits count.",
                     holds=lambda n: min(n(z)) > 100, z=top.score)
    first, second = p[top.item], scaled[top.item]
    for does, least in (("saturate", 0.9), ("sharpen", 0)):
        work.insight(
            f"Larger distances {does} the softmax: << p|eq >> becomes << q|eq >>.",
            holds=lambda n, least=least: n(c) > 1 and n(second) > max(n(first), least), p=first,
            q=second)
    work.insight("Smaller distances flatten the softmax: << p|eq >> becomes << q|eq >>.",
                 holds=lambda n: n(c) < 1 and n(second) < n(first), p=first, q=second)


def check(given):
    """Pairwise odds"""
    logits, c = given["logits"], given["c"]
    scaled = [c * a for a in logits]

    def widest(values):  # the odds are e to the gap of two logits; the largest of all pairs
        gap = max(a - b for a in values for b in values)
        return e_to(gap)

    answers = {
        "p": shares(logits), "p_scaled": shares(scaled), "ratio": widest(logits),
        "ratio_scaled": widest(scaled),
        "step largest": ([max(logits)], sorted(logits)[:-1]),
        "step smallest": ([min(logits)], sorted(logits)[1:]),
        "shifted": [min(a - b for b in logits) for a in logits],
        "shifted_scaled": [(min if c > 0 else max)(a - b for b in scaled) for a in scaled]}
    if "target" in given:  # how often the ratio must be multiplied by itself
        answers["scale"] = math.log(given["target"]) / (max(logits) - min(logits))
    return answers


def figures(given, steps):
    both = steps["p"], steps["p_scaled"]
    return [Bars(both, both, [f"z_{i + 1}={show(z)}" for i, z in enumerate(given["logits"])],
                 [r"\mathbf p", r"\mathbf p'"], places=3)]
