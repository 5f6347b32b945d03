"""Eurostat: every header of SDMX-CSV, dense and sparse JSON-stat, and nothing confidential."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.ingest.sources.samples.eurostat import write_population, write_sample
from vises.ingest.enough import NothingInScope
from vises.ingest.quarantine import Threshold
from vises.ingest.source import WrongFiles
from vises.ingest.tables.table import BadTable

if TYPE_CHECKING:
    from vises.ingest.report import IngestReport

House = Any
"""The class in conftest.py, which a test module cannot import."""

Write = Callable[[str, str], Path]
PREFIXES = """PREFIX qb: <http://purl.org/linked-data/cube#>
    PREFIX sdmx-attribute: <http://purl.org/linked-data/sdmx/2009/attribute#>
    PREFIX sdmx-dimension: <http://purl.org/linked-data/sdmx/2009/dimension#>
    PREFIX sdmx-measure: <http://purl.org/linked-data/sdmx/2009/measure#> """
OBSERVATIONS = (
    PREFIXES
    + """SELECT ?o ?v ?s { ?o a qb:Observation ; sdmx-measure:obsValue ?v ;
        sdmx-attribute:obsStatus ?s }"""
)
STATUS = "http://purl.org/linked-data/sdmx/2009/code#obsStatus-"
GDP = "https://w3id.org/vises/eurostat/NAMA_10R_2GDP/"
V1 = "DATAFLOW,LAST UPDATE,freq,unit,geo,TIME_PERIOD,OBS_VALUE,OBS_FLAG,CONF_STATUS\n"
ROW = "ESTAT:NAMA_10R_2GDP(1.0),28/08/26 23:00:00,A,EUR_HAB,FRE1,2023,31000.5,,\n"
EXPECTED = [(f"{GDP}A.EUR_HAB.FRE1.2023", "31000.5", f"{STATUS}A")]
VARIANTS = {
    "1.0": V1 + ROW,
    "1.0 in another order": "DATAFLOW,geo,TIME_PERIOD,unit,freq,OBS_VALUE\n"
    "ESTAT:NAMA_10R_2GDP(1.0),FRE1,2023,EUR_HAB,A,31000.5\n",
    "1.0 with labels": "DATAFLOW,freq:Time frequency,unit:Unit,geo:Geo,TIME_PERIOD:Time,"
    'OBS_VALUE:Value,OBS_FLAG:Flag\n"ESTAT:NAMA_10R_2GDP(1.0): GDP, by region",A:Annual,'
    "EUR_HAB: Euro per inhabitant,FRE1:Nord,2023,31000.5,\n",
    "2.0": "STRUCTURE,STRUCTURE_ID,ACTION,freq,unit,geo,TIME_PERIOD,OBS_VALUE,OBS_FLAG\n"
    "dataflow,ESTAT:NAMA_10R_2GDP(1.0),I,A,EUR_HAB,FRE1,2023,31000.5,\n",
    "2.0 with columns of labels": "STRUCTURE,STRUCTURE_ID,STRUCTURE_NAME,freq,Time frequency,unit,"
    "Unit of measure,geo,Geopolitical entity (reporting),TIME_PERIOD,Time,OBS_VALUE,Observation "
    "value,OBS_FLAG,Observation status (Flag) V2 structure,CONF_STATUS,Confidentiality status\n"
    "dataflow,ESTAT:NAMA_10R_2GDP(1.0),GDP,A,Annual,EUR_HAB,Euro,FRE1,Nord,2023,,31000.5,,,,,\n",
    "2.0 with names and ACTION": "STRUCTURE,STRUCTURE_ID,STRUCTURE_NAME,ACTION,freq,Frequency,unit,"
    "Unit,geo,Area,TIME_PERIOD,Time,OBS_VALUE,Value\n"
    "dataflow,ESTAT:NAMA_10R_2GDP(1.0),GDP,I,A,Annual,EUR_HAB,Euro,FRE1,Nord,2023,,31000.5,\n",
    "2.0 with columns of labels, none for the last": "STRUCTURE,STRUCTURE_ID,STRUCTURE_NAME,freq,"
    "Time frequency,unit,Unit,TIME_PERIOD,Time,OBS_VALUE,Value,geo\n"
    "dataflow,ESTAT:NAMA_10R_2GDP(1.0),GDP,A,Annual,EUR_HAB,Euro,2023,,31000.5,,FRE1\n",
    "capitals": "DATAFLOW,freq,unit,GEO,time_period,obs_value\n"
    "ESTAT:NAMA_10R_2GDP(1.0),A,EUR_HAB,FRE1,2023,31000.5\n",
}


