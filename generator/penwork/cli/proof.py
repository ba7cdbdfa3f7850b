"""penwork proof."""

from __future__ import annotations

from pathlib import Path

import click

from penwork.cli.options import open_catalogue, tell, with_templates
from penwork.cli.progress import counting
from penwork.errors import UserError

MOST_SEEDS = 200


@click.command()
@click.argument("name", metavar="TEMPLATE")
@click.option("--seeds", metavar="A-B", default="1-12", help="Seeds A to B; 1-12 without it.")
@click.option("--solutions", is_flag=True, help="With the worked solutions.")
@click.option(
    "-o",
    "file",
    metavar="FILE",
    default="output/proof.pdf",
    type=click.Path(path_type=Path),
    help="Where it goes; output/proof.pdf without it.",
)
@click.option("--engine", metavar="PATH", help="A pdflatex of your own; PENWORK_PDFLATEX too.")
@with_templates
def proof(
    name: str,
    seeds: str,
    solutions: bool,
    file: Path,
    engine: str | None,
    folders: tuple[str, ...],
) -> None:
    """Print many seeds of a template on a page or two, for its author."""
    from penwork.catalogue import default_folders
    from penwork.cli.making import Job, make_all, make_job
    from penwork.cli.show import seed_range
    from penwork.press.engine import find_engine
    from penwork.press.proof import print_proof
    from penwork.press.sheet import check_folder

    wanted = seed_range(seeds)
    if len(wanted) > MOST_SEEDS:
        raise UserError(f"--seeds {seeds} are {len(wanted)} seeds.", f"Take {MOST_SEEDS} at most.")
    if file.is_dir():
        raise UserError(f"{file} is a folder.", "Name a file with -o.")
    pdflatex = find_engine(engine)
    catalogue = open_catalogue(folders)
    levels = sorted(catalogue.get(name).problem.minutes)
    check_folder(file.parent)
    jobs = [Job(name, level, seed) for level in levels for seed in wanted]
    making = counting(f"Making {len(jobs)} problems", len(jobs))
    instances = make_all(make_job, catalogue, default_folders(folders), jobs, making)
    with counting("Typesetting the proof", 1) as tick:
        pages = print_proof(instances, file, solutions=solutions, engine=pdflatex)
        tick()
    tell(f"Wrote {file}, {pages} {'page' if pages == 1 else 'pages'}")
