"""Documents as one graph, and the line of each statement."""

from __future__ import annotations

import pytest
from pyoxigraph import NamedNode, RdfFormat

from vises.validation.report import Place, Report, Result
from vises.validation.sources import Document, Sources
from vises.validation.syntax import RdfSyntaxError

TURTLE = b"""@prefix : <http://e.example/> .
:a a :Thing ;
   :name "one" ,
         "two"@fr ;
   :size 5 .

:c :part [
      :text \"\"\"of
several lines\"\"\" ] .
:d :knows :elsewhere .
"""
XML = b"""<?xml version="1.0"?>
<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://e.example/">
 <Thing r:about="http://e.example/a">
  <name>one</name>
  <knows r:resource="http://e.example/c"/>
 </Thing>
</r:RDF>
"""


def result(focus: str, path: str | None = None, value: str | None = None) -> Result:
    wanted = path and f"<http://e.example/{path}>"
    return Result(f"<http://e.example/{focus}>", wanted, value, "urn:c", "Violation", "urn:s")


def place(sources: Sources, found: Result) -> Place | None:
    return sources.placed(Report((found,))).results[0].place


@pytest.mark.parametrize(
    ("found", "line"),
    [
        (result("a", "name", '"one"'), 3),
        (result("a", "name", '"two"@fr'), 4),
        (result("a", "size", '"5"^^<http://www.w3.org/2001/XMLSchema#integer>'), 5),
        (result("a", "name", '"not there"'), 3),
        (result("a", "missing"), 2),
        (result("d"), 10),
        (result("elsewhere"), 10),
        (result("knows"), 10),
        (result("nowhere"), None),
    ],
)
def test_the_line_of_a_result_in_turtle(found: Result, line: int | None) -> None:
    sources = Sources([Document("a.ttl", RdfFormat.TURTLE, TURTLE)], "http://b.example/")
    assert place(sources, found) == (line and Place("a.ttl", line))


def test_a_blank_node_is_found_by_its_label_in_the_graph() -> None:
    sources = Sources([Document("a.ttl", RdfFormat.TURTLE, TURTLE)], "http://b.example/")
    [line] = [x for x in sources.triples.splitlines() if b"several" in x]
    label = line.split()[0].decode()
    found = Result(label, None, None, "urn:c", "Violation", "urn:s")
    assert place(sources, found) == Place("a.ttl", 9)


def test_each_document_counts_its_own_lines() -> None:
    lines = b"\n<http://e.example/z> <http://e.example/p> _:x .\r\n# a remark\n"
    sources = Sources(
        [
            Document("a.rdf", RdfFormat.RDF_XML, XML),
            Document("b.nt", RdfFormat.N_TRIPLES, lines + lines),
            Document("c.nt", RdfFormat.N_TRIPLES, lines),
        ],
        "http://b.example/",
    )
    assert place(sources, result("a", "name", '"one"')) == Place("a.rdf", 4)
    assert place(sources, result("a", "knows", "<http://e.example/c>")) == Place("a.rdf", 5)
    assert place(sources, result("z", "p")) == Place("b.nt", 2)
    assert len({x.split()[2] for x in sources.triples.splitlines() if b"/z>" in x}) == 2


JSON_LD = b"""{
  "@context": {
    "id": "@id", "e": "http://e.example/", "@vocab": "http://e.example/",
    "part": {"@id": "http://e.example/part"}
  },
  "@graph": [
    {"e:knows": {"@id": "e:b"},
     "id": "e:a"},
    {"name": "say \\"{\\" ", "@id":
        "http://e.example/b",
     "part": [{"text": "deep", "part": {"text": "deeper"}}]},
    {"@id": "c", "name": "relative"},
    {"@id": "e:b", "name": "again"}
  ]
}"""


def test_a_line_in_json_ld_is_that_of_the_node_object() -> None:
    sources = Sources([Document("a.jsonld", RdfFormat.JSON_LD, JSON_LD)], "http://e.example/")
    found = {
        found.focus: found.place and found.place.line
        for found in sources.placed(Report(tuple(map(result, ("a", "b", "c", "nowhere"))))).results
    }
    assert found == {
        "<http://e.example/a>": 8,
        "<http://e.example/b>": 10,
        "<http://e.example/c>": 12,
        "<http://e.example/nowhere>": None,
    }


def test_a_blank_node_in_json_ld_is_where_it_is_mentioned() -> None:
    documents = [
        Document("a.nt", RdfFormat.N_TRIPLES, b"<http://e.example/z> <http://e.example/p> _:x .\n"),
        Document("b.jsonld", RdfFormat.JSON_LD, JSON_LD),
    ]
    sources = Sources(documents, "http://e.example/")
    for text in (b'"deep"', b'"deeper"'):
        [line] = [x for x in sources.triples.splitlines() if text in x]
        found = Result(line.split()[0].decode(), None, None, "urn:c", "Violation", "urn:s")
        assert place(sources, found) == Place("b.jsonld", 10)


def test_a_prefix_of_two_meanings_tells_no_line() -> None:
    nodes = [
        f'{{"@context": {{"p": "http://e.example/{x}"}}, "@id": "p:a", "e:x": "1"}}' for x in "xy"
    ]
    data = f"[{','.join(nodes)}]".encode()
    sources = Sources([Document("a.jsonld", RdfFormat.JSON_LD, data)], "http://e.example/")
    assert place(sources, result("xa")) is None


def test_a_mistake_is_named_with_its_line_and_column() -> None:
    with pytest.raises(RdfSyntaxError) as error:
        Sources([Document("a.ttl", RdfFormat.TURTLE, TURTLE + b"<oops .\n")], "http://b.example/")
    assert error.value.place is not None
    assert error.value.place.startswith("a.ttl, line 11, column ")


def test_what_is_said_of_some_nodes() -> None:
    sources = Sources([Document("a.ttl", RdfFormat.TURTLE, TURTLE)], "http://b.example/")
    name = NamedNode("http://e.example/name")
    said = sources.about({"<http://e.example/a>", "<http://e.example/d>"}, [name])
    assert said.splitlines() == [
        b'<http://e.example/a> <http://e.example/name> "one" .',
        b'<http://e.example/a> <http://e.example/name> "two"@fr .',
    ]


def test_no_name_is_a_triple_term() -> None:
    nested = "<<( <e:s> <e:p> " * 20 + '"o"' + " )>>" * 20
    data = f'<e:a> <e:name> {nested} , "one" .'.encode()
    sources = Sources([Document("a.ttl", RdfFormat.TURTLE, data)], "http://b.example/")
    assert sources.about({"<e:a>"}, [NamedNode("e:name")]) == b'<e:a> <e:name> "one" .'
