"""Where a loss stops being a number (Goldberg 1991; Micikevicius et al. 2018, section 3)."""

import math
from fractions import Fraction

from penwork.author import (
    Grid, Problem, absolute, count, exp, log, matrix, norm, option, scalar, slip, sqrt, stack, tok,
    total, vector,
)
from penwork.checking import root

LARGEST, SMALLEST = 65504, Fraction(1, 2**24)
ROWS = dict(rows="steps", first=0, default=None, most=100)

# Of each block only the names in FAULTS may fail: the limits keep var, S and w within the range.
problem = Problem(
    title="The first number that is not finite",
    question="Why does a loss turn into NaN, and which repair is the right one?",
    source=["Practice 9"],
    draws=4,
    version=3,
    minutes={1: 7, 2: 16, 3: 18},
    given=dict(
        T=count(low=1, high=100),
        u=matrix(columns=2, low=-250, high=250, **ROWS),
        epsilon=scalar(r"\varepsilon", low=SMALLEST, high=1, default=None),
        z=matrix(columns="classes", low=-16, high=200, **ROWS),
        y=count(low=0, default=None),
        w0=scalar(low=-1000, high=1000, nonzero=True, default=None),
        lam=scalar(r"\lambda", low=Fraction(1, 10), high=100, default=None),
        alpha=scalar(low=0, high=18, default=None), c=vector(row=True, default=None),
        r=scalar(low=0, default=None), clip=scalar("C", low=0, nonzero=True, default=None),
    ),
    effort={1: (10, 390), 2: (60, 580), 3: (60, 660)},
    typical={1: 66, 2: 180, 3: 260},
    aids=dict.fromkeys((1, 2, 3), "calculator"),
    exceptions={"common": "a log is short: the first bad step is one of a few",
                "told": "the bad step, and often its largest logit, stand in the log",
                "digits": "an exponential that overflows is large"},
)

# what each block of the code needs, and the names that it makes
BLOCKS = {"u": ("epsilon", "var xhat"), "z": ("y", "S p ce"),
          "w0": ("lam alpha", "penalty w"), "c": ("r clip", "n")}
# what may fail first: the cause and its repair, the reason, the lesson
FAULTS = {
    "xhat": ("zero variance", "add epsilon", r"\tok{var} became 0",
             "Values that nearly agree have a variance that vanishes: it is a square."),
    "S": ("exp out of range", "shift by the maximum", "the sum of exponentials leaves the range",
          "The half-precision limit is near: $e^{11.1}$ is beyond it."),
    "ce": ("log of zero", "log-softmax in one step", r"\tok{p} became 0, its logarithm $-$inf",
           "No shift helps, $p$ is that small: only its logarithm in one step stays finite."),
    "penalty": ("rate too high", "smaller rate", r"every step takes $w$ times $1-\alpha\lambda$",
                "The penalty is a square: it overflows long before the weight does."),
    "n": ("exploding gradient", "clip the norm", "every step multiplies by $r$",
          "A clipped norm keeps the direction, clipped entries turn it."),
}
RATES = [(next((t for t in range(5) if lam * w0**2 / 2 * (1 - lam / a)**(2 * t) > LARGEST), 5),
          dict(w0=w0, lam=lam, alpha=Fraction(1, a)))
         for w0 in range(1, 7) for lam in (4, 6, 8, 12, 20, 24, 30) for a in (1, 2, 5) if lam != a]
FACTORS = {1: (120, 150, 200), 2: (25, 30, 40, 50, 60), 3: (11, 12, 15, 16), 4: (3, 4, 5, 6, 8)}
DIRECTIONS = [(3, 4), (4, -3), (-4, 3), (-3, -4), (6, 8), (8, -6), (-6, 8), (5, 12), (-12, 5)]


