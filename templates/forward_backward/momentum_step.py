"""Gradient descent with heavy-ball momentum (Polyak 1964; Sutskever et al. 2013)."""

from fractions import Fraction

from penwork.author import Curve, Plot, Problem, position, scalar, show, slip, vector

problem = Problem(
    title="Steps with momentum",
    question="What does the velocity remember, and how does it move a weight?",
    source=["Practice 4", "Optimization Algorithms 2"], version=2, minutes={1: 3, 2: 6, 3: 7},
    given=dict(w=scalar("w_0"), v=scalar("v_0"), alpha=scalar(), beta=scalar(),
        gradients=vector(r"\mathbf g", dimension="T", row=True, most=100)),
    effort={1: (3, 12), 2: (12, 50), 3: (14, 50)}, typical={1: 7, 2: 26, 3: 26})

BETAS = [Fraction(1, 2), Fraction(3, 5), Fraction(4, 5), Fraction(9, 10)]
RATES = [Fraction(1, 10), Fraction(1, 5), Fraction(1, 2)]


def sample(draw, level):
    given = dict(alpha=draw.pick(RATES), beta=draw.pick(BETAS))
    if level == 1:
        gradient = draw.nonzero(-9, 9)
        velocity = draw.pick([n for n in range(-9, 10) if n not in (0, gradient)])
        return given | dict(w=draw.fraction(-20, 20, 10), v=Fraction(velocity, 10),
                            gradients=[Fraction(gradient, 10)])
    steady, sign = draw.chance(2), draw.pick([-1, 1])
    sizes = [draw.integer(2, 9) for _ in range(3 if level == 2 else 2)]
    gradients = [sign * size * (1 if steady else (-1) ** t) for t, size in enumerate(sizes)]
    v = draw.integer(1, 5) * draw.pick([-1, 1]) if draw.chance(4) else 0
    return given | dict(w=draw.fraction(-10, 10, 2), v=v, gradients=gradients)


def solve(work, given):
    alpha, beta, w, v, g = given.alpha, given.beta, given.w, given.v, given.gradients
    steps = len(g)
    velocities, weights = [v], [w]
    for t in range(steps):
        old = velocities[-1]
        v = work.let(f"velocity_{t + 1}", beta * old + g[t], f"v_{t + 1}",
            why="keep the share $\\beta$, add the gradient", slips=[
                slip(r"weighted the gradient by $1-\beta$",
                     "the velocity was taken for a running mean",
                     lambda: beta * old + (1 - beta) * g[t]),
                slip("forgot the old velocity", "every step was thought to start from rest",
                     lambda: g[t]),
                slip(r"put $\beta$ on the gradient", "the new gradient was taken to fade first",
                     lambda: old + beta * g[t]),
                slip("used the learning rate twice", "the velocity was taken for the step",
                     lambda: beta * old + alpha * g[t])])
        w = work.let(f"weight_{t + 1}", weights[-1] - alpha * v, f"w_{t + 1}",
            why="a step along $-v$", slips=[
                slip("stepped with the old velocity", "the gradient was thought to act later",
                     lambda: weights[-1] - alpha * old),
                slip("added the velocity", "the velocity was taken to point downhill",
                     lambda: weights[-1] + alpha * v),
                slip("looked ahead", "Nesterov's momentum was taken for the heavy ball",
                     lambda: weights[-1] - alpha * (g[t] + beta * v))])
        velocities.append(v)
        weights.append(w)
    work.answer("v", velocities[1:])
    work.answer("w", weights[1:])
    plain = work.answer("plain", given.w - alpha * sum(g), "w'",
        why="plain descent adds up the gradients")
    if abs(given.plain("beta")) < 1:
        coast(work, alpha, beta, v, w, g[-1])
    n = position(steps)
    work.insight("Step << n|n >> goes uphill: its velocity << v|n >> still has the opposite"
                 " sign to the gradient.",
                 holds=lambda n: n(v) * n(g[-1]) < 0, n=n, v=v)
    work.insight("The gradients agree, and momentum goes further: to << w|n >>, not << p|n >>.",
                 holds=lambda n: steps > 1 and min(n(x) * n(g[0]) for x in g) > 0
                 and abs(n(w - given.w)) > abs(n(plain - given.w)), w=w, p=plain)
    work.insight("The gradients disagree, and the last velocity, << v|n >>, is smaller in size than"
                 " each of them.",
                 holds=lambda n: min(n(x) * n(g[0]) for x in g) < 0
                 and abs(n(v)) < min(abs(n(x)) for x in g), v=v)
    work.insight("The old velocity pushes the same way: step << n|n >> is longer than plain"
                 " descent's.", holds=lambda n: abs(n(v)) > abs(n(g[-1])), n=n)
    work.insight("The old velocity pushes the other way: step << n|n >> is shorter than plain"
                 " descent's.", holds=lambda n: abs(n(v)) < abs(n(g[-1])), n=n)


