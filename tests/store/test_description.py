"""Descriptions: what they have, in which order, how they are cut, and what is told with them."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Store, Triple, parse

from vises.namespaces import term
from vises.store import about
from vises.store.about import MOST_INCOMING, MOST_VALUES
from vises.store.description import describe
from vises.store.engine import GRAPH_TYPES, BindingError, Described, DescribeRequest, NotAcceptable

if TYPE_CHECKING:
    from collections.abc import Iterable

S, P, A, B = (NamedNode(f"x:{name}") for name in ("s", "p", "a", "b"))
NQ, TURTLE = "application/n-quads", "text/turtle"
HYDRA = "http://www.w3.org/ns/hydra/core#"


def store_of(quads: Iterable[Quad]) -> Store:
    store = Store()
    store.extend(quads)
    return store


def run(store: Store, request: DescribeRequest) -> tuple[Described, bytes]:
    output = BytesIO()
    media_type, write, described = describe(store, request)
    assert media_type == request.graph_type
    write(output)
    return described, output.getvalue()


def triples(body: bytes, media_type: str = TURTLE) -> set[Triple]:
    return {quad.triple for quad in parse(body, RdfFormat.from_media_type(media_type))}


@pytest.fixture
def near() -> list[Quad]:
    blank, owned = BlankNode("b"), NamedNode("x:identifier")
    return [
        Quad(S, P, Literal("name"), A),
        Quad(S, term("rdf:type"), NamedNode("x:Thing"), A),
        Quad(S, term("adms:identifier"), owned, A),
        Quad(owned, P, Literal("552 100 554"), B),
        Quad(S, P, blank, A),
        Quad(blank, P, Literal("in a blank node"), A),
        Quad(S, P, NamedNode("x:other"), B),
        Quad(NamedNode("x:claim"), term("vises:about"), S, B),
    ]


@pytest.fixture
def store(near: list[Quad]) -> Store:
    other = NamedNode("x:other")
    return store_of([*near, Quad(other, P, Literal("another thing"), A)])


@pytest.mark.parametrize("media_type", GRAPH_TYPES)
def test_a_description(store: Store, near: list[Quad], media_type: str) -> None:
    described, body = run(store, DescribeRequest((S.value,), media_type))
    found = list(parse(body, RdfFormat.from_media_type(media_type)))
    assert {str(q.predicate) + str(q.object) for q in found if q.subject == S} == {
        str(q.predicate) + str(q.object) for q in near if q.subject == S
    }
    assert len(found) == len(near)
    if media_type in {"application/n-quads", "application/trig"}:
        assert {q.graph_name for q in found} == {A, B}
    assert described == Described(S.value, ("x:Thing",), incoming=1)


def test_the_thing_comes_first_its_types_before_the_rest_and_its_prefixes_alone(
    store: Store,
) -> None:
    _, body = run(store, DescribeRequest((S.value,), TURTLE))
    prefixes, _, statements = body.partition(b"<x:s>")
    declared = {line.split()[1] for line in prefixes.splitlines()}
    assert declared == {b"vises:", b"adms:", b"rdf:", b"xsd:"}
    assert statements.startswith(b" a <x:Thing>")
    again = store_of(reversed(list(store)))
    assert run(again, DescribeRequest((S.value,), TURTLE))[1] == body


def test_the_first_iri_that_is_known_is_described(store: Store) -> None:
    for names in (("x:no", S.value), (S.value, "x:other")):
        assert run(store, DescribeRequest(names))[0].iri == S.value
    only_object = store_of([Quad(A, P, S, B)])
    assert run(only_object, DescribeRequest((S.value,)))[0] == Described(S.value, incoming=1)
    for extent in ("whole", "page", "types"):
        assert run(store, DescribeRequest(("x:no",), extent=extent)) == (Described(), b"")


def test_what_cannot_be_asked(store: Store) -> None:
    with pytest.raises(BindingError):
        run(store, DescribeRequest(("no iri",)))
    with pytest.raises(NotAcceptable):
        run(store, DescribeRequest((S.value,), "text/html"))


def test_types_alone_have_no_body(store: Store) -> None:
    found = run(store, DescribeRequest((S.value,), extent="types"))
    assert found == (Described(S.value, ("x:Thing",)), b"")


def test_a_document_is_all_of_a_graph(store: Store) -> None:
    request = DescribeRequest(("x:doc",), TURTLE, documents={"x:doc": B.value})
    described, body = run(store, request)
    assert described.iri == "x:doc"
    assert triples(body) == {q.triple for q in store.quads_for_pattern(None, None, None, B)}
    hidden = DescribeRequest(("x:doc",), TURTLE, (B.value,), documents={"x:doc": B.value})
    assert run(store, hidden) == (Described(), b"")


def test_a_graph_of_which_nothing_is_said_is_a_dataset_of_so_many_statements(store: Store) -> None:
    request = DescribeRequest((A.value,), TURTLE, graphs={A.value: 5})
    described, body = run(store, request)
    assert described == Described(A.value, (term("void:Dataset").value, term("dcat:Dataset").value))
    assert triples(body) == {
        Triple(A, term("rdf:type"), term("dcat:Dataset")),
        Triple(A, term("rdf:type"), term("void:Dataset")),
        Triple(A, term("void:triples"), Literal(5)),
    }
    assert run(store, replace(request, extent="types"))[0] == described
    assert run(store, replace(request, extent="page")) == (described, b"")
    store.add(Quad(A, P, Literal("a name"), B))
    assert triples(run(store, request)[1]) == {Triple(A, P, Literal("a name"))}


REFERRING = 2 * MOST_INCOMING + 50


@pytest.fixture
def referred() -> Store:
    """Return a store in which much refers to the thing, from three graphs."""
    graphs = (A, B, NamedNode("x:c"))
    quads = (Quad(NamedNode(f"x:{i}"), P, S, graphs[i % 3]) for i in range(REFERRING))
    return store_of([*quads, Quad(S, P, Literal("name"), A)])


@pytest.mark.parametrize("hidden", [(), ("x:c",)])
def test_what_refers_to_a_thing_comes_in_parts_that_make_up_the_whole(
    referred: Store, hidden: tuple[str, ...]
) -> None:
    expected = {
        q.triple
        for q in referred.quads_for_pattern(None, None, S)
        if q.graph_name.value not in hidden
    }
    found: list[Triple] = []
    page, more = 1, True
    while more:
        request = DescribeRequest((S.value,), "application/n-triples", hidden, page=page)
        described, body = run(referred, request)
        part = [t for t in triples(body, request.graph_type) if t.object == S]
        assert len(part) == described.incoming <= MOST_INCOMING
        found += part
        page, more = page + 1, described.more
    assert len(found) == len(expected)
    assert set(found) == expected
    assert run(referred, DescribeRequest((S.value,), NQ, hidden, page=page))[0].incoming == 0


def test_a_part_says_where_the_others_are(referred: Store) -> None:
    def links(page: int) -> dict[str, str]:
        document = "https://here.example/s.ttl?release=000001"
        request = DescribeRequest((S.value,), TURTLE, page=page, document=document)
        return {
            t.predicate.value.removeprefix(HYDRA): t.object.value.partition("&")[2]
            for t in triples(run(referred, request)[1])
            if t.predicate.value.startswith(HYDRA)
            and t.subject.value.endswith(f"&page={page}"[-9:])
        }

    assert links(2) == {"first": "", "previous": "", "next": "page=3"}
    assert links(3) == {"first": "", "previous": "page=2"}
    small = run(referred, DescribeRequest(("x:1",), TURTLE, document="https://here.example/1"))
    assert b"hydra" not in small[1]


def test_a_page_has_some_values_of_each_property_and_says_how_many_it_lacks() -> None:
    many = 5 * MOST_VALUES
    few = [Quad(S, B, Literal(str(i)), A) for i in range(3)]
    store = store_of([*(Quad(S, P, Literal(str(i)), A) for i in range(many)), *few])
    described, body = run(store, DescribeRequest((S.value,), extent="page"))
    assert len(body.splitlines()) == MOST_VALUES + 3
    assert described.left_out == {P.value: many - MOST_VALUES}
    assert len(run(store, DescribeRequest((S.value,)))[1].splitlines()) == many + 3
    other = store_of([*few, *(Quad(S, P, Literal(str(i)), A) for i in range(MOST_VALUES + 1))])
    assert run(other, DescribeRequest((S.value,), extent="page"))[0].left_out == {P.value: 1}


@pytest.mark.parametrize("media_type", GRAPH_TYPES)
def test_what_is_too_large_to_be_put_in_order_is_whole(
    store: Store, monkeypatch: pytest.MonkeyPatch, media_type: str
) -> None:
    ordered = run(store, DescribeRequest((S.value,), media_type))[1]
    monkeypatch.setattr(about, "MOST_SORTED", 2)
    form = RdfFormat.from_media_type(media_type)
    streamed = list(parse(run(store, DescribeRequest((S.value,), media_type))[1], form))
    assert len(streamed) == len(list(parse(ordered, form)))
