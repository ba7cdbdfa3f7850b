"""Piecewise linear interpolation as a ReLU network (Goodfellow et al. 2016, section 6.4.1)."""

from fractions import Fraction
from itertools import accumulate
from math import prod

from penwork.author import (
    Curve, Mark, Plot, Problem, absolute, ceiling, count, option, relu, scalar, slip, sqrt, stack,
    vector)

problem = Problem(
    title="A ReLU network through given points",
    question="How does a hidden layer approximate a function, and how many units does it take?",
    source=["Neural Networks 6"], minutes={1: 6, 2: 11, 3: 13}, draws=2, version=2,
    given=dict(knots=vector(r"\mathbf t", dimension="n", row=True, first=0),
        values=vector(r"\mathbf y", dimension="n", row=True, first=0, default=None),
        a=scalar(nonzero=True, default=None), b=scalar(default=None), c=scalar(default=None),
        x=scalar(default=None), outside=scalar("z", default=None),
        epsilon=scalar(r"\varepsilon", low=0, nonzero=True, default=None),
        D=count(low=1, high=12, default=None)),
    effort={1: (10, 45), 2: (35, 130), 3: (15, 110)}, typical={1: 28, 2: 76, 3: 48})

STEEP = [Fraction(n, 2) for n in (-6, -4, -2, -1, 1, 4, 6)]
BOUNDS = [Fraction(1, n) for n in (8, 10, 16, 20, 25, 40, 50, 80, 100, 200, 400)]


def sample(draw, level):
    widths = draw.shuffle([draw.pick([1, 2]), draw.pick([1, 2]), draw.pick([2, 3] if level == 1
                                                                            else [3, 4])])
    if level == 3:
        widths = [draw.integer(1, 2)] * draw.pick([2, 3])
    knots = list(accumulate(widths, initial=draw.integer(-3, 1)))
    given = dict(knots=knots)
    if level == 1:
        rises = [slope * width for slope, width in zip(draw.some(range(-5, 6), 3), widths)]
        given["values"] = list(accumulate(rises, initial=draw.integer(-4, 4)))
    else:
        given |= dict(a=draw.pick(STEEP), b=draw.pick([None, draw.nonzero(-4, 4)]),
                      c=draw.pick([None, draw.nonzero(-5, 5)]))
    if level < 3:
        piece = draw.integer(1, 2)
        return given | dict(x=knots[piece] + Fraction(draw.pick(range(1, 2 * widths[piece], 2)), 2))
    outside = draw.pick([knots[0] - draw.integer(1, 3), knots[-1] + draw.integer(1, 4)])
    return given | dict(outside=outside, epsilon=draw.pick(BOUNDS), D=draw.integer(2, 3))