def coast(work, alpha, beta, v, w, g):
    """Where velocity and weight end: under the last gradient for ever, and under none."""
    work.answer("limit", g / (1 - beta), r"v_\infty", why="where $v=\\beta v+g$", slips=[
        slip("took the gradient for the limit", "the old velocity was thought to fade out",
             lambda: g)])
    work.answer("rest", w - alpha * beta * v / (1 - beta), r"w_\infty",
        why="velocities $\\beta v,\\beta^2v,\\dots$ add up to $\\beta v/(1-\\beta)$", slips=[
            slip("counted the last velocity again", "the series was started at $v$",
                 lambda: w - alpha * v / (1 - beta)),
            slip("coasted for one step", "the velocity was thought to end with the gradient",
                 lambda: w - alpha * beta * v)])


def _unrolled(w, v, alpha, beta, gradients):
    """Velocities and weights of one coordinate, each as a sum over the past."""
    powers = [beta**k for k in range(len(gradients) + 1)]
    reach = [sum(powers[:k]) for k in range(len(powers) + 1)]  # 1 + beta + ... to the k-th term
    velocities, weights = [], []
    for t in range(1, len(gradients) + 1):
        past = list(enumerate(gradients[:t], start=1))
        velocities.append(powers[t] * v + sum(powers[t - s] * g for s, g in past))
        pushes = beta * reach[t] * v + sum(reach[t - s + 1] * g for s, g in past)
        weights.append(w - alpha * pushes)
    return velocities, weights


def _extrapolated(a, b, c):
    """The limit of a geometric approach from three members in a row (Aitken)."""
    return c if a == b else a - (b - a) ** 2 / Fraction(c - 2 * b + a)


def check(given):
    """Each velocity and weight as a geometric sum over all gradients so far, limits by Aitken"""
    w, v, alpha, beta, gradients = (given[n] for n in ("w", "v", "alpha", "beta", "gradients"))
    velocities, weights = _unrolled(w, v, alpha, beta, gradients)
    steady = _unrolled(w, v, alpha, beta, gradients + 2 * gradients[-1:])[0]
    coasting = _unrolled(w, v, alpha, beta, [*gradients, 0, 0])[1]
    found = {"v": velocities, "w": weights,
             "plain": _unrolled(w, 0, alpha, Fraction(0), gradients)[1][-1]}
    if abs(beta) < 1:
        found |= {"limit": _extrapolated(*steady[-3:]), "rest": _extrapolated(*coasting[-3:])}
    return found


def figures(given, steps):
    T, alpha = len(given["gradients"]), float(given["alpha"])
    if T == 1 or "plain" not in steps:  # one step looks the same with and without
        return []
    heavy = [float(given["w"])] + [float(steps[f"weight_{t + 1}"]) for t in range(T)]
    plain = heavy[:1]
    for g in given["gradients"]:
        plain.append(plain[-1] - alpha * float(g))
    return [Plot(curves=[Curve(list(enumerate(heavy)), label="momentum"),
                         Curve(list(enumerate(plain)), dashed=True, label="plain")],
                 x_label="t", y_label="w", x_ticks=[(t, show(t)) for t in range(1, T + 1)])]
