"""penwork exam."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from penwork.cli.options import Folder, again, again_as, open_catalogue, tell, with_templates
from penwork.errors import UserError

if TYPE_CHECKING:
    from penwork.catalogue import Catalogue
    from penwork.compose.exams.spec import Spec
    from penwork.press.exams.batch import Failure
    from penwork.press.exams.request import Request
    from penwork.press.exams.run import Result

SHOWN = 5


@click.command()
@click.argument("spec", type=click.Path(path_type=Path), metavar="SPEC.toml")
@click.option("--roster", type=click.Path(path_type=Path), metavar="FILE", help="The class, a CSV.")
@click.option("--papers", type=int, metavar="N", help="So many papers, without a roster.")
@click.option(
    "-o",
    "folder",
    metavar="DIR",
    type=Folder(),
    help="Where the exam goes; output/<name of the spec> without it.",
)
@click.option(
    "--secret-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The secret that the numbers come from; your own, made on first use, without it.",
)
@click.option("--cluster", metavar="ADDRESS", help="A dask scheduler, tcp://host:port.")
@click.option("--keep-tex", is_flag=True, help="Keep what was compiled, under DIR/tex/.")
@click.option(
    "--void",
    multiple=True,
    metavar="PROBLEM",
    help="In an exam that was held: a problem, by number or name, that counts for nothing.",
)
@click.option("--force", is_flag=True, help="Replace another exam that is in DIR.")
@click.option("--engine", metavar="PATH", help="A pdflatex of your own; PENWORK_PDFLATEX too.")
@with_templates
def exam(spec: Path, **options: Any) -> int:
    """Print an exam with other numbers for every student, and its keys."""
    from penwork.catalogue import default_folders
    from penwork.cli.cluster import cluster
    from penwork.cli.making import pool
    from penwork.cli.progress import counting
    from penwork.compose.exams.slots import beyond_aids
    from penwork.press.exams.lists import span
    from penwork.press.exams.run import run_exam
    from penwork.press.exams.setting import exam_of

    catalogue = open_catalogue(options["folders"])
    request = _request(spec, options, catalogue)
    if request.roster.taken:
        tell(f"{len(request.roster.students)} students: {request.roster.taken}.")
    for line in request.roster.left_out:
        tell(f"Left out {line}.")
    asked = exam_of(request.spec, catalogue)
    for line in beyond_aids(request.spec, asked.slots):
        tell(line)
    least, most = asked.range(lambda slot: slot.minutes)
    if most > request.spec.minutes:
        tell(asked.words.needed_said(span(least, most), most, request.spec.minutes))
    here = default_folders(options["folders"])
    at = options["cluster"]
    with pool(here, counting) as local, ExitStack() as stack:
        far = (
            local
            if at is None
            else stack.enter_context(cluster(at, here, counting, request.engine))
        )
        result = run_exam(request, catalogue, far, local)
    return _told(result, spec, options)


def _request(spec: Path, options: dict[str, Any], catalogue: Catalogue) -> Request:
    from penwork.compose.exams.roster import numbered, read_roster
    from penwork.compose.exams.secret import own_file, read_secret
    from penwork.compose.exams.seeds import Source
    from penwork.compose.exams.spec import read_spec
    from penwork.press.engine import find_engine
    from penwork.press.exams.request import Request

    roster_file: Path | None = options["roster"]
    if (roster_file is None) == (options["papers"] is None):
        raise UserError("Say whose papers these are.", "Give either --roster FILE or --papers N.")
    find_engine(options["engine"])
    read = read_spec(spec, catalogue)
    _refuse_unprintable(spec.name, read)
    if roster_file is None:
        roster, content = numbered(options["papers"]), b""
    else:
        roster = read_roster(roster_file, spec.parent)
        content = (roster_file if roster_file.exists() else spec.parent / roster_file).read_bytes()
    folder = options["folder"] or Path("output") / spec.stem
    new = options["secret_file"] is None and not own_file().exists()
    secret = read_secret(options["secret_file"])
    if new:
        tell(f"Your secret is made now: {own_file()}. Keep a copy: nobody can make an exam again")
        tell("without it, and whoever has it can work out every paper.")
    return Request(
        spec=read,
        spec_file=spec.read_bytes(),
        roster=roster,
        roster_file=content,
        source=Source(secret, read.exam_id),
        folder=folder,
        engine=options["engine"] or "",
        keep_tex=options["keep_tex"],
        force=options["force"],
        void=options["void"],
    )


def _refuse_unprintable(file: str, spec: Spec) -> None:
    """Letters that the fonts lack are the teacher's to know of before anything is made."""
    from penwork.press.letters import plain

    texts = {"title": spec.title, "course": spec.course, "date": spec.date}
    texts["instructions"] = spec.instructions
    for number, section in enumerate(spec.section, 1):
        texts[f"section {number}: title"] = section.title
        texts[f"section {number}: instructions"] = section.instructions
    for key, text in texts.items():
        try:
            plain(text.replace("\n", " "))
        except UserError as error:
            raise UserError(f"{file}: {key}: {error.message}", error.hint) from None


def _told(result: Result, spec: Path, options: dict[str, Any]) -> int:
    for note in result.notes:
        tell(note)
    forms = f"{result.papers} paper{'s' * (result.papers != 1)}"
    made = "" if result.made == result.papers else f" ({result.made} made in this run)"
    tell(f"Wrote {forms} with keys into {result.folder}{made}")
    if result.rekeyed:
        tell(f"Made {result.rekeyed} keys anew; the papers are as they were.")
    _tell_failures(result.failures, options["folders"])
    if result.papers:
        words = ["penwork", "verify", str(result.folder)]
        tell(f"Check it: {again(words, options['folders'])}")
    return 1 if result.failures else 0


def _tell_failures(failures: Sequence[Failure], folders: Sequence[str]) -> None:
    """A line for each cause, with the papers that it cost."""
    forms: dict[tuple[str, str], list[str]] = {}
    for failure in failures:
        forms.setdefault((failure.why, failure.replay), []).append(failure.form)
    for (why, replay), there in forms.items():
        more = f" and {len(there) - SHOWN} more" if len(there) > SHOWN else ""
        tell(f"Without paper{'s' * (len(there) > 1)} {', '.join(there[:SHOWN])}{more}: {why}")
        if replay:
            tell(f"  To see it again: {again_as(replay, folders)}")
