"""Reverse-mode differentiation on a small graph (Goodfellow et al. 2016, section 6.5)."""

import ast
import cmath
from fractions import Fraction
from functools import partial

from penwork.author import (
    Edge, Graph, Problem, Vertex, choice, exp, log, scalar, show, sigmoid, slip)

GRAPHS = {
    "(x*y + z)**2": ["a = x * y", "b = a + z", "f = square b"],
    "(x - y*z)**2": ["a = y * z", "b = x - a", "f = square b"],
    "(x + y)**2*z": ["a = x + y", "b = square a", "f = b * z"],
    "x**2*(y - z)": ["a = square x", "b = y - z", "f = a * b"],
    "(x*y + x)**2": ["a = x * y", "b = a + x", "f = square b"],
    "(x + y)*(x*y)": ["a = x + y", "b = x * y", "f = a * b"],
    "x*(x + y)**2": ["a = x + y", "b = square a", "f = x * b"],
    "(x*y)*(x - z)": ["a = x * y", "b = x - z", "f = a * b"],
    "(x*y)**2 - x*z": ["a = x * y", "b = square a", "c = x * z", "f = b - c"],
    "sigmoid(x*y)*(x*z)": ["a = x * y", "b = sigmoid a", "c = x * z", "f = b * c"],
    "exp(x - y)*(x*z)": ["a = x - y", "b = exp a", "c = x * z", "f = b * c"],
    "x*log(x*y + z)": ["a = x * y", "b = a + z", "c = log b", "f = x * c"],
    "z*sigmoid(x*y + x)": ["a = x * y", "b = a + x", "c = sigmoid b", "f = z * c"]}
LEVELS = {1: list(GRAPHS)[:4], 2: list(GRAPHS)[4:9], 3: list(GRAPHS)[9:]}
# how it is written, its value, its derivative by each input
RULES = {"+": ("{}+{}", lambda u, v: u + v, [1, 1]), "-": ("{}-{}", lambda u, v: u - v, [1, -1]),
         "*": (r"{}\,{}", lambda u, v: u * v, [lambda u, v, out: v, lambda u, v, out: u]),
         "square": ("{}^2", lambda u: u**2, [lambda u, out: 2 * u]),
         "exp": ("e^{}", exp, [lambda u, out: out]),
         "log": (r"\ln {}", log, [lambda u, out: 1 / u]),
         "sigmoid": (r"\sigma({})", sigmoid, [lambda u, out: out * (1 - out)])}
WRONG = {  # instead of the local derivative
    "*": ("kept the factor itself", "the factor that varies was thought to stay", lambda u, out: u),
    "square": ("dropped the factor 2", "the power was not brought down", lambda u, out: u),
    "exp": ("brought the exponent down", "$e^u$ was taken for a power", lambda u, out: u * out),
    "log": ("used the logarithm for its slope", r"$\ln u$ was taken for $e^u$", lambda u, out: out),
    "sigmoid": ("used the sigmoid for its slope", r"$\sigma(u)$ was taken for $e^u$",
                lambda u, out: out),
}

problem = Problem(
    title="The chain rule on a graph",
    question="How does a derivative travel back through a computation?",
    source=["Calculus 3"], draws=2, version=2, minutes={1: 5, 2: 7, 3: 10},
    given=dict(form=choice(options=tuple(GRAPHS)), x=scalar(), y=scalar(), z=scalar(default=None)),
    effort={1: (5, 40), 2: (6, 45), 3: (15, 80)}, typical={1: 12, 2: 14, 3: 43},
    aids={1: "none", 2: "none", 3: "strip"})


def nodes(form):
    """(node, operation, its inputs) from the inputs to f."""
    for line in GRAPHS[form]:
        node, _, *rest = line.split()
        yield node, rest[-2], [word for word in rest if len(word) == 1 and word.isalpha()]


