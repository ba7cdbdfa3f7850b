"""The command line: parse, call, print, exit code. No mathematics here."""

from __future__ import annotations

import contextlib
import errno
import io
import sys
import traceback
from collections.abc import Sequence

import click

from penwork import __version__
from penwork.cli.audit import audit
from penwork.cli.doctor import doctor
from penwork.cli.exam import exam
from penwork.cli.listing import list_templates
from penwork.cli.new import new
from penwork.cli.options import Run, again, again_as
from penwork.cli.proof import proof
from penwork.cli.sheet import sheet
from penwork.cli.show import show
from penwork.cli.verify import verify
from penwork.endings import INTERRUPTED, SIGNALLED
from penwork.errors import Fault, PressError, TemplateError, UserError

DONE, BROKEN, WRONG_INPUT = 0, 1, 2
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
BARRED = {errno.EACCES, errno.EPERM, errno.EROFS, errno.EISDIR, errno.ENOTDIR, errno.ELOOP}


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="penwork %(version)s")
def penwork() -> None:
    """Pen-and-paper problems about deep learning, each with a certified worked solution.

    \b
    penwork list                                    what there is
    penwork show forward_backward/gradient_descent  one problem, solved
    penwork sheet -n 10                             a worksheet and its key, as PDF
    """


for command in (list_templates, show, sheet, exam, verify, proof, new, audit, doctor):
    penwork.add_command(command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code; every error is told here."""
    run = Run(words=list(sys.argv[1:] if arguments is None else arguments))
    if isinstance(sys.stdout, io.TextIOWrapper):
        with contextlib.suppress(io.UnsupportedOperation):
            sys.stdout.reconfigure(errors="replace")
    try:
        code = penwork.main(run.words, prog_name="penwork", standalone_mode=False, obj=run)
    except UserError as error:
        return _say(str(error), WRONG_INPUT)
    except click.ClickException as error:
        return _say(_usage(error), WRONG_INPUT)
    except (click.Abort, KeyboardInterrupt):
        return _say("Interrupted.", INTERRUPTED)
    except SystemExit as end:
        if isinstance(end.code, int) and end.code > SIGNALLED:
            return _say("Interrupted.", end.code)
        return INTERRUPTED  # click leaves so where nobody reads on
    except (Fault, TemplateError, PressError) as error:
        if isinstance(error, Fault) and error.replay:
            error.replay = again_as(error.replay, run.folders)
            return _say(str(error), BROKEN)
        return _say(f"{error}\n{_again(run)}", BROKEN)
    except Exception as error:
        if isinstance(error, OSError) and error.errno in FULL:
            with contextlib.suppress(OSError):
                sys.stdout.close()
            return _say("The disk is full. Free some space.", WRONG_INPUT)
        if isinstance(error, OSError) and error.errno in BARRED and error.filename:
            why = f"{error.filename} cannot be used: {str(error.strerror).lower()}."
            return _say(f"{why} Mend its rights, or move it away.", WRONG_INPUT)
        traceback.print_exc()
        return _say(_again(run), BROKEN)
    return code if isinstance(code, int) else DONE


def _say(message: str, code: int) -> int:
    with contextlib.suppress(OSError):
        click.echo(message, err=True)
    return code


def _usage(error: click.ClickException) -> str:
    message = error.format_message().strip()
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is None or "\n" in message:
        return message
    end = "" if message.endswith((".", "?")) else "."
    return f"{message}{end} See `{context.command_path} --help`."


def _again(run: Run) -> str:
    """The line that replays this run, with the seed that was drawn for it."""
    return f"To see it again: {again(['penwork', *run.words, *run.seed], ())}"
