"""Regional statistics: what the answers to S1 to S10 must say."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

from vises.namespaces import PREFIXES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from conftest import Ask
    from pyoxigraph import Store

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
VISES = "https://w3id.org/vises/ontology#"


def test_s1_gives_the_jobs_of_hauts_de_france_side_by_side(ask: Ask) -> None:
    found = {
        (
            row["period"],
            row["measureName"],
            row["family"],
            row["publication"].rpartition("/")[2],
        ): row
        for row in ask("S1")
    }
    insee = found["2021", "number of jobs", "All families together", "insee-analyses-hdf-174"]
    cress = found["2024", "number of jobs", "All families together", "cress-hdf-bilan-2024"]
    flash = found["2014", "number of employees", "All families together", "insee-flash-hdf-10"]
    equivalents = found[
        "2014", "full-time equivalents", "All families together", "insee-flash-hdf-10"
    ]
    assert insee["value"] == "210800"
    assert cress["value"] == "233683"
    assert flash["value"] == "208100"
    assert equivalents["value"] == "175800"
    assert insee["perimeter"] != cress["perimeter"]
    assert {row["areaCode"] for row in found.values()} == {"FRE"}


def test_s1_finds_a_figure_of_an_earlier_vintage(ask: Ask) -> None:
    found = ask("S1", area="nuts:FRE1")
    assert [(row["areaCode"], row["period"], row["value"]) for row in found] == [
        ("FR30", "2003", "23800")
    ]


def test_s2_gives_shares_by_year(ask: Ask) -> None:
    shares = [(row["period"], row["share"]) for row in ask("S2")]
    assert shares == [("2014", "11.2"), ("2020", "10.8"), ("2021", "10.7")]


def test_s3_gives_each_contradiction_once(ask: Ask) -> None:
    found = {
        (row["areaCode"], row["period"], row["measureName"]): (
            {row["value"], row["otherValue"]},
            row["difference"],
            row["percent"],
        )
        for row in ask("S3")
    }
    assert found == {
        ("BE", "2013", "number of enterprises"): ({"16710", "18120"}, "1410", "8.4"),
        ("BE1", "2018", "number of enterprises"): ({"4795", "4779"}, "16", "0.3"),
        ("BE3", "2018", "number of enterprises"): ({"6639", "6735"}, "96", "1.4"),
    }
    assert len(ask("S3")) == len(found)


def test_s1_gives_what_is_known_by_family_and_by_section(ask: Ask) -> None:
    shares = {
        (row["period"], row["family"], row["sector"]): row["value"]
        for row in ask("S1", measure="vises:shareOfSseEmployment")
    }
    assert shares["2021", "Association", ""] == "84.7"
    assert shares["2020", "Cooperative", ""] == "9.1"
    health = "Human health and social work activities"
    assert shares["2021", "All families together", health] == "50"


def test_s4_gives_old_and_new_values_and_revised_publications(ask: Ask) -> None:
    found = ask("S4")
    figures = {
        (row["areaCode"], row["period"]): (row["oldValue"], row["newValue"], row["difference"])
        for row in found
        if row["kind"] == "figure"
    }
    assert figures == {
        ("BE", "2013"): ("16710", "18120", "1410"),
        ("BE1", "2018"): ("4795", "4779", "-16"),
        ("BE3", "2018"): ("6639", "6735", "96"),
    }
    notes = {row["revised"]: row["note"] for row in found if row["kind"] == "publication"}
    assert "50,000 jobs more" in notes["2024-10-09"]
    assert "2012-08-23" in notes


def test_s5_gives_the_breaks_and_finds_no_comparable_pair_across_them(ask: Ask) -> None:
    found = ask("S5")
    breaks = {(row["period"], row["reason"]) for row in found if row["part"] == "break"}
    assert breaks == {("2017", "Change of source"), ("2018", "Change of perimeter")}
    pairs = [row for row in found if row["part"] == "pair"]
    assert len(pairs) == 6
    assert {row["comparable"] for row in pairs} == {"false"}
    across = [row for row in pairs if (row["period"], row["otherPeriod"]) == ("2014", "2021")]
    assert {row["broken"] for row in across} == {"true"}
    assert {row["sameMeasure"] for row in across} == {"true", "false"}
    later = [row for row in pairs if (row["period"], row["otherPeriod"]) == ("2021", "2024")]
    assert [(row["broken"], row["samePerimeter"]) for row in later] == [("false", "false")]


def test_s5_tells_what_compares_and_what_a_revision_replaced(ask: Ask) -> None:
    counted = "vises:enterpriseCount"
    found = ask("S5", area="nuts:BE3", measure=counted, otherMeasure=counted)
    verdicts = {
        (row["period"], row["value"], row["otherPeriod"]): (row["comparable"], row["replaced"])
        for row in found
    }
    assert verdicts["2018", "6735", "2021"] == ("true", "false")
    assert verdicts["2018", "6639", "2021"] == ("false", "true")
    assert verdicts["2014", "6494", "2017"] == ("false", "false")


def test_s5_lets_a_new_code_of_the_same_area_pass(ask: Ask) -> None:
    found = ask("S5", area="nuts:FRE1")
    assert ("2016", "Recoding of areas") in {(row["period"], row["reason"]) for row in found}


@pytest.mark.parametrize("area", ["FRE1", "FR30"])
def test_s6_goes_across_the_change_of_codes_from_either_side(area: str, ask: Ask) -> None:
    found = {
        (row["areaCode"], row["period"], row["measureName"]): (row["value"], row["origin"])
        for row in ask("S6", area=f"nuts:{area}")
    }
    assert found["FR30", "2003", "number of establishments"] == ("23800", "published")
    assert found["FR30", "2010", "jobs per 100,000 inhabitants"] == ("3500", "published")
    assert found["FR30", "2014", "population"] == ("4076061", "sum of its parts")
    assert found["FRE1", "2017", "population"] == ("4072379", "published")
    assert found["FRE1", "2020", "population"] == ("4069913", "sum of its parts")
    assert not any("share" in measure for _, _, measure in found)


def test_s6_answers_for_an_area_that_is_in_no_version_of_nuts(ask: Ask) -> None:
    found = {row["measureName"]: row for row in ask("S6", area="nuts:EU27_2020")}
    assert found["number of jobs"]["value"] == "11500000"
    assert {row["vintages"] for row in found.values()} == {""}


@pytest.mark.parametrize("question", ["S1", "S6"])
def test_invented_counts_beside_official_figures_are_marked(ask: Ask, question: str) -> None:
    measure = {"measure": "vises:enterpriseCount"} if question == "S1" else {}
    found = ask(question, area="nuts:BE3", **measure)
    marks = {(row["fictitious"], row["publication"].endswith("demo-derived")) for row in found}
    assert marks == {("true", True), ("", False)}


def test_s7_gives_each_suppressed_cell_with_its_rule_and_no_number(ask: Ask) -> None:
    found = {(row["family"], row["sector"]): row["ruleName"] for row in ask("S7")}
    assert found == {
        ("Mutual society", ""): "Fewer than three units",
        ("Foundation", ""): "Secondary suppression",
        ("Foundation", "Education"): "Fewer than three units",
    }
    assert {row["fictitious"] for row in ask("S7")} == {"true"}


def test_s8_sets_each_count_against_the_latest_official_figures(ask: Ask) -> None:
    found = [row for row in ask("S8") if row["areaCode"] == "BE3"]
    assert [(row["official"], row["officialPeriod"]) for row in found] == [
        ("6494", "2014"),
        ("6785", "2021"),
    ]
    assert {row["samePerimeter"] for row in found} == {"false"}
    assert {row["fictitious"] for row in found} == {"true"}
    assert {row["register"] for row in found} == {"Invented Belgian enterprises"}


def test_s9_finds_both_sides_of_the_border_near_what_desir_said(ask: Ask) -> None:
    found = {(row["areaCode"], row["period"], row["measureName"]): row for row in ask("S9")}
    for area in ("FR30", "BE3"):
        stated = found[area, "2010", "jobs per 100,000 inhabitants"]
        assert (stated["perHundredThousand"], stated["origin"]) == ("3500", "stated")
    computed = found["FRE", "2021", "number of jobs"]
    assert computed["perHundredThousand"] == str(round(100_000 * 210_800 / 5_995_270))
    assert (computed["value"], computed["population"]) == ("210800", "5995270")
    assert found["BE3", "2019", "full-time equivalents"]["perHundredThousand"] == "2757"
    assert ("BE3", "2018", "full-time equivalents") not in found, "no population of that year"


@contextmanager
def holding(graph: Store, quads: Collection[Quad]) -> Iterator[None]:
    """Let the graph hold some more quads for a while."""
    graph.extend(quads)
    try:
        yield
    finally:
        for quad in quads:
            graph.remove(quad)


@contextmanager
def said(graph: Store, class_name: str, property_iri: str) -> Iterator[None]:
    """Let each thing of a class have a text in German, English, Dutch and Polish for a while."""
    kind = NamedNode(f"{RDF}type")
    things = [q.subject for q in graph.quads_for_pattern(None, kind, NamedNode(class_name), None)]
    added = {
        Quad(thing, NamedNode(property_iri), Literal(f"{place} in {language}", language=language))
        for place, thing in enumerate(things)
        for language in ("de", "en", "nl", "pl")
    }
    assert added
    with holding(graph, added):
        yield


def as_many(
    ask: Ask, graph: Store, question: str, class_name: str, property_iri: str
) -> list[dict[str, str]]:
    """Return the Dutch answer to a question while texts are `said`; it has as many rows as before.

    The class is one of ours.
    """
    before = ask(question, language='"nl"')
    with said(graph, VISES + class_name, property_iri):
        after = ask(question, language='"nl"')
    assert len(after) == len(before)
    return after


@pytest.mark.parametrize(
    "question", ["A1", "S1", "S2", "S3", "S4", "S5", "S6", "S7", "S8", "S9", "S10"]
)
def test_titles_in_several_languages_make_no_more_rows(
    ask: Ask, graph: Store, question: str
) -> None:
    """A publication is named once: in the language that is asked for where it has a title in it."""
    after = as_many(ask, graph, question, "Publication", "http://purl.org/dc/terms/title")
    names = {name for row in after for name, value in row.items() if "ource" in name and value}
    for row in after:
        for name in names & {"source", "otherSource", "oldSource", "newSource"}:
            assert not row[name].endswith((" in de", " in en", " in pl"))


@pytest.mark.parametrize("question", ["S1", "S2", "S4", "S5", "S6", "S8", "S9"])
def test_notes_in_several_languages_make_no_more_rows(
    ask: Ask, graph: Store, question: str
) -> None:
    """A note stands beside a figure in the language that is asked for."""
    note = "http://www.w3.org/2004/02/skos/core#note"
    after = as_many(ask, graph, question, "RegionalFigure", note)
    notes = {row["note"] for row in after}
    assert any(note.endswith(" in nl") for note in notes)
    assert not any(note.endswith((" in de", " in en", " in pl")) for note in notes)


TITLE = ("Publication", "http://purl.org/dc/terms/title")
NOTE = ("RegionalFigure", "http://www.w3.org/2004/02/skos/core#note")


@pytest.mark.parametrize(
    ("question", "class_name", "property_iri"),
    [
        *((each, *TITLE) for each in ("A1", *(f"S{number}" for number in range(1, 10)))),
        *((each, *NOTE) for each in ("S1", "S2", "S4", "S5", "S6", "S8", "S9")),
    ],
)
def test_one_text_in_two_languages_makes_no_more_rows(
    ask: Ask, graph: Store, question: str, class_name: str, property_iri: str
) -> None:
    """Of equal texts in languages that are not asked for, one stands in the answer."""
    before = ask(question, language='"de"')
    kind, said_by = NamedNode(f"{RDF}type"), NamedNode(property_iri)
    of_class = graph.quads_for_pattern(None, kind, NamedNode(VISES + class_name), None)
    things = {quad.subject for quad in of_class}
    told = [q for each in things for q in graph.quads_for_pattern(each, said_by, None, None)]
    texts = [Literal("Concertes", language=language) for language in ("fr", "nl")]
    for quad in told:
        graph.remove(quad)
    try:
        with holding(graph, [Quad(each, said_by, text) for each in things for text in texts]):
            after = ask(question, language='"de"')
    finally:
        graph.extend(told)
    assert "Concertes" in {value for row in after for value in row.values()}
    assert len(after) == len(before)


def test_s10_gives_sums_or_the_rule_that_withholds_them(ask: Ask) -> None:
    found = {row["family"]: row for row in ask("S10")}
    told = found.pop("All families together")
    assert (told["value"], told["enterprises"], told["rule"]) == ("2025.5", "13", "")
    assert {name: row["ruleName"] for name, row in found.items()} == {
        "Association": "Secondary suppression",
        "Cooperative": "One unit weighs more than 85 %",
        "Mutual society": "Fewer than three units",
    }
    assert not [row for row in found.values() if row["value"] or row["enterprises"]]


def test_s10_tells_what_each_of_two_rules_says(ask: Ask, graph: Store) -> None:
    cell = """
        <urn:cell> sdmx-dimension:refArea nuts:FRE ; vises:indicator <urn:indicator> ;
          vises:periodStart "1999" ; vises:periodEnd "1999" ; vises:family family:total ;
          vises:publication <urn:ours> ; vises:disclosureRule <urn:one>, <urn:other> .
        <urn:one> skos:prefLabel "one"@en ; skos:definition "of one"@en .
        <urn:other> skos:prefLabel "other"@en ; skos:definition "of other"@en ."""
    with added(graph, more=cell):
        rows = ask("S10")
    found = sorted((r["ruleName"], r["rule"]) for r in rows if r["periodStart"] == "1999")
    assert found == [("one", "of one"), ("other", "of other")]


def test_s10_is_of_one_region(ask: Ask) -> None:
    assert [row["value"] for row in ask("S10", area="nuts:BE3")] == ["120"]


FIGURE = """
    <urn:f:{name}> sdmx-dimension:refArea nuts:{area} ;
      sdmx-dimension:refPeriod "{year}"^^xsd:gYear ; vises:perimeter perimeter:insee-ess ;
      vises:family family:{family} ; vises:publication <urn:{source}> ;
      qb:measureType vises:{measure} ; vises:{measure} {value} .
    <urn:{source}> dcterms:title "{source}"@en .
