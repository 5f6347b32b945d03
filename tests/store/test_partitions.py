from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from vises.namespaces import term
from vises.store.partitions import Partitions, from_json, partitions, to_json

if TYPE_CHECKING:
    from pathlib import Path

A, B = NamedNode("https://example.org/graph/a"), NamedNode("https://example.org/graph/b")
TYPE, SAME = term("rdf:type"), term("owl:sameAs")


def quads() -> list[Quad]:
    one, two = (NamedNode(f"https://example.org/{n}") for n in (1, 2))
    kind = NamedNode("https://example.org/Kind")
    return [
        Quad(one, TYPE, kind, A),
        Quad(two, TYPE, kind, A),
        Quad(one, SAME, NamedNode("http://www.wikidata.org/entity/Q1"), A),
        Quad(two, SAME, NamedNode("http://www.wikidata.org/entity/Q2"), A),
        Quad(two, SAME, NamedNode("http://sws.geonames.org/1234/"), A),
        Quad(two, SAME, Literal("no link"), A),
        Quad(one, TYPE, kind, B),
        Quad(one, term("skos:exactMatch"), NamedNode("https://example.net/terms#x"), B),
    ]


EXPECTED = {
    A.value: Partitions(
        {"https://example.org/Kind": 2},
        {TYPE.value: 2, SAME.value: 4},
        {SAME.value: {"http://www.wikidata.org/entity/": 2, "http://sws.geonames.org/": 1}},
    ),
    B.value: Partitions(
        {"https://example.org/Kind": 1},
        {TYPE.value: 1, term("skos:exactMatch").value: 1},
        {term("skos:exactMatch").value: {"https://example.net/terms#": 1}},
    ),
}


def test_each_graph_has_its_own_parts() -> None:
    store = Store()
    store.extend(quads())
    assert partitions(store) == EXPECTED
    assert partitions(Store()) == {}


def test_the_times_that_a_graph_is_about() -> None:
    store = Store()
    times = [("vises:asOf", "2020-05-01"), ("sdmx-dimension:refPeriod", "2019")]
    times += [("schema:foundingDate", "1955-01-02"), ("dcterms:issued", "about 1900")]
    times += [("schema:endDate", "2021-03")]
    store.extend(
        Quad(NamedNode("urn:s"), term(name), Literal(text), NamedNode("urn:g"))
        for name, text in times
    )
    assert partitions(store)["urn:g"].period == ("2019", "2021-03")


@pytest.mark.parametrize(
    ("times", "first", "last"),
    [
        (["2024-03", "2024"], "2024", "2024"),
        (["2024-03-15", "2024-03", "2023-11"], "2023-11", "2024-03"),
        (["2024-03-15T10:00:00Z", "2024-03-15"], "2024-03-15", "2024-03-15"),
        (["2024", "2025-01"], "2024", "2025-01"),
        (["2024-01-01", "2024"], "2024", "2024"),
    ],
)
def test_a_year_ends_after_its_months(times: list[str], first: str, last: str) -> None:
    store = Store()
    for text in times:
        store.add(Quad(NamedNode("urn:s"), term("vises:asOf"), Literal(text), NamedNode("urn:g")))
    assert partitions(store)["urn:g"].period == (first, last)


def test_the_days_of_publication_are_not_what_a_graph_is_about() -> None:
    store = Store()
    for name in ("dcterms:issued", "dcterms:created", "dcterms:modified"):
        store.add(Quad(NamedNode("urn:s"), term(name), Literal("2026-11-23"), NamedNode("urn:g")))
    assert partitions(store)["urn:g"].period is None


def test_the_areas_of_figures_and_enterprises() -> None:
    store = Store()
    for prop, area in (("sdmx-dimension:refArea", "urn:FR"), ("vises:region", "urn:BE")):
        for thing in ("urn:1", "urn:2"):
            store.add(Quad(NamedNode(thing), term(prop), NamedNode(area), NamedNode("urn:g")))
    found = partitions(store)
    assert found["urn:g"].areas == ["urn:BE", "urn:FR"]
    assert from_json(to_json(found)) == found


def test_text_and_back() -> None:
    assert from_json(to_json(EXPECTED)) == EXPECTED
    earlier = '{"g": {"classes": {}, "properties": {}, "links": {}, "period": null}}'
    for wrong in ("", "[1]", earlier, '{"g": {"unknown": 1}}'):
        with pytest.raises((ValueError, TypeError, KeyError, AttributeError)):
            from_json(wrong)


def test_the_process_prints_them(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "store"))
    store.extend(quads())
    store.flush()
    del store
    command = [sys.executable, "-P", "-m", "vises.store.partitions", str(tmp_path / "store")]
    done = subprocess.run(
        [*command, "512", str(os.getpid())], capture_output=True, check=True, timeout=30
    )
    assert from_json(done.stdout) == EXPECTED
