"""How fast penwork is, against bare pdflatex and against others where they are installed.

    make bench              everything: about ten minutes
    python bench/run.py --quick

Ratios first: what is compared runs in turn, in this one run. Writes output/bench.json and
output/bench.svg.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from html import escape
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

import exams
from others import Other, others
from penwork import __version__
from penwork.catalogue import default_folders, load
from penwork.errors import UserError
from penwork.instance import make
from penwork.press.engine import find_engine

ROOT = Path(__file__).resolve().parent.parent
PENWORK = [sys.executable, "-m", "penwork"]
OUTPUT = ROOT / "output"


class Ratio(NamedTuple):
    """Two things done in turn; `most` is the figure to reach, if there is one."""

    what: str
    seconds: float
    against: str
    other: float
    most: float | None = None

    @property
    def ratio(self) -> float:
        return self.seconds / self.other


class Speed(NamedTuple):
    """A template and level: certified instances a second, milliseconds, of processor time."""

    id: str
    level: int
    a_second: float
    median: float
    p95: float


def say(line: str = "") -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def command(*words: str) -> None:
    subprocess.run([*PENWORK, *words], check=True, capture_output=True)


def pages_of(folder: Path) -> int:
    """The pages of both PDFs, as TeX logged them."""
    logs = (folder / f"{name}.log" for name in ("worksheet", "key"))
    texts = (log.read_text(encoding="utf-8", errors="replace") for log in logs)
    return sum(int(t.rpartition(" page")[0].rpartition("(")[2]) for t in texts)


def bare(tex: Path) -> None:
    """One serial run of pdflatex over each of the files, with nothing of penwork's."""
    for name in ("worksheet", "key"):
        words = [str(find_engine()), "-interaction=batchmode", f"{name}.tex"]
        subprocess.run(words, cwd=tex, check=False, capture_output=True)
        if not (tex / f"{name}.pdf").is_file():
            raise SystemExit(f"bare pdflatex made no {name}.pdf: see {tex / name}.log")


def sheets(folder: Path, count: int, rounds: int, most: float) -> tuple[Ratio, int]:
    """penwork sheet, process start to both PDFs, in turn with bare pdflatex on the same .tex."""
    words = ["sheet", "-n", str(count), "--seed", "1", "-o", str(folder), "--keep-tex"]
    command(*words)  # the format is cached from here on
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(timed(lambda: command(*words)))
        theirs.append(timed(lambda: bare(folder / "tex")))
    what = f"penwork sheet -n {count}"
    ratio = Ratio(what, min(ours), "bare pdflatex, same .tex", min(theirs), most)
    return ratio, pages_of(folder / "tex")


def speeds(count: int) -> list[Speed]:
    """Certified instances with their written LaTeX, in one process."""
    found = []
    for template in load(default_folders()).select():
        for level in sorted(template.problem.minutes):
            make(template, seed=count, level=level)
            ms = []
            for seed in range(count):
                start = time.process_time()
                make(template, seed=seed, level=level)
                ms.append(1000 * (time.process_time() - start))
            p95 = quantiles(ms, n=20)[-1]
            found.append(Speed(template.id, level, 1000 * count / sum(ms), median(ms), p95))
    return found


