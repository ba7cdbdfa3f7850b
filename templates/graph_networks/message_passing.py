"""One layer of message passing (Kipf and Welling 2017; Hamilton, Ying and Leskovec 2017)."""

from collections import Counter
from fractions import Fraction
from itertools import combinations

from penwork.author import (
    Edge, Graph, Problem, Vertex, count, edges, position, scalar, show, slip, sqrt, stack, vector)
from penwork.checking import root

problem = Problem(
    title="Message passing on a graph",
    question="What does a node learn from its neighbours in one layer?",
    source=["Graph Neural Networks 1"], minutes={1: 6, 2: 10, 3: 14}, version=2,
    given=dict(x=vector(dimension="n", row=True), edges=edges(nodes="n"), w=scalar(),
        i=count(low=1, default=None), j=count(low=1, default=None)),
    together=["ij"],
    effort={1: (14, 65), 2: (100, 330), 3: (150, 450)}, typical={1: 35, 2: 210, 3: 280},
    aids={1: "none", 2: "strip", 3: "strip"})

PATH, STAR, RING = ["12", "23", "34"], ["12", "13", "14"], ["12", "23", "34", "14"]
TAIL, DIAMOND = ["12", "13", "23", "34"], ["12", "13", "23", "24", "34"]
SHAPES = {1: [PATH, STAR, RING, TAIL], 2: [PATH, STAR, TAIL, DIAMOND],
          3: [PATH, STAR, TAIL, [*PATH, "45"]]}


def sample(draw, level):
    shape = draw.pick(SHAPES[level])
    size = max(int(end) for pair in shape for end in pair)
    name = draw.shuffle(range(1, size + 1))
    pairs = sorted(sorted(name[int(end) - 1] for end in pair) for pair in shape)
    w = draw.pick([-1, 1]) * draw.pick([2, 3, 4, Fraction(1, 2), Fraction(3, 2)])
    given = dict(x=[draw.nonzero(-6, 9) for _ in name], edges=pairs, w=w)
    if level == 3:
        near = neighbours(size, pairs)
        far = [(i, j) for i in near for j in near
               if i != j and j not in near[i] and near[i] & near[j]]
        given["i"], given["j"] = draw.pick(far)
    return given


def neighbours(size, pairs):
    return {i: {a + b - i for a, b in pairs if i in (a, b)} for i in range(1, size + 1)}


