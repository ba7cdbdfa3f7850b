"""Forward pass of a small ReLU network, one input or a batch of them (Goodfellow et al. 2016)."""

from fractions import Fraction
from itertools import product

from penwork.author import (
    Network, Problem, hadamard, matrix, positive, position, relu, repeat, slip, stack, vector,
    vector_or_matrix)

problem = Problem(
    title="Forward pass of a ReLU network",
    question="What does a network with one hidden layer compute, and where is it linear?",
    source=["Practice 2", "Neural Networks 1"], draws=2, version=3, minutes={1: 3, 2: 5, 3: 8},
    given=dict(x=vector_or_matrix(dimension="d"), W1=matrix(rows="k", columns="d"),
        b1=vector(dimension="k"), W2=matrix(rows="o", columns="k"), b2=vector(dimension="o")),
    effort={1: (4, 18), 2: (10, 40), 3: (15, 65)}, typical={1: 10, 2: 22, 3: 36})

# inputs, hidden units, outputs
SHAPES = {1: [(2, 2, 1), (2, 2, 2)], 2: [(3, 2, 2), (2, 3, 2), (3, 3, 1)],
          3: [(2, 2, 2), (2, 3, 2)]}
HALVES = [Fraction(n, 2) for n in (-3, -1, 1, 3)]
OUTWARD = {1: [-2, -1, 1, 2, 3], 2: [-3, -2, -1, 1, 2, 3], 3: [-5, -4, -3, -2, 2, 3, 4, 5]}
TENTHS = [Fraction(n, 10) for n in (-9, -8, -7, -6, -4, -3, -2, -1, 1, 2, 3, 4, 6, 7, 8, 9)]


def pre_activation(row, bias, x):
    return sum(w * v for w, v in zip(row, x)) + bias


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
        sign = 1 if (pre_activation(row, bias, X[0]) > 0) == wanted else -1
        W1.append([sign * w for w in row])
        b1.append(sign * bias)
    order = draw.shuffle(range(k))
    W2 = [list(row) for row in zip(*[draw.some(OUTWARD[level], o) for _ in range(k)])]
    return dict(x=X if level == 3 else X[0], W1=[W1[i] for i in order], b1=[b1[i] for i in order],
                W2=W2, b2=draw.vector(-2, 2, o))


def shape(*sizes):
    return f"[{'×'.join(map(str, sizes))}]"


