"""The cube of a dataset as CSV, CSVW and SDMX-CSV: each row tells all that its observation says."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, parse

from vises.namespaces import PREFIXES, term
from vises.store.dumps import structure
from vises.store.dumps.cubes import write_cube

if TYPE_CHECKING:
    from pathlib import Path

BASE = "https://data.example/"
HEAD = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())
SHARED = """
<https://partner.example/structure> a qb:DataStructureDefinition ; qb:component
    <https://partner.example/c/area> , <https://partner.example/c/jobs> ,
    <https://partner.example/c/people> , <https://partner.example/c/unit> .
<https://partner.example/c/area> qb:dimension sdmx-dimension:refArea ; qb:order 1 .
<https://partner.example/c/jobs> qb:measure vises:jobCount .
<https://partner.example/c/people> qb:measure vises:employeeCount .
<https://partner.example/c/unit> qb:attribute sdmx-attribute:unitMeasure .
"""
"""A structure of two measures, which each of its observations has (section 6.5.1)."""

TWO_MEASURES = """
<graph/two> a qb:DataSet ; qb:structure <https://partner.example/structure> .
<o/1> qb:dataSet <graph/two> ; sdmx-dimension:refArea <https://w3id.org/vises/code/nuts/FRE> ;
    vises:jobCount 12 ; vises:employeeCount 9 ; sdmx-attribute:unitMeasure unit:NUM .
<o/2> qb:dataSet <graph/two> ; sdmx-dimension:refArea <https://w3id.org/vises/code/nuts/BE3> ;
    vises:jobCount 7 ; sdmx-attribute:unitMeasure unit:NUM .
"""

Rows = list[dict[str, str]]


def triples(turtle: str) -> list[Quad]:
    return list(parse((HEAD + turtle).encode(), RdfFormat.TURTLE, base_iri=BASE))


def written(folder: Path, turtle: str) -> tuple[Rows, Rows, dict[str, object]]:
    """Write the cube of a graph; return the rows of its CSV and SDMX-CSV, and the schema."""
    graph = NamedNode(f"{BASE}graph/g")
    lines = sorted(f"{Quad(*q.triple, graph)} .\n" for q in triples(turtle))
    (folder / "lines").write_text("".join(lines), "utf-8")
    list(write_cube("g", folder / "lines", folder))
    plain, sdmx = (rows(folder / name) for name in ("csv", "sdmx.csv"))
    schema = json.loads((folder / "csv-metadata.json").read_text("utf-8"))["tableSchema"]
    assert not plain or list(plain[0]) == [column["name"] for column in schema["columns"]]
    return plain, sdmx, schema


def rows(path: Path) -> Rows:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def as_rdf(table: Rows, schema: dict[str, object]) -> set[tuple[str, str, NamedNode | Literal]]:
    """Generate RDF from a table in minimal mode, as far as our columns need it."""
    found: set[tuple[str, str, NamedNode | Literal]] = set()
    columns: list[dict[str, str]] = schema["columns"]  # type: ignore[assignment]
    for row in table:
        for column in columns:
            cell = row[column["name"]]
            if not cell or column.get("suppressOutput"):
                continue
            for part in cell.split(column["separator"]) if "separator" in column else [cell]:
                place = {**row, column["name"]: part}
                subject = filled(str(schema["aboutUrl"]), place)
                found.add((subject, filled(column["propertyUrl"], place), value(column, place)))
    return found


def value(column: dict[str, str], row: dict[str, str]) -> NamedNode | Literal:
    if "valueUrl" in column:
        return NamedNode(filled(column["valueUrl"], row))
    text = row[column["name"]]
    if "lang" in column:
        return Literal(text, language=column["lang"])
    return Literal(text, datatype=term(f"xsd:{column.get('datatype', 'string')}"))


def filled(template: str, row: dict[str, str]) -> str:
    for name, cell in row.items():
        template = template.replace(f"{{+{name}}}", cell)
    assert "{" not in template, "each variable of a template is a column"
    return template


def in_graph(turtle: str) -> set[tuple[str, str, NamedNode | Literal]]:
    return {(q.subject.value, q.predicate.value, q.object) for q in triples(turtle)}  # type: ignore[union-attr,misc]


@pytest.fixture
def partner(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the ontology have a structure of several measures."""
    store = Store()
    store.extend(triples(SHARED))
    monkeypatch.setattr(structure, "ontology", lambda: store)


@pytest.mark.usefixtures("partner")
def test_each_of_several_measures_has_a_row_that_names_it(tmp_path: Path) -> None:
    plain, sdmx, schema = written(tmp_path, TWO_MEASURES)
    wanted = [("BE3", "jobCount", "7"), ("FRE", "employeeCount", "9"), ("FRE", "jobCount", "12")]
    told = [(row["refArea"], row["measureType"], row["OBS_VALUE"]) for row in plain]
    assert sorted(told) == wanted
    told = [(row["REF_AREA"], row["MEASURE"], row["OBS_VALUE"]) for row in sdmx]
    assert sorted(told) == wanted
    key: list[str] = schema["primaryKey"]  # type: ignore[assignment]
    assert len({tuple(row[name] for name in key) for row in plain}) == len(plain)
    assert schema["rowTitles"] == ["refArea", "measureType"]


