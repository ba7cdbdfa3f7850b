"""Sinusoidal positional encodings (Vaswani et al. 2017, section 3.5)."""

import cmath
import math

from penwork.author import (
    Curve, Mark, Plot, Problem, cos, count, frac, power, scalar, sin, slip, stack, vector)

problem = Problem(
    title="Positional encoding",
    question="How do sines and cosines tell a model where a token stands?",
    source=["Coding 4", "Attention (Pre-Transformer) 6"], version=2, minutes={1: 6, 2: 9, 3: 10},
    given=dict(positions=vector(r"\mathbf p", row=True, first=0, integer=True, low=0,
            high=10**6),
        d_model=scalar("d", integer=True, low=2, high=512),
        context=scalar("C", integer=True, low=1, high=10**6, default=None),
        pair=count("i", low=0, default=None)),
    effort={1: (20, 60), 2: (25, 110), 3: (90, 200)}, typical={1: 42, 2: 46, 3: 150},
    aids={1: "calculator", 2: "calculator", 3: "calculator"})

CONTEXTS = [16, 20, 24, 32, 40, 48, 50, 60, 64, 80, 96, 100, 128, 150, 200, 250, 256, 300, 400, 512]
DEGREES = "worked in degrees", r"$p\,\omega_i$ was taken for an angle in degrees"
SHIFTED = "counted positions from 1", "the first token was thought to stand at 1"
SWAPPED = "swapped sine and cosine", "indices were counted from 1"
ALONE = "gave each index its frequency", "$i$ was taken for the index of an entry"


def sample(draw, level):
    if level == 1:
        first = draw.integer(0, 40)
        return dict(positions=[first, first + draw.integer(5, 40)], d_model=4)
    if level == 2:
        context = draw.pick(CONTEXTS)
        early, late = draw.pick([0, *range(3, 13)]), context + draw.integer(-2, 1)
        return dict(positions=[early, late], d_model=draw.pick([4, 6]), context=context)
    pair, first = draw.pick([0, 1]), draw.integer(1, 40)
    apart = draw.integer(*((1, 6) if pair == 0 else (5, 40)))
    return dict(positions=[first, first + apart], d_model=draw.pick([4, 6, 8]), pair=pair)


