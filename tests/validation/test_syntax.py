"""Reading RDF, with errors that name a place."""

from __future__ import annotations

import pytest
from pyoxigraph import Literal, RdfFormat

from vises.namespaces import term
from vises.validation.syntax import RdfSyntaxError, n_triples, read

XSD_DECIMAL = term("xsd:decimal")


def test_lexical_forms_stay() -> None:
    data = b'<http://e/1> <http://e/p> "01"^^<http://www.w3.org/2001/XMLSchema#int> .\n'
    assert n_triples(read(data)) == data


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("12.5", "12.5"),
        ("-12.50", "-12.5"),
        ("0.1", "0.1"),
        ("12", "12"),
        ("12.0", "12"),
        ("2e-7", "0.0000002"),
        ("1234567890.12345678901234", "1234567890.12345678901234"),
        ("12345678901234567890123", "12345678901234567890123"),
        ("1e999999999", "1.0E999999999"),
        ('"12.50"', "12.50"),
        ('"many"', "many"),
    ],
)
def test_numbers_of_json_are_decimals_where_the_context_says_so(written: str, read_as: str) -> None:
    context = '{"v": {"@id": "http://e/v", "@type": "http://www.w3.org/2001/XMLSchema#decimal"}}'
    document = f'{{"@context": {context}, "@id": "http://e/1", "v": {written}}}'
    [quad] = read(document.encode(), RdfFormat.JSON_LD)
    assert quad.object == Literal(read_as, datatype=XSD_DECIMAL)


def test_a_number_without_a_type_is_a_double() -> None:
    [quad] = read(b'{"@id": "http://e/1", "http://e/v": 12.5}', RdfFormat.JSON_LD)
    assert str(quad.object) == '"1.25E1"^^<http://www.w3.org/2001/XMLSchema#double>'


@pytest.mark.parametrize(
    ("syntax", "data", "place", "remedy"),
    [
        (RdfFormat.N_TRIPLES, b'<http://e/1> <http://e/p> "a', "f, line 1, column 27", "complete"),
        (
            RdfFormat.TURTLE,
            b'<http://e/1> <http://e/p> "a" .\n<http://e/1> <http://e/p> "\xe9" .',
            "f, line 2, column 28",
            "UTF-8",
        ),
        (RdfFormat.TURTLE, b"<http://e/1>\n  no:p 1 .", "f, line 2, column 3", "Correct it"),
        (RdfFormat.JSON_LD, b'{"@id": "http://e/1",\n', "f, line 2, column 1", "Correct it"),
        (
            RdfFormat.RDF_XML,
            b'<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]><r>&a;</r>',
            "f",
            "Correct it",
        ),
    ],
)
def test_errors_name_the_place(syntax: RdfFormat, data: bytes, place: str, remedy: str) -> None:
    with pytest.raises(RdfSyntaxError) as caught:
        list(read(data, syntax, place="f"))
    assert caught.value.place == place
    assert remedy in str(caught.value.remedy)
    assert caught.value.detail.startswith(f"This is not {syntax.name}: ")


def test_a_context_elsewhere_is_told_without_names_of_the_parser() -> None:
    document = b'{"@context": "http://127.0.0.1:9/c", "@id": "x"}'
    with pytest.raises(RdfSyntaxError) as caught:
        list(read(document, RdfFormat.JSON_LD, place="f"))
    assert caught.value.place == "f"
    assert caught.value.detail == "The document names a context that is elsewhere."
    assert "nothing is fetched from elsewhere." in str(caught.value.remedy)
