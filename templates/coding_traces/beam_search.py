"""Beam search over a next-token table (Graves 2012; Sutskever, Vinyals and Le 2014)."""

import math
from fractions import Fraction
from itertools import islice

from penwork.author import (
    Node, Problem, Tree, count, log, option, show, slip, table, tok, token, tokens)

problem = Problem(
    title="Beam search",
    question="How does beam search find a probable sentence, and what can it miss?",
    source=["Coding 5", "Sequence-to-Sequence 2"], minutes={1: 6, 2: 10, 3: 14}, draws=2,
    given=dict(tokens=tokens(), table=table(low=0, high=1), start=token(), end=token(),
        k=count(low=1), max_len=count(low=1, high=12)),
    effort={1: (10, 60), 2: (25, 130), 3: (60, 320)}, typical={1: 23, 2: 64, 3: 150},
    aids={1: "strip", 2: "calculator", 3: "calculator"},
    exceptions={"coinciding": "of two that are kept, several wrong turns leave the other one"})

WORDS = [("a", "b", "c"), ("x", "y", "z"), ("do", "re", "mi"), ("go", "to", "me"),
         ("hi", "ho", "ha"), ("on", "in", "up"), ("no", "so", "oh")]
START, END = "<s>", "</s>"
MOST_SENTENCES = 500
FLAT = [(40, 35, 25), (45, 35, 20), (40, 32, 28), (45, 30, 25), (42, 34, 24), (50, 30, 20)]
PEAKED = [(80, 15, 5), (70, 20, 10), (90, 8, 2), (75, 15, 10), (84, 10, 6), (60, 30, 10)]
EVEN = [(55, 45), (60, 40), (65, 35), (58, 42), (52, 48)]


def row(draw, words, hundredths):
    return dict(zip(draw.shuffle(words), [Fraction(p, 100) for p in hundredths]))


def row_ending(word, hundredths):
    return {word: Fraction(100 - hundredths, 100), END: Fraction(hundredths, 100)}


def sample(draw, level):
    one, two, three = draw.shuffle(draw.pick(WORDS))
    lead = draw.pick([60, 64, 70] if level == 1 else [52, 54, 55, 56, 58, 60])
    if level < 3:
        words = [one, two]
        rows = {START: {one: Fraction(lead, 100), two: Fraction(100 - lead, 100)},
                one: row(draw, [one, two, END], draw.pick(FLAT)),
                two: row(draw, [one, two, END], draw.pick(PEAKED))}
    else:
        words = [one, two, three]
        first = draw.pick([(38, 34, 28), (36, 34, 30), (37, 33, 30), (36, 33, 31), (39, 32, 29)])
        rows = {START: dict(zip(words, [Fraction(p, 100) for p in first])),
                one: row(draw, [one, draw.pick([two, three])], draw.pick(EVEN)),
                two: row_ending(draw.pick([one, two]), draw.pick([60, 65, 70, 75, 72, 68])),
                three: row_ending(draw.pick([one, two]), draw.pick([90, 88, 92, 85, 95, 80]))}
    return dict(tokens=words, table=rows, start=START, end=END, k=2, max_len=2 if level == 1 else 3)


def called(words):
    """How a sentence's probability is written."""
    return f"P({tok(*words)})"


def following(work, given, words):
    """The next-token probabilities of an unfinished sentence."""
    before = words[-1] if words else given.start
    work.refuse(not given.table.get(before), f"table lacks what follows {before!r}")
    return given.table[before]


def sentences(work, given, words=()):
    """Every sentence that ends, or that stands unfinished at the greatest length."""
    if words[-1:] == (given.end,) or len(words) == given.max_len:
        yield words
        return
    for word in following(work, given, words):
        yield from sentences(work, given, (*words, word))


