"""Compaction: any triples come back, whatever the context makes of them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    Literal,
    NamedNode,
    Quad,
    Triple,
    parse,
)
from pyoxigraph import RdfFormat as Syntax

from vises.ingest.compaction import Compactor, NotCompactable
from vises.namespaces import PREFIXES, term

CONTEXT = {
    "@version": 1.1,
    "id": "@id",
    "type": "@type",
    "ex": "http://example.org/",
    "xsd": PREFIXES["xsd"],
    "Kind": "ex:Kind",
    "label": {"@id": "ex:label", "@container": "@language"},
    "link": {"@id": "ex:link", "@type": "@id"},
    "number": {"@id": "ex:number", "@type": "xsd:decimal"},
    "text": {"@id": "ex:text", "@type": "xsd:string"},
    "any": "ex:any",
}
NAMES = ("label", "link", "number", "text", "any", "other", "Kind")
IRIS = [NamedNode(f"http://example.org/{name}") for name in (*NAMES, "", "/x")]
NODES = [*IRIS, NamedNode("urn:a:b"), BlankNode("b0"), BlankNode("b1")]
LEXICAL = ("true", "1", "-0", "007", "4.50", "1E0", "", "9" * 30, "nein", "@id", "ex:x", "é\u2028")
LITERALS = [
    literal
    for text in LEXICAL
    for literal in (
        *(Literal(text), Literal(text, language="fr"), Literal(text, language="nl-be")),
        *(
            Literal(text, datatype=term(f"xsd:{t}"))
            for t in ("integer", "boolean", "double", "decimal")
        ),
    )
]
TRIPLES = st.builds(
    Triple,
    st.sampled_from(NODES),
    st.sampled_from([*IRIS[:7], term("rdf:type"), term("rdf:first")]),
    st.sampled_from([*NODES, *LITERALS]),
)


def back(compactor: Compactor, triples: frozenset[Triple]) -> set[str]:
    nodes = compactor.nodes(triples)
    text = json.dumps({"@context": compactor.used(), "@graph": nodes})
    return canonical(parse(text, Syntax.JSON_LD))


def canonical(triples: object) -> set[str]:
    dataset = Dataset(Quad(t.subject, t.predicate, t.object) for t in triples)  # type: ignore[attr-defined]
    dataset.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return {str(quad) for quad in dataset}


@settings(max_examples=400, deadline=None)
@given(st.frozensets(TRIPLES, max_size=12))
def test_no_triple_is_lost(triples: frozenset[Triple]) -> None:
    assert back(Compactor(CONTEXT), triples) == canonical(triples)


def test_an_iri_that_looks_like_a_prefixed_name_is_refused() -> None:
    triple = Triple(NamedNode("ex:a"), NamedNode("http://example.org/any"), Literal("x"))
    with pytest.raises(NotCompactable, match="ex:a would be read"):
        Compactor(CONTEXT).nodes([triple])


def test_a_quoted_triple_is_refused() -> None:
    inner = Triple(NODES[0], NODES[1], NODES[2])
    with pytest.raises(NotCompactable, match="no form"):
        Compactor(CONTEXT).nodes([Triple(NODES[0], NODES[1], inner)])
