from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from pyoxigraph import NamedNode

from vises.service.pages.rest import rest

IRI = NamedNode("https://data.example/publication/survey")


@pytest.mark.parametrize(
    ("query", "times"), [("publication-contradictions", 2), ("enterprise-neighbours", 1)]
)
def test_the_rest_is_that_of_the_resource(query: str, times: int) -> None:
    (text,) = parse_qs(urlsplit(rest(query, IRI)).query)["query"]
    assert text.count(f"VALUES ?resource {{ {IRI} }}") == times
    assert "VALUES ?resource {}" not in text
    assert "LIMIT" not in text
