"""Reading loss curves, and stopping early (Goodfellow, Bengio and Courville 2016, section 7.8)."""

from fractions import Fraction
from itertools import pairwise

from penwork.author import (
    Curve, Mark, Plot, Problem, absolute, count, option, position, slip, vector,
)

problem = Problem(
    title="Reading loss curves",
    question="What do training and validation curves say, and where does early stopping halt?",
    source=["Practice 11"], draws=4, version=3, minutes={1: 4, 2: 7, 3: 10},
    given=dict(train=vector(r"\mathbf t", dimension="E", low=0, style="hundredths"),
        validation=vector(r"\mathbf v", dimension="E", low=0, style="hundredths"),
        patience=count("p", low=1)),
    effort={1: (8, 40), 2: (14, 60), 3: (16, 70)}, typical={1: 15, 2: 29, 3: 29})

REMEDIES = ("regularise", "lower the learning rate", "train longer")


def sample(draw, level):
    def down(epochs):
        return [-draw.integer(5, 14) for _ in range(epochs)]

    def up(epochs):
        return [draw.integer(2, 8) for _ in range(epochs)]

    validation = [draw.integer(165, 190)]
    learns = draw.chance(5 if level < 3 else 8)
    wait = draw.integer(2, 6 if level < 3 else 7)
    falls = draw.integer(1, min(6, 10 - wait) if level == 3 else 6)
    patience = draw.integer(2, min(wait, 5))
    moves, rest = down(falls), draw.integer(3, 4)
    if level == 2:  # one worse epoch, a better one; then a tie with the best, or progress
        patience, worse = min(patience, 3), draw.integer(1, 6)
        moves += [worse, -worse - draw.integer(1, 6), *([] if learns else [0])]
        rest = min(rest, 11 - len(moves))
    if level == 3:  # no progress for longer than the patience, then a second, deeper valley
        worse = up(wait - 1)
        moves += [0, *worse, -sum(worse) - draw.integer(10, 20)]
        room = 11 - len(moves)
        rest = draw.integer(min(1, room), min(3, room))
    moves += down(rest) if learns else up(rest)
    E = len(moves) + 1
    for move in moves:
        validation.append(validation[-1] + move)
    best = 1 + validation.index(min(validation))
    train = [validation[0] - draw.integer(1, 9)]
    rises = rest > 1 and draw.chance(3)
    for epoch in range(2, E + 1):
        fall = -draw.integer(4, 13) if epoch <= best or not rises else draw.integer(2, 8)
        train.append(train[-1] + fall)
    return dict(train=[Fraction(t, 100) for t in train],
                validation=[Fraction(v, 100) for v in validation], patience=patience)


def solve(work, given):
    t, v, E = list(given.train), list(given.validation), len(given.train)
    best = work.choose("best_epoch", [option(x.name.tex, x, e + 1) for e, x in enumerate(v)],
        lowest=True, tie="listed", style="hundredths",
        why="the lowest validation loss, the first of equals", slips=[
            slip("read the training loss", "what training lowers was taken to count", t),
            slip("took the smallest gap", "a small gap was taken for a good model",
                 [absolute(a - b) for a, b in zip(v, t)])])[0].item
    work.answer("best_epoch", best, label=r"e_{\mathrm{best}}")
    swapped = "took training minus validation", "the gap was thought to be the size of the fit"
    gap_best = work.answer("gap_best", v[best - 1] - t[best - 1], r"g_{\mathrm{best}}",
        style="hundredths", why="validation minus training", slips=[
            slip(*swapped, lambda: t[best - 1] - v[best - 1])])
    gap_end = work.answer("gap_end", v[E - 1] - t[E - 1], r"g_{\mathrm{end}}", style="hundredths",
        why="validation minus training", slips=[slip(*swapped, lambda: t[E - 1] - v[E - 1])])
    progress = ("judged by the training loss", "a falling training loss was taken for progress")
    if best == E or work.compare(
        "worse", v[E - 1], ">", v[best - 1], why="has validation passed its best?",
        slips=[slip(*progress, lambda: (t[E - 1], ">", t[best - 1]))]) == "no":
        remedy = REMEDIES[2]
    else:
        fits = work.compare("fits", t[E - 1], "<", t[best - 1], why="is training still improving?")
        remedy = REMEDIES[0] if fits == "yes" else REMEDIES[1]
    work.answer("remedy", remedy, label="remedy", options=REMEDIES,
                why="the last epoch is the best one")
    early = stop_early(work, v, given.patience, best)
    work.insight("Stopping early keeps epoch << early|n >> and never sees the better << best|n >>.",
                 holds=lambda n: early != best, early=position(early), best=position(best))
    work.insight("Training improves, validation worsens: the gap goes from << a|n >> to << b|n >>.",
                 holds=lambda n: remedy == REMEDIES[0], a=gap_best, b=gap_end)
    work.insight("Training is worse too: overfitting alone would have lowered its loss.",
                 holds=lambda n: remedy == REMEDIES[1])
    work.insight("The last epoch is the best one: nothing in the table says stop.")


