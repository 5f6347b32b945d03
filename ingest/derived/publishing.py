"""Publishing figures that were derived here, as any other dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import RdfFormat, serialize

from vises.errors import NotFound
from vises.ingest.derived.figures import descriptions, titles
from vises.ingest.pipeline import ingest_rdf
from vises.ingest.provenance import LICENCE, DatasetDescription
from vises.ingest.workspace import workspace

if TYPE_CHECKING:
    from pathlib import Path

    from pyoxigraph import Triple

    from vises.ingest.derived.figures import Publishing
    from vises.ingest.options import IngestOptions
    from vises.ingest.report import IngestReport
    from vises.progress import Progress
    from vises.store.releases import Release, ReleaseStore
    from vises.store.transaction import Gate


def demand_release(releases: ReleaseStore) -> Release:
    """Return the current release; raises `NotFound` where nothing is published."""
    release = releases.current()
    if release is None:
        raise NotFound("Nothing is published yet.", remedy="Ingest a register first.")
    return release


def publish(  # noqa: PLR0913, PLR0917 (what an ingest needs)
    triples: set[Triple],
    publishing: Publishing,
    releases: ReleaseStore,
    gate: Gate,
    options: IngestOptions,
    progress: Progress,
) -> IngestReport:
    """Publish statements as the dataset of `options`; the same statements twice change nothing.

    Raises what `vises.ingest.pipeline.ingest_rdf` raises.
    """
    described = DatasetDescription(
        titles(publishing), publishing.publisher, LICENCE, descriptions(publishing)
    )
    with workspace(options.data_folder) as folder:
        file = folder / f"{options.dataset}.nt"
        _write(triples, file)
        used = publishing.sources
        return ingest_rdf(described, [file], releases, gate, options, progress, used)


def _write(triples: set[Triple], file: Path) -> None:
    """Write statements in the order of their lines: the same set is the same file."""
    text = serialize(triples, format=RdfFormat.N_TRIPLES)
    assert text is not None
    file.write_bytes(b"".join(sorted(text.splitlines(keepends=True))))
