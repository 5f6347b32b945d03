"""The W3C tests of the SPARQL 1.1 Service Description, over HTTP.

The manifest of the suite names three and says what each one asks; no files belong to them. The
schema is that of the vocabulary (SPARQL 1.1 Service Description, section 3).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import httpx
import pytest
from pyoxigraph import Dataset, Literal, NamedNode, Quad, RdfFormat, parse

from tests.service.conftest import Accepted, pool, running
from vises.service.app import create_app
from vises.settings import Settings
from vises.store.releases import ReleaseStore
from vises.store.transaction import Change

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MANIFEST = "http://www.w3.org/2009/sparql/docs/tests/data-sparql11/service-description/manifest#"
MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
SD = "http://www.w3.org/ns/sparql-service-description#"
TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")

SUBCLASSES = {"Dataset": {"Dataset", "GraphCollection"}}
DOMAIN_AND_RANGE = {
    "endpoint": ("Service", None),
    "feature": ("Service", "Feature"),
    "defaultEntailmentRegime": ("Service", "EntailmentRegime"),
    "supportedLanguage": ("Service", "Language"),
    "resultFormat": ("Service", "Format"),
    "inputFormat": ("Service", "Format"),
    "defaultDataset": ("Service", "Dataset"),
    "availableGraphs": ("Service", "GraphCollection"),
    "defaultGraph": ("Dataset", "Graph"),
    "namedGraph": ("GraphCollection", "NamedGraph"),
    "name": ("NamedGraph", None),
    "graph": ("NamedGraph", "Graph"),
}
KNOWN = {
    "Language": {SD + "SPARQL10Query", SD + "SPARQL11Query", SD + "SPARQL11Update"},
    "Feature": {
        SD + name
        for name in (
            *("DereferencesURIs", "UnionDefaultGraph", "RequiresDataset"),
            *("EmptyGraphs", "BasicFederatedQuery"),
        )
    },
    "EntailmentRegime": {"http://www.w3.org/ns/entailment/Simple"},
    "Format": {
        f"http://www.w3.org/ns/formats/{name}"
        for name in (
            *("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV"),
            *("SPARQL_Results_TSV", "Turtle", "N-Triples", "N-Quads", "TriG", "RDF_XML"),
            "JSON-LD",
        )
    },
}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a service over a release with two graphs."""
    settings = replace(
        Settings.from_env({"VISES_DATA": str(tmp_path_factory.mktemp("description") / "data")}),
        workers=1,
    )
    quads = [
        Quad(NamedNode("x:s"), NamedNode("x:p"), Literal(n), NamedNode(f"https://x.example/{n}"))
        for n in (1, 2)
    ]
    releases = ReleaseStore(settings.data)
    with releases.transaction(author="a", message="m", gate=lambda _: Accepted()) as transaction:
        transaction.apply(Change(frozenset(), frozenset(quads)))
    with running(create_app(settings, releases, pool(settings))) as found:
        yield found


def description(address: str, media_type: str = "text/turtle") -> tuple[httpx.Response, Dataset]:
    answer = httpx.get(f"{address}/sparql", headers={"Accept": media_type})
    answer.raise_for_status()
    form = RdfFormat.from_media_type(answer.headers["content-type"].partition(";")[0])
    assert form is not None
    return answer, Dataset(parse(answer.content, format=form))


@pytest.mark.shared
def test_the_suite_has_the_tests_that_are_here(shared: Path) -> None:
    manifest = shared / "suites" / "w3c-sparql11" / "service-description" / "manifest.ttl"
    found = Dataset(parse(manifest.read_bytes(), format=RdfFormat.TURTLE, base_iri=MANIFEST[:-1]))
    tests = found.quads_for_object(NamedNode(MF + "ServiceDescriptionTest"))
    assert {quad.subject.value.removeprefix(MANIFEST) for quad in tests} == {
        "returns-rdf",
        "has-endpoint-triple",
        "conforms-to-schema",
    }


@pytest.mark.parametrize(
    "media_type",
    [
        *("text/turtle", "application/n-triples", "application/rdf+xml", "application/ld+json"),
        *("application/n-quads", "application/trig", "*/*"),
    ],
)
def test_returns_rdf(address: str, media_type: str) -> None:
    answer, graph = description(address, media_type)
    if media_type != "*/*":
        assert answer.headers["content-type"].partition(";")[0] == media_type
    assert len(graph) > 20


def test_has_endpoint_triple(address: str) -> None:
    _, graph = description(address)
    quads = graph.quads_for_predicate(NamedNode(SD + "endpoint"))
    assert [quad.object for quad in quads] == [NamedNode(f"{address}/sparql")]


def test_conforms_to_schema(address: str) -> None:
    _, graph = description(address)

    def is_a(node: object, kind: str) -> bool:
        types = {q.object.value for q in graph.quads_for_subject(node) if q.predicate == TYPE}
        names = {t.removeprefix(SD).removeprefix("http://www.w3.org/ns/formats/") for t in types}
        implied = {wider for name in names for wider in SUBCLASSES.get(name, {name})}
        known = getattr(node, "value", "") in KNOWN.get(kind, set())
        return kind in implied or known

    used = set()
    for quad in graph:
        if not quad.predicate.value.startswith(SD):
            continue
        name = quad.predicate.value.removeprefix(SD)
        domain, range_ = DOMAIN_AND_RANGE[name]
        assert is_a(quad.subject, domain), quad
        assert range_ is None or is_a(quad.object, range_), quad
        used.add(name)
    assert used == set(DOMAIN_AND_RANGE) - {"inputFormat", "availableGraphs"}
    (service,) = (q.subject for q in graph.quads_for_object(NamedNode(SD + "Service")))
    assert service == NamedNode(f"{address}/sparql")
