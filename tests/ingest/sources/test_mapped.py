"""Tables with a mapping of an observatory's own: joined, checked, counted, and ingested again."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from vises.errors import BadInput, VisesError
from vises.ingest.enough import NothingInScope
from vises.ingest.parts import write_parts
from vises.ingest.quarantine import Threshold
from vises.ingest.report import FileCounts
from vises.ingest.source import WrongFiles
from vises.ingest.sources import SOURCES, mapped
from vises.namespaces import VOCABULARY_BASE as BASE
from vises.progress import Silence

if TYPE_CHECKING:
    from collections.abc import Callable

House = Any

ORGANISATION = "http://www.w3.org/ns/org#organization"
EXAMPLE = Path(mapped.__file__).parent
FEDERATIONS = "code,id,name\nS,saw-b,SAW-B\nC,concertes,ConcertES\n"
MEMBERS = """\
siren,name,federation,since
000000018,Un,S,2020-05-04
000000026,Deux,C,
000000018,Un,C,
000000034,Trois,S,2020-02-30
000000035,Quatre,S,
000000018,Un,S,
000000042,,S,
"""
QUIET = """
@prefix rml: <http://w3id.org/rml/> .
<#a> a rml:TriplesMap ;
    rml:logicalSource [ rml:source [ rml:path "a.csv" ] ; rml:referenceFormulation rml:CSV ] ;
    rml:subjectMap [ rml:template "a/{id}" ] ;
    rml:predicateObjectMap [ rml:predicate <p> ; rml:objectMap [
        rml:parentTriplesMap <#b> ; rml:joinCondition [ rml:child "b" ; rml:parent "id" ] ] ] .
<#b> a rml:TriplesMap ;
    rml:logicalSource [ rml:source [ rml:path "b.csv" ] ; rml:referenceFormulation rml:CSV ] ;
    rml:subjectMap [ rml:reference "iri" ] .
"""
TITLE = "title: {fr: T, nl: T, en: T}\n"


def test_two_files_of_one_name_are_refused(
    house: House, given: list[Path], write: Callable[[str, str], Path]
) -> None:
    description, members, federations = given
    again = write(f"december/{members.name}", MEMBERS)
    with pytest.raises(WrongFiles, match=rf"Two files have the name '{members.name}'"):
        house.ingest("mapped", description, members, again, federations)


@pytest.fixture
def given(tmp_path: Path, write: Callable[[str, str], Path]) -> list[Path]:
    """Return the description of the example, and tables for it."""
    for name in ("example.yml", "mapping.ttl"):
        shutil.copy(EXAMPLE / name, tmp_path / name)
    members = write("members-2026-11.csv", MEMBERS)
    return [tmp_path / "example.yml", members, write("federations.csv", FEDERATIONS)]


def test_rows_are_joined_checked_and_counted(strict_house: House, given: list[Path]) -> None:
    report = strict_house.ingest("mapped", *given, max_refused=Threshold(rows=4))
    assert report.files == (
        FileCounts("members-2026-11.csv", 7, 3, 4, {}),
        FileCounts("federations.csv", 2, 2, 0, {}),
    )
    assert strict_house.ask(f"SELECT ?m ?o {{ ?m <{ORGANISATION}> ?o }}") == [
        (f"{BASE}membership/fr-000000018-C", f"{BASE}organisation/concertes"),
        (f"{BASE}membership/fr-000000018-S", f"{BASE}organisation/saw-b"),
        (f"{BASE}membership/fr-000000026-C", f"{BASE}organisation/concertes"),
    ]
    assert report.quarantine
    listed = (json.loads(line) for line in Path(report.quarantine).read_text().splitlines())
    assert [(each["line"], each["column"], each["rule"]) for each in listed] == [
        (5, "since", "date"),
        (6, "siren", "siren-check-digit"),
        (7, "siren, federation", "duplicate"),
        (8, "name", "required"),
    ]
    again = strict_house.ingest("mapped", *given, max_refused=Threshold(rows=4))
    assert again.unchanged
    given[1].write_text(MEMBERS.replace("000000026,Deux,C", "000000026,Deux,S"))
    changed = strict_house.ingest("mapped", *given, max_refused=Threshold(rows=4))
    release = strict_house.releases.current()
    assert release is not None
    assert changed.release == release.id
    assert release.changes[f"{BASE}graph/mapped"] == (4, 4)  # one membership in place of another


def test_a_table_without_rows_takes_nothing_away_unless_it_may(
    house: House, given: list[Path]
) -> None:
    house.ingest("mapped", *given, max_refused=Threshold(rows=4))
    given[1].write_text(MEMBERS.partition("\n")[0] + "\n", encoding="utf-8")
    with pytest.raises(NothingInScope, match=r"Of members\.csv no row is left: 0 were read") as e:
        house.ingest("mapped", *given)
    assert e.value.place == "members-2026-11.csv"
    assert house.published == ["000002"]
    said = given[0].read_text("utf-8")
    given[0].write_text(said.replace("files: members*", "files: members*\n    optional: true"))
    assert [file.published for file in house.ingest("mapped", *given).files] == [0, 2]


def test_a_table_of_which_all_rows_are_refused_takes_nothing_away(
    house: House, given: list[Path]
) -> None:
    given[1].write_text("siren,name,federation\nx,Un,S\n", encoding="utf-8")
    with pytest.raises(NothingInScope, match="1 were read, and 1 refused") as caught:
        house.ingest("mapped", *given, max_refused=Threshold(rows=1))
    assert "vises quarantine show mapped" in str(caught.value.remedy)


@pytest.fixture
def quiet(write: Callable[[str, str], Path]) -> list[Path]:
    """Return two tables that say nothing but together, and what they are ingested with."""
    write("map.ttl", QUIET)
    said = write("said.yml", f"{TITLE}mapping: map.ttl\ntables: {{a.csv: {{}}, b.csv: {{}}}}\n")
    a = write("a.csv", "id,b\n1,x\n2,x\n3,none\n4,\n5,y\n6,bad\n")
    b = write(
        "b.csv",
        "id,iri\nx,http://e.example/x\ny,http://e.example/y\ny,http://e.example/z\n"
        "bad,two words\nalone,http://e.example/alone\n",
    )
    return [said, a, b]


QUIET_COUNTS = (
    FileCounts("a.csv", 6, 3, 0, {"nothing that the mapping states": 3}),
    FileCounts("b.csv", 5, 3, 1, {"nothing that the mapping states": 1}),
)
QUIET_QUADS = {("1", "x"), ("2", "x"), ("5", "y"), ("5", "z")}


@pytest.mark.parametrize(
    "more", [{}, {"processes": 2, "piece_bytes": 8}, {"processes": 1, "piece_bytes": 8}]
)
def test_a_row_is_published_where_it_says_something_with_another_one(
    house: House, quiet: list[Path], more: dict[str, int]
) -> None:
    report = house.ingest("mapped", *quiet, max_refused=Threshold(rows=1), **more)
    assert report.files == QUIET_COUNTS
    found = house.ask(f"SELECT ?a ?b {{ ?a <{BASE}p> ?b }}")
    assert {(a.rpartition("/")[2], b.rpartition("/")[2]) for a, b in found} == QUIET_QUADS


def test_a_column_has_the_limits_that_its_description_gives(
    house: House, quiet: list[Path]
) -> None:
    limits = (
        "mapping: map.ttl\ntables: {a.csv: {columns: {id: {type: number, minimum: 2}}}, b.csv: }"
    )
    quiet[0].write_text(TITLE + limits + "\n", encoding="utf-8")
    report = house.ingest("mapped", *quiet, max_refused=Threshold(rows=2))
    assert report.quarantine
    first, _ = map(json.loads, Path(report.quarantine).read_text().splitlines())
    assert (first["line"], first["rule"]) == (2, "range")
    assert first["sentence"]["nl"] == "De waarde van id is niet mogelijk: ze moet ≥ 2 zijn."


def rules_of(house: House, quiet: list[Path], column: str, key: str, cells: str) -> list[str]:
    """Return the rules that the rows of a table break whose column `id` has such cells."""
    columns = f"mapping: map.ttl\ntables: {{a.csv: {{{key}columns: {{id: {column}}}}}, b.csv: }}\n"
    quiet[0].write_text(TITLE + columns, encoding="utf-8")
    quiet[1].write_text("id,b\n" + "".join(f"{cell},1\n" for cell in cells.split(" ")), "utf-8")
    with pytest.raises(NothingInScope):
        house.ingest("mapped", *quiet, max_refused=Threshold(share=1))
    (kept,) = (house.data / "quarantine").rglob("*.jsonl")
    told = map(json.loads, kept.read_text("utf-8").splitlines())
    return [each["rule"] for each in told if each["file"] == quiet[1].name]


@pytest.mark.parametrize("column", ["{}", "{rule: siren-check-digit}"])
def test_rows_without_a_key_have_none_in_common(
    house: House, quiet: list[Path], column: str
) -> None:
    found = rules_of(house, quiet, column, "key: id, ", "000000018  000000018 ")
    assert found == ["required", "duplicate", "required"]


@pytest.mark.parametrize("least", ["01-02-2020", "2020-02-01"])
def test_the_limit_of_a_day_may_be_written_as_the_cells_are(
    house: House, quiet: list[Path], least: str
) -> None:
    column = f'{{type: date, format: "%d-%m-%Y", minimum: {least}}}'
    assert rules_of(house, quiet, column, "", "31-01-2020 01-02-2020") == ["range"]


def test_what_a_term_should_be_is_told_in_each_language(house: House, quiet: list[Path]) -> None:
    report = house.ingest("mapped", *quiet, max_refused=Threshold(rows=1))
    assert report.quarantine
    (refused,) = map(json.loads, Path(report.quarantine).read_text().splitlines())
    assert (refused["line"], refused["column"], refused["rule"]) == (5, "iri", "term")
    assert refused["sentence"]["nl"].endswith("geen RDF-term worden gemaakt; verwacht: IRI.")
    assert refused["sentence"]["fr"].endswith("attendu\u00a0: IRI.")


def test_joined_statements_are_among_the_parts(
    house: House, quiet: list[Path], tmp_path: Path
) -> None:
    options = house.options("d", max_refused=Threshold(rows=1))
    manifest = write_parts(SOURCES["mapped"], quiet, tmp_path / "parts", options, Silence())
    assert manifest["quads"] == sum(part["quads"] for part in manifest["parts"]) == 4
    assert [row["published"] for row in manifest["rows"]] == [3, 3]


@pytest.mark.parametrize(
    ("said", "mapping", "message"),
    [
        ("mapping: ../map.ttl", QUIET, "line 2, column 10.* a file in the same folder"),
        ("mapping: none.ttl", QUIET, "There is no file 'none.ttl' beside this one"),
        ("mapping: map.ttl\ntables: {a.csv: {}}", QUIET, "reads 'b.csv', and nothing is said"),
        ("mapping: map.ttl\ntables: {a: {}}", QUIET, "reads no source 'a'. It reads 'a.csv'"),
        (
            "mapping: map.ttl\ntables: {a.csv: {key: x}, b.csv: }",
            QUIET,
            "There is no column 'x'. Use one of: b, id",
        ),
        (
            'mapping: map.ttl\ntables: {a.csv: {columns: {id: {pattern: "["}}}, b.csv: }',
            QUIET,
            "It is no regular expression",
        ),
        (
            "mapping: map.ttl\ntables: {a.csv: {columns: {id: {minimum: 1}}}, b.csv: }",
            QUIET,
            "Only numbers, years and dates have limits. Add type: date",
        ),
        (
            "mapping: map.ttl\ntables: {a.csv: {columns: {id: {type: year, maximum: 1}}}, b.csv: }",
            QUIET,
            "'1' is not of the type year. Write it as in the cells: 2024",
        ),
        *(
            (
                f"mapping: map.ttl\ntables: {{a.csv: {{columns: {{id: {{{c}}}}}}}, b.csv: }}",
                QUIET,
                m,
            )
            for c, m in (
                ("type: year, minimum: 2020, maximum: 2019", "It is above the maximum 2019"),
                ("type: number, enum: [1, a]", "'a' cannot be a value of this column.*number"),
                ("enum: []", "What is empty is no rule"),
                ('pattern: ""', "What is empty is no rule"),
                ('format: "%d-%m-%Y"', "Only a date has this format. Add type: date"),
                (
                    'type: date, format: "%d-%m-%Y", maximum: 2020',
                    "'2020' is not of the type date. Write it as in the cells: 14-03-2005",
                ),
            )
        ),
        (
            "mapping: map.ttl\ntables: {a.csv: {columns: {asOf: }}, b.csv: }",
            QUIET,
            "'asOf' is what every row of a batch has",
        ),
        (
            "mapping: map.ttl\ntables: {a.csv: , b.csv: }",
            QUIET.replace('"a/{id}"', '"a/{id}" ; rml:graph <g>'),
            "The mapping names a graph",
        ),
        (
            "mapping: map.ttl\ntables: {a.csv: , b.csv: }",
            QUIET.replace("CSV", "JSONPath"),
            "is read by JSONPath; an ingest reads tables",
        ),
    ],
)
def test_descriptions_that_are_wrong(
    house: House, quiet: list[Path], said: str, mapping: str, message: str
) -> None:
    (quiet[0].parent / "map.ttl").write_text(mapping, encoding="utf-8")
    text = said if "tables:" in said else f"{said}\ntables: {{a.csv: , b.csv: }}"
    quiet[0].write_text(f"{TITLE}{text}\n", encoding="utf-8")
    with pytest.raises(VisesError, match=message):
        house.ingest("mapped", *quiet)


def test_the_description_and_the_tables_are_asked_for(house: House, quiet: list[Path]) -> None:
    with pytest.raises(BadInput, match=r"There is no description .* Give the description first"):
        house.ingest("mapped", *quiet[1:])
    with pytest.raises(BadInput, match=r"There is no table .* a\.csv, b\.csv behind"):
        house.ingest("mapped", quiet[0])
    with pytest.raises(BadInput, match=r"The file of b\.csv is not among them"):
        house.ingest("mapped", *quiet[:2])
