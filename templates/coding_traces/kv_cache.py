"""The cache of keys and values while a model generates (Shazeer 2019; Pope et al. 2023)."""

import math
from fractions import Fraction
from itertools import accumulate

from penwork.author import (
    Curve, Mark, Plot, Problem, matrix, rows, scalar, show, slip, softmax, sqrt, vector)
from penwork.checking import e_to, root, shares, times

problem = Problem(
    title="The cache of keys and values",
    question="What does a cache of keys and values save, and what does it cost?",
    source=["Coding 3"], draws=2, version=3, minutes={1: 5, 2: 9, 3: 15},
    given=dict(prompt=scalar("P", low=1, integer=True),
        generated=scalar("G", low=1, high=10**5, integer=True),
        L=scalar(low=1, high=10**4, integer=True), H=scalar(low=1, integer=True),
        d_head=scalar("d", low=1, integer=True),
        kv_heads=scalar(r"H_{\mathrm{kv}}", low=1, integer=True),
        batch=scalar("B", low=1, integer=True), bytes=scalar("b", low=Fraction(1, 8)),
        query=vector(r"\mathbf q", dimension="d", row=True, default=None),
        keys=matrix(r"\mathbf K", rows="m", columns="d", default=None),
        values=matrix(r"\mathbf V", rows="m", columns="d", default=None)),
    together=[("query", "keys", "values")],
    effort={1: (12, 50), 2: (80, 200), 3: (120, 340)}, typical={1: 32, 2: 110, 3: 245},
    aids={1: "none", 2: "calculator", 3: "strip"})


def saving(prompt, generated):
    without = generated * prompt + generated * (generated - 1) // 2
    return Fraction(without, prompt + generated - 1)


TIDY = [(p, g) for p in range(3, 31) for g in range(2, 13) if (4 * saving(p, g)).denominator == 1]
LONG = [(p, g) for p in range(200, 1200, 50) for g in (25, 50, 100, 150, 200, 250, 300)
        if (p + g) % 100 == 0]


def sample(draw, level):
    if level == 1:
        prompt, generated = draw.pick(TIDY)
        heads = draw.integer(2, 6)
        return dict(prompt=prompt, generated=generated, L=draw.integer(2, 8), H=heads,
                    d_head=draw.pick([4, 5, 8, 10, 16]), kv_heads=heads, batch=1, bytes=2)
    kv, group = draw.pick([2, 4, 8] if level == 3 else [2, 4]), draw.integer(2, 8)
    if level == 2:
        prompt, generated = draw.pick(LONG)
        return dict(prompt=prompt, generated=generated, L=4 * draw.integer(3, 8), H=kv * group,
                    d_head=draw.pick([64, 80, 128]), kv_heads=kv,
                    batch=draw.integer(1, 4), bytes=draw.pick([1, 2, 2, 4]))
    prompt = draw.integer(2, 3)
    query = draw.shuffle([draw.pick([1, 2]), draw.pick([-1, 1, 2]), draw.pick([0, 1]), 0])
    keys = [draw.vector(-1, 2, 4) for _ in range(prompt + 1)]
    values = []
    while not all(map(any, zip(*values, [0] * 4))):  # no column of zeros
        values = [draw.shuffle([draw.nonzero(-4, 6), draw.nonzero(-2, 4), 0, 0]) for _ in keys]
    return dict(prompt=prompt, generated=draw.integer(3, 8), L=draw.integer(2, 6), H=kv * group,
                d_head=4, kv_heads=kv, batch=draw.pick([1, 2, 4]), bytes=draw.pick([2, 4]),
                query=query, keys=keys, values=values)


