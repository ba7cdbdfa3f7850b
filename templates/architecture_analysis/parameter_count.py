"""Parameters of a transformer, matrix by matrix (Vaswani et al. 2017, sections 3 and 5.4)."""

import math
from fractions import Fraction

from penwork.author import Bars, Problem, choice, count, flag, scalar, slip

problem = Problem(
    title="Counting the parameters of a transformer",
    question="Where do the parameters of a transformer sit, and how many are there?",
    source=["Practice 7"], version=3, draws=2, minutes={1: 5, 2: 9, 3: 14},
    given=dict(L=scalar(low=1, high=10**5, integer=True), H=scalar(low=1, integer=True),
        d_model=scalar("d", low=1, integer=True),
        d_ff=scalar(r"d_{\mathrm{ff}}", low=1, integer=True), V=scalar(low=1, integer=True),
        context=scalar("n", low=1, integer=True), tied=flag(), biases=flag(),
        norms_per_layer=count(low=0, high=8), final_norm=flag(),
        positions=choice(options=("learned", "sinusoidal", "rotary")),
        norm=choice(options=("layernorm", "rmsnorm"), default="layernorm"),
        ffn=choice(options=("mlp", "gated"), default="mlp"),
        kv_heads=scalar(r"H_{\mathrm{kv}}", low=1, integer=True, default=None),
        token_types=scalar("s", low=0, integer=True, default=None),
        embedding_norm=flag(default=False)),
    effort={1: (6, 40), 2: (28, 100), 3: (190, 420)}, typical={1: 19, 2: 52, 3: 300},
    aids={1: "none", 2: "none", 3: "calculator"},
    exceptions={"digits": "real models have billions of parameters"})

VOCABULARIES = [16000, 32000, 32768, 49152, 50304, 64000, 65536, 100352, 128256, 151936]


def sample(draw, level):
    if level == 3:
        return draw.pick([like_llama, like_llama, like_bert])(draw)
    H = draw.integer(2, 4)
    d = H * draw.pick([2, 3, 4, 5] if level == 1 else [2, 3, 4, 5, 6, 8])
    positions = draw.pick(["learned", "learned", "sinusoidal"])
    return dict(
        L=draw.integer(2, 6), H=H, d_model=d, d_ff=d * draw.integer(3, 5),
        V=10 * draw.integer(5, 40), context=draw.pick([16, 20, 24, 30, 32, 40, 50, 64]),
        tied=not draw.chance(3), biases=draw.chance(2), norms_per_layer=2,
        final_norm=not draw.chance(3), positions=positions)


