"""Statistical tables: wide or long, CSV or Excel, and a description that says what they count."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import Workbook

from tests.ingest.sources.samples.table import write_sample
from vises.errors import BadInput
from vises.ingest.corrections import Corrections, NotCorrectable
from vises.ingest.quarantine import Threshold
from vises.ingest.rules import Refusal
from vises.ingest.source import WrongFiles
from vises.ingest.sources import SOURCES
from vises.ingest.sources.table.description import read_description
from vises.ingest.sources.table.numbers import NumberFormat, Read
from vises.ingest.sources.table.template import template
from vises.ingest.tables.table import BadTable
from vises.ingest.yamlfile import BadDescription

if TYPE_CHECKING:
    from vises.ingest.report import IngestReport

House = Any
"""The class in conftest.py, which a test module cannot import."""

Write = Callable[[str, str], Path]
CUBE = "PREFIX qb: <http://purl.org/linked-data/cube#> "
FIGURES = "https://w3id.org/vises/figure/a-source/"
LONG = """\
title: {fr: T, nl: T, en: T}
source: {id: a-source}
constants: {measure: jobCount, perimeter: insee-ess}
dimensions:
  area: {column: Région, codes: {Wallonie: BE3}}
  period: {column: Année}
  family: {column: Famille, codes: {toutes: total}}
  note: {column: Remarque}
