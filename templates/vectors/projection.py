"""Projections on a line and on a plane (Strang 2016, section 4.2; Gram-Schmidt, section 4.4)."""

import math
from fractions import Fraction
from functools import partial

from penwork.author import Arrow, Arrows, Problem, norm, slip, vector
from penwork.checking import root

problem = Problem(
    title="Projection and rejection",
    question="How much of one vector lies along another, and what is left over?",
    source=["Vector 3"], draws=2, version=2, minutes={1: 5, 2: 6, 3: 10},
    given=dict(a=vector(dimension="n"), b=vector(dimension="n"),
        c=vector(dimension="n", default=None)),
    effort={1: (8, 60), 2: (10, 60), 3: (15, 80)}, typical={1: 27, 2: 36, 3: 54},
    aids={1: "none", 2: "strip", 3: "strip"},
    exceptions={"common": "the dot products that check a rejection are 0",
        "told": "small whole numbers meet by chance, and so does the 0 of a check"})

WHOLE = [(3, 4), (6, 8), (1, 2, 2), (2, 4, 4)]
ROOTS = [(1, 1), (1, 2), (1, 3), (2, 2), (1, 1, 1), (1, 1, 2)]
SQUARE = [((1, 2, 2), (2, 1, -2), (2, -2, 1)), ((1, 1, 1), (1, -1, 0), (1, 1, -2)),
          ((1, 2, 0), (2, -1, 1), (2, -1, -5)), ((1, 0, 2), (2, 1, -1), (-2, 5, 1))]
SHARES = [-3, -2, 2, 3]


def times(v, w):
    return sum(x * y for x, y in zip(v, w))


def sample(draw, level):
    if level == 3:  # c leans on b; a has whole shares of b, of c's upright part, of the normal
        b, upright, normal = draw.shuffle(draw.pick(SQUARE))
        if times(normal, normal) > 10:  # the strip's roots end there
            upright, normal = normal, upright
        shares = [draw.pick(SHARES), draw.pick(SHARES), draw.pick([-2, -1, 1, 2])]
        lean, sign = draw.pick(SHARES), draw.pick([-1, 1])
        a = [times(shares, entries) for entries in zip(b, upright, normal)]
        order = draw.shuffle(range(3))
        vectors = dict(a=a, b=b, c=[sign * q + lean * v for q, v in zip(upright, b)])
        return {name: [v[i] for i in order] for name, v in vectors.items()}
    b = [draw.pick([-1, 1]) * size for size in draw.shuffle(draw.pick([WHOLE, ROOTS][level - 1]))]
    a = draw.vector(-10, 12, len(b) - 1)
    last = [v for v in range(-10, 13)  # at level 1, the component is whole
            if level == 2 or times([*a, v], b) % math.isqrt(times(b, b)) == 0]
    return dict(a=[*a, draw.pick(last)], b=b)


def solve(work, given):
    a, b, c = given.a, given.b, given.c
    on, other = given.plain("b"), given.plain("c")
    work.refuse(not any(on), "b is 0, and nothing can be projected on it")
    work.refuse(other and times(on, other)**2 == times(on, on) * times(other, other),
                "c lies along b, so that they span no plane")
    work.require(lambda n: 0 < times(n(a), n(b)) ** 2 < times(n(a), n(a)) * times(n(b), n(b)),
                 "parallel, or at right angles")

    def let(name, value, tex, why, *slips, verb=work.let):
        return verb(name, value, tex, why=why, slips=slips, style="fraction")

    answer = partial(let, verb=work.answer)

    if c is not None:
        k = let("coefficient_c", c @ b / norm(b) ** 2, "k",
                r"how far $\mathbf c$ leans on $\mathbf b$")
        q = answer("upright", c - k * b, r"\mathbf q", r"the rejection of $\mathbf c$")
    dot = let("dot", a @ b, r"\mathbf a^\top\,\mathbf b", "entry by entry, added up")
    answer("component", dot / norm(b), "s", "the dot product with a unit vector",
           slip("left out the length", "the direction was taken for a unit vector", lambda: dot),
           slip(r"divided by the length of $\mathbf a$", "the shadow was cast the other way",
                lambda: dot / norm(a)))
    t = let("coefficient", dot / norm(b) ** 2, "t", r"the component, in lengths of $\mathbf b$",
            slip("divided by the length once", "one length was thought to be enough",
                 lambda: dot / norm(b)))
    p = answer("projection", t * b, r"\mathbf p", r"so many times $\mathbf b$",
            slip(r"projected $\mathbf b$ on $\mathbf a$", "a projection was thought to be mutual",
                 lambda: dot / norm(a) ** 2 * a))
    foot = p
    if c is not None:
        u = let("coefficient_q", a @ q / norm(q) ** 2, "u",
                r"$\mathbf a$ in lengths of $\mathbf q$",
                slip(r"divided by the squared length of $\mathbf c$",
                     "the upright part was thought as long as the whole",
                     lambda: a @ q / norm(c) ** 2))
        foot = answer("plane_projection", p + u * q, r"\mathbf m", "orthogonal parts may be added",
                      slip(r"added the projections on $\mathbf b$ and $\mathbf c$",
                           "the two were taken for orthogonal",
                           lambda: p + a @ c / norm(c) ** 2 * c))
    r = answer("rejection", a - foot, r"\mathbf r", "what the projection leaves over",
            slip("subtracted the other way round", "the sign was thought not to matter",
                 lambda: foot - a))
    work.answer("checks",
        [let(f"check_{name}", given[name] @ r, rf"\mathbf {name}^\top\,\mathbf r",
             "a right angle") for name in ("b", "c") if given[name] is not None])
    answer("distance", norm(r), "d", "the length of what is left")
    work.insight(r"Only orthogonal parts may be added, and $\mathbf c$ leaned on $\mathbf b$.",
                 holds=lambda n: c is not None)
    work.insight(r"$\mathbf p$ points against $\mathbf b$: their dot product is negative.",
                 holds=lambda n: n(dot) < 0)
    work.insight(r"The shadow is longer than $\mathbf b$ itself: $t$ = << t|n >> is above 1.",
                 holds=lambda n: n(t) > 1, t=t)
    work.insight(r"Of all multiples of $\mathbf b$, $\mathbf p$ comes nearest to $\mathbf a$.")


