"""Batched backpropagation with softmax cross-entropy (Goodfellow et al. 2016, section 6.5)."""

from fractions import Fraction
from itertools import product

import numpy as np

from penwork.author import (
    Block, Flow, Problem, counts, hadamard, log, matrix, mean, positive, position, relu, slip,
    stack, total,
)
from penwork.checking import shares

problem = Problem(
    title="Batched backpropagation with shapes",
    question="Which products carry the gradients of a batch back, and why the transposes?",
    source=["Coding 2", "Neural Networks 4"], draws=4, version=2,
    minutes={1: 10, 2: 18, 3: 24},
    given=dict(X=matrix(rows="N", columns="d"), W1=matrix(rows="d", columns="k"),
        W2=matrix(rows="k", columns="c"), labels=counts(r"\mathbf c", dimension="N", low=0)),
    effort={1: (150, 330), 2: (210, 420), 3: (210, 590)}, typical={1: 260, 2: 330, 3: 400},
    aids={1: "strip", 2: "calculator", 3: "calculator"})

WEIGHTS_SHARE = "what went in times what comes back, over examples"
# examples, features, hidden units, classes
SHAPES = {1: [(2, 2, 2, 2)], 2: [(2, 2, 2, 2), (2, 3, 2, 2)], 3: [(2, 3, 2, 3), (2, 2, 3, 2)]}


def through(X, column):
    return [sum(x * w for x, w in zip(row, column)) for row in X]


def sample(draw, level):
    """Small pre-activations, none of them 0, a unit with both signs, logits on the strip's grid."""
    N, d, k, c = draw.pick(SHAPES[level])
    others = []
    while not others:  # two units that use every input, and of which every example opens one
        apart = draw.shuffle([-draw.integer(1, 2), draw.integer(1, 3)])
        inputs = draw.shuffle([apart] + [draw.some([-2, -1, 1, 2, 3], N) for _ in range(d - 1)])
        X = [list(x) for x in zip(*inputs)]
        fitting = {w: through(X, w) for w in product((-1, 0, 1), repeat=d)}
        fitting = {w: z for w, z in fitting.items()
                   if max(z) > 0 and 0 not in z and max(map(abs, z)) <= 3}
        one = draw.pick([w for w, z in fitting.items() if min(z) < 0])
        others = [w for w, z in fitting.items() if w != one and all(map(any, zip(one, w)))
                  and all(max(pair) > 0 for pair in zip(fitting[one], z))]
    other = draw.pick(others)
    spare = [w for w in fitting if w not in (one, other)]
    units = draw.shuffle([one, other, *draw.some(spare, k - 2)])
    H = list(zip(*[[max(z, 0) for z in fitting[w]] for w in units]))
    heads = [w for w in product((-2, -1, 1, 2), repeat=k) if max(map(abs, through(H, w))) <= 4]
    seconds = []
    while not seconds:  # the rows of P differ
        first = draw.pick(heads)
        seconds = [w for w in heads if all(a != b for a, b in zip(w, first))
                   and len(set(through(H, [a - b for a, b in zip(w, first)]))) == N]
    second = draw.pick(seconds)
    rest = [w for w in heads if w not in (first, second)]
    heads = draw.shuffle([first, second, *draw.some(rest, c - 2)])
    logits = [through(heads, h) for h in H]
    labels, wrong = draw.vector(0, c - 1, N), draw.integer(0, N - 1)
    beaten = [y for y in range(c) if logits[wrong][y] < max(logits[wrong])]
    labels[wrong] = draw.pick(beaten or range(c))
    if len(set(labels)) == 1:
        labels[wrong - 1] = draw.pick([y for y in range(c) if y != labels[wrong]])
    return dict(X=X, W1=[list(row) for row in zip(*units)], labels=labels,
                W2=[[Fraction(w, 2) for w in row] for row in zip(*heads)])


def shape(*sizes):
    return f"[{'×'.join(map(str, sizes))}]"


