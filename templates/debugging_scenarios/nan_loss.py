"""Where a loss stops being a number (Goldberg 1991; Micikevicius et al. 2018, section 3)."""

import math
from fractions import Fraction

import numpy as np

from penwork.author import (
    Grid, Problem, absolute, count, exp, frac, log, matrix, mean, norm, option, scalar, show, slip,
    sqrt, stack, tok, total, variance, vector,
)

problem = Problem(
    title="The first number that is not finite",
    question="Why does a loss turn into NaN, and which repair is the right one?",
    source=["Practice 9"],
    minutes={1: 7, 2: 12, 3: 16},
    given=dict(
        T=count("T", low=1, high=32),
        batch=matrix(r"\mathbf u", rows="steps", columns="m", first=0, low=-60000, high=60000,
                     default=None),
        epsilon=scalar(r"\varepsilon", low=Fraction(1, 2**24), high=1, default=None),
        logits=matrix(r"\mathbf z", rows="steps", columns="n", first=0, low=-16, high=40,
                      default=None),
        label=count("y", low=0, default=None),
        w0=scalar("w_0", low=-1000, high=1000, default=None),
        lam=scalar(r"\lambda", low=Fraction(1, 10), high=100, default=None),
        alpha=scalar(low=0, high=1, default=None),
        carry=vector(r"\mathbf c", dimension="k", row=True, default=None),
        r=scalar("r", default=None),
        clip=scalar("C", low=0, nonzero=True, default=None),
    ),
    effort={1: (10, 390), 2: (60, 580), 3: (60, 660)},
    typical={1: 140, 2: 330, 3: 330},
    aids=dict.fromkeys((1, 2, 3), "calculator"),
    exceptions={
        "common": "a log is short: the first bad step is one of a few",
        "told": "the bad step, and often its largest logit, stand in the log",
        "digits": "an exponential that overflows is large",
    },
)

LARGEST, TINY = 65504, Fraction(1, 2**24)
CAUSES = {
    "zero variance": "add epsilon",
    "exp out of range": "shift by the maximum",
    "log of zero": "log-softmax in one step",
    "rate too high": "smaller rate",
    "exploding gradient": "clip the norm",
}
REASONS = ("the variance below became 0", "$e^z$ leaves the range", r"$p$ became 0, $\ln p$ $-$inf",
           r"every step takes $w$ times $1-\alpha\lambda$", "every step multiplies by $r$")
LINES = dict(batch=("d", "xhat"), logits=("e", "S", "p", "ce"), w0=("loss", "g", "w"),
             carry=("carry",))


def overflow(w0, lam, alpha):
    """The steps at which the loss and the gradient overflow (9: later than that)."""
    losses = [lam * (w0 * (1 - alpha * lam) ** t) ** 2 / 2 for t in range(9)]
    return [next((t for t, loss in enumerate(losses) if loss > most), 9)
            for most in (LARGEST, Fraction(LARGEST**2, 2 * lam))]


def diverges(w0, lam, alpha):
    """Whether the loss overflows at step 1 to 4, and the weight soon after."""
    first, late = overflow(w0, lam, alpha)
    return alpha * lam > 3 and 1 <= first <= 4 and late <= 5


GRID = [(w0, lam, Fraction(1, a)) for w0 in (1, 2, 3, 4, 5, 6)
        for lam in (4, 6, 8, 10, 12, 16, 20, 24, 30) for a in (1, 2, 4, 5)]
WILD = [case for case in GRID if diverges(*case)]
TAME = [case for case in GRID if case[2] * case[1] < 2 and case[2] * case[1] != 1]
ROWS = [(3, 4), (4, 3), (6, 8), (8, 6), (5, 12), (12, 5), (2, 1, 2), (1, 2, 2), (2, 3, 6)]