def sample(draw, level):
    """Some blocks of code: the first drawn fails in step `bad`, the others later or never."""
    blocks = draw.some(BLOCKS if level > 1 else ["u", "z", "w0"], level)
    fails, bad = blocks[0], draw.integer(1, 3)
    given = dict(T=bad + draw.integer(1, 3))
    steps = range(given["T"])
    if "u" in blocks:
        rows = [[a := draw.integer(-6, 6), a + draw.nonzero(-4, 4)] for _ in steps]
        if fails == "u":
            mean, d = draw.integer(-6, 6), Fraction(draw.nonzero(-3, 3), 2 * 10**4)
            rows[bad] = [mean + d, mean - d]
        given |= dict(u=rows, epsilon=Fraction(1, draw.pick([10**4, 10**6])))
    if "z" in blocks:
        n = draw.integer(2, 3)
        rows, y = [draw.vector(-2, 6, n) for _ in steps], draw.integer(0, n - 1)
        if fails == "z":
            top = draw.pick([12, 13, 14] if n < 3 else [7, 8, 9, 12, 13])
            rows[bad] = draw.shuffle([top, *(top - draw.integer(0, 1) for _ in range(n - 1))])
            if top < 12:
                rows[bad][y] = top - draw.integer(18, 22)
        given |= dict(z=rows, y=y)
    if "w0" in blocks:
        given |= draw.pick([g for t, g in RATES if (t == bad if fails == "w0" else t > bad)])
    if "c" in blocks:
        r = draw.pick(FACTORS[bad if fails == "c" else 4])
        given |= dict(c=draw.pick(DIRECTIONS), r=r, clip=draw.pick([1, 2]))
    return given


def solve(work, given):
    there = [block for block in BLOCKS if given[block] is not None]
    for block in BLOCKS:
        names = [block, *BLOCKS[block][0].split()]
        missing = [name for name in names if given[name] is None]
        work.refuse(0 < len(missing) < len(names), f"{', '.join(missing)} must be there: only all"
                    f" of {', '.join(names)} make a line of code")
    work.refuse(not there, f"one of {', '.join(BLOCKS)} must be there")
    for block in there:
        work.refuse(block in "uz" and len(given[block]) < given.T,
                    f"{block} has fewer rows than the T = {given.T} steps")
        work.refuse(block == "z" and given.y >= len(given.z[0]), f"y = {given.y} is no class of z")
    for t, name, value, sign, bound, why in tests(work, given):
        if work.compare(f"{name}_{t}", value, sign, bound, why=why) == "yes":
            break
    else:
        work.refuse(True, f"every number stays finite in the T = {given.T} steps")
    cause, fix, reason, lesson = FAULTS[name]
    work.answer("first_step", value.constant(t), "t", why="the first beyond a limit", slips=[
        slip("blamed the step that was printed", "the first sign was taken for the fault",
             lambda: value.constant(given.T))])
    work.answer("first_quantity", name, label="name",
                options=[made for block in there for made in BLOCKS[block][1].split()])
    causes, fixes, *_ = zip(*FAULTS.values())
    work.answer("cause", cause, label="cause", options=causes, why=reason)
    work.answer("fix", fix, label="fix", options=(*fixes, "clip the loss"))
    repaired, why, slips = repair(work, given, name, t)
    work.answer("stable_value", repaired, "v", why=why, slips=slips)
    work.insight(lesson)


def tests(work, given):
    """(t, name, value, relation, bound, why) of whatever may fail, in the order of the code."""
    if given.w0 is not None:
        q = work.let("factor", 1 - given.alpha * given.lam, "q", why="the factor of $w$ in a step")
        grows = work.compare("grows", absolute(q), ">", 1, why="does $w$ grow?") == "yes"
    if given.c is not None:
        length = work.let("length", norm(given.c), r"\ell", why="the norm at the start")
    for t in range(given.T):
        if given.u is not None:
            spread = (given.u[t][0] - given.u[t][1]) / 2
            yield t, "xhat", spread**2, "<", SMALLEST, "var of two: half the difference, squared"
        if given.z is not None:
            places = 2 if max(given.plain("z")[t]) > 8 else 4
            e = work.let(f"e_{t}", exp(given.z[t]), rf"\mathbf s_{t}", first=0, places=places,
                         why="exponentials")
            S = work.let(f"sum_{t}", total(e), f"S_{t}", places=places, why="their sum")
            yield t, "S", S, ">", LARGEST, "does $S$ overflow?"
            yield t, "ce", e[given.y] / S, "<", SMALLEST, "does $p$ vanish?"
        if given.w0 is not None and (grows or t == 0):
            penalty = given.lam * (q**t * given.w0 if t else given.w0)**2 / 2
            yield t, "penalty", penalty, ">", LARGEST, "$w$ is $q^tw_0$"
        if given.c is not None:
            yield t, "n", given.r**(t + 1) * length, ">", LARGEST, "multiplied $t+1$ times"


