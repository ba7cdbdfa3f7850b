"""Slots of a spec: which aids its problems need, and which it allows."""

from __future__ import annotations

from pathlib import Path

import pytest

from penwork.compose.exams.slots import aids_of, beyond_aids, slots_of_spec
from penwork.press.exams.setting import exam_of
from press.exams.small import DESCENT, catalogue, request

SOME = """title = "Minutes"
minutes = 9
[[section]]
pick = 1
[[section.problem]]
template = "probability/bayes"
points = 5
[[section.problem]]
template = "probability/bayes"
parts = ["a", "b"]
points = 5
"""
NEEDY = ("coding_traces/positional_encoding", "attention_mechanics/softmax_scale", DESCENT)
LINE = '{} at level 1 needs {}, which this exam\'s aids ("{}") leave out.'


def said(folder: Path, aids: str) -> tuple[str, list[str]]:
    spec = f'title = "Aids"\nminutes = 9\naids = "{aids}"\n[[section]]\n'
    for name in NEEDY:
        spec += f'[[section.problem]]\ntemplate = "{name}"\nlevel = 1\n'
    read = request(folder / "out", spec).spec
    slots = slots_of_spec(read, catalogue())
    return aids_of(read, slots), beyond_aids(read, slots)


@pytest.mark.parametrize(
    ("aids", "allowed", "beyond"),
    [
        ("", "calculator", {}),
        ("calculator", "calculator", {}),
        ("strip", "strip", {NEEDY[0]: "a calculator"}),
        ("none", "none", {NEEDY[0]: "a calculator", NEEDY[1]: "the strip of values"}),
    ],
)
def test_aids_that_problems_need(
    tmp_path: Path, aids: str, allowed: str, beyond: dict[str, str]
) -> None:
    lines = [LINE.format(name, need, aids) for name, need in beyond.items()]
    assert said(tmp_path, aids) == (allowed, lines)


def test_some_parts_take_their_share_of_the_minutes(tmp_path: Path) -> None:
    """Two of the parts of an eight-minute problem have 5 of its 7 points; time is rounded up."""
    exam = exam_of(request(tmp_path / "out", SOME).spec, catalogue())
    assert [slot.minutes for slot in exam.slots] == [8, 6]
    assert exam.range(lambda slot: slot.minutes) == (6, 8)
