"""A sheet printed: worksheet.pdf and key.pdf in a folder, both or neither."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import tee
from pathlib import Path

from penwork.compose.sheet import Sheet
from penwork.endings import whole
from penwork.errors import PressError, UserError
from penwork.press.engine import BadFormat, Document, Overfull, Pages, compile_all, find_engine
from penwork.press.format import format_file, preamble
from penwork.press.render import Pieces, key_source, pieces_of, worksheet_source

WORKSHEET, KEY = "worksheet", "key"
KEY_DATA = "key.json"
Progress = Callable[[int, int], None]


def print_sheet(
    sheet: Sheet,
    folder: Path,
    *,
    engine: str | Path | None = None,
    keep_tex: bool = False,
    pieces: Sequence[Pieces] = (),
    attachments: Mapping[str, bytes] | None = None,
    progress: Progress | None = None,
) -> list[Path]:
    """Write worksheet.pdf and key.pdf into `folder` and return their paths.

    `pieces` are the problems as TeX where they are written already; `attachments` travel inside
    the key; `progress` is told (documents done, documents in all).
    """
    pdflatex = find_engine(engine)
    check_folder(folder)
    attached = dict(attachments or {})
    documents, pages = _typeset(sheet, pdflatex, attached, progress, pieces)
    _refuse_overfull(pages)
    written = {folder / f"{d.name}.pdf": p.pdf for d, p in zip(documents, pages, strict=True)}
    extra: dict[Path, bytes] = {}
    if keep_tex:
        extra = _sources(folder / "tex", documents)
    write_all({**extra, **written})
    return list(written)


def key_of_sheet(sheet: Sheet, engine: Path, carried: bytes) -> bytes:
    """The bytes of a worksheet's key, with what it carries."""
    _, pages = _typeset(sheet, engine, {KEY_DATA: carried}, None)
    return pages[1].pdf


def measure_sheet(sheet: Sheet) -> tuple[Pages, Pages]:
    """Worksheet and key with the size of every problem; overfull boxes are not refused."""
    _, pages = _typeset(sheet, find_engine(), {}, None, sizes=True)
    return pages[0], pages[1]


def _typeset(
    sheet: Sheet,
    engine: Path,
    attached: Mapping[str, bytes],
    progress: Progress | None,
    pieces: Sequence[Pieces] = (),
    *,
    sizes: bool = False,
) -> tuple[list[Document], list[Pages]]:
    """Worksheet and key, their sources and what TeX made of them."""
    head = "\\pmsizes\n" if sizes else ""
    short = sheet.recipe.answers_only
    pieces = pieces or [pieces_of(problem, answers_only=short) for problem in sheet.problems]

    def key(wide: frozenset[int] = frozenset()) -> Document:
        return Document(KEY, head + key_source(sheet, pieces, tuple(attached), wide), attached)

    def both() -> Iterator[Document]:
        documents.append(key())
        yield documents[0]  # it takes longest
        documents.append(Document(WORKSHEET, head + worksheet_source(sheet, pieces)))
        yield documents[1]

    documents: list[Document] = []
    set_key, set_worksheet = compile_documents(engine, both(), progress)
    found = _wide(sheet, set_key.overfull)
    if found:
        documents[0] = key(found)
        [set_key] = compile_documents(engine, documents[:1])
    return documents[::-1], [set_worksheet, set_key]


def compile_documents(
    engine: Path, documents: Iterable[Document], progress: Progress | None = None
) -> list[Pages]:
    """Compile the documents with the format, which is made again where TeX refuses it."""
    first, again = tee(documents)
    try:
        with format_file(engine) as dumped:
            return compile_all(engine, dumped, first, progress)
    except BadFormat:
        pass
    try:
        with format_file(engine, fresh=True) as dumped:
            return compile_all(engine, dumped, again, progress)
    except BadFormat as error:
        raise PressError(f"The TeX engine {engine} refuses its own format: {error}") from None


def _wide(sheet: Sheet, overfull: Sequence[Overfull]) -> frozenset[int]:
    """Problems of the key with a box that does not fit a column."""
    marks = {box.mark.split(" ")[0] for box in overfull}
    return frozenset(p.number for p in sheet.problems if str(p.number) in marks)


def _refuse_overfull(pages: Sequence[Pages]) -> None:
    for name, made in zip((WORKSHEET, KEY), pages, strict=True):
        for box in made.overfull:
            where = f" in problem {box.mark}" if box.mark else " in the head"
            raise PressError(
                f"What stands{where} is {box.points:.0f} pt too {box.what} for the {name}."
            )


def check_folder(folder: Path, hint: str = "Choose another with -o.") -> None:
    """See that files can be written there; no folder is left that was not there before."""
    missing: list[Path] = []
    try:
        missing += _missing([folder])
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise UserError(f"The folder {folder} cannot be written: {_reason(error)}.", hint) from None
    finally:
        with whole():
            _remove(missing)


def _sources(folder: Path, documents: Sequence[Document]) -> dict[Path, bytes]:
    """Each compiled source, made complete: with its preamble any pdflatex takes it."""
    head = preamble()
    files = {folder / f"{d.name}.tex": (head + d.source).encode() for d in documents}
    for document in documents:
        files |= {folder / name: content for name, content in document.files.items()}
    return files


def write_all(
    contents: Mapping[Path, bytes | bytearray],
    hint: str = "Free some space, or choose another with -o.",
) -> None:
    """Every file written beside its place first, then all renamed; a failure leaves nothing new."""
    for path in contents:
        if path.is_dir():
            raise UserError(f"{path} is a folder, where a file is to be written.", "Rename it.")
    try:
        with contextlib.ExitStack() as undone:
            undone.callback(_remove, _missing(path.parent for path in contents))
            undone.callback(_unlink, [path for path in contents if not path.exists()])
            with contextlib.ExitStack() as stack:
                ready = [
                    (stack.enter_context(_beside(path, content)), path)
                    for path, content in contents.items()
                ]
                with whole():
                    for temporary, path in ready:
                        temporary.replace(path)
                    undone.pop_all()
    except OSError as error:
        place = next(iter(contents)).parent
        raise UserError(f"The folder {place} cannot be written: {_reason(error)}.", hint) from None


def _missing(folders: Iterable[Path]) -> list[Path]:
    """The folders that are not there yet, with their parents, the deepest first."""
    wanted = {each for folder in folders for each in (folder, *folder.parents)}
    return sorted((each for each in wanted if not each.exists()), key=_depth, reverse=True)


def _depth(path: Path) -> int:
    return len(path.parts)


def _remove(folders: Iterable[Path]) -> None:
    for folder in folders:
        with contextlib.suppress(OSError):
            folder.rmdir()


def _unlink(files: Iterable[Path]) -> None:
    for file in files:
        with contextlib.suppress(OSError):
            file.unlink()


@contextlib.contextmanager
def _beside(path: Path, content: bytes | bytearray) -> Iterator[Path]:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".penwork-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        with contextlib.suppress(OSError):
            Path(name).chmod(0o644)
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).rstrip(".").lower()
