"""Eigenvalues, condition and stable learning rates (Goodfellow et al. 2016, 2.7, 4.3)."""

import math
from fractions import Fraction
from functools import partial
from operator import mul

import numpy as np

from penwork.author import (
    Curve, Plot, Problem, combination, level_curves, matrix, maximum, norm, option, slip, sqrt,
    stack, vector)
from penwork.checking import root, times

problem = Problem(
    title="Eigenvalues and condition",
    question="What do the eigenvalues of a matrix say about gradient descent?",
    source=["Matrices 5", "Matrices 5 note: Hessian"], draws=2, version=2,
    minutes={1: 6, 2: 10, 3: 11}, aids={1: "none", 2: "strip", 3: "strip"},
    given=dict(A=matrix(rows="m", columns="n", symmetric=True),
        v=vector(dimension=3, default=None)),
    effort={1: (20, 70), 2: (50, 160), 3: (15, 90)}, typical={1: 48, 2: 100, 3: 56},
    exceptions={"common": "the rank of a small matrix is 1, 2 or 3",
        "told": "a rank of 2 or 3 may also be an entry"})

AXES = [(1, 1), (2, 1), (1, 2), (3, 1), (1, 3), (3, 2), (2, 3), (4, 1), (1, 4)]
ON_STRIP = {n * k * k for n in range(11) for k in range(1, 7)}  # what has its root there


def two_by_two(draw, lows, axes=AXES):
    """Whole eigenvalues, with the axes of a small direction; then perhaps scaled."""
    (p, q), k, low = draw.pick(axes), draw.integer(1, 4), draw.pick(lows)
    b, unit = draw.pick([1, -1]) * k * p * q, draw.pick([1, 1, Fraction(1, 2), Fraction(1, 10)])
    return [[unit * (low + k * p * p), unit * b], [unit * b, unit * (low + k * q * q)]]


def three_by_three(draw):
    kind = draw.pick(["block", "circulant", "vector"])
    if kind == "block":
        (a, b), (_, d) = two_by_two(draw, [1, 2, 3])
        order, one = draw.shuffle([0, 1, 2]), draw.integer(1, 9)
        M = [[a, b, 0], [b, d, 0], [0, 0, one]]
        return dict(A=[[M[i][j] for j in order] for i in order])
    if kind == "circulant":
        b = draw.nonzero(-4, 5)
        a = draw.integer(max(b + 1, -2 * b), 12)
        return dict(A=[[a if i == j else b for j in range(3)] for i in range(3)])
    axes = draw.shuffle([(1, 1, 1), (1, -1, 0), (1, 1, -2)])
    low, sizes = draw.integer(0, 4), [0, draw.integer(1, 2), draw.integer(1, 3)]
    A = [[low * (i == j) + sum(k * u[i] * u[j] for k, u in zip(sizes, axes)) for j in range(3)]
         for i in range(3)]
    return dict(A=A, v=draw.pick(axes))


def sample(draw, level):
    if level < 3:
        singular = level == 2 and draw.chance(5)
        lows = [0] if singular else range(1, 9)
        return dict(A=two_by_two(draw, lows, AXES if level == 1 else AXES[:5]))
    if draw.chance(2):
        return three_by_three(draw)
    first = [draw.integer(0, 2), draw.integer(1, 4), draw.integer(-3, 5)]
    second = [draw.pick([1, -1]) * x for x in draw.shuffle(first)]  # of one length: whole roots
    A = [first, second]
    return dict(A=A if draw.chance(3) else [list(row) for row in zip(*A)])


def one_eigenvalue(work, given):
    """Of a vector that is given, or that the form of the matrix shows."""
    A, v, plain = given.A, given.v, given.plain("A")
    if v is not None:
        own = given.plain("v")
        moved = [sum(map(mul, row, own)) for row in plain]
        along = all(moved[i] * own[i - 1] == moved[i - 1] * own[i] for i in range(3))
        work.refuse(not any(own) or not along, "v is no eigenvector of A")
        image = work.let("image", A @ v, r"\mathbf A\mathbf v", why="multiply")
        return work.let("known", (v @ image) / norm(v) ** 2, r"\mu_1",
            why=r"from $\mathbf A\mathbf v=\mu_1\mathbf v$")
    for i in range(3):
        if not plain[i][i - 2] and not plain[i][i - 1]:
            return work.let("known", A[i, i], r"\mu_1",
                why=rf"row {i + 1} has no more: $\mathbf e_{i + 1}$ is an eigenvector")
    work.refuse(len({sum(row) for row in plain}) > 1,
                "neither a unit vector nor (1,1,1) is an eigenvector: give one as v")
    return work.let("known", A[0, 0] + A[0, 1] + A[0, 2], r"\mu_1",
        why="all rows have one sum: $(1,1,1)$ is an eigenvector")


