"""One step of an LSTM cell (Hochreiter and Schmidhuber 1997; Gers et al. 2000)."""

import cmath
import math
from fractions import Fraction
from itertools import product
from operator import itemgetter, matmul, mul

from penwork.author import (
    Bars, Curve, Plot, Problem, absolute, count, hadamard, matrix, only, position, scalar, show,
    sigmoid, slip, tanh, vector,
)
from penwork.checking import slope as slope_of

GATES = "ifog"  # input, forget and output gate, and the candidate
ANSWERS = (*GATES, "c_new", "h_new", "cell_gradient")

problem = Problem(
    title="One step of an LSTM",
    question="What do the gates of an LSTM keep, write and show, and why do gradients survive?",
    source=["RNNs 4"], minutes={1: 7, 2: 10, 3: 18}, version=2,
    given=dict(x=vector(dimension="d"), h=vector(dimension="n"), c=vector(dimension="n"),
        **{f"W_{k}": matrix(rows="n", columns="d") for k in GATES},
        **{f"U_{k}": matrix(rows="n", columns="n") for k in GATES},
        **{f"b_{k}": vector(dimension="n") for k in GATES}, T=count(low=1, high=100, default=None),
        u=scalar(default=None),
        s=scalar(default=None, low=-1, high=1)),
    together=["Tus"],
    effort={1: (40, 75), 2: (60, 95), 3: (200, 360)}, typical={1: 59, 2: 78, 3: 290},
    exceptions={"p95": "two units have eight gates, and each of ten slips solves them again"},
    aids={1: "strip", 2: "calculator", 3: "calculator"})

GRID = [Fraction(k, 2) for k in (-5, -4, -3, -2, -1, 1, 2, 3, 4, 5)]
HALVES, WHOLE = GRID[2:-2], [-2, -1, 1, 2]
PAIRS = [w for w in product((-1, 0, 1), repeat=2) if any(w)]


def row(draw, x, h, unit, grid):
    """Weights and bias of one unit, so that its argument lies on the grid of halves."""
    w = [draw.pick(HALVES)] if len(x) == 1 else draw.pick(PAIRS)
    u = [draw.pick(WHOLE) if j == unit else draw.integer(0, 1) for j in range(len(h))]
    reached = sum(map(mul, w, x)) + sum(map(mul, u, h))
    near = [a for a in grid if abs(a - reached) <= 2] or grid
    return w, u, draw.pick(near) - reached


def sample(draw, level):
    n = 2 if level == 3 else 1
    x = draw.shuffle([draw.pick([-1, 1]), draw.pick([-2, 2])])[:n]
    h = [Fraction(draw.pick([-1, 1]), 2) for _ in range(n)]
    given = dict(x=x, h=h, c=draw.some(GRID[1:-1], n))
    for k in GATES:
        grid = GRID[5:] if level == 3 and k == "f" else GRID
        W, U, b = zip(*[row(draw, x, h, unit, grid) for unit in range(n)])
        given |= {f"W_{k}": W, f"U_{k}": U, f"b_{k}": b}
    if level == 3:
        given |= dict(T=draw.integer(3, 6), u=draw.fraction(7, 12, 10), s=draw.fraction(2, 6, 10))
    return given


def gradients(work, given, f, let):
    """What T steps leave of a derivative, along the cell and through a plain RNN."""
    u, s, T = given.u, given.s, given.T
    added = ("multiplied by the number of steps", "factors along a path were added up")
    cells = let("cell_gradient", f**T, "d", why="a factor of the forget gate a step", slips=[
        slip("took one step for all", "the gate was thought to act once", lambda: 1 * f),
        slip(*added, lambda: T * f)])
    r = work.let("slope", u * (1 - s**2), "r", why=r"the weight times $\tanh'=1-\tanh^2$", slips=[
        slip(r"left out the slope of $\tanh$", "squashing was thought to pass gradients on",
             lambda: 1 * u)])
    plain = work.answer("rnn_gradient", r**T, r"\partial s_T/\partial s_0", why="again one a step",
        slips=[slip(*added, lambda: T * r)], places=4, style="rounded")
    units = cells if cells.shape else [cells]
    for d in units:
        work.insight("After << T|n >> steps the cells still pass on at best << d|eq >> of a"
                     " gradient, the plain RNN << r|about >>.", T=position(T), d=d, r=plain,
                     holds=lambda n, d=d: n(d) == max(map(n, units)) and n(d) > abs(n(plain)))
    work.insight("These forget gates lose a gradient faster than the plain RNN, which keeps"
                 " << r|about >>.", r=plain, holds=lambda n: max(map(n, units)) < n(plain) <= 1)
    work.insight("These forget gates let a gradient fade, while in the plain RNN it grows to"
                 " << r|about >> times its size.", r=plain, holds=lambda n: n(plain) > 1)