"""


@contextmanager
def added(graph: Store, *figures: dict[str, object], more: str = "") -> Iterator[None]:
    """Let the graph hold more figures for a while."""
    usual = {"family": "total", "source": "ours", "measure": "jobCount"}
    text = "".join(FIGURE.format(**{**usual, **figure}) for figure in figures)
    codes = {name: f"{PREFIXES['code']}{name}/" for name in ("family", "nuts", "perimeter")}
    named = {**PREFIXES, **codes}.items()
    prefixes = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in named)
    triples = [q.triple for q in parse(prefixes + text + more, RdfFormat.TURTLE)]
    with holding(graph, [Quad(*triple, NamedNode("urn:more")) for triple in triples]):
        yield


def test_s3_compares_the_codes_of_an_area(ask: Ask, graph: Store) -> None:
    old = {"name": "old", "area": "FR30", "year": 1999, "value": 100, "source": "first"}
    new = {"name": "new", "area": "FRE1", "year": 1999, "value": 150, "source": "second"}
    with added(graph, old, new):
        [found] = [row for row in ask("S3") if row["period"] == "1999"]
    assert (found["areaCode"], found["otherAreaCode"]) == ("FR30", "FRE1")
    assert (found["value"], found["otherValue"], found["percent"]) == ("100", "150", "50")


@pytest.mark.parametrize("area", ["FRE1", "FRE", "FR30", "FR"])
def test_s5_knows_a_break_under_every_code_of_the_area(ask: Ask, graph: Store, area: str) -> None:
    figures = [
        {"name": "old", "area": "FR30", "year": 1998, "value": 100},
        {"name": "new", "area": "FRE1", "year": 1999, "value": 150},
    ]
    units = "".join(
        f"<urn:f:{each}> sdmx-attribute:unitMeasure unit:NUM ." for each in ("old", "new")
    )
    known = """
        <urn:break> a vises:SeriesBreak ; sdmx-dimension:refArea nuts:{area} ;
          vises:breaksFrom "1999"^^xsd:gYear ; dcterms:source <urn:ours> ;
          vises:breakReason <https://w3id.org/vises/code/break-reason/source-change> ."""
    verdicts = []
    for more in (units, units + known.replace("{area}", area)):
        with added(graph, *figures, more=more):
            found = ask("S5", area="nuts:FRE1", measure="vises:jobCount")
        verdicts += [(r["broken"], r["comparable"]) for r in found if r["otherPeriod"] == "1999"]
    assert verdicts == [("false", "true"), ("true", "false")]