@pytest.mark.usefixtures("partner")
def test_what_csvw_makes_of_several_measures_is_in_the_graph(tmp_path: Path) -> None:
    plain, _, schema = written(tmp_path, TWO_MEASURES)
    made = as_rdf(plain, schema)
    assert len(made) == 7, "of two observations: area and unit, and three values"
    assert made <= in_graph(TWO_MEASURES)


def figure(name: str, number: int, more: str) -> str:
    return f"""
<figure/{name}> a vises:RegionalFigure ; qb:dataSet <graph/g> ;
    sdmx-dimension:refArea <https://w3id.org/vises/code/nuts/BE> ;
    sdmx-dimension:refPeriod "2013"^^xsd:gYear ;
    vises:perimeter <https://w3id.org/vises/code/perimeter/insee-ess> ;
    vises:family <https://w3id.org/vises/code/family/total> ;
    vises:publication <publication/{name}> ;
    qb:measureType vises:enterpriseCount ; vises:enterpriseCount {number} ;
    sdmx-attribute:unitMeasure unit:NUM ; {more} .
"""


FIGURES = (
    "<graph/g> a qb:DataSet ; qb:structure vises:RegionalFigureStructure ."
    + figure("first", 16710, "sdmx-attribute:obsStatus sdmx-code:obsStatus-A")
    + figure("invented", 3, "vises:fictitious true ; skos:note 'Made up' , 'by us'")
    + figure("later", 18120, "prov:wasRevisionOf <figure/first> ; skos:note 'Revu'@fr")
)


def test_what_one_must_know_of_a_number_stands_beside_it(tmp_path: Path) -> None:
    plain, sdmx, _ = written(tmp_path, FIGURES)
    names = ("OBS_VALUE", "fictitious", "note", "note_fr", "wasRevisionOf")
    wanted = [
        ("16710", "", "", "", ""),
        ("3", "true", "Made up\nby us", "", ""),
        ("18120", "", "", "Revu", f"{BASE}figure/first"),
    ]
    assert [tuple(row[name] for name in names) for row in plain] == wanted
    names = ("OBS_VALUE", "FICTITIOUS", "COMMENT_OBS", "COMMENT_OBS_FR", "REVISION_OF")
    assert [tuple(row[name] for name in names) for row in sdmx] == wanted


def test_what_csvw_makes_of_notes_and_revisions_is_in_the_graph(tmp_path: Path) -> None:
    plain, _, schema = written(tmp_path, FIGURES)
    made = as_rdf(plain, schema)
    assert made <= in_graph(FIGURES)
    told = {predicate for _, predicate, _ in made}
    assert {PREFIXES["skos"] + "note", PREFIXES["prov"] + "wasRevisionOf"} <= told
    left = {predicate for _, predicate, _ in in_graph(FIGURES) - made}
    assert left == {
        f"{PREFIXES['rdf']}type",
        f"{PREFIXES['qb']}structure",
        f"{PREFIXES['qb']}dataSet",
    }


def test_csvw_makes_nothing_of_a_text_with_a_direction_which_it_cannot_say(tmp_path: Path) -> None:
    turtle = FIGURES + figure("noted", 7, 'skos:note "x"@ar , "y"@ar--rtl')
    plain, sdmx, schema = written(tmp_path, turtle)
    (row,) = (row for row in plain if row["OBS_VALUE"] == "7")
    assert (row["note_ar"], row["note_ar__rtl"]) == ("x", "y")
    assert {"COMMENT_OBS_AR", "COMMENT_OBS_AR__RTL"} <= sdmx[0].keys()
    assert as_rdf(plain, schema) <= in_graph(turtle)


@pytest.mark.parametrize("iri", ["https://a.example/2024/", "https://a.example/", "urn:isbn:1"])
def test_an_iri_without_a_last_part_stands_whole(tmp_path: Path, iri: str) -> None:
    """The cell was empty: all of the IRI was taken for what the codes of the column begin with."""
    turtle = "<graph/g> a qb:DataSet ; qb:structure vises:RegionalFigureStructure ."
    turtle += figure("one", 1, "").replace("<publication/one>", f"<{iri}>")
    plain, sdmx, schema = written(tmp_path, turtle)
    assert (plain[0]["publication"], sdmx[0]["PUBLICATION"]) == (iri, iri)
    assert as_rdf(plain, schema) <= in_graph(turtle)


@pytest.mark.parametrize(
    "notes",
    [
        ["two\nlines", "one line"],
        ["with a line\n---\nof hyphens", "one line"],
        ["\nends in lines\n", "-- hyphens -----", "---\n"],
    ],
)
def test_a_note_with_line_breaks_stays_what_it_is(tmp_path: Path, notes: list[str]) -> None:
    said = "skos:note " + " , ".join(json.dumps(note) for note in notes)
    turtle = FIGURES + figure("noted", 7, said)
    plain, sdmx, schema = written(tmp_path, turtle)
    made = as_rdf(plain, schema)
    assert made <= in_graph(turtle)
    told = {value.value for _, predicate, value in made if predicate.endswith("#note")}
    assert told == {*notes, "Made up", "by us", "Revu"}
    assert sdmx[2]["COMMENT_OBS"] == plain[2]["note"], "in the order of the figures' names"
