"""Actors, projects, provenance, publication: what the answers to A1 to A7 must say."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import Quad, RdfFormat, Store

from vises.namespaces import VOCABULARY_BASE, Iris, term
from vises.store.comparison import compare

if TYPE_CHECKING:
    from conftest import Ask, Releases

ROOT = Path(__file__).resolve().parents[2]
IRIS = Iris(VOCABULARY_BASE)


def test_a1_gives_participations_and_the_counts_that_disagree(ask: Ask) -> None:
    found = ask("A1")
    leads = [row["organisation"] for row in found if row["role"].startswith("Lead")]
    assert leads == ["ConcertES"]
    counts: dict[str, set[str]] = {}
    for row in found:
        counts.setdefault(row["countOf"], set()).add(row["count"])
    assert counts["Partners"] == {"21", "22", "23"}
    assert counts["Operating partners"] == {"15"}
    assert counts["Associated partners"] == {"7"}
    assert counts["Tester enterprises"] == {"68", "69"}
    assert all(row["publication"] and row["source"] for row in found)


def test_a2_gives_both_years_in_which_desir_is_said_to_have_begun(ask: Ask) -> None:
    found = [row for row in ask("A2") if row["relation"] == "grew from"]
    assert {row["name"] for row in found} == {"DESIR"}
    assert [row["start"] for row in found] == ["2008", "2011"]
    assert ask("A2", projectName='"DESIR"')[0]["relation"] == "led to"


def changed(graph: Store) -> Store:
    """Return the small world after an enterprise moved, took another form and lost a claim."""
    after = Store()
    after.extend(graph)
    moved, there = IRIS.of("enterprise/fr-000000018"), IRIS.graph("fixture")
    for name, value in (("vises:region", "nuts/FRE12"), ("vises:legalForm", "legal-form-fr/5458")):
        for quad in list(after.quads_for_pattern(moved, term(name), None, there)):
            after.remove(quad)
        after.add(Quad(moved, term(name), IRIS.of(f"code/{value}"), there))
    about = after.quads_for_pattern(None, term("vises:about"), moved, there)
    claim = min((q.subject for q in about if "/claim/" in q.subject.value), key=str)
    for quad in list(after.quads_for_pattern(claim, None, None, there)):
        after.remove(quad)
    noise = Quad(moved, term("rdfs:seeAlso"), moved, IRIS.graph("provenance"))
    after.add(noise)
    return after


def test_a4_tells_what_was_removed_and_added(
    graph: Store, tmp_path: Path, ask: Ask, releases: type[Releases]
) -> None:
    engine = releases(before=graph, after=changed(graph))
    lines = asyncio.run(compare(engine, ask.text("A4"), "before", "after"))
    found = "".join(f"{line}\n" for line in lines)
    ask.is_golden("A4.tsv", found, tmp_path)
    assert [line.partition("\t")[0] for line in lines].count("added") == 2
    assert "seeAlso" not in found


def test_a5_knows_regions_above_and_below_in_both_vintages(ask: Ask) -> None:
    def found(area: str, theme: str = "SOCI") -> dict[str, str]:
        asked_for = ask("A5", area=f"nuts:{area}", theme=f"data-theme:{theme}")
        return {row["title"]: row["coverage"] for row in asked_for}

    assert found("FRE") == {"French regions": "whole", "Small world": "part"}
    assert found("FRE11") == {"French regions": "whole", "Small world": "whole"}
    assert found("FR301") == found("FRE11")
    assert found("BE") == {"Small world": "part"}
    assert found("BE32") == {"Small world": "whole"}
    assert found("BE", "ECON") == {"Small world": "part", "Flemish economy": "part"}
    assert found("BE", "REGI") == {}


def test_a6_gives_the_message_of_the_rule(ask: Ask) -> None:
    found = ask("A6", language='"nl"')
    assert [row["occurrences"] for row in found] == ["2", "1"]
    assert found[1]["message"].startswith("Voeg een beschrijving toe")
    title = '"Uitkomsten van verzonnen ondernemingen (fictieve gegevens)"'
    assert ask("A6", datasetTitle=title, language='"nl"') == found
    assert ask("A6", datasetTitle='"French regions"') == []


def test_a7_asks_each_endpoint_for_both_ways_of_writing_a_number(ask: Ask) -> None:
    text = ask.text("A7")
    assert "SERVICE ?endpoint" in text
    local = text.replace("SERVICE ?endpoint { ?same ?property ?written }", "")
    store = Store()
    facts = """
        <e> <http://www.w3.org/ns/adms#identifier> <i> .
        <i> <http://www.w3.org/2004/02/skos/core#notation> "0200000043" ;
            <http://purl.org/dc/terms/type> <https://w3id.org/vises/code/identifier-scheme/kbo> ."""
    store.load(facts.encode(), RdfFormat.TURTLE, base_iri=IRIS.base)
    bound = ask.put(local, number='"0200000043"').replace("?scheme ?notation ?same", "?written")
    solutions = store.query(bound.replace("?scheme ?same", "?written"))
    assert [row["written"].value for row in solutions] == ["0200.000.043", "0200000043"]