def test_s6_sums_the_parts_of_a_family_though_the_total_is_published(
    ask: Ask, graph: Store
) -> None:
    of_family = {"year": 1999, "value": 10, "family": "association"}
    parts = [{"name": area, "area": area, **of_family} for area in ("FRE11", "FRE12")]
    revised = {"name": "new", "area": "FRE11", **of_family, "value": 20}
    total = {"name": "total", "area": "FRE1", "year": 1999, "value": 70}
    more = "<urn:f:new> prov:wasRevisionOf <urn:f:FRE11> ."
    with added(graph, *parts, revised, total, more=more):
        found = {
            row["family"]: (row["value"], row["origin"], row["replaced"])
            for row in ask("S6")
            if row["period"] == "1999"
        }
    assert found == {
        "Association": ("30", "sum of its parts", ""),
        "All families together": ("70", "published", "false"),
    }


def test_s6_counts_each_part_once(ask: Ask, graph: Store) -> None:
    """A figure that is told twice is one; of two different figures of a part, none is chosen."""
    nord = {"name": "nord", "area": "FRE11", "year": 1999, "value": 50}
    again = nord | {"name": "again"}
    other = nord | {"name": "other", "value": 60}
    calais = {"name": "calais", "area": "FRE12", "year": 1999, "value": 30}
    found = {}
    for figures in ((nord, again), (nord, again, calais), (nord, other), (nord, other, calais)):
        with added(graph, *figures):
            sums = [row["value"] for row in ask("S6") if row["period"] == "1999"]
        found["+".join(each["name"] for each in figures)] = sums
    assert found == {
        "nord+again": [],
        "nord+again+calais": ["80"],
        "nord+other": [],
        "nord+other+calais": [],
    }