values: [{column: Emplois}]
"""
TABLE = "Région,Année,Famille,Emplois,Remarque\nWallonie,2021,toutes,1200,vu\nFRE,2021,mutual,7,\n"


def refused(report: IngestReport) -> list[tuple[int, str, str]]:
    lines = Path(report.quarantine).read_text("utf-8").splitlines() if report.quarantine else []
    return [(e["line"], e["column"], e["rule"]) for e in map(json.loads, lines)]


def values(house: House) -> list[tuple[str, ...]]:
    return house.ask(CUBE + "SELECT ?f ?v { ?f qb:measureType ?m ; ?m ?v }")


def test_a_long_table(house: House, write: Write) -> None:
    report = house.ingest("table", write("d.yml", LONG), write("t.csv", TABLE))
    assert values(house) == [
        (f"{FIGURES}BE3-2021-insee-ess-total-jobCount", "1200"),
        (f"{FIGURES}FRE-2021-insee-ess-mutual-jobCount", "7"),
    ]
    assert house.ask(
        "SELECT ?n { ?f a vises:RegionalFigure ; <http://www.w3.org/2004/02/skos/core#note> ?n }"
    ) == [("vu",)]
    assert [f.rows_in for f in report.files] == [2]


def test_a_note_may_be_in_several_languages(house: House, write: Write) -> None:
    described = LONG.replace(
        "note: {column: Remarque}", "note_fr: {column: Remarque}\n  note_nl: {column: Opmerking}"
    )
    header, *rows = TABLE.splitlines()
    table = "\n".join((f"{header},Opmerking", f"{rows[0]},gezien", f"{rows[1]},"))
    house.ingest("table", write("d.yml", described), write("t.csv", table + "\n"))
    notes = """SELECT ?n (LANG(?n) AS ?l) {
        ?f a vises:RegionalFigure ; <http://www.w3.org/2004/02/skos/core#note> ?n }"""
    assert sorted(house.ask(notes)) == [("gezien", "nl"), ("vu", "fr")]


def test_the_sample_passes_the_gate_and_its_defects_are_found_once(
    strict_house: House, tmp_path: Path
) -> None:
    sample = write_sample(tmp_path / "s")
    report = strict_house.ingest("table", *sample.files, max_refused=Threshold(rows=9))
    found = sorted((line, rule) for line, _, rule in refused(report))
    assert found == sorted((d.line, d.rule) for d in sample.defects)
    assert (report.violations, report.warnings) == (0, 0)
    for counts in report.files:
        out = counts.published + counts.quarantined + sum(counts.out_of_scope.values())
        assert counts.rows_in == out
    assert report.files[1].out_of_scope == {"a cell marked as missing": 1}


def test_the_column_is_named_as_the_table_names_it(house: House, write: Write) -> None:
    table = (
        TABLE + "Atlantide,2021,toutes,5,\nWallonie,MMXX,toutes,5,\nWallonie,2021,mutual,many,\n"
    )
    files = write("d.yml", LONG), write("t.csv", table)
    report = house.ingest("table", *files, max_refused=Threshold(rows=3))
    assert refused(report) == [
        (4, "Région", "unknown-code"),
        (5, "Année", "year"),
        (6, "Emplois", "written-number"),
    ]


def test_a_suppressed_cell_never_shows_its_number(strict_house: House, write: Write) -> None:
    described = LONG.replace("{id: a-source}", PUBLICATION)
    described += 'flags: {"s": dominance, (p): provisional}\n'
    table = TABLE.replace("1200", "98765 s").replace(",7,", ",7 (p),")
    strict_house.ingest("table", write("d.yml", described), write("t.csv", table))
    assert strict_house.ask(
        CUBE
        + "SELECT ?s ?m ?r { ?s a vises:Suppression ; vises:disclosureRule ?r ; qb:measureType ?m }"
    ) == [
        (
            f"{FIGURES}BE3-2021-insee-ess-total-jobCount",
            "https://w3id.org/vises/ontology#jobCount",
            "https://w3id.org/vises/code/disclosure-rule/dominance",
        )
    ]
    assert strict_house.ask("SELECT ?s { ?s ?p ?o FILTER(CONTAINS(STR(?o), '98765')) }") == []
    status = "<http://purl.org/linked-data/sdmx/2009/attribute#obsStatus>"
    assert strict_house.ask(f"SELECT ?s {{ ?f {status} ?s }}") == [
        ("http://purl.org/linked-data/sdmx/2009/code#obsStatus-P",)
    ]


PUBLICATION = (
    "{id: a-source, title: A title, language: en, publisher: somebody, publisher_name: Somebody,"
    " issued: 2024-05-01, page: 'https://example.org/p'}"
)


def test_the_description_describes_the_publication(strict_house: House, write: Write) -> None:
    described = LONG.replace("{id: a-source}", PUBLICATION)
    described += "licence: https://creativecommons.org/licenses/by/4.0/\n"
    report = strict_house.ingest("table", write("d.yml", described), write("t.csv", TABLE))
    assert report.files[0].file == "d.yml (source)"
    assert strict_house.ask(
        """SELECT ?t ?d ?n { ?p a vises:Publication ; dcterms:title ?t ; dcterms:issued ?d ;
            dcterms:publisher/skos:prefLabel ?n }"""
    ) == [("A title", "2024-05-01", "Somebody")]


def test_a_table_may_revise_another(house: House, write: Write) -> None:
    files = write("d.yml", LONG + "revision_of: older\n"), write("t.csv", TABLE)
    house.ingest("table", *files)
    assert house.ask("SELECT ?old { ?f prov:wasRevisionOf ?old }") == [
        (f"{FIGURES[:-9]}older/{cell}-jobCount",)
        for cell in ("BE3-2021-insee-ess-total", "FRE-2021-insee-ess-mutual")
    ]


def test_a_wide_sheet_with_titles_above_years_as_numbers_and_notes_below(
    house: House, tmp_path: Path, write: Write
) -> None:
    book = Workbook()
    book.active.title = "Lisez-moi"
    sheet = book.create_sheet("Tableau 2")
    for row in (
        ["Tableau 2 : parts"],
        [],
        ["Région", 2020, 2021, "", ""],
        ["Wallonie", 10.7, "11,2 (e)"],
        ["Flandre", None, 12],
        ["Source : nous"],
    ):
        sheet.append(row)
    path = tmp_path / "t.xlsx"
    book.save(path)
    described = """
title: {fr: T, nl: T, en: T}
source: {id: a-source}
sheet: Tableau 2
header: 3
last: 5
decimal: ","
flags: {(e): estimated}
missing: ""
constants: {measure: shareOfSalariedEmployment, perimeter: insee-ess, family: total}
dimensions: {area: {column: Région, codes: {Wallonie: BE3, Flandre: BE2}}}
values: [{column: 2020, period: 2020}, {number: 3, period: 2021}]
"""
    report = house.ingest("table", write("d.yaml", described), path)
    assert [value for _, value in values(house)] == ["12", "10.7", "11.2"]
    assert report.files[0].out_of_scope == {"a cell marked as missing": 1}
    assert report.files[0].file == "t.xlsx/Tableau 2"


def test_thousands_and_two_measures_side_by_side(house: House, write: Write) -> None:
    described = """
title: {fr: T, nl: T, en: T}
source: {id: a-source}
decimal: ","
thousands: " "
constants: {perimeter: insee-ess, period: 2021, area: FRE}
dimensions: {family: {column: f}, sector: {column: s}}
values:
  - {column: jobs, measure: jobCount, factor: 1000}
  - {column: fte, measure: fullTimeEquivalents}
"""
    house.ingest(
        "table", write("d.yml", described), write("t.csv", "f;s;jobs;fte\ntotal;Q;1 210,8;5,25\n")
    )
    assert [value for _, value in values(house)] == ["5.25", "1210800"]
    assert house.ask(CUBE + "SELECT DISTINCT ?s { ?d qb:structure ?s }") == [
        ("https://w3id.org/vises/ontology#SectorFigureStructure",)
    ]


@pytest.mark.parametrize(
    ("old", "new", "place", "said"),
    [
        ("title: {fr: T, nl: T, en: T}", "title: {fr: T, nl: T}", "line 1, column 8", "'en'"),
        ("id: a-source", "id: A source", "line 2, column 14", "'A source'"),
        ("measure: jobCount", "measure: jobs", "line 3, column 22", "'jobs'"),
        ("perimeter: insee-ess", "perimetre: x", "line 3, column 43", "'perimetre'"),
        (", perimeter: insee-ess", "", "line 1, column 1", "perimeter of column 1"),
        ("column: Famille", "colum: Famille", "line 7, column 19", "'colum'"),
        ("column: Famille,", "", "line 7, column 11", "column and number"),
        ("values: [{column: Emplois}]", "values: []", "line 9, column 9", "No column"),
        ("values: [{column: Emplois}]", "values: [", "line 10, column 1", "not valid YAML"),
        ("{column: Emplois}", "{column: Emplois, area: BE3}", "line 1, column 1", "two ways"),
        ("{column: Emplois}", "{column: Emplois, column: x}", "line 9, column 28", "comes twice"),
        ("jobCount", "!!python/object:os.system x", "line 3, column 22", "not supported"),
        ("jobCount", "!os x", "line 3, column 22", "not supported"),
        ("{id: a-source}", "&a {id: *a}", "line 2", "alias"),
        ("{id: a-source}", "{id: a, title: T}", "line 2, column 9", "'language'"),
        ("source:", "decimal: ','\nthousands: ','\nsource:", "line 1", "same sign"),
        ("Année}", "Année, codes: {x: 9999}}", "line 6, column 38", "no year from 1900 to 2100"),
        ("source:", "header: 0\nsource:", "line 2, column 9", "from 1"),
        ("source:", "flags: {'5': provisional}\nsource:", "line 2", "told from a number"),
    ],
)
def test_a_wrong_description_is_refused_with_its_place(  # noqa: PLR0913, PLR0917 (the case)
    house: House, write: Write, old: str, new: str, place: str, said: str
) -> None:
    assert old in LONG
    files = write("d.yml", LONG.replace(old, new)), write("t.csv", TABLE)
    with pytest.raises(BadDescription) as refusal:
        house.ingest("table", *files)
    assert place in (refusal.value.place or "")
    assert said in f"{refusal.value.detail} {refusal.value.remedy}"
    assert refusal.value.remedy
    assert not house.published


@pytest.mark.parametrize("text", ["", "[" * 20000, "\x00", "a: b: c", "- 1\n" * 300_000])
def test_what_is_no_description(write: Write, text: str) -> None:
    with pytest.raises(BadDescription):
        read_description(write("d.yml", text))


def test_what_the_table_lacks_is_told(house: House, write: Write) -> None:
    described = write("d.yml", LONG)
    with pytest.raises(BadTable, match="'Famille'") as refusal:
        house.ingest("table", described, write("t.csv", TABLE.replace("Famille", "Sorte")))
    assert "line 1" in str(refusal.value.place)
    with pytest.raises(BadTable, match="twice"):
        house.ingest("table", described, write("t.csv", TABLE.replace("Remarque", "Famille")))
    with pytest.raises(BadTable, match="or the table ends above it") as refusal:
        house.ingest("table", described, write("t.csv", ""))
    nine = write("n.yml", LONG.replace("column: Emplois", "number: 9"))
    with pytest.raises(BadTable, match="column 9"):
        house.ingest("table", nine, write("t.csv", TABLE))


def test_which_files_it_takes(house: House, write: Write) -> None:
    described, table = write("d.yml", LONG), write("t.csv", TABLE)
    for files in ([table], [described], [described, table, table], [described, described, table]):
        with pytest.raises(WrongFiles, match="descriptions"):
            house.ingest("table", *files)
    with pytest.raises(WrongFiles, match="not JSON"):
        house.ingest("table", described, write("t.json", "[]"))
    with pytest.raises(WrongFiles, match="no sheet"):
        house.ingest("table", write("s.yml", LONG + "sheet: Other\n"), table)
    with pytest.raises(BadInput):
        house.ingest("table", described, write("x.xlsx", "no workbook"))


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("1 234,5", Read("1234.5")),
        ("1234,5", Read("1234.5")),
        ("1\u202f234,5", Read("1234.5")),
        ("1\u00a0234\u2009567", Read("1234567")),
        ("1'234", "written-number"),
        ("-3", Read("-3")),
        ("12 (p)", Read("12", "P")),
        ("p12", Read("12", "P")),
        ("10,7 % (p)", Read("10.7", "P")),
        ("10,7 %", Read("10.7")),
        ("3 % (p) (s)", Read(rule="dominance")),
        ("(s)", Read(rule="dominance")),
        ("5 (s)", Read(rule="dominance")),
        ("n.d.", Read()),
        ("", "required"),
        ("(p)", "required"),
        ("12.5", "written-number"),
        ("12 34", "written-number"),
        ("1,2,3", "written-number"),
        ("١٢", "written-number"),
        ("=1+1", "written-number"),
    ],
)
def test_numbers(text: str, read: Read | str) -> None:
    flags = {"(p)": "provisional", "p": "provisional", "(s)": "dominance", "%": "normal"}
    found = NumberFormat(",", " ", frozenset({"n.d."}), flags).read(text, 1)
    assert (found if isinstance(read, Read) else found.rule) == read  # type: ignore[union-attr]


