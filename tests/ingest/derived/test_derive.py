"""Counts from registers: the numbers that the register holds, or none where they say too much."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from vises.errors import NotFound
from vises.ingest.batches import Provenance
from vises.ingest.derived import derive
from vises.ingest.derived.derive import derive_counts
from vises.ingest.derived.protecting import NotSafe
from vises.ingest.derived.reading import (
    CountedTwice,
    PartlyOpen,
    counted,
    hierarchy,
    register,
)
from vises.ingest.disclosure import suppression
from vises.ingest.disclosure.hierarchy import Hierarchy
from vises.ingest.disclosure.table import tabulate
from vises.ingest.pipeline import ingest_rdf
from vises.ingest.provenance import DatasetDescription
from vises.ingest.quarantine import parse_threshold
from vises.ingest.sources.sirene import sample
from vises.namespaces import Iris
from vises.progress import Silence

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from vises.ingest.report import IngestReport

House = Any
"""The class in conftest.py, which a test module cannot import."""

DERIVED = "<https://w3id.org/vises/graph/derived>"
PUBLISHER = """<organisation/vises-contributors> a <http://www.w3.org/ns/org#Organization> ;
  <http://www.w3.org/2004/02/skos/core#prefLabel> "Those who made it"@en ."""
PLACE = """vises:perimeter ?perimeter ; vises:family ?family ;
    <http://purl.org/linked-data/sdmx/2009/dimension#refArea> ?area"""
COUNTS = f"""SELECT ?area ?family ?perimeter ?count {{ GRAPH {DERIVED} {{
    ?f a vises:RegionalFigure, <http://purl.org/linked-data/cube#Observation> ;
        vises:enterpriseCount ?count ; {PLACE} }} }}"""
HIDDEN = f"""SELECT ?area ?family ?perimeter ?rule {{ GRAPH {DERIVED} {{
    ?s a vises:Suppression ; vises:disclosureRule ?rule ; {PLACE} }} }}"""


def derived(house: House, *registers: str, **more: int) -> IngestReport:
    return derive_counts(
        registers,
        more.get("year", 2026),
        more.get("level", 3),
        house.releases,
        house.gate,
        house.options("derived"),
        Silence(),
    )


@pytest.fixture(scope="module")
def filled(house_in: Callable[[Path], House], tmp_path_factory: pytest.TempPathFactory) -> House:
    """A register, and then who publishes, and then the counts."""
    folder = tmp_path_factory.mktemp("derived")
    house = house_in(folder)
    written = sample.write_sample(folder / "sirene", units=400)
    house.ingest("sirene", *written.files, max_refused=parse_threshold("100%"))
    with pytest.raises(NotFound, match="publisher"):
        derived(house, "sirene")
    file = folder / "organisations.ttl"
    file.write_text(PUBLISHER, "utf-8")
    described = DatasetDescription({"en": "Organisations"})
    options = house.options("organisations")
    ingest_rdf(described, [file], house.releases, house.gate, options, Silence())
    assert not derived(house, "sirene").unchanged
    return house


def test_the_counts_are_those_of_the_register(filled: House) -> None:
    for area, family, perimeter, count in (rows := filled.ask(COUNTS)):
        found = filled.ask(f"""SELECT (COUNT(DISTINCT ?e) AS ?n) {{
            ?c vises:perimeter <{perimeter}> ; vises:about ?e ;
               dcterms:source <https://w3id.org/vises/graph/sirene> ;
               vises:countsAsSse true .
            ?e vises:operatingStatus <https://w3id.org/vises/code/operating-status/active> ;
               vises:region/skos:broader* <{area}> ;
               vises:legalForm/vises:inFamily/skos:broader* <{family}> }}""")
        assert found == [(count,)]
    assert len(rows) > 10
    assert all(int(row[3]) >= derive.RULE.least for row in rows)


def test_small_cells_have_their_rule_and_no_number(filled: House) -> None:
    rules = {row[3].rpartition("/")[2] for row in filled.ask(HIDDEN)}
    assert rules == {"few-or-secondary"}
    published = {row[:3] for row in filled.ask(COUNTS)}
    assert published.isdisjoint(row[:3] for row in filled.ask(HIDDEN))
    assert filled.ask(
        "SELECT ?r { <https://w3id.org/vises/graph/derived> dcterms:conformsTo ?r }"
    ) == [
        ("https://w3id.org/vises/code/disclosure-rule/fewer-than-three",),
        ("https://w3id.org/vises/code/disclosure-rule/secondary",),
    ]


