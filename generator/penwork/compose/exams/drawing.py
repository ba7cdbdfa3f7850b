"""The draws of an exam: of the seeds that a student has, the first whose effort is fair."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from penwork.catalogue import Catalogue
from penwork.compose.exams.plan import Drawn, Wanted
from penwork.document import dumps, plain
from penwork.errors import Fault, Reject, Unfair
from penwork.instance import propose

NUMERIC = ("number", "vector", "matrix")


def draw_all(catalogue: Catalogue, wanted: Sequence[Wanted]) -> list[Drawn | Fault | None]:
    """The draws of several, or how they fail; one job, so that sending it costs little beside."""
    return [_tried(catalogue, each) for each in wanted]


def _tried(catalogue: Catalogue, wanted: Wanted) -> Drawn | Fault | None:
    try:
        return first_fair(catalogue, wanted)
    except Fault as fault:
        return fault


def first_fair(catalogue: Catalogue, wanted: Wanted) -> Drawn | None:
    """The first seed that asks the same and whose effort lies within the band, or None."""
    template = catalogue.get(wanted.template)
    for turn, seed in enumerate(wanted.seeds):
        try:
            attempt, found = propose(
                template,
                seed=seed,
                level=wanted.level,
                parts=wanted.letters,
                band=wanted.band,
            )
        except (Reject, Unfair):
            continue
        asks = tuple(part.asks for part in found.prose.parts)
        if asks != wanted.asks:
            continue
        given = {name: plain(value) for name, value in found.given.items()}
        answers = [found.answers[name] for name in found.asked]
        return Drawn(
            turn=wanted.turn + turn,
            seed=seed,
            attempt=attempt,
            givens=hashlib.blake2b(dumps(given).encode(), digest_size=12).hexdigest(),
            effort=float(found.effort),
            numbers=tuple(answer.printed for answer in answers if answer.type in NUMERIC),
        )
    return None