def sample(draw, level):
    blocks = {1: draw.pick([["batch"], ["logits"], ["logits"], ["w0"], ["carry"]]),
              2: draw.pick([["batch", "logits"], ["logits", "w0"]]),
              3: ["batch", "logits", "w0"]}[level]
    culprit = draw.pick(blocks)
    if culprit == "carry":
        r = draw.integer(5, 20) * draw.pick([1, -1])
        row = [x * draw.pick([1, -1]) for x in draw.pick(ROWS)]
        first = next(t for t in range(9) if max(map(abs, row)) * abs(r) ** (t + 1) > LARGEST)
        return dict(T=first + 2, carry=row, r=r, clip=draw.pick([1, 2, 5, 10]))
    wild, fails = draw.pick(WILD), draw.integer(1, 3)
    T = 3 + overflow(*wild)[1] if culprit == "w0" else 4  # two steps later nan is printed
    given = dict(T=T)
    if "batch" in blocks:
        given |= dict(batch=[batch(draw) for _ in range(T)],
                      epsilon=Fraction(1, draw.pick([10**4, 10**6])))
        if culprit == "batch":
            given["batch"][fails] = flat(draw)
    if "logits" in blocks:
        n = draw.integer(2, 3)
        given |= dict(logits=[draw.vector(-2, 6, n) for _ in range(T)],
                      label=draw.integer(0, n - 1))
        if culprit == "logits":
            given["logits"][fails] = broken(draw, n, given["label"])
    if "w0" in blocks:
        given |= dict(zip(("w0", "lam", "alpha"), wild if culprit == "w0" else draw.pick(TAME)))
    return given


def batch(draw):
    first = draw.integer(-4, 6)
    return [first, first + draw.nonzero(-3, 3), draw.integer(-4, 6)]


def flat(draw):
    """Nearly equal values: their variance is below what half precision can hold."""
    centre, unit = draw.integer(-4, 6), draw.pick([1, -1])
    moves = draw.pick([(1, -1, 0), (1, 0, -1), (2, -1, -1), (1, 1, -2), (1, -2, 1)])
    return [centre + Fraction(unit * move, 10**4) for move in moves]


def broken(draw, n, label):
    """Logits of which an exponential, their sum, or a probability leaves the range."""
    kind = draw.pick(["e", "S", "ce", "ce"] if n > 2 else ["e", "S"])
    if kind == "S":
        return draw.shuffle([11, draw.pick([10, 11]), *[draw.integer(4, 9) for _ in range(n - 2)]])
    top = draw.integer(12, 15) if kind == "e" else draw.integer(6, 9)
    row = draw.shuffle([top, *[top - draw.integer(1, 4) for _ in range(n - 1)]])
    if kind == "ce":
        row[label] = top - draw.integer(19, 22)
        row[label - 1] = top
    return row


def solve(work, given):
    needed = dict(batch="epsilon", w0="lam", lam="alpha", carry="clip", clip="r")
    for block, needs in needed.items():
        if given[block] is not None and given[needs] is None:
            raise ArithmeticError(f"{block} needs {needs}")
    grows = given.w0 is not None and work.compare(
        "grows", absolute(1 - given.alpha * given.lam), ">", 1, why="does every step enlarge $w$?")
    if any(rows is not None and len(rows) < given.T for rows in (given.batch, given.logits)):
        raise ArithmeticError("T is more than the steps in batch or logits")
    top = [] if given.carry is None else work.choose(
        "largest", [option(rf"|{c.name.tex}|", absolute(c)) for c in given.carry], tie="listed",
        why="the entry to watch")
    found, t = None, -1
    while not found:
        t += 1
        if t == given.T:
            raise ArithmeticError("every number is finite in these steps (T)")
        found = carried(work, given, t, top) if top else examine(work, given, t, grows)
    quantity, cause = found
    names = [name for block, names in LINES.items() if given[block] is not None for name in names]
    work.answer("first_step", t, label="t")
    work.answer("first_quantity", quantity, label="quantity", options=names)
    why = dict(zip(CAUSES, REASONS))[cause]
    work.answer("cause", cause, label="cause", options=tuple(CAUSES), why=why)
    work.answer("fix", CAUSES[cause], label="fix", options=(*CAUSES.values(), "clip the loss"))
    REPAIRS[cause](work, given, t)
    for of, text in (
            ("exp out of range", "The half-precision limit is near: $e^{11.1}$ is beyond it."),
            ("log of zero", "Shifting all logits changes no probability, only their range."),
            ("rate too high", "The loss is inf for two steps or more before it is nan."),
            ("zero variance", "Values that nearly agree have a variance that vanishes."),
            ("exploding gradient", "A clipped norm keeps the direction, clipped entries turn it.")):
        work.insight(text, holds=lambda n, of=of: cause == of)


