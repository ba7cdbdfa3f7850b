"""What self-attention costs in multiply-adds and memory (Vaswani et al. 2017, section 4)."""

from fractions import Fraction

from penwork.author import Curve, Mark, Plot, Problem, scalar, slip

problem = Problem(
    title="The cost of self-attention",
    question="How do the cost and the memory of attention grow with length and width?",
    source=["Practice 8", "Attention (Pre-Transformer) 5"], draws=2, minutes={1: 6, 2: 9, 3: 11},
    given=dict(N=scalar(integer=True, low=1), d=scalar(integer=True, low=1),
        H=scalar(integer=True, low=1, high=10**5),
        share=scalar("q", low=Fraction(1, 100), high=Fraction(99, 100), style="fraction",
            default=None)),
    effort={1: (35, 95), 2: (50, 145), 3: (85, 260)}, typical={1: 72, 2: 98, 3: 180})

SHORT, LONG = range(5, 161, 5), [*range(60, 201, 10), *range(250, 1001, 50)]
RATIOS = [Fraction(k, 4) for k in (1, 2, 5, 6, 10, 12, 16, 24, 32)]
SHARES = [Fraction(*p) for p in ((1, 3), (1, 5), (2, 3), (3, 4), (3, 5), (4, 5), (5, 6), (8, 9))]
WIDTHS = (4, 6, 8, 10, 12, 16, 20, 24, 30, 32)
SIZES = [(h, h * w) for h in (2, 3, 4, 5, 6, 8, 10, 12) for w in WIDTHS]


def sample(draw, level):
    H, d = draw.pick([(h, d) for h, d in SIZES if d <= 150 and (level < 3 or d % 10 == 0)])
    lengths = [n for n in (SHORT if level == 1 else LONG)
               if d <= 3 * n <= 24 * d and n not in (d, 2 * d)]
    long = draw.chance(2)
    lengths = [n for n in lengths if (n > 2 * d) == long] or lengths
    if level == 3:
        lengths = [int(ratio * d) for ratio in RATIOS if (ratio * d).denominator == 1]
    part = dict(share=draw.pick(SHARES)) if level == 3 else {}
    return dict(N=draw.pick(lengths), d=d, H=H, **part)


def solve(work, given):
    N, d, H = given.N, given.d, given.H
    flops = "counted operations", "a multiply-add was counted as two"
    headless = r"left out $\mathbf W_O$", "attention was thought to end with its heads"
    full = "multiplied by the heads", "each head was thought to have the full width"
    halved = "left out the weighted sum", "the scores were taken for all of the attention"
    leading = "kept the scores' growth", "the largest power was taken for the whole"
    projections = work.answer("projections", 4 * N * d**2, r"C_{\mathrm p}",
        why="four products, [N×d] times [d×d]", slips=[
            slip(*headless, lambda: 3 * N * d**2), slip(*flops, lambda: 8 * N * d**2)])
    w = work.let("head_width", d / H, "w", why="the heads share the width")
    scores = work.answer("scores", H * N**2 * w, r"C_{\mathrm s}",
        why="$H$ products, [N×w] times [w×N]", slips=[
            slip("paired each token with one", "attention was taken to act token by token",
                 lambda: N * d),
            slip(*full, lambda: H * N**2 * d), slip(*flops, lambda: 2 * N**2 * d)])
    weighted = work.answer("weighted_sum", H * N**2 * w, r"C_{\mathrm v}",
        why="$H$ products, [N×N] times [N×w]", slips=[
            slip(*full, lambda: H * N**2 * d), slip(*flops, lambda: 2 * N**2 * d)])
    work.answer("total", projections + scores + weighted, "C", why="all products", slips=[
        slip(*halved, lambda: projections + scores)])
    work.answer("weights_memory", H * N**2, "M",
        why="a weight for each head, query and key", slips=[
            slip("counted one table", "the heads were thought to share their weights",
                 lambda: N**2),
            slip("counted the output", "a weight was thought to belong to a feature",
                 lambda: N * d)])
    crossover = work.answer("crossover", 2 * d, r"N^\ast", why="$2N^2d=4Nd^2$", slips=[
        slip(*halved, lambda: 4 * d), slip(*headless, lambda: 3 * d / 2)])
    work.compare("attention_leads", N, ">", crossover, label="more",
                 why="beyond it the squares of $N$ lead")
    if given.share is not None:
        q = given.share
        whole = 2 * d + N
        work.answer("growth_N", 2 * (2 * d + 2 * N) / whole, "g_N", style="fraction",
            why="$C=2Nd\\,(2d+N)$, with $2N$ for $N$", slips=[
                slip(*leading, lambda: (2 * N) ** 2 / N**2),
                slip(*halved, lambda: 2 * (4 * d + 2 * N) / (4 * d + N)),
                slip(*headless, lambda: 2 * (3 * d + 4 * N) / (3 * d + 2 * N))])
        work.answer("growth_d", 2 * (4 * d + N) / whole, "g_d", style="fraction",
            why="$C=2Nd\\,(2d+N)$, with $2d$ for $d$", slips=[
                slip(*leading, lambda: 2 * d / d),
                slip(*halved, lambda: 2 * (8 * d + N) / (4 * d + N)),
                slip(*headless, lambda: 2 * (6 * d + 2 * N) / (3 * d + 2 * N))])
        work.answer("length", 2 * d * q / (1 - q), "N_q",
            why="$2N^2d=q\\,(4Nd^2+2N^2d)$ over $2Nd$: $N=q\\,(2d+N)$", slips=[
            slip("took the share for a ratio", "the part was compared with the rest",
                 lambda: 2 * d * q),
            slip(*halved, lambda: 4 * d * q / (1 - q))])
        work.insight("Both factors add up to six, at every length and width.")
    work.insight("Below << n|n >> tokens the projections cost more, however many heads there are.",
                 holds=lambda n: n(N) < n(crossover), n=crossover)
    work.insight("Heads cost nothing: << h|n >> of width << w|n >> multiply as often as one of"
                 " width << d|n >>. Only their weights take more memory.", h=H, w=w, d=d)