def all_sentences(work, given):
    """Every sentence of a table that goes on wherever a sentence may, to no more than one lists."""
    words = {*given.tokens, given.end}
    work.refuse(given.start == given.end, "start and end are the same token")
    for before, row in given.plain("table").items():
        for word in row:
            work.refuse(word not in words, f"table[{before!r}] has {word!r}, which is neither in"
                        " tokens nor the end")
        work.refuse(sum(row.values()) > 1, f"table[{before!r}] adds up to more than 1")
    work.refuse(given.start not in given.table, f"table has no row for the start, {given.start!r}")
    found = list(islice(sentences(work, given), MOST_SENTENCES + 1))
    work.refuse(len(found) > MOST_SENTENCES,
                f"max_len and table allow more than {MOST_SENTENCES} sentences")
    return found


def probability(rows, given, words):
    factors = [rows[before][word] for before, word in zip((given.start, *words), words)]
    return math.prod(factors[1:], start=factors[0])


def per_parent(found, k):
    kept = []
    for parent in dict.fromkeys(words[:-1] for _, words in found):
        mine = [i for i, (_, words) in enumerate(found) if words[:-1] == parent]
        kept += sorted(mine, key=lambda i: -found[i][0])[:k]
    return sorted(kept, key=lambda i: -found[i][0])


def unfinished(found, k, length):
    going = [i for i, (_, words) in enumerate(found) if len(words) == length]
    return sorted(going, key=lambda i: -found[i][0])[:k]


def by_length(found):
    return [max(range(len(found)), key=lambda i: math.log(found[i][0]) / len(found[i][1]))]


def solve(work, given):
    rows, end, k = given.table, given.end, given.k
    every = all_sentences(work, given)
    beam = [option("", None, ())]
    for length in range(1, given.max_len + 1):
        options, sums, lasts = [], [], []
        for parent in beam:
            words, score = parent.item, parent.score
            if words[-1:] == (end,):
                options, sums, lasts = [*options, parent], [*sums, score], [*lasts, score]
                continue
            for word, p in following(work, given, words).items():
                longer = (*words, word)
                options.append(option(called(longer), score * p if words else p, longer))
                sums.append(score + p if words else p)
                lasts.append(p)
        beam = work.choose(f"beam_{length}", options, keep=min(k, len(options)),
            why="extend what was kept, then keep the best", slips=[
                slip("kept k for each parent", "the width was counted for every hypothesis",
                     lambda found: per_parent(found, k)),
                slip("added the probabilities", "the chain rule was taken for a sum", sums),
                slip("scored the last token only", "the past was thought to be settled", lasts),
                slip("dropped the finished sentence", "an ended sentence was thought to leave",
                     lambda found, length=length: unfinished(found, k, length))])
        if all(kept.item[-1] == end for kept in beam):
            break
    best = work.choose("result", beam, why="the most probable of those kept", slips=[
        slip("divided the log by the length", "a length penalty was taken for granted",
             by_length)])[0]
    work.answer("best", list(best.item), label="beam")
    work.answer("best_logprob", log(best.score), r"\ell_{\mathrm{beam}}",
        why="the log of the product, or the sum of its factors' logs")

    words = ()
    while words[-1:] != (end,) and len(words) < given.max_len:
        options = [option(p.name.tex, p, w) for w, p in following(work, given, words).items()]
        kept = work.choose(f"greedy_{len(words) + 1}", options, why="take the likeliest next token")
        words = (*words, kept[0].item)
    work.answer("greedy", list(words), label="greedy")
    greedy = work.let("greedy_probability", probability(rows, given, words), called(words),
        why="the product of its steps")
    work.answer("greedy_logprob", log(greedy), r"\ell_{\mathrm{greedy}}",
        why="the log of the product")

    everything = [option(called(s), probability(rows, given, s), s) for s in every]
    top = work.choose("exhaustive_best", everything, why="every sentence there is")[0]
    work.answer("exhaustive", list(top.item), label="true best")
    work.answer("exhaustive_logprob", log(top.score), r"\ell_{\mathrm{best}}",
        why="the log of the product")
    if given.max_len > 2:
        work.require(lambda n: words != best.item, "greedy finds the same sentence")
    if len(given.tokens) > 2:
        work.require(lambda n: any(kept.item[-1] == end for kept in beam), "no beam finishes")
        work.require(lambda n: top.item != best.item, "the beam finds the true best")
    work.insight("The true best begins with << word|tok >>, which the beam dropped.",
                 holds=lambda n: top.item[0] not in {b.item[0] for b in beam}, word=top.item[0])
    work.insight("The best sentence found does not begin with << word|tok >>, the likeliest first"
                 " token.", holds=lambda n: words[0] != best.item[0], word=words[0])
    others = [word for word in given.table[given.start] if word != best.item[0]]
    if len(others) == 1 and given.max_len == 2 <= k:
        work.insight("Greedy search finds the same sentence; the beam makes sure that"
                     " << word|tok >>, the other start, leads to nothing more probable.",
                     holds=lambda n: words == best.item, word=others[0])


