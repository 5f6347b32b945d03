"""The version of the ontology has an IRI of its own, which answers with that version."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import httpx
import pytest
from pyoxigraph import RdfFormat, parse

from vises.namespaces import term
from vises.service.app import create_app
from vises.service.formats import GRAPH_TYPES
from vises.store.releases import ReleaseStore
from vises.store.workers import WorkerPool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from vises.settings import Settings

ONTOLOGY = "https://w3id.org/vises/ontology"
TURTLE = {"Accept": "text/turtle"}


def version(number: str) -> bytes:
    before = {"0.1.0": "0.0.1", "0.2.0": "0.1.0"}[number]
    return f"""
        @prefix owl: <http://www.w3.org/2002/07/owl#> .
        <{ONTOLOGY}> a owl:Ontology ; owl:versionIRI <{ONTOLOGY}/{number}> ;
            owl:priorVersion <{ONTOLOGY}/{before}> .
        <{ONTOLOGY}#Thing> a owl:Class .
    """.encode()


@pytest.fixture(scope="module")
def address(
    tmp_path_factory: pytest.TempPathFactory,
    publish: Callable[..., None],
    settings: Settings,
    run_app: Callable[..., object],
) -> Iterator[str]:
    """Yield the address of a service whose first release held another version."""
    folder: Path = tmp_path_factory.mktemp("versions")
    for number in ("0.1.0", "0.2.0"):
        publish(ReleaseStore(folder / "data"), folder, {"ontology": version(number)})
    here = replace(settings, data=folder / "data")
    engine = WorkerPool(ReleaseStore(here.data), size=1, query_seconds=20, mebibytes=2048)
    with run_app(create_app(here, ReleaseStore(here.data), engine)) as found:  # type: ignore[attr-defined]
        yield found


def current(client: httpx.Client) -> str:
    quads = parse(client.get("/ontology.nt").content, format=RdfFormat.N_TRIPLES)
    return next(q.object.value for q in quads if q.predicate == term("owl:versionIRI"))


def test_the_version_is_the_whole_ontology_in_every_form(client: httpx.Client) -> None:
    path = current(client).removeprefix("https://w3id.org/vises")
    for media_type in GRAPH_TYPES.values():
        answer = client.get(path, headers={"Accept": media_type})
        assert answer.status_code == 200
        assert answer.headers["content-type"].partition(";")[0] == media_type
        assert len(answer.content) > 50_000, media_type
    lines, whole = [sorted(client.get(f"{p}.nt").text.splitlines()) for p in (path, "/ontology")]
    assert lines == whole


def test_the_page_of_the_version_is_that_of_the_ontology(browser: httpx.Client) -> None:
    page = browser.get(current(browser).removeprefix("https://w3id.org/vises"))
    assert page.status_code == 200
    assert 'id="Enterprise"' in page.text


def test_a_version_that_was_leads_to_the_release_that_has_it(address: str) -> None:
    for path, query in (("0.1.0", ""), ("0.1.0.ttl", ""), ("0.1.0", "_mediatype=text/turtle&")):
        asked = f"{address}/ontology/{path}"
        gone = httpx.get(f"{asked}?{query}".rstrip("?&"), headers=TURTLE)
        assert gone.status_code == 302
        assert gone.headers["location"] == f"{asked}?{query}release=000001"
        assert gone.headers["cache-control"] == "no-cache"
        there = httpx.get(gone.headers["location"], headers=TURTLE)
        assert (there.status_code, there.headers["x-release"]) == (200, "000001")
        assert "owl:Class" in there.text
        assert "0.2.0" not in there.text
    page = httpx.get(f"{address}/ontology/0.1.0", headers={"Accept": "text/html"})
    assert page.headers["location"] == f"{address}/ontology/0.1.0?release=000001"


def test_a_version_is_found_behind_many_releases_that_say_nothing_new_of_it(
    publish: Callable[..., None], settings: Settings, run_app: Callable[..., object], tmp_path: Path
) -> None:
    store = ReleaseStore(tmp_path / "data")
    for number in ("0.1.0", "0.2.0"):
        publish(store, tmp_path, {"ontology": version(number)})
    for number in range(12):
        publish(store, tmp_path, {"data": f"<urn:a> <urn:b> {number} .".encode()})
    here = replace(settings, data=tmp_path / "data")
    engine = WorkerPool(ReleaseStore(here.data), size=1, query_seconds=20, mebibytes=2048)
    with run_app(create_app(here, ReleaseStore(here.data), engine)) as found:  # type: ignore[attr-defined]
        way = httpx.get(f"{found}/ontology/0.1.0", headers=TURTLE)
        assert way.headers["location"].endswith("/ontology/0.1.0?release=000001")
        assert httpx.get(way.headers["location"], headers=TURTLE).status_code == 200


def test_a_version_that_never_was_names_those_that_there_are(address: str) -> None:
    unknown = httpx.get(f"{address}/ontology/9.9.9", headers=TURTLE)
    assert unknown.status_code == 404
    assert unknown.json()["type"].endswith("/no-such-version")
    assert unknown.json()["suggestions"] == [
        {"address": "/ontology/0.2.0.html", "name": f"{ONTOLOGY}/0.2.0"},
        {"address": "/ontology", "name": ONTOLOGY},
        {"address": "/vocabulary/changes", "name": "/vocabulary/changes"},
        {"address": "/releases", "name": "/releases"},
    ]
    page = httpx.get(f"{address}/ontology/9.9.9", headers={"Accept": "text/html"})
    assert page.status_code == 404
    assert 'href="/ontology/0.2.0.html"' in page.text


def test_a_version_that_is_named_as_the_one_before_and_was_never_held(address: str) -> None:
    for path in ("0.0.1", "0.0.1.ttl"):
        unknown = httpx.get(f"{address}/ontology/{path}", headers=TURTLE)
        assert unknown.status_code == 404, path
        assert unknown.json()["type"].endswith("/no-such-version")


def test_the_redirect_of_w3id_keeps_the_path(request: pytest.FixtureRequest) -> None:
    rules = (request.config.rootpath / "docs" / "w3id" / "htaccess").read_text("utf-8")
    assert [line.split()[1:3] for line in rules.splitlines() if line.startswith("RewriteRule")] == [
        ["^(.*)$", "https://vises.example.org/$1"]
    ]