def _cost(N, d, H):
    """Multiply-adds of (rows x inner) times (inner x columns), product by product."""
    width = Fraction(d, H) if d % H else d // H
    projections = sum(N * inner * columns for inner, columns in [(d, d)] * 4)  # Q, K, V, O
    scores = sum(N * width * N for _ in range(H))
    weighted = sum(N * N * width for _ in range(H))
    return projections, scores, weighted


def check(given):
    """Shapes of every matrix product, head by head; crossover from two lengths"""
    N, d, H = given["N"], given["d"], given["H"]
    projections, scores, weighted = _cost(N, d, H)
    total = sum(_cost(N, d, H))

    def excess(n, share=Fraction(1, 2)):  # what attention has above its share, a line in n
        first, *rest = _cost(n, d, H)
        return Fraction(sum(rest) - share * (first + sum(rest)), n)

    def root(share):
        return 1 - excess(1, share) / (excess(2, share) - excess(1, share))

    even = root(Fraction(1, 2))
    leads = "yes" if scores + weighted > projections else "no"
    answers = {
        "projections": projections, "scores": scores, "weighted_sum": weighted, "total": total,
        "weights_memory": sum(N * N for _ in range(H)),
        "crossover": even, "attention_leads": leads, "step attention_leads": [N, even, leads],
        "head_width": Fraction(d, H),
        "growth_N": Fraction(sum(_cost(2 * N, d, H)), total),
        "growth_d": Fraction(sum(_cost(N, 2 * d, H)), total)}
    return answers | ({"length": root(given["share"])} if "share" in given else {})


def figures(given, steps):
    N, d = float(given["N"]), float(given["d"])
    end = 1.2 * max(N, 2 * d)
    equal = "crossover" in steps
    costs = steps["projections"], steps["scores"] + steps["weighted_sum"]
    ticks = [(2 * d, "2d")] * equal + [(N, "N")] * (not equal or abs(N - 2 * d) > 0.1 * end)
    return [Plot(
        curves=[Curve.of(lambda n: 4 * n * d * d, 0, end),
                Curve.of(lambda n: 2 * n * n * d, 0, end, dashed=True)],
        marks=[Mark(N, cost) for cost in costs] + [Mark(2 * d, 8 * d**3)] * equal,
        x_label="N", y_label=r"\text{cost}", x_ticks=ticks,
        caption="Projections (solid) and all else (dashed)"
                + (" cost the same at $N=2d$." if equal else "."))]
