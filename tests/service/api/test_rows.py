"""IRIs in answers, as objects and as the text that stands for them."""

from __future__ import annotations

import json

import pytest

from vises.namespaces import VOCABULARY_BASE
from vises.service.api.rows import Writer
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
