"""penwork verify."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from penwork.cli.options import open_catalogue, tell, with_templates
from penwork.errors import UserError

if TYPE_CHECKING:
    from penwork.prove.verify.findings import Findings

MOST_TOLD = 40


@click.command()
@click.argument("what", type=click.Path(path_type=Path), metavar="DIR | KEY.pdf")
@click.option(
    "--key", type=click.Path(path_type=Path), metavar="KEY.csv", help="A key that somebody wrote."
)
@click.option("--engine", metavar="PATH", help="A pdflatex of your own; PENWORK_PDFLATEX too.")
@with_templates
def verify(what: Path, key: Path | None, engine: str | None, folders: tuple[str, ...]) -> int:
    """Make an exam or a key again, certify it, and compare everything."""
    from penwork.catalogue import default_folders
    from penwork.cli.making import pool
    from penwork.cli.progress import counting
    from penwork.prove.verify.folder import verify_folder
    from penwork.prove.verify.keys import verify_key
    from penwork.prove.verify.written import verify_written

    catalogue = open_catalogue(folders)
    if not what.exists():
        raise UserError(f"There is no {what}.", "Name an exam's folder, or a key.")
    if what.is_dir():
        with pool(default_folders(folders), counting) as spread:
            if key is not None:
                return _told(verify_written(key, what, catalogue, spread))
            return _told(verify_folder(what, catalogue, spread, engine or ""))
    if key is not None:
        raise UserError("--key goes with an exam's folder.", f"{what} is a file.")
    return _told(verify_key(what, catalogue, engine or ""))


def _told(found: Findings) -> int:
    rows = (
        ("papers", found.papers),
        ("answers", found.answers),
        ("steps", found.steps),
        ("values found by another method", found.values),
        ("equations read back", found.equations),
        ("routes used", len(found.routes)),
        ("faults", len(found.faults)),
    )
    for name, number in rows:
        click.echo(f"{name:32}{number:>9}")
    for note in found.notes[:MOST_TOLD]:
        tell(note)
    for fault in found.faults[:MOST_TOLD]:
        tell(f"FAULT {fault}")
    if len(found.faults) > MOST_TOLD:
        tell(f"… and {len(found.faults) - MOST_TOLD} more")
    if not found.answers:
        tell("Nothing was examined.")
    return 0 if found.sound else 1
