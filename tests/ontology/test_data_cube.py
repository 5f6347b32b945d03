"""The structure of the figures (RDF Data Cube, integrity constraints on structures)."""

from __future__ import annotations

from collections import defaultdict

import pytest
from pyoxigraph import Dataset, NamedNode, Quad, Store

from vises.ingest.sources.eurostat.flags import FLAGS, FREE
from vises.ingest.sources.eurostat.layouts import SDMX_CODES
from vises.namespaces import PREFIXES, term

LABEL = term("skos:prefLabel")
HEAD = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in PREFIXES.items())
SERIES = (
    *("sdmx-dimension:refArea", "sdmx-dimension:refPeriod"),
    *("vises:perimeter", "vises:family", "vises:publication"),
)
COUNTS = (
    *("vises:enterpriseCount", "vises:establishmentCount", "vises:jobCount"),
    *("vises:employeeCount", "vises:fullTimeEquivalents"),
)
RATIOS = (
    *("vises:shareOfSalariedEmployment", "vises:shareOfSseEmployment"),
    "vises:jobsPerHundredThousand",
)
ATTRIBUTES = (
    *("sdmx-attribute:unitMeasure", "sdmx-attribute:obsStatus"),
    *("vises:fictitious", "skos:note"),
)
REVISION = {"prov:wasRevisionOf"}


def components(structure: str, ontology: frozenset[Quad]) -> set[NamedNode]:
    subject = term(f"vises:{structure}")
    return {
        q.object for q in ontology if (q.subject, q.predicate) == (subject, term("qb:component"))
    }


def ask(quads: frozenset[Quad], query: str) -> bool:
    store = Store()
    store.extend(Dataset(quads))
    return bool(store.query(HEAD + query))


@pytest.mark.parametrize(
    ("structure", "dimensions", "measures", "attributes"),
    [
        ("RegionalFigureStructure", {*SERIES, "qb:measureType"}, {*COUNTS, *RATIOS}, REVISION),
        (
            "SectorFigureStructure",
            {*SERIES, "vises:sector", "qb:measureType"},
            {*COUNTS, *RATIOS},
            REVISION,
        ),
        (
            "PopulationFigureStructure",
            {"sdmx-dimension:refArea", "sdmx-dimension:refPeriod", "vises:publication"},
            {"vises:population"},
            REVISION,
        ),
        (
            "AggregateResultStructure",
            {
                *("sdmx-dimension:refArea", "vises:indicator", "vises:family"),
                *("vises:periodStart", "vises:periodEnd", "vises:publication"),
            },
            {"vises:resultSum"},
            {"vises:reportingCount"},
        ),
    ],
)
def test_a_structure_has_its_dimensions_measures_and_attributes(
    structure: str,
    dimensions: set[str],
    measures: set[str],
    attributes: set[str],
    ontology: frozenset[Quad],
) -> None:
    wanted = {
        "qb:dimension": dimensions,
        "qb:measure": measures,
        "qb:attribute": {*ATTRIBUTES, *attributes},
    }
    specs = components(structure, ontology)
    for kind, names in wanted.items():
        found = {q.object for q in ontology if q.subject in specs and q.predicate == term(kind)}
        assert found == {term(name) for name in names}, kind


def test_every_measure_is_one_of_a_structure(ontology: frozenset[Quad]) -> None:
    declared = {q.subject for q in ontology if q.object == term("qb:MeasureProperty")}
    used = {q.object for q in ontology if q.predicate == term("qb:measure")}
    assert declared == used


def test_an_observation_has_one_measure(ontology: frozenset[Quad]) -> None:
    """Its unit would be said of all of them (sections 6.5.1 and 6.5.3)."""
    for structure in {q.subject for q in ontology if q.predicate == term("qb:component")}:
        specs = {q.object for q in ontology if q.subject == structure}
        parts = [(q.predicate, q.object) for q in ontology if q.subject in specs]
        several = sum(predicate == term("qb:measure") for predicate, _ in parts) > 1
        assert not several or (term("qb:dimension"), term("qb:measureType")) in parts


@pytest.mark.parametrize("structure", ["RegionalFigureStructure", "SectorFigureStructure"])
def test_no_two_dimensions_have_the_same_order(structure: str, ontology: frozenset[Quad]) -> None:
    specs = components(structure, ontology)
    orders = sorted(
        int(q.object.value)
        for q in ontology
        if q.predicate == term("qb:order") and q.subject in specs
    )
    assert orders == list(range(1, len(orders) + 1))


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


def test_a_code_of_sdmx_is_named_in_three_languages(everything: frozenset[Quad]) -> None:
    """Each that is named here; those that sources make are among them."""
    languages = defaultdict(list)
    for quad in everything:
        if quad.predicate == LABEL and quad.subject.value.startswith(PREFIXES["sdmx-code"]):
            name = quad.subject.value.removeprefix(PREFIXES["sdmx-code"])
            languages[name].append(quad.object.language)
    assert {
        name for name, found in languages.items() if sorted(found) != ["en", "fr", "nl"]
    } == set()
    made = {f"obsStatus-{status}" for status in "ABDEFGHIJKLMNOPQSUVW"}
    assert {f"obsStatus-{status}" for status in FLAGS.values() if status} < made
    made |= {f"{name}-{code}" for name, codes in SDMX_CODES.items() for code in codes}
    made |= {f"confStatus-{code}" for code in "CDNS" + FREE}
    assert languages.keys() == made
