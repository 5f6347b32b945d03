"""Pages from statements alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, parse

from vises.namespaces import PREFIXES, term
from vises.service.iris import Addresses
from vises.service.pages.compose import FEW_PROPERTIES, MOST_TOLD, compose
from vises.service.pages.description import Description
from vises.service.pages.labels import Labels, Name
from vises.service.pages.mentions import Speaker
from vises.service.pages.outline import Entry, Outline
from vises.service.render import environment
from vises.service.texts import texts
from vises.store.about import MOST_VALUES

if TYPE_CHECKING:
    from vises.service.pages.model import Property, ResourcePage

BASE = "https://data.example/"
GRAPH = NamedNode(BASE + "graph/data")
ENTERPRISE = NamedNode(BASE + "enterprise/fr-1")
IDENTITY = Entry("identity", 1, {"en": "Identity"})
OUTLINE = Outline(
    {
        PREFIXES["vises"] + "Enterprise": {
            term("legal:legalName").value: Entry("a", 1, {"en": "legal name"}, IDENTITY),
            term("adms:identifier").value: Entry("b", 2, {"en": "identifier"}, IDENTITY),
            term("vises:region").value: Entry("c", 3, {}, Entry("place", 2, {"en": "Place"})),
        },
        PREFIXES["vises"] + "IndicatorResult": {
            term("vises:indicator").value: Entry("i", 1, {"en": "indicator"}),
            term("vises:value").value: Entry("v", 2, {"en": "value"}),
        },
    }
)
HEAD = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())


def quads(turtle: str, graph: NamedNode = GRAPH) -> list[Quad]:
    found = parse(HEAD + turtle, format=RdfFormat.TURTLE, base_iri=BASE)
    return [Quad(q.subject, q.predicate, q.object, graph) for q in found]


def page(  # noqa: PLR0913 (what a page is made of)
    own: str,
    *,
    referring: str = "",
    labels: str = "",
    language: str = "en",
    iri: NamedNode = ENTERPRISE,
    graph: NamedNode = GRAPH,
    most_incoming: int = 200,
) -> ResourcePage:
    others = quads(referring)
    incoming = [q for q in others if q.object == iri]
    found = Description.of(iri, quads(own, graph) + incoming, most_incoming)
    description = Description(iri, found.own, found.parts, found.incoming, others, cut=found.cut)
    rows = [
        {"resource": q.subject, "property": q.predicate, "value": q.object}
        for q in quads(labels) + others
    ]
    names = Labels.read(language, rows)  # type: ignore[arg-type]
    return compose(description, Speaker(texts(language), names, OUTLINE, Addresses(BASE)))


def shape(found: ResourcePage) -> list[tuple[str | None, list[str]]]:
    return [(g.heading, [p.mention.name.text for p in g.properties]) for g in found.groups]


def prop(found: ResourcePage, name: str) -> Property:
    [one] = [p for g in found.groups for p in g.properties if p.mention.name.text == name]
    return one


def test_properties_follow_the_shapes_and_the_rest_follows_the_alphabet() -> None:
    found = page(
        """<enterprise/fr-1> a vises:Enterprise ; foaf:page <http://x.example/> ;
        adms:identifier <identifier/1> ; vises:region code:nuts\\/FRE ;
        legal:legalName "Name" ; dcterms:created "2020-01-01"^^xsd:date ."""
    )
    assert shape(found) == [
        ("Identity", ["legal name", "identifier"]),
        ("Place", ["vises:region"]),
        (None, ["created on", "web page"]),
    ]
    assert found.title == Name("Name")
    assert [t.name.text for t in found.types] == ["Enterprise"]


@pytest.mark.parametrize("how", ["said", "by its graph", "not"])
def test_what_is_made_up_is_marked(how: str) -> None:
    mark = " ; vises:fictitious true" if how == "said" else ""
    labels = "<graph/data> vises:fictitious true ." if how == "by its graph" else ""
    found = page(f'<enterprise/fr-1> legal:legalName "Name"{mark} .', labels=labels)
    assert found.fictitious is (how != "not")
    assert found.sources[0].fictitious is (how == "by its graph")


def test_texts_in_the_language_of_the_visitor_come_first() -> None:
    own = '<enterprise/fr-1> skos:note "un"@fr , "one"@en , "een"@nl .'
    note = prop(page(own, language="fr"), "remarque")
    assert [v.mention.name for v in note.values] == [Name("un", "fr")]
    assert [v.mention.name.text for v in note.other_languages] == ["een", "one"]
    belgian = own.replace("@nl", "@nl-BE")
    note = prop(page(belgian, language="nl"), "opmerking")
    assert [v.mention.name for v in note.values] == [Name("een", "nl-be")]
    all_foreign = prop(page('<enterprise/fr-1> skos:note "een"@nl .'), "note")
    assert [v.mention.name.language for v in all_foreign.values] == ["nl"]


def test_what_the_ingest_says_of_its_work_is_told_in_words() -> None:
    own = """<enterprise/fr-1> a prov:Activity ; dcterms:date "2026-01-01"^^xsd:date ;
        prov:qualifiedAssociation <x> ; prov:wasAssociatedWith <y> ; prov:wasInfluencedBy <z> ."""
    assert shape(page(own, language="fr")) == [
        (None, ["date", "fait par", "influencé par", "par qui, et comment"])
    ]


def test_a_property_without_a_name_keeps_the_letters_of_its_iri() -> None:
    template = environment().from_string(
        '{% import "macros.html" as m %}{{ m.properties(list, t, "en") }}'
    )
    groups = page('<enterprise/fr-1> skos:note "a" ; <https://x.example/#aB> 1 .').groups
    written = template.render(list=groups[0].properties, t=texts("en"))
    names = dict(re.findall(r"<dt([^>]*)><a[^>]*><bdi[^>]*>([^<]*)", written))
    assert names == {"": "note", ' class="as-is"': "aB"}


def test_a_part_is_shown_within_and_a_circle_ends() -> None:
    found = page(
        """<enterprise/fr-1> a vises:Enterprise ; adms:identifier <identifier/1> .
        <identifier/1> a adms:Identifier ; skos:notation "123" ; dcterms:type <identifier/1> .""",
        labels='<identifier/1> skos:notation "123" .',
    )
    [value] = prop(found, "identifier").values
    assert value.mention.name.text == "123"
    assert [p.mention.name.text for p in value.parts] == ["code", "kind"]
    assert value.parts[1].values[0].parts == ()


def test_a_measured_value_carries_its_unit() -> None:
    figure = NamedNode(BASE + "figure/1")
    own = """<figure/1> qb:measureType vises:jobCount ; vises:jobCount 10.5 ; vises:other 7 ;
        sdmx-attribute:unitMeasure unit:PERCENT ."""
    found = page(own, iri=figure)
    assert prop(found, "vises:jobCount").values[0].mention.name.text == "10.5%"
    assert prop(found, "vises:other").values[0].mention.name.text == "7"


RESULTS = """
<result/2> a vises:IndicatorResult ; vises:about <enterprise/fr-1> ; vises:value 12345 ;
    vises:indicator <indicator/hours> ; vises:fictitious true .
