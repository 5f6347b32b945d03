from __future__ import annotations

import xml.etree.ElementTree as ET
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, parse

from tests.store.test_workers import play
from vises.store.engine import NotAcceptable, QueryRequest
from vises.store.evaluation import evaluate
from vises.store.xmloutput import XmlOutput

if TYPE_CHECKING:
    from tests.store.conftest import World
    from vises.store.workers import WorkerPool

RESULTS, GRAPH = "application/sparql-results+xml", "application/rdf+xml"
VALUE = "{http://www.w3.org/2005/sparql-results#}literal"


def written(query: str) -> bytes:
    target = BytesIO()
    write = evaluate(Store(), QueryRequest(query, RESULTS, GRAPH))[1]
    write(XmlOutput(target))
    return target.getvalue()


@pytest.mark.parametrize(
    "text", ["a\rb", "\r\n", "a\tb\n", "é🎈&<>\"'", "\u0085\u2028", "x" * 9000]
)
def test_a_text_is_read_as_it_was(text: str) -> None:
    literal = str(Literal(text))
    table = ET.fromstring(written(f"SELECT ({literal} AS ?x) {{}}"))
    assert next(table.iter(VALUE)).text == text
    graph = written(f"CONSTRUCT {{ <urn:s> <http://example.org/p> {literal} }} {{}}")
    assert [q.object for q in parse(graph, RdfFormat.RDF_XML)] == [Literal(text)]


@pytest.mark.parametrize("code", [0x1, 0x8, 0xB, 0xC, 0x1F, 0xFFFE, 0xFFFF])
def test_a_character_that_xml_has_not_is_refused(code: int) -> None:
    for before in ("", "x" * 8190):
        for query in ("SELECT ({} AS ?x) {{}}", "CONSTRUCT {{ <urn:s> <urn:x:p> {} }} {{}}"):
            with pytest.raises(NotAcceptable, match=f"U\\+{code:04X}"):
                written(query.format(Literal(before + chr(code))))


@pytest.mark.parametrize("iri", ["http://example.org/1", "http://example.org/", "urn:x:2024"])
def test_a_property_without_a_name_is_refused(iri: str) -> None:
    for before in range(20):
        with pytest.raises(NotAcceptable, match="without a name"):
            written(f"CONSTRUCT {{ <urn:{'s' * (8000 + before)}> <{iri}> 1 }} {{}}")


def test_what_looks_like_it_in_a_value_is_none_of_it() -> None:
    assert b"&lt;a: /&gt;" in written("SELECT ('<a: />' AS ?x) {}")


def test_a_query_process_refuses_it_before_anything_is_sent(world: World) -> None:
    world.publish(
        Quad(NamedNode("urn:s"), NamedNode("urn:1"), Literal("a\u0001"), NamedNode("urn:g"))
    )

    async def scene(pool: WorkerPool) -> None:
        for query in ("SELECT ?o { ?s ?p ?o }", "CONSTRUCT WHERE { ?s ?p ?o }"):
            with pytest.raises(NotAcceptable):
                await pool.answer(QueryRequest(query, RESULTS, GRAPH), "000002")

    play(world, scene, quads=1)
