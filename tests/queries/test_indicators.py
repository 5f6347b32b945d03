"""Indicators and impact: what the answers to I1 to I8 must say."""

from __future__ import annotations

from decimal import Decimal
from statistics import median
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import RdfFormat, Store

from vises.namespaces import PREFIXES, VOCABULARY_BASE, Iris, term

if TYPE_CHECKING:
    from conftest import Ask

IRIS = Iris(VOCABULARY_BASE)


def test_i1_gives_the_indicators_of_a_theme(ask: Ask) -> None:
    found = ask("I1")
    assert len(found) == 3
    assert all(row["definition"].endswith(".") and row["goalName"] for row in found)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_i1_knows_a_goal_under_both_spellings(scheme: str, ask: Ask) -> None:
    ours = ask("I1", subject="<https://w3id.org/vises/code/sdg/11>")
    theirs = ask("I1", subject=f"<{scheme}://metadata.un.org/sdg/11>")
    measured = {"new-social-ties", "services-kept-open"}
    assert {row["indicator"].rpartition("/")[2] for row in ours} == measured
    assert {row["indicator"] for row in theirs} == {row["indicator"] for row in ours}


def test_i1_finds_what_a_metric_elsewhere_measures(ask: Ask) -> None:
    (row,) = ask("I1", subject="<https://iris.thegiin.org/metric/5.3/oi1166>")
    assert row["name"] == "Hours of volunteering"


def test_i2_gives_periods_in_order(ask: Ask) -> None:
    found = ask("I2")
    assert [(row["periodStart"][:4], row["value"], row["status"]) for row in found] == [
        ("2022", "44", "Attested"),
        ("2023", "48.5", "Attested"),
        ("2024", "56", "Attested"),
        ("2025", "59", "Draft"),
    ]
    assert {row["document"] for row in found} == {"Register of leavers 2022-2025"}
    assert {row["evidence"] for row in found} == {"Administrative data"}
    assert found[-1]["attestedBy"] == ""
    dutch = ask("I2", indicatorName='"Positieve uitstroom naar werk of opleiding"')
    assert dutch == found


def test_i2_gives_the_method_in_the_language_asked_for(ask: Ask) -> None:
    found = ask("I2", number='"000000018"')
    assert [row["method"][:4] for row in found] == ["Appe", "Tele"]
    assert [row["attestedBy"] for row in found] == ["CRESS Hauts-de-France", ""]


def test_i3_gives_praise_and_blame_and_leaves_out_what_was_not_agreed_to(ask: Ask) -> None:
    texts = [row["text"] for row in ask("I3")]
    assert len(texts) == 4
    assert any(text.endswith("je suis retombé.") for text in texts)
    assert "À ne pas publier." not in texts
    assert ask("I3", outcomeName='"Hervonden zelfvertrouwen"') == ask("I3")


def test_i4_answers_the_five_dimensions(ask: Ask) -> None:
    found = ask("I4")
    assert [row["part"] for row in found] == ["change", *["experience"] * 2, *["risk"] * 2]
    what, _, who, *risks = found
    assert what["text"].startswith("Daring again")
    assert (who["name"], who["scale"]) == ("People in work integration", "22")
    assert (who["importance"], who["depth"], who["duration"]) == ("High", "High", "P1Y")
    assert who["counterfactual"].startswith("La plupart")
    assert {risk["name"] for risk in risks} == {"Drop-off risk", "Evidence risk"}
    assert all(risk["likelihood"] and risk["consequence"] and risk["mitigation"] for risk in risks)


def test_i4_takes_a_group_whose_number_is_unknown(ask: Ask) -> None:
    found = ask("I4", number='"0000001285"', outcomeName='"Minder afval"', language='"nl"')
    assert [(row["part"], row["scale"]) for row in found] == [
        ("change", ""),
        ("experience", ""),
        ("risk", ""),
    ]
    assert found[1]["name"] == "Omwonenden"


