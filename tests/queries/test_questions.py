"""The questions: a complete header, portable SPARQL, and the rows that the sources state."""

from __future__ import annotations

import asyncio
import csv
import io
import re
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import Quad, QueryResultsFormat, QuerySolutions, RdfFormat, Store
from rdflib.plugins.sparql import prepareQuery

from vises.namespaces import VOCABULARY_BASE, Iris, term
from vises.store.comparison import compare
from vises.store.engine import Answer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from vises.store.engine import QueryRequest

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "queries/questions").glob("*.rq"))
IDS = [path.stem for path in FILES]
# Asked of two releases (compare), or of other endpoints too (federated): not of one graph.
SPECIAL = {
    p.stem
    for p in FILES
    if re.search(r"^#\+ (compare|federated): true$", p.read_text("utf-8"), re.MULTILINE)
}
ASKED = [path for path in FILES if path.stem not in SPECIAL]
LANGUAGES = {"en", "fr", "nl"}
IRIS = Iris(VOCABULARY_BASE)
EXPECTED_IDS = {
    *(
        "A1",
        "A2",
        *("A3", "A4", "A5", "A6", "A7"),
        *("E1", "E2", "E3", "E4", "E5", "E6", "E7", "E8"),
        "I1",
        "I2",
        "I3",
        *("I4", "I5", "I6", "I7", "I8"),
        *("M1", "M2", "M3", "M4", "M5", "M6", "M7", "M8"),
        "S1",
        "S2",
        "S3",
        *("S4", "S5", "S6", "S7", "S8", "S9"),
    ),
}

Header = dict[str, str | list[str] | dict[str, str]]
Row = dict[str, str]


def header(text: str) -> Header:
    """Return the ``#+`` lines of a query: keys, each with a value, a list or a map."""
    found: Header = {}
    key = ""
    for line in re.findall(r"^#\+ (.*)$", text, re.MULTILINE):
        name, _, value = line.strip().removeprefix("- ").partition(": ")
        if not line.startswith(" "):
            key = name.removesuffix(":")
            found[key] = value
        elif line.startswith("  - ") and not value:
            found[key] = [*(found[key] or []), name]
        else:
            found[key] = {**(found[key] or {}), name: value}
    return found


def question(name: str) -> str:
    return (ROOT / f"queries/questions/{name}.rq").read_text(encoding="utf-8")


def asked(text: str, **parameters: str) -> str:
    """Return the query with the values of some parameters replaced, as a user would edit them."""
    for name, values in parameters.items():
        pattern = rf"VALUES \?{name} \{{[^}}]*\}}"
        assert len(re.findall(pattern, text)) == 1, f"?{name} is not a parameter"
        text = re.sub(pattern, f"VALUES ?{name} {{ {values} }}", text)
    return text


def answer(graph: Store, text: str) -> str:
    """Return the result as CSV, with the union of the named graphs as the default graph."""
    solutions = graph.query(text, use_default_graph_as_union=True)
    assert isinstance(solutions, QuerySolutions)
    return solutions.serialize(format=QueryResultsFormat.CSV).decode()


def rows(graph: Store, name: str, **parameters: str) -> list[Row]:
    text = answer(graph, asked(question(name), **parameters))
    return list(csv.DictReader(io.StringIO(text)))