def test_s6_tells_counts_from_registers_from_published_figures(ask: Ask) -> None:
    found = ask("S6", area="nuts:BE3")
    origins = {(row["origin"], row["publication"].endswith("demo-derived")) for row in found}
    assert origins == {("counted from registers", True), ("published", False)}


def test_a_sum_of_parts_is_as_settled_as_the_least_settled_of_them(ask: Ask, graph: Store) -> None:
    parts = [{"name": a, "area": a, "year": 1999, "value": 10} for a in ("FRE11", "FRE12")]
    found = []
    for codes in ("AA", "AP", "EA", "P-", "--"):
        more = "".join(
            f"<urn:f:{part['name']}> sdmx-attribute:obsStatus sdmx-code:obsStatus-{code} ."
            for part, code in zip(parts, codes, strict=True)
            if code != "-"
        )
        with added(graph, *parts, more=more):
            found += [row["statusName"] for row in ask("S6") if row["period"] == "1999"]
    normal, provisional, estimated = "normal value", "provisional value", "estimated value"
    assert found == [normal, provisional, estimated, provisional, ""]


def test_s1_and_s7_tell_the_level_of_a_sector(ask: Ask) -> None:
    """A division beside the section that it is a part of is told from it by its code."""
    assert {row["sectorCode"] for row in ask("S1")} == {"", "Q", "88"}
    codes = {(row["sectorCode"], row["sector"]) for row in ask("S7")}
    assert codes == {("", ""), ("85", "Education")}


