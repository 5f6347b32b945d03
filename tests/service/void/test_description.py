from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import RdfFormat, parse

from vises.namespaces import term
from vises.service.formats import GRAPH_TYPES
from vises.service.void.description import VoidFacts, void_description
from vises.store.partitions import Partitions
from vises.store.releases import Release, ReleaseStore

if TYPE_CHECKING:
    from vises.settings import Settings

OPEN, CLOSED = "https://data.example/graph/open", "https://data.example/graph/closed"
SAME = term("owl:sameAs").value


@pytest.fixture
def facts(settings: Settings) -> VoidFacts:
    release = ReleaseStore(settings.data).current()
    assert isinstance(release, Release)
    return VoidFacts(
        document="https://vises.example/.well-known/void",
        endpoint="https://vises.example/sparql",
        home="https://vises.example/",
        base="https://data.example/",
        release=release,
        graphs={
            OPEN: Partitions({"http://x/Open": 3}, {"http://x/p": 5}),
            CLOSED: Partitions(
                {"http://secret/Closed": 7},
                {"http://secret/q": 11, SAME: 2},
                {
                    SAME: {
                        "http://secret/links/": 1,
                        "https://data.example/own/": 1,
                        "https://": 4,
                        "": 1,
                    }
                },
            ),
        },
    )


def lines(facts: VoidFacts) -> str:
    return void_description(facts, "application/n-triples").decode()


def test_nothing_is_said_or_counted_of_a_hidden_graph(facts: VoidFacts) -> None:
    assert "http://secret/Closed" in lines(facts)
    shown = lines(replace(facts, hidden=frozenset({CLOSED})))
    assert "secret" not in shown
    assert "closed" not in shown
    whole = "<https://vises.example/.well-known/void#dataset> <http://rdfs.org/ns/void#"
    assert f'{whole}triples> "5"' in shown
    assert f'{whole}classes> "1"' in shown
    assert f'{whole}triples> "18"' in lines(facts)


def test_only_links_to_others_are_linksets(facts: VoidFacts) -> None:
    assert lines(facts).count(term("void:Linkset").value) == 1


@pytest.mark.parametrize("media_type", GRAPH_TYPES.values())
def test_every_form_says_the_same(facts: VoidFacts, media_type: str) -> None:
    form = RdfFormat.from_media_type(media_type)
    assert form
    found = list(parse(void_description(facts, media_type), format=form))
    assert len(found) == len(lines(facts).splitlines())