def solve(work, given):
    t, a, x = given.knots, given.a, given.x
    work.refuse(any(one >= other for one, other in zip(t.data, t.data[1:])) or len(t) < 2,
                "knots must rise, and be at least two")
    work.refuse((a is None) == (given.values is None),
                "give either values at the knots or a of a parabola")
    for name, needed in (*((name, "a") for name in ("b", "c", "outside", "epsilon")),
                         ("D", "epsilon")):
        work.refuse(given[name] is not None and given[needed] is None, f"{name} needs {needed}")

    def f(point):
        value = a * point**2
        value = value if given.b is None else value + given.b * point
        return value if given.c is None else value + given.c

    y = given.values if a is None else [
        work.let(f"y_{i}", f(knot), f"y_{i}", why="the parabola at the knots")
        for i, knot in enumerate(t)]
    if a is not None:
        work.answer("y", y)
    pieces = range(1, len(t))
    slopes = [work.let(
        f"slope_{i}", (y[i] - y[i - 1]) / (t[i] - t[i - 1]), f"s_{i}", why="rise over run",
        slips=[slip("took the rise for the slope", "the knots were taken to be 1 apart",
                    lambda i=i: y[i] - y[i - 1])]) for i in pieces]
    weights = [work.let(
        f"weight_{i}", slopes[i - 1] - slopes[i - 2] if i > 1 else slopes[0], f"v_{i}",
        why="a new unit changes the slope", slips=[
            slip("took the slopes for the weights", "a unit was thought to end at the next knot",
                 lambda i=i: slopes[i - 1])]) for i in pieces]
    work.require(lambda n: all(map(n, weights)), "a unit without a weight")
    work.answer("slopes", slopes)
    work.answer("weights", weights)

    def network(point, name, tex):
        away = [point - knot for knot in list(t)[:-1]]
        h = work.let(f"hidden{name}", relu(stack(away)), tex,
            why="units are off to the left of their knots", slips=[
                slip("left out the ReLU", "every unit was thought to be on", lambda: stack(away))])
        return sum((v * unit for v, unit in zip(weights, h)), y[0])

    if x is not None:
        N = network(x, "", r"\mathbf h")
        N = work.answer("prediction", N, "N(x)", why="weighted and added")
        if a is not None:
            F = work.let("target_value", f(x), "f(x)", why="the parabola itself")
            error = work.answer("error", N - F, "e(x)", why="network minus parabola")
    if a is not None:
        widest = work.choose("widest",
            [option(f"t_{i}-t_{i - 1}", t[i] - t[i - 1], i) for i in pieces], tie="listed",
            why="the widest piece")[0]
        gap = work.let("gap", widest.score, "w", why="its width")
        largest = work.answer("largest_error", absolute(a) * (gap / 2)**2, r"e_{\max}",
            why="$|a|$ times the distances to both knots; most in the middle", slips=[
                slip("took the whole width for its half", "both distances were taken as the width",
                     lambda: absolute(a) * gap**2)])
        if x is not None:
            work.require(lambda n: abs(n(error)) != n(largest), "twice the same error")
            work.insight("The widest piece, << h|eq >>, has the largest error, << e|eq >>.",
                         holds=lambda n: n(gap) > n(t[1]) - n(t[0]), h=gap, e=largest)
    if given.outside is not None:
        z, left = given.outside, given.outside.data < t.data[0]
        N = network(z, "_outside", r"\mathbf h" if x is None else r"\mathbf h'")
        N = work.let("prediction_outside", N, "N(z)", why="the formula goes on", slips=[
            slip("went on with the nearest line", "the first unit was thought to be always on",
                 lambda: y[0] + slopes[0] * (z - t[0])) if left
            else slip("kept the last value", "the units were thought to end with the range",
                      lambda: y[-1])])
        F = work.let("target_outside", f(z), "f(z)", why="the parabola itself")
        error = work.answer("error_outside", N - F, "e(z)", why="network minus parabola", slips=[
            slip("kept to the largest error inside", "the bound was thought to hold everywhere",
                 lambda: largest)])
        work.require(lambda n: n(error) != 0, "an accidental agreement")
        work.insight("Outside, << e|eq >>; between the knots $|e|$ is at most << m|n >>.",
                     holds=lambda n: abs(n(error)) > n(largest), m=largest, e=error)
    if given.epsilon is not None:
        R = work.let("range", t[len(t) - 1] - t[0], "R", why="the range, cut into $m$ pieces")
        square = work.let("square", absolute(a) * R**2 / (4 * given.epsilon), "q", style="fraction",
            why=r"$|a|\left(\frac R{2m}\right)^2\le\varepsilon$ means $m^2\ge q$", slips=[
                slip("took the whole width for its half", "both distances were taken as the width",
                     lambda: absolute(a) * R**2 / given.epsilon)])
        m = work.answer("units", ceiling(sqrt(square)), "m", why="rounded up", slips=[
            slip("left out the root", "the error was thought to fall like $1/m$",
                 lambda: ceiling(square)),
            slip("rounded down", "nearly enough was taken for enough",
                 lambda: -ceiling(-sqrt(square)))])
        work.require(lambda n: n(m) > 4, "too few units")
        if given.D is not None:
            work.answer("grid", m**given.D, "G",
                why="every knot of an axis with all of the others", slips=[
                    slip("multiplied by the dimension", "axes were thought to add their knots",
                         lambda: m * given.D)])
    work.insight("All units are on at the end: their weights add up to the last slope << s|eq >>.",
                 holds=lambda n: sum(map(n, weights)) == n(slopes[-1]), s=slopes[-1])