def test_i5_gives_author_and_confidence_of_each_mapping(ask: Ask) -> None:
    found = ask("I5", framework='"https://iris.thegiin.org/"')
    assert "volunteer-hours" in {row["indicator"].rpartition("/")[2] for row in found}
    assert all(0 < float(row["confidence"]) <= 1 and row["justification"] for row in found)
    assert {row["author"] for row in found} == {"VISES contributors"}
    assert len(ask("I5")) > len(found)


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


def test_i6_gives_median_and_quartiles_of_the_peers_only(graph: Store, ask: Ask) -> None:
    found = ask("I6")
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
    ("minimum", "years"), [("1", ["2023", "2024"]), ("6", ["2024"]), ("9", [])]
)
def test_i6_keeps_quiet_where_peers_are_too_few(minimum: str, years: list[str], ask: Ask) -> None:
    found = ask("I6", minimumPeers=minimum)
    assert [row["periodStart"][:4] for row in found] == years


@pytest.mark.parametrize(("level", "peers"), [("1", "9"), ("2", "8"), ("3", "5")])
def test_i6_looks_as_far_as_the_level_says(level: str, peers: str, ask: Ask) -> None:
    assert ask("I6", nutsLevel=level)[-1]["peers"] == peers


def reporting(ask: Ask, *values: str) -> Ask:
    """Return what asks a field of enterprises: the values that each attests for one period.

    The first is the enterprise that is asked for.
    """
    prefixes = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
    field = """<urn:form> vises:inFamily <urn:family> . <urn:area> skos:notation "FRE1" .
        <urn:indicator> a vises:Indicator ; skos:prefLabel "Hours"@en ."""
    for each, attested in enumerate(values):
        field += f"""
            <urn:{each}> adms:identifier [ skos:notation "{each}" ] ; vises:region <urn:area> ;
              vises:legalForm <urn:form> ; vises:sizeBand <urn:size> ."""
        for place, value in enumerate(attested.split()):
            field += f"""
                <urn:{each}:{place}> vises:about <urn:{each}> ; vises:indicator <urn:indicator> ;
                  vises:periodStart "2024" ; vises:periodEnd "2024" ; vises:value {value} ;
                  vises:reportStatus <{PREFIXES["code"]}report-status/attested> ."""
    store = Store()
    store.load(prefixes + field, RdfFormat.TURTLE)
    return ask.of(store)


@pytest.mark.parametrize(
    ("attested", "peers"),
    [
        (["10", "20", "30", "40", "50 50.0"], "10 20 30 40 50"),
        (["10", "20", "30", "40", "50", "60 70"], "10 20 30 40 50"),
        (["10 10", "10", "20", "20", "30", "40", "5 25"], "10 10 20 20 30 40"),
        (["10", "20", "30", "40", "50 60"], ""),
    ],
    ids=["told twice", "two values", "both, and ties", "too few are left"],
)
def test_i6_counts_each_peer_once(ask: Ask, attested: list[str], peers: str) -> None:
    """Of a peer that attests two different values, none is chosen."""
    found = reporting(ask, "35", *attested)("I6", number='"0"', indicatorName='"Hours"')
    values = [Decimal(value) for value in peers.split()]
    names = ("lowerQuartile", "median", "upperQuartile")
    assert [(row["peers"], [Decimal(row[name]) for name in names]) for row in found] == (
        [(str(len(values)), quartiles(values))] if values else []
    )


def test_i7_gives_results_that_rest_on_nothing(ask: Ask) -> None:
    found = {row["result"].rpartition("/")[2] for row in ask("I7")}
    assert found >= {"fr-000003574-volunteer-hours-2024", "be-0000001285-reused-goods-2024"}
    assert "garden-withdrawn" not in found
    assert not found & {"ruche-2025", "fr-000003574-positive-exits-2024"}


def test_i8_orders_the_links_from_what_is_done_to_what_changes(ask: Ask) -> None:
    found = ask("I8")
    assert len(found) == 10
    for row in found:
        later = [other for other in found if other["from"] == row["to"]]
        assert all(int(other["position"]) > int(row["position"]) for other in later)
    assert found[-1]["fromName"] == "Confidence regained"
    assert found[-1]["toName"] == "Access to work or training"
