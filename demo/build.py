"""Building the demonstration graph: the same files on every machine, ingested as any others."""

from __future__ import annotations

from datetime import date
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from vises.ingest.options import IngestOptions
from vises.ingest.pipeline import ingest, ingest_rdf
from vises.ingest.provenance import DatasetDescription
from vises.ingest.sources import SOURCES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vises.ingest.progress import Progress
    from vises.ingest.report import IngestReport
    from vises.store.releases import ReleaseStore
    from vises.store.transaction import Gate

AUTHOR = "vises demo"
AS_OF = date(2026, 9, 30)
CC_BY = "https://creativecommons.org/licenses/by/4.0/"

FACTS = {
    "organisations": DatasetDescription(
        title={
            "en": "Organisations around VISES",
            "fr": "Organisations autour de VISES",
            "nl": "Organisaties rond VISES",
        },
        licence=CC_BY,
    ),
    "publications": DatasetDescription(
        title={
            "en": "Publications that the facts are taken from",
            "fr": "Publications dont les faits sont tirés",
            "nl": "Publicaties waaruit de feiten komen",
        },
        licence=CC_BY,
    ),
    "method": DatasetDescription(
        title={
            "en": "The VISES method, its project and its partners",
            "fr": "La démarche VISES, son projet et ses partenaires",
            "nl": "De VISES-methode, het project en de partners",
        },
        licence=CC_BY,
    ),
    "indicators": DatasetDescription(
        title={
            "en": "Indicators of social impact",
            "fr": "Indicateurs d'impact social",
            "nl": "Indicatoren van maatschappelijke impact",
        },
        licence=CC_BY,
    ),
}
"""The datasets that are RDF files, in the order in which they refer to each other."""


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

    for dataset, description in FACTS.items():
        paths = [files / f"{dataset}.ttl"]
        yield ingest_rdf(description, paths, releases, gate, options(dataset), progress)
    figures = [files / "figures.csv"]
    yield ingest(SOURCES["figures"], figures, releases, gate, options("figures"), progress)
    with TemporaryDirectory() as name:
        for source, paths in _samples(Path(name)):
            chosen = options(f"demo-{source}", fictitious=True)
            yield ingest(SOURCES[source], paths, releases, gate, chosen, progress)
