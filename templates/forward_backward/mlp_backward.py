"""Backpropagation through a small ReLU network (Rumelhart, Hinton and Williams 1986)."""

from copy import deepcopy
from fractions import Fraction
from itertools import product

from penwork.author import (
    Network, Problem, hadamard, matrix, norm, outer, positive, position, relu, repeat, slip,
    stack, vector, vector_or_matrix,
)

problem = Problem(
    title="Backpropagation through a ReLU network",
    question="How do the gradients of the squared error travel back through a network?",
    source=["Practice 3", "Neural Networks 3"], draws=2, version=2, minutes={1: 8, 2: 11, 3: 14},
    given=dict(x=vector_or_matrix(dimension="d"), W1=matrix(rows="k", columns="d"),
        b1=vector(dimension="k"), W2=matrix(rows="o", columns="k"), b2=vector(dimension="o"),
        target=vector_or_matrix(r"\mathbf t", dimension="o")),
    effort={1: (12, 35), 2: (19, 60), 3: (33, 125)}, typical={1: 23, 2: 38, 3: 75})

# inputs, hidden units, outputs
SHAPES = {1: [(2, 2, 1)], 2: [(2, 2, 2), (3, 2, 2), (2, 3, 1), (3, 3, 1)],
          3: [(2, 2, 1), (2, 2, 2)]}
HALVES = [Fraction(n, 2) for n in (-3, -1, 1, 3)]
MISSES = [Fraction(n, 10) for n in (3, 4, 6, 7, 8, 9, 11, 12, 20, 25)]
TENTHS = [Fraction(n, 10) for n in (-8, -6, -5, -4, -2, 2, 4, 5, 6, 8)]


def affine(W, v, b):
    return [sum(w * a for w, a in zip(row, v)) + bias for row, bias in zip(W, b)]


def sample(draw, level):
    """Whole weights and inputs, biases that are not: no pre-activation is 0."""
    d, k, o = draw.pick(SHAPES[level])
    biases = draw.pick([HALVES, TENTHS])
    inputs = [draw.some([-3, -2, -1, 1, 2, 3], 1 if level < 3 else 2) for _ in range(d)]
    X = [list(x) for x in zip(*inputs)]
    rows = [row for row in product(range(-2, 3), repeat=d) if row > (0,) * d]
    units, W1, b1 = draw.some(rows, k), [], []
    while not all(map(any, zip(*units))):  # some unit reads every input
        units = draw.some(rows, k)
    for unit, row in enumerate(units):  # for the first input, one open and one closed
        bias, wanted = draw.pick(biases), unit == 0 or (unit > 1 and draw.chance(2))
        sign = 1 if (affine([row], X[0], [bias])[0] > 0) == wanted else -1
        W1.append([sign * w for w in row])
        b1.append(sign * bias)
    order = draw.shuffle(range(k))
    W1, b1 = [W1[i] for i in order], [b1[i] for i in order]
    outward = [draw.some([-2, -1, 1, 2, 3], o) for _ in range(k)]
    W2, b2 = [list(row) for row in zip(*outward)], draw.vector(-2, 2, o)
    outputs = [affine(W2, [max(z, 0) for z in affine(W1, x, b1)], b2) for x in X]
    target = [[y - draw.pick(MISSES) * draw.pick([-1, 1]) for y in row] for row in outputs]
    if level < 3:
        X, target = X[0], target[0]
    return dict(x=X, W1=W1, b1=b1, W2=W2, b2=b2, target=target)


