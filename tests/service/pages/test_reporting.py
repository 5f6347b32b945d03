"""How an enterprise reports: the page in three languages, the workbook, and whom it goes to."""

from __future__ import annotations

import io
from html import unescape
from typing import TYPE_CHECKING

import pytest
from openpyxl import load_workbook

if TYPE_CHECKING:
    import httpx


@pytest.mark.parametrize(
    ("language", "heading", "column"),
    [
        ("en", "Report your results", "Start of the period"),
        ("fr", "Transmettre vos résultats", "Début de la période"),
        ("nl", "Uw resultaten doorgeven", "Begin van de periode"),
    ],
)
def test_the_page_tells_what_to_do(
    browser: httpx.Client, language: str, heading: str, column: str
) -> None:
    page = unescape(browser.get("/report", params={"lang": language}).text)
    assert f"<h1>{heading}</h1>" in page
    assert column in page
    for each in ("en", "fr", "nl"):
        assert f'href="/report/impact.xlsx?lang={each}"' in page
    assert "dry-run=true" in page


def test_the_home_page_leads_there(browser: httpx.Client) -> None:
    assert 'href="/report"' in browser.get("/").text


@pytest.mark.parametrize(("language", "sheet"), [("fr", "Résultats"), ("nl", "Resultaten")])
def test_the_workbook_has_the_indicators_of_the_release(
    browser: httpx.Client, language: str, sheet: str
) -> None:
    found = browser.get("/report/impact.xlsx", params={"lang": language})
    assert found.headers["content-type"].endswith("spreadsheetml.sheet")
    assert f'filename="impact-{language}.xlsx"' in found.headers["content-disposition"]
    workbook = load_workbook(io.BytesIO(found.content))
    assert sheet in workbook.sheetnames
    texts = {str(cell) for row in workbook["lists"].iter_rows(values_only=True) for cell in row}
    indicators = browser.get("/indicators.csv").text.splitlines()[1:]
    assert indicators
    for line in indicators:
        name = line.partition(",")[0].rpartition("/")[2]
        assert any(text.startswith(f"{name} ") for text in texts), name
    again = browser.get(
        "/report/impact.xlsx",
        params={"lang": language},
        headers={"If-None-Match": found.headers["etag"]},
    )
    assert again.status_code == 304
    assert browser.get("/report/impact.xlsx", params={"lang": language}).content == found.content


@pytest.mark.parametrize("path", ["/report/impact.xlsx", "/cite/enterprise/fr-1.bib"])
def test_each_language_has_an_answer_of_its_own(browser: httpx.Client, path: str) -> None:
    found = [browser.get(path, headers={"Accept-Language": each}) for each in ("fr", "nl")]
    assert all("Accept-Language" in answer.headers["vary"] for answer in found)
    assert found[0].headers["etag"] != found[1].headers["etag"]


def test_a_release_and_other_methods(browser: httpx.Client) -> None:
    page = browser.get("/report?release=000001&lang=en").text
    assert "/report/impact.xlsx?release=000001&amp;lang=fr" in page
    assert browser.post("/report").status_code == 405
    assert browser.get("/report?release=999999").status_code == 404