def examine(work, given, t, grows):
    """The lines of step t in their order: (quantity, cause) of the first that fails."""
    if given.batch is not None and vanishes(work, given.batch[t], t):
        return "xhat", "zero variance"
    if given.logits is not None:
        e = work.let(f"e_{t}", exp(given.logits[t]), rf"\mathbf e_{t}", first=0, why="exponentials")
        if work.compare(f"sum_{t}", total(e), ">", LARGEST, why="does $S$ overflow?") == "yes":
            for j in range(len(e)):
                if work.compare(f"e_{t}_{j}", e[j], ">", LARGEST, why="does a term?", slips=[
                        slip("blamed the exponentials", "a sum was taken to fail only with a term",
                             lambda j=j: (e[j], ">", 0))]) == "yes":
                    return "e", "exp out of range"
            return "S", "exp out of range"
        p = e[given.label or 0] / total(e)
        if work.compare(f"underflow_{t}", p, "<", TINY, why="does $p$ vanish?") == "yes":
            return "ce", "log of zero"
    if grows == "yes" or (grows and not t):  # else the loss of step 0 is the largest
        return overflows(work, given, t)
    return None


def vanishes(work, u, t):
    if len(u) > 1 and work.compare(f"apart_{t}", absolute(u[0] - u[1]), ">", frac(1, 100),
                                   why="0.01 apart, the variance is far above 0") == "yes":
        return False
    centre = work.let(f"mean_{t}", mean(u), rf"\bar u_{t}")
    return work.compare(f"flat_{t}", variance(u, centre), "<", TINY,
                        why=r"below $2^{-24}$ it becomes 0") == "yes"


def overflows(work, given, t):
    """Whether the loss does; its cross-entropy, at most 24 ln 2 while p is kept, cannot matter."""
    w, lam, factor = given.w0, given.lam, 1 - given.alpha * given.lam
    if t:
        w = work.let(f"w_{t}", factor**t * w, f"w_{t}", why=r"$1-\alpha\lambda$ in every step")
    why = f"does the loss{'' if given.logits is None else ', ce aside,'} overflow?"
    return work.compare(f"loss_{t}", lam * w**2 / 2, ">", LARGEST, why=why, slips=[
        slip("waited for nan", "inf was taken for a number",
             lambda: (absolute(lam * factor ** max(t - 2, 0) * given.w0), ">", LARGEST))
    ]) == "yes" and ("loss", "rate too high")


def carried(work, given, t, top):
    grown = absolute(given.r) ** (t + 1) * top[0].score
    over = work.compare(f"carry_{t}", grown, ">", LARGEST, why="its largest entry, after step $t$")
    return ("carry", "exploding gradient") if over == "yes" else None


def hand_in(work, value, why, slips=()):
    cut = slip("clipped the loss", "a symptom was taken for the cause", lambda: 0 * value + LARGEST)
    work.answer("stable_value", work.let("stable_value", value, "v", why=why, slips=[*slips, cut]))


def normalise(work, given, t):
    u, epsilon = given.batch[t], given.epsilon
    d = work.let("deviation", u[0] - mean(u), "d_0", why="from the mean")
    hand_in(work, d / sqrt(epsilon), r"a variance of 0 leaves $\varepsilon$ in the root", [
        slip("added epsilon outside the root", r"the root was thought to spare $\varepsilon$",
             lambda: d / epsilon),
        slip("kept the tiny variance", "every positive number was thought to survive",
             lambda: d / sqrt(variance(u, mean(u)) + epsilon))])


def shifted(work, given, t):
    """The log-sum-exp by way of the maximum: the maximum, and what is added to it."""
    z = list(given.logits[t])
    m = work.choose("maximum", [option(x.name.tex, x) for x in z], tie="listed",
                    why="the largest logit")[0].score
    r = work.let("shifted", exp(stack([x - m for x in z])), r"\mathbf r", first=0,
                 why="the largest is now 1")
    return m, log(total(r))


def shift(work, given, t):
    m, rest = shifted(work, given, t)
    hand_in(work, m + rest, "the shift is added back", [
        slip("kept the maximum only", "the other terms were thought too small to count", lambda: m),
        slip("did not add the shift back", "the shift was thought to cancel", lambda: rest)])


