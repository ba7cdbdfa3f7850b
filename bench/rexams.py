"""R/exams, where R has it: a script with a time limit, and the PDFs that exams2pdf writes."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

# All of its numeric exercises that need no picture; Rnw, which it weaves faster than Rmd.
SIX = ("deriv.Rnw", "regression.Rnw", "tstat.Rnw", "confint.Rnw", "sumdiff.Rnw", "currency8.Rnw")
LIMIT = 300.0
NO_PACKAGE = 3
# An error is told by the first line of its message, last of all; no package is fetched.
_ABOUT = """
if (!requireNamespace("exams", quietly = TRUE)) quit(status = %d)
options(tinytex.install_packages = FALSE, warn = -1)
words <- commandArgs(TRUE)
tryCatch({
  suppressMessages(library(exams))
%s
}, error = function(e) {
  message("\\n", strsplit(conditionMessage(e), "\\n")[[1]][1])
  quit(status = 1)
})
"""
_PAPERS = """
  set.seed(1)
  invisible(exams2pdf(words[-1:-2], n = as.integer(words[1]), dir = words[2],
                      template = c("exam", "solution")))
"""


class Done(NamedTuple):
    """A script that R has run: seconds with R's start, and what it printed; or why it has not."""

    seconds: float
    printed: str
    said: str = ""


class Pdfs(NamedTuple):
    """How many PDFs, in how many seconds; or none, and the line that says why."""

    written: int
    seconds: float
    said: str = ""


def script(text: str, *words: str, limit: float = LIMIT) -> Done:
    """Run lines of R with exams attached; `words` is the vector of these words in them."""
    program = shutil.which("Rscript")
    if program is None:
        return _failed("is not installed (no Rscript): see bench/README.md")
    with tempfile.TemporaryDirectory(prefix="penwork-bench-") as folder:
        file = Path(folder) / "bench.R"
        file.write_text(_ABOUT % (NO_PACKAGE, text), encoding="utf-8")
        begun = time.perf_counter()
        with subprocess.Popen(
            [program, str(file), *words],
            cwd=folder,
            env=os.environ | {"TMPDIR": folder},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        ) as process:
            try:
                printed, complaint = process.communicate(timeout=limit)
            except subprocess.TimeoutExpired:
                return _failed(f"did not run: it was stopped after {limit:g} seconds")
            finally:
                _stop(process)
        seconds = time.perf_counter() - begun
    if process.returncode == NO_PACKAGE:
        return _failed("is not installed (Rscript has no package exams): see bench/README.md")
    if process.returncode:
        reason = (complaint.strip().splitlines() or ["no reason given"])[-1]
        return _failed(f"did not run: {reason}")
    return Done(seconds, printed)


def _failed(why: str) -> Done:
    return Done(0, "", f"R/exams {why}")


def _stop(process: subprocess.Popen[str]) -> None:
    """R and whatever it started that is still there; where there are no groups, R alone."""
    if os.name != "posix":
        process.kill()
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def papers(count: int) -> Pdfs:
    """Papers of six exercises and their solutions by exams2pdf, its own templates, one process."""
    with tempfile.TemporaryDirectory(prefix="penwork-bench-") as folder:
        done = script(_PAPERS, str(count), folder, *SIX)
        written = len(list(Path(folder).glob("*.pdf")))
    if done.said:
        return Pdfs(0, 0, done.said)
    if written != 2 * count:
        return Pdfs(0, 0, f"R/exams did not run: it wrote {written} of {2 * count} PDFs")
    return Pdfs(written, done.seconds)
