"""Stationary points and their kind; how descent leaves a saddle (Dauphin et al. 2014)."""

import math
from fractions import Fraction

from penwork.author import (
    Mark, Plot, Problem, combination, floor, level_curves, log, position, scalar, slip, sqrt, stack,
)
from penwork.checking import root

problem = Problem(
    title="Hessian and saddle points",
    question="Which stationary points are minima, which saddles, and how does descent leave one?",
    source=["Matrices 5 TODO Hessian", "Calculus 4", "Optimization Algorithms 1",
            "Optimization Algorithms 2"],
    draws=2, version=3, minutes={1: 8, 2: 13, 3: 14},
    aids={1: "none", 2: "none", 3: "calculator"},
    given=dict(a=scalar(nonzero=True, default=None), b=scalar(default=None),
               k=scalar(default=None), c=scalar(nonzero=True),
               d=scalar(default=None), y0=scalar("u_0", low=0, high=1, nonzero=True, default=None),
               alpha=scalar(low=0, nonzero=True, default=None),
               beta=scalar(low=0, high=1, default=None)),
    effort={1: (30, 100), 2: (90, 210), 3: (80, 240)},
    typical={1: 52, 2: 140, 3: 150},
    together=[("y0", "alpha", "beta")],
    exceptions={"common": "the steps are few, so that they can be taken by hand"},
)

MOST_STEPS = 200
HALVES = [Fraction(n, 2) for n in (-8, -6, -5, -4, -3, -2, -1, 1, 2, 3, 4, 5, 6, 8)]
# |k| = |2c|, and the D by which f_xx lies above and below 2c: whole eigenvalues at both points
WHOLE = [(2, 3), (4, 6), (6, 5), (6, 9), (6, 16), (8, 12)]
DIRECTIONS = [(1, 0), (0, 1), (1, 1), (2, 1), (1, 2), (3, 1), (1, 3)]
# what momentum multiplies by at last, and what fades beside it: their product is beta
FACTORS = [("2", "1/4"), ("3/2", "1/2"), ("8/5", "1/2"), ("2", "2/5"), ("3/2", "3/5"),
           ("9/5", "1/2"), ("5/2", "1/5"), ("7/4", "2/5"), ("3", "1/5"), ("5/2", "3/10")]
STARTS = [Fraction(n, 100) for n in (1, 2, 4, 5, 8, 10, 12, 15, 20, 25, 30)]


def sample(draw, level):
    if level == 3:
        return saddle(draw)
    (size, gap), sign = draw.pick(WHOLE), draw.pick([1, -1])
    apart = draw.pick([n for n in range(1, 7) if level == 1 or 2 * gap % n == 0])
    left = draw.pick([n for n in range(-5, 5) if n and n + apart and n + apart < 6])
    if level == 1:
        a, mixed = draw.pick([1, -1, 2, -2] if apart % 2 == 0 else [2, -2]), 0
        given = dict(a=a, c=draw.pick(HALVES))
    else:
        a, mixed = sign * Fraction(gap, 3 * apart), draw.pick([1, -1]) * size
        given = dict(a=a, k=draw.pick([1, -1]) * size, c=Fraction(mixed, 2))
    b = (mixed - 3 * a * (2 * left + apart)) / Fraction(2)
    return given | (dict(b=b) if b else {}) | dict(d=3 * a * left * (left + apart))


def saddle(draw):
    """low I + gap w w^T with a small direction w: both eigenvalues are whole."""
    low, (p, q) = draw.pick([-1, -2, -4, -5]), draw.pick(DIRECTIONS)
    least = -low // (p * p + q * q) + 1
    gap = draw.pick([g for g in range(least, least + 5) if -low not in (g * p * p, g * q * q)])
    mixed = gap * p * q * draw.pick([1, -1])
    grow, fade = map(Fraction, draw.pick(FACTORS))
    return {**(dict(k=mixed) if mixed else {}), "b": Fraction(low + gap * p * p, 2),
            "c": Fraction(low + gap * q * q, 2), "beta": grow * fade,
            "alpha": (grow - 1) * (1 - fade) / -low,
            "y0": draw.pick([y for y in STARTS if grow**2 < 1 / y < grow**6])}


