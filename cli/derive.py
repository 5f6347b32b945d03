"""The command that derives figures from registers: derive."""

from __future__ import annotations

import getpass
import os
from typing import Annotated

import typer

from vises import console
from vises.cli.common import gate
from vises.ingest.derived.derive import derive_counts
from vises.ingest.options import IngestOptions
from vises.ingest.provenance import OURS
from vises.settings import Settings
from vises.store.releases import ReleaseStore

DEEPEST = 3


def derive(
    registers: Annotated[list[str], typer.Argument(help="Published datasets of enterprises.")],
    *,
    year: Annotated[int, typer.Option(help="The year that the counts describe.")],
    dataset: Annotated[str, typer.Option(help="Its graph is graph/DATASET.")] = "derived",
    level: Annotated[
        int, typer.Option(min=0, max=DEEPEST, help="The narrowest level of NUTS in the table.")
    ] = 2,
    publisher: Annotated[
        str, typer.Option(help="Who publishes the counts: a path under the base IRI.")
    ] = OURS,
    author: Annotated[
        str, typer.Option(help="Who the release names.", show_default="your login")
    ] = "",
) -> None:
    """Count the enterprises of registers by region, family and perimeter, and publish the table.

    The table is under statistical disclosure control: cells of one or two enterprises have no
    number, nor have those that such a cell could be computed with. Before it is published, the
    table is attacked: a linear programme looks for what can be computed of each hidden cell. From
    the same registers twice nothing changes.

    **Examples**

        vises derive sirene kbo --year 2026
        vises derive demo-sirene --year 2026 --level 1 --dataset counts-2026
    """
    settings = Settings.from_env(os.environ)
    releases = ReleaseStore(settings.data)
    options = IngestOptions(dataset, settings.base_iri, author or getpass.getuser(), settings.data)
    with console.Steps() as steps:
        report = derive_counts(registers, year, level, releases, gate(), options, steps, publisher)
    out = console.output()
    if report.unchanged:
        out.print(f"Nothing to do: release {report.release} already holds {dataset}.", markup=False)
        return
    out.print(
        f"Release {report.release}: {dataset} has {report.triples:,} triples; `vises query"
        " --question S7` lists the cells without a number.",
        markup=False,
    )
