"""What several commands share: the folders of templates, seeds, and how notices are told."""

from __future__ import annotations

import secrets
import shlex
import shutil
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

if TYPE_CHECKING:
    from penwork.catalogue import Catalogue

SEEDS = 2**32


@dataclass(slots=True)
class Run:
    """What a replay line needs beside the words that were typed."""

    seed: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    words: list[str] = field(default_factory=list)


class Whole(click.IntRange):
    """A whole number in a range, refused in words that a person would use."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            told = f"{str(value)[:40]} is no whole number from {self.min} to {self.max}."
            self.fail(told, param, ctx)

    def _describe_range(self) -> str:
        return ""  # --help says it in words


class Folder(click.Path):
    """A folder; the name of a PDF is one only where it is there already."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        path = Path(value)
        if path.suffix.lower() == ".pdf" and not path.is_dir():
            told = f"{str(value)[:80]} is called a PDF; -o names the folder for the files."
            self.fail(f"{told} Write -o {path.parent / path.stem}.", param, ctx)
        return path


with_templates = click.option(
    "--templates",
    "folders",
    metavar="DIR",
    multiple=True,
    help="A further folder of templates; may be repeated. PENWORK_TEMPLATES adds folders too.",
)


def with_level(help: str) -> Callable[[Any], Any]:
    """--level, with the command's own default told in `help`."""
    return click.option("--level", type=Whole(1, 3), metavar="1|2|3", help=help)


def with_seed(help: str) -> Callable[[Any], Any]:
    """--seed, a number that a person can type."""
    return click.option("--seed", type=Whole(0, SEEDS - 1), metavar="N", help=help)


def open_catalogue(folders: tuple[str, ...]) -> Catalogue:
    """The catalogue of penwork's own templates and those of `folders`."""
    from penwork import catalogue

    run().folders = folders
    return catalogue.load(catalogue.default_folders(folders))


def tell_refused(catalogue: Catalogue) -> None:
    """Name the templates that were left out, and why."""
    for name, reason in sorted(catalogue.refused.items()):
        tell(f"Left out {name}: {reason}.")


def is_terminal(stream: TextIO | None) -> bool:
    """Whether somebody looks at it; a stream that was closed before the start is None."""
    return stream is not None and stream.isatty()


def tell(message: str) -> None:
    """One line on stderr."""
    click.echo(message, err=True)


def again(words: Iterable[str], folders: Iterable[str]) -> str:
    """A command as it can be typed: its words, and the folders of templates that it needs."""
    line = shlex.join([*words, *(word for each in folders for word in ("--templates", each))])
    return f"{_called()}{line.removeprefix('penwork')}" if line.startswith("penwork ") else line


def _called() -> str:
    """This program by its name, or by its path where a shell would not find it."""
    called = sys.argv[0]
    found = Path(called).stem != "penwork" or shutil.which("penwork") == called
    return "penwork" if found else shlex.quote(called)


def again_as(line: str, folders: Iterable[str]) -> str:
    """A line that was printed to be typed, with the folders of templates that it needs."""
    return again(shlex.split(line), folders)


def new_seed() -> int:
    """A seed of chance, noted so that a replay line names it."""
    seed = secrets.randbelow(SEEDS)
    run().seed = ("--seed", str(seed))
    return seed


def run() -> Run:
    """The run of the command that is being obeyed."""
    found = click.get_current_context().obj
    assert isinstance(found, Run)
    return found
