"""Which problems make a sheet: templates in turn, levels mixed, easier first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from penwork.compose.recipe import MOST_ITEMS
from penwork.draw import SEEDS, Draw
from penwork.errors import UserError
from penwork.problem import Card

DEFAULT_COUNT = 10


@dataclass(frozen=True, slots=True)
class Pick:
    """A problem to make: template, level, item seed, and its minutes."""

    id: str
    level: int
    seed: int
    minutes: int


def select(
    cards: Sequence[Card],
    seed: int,
    *,
    count: int | None = None,
    minutes: int | None = None,
    level: int | None = None,
) -> list[Pick]:
    """The problems of a sheet by number or by minutes; the same for the same arguments."""
    if count is not None and not 1 <= count <= MOST_ITEMS:
        raise UserError(f"A sheet has 1 to {MOST_ITEMS} problems, not {count}.", "Change -n.")
    if minutes is not None and minutes < 1:
        raise UserError(f"A sheet takes at least a minute, not {minutes}.", "Change --minutes.")
    able = {card.id: card for card in cards if _levels(card, level)}
    if not able:
        what = f" at level {level}" if level is not None else ""
        raise UserError(f"No problem is left to choose from{what}.", "See penwork list.")
    slots = _slots([able[name] for name in sorted(able)], seed, level)
    if minutes is None:
        picks = list(islice(slots, DEFAULT_COUNT if count is None else count))
    else:
        picks = _within(slots, minutes, count or MOST_ITEMS, 3 * len(able))
    return sorted(picks, key=lambda pick: (pick.level, pick.minutes))


def _levels(card: Card, level: int | None) -> list[int]:
    return [each for each in card.levels if level in (None, each)]


def _slots(cards: list[Card], seed: int, level: int | None) -> Iterator[Pick]:
    """Without end: every template once, then again one level on."""
    order = Draw("sheet", seed).shuffle(cards)
    slot = turn = 0
    while True:
        for place, card in enumerate(order):
            levels = _levels(card, level)
            chosen = levels[(place + turn) % len(levels)]
            item = Draw("sheet", seed, slot).below(SEEDS)
            yield Pick(card.id, chosen, item, card.minutes[chosen])
            slot += 1
        turn += 1


def _within(slots: Iterator[Pick], minutes: int, most: int, patience: int) -> list[Pick]:
    """Problems in turn as long as they fit; ends when a whole round of levels brings none."""
    picks: list[Pick] = []
    left, skipped, shortest = minutes, 0, 0
    while left and skipped < patience and len(picks) < most:
        pick = next(slots)
        if pick.minutes <= left:
            picks.append(pick)
            left, skipped = left - pick.minutes, 0
        else:
            skipped += 1
            shortest = min(shortest or pick.minutes, pick.minutes)
    if not picks:
        raise UserError(
            f"No problem fits in {minutes} min: the shortest takes {shortest}.",
            "Give more --minutes.",
        )
    if left and len(picks) == MOST_ITEMS:
        raise UserError(
            f"{minutes} min take more than {MOST_ITEMS} problems, the most on a sheet.",
            "Give fewer --minutes.",
        )
    return picks
