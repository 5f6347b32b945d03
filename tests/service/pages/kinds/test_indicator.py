"""The page of an indicator, and the list."""

from __future__ import annotations

import csv
import re
from decimal import Decimal
from html import unescape
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import Literal, RdfFormat, parse

from vises.service.pages.kinds.indicator import forms
from vises.service.pages.kinds.indicator.alignments import _percent
from vises.service.pages.kinds.indicator.spread import _quantile

if TYPE_CHECKING:
    import httpx


def test_definition_alignments_and_reports(visitor: httpx.Client) -> None:
    page = unescape(visitor.get("/indicator/exits").text)
    assert "Share of those who left and work." in page
    assert ">PI3527</bdi>" in page
    assert "80%" in page
    assert "Job Placement Rate." in page
    assert "cids:Indicator" not in page
    assert 'href="/enterprise/fr-552100554.html"' in page
    assert 'href="/result/1.html"' in page


@pytest.mark.parametrize(("language", "goals"), [("en", "SDG"), ("fr", "ODD"), ("nl", "SDG")])
def test_the_goals_have_their_name_in_each_language(
    visitor: httpx.Client, language: str, goals: str
) -> None:
    page = visitor.get("/indicator/exits", headers={"Accept-Language": language}).text
    assert {"SDG", "ODD"} & {*re.findall(r"<tr><td>([^<]*)</td>", page)} == {goals}


def test_the_spread_is_of_the_last_period_with_enough_attested(visitor: httpx.Client) -> None:
    """In 2025 five enterprises report, one of them two different values."""
    page = unescape(visitor.get("/indicator/exits").text)
    assert "How the values of 7 enterprises are spread, 2022" in page
    assert "<svg" in page
    assert "<dt>Median</dt><dd>40%</dd>" in page
    assert "<dt>Lower quartile</dt><dd>20%</dd>" in page
    assert "8 enterprises report it." in page


def test_the_picture_of_a_spread_says_that_some_of_it_is_made_up(visitor: httpx.Client) -> None:
    invented = unescape(visitor.get("/indicator/ratio").text)
    assert "How the values of 5 enterprises are spread, 2024 (fictitious)" in invented
    assert "spread, 2022 (" not in unescape(visitor.get("/indicator/exits").text)


def test_a_confidence_without_end_is_none(visitor: httpx.Client) -> None:
    page = unescape(visitor.get("/indicator/ratio").text)
    (row,) = re.findall(r"<tr><td>IRIS\+</td>.*?</tr>", page, re.DOTALL)
    assert '<td class="numeric"></td>' in row


def test_a_sum_is_nobody_s_report(visitor: httpx.Client) -> None:
    page = unescape(visitor.get("/indicator/exits").text)
    reports = page.partition('id="reports"')[2].partition("<h2")[0]
    assert "2026" in reports
    assert "2027" not in reports


def test_there_is_no_spread_of_few(visitor: httpx.Client) -> None:
    page = unescape(visitor.get("/indicator/hostile").text)
    assert "No enterprise reports it yet." in page
    few = unescape(visitor.get("/indicator/equity").text)
    assert "no period has results of 5 enterprises" in few
    assert "Median" not in few
    assert "figure" not in few


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ("1 2 3 4", ["1.5", "2.5", "3.5"]),
        ("1 2 3 4 5", ["2", "3", "4"]),
        ("1 2 3 4 5 6 7", ["2", "4", "6"]),
        ("10 10 10 10 100", ["10", "10", "10"]),
    ],
)
def test_quartiles_are_those_of_question_i6(values: str, expected: list[str]) -> None:
    found = [_quantile([Decimal(v) for v in values.split()], quarter) for quarter in (1, 2, 3)]
    assert [f"{value:f}" for value in found] == expected


@pytest.mark.parametrize("confidence", ["INF", "-INF", "NaN", "sure"])
def test_a_confidence_that_is_no_share_is_left_out(confidence: str) -> None:
    assert not _percent(Literal(confidence), None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("EQUITE", ["equity"]),
        ("positive sorties", ["exits"]),
        ("Employ", ["exits"]),
        ("positive equite", []),
        ("", ["equity", "exits", "hostile"]),
    ],
)
def test_the_list_is_searched_by_text(visitor: httpx.Client, words: str, found: list[str]) -> None:
    page = visitor.get("/indicators", params={"q": words}).text
    shown = [
        name for name in ("equity", "exits", "hostile") if f'href="/indicator/{name}.html"' in page
    ]
    assert shown == found


def test_what_is_searched_for_is_text(visitor: httpx.Client) -> None:
    page = visitor.get("/indicators", params={"q": '"><script>alert(1)</script>'}).text
    assert "<script>" not in page
    assert 'value="&#34;&gt;&lt;script&gt;' in page
    assert visitor.get("/indicators", params={"q": "x" * 5000}).status_code == 200
    assert visitor.get("/indicators?q=%ff%00").status_code == 200


def test_the_list_counts_who_reports(visitor: httpx.Client) -> None:
    page = visitor.get("/indicators").text
    row = page.partition('href="/indicator/exits.html"')[2].partition("</tr>")[0]
    assert 'class="numeric">8</td>' in row
    assert page.count("</script>") == page.count("<script")


@pytest.mark.parametrize("form", forms.ENDINGS)
def test_the_list_is_there_as_data(visitor: httpx.Client, form: str) -> None:
    page = visitor.get("/indicators").text
    assert f'href="/indicators.{form}" rel="alternate"' in page
    media_type = forms.ENDINGS[form]
    whole = visitor.get(f"/indicators.{form}")
    assert whole.headers["content-type"].partition(";")[0] == media_type
    negotiated = visitor.get("/indicators", headers={"Accept": media_type})
    assert (negotiated.status_code, negotiated.content) == (200, whole.content)
    fresh = {"If-None-Match": whole.headers["etag"]}
    assert visitor.get(f"/indicators.{form}", headers=fresh).status_code == 304
    if form == "csv":
        rows = list(csv.DictReader(whole.text.splitlines()))
        found = {row["iri"].rpartition("/")[2] for row in rows}
    else:
        quads = parse(whole.content, RdfFormat.from_media_type(media_type))
        found = {str(quad.subject).rpartition("/")[2].rstrip(">") for quad in quads}
    assert {"equity", "exits", "hostile"} <= found


def test_a_form_that_there_is_not(visitor: httpx.Client) -> None:
    assert visitor.get("/indicators", headers={"Accept": "image/png"}).status_code == 406
    assert visitor.get("/indicators.xlsx").status_code == 404
    assert visitor.get("/indicators", headers={"Accept": "text/html, */*;q=0.1"}).is_success