def terms(*pairs):
    """The sum of factor times given times term, over the givens that this function has."""
    there = [(n * c, term) for n, c, term in pairs if c is not None]
    return combination([c for c, _ in there], [term for _, term in there])


def stationary(work, given):
    """Both points at which f_x and f_y are 0: y from the second, into the first."""
    a, b, k, c, d = (given[name] for name in "abkcd")
    middle, slope = None, "f_x" if k is None else "3ax^2+Bx+d"
    if k is not None:
        mixed = k**2 / (2 * c)
        B = work.let("linear", -mixed if b is None else 2 * b - mixed, "B",
                     why="$f_y=0$ put into $f_x=0$ leaves $3ax^2+Bx+d=0$", slips=[
                         slip("left $y$ out", "$y$ was thought to be 0 wherever $f_y$ is",
                              lambda: c.constant(0) if b is None else 2 * b)])
    if k is not None or b is not None:
        middle = work.let("middle", -B / (6 * a) if k is not None else -(b / (3 * a)), "m",
                          why=f"the middle of both zeros of ${slope}$")
    xs = [work.let(f"x_{n}", sign * sqrt(-d / (3 * a)) if middle is None
                   else middle + sign * sqrt(middle**2 - d / (3 * a)), f"x_{n}",
                   why=f"${slope}=0$") for n, sign in ((1, 1), (2, -1))]
    ys = [work.let(f"y_{n}", c.constant(0) if k is None else -(k * x) / (2 * c), f"y_{n}",
                   why="from $f_y=0$") for n, x in enumerate(xs, 1)]
    for n, point in enumerate(zip(xs, ys), 1):
        work.answer(f"point_{n}", list(point))
    return xs


def kind(work, n, H, mixed):
    """The eigenvalues of a Hessian, the kind of point that they say, and the smaller one."""
    letter, half, ends = ("lambda", "mu")[n - 1], (H[0, 0] - H[1, 1]) / 2, [H[0, 0], H[1, 1]]
    if not mixed and work.compare(f"order_{n}", ends[0], "<", ends[1]) == "yes":
        ends.reverse()
    values = work.answer(f"eigenvalues_{n}", [work.let(
        f"value_{n}{side}", (H[0, 0] + H[1, 1]) / 2 + sign * sqrt(half**2 + H[0, 1] ** 2)
        if mixed else entry, rf"\{letter}_{1 if sign > 0 else 2}",
        why="eigenvalues: half the trace, and as far to either side" if mixed
        else "a diagonal matrix shows its eigenvalues",
        slips=[slip("read off the diagonal", "the mixed derivative was thought not to matter",
                    lambda entry=entry: entry)] if mixed else [])
        for side, entry, sign in zip("ab", ends, (1, -1))])
    signs = [work.compare(f"sign_{n}{side}", value, ">", 0, why="the signs decide", slips=[
        slip("judged by the first sign", "one direction was taken for all",
             lambda: (values[0], ">", 0))] if side == "b" else [])
        for side, value in zip("ab", values)]
    word = work.answer(f"kind_{n}", ("maximum", "saddle", "minimum")[signs.count("yes")],
                       label=f"kind of $P_{n}$", options=("minimum", "maximum", "saddle"))
    return word, values[signs.index("no")] if "no" in signs else values[1]


def escape(work, given, low):
    """How many steps lead from u0 beyond 1 along the eigenvector of the negative eigenvalue."""
    u, alpha, beta = given.y0, given.alpha, given.beta
    q = work.answer("factor", 1 - alpha * low, "q", why=r"$u-\alpha\lambda u$, with $\lambda<0$")
    needed = work.let("needed", -log(u) / log(q), "t", why=r"$u_0q^t=1$")
    plain = work.answer("steps", floor(needed) + 1, "n", why="the first whole step beyond")
    S = work.let("sum", q + beta, "S", why=r"$u_{t+1}=qu_t+\beta(u_t-u_{t-1})=Su_t-\beta u_{t-1}$")
    apart = sqrt(S**2 - 4 * beta)
    work.answer("momentum_factor", (S + apart) / 2, "r", why=r"$r^2=Sr-\beta$", slips=[
        slip("added beta to the factor", "the whole last step was thought to be kept", lambda: S),
        slip("took the smaller root", "what fades was taken for what lasts",
             lambda: (S - apart) / 2)])
    path = [u, work.let("distance_1", q * u, "u_1", style="rounded",
                        why="the first step has no velocity yet")]
    while work.compare(f"left_{len(path) - 1}", path[-1], ">", 1) == "no":
        t = len(path)
        work.refuse(t > MOST_STEPS, f"with this y0, alpha and beta the saddle is not left within"
                    f" {MOST_STEPS} steps")
        path.append(work.let(f"distance_{t}", S * path[-1] - beta * path[-2], f"u_{{{t}}}",
                             style="rounded"))
    work.answer("momentum_steps", len(path) - 1, label=r"n_\beta")
    work.insight("Momentum is out after << m|n >> steps, plain descent after << n|n >>.",
                 holds=lambda n: n(plain) > len(path) - 1, m=position(len(path) - 1), n=plain)
    work.insight("Descent itself leaves the saddle along this eigenvector: each step multiplies"
                 " the distance by << q|about >>.", q=q)


