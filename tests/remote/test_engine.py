"""Asking a remote engine: forms, datasets, values, descriptions, refusals."""

from __future__ import annotations

import json
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import CanonicalizationAlgorithm, Dataset, RdfFormat, parse

from vises.store.engine import (
    GRAPH_TYPES,
    RESULTS_TYPES,
    BindingError,
    FederationRefused,
    NotAcceptable,
    QueryRequest,
    QuerySyntaxError,
)
from vises.store.evaluation import evaluate
from vises.store.releases import ReleaseStore
from vises.store.remote.queries import RemoteDeclined
from vises.store.remote.replica import ReplicaDiffers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.remote.conftest import Server, World
    from vises.store.releases import Release

pytestmark = pytest.mark.remote

DATA = """
PREFIX adms: <http://www.w3.org/ns/adms#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
g:one {
    :a :name "L'atelier \\"commun\\"\\n<bnode>nodeID://b1</bnode> é 🦀"@fr, "" ;
        :is "true"^^xsd:boolean ;
        :size 7, 1.5, 2.5e0 ; :since "2020-01-02"^^xsd:date, "2019"^^xsd:gYear ;
        adms:identifier :id ; :part [ :name "blank" ; :of :a ] ; :knows :b .
    :id :notation "123" .
    :b :name "not described" .
}
g:two { :a :note "in another graph" . :c :knows :a . :d :name "same" }
"""
EVERYTHING = "SELECT ?g ?s ?p ?o WHERE { GRAPH ?g { ?s ?p ?o } }"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, make_world: type[World]) -> World:
    return make_world(ReleaseStore(tmp_path_factory.mktemp("engine") / "data"))


