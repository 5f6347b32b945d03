"""Deriving counts of enterprises from registers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vises.errors import NotFound
from vises.ingest.derived.figures import COUNTS, Publishing, cells, heading
from vises.ingest.derived.protecting import protected
from vises.ingest.derived.publishing import demand_release, publish
from vises.ingest.derived.reading import counted, demand_described, hierarchy, local, register
from vises.ingest.disclosure.rules import Count
from vises.ingest.disclosure.table import tabulate
from vises.ingest.provenance import OURS
from vises.namespaces import Iris

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from pyoxigraph import Store, Triple

    from vises.ingest.options import IngestOptions
    from vises.ingest.report import IngestReport
    from vises.progress import Progress
    from vises.store.releases import ReleaseStore
    from vises.store.transaction import Gate

RULE = Count()


def derive_counts(  # noqa: PLR0913, PLR0917 (what a derivation needs)
    registers: Sequence[str],
    year: int,
    level: int,
    releases: ReleaseStore,
    gate: Gate,
    options: IngestOptions,
    progress: Progress,
    publisher: str = OURS,
    closed: Collection[str] = (),
) -> IngestReport:
    """Publish how many enterprises some registers count, as the dataset of `options`.

    By perimeter, family and region down to `level` of NUTS (0 to 3), for `year`, under disclosure
    control: the table is attacked before it is published. `closed` are the graphs (IRIs) that
    readers may not read: the description names the registers that are open, of which the table
    hides nothing. From the same registers twice nothing changes. Raises `NotFound` where a register
    or the publisher is unknown, or there is nothing to count, `CountedTwice`, `PartlyOpen`,
    `NotSafe`, and what `vises.ingest.pipeline.ingest_rdf` raises.
    """
    iris = Iris(options.base_iri)
    release = demand_release(releases)
    with releases.open(release.id) as store:
        demand_described(store, iris.of(publisher))
        found = [register(store, iris, name, closed) for name in registers]
        publishing = Publishing(options.dataset, iris, release.id, year, publisher, found, COUNTS)
        figures = {*_figures(store, publishing, level, progress)}
    if not figures:
        raise NotFound(
            "No enterprise of it counts under any perimeter.",
            place=", ".join(registers),
            remedy="Name datasets that hold enterprises of the social economy, such as sirene.",
        )
    triples = {*heading(publishing), *figures}
    return publish(triples, publishing, releases, gate, options, progress)


def _figures(
    store: Store, publishing: Publishing, level: int, progress: Progress
) -> Iterator[Triple]:
    areas, families = hierarchy(store, "nuts"), hierarchy(store, "family")
    for perimeter, one in counted(store, publishing.registers, areas, level).items():
        name = local(perimeter)
        progress.start(f"protecting {name}", None)
        table = tabulate(one.records, (areas, families))
        place = ", ".join(each.graph.value for each in one.registers)
        hidden = protected(table, RULE, name, place)
        yield from cells(publishing, one.registers, perimeter, table, hidden)