def _grow(kept, given):
    """All one-token extensions of the kept sequences; a finished one stays as it is."""
    rivals = []
    for sequence, chance in kept:
        last = sequence[-1] if sequence else given["start"]
        if last == given["end"]:
            rivals.append((sequence, chance))
        else:
            following = given["table"].get(last, {}).items()
            rivals += [((*sequence, token), chance * p) for token, p in following if p > 0]
    return rivals


def _beam(step, width, given):
    """Hypotheses that fewer than `width` rivals of the same step beat, best first."""
    if step == 0:
        return [((), Fraction(1))]
    rivals = _grow(_beam(step - 1, width, given), given)
    ranks = [sum(other[1] > one[1] for other in rivals) for one in rivals]
    order = sorted(range(len(rivals)), key=ranks.__getitem__)
    return [rivals[i] for i in order if ranks[i] < width]


def _decided(kept, rivals):
    """The scores of what is kept, in order, those of the others, and what is kept."""
    named = [sequence for sequence, _ in kept]
    return [p for _, p in kept], [p for sequence, p in rivals if sequence not in named], named


def check(given):
    """Exact products ranked by counting who beats whom; enumeration of all sequences"""
    every = [((), Fraction(1))]
    for _ in range(given["max_len"]):
        every = _grow(every, given)
    steps = [_beam(t, given["k"], given) for t in range(given["max_len"] + 1)]
    answers = {
        f"step beam_{t}": _decided(steps[t], _grow(steps[t - 1], given))
        for t in range(1, given["max_len"] + 1)
    }
    answers["step result"] = _decided(steps[-1][:1], steps[-1])
    answers["step exhaustive_best"] = _decided([max(every, key=lambda one: one[1])], every)
    winners = {
        "best": steps[-1][0], "greedy": _beam(given["max_len"], 1, given)[0],
        "exhaustive": max(every, key=lambda one: one[1])}
    for name, (sequence, chance) in winners.items():
        answers[name] = list(sequence)
        answers[name + "_logprob"] = math.log(chance) if chance != 1 else 0
        answers[name + "_probability"] = chance
    for t, word in enumerate(winners["greedy"][0]):
        last = winners["greedy"][0][t - 1] if t else given["start"]
        following = [(w, p) for w, p in given["table"][last].items() if p > 0]
        answers[f"step greedy_{t + 1}"] = _decided([(word, given["table"][last][word])], following)
    return answers


def figures(given, steps):
    kept = [set(steps[f"beam_{n}"]) for n in range(1, given["max_len"] + 1) if f"beam_{n}" in steps]
    if not kept:
        return []

    def node(words, p, edge):
        alive = not words or words in kept[min(len(words), len(kept)) - 1]
        last = words[-1] if words else given["start"]
        going = alive and last != given["end"] and len(words) < len(kept)
        grown = [node((*words, w), p * q, show(q)) for w, q in given["table"].get(last, {}).items()
                 if going and q]
        return Node(tok(last), edge, show(p, 4) if words else "", alive, grown)

    return [Tree(node((), Fraction(1), ""))]