def sample(draw, level):
    form = draw.pick(LEVELS[level])
    sizes = [1, 2, 3, 4, 5, 6, 7, Fraction(1, 2), Fraction(3, 2), Fraction(5, 2)]
    x, y, z = (draw.pick([-1, 1]) * draw.pick(sizes) for _ in "xyz")
    point = draw.pick([-6, -5, -4, -3, -2, -1, 1, 3, 4, 5, 6]) * Fraction(1, 2)  # on the strip
    if "sigmoid" in form:
        x = draw.pick([-4, -2, -1, 1, 2, 4, 5, Fraction(1, 2)])
        y = point / x - ("x*y + x" in form)
    elif "exp" in form:
        y = x - point
    elif "log" in form:
        z = draw.integer(2, 10) - x * y
    return dict(form=form, x=x, y=y, z=z if "z" in form else None)


def by(node, u):
    return rf"\frac{{\partial {node}}}{{\partial {u}}}"


def through(let, value, slope, u, node, kind, ins):
    """What comes back to u from one node that it leads to, and the slips on that way."""
    local = RULES[kind][2][ins.index(u)]
    if not callable(local):
        return value["f"].constant(local) if node == "f" else slope[node] * local, []
    local = local(*(value[i] for i in ins), value[node])
    name, belief, instead = WRONG[kind]
    wrong = [slip(name, belief, lambda: instead(value[u], value[node]))]
    if node == "f":
        return local, wrong
    local = let(f"{node}_by_{u}", local, by(node, u), why="the local derivative", slips=wrong,
        derives=(value[node], value[u]))
    return slope[node] * local, [slip("added along a path", "links of a chain were thought to add",
                                      lambda: slope[node] + local)]


def carried(ways):
    """The slips on some ways, each carried through the sum of all of them."""
    beliefs = {wrong.name: wrong.belief for _, slips in ways for wrong in slips}
    return [slip(name, belief, lambda name=name: sum(
        next((wrong.instead() for wrong in slips if wrong.name == name), term)
        for term, slips in ways)) for name, belief in beliefs.items()]


def solve(work, given):
    graph = list(nodes(given.form))
    inputs = [u for u in "xyz" if any(u in ins for _, _, ins in graph)]
    value, slope, paths = {u: given[u] for u in inputs}, {}, {}
    work.refuse(any(number is None for number in value.values()), f"{given.form} needs z")
    at = given.plain
    work.refuse("log" in given.form and at("x") * at("y") + at("z") <= 0,
                "x*y + z must be above 0, as its logarithm is taken")
    let = partial(work.let, style="rounded" if "log" in given.form else "decimal")  # no sevenths
    for node, kind, ins in graph:
        value[node] = let(node, RULES[kind][1](*(value[u] for u in ins)), node,
            why="forward: each node from its inputs")
    f = value["f"]
    work.answer("value", f)
    for u in [*(node for node, _, _ in graph[-2::-1]), *inputs]:
        paths[u] = {node: through(let, value, slope, u, node, kind, ins)
                    for node, kind, ins in graph if u in ins}
        (one, _), *more = paths[u].values()
        slips = carried(paths[u].values())
        if more:
            slips += [slip("multiplied the paths", "paths were taken for links of one chain",
                           lambda a=one, b=more[0][0]: a * b)]
            slips += [slip("followed the direct path alone" if node == "f" else
                           f"followed the path through ${node}$ alone",
                           "one path was taken for the whole", lambda e=term: e)
                      for node, (term, _) in paths[u].items()]
        slope[u] = let(f"f_by_{u}", sum(term for term, _ in paths[u].values()), by("f", u),
            slips=slips,
            derives=(f, value[u]),
            why="two paths: their products add" if more
            else "back: what arrives, times the local derivative")
        if u in inputs:
            work.answer(f"d{u}", slope[u])
    work.require(lambda n: all(map(n, [*slope.values(), *(value[u] for u in inputs)])), "a 0")
    past = [way for node, way in paths["x"].items() if node != "a"]
    if "a" in paths["x"] and past:
        work.answer("detached", sum(term for term, _ in past), "g",
            why="only the path past $a$ is left", slips=[*carried(past),
                slip("kept the path through the detached node",
                     "detaching was thought to change the value only", lambda: slope["x"])])
    for u in inputs:
        work.insight(f"${u}$ reaches $f$ on two paths: each brings a product, and they add up to"
                     " << whole|about >>.", holds=lambda n, u=u: len(paths[u]) > 1, whole=slope[u])
    work.insight("One sweep back gives every derivative; what arrives at a node is found once.")


