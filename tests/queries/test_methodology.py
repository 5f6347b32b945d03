"""Methodology: what the answers to M1 to M8 must say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pyoxigraph import RdfFormat, Store

from vises.namespaces import PREFIXES

if TYPE_CHECKING:
    from conftest import Ask


def test_m1_gives_stages_in_order_with_their_steps_and_tools(ask: Ask) -> None:
    found = [row for row in ask("M1") if row["version"].endswith("/1")]
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
    dutch = [row for row in ask("M1", language='"nl"') if row["version"].endswith("/1")]
    assert dutch[4]["label"] == "Gegevensverzameling"
    assert dutch[-1]["label"] == "Luisteren naar de verwachtingen van de partners"


def test_m1_gives_the_later_version_apart(ask: Ask) -> None:
    found = ask("M1")
    assert {row["version"].rpartition("/")[2] for row in found} == {"1", "2"}
    later = [row for row in found if row["version"].endswith("/2") and row["part"] == "stage"]
    assert [row["position"] for row in later] == list("1234")
    assert later[0]["label"] == "Preliminary stage"


def test_m2_gives_the_last_stage_of_each_trial(ask: Ask) -> None:
    found = {row["name"]: row for row in ask("M2")}
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


def test_m3_gives_numbers_and_words_side_by_side(ask: Ask) -> None:
    found = ask("M3")
    kinds = {row["tool"]: row["kind"] for row in found}
    assert kinds == {
        "Surveys": "Quantitative",
        "Life stories": "Qualitative",
        "Focus groups": "Mixed",
    }
    groups = [row["respondents"] for row in found if row["tool"] == "Focus groups"]
    assert groups == ["Employees", "Partner organisations"]
    (shop,) = ask("M3", number='"0000001285"', language='"nl"')
    assert shop["question"].startswith("Wat betekent de winkel")
    assert (shop["kind"], shop["respondents"]) == ("Kwalitatief", "Omwonenden")


def test_m4_gives_what_fed_each_refinement_and_the_meeting_that_fed_none(ask: Ask) -> None:
    found = ask("M4")
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


def test_m5_gives_the_version_taught_only_where_it_is_known(ask: Ask) -> None:
    found = ask("M5")
    taught = [(row["taught"], row["start"], row["fictitious"]) for row in found]
    assert taught == [
        ("VISES method", "2025-01-21", ""),
        ("VISES method, version 1", "2025-10-07", "true"),
        ("VISES method, version 2", "2026-05-12", "true"),
    ]
    assert all(row["audience"] and row["organiser"] for row in found)
    assert [bool(row["source"]) for row in found] == [True, False, False]


def test_m6_counts_the_stages_of_the_version_that_is_followed(ask: Ask) -> None:
    found = [(row["group"], row["name"]) for row in ask("M6")]
    assert found == [
        ("Collective service", "LA CRECHE DES SEPT MOULINETS"),
        ("SSE practices", ""),
        ("Social and professional integration", "De Kringwinkel van Druilbeke"),
        ("Social and professional integration", "LES JARDINS DE SAINT AUBRIN LES ETANGS"),
    ]


def test_m7_relates_every_step_of_geces_and_says_how_sure(ask: Ask) -> None:
    found = ask("M7")
    assert {row["otherStep"] for row in found} == set("12345")
    assert {row["author"] for row in found} == {"VISES contributors"}
    assert all(0 < float(row["confidence"]) < 1 and row["comment"] for row in found)
    (collecting,) = (row for row in found if row["stageLabel"] == "Data collection")
    assert collecting["relation"].endswith("#broadMatch")


def test_m8_gives_five_effects_and_who_reports_them(ask: Ask) -> None:
    found = ask("M8")
    assert len({row["effect"] for row in found}) == 5
    reported = {row["effect"][-1]: row["fictitious"] for row in found if row["name"]}
    assert reported == dict.fromkeys("1234", "true")
    assert [row["name"] for row in found if row["effect"].endswith("5")] == [""]


WORLD = """
    <urn:trial> a vises:Trial ; vises:about <urn:enterprise> ; vises:follows <urn:version> ;
      vises:inGroup <urn:group> ; vises:reportsEffect <urn:effect> ; schema:startDate "2025" ;
      vises:accompaniedBy <urn:one>, <urn:other> .
    <urn:enterprise> legal:legalName "Concertes"@nl, "Concertes"@fr .
    <urn:group> skos:inScheme <https://w3id.org/vises/code/enterprise-group> .
    <urn:stage> a vises:Stage ; p-plan:isStepOfPlan <urn:version> ; vises:position 1 .
    <urn:progress> vises:partOfTrial <urn:trial> ; p-plan:correspondsToStep <urn:stage> ;
      schema:startDate "2025" ; schema:endDate "2026" .
    <urn:effect> vises:effectOf <urn:method> ; dcterms:source <urn:source> .
    <urn:refinement> a vises:Refinement ; prov:wasInformedBy <urn:trial> .
    <urn:training> a vises:Training ; vises:teaches <urn:method> ; schema:startDate "2025" ;
      schema:organizer <urn:one>, <urn:other> ; dcterms:spatial <urn:one>, <urn:other> .
    <urn:one> skos:prefLabel "un"@fr, "one"@en .
    <urn:other> skos:prefLabel "autre"@fr, "other"@en .
