"""Byte-pair encoding learned on a few words (Gage 1994; Sennrich, Haddow and Birch 2016)."""

from collections import Counter
from itertools import pairwise

from penwork.author import Bars, Problem, choice, count, option, slip, tally, tok, token

problem = Problem(
    title="Byte-pair encoding",
    question="How does a tokenizer learn its symbols, and how does it spell a word it never saw?",
    source=["Tokenization 2"], minutes={1: 6, 2: 10, 3: 12}, version=2,
    given=dict(words=tally(), merges=count(low=1, high=50), new=token(default=None),
        ties=choice(options=("first", "lexicographic"))),
    effort={1: (35, 80), 2: (50, 160), 3: (80, 120)}, typical={1: 52, 2: 95, 3: 97},
    exceptions={"common": "of a dozen symbols five to seven fall out of use"})

END = "</w>"
FAMILIES = [
    "low lower lowest slow slower flow", "new newer newest renew news few fewer",
    "sing singer ring ringer king string", "rain train brain drain trainer",
    "heat eat heater eater seat cheat", "old older cold colder oldest bold bolder",
    "wide wider widest wise wiser side", "test tester best rest west nest",
    "late later plate slate relate rate", "port sport report sort short shorter",
    "night light right lighter slight flight", "play player plays replay display",
    "walk talk walker talked walks stalk"]
CORES = [  # words that end alike; words that go on where a further one, never seen, would end
    ("band land sand", "hands handy", "hand"), ("king wing thing", "rings ringer", "ring"),
    ("west nest best", "tests tester", "test"), ("seat neat meat", "heater heats", "heat"),
    ("cold bold gold", "folder folds", "fold"), ("fear dear near", "heard hears", "hear shear"),
    ("ball call wall", "falls fallen", "fall"), ("main pain gain", "rains rainy", "rain"),
    ("pink wink sink", "links linked", "link"), ("lake cake make", "baker baked", "bake"),
    ("rock sock dock", "locker locks", "lock"), ("send bend mend", "lender lends", "lend"),
    ("bell sell well", "tells teller", "tell"), ("cart dart mart", "parts party", "part"),
    ("gate date late", "rates rated", "rate"), ("bone cone zone", "tones toned", "tone stone")]


