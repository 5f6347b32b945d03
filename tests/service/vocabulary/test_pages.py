"""The documentation over HTTP: every term is explained, in every language, within bounds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import httpx

MOST = 75_000
"""With the style sheet that is less than 100 kB."""


def anchors(page: str) -> set[str]:
    return set(re.findall(r' id="([A-Za-z][\w-]*)"', page))


@pytest.mark.parametrize("language", ["en", "fr", "nl"])
@pytest.mark.parametrize("document", ["ontology", "shapes"])
def test_a_document_has_an_anchor_for_each_of_its_terms(
    browser: httpx.Client, document: str, language: str
) -> None:
    page = browser.get(f"/{document}", headers={"Accept-Language": language}).text
    turtle = browser.get(f"/{document}.nt").text
    names = set(re.findall(rf"^<https://w3id.org/vises/{document}#([^>]+)> ", turtle, re.MULTILINE))
    assert len(names) > 100
    assert names - anchors(page) == set()
    assert len(page.encode()) < MOST


def test_every_term_of_the_ontology_has_its_page(browser: httpx.Client) -> None:
    page = browser.get("/ontology").text
    names = re.findall(r'href="/vocabulary/terms/(\w+)"', page)
    assert len(set(names)) > 140
    for name in names[::7]:
        answer = browser.get(f"/vocabulary/terms/{name}")
        assert answer.status_code == 200
        assert f"https://w3id.org/vises/ontology#{name}" in answer.text


def test_a_class_says_what_data_must_say(browser: httpx.Client) -> None:
    page = browser.get("/vocabulary/terms/Enterprise").text
    assert "Legal person entered in a business register" in page
    assert "at least 1" in page
    assert "/vocabulary/terms/LegalForm" in page
    assert "A declared association in Lille" in page
    french = browser.get("/vocabulary/terms/Enterprise", headers={"Accept-Language": "fr"}).text
    assert "au moins 1" in french


def test_a_property_of_others_has_the_name_that_the_shape_gives_it(browser: httpx.Client) -> None:
    page = browser.get("/vocabulary/terms/RegionalFigure", headers={"Accept-Language": "fr"}).text
    names = re.findall(r"<dt><[^>]*><bdi[^>]*>([^<]*)<", page)
    assert "territoire" in names
    assert [name for name in names if ":" in name] == []
    shape = browser.get("/vocabulary/shapes/RegionalFigureShape?lang=fr").text
    assert '<bdi>territoire</bdi></a> <span class="code">sdmx-dimension:refArea</span>' in shape
    assert "Sinon (refusé)\u00a0: <bdi>Donnez un seul territoire" in shape


def test_a_property_says_where_it_is_used(browser: httpx.Client) -> None:
    page = browser.get("/vocabulary/terms/legalForm").text
    assert "/vocabulary/shapes/EnterpriseShape#EnterpriseShape-legalForm" in page
    assert "at most 1" in page


def test_every_part_that_a_page_of_a_shape_leads_to_is_there(browser: httpx.Client) -> None:
    path = "/vocabulary/shapes/AggregateSuppressionShape"
    page = browser.get(path).text
    wanted = set(re.findall(rf'href="{path}#([^"]+)"', page))
    assert "AggregateSuppressionShape-noResultSum" in wanted
    assert wanted <= anchors(page)


def test_the_shapes_have_anchors_for_groups_and_conditions(browser: httpx.Client) -> None:
    wanted = {"ActivityGroup", "ContentGroup", "StartsBeforeEnd", "IngestActivityRows"}
    assert wanted <= anchors(browser.get("/shapes").text)


def test_a_shape_has_anchors_for_its_properties(browser: httpx.Client) -> None:
    page = browser.get("/vocabulary/shapes/EnterpriseShape").text
    assert "EnterpriseShape-legalName" in anchors(page)
    assert "Give at least one legal name" in page


@pytest.mark.parametrize(
    "module", ["organisation", "indicator", "methodology", "statistics", "publication"]
)
def test_a_module_has_a_picture_that_leads_to_its_classes(
    browser: httpx.Client, module: str
) -> None:
    page = browser.get(f"/vocabulary/modules/{module}?release=000001&lang=nl").text
    picture = page.partition("<svg")[2].partition("</svg>")[0]
    links = re.findall(r'href="([^"]+)"', picture)
    assert len(links) > 3
    for link in links[:3]:
        assert link.endswith("?release=000001&amp;lang=nl")
        assert browser.get(link.replace("&amp;", "&")).status_code == 200
    assert "style=" not in picture
    assert "<script" not in picture


def test_what_changed_is_told(browser: httpx.Client) -> None:
    page = browser.get("/vocabulary/changes").text
    assert "<h2>0.2.0 (2026-11-25)</h2>" in page
    assert '<div lang="en">' in page


@pytest.mark.parametrize(
    "path", ["terms/x", "terms/%00", "modules/other", "modules/..", "shapes/x"]
)
def test_what_is_no_term_is_not_found(browser: httpx.Client, path: str) -> None:
    assert browser.get(f"/vocabulary/{path}").status_code == 404