def repair(work, given, name, t):
    """The value after the repair of what failed, its rule, and wrong turns on the way."""
    if name == "xhat":
        gap, epsilon = given.u[t][0] - given.u[t][1], given.epsilon
        return gap / (2 * sqrt(epsilon)), r"var is 0: only $\varepsilon$ is in the root", [
            slip("added epsilon outside the root", r"the root was thought to spare $\varepsilon$",
                 lambda: gap / (2 * epsilon)),
            slip("kept the tiny variance", "every positive number was thought to survive",
                 lambda: gap / (2 * sqrt((gap / 2)**2 + epsilon)))]
    if name == "penalty":
        return 2 / given.lam, r"$|1-\alpha\lambda|<1$ below it", [
            slip("asked for a positive factor", "overshooting was taken for diverging",
                 lambda: 1 / given.lam)]
    if name == "n":
        first, C, length = given.c[0], given.clip, norm(given.c)
        return C * first / length, "scaled down to the length $C$", [
            slip("clipped each entry", "the limit was taken to hold entry by entry",
                 lambda: C * first / absolute(first)),
            slip("divided by the norm", "a clipped vector was taken for a unit vector",
                 lambda: first / length)]
    z = given.z[t]
    top = work.choose("maximum", [option(x.name.tex, x) for x in z], tie="listed",
                      why="the largest logit")[0].score
    shifted = work.let("shifted", exp(stack([x - top for x in z])), r"\mathbf s'", first=0,
                       why="the largest is now 1")
    rest = log(total(shifted))
    slips = [slip("did not add the shift back", "the shift was thought to cancel",
                  lambda: rest if name == "S" else rest - z[given.y]),
             slip("clipped the loss", "a symptom was taken for the cause",
                  lambda: top.constant(LARGEST))]
    if name == "S":
        return top + rest, "the shift is added back", [*slips, slip(
            "kept the maximum only", "the other terms were thought too small to count",
            lambda: 1 * top)]
    return top + rest - z[given.y], "the logarithm of the quotient, never the quotient", [
        *slips, slip("left out the label's logit", "ln S was taken for ce", lambda: top + rest)]


def check(given):
    """Runs the code in full precision, name by name, until a limit is passed"""
    w, c, found = given.get("w0"), given.get("c", [0]), {}
    n = found["length"] = math.hypot(*c)
    for t in range(given["T"]):
        met = []
        if "u" in given:
            a, b = map(Fraction, given["u"][t])
            var, d = (a * a + b * b) / 2 - (a + b)**2 / 4, a - (a + b) / 2
            met = [("xhat", var, var < SMALLEST, d / root(given["epsilon"]))]
        if "z" in given:
            z, own = given["z"][t], given["z"][t][given["y"]]
            S, odds = (math.fsum(math.exp(x - less) for x in z) for less in (0, own))
            met += [("S", S, S > LARGEST, math.log(S)),
                    ("ce", 1 / odds, odds > 2**24, math.log(odds))]
            found |= {f"sum_{t}": S, f"e_{t}": [math.exp(x) for x in z],
                      "shifted": [math.exp(x - max(z)) for x in z],
                      "step maximum": (sorted(z)[-1:], sorted(z)[:-1])}
        if "w0" in given:
            energy, move = Fraction(given["lam"]) * w * w / 2, -given["alpha"] * given["lam"] * w
            met.append(("penalty", energy, energy > LARGEST, w * w / energy))
            found["factor"] = q = 1 + Fraction(move) / w
            found["step grows"] = abs(q), 1, "yes" if q * q > 1 else "no"
            w += move
        if "c" in given:
            n *= given["r"]
            met.append(("n", n, n > LARGEST, given["clip"] * c[0] / found["length"]))
        for name, size, fails, repaired in met:
            bound = SMALLEST if name in ("xhat", "ce") else LARGEST
            found[f"step {name}_{t}"] = size, bound, "yes" if fails else "no"
            if fails:
                return found | dict(first_step=t, first_quantity=name, cause=FAULTS[name][0],
                                    fix=FAULTS[name][1], stable_value=repaired)
    return found


def figures(given, steps):
    names = [name for name in FAULTS if f"{name}_0" in steps]
    said = {"no": "fine", "yes": "not finite"}
    texts = [[said.get(steps.get(f"{name}_{t}"), "") for name in names]
             for t in range(int(steps["first_step"]) + 1)]
    return [Grid([[float(text == "not finite") for text in row] for row in texts], texts,
                 [f"$t={t}$" for t in range(len(texts))], [tok(name) for name in names],
                 caption="The code's values, read line by line.")]
