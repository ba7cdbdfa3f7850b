"""The same work by other generators, where they are installed; README.md says what it is."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import io
import time
from collections.abc import Callable
from typing import NamedTuple

import rexams

_EXAMS = """
  start <- proc.time()["elapsed"]
  for (i in seq_len(as.integer(words[1])))
    xexams("deriv.Rmd", driver = list(sweave = list(quiet = TRUE), read = NULL,
                                      transform = NULL, write = NULL))
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
    done = rexams.script(_EXAMS, str(count))
    seconds = 0 if done.said else float(done.printed.split()[-1]) / count
    return Other("R/exams", "an exercise and its solution, written", seconds, done.said)
