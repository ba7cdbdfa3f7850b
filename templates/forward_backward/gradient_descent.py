"""Gradient descent on one weight (Goodfellow, Bengio and Courville 2016, section 4.3)."""

import cmath
from fractions import Fraction

from penwork.author import (
    Curve, Mark, Plot, Problem, absolute, count, scalar, show, slip, vector)
from penwork.checking import slope as slope_of

problem = Problem(
    title="Gradient descent on one weight",
    question="How does gradient descent move a weight, and when does it converge?",
    source=["Practice 1", "Calculus 4"], version=3, minutes={1: 4, 2: 9, 3: 10},
    given=dict(w0=scalar(), x=scalar(nonzero=True), y=scalar(), alpha=scalar(),
        T=count(low=1, high=100),
        sigmas=vector(r"\boldsymbol\sigma", dimension="s", row=True, default=None,
            low=Fraction(1, 1000), high=Fraction(999, 1000))),
    effort={1: (8, 40), 2: (30, 110), 3: (30, 110)}, typical={1: 17, 2: 72, 3: 45})

RATES = [Fraction(k, 10000) for k in (25, 50, 75, 100, 125, 200, 250, 300, 400, 500, 600, 750, 800,
                                       1000, 1250, 1500, 2000)]


def tidy(x, rate):
    """Whether the distance to the minimiser gains only one decimal in every step."""
    factor = 1 - 2 * rate * x * x
    return (10 * factor).denominator == 1 and abs(factor) < 2 and factor not in (-1, 0, 1)


TIDY = {x: [rate for rate in RATES if tidy(x, rate)] for x in (3, 4, 5, 6, 8, 10)}


def sample(draw, level):
    size = draw.pick(list(TIDY))
    rates = TIDY[size]
    if draw.chance(4):
        rates = [rate for rate in rates if rate * size * size > 1] or rates
    alpha, x = draw.pick(rates), draw.pick([size, -size])
    minimiser = draw.integer(-6, 6)
    w0 = minimiser + draw.nonzero(-6, 6)
    given = dict(w0=w0, x=x, y=minimiser * x, alpha=alpha, T={1: 1, 2: 3, 3: 2}[level])
    if level == 3 and draw.chance(2):
        given["sigmas"] = draw.some([Fraction(1, n) for n in (2, 4, 5, 10, 20, 50, 100)], 2)
    return given