def refused(report: IngestReport) -> list[tuple[int, str, str]]:
    lines = Path(report.quarantine).read_text("utf-8").splitlines() if report.quarantine else []
    return [(e["line"], e["column"], e["rule"]) for e in map(json.loads, lines)]


def balanced(report: IngestReport) -> bool:
    return all(
        counts.rows_in == counts.published + counts.quarantined + sum(counts.out_of_scope.values())
        for counts in report.files
    )


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_variant_says_the_same(house: House, write: Write, variant: str) -> None:
    house.ingest("eurostat", write("e.csv", VARIANTS[variant]))
    assert house.ask(OBSERVATIONS) == EXPECTED
    dimensions = house.ask(
        PREFIXES
        + "SELECT ?n ?d { ?c qb:dimension ?d ; qb:order ?n FILTER(CONTAINS(STR(?c), 'eurostat')) }"
    )
    assert [each.rpartition("#")[2].rpartition(".")[2] for _, each in dimensions] == [
        "freq",
        "unit",
        "refArea",
        "refPeriod",
    ]


@pytest.mark.parametrize(
    ("variant", "labels"),
    [
        ("1.0 with labels", ("Euro per inhabitant", "Unit", "GDP, by region")),
        ("2.0 with columns of labels", ("Euro", "Unit of measure", "GDP")),
        ("2.0 with names and ACTION", ("Euro", "Unit", "GDP")),
        ("2.0", ("EUR_HAB", "unit", "NAMA_10R_2GDP")),
    ],
)
def test_labels_of_a_message_are_kept(
    house: House, write: Write, variant: str, labels: tuple[str, ...]
) -> None:
    house.ingest("eurostat", write("e.csv", VARIANTS[variant]))
    assert house.ask(
        PREFIXES
        + """PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> SELECT ?code ?dimension ?flow {
            ?c skos:notation "EUR_HAB" ; skos:prefLabel ?code . ?s a qb:DataStructureDefinition ;
            rdfs:label ?flow . ?d a qb:DimensionProperty ; rdfs:label ?dimension
            FILTER(CONTAINS(STR(?s), "/eurostat/") && STRSTARTS(STR(?d), "urn:sdmx")) }"""
    ) == [labels]


def test_a_corrected_observation_has_the_iri_of_what_it_is(
    house: House, write: Write, tmp_path: Path
) -> None:
    text = V1 + ROW + ROW.replace("FRE1", "FRE 2") + ROW.replace("FRE1", "")
    first = house.ingest("eurostat", write("e.csv", text), max_refused=Threshold(rows=2))
    path = house.export("eurostat", first.batch, tmp_path / "refused.jsonl")
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    for entry, region in zip(lines, ("FRE2", "FRE1"), strict=True):
        entry["row"]["geo"] = region
    path.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    again = house.retry(path)
    assert [o for o, _, _ in house.ask(OBSERVATIONS)] == [
        f"{GDP}A.EUR_HAB.FRE1.2023",
        f"{GDP}A.EUR_HAB.FRE2.2023",
    ]
    assert refused(again) == [(4, "geo, TIME_PERIOD, freq, unit", "duplicate")]


def test_a_code_that_sdmx_does_not_have_is_one_of_the_dataflow(house: House, write: Write) -> None:
    row = ROW.replace(",A,", ",A,T,")
    table = V1.replace("freq,", "freq,sex,") + row + row.replace(",T,", ",UNK,")
    house.ingest("eurostat", write("e.csv", table))
    own = "https://w3id.org/vises/eurostat/code/sex"
    assert {each for (each,) in house.ask(PREFIXES + "SELECT ?c { ?o sdmx-dimension:sex ?c }")} == {
        "http://purl.org/linked-data/sdmx/2009/code#sex-T",
        f"{own}/UNK",
    }
    named = house.ask(
        f"""PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
            SELECT (LANG(?n) AS ?l) ?n {{ ?c skos:inScheme <{own}> . <{own}> skos:prefLabel ?n }}"""
    )
    assert sorted(named) == [
        ("en", "Eurostat: sex"),
        ("fr", "Eurostat\u00a0: sex"),
        ("nl", "Eurostat: sex"),
    ]


