"""Maximum likelihood derived in symbols, then put to data (Bishop 2006, sections 2.1 to 2.3)."""

import cmath
import math
from collections import Counter
from fractions import Fraction

from penwork.author import (
    Curve, Mark, Plot, Problem, choice, combination, log, scalar, slip, total, vector)

# family: its parameter, and the form of its log-likelihood
FAMILIES = {"bernoulli": ("p", "chances"), "geometric": ("p", "chances"),
            "poisson": ("lambda", "rate"), "exponential": ("lambda", "rate"),
            "gaussian": ("mu", "square")}
# form: log-likelihood, first and second derivative, maximum, by two numbers u and w
FORMS = {"chances": (lambda u, w, t: combination([u, w], [log(t), log(1 - t)]),
             lambda u, w, t: u / t - w / (1 - t), lambda u, w, t: -(u / t**2) - w / (1 - t) ** 2,
             lambda u, w: u / (u + w)),
         "rate": (lambda u, w, t: combination([u, -w], [log(t), t]), lambda u, w, t: u / t - w,
                  lambda u, w, t: -(u / t**2), lambda u, w: u / w),
         "square": (lambda u, w, t: combination([u, -(w / 2)], [t, t**2]),
             lambda u, w, t: combination([u, -w], [1, t]), lambda u, w, t: -w, lambda u, w: u / w)}
problem = Problem(
    title="Maximum likelihood in symbols",
    question="How is a maximum-likelihood estimate derived, and what is it on data?",
    source=["Probability 3"], minutes={1: 6, 2: 8, 3: 11}, draws=2, version=2,
    aids={1: "none", 2: "calculator", 3: "calculator"},
    given=dict(family=choice(options=tuple(FAMILIES)), x=vector(dimension="n", row=True),
        variance=scalar("v", low=0, nonzero=True, default=None), a=scalar(default=None),
        b=scalar(low=0, nonzero=True, default=None)),
    together=["ab"],
    effort={1: (10, 90), 2: (15, 110), 3: (20, 150)}, typical={1: 24, 2: 42, 3: 58})


def sample(draw, level):
    family, n = draw.pick(list(FAMILIES)), draw.integer(3, 5)
    low, high = {"gaussian": (-4, 9), "bernoulli": (0, 1)}.get(family, (1, 9))
    x = [draw.integer(low, high) for _ in range(n)]
    if family == "bernoulli":
        x = draw.shuffle([0, 1, *x, draw.integer(0, 1)])
    if family == "geometric":
        x[0] = draw.integer(2, 9)  # one failure at least, or the estimate is at the edge
    more = {}
    if family == "gaussian":
        more["variance"] = draw.pick([Fraction(1, 4), Fraction(1, 2), 2, 4, 5, 10])
    if level == 3:
        more["a"] = draw.integer(-5, 9) if family == "gaussian" else draw.integer(2, 7)
        more["b"] = draw.pick([1, 2, 4, 5])
    return dict(family=family, x=x, **more)


def refuse_strange(work, given):
    """Samples that the family never gives, or at which its likelihood has no inner maximum."""
    family, x = given.family, given.plain("x")
    lowest, highest = {"bernoulli": (0, 1), "geometric": (1, math.inf)}.get(family, (0, math.inf))
    whole = family in ("bernoulli", "geometric", "poisson")
    for i, k in enumerate(x if family != "gaussian" else []):
        work.refuse(not lowest <= k <= highest or (whole and k.denominator > 1),
                    f"x[{i}] = {k} is no value of this family, {family}")
    work.refuse(family != "gaussian" and sum(x) in (lowest * len(x), highest * len(x)),
                f"x puts the {family} estimate at the edge of its range, where no derivative is 0")
    work.refuse((family == "gaussian") != (given.variance is not None),
                "variance belongs to the family gaussian, which needs it")
    work.refuse(given.a is not None and family != "gaussian" and given.plain("a") <= 0,
                "a must be above 0 for this prior")


