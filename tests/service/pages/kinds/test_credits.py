"""Whom citations credit: makers and publishers of things, publishers of datasets, sources."""

from __future__ import annotations

from html import unescape
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import httpx


@pytest.mark.parametrize(
    ("path", "authors", "year"),
    [
        ("publication/two", ["Them"], 2022),
        ("result/1", ["Us"], None),
        ("publication/one", ["VISES"], None),
    ],
)
def test_who_is_credited(
    visitor: httpx.Client, path: str, authors: list[str], year: int | None
) -> None:
    (item,) = visitor.get(f"/cite/{path}.csl.json").json()
    assert [author["literal"] for author in item["author"]] == authors
    assert item["publisher"] == "VISES"
    (parts,) = item["issued"]["date-parts"]
    assert (parts == [year]) is (year is not None)


def test_a_year_that_is_none_is_left_out(visitor: httpx.Client) -> None:
    (item,) = visitor.get("/cite/publication/undated.csl.json").json()
    assert len(item["issued"]["date-parts"][0]) == 3


def test_the_licence_is_that_of_the_dataset(visitor: httpx.Client) -> None:
    entry = visitor.get("/cite/result/1.bib").text
    assert "Licence of the data: https://creativecommons.org/licenses/by/4.0/" in entry
    assert "Licence" not in visitor.get("/cite/publication/one.bib").text


@pytest.mark.parametrize(
    ("language", "source"),
    [("en", "Source: The first count."), ("nl", "Bron: The first count.")],
)
def test_a_figure_is_cited_with_its_source(
    visitor: httpx.Client, language: str, source: str
) -> None:
    page = unescape(visitor.get("/figure/one-2021.html", params={"lang": language}).text)
    sentence = page.partition('class="citation"')[2].partition("</p>")[0]
    assert source in sentence
    assert "one-2021" in sentence