def check(given):
    """Chords between neighbouring knots, weights by peeling; the error at midpoints"""
    knots = [Fraction(t) for t in given["knots"]]

    def f(x):
        a, b, c = (given.get(name, 0) for name in "abc")
        return (a * x + b) * x + c

    y = given["values"] if "values" in given else [f(t) for t in knots]
    pieces = list(zip(knots, knots[1:], y, y[1:]))

    def chord(x):  # level before the first knot, straight on after the last
        left, right, low, high = next((p for p in pieces if x <= p[1]), pieces[-1])
        return y[0] if x < knots[0] else (low * (right - x) + high * (x - left)) / (right - left)

    def outputs(x):
        return [(x - t + abs(x - t)) / 2 for t in knots[:-1]]

    weights = []
    for knot, value in zip(knots[1:], y[1:]):  # what the units so far leave for the next one
        before = y[0] + sum(v * h for v, h in zip(weights, outputs(knot)))
        weights.append((value - before) / outputs(knot)[len(weights)])
    widths = [right - left for left, right, _, _ in pieces]
    widest = widths.index(max(widths))
    answers = {
        "y": y, "weights": weights, "slopes": [sum(weights[:i + 1]) for i in range(len(weights))],
        "gap": widths[widest],
        "step widest": ([widths[widest]], widths[:widest] + widths[widest + 1:], [widest + 1])}
    if "x" in given:
        answers |= {"prediction": chord(given["x"]), "hidden": outputs(given["x"])}
    if "a" in given:
        middles = [(left + right) / 2 for left, right, _, _ in pieces]
        answers["largest_error"] = max(abs(chord(m) - f(m)) for m in middles)
        if "x" in given:
            answers |= {"target_value": f(given["x"]), "error": chord(given["x"]) - f(given["x"])}
    if "outside" in given:
        z = given["outside"]
        answers |= {"hidden_outside": outputs(z), "prediction_outside": chord(z),
                    "target_outside": f(z), "error_outside": chord(z) - f(z)}
    if "epsilon" in given:
        start, span = knots[0], knots[-1] - knots[0]

        def worst(m):  # the same on every piece of a parabola
            end = start + span / m
            return abs((f(start) + f(end)) / 2 - f((start + end) / 2))

        low, high = 0, 1  # too few, enough
        while worst(high) > given["epsilon"]:
            low, high = high, 2 * high
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if worst(middle) <= given["epsilon"] else (middle, high)
        answers |= {"range": span, "square": worst(1) / given["epsilon"], "units": high}
        if "D" in given:
            answers["grid"] = prod([high] * given["D"])
    return answers


def figures(given, steps):
    t = [float(knot) for knot in given["knots"]]
    y = [float(v) for v in given["values"] or [steps[f"y_{i}"] for i in range(len(t))]]
    z = t[-1] if given["outside"] is None else float(given["outside"])
    low, high = min(z, t[0] - 0.7), max(z, t[-1] + 0.7)
    after = y[-1] + float(steps[f"slope_{len(t) - 1}"]) * (high - t[-1])
    curves = [Curve([(low, y[0]), *zip(t, y), (high, after)], label="N")]
    if given["a"] is not None:
        a, b, c = (float(given[name] or 0) for name in "abc")
        f = Curve.of(lambda x: a * x * x + b * x + c, low, high, dashed=True, label="f")
        curves.append(f)
    marks = [Mark(knot, value, f"t_{i}") for i, (knot, value) in enumerate(zip(t, y))]
    return [Plot(curves=curves, marks=marks, y_label="")]
