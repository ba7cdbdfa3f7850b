"""An exam against R/exams and bare pdflatex, a large class against a small one, and verify.

    python bench/exams.py [--students 10000]

`make bench` runs it with 1,000 students for the large class.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from threading import Event, Thread
from typing import NamedTuple

import rexams
from penwork.press.engine import environment, find_engine
from penwork.press.format import format_file

PENWORK = [sys.executable, "-m", "penwork"]
SIX = (
    "forward_backward/gradient_descent",
    "forward_backward/momentum_step",
    "attention_mechanics/scaled_dot_product",
    "forward_backward/mlp_forward",
    "architecture_analysis/parameter_count",
    "coding_traces/kv_cache",
)
# Of these there are enough for a class of thousands.
TWO = ("forward_backward/mlp_forward", "attention_mechanics/scaled_dot_product")
SMALL = 100


class Run(NamedTuple):
    """One command: its seconds, and the most memory of its own process in MB (0 if unknown)."""

    seconds: float
    megabytes: float


class Exams(NamedTuple):
    """What came out; seconds."""

    papers: int
    pdfs: int
    made: Run
    theirs: rexams.Pdfs
    bare: float
    verified: Run
    two: Run
    students: int
    large: Run
    bytes_a_paper: float

    @property
    def against_theirs(self) -> float | None:
        """PDFs a second, penwork's by those of R/exams, where it ran."""
        if self.theirs.said:
            return None
        return (self.pdfs / self.made.seconds) / (self.theirs.written / self.theirs.seconds)


def spec(folder: Path, templates: Sequence[str]) -> Path:
    """An exam of these templates at level 2."""
    problems = "".join(f'[[section.problem]]\ntemplate = "{t}"\nlevel = 2\n' for t in templates)
    file = folder / f"exam{len(templates)}.toml"
    file.write_text(f'title = "Bench"\nminutes = 90\n[[section]]\n{problems}', encoding="utf-8")
    return file


def run(*words: str) -> Run:
    """penwork as a command, which must succeed."""
    begun = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen([*PENWORK, *words], stdout=said, stderr=said)
        most, done = [0.0], Event()
        watcher = Thread(target=_watch, args=(process.pid, most, done))
        watcher.start()
        code = process.wait()
        seconds = time.perf_counter() - begun
        done.set()
        watcher.join()
        if code:
            said.seek(0)
            raise SystemExit(said.read().decode("utf-8", "replace"))
    return Run(seconds, most[0])


def _watch(pid: int, most: list[float], done: Event) -> None:
    """The peak of a process's own memory, where the system tells it (Linux)."""
    status = Path(f"/proc/{pid}/status")
    while not done.wait(0.2):
        try:
            lines = status.read_text(encoding="ascii").splitlines()
        except OSError:
            return
        peaks = [int(line.split()[1]) for line in lines if line.startswith("VmHWM")]
        most[0] = max([most[0], *(peak / 1024 for peak in peaks)])


def bare(tex: Path) -> float:
    """Seconds of one serial run of pdflatex with the same format over each of the files.

    Without the probes: what was measured once is known when the exam is made for the table.
    """
    engine = find_engine()
    begun = time.perf_counter()
    with format_file(engine) as dumped:
        for file in sorted(set(tex.glob("*.tex")) - set(tex.glob("probes-*.tex"))):
            words = [str(engine), f"-fmt={dumped.with_suffix('')}", "-interaction=batchmode"]
            subprocess.run(
                [*words, file.name], cwd=tex, env=environment(engine, tex), capture_output=True,
                check=False,
            )  # fmt: skip
            if not file.with_suffix(".pdf").is_file():
                raise SystemExit(f"bare pdflatex made no {file.stem}.pdf")
    return time.perf_counter() - begun


def measure(place: Path, papers: int, students: int) -> Exams:
    """All of it, in `place`; `papers` of six problems, then two problems for `students`."""
    six, two = spec(place, SIX), spec(place, TWO)
    kept, folder = place / "kept", place / "six"
    run("exam", str(six), "--papers", str(papers), "-o", str(kept), "--keep-tex")
    made = run("exam", str(six), "--papers", str(papers), "-o", str(folder))
    pdfs = len([*folder.glob("papers/*.pdf"), *folder.glob("keys/*.pdf")])
    theirs = rexams.papers(max(10, papers // 4))
    alone = bare(kept / "tex")
    verified = run("verify", str(folder))
    small = run("exam", str(two), "--papers", str(papers), "-o", str(place / "small"))
    large = run("exam", str(two), "--papers", str(students), "-o", str(place / "large"))
    sizes = [file.stat().st_size for file in (place / "large" / "papers").glob("*.pdf")]
    return Exams(
        papers, pdfs, made, theirs, alone, verified, small, students, large,
        sum(sizes) / max(len(sizes), 1),
    )  # fmt: skip


def told(found: Exams) -> list[tuple[str, ...]]:
    """The rows of a table: what, measured, to reach."""
    a_paper = (found.large.seconds / found.students) / (found.two.seconds / found.papers)
    return [
        ("exams", "measured", "to reach"),
        (
            f"{found.papers} papers of six, with keys and marking: s",
            f"{found.made.seconds:.1f}",
            "",
        ),
        *_against_theirs(found),
        (
            "  against bare pdflatex, same .tex and format",
            _times(found.made, found.bare),
            "at most 1.3",
        ),
        ("  verify against making", _times(found.verified, found.made.seconds), "at most 1"),
        (f"{found.students} papers of two: s", f"{found.large.seconds:.1f}", ""),
        (f"  a paper against one of {found.papers}", f"{a_paper:.2f}", "at most 1.3"),
        ("  memory of the parent, MB", f"{found.large.megabytes:.0f}", "at most 400"),
        ("  PDF of a paper, kB", f"{found.bytes_a_paper / 1000:.0f}", ""),
    ]


def _against_theirs(found: Exams) -> list[tuple[str, ...]]:
    ratio = found.against_theirs
    if ratio is None:
        return []
    written, seconds, _ = found.theirs
    return [
        ("  PDFs a second, papers and keys, against R/exams", f"{ratio:.1f}", "at least 40"),
        ("    penwork's", f"{found.pdfs / found.made.seconds:.1f}", ""),
        (f"    of exams2pdf, {written} of them", f"{written / seconds:.1f}", ""),
    ]


def _times(run: Run, other: float) -> str:
    return f"{run.seconds / other:.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description="How fast exams are.")
    parser.add_argument("--papers", type=int, default=SMALL)
    parser.add_argument("--students", type=int, default=1000)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="penwork-bench-") as place:
        found = measure(Path(place), wanted.papers, wanted.students)
    for what, *numbers in told(found):
        sys.stdout.write(f"{what.ljust(60)}{''.join(n.rjust(13) for n in numbers)}\n")
    if found.theirs.said:
        sys.stdout.write(f"{found.theirs.said}\n")


if __name__ == "__main__":
    main()