<stage/b> a vises:Stage ; vises:about <enterprise/fr-1> ; skos:prefLabel "B"@en ; vises:position 1 .
<stage/a> a vises:Stage ; vises:about <enterprise/fr-1> ; skos:prefLabel "A"@en ; vises:position 2 .
"""
NAMES = '<indicator/hours> skos:prefLabel "Hours"@en ; vises:unit unit:HR .'


def test_what_refers_to_it_is_grouped_by_class_and_told_in_short() -> None:
    own = '<enterprise/fr-1> legal:legalName "Name" .'
    found = page(own, referring=RESULTS, labels=NAMES)
    groups = {group.heading.text: group for group in found.incoming}
    assert set(groups) == {"IndicatorResult", "Stage"}
    [result] = groups["IndicatorResult"].items
    assert result.mention.name.text == "Hours"
    assert result.mention.href == "/result/2.html"
    assert result.mention.fictitious
    told = {p.mention.name.text: p.values[0].mention.name.text for p in result.properties}
    assert told == {"value": "12,345 h"}
    assert [i.mention.name.text for i in groups["Stage"].items] == ["B", "A"]
    assert not found.incoming_cut


@pytest.mark.parametrize(("number", "told"), [(MOST_TOLD, 6), (MOST_TOLD + 1, FEW_PROPERTIES)])
def test_of_many_nameless_things_little_is_told_each(number: int, told: int) -> None:
    statements = "".join(
        f"<result/{n}> a vises:IndicatorResult ; vises:about <enterprise/fr-1> ;"
        f" vises:indicator <indicator/hours> ; vises:value {n} ;"
        ' vises:note "a" ; vises:periodStart "b" ; vises:periodEnd "c" ; vises:method "d" .\n'
        for n in range(number)
    )
    (group,) = page("", referring=statements).incoming
    assert len(group.items) == number
    assert {len(item.properties) for item in group.items} == {told}


def test_references_beyond_the_bound_are_announced() -> None:
    found = page("", referring=RESULTS, labels=NAMES, most_incoming=3)
    assert found.incoming_cut


def test_values_beyond_the_bound_are_counted() -> None:
    many = ", ".join(f'"{n}"' for n in range(MOST_VALUES + 7))
    found = prop(page(f"<enterprise/fr-1> skos:altLabel {many} ."), "other name")
    assert len(found.values) == MOST_VALUES
    assert found.left_out == 7


def test_a_thing_without_a_name_is_called_by_its_class_and_what_it_leads_to() -> None:
    own = "<result/2> a vises:IndicatorResult ; vises:indicator <indicator/hours> ."
    found = page(own, labels=NAMES, iri=NamedNode(BASE + "result/2"))
    assert found.title.text == "IndicatorResult: Hours"
    assert page("<x> skos:note 1 .", iri=NamedNode(BASE + "x")).title.text == "x"


def test_sources_are_numbered_as_they_appear() -> None:
    other = NamedNode(BASE + "graph/other")
    own = quads('<enterprise/fr-1> legal:legalName "Name" ; skos:note "n" .')
    own += quads('<enterprise/fr-1> legal:legalName "Name" .', other)
    speaker = Speaker(texts("en"), Labels("en", {}), OUTLINE, Addresses(BASE))
    found = compose(Description(ENTERPRISE, own, (), ()), speaker)
    assert [s.href for s in found.sources] == ["/graph/data.html", "/graph/other.html"]
    assert prop(found, "note").values[0].sources == (1,)
    names = [v for g in found.groups for p in g.properties for v in p.values]
    assert {v.sources for v in names} == {(1,), (1, 2)}
    bare = compose(Description(ENTERPRISE, own, (), ()), speaker, cite=False)
    assert bare.sources == ()


def test_links_that_would_run_a_script_are_no_links() -> None:
    found = page("<enterprise/fr-1> foaf:homepage <javascript:alert%281%29> .")
    assert prop(found, "website").values[0].mention.href is None


def test_blank_nodes_and_addresses_in_text_are_shown() -> None:
    own = [
        Quad(ENTERPRISE, term("skos:note"), BlankNode("b"), GRAPH),
        Quad(
            ENTERPRISE,
            term("vann:preferredNamespaceUri"),
            Literal("https://w3id.org/vises/ontology#", datatype=term("xsd:anyURI")),
            GRAPH,
        ),
    ]
    speaker = Speaker(texts("en"), Labels("en", {}), OUTLINE, Addresses(BASE))
    found = compose(Description(ENTERPRISE, own, (), ()), speaker)
    assert prop(found, "note").values[0].mention.name.text == "unnamed"
    assert prop(found, "namespace").values[0].mention.href == "/ontology#"