def solve(work, given):
    x, y, alpha = given.x, given.y, given.alpha
    w, losses, gradients, weights = given.w0, [], [], []
    for t in range(given.T):
        e = work.let(f"error_{t}", w * x - y, f"e_{t}", why="prediction minus target")
        losses.append(work.let(f"loss_{t}", e**2, f"L_{t}", why="square the error", slips=[
            slip("took the loss after the update", "the loss was thought to reward the new weight",
                 lambda: ((w - 2 * alpha * e * x) * x - y) ** 2)]))
        gradients.append(work.let(
            f"gradient_{t}", 2 * e * x, f"g_{t}", why="twice the error, times the input",
            derives=(losses[-1], w),
            slips=[slip("dropped the factor 2", "the square was not differentiated", lambda: e * x),
                   slip("forgot the factor $x$", "the chain rule stopped at the prediction",
                        lambda: 2 * e)]))
        w = work.let(f"weight_{t + 1}", w - alpha * gradients[-1], f"w_{t + 1}",
            why="a step downhill", slips=[
                slip("added the gradient", "the gradient was taken to point downhill",
                     lambda: w + alpha * gradients[-1]),
                slip("kept the first gradient", "the gradient does not change along the way",
                     lambda: w - alpha * gradients[0])])
        weights.append(w)
    work.answer("losses", losses)
    work.answer("gradients", gradients)
    work.answer("weights", weights)
    best = work.answer("minimiser", y / x, r"w^\ast", why="where the error is 0", slips=[
        slip("divided the other way round", "the weight maps the target to the input",
             lambda: x / y)])
    factor = work.answer("factor", 1 - 2 * alpha * x**2, "r",
        why=r"a step subtracts $\alpha g_t$, and $g_t=2x^2(w_t-w^\ast)$", slips=[
            slip("left out the 2 of the derivative", "the curvature was taken as $x^2$",
                 lambda: 1 - alpha * x**2),
            slip("forgot the square of $x$", "the slope was taken for the curvature",
                 lambda: 1 - 2 * alpha * x)])
    work.compare("converges", absolute(factor), "<", 1, label="converges",
        why="the distance must shrink", slips=[
            slip("asked for a factor below 1", "a negative factor was taken to be safe",
                 lambda: (factor, "<", 1))])
    work.answer("divergence_threshold", 1 / x**2, r"\alpha_{\max}", style="fraction",
        why=r"a step's factor, $1-2\alpha x^2$, reaches $-1$", slips=[
            slip("asked for a positive factor", "overshooting was taken for diverging",
                 lambda: 1 / (2 * x**2)),
            slip("forgot the square of $x$", "the slope was taken for the curvature",
                 lambda: 1 / absolute(x))])
    if given.sigmas is not None:
        flat = work.answer("flat_gradients", [work.let(
            f"flat_{i}", 2 * (s - 1) * s * (1 - s), rf"L'_{i + 1}", places=6,
            why=r"$\sigma'=\sigma(1-\sigma)$, times twice the error", slips=[
                slip("left out the slope of the sigmoid", "the chain rule stopped at the sigmoid",
                     lambda s=s: 2 * (s - 1)),
                slip("used the sigmoid for its slope", "the sigmoid was taken as $e^w$",
                     lambda s=s: 2 * (s - 1) * s)]) for i, s in enumerate(given.sigmas)], places=4)
        for s, slope in zip(given.sigmas, flat):
            work.insight("At $\\sigma(w) = << s|n >>$ the loss is highest and the slope flattest.",
                         holds=lambda n, s=s, slope=slope: n(s) == min(map(n, given.sigmas))
                         and n(slope) == max(map(n, flat)), s=s)
    work.insight("Each step leaves << r|n >> of the distance to the best weight.",
                 holds=lambda n: 0 < n(factor) < 1, r=factor)
    work.insight("Each step jumps over the best weight, << w|about >>, and lands nearer to it.",
                 holds=lambda n: -1 < n(factor) < 0, w=best)
    work.insight("Every step follows the gradient downhill and still ends at a higher loss:"
                 " it jumps too far over the best weight, << w|about >>.",
                 holds=lambda n: n(factor) < -1, w=best)


def check(given):
    """Closed form of the descent, with slope and curvature from central differences"""
    w0, x, y, alpha, steps = (given[name] for name in ("w0", "x", "y", "alpha", "T"))

    def loss(w):
        return (w * x - y) ** 2

    def slope(w):  # exact: the loss is a parabola in w
        return Fraction(loss(w + 1) - loss(w - 1)) / 2

    curvature = slope(1) - slope(0)
    lowest = -slope(0) / curvature
    factor = 1 - alpha * curvature
    path = [lowest + (w0 - lowest) * factor**t for t in range(steps + 1)]
    answers = {
        "losses": [loss(w) for w in path[:-1]], "gradients": [slope(w) for w in path[:-1]],
        "weights": path[1:],
        "minimiser": lowest, "factor": factor, "converges": "yes" if abs(factor) < 1 else "no",
        "step converges": (abs(factor), 1, "yes" if abs(factor) < 1 else "no"),
        "divergence_threshold": 2 / curvature}
    if "sigmas" in given:  # complex step on L(w) = (1 + e^w)^-2, with e^w = s / (1 - s)
        odds = [float(Fraction(s) / (1 - Fraction(s))) for s in given["sigmas"]]
        answers["flat_gradients"] = [
            slope_of(lambda w: (1 + u * cmath.exp(w)) ** -2, 0) for u in odds]
    return answers


def figures(given, steps):
    weights = [float(given["w0"])] + [float(steps[f"weight_{t + 1}"]) for t in range(given["T"])]
    x, y = float(given["x"]), float(given["y"])
    low, high = min(*weights, y / x), max(*weights, y / x)
    margin = 0.15 * (high - low)
    parabola = Curve.of(lambda w: (w * x - y) ** 2, low - margin, high + margin)
    path = [(w, (w * x - y) ** 2) for w in weights]
    told = "minimiser" if "minimiser" in steps else f"weight_{given['T']}"
    return [Plot([parabola, Curve(path, dashed=True, arrow=True)],
                 [Mark(*place, f"w_{t}") for t, place in enumerate(path[:4])],
                 x_label="w", y_label="L", x_ticks=[(float(steps[told]), show(steps[told]))])]
