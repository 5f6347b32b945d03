"""JSON-LD: strictly read, by contexts of the package only, and written without loss."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pyoxigraph import CanonicalizationAlgorithm, Dataset, Quad, RdfFormat, parse

from vises.ingest import jsonld
from vises.ingest.jsonld import BadJsonLd, RemoteContext
from vises.namespaces import VOCABULARY_BASE

ROOT = Path(__file__).parents[2]
FILES = [
    *sorted((ROOT / "demo" / "files").glob("*.ttl")),
    *sorted((ROOT / "ontology").glob("**/*.ttl")),
    *sorted((ROOT / "tests" / "shapes").glob("*/valid.*.ttl")),
]


def canonical(quads: list[Quad]) -> set[str]:
    dataset = Dataset(Quad(q.subject, q.predicate, q.object) for q in quads)
    dataset.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return {str(quad) for quad in dataset}


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_is_written_reads_as_the_same_triples(path: Path) -> None:
    quads = list(parse(path=path, format=RdfFormat.TURTLE, base_iri=VOCABULARY_BASE))
    text = jsonld.write(quads, "vises")
    assert canonical(jsonld.read(text.encode(), "x", "http://example.org/")) == canonical(quads)
    assert jsonld.write(reversed(quads), "vises") == text


def test_it_is_compact_and_readable() -> None:
    turtle = """
        PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
        PREFIX vises: <https://w3id.org/vises/ontology#>
        PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
        <http://example.org/r> a vises:IndicatorResult ; vises:value 4.50 ; vises:fictitious true ;
            vises:periodEnd "2024-12-31"^^xsd:date ;
            vises:theme <https://w3id.org/vises/code/theme/skills> ;
            vises:collectionMethod "Enquête"@fr, "Bevraging"@nl .
    """
    document = json.loads(jsonld.write(parse(turtle, RdfFormat.TURTLE), "vises"))
    assert document["@graph"] == [
        {
            "id": "http://example.org/r",
            "type": "IndicatorResult",
            "collectionMethod": {"fr": "Enquête", "nl": "Bevraging"},
            "fictitious": True,
            "periodEnd": "2024-12-31",
            "theme": "code:theme/skills",
            "value": "4.50",
        }
    ]
    assert set(document["@context"]) == {
        *("@version", "id", "type", "vises", "code", "xsd", "IndicatorResult"),
        *("collectionMethod", "fictitious", "periodEnd", "theme", "value"),
    }


def test_a_context_of_the_package_is_read_by_its_iri() -> None:
    document = {
        "@context": ["https://w3id.org/vises/contexts/vises.jsonld", {"x": "http://x/"}],
        "id": "r",
        "fictitious": True,
        "x:y": {"@context": "https://w3id.org/vises/contexts/vises.jsonld", "legalName": "n"},
    }
    quads = jsonld.read(json.dumps(document).encode(), "doc", "http://example.org/")
    assert {q.predicate.value for q in quads} == {
        *("https://w3id.org/vises/ontology#fictitious", "http://x/y"),
        "http://www.w3.org/ns/legal#legalName",
    }


@pytest.mark.parametrize(
    "written", ["12.5", "1234567890.12345678901234", "12345678901234567890123", "-0.1", "12"]
)
def test_numbers_keep_their_digits(written: str) -> None:
    context = "https://w3id.org/vises/contexts/vises.jsonld"
    value = f'[{written}, {{"@value": {written}, "@type": "xsd:decimal"}}, "{written}"]'
    document = f'{{"@context": "{context}", "id": "r", "value": {value}}}'
    quads = jsonld.read(document.encode(), "doc", "http://example.org/")
    assert {str(quad.object) for quad in quads} == {
        f'"{written}"^^<http://www.w3.org/2001/XMLSchema#decimal>'
    }


@pytest.mark.parametrize(
    "context",
    [
        "https://example.org/context.jsonld",
        ["https://w3id.org/vises/contexts/vises.jsonld", "other.jsonld"],
        {"@import": "https://w3id.org/vises/contexts/vises.jsonld"},
        {"Thing": {"@id": "http://x/T", "@context": "https://example.org/inner.jsonld"}},
    ],
)
def test_any_other_context_is_refused_by_its_name(context: object) -> None:
    document = {"@id": "http://x/a", "http://x/b": [{"@context": context, "@id": "http://x/c"}]}
    with pytest.raises(RemoteContext, match="nothing is fetched") as refused:
        jsonld.read(json.dumps(document).encode(), "doc.jsonld", "http://x/")
    assert refused.value.place == "doc.jsonld"
    assert "contexts/vises.jsonld" in str(refused.value.remedy)


@pytest.mark.parametrize(
    ("data", "detail", "place"),
    [
        (b'{"@id": "http://x/a", "http://x/b', "Unterminated string", "f, line 1, column 23"),
        (b'{\n"@id": "http://x/a",\n', "This is not JSON", "f, line 3, column 1"),
        (b'{"a": 1}}', "Extra data", "f, line 1, column 9"),
        ('{"@id": "é"}'.encode("utf-16"), "UTF-16", "f, line 1"),
        ('{\n"http://x/b": "é"}'.encode("latin-1"), "0xe9 is not UTF-8", "f, line 2"),
        (b'{"http://x/a": 1, "http://x/a": 2}', "twice", "f"),
        (b'{"http://x/a": NaN}', "NaN is not a JSON number", "f"),
        (b"[" * 100_000, "nested too deeply", "f"),
        (b'{"@id": 5}', "not JSON-LD", "f"),
        (b'{"@id": "http://x/g", "@graph": [{"http://x/a": 1}]}', "named graph", "f"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(
    data: bytes, detail: str, place: str
) -> None:
    with pytest.raises(BadJsonLd, match=detail) as refused:
        jsonld.read(data, "f", "http://x/")
    assert refused.value.place == place
    assert refused.value.remedy


def test_a_file_that_ends_too_early_says_so() -> None:
    with pytest.raises(BadJsonLd) as refused:
        jsonld.read(b'{"@graph": [{"@id": "http://x/a"},', "f", "http://x/")
    assert refused.value.remedy == "The file ends too early: is it complete?"


def test_a_byte_order_mark_of_utf_8_does_no_harm() -> None:
    quads = jsonld.read(b'\xef\xbb\xbf{"@id": "a", "http://x/b": "c"}', "f", "http://x/")
    assert str(quads[0].subject) == "<http://x/a>"