def solve(work, given):
    a, b, k, c, d = (given[name] for name in "abkcd")
    work.refuse((a is None) != (d is None) or (a is None and b is None),
                "give a and d (a cubic), or b without them (a quadratic)")
    A, B, K, C, D = (given.plain(name) or 0 for name in "abkcd")
    work.refuse((2 * B - K * K / (2 * C)) ** 2 <= 12 * A * D,
                "a, b, k, c and d make a function with a flat stationary point, or none")
    x, y = work.symbol("x", "x"), work.symbol("y", "y")
    form = "+".join(name + term for name, term in zip("abkcd", ("x^3", "x^2", "xy", "y^2", r"\,x"))
                    if given[name] is not None)
    f = work.let("f", terms((1, a, x**3), (1, b, x**2), (1, k, x * y), (1, c, y**2), (1, d, x)),
                 "f(x,y)")
    fx = work.answer(
        "df_dx", terms((3, a, x**2), (2, b, x), (1, k, y), (1, d, 1)), "f_x", derives=(f, x),
        why=rf"of $f={form}$, with $y$ constant",
        slips=[slip("kept the $x$ of the last term", "the slope of a line was thought to change",
                    lambda: terms((3, a, x**2), (2, b, x), (1, k, y), (1, d, x))),
               slip("lost the 3 of the derivative", "$x^3$ was thought to have the slope $x^2$",
                    lambda: terms((1, a, x**2), (2, b, x), (1, k, y), (1, d, 1)))])
    fy = work.answer("df_dy", terms((1, k, x), (2, c, y)), "f_y", derives=(f, y),
                     why="with $x$ constant")
    xs = [None] if a is None else stationary(work, given)
    fxx = work.answer("second_xx", 2 * b if a is None else terms((6, a, x), (2, b, 1)), "f_{xx}",
                      derives=(fx, x), room="expression",
                      why="differentiate $f_x$ with respect to $x$")
    fxy = None if k is None else work.let("second_xy", k, "f_{xy}", derives=(fx, y),
                                          why="differentiate $f_x$ with respect to $y$")
    fyy = work.answer("second_yy", 2 * c, "f_{yy}", derives=(fy, y),
                      room="expression", why="differentiate $f_y$ with respect to $y$")
    off = c.constant(0) if k is None else fxy
    for n, at in enumerate(xs, 1):
        top = fxx if a is None else terms((6, a, at), (2, b, 1))
        here = "" if a is None else f" at $P_{n}$"
        H = work.answer(f"hessian_{n}", stack([stack([top, off]), stack([off, fyy])]),
                        rf"\mathbf H_{n}" if here else r"\mathbf H", style="decimal",
                        entry=f"h_{n}" if here else "h", why="the second derivatives" + here)
        word, low = kind(work, n, H, k is not None)
        if word == "saddle" and here:
            work.insight("From $P_<< n|n >>$ the surface rises along one eigenvector and falls"
                         " along the other, though its gradient is zero.", n=position(n))
    if given.y0 is not None:
        work.refuse(word != "saddle", f"y0 starts at a saddle, and this point is a {word}")
        escape(work, given, low)