@pytest.mark.parametrize("question", ["S3", "S5", "S8", "S9"])
def test_a_figure_that_is_not_settled_says_so(ask: Ask, graph: Store, question: str) -> None:
    figures = [
        {"name": "one", "area": "BE3", "year": 2017, "value": 10},
        {"name": "two", "area": "BE3", "year": 2017, "value": 20, "source": "rival"},
        {"name": "many", "area": "BE3", "year": 2017, "value": 9, "measure": "enterpriseCount"},
    ]
    more = "".join(
        f"<urn:f:{name}> sdmx-attribute:obsStatus sdmx-code:obsStatus-{code} ;"
        f" sdmx-attribute:unitMeasure unit:NUM ."
        for name, code in (("one", "E"), ("two", "P"), ("many", "E"))
    )
    area = {"area": "nuts:BE3"} if question in {"S5", "S9"} else {}
    with added(graph, *figures, more=more):
        found = [row for row in ask(question, **area) if {"ours", "rival"} & set(row.values())]
    told = {
        (row[source], row[status])
        for row in found
        for source, status in (
            ("source", "officialStatusName" if question == "S8" else "statusName"),
            *([("otherSource", "otherStatusName")] if question in {"S3", "S5"} else []),
        )
        if row[source] in {"ours", "rival"}
    }
    estimated, provisional = ("ours", "estimated value"), ("rival", "provisional value")
    assert told == ({estimated} if question == "S8" else {estimated, provisional})


