"""Regional figures become observations of a data cube."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vises.ingest.quarantine import Threshold
from vises.store.transaction import ChangeRefused
from vises.validation.report import Place, Report

House = Any
"""The class in conftest.py, which a test module cannot import."""

Write = Callable[[str, str], Path]
HEADER = "area,period,measure,perimeter,family,publication,value,unit,status,note\n"
COUNT = "FRE,2021,jobCount,insee-ess,total,a-source,210800,NUM,A,\n"
SHARE = (
    'FR30,2014,shareOfSalariedEmployment,insee-ess,association,b,11.2,PERCENT,E,"So, ""nearly"""\n'
)
SHARE_MEASURE = "shareOfSalariedEmployment"
DATASET = "<http://purl.org/linked-data/cube#dataSet>"
CUBE = "PREFIX qb: <http://purl.org/linked-data/cube#> "
SKOS = "PREFIX skos: <http://www.w3.org/2004/02/skos/core#> "


def test_the_measure_is_the_property_with_its_datatype(house: House, write: Write) -> None:
    house.ingest("figures", write("f.csv", HEADER + COUNT + SHARE))
    assert house.ask(
        CUBE
        + """SELECT ?f ?v (DATATYPE(?v) AS ?t) ?n {
            ?f a vises:RegionalFigure, qb:Observation ; qb:dataSet id:graph\\/figures ;
                qb:measureType ?m ; ?m ?v .
            OPTIONAL { ?f <http://www.w3.org/2004/02/skos/core#note> ?n } }"""
    ) == [
        (
            "https://w3id.org/vises/figure/a-source/FRE-2021-insee-ess-total-jobCount",
            "210800",
            "http://www.w3.org/2001/XMLSchema#integer",
            "",
        ),
        (
            f"https://w3id.org/vises/figure/b/FR30-2014-insee-ess-association-{SHARE_MEASURE}",
            "11.2",
            "http://www.w3.org/2001/XMLSchema#decimal",
            'So, "nearly"',
        ),
    ]


def test_a_note_has_the_language_that_its_row_names(house: House, write: Write) -> None:
    header = HEADER.replace("\n", ",note_language\n")
    rows = COUNT.replace("\n", "estimé,fr\n") + SHARE.replace("\n", ",\n")
    house.ingest("figures", write("f.csv", header + rows))
    notes = SKOS + "SELECT ?n (LANG(?n) AS ?l) { ?f a vises:RegionalFigure ; skos:note ?n }"
    assert sorted(house.ask(notes)) == [('So, "nearly"', ""), ("estimé", "fr")]


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("FRE", "XX1", "unknown-code"),
        ("2021", "21", "number"),
        ("jobCount", "jobs", "enum"),
        ("insee-ess", "mine", "unknown-code"),
        ("total", "all", "unknown-code"),
        ("a-source", "A source", "pattern"),
        ("210800", "210 800", "number"),
        ("210800", "210800.5", "number"),
        ("210800", "", "required"),
        ("NUM", "PERCENT", "enum"),
        (",A,", ",X,", "enum"),
    ],
)
def test_what_a_figure_must_be(house: House, write: Write, old: str, new: str, rule: str) -> None:
    table = HEADER + SHARE + COUNT.replace(old, new)
    report = house.ingest("figures", write("f.csv", table), max_refused=Threshold(rows=1))
    entry = json.loads(Path(report.quarantine).read_text("utf-8"))
    assert (entry["line"], entry["rule"]) == (3, rule)


def test_a_share_of_the_sse_and_a_ratio_have_their_units(house: House, write: Write) -> None:
    share = "FRE,2021,shareOfSseEmployment,insee-ess,association,a,84.7,PERCENT,A,\n"
    ratio = "FR30,2010,jobsPerHundredThousand,insee-ess,total,a,3500,UNITLESS,E,\n"
    house.ingest("figures", write("f.csv", HEADER + share + ratio))
    found = house.ask(
        "SELECT ?m (DATATYPE(?v) AS ?t) { ?f vises:publication ?p ; ?m ?v FILTER(isNumeric(?v)) }"
    )
    assert {(measure.rpartition("#")[2], kind.rpartition("#")[2]) for measure, kind in found} == {
        ("shareOfSseEmployment", "decimal"),
        ("jobsPerHundredThousand", "decimal"),
    }
    wrong = house.ingest(
        "figures",
        write("g.csv", HEADER + share + ratio.replace("UNITLESS", "NUM")),
        max_refused=Threshold(rows=1),
    )
    entry = json.loads(Path(wrong.quarantine).read_text("utf-8"))
    assert (entry["rule"], entry["column"]) == ("enum", "unit"), "what is a ratio is no number"


def test_a_figure_may_say_what_it_revises(house: House, write: Write) -> None:
    rows = (COUNT, COUNT.replace("a-source", "later").replace("210800", "210900"))
    table = HEADER.replace("\n", ",revision_of\n")
    table += rows[0].replace("\n", ",\n") + rows[1].replace("\n", ",a-source\n")
    house.ingest("figures", write("f.csv", table))
    assert house.ask(
        "SELECT ?new ?old { ?new <http://www.w3.org/ns/prov#wasRevisionOf> ?old }"
    ) == [
        (
            "https://w3id.org/vises/figure/later/FRE-2021-insee-ess-total-jobCount",
            "https://w3id.org/vises/figure/a-source/FRE-2021-insee-ess-total-jobCount",
        )
    ]


def test_the_dataset_says_its_structure(house: House, write: Write) -> None:
    house.ingest("figures", write("f.csv", HEADER + COUNT + SHARE))
    assert house.ask(CUBE + "SELECT ?d ?s { ?d a qb:DataSet ; qb:structure ?s }") == [
        (
            "https://w3id.org/vises/graph/figures",
            "https://w3id.org/vises/ontology#RegionalFigureStructure",
        )
    ]


def test_a_figure_comes_once_for_each_publication(house: House, write: Write) -> None:
    table = HEADER + COUNT + COUNT.replace("a-source", "another") + COUNT.replace("210800", "1")
    report = house.ingest("figures", write("f.csv", table), max_refused=Threshold(rows=1))
    entry = json.loads(Path(report.quarantine).read_text("utf-8"))
    assert (entry["line"], entry["rule"]) == (4, "duplicate")
    assert report.files[0].published == 2


def test_the_figures_of_the_demonstration_are_sound(house: House) -> None:
    path = Path(__file__).parents[3] / "demo" / "files" / "figures.csv"
    (counts,) = house.ingest("figures", path).files
    assert counts.published == counts.rows_in > 100


def test_a_figure_that_another_dataset_has_is_told_as_that(
    strict_house: House, write: Write
) -> None:
    publications = write(
        "publications.csv",
        "id,title,language,publisher,publisher_name,issued,page\n"
        "a-source,Une source,fr,a-house,Une maison,2021,\n",
    )
    files = (write("f.csv", HEADER + COUNT), publications)
    strict_house.ingest("figures", *files, dataset="first")
    with pytest.raises(ChangeRefused) as refusal:
        strict_house.ingest("figures", *files, dataset="second")
    verdict = refusal.value.verdict
    assert isinstance(verdict, Report)
    told = [(each.message(), each.place) for each in verdict.results if each.path == DATASET]
    ((sentence, place),) = told
    assert sentence.startswith("The dataset first has this figure already. Leave the row out;")
    assert place == Place("f.csv", 2)