def join(work, given, t):
    m, rest = shifted(work, given, t)
    own = given.logits[t, given.label or 0]
    hand_in(work, m + rest - own, "the logarithm of the quotient, never the quotient", [
        slip("did not add the shift back", "the shift was thought to cancel", lambda: rest - own),
        slip("left out the label's logit", "ln S was taken for the loss", lambda: m + rest)])


def bound(work, given, t):
    hand_in(work, 2 / given.lam, r"$|1-\alpha\lambda|<1$ below it", [
        slip("asked for a positive factor", "overshooting was taken for diverging",
             lambda: 1 / given.lam)])


def clipped(work, given, t):
    c, C = given.carry, given.clip
    length = work.let("length", norm(c), r"\ell", why="the direction stays")
    turned = work.compare("turned", given.r, "<", 0, why="does every step turn the sign?") == "yes"
    sign = -1 if turned and t % 2 == 0 else 1
    hand_in(work, sign * C * c[0] / length, "scaled down to the length $C$", [
        slip("clipped each entry", "the limit was taken to hold entry by entry",
             lambda: sign * C * c[0] / absolute(c[0])),
        slip("let the sign stand", "the sign was taken to stay", lambda: C * c[0] / length)])


REPAIRS = dict(zip(CAUSES, (normalise, shift, join, bound, clipped)))
_LOW, _HIGH, _LARGEST = -24 * math.log(2), math.log(65504), 65504


def _lse(z, floor):
    return np.logaddexp.reduce([float(v) for v in z if v >= floor]).item()


def _over_root(value, square):
    root = Fraction(math.isqrt(square.numerator), math.isqrt(square.denominator))
    return value / root if root * root == square else value / math.sqrt(square)


def _suspects(given, t):
    """Per quantity of step t, in the order of the code: fails?, cause, repaired value."""
    ce = 0
    if "batch" in given:  # the variance from all pairs, without the mean
        u = given["batch"][t]
        variance = Fraction(sum((a - b) ** 2 for a in u for b in u)) / (2 * len(u) ** 2)
        offset = Fraction(sum(u[0] - v for v in u)) / len(u)
        healthy = _over_root(offset, Fraction(given["epsilon"]))
        yield "xhat", variance * 2**24 < 1, "zero variance", healthy
    if "logits" in given:
        z, own = given["logits"][t], given["logits"][t][given.get("label", 0)]
        total, stable = (_lse(z, floor) if max(z) >= floor else 0
                         for floor in (_LOW, max(z) + _LOW))
        yield "e", max(z) > _HIGH, "exp out of range", stable
        yield "S", total > _HIGH, "exp out of range", stable
        yield "p", max(z) < _LOW, "exp out of range", stable
        yield "ce", min(own, own - total) < _LOW, "log of zero", stable - own
        ce = total - own
    if "w0" in given:  # the curvature from a second difference, the weight in closed form
        energy = [Fraction(given["lam"] * w * w) / 2 for w in (-1, 0, 1)]
        bend = energy[0] - 2 * energy[1] + energy[2]
        now, later = (given["w0"] * (1 - given["alpha"] * bend) ** k for k in (t, t + 1))
        yield "loss", ce + bend * now * now / 2 > _LARGEST, "rate too high", 2 / bend
        yield "g", abs(bend * now) > _LARGEST, "rate too high", 2 / bend
        yield "w", abs(later) > _LARGEST, "rate too high", 2 / bend
    if "carry" in given:
        turn = -1 if given["r"] < 0 and t % 2 == 0 else 1
        first = turn * given["clip"] * given["carry"][0]
        healthy = _over_root(first, Fraction(sum(v * v for v in given["carry"])))
        size = max(abs(v) for v in given["carry"]) * abs(given["r"]) ** (t + 1)
        yield "carry", size > _LARGEST, "exploding gradient", healthy


