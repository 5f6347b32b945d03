"""The command that makes the files of a release."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from vises import console
from vises.cli.common import named
from vises.service.access.access import Access
from vises.settings import Settings
from vises.store.dumps.kept import KeptDumps
from vises.store.dumps.make import ensure
from vises.store.releases import ReleaseStore


def dumps(
    release: Annotated[
        str | None, typer.Argument(help="An id or a tag.", show_default="the current release")
    ] = None,
) -> None:
    """Make the files of a release that the service offers at /dumps: once for each content.

    Each dataset gets N-Quads, Turtle and JSON-LD, a Parquet table for each class with a data
    dictionary, and, where it holds statistics, CSV with its description and SDMX-CSV. Graphs that
    are closed to reading get none. What is there already is not made again, and a dataset that
    did not change since another release is there already. A running service does this by itself
    for the current release, unless VISES_DUMPS is no. It can run beside the service.

    **Examples**

        vises dumps
        vises dumps report-2026
    """
    settings = Settings.from_env(os.environ)
    store = ReleaseStore(settings.data)
    found = named(store, settings, release)
    closed = Access(settings.data).rights(None).hidden
    kept = KeptDumps(settings.data, settings.base_iri)
    made = 0
    for name, files in ensure(store, kept, found.id, closed):
        made += len(files)
        size = console.mebibytes(sum(file.size for file in files))
        console.say(f"{name}: {len(files)} files, {size}")
    console.say(
        f"Release {found.id}: {made} files made."
        if made
        else f"Nothing to do: the files of release {found.id} are there."
    )
