"""Instances built by hand: scalars with a plot, matrices with a grid, decisions with a tree."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from penwork.compose.recipe import Item, Paper, Recipe, Space
from penwork.compose.sheet import Sheet, lay_out
from penwork.figures import Curve, Grid, Mark, Plot
from penwork.model import Box, Certificate, Instance, Part, Slip
from press.decisions import beam_search
from press.pieces import answer, instance, line, step


def gradient_descent() -> Instance:
    """Scalars and fractions, three parts, a plot in the key."""
    parabola = Curve([(w / 20, (3 * w / 20 - 6) ** 2) for w in range(12, 84)])
    path = [(4.0, 36.0), (2.2, 0.36), (2.02, 0.0036)]
    steps = [Curve([a, b], dashed=True, arrow=True) for a, b in pairwise(path)]
    return instance(
        "forward_backward/gradient_descent",
        "Gradient descent on one weight",
        level=3,
        statement=r"A thermostat predicts a room's warming as $\hat y = w\,x$. One reading gave "
        r"\given{x}{x}{3} and \given{y}{y}{6}. Start at \given{w0}{w_0}{4} with the loss "
        r"$L=(\hat y-y)^2$ and the learning rate \given{alpha}{\alpha}{\frac{1}{20}}. "
        r"Take \word{T}{two} steps.",
        parts=(
            Part(
                "a",
                "Find the loss, its derivative and the new weight in each of the first two steps.",
                ("weights",),
                4,
                "M1 A1 M1 A1",
            ),
            Part(
                "b",
                "By which factor does the distance to the best weight change in every step?",
                ("factor",),
                2,
                "M1 A1",
            ),
            Part(
                "c",
                r"Does the descent converge? For which $\alpha>0$ does it diverge?",
                ("converges", "largest"),
                2,
                "M1 A1ft",
            ),
        ),
        steps=(
            step(
                "loss_0",
                "a",
                "the squared error",
                line("L_0", ("=", "(w_0x-y)^2"), ("=", r"(4\cdot3-6)^2"), ("=", "36")),
            ),
            step(
                "g_0",
                "a",
                "chain rule: twice the error, times the input",
                line("g_0", ("=", "2(w_0x-y)x"), ("=", r"2\cdot6\cdot3"), ("=", "36")),
            ),
            step(
                "w_1",
                "a",
                "one step against the slope",
                line(
                    "w_1", ("=", r"w_0-\alpha g_0"), ("=", r"4-\frac{1}{20}\cdot36"), ("=", "2.2")
                ),
            ),
            step(
                "loss_1",
                "a",
                "",
                line("L_1", ("=", "(w_1x-y)^2"), ("=", r"(2.2\cdot3-6)^2"), ("=", "0.36")),
            ),
            step(
                "g_1",
                "a",
                "",
                line("g_1", ("=", "2(w_1x-y)x"), ("=", r"2\cdot0.6\cdot3"), ("=", "3.6")),
            ),
            step(
                "w_2",
                "a",
                "",
                line(
                    "w_2",
                    ("=", r"w_1-\alpha g_1"),
                    ("=", r"2.2-\frac{1}{20}\cdot3.6"),
                    ("=", "2.02"),
                ),
            ),
            step(
                "factor",
                "b",
                r"one step maps $w-\frac yx$ to $(1-2\alpha x^2)(w-\frac yx)$",
                line(
                    "k",
                    ("=", r"1-2\alpha x^2"),
                    ("=", r"1-2\cdot\frac{1}{20}\cdot9"),
                    ("=", r"\frac{1}{10}"),
                ),
            ),
            step(
                "converges",
                "c",
                "it converges while the factor stays within $(-1,1)$",
                line(r"\left|k\right|", ("=", "0.1"), ("<", "1")),
                kind="compare",
            ),
            step(
                "largest",
                "c",
                "",
                line(r"\alpha_{\max}", ("=", r"\frac{1}{x^2}"), ("=", r"\frac19")),
            ),
        ),
        answers={
            "weights": answer(
                "weights", "vector", (Box("w_1", ()), Box("w_2", ())), r"\pmx{2.2 & 2.02}"
            ),
            "factor": answer("factor", "number", (Box("k", ()),), r"\frac{1}{10}"),
            "converges": answer("converges", "choice", (Box("", (), "yes / no", "choice"),), "yes"),
            "largest": answer("largest", "number", (Box(r"\alpha_{\max}", ()),), r"\frac19"),
        },
        asked=("weights", "factor", "converges", "largest"),
        slips=(
            Slip(
                "dropped the factor 2",
                "the square was not differentiated",
                "weights",
                0,
                "$w_1 = 3.1$",
            ),
            Slip(
                "forgot the factor $x$",
                r"stopped before $\partial\hat y/\partial w$",
                "weights",
                0,
                "$w_2 = 3.4$",
            ),
            Slip("added the gradient", "that climbs the loss", "weights", 0, "$w_1 = 5.8$"),
        ),
        insight="Each step leaves a tenth of the distance to 2: two steps, a hundredth.",
        figures=(
            Plot(
                (parabola, *steps),
                (Mark(*path[0], "w_0"), Mark(*path[1], "w_1"), Mark(*path[2], "w_2")),
                "w",
                "L",
                tuple((float(k), str(k)) for k in range(1, 5)),
                (),
                "Two steps down the loss.",
            ),
        ),
    )


def attention() -> Instance:
    """Matrices of three rows and four columns, rounded weights, a grid in the key."""
    q, k = (
        r"\pmx{2 & 0 & 1 & 0 \\ 0 & 1 & 0 & -1 \\ 1 & 1 & 0 & 2}",
        (r"\pmx{1 & 0 & 0 & 1 \\ 1 & 2 & 0 & 0 \\ 0 & 1 & 1 & -1}"),
    )
    v = r"\pmx{4 & 0 \\ -2 & 6 \\ 1 & 1}"
    scores = r"\pmx{1\z{.0} & 1\z{.0} & 0.5 \\ -0.5 & 1\z{.0} & 1\z{.0} \\ 1.5 & 1.5 & -0.5}"
    powers = (
        r"\pmx{2.7183 & 2.7183 & 1.6487 \\ 0.6065 & 2.7183 & 2.7183 \\ "
        r"4.4817 & 4.4817 & 0.6065}"
    )
    weights = (
        r"\pmx{0.3837 & 0.3837 & 0.2327 \\ 0.1004 & 0.4498 & 0.4498 \\ "
        r"0.4683 & 0.4683 & 0.0634}"
    )
    output = r"\pmx{1.0000 & 2.5346 \\ -0.0484 & 3.1486 \\ 1.0000 & 2.8731}"
    shades = [[0.3837, 0.3837, 0.2327], [0.1004, 0.4498, 0.4498], [0.4683, 0.4683, 0.0634]]
    return instance(
        "attention_mechanics/scaled_dot_product",
        "Scaled dot-product attention",
        seed=118,
        minutes=14,
        aids="strip",
        statement="Three tokens, one a row; no mask.\n\n"
        rf"\given{{Q}}{{\mathbf Q}}{{{q}}}\quad \given{{K}}{{\mathbf K}}{{{k}}}\quad "
        rf"\given{{V}}{{\mathbf V}}{{{v}}}",
        parts=(
            Part(
                "a",
                r"The scaled scores $\mathbf S=\mathbf Q\mathbf K^\transpose/\sqrt d$, "
                "exactly.",
                ("scores",),
                3,
                "M1 A2",
            ),
            Part("b", "The attention weights.", ("weights",), 4, "M2 A2"),
            Part("c", "The outputs.", ("output",), 3, "M1 A2awrt"),
        ),
        steps=(
            step(
                "scores",
                "a",
                r"each query with each key, over $\sqrt d=2$",
                line(
                    r"\mathbf S",
                    ("=", r"\frac{\mathbf Q\mathbf K^\transpose}{\sqrt d}"),
                    (
                        "=",
                        rf"\frac{{1}}{{\sqrt 4}}{q}\pmx{{1 & 1 & 0 \\ 0 & 2 & 1 \\ 0 & 0 & 1 \\ "
                        r"1 & 0 & -1}",
                    ),
                    ("=", scores),
                ),
            ),
            step(
                "weights_exponentials",
                "b",
                "exponentials",
                line(r"\mathbf E", ("=", r"\exp\mathbf S"), (r"\approx", powers)),
            ),
            step(
                "weights_sums",
                "b",
                "the sum of each row",
                line(r"\mathbf s", (r"\approx", r"\pmx{7.0853 \\ 6.0431 \\ 9.5699}")),
            ),
            step(
                "weights",
                "b",
                "quotients",
                line(r"\mathbf A", ("=", r"\softmax\mathbf S"), (r"\approx", weights)),
            ),
            step(
                "output",
                "c",
                "the weighted means of the value rows",
                line(
                    r"\mathbf O",
                    ("=", r"\mathbf A\mathbf V"),
                    (r"\approx", weights + v),
                    (r"\approx", output),
                ),
            ),
        ),
        answers={
            "scores": answer("scores", "matrix", (Box(r"\mathbf S", (3, 3)),), scores),
            "weights": answer(
                "weights",
                "matrix",
                (Box(r"\mathbf A", (3, 3), "2 d.p.", "matrix"),),
                r"\pmx{0.38 & 0.38 & 0.23 \\ 0.10 & 0.45 & 0.45 \\ "
                r"0.47 & 0.47 & 0.06}",
                2,
            ),
            "output": answer(
                "output",
                "matrix",
                (Box(r"\mathbf O", (3, 2), "2 d.p.", "matrix"),),
                r"\pmx{1.00 & 2.53 \\ -0.05 & 3.15 \\ 1.00 & 2.87}",
                2,
            ),
        },
        asked=("scores", "weights", "output"),
        slips=(
            Slip("no scaling", r"forgot $\sqrt d$", "weights", 0, "$A_{21} = 0.0243$"),
            Slip(
                "softmax down the columns",
                "a query's weights are a row",
                "weights",
                0,
                "$A_{11} = 0.3483$",
            ),
        ),
        insight=r"Token \word{i}{three} listens equally to the first two tokens.",
        figures=(
            Grid(
                shades,
                [[f"{x:.2f}" for x in row] for row in shades],
                ["query 1", "query 2", "query 3"],
                ["key 1", "key 2", "key 3"],
                "The weights: the darker, the more.",
            ),
        ),
        certificate=Certificate(("pairwise odds",), 19, 5),
    )


def sheet(
    count: int = 3,
    *,
    paper: Paper = "a4",
    space: Space = "work",
    title: str = "Test sheet",
    answers_only: bool = False,
) -> Sheet:
    """A sheet of the samples in turn."""
    samples = (gradient_descent(), attention(), beam_search())
    instances = [replace(samples[k % 3], seed=1000 + k) for k in range(count)]
    items = tuple(Item(x.id, x.draws, x.level, x.seed or 0, x.attempt or 0) for x in instances)
    recipe = Recipe(42, items, paper, space, answers_only, title)
    return lay_out(recipe, instances, "Practice")


__all__ = ["attention", "beam_search", "gradient_descent", "sheet"]
