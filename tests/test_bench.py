"""What the bench does with R/exams: there, absent, without its package, failing, hanging."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import exams
import others
import rexams
import run as bench

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a shell script")

Fake = Callable[[str], None]
# Called as Rscript FILE COUNT FOLDER; the shell alone, for nothing else is on the PATH.
WRITES = """
i=0
while [ $i -lt $2 ]; do
  i=$((i + 1)); echo > "$3/exam$i.pdf"; echo > "$3/solution$i.pdf"; echo > "$3/exam$i.log"
done
"""


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    """Nothing on the PATH, until it is given the lines of a stand-in for Rscript."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def install(lines: str) -> None:
        file = folder / "Rscript"
        file.write_text(f"#!/bin/sh\n{lines}\n", encoding="utf-8")
        file.chmod(0o755)

    return install


def measured(theirs: rexams.Pdfs) -> exams.Exams:
    """A hundred papers and keys in ten seconds: 20 PDFs a second."""
    ten = exams.Run(10.0, 0.0)
    return exams.Exams(100, 200, ten, theirs, 9.0, ten, ten, 100, ten, 1e5)


def test_the_pdfs_of_papers_and_solutions_are_counted(fake: Fake) -> None:
    fake(WRITES)
    theirs = rexams.papers(3)
    assert (theirs.written, theirs.said) == (6, "")
    assert 0 < theirs.seconds < 60


def test_the_script_is_of_six_exercises_and_asks_for_both_templates(
    fake: Fake, tmp_path: Path
) -> None:
    seen = tmp_path / "seen"
    shows = f'{{ while read -r line; do echo "$line"; done < "$1"; echo "$@"; }} > "{seen}"'
    fake(f"{shows}\n{WRITES}")
    assert rexams.papers(1).written == 2
    lines = seen.read_text(encoding="utf-8")
    exercises = ["deriv", "regression", "tstat", "confint", "sumdiff", "currency8"]
    assert lines.endswith(" ".join(f"{name}.Rnw" for name in exercises) + "\n")
    assert 'template = c("exam", "solution")' in lines
    assert "set.seed(1)" in lines
    assert "quit(status = 3)" in lines


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("", "R/exams is not installed (no Rscript): see bench/README.md"),
        ("exit 3", "R/exams is not installed (Rscript has no package exams): see bench/README.md"),
        (
            "echo Loading >&2; echo 'LaTeX failed to compile exam1.tex.' >&2; exit 1",
            "R/exams did not run: LaTeX failed to compile exam1.tex.",
        ),
        ("exit 127", "R/exams did not run: no reason given"),
        ('echo > "$3/exam1.pdf"', "R/exams did not run: it wrote 1 of 6 PDFs"),
    ],
)
def test_what_fails_is_one_line(fake: Fake, lines: str, said: str) -> None:
    if lines:
        fake(lines)
    assert rexams.papers(3) == rexams.Pdfs(0, 0, said)


def test_what_hangs_is_stopped_with_all_that_it_started(fake: Fake, tmp_path: Path) -> None:
    fake(f'(/bin/sleep 1; echo > "{tmp_path}/late") & /bin/sleep 60')
    begun = time.monotonic()
    done = rexams.script("", limit=0.3)
    assert time.monotonic() - begun < 30
    assert done.said == "R/exams did not run: it was stopped after 0.3 seconds"
    time.sleep(1.2)
    assert not (tmp_path / "late").exists()


def test_an_item_of_rexams_is_the_time_that_it_prints_by_its_count(fake: Fake) -> None:
    fake("echo 6")
    (item,) = (each for each in others.others(quick=True) if each.name == "R/exams")
    assert (item.seconds, item.said) == (6 / 5, "")


def test_the_ratio_is_of_pdfs_a_second() -> None:
    rows = exams.told(measured(rexams.Pdfs(50, 25.0)))
    assert ("  PDFs a second, papers and keys, against R/exams", "10.0", "at least 40") in rows
    assert not [row for row in exams.told(measured(rexams.Pdfs(0, 0, "why"))) if "R/" in row[0]]


@pytest.mark.parametrize(
    ("theirs", "ratio", "lines"),
    [(rexams.Pdfs(50, 25.0), 10.0, 0), (rexams.Pdfs(0, 0, "R/exams is away"), None, 1)],
)
def test_the_bench_writes_it_down(
    theirs: rexams.Pdfs,
    ratio: float | None,
    lines: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(bench, "OUTPUT", tmp_path)
    ratios = [bench.Ratio(f"a sheet of {n}", 1.0, "bare", 1.0) for n in (10, 1000)]
    found, items = measured(theirs), [others.Other("R/exams", "an item", 0, theirs.said)]
    speed = bench.Speed("a/b", 1, 100.0, 10.0, 12.0)
    bench.report(ratios, [speed], {}, 10, bench.unable(items, found), found)
    content = json.loads((tmp_path / "bench.json").read_text(encoding="utf-8"))
    assert content["exams"]["against_theirs"] == ratio
    assert content["exams"]["theirs"]["written"] == theirs.written
    said = capsys.readouterr().out
    assert said.count("R/exams is away") == lines
    assert ("at least 40" in said) is (ratio is not None)