def test_where_it_comes_from_is_said(filled: House) -> None:
    (batch,) = filled.ask(
        "SELECT ?a { <https://w3id.org/vises/graph/sirene> prov:wasGeneratedBy ?a }"
    )
    assert filled.ask(
        "SELECT ?a { <https://w3id.org/vises/graph/derived> prov:wasInfluencedBy ?a }"
    ) == [batch]
    assert filled.ask(
        "SELECT ?r { <https://w3id.org/vises/graph/derived> prov:wasDerivedFrom ?r }"
    ) == [("https://w3id.org/vises/graph/sirene",)]


def test_the_activity_names_the_graphs_and_the_release_that_it_read(filled: House) -> None:
    used = {
        row[0].removeprefix("https://w3id.org/vises/")
        for row in filled.ask(
            """SELECT ?used { <https://w3id.org/vises/graph/derived> prov:wasGeneratedBy ?a .
                ?a prov:used ?used }"""
        )
        if not row[0].startswith("ni:")
    }
    assert used == {"graph/sirene", "release/000002"}
    release = filled.releases.get("000002")
    assert "https://w3id.org/vises/graph/sirene" in release.counts
    assert "https://w3id.org/vises/graph/derived" not in release.counts


def test_only_files_count_as_the_files_of_the_batch(filled: House) -> None:
    with filled.releases.open(filled.releases.current().id) as store:
        told = Provenance(store, Iris("https://w3id.org/vises/")).batches()
        (derived_from,) = [one.files for one in told if one.dataset == "derived"]
    assert [file.name for file in derived_from] == ["derived.nt"]


def test_the_graph_of_provenance_describes_itself_once(filled: House) -> None:
    (licence,) = filled.ask(
        """SELECT ?licence { id:graph\\/provenance a dcat:Dataset ; dcterms:license ?licence }"""
    )
    assert licence == ("https://creativecommons.org/licenses/by/4.0/",)
    titles = filled.ask("SELECT ?title { id:graph\\/provenance dcterms:title ?title }")
    assert len(titles) == 3


def test_that_a_register_is_open_is_said(filled: House) -> None:
    asked = """SELECT ?d { <https://w3id.org/vises/graph/derived> dcterms:description ?d
        FILTER(LANG(?d) = "%s") }"""
    for language, says in (
        ("en", "Everybody could read sirene"),
        ("fr", "tout le monde pouvait lire sirene"),
        ("nl", "kon iedereen sirene lezen"),
    ):
        assert says in filled.ask(asked % language)[0][0]


def test_a_table_that_can_be_attacked_is_not_published(
    filled: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suppression, "suppress", lambda *_: {})
    before = filled.releases.current().id
    with pytest.raises(NotSafe, match="can be computed"):
        derived(filled, "sirene", year=2027)
    assert filled.releases.current().id == before


def test_the_same_register_twice_changes_nothing(filled: House) -> None:
    before = filled.releases.current().id
    again = derived(filled, "sirene")
    assert (again.unchanged, again.release) == (True, before)
    fewer = derived(filled, "sirene", level=1)
    assert 0 < fewer.triples < again.triples
    assert filled.releases.current().id != before


def test_what_is_not_there_is_said(empty_house: House) -> None:
    with pytest.raises(NotFound, match="Nothing is published"):
        derived(empty_house, "sirene")


def test_a_register_that_was_never_ingested(filled: House) -> None:
    with pytest.raises(NotFound, match="No dataset 'kbo'"):
        derived(filled, "sirene", "kbo")


def test_a_dataset_without_enterprises_takes_no_table_away(filled: House) -> None:
    derived(filled, "sirene")
    before = filled.releases.current().id
    with pytest.raises(NotFound, match="No enterprise"):
        derived(filled, "derived")
    assert filled.releases.current().id == before


TWO_REGIONS = """@prefix vises: <https://w3id.org/vises/ontology#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
<c> dcterms:source <graph/odd> ; vises:countsAsSse true ; vises:about <e> ;
  vises:perimeter <https://w3id.org/vises/code/perimeter/insee-ess> .
<e> vises:operatingStatus <https://w3id.org/vises/code/operating-status/active> ;
  vises:legalForm <f> ;
  vises:region <https://w3id.org/vises/code/nuts/FRE11> , <https://w3id.org/vises/code/nuts/FRE12> .
<f> vises:inFamily <https://w3id.org/vises/code/family/association> .
"""


OF_NO_FAMILY = """@prefix vises: <https://w3id.org/vises/ontology#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
<c> dcterms:source <graph/flagged> ; vises:countsAsSse true ; vises:about <e> ;
  vises:perimeter <https://w3id.org/vises/code/perimeter/insee-flag> .
<e> vises:operatingStatus <https://w3id.org/vises/code/operating-status/active> ;
  vises:legalForm <https://w3id.org/vises/code/legal-form-fr/5710> ;
  vises:region <https://w3id.org/vises/code/nuts/FRE11> .
"""