def solve(work, given):
    x, W1, b1, W2, b2 = given.x, given.W1, given.b1, given.W2, given.b2
    d, k, o, batch = len(W1.T), len(W1), len(W2), len(x.shape) == 2

    def tex(letter):
        return rf"\mathbf {letter.upper() if batch else letter}"

    def mapped(v, W):
        return v @ W.T if batch else W @ v

    def shifted(v, b):
        return v + (repeat(b, len(x)) if batch else b)

    def shapes(m, n):
        inner = (shape(len(x), m), shape(m, n)) if batch else (shape(n, m), shape(m, 1))
        return f"{inner[0]} times {inner[1]}, plus the bias" + " for each row" * batch

    z = work.answer("z", shifted(mapped(x, W1), b1), tex("z"), why=shapes(d, k), slips=[
        slip("multiplied by the transpose of $\\mathbf W_1$",
             "each column was taken to belong to a unit", lambda: shifted(mapped(x, W1.T), b1)),
        slip("added the bias after the ReLU", "the bias was thought to shift what comes out",
             lambda: mapped(x, W1))])
    work.require(lambda n: not batch or min(map(max, n(z))) > 0, "an input opens no unit")
    h = work.answer("h", relu(z), tex("h"), why="negative entries become 0", slips=[
        slip("skipped the ReLU", "the layers were thought to be linear", lambda: 1 * z),
        slip("dropped the minus signs", "the ReLU was taken for the absolute value",
             lambda: relu(z) + relu(-z)),
        slip("added the bias after the ReLU", "the bias was thought to shift what comes out",
             lambda: shifted(relu(z), b1))])
    y = shifted(mapped(h, W2), b2)
    y = work.answer("y", y, tex("y"), why=shapes(k, o), slips=[
        slip("put a ReLU on the output", "every layer was thought to end with a ReLU",
             lambda: relu(y))])
    first = z[0] if batch else z
    work.answer("linear", W2 @ W1, r"\mathbf A", why=f"{shape(o, k)} times {shape(k, d)}", slips=[
        slip("kept the closed units out", "the ReLU was left out of the values only",
             lambda: hadamard(repeat(positive(first), o), W2) @ W1)])
    opened = work.let("open", positive(first), r"\mathbf m",
        why=r"1 where $\mathbf z_1$, row 1 of $\mathbf Z$, opens a unit" if batch
        else "1 where a unit is open")
    gated = work.let("gated", hadamard(stack([opened] * o), W2), r"\mathbf W_2'",
        why="a closed unit's column of $\\mathbf W_2$ becomes 0", slips=[
            slip("let the closed units through", "the ReLU was thought to leave slopes alone",
                 lambda: W2),
            slip("weighted with the activations", "the ReLU's slope was taken for its value",
                 lambda: hadamard(repeat(h[0] if batch else h, o), W2))])
    work.answer("slope", gated @ W1, r"\mathbf J", why=f"{shape(o, k)} times {shape(k, d)}")
    if batch:
        work.insight("The inputs open different units, so each meets a linear map of its own.",
                     holds=lambda n: len({str([v > 0 for v in row]) for row in n(z)}) > 1)
        work.insight(("Both" if len(x) == 2 else "All") + " inputs open the same units: one linear"
                     " map serves them.")
    for j in range(k):
        unit, alone = position(j + 1), [i == j for i in range(k)]
        work.insight("Unit << j|n >> is closed: its weights in $\\mathbf W_2$ have no say here.",
                     holds=lambda n, one=alone: not batch and [v <= 0 for v in n(z)] == one, j=unit)
        work.insight("Only unit << j|n >> is open: no other weights in $\\mathbf W_2$ have a say.",
                     holds=lambda n, one=alone: k > 2 and not batch
                     and [v > 0 for v in n(z)] == one, j=unit)
    work.insight("Every unit is open: here the network is linear.",
                 holds=lambda n: not batch and min(n(z)) > 0)


def _spread(inputs, weights, biases):
    """Start at the biases and add one input's column after another."""
    sums = list(biases)
    for j, value in enumerate(inputs):
        for i, row in enumerate(weights):
            sums[i] += row[j] * value
    return sums


def _network(x, given):
    z = _spread(x, given["W1"], given["b1"])
    h = [Fraction(value + abs(value)) / 2 for value in z]
    return z, h, _spread(h, given["W2"], given["b2"])


def _paths(given, units):
    """For each output and input, the products of weights over all paths through the units."""
    return [[sum(out[j] * given["W1"][j][i] for j in units) for i in range(len(given["W1"][0]))]
            for out in given["W2"]]


def check(given):
    """Column by column from the biases, ReLU as half of z + |z|, slopes as sums over paths"""
    x = given["x"]
    if isinstance(x[0], list):
        z, h, y = (list(part) for part in zip(*(_network(row, given) for row in x), strict=True))
    else:
        z, h, y = _network(x, given)
    pushes = h[0] if isinstance(x[0], list) else h
    opened = [j for j, push in enumerate(pushes) if push]
    return {"z": z, "h": h, "y": y, "slope": _paths(given, opened),
            "linear": _paths(given, range(len(pushes)))}


def figures(given, steps):
    batch = isinstance(given["x"][0], list)
    x, z, h, y = (v[0] if batch else v for v in (given["x"], steps["z"], steps["h"], steps["y"]))
    layers = {"x": x, "h": h, "y": y}
    return [Network(
        layers=[[f"{name}_{i + 1}" for i in range(len(v))] for name, v in layers.items()],
        notes=list(layers.values()),
        weights=[given["W1"], given["W2"]],
        off=[(1, j) for j, number in enumerate(z) if number <= 0],
        caption="The first input; grey units are closed." if batch else "Grey units are closed.")]
