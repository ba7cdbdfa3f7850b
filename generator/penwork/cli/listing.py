"""penwork list."""

from __future__ import annotations

from itertools import groupby

import click

from penwork.cli.options import open_catalogue, tell_refused, with_templates


@click.command("list")
@click.argument("names", nargs=-1, metavar="[TEMPLATE|CATEGORY]...")
@click.option("--json", "as_json", is_flag=True, help="A JSON array on stdout.")
@with_templates
def list_templates(names: tuple[str, ...], as_json: bool, folders: tuple[str, ...]) -> None:
    """Name the templates, with their minutes by level."""
    catalogue = open_catalogue(folders)
    templates = catalogue.select(names)
    if as_json:
        from penwork.document import dumps, metadata

        click.echo(dumps([metadata(template) for template in templates], indent=2))
    else:
        for category, members in groupby(templates, key=lambda template: template.category):
            click.echo(category)
            for template in members:
                minutes = template.problem.minutes
                times = ", ".join(f"{minutes[level]}" for level in sorted(minutes))
                click.echo(f"  {template.id}\n      {template.problem.title} ({times} min)")
    tell_refused(catalogue)
