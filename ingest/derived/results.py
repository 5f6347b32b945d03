"""Deriving sums of what enterprises report for indicators."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vises.errors import NotFound
from vises.ingest.derived.figures import Publishing, heading
from vises.ingest.derived.protecting import protected
from vises.ingest.derived.publishing import demand_release, publish
from vises.ingest.derived.reading import (
    demand_alike,
    demand_described,
    hierarchy,
    local,
    register,
)
from vises.ingest.derived.reported import Topic, Unsummed, overlapping, reported
from vises.ingest.derived.sums import SUMS, sums
from vises.ingest.disclosure.rules import Magnitude
from vises.ingest.disclosure.table import tabulate
from vises.ingest.provenance import OURS
from vises.namespaces import Iris

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from pyoxigraph import Store, Triple

    from vises.ingest.derived.reported import Series
    from vises.ingest.disclosure.hierarchy import Hierarchy
    from vises.ingest.options import IngestOptions
    from vises.ingest.report import IngestReport
    from vises.progress import Progress
    from vises.store.releases import ReleaseStore
    from vises.store.transaction import Gate

RULE = Magnitude()


@dataclass(frozen=True)
class Summed:
    """What a derivation of sums did, and which indicators it left out, with the reason.

    `overlapping` are sums of one indicator, two by two, whose periods have days in common: each is
    protected by itself, so that one can be subtracted from the other.
    """

    report: IngestReport
    left_out: Sequence[Unsummed]
    overlapping: Sequence[tuple[Topic, Topic]]


def derive_results(  # noqa: PLR0913, PLR0917 (what a derivation needs)
    datasets: Sequence[str],
    year: int,
    level: int,
    releases: ReleaseStore,
    gate: Gate,
    options: IngestOptions,
    progress: Progress,
    publisher: str = OURS,
    closed: Collection[str] = (),
) -> Summed:
    """Publish what enterprises report together, as the dataset of `options`.

    By indicator, period, family and region down to `level` of NUTS (0 to 3), of the attested
    results of all `datasets`, closed ones among them; `year` is that of the publication. All tables
    are under disclosure control, and attacked before they are published. Indicators whose values do
    not add up are left out. `closed` are the graphs (IRIs) that readers may not read; where all are
    open, the description says that the sums hide nothing. Raises `NotFound` where a dataset or the
    publisher is unknown or no result can be summed, `PartlyOpen`, `CountedTwice`, `NotSafe`, and
    what `vises.ingest.pipeline.ingest_rdf` raises.
    """
    iris = Iris(options.base_iri)
    release = demand_release(releases)
    with releases.open(release.id) as store:
        demand_described(store, iris.of(publisher))
        found = [register(store, iris, name, closed) for name in datasets]
        demand_alike(found)
        areas = hierarchy(store, "nuts")
        series, left_out = reported(store, [one.graph for one in found], areas, level)
        if not series:
            raise NotFound(
                "No attested result can be summed.",
                place=", ".join(one.graph.value for one in found),
                remedy="Name datasets of results whose enterprises have a region and a legal form."
                + "".join(f" {local(one.indicator)}: {one.why}." for one in left_out),
            )
        publishing = Publishing(options.dataset, iris, release.id, year, publisher, found, SUMS)
        triples = {*heading(publishing), *_sums(store, publishing, series, areas, progress)}
    report = publish(triples, publishing, releases, gate, options, progress)
    return Summed(report, left_out, [*overlapping(series)])


def _sums(
    store: Store,
    publishing: Publishing,
    series: Sequence[Series],
    areas: Hierarchy,
    progress: Progress,
) -> Iterator[Triple]:
    families = hierarchy(store, "family")
    for one in series:
        name = f"{local(one.topic.indicator)} {one.topic.start}"
        progress.start(f"protecting {name}", None)
        table = tabulate(one.records, (areas, families))
        hidden = protected(table, RULE, name, publishing.graph.value)
        yield from sums(publishing, one, table, hidden)