def _square(v):
    return sum(Fraction(e) ** 2 for e in v)


def _along(start, v, t):
    return [e + t * step for e, step in zip(start, v)]


def _dot(v, w):
    """Half of how much |v + w|^2 exceeds |v|^2 + |w|^2."""
    return (_square(_along(v, w, 1)) - _square(v) - _square(w)) / 2


def _nearest(a, b):
    """The t at which |a - t b|^2, a parabola in t, is lowest: its vertex from three values."""
    back, here, on = (_square(_along(a, b, -t)) for t in (-1, 0, 1))
    return (back - on) / (2 * (back + on - 2 * here))


def check(given):
    """Nearest points as lowest points of parabolas; the plane by Cramer's rule"""
    a, b, c = given["a"], given["b"], given.get("c")
    t = _nearest(a, b)
    projection = [t * e for e in b]
    component = (1 if t > 0 else -1) * root(_square(projection))
    foot, answers = projection, {}
    if c:
        bb, cc, bc, ab, ac = (_dot(*pair) for pair in ((b, b), (c, c), (b, c), (a, b), (a, c)))
        area = bb * cc - bc * bc
        along_b, along_c = (ab * cc - ac * bc) / area, (ac * bb - ab * bc) / area
        foot = _along([along_b * e for e in b], c, along_c)
        sideways = _nearest(c, b)
        answers = {"coefficient_c": sideways, "upright": _along(c, b, -sideways),
                   "coefficient_q": along_c, "plane_projection": foot}
    rejection = _along(a, foot, -1)
    checks = [_dot(rejection, v) for v in ((b, c) if c else (b,))]
    return answers | dict(zip(("check_b", "check_c"), checks)) | {
        "dot": _dot(a, b), "coefficient": t, "component": component, "projection": projection,
        "rejection": rejection, "checks": checks,
        "distance": root(_square(a) - _square(foot))}


def figures(given, steps):
    """The first projection; of three dimensions, the plane where it happens."""
    plane = given["c"] is not None
    t = float(steps["coefficient_c" if plane else "coefficient"])
    b, a = ([float(x) for x in given[name]] for name in ("b", "c" if plane else "a"))
    p = [t * x for x in b]
    r = [x - y for x, y in zip(a, p)]

    def on(v):
        return tuple(v) if len(b) == 2 else (times(v, b) / math.hypot(*b),
                                             times(v, r) / (math.hypot(*r) or 1))

    whole, part, rest = (r"\mathbf c", r"k\,\mathbf b", r"\mathbf q") if plane else (
        r"\mathbf a", r"\mathbf p", r"\mathbf a-\mathbf p")
    return [Arrows([Arrow(on(b), r"\mathbf b"), Arrow(on(a), whole),
                    Arrow(on(p), part, strong=True), Arrow(on(a), rest, on(p), dashed=True)],
                   right_angles=[(on(p), on(a), (0.0, 0.0))],
                   axes=("x_1", "x_2") if len(b) == 2 else ())]