def solve(work, given):
    X, W1, W2, labels = given.X, given.W1, given.W2, given.labels
    (N, d), (k, c) = X.shape, W2.shape
    for i, label in enumerate(labels):
        work.refuse(label >= c, f"labels[{i}] = {label} is no class, W2 has 0 to {c - 1}")
    Z = work.let("Z", X @ W1, r"\mathbf Z", why=f"{shape(N, d)} times {shape(d, k)}")
    H = work.let("H", relu(Z), r"\mathbf H", why="negative entries become 0")
    Y = work.let("Y", H @ W2, r"\mathbf Y", why=f"{shape(N, k)} times {shape(k, c)}")
    P = work.answer("P",
        work.softmax("P", Y, r"\mathbf P", why=f"each row's softmax: {shape(N, c)}"
            + r"; of two logits also $\sigma$ of their difference" * (c == 2)))
    q = work.let("q", stack([P[i, label] for i, label in enumerate(labels)]), r"\mathbf q",
        why="each example's probability of its own class")
    work.require(lambda n: min(n(q)) > 0.04, "a probability with few digits")
    losses = work.let("losses", -log(q), r"\boldsymbol\ell", why="cross-entropy of each example")
    loss = work.answer("loss", mean(losses), "L", why="the mean over the batch", slips=[
        slip("forgot to average", "the loss was taken for a sum over the batch",
             lambda: total(losses))])
    T = work.let("T", stack([stack([X.constant(int(j == label)) for j in range(c)])
                             for label in labels]), r"\mathbf T", why="a 1 at each row's class")
    dY = work.answer("dY", (P - T) / X.height, r"\boldsymbol\Delta_Y", derives=(loss, Y),
        why=f"probability minus target, over $N$: {shape(N, c)}", slips=[
            slip("forgot to average", "the loss was taken for a sum over the batch", lambda: P - T),
            slip("took target minus probability", "the gradient was taken for the correction",
                 lambda: (T - P) / X.height)])
    work.answer("dW2", H.T @ dY, r"\frac{\partial L}{\partial \mathbf W_2}",
        entry=r"\partial L/\partial W_2", why=f"{WEIGHTS_SHARE}: {shape(k, N)} times {shape(N, c)}",
        derives=(loss, W2), slips=[
            slip("divided by $N$ twice", "each product was thought to need its own mean",
                 lambda: H.T @ dY / X.height),
            slip("used the pre-activations", "the weights were thought to see the ReLU's input",
                 lambda: Z.T @ dY)])
    dH = work.answer("dH", dY @ W2.T, r"\boldsymbol\Delta_H", derives=(loss, H),
        why=rf"back through $\mathbf W_2$: {shape(N, c)} times {shape(c, k)}", slips=[
            slip(r"left $\mathbf W_2$ untransposed", "the way back was taken for the way forth",
                 lambda: dY @ W2)])
    dZ = work.let("dZ", hadamard(dH, positive(Z)), r"\boldsymbol\Delta_Z", derives=(loss, Z),
        why="only open units pass the gradient on", slips=[
            slip("left out the ReLU", "the ReLU was taken to pass every gradient", lambda: dH)])
    work.answer("dW1", X.T @ dZ, r"\frac{\partial L}{\partial \mathbf W_1}",
        entry=r"\partial L/\partial W_1", why=f"{WEIGHTS_SHARE}: {shape(d, N)} times {shape(N, k)}",
        derives=(loss, W1), slips=[
            slip("divided by $N$ twice", "each product was thought to need its own mean",
                 lambda: X.T @ dZ / X.height)])
    work.answer("dX", dZ @ W1.T, r"\frac{\partial L}{\partial \mathbf X}",
        entry=r"\partial L/\partial X",
        why=rf"back through $\mathbf W_1$: {shape(N, k)} times {shape(k, d)}", derives=(loss, X))
    for i in range(N):
        work.insight("Only example << i|n >> is wrong: its row of $\\boldsymbol\\Delta_Y$ pulls"
                     " hardest.", i=position(i + 1), holds=lambda n, i=i: n(q)[i] < 0.3
                     and all(p > 0.6 for j, p in enumerate(n(q)) if j != i))
    for i in range(N):
        work.insight("Example << i|n >> is almost right: its row of $\\boldsymbol\\Delta_Y$ hardly"
                     " pulls.", i=position(i + 1), holds=lambda n, i=i: n(q)[i] > 0.85)
    work.insight("Behind $\\boldsymbol\\Delta_Y$ only $\\mathbf W_2^\\top$ fits: without the"
                 " transpose the inner sizes differ.", holds=lambda n: k != c)
    work.insight("Each row of $\\boldsymbol\\Delta_Y$ adds up to 0: one class gains, "
                 + ("the other loses." if c == 2 else "the others lose."))