def solve(work, given):
    (letter, form), n = FAMILIES[given.family], given.x.width
    tex = letter if letter == "p" else rf"\{letter}"
    likelihood, slope, bend, best = FORMS[form]
    refuse_strange(work, given)
    t, s = work.symbol(letter, tex), work.let("sum", total(given.x), "s", why="add the sample up")
    if form == "chances":
        u, trials = (s, n) if given.family == "bernoulli" else (n, s)
        w = work.let("failures", trials - u, "f", why="trials without success", slips=[
            slip("took all trials for failures", "every trial was thought to bring a factor $1-p$",
                 lambda: trials)])
        wrong = slip("lost the inner derivative", r"$\ln(1-p)$ was differentiated like $\ln p$",
                     lambda: u / t + w / (1 - t))
        odd = slip("divided by the failures", "the odds were taken for the chance", lambda: u / w)
    elif form == "rate":
        u, w = (s, n) if given.family == "poisson" else (n, s)
        wrong = slip("kept the linear term", "only the logarithm was differentiated",
                     lambda: u / t - w * t)
        odd = slip("divided the other way round", "rate and mean were mixed up", lambda: w / u)
    else:
        u = work.let("first", s / given.variance, "u", why=r"what multiplies $\mu$")
        w = work.let("second", n / given.variance, "w", why=r"half of it multiplies $-\mu^2$")
        wrong = slip("halved the linear term", "the 2 of the square was not brought down",
                     lambda: combination([u, -(w / 2)], [1, t]))
        odd = slip("divided by $n-1$", "the divisor of a variance was used", lambda: s / (n - 1))
    noun = "densities" if given.family in ("exponential", "gaussian") else "probabilities"
    whole = work.answer("log_likelihood", likelihood(u, w, t), rf"\ell({tex})",
        why=f"add the logarithms of all {noun}")
    score = work.answer("score", slope(u, w, t), rf"\ell'({tex})", slips=[wrong],
        why="differentiate term by term", derives=(whole, t))
    estimate = work.answer("estimate", best(u, w), rf"\hat {tex}", slips=[odd], style="fraction",
        why="where the derivative is 0")
    work.answer("curvature", bend(u, w, t), rf"\ell''({tex})", derives=(score, t),
        why="differentiate once more", room="expression")
    work.answer("curvature_at", bend(u, w, estimate), rf"\ell''(\hat {tex})",
        why="below 0: a maximum", slips=[
            slip("lost the minus", "a curve was thought to bend upwards at its top",
                 lambda: -bend(u, w, estimate))])
    if given.a is not None:
        a, b = given.a, given.b
        du, dw = {"chances": (a - 1, b - 1), "rate": (a - 1, b)}.get(form) or (a / b, 1 / b)
        first, second = {"chances": (r"\ln p", r"\ln(1-p)"), "rate": (r"\ln\lambda", r"-\lambda")
                         }.get(form) or (r"\mu", r"-\mu^2/2")
        u1 = work.let("first_posterior", u + du, "U",
            why=rf"the prior's logarithm adds to what multiplies ${first}$")
        w1 = work.let("second_posterior", w + dw, "W", why=f"and to what multiplies ${second}$")
        work.answer("posterior_score", slope(u1, w1, t), rf"h'({tex})",
            why=r"as $\ell'$, with new numbers")
        peak = work.answer("map", best(u1, w1), rf"\tilde {tex}", style="fraction",
            why="where that is 0", slips=[
                slip("left out the prior", "the posterior was thought to peak where $\\ell$ does",
                     lambda: best(u, w))])
        work.require(lambda n: n(peak) != n(estimate), "a prior that moves nothing")
    work.insight("The known variance has dropped out: the estimate is the mean.",
                 holds=lambda n: form == "square")
    work.insight("The estimate is one over the mean of the sample.", holds=lambda value: u is n)
    work.insight("The estimate is the mean of the sample.")