def sample(draw, level):
    ties = draw.pick(["first", "first", "lexicographic"])
    merges = 2 if level == 1 else level + draw.integer(1, 2)
    if level < 3:
        family = draw.shuffle(draw.pick(FAMILIES).split())
        count = 3 if level == 1 else draw.integer(3, 4)
        often = {word: draw.integer(2, 9) for word in family[:count]}
        spelt = [word for word in family[count:] if set(word) <= set("".join(often))]
        new = draw.pick(spelt or family[-1:]) if level > 1 else None
    else:  # the end of words is merged before the letter in front of it, and that before the rest
        ends, longer, unseen = (draw.shuffle(words.split()) for words in draw.pick(CORES))
        often = {word: draw.integer(11, 15) for word in longer}
        both = sum(often.values())
        often |= {word: draw.integer(both // 2 + 1, both - 1) for word in ends[:2]}
        often, new = {word: often[word] for word in draw.shuffle(list(often))}, unseen[0]
    return dict(words=often, merges=merges, ties=ties, new=new)


def pairs(corpus):
    """Every pair of neighbours as the corpus is scanned: how often it stands in each row."""
    found = {}
    for row, symbols in enumerate(corpus):
        for pair in pairwise(symbols):
            found.setdefault(pair, [0] * len(corpus))[row] += 1
    return found


def merged(symbols, pair):
    done, at = [], 0
    while at < len(symbols):
        width = 2 if tuple(symbols[at:at + 2]) == pair else 1
        done.append("".join(symbols[at:at + width]))
        at += width
    return done


def longest_match(word, symbols):
    done, rest = [], word + END
    while rest:
        fits = [symbol for symbol in symbols if rest.startswith(symbol)]
        done.append(max(fits, key=len, default=rest[0]))
        rest = rest[len(done[-1]):]
    return done


def joined(pair):
    return r"\sep".join(map(tok, pair))


def solve(work, given):
    often, number = list(given.words.values()), next(iter(given.words.values())).constant

    def weighed(times):
        """How often something occurs that each row has so many times."""
        return sum(each * n if n > 1 else each for each, n in zip(often, times) if n)

    def lasting(scored):
        """The pair that the start counted most; a dead end where it counted none of these."""
        counts = [start.setdefault(pair, n if t == 1 else 0) for n, pair in scored]
        work.refuse(not any(counts), "the start counted none of these pairs")
        return [counts.index(max(counts))]

    uncounted = "ignored how often a word occurs", "the list of words was taken for the corpus"
    names = [tok(word) for word in given.words]
    corpora = [work.state(
        "corpus_0", names, [[*word, END] for word in given.words], why="letters and an end marker",
        slips=[slip("left out the end marker", "a word was thought to be its letters alone",
                    lambda: [list(word) for word in given.words])])]
    equals = dict(first="pair met first", lexicographic="first in alphabetical order")[given.ties]
    merges, saved, start = [], [], {}
    while len(merges) < given.merges and (found := pairs(corpora[-1])):
        order = sorted(found) if given.ties == "lexicographic" else list(found)
        t, scores = len(merges) + 1, [weighed(found[pair]) for pair in order]
        best = work.choose(f"pair_{t}",
            [option(f"n({joined(p)})", n, p) for p, n in zip(order, scores)], tie="listed",
            tied=f"Of equal counts the {equals} is taken.", shown=4,
            why="count every pair again" if merges else "count every pair of neighbours", slips=[
                slip(*uncounted, [number(sum(found[p])) for p in order]),
                slip("did not count again", "the counts of the start were thought to last",
                     lasting)])[0]
        merges.append(best.item)
        corpora.append(work.state(
            f"corpus_{t}", names, [merged(row, best.item) for row in corpora[-1]],
            why="merge it wherever it stands"))
        gone = [len(old) - len(new) for old, new in zip(*corpora[-2:])]
        saved.append((best.score if gone == found[best.item] else weighed(gone), sum(gone)))
    work.answer("merges", merges, joint=r"\sep")

    size = [len(row) for row in corpora[0]]
    L = [work.let("length_0", weighed(size), "L_0", why="count times symbols, word by word", slips=[
             slip(*uncounted, lambda: number(sum(size)))])]
    for t, (times, once) in enumerate(saved, 1):
        L.append(work.let(f"length_{t}", L[-1] - times, f"L_{t}",
            why="each place that is merged saves one symbol", slips=[
                slip(*uncounted, lambda L=L[-1], once=once: L - once)]))
    work.answer("lengths", L, label="L")
    vocabulary = list(dict.fromkeys(symbol for row in corpora[0] for symbol in row))
    V = [work.let("size_0", number(len(vocabulary)), "V_0",
                  why="the different symbols of the corpus")]
    for t, pair in enumerate(merges, 1):
        made = "".join(pair)
        V.append(work.let(f"size_{t}", V[-1] + int(made not in vocabulary), f"V_{t}",
            why="a merge adds a symbol", slips=[
                slip("took the merged symbols out", "a merge was thought to replace its parts",
                     lambda V=V[-1]: V - 1)]))
        vocabulary = list(dict.fromkeys([*vocabulary, made]))
    work.answer("vocabulary", V, label="V")
    unused = [symbol for symbol in vocabulary if all(symbol not in row for row in corpora[-1])]
    lost = f"no word shows {', '.join(map(tok, unused))} any more"
    work.answer("unused", number(len(unused)), "U",
        why=lost if unused else "every symbol is in use", slips=[
            slip("counted every merged part", "a part was thought to be used up by its merge",
                 lambda: number(len({part for pair in merges for part in pair}))),
            slip("counted letters only", "what was merged was thought to stay in use",
                 lambda: number(sum(len(symbol) == 1 for symbol in unused)))])
    if given.new is None:
        return

    spelled, names = [[*given.new, END]], [tok(given.new)]
    for pair in merges:
        after = merged(spelled[-1], pair)
        if after != spelled[-1]:
            spelled, names = [*spelled, after], [*names, r"\text{after }" + joined(pair)]
    greedy = longest_match(given.new, vocabulary)
    spelled = work.state("encoding", names, spelled,
        why="the merges, in the order they were learned", slips=[
            slip("took the longest match", "the order of the merges was thought not to matter",
                 lambda: [greedy])])
    work.answer("encoded", spelled[-1], joint=r"\sep", label="encoded")
    work.state("matching", names[:1], [greedy], why="the longest symbol that fits, from the left")
    work.answer("longest", greedy, joint=r"\sep", label="by longest match")
    known = set(given.new) <= set(vocabulary) and given.new not in given.words
    work.require(lambda n: known and spelled[-1] != [*given.new, END], "the new word is no test")
    work.insight("Longest match takes << long|tok >> whole, whatever was learned before it.",
                 holds=lambda n: greedy != spelled[-1], long=max(greedy, key=len))
    work.insight("<< word|tok >> never occurred, and no symbol of it is unknown.", word=given.new,
                 holds=lambda n: known)


def _symbols(letters, cuts):
    return ["".join(letters[i:j]) for i, j in pairwise(cuts)]


def _merge(letters, cuts, pair):
    """Take the middle cut out of every such pair, from the left, never two neighbouring cuts."""
    gone = set()
    for place, found in enumerate(pairwise(_symbols(letters, cuts)), 1):
        if found == pair and place - 1 not in gone:
            gone.add(place)
    cuts[:] = [cut for i, cut in enumerate(cuts) if i not in gone]


def _split(text):
    """The letters, which never change, and the places of the cuts between symbols."""
    return [*text, "</w>"], list(range(len(text) + 2))


def check(given):
    """Simulation on cuts between letters: a merge takes cuts away, symbols are read off anew"""
    words = [(_split(text), often) for text, often in given["words"].items()]
    seen, merges, lengths, sizes, steps = set(), [], [], [], {}
    while True:
        t, corpus, counts = len(merges), [_symbols(*word) for word, _ in words], Counter()
        seen.update(*corpus)
        lengths.append(sum((len(cuts) - 1) * often for (_, cuts), often in words))
        sizes.append(len(seen))
        steps |= {f"step corpus_{t}": corpus, f"length_{t}": lengths[t], f"size_{t}": sizes[t]}
        for symbols, (_, often) in zip(corpus, words):
            for pair in pairwise(symbols):
                counts[pair] += often
        if t == given["merges"] or not counts:
            break
        most = max(counts.values())
        best = [pair for pair, count in counts.items() if count == most]  # in the order of meeting
        merges.append(best[0] if given["ties"] == "first" else min(best))
        others = [count for pair, count in counts.items() if pair != merges[-1]]
        steps[f"step pair_{t + 1}"] = ([most], others, [merges[-1]])
        for word, _ in words:
            _merge(*word, merges[-1])
    steps |= {"merges": merges, "lengths": lengths, "vocabulary": sizes,
              "unused": len(seen.difference(*corpus))}
    if "new" in given:
        word, rest, longest = _split(given["new"]), given["new"] + "</w>", []
        stages = [_symbols(*word)]
        for pair in merges:
            _merge(*word, pair)
            stages += [_symbols(*word)] * (len(word[1]) <= len(stages[-1]))
        while rest:
            ends = [j for j in range(1, len(rest) + 1) if rest[:j] in seen]
            longest.append(rest[: max(ends, default=1)])
            rest = rest[len(longest[-1]) :]
        steps |= {"encoded": stages[-1], "step encoding": stages, "longest": longest,
                  "step matching": [longest]}
    return steps


def figures(given, steps):
    lengths = [steps[f"length_{t}"] for t in range(given["merges"] + 1) if f"length_{t}" in steps]
    if not lengths:
        return []
    return [Bars([lengths], [lengths], [str(t) for t in range(len(lengths))],
                 caption="Symbols in the corpus after each merge.")]