def like_llama(draw):
    """Rotary positions, RMS norms, a gated feed-forward network and grouped heads."""
    kv, group = draw.pick([2, 4, 8]), draw.pick([2, 3, 4, 5, 6])
    d = kv * group * draw.pick([64, 128] if kv * group <= 32 else [64])
    return dict(
        L=2 * draw.integer(4, 20), H=kv * group, d_model=d, context=draw.pick([2048, 4096, 8192]),
        d_ff=256 * (d * draw.integer(5, 8) // 512), V=draw.pick(VOCABULARIES), tied=draw.chance(2),
        biases=False, norms_per_layer=2, final_norm=True, positions="rotary", norm="rmsnorm",
        ffn="gated", kv_heads=kv)


def like_bert(draw):
    """Learned positions, token types, a norm after the embeddings and biases everywhere."""
    H = draw.pick([4, 6, 8, 10, 12, 14, 16])
    return dict(
        L=draw.integer(4, 24), H=H, d_model=64 * H, d_ff=64 * H * draw.pick([3, 4, 4]),
        V=draw.pick([28996, 30000, 30522, 31102, 50265]), context=draw.pick([256, 512, 514, 1024]),
        tied=True, biases=True, norms_per_layer=2, final_norm=False, positions="learned",
        token_types=2, embedding_norm=True)


def refuse_odd(work, given, heads, width):
    few, many = given.plain(heads), given.plain(width)
    work.refuse(many % few, f"{heads} = {few} does not divide {width} = {many}")


def solve(work, given):
    L, d, ff, V = given.L, given.d_model, given.d_ff, given.V
    refuse_odd(work, given, "H", "d_model")

    def mapped(weights, biases):
        return weights + biases if given.biases else weights

    weights, biases, but_output = 4 * d**2, 4 * d, mapped(3 * d**2, 3 * d)
    slips = [slip("multiplied by the heads", "every head was given matrices of full width",
                  lambda: given.H * mapped(weights, biases)),
             slip("forgot the output matrix", "joining the heads was taken to cost nothing",
                  lambda: but_output)]
    if given.kv_heads is not None:
        refuse_odd(work, given, "kv_heads", "H")
        kv = work.let("kv_width", given.kv_heads * d / given.H, r"d_{\mathrm{kv}}",
            why="the width of keys and values")
        weights, biases = 2 * d**2 + 2 * d * kv, 2 * d + 2 * kv
        but_output = mapped(d**2 + 2 * d * kv, d + 2 * kv)
        slips.append(slip("gave keys and values all the heads", "grouping was thought to share no"
                          " weights", lambda: mapped(4 * d**2, 4 * d)))
    forgot = "forgot the biases", "a linear map was taken for its matrix"
    attention = work.answer("attention_per_layer", mapped(weights, biases), r"P_{\mathrm{att}}",
        why="queries, keys, values and output" if given.kv_heads is None
        else "queries and output, then keys and values",
        slips=[*slips, slip(*forgot, lambda: weights)])
    ups = 2 if given.ffn == "gated" else 1
    inner = ff if ups == 1 else ups * ff
    ffn = work.answer("ffn_per_layer", mapped((ups + 1) * d * ff, inner + d), r"P_{\mathrm{ffn}}",
        why="two matrices up, one down" if ups == 2 else "one matrix up, one down", slips=[
            slip("counted one matrix up and one down", "the gate was taken to have no weights",
                 lambda: mapped(2 * d * ff, ff + d)) if ups == 2
            else slip("counted one matrix",
                      "the way back was taken for the first matrix's transpose",
                      lambda: mapped(d * ff, ff + d)),
            slip(*forgot, lambda: (ups + 1) * d * ff)])
    tables = [work.let("token_embedding", V * d, r"P_{\mathrm{tok}}", why="a row for each token")]
    work.answer("token_embedding", tables[0])
    further = given.final_norm + given.embedding_norm
    each, other = (d, 2 * d) if given.norm == "rmsnorm" else (2 * d, d)
    inside = given.norms_per_layer * L
    number = inside + further if further else inside
    norms = work.answer("norms", number * each, r"P_{\mathrm{norm}}",
        why="a scale each" if given.norm == "rmsnorm" else "a scale and a shift each", slips=[
            slip("counted one norm a layer", "attention and feed-forward were taken to share it",
                 lambda: (L + further) * each),
            slip("counted the shift of an RMS norm", "it was taken for a layer norm",
                 lambda: number * other) if given.norm == "rmsnorm"
            else slip("counted no shift", "a norm was thought to learn a scale only",
                      lambda: number * other)])
    if given.positions == "learned":
        tables.append(work.let("position_embedding", given.context * d, r"P_{\mathrm{pos}}",
                               why="a row for each position"))
    if given.token_types is not None:
        tables.append(work.let("type_embedding", given.token_types * d, r"P_{\mathrm{type}}",
                               why="a row for each token type"))
    words = tables[0]
    if not given.tied:
        head = work.let("output_head", V * d, r"P_{\mathrm{out}}", why="a second table of tokens")
        tables, words = [*tables, head], words + head
    blocks = work.let("blocks", L * (attention + ffn), r"P_{\mathrm{blocks}}", why="equal layers")
    total = sum(tables) + blocks + norms
    total_slips = [slip("left out the norms", "norms were thought to have nothing to learn",
                        lambda: sum(tables) + blocks)]
    if given.tied:
        total_slips.append(slip("counted the tied table twice", "sharing was taken for copying",
                                lambda: total + tables[0]))
    else:
        total_slips.append(slip("left out the output head", "every head was taken to be tied",
                                lambda: sum(tables[:-1]) + blocks + norms))
    if given.positions != "learned":
        total_slips.append(slip("counted a table of positions",
                                "every position was taken to be learned",
                                lambda: total + given.context * d))
    total = work.answer("total", total, "P", why="tables, layers and norms", slips=total_slips)
    share = work.answer("table_share", words / total, "q", style="rounded",
        why=("the table" if given.tied else "both tables") + " of tokens over the whole")
    work.insight("More than half of all parameters stand for tokens, not for layers.",
                 holds=lambda n: n(share) > 0.5)
    work.insight("A layer's feed-forward network is << r|about >> times as large as its"
                 " attention.",
                 holds=lambda n: n(ffn) > n(attention),
                 r=work.let("ratio", ffn / attention, "r", places=1, style="rounded"))
    work.insight("All norms together hold << p|n >> of << P|n >> parameters: next to nothing.",
                 holds=lambda n: 50 * n(norms) < n(total), p=norms, P=total)
    work.insight("Twice the widths $d$ and $d_{\\mathrm{ff}}$ would make a layer about four"
                 " times as large, but the table of tokens only twice.")


def check(given):
    """Counting the entries of every module's tensors, head by head"""
    H, d, ff, biases = (given[name] for name in ("H", "d_model", "d_ff", "biases"))
    width, kv_heads = d // H, given.get("kv_heads") or H

    def linear(inputs, outputs):
        return [(inputs, outputs)] + [(outputs,)] * bool(biases)

    def entries(shapes):
        return sum(math.prod(shape) for shape in shapes)

    heads = H * linear(d, width) + 2 * kv_heads * linear(d, width)
    attention = entries(heads + linear(H * width, d))
    ups = 2 if given.get("ffn", "mlp") == "gated" else 1
    ffn = entries(ups * linear(d, ff) + linear(ff, d))
    norm = entries([(d,)] * (1 if given.get("norm", "layernorm") == "rmsnorm" else 2))
    in_layer = given["norms_per_layer"] * norm
    outside = (bool(given["final_norm"]) + bool(given.get("embedding_norm", False))) * norm
    tables = {
        "token_embedding": entries([(given["V"], d)]),
        "position_embedding": entries([(given["context"], d)] * (given["positions"] == "learned")),
        "type_embedding": entries([(given.get("token_types") or 0, d)]),
        "output_head": entries([(d, given["V"])] * (not given["tied"]))}
    layers = [attention + ffn + in_layer for _ in range(given["L"])]
    total = sum(tables.values()) + sum(layers) + outside
    return tables | {
        "attention_per_layer": attention, "ffn_per_layer": ffn,
        "norms": given["L"] * in_layer + outside, "ratio": Fraction(ffn, attention),
        "total": total, "table_share": (tables["token_embedding"] + tables["output_head"]) / total}


def figures(given, steps):
    layers = given["L"]
    kinds = [("attention", "attention_per_layer", layers), ("all norms", "norms", 1),
             ("positions", "position_embedding", 1), ("types", "type_embedding", 1),
             ("tokens", "token_embedding", 1), ("head", "output_head", 1),
             ("feed-forward", "ffn_per_layer", layers)]
    kinds = [(rf"\text{{{label}}}", 100 * times * steps[name] / steps["total"])
             for label, name, times in kinds if name in steps]
    labels, percents = zip(*kinds)
    texts = [percent if percent >= 0.05 else "<0.1" for percent in percents]
    return [Bars([percents], [texts], labels, places=1,
                 caption="Where all parameters are, in percent.")]