def test_a_revision_of_inhabitants_is_one_with_the_status_of_both(ask: Ask, graph: Store) -> None:
    people = {"area": "FRE", "year": 1999, "measure": "population"}
    figures = [people | {"name": "first", "value": 100}, people | {"name": "second", "value": 110}]
    more = """
        <urn:f:second> prov:wasRevisionOf <urn:f:first> ;
          sdmx-attribute:obsStatus sdmx-code:obsStatus-A .
        <urn:f:first> sdmx-attribute:obsStatus sdmx-code:obsStatus-B , sdmx-code:obsStatus-P ."""
    with added(graph, *figures, more=more):
        [found] = [row for row in ask("S4") if row["period"] == "1999"]
    assert (found["oldValue"], found["oldStatusName"]) == ("100", "provisional value")
    assert (found["newValue"], found["newStatusName"]) == ("110", "normal value")


def test_s9_tells_once_that_inhabitants_are_not_settled(ask: Ask, graph: Store) -> None:
    jobs = {"name": "jobs", "area": "FRE", "year": 1999, "value": 5000}
    people = {"name": "people", "area": "FRE", "year": 1999, "value": 9, "measure": "population"}
    more = """<urn:f:people> sdmx-attribute:obsStatus sdmx-code:obsStatus-B ,
        sdmx-code:obsStatus-P ."""
    with added(graph, jobs, people, more=more):
        found = [row["populationStatusName"] for row in ask("S9") if row["period"] == "1999"]
    assert found == ["provisional value"]


def test_s8_takes_no_figure_of_a_sector_for_a_later_total(ask: Ask, graph: Store) -> None:
    count = {"area": "BE", "measure": "enterpriseCount"}
    total = {**count, "name": "total", "year": 2020, "value": 50}
    sector = {**count, "name": "sector", "year": 2022, "value": 5}
    with added(graph, total, sector, more="<urn:f:sector> vises:sector <urn:s> ."):
        found = [(r["officialPeriod"], r["official"]) for r in ask("S8") if r["source"] == "ours"]
    assert found == [("2020", "50")]


def test_s8_keeps_the_last_official_figure_beside_a_later_suppression(
    ask: Ask, graph: Store
) -> None:
    """A suppression takes the place of a figure, and is none."""
    count = {"area": "BE", "measure": "enterpriseCount"}
    figures = [{**count, "name": year, "year": year, "value": year - 2000} for year in (2019, 2020)]
    cell = """
        <urn:cell:{year}> a vises:Suppression ; sdmx-dimension:refArea nuts:BE ;
          sdmx-dimension:refPeriod "{year}"^^xsd:gYear ; vises:perimeter perimeter:insee-ess ;
          vises:family family:total ; vises:publication <urn:ours> ;
          qb:measureType vises:enterpriseCount ;
          vises:disclosureRule <https://w3id.org/vises/code/disclosure-rule/fewer-than-three> ."""
    cells = {year: cell.format(year=year) for year in (2018, 2021, 2022)}
    of_a_sector = f"{cells[2022]} <urn:cell:2022> vises:sector <urn:s> ."
    rule = "Fewer than three units"
    for more, told in (
        (cells[2018], ("", "")),
        (cells[2021], ("2021", rule)),
        (cells[2021] + cells[2022], ("2022", rule)),
        (cells[2021] + of_a_sector, ("2021", rule)),
    ):
        with added(graph, *figures, more=more):
            rows = [row for row in ask("S8") if row["source"] == "ours"]
        columns = ("officialPeriod", "official", "suppressedPeriod", "ruleName")
        assert [tuple(row[name] for name in columns) for row in rows] == [("2020", "20", *told)]


def test_s9_divides_by_the_revised_population(ask: Ask, graph: Store) -> None:
    jobs = {"name": "jobs", "area": "FRE", "year": 1999, "value": 5000}
    people = {"area": "FRE", "year": 1999, "measure": "population"}
    first = people | {"name": "first", "value": 1_000_000}
    revised = people | {"name": "second", "value": 1_100_000}
    more = "<urn:f:second> prov:wasRevisionOf <urn:f:first> ."
    with added(graph, jobs, first, revised, more=more):
        found = [row["perHundredThousand"] for row in ask("S9") if row["period"] == "1999"]
    assert found == ["455"]