FLAGGED = {
    "2016": ("bp", "", "BP"),
    "2017": ("b d", "", "BD"),
    "2018": ("e,u", "F", "EU"),
    "2019": ("r", "", "A"),
    "2020": ("s", "", "E"),
    "2021": ("P", "", "P"),
    "2022": ("", "", "A"),
    "2023": ("A", "", "A"),
}


def test_flags_alone_and_together(house: House, write: Write) -> None:
    table = V1 + "".join(
        ROW.replace("2023", year).replace(",,\n", f',"{flag}",{status}\n')
        for year, (flag, status, _) in FLAGGED.items()
    )
    house.ingest("eurostat", write("e.csv", table))
    found: dict[str, str] = {}
    for observation, _, status in house.ask(OBSERVATIONS):
        year = observation.rpartition(".")[2]
        found[year] = found.get(year, "") + status.removeprefix(STATUS)
    assert found == {year: statuses for year, (_, _, statuses) in FLAGGED.items()}
    kept = "DataAttribute=ESTAT:NAMA_10R_2GDP(1.0).OBS_FLAG>"
    letters = house.ask(f"SELECT ?f {{ ?o <urn:sdmx:org.sdmx.infomodel.datastructure.{kept} ?f }}")
    assert letters == sorted((flag,) for flag, _, _ in FLAGGED.values() if flag)
    free = house.ask(PREFIXES + "SELECT ?o { ?o sdmx-attribute:confStatus ?s }")
    assert [each.rpartition(".")[2] for (each,) in free] == ["2018"]


def test_a_confidential_value_is_never_published(house: House, write: Write) -> None:
    hidden = ("31000.5,c,", "31000.5,,C", "31000.5,bc,", "31000.5,,N")
    rows = [ROW.replace("2023", f"201{n}") for n in range(4)]
    table = V1 + ROW.replace("31000.5", "5")
    table += "".join(r.replace("31000.5,,", h) for r, h in zip(rows, hidden, strict=True))
    report = house.ingest("eurostat", write("e.csv", table))
    assert report.files[-1].out_of_scope == {"a confidential value": 4}
    assert house.ask("SELECT ?s { ?s ?p ?o FILTER(CONTAINS(STR(?o), '31000')) }") == []


WRONG = [
    (",2014,", ",2023-Q5,", ("TIME_PERIOD", "pattern")),
    ("31000.5", ":", ("OBS_VALUE", "number")),
    (",,\n", ",x,\n", ("OBS_FLAG", "enum")),
    (",,\n", ",,9\n", ("CONF_STATUS", "pattern")),
    ("EUR_HAB", "EUR HAB", ("unit", "pattern")),
    ("EUR_HAB", "", ("unit", "required")),
    ("NAMA_10R_2GDP", "OTHER", ("DATAFLOW", "dataflow")),
    (",,\n", ",,,\n", ("", "cells")),
    (",2014,", ",2023,", ("geo, TIME_PERIOD, freq, unit", "duplicate")),
    (",2014,", ",9999-Q1,", ("TIME_PERIOD", "range")),
    (",2014,", ",2023-02-29,", ("TIME_PERIOD", "date")),
    (",2014,", ",2023-01-00,", ("TIME_PERIOD", "date")),
    (",2014,", ",2023-W53,", ("TIME_PERIOD", "date")),
    (",2014,", ",2023-W00,", ("TIME_PERIOD", "date")),
]


def test_what_an_observation_must_be(house: House, write: Write) -> None:
    table = V1 + ROW
    for number, (old, new, _) in enumerate(WRONG):
        year = "2014" if "2014" in old else f"19{number:02}"
        row = ROW.replace("2023", year)
        assert old in row
        table += row.replace(old, new)
    report = house.ingest("eurostat", write("e.csv", table), max_refused=Threshold(rows=len(WRONG)))
    assert refused(report) == [(n, *found) for n, (_, _, found) in enumerate(WRONG, 3)]
    assert balanced(report)


