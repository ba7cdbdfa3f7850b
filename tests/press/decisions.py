"""An instance of decisions among six candidates, with words as answers and a tree."""

from __future__ import annotations

from penwork.figures import Node, Tree
from penwork.model import Box, Certificate, Instance, Part, Slip
from press.pieces import answer, instance, line, step


def _word(word: str) -> str:
    return rf"\tok{{{word}}}"


def beam_search() -> Instance:
    """Decisions among six candidates, words as answers, a tree in the key."""
    first = [("the", "0.5", "-0.6931"), ("a", "0.4", "-0.9163"), ("cat", "0.1", "-2.3026")]
    second = [
        ("the", "cat", "0.6", "-1.2040", False),
        ("the", "dog", "0.3", "-1.8971", True),
        ("the", "the", "0.1", "-2.9957", False),
        ("a", "cat", "0.9", "-1.0217", True),
        ("a", "dog", "0.05", "-3.9120", False),
        ("a", "a", "0.05", "-3.9120", False),
    ]
    sums = {word: score for word, _, score in first}
    tree = Node(
        r"\tok{start}",
        kept=True,
        children=tuple(
            Node(
                _word(w),
                f"${p}$",
                f"${s}$",
                w != "cat",
                tuple(
                    Node(_word(b), f"${q}$", f"${t}$", kept)
                    for a, b, q, t, kept in second
                    if a == w
                ),
            )
            for w, p, s in first
        ),
    )
    return instance(
        "coding_traces/beam_search",
        "Beam search against greedy decoding",
        level=2,
        seed=4294967295,
        minutes=12,
        statement=r"A language model writes \word{n}{two} words. Decode with a beam of "
        r"\given{k}{k}{2}; scores are sums of natural logarithms. Probabilities of the next word: "
        r"after \tok{start}: \tok{the} \val{p}{0.5}, \tok{a} \val{p}{0.4}, \tok{cat} "
        r"\val{p}{0.1}; after \tok{the}: \tok{cat} \val{p}{0.6}, \tok{dog} \val{p}{0.3}; "
        r"after \tok{a}: \tok{cat} \val{p}{0.9}. The end of a sentence is \eot.",
        parts=(
            Part("a", "Run the beam. Which hypothesis wins?", ("best",), 4, "M2 A2"),
            Part(
                "b",
                "Which sentence does greedy decoding write, and with which score?",
                ("greedy", "greedy_logprob"),
                2,
                "B2",
            ),
        ),
        steps=(
            step(
                "beam_1",
                "a",
                "score every first word",
                *(
                    line(_word(w), ("=", rf"\ln {p}"), (r"\approx", s), kept=w != "cat")
                    for w, p, s in first
                ),
                kind="choose",
                decision=r"Kept are \tok{the} and \tok{a}, the two highest.",
            ),
            step(
                "beam_2",
                "a",
                "extend each kept word, add the logarithms",
                *(
                    line(
                        _word(a) + r"\;" + _word(b),
                        (r"\approx", rf"{sums[a]}+\ln {q}"),
                        (r"\approx", s),
                        kept=kept,
                    )
                    for a, b, q, s, kept in second
                ),
                kind="choose",
                decision=r"The best continuation of \tok{a} overtakes those of \tok{the}.",
            ),
            step(
                "greedy_1",
                "b",
                "take the likeliest word each time",
                line("", ("", r"\tok{the}\;\tok{cat}")),
                kind="state",
            ),
            step(
                "greedy_logprob",
                "b",
                "",
                line("s", ("=", r"\ln0.5+\ln0.6"), (r"\approx", "-1.2040")),
            ),
        ),
        answers={
            "best": answer(
                "best", "sequence", (Box("best", (), "", "sequence"),), r"\tok{a}\;\tok{cat}"
            ),
            "greedy": answer(
                "greedy", "sequence", (Box("greedy", (), "", "sequence"),), r"\tok{the}\;\tok{cat}"
            ),
            "greedy_logprob": answer(
                "greedy_logprob", "number", (Box("s", (), "2 d.p."),), "-1.20", 2
            ),
        },
        asked=("best", "greedy", "greedy_logprob"),
        slips=(
            Slip(
                "kept one hypothesis",
                "that is greedy decoding, a beam of one",
                "best",
                0,
                r"best: \tok{the}\;\tok{cat}",
            ),
        ),
        insight="The beam finds a sentence that greedy decoding threw away at its first word.",
        figures=(Tree(tree, "The beam keeps two words at each depth."),),
        certificate=Certificate(("all sentences, one by one",), 11, 7),
    )
