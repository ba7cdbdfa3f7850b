"""Bayes' rule for a test that errs (natural frequencies: Gigerenzer and Hoffrage 1995)."""

from fractions import Fraction
from itertools import product
from math import gcd

from penwork.author import Node, Problem, Tree, scalar, show, slip

problem = Problem(
    title="What a positive test says",
    question="How do base rate, sensitivity and false-positive rate make a posterior?",
    source=["Probability 2"], minutes={1: 5, 2: 8, 3: 10},
    given=dict(prior=scalar("P(D)", low=0, high=1),
        sensitivity=scalar(r"P(+\mid D)", low=0, high=1),
        false_positive=scalar(r"P(+\mid\bar D)", low=0, high=1),
        population=scalar("N", integer=True, low=1, default=None),
        goal=scalar("g", low=0, high=1, default=None)),
    exceptions={"common": "the number of tests in a row is a small whole number"},
    draws=2, version=2, effort={1: (20, 90), 2: (30, 130), 3: (30, 150)},
    typical={1: 43, 2: 74, 3: 70})

MOST_TESTS = 20
PRIORS = [2, 4, 5, 10, 20, 25, 30, 40, 50, 60, 70, 80, 90, 100, 120, 150, 160, 200, 240, 250, 300]
SENSITIVITIES = [60, 64, 65, 68, 70, 72, 75, 76, 78, 80, 84, 85, 88, 90, 92, 95, 96, 98, 99]
RATES = [1, 2, 3, 4, 5, 6, 8, 10, 12, 14, 15, 16, 18, 20, 24, 25, 30]
GOALS = [Fraction(n, 100) for n in (50, 60, 75, 80, 90, 95, 98, 99)]
POPULATIONS = [100, 200, 400, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000]


def flagged(prior, s, f, tests=1):
    """The posterior after so many positive tests, of a prior in 1000ths and rates in 100ths."""
    return Fraction(prior * s**tests, prior * s**tests + (1000 - prior) * f**tests)


def limit(prior, s, goal):
    """The false-positive rate with which one flag reaches the goal."""
    return Fraction(prior * s, (1000 - prior) * 100) * (1 / goal - 1)


def is_tidy(prior, s, f, tests):
    right, wrong = prior * s**tests, (1000 - prior) * f**tests
    return (right + wrong) // gcd(right, wrong) < 100


ONCE = [three for three in product(PRIORS, SENSITIVITIES, RATES) if is_tidy(*three, 1)]
TIDY = {1: ONCE, 2: [three for three in ONCE if three[0] % 10 == 0 and is_tidy(*three, 2)]}
SHORT = [((prior, s, f), goal) for prior, s, f in ONCE
         if prior % 10 == 0 and 0 in (2 * s % f, 3 * s % f)
         for goal in GOALS if 100 * goal != s and limit(prior, s, goal).denominator < 100]
REACHED = {n: [(three, goal) for three, goal in SHORT
               if flagged(*three, n - 1) < goal <= flagged(*three, n)] for n in (2, 3, 4)}


def sample(draw, level):
    three, goal = (draw.pick(REACHED[draw.pick([2, 2, 2, 3, 3, 4])]) if level == 3
                   else (draw.pick(TIDY[level]), None))
    given = dict(prior=Fraction(three[0], 1000), sensitivity=Fraction(three[1], 100),
                 false_positive=Fraction(three[2], 100))
    if level == 3:
        return given | dict(goal=goal)
    prior, s, f = given.values()
    whole = [N for N in POPULATIONS if (N * prior).denominator == 1
             and (N * prior * s).denominator == 1 == (N * (1 - prior) * f).denominator]
    return given | dict(population=draw.pick(whole[:3]))


def solve(work, given):
    prior, s, f, N = given.prior, given.sensitivity, given.false_positive, given.population
    none_flagged = not (given.plain("prior") * given.plain("sensitivity")
                        + (1 - given.plain("prior")) * given.plain("false_positive"))
    work.refuse(none_flagged, "with this prior, sensitivity and false_positive no test is positive")
    if N is not None:
        cases = work.let("cases", prior * N, "n_D", why="the share of the base rate")
        work.answer("true_positives", s * cases, r"n_{D,+}",
            why="so many of them are flagged", slips=[
                slip("took the sensitivity as a share of all",
                     "the test was thought to meet cases only", lambda: s * N)])
        others = work.let("others", N - cases, r"n_{\bar D}", why="the rest")
        work.answer("false_positives", f * others, r"n_{\bar D,+}", slips=[
            slip("took the false-positive rate as a share of all",
                 "everyone was thought to be without it", lambda: f * N)],
            why="so many of them are flagged all the same")
    joint = work.let("joint", s * prior, r"P(D,+)", places=8,
        why=r"$P(+\mid D)\,P(D) = P(D\mid +)\,P(+)$")
    wrong = work.let("joint_false", f * (1 - prior), r"P(\bar D,+)", places=8,
        why="flagged without $D$")
    evidence = work.let("evidence", joint + wrong, "P(+)", places=8,
        why="right and wrong flags", slips=[
            slip("left out the share without $D$", "the false-positive rate was taken of all",
                 lambda: joint + f)])
    work.answer("joint", joint)
    work.answer("evidence", evidence)
    posterior = work.answer("posterior", joint / evidence, r"P(D\mid +)", style="fraction",
        why="the flagged are the new whole", slips=[
            slip("ignored the base rate", "both groups were thought to be equally large",
                 lambda: s / (s + f)),
            slip("swapped the conditionals", r"$P(D\mid +)$ was taken for $P(+\mid D)$", lambda: s),
            slip("took the joint for the posterior", "the condition was forgotten", lambda: joint)])
    right, wrong = (work.let("joint_twice", s * joint, "P(D,+,+)", places=8, why="flagged again"),
        work.let("joint_false_twice", f * wrong, r"P(\bar D,+,+)", places=8, slips=[
                slip("took the false-positive rate of all", "everyone was thought to be without it",
                     lambda: f * evidence)]))
    work.answer("posterior_twice", right / (right + wrong), r"P(D\mid +,+)", style="fraction",
        why="those flagged twice are the new whole", slips=[
            slip("squared the posterior", "posteriors were thought to multiply like chances",
                 lambda: posterior**2)])
    if given.goal is not None:
        several(work, given)
    work.insight("Most flags are wrong, though the test finds << s|n >> of the cases.",
                 holds=lambda n: 2 * n(posterior) < 1 < 2 * n(s), s=s)
    work.insight("One flag lifts << a|eq >> to << b|eq >>.",
                 holds=lambda n: n(posterior) > n(prior), a=prior, b=posterior)


