"""IRIs in answers, as objects and as the text that stands for them; literals in JSON."""

from __future__ import annotations

import json

import pytest
from pyoxigraph import Literal

from vises.namespaces import VOCABULARY_BASE, term
from vises.service.api.rows import Writer, plain
from vises.service.iris import Addresses

BASE = "https://data.example/a/a/"


@pytest.mark.parametrize("release", [None, "000003"])
@pytest.mark.parametrize(
    "iri",
    [
        f"{BASE}enterprise/fr-1",
        f"{BASE}a/a",
        f"{BASE}a/a/a",
        f"{BASE}/a/a",
        f"{BASE}a b",
        f"{BASE}enterprise/é",
        f"{BASE}enterprise/x?y#z",
        f"{BASE}enterprise/%22",
        f'{BASE}enterprise/"',
        f"{BASE}alone",
        BASE,
        f"{VOCABULARY_BASE}ontology",
        f"{VOCABULARY_BASE}code/nuts/BE3",
        "https://elsewhere.example/a/a",
    ],
)
def test_the_text_of_an_iri_is_its_object(iri: str, release: str | None) -> None:
    for base in (BASE, VOCABULARY_BASE):
        writer = Writer("https://a.example:8/", Addresses(base, release))
        assert json.loads(f"{{{writer.members(iri)}}}") == writer.thing(iri)


@pytest.mark.parametrize(
    ("lexical", "datatype", "value"),
    [
        ("10.80", "decimal", 10.8),
        ("-.5", "decimal", -0.5),
        ("123456789012.5", "decimal", 123456789012.5),
        ("123456789012.123456", "decimal", "123456789012.123456"),
        ("0.1", "double", 0.1),
        ("123456789012.123456", "double", 123456789012.123456),
        ("999999999999999", "integer", 999999999999999),
        ("9999999999999999", "integer", "9999999999999999"),
        ("1_0", "decimal", "1_0"),
        ("INF", "double", "INF"),
    ],
)
def test_a_number_is_one_in_json_where_it_is_the_same(
    lexical: str, datatype: str, value: str | float
) -> None:
    assert plain(Literal(lexical, datatype=term(f"xsd:{datatype}"))) == value