def test_periods_have_their_datatypes(house: House, write: Write) -> None:
    periods = ("2023", "2023-04", "2024-02-29", "2023-Q1", "2023-S2", "2020-W53")
    table = V1 + "".join(ROW.replace(",2023,", f",{each},") for each in periods)
    house.ingest("eurostat", write("e.csv", table))
    found = house.ask(
        PREFIXES + "SELECT ?p (DATATYPE(?p) AS ?t) { ?o sdmx-dimension:refPeriod ?p }"
    )
    assert {period: kind.rpartition("#")[2] for period, kind in found} == {
        "2023": "gYear",
        "2023-04": "gYearMonth",
        "2024-02-29": "date",
        "2023-Q1": "string",
        "2023-S2": "string",
        "2020-W53": "string",
    }


def test_the_sample_is_a_well_formed_cube_and_its_defects_are_found_once(
    strict_house: House, tmp_path: Path
) -> None:
    sample = write_sample(tmp_path / "s")
    report = strict_house.ingest("eurostat", *sample.files, max_refused=Threshold(rows=6))
    found = sorted((line, rule) for line, _, rule in refused(report))
    assert found == sorted((d.line, d.rule) for d in sample.defects)
    assert balanced(report)
    assert (report.violations, report.warnings) == (0, 0)
    queries = resources.files("vises").joinpath("queries", "quality")
    release = strict_house.releases.current()
    with strict_house.releases.open(release.id) as store:
        for number in range(1, 22):
            query = queries.joinpath(f"qb-ic-{number:02}.rq").read_text("utf-8")
            broken = [
                str(row)
                for row in store.query(query, use_default_graph_as_union=True)  # type: ignore[union-attr]
                if "eurostat" in str(row) or "graph/eurostat" in str(row)
            ]
            assert broken == [], number


def test_inhabitants_are_population_figures(strict_house: House, tmp_path: Path) -> None:
    sample = write_population(tmp_path / "s")
    report = strict_house.ingest("eurostat", *sample.files, max_refused=Threshold(rows=1))
    assert [(line, rule) for line, _, rule in refused(report)] == [(6, "number")]
    assert balanced(report)
    assert (report.violations, report.warnings) == (0, 0)
    counts = report.files[0]
    assert counts.out_of_scope["not the whole population"] == 20
    figures = strict_house.ask("SELECT ?f { ?f a vises:PopulationFigure }")
    assert len(figures) == counts.published == 18
    assert strict_house.ask(PREFIXES + "SELECT ?s { ?d a qb:DataSet ; qb:structure ?s }") == [
        ("https://w3id.org/vises/ontology#PopulationFigureStructure",)
    ]


def test_a_region_without_inhabitants_is_refused_alone(strict_house: House, tmp_path: Path) -> None:
    (path,) = write_population(tmp_path / "s").files
    document = json.loads(path.read_text("utf-8"))
    document["value"]["0"] = 0
    path.write_text(json.dumps(document), "utf-8")
    report = strict_house.ingest("eurostat", path, max_refused=Threshold(rows=2))
    assert [(line, rule) for line, _, rule in refused(report)] == [(1, "range"), (6, "number")]
    assert report.files[0].published == 17


def json_stat(**changes: object) -> str:
    document = {
        "version": "2.0",
        "class": "dataset",
        "label": "GDP",
        "id": ["freq", "unit", "geo", "time"],
        "size": [1, 2, 1, 1],
        "role": {"time": ["time"], "geo": ["geo"]},
        "dimension": {
            "freq": {"category": {"label": {"A": "Annual"}}},
            "unit": {
                "label": "Unit of measure",
                "category": {
                    "index": ["EUR_HAB", "MIO_EUR"],
                    "label": {"EUR_HAB": "Euro per inhabitant", "MIO_EUR": "Million euro"},
                },
            },
            "geo": {"category": {"index": {"FRE1": 0}}},
            "time": {"category": {"index": {"2023": 0}}},
        },
        "value": [31000.5, None],
        "extension": {"id": "nama_10r_2gdp"},
    }
    return json.dumps({**document, **changes})


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, "A"),
        ({"value": {"0": 31000.5}}, "A"),
        ({"value": {"0": 31000.5}, "status": {"0": "p", "1": "z"}}, "P"),
        ({"status": ["p", None]}, "P"),
        ({"status": "e"}, "E"),
    ],
)
def test_json_stat_dense_and_sparse(
    house: House, write: Write, changes: dict[str, object], status: str
) -> None:
    report = house.ingest("eurostat", write("e.json", json_stat(**changes)))
    assert house.ask(OBSERVATIONS) == [(f"{GDP}A.EUR_HAB.FRE1.2023", "31000.5", STATUS + status)]
    assert ("Euro per inhabitant",) in house.ask(
        "SELECT ?l { ?c skos:inScheme ?s ; skos:prefLabel ?l }"
    )
    assert balanced(report)