def several(work, given):
    """How many positive tests reach the goal, and with which false-positive rate one would."""
    prior, s, f, goal = given.prior, given.sensitivity, given.false_positive, given.goal
    work.refuse(not 0 < given.plain("prior") < given.plain("goal") < 1,
                "goal must lie between prior and 1, and prior above 0")
    work.refuse(not given.plain("false_positive"),
                "with false_positive 0 one flag reaches any goal")
    odds = work.let("odds_0", prior / (1 - prior), "o", style="fraction", why="as odds")
    ratio = work.let("ratio", s / f, "r", style="fraction", why="every flag multiplies the odds")
    wanted = work.let("goal_odds", goal / (1 - goal), "o_g", style="fraction", why="so the goal")
    for n in range(1, MOST_TESTS + 1):
        if work.compare(f"enough_{n}", ratio**n * odds, ">=", wanted, why="flag by flag", slips=[
            slip("compared the odds with the probability", "odds were read as a probability",
                 lambda n=n: (ratio**n * odds, ">=", goal))]) == "yes":
            break
    else:
        raise ArithmeticError(f"{MOST_TESTS} positive tests don't reach this goal")
    work.require(lambda _: n > 1, "one flag is enough")
    work.answer("tests_needed", n, label="n")
    work.answer("false_positive_limit", s * odds / wanted, r"f_{\max}", style="fraction",
        why="one flag must lift $o$ to $o_g$", slips=[
            slip("took 1 minus the goal", "the goal was taken for the share not flagged",
                 lambda: 1 - goal),
            slip("left out the prior", "both groups were thought to be equally large",
                 lambda: s / wanted)], places=3)


def check(given):
    """Counting the cases of a population, test after test"""
    s, f = Fraction(given["sensitivity"]), Fraction(given["false_positive"])
    everyone = given.get("population", 10000)
    cases = everyone * Fraction(given["prior"])
    others = everyone - cases
    counts = [(cases, others), (cases * s, others * f)]  # who is still flagged, after 0, 1, ...
    counts.append((counts[1][0] * s, counts[1][1] * f))
    (true, false), twice = counts[1], counts[2]
    answers = {
        "cases": cases, "others": others, "true_positives": true, "false_positives": false,
        "joint": true / everyone, "joint_false": false / everyone,
        "evidence": (true + false) / everyone, "posterior": true / (true + false),
        "joint_twice": twice[0] / everyone, "joint_false_twice": twice[1] / everyone,
        "posterior_twice": twice[0] / sum(twice),
    }
    if "goal" in given:
        goal, n = Fraction(given["goal"]), 0
        goal_odds = 1 / (1 / goal - 1)
        answers |= {"odds_0": cases / others, "goal_odds": goal_odds,
                    "ratio": (true / false) / (cases / others)}
        sick, healthy = counts[0]
        while n == 0 or sick < goal * (sick + healthy):
            n, sick, healthy = n + 1, sick * s, healthy * f
            reached = "yes" if sick >= goal * (sick + healthy) else "no"
            answers[f"step enough_{n}"] = (sick / healthy, goal_odds, reached)
        flagged = true / goal  # so many in all, of whom the cases are the wanted share
        answers |= {"tests_needed": n, "false_positive_limit": (flagged - true) / others}
    return answers


def figures(given, steps):
    N = given["population"] or 10000
    prior, s, f = (given[name] for name in ("prior", "sensitivity", "false_positive"))

    def branch(name, share, rate):
        flagged = Node(show(N * share * rate), show(rate), "+", True)
        passed = Node(show(N * share * (1 - rate)), show(1 - rate), "-")
        return Node(show(N * share), show(share), name, False, [flagged, passed])

    tree = Node(show(N), children=[branch("D", prior, s), branch(r"\bar D", 1 - prior, f)])
    return [Tree(tree, "" if given["population"] else f"The same chances, in ${show(N)}$ cases.")]
