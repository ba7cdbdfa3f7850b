"""One small exam with a class of awkward names, run in this process."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from penwork.catalogue import Catalogue, load
from penwork.compose.exams.roster import read_roster
from penwork.compose.exams.seeds import Source
from penwork.compose.exams.spec import read_spec
from penwork.press import sheet
from penwork.press.exams import lists, measure
from penwork.press.exams.batch import print_batch
from penwork.press.exams.measure import probed
from penwork.press.exams.request import Request
from penwork.press.exams.run import Result, run_exam
from penwork.prove.verify import papers

TEMPLATES = Path(__file__).parents[3] / "templates"
TITLE = r"\input{/etc/passwd} 5 % $x$ \write18{id} ~#&_^ {}"
INSTRUCTIONS = r"100 % of $y$ \openin{/etc/passwd} & <b>"
SECRET = b"a long line of no chance at all"
DESCENT, MOMENTUM = "forward_backward/gradient_descent", "forward_backward/momentum_step"
SPEC = f"""id = "small"
title = '{TITLE}'
minutes = 30
instructions = '{INSTRUCTIONS}'

[[section]]
title = 'Sec_tion #1'

[[section.problem]]
template = "{DESCENT}"
level = 2
points = 9
bridge = ["b"]

[[section.problem]]
template = "{MOMENTUM}"
level = 1
"""
PICKED = SPEC.replace("[[section]]", "[[section]]\npick = 1").replace("level = 1", "points = 9")
ROSTER = """id,name
0041,Łukasz Peña
0042,"Doe, John $x$ & Co_"
0043,李
0044,O'Brien
0045,=cmd
"""
LISTS = {
    *("papers.pdf", "keys.pdf", "marking.pdf", "blueprint.pdf", "signin.pdf"),
    *("answers.csv", "manifest.json", "spec.toml", "roster.csv"),
}
LATE = "0040,Late Comer\n"


@cache
def catalogue() -> Catalogue:
    return load([TEMPLATES])


VERSION = catalogue().get(DESCENT).problem.version


def remembered(work: Callable[..., Any]) -> Callable[..., Any]:
    """The work, done once for each different job: it depends on nothing else."""
    known: dict[str, Any] = {}

    def once(*arguments: Any) -> Any:
        key = repr(arguments[-1])
        if key not in known:
            known[key] = work(*arguments)
        return known[key]

    return once


ONCE: dict[Any, Callable[..., Any]] = {w: remembered(w) for w in (probed, print_batch)}
COMPILE = remembered(sheet.compile_documents)


def quick() -> Iterator[None]:
    """As a fixture of a module: what is the same in its tests is solved and typeset once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(papers, "print_batch", ONCE[print_batch])
        for module in (lists, measure):
            patch.setattr(module, "compile_documents", COMPILE)
        yield


def spread(work: Callable[[Catalogue, Any], Any], jobs: Sequence[Any], what: str) -> Iterator[Any]:
    """Every job here and now, in its order; what is long is done once for all tests."""
    for job in jobs:
        once: Callable[..., Any] = ONCE.get(work, work)
        yield once(catalogue(), job)


def afresh(work: Callable[[Catalogue, Any], Any], jobs: Sequence[Any], what: str) -> Iterator[Any]:
    """Every job here and now, though it was done before."""
    for job in jobs:
        yield work(catalogue(), job)


def request(folder: Path, spec: str = SPEC, roster: str = ROSTER, **more: Any) -> Request:
    """What the command line makes of these files, which lie beside the folder."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    files = {folder.parent / "small.toml": spec, folder.parent / "class.csv": roster}
    for file, text in files.items():
        file.write_text(text, encoding="utf-8")
    spec_file, roster_file = files
    read = read_spec(spec_file, catalogue())
    return Request(
        spec=read,
        spec_file=spec_file.read_bytes(),
        roster=read_roster(roster_file, folder.parent),
        roster_file=roster_file.read_bytes(),
        source=Source(SECRET, read.exam_id),
        folder=folder,
        **more,
    )


def made(folder: Path, spec: str = SPEC, roster: str = ROSTER, **more: Any) -> Result:
    """The exam, made in this process."""
    return run_exam(request(folder, spec, roster, **more), catalogue(), spread)


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder by its name there."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def papers_of(folder: Path) -> Any:
    return json.loads((folder / "manifest.json").read_bytes())["papers"]
