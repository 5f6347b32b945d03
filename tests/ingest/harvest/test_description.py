"""The description of a harvest, and the queries that are made of it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from pyoxigraph import QuerySolutions

from tests.ingest.harvest.conftest import HARVEST, Try, Write
from vises.ingest.harvest.description import count_query, read_harvest, seek_query
from vises.ingest.yamlfile import BadDescription


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("DISTINCT ", "", "twice"),
        ("DISTINCT ?thing", "DISTINCT ?thing ?name", "one variable"),
        ("things: SELECT", "things: ASK", "does not parse|no SELECT"),
        ("Thing> }", "Thing> } LIMIT 5", "does not parse"),
        ("Thing> }", "Thing> } ORDER BY ?thing", "does not parse"),
        ("Thing> }", "Thing> SERVICE <http://x.example/> { ?a ?b ?c } }", "third party"),
        ("CONSTRUCT { ?thing <http://e.example/name> ?name }", "ASK", "no triples"),
        ("?name }\n", "?name } LIMIT 1\n", "does not parse"),
        ("key: thing", "key: other", "one variable"),
        ("key: thing", "key: '?thing'", "question mark"),
        ("page: 5", "page: 0", "1 to 1000"),
        ("pause: 0", "pause: soon", "seconds"),
        ("endpoint: http", "endpoint: ftp", "address of an endpoint"),
        ("{?thing a", "{?thing a", ""),
    ],
)
def test_a_wrong_description(write: Write, old: str, new: str, said: str) -> None:
    text = HARVEST.format(endpoint="http://x.example/", page=5, paging="offset").replace(
        "{ ?thing a", "{?thing a"
    )
    assert old in text
    path = write("h.yml", text.replace(old, new))
    if not said:
        assert read_harvest(path).key == "thing"
        return
    with pytest.raises(BadDescription) as refusal:
        read_harvest(path)
    assert re.search(said, f"{refusal.value.detail} {refusal.value.remedy}")
    assert "line" in str(refusal.value.place)


def test_a_prologue_stays_in_front(attempt: Try) -> None:
    said = attempt.described()
    things = (
        "# whose\nPREFIX e: <http://e.example/>\nSELECT DISTINCT ?thing { ?thing a e:Thing }# all"
    )
    query = seek_query(replace(said, things=things), 'http://e.example/"}', 3)
    store = attempt.peer.store
    found = store.query(query)
    assert isinstance(found, QuerySolutions)
    assert [row[0].value for row in found] == [f"http://e.example/00{n}" for n in range(3)]
    counted = store.query(count_query(replace(said, things=things)))
    assert isinstance(counted, QuerySolutions)
    assert [row[0].value for row in counted] == ["25"]
