"""The page of an indicator, and the list."""

from __future__ import annotations

from decimal import Decimal
from html import unescape
from typing import TYPE_CHECKING

import pytest

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


def test_the_spread_is_of_the_last_period_in_which_enough_report(visitor: httpx.Client) -> None:
    page = unescape(visitor.get("/indicator/exits").text)
    assert "How the values of 7 enterprises are spread, 2022" in page
    assert "<svg" in page
    assert "<dt>Median</dt><dd>40%</dd>" in page
    assert "<dt>Lower quartile</dt><dd>20%</dd>" in page
    assert "8 enterprises report it." in page


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
    assert '<td class="numeric">8</td>' in row
    assert "</script><b>" not in page