def _times(count, value):
    return float(count) * cmath.log(value) if count else 0  # 0 ln 0 = 0


def _model(family, x, v):
    """ln of one observation's chance where it holds the parameter; events and exposure of all."""
    n, amount = len(x), Fraction(sum(x))
    return {  # the model's mean is the sample's where the parameter is events / exposure
        "bernoulli": (lambda k, t: _times(k, t) + _times(1 - k, 1 - t), amount, n),
        "poisson": (lambda k, t: _times(k, t) - t, amount, n),
        "exponential": (lambda k, t: _times(1, t) - t * float(k), n, amount),
        "geometric": (lambda k, t: _times(k - 1, 1 - t) + _times(1, t), n, amount),
        "gaussian": (lambda k, t: (2 * float(k) - t) * t / (2 * float(v)), amount / v, n / v),
    }[family]


def check(given):
    """Derivatives by Cauchy's integral; estimates by matching means, a prior as more data"""
    family, x = given["family"], given["x"]
    bounded, normal = family in ("bernoulli", "geometric"), family == "gaussian"
    each, events, exposure = _model(family, x, Fraction(given.get("variance", 1)))

    def likelihood(t):
        return sum(often * each(k, t) for k, often in Counter(x).items())

    def posterior(t):
        a, b = given["a"], given["b"]
        if normal:
            return likelihood(t) - (t - float(a)) ** 2 / (2 * float(b))
        return likelihood(t) + _times(a - 1, t) + (
            _times(b - 1, 1 - t) if bounded else -float(b) * t)

    def derived(function, order, t):  # on a circle that no singularity comes near
        t = float(t)
        r = (1 + abs(t) if normal else min(t, 1 - t) if bounded else t) / 4
        turns = [cmath.exp(2j * math.pi * k / 16) for k in range(16)]
        around = sum(function(t + r * turn) / turn**order for turn in turns) / 16
        return math.factorial(order) * around.real / r**order

    estimate = Fraction(events) / exposure
    answers = {
        "log_likelihood": lambda t: likelihood(float(t)).real,
        "score": lambda t: derived(likelihood, 1, t), "estimate": estimate,
        "curvature": lambda t: derived(likelihood, 2, t), "sum": sum(x),
        "curvature_at": derived(likelihood, 2, estimate), "first": events, "second": exposure,
        "failures": sum(1 - k if family == "bernoulli" else k - 1 for k in x)}
    if "a" in given:
        a, b = Fraction(given["a"]), Fraction(given["b"])
        events += a / b if normal else a - 1
        exposure += 1 / b if normal else a + b - 2 if bounded else b
        answers |= {"posterior_score": lambda t: derived(posterior, 1, t),
                    "map": Fraction(events) / exposure, "first_posterior": events,
                    "second_posterior": exposure - events if bounded else exposure}
    return answers


def figures(given, steps):
    (letter, form), top = FAMILIES[given["family"]], float(steps["estimate"])
    _, u, w = _model(given["family"], given["x"], Fraction(given["variance"] or 1))
    u, w = float(u), float(w - u if form == "chances" else w)
    height, low, high = {
        "chances": (lambda t: u * math.log(t) + w * math.log(1 - t), top / 4, (3 + top) / 4),
        "rate": (lambda t: u * math.log(t) - w * t, top / 4, 2.5 * top),
        "square": (lambda t: u * t - w * t * t / 2, top - 3 / w**0.5, top + 3 / w**0.5)}[form]
    if not low < top < high:  # at the edge of its range the curve has no top
        return []
    tex = letter if letter == "p" else rf"\{letter}"
    base = min(y for _, y in Curve.of(height, low, high).points)
    return [Plot([Curve.of(lambda t: height(t) - base, low, high)],
                 [Mark(top, height(top) - base, rf"\hat {tex}")], x_label=tex,
                 y_label=rf"\ell({tex})", x_ticks=[(top, str(steps["estimate"]))],
                 caption=rf"$\ell({tex})$, up to a constant.")]