def test_the_questions_of_the_first_model_are_there() -> None:
    assert set(IDS) == EXPECTED_IDS


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_header_is_complete_in_three_languages(path: Path) -> None:
    found = header(path.read_text(encoding="utf-8"))
    special = [key for key in ("compare", "federated") if found.get(key) == "true"]
    golden = [] if "federated" in special else ["expect"]
    assert list(found) == ["id", "question", "summary", "tags", "defaults", *special, *golden]
    assert found["id"] == path.stem
    assert set(found["question"]) == LANGUAGES
    assert all(text.endswith("?") for text in found["question"].values())
    assert found["summary"].endswith(".")
    assert found["tags"]
    for text in (found["summary"], *found["question"].values()):
        assert not re.search(r"^[^\w(]|: | #", text), "not a plain scalar of YAML"
    if golden:
        kind = "tsv" if special else "csv"
        assert found["expect"] == f"tests/queries/golden/{path.stem}.{kind}"


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_each_default_stands_in_the_query(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    parameters = dict(re.findall(r"^  VALUES \?(\w+) \{ (.*) \}$", text, re.MULTILINE))
    assert header(text)["defaults"] == parameters


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_query_is_standard_and_declares_what_it_uses(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    prepareQuery(text)
    body = re.sub(r"<[^>]*>|\"[^\"]*\"|^#.*$|^PREFIX.*$", "", text, flags=re.MULTILINE)
    declared = re.findall(r"^PREFIX ([\w-]+):", text, re.MULTILINE)
    assert sorted(declared) == sorted(set(re.findall(r"(?<![\w?-])([a-z][\w-]*):\w", body)))


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_query_names_no_data(path: Path) -> None:
    """The base of the data is a setting, so a query that names data works on one service only."""
    absolute = re.findall(r"<https://w3id\.org/vises/([^>]*)>", path.read_text(encoding="utf-8"))
    assert all(iri.startswith(("ontology#", "code/")) for iri in absolute)


@pytest.mark.parametrize("path", ASKED, ids=lambda path: path.stem)
def test_answer_is_the_golden_one(path: Path, graph: Store, tmp_path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    golden = ROOT / f"tests/queries/golden/{path.stem}.csv"
    found = tmp_path / golden.name
    found.write_text(answer(graph, text), encoding="utf-8", newline="\n")
    expected = golden.read_text(encoding="utf-8")
    assert found.read_text(encoding="utf-8") == expected, f"if right: cp {found} {golden}"


@pytest.mark.parametrize("language", sorted(LANGUAGES))
@pytest.mark.parametrize("name", sorted(set(IDS) - SPECIAL))
def test_every_language_gives_as_many_rows(name: str, language: str, graph: Store) -> None:
    found = rows(graph, name, language=f'"{language}"')
    assert found
    assert len(found) == len(rows(graph, name))


def test_a_language_without_labels_falls_back(graph: Store) -> None:
    assert rows(graph, "M1", language='"de"') == rows(graph, "M1")


# What the sources state


def test_m1_gives_stages_in_order_with_their_steps_and_tools(graph: Store) -> None:
    found = [row for row in rows(graph, "M1") if row["version"].endswith("/1")]
    stages = [(row["position"], row["step"]) for row in found if row["part"] == "stage"]
    assert stages == [("1", "1"), ("1", "2"), ("1", "3"), ("1", "4"), ("2", ""), ("3", "")]
    assert found[0]["label"] == "Taking stock and choosing the evaluative question"
    assert found[0]["stepLabel"] == "Becoming familiar with what is at stake in evaluation"
    assert found[4]["stepLabel"] == ""
    tools = {row["label"]: (row["position"], row["step"]) for row in found if row["part"] == "tool"}
    assert tools["Framework of analysis"] == ("1", "2")
    assert tools["Life stories"] == ("2", "")
    assert len(tools) == 6
    assert [row["position"] for row in found if row["part"] == "principle"] == list("1234")
    dutch = [row for row in rows(graph, "M1", language='"nl"') if row["version"].endswith("/1")]
    assert dutch[4]["label"] == "Gegevensverzameling"
    assert dutch[-1]["label"] == "Luisteren naar de verwachtingen van de partners"


def test_m1_gives_the_later_version_apart(graph: Store) -> None:
    found = rows(graph, "M1")
    assert {row["version"].rpartition("/")[2] for row in found} == {"1", "2"}
    later = [row for row in found if row["version"].endswith("/2") and row["part"] == "stage"]
    assert [row["position"] for row in later] == list("1234")
    assert later[0]["label"] == "Preliminary stage"


def test_m2_gives_the_last_stage_of_each_trial(graph: Store) -> None:
    found = {row["name"]: row for row in rows(graph, "M2")}
    stages = {
        name: (row["position"], bool(row["completed"]), bool(row["trialEnd"]))
        for name, row in found.items()
    }
    assert stages == {
        "LES JARDINS DE SAINT AUBRIN LES ETANGS": ("3", True, True),
        "De Kringwinkel van Druilbeke": ("3", True, True),
        "LA CRECHE DES SEPT MOULINETS": ("4", True, True),
        "La Maison de Marlouette": ("4", False, False),
        "L'EPICERIE DE MONTPELUCHE": ("2", False, False),
        "Le Théâtre de Sombrelune": ("1", False, True),
    }
    assert all(row["accompaniedBy"] for row in found.values())
    assert {row["fictitious"] for row in found.values()} == {"true"}
    assert found["L'EPICERIE DE MONTPELUCHE"]["since"] == "2026-06-01"


def test_m3_gives_numbers_and_words_side_by_side(graph: Store) -> None:
    found = rows(graph, "M3")
    kinds = {row["tool"]: row["kind"] for row in found}
    assert kinds == {
        "Surveys": "Quantitative",
        "Life stories": "Qualitative",
        "Focus groups": "Mixed",
    }
    groups = [row["respondents"] for row in found if row["tool"] == "Focus groups"]
    assert groups == ["Employees", "Partner organisations"]
    (shop,) = rows(graph, "M3", number='"0000001285"', language='"nl"')
    assert shop["question"].startswith("Wat betekent de winkel")
    assert (shop["kind"], shop["respondents"]) == ("Kwalitatief", "Omwonenden")


def test_m4_gives_what_fed_each_refinement_and_the_meeting_that_fed_none(graph: Store) -> None:
    found = rows(graph, "M4")
    real = [row for row in found if not row["fictitious"]]
    assert [(row["date"], bool(row["change"])) for row in real] == [
        ("2017-06-01", True),
        ("2017-11-23", False),
        ("2018-11-22", True),
    ]
    assert all(row["note"] for row in real if row["change"])
    invented = [(row["kind"], row["activityName"]) for row in found if row["fictitious"]]
    assert invented == [
        ("trial", "De Kringwinkel van Druilbeke"),
        ("meeting", "Example meeting in Tournai"),
    ]
    assert all(row["from"] != row["to"] for row in found if row["change"])


def test_m5_gives_the_version_taught_only_where_it_is_known(graph: Store) -> None:
    found = rows(graph, "M5")
    taught = [(row["taught"], row["start"], row["fictitious"]) for row in found]
    assert taught == [
        ("VISES method", "2025-01-21", ""),
        ("VISES method, version 1", "2025-10-07", "true"),
        ("VISES method, version 2", "2026-05-12", "true"),
    ]
    assert all(row["audience"] and row["organiser"] for row in found)
    assert [bool(row["source"]) for row in found] == [True, False, False]


def test_m6_counts_the_stages_of_the_version_that_is_followed(graph: Store) -> None:
    found = [(row["group"], row["name"]) for row in rows(graph, "M6")]
    assert found == [
        ("Collective service", "LA CRECHE DES SEPT MOULINETS"),
        ("SSE practices", ""),
        ("Social and professional integration", "De Kringwinkel van Druilbeke"),
        ("Social and professional integration", "LES JARDINS DE SAINT AUBRIN LES ETANGS"),
    ]


def test_m7_relates_every_step_of_geces_and_says_how_sure(graph: Store) -> None:
    found = rows(graph, "M7")
    assert {row["otherStep"] for row in found} == set("12345")
    assert {row["author"] for row in found} == {"VISES contributors"}
    assert all(0 < float(row["confidence"]) < 1 and row["comment"] for row in found)
    (collecting,) = (row for row in found if row["stageLabel"] == "Data collection")
    assert collecting["relation"].endswith("#broadMatch")


def test_m8_gives_five_effects_and_who_reports_them(graph: Store) -> None:
    found = rows(graph, "M8")
    assert len({row["effect"] for row in found}) == 5
    reported = {row["effect"][-1]: row["fictitious"] for row in found if row["name"]}
    assert reported == dict.fromkeys("1234", "true")
    assert [row["name"] for row in found if row["effect"].endswith("5")] == [""]


def test_s1_gives_the_jobs_of_hauts_de_france_side_by_side(graph: Store) -> None:
    found = {
        (
            row["period"],
            row["measureName"],
            row["family"],
            row["publication"].rpartition("/")[2],
        ): row
        for row in rows(graph, "S1")
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


def test_s1_finds_a_figure_of_an_earlier_vintage(graph: Store) -> None:
    found = rows(graph, "S1", area="nuts:FRE1")
    assert [(row["areaCode"], row["period"], row["value"]) for row in found] == [
        ("FR30", "2003", "23800")
    ]


def test_s2_gives_shares_by_year(graph: Store) -> None:
    shares = [(row["period"], row["share"]) for row in rows(graph, "S2")]
    assert shares == [("2014", "11.2"), ("2020", "10.8"), ("2021", "10.7")]


def test_s3_gives_each_contradiction_once(graph: Store) -> None:
    found = {
        (row["areaCode"], row["period"], row["measureName"]): (
            {row["value"], row["otherValue"]},
            row["difference"],
            row["percent"],
        )
        for row in rows(graph, "S3")
    }
    assert found == {
        ("BE", "2013", "number of enterprises"): ({"16710", "18120"}, "1410", "8.4"),
        ("BE1", "2018", "number of enterprises"): ({"4795", "4779"}, "16", "0.3"),
        ("BE3", "2018", "number of enterprises"): ({"6639", "6735"}, "96", "1.4"),
    }
    assert len(rows(graph, "S3")) == len(found)


def test_s1_gives_what_is_known_by_family_and_by_section(graph: Store) -> None:
    shares = {
        (row["period"], row["family"], row["sector"]): row["value"]
        for row in rows(graph, "S1", measure="vises:shareOfSseEmployment")
    }
    assert shares["2021", "Association", ""] == "84.7"
    assert shares["2020", "Cooperative", ""] == "9.1"
    health = "Human health and social work activities"
    assert shares["2021", "All families together", health] == "50"


def test_s4_gives_old_and_new_values_and_revised_publications(graph: Store) -> None:
    found = rows(graph, "S4")
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
    assert "50 000 jobs more" in notes["2024-10-09"]
    assert "2012-08-23" in notes


def test_s5_gives_the_breaks_and_finds_no_comparable_pair_across_them(graph: Store) -> None:
    found = rows(graph, "S5")
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


def test_s5_tells_what_compares_and_what_a_revision_replaced(graph: Store) -> None:
    counted = "vises:enterpriseCount"
    found = rows(graph, "S5", area="nuts:BE3", measure=counted, otherMeasure=counted)
    verdicts = {
        (row["period"], row["value"], row["otherPeriod"]): (row["comparable"], row["replaced"])
        for row in found
    }
    assert verdicts["2018", "6735", "2021"] == ("true", "false")
    assert verdicts["2018", "6639", "2021"] == ("false", "true")
    assert verdicts["2014", "6494", "2017"] == ("false", "false")


def test_s5_lets_a_new_code_of_the_same_area_pass(graph: Store) -> None:
    found = rows(graph, "S5", area="nuts:FRE1")
    assert ("2016", "Recoding of areas") in {(row["period"], row["reason"]) for row in found}


@pytest.mark.parametrize("area", ["FRE1", "FR30"])
def test_s6_goes_across_the_change_of_codes_from_either_side(area: str, graph: Store) -> None:
    found = {
        (row["areaCode"], row["period"], row["measureName"]): (row["value"], row["origin"])
        for row in rows(graph, "S6", area=f"nuts:{area}")
    }
    assert found["FR30", "2003", "number of establishments"] == ("23800", "published")
    assert found["FR30", "2010", "jobs per 100 000 inhabitants"] == ("3500", "published")
    assert found["FR30", "2014", "population"] == ("4076061", "sum of its parts")
    assert found["FRE1", "2017", "population"] == ("4072379", "published")
    assert found["FRE1", "2020", "population"] == ("4069913", "sum of its parts")
    assert not any("share" in measure for _, _, measure in found)


def test_s7_gives_each_suppressed_cell_with_its_rule_and_no_number(graph: Store) -> None:
    found = {row["family"]: row["ruleName"] for row in rows(graph, "S7")}
    assert found == {
        "Mutual society": "Fewer than three units",
        "Foundation": "Secondary suppression",
    }
    assert {row["fictitious"] for row in rows(graph, "S7")} == {"true"}


def test_s8_sets_each_count_against_the_latest_official_figures(graph: Store) -> None:
    found = [row for row in rows(graph, "S8") if row["areaCode"] == "BE3"]
    assert [(row["official"], row["officialPeriod"]) for row in found] == [
        ("6494", "2014"),
        ("6785", "2021"),
    ]
    assert {row["samePerimeter"] for row in found} == {"false"}
    assert {row["fictitious"] for row in found} == {"true"}
    assert {row["register"] for row in found} == {"Invented Belgian enterprises"}


def test_s9_finds_both_sides_of_the_border_near_what_desir_said(graph: Store) -> None:
    found = {(row["areaCode"], row["period"], row["measureName"]): row for row in rows(graph, "S9")}
    for area in ("FR30", "BE3"):
        stated = found[area, "2010", "jobs per 100 000 inhabitants"]
        assert (stated["perHundredThousand"], stated["origin"]) == ("3500", "stated")
    computed = found["FRE", "2021", "number of jobs"]
    assert computed["perHundredThousand"] == str(round(100_000 * 210_800 / 5_995_270))
    assert (computed["value"], computed["population"]) == ("210800", "5995270")
    assert found["BE3", "2019", "full-time equivalents"]["perHundredThousand"] == "2757"
    assert ("BE3", "2018", "full-time equivalents") not in found, "no population of that year"


def test_a1_gives_participations_and_the_counts_that_disagree(graph: Store) -> None:
    found = rows(graph, "A1")
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


def test_a2_gives_both_years_in_which_desir_is_said_to_have_begun(graph: Store) -> None:
    found = [row for row in rows(graph, "A2") if row["relation"] == "grew from"]
    assert {row["name"] for row in found} == {"DESIR"}
    assert [row["start"] for row in found] == ["2008", "2011"]
    assert rows(graph, "A2", projectName='"DESIR"')[0]["relation"] == "led to"


# What the small world states


def test_e1_gives_legal_form_and_family_and_leaves_out_what_is_not_sse(graph: Store) -> None:
    found = {row["name"]: row for row in rows(graph, "E1")}
    assert list(found) == [
        "ATELIER DES DUNES",
        "LA RUCHE DU CANAL",
        "MENUISERIE OISIENNE",
        "PASSERELLE PICARDE",
    ]
    ruche = found["LA RUCHE DU CANAL"]
    assert ruche["legalForm"] == "Declared association"
    assert ruche["activity"] == "Social work activities without accommodation"
    assert ruche["region"] == "FRE11"
    assert ruche["perimeters"] == "2"
    assert found["ATELIER DES DUNES"]["family"] == "Social enterprise"
    unknown = found["PASSERELLE PICARDE"]
    assert (unknown["legalForm"], unknown["activity"]) == ("", "")


@pytest.mark.parametrize(
    ("area", "expected"),
    [
        ("FRE", ["100000017", "000000018", "100000025", "100000041"]),
        ("FRE1", ["100000017", "000000018"]),
        ("FR30", ["100000017", "000000018"]),
        ("FR301", ["100000017", "000000018"]),
        ("FRE11", ["100000017", "000000018"]),
        ("FR22", ["100000025"]),
        ("FR", ["100000017", "000000018", "100000025", "100000041"]),
        ("BE", ["0200000043"]),
        ("FRE12", []),
    ],
)
def test_e1_knows_levels_and_vintages(area: str, expected: list[str], graph: Store) -> None:
    found = rows(graph, "E1", area=f"nuts:{area}")
    assert [row["enterprise"].rpartition("-")[2] for row in found] == expected


def test_e1_takes_several_regions_and_the_name_in_the_language_asked_for(graph: Store) -> None:
    both = rows(graph, "E1", area="nuts:FRE nuts:BE3", language='"fr"')
    assert len(both) == 5
    assert "La Cour fleurie" in {row["name"] for row in both}
    dutch = rows(graph, "E1", area="nuts:BE3", language='"nl"')
    assert [row["name"] for row in dutch] == ["Het Bloeiende Erf"]
    assert len(rows(graph, "E1", area="nuts:BE3")) == 1


def test_e2_tells_which_perimeter_says_no(graph: Store) -> None:
    found = rows(graph, "E2")
    assert [row["countsAsSse"] for row in found].count("true") == 2
    assert [row["asOf"] for row in found if row["countsAsSse"] == "false"] == ["2023-11-20"]
    assert {row["sourceTitle"] for row in found} >= {"Small world"}
    assert rows(graph, "E2", number='"W595000001"') == found


def test_e3_counts_each_perimeter_and_what_two_share(graph: Store) -> None:
    found = {row["perimeter"].rpartition("/")[2]: row for row in rows(graph, "E3")}
    assert {name: (row["enterprises"], row["shared"]) for name, row in found.items()} == {
        "insee-flag": ("2", "2"),
        "legal-category-fr": ("2", "1"),
        "ess-france-list": ("1", "0"),
    }
    assert {row["sharedWith"] for row in found.values()} == {"SSE flag of the Sirene register"}
    other = rows(graph, "E3", **{"with": "perimeter:legal-category-fr perimeter:insee-flag"})
    shared = {(r["perimeter"].rpartition("/")[2], r["sharedWith"]): r["shared"] for r in other}
    assert shared["insee-flag", "Legal category (France)"] == "1"
    assert shared["legal-category-fr", "SSE flag of the Sirene register"] == "1"


@pytest.mark.parametrize(("later", "counted"), [("true", "1"), ("false", None)])
def test_e3_takes_the_latest_claim(later: str, counted: str | None) -> None:
    claims = f"""
        PREFIX vises: <https://w3id.org/vises/ontology#>
        PREFIX code: <https://w3id.org/vises/code/>
        INSERT DATA {{
          <urn:e> vises:region <https://w3id.org/vises/code/nuts/FRE> .
          <urn:1> vises:about <urn:e> ; vises:countsAsSse true ; vises:asOf "2020-01-01"^^xsd:date ;
            vises:perimeter code:perimeter\\/insee-flag .
          <urn:2> vises:about <urn:e> ; vises:countsAsSse {later} ;
            vises:asOf "2025-01-01"^^xsd:date ; vises:perimeter code:perimeter\\/insee-flag .
        }}"""
    store = Store()
    store.update("PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>" + claims)
    found = [(row["enterprises"], row["shared"]) for row in rows(store, "E3")]
    assert found == ([(counted, counted)] if counted else [])


def test_e4_gives_members_at_any_depth_with_their_intervals(graph: Store) -> None:
    found = {row["member"].rpartition("/")[2]: row for row in rows(graph, "E4")}
    direct = found["fr-000000018"]
    assert direct["name"] == "LA RUCHE DU CANAL"
    assert (direct["through"], direct["since"]) == ("Heron cross-border network", "2021-01-01")
    assert direct["throughSince"] == direct["throughUntil"] == ""
    deepest = found["fr-000001677"]
    assert deepest["through"] == "Union of workshops of Bois Cendrier"
    assert (deepest["since"], deepest["throughSince"]) == ("2019-09", "2019-09")
    assert found["fr-000007815"]["until"] == "2023-12-31"
    assert found["fr-000008912"]["since"] == ""
    assert sum(row["isEnterprise"] == "true" for row in found.values()) == 13
    part = rows(graph, "E4", federationName='"Federation of Larquemont"')
    names = {row["member"].rpartition("/")[2] for row in part}
    assert {"fr-000001677", "demo-bois-cendrier"} <= names
    assert not names & {"fr-000000018", "be-0000006928"}


def test_e4_knows_the_founders_of_concertes_and_the_latest_member_named(graph: Store) -> None:
    found = {row["name"]: row for row in rows(graph, "E4", federationName='"ConcertES"')}
    assert {name for name, row in found.items() if row["since"] == "2005"} == {
        *("Febecoop", "SAW-B", "Syneco"),
    }
    assert found["CoopCity"]["since"] == "2023"
    assert found["ALEAP"]["since"] == ""
    assert len(found) == 20
    assert "Unipso" not in found
    chambers = rows(graph, "E4", federationName='"ESS France"')
    assert "CRESS Hauts-de-France" in {row["name"] for row in chambers}


def test_e6_gives_peers_through_both_revisions_and_both_size_lists(graph: Store) -> None:
    found = [(row["french"], row["belgian"], row["divisionCode"]) for row in rows(graph, "E6")]
    pairs = [(*(iri.rpartition("/")[2] for iri in row[:2]), row[2]) for row in found]
    assert pairs == [
        ("fr-000008912", "be-0000009896", "87"),
        ("fr-000001404", "be-0000006928", "88"),
    ]
    dutch = rows(graph, "E6", language='"nl"')
    assert [row["belgianName"] for row in dutch] == ["Le Restaurant social", "De Kringwinkel"]
    assert rows(graph, "E6", belgianArea="nuts:BE2") == []


def release(name: str) -> Store:
    """Return a release of a few enterprises, with the codes that they refer to."""
    store = Store()
    files = [*ROOT.glob("ontology/codes/*.ttl"), ROOT / f"tests/queries/releases/{name}.ttl"]
    for path in files:
        store.load(path=str(path), format=RdfFormat.TURTLE, base_iri=IRIS.base)
    return store


def test_e7_gives_what_ceased_changed_or_moved_between_two_releases(tmp_path: Path) -> None:
    engine = Releases(before=release("earlier"), after=release("later"))
    lines = asyncio.run(compare(engine, question("E7"), "before", "after"))
    golden = ROOT / "tests/queries/golden/E7.tsv"
    found = tmp_path / golden.name
    found.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")
    expected = golden.read_text(encoding="utf-8")
    assert found.read_text(encoding="utf-8") == expected, f"if right: cp {found} {golden}"
    assert "LA RUCHE DU CANAL" not in expected
    unchanged = asyncio.run(compare(engine, question("E7"), "after", "after"))
    assert unchanged == lines[:1]


def test_e5_gives_forms_of_both_countries(graph: Store) -> None:
    codes = {row["code"] for row in rows(graph, "E5")}
    assert {"5458", "706"} <= codes
    assert not codes & {"9220", "017"}
    associations = {row["code"] for row in rows(graph, "E5", family="family:association")}
    assert {"9220", "017"} <= associations


def test_e8_gives_every_identifier_with_its_issuer(graph: Store) -> None:
    found = rows(graph, "E8")
    assert {row["notation"]: row["issuer"] for row in found} == {
        "000000018": "French national statistical institute (INSEE)",
        "00000001800010": "French national statistical institute (INSEE)",
        "W595000001": "Ministère de l'Intérieur",
        "FR66000000018": "Direction générale des finances publiques",
        "000000DEMOHERON01844": "GLEIF",
        "Q4115189": "Wikidata",
        "0000002671": "FPS Economy",
    }
    assert {row["notation"]: row["matchedBy"] for row in found if row["matchedBy"]} == {
        "0000002671": "Declared"
    }


@pytest.mark.parametrize("number", ["0000002671", "Q4115189", "FR66000000018"])
def test_e8_finds_the_same_from_either_side_and_by_any_number(number: str, graph: Store) -> None:
    wanted = {row["notation"] for row in rows(graph, "E8")}
    assert {row["notation"] for row in rows(graph, "E8", number=f'"{number}"')} == wanted


def test_i1_gives_the_indicators_of_a_theme(graph: Store) -> None:
    found = rows(graph, "I1")
    assert len(found) == 3
    assert all(row["definition"].endswith(".") and row["goalName"] for row in found)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_i1_knows_a_goal_under_both_spellings(scheme: str, graph: Store) -> None:
    ours = rows(graph, "I1", subject="<https://w3id.org/vises/code/sdg/11>")
    theirs = rows(graph, "I1", subject=f"<{scheme}://metadata.un.org/sdg/11>")
    measured = {"new-social-ties", "services-kept-open"}
    assert {row["indicator"].rpartition("/")[2] for row in ours} == measured
    assert {row["indicator"] for row in theirs} == {row["indicator"] for row in ours}


def test_i1_finds_what_a_metric_elsewhere_measures(graph: Store) -> None:
    (row,) = rows(graph, "I1", subject="<https://iris.thegiin.org/metric/5.3/oi1166>")
    assert row["name"] == "Hours of volunteering"


def test_i2_gives_periods_in_order(graph: Store) -> None:
    found = rows(graph, "I2")
    assert [(row["periodStart"][:4], row["value"], row["status"]) for row in found] == [
        ("2022", "44", "Attested"),
        ("2023", "48.5", "Attested"),
        ("2024", "56", "Attested"),
        ("2025", "59", "Draft"),
    ]
    assert {row["document"] for row in found} == {"Register of leavers 2022-2025"}
    assert {row["evidence"] for row in found} == {"Administrative data"}
    assert found[-1]["attestedBy"] == ""
    dutch = rows(graph, "I2", indicatorName='"Positieve uitstroom naar werk of opleiding"')
    assert dutch == found


def test_i2_gives_the_method_in_the_language_asked_for(graph: Store) -> None:
    found = rows(graph, "I2", number='"000000018"')
    assert [row["method"][:4] for row in found] == ["Appe", "Tele"]
    assert [row["attestedBy"] for row in found] == ["CRESS Hauts-de-France", ""]


def test_i3_gives_praise_and_blame_and_leaves_out_what_was_not_agreed_to(graph: Store) -> None:
    texts = [row["text"] for row in rows(graph, "I3")]
    assert len(texts) == 4
    assert any(text.endswith("je suis retombé.") for text in texts)
    assert "À ne pas publier." not in texts
    assert rows(graph, "I3", outcomeName='"Hervonden zelfvertrouwen"') == rows(graph, "I3")


def test_i4_answers_the_five_dimensions(graph: Store) -> None:
    found = rows(graph, "I4")
    assert [row["part"] for row in found] == ["change", *["experience"] * 2, *["risk"] * 2]
    what, _, who, *risks = found
    assert what["text"].startswith("Daring again")
    assert (who["name"], who["scale"]) == ("People in work integration", "22")
    assert (who["importance"], who["depth"], who["duration"]) == ("High", "High", "P1Y")
    assert who["counterfactual"].startswith("La plupart")
    assert {risk["name"] for risk in risks} == {"Drop-off risk", "Evidence risk"}
    assert all(risk["likelihood"] and risk["consequence"] and risk["mitigation"] for risk in risks)


def test_i4_takes_a_group_whose_number_is_unknown(graph: Store) -> None:
    found = rows(graph, "I4", number='"0000001285"', outcomeName='"Minder afval"', language='"nl"')
    assert [(row["part"], row["scale"]) for row in found] == [
        ("change", ""),
        ("experience", ""),
        ("risk", ""),
    ]
    assert found[1]["name"] == "Omwonenden"


def test_i5_gives_author_and_confidence_of_each_mapping(graph: Store) -> None:
    found = rows(graph, "I5", framework='"https://iris.thegiin.org/"')
    assert "volunteer-hours" in {row["indicator"].rpartition("/")[2] for row in found}
    assert all(0 < float(row["confidence"]) <= 1 and row["justification"] for row in found)
    assert {row["author"] for row in found} == {"VISES contributors"}
    assert len(rows(graph, "I5")) > len(found)


def quartiles(values: list[Decimal]) -> list[Decimal]:
    """Return the quartiles by definition 2 of Hyndman and Fan, where the empirical
    distribution function is inverted with averaging (1996, table 1)."""
    ordered = sorted(values)
    found = []
    for quarter in (1, 2, 3):
        whole, rest = divmod(quarter * len(ordered), 4)
        found.append(ordered[whole] if rest else (ordered[whole - 1] + ordered[whole]) / 2)
    return found


def attested_by_peers(graph: Store, year: str) -> list[Decimal]:
    """Return the values that the peers of the demonstration report for a year, by their numbers."""
    peers = ("1388", "2303", "3855", "5033", "9340", "10397", "18275", "25122")
    results = [IRIS.of(f"result/fr-{int(n):09}-positive-exits-{year}") for n in peers]
    found = (graph.quads_for_pattern(r, term("vises:value"), None, None) for r in results)
    return [Decimal(quad.object.value) for quads in found for quad in quads]


def test_i6_gives_median_and_quartiles_of_the_peers_only(graph: Store) -> None:
    found = rows(graph, "I6")
    assert [(row["periodStart"][:4], row["peers"]) for row in found] == [
        ("2023", "5"),
        ("2024", "8"),
    ]
    for row in found:
        values = attested_by_peers(graph, row["periodStart"][:4])
        given = [Decimal(row[name]) for name in ("lowerQuartile", "median", "upperQuartile")]
        assert given == quartiles(values)
        assert given[1] == median(values)


@pytest.mark.parametrize(
    ("minimum", "years"), [("1", ["2022", "2023", "2024"]), ("6", ["2024"]), ("9", [])]
)
def test_i6_keeps_quiet_where_peers_are_too_few(
    minimum: str, years: list[str], graph: Store
) -> None:
    found = rows(graph, "I6", minimumPeers=minimum)
    assert [row["periodStart"][:4] for row in found] == years


@pytest.mark.parametrize(("level", "peers"), [("1", "9"), ("2", "8"), ("3", "5")])
def test_i6_looks_as_far_as_the_level_says(level: str, peers: str, graph: Store) -> None:
    assert rows(graph, "I6", nutsLevel=level)[-1]["peers"] == peers


def test_i7_gives_results_that_rest_on_nothing(graph: Store) -> None:
    found = {row["result"].rpartition("/")[2] for row in rows(graph, "I7")}
    assert found >= {"fr-000003574-volunteer-hours-2024", "be-0000001285-reused-goods-2024"}
    assert "garden-withdrawn" not in found
    assert not found & {"ruche-2025", "fr-000003574-positive-exits-2024"}


def test_i8_orders_the_links_from_what_is_done_to_what_changes(graph: Store) -> None:
    found = rows(graph, "I8")
    assert len(found) == 10
    for row in found:
        later = [other for other in found if other["from"] == row["to"]]
        assert all(int(other["position"]) > int(row["position"]) for other in later)
    assert found[-1]["fromName"] == "Confidence regained"
    assert found[-1]["toName"] == "Access to work or training"


class Releases:
    """An engine over stores in memory, each a release."""

    def __init__(self, **stores: Store) -> None:
        self._stores = stores

    async def answer(self, request: QueryRequest, release_id: str) -> Answer:
        solutions = self._stores[release_id].query(request.query, use_default_graph_as_union=True)

        async def chunks() -> AsyncIterator[bytes]:
            yield solutions.serialize(format=QueryResultsFormat.TSV)

        return Answer(request.results_type, chunks())


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


def test_a4_tells_what_was_removed_and_added(graph: Store, tmp_path: Path) -> None:
    engine = Releases(before=graph, after=changed(graph))
    lines = asyncio.run(compare(engine, question("A4"), "before", "after"))
    golden = ROOT / "tests/queries/golden/A4.tsv"
    found = tmp_path / golden.name
    found.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")
    expected = golden.read_text(encoding="utf-8")
    assert found.read_text(encoding="utf-8") == expected, f"if right: cp {found} {golden}"
    assert [line.partition("\t")[0] for line in lines].count("added") == 2
    assert "seeAlso" not in expected


def test_a5_knows_regions_above_and_below_in_both_vintages(graph: Store) -> None:
    def found(area: str, theme: str = "SOCI") -> dict[str, str]:
        asked_for = rows(graph, "A5", area=f"nuts:{area}", theme=f"data-theme:{theme}")
        return {row["title"]: row["coverage"] for row in asked_for}

    assert found("FRE") == {"French regions": "whole", "Small world": "part"}
    assert found("FRE11") == {"French regions": "whole", "Small world": "whole"}
    assert found("FR301") == found("FRE11")
    assert found("BE") == {"Small world": "part"}
    assert found("BE32") == {"Small world": "whole"}
    assert found("BE", "ECON") == {"Small world": "part", "Flemish economy": "part"}
    assert found("BE", "REGI") == {}


def test_a6_gives_the_message_of_the_rule(graph: Store) -> None:
    found = rows(graph, "A6", language='"nl"')
    assert [row["occurrences"] for row in found] == ["2", "1"]
    assert found[1]["message"].startswith("Voeg een beschrijving toe")
    title = '"Uitkomsten van verzonnen ondernemingen (fictieve gegevens)"'
    assert rows(graph, "A6", datasetTitle=title, language='"nl"') == found
    assert rows(graph, "A6", datasetTitle='"French regions"') == []


def test_a7_asks_each_endpoint_for_both_ways_of_writing_a_number() -> None:
    text = question("A7")
    assert "SERVICE ?endpoint" in text
    assert "SERVICE" not in "".join(path.read_text("utf-8") for path in ASKED)
    local = text.replace("SERVICE ?endpoint { ?same ?property ?written }", "")
    store = Store()
    facts = """
        <e> <http://www.w3.org/ns/adms#identifier> <i> .
        <i> <http://www.w3.org/2004/02/skos/core#notation> "0200000043" ;
            <http://purl.org/dc/terms/type> <https://w3id.org/vises/code/identifier-scheme/kbo> ."""
    store.load(facts.encode(), RdfFormat.TURTLE, base_iri=IRIS.base)
    bound = asked(local, number='"0200000043"').replace("?scheme ?notation ?same", "?written")
    solutions = store.query(bound.replace("?scheme ?same", "?written"))
    assert [row["written"].value for row in solutions] == ["0200.000.043", "0200000043"]


def test_a3_gives_rows_that_add_up(graph: Store) -> None:
    (row,) = rows(graph, "A3")
    published, quarantined, outside = (
        int(row[name]) for name in ("rowsPublished", "rowsQuarantined", "rowsOutOfScope")
    )
    assert int(row["rowsIn"]) == published + quarantined + outside
    assert row["title"] == "Small world"
    assert row["fileName"] == "enterprises.csv"
    assert row["licence"].startswith("https://creativecommons.org/")
