"""penwork sheet."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from penwork.cli.options import (
    SEEDS,
    Folder,
    again,
    new_seed,
    open_catalogue,
    tell,
    tell_refused,
    with_level,
    with_seed,
    with_templates,
)
from penwork.cli.progress import counting
from penwork.errors import UserError

if TYPE_CHECKING:
    from penwork.catalogue import Catalogue
    from penwork.cli.making import Job
    from penwork.compose.recipe import Recipe
    from penwork.compose.sheet import Numbered
    from penwork.model import Instance
    from penwork.press.render import Pieces

LARGEST_CODE = 400_000
_CHOOSING = ("count", "minutes", "seed", "level")


@click.command()
@click.argument("names", nargs=-1, metavar="[TEMPLATE|CATEGORY]...")
@click.option("-n", "count", type=int, metavar="COUNT", help="How many problems; 10 without it.")
@click.option("--minutes", type=int, metavar="M", help="As many as fit in M minutes.")
@with_seed("Which sheet; one of chance without it.")
@with_level("One level for all; mixed without it, easier first.")
@click.option("--code", metavar="CODE", help="The code of a sheet, or @FILE: that sheet again.")
@click.option(
    "-o",
    "folder",
    metavar="DIR",
    default="output",
    type=Folder(),
    help="Where worksheet.pdf and key.pdf go; output/ without it.",
)
@click.option(
    "--paper", type=click.Choice(["a4", "letter"], case_sensitive=False), help="a4 without it."
)
@click.option(
    "--space",
    type=click.Choice(["none", "compact", "work"]),
    help="Squared room for working under each problem; work without it.",
)
@click.option("--answers-only", is_flag=True, help="A key with the answers alone.")
@click.option("--keep-tex", is_flag=True, help="Keep what was compiled, under DIR/tex/.")
@click.option("--engine", metavar="PATH", help="A pdflatex of your own; PENWORK_PDFLATEX too.")
@with_templates
def sheet(names: tuple[str, ...], code: str | None, **options: Any) -> None:
    """Print a worksheet and its key as PDF."""
    from penwork.compose.sheet import sheet_of
    from penwork.press.engine import find_engine
    from penwork.press.sheet import KEY_DATA, check_folder, print_sheet

    folder: Path = options["folder"]
    engine = find_engine(options["engine"])
    catalogue = open_catalogue(options["folders"])
    if code is None:
        recipe, jobs = _chosen(catalogue, names, options)
    else:
        recipe, jobs = _coded(catalogue, names, code, options)
    check_folder(folder)
    ready = _made(catalogue, options["folders"], jobs, recipe)
    problems = [each.problem for each in ready]
    recipe = replace(recipe, items=_items([problem.instance for problem in problems]))
    laid = sheet_of(recipe, problems, "Worksheet")
    with counting("Typesetting the worksheet and its key", 2) as tick:
        files = print_sheet(
            laid,
            folder,
            engine=engine,
            keep_tex=options["keep_tex"],
            pieces=[each.pieces for each in ready],
            attachments={KEY_DATA: _answers(recipe, ready)},
            progress=lambda done, total: tick(),
        )
    if code is not None:
        names = tuple(dict.fromkeys(item.id for item in recipe.items))
        options = _as_chosen(recipe, options)
    _tell_end(files, names, recipe.seed, options)


def _chosen(
    catalogue: Catalogue, names: tuple[str, ...], options: dict[str, Any]
) -> tuple[Recipe, list[Job]]:
    from penwork.cli.making import Job
    from penwork.compose.recipe import Recipe
    from penwork.compose.selection import select

    cards = catalogue.cards(names)
    tell_refused(catalogue)
    seed = new_seed() if options["seed"] is None else options["seed"]
    picks = select(
        cards, seed, count=options["count"], minutes=options["minutes"], level=options["level"]
    )
    recipe = Recipe(
        seed=seed,
        items=(),
        paper=options["paper"] or "a4",
        space=options["space"] or "work",
        answers_only=options["answers_only"],
    )
    return recipe, [Job(pick.id, pick.level, pick.seed) for pick in picks]


def _coded(
    catalogue: Catalogue, names: tuple[str, ...], code: str, options: dict[str, Any]
) -> tuple[Recipe, list[Job]]:
    from penwork.cli.making import Job
    from penwork.compose.recipe import decode

    if names or any(options[each] is not None for each in _CHOOSING):
        raise UserError(
            "--code says which problems, so nothing else may choose them.",
            "Leave out names, -n, --minutes, --seed and --level.",
        )
    recipe = decode(_code_text(code), catalogue.pairs)
    for item in recipe.items:
        problem = catalogue.get(item.id, item.level).problem
        if problem.draws != item.draws:
            raise UserError(
                f"The code was made with draws {item.draws} of {item.id}, and here are draws"
                f" {problem.draws}: its numbers have changed.",
                "Use the version of penwork that stands in the sheet's footer.",
            )
    recipe = replace(
        recipe,
        paper=options["paper"] or recipe.paper,
        space=options["space"] or recipe.space,
        answers_only=options["answers_only"] or recipe.answers_only,
    )
    return recipe, [Job(i.id, i.level, i.seed, i.attempt) for i in recipe.items]


def _code_text(code: str) -> str:
    from penwork.reading import read_text

    if not code.startswith("@"):
        return code
    return read_text(Path(code[1:]), most=LARGEST_CODE, mend="Mend --code @FILE.")


class Ready(NamedTuple):
    """A problem that is made: certified, as TeX, and as JSON; the rest of it is not sent on."""

    problem: Numbered
    pieces: Pieces
    carried: str


def _made(
    catalogue: Catalogue, folders: tuple[str, ...], jobs: list[Job], recipe: Recipe
) -> list[Ready]:
    from penwork.catalogue import default_folders
    from penwork.cli.making import make_all

    what = "Making one problem" if len(jobs) == 1 else f"Making {len(jobs)} problems"
    return make_all(
        partial(get_ready, recipe),
        catalogue,
        default_folders(folders),
        list(enumerate(jobs, 1)),
        counting(what, len(jobs)),
    )


def get_ready(recipe: Recipe, catalogue: Catalogue, wanted: tuple[int, Job]) -> Ready:
    """Make a problem of a sheet, and write all that is printed of it."""
    from penwork.cli.making import make_job
    from penwork.compose.sheet import numbered
    from penwork.document import document, dumps
    from penwork.press.render import pieces_of

    number, job = wanted
    instance = make_job(catalogue, job)
    problem = numbered(number, instance, recipe.space)
    pieces = pieces_of(problem, answers_only=recipe.answers_only)
    carried = dumps(document(instance))
    light = replace(instance, given={}, statement="", steps=(), slips=(), figures=())
    return Ready(replace(problem, instance=light), pieces, carried)


def _items(instances: list[Instance]) -> tuple[Any, ...]:
    from penwork.compose.recipe import Item

    return tuple(Item(i.id, i.draws, i.level, i.seed or 0, i.attempt or 0) for i in instances)


def _answers(recipe: Recipe, ready: list[Ready]) -> bytes:
    """What the key carries: the sheet's code, and each problem as `show --json` gives it."""
    from penwork.compose.recipe import encode
    from penwork.document import dumps

    problems = ", ".join(each.carried for each in ready)
    return f'{{"code": {dumps(encode(recipe))}, "problems": [{problems}]}}'.encode()


def _as_chosen(recipe: Recipe, options: dict[str, Any]) -> dict[str, Any]:
    """What would choose another sheet like that of a code."""
    levels = {item.level for item in recipe.items}
    return options | {
        "count": len(recipe.items),
        "level": levels.pop() if len(levels) == 1 else None,
        "paper": recipe.paper,
        "space": recipe.space,
        "answers_only": recipe.answers_only,
    }


def _tell_end(files: Any, names: tuple[str, ...], seed: int, options: dict[str, Any]) -> None:
    for file in files:
        tell(f"Wrote {file}")
    words = ["penwork", "sheet", *names, "--seed", str((seed + 1) % SEEDS)]
    for option, value in (
        ("-n", "count"),
        ("--minutes", "minutes"),
        ("--level", "level"),
        ("--paper", "paper"),
        ("--space", "space"),
        ("--engine", "engine"),
    ):
        if options[value]:
            words += [option, str(options[value])]
    if options["folder"] != Path("output"):
        words += ["-o", str(options["folder"])]
    words += ["--answers-only"] * options["answers_only"]
    words += ["--keep-tex"] * options["keep_tex"]
    tell(f"Another one: {again(words, options['folders'])}")