def test_an_apostrophe_stands_for_the_other() -> None:
    swiss = NumberFormat(".", "'", frozenset(), {})
    assert swiss.read("1\u2019234.5", 1) == Read("1234.5")
    plain = NumberFormat(".", "", frozenset(), {})
    assert plain.read("1234.5", 1) == Read("1234.5")
    assert isinstance(plain.read("1 234", 1), Refusal)


@pytest.mark.parametrize("text", ["210.800", "-1,234", "1.000 (p)"])
def test_what_may_be_thousands_is_refused_unless_the_description_says_its_sign(text: str) -> None:
    flags = {"(p)": "provisional"}
    silent = NumberFormat(".", "", frozenset(), flags, declares_signs=False).read(text, 1000)
    assert silent == Refusal("grouped-number", "", text, "")


@pytest.mark.parametrize("text", ["210.80", "0.125", "2100.800", "210800", "12.3450"])
def test_what_can_be_read_in_one_way_needs_no_declaration(text: str) -> None:
    silent = NumberFormat(".", "", frozenset(), {}, declares_signs=False)
    assert silent.read(text, 1) == Read(text)


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ('decimal: "."\n', "210.8"),
        ('thousands: " "\n', "210.8"),
        ('decimal: ","\nthousands: "."\n', "210800"),
    ],
)
def test_a_declared_sign_decides_for_every_cell(
    house: House, write: Write, said: str, value: str
) -> None:
    described = LONG.replace("jobCount", "fullTimeEquivalents")
    table = TABLE.replace(",1200,", ',"210.800",')
    silent = write("s.yml", described), write("s.csv", table)
    report = house.ingest("table", *silent, max_refused=Threshold(rows=1))
    assert refused(report) == [(2, "Emplois", "grouped-number")]
    house.ingest("table", write("d.yml", described + said), write("t.csv", table))
    assert [found for _, found in values(house)] == [value, "7"]