def falling(p, d, base, shift=0):
    """Frequencies from 1 on, each `base` to the -2/d of the one before it."""
    return [power(p.constant(base), -2 * i - shift, d) for i in range(d // 2)]


def flat(pairs):
    """The row of all entries, pair after pair."""
    return stack([entry for pair in pairs for entry in pair], row=True)


def solve(work, given):
    p, d, pair = given.positions, int(given.plain("d_model")), given.pair
    last = len(p) - 1
    work.refuse(len(p) * d > 2048, f"{len(p)} positions of d_model = {d} entries are too many")
    work.refuse(d % 2, f"d_model = {d} is odd, and entries come in pairs")
    work.refuse((pair or 0) >= d // 2, f"pair = {pair} is none of the pairs 0 to {d // 2 - 1}")
    work.refuse(pair is not None and last < 1,
                "pair turns between two positions, and positions has one")
    w = work.let("frequencies", stack(falling(p, d, 10_000), row=True), r"\boldsymbol\omega",
        first=0, places=6, why="a frequency for each pair", slips=[
            slip("took the exponent $2i+1$", "the index of the cosine was taken for the pair's",
                 lambda: stack(falling(p, d, 10_000, 1), row=True)),
            slip("took the base 1000", "the slowest wave was thought to fit 1000 positions",
                 lambda: stack(falling(p, d, 1000), row=True))])
    angles, codes = [], []
    for j, at in enumerate(p):
        a = work.let(f"angles_{j}", at * w, rf"\boldsymbol\theta_{{{j}}}", first=0,
            why="position times frequency, in radians", slips=[
                slip(*DEGREES, lambda: frac(71, 4068) * at * w),
                slip(*SHIFTED, lambda: (at + 1) * w)])
        own = [at * b for b in falling(p, d, 10_000, 1)]
        codes.append(work.let(
            f"encoding_{j}", flat((sin(t), cos(t)) for t in a), rf"\mathrm{{PE}}(p_{{{j}}})",
            why="sines at even indices, cosines at odd ones",
            slips=[slip("took sines only", "parity was thought to choose the frequency only",
                        lambda: flat((sin(t), sin(t)) for t in a)),
                   slip(*SWAPPED, lambda: flat((cos(t), sin(t)) for t in a)),
                   slip(*ALONE, lambda: flat((sin(t), cos(u)) for t, u in zip(a, own)))]))
        angles.append(a)
    work.answer("encoding", stack(codes), r"\mathbf E", first=0, why="a row a position")
    if given.context is not None:
        work.answer("learned_parameters", given.context * given.d_model, "P",
            why="$d$ numbers for each position")
        work.compare("in_table", p[last], "<", given.context, label="row",
            why="its rows count from 0", slips=[
                slip(*SHIFTED, lambda: (p[last], "<=", given.context))])
    if pair is not None:
        turn_pair(work, p, w, angles[0][pair], pair, d)
    slow = angles[last][d // 2 - 1]
    work.insight("At position << p|n >> the last pair has turned by only << a|about >>: it tells"
                 " far positions apart, the first pair near ones.",
                 holds=lambda n: d > 2 and 0 < n(slow) < 1, a=slow, p=p[last])
    work.insight("Each pair lies on the unit circle: a position changes its angle, not its length.")


def turn_pair(work, p, w, t, i, d):
    """How pair i, whose angle at the first position is t, gets to the second."""
    u = work.answer("before", stack([sin(t), cos(t)]), r"\mathbf u", first=0,
        why="entries $2i$ and $2i+1$", slips=[
            slip(*SWAPPED, lambda: stack([cos(t), sin(t)])),
            slip(*ALONE, lambda: stack([sin(t), cos(p[0] * falling(p, d, 10_000, 1)[i])]))])
    k = work.let("shift", p[1] - p[0], "k", why="how far apart")
    turns = work.let("turns", k * w, r"\boldsymbol\varphi", first=0,
        why="the distance turns each pair", slips=[
            slip(*DEGREES, lambda: frac(71, 4068) * k * w),
            slip("turned by the position", "a turn was thought to start at position 0",
                 lambda: p[1] * w)])
    c, s = cos(turns[i]), sin(turns[i])
    R = work.answer("rotation", stack([stack([c, s]), stack([-s, c])]), r"\mathbf R", first=0,
        why="addition theorems of sine and cosine", slips=[
            slip(*SWAPPED, lambda: stack([stack([c, -s]), stack([s, c])]))])
    work.answer("after", R @ u, r"\mathbf u'", first=0, why="the turn of this pair")
    dot = work.answer("dot", sum(map(cos, turns)), r"\mathrm{PE}(p_0)\cdot\mathrm{PE}(p_1)",
        why=r"$\sin\alpha\sin\beta+\cos\alpha\cos\beta=\cos(\alpha-\beta)$ by pair")
    work.insight("Any two positions << k|n >> apart have this product, << dot|about >>: only the"
                 " distance counts.", k=k, dot=dot)


def check(given):
    """Powers of a unit complex number per pair; frequencies as a geometric sequence"""
    positions, d = given["positions"], given["d_model"]
    ratio = 10000.0 ** (-2 / d)
    frequencies = [1.0]
    while len(frequencies) < d // 2:
        frequencies.append(frequencies[-1] * ratio)
    turns = [cmath.exp(1j * angle) for angle in frequencies]  # the turn of one position

    def row(position):
        spins = [turn**position for turn in turns]
        return [part for spin in spins for part in (spin.imag, spin.real)]

    answers = {"encoding": [row(p) for p in positions], "frequencies": frequencies}
    for j, p in enumerate(positions):
        answers[f"angles_{j}"] = [float(p) * angle for angle in frequencies]
        answers[f"encoding_{j}"] = row(p)
    if "context" in given:
        answers["learned_parameters"] = sum(d for _ in range(given["context"]))
        answers["in_table"] = "yes" if positions[-1] in range(given["context"]) else "no"
        answers["step in_table"] = [positions[-1], given["context"], answers["in_table"]]
    if "pair" in given and len(positions) > 1:
        first, second = positions[:2]
        spin, turn = turns[given["pair"]] ** first, turns[given["pair"]] ** (second - first)
        answers["before"] = [spin.imag, spin.real]
        answers["after"] = [(spin * turn).imag, (spin * turn).real]
        answers["rotation"] = [[turn.real, turn.imag], [-turn.imag, turn.real]]
        answers["dot"] = sum(a * b for a, b in zip(row(first), row(second)))
    return answers


def figures(given, steps):
    pair = given["pair"] if given["pair"] is not None else given["d_model"] // 2 - 1
    thetas = [float(steps["angles_0"][pair])]
    if given["pair"] is not None:
        thetas.append(thetas[0] + float(steps["turns"][pair]))
    elif len(given["positions"]) > 1:
        thetas.append(float(steps["angles_1"][pair]))
    turn = math.fmod(thetas[-1] - thetas[0], 2 * math.pi)

    def arc(start, sweep, radius):
        angles = [start + sweep * i / 72 for i in range(73)]
        return [(radius * math.sin(t), radius * math.cos(t)) for t in angles]

    turned = [Curve(arc(thetas[0], turn, 0.8), dashed=True, arrow=True)] * (abs(turn) > 0.4)
    return [Plot([Curve(arc(0, 2 * math.pi, 1)), *turned], [
                Mark(math.sin(t), math.cos(t), f"p_{j}") for j, t in enumerate(thetas)],
                 x_label=r"\sin", y_label=r"\cos", equal=True,
                 caption=f"Pair {pair} turns clockwise from position to position.")]
