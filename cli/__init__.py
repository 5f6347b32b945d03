"""The command `vises`: what an observatory, a researcher and an operator do from a terminal."""

from __future__ import annotations

import os
import sys
import traceback
from importlib.metadata import version
from typing import Annotated

import typer

from vises import console
from vises.cli import (
    access,
    batches,
    derive,
    dumps,
    harvest,
    ingest,
    mapping,
    partners,
    quarantine,
    query,
    releases,
    remote,
    replicate,
    serve,
    template,
    validate,
)
from vises.errors import Unavailable, VisesError
from vises.ingest.vocabulary import ontology_version
from vises.store.transaction import ChangeRefused
from vises.validation.report import Report
from vises.validation.table import report_table

EXIT_CODES = (
    "Exit codes: 0 done (or nothing to change), 1 the data was refused, 2 a wrong call, "
    "3 a file that cannot be read, 4 not found, 5 not possible now, 70 a defect of ours, "
    "130 interrupted, 141 nobody reads the output any more, 143 ended by SIGTERM."
)
UNREAD = 141
"""What a shell makes of SIGPIPE: whoever read the answer has read enough, as `head` does."""

app = typer.Typer(
    name="vises",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.add_typer(releases.app, name="releases")
app.add_typer(remote.app, name="remote")
app.add_typer(template.app, name="template")
app.add_typer(mapping.app, name="mapping")
app.add_typer(batches.app, name="batches")
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(derive.app, name="derive")
app.add_typer(access.tokens_app, name="tokens")
app.add_typer(access.access_app, name="access")
for command in (
    *(serve.demo, ingest.ingest, harvest.harvest, validate.validate),
    *(validate.cids, validate.check, query.query, serve.serve, partners.partners, dumps.dumps),
    replicate.replicate,
):
    app.command()(command)


def _show_versions(asked: bool) -> None:  # noqa: FBT001 (typer calls it with the flag)
    if asked:
        console.say(f"vises {version('vises')}")
        console.say(f"ontology {ontology_version()}")
        raise typer.Exit


@app.callback()
def _options(
    *,
    _: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_show_versions,
            is_eager=True,
            help="Show the versions of the program and of its ontology.",
        ),
    ] = False,
) -> None:
    """Publish and ask a knowledge graph of the social impact of the social economy."""


def main() -> None:
    """Run the command; a `VisesError` becomes a message on standard error and its exit code.

    So does what the machine refuses and no command knows of, such as a temporary folder where none
    can be written to. What nobody foresaw is a defect, told with all that leads to it.
    """
    try:
        _run()
    except SystemExit as end:
        if isinstance(end.__context__, BrokenPipeError):
            sys.exit(UNREAD)  # typer says 1, which is that of refused data
        raise


def _run() -> None:
    try:
        try:
            app()
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python flushes once more
        sys.exit(UNREAD)
    except ChangeRefused as refusal:
        if isinstance(refusal.verdict, Report):
            console.errors().print(report_table(refusal.verdict))
        console.report(refusal)
        sys.exit(refusal.exit_code)
    except VisesError as error:
        console.report(error)
        sys.exit(error.exit_code)
    except OSError as error:
        refused = not_allowed(error)
        console.report(refused)
        sys.exit(refused.exit_code)
    except MemoryError:
        short = Unavailable(
            "There is not enough memory.",
            remedy="Free some, or raise its limit; of an ingest, what was done is kept, and fewer"
            " --processes need less.",
        )
        console.report(short)
        sys.exit(short.exit_code)
    except Exception:  # noqa: BLE001 (the edge: otherwise the status would be that of refused data)
        traceback.print_exc()
        sys.exit(VisesError.exit_code)


def not_allowed(error: OSError) -> Unavailable:
    """Return the error for what the machine refused, with the file that it names."""
    return Unavailable(
        f"{(error.strerror or str(error)).rstrip('.')}.",
        place=str(error.filename) if error.filename is not None else None,
        remedy="See to the rights and the room of that place, or of the temporary folder (TMPDIR).",
    )