def test_a_number_of_a_workbook_is_not_ambiguous_but_its_text_is(
    house: House, tmp_path: Path, write: Write
) -> None:
    book = Workbook()
    for row in (
        ["Région", "Année", "Famille", "Emplois", "Remarque"],
        ["Wallonie", 2021, "toutes", 210.805, None],
        ["FRE", 2021, "mutual", "210.805", None],
    ):
        book.active.append(row)
    book.save(tmp_path / "t.xlsx")
    described = write("d.yml", LONG.replace("jobCount", "fullTimeEquivalents"))
    report = house.ingest("table", described, tmp_path / "t.xlsx", max_refused=Threshold(rows=1))
    assert refused(report) == [(3, "Emplois", "grouped-number")]
    assert [value for _, value in values(house)] == ["210.805"]


def test_a_value_that_no_figure_has_is_refused_by_the_title_of_its_column(
    strict_house: House, write: Write
) -> None:
    table = TABLE.replace(",7,", ",-7,")
    files = write("d.yml", LONG.replace("{id: a-source}", PUBLICATION)), write("t.csv", table)
    report = strict_house.ingest("table", *files, max_refused=Threshold(rows=1))
    assert refused(report) == [(3, "Emplois", "range")]
    assert [value for _, value in values(strict_house)] == ["1200"]


