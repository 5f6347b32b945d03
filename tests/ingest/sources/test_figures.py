"""Regional figures become observations of a data cube."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from openpyxl import Workbook
from pyarrow import parquet
from rdflib import SH, Graph, URIRef

from vises import validation
from vises.ingest.quarantine import Threshold
from vises.ingest.sources.figures import FIGURES_TABLE, misfit
from vises.namespaces import PREFIXES
from vises.store.transaction import ChangeRefused
from vises.validation.report import Place, Report

House = Any
"""The class in conftest.py, which a test module cannot import."""

Write = Callable[[str, str], Path]
VISES = PREFIXES["vises"]
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


def test_a_note_in_several_languages_has_a_column_for_each(house: House, write: Write) -> None:
    header = HEADER.replace(",note\n", ",note_fr,note_nl,note_en\n")
    house.ingest("figures", write("f.csv", header + COUNT.replace("\n", "estimé,geschat,\n")))
    notes = SKOS + "SELECT ?n (LANG(?n) AS ?l) { ?f a vises:RegionalFigure ; skos:note ?n }"
    assert sorted(house.ask(notes)) == [("estimé", "fr"), ("geschat", "nl")]


def test_a_note_is_said_once_in_a_language(house: House, write: Write) -> None:
    header = HEADER.replace("\n", ",note_language,note_fr,note_nl\n")
    twice = COUNT.replace("\n", "estimated,fr,estimé,\n")
    other = COUNT.replace("FRE", "BE3").replace("\n", "estimated,en,,geschat\n")
    path = write("f.csv", header + twice + other)
    report = house.ingest("figures", path, max_refused=Threshold(rows=1))
    entry = json.loads(Path(report.quarantine).read_text("utf-8"))
    assert (entry["line"], entry["rule"], entry["column"]) == (2, "said-twice", "note_fr")
    notes = SKOS + "SELECT ?n (LANG(?n) AS ?l) { ?f a vises:RegionalFigure ; skos:note ?n }"
    assert sorted(house.ask(notes)) == [("estimated", "en"), ("geschat", "nl")]


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("FRE", "XX1", "unknown-code"),
        ("2021", "21", "year"),
        ("2021", "31/12/2021", "year"),
        ("2021", "0000", "range"),
        ("2021", "9999", "range"),
        ("jobCount", "jobs", "enum"),
        ("insee-ess", "mine", "unknown-code"),
        ("total", "all", "unknown-code"),
        ("a-source", "A source", "pattern"),
        ("210800", "210 800", "number"),
        ("210800", "210800.5", "number"),
        ("210800", "210.800", "grouped-number"),
        ("210800", "-210800", "range"),
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


def test_the_bounds_of_a_measure_are_those_of_the_shapes() -> None:
    shapes = Graph().parse(Path(validation.__file__).parents[1] / "shapes" / "RegionalFigure.ttl")
    measures = next(f for f in FIGURES_TABLE.contract.fields if f.name == "measure").enum
    for measure in measures:
        (shape,) = (
            each
            for each in shapes.subjects(SH.path, URIRef(VISES + measure))
            if (each, SH.datatype, None) in shapes
        )
        least, most = (shapes.value(shape, each) for each in (SH.minInclusive, SH.maxInclusive))
        assert misfit(measure, str(least)) is None
        assert getattr(misfit(measure, str(int(least) - 1)), "rule", "") == "range"
        above = misfit(measure, str(int(most or 10**15) + 1))
        assert (above is None) == (most is None)


def test_one_impossible_figure_leaves_the_others_in(strict_house: House, write: Write) -> None:
    share = "FRE,2021,shareOfSseEmployment,insee-ess,association,a-source,100.1,PERCENT,A,\n"
    publications = write(
        "publications.csv",
        "id,title,language,publisher,publisher_name,issued,page\n"
        "a-source,Une source,fr,a-house,Une maison,2021,\n",
    )
    below = COUNT.replace("2021", "2020").replace("210800", "-1")
    figures = write("f.csv", HEADER + COUNT + below + share)
    report = strict_house.ingest("figures", figures, publications, max_refused=Threshold(rows=2))
    entries = [json.loads(each) for each in Path(report.quarantine).read_text("utf-8").splitlines()]
    assert [(e["line"], e["rule"], e["value"]) for e in entries] == [
        (3, "range", "-1"),
        (4, "range", "100.1"),
    ]
    assert entries[1]["sentence"]["fr"].endswith("elle doit être ≥ 0, ≤ 100.")
    assert report.files[1].published == 1


@pytest.mark.parametrize("kind", ["xlsx", "parquet", "jsonl"])
def test_a_number_of_a_format_that_has_numbers_is_read_as_it_is(
    house: House, tmp_path: Path, kind: str
) -> None:
    names = HEADER.strip().split(",")
    row = dict(zip(names, SHARE.replace('"So, ""nearly"""', "").strip().split(","), strict=True))
    path = tmp_path / f"figures.{kind}"
    number = row | {"value": 11.205}
    text = row | {"period": "2015", "value": "11.205"}
    if kind == "xlsx":
        book = Workbook()
        for each in (names, [*number.values()], [*text.values()]):
            book.active.append(each)
        book.save(path)
    elif kind == "jsonl":
        path.write_text("".join(json.dumps(each) + "\n" for each in (number, text)))
    else:
        parquet.write_table(pa.Table.from_pylist([number]), path)
    report = house.ingest("figures", path, max_refused=Threshold(rows=1))
    assert report.files[0].published == 1
    assert report.files[0].quarantined == (kind != "parquet")
    assert house.ask("SELECT ?v { ?f vises:shareOfSalariedEmployment ?v }") == [("11.205",)]


