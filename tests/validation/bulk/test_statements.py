"""What a piece says is the same whatever its spelling."""

from __future__ import annotations

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse

from vises.validation.bulk.statements import Statements
from vises.validation.syntax import RdfSyntaxError

PLAIN = rb"""<http://e/1> <http://e/p> "a \"quoted\" . \\" .
<http://e/1> <http://e/q> "x"@en--ltr .
<http://e/1> <http://e/q> "1"^^<http://www.w3.org/2001/XMLSchema#integer> .
<http://e/2> <http://e/p> _:b .
_:b <http://e/p> <<( <http://e/1> <http://e/p> "x . " )>> .
"""
ODD = rb"""# a "remark" .
<http://e/\u0031>   <http://e/p>"a \"quoted\" . \\". # "another" .

<http://e/1> <http://e/q> "x"@EN--ltr .
<http://e/1> <http://e/q>	"1"^^<http://www.w3.org/2001/XMLSchema#integer> .
<http://e/2> <http://e/p> _:b .
_:b <http://e/p> <<( <http://e/1> <http://e/p> "x . " )>> ."""


@pytest.mark.parametrize("data", [PLAIN, PLAIN[:-1], ODD, ODD.replace(b"\n", b"\r\n")])
def test_each_statement_is_found_by_its_subject(data: bytes) -> None:
    found = Statements(data, "a file")
    expected = {str(quad.triple) for quad in parse(data, RdfFormat.N_TRIPLES)}
    told = {f"{s.decode()} {p.decode()} {o.decode()}" for s in found.said for p, o in found.said[s]}
    assert told == expected
    node = NamedNode("http://e/1")
    assert node in found
    outgoing = found.get(node)
    assert outgoing is not None
    assert len(outgoing[NamedNode("http://e/q")]) == 2
    assert found.get(NamedNode("http://e/q")) is None


def test_a_plain_piece_stays_as_it_is() -> None:
    assert Statements(PLAIN, "a file").data == PLAIN
    assert Statements(b"", "a file").said == {}


def test_what_is_no_statement_is_named() -> None:
    with pytest.raises(RdfSyntaxError, match="a file"):
        Statements(PLAIN + b"<http://e/1> <http://e/p> .\n", "a file")


def test_subjects_are_put_together_by_types_and_properties() -> None:
    a = b"<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
    data = b"".join(
        b"<http://e/%d> %b <http://e/C%d> .\n<http://e/%d> <http://e/p> %b .\n"
        % (n, a, n % 2, n, v)
        for n, v in enumerate([b'"x"', b'"y"', b"<http://e/0>", b"_:b"])
    )
    alike = Statements(data, "a file").alike()
    assert [[*some] for some in alike] == [
        [b"<http://e/0>", b"<http://e/2>"],
        [b"<http://e/1>", b"<http://e/3>"],
    ]
