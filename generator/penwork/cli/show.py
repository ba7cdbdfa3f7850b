"""penwork show."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from penwork.cli.options import (
    SEEDS,
    is_terminal,
    new_seed,
    open_catalogue,
    tell,
    with_level,
    with_seed,
    with_templates,
)
from penwork.errors import UserError

if TYPE_CHECKING:
    from penwork.model import Instance
    from penwork.problem import Template

WIDEST = 100
_RANGE = re.compile(r"(\d{1,10})-(\d{1,10})", re.ASCII)


@click.command()
@click.argument("name", metavar="TEMPLATE")
@with_seed("Which instance; one of chance without it.")
@click.option("--seeds", metavar="A-B", help="The instances of seeds A to B.")
@click.option(
    "--given",
    "file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Your own numbers: a JSON object of the template's given.",
)
@with_level("How hard; 2 without it.")
@click.option("--json", "as_json", is_flag=True, help="A JSON object, or one a line with --seeds.")
@click.option("--tex", "as_tex", is_flag=True, help="The LaTeX.")
@with_templates
def show(
    name: str,
    seed: int | None,
    seeds: str | None,
    file: Path | None,
    level: int | None,
    as_json: bool,
    as_tex: bool,
    folders: tuple[str, ...],
) -> None:
    """Show a problem with its solution."""
    if sum(each is not None for each in (seed, seeds, file)) > 1:
        raise UserError("--seed, --seeds and --given exclude each other.", "Give one of them.")
    if as_json and as_tex:
        raise UserError("--json and --tex exclude each other.", "Give one of them.")
    level = 2 if level is None else level
    template = open_catalogue(folders).get(name, level)
    for number, instance in enumerate(_instances(template, level, seed, seeds, file)):
        for notice in instance.notices:
            tell(f"Note: {notice}")
        if as_json:
            from penwork.document import document, dumps

            click.echo(dumps(document(instance), indent=None if seeds else 2))
        elif as_tex:
            from penwork.readable.source import source

            click.echo(source(instance))
        else:
            _print(instance, first=number == 0)


def _instances(
    template: Template, level: int, seed: int | None, seeds: str | None, file: Path | None
) -> Iterator[Instance]:
    if file is not None:
        from penwork.cli.given import read_given

        given = read_given(file)
        from penwork.instance import make_given

        yield make_given(template, given, level=level)
        return
    wanted = (
        range(seed, seed + 1) if seed is not None else None if seeds is None else seed_range(seeds)
    )
    from penwork.instance import make

    for each in (new_seed(),) if wanted is None else wanted:
        yield make(template, seed=each, level=level)


def seed_range(text: str) -> range:
    """The seeds of A-B."""
    found = _RANGE.fullmatch(text)
    if not found or int(found[1]) > int(found[2]) or int(found[2]) >= SEEDS:
        raise UserError(f"--seeds {text[:40]!r} is no range of seeds.", "Write for example 1-20.")
    return range(int(found[1]), int(found[2]) + 1)


def _print(instance: Instance, *, first: bool) -> None:
    from penwork.readable import worked

    width = min(WIDEST, shutil.get_terminal_size((80, 24)).columns)
    lines = worked(instance, width)
    if not first:
        click.echo("\n" + "─" * width + "\n")
    if not is_terminal(sys.stdout):
        for line in lines:
            click.echo(line.text)
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, width=width)
    for line in lines:
        console.print(Text(line.text, style=line.style, no_wrap=True, overflow="ignore"))
