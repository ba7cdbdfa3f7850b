"""The preamble, written by PyLaTeX and dumped once into a TeX format.

Every page is made from the format, cached or not: with and without one the bytes differ.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import os
import subprocess
import tempfile
import zlib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path

import platformdirs

from penwork.errors import PressError, UserError
from penwork.press.engine import JOB, private_folder, refuse_full, start

MOST = 8  # formats that are kept, of other engines and versions: 19 MB each
_SECONDS = 120
_MACROS = ("formulas", "macros", "exam")


def preamble() -> str:
    """Class, packages and macros: all that stands before the first word of a document."""
    from pylatex import Command, Document, NoEscape, Package

    document = Document(
        documentclass="article",
        document_options=["10pt"],
        fontenc="T1",
        inputenc=None,
        lmodern=True,
        textcomp=False,
        microtype=True,
        page_numbers=False,
    )
    for package in ("amsmath", "multicol"):
        document.packages.append(Package(package))
    document.packages.append(Package("geometry"))
    document.preamble.append(Command("input", "glyphtounicode"))
    document.preamble.append(NoEscape(_macros()))
    return str(document.dumps()).split(r"\begin{document}")[0]


def _macros() -> str:
    here = files("penwork.press")
    return "".join(here.joinpath(f"{n}.tex").read_text(encoding="utf-8") for n in _MACROS)


def format_name(engine: Path) -> str:
    """The format's name: what would change its bytes, without importing PyLaTeX."""
    try:
        pylatex = version("pylatex")
    except PackageNotFoundError:
        pylatex = ""
    stat = engine.stat()
    source = Path(__file__).read_bytes() if Path(__file__).is_file() else b""
    digest = hashlib.blake2b(digest_size=12)
    for piece in (
        _macros().encode(),
        source,
        pylatex.encode(),
        f"{engine} {stat.st_size} {stat.st_mtime_ns}".encode(),
    ):
        digest.update(piece + b"\x00")
    return f"{digest.hexdigest()}.fmt"


@contextlib.contextmanager
def format_file(engine: Path, *, fresh: bool = False) -> Iterator[Path]:
    """The dumped format: from the cache, or built now and kept there if that can be."""
    cached = Path(platformdirs.user_cache_dir("penwork", appauthor=False)) / format_name(engine)
    if not fresh and cached.is_file():
        yield cached
        return
    with private_folder() as folder:
        built = _build(engine, folder)
        content = built.read_bytes()
        try:
            _keep(content if fresh else _unpacked(content), cached)
        except OSError:
            yield built
        else:
            yield cached


def _build(engine: Path, folder: Path) -> Path:
    (folder / f"{JOB}.tex").write_text(preamble() + "\n\\dump\n", encoding="utf-8", newline="\n")
    with start(engine, folder, ["-ini", "&pdflatex", f"{JOB}.tex"]) as process:
        try:
            process.communicate(timeout=_SECONDS)
        except subprocess.TimeoutExpired:
            raise PressError(f"TeX took more than {_SECONDS} seconds over its preamble.") from None
        finally:
            if process.poll() is None:
                process.kill()
    built = folder / f"{JOB}.fmt"
    if process.returncode or not built.is_file():
        refuse_full(folder)
        log = folder / f"{JOB}.log"
        said = log.read_text(encoding="utf-8", errors="replace") if log.is_file() else ""
        error = next((line for line in said.splitlines() if line.startswith("! ")), "! no log")
        if not said:
            raise UserError(
                f"The program {engine} does not work as a pdflatex.",
                "Name another with --engine, or leave it out to use the embedded one.",
            )
        raise PressError(f"The TeX engine {engine} cannot make penwork's format: {error[2:]}")
    return built


def _unpacked(content: bytes) -> bytes:
    """The format as zlib reads it fastest, which takes it packed or not."""
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error):
        return content


def _keep(content: bytes, cached: Path) -> None:
    cached.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=cached.parent, prefix=".format-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).replace(cached)
        for old in sorted(cached.parent.glob("*.fmt"), key=lambda f: f.stat().st_mtime)[:-MOST]:
            old.unlink()
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
