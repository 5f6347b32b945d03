"""Things as JSON-LD: the document says what the statements say."""

from __future__ import annotations

import json

import pytest
from pyoxigraph import BaseDirection, Literal, NamedNode, RdfFormat, parse

from vises.namespaces import term
from vises.service.api.things import json_ld

THING, LABEL = NamedNode("https://data.example/a"), term("skos:prefLabel")


@pytest.mark.parametrize("others", [[], [Literal("y", language="ar")], [Literal("plain")]])
def test_a_text_keeps_its_direction(others: list[Literal]) -> None:
    values = [Literal("x", language="ar", direction=BaseDirection.RTL), *others]
    document = json_ld({THING: {LABEL.value: values}}, [THING])
    found = {quad.object for quad in parse(json.dumps(document), RdfFormat.JSON_LD)}
    assert found == set(values)
