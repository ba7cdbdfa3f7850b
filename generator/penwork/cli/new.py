"""penwork new."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from penwork.cli.options import open_catalogue, tell, with_templates
from penwork.errors import UserError

if TYPE_CHECKING:
    from penwork.catalogue import Catalogue

DEFAULT = Path("templates")


@click.command()
@click.argument("name", metavar="CATEGORY/SLUG")
@with_templates
def new(name: str, folders: tuple[str, ...]) -> None:
    """Write a small working template to start from, with comments that teach.

    It goes to the last --templates DIR, else to the first of PENWORK_TEMPLATES, else to
    ./templates.
    """
    from penwork.catalogue import SUFFIX, VARIABLE, default_folders, named_well
    from penwork.press.sheet import write_all

    if not named_well(name):
        raise UserError(
            f"{name[:60]!r} is no name for a template.",
            "Write category/slug in lower case, digits and _, as my_category/my_problem.",
        )
    named = [part for part in os.environ.get(VARIABLE, "").split(os.pathsep) if part]
    folder = Path((*named[:1], *folders)[-1]) if named or folders else DEFAULT
    known = [each for each in folders if Path(each).is_dir()]
    _refuse_taken(open_catalogue(tuple(known)), folder, name)
    python = folder / f"{name}.py"
    statement = folder / f"{name}{SUFFIX}"
    texts = {python: _starter("problem.py.txt"), statement: _starter("problem.tex.j2.txt")}
    write_all({path: text.encode() for path, text in texts.items()})
    for path in texts:
        tell(f"Wrote {path}")
    words = ["penwork", "show", name, "--seed", "1"]
    if folder.resolve() not in default_folders():
        words += ["--templates", str(folder)]
    tell(f"Look at it: {shlex.join(words)}")


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