def solve(work, given):
    one = len(given.x) == len(given.h) == 1
    bold, times, each = ("", mul, mul) if one else (r"\mathbf ", matmul, hadamard)

    def own(name):
        return only(given[name]) if one else given[name]

    def let(name, value, tex, **how):
        result = work.let(name, value, bold + tex, **how)
        if name in ANSWERS:
            work.answer(name, [result] if one else result)
        return result

    work.refuse(given.s is not None and abs(given.plain("s")) == 1, "s lies between -1 and 1")
    x, h, c, gates = own("x"), own("h"), own("c"), {}
    for k in GATES:
        W, U, b = own(f"W_{k}"), own(f"U_{k}"), own(f"b_{k}")
        a = let(f"pre_{k}", times(W, x) + times(U, h) + b, f"a_{k}",
                why="weighted input and weighted state, plus a bias", slips=[
                slip("left out the hidden state", "gates were thought to see the input only",
                     lambda: times(W, x) + b)])
        if k == "g":
            gates[k] = let(k, tanh(a), k, why="the candidate lies in $(-1,1)$", slips=[
                slip(r"used $\sigma$ for the candidate", "the candidate was taken for a gate",
                     lambda: sigmoid(a))])
        else:
            gates[k] = let(k, sigmoid(a), k, why="a gate lies in $(0,1)$", slips=[
                slip(r"used $\tanh$ for the gates", "a gate was thought to have a sign",
                     lambda: tanh(a))])
    i, f, o, g = gates.values()
    swapped = ("swapped the input and the forget gate", "the input was thought to be the old cell")
    kept = let("kept", each(f, c), "k", why="what the forget gate keeps of the old cell",
               slips=[slip(*swapped, lambda: each(i, c))])
    written = let("written", each(i, g), "w", why="what the input gate writes", slips=[
        slip(*swapped, lambda: each(f, g)),
        slip("wrote the whole candidate", "only the old cell was thought gated", lambda: 1 * g)])
    new = let("c_new", kept + written, "c'", why="kept and written are added")
    squashed = let("squashed", tanh(new), "t", why="the new cell, squashed", slips=[
        slip(r"left out the $\tanh$", "the cell was thought to lie in $(-1,1)$", lambda: 1 * new),
        slip("showed the old cell", "the update was thought to count from the next step",
             lambda: tanh(c))])
    let("h_new", each(o, squashed), "h'", why="the output gate shows a share of it")
    if one:
        work.compare("larger", absolute(kept) - absolute(written), ">", 0, yes="kept",
                     no="written", label="larger", why="their sizes, without signs")
    if given.T:
        gradients(work, given, f, let)
    work.insight("The forget gate is nearly open: the cell keeps << f|about >> of what it held.",
                 f=f, holds=lambda n: one and n(f) > 0.8)
    work.insight("The forget gate is nearly shut: only << f|about >> of the old cell is left.",
                 f=f, holds=lambda n: one and n(f) < 0.2)
    work.insight("The cell forgets and writes at once: << k|eq >> and << w|eq >> add up to the new"
                 " cell.", k=kept, w=written)


def _sigma(z):
    return (1 + math.tanh(z / 2)) / 2


def _tanh(u):
    """From odds, without the library's tanh."""
    fall = math.expm1(-2 * abs(u))
    return math.copysign(fall / (2 + fall), u)


def check(given):
    """Gates as (1 + tanh(z/2))/2 and tanh from odds; RNN slope by a complex step"""
    seen = [*given["x"], *given["h"], 1]
    pre = {}
    for gate in "ifog":  # one row of [W U b] against [x h 1]
        joined = zip(given[f"W_{gate}"], given[f"U_{gate}"], given[f"b_{gate}"])
        pre[gate] = [sum(a * b for a, b in zip([*W, *U, b], seen)) for W, U, b in joined]
    i, f, o = ([_sigma(z) for z in pre[gate]] for gate in "ifo")
    g = [_tanh(z) for z in pre["g"]]
    kept = [cell - cell * _sigma(-z) for cell, z in zip(given["c"], pre["f"])]
    written = [share * new for share, new in zip(i, g)]
    c_new = [math.fsum(parts) for parts in zip(kept, written)]
    squashed = [_tanh(cell) for cell in c_new]
    answers = {f"pre_{gate}": pre[gate] for gate in pre} | {
        "i": i, "f": f, "o": o, "g": g, "kept": kept, "written": written, "c_new": c_new,
        "squashed": squashed, "h_new": [a * b for a, b in zip(o, squashed)]}
    if len(c_new) == 1:
        old, new = abs(kept[0]), abs(written[0])
        answers["larger"] = "kept" if old > new else "written"
        answers["step larger"] = (old - new, 0, answers["larger"])
    if "T" in given:
        u, s = float(given["u"]), float(given["s"])
        rest = math.atanh(s) - u * s  # all else that reaches the unit and keeps it at s
        slope = slope_of(lambda state: cmath.tanh(u * state + rest), s)
        changes = [1] * (len(f) + 1)
        for _ in range(given["T"]):
            changes = [factor * change for factor, change in zip([*f, slope], changes)]
        answers |= {"cell_gradient": changes[:-1], "slope": slope, "rnn_gradient": changes[-1]}
    return answers


def figures(given, steps):
    if len(given["x"]) == len(given["h"]) == 1:
        gates = [[steps[k] for k in GATES]]
        return [Bars(gates, gates, [f"${k}$" for k in GATES], caption="Gates and candidate.")]
    if "slope" not in steps:
        return []
    times, r = range(given["T"] + 1), float(steps["slope"])
    n, f = max(enumerate(map(float, steps["f"]), 1), key=itemgetter(1))
    return [Plot([Curve([(t, f**t) for t in times], label=f"f_{n}^t"),
                  Curve([(t, r**t) for t in times], dashed=True, label="r^t")],
                 x_label="t", y_label="", x_ticks=[(t, show(t)) for t in times[1:]],
                 y_ticks=[(1, "1")], caption="What is left of a gradient after $t$ steps.")]
