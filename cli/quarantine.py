"""The commands on refused rows: show, export, retry."""

from __future__ import annotations

import os
import sys
from collections import Counter
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vises import console
from vises.cli.common import Language, gate, who
from vises.cli.ingest import show_ingest
from vises.cli.output import new_file
from vises.errors import BadRequest, NotFound
from vises.ingest.batches import State, batches, find_batch
from vises.ingest.exporting import WRITERS, entries
from vises.ingest.ledger import QUARANTINE, Ledger
from vises.ingest.quarantine import parse_threshold
from vises.ingest.retrying import retry as run_retry
from vises.ingest.rules import remedy
from vises.settings import Settings
from vises.store.releases import ReleaseStore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vises.ingest.batches import Told

app = typer.Typer(rich_markup_mode="markdown", no_args_is_help=True)

Batch = Annotated[
    str, typer.Argument(metavar="BATCH", help="A dataset (its last batch), or the id of a batch.")
]
Speaks = Annotated[Language, typer.Option(help="The language of the reasons.")]

SAMPLES = 3


class Form(StrEnum):
    """The formats of an export."""

    csv = "csv"
    jsonl = "jsonl"
    xlsx = "xlsx"


@app.callback()
def quarantine() -> None:
    """See why rows were refused, correct them in a spreadsheet, and ingest them again.

    **Examples**

    ```
    vises quarantine show sirene
    vises quarantine export sirene --language fr --output refused.xlsx
    vises quarantine retry refused.xlsx
    ```
    """


@app.command()
def show(batch: Batch, *, language: Speaks = Language.en) -> None:
    """Count the refused rows of a batch by rule, with samples and what to do about them.

    **Examples**

    ```
    vises quarantine show figures
    vises quarantine show 1f0c9a3e --language nl
    ```
    """
    path, told, other = _kept(batch)
    counts: Counter[tuple[str, str]] = Counter()
    samples: dict[tuple[str, str], list[str]] = {}
    reasons: dict[tuple[str, str], str] = {}
    for entry in entries(path):
        rule = (entry["rule"], entry["column"])
        counts[rule] += 1
        reasons.setdefault(rule, entry["sentence"][language.value])
        seen = samples.setdefault(rule, [])
        if len(seen) < SAMPLES:
            value = f" ({entry['value']})" if entry["value"] else ""
            seen.append(f"{entry['file']}, line {entry['line']}{value}")
    refused = f"{counts.total():,} refused row{'s' if counts.total() != 1 else ''}"
    console.say(f"Batch {_named(told)}, {told.state}: {refused}.")
    if other:
        console.say(other)
    for rule, count in counts.most_common():
        console.say(f"\n{count:,} x {rule[0]}: {reasons[rule]}")
        console.say(f"  for instance: {'; '.join(samples[rule])}")
        console.say(f"  what to do:   {remedy(rule[0], language.value)}")


@app.command()
def export(
    batch: Batch,
    *,
    form: Annotated[
        Form | None,
        typer.Option("--format", help="csv, jsonl or xlsx.", show_default="by --output"),
    ] = None,
    language: Speaks = Language.en,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="A new file.", show_default="standard output"),
    ] = None,
) -> None:
    """Write the refused rows of a batch for a spreadsheet, what is wrong beside their columns.

    CSV has semicolons and opens in French and Belgian spreadsheets; in a workbook (xlsx) every
    cell stays the text that it is, numbers that begin with 0 too. Cells that may name a person are
    left out. Correct the columns of the file, leave those that begin with `_`, then `retry`.

    **Examples**

        vises quarantine export figures --language fr --output refused.xlsx
        vises quarantine export figures --format csv > refused.csv
    """
    chosen = form.value if form else _form_of(output)
    path, told, _ = _kept(batch)
    name = _named(told)
    if output is None:
        WRITERS[chosen](path, name, language.value, sys.stdout.buffer)
        return
    with new_file(output) as file:
        WRITERS[chosen](path, name, language.value, file)
    console.note(f"Refused rows of {name}: {output}")


def _form_of(output: Path | None) -> str:
    """Return the format that the name of a file tells, CSV for none. Raises `BadRequest`."""
    ending = output.suffix[1:].lower() if output else ""
    if output and ending and ending not in WRITERS:
        raise BadRequest(
            f"{output.name!r} does not say how to write the rows.",
            place="--output",
            remedy=f"End the name in one of .{', .'.join(WRITERS)}, or give --format.",
        )
    return ending or Form.csv.value


@app.command()
def retry(
    exported: Annotated[Path, typer.Argument(metavar="EXPORT", help="A corrected export.")],
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="The files of the batch.", show_default="where they lay then"),
    ] = None,
    *,
    max_refused: Annotated[
        str | None,
        typer.Option(help="As of `vises ingest`.", show_default="that of the batch"),
    ] = None,
    author: Annotated[str, typer.Option(help="Who publishes.", show_default="your login")] = "",
) -> None:
    """Ingest a batch again with the cells that were corrected in an export.

    The rows are judged by the same rules, with all others of their files, which must be as they
    were. What is good now joins the dataset; what is not stays refused, with its new reason. The
    same export again changes nothing.

    **Examples**

        vises quarantine retry refused.xlsx
        vises quarantine retry refused.csv moved/figures.csv --author "Observatoire ES"
    """
    settings = Settings.from_env(os.environ)
    with console.Steps() as steps:
        report = run_retry(
            exported,
            files or [],
            releases=ReleaseStore(settings.data),
            gate=gate(),
            data_folder=settings.data,
            base_iri=settings.base_iri,
            author=who(author),
            max_refused=parse_threshold(max_refused) if max_refused else None,
            progress=steps,
        )
    show_ingest(report)


def _kept(name: str) -> tuple[Path, Told, str]:
    """Return the refused rows of a batch, or of the last batch of a dataset, and what it is.

    The last batch is one that the dataset holds, or that was not published. The last of what is
    returned is what to say where the dataset holds another batch, else "". Raises `UnknownBatch`,
    and `NotFound` where no row was refused or the refused ones are not in this folder.
    """
    settings = Settings.from_env(os.environ)
    ledger = Ledger(settings.data)
    found = batches(ReleaseStore(settings.data), ledger, settings.base_iri)
    of_dataset = [told for told in found if told.dataset == name]
    standing = [told for told in of_dataset if told.state in {State.current, State.unpublished}]
    told = (standing[-1:] or of_dataset[-1:] or [find_batch(found, name)])[0]
    other = _other(found, told)
    path = ledger.quarantine(told.dataset, told.batch)
    if path is None and (refused := told.rows.get("rowsQuarantined")):
        raise NotFound(
            f"The rows of {_named(told)} are not in this folder ({refused:,} were refused).",
            place=str(settings.data / QUARANTINE),
            remedy="Copy quarantine/ from the folder of the ingest or put back a backup of it"
            " (`vises releases restore`), or ingest the same files into an empty folder.",
        )
    if path is None:
        raise NotFound(
            f"No row of {_named(told)} was refused; this batch is {told.state}.",
            remedy=other or "`vises batches list` shows all batches, with their counts.",
        )
    return path, told, other


def _named(told: Told) -> str:
    return f"{told.dataset}/{told.batch}"


def _other(found: Sequence[Told], told: Told) -> str:
    """Return what to say where the dataset of a batch holds another one."""
    current = [
        each for each in found if (each.dataset, each.state) == (told.dataset, State.current)
    ]
    if told.state is State.current or not current:
        return ""
    return (
        f"{told.dataset} holds {_named(current[-1])}: `vises quarantine show {current[-1].batch}`."
    )
