"""Enterprises and perimeters: what the answers to E1 to E8 must say."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import RdfFormat, Store

from vises.namespaces import VOCABULARY_BASE, Iris
from vises.store.comparison import compare

if TYPE_CHECKING:
    from conftest import Ask, Releases

ROOT = Path(__file__).resolve().parents[2]
IRIS = Iris(VOCABULARY_BASE)


def test_e1_gives_legal_form_and_family_and_leaves_out_what_is_not_sse(ask: Ask) -> None:
    found = {row["name"]: row for row in ask("E1")}
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
def test_e1_knows_levels_and_vintages(area: str, expected: list[str], ask: Ask) -> None:
    found = ask("E1", area=f"nuts:{area}")
    assert [row["enterprise"].rpartition("-")[2] for row in found] == expected


def test_e1_takes_several_regions_and_the_name_in_the_language_asked_for(ask: Ask) -> None:
    both = ask("E1", area="nuts:FRE nuts:BE3", language='"fr"')
    assert len(both) == 5
    assert "La Cour fleurie" in {row["name"] for row in both}
    dutch = ask("E1", area="nuts:BE3", language='"nl"')
    assert [row["name"] for row in dutch] == ["Het Bloeiende Erf"]
    assert len(ask("E1", area="nuts:BE3")) == 1


def test_e2_tells_which_perimeter_says_no(ask: Ask) -> None:
    found = ask("E2")
    assert [row["countsAsSse"] for row in found].count("true") == 2
    assert [row["asOf"] for row in found if row["countsAsSse"] == "false"] == ["2023-11-20"]
    assert {row["sourceTitle"] for row in found} >= {"Small world"}
    assert ask("E2", number='"W595000001"') == found


def test_e3_counts_each_perimeter_and_what_two_share(ask: Ask) -> None:
    found = {row["perimeter"].rpartition("/")[2]: row for row in ask("E3")}
    assert {name: (row["enterprises"], row["shared"]) for name, row in found.items()} == {
        "insee-flag": ("2", "2"),
        "legal-category-fr": ("2", "1"),
        "ess-france-list": ("1", "0"),
    }
    assert {row["sharedWith"] for row in found.values()} == {"SSE flag of the Sirene register"}
    other = ask("E3", **{"with": "perimeter:legal-category-fr perimeter:insee-flag"})
    shared = {(r["perimeter"].rpartition("/")[2], r["sharedWith"]): r["shared"] for r in other}
    assert shared["insee-flag", "Legal category (France)"] == "1"
    assert shared["legal-category-fr", "SSE flag of the Sirene register"] == "1"


@pytest.mark.parametrize(("later", "counted"), [("true", "1"), ("false", None)])
def test_e1_and_e3_take_the_latest_claim_and_nobody_who_ceased(
    later: str, counted: str | None, ask: Ask
) -> None:
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
    found = [(row["enterprises"], row["shared"]) for row in ask.of(store)("E3")]
    assert found == ([(counted, counted)] if counted else [])
    store.update(
        "PREFIX legal: <http://www.w3.org/ns/legal#> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>"
        'INSERT DATA { <urn:e> legal:legalName "E" .'
        ' <https://w3id.org/vises/code/nuts/FRE> skos:notation "FRE" }'
    )
    assert len(ask.of(store)("E1")) == (1 if counted else 0)
    store.update(
        "INSERT DATA { <urn:e> <https://w3id.org/vises/ontology#operatingStatus>"
        " <https://w3id.org/vises/code/operating-status/ceased> }"
    )
    assert ask.of(store)("E1") == ask.of(store)("E3") == []


def test_e4_gives_members_at_any_depth_with_their_intervals(ask: Ask) -> None:
    found = {row["member"].rpartition("/")[2]: row for row in ask("E4")}
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
    part = ask("E4", federationName='"Federation of Larquemont"')
    names = {row["member"].rpartition("/")[2] for row in part}
    assert {"fr-000001677", "demo-bois-cendrier"} <= names
    assert not names & {"fr-000000018", "be-0000006928"}


def test_e4_knows_the_founders_of_concertes_and_the_latest_member_named(ask: Ask) -> None:
    found = {row["name"]: row for row in ask("E4", federationName='"ConcertES"')}
    assert {name for name, row in found.items() if row["since"] == "2005"} == {
        *("Febecoop", "SAW-B", "Syneco"),
    }
    assert found["CoopCity"]["since"] == "2023"
    assert found["ALEAP"]["since"] == ""
    assert len(found) == 20
    assert "Unipso" not in found
    chambers = ask("E4", federationName='"ESS France"')
    assert "CRESS Hauts-de-France" in {row["name"] for row in chambers}


def test_e6_gives_peers_through_both_revisions_and_both_size_lists(ask: Ask) -> None:
    found = [(row["french"], row["belgian"], row["divisionCode"]) for row in ask("E6")]
    pairs = [(*(iri.rpartition("/")[2] for iri in row[:2]), row[2]) for row in found]
    assert pairs == [
        ("fr-000008912", "be-0000009896", "87"),
        ("fr-000001404", "be-0000006928", "88"),
    ]
    dutch = ask("E6", language='"nl"')
    assert [row["belgianName"] for row in dutch] == ["Le Restaurant social", "De Kringwinkel"]
    assert ask("E6", belgianArea="nuts:BE2") == []


def release(name: str) -> Store:
    """Return a release of a few enterprises, with the codes that they refer to."""
    store = Store()
    files = [*ROOT.glob("ontology/codes/*.ttl"), ROOT / f"tests/queries/releases/{name}.ttl"]
    for path in files:
        store.load(path=str(path), format=RdfFormat.TURTLE, base_iri=IRIS.base)
    return store


def test_e7_gives_what_ceased_changed_or_moved_between_two_releases(
    tmp_path: Path, ask: Ask, releases: type[Releases]
) -> None:
    engine = releases(before=release("earlier"), after=release("later"))
    lines = asyncio.run(compare(engine, ask.text("E7"), "before", "after"))
    found = "".join(f"{line}\n" for line in lines)
    ask.is_golden("E7.tsv", found, tmp_path)
    assert "LA RUCHE DU CANAL" not in found
    unchanged = asyncio.run(compare(engine, ask.text("E7"), "after", "after"))
    assert unchanged == lines[:1]


def test_e7_compares_codes_and_not_their_labels(ask: Ask, releases: type[Releases]) -> None:
    state = """
        PREFIX vises: <https://w3id.org/vises/ontology#>
        PREFIX legal: <http://www.w3.org/ns/legal#>
        PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
        INSERT DATA {
          <https://w3id.org/vises/code/nuts/FRE> skos:notation "FRE" .
          <urn:e> legal:legalName "E" ; vises:region <https://w3id.org/vises/code/nuts/FRE> ;
            vises:legalForm <urn:FORM> ; vises:operatingStatus <urn:active> .
          <urn:FORM> skos:prefLabel "LABEL"@en . <urn:active> skos:prefLabel "LABEL"@en .
        }"""
    stores = {name: Store() for name in ("before", "corrected", "after")}
    stores["before"].update(state.replace("FORM", "012").replace("LABEL", "Old"))
    stores["corrected"].update(state.replace("FORM", "012").replace("LABEL", "New"))
    stores["after"].update(state.replace("FORM", "612").replace("LABEL", "New"))
    engine = releases(**stores)
    assert len(asyncio.run(compare(engine, ask.text("E7"), "before", "corrected"))) == 1
    _, *changes = asyncio.run(compare(engine, ask.text("E7"), "corrected", "after"))
    assert [line.split("\t")[4] for line in changes] == ["<urn:012>", "<urn:612>"]


def test_e5_gives_forms_of_both_countries(ask: Ask) -> None:
    codes = {row["code"] for row in ask("E5")}
    assert {"5458", "706"} <= codes
    assert not codes & {"9220", "017"}
    associations = {row["code"] for row in ask("E5", family="family:association")}
    assert {"9220", "017"} <= associations


def test_e8_gives_every_identifier_with_its_issuer(ask: Ask) -> None:
    found = ask("E8")
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
def test_e8_finds_the_same_from_either_side_and_by_any_number(number: str, ask: Ask) -> None:
    wanted = {row["notation"] for row in ask("E8")}
    assert {row["notation"] for row in ask("E8", number=f'"{number}"')} == wanted
