"""penwork doctor."""

from __future__ import annotations

import platform

import click

from penwork import __version__
from penwork.cli.options import open_catalogue, with_templates
from penwork.errors import PressError, UserError


@click.command()
@with_templates
@click.pass_context
def doctor(context: click.Context, folders: tuple[str, ...]) -> None:
    """Say what penwork works with here, and typeset a probe."""
    click.echo(f"penwork    {__version__}")
    click.echo(f"Python     {platform.python_version()} on {platform.platform(terse=True)}")
    healthy = _engine()
    try:
        catalogue = open_catalogue(folders)
    except UserError as error:
        click.echo(f"templates  BROKEN: {error}")
        context.exit(1)
    found = catalogue.select()
    click.echo(f"templates  {len(found)} found, {len(catalogue.refused)} refused")
    for name, reason in sorted(catalogue.refused.items()):
        click.echo(f"           BROKEN {name}: {reason}")
    context.exit(0 if healthy and not catalogue.refused else 1)


def _engine() -> bool:
    from platformdirs import user_cache_dir

    from penwork.press.engine import Document, compile_all, find_engine
    from penwork.press.format import format_file

    try:
        engine = find_engine()
        click.echo(f"pdflatex   {engine}")
        click.echo(f"cache      {user_cache_dir('penwork', appauthor=False)}")
        with format_file(engine) as dumped:
            source = r"\begin{document}A probe: $\sqrt{2}\approx1.41$\end{document}"
            pages = compile_all(engine, dumped, [Document("probe", source)])
    except (UserError, PressError) as error:
        click.echo(f"probe      BROKEN: {error}")
        return False
    click.echo(f"probe      {len(pages[0].pdf)} bytes of PDF")
    return True
