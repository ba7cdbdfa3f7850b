"""What one instance of each level looks like in LaTeX; refreshes freely with `make golden`."""

from __future__ import annotations

from pathlib import Path

import pytest

import goldens
from penwork.catalogue import default_folders, load
from penwork.instance import make
from penwork.model import Instance
from penwork.problem import LEVELS

CATALOGUE = load(default_folders([]))
FOLDER = Path(__file__).parent / "snapshots"
SEED = 1


def written(instance: Instance) -> str:
    """Everything that reaches the page, a line each."""
    lines = [f"% level {instance.level}", instance.statement]
    for part in instance.parts:
        lines.append(f"({part.letter}) {part.text} [{part.marks}]")
        for step in (step for step in instance.steps if step.part == part.letter):
            lines += [f"% {step.why}"] if step.why else []
            lines += [("-> " if line.kept else "") + line.latex for line in step.lines]
        lines += [f"{name}: {instance.answers[name].printed}" for name in part.asks]
    lines += [f"slip {slip.latex} {slip.name}: {slip.belief}" for slip in instance.slips]
    return "\n".join([*lines, instance.insight, ""])


@pytest.mark.parametrize("name", sorted(CATALOGUE.pairs))
def test_golden_latex(name: str) -> None:
    template = CATALOGUE.get(name)
    text = "\n".join(written(make(template, seed=SEED, level=level)) for level in LEVELS)
    path = FOLDER / f"{name.replace('/', '.')}.tex"
    if goldens.WRITING:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.exists(), f"{name} has no snapshot: run `make golden`"
    assert path.read_text(encoding="utf-8") == text, "the page changed: look, then `make golden`"
