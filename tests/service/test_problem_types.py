"""The type of a problem is an address, and something is there."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    import httpx


def test_the_type_of_a_problem_leads_to_its_page(browser: httpx.Client) -> None:
    refused = browser.get("/sparql?query=SELECT", headers={"Accept": "application/json"})
    address = urlsplit(refused.json()["type"])
    page = browser.get(address.path.removeprefix("/vises"))
    assert page.status_code == 200
    assert "<h1>The query cannot be read</h1>" in page.text
    assert "The text is not a SPARQL query." in page.text
    assert "The status of the answer is 400." in page.text


@pytest.mark.parametrize("kind", ["query-timeout", "query-memory", "engine-busy"])
def test_it_says_the_way_out_in_the_language_of_the_reader(
    browser: httpx.Client, kind: str
) -> None:
    page = browser.get(f"/problems/{kind}", headers={"Accept-Language": "nl"})
    assert "Wat te doen:" in page.text
    assert page.headers["content-language"] == "nl"
    assert "503" in page.text


def test_it_says_what_it_means_in_the_language_of_the_reader(browser: httpx.Client) -> None:
    page = browser.get("/problems/query-syntax", headers={"Accept-Language": "fr"}).text
    assert "pas une requête SPARQL." in page
    assert 'lang="en"' not in page.partition("<main")[2].partition("</main>")[0]


def test_a_type_that_is_none(browser: httpx.Client) -> None:
    missing = browser.get("/problems/%3Cscript%3E")
    assert missing.status_code == 404
    assert "<script>" not in missing.text