def solve(work, given):
    A, (rows, columns) = given.A, given.A.shape
    square = rows == columns
    work.refuse((rows not in (2, 3)) if square else 2 not in (rows, columns),
                "A must be 2x2 or 3x3, or have two rows or two columns")
    work.refuse(not any(map(any, given.plain("A"))), "A is 0: no learning rate is too high")
    work.refuse(given.v is not None and not (square and rows == 3), "v belongs to an A that is 3x3")
    B = A if square else work.let("gram", A.T @ A if columns == 2 else A @ A.T, r"\mathbf B",
        why="its eigenvalues are the squared singular values")
    three = len(B) == 3
    if three:
        known = one_eigenvalue(work, given)
        t = work.let("trace", A[0, 0] + A[1, 1] + A[2, 2] - known, "t",
            why="the other two add up to the rest of the trace")
        minors = [A[i, i] * A[j, j] - A[i, j] ** 2 for i, j in ((0, 1), (0, 2), (1, 2))]
        M = work.let("minors", minors[0] + minors[1] + minors[2], "M",
            why="products of two eigenvalues add up to the minors")
        D = work.let("product", M - known * t, "D",
            why="so this is the product of the other two", slips=[
                slip("took $M$ for $D$", "$M$ was thought to leave $\\mu_1$ out", lambda: M)])
    else:
        a, b, d = B[0, 0], B[0, 1], B[1, 1]
        t = work.let("trace", a + d, "t", why="the eigenvalues add up to the trace")
        D = work.let("product", a * d - b**2, "D", why="and multiply to the determinant", slips=[
            slip("added the second product", "a determinant was thought to add up its products",
                 lambda: a * d + b**2)])
    lam = work.symbol("lambda", r"\lambda")
    work.answer("characteristic", combination([1, -t, D], [lam**2, lam, 1]), r"p(\lambda)",
        why="sum and product give the polynomial")
    diagonal = partial(slip, "read the eigenvalues off the diagonal",
                       "every matrix was taken to be diagonal")
    values = [work.let(
        f"value_{n}", (t + sign * sqrt(t**2 - 4 * D)) / 2,
        rf"\mu_{n + 1}" if three else rf"\lambda_{n}",
        why=r"zeros of $\lambda^2-t\lambda+D$", slips=[] if three else [
            diagonal(lambda sign=sign: sign * maximum(sign * a, sign * d))])
        for n, sign in ((1, 1), (2, -1))]
    if three:
        order = work.choose("order", [option(x.name.tex, x, x) for x in (known, *values)], keep=3,
            tie="listed")
        largest = sorted(range(3), key=lambda i: -given.plain("A")[i][i])
        values = work.let("sorted", stack([o.item for o in order], row=True), style="decimal",
            tex=r"\boldsymbol\lambda", entry=r"\lambda", why="the largest first", slips=[
                diagonal(lambda: stack([A[i, i] for i in largest], row=True))])
    top, low = values[0], values[len(B) - 1]
    least = low
    work.refuse(work.compare("semidefinite", least, "<", 0) == "yes",
                "A must be positive semidefinite")
    if square:
        work.answer("eigenvalues", values)
    else:
        work.require(lambda n: all(n(x) in ON_STRIP for x in values), "a root off the strip")
        top, low = (work.let(f"singular_{n}", sqrt(x), rf"\sigma_{n}", why="square roots", slips=[
            slip("forgot the root", "the eigenvalues were taken for singular values",
                 lambda x=x: x)]) for n, x in enumerate(values, 1))
        work.answer("singular_values", [top, low])
    regular = work.compare("regular", least, ">", 0,
        why="the rank counts all that are not 0") == "yes"
    if three and not regular:
        rank = 1 + (work.compare("middle", values[1], ">", 0) == "yes")
    else:
        rank = len(B) - (not regular)
    work.answer("rank", rank, label=r"\mathrm{rank}")
    if regular:
        kappa = work.let("condition", top / low, r"\kappa", style="fraction",
            why="largest over smallest", slips=[
                slip("turned the ratio round", "a condition was thought to be below 1",
                     lambda: low / top)])
        work.insight("At equal distance from the minimum, the steepest direction has << k|about >>"
                     " times the slope of the flattest.", k=kappa,
                     holds=lambda n: square and n(kappa) > 1)
        work.insight("The images of all unit vectors lie in an ellipse << k|about >> times as long"
                     " as it is wide.", holds=lambda n: n(kappa) > 1, k=kappa)
    else:
        work.state("no_quotient", "", r"\kappa = \infty",
            why=f"nothing can be divided by ${low.name.tex}=0$")
    work.answer("condition", kappa if regular else "infinite", room="number",
        label="" if regular else r"$\kappa$")
    if not regular:
        work.insight("Some direction is lost: moving along it changes nothing.")
    if not square:
        return
    work.answer("rate", 2 / top, r"\alpha_{\max}", style="fraction",
        why=r"$|1-\alpha\lambda|<1$ must hold for the largest", slips=[
            slip("divided by the smallest", "the flattest direction was thought to decide",
                 lambda: 2 / low),
            slip("used 1 for 2", "the fastest rate was taken for the last stable one",
                 lambda: 1 / top)])
    if not three and given.plain("A")[0][1] != 0:
        (p, q), (_, r) = given.plain("A")
        apart, units = root((r - p) ** 2 + 4 * q**2), []
        tilt = 1 if isinstance(apart, float) else Fraction(r - p + apart) / Fraction(2 * q)
        for n, x in enumerate(values, 1):
            size = int(abs((tilt.denominator, tilt.numerator)[n - 1]))  # both entries whole
            w = work.let(f"vector_{n}", stack([x.constant(size), size * (x - a) / b], row=True),
                rf"\mathbf w_{n}",
                why=r"first row of $(\mathbf A-\lambda\mathbf I)\mathbf w=\mathbf 0$"
                + ("" if isinstance(apart, float) else ", in whole numbers"))
            units.append(work.let(f"unit_{n}", w / norm(w), rf"\mathbf u_{n}", why="of length 1"))
        work.answer("eigenvectors", stack(units), r"\mathbf U", why="row by row")


