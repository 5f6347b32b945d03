"""Deriving a dataset of figures from registers, and publishing it as any other dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import RdfFormat, serialize

from vises.errors import NotFound, Refused
from vises.ingest.derived.figures import Publishing, cells, heading, titles
from vises.ingest.derived.reading import counted, demand_described, hierarchy, local, register
from vises.ingest.disclosure.rules import Count
from vises.ingest.disclosure.suppression import exposed, suppress
from vises.ingest.disclosure.table import tabulate
from vises.ingest.pipeline import ingest_rdf
from vises.ingest.provenance import LICENCE, OURS, DatasetDescription
from vises.ingest.workspace import workspace
from vises.namespaces import Iris

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pyoxigraph import Store, Triple

    from vises.ingest.options import IngestOptions
    from vises.ingest.report import IngestReport
    from vises.progress import Progress
    from vises.store.releases import ReleaseStore
    from vises.store.transaction import Gate

RULE = Count()
DESCRIPTION = {
    "en": "Counts of active enterprises by region, family and perimeter. Cells of fewer than three"
    " enterprises, and those that such a cell could be computed with, have no number.",
    "fr": "Nombres d'entreprises actives par territoire, famille et périmètre. Les cellules de"
    " moins de trois entreprises, et celles dont une telle cellule se calculerait, n'ont pas de"
    " nombre.",
    "nl": "Aantallen actieve ondernemingen per gebied, familie en afbakening. Cellen van minder"
    " dan drie ondernemingen, en cellen waarmee zo'n cel te berekenen is, hebben geen getal.",
}


class NotSafe(Refused):
    """A table from which a hidden cell can be computed; it is not published."""

    kind = "not-safe"
    title = "The table would say too much"


def derive_counts(  # noqa: PLR0913, PLR0917 (what a derivation needs)
    registers: Sequence[str],
    year: int,
    level: int,
    releases: ReleaseStore,
    gate: Gate,
    options: IngestOptions,
    progress: Progress,
    publisher: str = OURS,
) -> IngestReport:
    """Publish how many enterprises some registers count, as the dataset of `options`.

    By perimeter, family and region down to `level` of NUTS (0 to 3), for `year`, under disclosure
    control: the table is attacked before it is published. From the same registers twice nothing
    changes. Raises `NotFound` where a register or the publisher is unknown, `CountedTwice`,
    `NotSafe`, and what `vises.ingest.pipeline.ingest_rdf` raises.
    """
    iris = Iris(options.base_iri)
    release = releases.current()
    if release is None:
        raise NotFound("Nothing is published yet.", remedy="Ingest a register first.")
    with releases.open(release.id) as store:
        demand_described(store, iris.of(publisher))
        found = [register(store, iris, name) for name in registers]
        publishing = Publishing(options.dataset, iris, year, publisher, found)
        triples = {*heading(publishing), *_figures(store, publishing, level, progress)}
    description = DatasetDescription(titles(publishing), publisher, LICENCE, DESCRIPTION)
    with workspace(options.data_folder) as folder:
        file = folder / f"{options.dataset}.nt"
        _write(triples, file)
        return ingest_rdf(description, [file], releases, gate, options, progress)


def _figures(
    store: Store, publishing: Publishing, level: int, progress: Progress
) -> Iterator[Triple]:
    areas, families = hierarchy(store, "nuts"), hierarchy(store, "family")
    for one in publishing.registers:
        for perimeter, records in counted(store, one.graph, areas, level).items():
            progress.start(f"protecting {local(perimeter)}", None)
            table = tabulate(records, (areas, families))
            hidden = suppress(table, RULE)
            if told := exposed(table, RULE, hidden):
                raise NotSafe(
                    f"{len(told)} hidden cells of {local(perimeter)} can be computed.",
                    place=one.graph.value,
                    remedy="Publish fewer levels (--level); please report it.",
                )
            yield from cells(publishing, one, perimeter, table, hidden)


def _write(triples: set[Triple], file: Path) -> None:
    """Write statements in the order of their lines: the same set is the same file."""
    text = serialize(triples, format=RdfFormat.N_TRIPLES)
    assert text is not None
    file.write_bytes(b"".join(sorted(text.splitlines(keepends=True))))