@pytest.fixture(scope="module", params=["oxigraph", "virtuoso"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    found: Server = request.getfixturevalue(request.param)
    yield found
    found.clean()


@pytest.fixture(scope="module")
def filled(world: World, server: Server) -> Release:
    current = world.releases.current()
    release = current or world.publish(world.quads(DATA))
    world.push(server, release)
    return release


def embedded(world: World, request: QueryRequest, release: Release) -> bytes:
    output = BytesIO()
    with world.releases.open(release.id) as store:
        _, write = evaluate(store, request)
        write(output)
    return output.getvalue()


def canonical(body: bytes, media_type: str) -> Dataset:
    form = RdfFormat.from_media_type(media_type)
    dataset = Dataset(parse(body, format=form))
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return dataset


def rows(body: bytes) -> list[dict[str, dict[str, str]]]:
    found = json.loads(body)["results"]["bindings"]
    return sorted(found, key=lambda row: json.dumps(row, sort_keys=True))


def shape(body: bytes) -> list[str]:
    """Return the solutions with every blank node alike, in an order of their own."""
    return sorted(
        json.dumps({n: c if c["type"] != "bnode" else "_" for n, c in r.items()}, sort_keys=True)
        for r in rows(body)
    )


def test_solutions_have_the_same_terms(world: World, server: Server, filled: Release) -> None:
    request = QueryRequest(EVERYTHING, RESULTS_TYPES[0], None)
    theirs = shape(world.ask(server.address.query, request, filled))
    assert theirs == shape(embedded(world, request, filled))
    assert len(theirs) == 18


@pytest.mark.parametrize("media_type", RESULTS_TYPES)
def test_every_results_type(world: World, server: Server, filled: Release, media_type: str) -> None:
    query = "SELECT ?o WHERE { ?s ?p ?o FILTER(isLiteral(?o)) } ORDER BY STR(?o) DATATYPE(?o)"
    request = QueryRequest(query, media_type, None)
    assert world.ask(server.address.query, request, filled) == embedded(world, request, filled)


@pytest.mark.parametrize("media_type", RESULTS_TYPES[:2])
@pytest.mark.parametrize("pattern", ["?s ?p 7", "?s ?p 8"])
def test_booleans(
    world: World, server: Server, filled: Release, media_type: str, pattern: str
) -> None:
    request = QueryRequest(f"ASK {{ {pattern} }}", media_type, None)
    assert world.ask(server.address.query, request, filled) == embedded(world, request, filled)


@pytest.mark.parametrize("media_type", GRAPH_TYPES)
def test_graphs(world: World, server: Server, filled: Release, media_type: str) -> None:
    if server.name == "virtuoso":
        with pytest.raises(RemoteDeclined, match="cut a constructed graph"):
            world.ask(server.address.query, "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }", filled)
        return
    request = QueryRequest("CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }", None, media_type)
    theirs = canonical(world.ask(server.address.query, request, filled), media_type)
    assert theirs == canonical(embedded(world, request, filled), media_type)
    assert len(theirs) == 18


@pytest.mark.parametrize(
    ("default", "named", "pattern", "count"),
    [
        ((), (), "?s ?p ?o", 18),
        ((), (), "GRAPH ?g { ?s ?p ?o }", 18),
        (("two",), (), "?s ?p ?o", 3),
        (("two",), (), "GRAPH ?g { ?s ?p ?o }", 0),
        ((), ("two",), "?s ?p ?o", 0),
        ((), ("two",), "GRAPH ?g { ?s ?p ?o }", 3),
        (("one", "two"), ("two",), "?s ?p ?o", 18),
        (("none",), (), "?s ?p ?o", 0),
    ],
)
def test_the_dataset_is_ours(  # noqa: PLR0913, PLR0917 (cases)
    world: World,
    server: Server,
    filled: Release,
    default: tuple[str, ...],
    named: tuple[str, ...],
    pattern: str,
    count: int,
) -> None:
    request = QueryRequest(
        f"SELECT (COUNT(*) AS ?n) WHERE {{ {pattern} }}",
        RESULTS_TYPES[0],
        None,
        default_graphs=tuple(world.graph(name).value for name in default),
        named_graphs=tuple(world.graph(name).value for name in named),
    )
    (row,) = rows(world.ask(server.address.query, request, filled))
    assert row["n"]["value"] == str(count)


@pytest.mark.parametrize(
    "value",
    [
        '"same"',
        '"\\" . } } ; DROP ALL #"',
        '"\\\\"',
        '"a\\nb\\u0027\\u007D"@fr',
        "<https://data.example/a>",
        '"7"^^<http://www.w3.org/2001/XMLSchema#integer>',
    ],
)
def test_values_stay_values(world: World, server: Server, filled: Release, value: str) -> None:
    query = "SELECT ?s ?o WHERE { ?s ?p ?o } # a comment"
    request = QueryRequest(query, RESULTS_TYPES[0], None, bindings={"o": value})
    theirs = shape(world.ask(server.address.query, request, filled))
    assert theirs == shape(embedded(world, request, filled))


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("o", '"a" } DROP ALL #', BindingError),
        ("o", '"a", "b"', BindingError),
        ("o", "?s", BindingError),
        ("o", "_:b", BindingError),
        ("o) { (1) } #", '"a"', BindingError),
        ("other", '"a"', BindingError),
        ("s", "<https://data.example/> } #>", BindingError),
    ],
)
def test_hostile_values_are_refused(  # noqa: PLR0913, PLR0917 (cases)
    world: World, server: Server, filled: Release, name: str, value: str, error: type[Exception]
) -> None:
    request = QueryRequest(
        "SELECT ?s ?o { ?s ?p ?o }", RESULTS_TYPES[0], None, bindings={name: value}
    )
    with pytest.raises(error):
        world.ask(server.address.query, request, filled)


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("SELECT * { ?s ?p }", QuerySyntaxError),
        ("INSERT DATA { <x:s> <x:p> <x:o> }", QuerySyntaxError),
        ('DEFINE input:same-as "yes" SELECT * { ?s ?p ?o }', QuerySyntaxError),
        ("SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", FederationRefused),
        ("SELECT (<bif:now>() AS ?x) {}", RemoteDeclined),
        ("PREFIX b: <b\\u0069f:> SELECT (b:now() AS ?x) {}", RemoteDeclined),
        ("BASE <SQL:x> SELECT (<#f>() AS ?x) {}", RemoteDeclined),
    ],
)
def test_what_does_not_leave(
    world: World, server: Server, filled: Release, query: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        world.ask(server.address.query, query, filled)


def test_what_the_client_does_not_take(world: World, server: Server, filled: Release) -> None:
    with pytest.raises(NotAcceptable):
        world.ask(server.address.query, QueryRequest("ASK {}", None, GRAPH_TYPES[0]), filled)
    request = QueryRequest("CONSTRUCT {} {}", RESULTS_TYPES[0], None)
    with pytest.raises(NotAcceptable):
        world.ask(server.address.query, request, filled)


def test_another_release_of_the_same_id_is_not_asked(
    world: World, server: Server, filled: Release, tmp_path: Path, make_world: type[World]
) -> None:
    other = make_world(ReleaseStore(tmp_path / "data"))
    release = other.publish(world.quads("g:one { :new :name 1 }"))
    assert release.id == filled.id
    with pytest.raises(ReplicaDiffers, match="and not"):
        other.ask(server.address.query, EVERYTHING, release)
