"""Between CIDS and VISES by the alignment: what is translated, what is kept, and the way back."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import CanonicalizationAlgorithm, Dataset, Literal, NamedNode, Quad, Triple, parse
from pyoxigraph import RdfFormat as Syntax

from vises.ingest.alignments import alignment
from vises.ingest.cids.translation import to_cids, to_vises
from vises.namespaces import PREFIXES, term

HEAD = """
    PREFIX cids: <https://ontology.commonapproach.org/cids#>
    PREFIX code: <https://w3id.org/vises/code/>
    PREFIX i72: <http://ontology.eil.utoronto.ca/ISO21972/iso21972#>
    PREFIX legal: <http://www.w3.org/ns/legal#>
    PREFIX org: <http://www.w3.org/ns/org#>
    PREFIX prov: <http://www.w3.org/ns/prov#>
    PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
    PREFIX tove: <http://ontology.eil.utoronto.ca/tove/organization#>
    PREFIX vises: <https://w3id.org/vises/ontology#>
    PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
    BASE <http://example.org/>
"""
DATE_TIME = term("xsd:dateTime")


def graph(turtle: str) -> frozenset[Triple]:
    return frozenset(q.triple for q in parse(HEAD + turtle, Syntax.TURTLE))


def canonical(triples: frozenset[Triple]) -> set[str]:
    dataset = Dataset(Quad(t.subject, t.predicate, t.object) for t in triples)
    dataset.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return {str(quad) for quad in dataset}


def becomes(cids: str, vises: str) -> None:
    """Assert that one graph becomes the other, and the first again."""
    assert canonical(to_vises(graph(cids))) == canonical(graph(vises))
    assert canonical(to_cids(to_vises(graph(cids)))) == canonical(graph(cids))


def test_what_says_the_same_is_replaced() -> None:
    becomes(
        """<i> a cids:Indicator ; tove:hasName "Meals" ; cids:hasDescription "Meals served" .
        <r> a cids:IndicatorReport ; cids:forIndicator <i> ; cids:forOrganization <o> ;
            prov:startedAtTime "2024-01-01T00:00:00Z"^^xsd:dateTime .
        <o> a cids:Organization ; tove:hasLegalName "Kitchen" .""",
        """<i> a vises:Indicator ; skos:prefLabel "Meals" ; skos:definition "Meals served" .
        <r> a vises:IndicatorResult ; vises:indicator <i> ; vises:about <o> ;
            vises:periodStart "2024-01-01"^^xsd:date .
        <o> a org:Organization ; legal:legalName "Kitchen" .""",
    )


def test_what_says_less_stands_beside() -> None:
    becomes(
        """<r> a cids:IndicatorReport ;
            prov:endedAtTime "2024-12-31T23:59:59+01:00"^^xsd:dateTime .
        <t> a cids:Theme . <s> a cids:SocialPurposeOrganization .""",
        """<r> a vises:IndicatorResult ; vises:periodEnd "2024-12-31"^^xsd:date ;
            prov:endedAtTime "2024-12-31T23:59:59+01:00"^^xsd:dateTime .
        <t> a cids:Theme, skos:Concept .
        <s> a cids:SocialPurposeOrganization, org:Organization .""",
    )


def test_what_no_term_is_for_stays() -> None:
    becomes(
        """<i> a cids:Indicator ; cids:unitDescription "meals" ; cids:hasBaseline <b> .
        <x> tove:hasName "no class, so not known to be ours" .
        <o> a cids:Outcome ; prov:startedAtTime "2024-01-01T00:00:00Z"^^xsd:dateTime .""",
        """<i> a vises:Indicator ; cids:unitDescription "meals" ; cids:hasBaseline <b> .
        <x> tove:hasName "no class, so not known to be ours" .
        <o> a vises:Outcome ; prov:startedAtTime "2024-01-01T00:00:00Z"^^xsd:dateTime .""",
    )


def test_a_link_from_the_other_end_and_a_misnamed_one_are_understood() -> None:
    becomes(
        """<i> a cids:Indicator ; cids:hasIndicatorReport <r> .
        <r> a cids:IndicatorReport ; cids:hasIndicator <j> .
        <o> a cids:Outcome ; cids:hasIndicator <i> .""",
        """<i> a vises:Indicator ; cids:hasIndicatorReport <r> .
        <r> a vises:IndicatorResult ; cids:hasIndicator <j> ; vises:indicator <i>, <j> .
        <o> a vises:Outcome ; cids:hasIndicator <i> .""",
    )


def test_both_ends_of_a_link_come_back() -> None:
    cids = """<i> a cids:Indicator ; cids:hasIndicatorReport <r> .
        <r> a cids:IndicatorReport ; cids:forIndicator <i> ."""
    assert to_cids(to_vises(graph(cids))) == graph(cids)


def test_a_measure_becomes_a_value() -> None:
    becomes(
        """<r> a cids:IndicatorReport ; i72:value [ a i72:Measure ; i72:hasNumericalValue "4.50" ] .
        <s> a cids:IndicatorReport ; i72:value <m> .
        <m> a i72:Measure ; i72:hasNumericalValue "12" .
        <u> a cids:IndicatorReport ; i72:value [ i72:hasNumericalValue "12,000+" ] .""",
        """<r> a vises:IndicatorResult ; vises:value 4.50 .
        <s> a vises:IndicatorResult ; i72:value <m> ; vises:value "12"^^xsd:decimal .
        <m> a i72:Measure ; i72:hasNumericalValue "12" .
        <u> a vises:IndicatorResult ; i72:value [ i72:hasNumericalValue "12,000+" ] .""",
    )


def test_data_of_ours_becomes_cids_data_and_comes_back() -> None:
    ours = graph("""
        <e> a vises:Enterprise ; legal:legalName "Atelier" ; vises:region code:nuts\\/FRE11 .
        <i> a vises:Indicator ; skos:prefLabel "Repas"@fr, "Maaltijden"@nl, "Meals"@en .
        <r> a vises:IndicatorResult ; vises:about <e> ; vises:indicator <i> ; vises:value 7.0 ;
            vises:periodEnd "2024-12-31"^^xsd:date .
    """)
    cids = to_cids(ours, "nl")
    expected = graph("""
        <e> a cids:Organization ; tove:hasLegalName "Atelier" .
        <i> a cids:Indicator ; tove:hasName "Maaltijden" .
        <r> a cids:IndicatorReport ; cids:forOrganization <e> ; cids:forIndicator <i> ;
            prov:endedAtTime "2024-12-31T23:59:59Z"^^xsd:dateTime .
    """)
    assert expected < cids
    names = [t.object for t in cids if t.predicate.value.endswith("organization#hasName")]
    assert names == [Literal("Maaltijden")]
    assert canonical(to_vises(cids)) == canonical(ours)


def test_a_period_begins_with_its_first_moment_and_ends_with_its_last() -> None:
    ours = graph("""<r> a vises:IndicatorResult ;
        vises:periodStart "2024-01-01"^^xsd:date ; vises:periodEnd "2024-01-01"^^xsd:date .""")
    moments = sorted(t.object.value for t in to_cids(ours) if isinstance(t.object, Literal))
    assert moments == ["2024-01-01T00:00:00Z", "2024-01-01T23:59:59Z"]
    assert to_vises(to_cids(ours)) == ours


def test_a_measure_has_the_unit_of_the_indicator() -> None:
    ours = graph("""<r> a vises:IndicatorResult ; vises:indicator <i> ; vises:value 7.0 .
        <i> vises:unit <http://qudt.org/vocab/unit/HR> .""")
    cids = to_cids(ours)
    assert [t.object for t in cids if t.predicate.value.endswith("iso21972#unit_of_measure")] == [
        NamedNode("http://qudt.org/vocab/unit/HR")
    ]
    assert canonical(to_vises(cids)) == canonical(ours)


