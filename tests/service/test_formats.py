from __future__ import annotations

import pytest

from vises.service.api.forms import QUESTION_FORMS
from vises.service.formats import (
    GRAPH_TYPES,
    RESULT_TYPES,
    content_type,
    graph_type,
    results_type,
    wants_html,
)
from vises.store import engine

CHROMIUM = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


def test_what_we_offer_is_what_the_engine_makes() -> None:
    assert set(RESULT_TYPES.values()) == set(engine.RESULTS_TYPES)
    assert set(GRAPH_TYPES.values()) == set(engine.GRAPH_TYPES)


def test_every_form_of_a_table_is_one_of_the_api() -> None:
    assert set(RESULT_TYPES.values()) <= set(QUESTION_FORMS.values())


@pytest.mark.parametrize(
    ("accept", "results", "graph"),
    [
        (None, "application/sparql-results+json", "text/turtle"),
        ("*/*", "application/sparql-results+json", "text/turtle"),
        ("application/json", "application/sparql-results+json", "application/ld+json"),
        ("application/xml", "application/sparql-results+xml", "application/rdf+xml"),
        ("text/xml", "application/sparql-results+xml", "application/rdf+xml"),
        ("text/csv", "text/csv", None),
        ("application/vnd.apache.arrow.stream", "application/vnd.apache.arrow.stream", None),
        ("application/vnd.apache.parquet", "application/vnd.apache.parquet", None),
        ("application/*", "application/sparql-results+json", "application/n-triples"),
        ("text/turtle", None, "text/turtle"),
        ("text/plain", None, "application/n-triples"),
        ("text/csv;q=0.2, application/sparql-results+xml", "application/sparql-results+xml", None),
    ],
)
def test_accept_to_media_types(accept: str | None, results: str | None, graph: str | None) -> None:
    assert results_type(accept) == results
    assert graph_type(accept) == graph


def test_only_those_who_prefer_pages_get_pages() -> None:
    assert wants_html(CHROMIUM)
    assert wants_html("application/xhtml+xml")
    assert not wants_html("*/*")
    assert not wants_html(None)
    assert not wants_html("application/sparql-results+json, text/html")
    assert wants_html("application/sparql-results+json;q=0.9, text/html")


def test_text_names_its_charset() -> None:
    assert content_type("text/csv") == "text/csv; charset=utf-8"
    assert content_type("application/ld+json") == "application/ld+json"