PERCENTAGES = """
title: {fr: T, nl: T, en: T}
source: {id: a-source}
constants: {measure: shareOfSalariedEmployment, perimeter: insee-ess, family: total}
dimensions: {area: {column: area}}
values: [{column: share, period: 2021}]
"""


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("", []),
        ('flags: {"%": normal}\n', ["11.2", "12.345"]),
        ('flags: {"%": normal}\ndecimal: ","\n', ["11.2", "12.345"]),
        ("factor: 100", ["11.2", "12.345"]),
        ('factor: 100\nflags: {"%": normal}\n', ["11.2", "12.345"]),
    ],
)
def test_a_cell_that_is_shown_as_a_percentage_is_never_read_as_a_share_of_one(
    house: House, tmp_path: Path, write: Write, said: str, read: list[str]
) -> None:
    book = Workbook()
    for row in (["area", "share"], ["BE1", 0.112], ["BE2", 0.12345], ["BE3", 7]):
        book.active.append(row)
    book.active["B2"].number_format = "0.0%"
    book.active["B3"].number_format = "0\\ %"
    book.active["B4"].number_format = '0" %"'
    book.save(tmp_path / "t.xlsx")
    factor = ", factor: 100" if said.startswith("factor") else ""
    described = PERCENTAGES.replace("2021}", f"2021{factor}}}") + said.removeprefix("factor: 100")
    if factor:
        book.active["B4"] = 0.07
        book.save(tmp_path / "t.xlsx")
    report = house.ingest(
        "table", write("d.yml", described), tmp_path / "t.xlsx", max_refused=Threshold(rows=2)
    )
    assert [value for _, value in values(house)] == [*read, "7"]
    assert [rule for _, _, rule in refused(report)] == ["written-number"] * (2 - len(read))


def test_the_error_of_a_formula_is_told_as_that(house: House, write: Write) -> None:
    files = write("d.yml", LONG), write("t.csv", TABLE.replace(",7,", ",#DIV/0!,"))
    report = house.ingest("table", *files, max_refused=Threshold(rows=1))
    assert refused(report) == [(3, "Emplois", "sheet-error")]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["1 234,5"], 'decimal: ","\nthousands: " "\n'),
        (["12,3 (p)", "210.800"], 'decimal: ","\nthousands: "."\n'),
        (["1,234.5", "12"], 'decimal: "."\nthousands: ","\n'),
        (["1.234.567"], 'decimal: ","\nthousands: "."\n'),
        (["1,234,567"], 'decimal: "."\nthousands: ","\n'),
        (["1\u202f234"], '#decimal: ","\nthousands: " "\n'),
        (["0,125"], 'decimal: ","\nthousands: " "\n'),
        (["210.800"], "#decimal: "),
        (["12,5", "12.5"], "#decimal: "),
        (["Tableau 1.2", "2024"], "#decimal: "),
    ],
)
def test_a_template_declares_the_signs_that_the_numbers_leave_no_doubt_about(
    write: Write, cells: list[str], said: str
) -> None:
    text = template(write("t.csv", "a;b;c;d;e\n" + ";".join(cells) + "\n"))
    assert f"\n{said}" in text