def test_a3_gives_rows_that_add_up(ask: Ask) -> None:
    (row,) = ask("A3")
    published, quarantined, outside = (
        int(row[name]) for name in ("rowsPublished", "rowsQuarantined", "rowsOutOfScope")
    )
    assert int(row["rowsIn"]) == published + quarantined + outside
    assert row["title"] == "Small world"
    assert row["fileName"] == "enterprises.csv"
    assert row["licence"].startswith("https://creativecommons.org/")


INGESTS = """
    @prefix vises: <https://w3id.org/vises/ontology#> .
    @prefix prov: <http://www.w3.org/ns/prov#> .
    @prefix dcterms: <http://purl.org/dc/terms/> .
    <urn:before> a vises:IngestActivity ; prov:generated <urn:one> ; prov:startedAtTime "1" ;
      prov:used <ni:///sha-256;f4OxZQ>, <urn:graph> .
    <ni:///sha-256;f4OxZQ> dcterms:title "before.csv" .
    <urn:graph> dcterms:title "Un graphe"@fr , "Een graaf"@nl , "A graph"@en .
    <urn:first> a vises:IngestActivity ; prov:generated <urn:one> ; prov:startedAtTime "2" ;
      prov:used <ni:///sha-256;f4OxZQ> ; prov:qualifiedUsage <urn:first:1> .
    <urn:first:1> prov:entity <ni:///sha-256;f4OxZQ> ; dcterms:title "first.csv" .
    <urn:second> a vises:IngestActivity ; prov:generated <urn:two> ; prov:startedAtTime "3" ;
      prov:used <ni:///sha-256;f4OxZQ>, <urn:graph> ; prov:qualifiedUsage <urn:second:1> .
    <urn:second:1> prov:entity <ni:///sha-256;f4OxZQ> ; dcterms:title "second.csv" .
    <urn:nothing> a vises:IngestActivity ; prov:generated <urn:two> ; prov:startedAtTime "4" .
"""


def test_a3_names_a_file_as_each_ingest_did(ask: Ask) -> None:
    """One content under several names; before ingests told theirs, the name is the content's."""
    store = Store()
    store.load(INGESTS, RdfFormat.TURTLE)
    rows = ask.of(store)("A3", language='"nl"')
    found = [(row["activity"], row["file"][:3], row["fileName"]) for row in rows]
    assert found == [
        ("urn:before", "ni:", "before.csv"),
        ("urn:before", "urn", "Een graaf"),
        ("urn:first", "ni:", "first.csv"),
        ("urn:second", "ni:", "second.csv"),
        ("urn:second", "urn", "Een graaf"),
        ("urn:nothing", "", ""),
    ]