def stop_early(work, v, patience, best):
    """Epoch by epoch until the patience is used up, then on to the best; the epoch restored."""
    better, E, epoch = [1], len(v), v[0].constant

    def improves(e):
        tie = slip("reset the patience on a tie", "equal was taken for better",
                   lambda: (v[e - 1], "<=", v[better[-1] - 1]))
        if work.compare(f"better_{e}", v[e - 1], "<", v[better[-1] - 1],
            why="below the best so far?", slips=[tie]) == "yes":
            better.append(e)

    halt = 1
    while halt < E and halt - better[-1] < patience:
        halt += 1
        improves(halt)
    last = better[-1]
    ends = [option(v[e - 1].name.tex, v[e - 1], e) for e in dict.fromkeys([last, halt])]
    restored = work.choose("restored_epoch", ends, lowest=True, tie="listed", style="hundredths",
        why="the best so far is restored", slips=[
            slip("restored the last epoch", "stopping was thought to keep what it stops at",
                 lambda found: [len(found) - 1])])[0].item
    work.answer("restored_epoch", restored, label=r"e_{\mathrm{kept}}")
    early = halt - last >= patience
    work.answer("stop_epoch", epoch(last) + patience if early else epoch(E), r"e_{\mathrm{stop}}",
        why="the last progress and the patience" if early else "the patience is never used up",
        slips=[
            slip("stopped at the best epoch", "training was thought to know its best epoch",
                 lambda: epoch(last)),
            slip("counted the best epoch as waiting", "the patience was taken to begin with it",
                 lambda: epoch(last) + patience - 1)] if early else [])
    for e in range(halt + 1, best + 1):
        improves(e)
    gaps = [(b - a, a, b) for a, b in pairwise(better)]
    _, a, b = max(gaps, default=(1, 0, 1))
    work.answer("patience_needed", epoch(b) - a, r"p_{\min}",
        why="the longest way from one progress to the next", slips=[
            slip("counted the waiting epochs only",
                 "a patience of $p$ was thought to bear $p$ epochs in vain",
                 lambda: epoch(b) - a - 1)])
    return restored


def check(given):
    """Age of the running minimum at every epoch; no counter is kept"""
    train, validation = given["train"], given["validation"]
    epochs, patience = range(1, len(validation) + 1), given["patience"]
    leaders = [1 + validation.index(min(validation[:e])) for e in epochs]  # first of equals
    ages = [e - leader for e, leader in zip(epochs, leaders, strict=True)]
    stop = min((e for e in epochs if ages[e - 1] >= patience), default=len(validation))
    gaps = [v - t for t, v in zip(train, validation, strict=True)]
    best = leaders[-1]
    past_best, falls = validation[-1] > min(validation), train[-1] < train[best - 1]
    word = ("no", "yes")
    decided = {
        "step best_epoch": ([min(validation)], validation[: best - 1] + validation[best:]),
        "step worse": (validation[-1], min(validation), word[past_best]),
        "step fits": (train[-1], train[best - 1], word[falls]),
        "step restored_epoch": ([min(validation[:stop])],
            [validation[stop - 1]] * (ages[stop - 1] > 0))}
    for e in epochs[1:]:
        least = min(validation[: e - 1])
        decided[f"step better_{e}"] = (validation[e - 1], least, word[validation[e - 1] < least])
    return decided | {
        "best_epoch": leaders[-1], "gap_best": gaps[leaders[-1] - 1], "gap_end": gaps[-1],
        "stop_epoch": stop,
        "restored_epoch": leaders[stop - 1],
        "remedy": "train longer" if not past_best else "regularise" if falls
        else "lower the learning rate",
        "patience_needed": max(ages[: leaders[-1]]) + 1}


def figures(given, steps):
    epochs = range(1, len(given["train"]) + 1)
    curves = [list(zip(epochs, given[name])) for name in ("train", "validation")]
    lines = [Curve(curves[0], dashed=True), Curve(curves[1])]
    axes = dict(x_label="e", y_label="L", x_ticks=[(e, str(e)) for e in epochs], fit=True)
    yield Plot(lines, **axes, where="statement",
               caption="Validation loss (solid) and training loss (dashed) by epoch $e$.")
    restored, stop = steps["restored_epoch"][0], int(steps["stop_epoch"])
    marks = [Mark(*curves[1][restored - 1], r"\text{kept}")]
    if stop < len(epochs):
        marks.append(Mark(*curves[1][stop - 1], r"\text{stop}"))
    yield Plot(lines, marks, **axes)