def solve(work, given):
    x, W1, W2, batch = given.x, given.W1, given.W2, len(given.x.shape) == 2
    n, d, k, o = len(x) if batch else 1, W1.shape[1], len(W1), len(W2)

    def called(letter):
        return rf"\mathbf {letter.upper() if batch else letter}"

    def delta(letter):
        return rf"\boldsymbol\Delta_{letter.upper()}" if batch else rf"\boldsymbol\delta_{letter}"

    def affine(v, W, b):
        return v @ W.T + repeat(b, n) if batch else W @ v + b

    def joined(back, v):
        return back.T @ v if batch else outer(back, v)

    def shapes(m, inner, p):
        product = "what comes back times what went in" + ", over examples" * batch
        return f"{product}: [{m}×{inner}] times [{inner}×{p}]"

    def bias(name, back, tex):
        work.answer(name, back.T @ stack([x.constant(1)] * n) if batch else back,
            rf"\frac{{\partial L}}{{\partial \mathbf {tex}}}", entry=rf"\partial L/\partial {tex}",
            derives=(loss, given[name[1:]]),
            why="the bias enters with weight 1" + ", for every example" * batch)

    z = work.let("z", affine(x, W1, given.b1), called("z"), why="the forward pass first")
    work.require(lambda n: not batch or min(map(max, n(z))) > 0, "an input opens no unit")
    h = work.let("h", relu(z), called("h"), why="the forward pass first")
    y = work.let("y", affine(h, W2, given.b2), called("y"), why="the forward pass first")
    e = work.let("error", y - given.target, called("e"), why="output minus target")
    loss = work.answer("loss", sum(norm(e[i])**2 for i in range(n)) if batch else norm(e)**2, "L",
        why="the sum of the squared errors")
    dy = work.answer("dy", 2 * e, delta("y"), why="the derivative of a square",
        derives=(loss, y), slips=[
            slip("dropped the factor 2", "the square was not differentiated", lambda: e),
            slip("took target minus output", "the square was thought to hide the sign",
                 lambda: 2 * (given.target - y))])
    work.answer("dW2", joined(dy, h), r"\frac{\partial L}{\partial \mathbf W_2}",
        entry=r"\partial L/\partial W_2", why=shapes(o, n, k), derives=(loss, W2), slips=[
            slip("used the pre-activations", "the weights were thought to see the ReLU's input",
                 lambda: joined(dy, z))])
    bias("db2", dy, "b_2")
    dh = work.answer("dh", dy @ W2 if batch else W2.T @ dy, delta("h"), derives=(loss, h),
        why=r"back through $\mathbf W_2$: "
        + (f"[{n}×{o}] times [{o}×{k}]" if batch else f"[{k}×{o}] times [{o}×1]"), slips=[
            slip("multiplied by the activations", "the gradient was sent on without the weights",
                 lambda: stack([dy[i, 0] * h[i] for i in range(n)]) if batch else dy[0] * h)
            if o == 1 else
            slip(r"transposed $\mathbf W_2$" if batch else r"left $\mathbf W_2$ untransposed",
                 "the way back was taken for the way forth",
                 lambda: dy @ W2.T if batch else W2 @ dy)])
    dz = work.answer("dz", hadamard(dh, positive(z)), delta("z"), derives=(loss, z),
        why="only open units pass the gradient on", slips=[
            slip("left out the ReLU", "the ReLU was taken to pass every gradient", lambda: dh),
            slip("put the ReLU on the gradient", "the way back was thought to repeat the ReLU",
                 lambda: relu(dh))])
    work.answer("dW1", joined(dz, x), r"\frac{\partial L}{\partial \mathbf W_1}",
        entry=r"\partial L/\partial W_1", why=shapes(k, n, d), derives=(loss, W1), slips=[
            slip("transposed the " + ("product" if batch else "outer product"),
                 "a row was taken to belong to an input", lambda: joined(x, dz)),
            slip("used the activations", "the weights were thought to see what they make",
                 lambda: joined(dz, h))])
    bias("db1", dz, "b_1")
    for j in range(k):
        unit, alone = position(j + 1), [i == j for i in range(k)]
        work.insight("Unit << j|n >> is closed for every example: row << j|n >> of $\\mathbf W_1$"
                     " learns nothing.",
                     holds=lambda n, j=j: batch and max(row[j] for row in n(z)) <= 0, j=unit)
        work.insight("Unit << j|n >> is closed: row << j|n >> of $\\mathbf W_1$ learns nothing.",
                     holds=lambda n, one=alone: not batch and [v <= 0 for v in n(z)] == one, j=unit)
        work.insight("Only unit << j|n >> is open: no row of $\\mathbf W_1$ but << j|n >> learns.",
                     holds=lambda n, one=alone: k > 2 and not batch
                     and [v > 0 for v in n(z)] == one, j=unit)
    work.insight("The examples open different sets of units: a row of $\\mathbf W_1$ learns only"
                 " from those that open its unit.",
                 holds=lambda n: batch and len({str([v > 0 for v in row]) for row in n(z)}) > 1)
    work.insight("Every gradient has the shape of its parameter.")