def test_a_measure_in_another_unit_than_the_indicator_stays() -> None:
    theirs = graph("""<r> a cids:IndicatorReport ; cids:forIndicator <i> ;
        i72:value [ a i72:Measure ; i72:hasNumericalValue "7" ; i72:unit_of_measure <days> ] .
        <i> vises:unit <http://qudt.org/vocab/unit/HR> .""")
    assert NamedNode("http://example.org/days") in {t.object for t in to_vises(theirs)}
    assert canonical(to_cids(to_vises(theirs))) == canonical(theirs)


def test_a_claim_about_an_enterprise_is_not_of_cids() -> None:
    ours = graph("<c> a vises:SseStatusClaim ; vises:about <e> .")
    assert to_cids(ours) == ours


CIDS_TERMS = sorted(
    {NamedNode(c.object) for c in alignment("cids").correspondences}
    | {NamedNode(f"{PREFIXES['prov']}startedAtTime")},
    key=str,
)
CLASSES = [t for t in CIDS_TERMS if t.value.rpartition("#")[2][:1].isupper()]
PROPERTIES = [t for t in CIDS_TERMS if t not in CLASSES]
NODES = [NamedNode(f"http://example.org/{name}") for name in "abc"]
LITERALS = [
    Literal("12"),
    Literal("twelve"),
    Literal("douze", language="fr"),
    Literal("2024-01-01T00:00:00Z", datatype=DATE_TIME),
    Literal("2024-01-01T12:00:00+01:00", datatype=DATE_TIME),
    Literal("soon", datatype=DATE_TIME),
    Literal("2024-01-01", datatype=term("xsd:date")),
]
STATEMENTS = st.one_of(
    st.builds(Triple, st.sampled_from(NODES), st.just(term("rdf:type")), st.sampled_from(CLASSES)),
    st.builds(
        Triple,
        st.sampled_from(NODES),
        st.sampled_from(PROPERTIES),
        st.sampled_from([*NODES, *LITERALS]),
    ),
)


@settings(max_examples=300, deadline=None)
@given(st.frozensets(STATEMENTS, max_size=14))
def test_no_cids_statement_is_lost(cids: frozenset[Triple]) -> None:
    assert to_cids(to_vises(cids)) == cids


OUR_CLASSES = [
    term(f"vises:{n}") for n in ("Enterprise", "Indicator", "IndicatorResult", "Outcome", "Claim")
]
OUR_PROPERTIES = [
    *(term("skos:prefLabel"), term("legal:legalName"), term("vises:about")),
    *(term("vises:indicator"), term("vises:theme"), term("vises:periodStart")),
]
OURS = st.one_of(
    st.builds(
        Triple, st.sampled_from(NODES), st.just(term("rdf:type")), st.sampled_from(OUR_CLASSES)
    ),
    st.builds(
        Triple,
        st.sampled_from(NODES),
        st.sampled_from(OUR_PROPERTIES),
        st.sampled_from([*NODES, *LITERALS]),
    ),
)


@settings(max_examples=300, deadline=None)
@given(st.frozensets(OURS, max_size=14))
def test_no_statement_of_ours_is_lost(ours: frozenset[Triple]) -> None:
    assert to_vises(to_cids(ours)) == ours
