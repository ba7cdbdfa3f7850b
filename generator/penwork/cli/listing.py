"""penwork list."""

from __future__ import annotations

import json
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
    cards = catalogue.cards(names)
    if as_json:
        click.echo(json.dumps([card.metadata for card in cards], indent=2))
    else:
        for category, members in groupby(cards, key=lambda card: card.category):
            click.echo(category)
            for card in members:
                times = ", ".join(f"{card.minutes[level]}" for level in card.levels)
                click.echo(f"  {card.id}\n      {card.title} ({times} min)")
    tell_refused(catalogue)
