"""The ways to get a dataset: files, graph store, SPARQL, event stream."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from vises.service.graphstore.target import GRAPHS
from vises.service.iris import in_release, last_part

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vises.service.catalogue.entries import Entry
    from vises.service.dumps.endpoint import Dump

SPARQL, API, GRAPH_STORE = "sparql", "api", "graphs"
EVENTS, RECONCILIATION = "ldes", "reconcile"
"""The data services, as parts of the catalogue's document."""


@dataclass(frozen=True)
class Distribution:
    """A way to get a dataset (dcat:Distribution).

    `access` is where to begin; `download` the address of the file, where there is one; `title`
    names the form; `media_type` and `compression` are those of the content. `conforms_to` are IRIs
    of standards. `service` is the data service behind it. `size` is in bytes, `sha256` in
    hexadecimal digits.
    """

    iri: str
    title: str
    access: str
    media_type: str
    download: str | None = None
    compression: str | None = None
    conforms_to: Sequence[str] = ()
    service: str | None = None
    size: int | None = None
    sha256: str | None = None


@dataclass(frozen=True)
class Offered:
    """A dataset, and where the service offers it.

    `origin` is where the public finds the service, `release` the id of the release where the
    request named it; `dumps` are the files of the dataset in the release `release_id`; `stream`
    is the address of its event stream, None where it has none.
    """

    entry: Entry
    origin: str
    release: str | None
    release_id: str
    dumps: Sequence[Dump]
    stream: str | None


def distributions(offered: Offered) -> list[Distribution]:
    """Return all distributions of a dataset, in the order in which they are described."""
    return [*_files(offered), _graph_store(offered), _sparql(offered), *_events(offered)]


def _files(offered: Offered) -> Iterator[Distribution]:
    for dump in offered.dumps:
        file = dump.file
        address = f"{offered.origin}/dumps/{offered.release_id}/{dump.name}"
        yield Distribution(
            iri=f"{address}#distribution",
            title=f"{_FORMS.get(file.media_type, file.media_type)} ({file.form})",
            access=address,
            download=address,
            media_type=file.media_type,
            compression=file.compression,
            conforms_to=[file.conforms_to] if file.conforms_to else [],
            size=file.size,
            sha256=file.sha256,
        )


_FORMS = {
    "application/csvm+json": "CSVW",
    "application/json": "JSON",
    "application/ld+json": "JSON-LD",
    "application/n-quads": "N-Quads",
    "application/vnd.apache.parquet": "Parquet",
    "application/vnd.sdmx.data+csv": "SDMX-CSV",
    "text/csv": "CSV",
    "text/plain": "IRI",
    "text/turtle": "Turtle",
}


def _graph_store(offered: Offered) -> Distribution:
    """Return the whole graph by the Graph Store protocol, in any form of RDF."""
    iri = offered.entry.iri.value
    address = f"{offered.origin}{GRAPHS}?{urlencode({'graph': iri})}"
    address = in_release(address, offered.release)
    return Distribution(
        iri=f"{address}#distribution",
        title="Turtle (Graph Store)",
        access=address,
        download=address,
        media_type="text/turtle",
        conforms_to=["http://www.w3.org/TR/sparql11-http-rdf-update/"],
        service=GRAPH_STORE,
    )


def _sparql(offered: Offered) -> Distribution:
    """Return the endpoint, with the graph as the default graph of the query."""
    iri = offered.entry.iri.value
    address = f"{offered.origin}/sparql?{urlencode({'default-graph-uri': iri})}"
    return Distribution(
        iri=f"{in_release(address, offered.release)}#distribution",
        title=f"SPARQL ({last_part(iri)})",
        access=in_release(address, offered.release),
        media_type="application/sparql-query",
        conforms_to=["http://www.w3.org/TR/sparql11-protocol/"],
        service=SPARQL,
    )


def _events(offered: Offered) -> Iterator[Distribution]:
    """Yield the event stream of its changes, where the dataset is open to everyone."""
    if offered.stream is None:
        return
    yield Distribution(
        iri=offered.stream,
        title=f"LDES ({last_part(offered.entry.iri.value)})",
        access=offered.stream,
        media_type="application/trig",
        conforms_to=["https://w3id.org/ldes/specification"],
        service=EVENTS,
    )