@pytest.mark.parametrize(
    "changes",
    [
        {"class": "collection"},
        {"version": "1.0"},
        {"size": [1, 2, 1]},
        {"size": [1, 3, 1, 1]},
        {"size": ["x", 2, 1, 1]},
        {"value": [1]},
        {"value": {"2": 1}},
        {"value": {"-1": 1}},
        {"value": {"\u0661": 1}},
        {"value": 5},
        {"status": {"9": "p"}},
        {"id": ["freq", "unit", "geo", "when"]},
        {"dimension": {}},
        {"dimension": []},
    ],
)
def test_what_is_no_json_stat(house: House, write: Write, changes: dict[str, object]) -> None:
    with pytest.raises(BadTable, match="JSON-stat"):
        house.ingest("eurostat", write("e.json", json_stat(**changes)))
    assert not house.published


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[]", "It is an array"),
        (f"[{json_stat()}]", "It is an array"),
        ('"dataset"', "It is a single value"),
        ("5", "It is a single value"),
        ("null", "It is a single value"),
        ("{}", "It lacks the member 'class'"),
        ('{"error": [{"status": 404}]}', "It is an error that the service answered with"),
        (json_stat(**{"class": "collection"}), "Its class and version are collection, 2.0"),
        (json_stat(size=[1, 2, 1]), "Its id, size and dimension do not fit together"),
    ],
)
def test_what_a_document_is_instead_is_told_in_words(
    house: House, write: Write, text: str, told: str
) -> None:
    with pytest.raises(BadTable, match=told) as refusal:
        house.ingest("eurostat", write("e.json", text))
    assert "Error" not in refusal.value.detail


@pytest.mark.parametrize(
    ("text", "told"), [("", "The file is empty"), ("\ufeff", "The file is empty"), (V1, "no row")]
)
def test_a_file_without_rows_is_told_as_that(
    house: House, write: Write, text: str, told: str
) -> None:
    with pytest.raises(BadTable, match=told):
        house.ingest("eurostat", write("e.csv", text))


def test_a_cell_that_is_no_number_is_refused_alone(house: House, write: Write) -> None:
    text = json_stat(value=[31000.5, ["x"]])
    report = house.ingest("eurostat", write("e.json", text), max_refused=Threshold(rows=1))
    assert refused(report) == [(2, "OBS_VALUE", "json")]


def test_a_gzip_file_as_eurostat_gives_it(house: House, tmp_path: Path) -> None:
    path = tmp_path / "estat_nama_10r_2gdp.csv.gz"
    path.write_bytes(gzip.compress((V1 + ROW).encode()))
    house.ingest("eurostat", path)
    assert house.ask(OBSERVATIONS) == EXPECTED


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("a,b\n1,2\n", WrongFiles),
        ("DATAFLOW,freq,TIME_PERIOD,OBS_VALUE\nX,A,2023,1\n", BadTable),
        (V1, BadTable),
        (V1 + ROW.replace("ESTAT:NAMA_10R_2GDP(1.0)", "??"), BadTable),
        (V1.replace("unit", "u nit") + ROW, BadTable),
        (V1.replace("unit", ",".join(f"d{n}" for n in range(9))) + ROW, BadTable),
        (V1 + ROW.replace("FRE1", "DE1"), NothingInScope),
        ("<html>busy</html>", BadTable),
    ],
)
def test_other_files(house: House, write: Write, text: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        house.ingest("eurostat", write("e.csv", text))
    assert not house.published


def test_one_file_at_a_time(house: House, write: Write) -> None:
    with pytest.raises(WrongFiles, match="2 files"):
        house.ingest("eurostat", write("a.csv", V1 + ROW), write("b.csv", V1 + ROW))


def test_the_dataset_is_named_after_its_dataflow(house: House, write: Write) -> None:
    house.ingest("eurostat", write("e.csv", V1 + ROW))
    assert ("Eurostat, NAMA_10R_2GDP",) in house.ask(
        "SELECT ?t { id:graph\\/eurostat dcterms:title ?t }"
    )
