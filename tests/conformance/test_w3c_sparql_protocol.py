"""The W3C tests of the SPARQL 1.1 Protocol, sent to a running service as they are written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import NamedNode, Quad, RdfFormat, Store, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import httpx

    from tests.conformance.conftest import Exchange, Manifest, Writable

pytestmark = pytest.mark.shared

SUITE = Path(__file__).parents[2].parent / "shared" / "suites" / "w3c-sparql11"
TESTS = "http://www.w3.org/2009/sparql/docs/tests/data-sparql11/protocol/"
MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
UT = "http://www.w3.org/2009/sparql/tests/test-update#"
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
ALTERNATIVES = {
    "boolean": ("application/sparql-results+json", "application/sparql-results+xml"),
    "tabular": (
        "application/sparql-results+json",
        "application/sparql-results+xml",
        "text/csv",
        "text/tab-separated-values",
    ),
    "RDF": ("text/turtle", "application/n-triples", "application/rdf+xml"),
}


def names() -> list[str]:
    path = SUITE / "protocol" / "manifest.ttl"
    if not path.exists():
        return []
    store = Store()
    store.load(path=path, format=RdfFormat.TURTLE, base_iri=f"{TESTS}manifest.ttl")
    tests = store.quads_for_pattern(None, NamedNode(TYPE), NamedNode(f"{MF}ProtocolTest"))
    return sorted(quad.subject.value.rpartition("#")[2] for quad in tests)


@pytest.fixture(scope="module")
def manifest(manifests: type[Manifest]) -> Manifest:
    return manifests.read("protocol")


@pytest.mark.parametrize("name", names())
def test_w3c(
    name: str,
    manifest: Manifest,
    read_exchanges: Callable[[Manifest, NamedNode], list[Exchange]],
    writable: Writable,
) -> None:
    entry = NamedNode(f"{TESTS}manifest#{name}")
    writable.fill(list(data(manifest, entry)))
    found = read_exchanges(manifest, entry)
    assert found
    for exchange in found:
        answer = writable.client.request(
            exchange.method,
            exchange.path.replace("/sparql/", "/sparql", 1),
            headers=exchange.headers,
            content=exchange.body or None,
        )
        check(exchange, answer)


def data(manifest: Manifest, entry: NamedNode) -> Iterator[Quad]:
    for graph in manifest.all(entry, f"{UT}graphData"):
        path = SUITE / "protocol" / manifest.one(graph, f"{UT}graph").value.rpartition("/")[2]
        name = NamedNode(manifest.one(graph, LABEL).value)
        for quad in parse(path=path, format=RdfFormat.N_TRIPLES):
            yield Quad(quad.subject, quad.predicate, quad.object, name)


def check(exchange: Exchange, answer: httpx.Response) -> None:
    classes = {status.removeprefix("StatusCode")[0] for status in exchange.statuses}
    assert str(answer.status_code)[0] in classes, answer.text
    if exchange.form:
        media_type = answer.headers["content-type"].partition(";")[0]
        assert media_type in ALTERNATIVES[exchange.form]
    if exchange.boolean is not None:
        assert answer.json()["boolean"] is exchange.boolean


def test_the_whole_suite_is_here() -> None:
    assert len(names()) == 34
