"""The questions: a complete header, portable SPARQL, and the rows that the sources state."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from pyoxigraph import QueryResultsFormat, QuerySolutions, Store
from rdflib.plugins.sparql import prepareQuery

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "queries/questions").glob("*.rq"))
IDS = [path.stem for path in FILES]
LANGUAGES = {"en", "fr", "nl"}
EXPECTED_IDS = {
    *("A1", "A2", "A3", "E1", "E2", "E5", "E8", "I1", "I2", "I3", "M1", "M8", "S1", "S2", "S3"),
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
    assert list(found) == ["id", "question", "summary", "tags", "defaults", "expect"]
    assert found["id"] == path.stem
    assert set(found["question"]) == LANGUAGES
    assert all(text.endswith("?") for text in found["question"].values())
    assert found["summary"].endswith(".")
    assert found["tags"]
    for text in (found["summary"], *found["question"].values()):
        assert not re.search(r"^[^\w(]|: | #", text), "not a plain scalar of YAML"
    assert found["expect"] == f"tests/queries/golden/{path.stem}.csv"


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


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_answer_is_the_golden_one(path: Path, graph: Store, tmp_path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    golden = ROOT / f"tests/queries/golden/{path.stem}.csv"
    found = tmp_path / golden.name
    found.write_text(answer(graph, text), encoding="utf-8", newline="\n")
    expected = golden.read_text(encoding="utf-8")
    assert found.read_text(encoding="utf-8") == expected, f"if right: cp {found} {golden}"


@pytest.mark.parametrize("language", sorted(LANGUAGES))
@pytest.mark.parametrize("name", IDS)
def test_every_language_gives_as_many_rows(name: str, language: str, graph: Store) -> None:
    found = rows(graph, name, language=f'"{language}"')
    assert found
    assert len(found) == len(rows(graph, name))


def test_a_language_without_labels_falls_back(graph: Store) -> None:
    assert rows(graph, "M1", language='"de"') == rows(graph, "M1")


# What the sources state


def test_m1_gives_stages_in_order_with_their_steps(graph: Store) -> None:
    found = rows(graph, "M1")
    stages = [(row["position"], row["step"]) for row in found if row["part"] == "stage"]
    assert stages == [("1", "1"), ("1", "2"), ("1", "3"), ("1", "4"), ("2", ""), ("3", "")]
    assert found[0]["label"] == "Taking stock and choosing the evaluative question"
    assert found[0]["stepLabel"] == "Becoming familiar with what is at stake in evaluation"
    assert found[4]["stepLabel"] == ""
    assert [row["position"] for row in found if row["part"] == "principle"] == list("1234")
    dutch = rows(graph, "M1", language='"nl"')
    assert dutch[4]["label"] == "Gegevensverzameling"
    assert dutch[-1]["label"] == "Luisteren naar de verwachtingen van de partners"


def test_m8_gives_five_effects(graph: Store) -> None:
    assert len({row["effect"] for row in rows(graph, "M8")}) == 5


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


def test_e5_gives_forms_of_both_countries(graph: Store) -> None:
    codes = {row["code"] for row in rows(graph, "E5")}
    assert {"5458", "706"} <= codes
    assert not codes & {"9220", "017"}
    associations = {row["code"] for row in rows(graph, "E5", family="family:association")}
    assert {"9220", "017"} <= associations


def test_e8_gives_every_identifier_with_its_issuer(graph: Store) -> None:
    found = {row["notation"]: row["issuer"] for row in rows(graph, "E8")}
    assert found == {
        "000000018": "French national statistical institute (INSEE)",
        "W595000001": "Ministère de l'Intérieur",
    }


def test_i1_gives_the_indicators_of_a_theme(graph: Store) -> None:
    found = rows(graph, "I1")
    assert len(found) == 3
    assert all(row["definition"].endswith(".") and row["goal"] for row in found)


def test_i2_gives_periods_in_order(graph: Store) -> None:
    found = rows(graph, "I2")
    assert [(row["periodStart"], row["value"]) for row in found] == [
        ("2024-01-01", "58.5"),
        ("2025-01-01", "61"),
    ]
    assert [row["attestedBy"] for row in found] == ["CRESS Hauts-de-France", ""]
    assert found[0]["method"].startswith("Appel")
    assert found[1]["method"].startswith("Telephone")
    dutch = rows(graph, "I2", indicatorName='"Positieve uitstroom naar werk of opleiding"')
    assert dutch == found


def test_i3_leaves_out_what_the_teller_did_not_agree_to(graph: Store) -> None:
    found = rows(graph, "I3")
    assert [row["text"] for row in found] == ["Je dors mieux depuis que je viens ici."]


def test_a3_gives_rows_that_add_up(graph: Store) -> None:
    (row,) = rows(graph, "A3")
    published, quarantined, outside = (
        int(row[name]) for name in ("rowsPublished", "rowsQuarantined", "rowsOutOfScope")
    )
    assert int(row["rowsIn"]) == published + quarantined + outside
    assert row["title"] == "Small world"
    assert row["fileName"] == "enterprises.csv"
    assert row["licence"].startswith("https://creativecommons.org/")
