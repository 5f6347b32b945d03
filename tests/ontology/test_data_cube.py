"""The structure of the figures (RDF Data Cube, integrity constraints on structures)."""

from __future__ import annotations

from pyoxigraph import Dataset, NamedNode, Quad, Store

from vises.namespaces import PREFIXES, term

HEAD = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in PREFIXES.items())
STRUCTURE = NamedNode(PREFIXES["vises"] + "RegionalFigureStructure")


def ask(quads: frozenset[Quad], query: str) -> bool:
    store = Store()
    store.extend(Dataset(quads))
    return bool(store.query(HEAD + query))


def test_the_structure_has_its_dimensions_measures_and_attributes(
    ontology: frozenset[Quad],
) -> None:
    specs = {q.object for q in ontology if q.subject == STRUCTURE and q.object != STRUCTURE}
    found = {
        kind: {q.object for q in ontology if q.subject in specs and q.predicate == term(kind)}
        for kind in ("qb:dimension", "qb:measure", "qb:attribute")
    }
    dimensions = ("sdmx-dimension:refArea", "sdmx-dimension:refPeriod", "vises:perimeter")
    assert found["qb:dimension"] == {
        term(name) for name in (*dimensions, "vises:family", "vises:publication", "qb:measureType")
    }
    assert found["qb:measure"] == {
        q.subject
        for q in ontology
        if q.predicate == term("rdf:type") and q.object == term("qb:MeasureProperty")
    }
    assert len(found["qb:measure"]) == 6
    assert found["qb:attribute"] == {
        term("sdmx-attribute:unitMeasure"),
        term("sdmx-attribute:obsStatus"),
    }


def test_no_two_dimensions_have_the_same_order(ontology: frozenset[Quad]) -> None:
    orders = sorted(int(q.object.value) for q in ontology if q.predicate == term("qb:order"))
    assert orders == list(range(1, 7))


def test_dimensions_have_a_range_and_coded_ones_a_code_list(everything: frozenset[Quad]) -> None:
    """IC-4 and IC-5."""
    assert not ask(
        everything,
        "ASK { ?d a qb:DimensionProperty FILTER NOT EXISTS { ?d rdfs:range ?range } }",
    )
    assert not ask(
        everything,
        """ASK { ?d a qb:DimensionProperty ; rdfs:range/rdfs:subClassOf* skos:Concept
                 FILTER NOT EXISTS { ?d qb:codeList/a skos:ConceptScheme } }""",
    )


def test_the_structure_has_a_measure_and_only_attributes_are_optional(
    ontology: frozenset[Quad],
) -> None:
    """IC-3 and IC-6."""
    assert ask(ontology, "ASK { vises:RegionalFigureStructure qb:component/qb:measure ?m }")
    assert not ask(
        ontology,
        """ASK { ?dsd qb:component ?c . ?c qb:componentRequired ?any
                 FILTER NOT EXISTS { ?c qb:attribute ?a } }""",
    )
