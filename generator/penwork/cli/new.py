"""penwork new."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from penwork.cli.options import again, tell, with_templates
from penwork.errors import UserError

if TYPE_CHECKING:
    from penwork.catalogue import Catalogue

DEFAULT = Path("templates")


@click.command()
@click.argument("name", metavar="CATEGORY/SLUG")
@with_templates
def new(name: str, folders: tuple[str, ...]) -> None:
    """Write a small working template to start from.

    Its comments teach. It goes to the last --templates DIR, else to the first of
    PENWORK_TEMPLATES, else to ./templates.
    """
    from penwork.catalogue import SUFFIX, VARIABLE, default_folders, load, named_well
    from penwork.press.sheet import write_all

    if not named_well(name):
        raise UserError(
            f"{name[:60]!r} is no name for a template.",
            "Write category/slug in lower case, digits and _, as my_category/my_problem.",
        )
    named = [part for part in os.environ.get(VARIABLE, "").split(os.pathsep) if part]
    folder = Path((*named[:1], *folders)[-1]) if named or folders else DEFAULT
    there = [each for each in default_folders(folders) if each != folder.resolve()]
    _refuse_taken(load([*there, *[folder.resolve()] * folder.is_dir()]), folder, name)
    python = folder / f"{name}.py"
    statement = folder / f"{name}{SUFFIX}"
    texts = {python: _starter("problem.py.txt"), statement: _starter("problem.tex.j2.txt")}
    contents = {path: text.encode() for path, text in texts.items()}
    write_all(contents, "Free some space, or choose another with --templates.")
    for path in texts:
        tell(f"Wrote {path}")
    needed = [] if folder.resolve() in default_folders() else [str(folder)]
    tell(f"Look at it: {again(['penwork', 'show', name, '--seed', '1'], needed)}")


def _refuse_taken(catalogue: Catalogue, folder: Path, name: str) -> None:
    from penwork.catalogue import SUFFIX

    for path in (folder / f"{name}.py", folder / f"{name}{SUFFIX}"):
        if path.exists():
            raise UserError(f"{path} is there already.", "Choose another name.")
    if name in catalogue.pairs:
        raise UserError(
            f"A template is called {name} already: {catalogue.pairs[name].python}.",
            "Choose another name.",
        )


def _starter(name: str) -> str:
    from importlib.resources import files

    return files("penwork.prove").joinpath("starter", name).read_text("utf-8")