def _runs(stiffness, y0, alpha, beta):
    """The heavy ball as one recursion over distances; it has stood still before the start."""
    pull, factor = alpha * stiffness, 1.0
    kept, rest = float(1 + beta - pull), float(beta)
    for _ in range(1000):  # a continued fraction for the ratio of neighbours
        factor = kept - rest / factor
    answers = {"factor": (y0 - pull * y0) / y0, "momentum_factor": factor}
    for inertia, name in ((0, "steps"), (beta, "momentum_steps")):
        path = [y0, y0]
        while path[-1] <= 1:
            path.append(path[-1] + inertia * (path[-1] - path[-2]) - pull * path[-1])
        answers[name] = len(path) - 2
    for t, v in enumerate(path[2:], 1):
        answers |= {f"distance_{t}": v, f"step left_{t}": (v, 1, "yes" if v > 1 else "no")}
    return answers | {"needed": math.log(1 / y0, answers["factor"])}


def check(given):
    """Differences of f; points around the vertex of the slope along the valley; sign of det H"""
    a, b, k, c, d = (Fraction(given.get(name, 0)) for name in "abkcd")

    def f(x, y):
        return ((a * x + b) * x + k * y + d) * x + c * y * y

    def df_dx(x, y):  # five points are exact for a cubic
        near, far = f(x + 1, y) - f(x - 1, y), f(x + 2, y) - f(x - 2, y)
        return (8 * near - far) / 12

    def df_dy(x, y):
        return (f(x, y + 1) - f(x, y - 1)) / 2

    def xx(x, y):
        return f(x + 1, y) + f(x - 1, y) - 2 * f(x, y)

    xy, yy = f(1, 1) - f(1, 0) - f(0, 1), f(0, 1) + f(0, -1)

    def valley(x):  # the y at which df_dy, a straight line in y, is 0
        return df_dy(x, 0) / (df_dy(0, 0) - df_dy(0, 1))

    answers = {"f": f, "df_dx": df_dx, "df_dy": df_dy, "second_xy": xy, "second_yy": yy,
               "second_xx": xx if "a" in given else xx(0, 0)}
    points = [0]
    if "a" in given:
        left, here, right = (df_dx(x, valley(x)) for x in (-1, 0, 1))
        bend, tilt = right + left - 2 * here, right - left
        vertex = -tilt / (2 * bend)
        apart = root(vertex * vertex - 2 * here / bend)
        points = [vertex + apart, vertex - apart]
    for n, x in enumerate(points, 1):
        y, H = valley(x), [[xx(x, 0), xy], [xy, yy]]
        centre, half = (H[0][0] + yy) / 2, (H[0][0] - yy) / 2
        radius = root(half * half + xy * xy)
        values = [centre + radius, centre - radius]
        definite = "minimum" if yy > 0 else "maximum"
        answers |= {f"point_{n}": [x, y], f"x_{n}": x, f"y_{n}": y, f"hessian_{n}": H,
                    f"eigenvalues_{n}": values,
                    f"kind_{n}": definite if H[0][0] * yy > xy * xy else "saddle"}
        answers[f"step order_{n}"] = (H[0][0], yy, "yes" if H[0][0] < yy else "no")
        for side, value in zip("ab", values):
            answers[f"step sign_{n}{side}"] = (value, 0, "yes" if value > 0 else "no")
    if "y0" in given:
        answers |= _runs(min(values), given["y0"], given["alpha"], given["beta"])
    return answers


def figures(given, steps):
    a, b, k, c, d = (float(given[name] or 0) for name in "abkcd")

    def f(x, y):
        return a * x**3 + b * x * x + k * x * y + c * y * y + d * x

    places = [(float(steps[f"x_{n}"]), float(steps[f"y_{n}"])) for n in (1, 2) if a] or [(0.0, 0.0)]
    heights, across, up = [f(*place) for place in places], *zip(*places)
    margin = 0.6 * ((max(across) - min(across)) or 1)
    gap = (max(heights) - min(heights)) or (abs(b) + abs(c)) * margin**2
    tall = min(max((gap / abs(c)) ** 0.5, margin / 2), 3 * margin) if a else margin
    levels = [min(heights) + gap * share / 10 for share in (-6, -1, 1, 5, 9, 12)]
    curves = level_curves(f, (min(across) - margin, max(across) + margin),
                          (min(up) - tall, max(up) + tall), levels)
    return [Plot(curves, [Mark(*place, f"P_{n}" if a else "") for n, place in enumerate(places, 1)],
                 equal=True, caption="Level curves of $f$.")]