def _central(loss, table, step=1):
    """Central differences by every entry of a table, whose row i loss(i) reads."""
    if isinstance(table[0], list):
        return [_central(lambda _, i=i: loss(i), row, step) for i, row in enumerate(table)]
    slopes, scale = [], 1 / Fraction(2 * step)
    for i, value in enumerate(table):
        table[i] = value + step
        above = loss(i)
        table[i] = value - step
        slopes.append((above - loss(i)) * scale)
        table[i] = value
    return slopes


def _affine(weights, biases, rows):
    return [[sum((a * v for a, v in zip(w, row, strict=True)), b) for w, b
             in zip(weights, biases, strict=True)] for row in rows]


def _squares(Y, target):
    both = zip(Y, target, strict=True)
    return sum((y - t) ** 2 for row, goal in both for y, t in zip(row, goal, strict=True))


def check(given):
    """Central differences of the loss, exact on its quadratic piece"""
    W1, b1, W2, b2 = (deepcopy(given[name]) for name in ("W1", "b1", "W2", "b2"))
    one = not isinstance(given["x"][0], list)
    X = [given["x"]] if one else given["x"]
    target = given["target"] if isinstance(given["target"], list) else [given["target"]]
    if not isinstance(target[0], list):
        target = [target] if one else [[t] for t in target]
    Z = _affine(W1, b1, X)
    kinks = [[value == 0 for value in row] for row in Z]  # ReLU'(0) = 0: such a unit stays off

    def relu(rows, kinks):
        pairs = (zip(row, kink, strict=True) for row, kink in zip(rows, kinks, strict=True))
        return [[0 if off else max(z, 0) for z, off in pair] for pair in pairs]

    H = relu(Z, kinks)
    Y = _affine(W2, b2, H)

    # What a number does not reach stays in the loss, and cancels in its difference.
    def at_output(e):
        return _squares(Y[e:e + 1], target[e:e + 1])

    def from_hidden(e):
        return _squares(_affine(W2, b2, H[e:e + 1]), target[e:e + 1])

    def from_unit(e):
        return _squares(_affine(W2, b2, relu(Z[e:e + 1], kinks[e:e + 1])), target[e:e + 1])

    def by_output(i):
        return _squares(_affine(W2[i:i + 1], b2[i:i + 1], H), [goal[i:i + 1] for goal in target])

    def by_unit(i):
        there = relu(_affine(W1[i:i + 1], b1[i:i + 1], X), [row[i:i + 1] for row in kinks])
        return _squares([[y + w[i] * (h - old[i]) for y, w in zip(row, W2, strict=True)]
                         for row, [h], old in zip(Y, there, H, strict=True)], target)

    nearest = min((abs(z) for row in Z for z in row if z), default=1)
    tiny = Fraction(nearest) / (2 + 2 * max(abs(v) for row in X for v in row))  # crosses no kink
    hidden = {"dy": _central(at_output, Y), "dh": _central(from_hidden, H),
              "dz": _central(from_unit, Z, tiny), "z": Z, "h": H, "y": Y}
    return {name: rows[0] if one else rows for name, rows in hidden.items()} | {
        "loss": _squares(Y, target),
        "dW2": _central(by_output, W2), "db2": _central(by_output, b2),
        "dW1": _central(by_unit, W1, tiny), "db1": _central(by_unit, b1, tiny)}


def figures(given, steps):
    batch = isinstance(given["x"][0], list)
    x, z, dz, dy = (v[0] if batch else v for v in
                    (given["x"], steps["z"], steps["dz"], steps["dy"]))
    return [Network(layers=[[f"{name}_{i + 1}" for i in range(len(v))] for name, v
                            in zip("xhy", (x, z, dy))], notes=[["" for _ in x], dz, dy],
                    names=["", r"\boldsymbol\Delta_Z", r"\boldsymbol\Delta_Y"] if batch
                    else ["", r"\boldsymbol\delta_z", r"\boldsymbol\delta_y"],
                    weights=[given["W1"], given["W2"]],
                    off=[(1, j) for j, number in enumerate(z) if number <= 0],
                    caption="Row 1 of the gradients, the first example's, on its way back." if batch
                    else "The gradients on their way back.")]