def check(given):
    """Closed forms against the logarithms of both limits, with no run of the code"""
    table = ((t, *row) for t in range(given["T"]) for row in _suspects(given, t))
    step, name, _, cause, value = next(row for row in table if row[2])
    answers = {"first_step": step, "first_quantity": name, "cause": cause, "fix": CAUSES[cause]}
    word = ("no", "yes")
    if "w0" in given:
        factor = 1 - given["alpha"] * given["lam"]
        answers["step grows"] = (abs(factor), 1, word[abs(factor) > 1])
    for t in range(step + 1):  # the working of each step, and what it decides
        if "w0" in given:
            answers[f"w_{t}"] = given["w0"] * factor**t
            loss = Fraction(given["lam"] * answers[f"w_{t}"] ** 2) / 2
        if "logits" in given:
            z, ranked = given["logits"][t], sorted(given["logits"][t])
            lse, own = _lse(z, _LOW), z[given.get("label", 0)]
            p = math.exp(own - lse)
            answers[f"e_{t}"] = [math.exp(v) for v in z]
            answers["shifted"] = [math.exp(v - max(z)) for v in z]
            answers[f"step sum_{t}"] = (math.exp(lse), 65504, word[lse > _HIGH])
            answers[f"step underflow_{t}"] = (p, Fraction(1, 2**24), word[own - lse < _LOW])
            answers["step maximum"] = (ranked[-1:], ranked[:-1])
            for j, v in enumerate(z):
                answers[f"step e_{t}_{j}"] = (math.exp(v), 65504, word[v > _HIGH])
        if "batch" in given:
            u = given["batch"][t]
            answers[f"mean_{t}"] = Fraction(sum(u)) / len(u)
            answers["deviation"] = u[0] - answers[f"mean_{t}"]
            apart, flat = abs(u[0] - u[1 % len(u)]), Fraction(sum(v * v for v in u)) / len(u)
            flat -= answers[f"mean_{t}"] ** 2
            answers[f"step apart_{t}"] = (apart, Fraction(1, 100), word[100 * apart > 1])
            answers[f"step flat_{t}"] = (flat, Fraction(1, 2**24), word[2**24 * flat < 1])
        if "w0" in given:
            answers[f"step loss_{t}"] = (loss, 65504, word[loss > _LARGEST])
        if "carry" in given:
            sizes = sorted(map(abs, given["carry"]))
            grown = sizes[-1] * abs(given["r"]) ** (t + 1)
            answers["step largest"] = (sizes[-1:], sizes[:-1])
            answers[f"step carry_{t}"] = (grown, 65504, word[grown > _LARGEST])
    if "carry" in given:
        answers["length"] = math.hypot(*given["carry"])
        answers["step turned"] = (given["r"], 0, word[given["r"] < 0])
    return answers | {"stable_value": value}


def half(x):
    """Floats as half precision keeps them here: inf above 65504, 0 below 2^-24."""
    kept = np.where(np.abs(x) < float(TINY), 0.0, x)
    return np.where(np.abs(x) > LARGEST, np.copysign(np.inf, x), kept)


def run(given):
    """What the loop logs, step by step."""
    w, lam, alpha, r = (float(given[name] or 0) for name in ("w0", "lam", "alpha", "r"))
    carry = np.array(given["carry"] or [0], float)
    for t in range(given["T"]):
        x = ce = 0.0
        if given["batch"]:
            d = np.array(given["batch"][t], float)
            d -= d.mean()
            x = d[0] / np.sqrt(half((d * d).mean()))
        if given["logits"]:
            e = half(np.exp(np.array(given["logits"][t], float)))
            ce = half(-np.log(half(e[given["label"] or 0] / half(e.sum())))) + 0 * x
        carry = half(r * carry)
        other = carry[0] if given["carry"] else half(x)
        yield float(half(ce + 0.5 * lam * w * w) if given["logits"] or given["w0"] else other)
        w = half(w - alpha * half(lam * w))


def figures(given, steps):
    logged = "carry" if given["carry"] else "loss" if given["logits"] or given["w0"] else "xhat"

    def said(x):
        if not math.isfinite(x):
            return "nan" if math.isnan(x) else "inf" if x > 0 else "$-$inf"
        return show(Fraction(str(round(x, 4))), 4)
    with np.errstate(all="ignore"):
        values = list(run(given))
    return [Grid([[0.0 if math.isfinite(x) else 0.2 for x in values]], [[said(x) for x in values]],
                 [tok(logged)], [f"$t={t}$" for t in range(len(values))], caption="The log",
                 where="statement")]
