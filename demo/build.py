"""Building the demonstration graph: the same files on every machine, ingested as any others."""

from __future__ import annotations

import tomllib
from datetime import date
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from vises.ingest.derived.derive import derive_counts
from vises.ingest.derived.results import derive_results
from vises.ingest.options import IngestOptions
from vises.ingest.pipeline import ingest, ingest_rdf
from vises.ingest.provenance import DatasetDescription
from vises.ingest.sources import SOURCES
from vises.ingest.sources.impact import sample as impact
from vises.ingest.sources.kbo import sample as kbo
from vises.ingest.sources.sirene import sample as sirene

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vises.ingest.report import IngestReport
    from vises.progress import Progress
    from vises.store.releases import ReleaseStore
    from vises.store.transaction import Gate

AUTHOR = "vises demo"
AS_OF = date(2026, 9, 30)
REPORTING = 8
TOGETHER, RESULTS = 60, 600
"""How many more enterprises of each country report, so that their sums can be told, and what."""

LEVEL = 1
"""The narrowest level of NUTS in the tables that are derived from what is invented."""

CC_BY = "https://creativecommons.org/licenses/by/4.0/"


def build(
    releases: ReleaseStore, gate: Gate, base_iri: str, data_folder: Path, progress: Progress
) -> bool:
    """Publish the demonstration graph, one release for each dataset that is not there yet.

    Returns whether anything was published. The enterprises, results and accounts are fictitious and
    marked so; the method, the publications and the regional figures are not. Raises what
    `vises.ingest.pipeline.ingest` raises.
    """
    reports = list(_reports(releases, gate, base_iri, data_folder, progress))
    return not all(report.unchanged for report in reports)


def _reports(
    releases: ReleaseStore, gate: Gate, base_iri: str, data_folder: Path, progress: Progress
) -> Iterator[IngestReport]:
    files = Path(str(resources.files("vises"))) / "demo" / "files"

    def options(dataset: str, *, fictitious: bool = False) -> IngestOptions:
        as_of = AS_OF if fictitious else None
        return IngestOptions(dataset, base_iri, AUTHOR, data_folder, as_of, fictitious=fictitious)

    def rdf(*, fictitious: bool) -> Iterator[IngestReport]:
        for dataset, entry in tomllib.loads((files / "datasets.toml").read_text("utf-8")).items():
            if entry.pop("fictitious", False) == fictitious:
                description = DatasetDescription(**entry, licence=CC_BY)
                paths = [files / f"{dataset}.ttl"]
                chosen = options(dataset, fictitious=fictitious)
                yield ingest_rdf(description, paths, releases, gate, chosen, progress)

    yield from rdf(fictitious=False)
    figures = [files / "figures.csv"]
    yield ingest(SOURCES["figures"], figures, releases, gate, options("figures"), progress)
    with TemporaryDirectory() as name:
        for dataset, source, paths in _samples(Path(name)):
            chosen = options(dataset, fictitious=True)
            yield ingest(SOURCES[source], paths, releases, gate, chosen, progress)
    yield from rdf(fictitious=True)
    registers, results = ["demo-sirene", "demo-kbo"], ["demo-reports"]
    rest = (AS_OF.year, LEVEL, releases, gate)
    yield derive_counts(registers, *rest, options("demo-derived", fictitious=True), progress)
    yield derive_results(results, *rest, options("demo-sums", fictitious=True), progress).report


def _samples(folder: Path) -> Iterator[tuple[str, str, Sequence[Path]]]:
    """Write the fictitious files; yield each dataset with its source and its files.

    Few enterprises report what is told of each of them, and more what is summed.
    """
    french = sirene.write_sample(folder / "sirene", units=3000)
    yield "demo-sirene", "sirene", french.files
    belgian = kbo.write_sample(folder / "kbo", enterprises=3000)
    yield "demo-kbo", "kbo", belgian.files
    few, more = slice(REPORTING), slice(REPORTING, REPORTING + TOGETHER)
    reporting = french.enterprises[few] + belgian.enterprises[few]
    yield "demo-impact", "impact", impact.write_sample(folder / "impact", reporting).files
    others = french.enterprises[more] + belgian.enterprises[more]
    summed = impact.write_sample(folder / "reports", others, results=RESULTS, seed=2)
    yield "demo-reports", "impact", summed.files
