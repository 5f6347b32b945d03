"""The commands on batches: list, show, withdraw."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from typing import Annotated

import typer

from vises import console
from vises.cli.common import gate, who
from vises.ingest.batches import State, Told, batches, find_batch
from vises.ingest.ledger import Ledger
from vises.ingest.withdrawal import withdraw as run_withdraw
from vises.settings import Settings
from vises.store.releases import ReleaseStore

app = typer.Typer(rich_markup_mode="markdown", no_args_is_help=True)

Batch = Annotated[
    str, typer.Argument(metavar="BATCH", help="Its id, the start of it, or DATASET/ID.")
]


@app.callback()
def about() -> None:
    """See what was ingested, from which files by which mapping, and take it back.

    **Examples**

    ```
    vises batches list
    vises batches show 1f0c9a3e
    vises batches withdraw 1f0c9a3e --reason "The file of another year"
    ```
    """


@app.command("list")
def list_batches(
    dataset: Annotated[str | None, typer.Argument(help="Those of one dataset.")] = None,
) -> None:
    """List the batches, the oldest first: what became of each, and of its rows.

    **Examples**

    ```
    vises batches list
    vises batches list sirene
    ```
    """
    console.table(
        ("dataset", "batch", "state", "started", "in", "published", "refused", "out of scope"),
        [
            (
                *(told.dataset, told.batch, told.state.value, f"{told.started:%Y-%m-%d %H:%M}"),
                *(f"{count:,}" for count in told.rows.values() or ()),
                *("" for _ in range(4 - len(told.rows))),
            )
            for told in _all()
            if dataset in {None, told.dataset}
        ],
    )


@app.command()
def show(
    batch: Batch,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Write it as JSON.")] = False,
) -> None:
    """Show what a batch was made of: files, mapping and contracts with their digests, counts.

    **Examples**

    ```
    vises batches show figures/1f0c9a3e
    ```
    """
    told = find_batch(_all(), batch)
    if as_json:
        text = json.dumps(asdict(told), indent=1, ensure_ascii=False, default=str)
        console.say(text)
        return
    lines = {
        "batch": f"{told.dataset}/{told.batch}",
        "state": told.state.value + (f" {told.withdrawn}" if told.withdrawn else ""),
        "started": f"{told.started:%Y-%m-%d %H:%M:%S %Z}",
        "author": told.author,
        "data as of": told.as_of or "",
        "licence": told.licence or "",
        "corrects": told.corrects or "",
        **{name: f"{count:,}" for name, count in told.rows.items()},
    }
    for name, value in lines.items():
        if value:
            console.say(f"{name:<16} {value}")
    for kind, files in (("file", told.files), ("made by", told.plans)):
        for file in files:
            console.say(f"{kind:<16} {file.name}  sha256:{file.sha256}")


@app.command()
def withdraw(
    batch: Batch,
    *,
    reason: Annotated[str, typer.Option(help="Why, as provenance records it.")] = "",
    author: Annotated[str, typer.Option(help="Who withdraws.", show_default="your login")] = "",
) -> None:
    """Take a batch back: the dataset becomes what it was before, in one step.

    It then holds what the last batch before it made that was not withdrawn itself, or nothing. A
    batch that another one corrects is refused until that one is withdrawn. Doing it twice, or to
    a batch that was never published, changes nothing; the same files can be ingested again.

    **Examples**

        vises batches withdraw 1f0c9a3e
        vises batches withdraw figures/1f0c9a3e --reason "The file of another year"
    """
    settings = Settings.from_env(os.environ)
    done = run_withdraw(
        batch,
        releases=ReleaseStore(settings.data),
        gate=gate(),
        data_folder=settings.data,
        base_iri=settings.base_iri,
        author=who(author),
        reason=reason,
    )
    name = f"{done.dataset}/{done.batch}"
    if done.release is None:
        was = "never published" if done.was is State.unpublished else "withdrawn before"
        console.say(f"Nothing to do: {name} was {was}.")
        return
    now = f"; {done.dataset} holds {done.restored} again" if done.restored else ""
    console.say(
        f"Release {done.release}: {name} withdrawn, {done.removed:,} statements removed and "
        f"{done.added:,} put back{now}."
    )


def _all() -> list[Told]:
    settings = Settings.from_env(os.environ)
    return batches(ReleaseStore(settings.data), Ledger(settings.data), settings.base_iri)