def solve(work, given):
    P, G, L, kv = given.prompt, given.generated, given.L, given.kv_heads
    work.refuse(given.plain("H") % given.plain("kv_heads"),
                f"kv_heads = {given.plain('kv_heads')} does not divide H = {given.plain('H')}")
    if given.query is not None:
        size, width = len(given.query), given.plain("d_head")
        work.refuse(size != width, f"query has size {size} where d_head is {width}")
    without = work.let("tokens_without", G * P + G * (G - 1) / 2, "n_0",
        why=r"pass $t$ takes all $P+t$ tokens; $0+1+\dots+(G-1)=G(G-1)/2$", slips=[
            slip("ran every pass on all tokens", "the text was taken to be complete already",
                 lambda: G * (P + G))])
    keys_only = "counted the keys only", "values were taken to be the keys"
    one_layer = "forgot the layers", "one cache was thought to serve every layer"
    work.answer("projections_without", 2 * L * without, r"N_0",
        why="a key and a value in every layer", slips=[
            slip(*keys_only, lambda: L * without), slip(*one_layer, lambda: 2 * without)])
    once = work.let("tokens_with", P + G - 1, "n_1",
        why="tokens with a cache: each once; the last is not fed back", slips=[
            slip("projected the prompt in every pass", "the cache was taken to skip the prompt",
                 lambda: G * P + G - 1),
            slip("fed the last token back", "a token was taken to be read once it is written",
                 lambda: P + G)])
    work.answer("projections_with", 2 * L * once, r"N_1",
        why="a key and a value in every layer", slips=[
            slip(*keys_only, lambda: L * once), slip(*one_layer, lambda: 2 * once)])
    ratio = work.answer("saving", without / once, "r", why="without over with; $2L$ cancels")
    each = work.let("bytes_per_token", 2 * L * kv * given.d_head * given.batch * given.bytes, "c",
        why="keys and values of every layer and head", slips=[
            slip(*keys_only, lambda: L * kv * given.d_head * given.batch * given.bytes),
            slip("used the heads of the queries", "every query head was given keys of its own",
                 lambda: 2 * L * given.H * given.d_head * given.batch * given.bytes),
            slip(*one_layer, lambda: 2 * kv * given.d_head * given.batch * given.bytes),
            slip("counted bits", "bytes were taken for bits",
                 lambda: 16 * L * kv * given.d_head * given.batch * given.bytes)])
    work.answer("cache_bytes", each * (P + G), "C", why="room for every token")
    if given.query is not None:
        decode(work, given)
    work.insight("Without a cache every token pays for the whole text before it: << r|about >>"
                 " times as many projections.", holds=lambda n: n(ratio) >= 4,
                 r=work.let("times", without / once, "r", places=2, style="rounded"))
    work.insight("Query heads share what is cached: keys and values of << k|n >>"
                 f" head{'s' * (given.plain('kv_heads') > 1)}, not of << h|n >>.",
                 holds=lambda n: n(kv) < n(given.H), k=kv, h=given.H)
    work.insight("The cache holds one row a token: << n|n >> rows were projected once, not again.",
                 n=once)


def decode(work, given):
    """One decode step: the new token's query against every cached key."""
    q, K, V = given.query, given.keys, given.values
    raw = q @ K.T
    scores = work.let("step_scores", raw / sqrt(K.width), r"\mathbf z",
        why="the new query with every cached key", slips=[
            slip("left out the scaling", "the softmax was thought to normalise the scale",
                 lambda: raw)])
    weights = work.softmax("step_weights", scores, r"\mathbf a", letter="u",
                           why="exponentials over their sum")
    old, d = len(K) - 1, K.width
    work.answer("step_output", weights @ V, r"\mathbf o",
        why="the weights mix the cached values", slips=[
            slip("left out the token that asks", "a token was thought not to see itself",
                 lambda: softmax(q @ rows(K, 0, old).T / sqrt(d)) @ rows(V, 0, old))], places=2)


def _attend(query, keys, values):
    """One query over all cached tokens: scores, weights, output."""
    scores = [dot / root(len(query)) for dot in times([query], zip(*keys))[0]]
    weights = shares(scores)
    return scores, weights, times([weights], values)[0]


def check(given):
    """Simulation of the cache, pass by pass; the bytes from the shapes of its tensors"""
    prompt, generated, L, kv_heads = (given[n] for n in ("prompt", "generated", "L", "kv_heads"))
    tokens = prompt
    cached = with_cache = without = 0
    for _ in range(generated):  # one key and one value matrix of one layer
        without += tokens
        with_cache += tokens - cached
        cached = tokens
        tokens += 1  # the token just sampled; the last one is not fed back
    tensors = [(given["batch"], kv_heads, tokens, given["d_head"])] * 2 * L
    answers = {
        "cache_bytes": sum(math.prod(shape) for shape in tensors) * given["bytes"],
        "projections_with": 2 * L * with_cache,
        "projections_without": 2 * L * without,
        **dict.fromkeys(["saving", "times"], Fraction(without, with_cache)),
        "bytes_per_token": sum(s[0] * s[1] * s[3] for s in tensors) * given["bytes"],
        "tokens_without": without, "tokens_with": with_cache}
    if "query" in given:
        scores, weights, output = _attend(*(given[name] for name in ("query", "keys", "values")))
        answers |= {"step_scores": scores, "step_weights": weights, "step_output": output,
                    "step_weights_exponentials": [e_to(score) for score in scores]}
    return answers


def figures(given, steps):
    prompt, passes = int(given["prompt"]), range(int(given["generated"]))
    cached = [(float(t), float(prompt + t)) for t in passes]
    without = [(t, sofar) for (t, _), sofar in zip(cached, accumulate(n for _, n in cached))]
    last = len(cached) - 1
    if without[-1][1] > 20 * cached[-1][1]:  # the lower curve would lie on the axis
        return []
    return [Plot(curves=[Curve(cached), Curve(without, dashed=True)], marks=[
                Mark(*cached[-1], show(steps["tokens_with"])),
                Mark(*without[-1], show(steps["tokens_without"]))], x_label="t", y_label="tokens",
                 x_ticks=[(0.0, "0"), (float(last), str(last))],
                 caption="Tokens projected up to pass $t$; dashed: without a cache.")]
