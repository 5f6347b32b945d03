"""The portrait of an enterprise."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import pytest

from vises.service.pages.kinds.enterprise.registers import register_page

if TYPE_CHECKING:
    import httpx

PATH = "/enterprise/fr-552100554"
SCHEME = "https://w3id.org/vises/code/identifier-scheme/"


def section(page: str, name: str) -> str:
    """Return the section with a heading of that id, tags as they are."""
    found = re.search(rf'<section[^>]*aria-labelledby="{name}">.*?</section>', page, re.DOTALL)
    assert found, name
    return unescape(found[0])


def test_whether_it_counts_depends_on_who_counts(visitor: httpx.Client) -> None:
    claims = section(visitor.get(PATH).text, "claims")
    assert "yes under 1 of the 2 rules" in claims
    assert claims.count("answer-yes") == 2
    assert claims.count("answer-no") == 1
    assert 'href="/claim/2.html"' in claims
    assert 'href="/code/perimeter/insee-flag.html"' in claims
    assert "Legal units whose variable economieSocialeSolidaireUniteLegale equals O" in claims
    assert "31 January 2026" in claims
    silent = claims.partition("under which no source here says anything")[2]
    assert "/code/perimeter/ess-france-list.html" in silent
    assert "/code/perimeter/insee-flag.html" not in silent


@pytest.mark.parametrize(
    ("language", "words"),
    [("fr", "oui selon 1 des 2 règles"), ("nl", "ja volgens 1 van de 2 regels")],
)
def test_it_is_said_in_the_language_of_the_visitor(
    visitor: httpx.Client, language: str, words: str
) -> None:
    assert words in section(visitor.get(PATH, params={"lang": language}).text, "claims")


def test_silence_is_no_no(visitor: httpx.Client) -> None:
    claims = section(visitor.get("/enterprise/fr-2").text, "claims")
    assert "That is not a no" in claims
    assert "<table" not in claims


def test_numbers_and_words_are_equals(visitor: httpx.Client) -> None:
    impact = section(visitor.get(PATH).text, "impact")
    numbers, _, words = impact.partition("In words")
    assert 'href="/result/1.html"' in numbers
    assert "48.5%" in numbers
    assert "<dt>2024</dt>" in numbers
    assert "1 September 2023 to 30 June 2024" in numbers
    assert "Register of leavers" in numbers
    assert "Neither a method nor evidence is given." in numbers
    assert '<blockquote lang="fr"><p><bdi>Le matin, on chante.</bdi>' in words
    assert "Testimony" in words


def test_its_way_with_the_method(visitor: httpx.Client) -> None:
    method = section(visitor.get(PATH).text, "method")
    states = re.findall(r'class="stage-(\w+)">.*?<bdi>([^<]+)</bdi>', method, re.DOTALL)
    assert states == [("done", "Taking stock"), ("begun", "Collecting"), ("open", "Analysing")]
    assert "What changes?" in method
    assert "stopped" not in method
    assert "No trial" in section(visitor.get("/enterprise/fr-2").text, "method")


def test_a_stopped_trial_is_not_under_way(visitor: httpx.Client) -> None:
    method = section(visitor.get("/enterprise/fr-3").text, "method")
    assert "This trial was stopped on the way." in method
    assert "Begun, not completed" in method
    assert "Under way" not in method


def test_its_region_under_the_rules_that_count_it(visitor: httpx.Client) -> None:
    region = section(visitor.get(PATH).text, "region")
    rows = re.findall(r"<tr><th scope=\"row\">.*?</tr>", region, re.DOTALL)
    numbers = [re.findall(r">(\d+)</bdi>", row)[0] for row in rows]
    assert numbers == ["70", "90", "60"]
    assert "This rule counts the enterprise in." in rows[0]
    assert "the enterprise" not in rows[1]
    assert "This rule leaves the enterprise out." in rows[2]
    assert "provisional, says the source" in rows[2]
    assert "provisional" not in rows[1]
    assert "La Voisine" in region
    assert "La Disparue" not in region
    assert "Atelier commun" not in region


def test_each_statement_leads_to_its_source(visitor: httpx.Client) -> None:
    page = visitor.get(PATH).text
    cited = set(re.findall(r'href="#source-(\d+)"', page))
    listed = set(re.findall(r'id="source-(\d+)"', page))
    assert cited == listed
    assert len(listed) == 3
    assert "How to cite" in page
    assert "/cite/enterprise/fr-552100554.bib?release=000001" in page


def test_numbers_lead_to_the_register_unless_made_up(visitor: httpx.Client) -> None:
    assert "annuaire-entreprises.data.gouv.fr/entreprise/552100554" in visitor.get(PATH).text
    made_up = visitor.get("/enterprise/fr-3").text
    assert "annuaire-entreprises" not in made_up
    assert "no register knows this number" in made_up


@pytest.mark.parametrize(
    ("scheme", "number", "end"),
    [
        ("kbo", "0407.562.029", "ondernemingsnummer=0407562029"),
        ("siret", "55210055400013", "/etablissement/55210055400013"),
        ("wikidata", "Q4115189", "/wiki/Q4115189"),
        ("lei", "969500KN90DZLPGW6898", "/record/969500KN90DZLPGW6898"),
    ],
)
def test_registers(scheme: str, number: str, end: str) -> None:
    found = register_page(SCHEME + scheme, number)
    assert found is not None
    assert found.endswith(end)


@pytest.mark.parametrize(
    ("scheme", "number"),
    [("siren", "12345678"), ("siren", "12345678٣"), ("rna", "W595000001"), ("lei", '"><script>')],
)
def test_numbers_that_lead_nowhere(scheme: str, number: str) -> None:
    assert register_page(SCHEME + scheme, number) is None


def test_hostile_names_are_text(visitor: httpx.Client) -> None:
    page = visitor.get("/enterprise/fr-3").text
    assert "<script>" not in page
    assert "<h1><bdi>&lt;script&gt;alert(1)&lt;/script&gt;\u202e</bdi></h1>" in page


def test_too_much_stays_a_page(visitor: httpx.Client) -> None:
    page = visitor.get("/enterprise/big")
    assert len(page.content) < 60_000
    text = unescape(page.text)
    assert "Left out here: 680." in text
    assert "40 are shown here, and there are more." in text
    assert "10 are shown here, and there are more." in text
    assert text.count("word word") <= 10 * 1000
    every = re.search(r'there are more\. <a href="(/sparql\?[^"]+)"', text)
    assert every
    asked = visitor.get(every[1], headers={"Accept": "text/csv"})
    assert len(asked.text.splitlines()) == 701
