"""The same work by other generators, where they are installed; README.md says what it is."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import io
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from penwork.press.engine import find_engine

_EXAMS = """
suppressMessages(library(exams))
start <- proc.time()["elapsed"]
for (i in seq_len(as.integer(commandArgs(TRUE)[1])))
  invisible(xexams("deriv.Rmd", driver = list(sweave = list(quiet = TRUE), read = NULL,
                   transform = NULL, write = NULL)))
cat(proc.time()["elapsed"] - start)
"""


class Other(NamedTuple):
    """Another generator: seconds an item, or 0 and the line that says why there is no figure."""

    name: str
    work: str
    seconds: float
    said: str = ""


def others(quick: bool) -> list[Other]:
    """Every generator that README.md names."""
    count = 20 if quick else 200
    return [
        _python("mathgenerator", "a problem and its answer", _mathgenerator, count),
        _python("reasoning_gym", "a problem and its answer", _reasoning_gym, count),
        _exams(max(count // 10, 5)),
    ]


def _python(name: str, work: str, run: Callable[[int], object], count: int) -> Other:
    if importlib.util.find_spec(name) is None:
        return Other(name, work, 0, f"{name} is not installed: see bench/README.md")
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            run(5)
            start = time.process_time()
            run(count)
    except Exception as error:  # whatever another program does, the bench goes on
        return Other(name, work, 0, f"{name} did not run: {type(error).__name__}: {error}")
    return Other(name, work, (time.process_time() - start) / count)


def _mathgenerator(count: int) -> list[object]:
    generators = importlib.import_module("mathgenerator")
    return [generators.system_of_equations() for _ in range(count)]


def _reasoning_gym(count: int) -> list[object]:
    gym = importlib.import_module("reasoning_gym")
    return list(gym.create_dataset("simple_equations", size=count, seed=1))


def _exams(count: int) -> Other:
    name, work = "R/exams", "an exercise and its solution, written"
    program = shutil.which("Rscript")
    if program is None:
        return Other(name, work, 0, "R/exams is not installed (no Rscript): see bench/README.md")
    path = os.pathsep.join((str(find_engine().parent), os.environ.get("PATH", "")))
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "bench.R"
        script.write_text(_EXAMS, encoding="utf-8")
        done = subprocess.run(
            [program, str(script), str(count)],
            env=os.environ | {"PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        return Other(name, work, 0, f"R/exams did not run: {reason}")
    return Other(name, work, float(done.stdout.split()[-1]) / count)
