"""The commands that derive figures from what enterprises are and report: derive."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from vises import console
from vises.cli.common import gate, who
from vises.ingest.derived.derive import derive_counts
from vises.ingest.derived.results import derive_results
from vises.ingest.options import IngestOptions
from vises.ingest.provenance import OURS
from vises.namespaces import Iris
from vises.service.access.file import AccessFile
from vises.settings import Settings
from vises.store.releases import ReleaseStore

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from vises.ingest.report import IngestReport

DEEPEST = 3

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Derive tables from enterprises or their results, under statistical disclosure control."
    " docs/disclosure.md says what is promised.",
)

Year = Annotated[int, typer.Option(help="The year of the publication, which counts describe.")]
Level = Annotated[
    int, typer.Option(min=0, max=DEEPEST, help="The narrowest level of NUTS in the table.")
]
Publisher = Annotated[str, typer.Option(help="Who publishes the table: a path under the base IRI.")]
Author = Annotated[str, typer.Option(help="Who the release names.", show_default="your login")]


@app.command()
def counts(
    registers: Annotated[list[str], typer.Argument(help="Published datasets of enterprises.")],
    *,
    year: Year,
    dataset: Annotated[str, typer.Option(help="Its graph is graph/DATASET.")] = "derived",
    level: Level = 2,
    publisher: Publisher = OURS,
    author: Author = "",
) -> None:
    """Count the enterprises of registers by region, family and perimeter, and publish the table.

    The table is under statistical disclosure control: cells of one or two enterprises have no
    number, nor have those that such a cell could be computed with. Before it is published, the
    table is attacked: a linear programme looks for what can be computed of each hidden cell. Where
    everybody may read a register, its cells can be counted there whatever the table says: then this
    is said, here and in the description of the table. From the same registers twice nothing
    changes.

    **Examples**

        vises derive counts sirene kbo --year 2026
        vises derive counts demo-sirene --year 2026 --level 1 --dataset counts-2026
    """
    settings = Settings.from_env(os.environ)
    releases = ReleaseStore(settings.data)
    options = _options(settings, dataset, author)
    closed = AccessFile(settings.data).read().closed
    with console.Steps() as steps:
        report = derive_counts(
            registers, year, level, releases, gate(), options, steps, publisher, closed
        )
    _warn(registers, closed, settings)
    _tell(report, dataset, "S7")


@app.command()
def results(
    datasets: Annotated[list[str], typer.Argument(help="Published datasets of results.")],
    *,
    year: Year,
    dataset: Annotated[str, typer.Option(help="Its graph is graph/DATASET.")] = "sums",
    level: Level = 2,
    publisher: Publisher = OURS,
    author: Author = "",
) -> None:
    """Sum what enterprises report for indicators by region and family, and publish the sums.

    The results themselves may be closed to readers (`vises access close`): only sums leave. Where
    they are open, withholding hides nothing, which is said, here and in the description of the
    sums. Closed and open results are not summed together: the open ones could be subtracted. A sum
    of fewer than three enterprises has no number, nor has one of which one enterprise makes up more
    than 85 %, nor those that such a sum could be computed with. All tables are attacked before they
    are published. Only attested results count. Indicators in per cent, and those with a negative
    value, do not add up: they are left out, and named. From the same results twice nothing changes.

    **Examples**

        vises derive results impact --year 2026
        vises derive results impact-2025 impact-partner --year 2026 --level 1 --dataset sums-2026
    """
    settings = Settings.from_env(os.environ)
    releases = ReleaseStore(settings.data)
    options = _options(settings, dataset, author)
    closed = AccessFile(settings.data).read().closed
    with console.Steps() as steps:
        summed = derive_results(
            datasets, year, level, releases, gate(), options, steps, publisher, closed
        )
    for one in summed.left_out:
        console.say(f"Left out: {one.indicator}, {one.why}.")
    for first, second in summed.overlapping:
        console.note(
            f"Warning: the sums of {first.indicator} over {first.start} to {first.end} and over"
            f" {second.start} to {second.end} can be subtracted from each other: each is protected"
            " by itself. Keep one of the periods in a dataset of its own, and sum that."
        )
    _warn(datasets, closed, settings)
    _tell(summed.report, dataset, "S10")


def _options(settings: Settings, dataset: str, author: str) -> IngestOptions:
    return IngestOptions(dataset, settings.base_iri, who(author), settings.data)


def _warn(names: Sequence[str], closed: Collection[str], settings: Settings) -> None:
    """Say which of the datasets everybody may read: of these the table hides nothing."""
    iris = Iris(settings.base_iri)
    if readable := [name for name in names if iris.graph(name).value not in closed]:
        console.note(
            f"Warning: everybody may read {', '.join(readable)}. What the table withholds of that"
            " can be found there. Where it is to stay unknown, close it (`vises access close`), and"
            " derive again."
        )


def _tell(report: IngestReport, dataset: str, question: str) -> None:
    if report.unchanged:
        console.say(f"Nothing to do: release {report.release} already holds {dataset}.")
        return
    console.say(
        f"Release {report.release}: {dataset} has {report.triples:,} triples; `vises query"
        f" --question {question}` lists the cells without a number."
    )
