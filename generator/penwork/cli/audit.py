"""penwork audit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from penwork.cli.options import (
    Whole,
    again,
    again_as,
    open_catalogue,
    tell,
    tell_refused,
    with_level,
    with_templates,
)
from penwork.cli.progress import counting
from penwork.errors import UserError

if TYPE_CHECKING:
    from penwork.catalogue import Catalogue
    from penwork.problem import Template

SEEDS, MUTATED_SEEDS = 1000, 4
MOST_SEEDS = 100_000
J = TypeVar("J")
R = TypeVar("R")


@click.command()
@click.argument("names", nargs=-1, metavar="[TEMPLATE|CATEGORY]...")
@click.option(
    "--seeds",
    type=Whole(1, MOST_SEEDS),
    metavar="COUNT",
    help=f"Seeds 0 to COUNT-1 of each level; {SEEDS} without it, {MUTATED_SEEDS} with --mutate.",
)
@with_level("One level; every level without it.")
@click.option("--jobs", type=Whole(1, 256), metavar="N", help="Processes; one a core.")
@click.option("--mutate", is_flag=True, help="Inject faults, and see that a route catches each.")
@click.option("--json", "as_json", metavar="FILE", type=click.Path(path_type=Path),
              help="Everything, as JSON.")  # fmt: skip
@click.option("--report", metavar="FILE", type=click.Path(path_type=Path),
              help="Everything, as one HTML page.")  # fmt: skip
@with_templates
@click.pass_context
def audit(context: click.Context, /, names: tuple[str, ...], **options: Any) -> None:
    """Try to break templates: many seeds, or faults in their formulas."""
    _check_places([options["as_json"], options["report"]])
    catalogue = open_catalogue(options["folders"])
    templates = catalogue.select(names)
    tell_refused(catalogue)
    if not templates:
        raise UserError("There is no template to audit.", "`penwork list` names them all.")
    level = options["level"]
    if level and not any(level in template.problem.minutes for template in templates):
        raise UserError(f"None of these templates has a level {level}.", "Leave --level out.")
    examine = _mutate if options["mutate"] else _audit
    found = examine(catalogue, templates, not names, options)
    context.exit(1 if found or catalogue.refused else 0)


def _audit(
    catalogue: Catalogue, templates: list[Template], whole: bool, options: dict[str, Any]
) -> bool:
    from penwork.prove import report
    from penwork.prove.audit import chunks, summarise, work
    from penwork.prove.limits import breaches

    seeds = options["seeds"] or SEEDS
    jobs = chunks(templates, seeds, options["level"])
    sizes = [job.last - job.first + 1 for job in jobs]
    what = f"Auditing {_counted(templates)}, {_seeds(seeds)} a level"
    chunks_done = list(_spread(what, work, jobs, sizes, options))
    for each in chunks_done:
        each.failures = [
            failure._replace(replay=again_as(failure.replay, options["folders"]))
            for failure in each.failures
        ]
    rows = summarise(catalogue, chunks_done)
    exceptions = {template.id: template.problem.exceptions for template in templates}
    found = breaches(rows, exceptions, whole and options["level"] is None)
    _write(options, report.as_json(rows, found), report.as_html(rows, found))
    for line in (*report.terminal(rows), "", *report.exceptions(found),
                 *report.summary(rows, found)):  # fmt: skip
        click.echo(line)
    return any(row.failures for row in rows) or any(not breach.reason for breach in found)


def _mutate(
    catalogue: Catalogue, templates: list[Template], whole: bool, options: dict[str, Any]
) -> bool:
    from penwork.prove import verdicts
    from penwork.prove.mutate import chunks, work

    seeds = options["seeds"] or MUTATED_SEEDS
    jobs = chunks(templates, seeds, options["level"])
    what = f"Injecting faults into {_counted(templates)}, {_seeds(seeds)} a level"
    found = list(_spread(what, work, jobs, [1] * len(jobs), options))
    tallies = verdicts.tally(found, again((), options["folders"]))
    _write(options, verdicts.as_json(tallies), verdicts.as_html(tallies))
    for line in verdicts.terminal(tallies):
        click.echo(line)
    return any(tally.failed for tally in tallies)


def _counted(templates: Sequence[Template]) -> str:
    return "one template" if len(templates) == 1 else f"{len(templates)} templates"


def _seeds(count: int) -> str:
    return "one seed" if count == 1 else f"{count} seeds"


def _spread(
    what: str,
    work: Callable[[Catalogue, J], R],
    jobs: Sequence[J],
    sizes: Sequence[int],
    options: dict[str, Any],
) -> Iterator[R]:
    from penwork.catalogue import default_folders
    from penwork.cli.making import spread

    folders = default_folders(options["folders"])
    with counting(what, sum(sizes)) as tick:
        for size, found in zip(
            sizes, spread(folders, work, jobs, workers=options["jobs"]), strict=True
        ):
            for _ in range(size):
                tick()
            yield found


def _check_places(places: Sequence[Path | None]) -> None:
    """See that the files can be written before any work is done."""
    from penwork.press.sheet import check_folder

    if places[0] is not None and places[0] == places[1]:
        raise UserError(f"--json and --report both name {places[0]}.", "Name two files.")
    for place in places:
        if place is None:
            continue
        if place.is_dir():
            raise UserError(f"{place} is a folder.", "Name a file.")
        check_folder(place.parent, "Name a file elsewhere.")


def _write(options: dict[str, Any], as_json: str, as_html: str) -> None:
    from penwork.press.sheet import write_all

    wanted = {options["as_json"]: as_json, options["report"]: as_html}
    written = {place: text.encode() for place, text in wanted.items() if place is not None}
    if written:
        write_all(written, "Free some space, or name a file elsewhere.")
    for place in written:
        tell(f"Wrote {place}")