def test_a_share_that_a_workbook_shows_as_a_percentage_is_not_read_as_one_of_one(
    house: House, tmp_path: Path
) -> None:
    book = Workbook()
    book.active.append(HEADER.strip().split(","))
    for year, form in ((2014, "0.0%"), (2015, '0.0" %"')):
        row = SHARE.replace("2014", str(year)).strip().split(",")[:10]
        book.active.append([*row[:6], 0.112, *row[7:9], None])
        book.active.cell(book.active.max_row, 7).number_format = form
    book.save(tmp_path / "figures.xlsx")
    report = house.ingest("figures", tmp_path / "figures.xlsx", max_refused=Threshold(rows=1))
    entry = json.loads(Path(report.quarantine).read_text("utf-8"))
    assert (entry["line"], entry["rule"], entry["value"]) == (2, "number", "11.2%")
    assert report.files[0].published == 1


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


def test_figures_by_sector_are_a_dataset_of_their_own(strict_house: House, write: Write) -> None:
    table = HEADER.replace("\n", ",sector\n") + COUNT.replace("\n", ",\n")
    table += COUNT.replace("\n", ",Q\n")
    publications = "id,title,language,publisher,publisher_name,issued,page\n"
    publications += "a-source,Tableau,fr,insee,INSEE,2025,\n"
    with pytest.raises(ChangeRefused) as found:
        strict_house.ingest(
            "figures", write("figures.csv", table), write("publications.csv", publications)
        )
    shapes = {result.shape.rpartition("#")[2] for result in found.value.verdict.results}
    assert shapes == {"DatasetShape-structure"}


def test_a_figure_comes_once_for_each_publication(house: House, write: Write) -> None:
    table = HEADER + COUNT + COUNT.replace("a-source", "another") + COUNT.replace("210800", "1")
    report = house.ingest("figures", write("f.csv", table), max_refused=Threshold(rows=1))
    entry = json.loads(Path(report.quarantine).read_text("utf-8"))
    assert (entry["line"], entry["rule"]) == (4, "duplicate")
    assert report.files[0].published == 2


def test_a_row_is_told_its_own_fault_before_that_it_is_a_duplicate(
    house: House, write: Write
) -> None:
    rows = COUNT.replace("NUM", "PERCENT"), COUNT.replace("210800", "-1"), COUNT
    table = HEADER + "".join(rows) + SHARE
    report = house.ingest("figures", write("f.csv", table), max_refused=Threshold(rows=3))
    told = [json.loads(line) for line in Path(report.quarantine).read_text("utf-8").splitlines()]
    assert [(each["line"], each["rule"]) for each in told] == [
        *((2, "enum"), (3, "range"), (4, "duplicate"))
    ]


@pytest.mark.parametrize(
    ("issued", "rule"),
    [("1900", ""), ("2100-12", ""), ("1899-12-31", "range"), ("2101", "range"), ("210", "pattern")],
)
def test_a_publication_is_of_a_year_that_a_figure_can_be_of(
    house: House, write: Write, issued: str, rule: str
) -> None:
    publications = "id,title,language,publisher,issued\nanother,T,fr,a-house,\n"
    publications += f"a-source,T,fr,a-house,{issued}\n"
    files = write("f.csv", HEADER + COUNT), write("p.csv", publications)
    report = house.ingest("figures", *files, max_refused=Threshold(rows=1))
    refused = Path(report.quarantine).read_text("utf-8") if report.quarantine else ""
    assert (json.loads(refused)["rule"] if refused else "") == rule


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


def test_withheld_cells_of_two_sectors_are_told_apart(strict_house: House, write: Write) -> None:
    header = HEADER.replace("family,", "family,sector,").replace("note", "suppressed")
    publication = "id,title,language,publisher,publisher_name\na-source,A,fr,someone,Someone\n"
    withheld = "FRE,2021,jobCount,insee-ess,total,{},a-source,12,NUM,A,secondary\n"
    strict_house.ingest(
        "figures",
        write("figures.csv", header + withheld.format(85) + withheld.format(88)),
        write("publications.csv", publication),
    )
    sectors = "SELECT ?s { ?c a vises:Suppression ; vises:sector/skos:notation ?s }"
    assert strict_house.ask(sectors) == [("85",), ("88",)]
    assert strict_house.ask("SELECT ?c { ?c vises:jobCount ?n }") == []
