"""The example questions as RDF, in the form that SIB's endpoints give theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, serialize

from vises.namespaces import PREFIXES, term
from vises.service.questions import questions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from vises.service.questions import Question

PATH = "/.well-known/sparql-examples"
SPEX = "https://purl.expasy.org/sparql-examples/ontology#"
_DECLARATIONS = BlankNode("sparql_examples_prefixes")


def sparql_examples(
    address: str, endpoint: str, media_type: str, asked: Iterable[Question] | None = None
) -> bytes:
    """Return questions as sh:SPARQLExecutable in an RDF media type of `GRAPH_TYPES`.

    `address` is the absolute IRI at which they are found, `endpoint` that of the SPARQL endpoint;
    without questions that are `asked` for it is all.
    """
    form = RdfFormat.from_media_type(media_type)
    assert form is not None
    prefixes = {**PREFIXES, "spex": SPEX}
    asked = questions().values() if asked is None else asked
    statements = _statements(address, NamedNode(endpoint), asked)
    body = serialize(statements, format=form, prefixes=prefixes)
    assert body is not None
    return body


def _statements(address: str, endpoint: NamedNode, asked: Iterable[Question]) -> Iterator[Triple]:
    for question in asked:
        yield from _example(NamedNode(f"{address}/{question.id}"), endpoint, question)
    for prefix, namespace in PREFIXES.items():
        declaration = BlankNode(f"prefix_{prefix.replace('-', '_')}")
        iri = Literal(namespace, datatype=term("xsd:anyURI"))
        yield Triple(_DECLARATIONS, term("sh:declare"), declaration)
        yield Triple(declaration, term("sh:prefix"), Literal(prefix))
        yield Triple(declaration, term("sh:namespace"), iri)


def _example(example: NamedNode, endpoint: NamedNode, question: Question) -> Iterator[Triple]:
    yield Triple(example, term("rdf:type"), term("sh:SPARQLExecutable"))
    yield Triple(example, term("rdf:type"), term("sh:SPARQLSelectExecutable"))
    yield Triple(example, term("dcterms:identifier"), Literal(question.id))
    for language, wording in question.wording.items():
        yield Triple(example, term("rdfs:comment"), Literal(wording, language=language))
    yield Triple(example, term("sh:prefixes"), _DECLARATIONS)
    yield Triple(example, term("sh:select"), Literal(question.sparql))
    for tag in question.tags:
        yield Triple(example, term("schema:keywords"), Literal(tag))
    yield Triple(example, term("schema:target"), endpoint)
    for partner in question.endpoints:
        yield Triple(example, NamedNode(SPEX + "federatesWith"), NamedNode(partner))