def test_the_same_description_and_table_again_change_nothing(house: House, write: Write) -> None:
    files = write("d.yml", LONG), write("t.csv", TABLE)
    assert not house.ingest("table", *files).unchanged
    assert house.ingest("table", *files).unchanged
    assert not house.ingest("table", write("d.yml", LONG + "#\n"), files[1]).unchanged


def test_a_template_takes_columns_of_notes_for_those_of_their_language(write: Write) -> None:
    text = template(write("t.csv", "Region;2021;Remarque;Opmerking;Note\nBE;1;;;\n"))
    for name, column in (("note_fr", "Remarque"), ("note_nl", "Opmerking"), ("note", "Note")):
        assert f'\n  {name}: {{column: "{column}"}}\n' in text


def test_a_template_finds_the_header_and_is_read_once_completed(
    house: House, write: Write, tmp_path: Path
) -> None:
    table = write("t.csv", "Tableau 1\n\nRégion;Famille;2020;2021\nWallonie;Toutes;1,5;2\n")
    text = template(table)
    assert "header: 3" in text
    assert '{column: "2021", period: 2021}' in text
    for old, new in (
        ("SOURCE-ID", "a-source"),
        ("PUBLISHER-ID", "somebody"),
        ("MEASURE", "fullTimeEquivalents"),
        ("PERIMETER", "insee-ess"),
        ('"Région", codes: {"as in the table": CODE}', '"Région", codes: {"Wallonie": BE3}'),
        ('"Famille", codes: {"as in the table": CODE}', '"Famille", codes: {"Toutes": total}'),
    ):
        assert old in text
        text = text.replace(old, new)
    report = house.ingest("table", write("d.yml", text), table)
    assert report.files[1].published == 2
    book = Workbook()
    book.active.append(["Année", "Emplois"])
    book.save(tmp_path / "b.xlsx")
    assert 'sheet: "Sheet"' in template(tmp_path / "b.xlsx")


def test_a_template_names_the_row_of_a_sheet_as_the_spreadsheet_does(tmp_path: Path) -> None:
    book = Workbook()
    for row in (["Emplois"], [], [None], ["Région", "2021", "2022"], ["Wallonie", 1, 2]):
        book.active.append(row)
    book.save(tmp_path / "b.xlsx")
    assert "\nheader: 4 " in template(tmp_path / "b.xlsx")


def test_a_template_separates_cells_as_the_ingest_does(write: Write) -> None:
    names = 'Région;"Emplois, hommes,femmes,total";Part, en %'
    data = "Hainaut;1,234,567;5.1\nNamur;1,234,568;5.2\n"
    text = template(write("t.csv", f"Emplois, parts, régions\n{names}\n{data}"))
    assert "header: 2" in text
    assert '{column: "Région"' in text
    assert '{column: "Emplois, hommes,femmes,total"}' in text
    assert '{column: "Part, en %"}' in text


@pytest.mark.parametrize("columns", [1, 2])
def test_only_a_line_that_is_one_row_can_be_corrected_in_an_export(
    write: Write, columns: int
) -> None:
    values = "values: [{column: Emplois}" + ", {number: 4, sector: Q}" * (columns - 1) + "]"
    described = LONG.replace("values: [{column: Emplois}]", values)
    files = write("d.yml", described), write("t.csv", TABLE)
    source = SOURCES["table"].of(files)
    parts = source.recognise(files)
    corrections = Corrections("x", {"t.csv": {2: {"value": "5"}}}, {})
    if columns == 1:
        (layer,) = corrections.applied(parts, source)["figures"]
        assert layer.file.corrections == {2: {"value": "5"}}
    else:
        with pytest.raises(NotCorrectable, match="Several cells"):
            corrections.applied(parts, source)
