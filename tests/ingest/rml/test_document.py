from __future__ import annotations

import pytest
from pyoxigraph import NamedNode

from vises.ingest.rml import MappingError
from vises.ingest.rml.document import read_document

BASE = "http://example.org/"


def _lines(turtle: bytes) -> list[tuple[str, int]]:
    document = read_document(turtle, base_iri=BASE, place="m.ttl")
    return [
        (statement.predicate.removeprefix(BASE), statement.line)
        for statements in document.statements.values()
        for statement in statements
    ]


def test_each_statement_has_its_line() -> None:
    turtle = b"""# a comment
<a> <p1> "one" ;

  <p2> <two> ;
  <p3> [
    <p4> 'four'

    # between
  ] .
<b> <p5> true
  , 6
."""
    assert sorted(_lines(turtle)) == [
        ("p1", 2),
        ("p2", 4),
        ("p3", 9),
        ("p4", 6),
        ("p5", 10),
        ("p5", 11),
    ]


def test_a_very_long_line_is_one_line() -> None:
    turtle = b'<a> <p1> "' + b"x" * 300_000 + b'" .\n<a> <p2> "y" .'
    assert _lines(turtle) == [("p1", 1), ("p2", 2)]


def test_relative_iris_are_resolved() -> None:
    document = read_document(b"<a> <p> <../x> .", base_iri="http://e/f/", place="m.ttl")
    ((subject, (statement,)),) = document.statements.items()
    assert (subject, statement.value) == (NamedNode("http://e/f/a"), NamedNode("http://e/x"))


@pytest.mark.parametrize(
    ("turtle", "place"),
    [
        (b"<a> <p> <b> .\n<a> <p <b> .", "m.ttl, line 2, column 5"),
        (b"<a> x:p <b> .", "m.ttl, line 1, column 5"),
        (b"<a> <p> <http://a b> .", "m.ttl, line 1, column 9"),
        (b"\n<a> <p> '\xff' .", "m.ttl, line 2, column 10"),
        (b"<a> <p> [", "m.ttl, line 1"),
    ],
)
def test_bad_turtle_is_an_error_with_its_line(turtle: bytes, place: str) -> None:
    with pytest.raises(MappingError, match="not valid Turtle") as caught:
        read_document(turtle, base_iri=BASE, place="m.ttl")
    assert caught.value.place
    assert caught.value.place.startswith(place)