"""


def world(ask: Ask, text: str = WORLD) -> Ask:
    """Return what asks a small graph."""
    prefixes = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
    store = Store()
    store.load(prefixes + text, RdfFormat.TURTLE)
    return ask.of(store)


@pytest.mark.parametrize("question", ["M2", "M4", "M6", "M8"])
def test_one_name_in_two_languages_makes_no_more_rows(question: str, ask: Ask) -> None:
    asked = world(ask, WORLD.replace(", <urn:other>", ""))
    column = "activityName" if question == "M4" else "name"
    assert [row[column] for row in asked(question)] == ["Concertes"]


def test_m4_names_the_enterprise_in_the_language_that_is_asked_for(ask: Ask) -> None:
    asked = world(ask, WORLD.replace('"Concertes"@fr', '"Concertés"@fr'))
    assert [row["activityName"] for row in asked("M4", language='"fr"')] == ["Concertés"]
    assert [row["activityName"] for row in asked("M4", language='"nl"')] == ["Concertes"]


def test_m4_gives_a_refinement_of_several_versions_once(ask: Ask) -> None:
    """Nothing says which of the versions before led to which of those after."""
    versions = """
        <urn:refinement> prov:used <urn:a>, <urn:b> ; prov:generated <urn:c>, <urn:d> .
        <urn:a> skos:prefLabel "version a"@fr, "state a"@en .
        <urn:b> skos:prefLabel "version b"@fr, "state b"@en .
        <urn:c> skos:prefLabel "version c"@fr, "state c"@en .
        <urn:d> skos:prefLabel "state d"@en ."""
    found = world(ask, WORLD + versions)("M4", language='"fr"')
    assert [(row["from"], row["to"]) for row in found] == [
        ("version a; version b", "state d; version c")
    ]


def test_m4_names_a_version_without_a_label_by_its_iri(ask: Ask) -> None:
    versions = """
        <urn:refinement> prov:used <urn:a>, <urn:b> .
        <urn:a> skos:prefLabel "stand a"@nl .
        <urn:b> skos:prefLabel "state b"@en ."""
    found = world(ask, WORLD + versions)("M4", language='"fr"')
    assert [(row["from"], row["to"] or "") for row in found] == [("state b; urn:a", "")]


def test_m2_gives_each_organisation_that_accompanies_once(ask: Ask) -> None:
    found = world(ask)("M2", language='"fr"')
    assert [row["accompaniedBy"] for row in found] == ["autre", "un"]


def test_m5_gives_each_organiser_and_each_region_once(ask: Ask) -> None:
    found = world(ask)("M5", language='"fr"')
    pairs = sorted((row["organiser"], row["region"]) for row in found)
    assert pairs == [
        (organiser, region) for organiser in ("autre", "un") for region in ("autre", "un")
    ]


def test_m1_labels_the_step_that_a_tool_serves_in_each_version(ask: Ask) -> None:
    """The tool is kept across versions, and serves a step of one stage and all of another."""
    versions = "".join(
        f"""
        <urn:v{number}> vises:versionOf <urn:method> .
        <urn:v{number}-1> a vises:Stage ; p-plan:isStepOfPlan <urn:v{number}> ; vises:position 1 .
        <urn:v{number}-2> a vises:Stage ; p-plan:isStepOfPlan <urn:v{number}> ; vises:position 2 .
        <urn:v{number}-1-2> a vises:Step ; p-plan:isStepOfPlan <urn:v{number}> ;
          vises:stepOf <urn:v{number}-1> ; vises:position 2 ;
          skos:prefLabel "étape {number}"@fr, "step {number}"@en .
        <urn:tool> vises:toolOf <urn:v{number}-1-2>, <urn:v{number}-2> ."""
        for number in (1, 2)
    )
    found = world(ask, versions)("M1", language='"fr"')
    tools = [
        (row["version"], row["position"], row["step"], row["stepLabel"])
        for row in found
        if row["part"] == "tool"
    ]
    assert tools == [
        ("urn:v1", "1", "2", "étape 1"),
        ("urn:v1", "2", "", ""),
        ("urn:v2", "1", "2", "étape 2"),
        ("urn:v2", "2", "", ""),
    ]