def solve(work, given):
    x, w, near = given.x, given.w, neighbours(len(given.x), given.edges)
    for name in "ij":
        work.refuse((given[name] or 1) > len(x), f"{name} is no node: there are 1 to {len(x)}")
    both = {i: near[i] | {i} for i in near}
    messages = work.let("messages", w * x, r"\mathbf m", why="each feature times the weight")
    m = dict(zip(near, messages))

    def added(terms, nodes):
        return x.constant(sum(terms[k] for k in sorted(nodes)))

    def layer(name, letter, why, formula, *slips, **how):
        """A line a node; each slip is (what was done, the belief, a formula of a node)."""
        values = {i: work.let(f"{name}_{i}", formula(i), f"{letter}_{i}", why=why, **how,
                              slips=[slip(done, belief, lambda i=i, e=instead: e(i))
                                     for done, belief, instead in slips]) for i in near}
        work.answer(name, list(values.values()), label=rf"\mathbf {letter}")
        return values

    layer("sum", "s", "the neighbours' messages", lambda i: added(m, near[i]),
          ("added the node's own message", "a node was taken for its own neighbour",
           lambda i: added(m, both[i])),
          ("followed each edge one way", "the order of an edge's nodes was thought to matter",
           lambda i: added(m, {a for a, b in given.edges if b == i})))
    d = dict(zip(near, work.let(
        "degrees", stack([x.constant(len(both[i])) for i in near], row=True), r"\mathbf d",
        why="neighbours, and the node itself")))
    layer("mean", "a", "the mean of all, its own too", lambda i: added(m, both[i]) / d[i],
          ("left its own message out", "a node was thought to hear its neighbours only",
           lambda i: added(m, near[i]) / (d[i] - 1)),
          ("divided by the number of neighbours", "the node's own message was not counted",
           lambda i: added(m, both[i]) / (d[i] - 1)))

    root = {(i, k): d[i] if i == k else sqrt(d[i] * d[k]) for i in near for k in near}

    def gcn(values, i):
        return sum(values[k] / root[i, k] for k in sorted(both[i]))

    h = layer("gcn", "h", r"each message over $\sqrt{d_i d_j}$", lambda i: gcn(m, i),
              ("took the mean", "each node was thought to weigh all it hears alike",
               lambda i: added(m, both[i]) / d[i]),
              ("counted degrees without the self-loops", "a self-loop was thought no edge",
               lambda i: sum(m[k] / sqrt((d[i] - 1) * (d[k] - 1)) for k in both[i])),
              ("left out the root", "the degrees were multiplied only",
               lambda i: sum(m[k] / (d[i] * d[k]) for k in both[i])), style="rounded")
    if given.i is not None:
        i, j = given.i, given.j
        second = work.answer("second", w * gcn(h, i), rf"h'_{i}",
            why="the same again, on the first layer's outputs", slips=[
                slip("used the features again", "each layer was thought to start from them",
                     lambda: gcn(m, i))])
        ways = {k: 1 / (root[i, k] * root[k, j]) for k in both[i] & both[j]}
        work.answer("influence", w**2 * added(ways, ways),
            rf"\frac{{\partial h'_{i}}}{{\partial x_{j}}}", derives=(second, x[j - 1]),
            why=f"through {'the' if len(ways) == 1 else 'every'} node between them", places=3,
            slips=[slip("took one layer", "the two nodes were taken for neighbours",
                        lambda: w / root[i, j])])
        work.insight("Node << i|n >> hears of node << j|n >>, though no edge joins them: two layers"
                     " reach two edges far.", i=position(i), j=position(j),
                     holds=lambda n, i=i, j=j: ways and j not in both[i])
    for i, k in combinations(near, 2):
        pair = dict(i=position(i), k=position(k))
        work.insight("Nodes << i|n >> and << k|n >> hear the same once their own messages count:"
                     " then nothing tells them apart.", **pair,
                     holds=lambda n, i=i, k=k: both[i] == both[k])
        work.insight("Nodes << i|n >> and << k|n >> have the same neighbours: only their own"
                     " messages tell them apart.", **pair,
                     holds=lambda n, i=i, k=k: near[i] == near[k] and n(m[i]) != n(m[k]))
    for i, k in combinations(near, 2):
        work.insight("One layer reaches one edge far: node << i|n >> has not heard of node"
                     " << k|n >>.", holds=lambda n, i=i, k=k: k not in both[i],
                     i=position(i), k=position(k))


def check(given):
    """Walks of one and two steps along the edges; the mean as own message less mean gaps"""
    x, w, edges = given["x"], given["w"], given["edges"]
    nodes = range(1, len(x) + 1)
    links = [(i, j) for edge in edges for i, j in (edge, edge[::-1])]
    steps = links + [(i, i) for i in nodes]
    d = Counter(i for i, _ in steps)
    sent = {j: w * x[j - 1] for j in nodes}
    sums, gaps, gcn = (dict.fromkeys(nodes, 0) for _ in range(3))
    for i, j in steps:
        sums[i] += sent[j] if i != j else 0
        gaps[i] += Fraction(sent[i] - sent[j]) / d[i]
        gcn[i] += sent[j] / root(d[i] * d[j])
    mean = {i: sent[i] - gaps[i] for i in nodes}
    answers = {f"{name}_{i}": column[i] for i in nodes
               for name, column in (("sum", sums), ("mean", mean), ("gcn", gcn))}
    answers |= {"sum": list(sums.values()), "mean": list(mean.values()),
                "gcn": list(gcn.values()), "messages": list(sent.values()),
                "degrees": [d[i] for i in nodes]}
    if "i" in given:
        i = given["i"]
        reach = dict.fromkeys(nodes, 0)  # a walk i - k - j counts w^2 / (d_k root(d_i d_j))
        for k, j in ((k, j) for start, k in steps if start == i for m, j in steps if m == k):
            reach[j] += Fraction(w * w) / d[k] / root(d[i] * d[j])
        answers |= {"influence": reach[given["j"]],
                    "second": sum(reach[j] * x[j - 1] for j in nodes)}
    return answers


def figures(given, steps):
    return [Graph([Vertex(str(i), f"x_{i}={show(x)}") for i, x in enumerate(given["x"], 1)],
                  [Edge(int(a) - 1, int(b) - 1) for a, b in given["edges"]], where="statement")]