_DO = {"Add": lambda u, v: u + v, "Sub": lambda u, v: u - v, "Mult": lambda u, v: u * v,
       "Pow": lambda u: u * u, "exp": cmath.exp, "log": cmath.log,
       "sigmoid": lambda u: (1 + cmath.tanh(u / 2)) / 2}


def _graph(form):
    """The nodes in the order in which Python works the form out: {node: (kind, inputs)}."""
    nodes = {}

    def read(part):
        if isinstance(part, ast.Name):
            return part.id
        if isinstance(part, ast.Call):
            kind, inputs = part.func.id, part.args
        else:
            kind, inputs = type(part.op).__name__, [part.left, part.right]
        inputs = [read(p) for p in inputs if not isinstance(p, ast.Constant)]
        nodes["abcde"[len(nodes)]] = (kind, inputs)
        return list(nodes)[-1]

    read(ast.parse(form, mode="eval").body)
    nodes["f"] = nodes.pop(list(nodes)[-1])
    return nodes


def _slope(function, at):
    """Exact for polynomials up to the fourth degree, else by a complex step."""
    if isinstance(function(at), complex):
        return function(at + 1e-30j).imag / 1e-30
    near, far = function(at + 1) - function(at - 1), function(at + 2) - function(at - 2)
    return (8 * near - far) * Fraction(1, 12)


def check(given):
    """Differences of the whole form, node by node: a five-point stencil or a complex step"""
    nodes = _graph(given["form"])
    inputs = {name: given[name] for name in "xyz" if name in given}

    def run(**held):
        values = inputs | held
        for name, (kind, parts) in nodes.items():
            if name not in held:
                values[name] = _DO[kind](*(values[part] for part in parts))
        return values

    values = run()
    answers = {name: values[name].real for name in nodes}
    for name in [*inputs, *nodes]:
        answers[f"f_by_{name}"] = _slope(lambda u: run(**{name: u})["f"], values[name])
    for name, (kind, parts) in nodes.items():
        for part in parts:  # only this input moves, and only this node follows
            answers.setdefault(f"{name}_by_{part}", _slope(
                lambda u: _DO[kind](*(u if p == part else values[p] for p in parts)),
                values[part]))
    detached = _slope(lambda u: run(x=u, a=values["a"])["f"], values["x"])
    partials = {f"d{name}": answers[f"f_by_{name}"] for name in inputs}
    return answers | partials | {"value": answers["f"], "detached": detached}


def figures(given, steps):
    """The bare graph to write on; in the key, values above the edges and products below."""
    graph = list(nodes(given["form"]))
    letters = [u for u in "xyz" if any(u in ins for _, _, ins in graph)] + [n for n, _, _ in graph]
    ends = {(u, node): (letters.index(u), letters.index(node)) for node, _, ins in graph
            for u in ins}
    formulas = {node: RULES[kind][0].format(*ins) for node, kind, ins in graph}
    yield Graph([Vertex(u, formulas.get(u, "")) for u in letters],
                [Edge(*pair) for pair in ends.values()], True, where="statement")

    rest, edges = {u: steps[f"f_by_{u}"] for u in letters if u != "f"}, []
    for node, kind, ins in graph:
        for u in ins:
            local = steps.get(f"{node}_by_{u}", -1 if kind == "-" and u == ins[1] else 1)
            product = rest[u] if node == "f" else steps[f"f_by_{node}"] * local
            rest[u] -= product
            value = given[u] if u in given else steps[u]
            edges.append(Edge(*ends[u, node], show(value, 4), show(product, 4)))
    yield Graph([Vertex(u, show(steps["f"], 4) if u == "f" else "") for u in letters], edges, True,
                "Values above the edges; below, what comes back along them.")
