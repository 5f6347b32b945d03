"""The pages of code lists and codes over HTTP."""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import RdfFormat, Store, parse

from vises.service.graph import page_query

if TYPE_CHECKING:
    import httpx


def test_the_index_counts_the_codes_of_each_list(browser: httpx.Client) -> None:
    page = browser.get("/codes").text
    row = page.split("/code/nuts", 1)[1].split("</tr>", 1)[0]
    assert "NUTS regions of Belgium and France" in row
    assert '<td class="numeric">212</td>' in row


def test_a_list_shows_its_tree(browser: httpx.Client) -> None:
    page = browser.get("/code/nuts.html").text
    assert "<summary>58 below</summary>" in page
    assert "/code/nuts/FRE11" in page
    assert "data.europa.eu/nuts/code" in page
    assert len(page) < 80_000


def test_a_list_says_until_when_a_code_was_valid(browser: httpx.Client) -> None:
    page = browser.get("/code/legal-form-be.html?lang=fr").text
    assert "jusqu\u2019au 31 décembre 2023" in page


@pytest.mark.parametrize(
    ("query", "there", "not_there"),
    [
        ("q=wallon", "/code/nuts/BE3", "/code/nuts/FRE11"),
        ("q=FRE1", "/code/nuts/FRE11", "/code/nuts/BE3"),
        ("letter=W", "/code/nuts/BE3", "/code/nuts/FRE"),
        ("letter=%F0%9F%92%A5", "/code/nuts/", "data-never"),
    ],
)
def test_a_list_is_searched_and_read_by_letter(
    browser: httpx.Client, query: str, there: str, not_there: str
) -> None:
    page = browser.get(f"/code/nuts.html?{query}").text
    listed = page.partition('id="codes"')[2].partition("</section>")[0]
    assert there in listed
    assert f"{not_there}." not in listed


def test_what_is_sought_stays_text(browser: httpx.Client) -> None:
    hostile = "<script>alert(1)</script>\u202e" + "x" * 3_000
    answer = browser.get("/code/nuts.html", params={"q": hostile})
    assert answer.status_code == 200
    assert "<script>" not in answer.text
    assert "No code of this list" in answer.text
    assert len(answer.text) < 40_000


def test_a_code_says_where_it_stands_and_who_uses_it(browser: httpx.Client) -> None:
    page = browser.get("/code/legal-form-fr/9220.html", headers={"Accept-Language": "fr"}).text
    trail = page.partition('class="trail"')[2].partition("</nav>")[0]
    order = [trail.index(f"/code/legal-form-fr{code}.html") for code in ("", "/9", "/92")]
    assert order == sorted(order)
    used = page.partition('id="uses"')[2]
    assert "Entreprise" in used
    assert "/sparql?query=SELECT" in used
    assert "/search?q=" in used


def test_what_is_said_of_a_mapping_is_no_use_of_its_codes() -> None:
    store = Store()
    store.load(
        b"""@prefix owl: <http://www.w3.org/2002/07/owl#> .
        <urn:used> <urn:by> <urn:code> .
        <urn:out> a owl:Axiom ; owl:annotatedSource <urn:code> ; owl:annotatedTarget <urn:x> .
        <urn:in> a owl:Axiom ; owl:annotatedSource <urn:x> ; owl:annotatedTarget <urn:code> .""",
        RdfFormat.TURTLE,
    )
    query = page_query("concept-uses").replace("?resource {}", "?resource { <urn:code> }")
    assert [row["property"].value for row in store.query(query)] == ["urn:by"]


def test_a_code_that_stands_for_others_names_them(browser: httpx.Client) -> None:
    page = browser.get("/code/nace-rev2/88.html").text
    mapped = page.partition('id="mappings"')[2].partition("</section>")[0]
    assert mapped.index("is the same as") < mapped.index("is about the same as")
    assert "/code/nace-rev2.1/88" in mapped
    assert "/search?activity=88" in browser.get("/code/nace-rev2.1/88.html").text


def test_a_code_no_longer_valid_says_so(browser: httpx.Client) -> None:
    page = browser.get("/code/legal-form-be/006.html")
    assert page.status_code == 200
    assert "This code is no longer valid." in page.text


def test_a_whole_list_comes_as_a_table_and_as_rdf(client: httpx.Client) -> None:
    answer = client.get("/codes/code/nuts.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = {row["notation"]: row for row in csv.DictReader(StringIO(answer.text))}
    assert len(rows) == 212
    assert rows["FRE11"]["broader"] == "FRE1"
    assert rows["BE3"]["label_nl"]
    turtle = client.get("/codes/code/nuts.ttl")
    triples = list(parse(turtle.content, format=RdfFormat.TURTLE))
    assert len({t.subject for t in triples}) == 213
    again = client.get("/codes/code/nuts.ttl", headers={"If-None-Match": turtle.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    "path", ["code/nuts.exe", "code/nuts", "nowhere.csv", ".csv", "code/%00.csv"]
)
def test_what_is_no_list_is_not_found(client: httpx.Client, path: str) -> None:
    answer = client.get(f"/codes/{path}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