def check(given):
    """Complex-step derivatives of the mean cross-entropy, entry by entry"""
    X, W1, W2 = (np.array(given[name], dtype=object) for name in ("X", "W1", "W2"))
    rows, labels = np.arange(len(X)), np.array([int(c) for c in given["labels"]])
    Z = X @ W1
    opened = np.array(Z > 0, dtype=bool)  # before floats may miss a 0
    H = np.where(opened, Z, 0)
    Y = H @ W2
    x, w1, w2, z, h, y = (part.astype(complex) for part in (X, W1, W2, Z, H, Y))

    def hidden(Z):
        return np.where(opened, Z, 0)

    def each(logits):  # log of the sum of odds against the label's logit
        gaps = logits - logits[rows, labels][:, None]
        most = gaps.real.max(axis=1)
        return np.log(np.sum(np.exp(gaps - most[:, None]), axis=1)) + most

    def loss(logits):
        return np.mean(each(logits))

    def slopes(function, table):
        result = np.zeros(table.shape)
        for place in np.ndindex(table.shape):
            nudged = table.copy()
            nudged[place] += 1e-30j
            result[place] = function(nudged).imag / 1e-30
        return result.tolist()

    return {"loss": loss(y).real.item(), "dH": slopes(lambda v: loss(v @ w2), h),
            "dW1": slopes(lambda v: loss(hidden(x @ v) @ w2), w1),
            "dW2": slopes(lambda v: loss(h @ v), w2), "dY": slopes(loss, y),
            "dZ": slopes(lambda v: loss(hidden(v) @ w2), z), "Z": Z.tolist(), "H": H.tolist(),
            "Y": Y.tolist(), "dX": slopes(lambda v: loss(hidden(v @ w1) @ w2), x),
            "losses": each(y).real.tolist(), "q": np.exp(-each(y).real).tolist(),
            "P": [shares(row) for row in y.real.tolist()]}


def figures(given, steps):
    (N, d), (k, c) = np.shape(given["X"]), np.shape(given["W2"])

    def block(label, *sizes):
        return Block(label, "$" + r"\,".join(rf"[{a}\times {b}]" for a, b in sizes) + "$")

    boxes = {
        "dW2": block(r"$\partial L/\partial\mathbf W_2 = \mathbf H^\top\boldsymbol\Delta_Y$",
                     (k, N), (N, c)),
        "dH": block(r"$\boldsymbol\Delta_H = \boldsymbol\Delta_Y\mathbf W_2^\top$",
                    (N, c), (c, k)),
        "dW1": block(r"$\partial L/\partial\mathbf W_1 = \mathbf X^\top\boldsymbol\Delta_Z$",
                     (d, N), (N, k)),
        "dX": block(r"$\partial L/\partial\mathbf X = \boldsymbol\Delta_Z\mathbf W_1^\top$",
                    (N, k), (k, d))}
    output, hidden = ([boxes[name] for name in row if name in steps]
                      for row in (("dW2", "dH"), ("dW1", "dX")))
    if output:
        yield Flow([[block(r"$\boldsymbol\Delta_Y = \frac1N(\mathbf P-\mathbf T)$", (N, c))],
                    output], caption="The output layer on the way back.")
    if hidden:
        yield Flow([[block(r"$\boldsymbol\Delta_Z = \boldsymbol\Delta_H\odot[\mathbf Z>0]$",
                           (N, k))], hidden], caption="The hidden layer on the way back.")