def test_whom_a_perimeter_counts_without_a_family_is_in_the_total(
    house: House, write: Callable[[str, str], Path]
) -> None:
    """The total is of all that the perimeter counts: a company with the flag is of no family."""
    file = write("flagged.ttl", OF_NO_FAMILY)
    described = DatasetDescription({"en": "Flagged"})
    ingest_rdf(described, [file], house.releases, house.gate, house.options("flagged"), Silence())
    with house.releases.open(house.releases.current().id) as store:
        flagged = register(store, Iris("https://w3id.org/vises/"), "flagged", ())
        areas, families = hierarchy(store, "nuts"), hierarchy(store, "family")
        (one,) = counted(store, [flagged], areas, 3).values()
    keys = {cell.key for cell in tabulate(one.records, (areas, families)).cells if cell.published}
    assert {family.rpartition("/")[2] for _, family in keys} == {"total"}
    assert {area.rpartition("/")[2] for area, _ in keys} == {"FR", "FRE", "FRE1", "FRE11"}


def test_nobody_is_counted_twice(house: House, write: Callable[[str, str], Path]) -> None:
    file = write("odd.ttl", TWO_REGIONS)
    described = DatasetDescription({"en": "Odd"})
    ingest_rdf(described, [file], house.releases, house.gate, house.options("odd"), Silence())
    release = house.releases.current()
    with house.releases.open(release.id) as store:
        odd = [register(store, Iris("https://w3id.org/vises/"), "odd", ())]
        areas = hierarchy(store, "nuts")
        with pytest.raises(CountedTwice, match="association in FRE1"):
            counted(store, odd, areas, 3)
        (alike,) = counted(store, odd, areas, 1).values()
        assert alike.records[0].values[0].endswith("nuts/FRE")
        with pytest.raises(CountedTwice):
            counted(store, odd, Hierarchy({}), 3)


def listed(name: str, count: int) -> str:
    """Return a register of associations in one place, as Turtle."""
    claims = "".join(
        f"""<claim/{name}-{n}> dcterms:source <graph/{name}> ; vises:countsAsSse true ;
            vises:about <e/{name}-{n}> ; vises:perimeter perimeter:insee-ess ;
            vises:asOf "2024-01-01"^^xsd:date .
        <e/{name}-{n}> vises:operatingStatus <https://w3id.org/vises/code/operating-status/active> ;
            vises:region <https://w3id.org/vises/code/nuts/FRE11> .
        """
        for n in range(count)
    )
    return f"""@prefix vises: <https://w3id.org/vises/ontology#> .
        @prefix dcterms: <http://purl.org/dc/terms/> .
        @prefix perimeter: <https://w3id.org/vises/code/perimeter/> .
        @prefix xsd: <http://www.w3.org/2001/XMLSchema#> . {PUBLISHER} {claims}"""


def filed(house: House, file: Path) -> None:
    described = DatasetDescription({"en": file.stem})
    options = house.options(file.stem)
    ingest_rdf(described, [file], house.releases, house.gate, options, Silence())


def test_registers_under_one_perimeter_are_counted_together(
    house: House, write: Callable[[str, str], Path]
) -> None:
    """A cell has one number, of both, and small ones of each are in it."""
    filed(house, write("north.ttl", listed("north", 5)))
    filed(house, write("south.ttl", listed("south", 2)))
    derived(house, "north", "south")
    assert {row[3] for row in house.ask(COUNTS)} == {"7"}
    assert house.ask(HIDDEN) == []
    sources = house.ask("SELECT DISTINCT ?r { ?f a vises:RegionalFigure ; prov:wasDerivedFrom ?r }")
    assert [row[0].rpartition("/")[2] for row in sources] == ["north", "south"]
    closed = ["https://w3id.org/vises/graph/south"]
    options = house.options("derived")
    with pytest.raises(PartlyOpen, match="south would be summed"):
        derive_counts(
            *(("north", "south"), 2026, 3, house.releases, house.gate, options, Silence()),
            closed=closed,
        )


def test_the_latest_claim_of_a_register_counts(
    house: House, write: Callable[[str, str], Path]
) -> None:
    denials = "".join(
        f"""<claim/{source}-denial-{n}> dcterms:source <graph/{source}> ; vises:countsAsSse false ;
            vises:about <e/some-{n}> ; vises:perimeter perimeter:insee-ess ;
            vises:asOf "{year}-01-01"^^xsd:date .
        """
        for source, n, year in (("some", 0, 2025), ("some", 1, 2023), ("others", 2, 2025))
    )
    filed(house, write("some.ttl", listed("some", 6) + denials))
    derived(house, "some")
    assert {row[3] for row in house.ask(COUNTS)} == {"5"}
