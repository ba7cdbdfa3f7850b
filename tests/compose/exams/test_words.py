"""The fixed words: whole in every language, and the sentences that are put together."""

from __future__ import annotations

import dataclasses
import string

import pytest

from penwork.compose.exams.words import ENGLISH, WORDS, Words

KEYS = [field.name for field in dataclasses.fields(Words)]


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", WORDS)
@pytest.mark.parametrize("key", KEYS)
def test_every_language_has_every_key_with_the_same_places(language: str, key: str) -> None:
    text = getattr(WORDS[language], key)
    assert text and text == " ".join(text.split())
    assert places(text) == places(getattr(ENGLISH, key))
    assert all(name.isidentifier() for name in places(text))


def test_points() -> None:
    assert [ENGLISH.counted_points(n) for n in (0, 1, 8)] == ["0 points", "1 point", "8 points"]
    assert ENGLISH.total_points(60) == "60 points in all"


@pytest.mark.parametrize(
    ("minutes", "percent", "said"),
    [
        (90, 0, "Time: 90 minutes"),
        (1, 0, "Time: 1 minute"),
        (60, 25, "Time: 75 minutes (60 and 25 % extra)"),
        (90, 25, "Time: 113 minutes (90 and 25 % extra)"),  # 112.5, in the student's favour
        (45, 100, "Time: 90 minutes (45 and 100 % extra)"),
    ],
)
def test_time(minutes: int, percent: int, said: str) -> None:
    assert ENGLISH.time_said(minutes, percent) == said


def test_aids_name_logarithm_and_places() -> None:
    said = {aids: ENGLISH.aids_said(aids, 4) for aids in ("none", "strip", "calculator")}
    assert len(set(said.values())) == 3
    for text in said.values():
        assert text.startswith("Allowed aids") and "natural" in text and "4 decimals" in text
    assert "no calculator" not in said["calculator"].lower()
    assert "6 decimals" in ENGLISH.aids_said("none", 6)


def test_a_key_says_what_was_checked() -> None:
    assert ENGLISH.checked(1, 12) == "checked by independent routes: 1 value, 12 equations"
    assert ENGLISH.checked(40, 1).endswith("40 values, 1 equation")


def test_a_bridge() -> None:
    said = ENGLISH.bridge_said("a", ["$h = {[1, 2]}$", "$b = 3$"])
    assert said == "No answer to (a)? Go on with $h = {[1, 2]}$, $b = 3$."