def _polynomial(B):
    """1, -e1, e2, ...: the coefficients of det(λI - B), from the traces of powers of B."""
    coefficients, power, traces = [1], B, []
    for k in range(1, len(B) + 1):
        traces.append(sum(power[i][i] for i in range(len(B))))
        paired = zip(reversed(coefficients), traces)
        coefficients.append(-Fraction(sum(c * t for c, t in paired)) / k)
        power = times(power, B)
    return coefficients


def _own(A, u):
    """The eigenvalue of A to which u belongs, None where u is no eigenvector."""
    moved = [row[0] for row in times(A, [[e] for e in u])]
    ratio = Fraction(sum(m * e for m, e in zip(moved, u))) / sum(e * e for e in u)
    return ratio if moved == [ratio * e for e in u] else None


def check(given):
    """Numerical eigenvalues, exact where the polynomial from power sums vanishes; axes by angle"""
    A = given["A"]
    square = len(A) == len(A[0])
    rows = A if len(A[0]) == 2 else list(zip(*A))
    B = A if square else [[sum(r[i] * r[j] for r in rows) for j in (0, 1)] for i in (0, 1)]
    coefficients = _polynomial(B)
    unit = math.lcm(*(Fraction(e).denominator for row in B for e in row))
    values = np.linalg.eigvalsh([[float(e) for e in row] for row in B])[::-1].tolist()
    near = [Fraction(round(unit * v), unit) for v in values]  # unit B is whole: so are these
    values = [v if np.polyval(coefficients, n) else n for n, v in zip(near, values)]
    sizes = values if square else [root(v) for v in values]
    answers = {
        "eigenvalues": values, "singular_values": sizes, "gram": B, "rate": 2 / values[0],
        "condition": sizes[0] / sizes[-1] if values[-1] else "infinite",
        "rank": max(k for k, e in enumerate(coefficients) if e),
        "step regular": (values[-1], 0, "yes" if values[-1] > 0 else "no")}
    left, rest = coefficients[1:3]
    if len(B) == 3:
        tried = [given["v"]] if "v" in given else [*np.eye(3, dtype=int).tolist(), [1, 1, 1]]
        known = next(own for own in (_own(A, u) for u in tried) if own is not None)
        left, rest = left + known, rest + known * (left + known)  # of the other two
        answers |= {"known": known, "minors": coefficients[2]}
    elif square and A[0][1]:
        angle = math.atan2(2 * A[0][1], A[0][0] - A[1][1]) / 2  # of the longer axis
        c, s = math.cos(angle), math.sin(angle)
        units = [[c, s], [abs(s), -math.copysign(c, s)]]
        answers |= {"unit_1": units[0], "unit_2": units[1], "eigenvectors": units}
    return answers | {"trace": -left, "product": rest,
                      "characteristic": lambda t: t * t + left * t + rest}


def figures(given, steps):
    A = np.array(given["A"], dtype=float)
    if A.shape != (2, 2):
        return []
    (a, b), (_, d) = A
    high, low = (float(steps[f"value_{n}"]) for n in (1, 2))
    levels = [(low or high) / 2 * s * s for s in (0.3, 0.6, 0.9)]
    curves = level_curves(lambda x, y: (a * x * x + 2 * b * x * y + d * y * y) / 2,
                          (-1, 1), (-1, 1), levels)
    arrows = [Curve([(0, 0), tuple(map(float, steps[f"unit_{n}"]))], arrow=True,
                    label=rf"\mathbf u_{n}") for n in (1, 2) if f"unit_{n}" in steps]
    return [Plot([*curves, *arrows], x_label="x_1", y_label="x_2", equal=True,
                 caption=f"Level curves of $f${', and the unit eigenvectors' * bool(arrows)}.")]