def table(rows: Sequence[Sequence[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = zip(row, widths, strict=True)
        say("  ".join(c.rjust(w) if i else c.ljust(w) for i, (c, w) in enumerate(cells)).rstrip())


def plot(found: Sequence[Speed], ratios: Sequence[Ratio]) -> str:
    """Bars of instances a second, and the ratios as text, as one SVG."""
    row, left, wide = 16, 330, 420
    most = max(speed.a_second for speed in found)
    high = row * (len(found) + len(ratios) + 4)
    lines = [f'<text x="8" y="{row}" font-weight="bold">certified instances a second</text>']
    for i, speed in enumerate(found, 2):
        width = wide * speed.a_second / most
        lines += [
            f'<text x="8" y="{row * i + 11}">{escape(speed.id)} {speed.level}</text>',
            f'<rect x="{left}" y="{row * i + 2}" width="{width:.1f}" height="{row - 4}"/>',
            f'<text x="{left + width + 6:.1f}" y="{row * i + 11}">{speed.a_second:.0f}</text>',
        ]
    for i, ratio in enumerate(ratios, len(found) + 3):
        said = f"{ratio.what}: {ratio.ratio:.2f} × {ratio.against}"
        lines.append(f'<text x="8" y="{row * i + 11}">{escape(said)}</text>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + wide + 60}" height="{high}"'
        ' font-family="sans-serif" font-size="11"><rect width="100%" height="100%" fill="white"/>'
        f'<g fill="#333">{"".join(lines)}</g></svg>\n'
    )


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="How fast penwork is.")
    parser.add_argument("--quick", action="store_true", help="a tenth of the work")
    return parser.parse_args()


def main() -> None:
    quick = arguments().quick
    large, instances = (100, 20) if quick else (1000, 200)
    with tempfile.TemporaryDirectory(prefix="penwork-bench-") as place:
        say(f"penwork {__version__}: a sheet of 10")
        small, _ = sheets(Path(place) / "small", 10, 3, 2.5)
        say(f"a sheet of {large}")
        big, pages = sheets(Path(place) / "large", large, 1, 1.3)
        papers, students = (24, 60) if quick else (100, 1000)
        say(f"exams of {papers} and of {students} papers")
        of_exams = exams.measure(Path(place), papers, students)
    say("instances, one process")
    found = speeds(instances)
    compared = others(quick)
    every = sum(speed.a_second for speed in found) / len(found)
    ratios = [small, big]
    ratios += [
        Ratio(f"a penwork instance ({each.work})", 1 / every, each.name, each.seconds)
        for each in compared
        if each.seconds
    ]
    times = {
        words: min(timed(partial(command, words)) for _ in range(5)) for words in ("--help", "list")
    }
    report(ratios, found, times, pages, unable(compared, of_exams), of_exams)


def unable(compared: Sequence[Other], of_exams: exams.Exams) -> list[str]:
    """Why there is no figure of another program, each reason once."""
    said = [*(each.said for each in compared), of_exams.theirs.said]
    return [line for line in dict.fromkeys(said) if line]


def report(
    ratios: list[Ratio],
    found: list[Speed],
    times: dict[str, float],
    pages: int,
    absent: list[str],
    of_exams: exams.Exams,
) -> None:
    say()
    table(
        [("ratios", "penwork s", "other s", "ratio", "at most", "against")]
        + [
            (r.what, f"{r.seconds:.4g}", f"{r.other:.4g}", f"{r.ratio:.2f}",
             "" if r.most is None else f"{r.most}", r.against)
            for r in ratios
        ]
    )  # fmt: skip
    for line in absent:
        say(line)
    big = ratios[1]
    rates = {"penwork": pages / big.seconds, "bare pdflatex": pages / big.other}
    say()
    table([("pages a second", *rates), (f"{pages} pages", *(f"{x:.0f}" for x in rates.values()))])
    say()
    table([("command", "s", "at most"),
           *((f"penwork {words}", f"{s:.2f}", "0.35") for words, s in times.items()),
           (ratios[0].what, f"{ratios[0].seconds:.2f}", "1.0")])  # fmt: skip
    say()
    table(exams.told(of_exams))
    say()
    table([("instances", "level", "a second", "median ms", "p95 ms")]
          + [(s.id, str(s.level), f"{s.a_second:.0f}", f"{s.median:.1f}", f"{s.p95:.1f}")
             for s in found])  # fmt: skip
    OUTPUT.mkdir(exist_ok=True)
    content = {
        "penwork": __version__,
        "ratios": [r._asdict() | {"ratio": r.ratio} for r in ratios],
        "not_installed": absent,
        "pages_a_second": rates,
        "commands": times,
        "exams": of_exams._asdict()
        | {"theirs": of_exams.theirs._asdict(), "against_theirs": of_exams.against_theirs},
        "instances": [s._asdict() for s in found],
    }
    (OUTPUT / "bench.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    (OUTPUT / "bench.svg").write_text(plot(found, ratios), encoding="utf-8")
    say(f"\nWrote {OUTPUT / 'bench.json'} and bench.svg")


if __name__ == "__main__":
    if shutil.which(sys.executable) is None:
        raise SystemExit("run it with the Python that has penwork")
    try:
        main()
    except (UserError, subprocess.CalledProcessError) as error:
        raise SystemExit(str(error)) from None
