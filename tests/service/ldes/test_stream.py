"""The event streams over HTTP."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import httpx
import pytest
from pyoxigraph import NamedNode, RdfFormat, Store, parse

from vises.service.access import granting
from vises.service.access.file import AccessFile
from vises.service.app import create_app
from vises.service.ldes import description
from vises.store.releases import ReleaseStore
from vises.store.streams import pages
from vises.store.streams.terms import name
from vises.store.workers import WorkerPool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from starlette.types import ASGIApp

    from tests.service.conftest import Publish
    from vises.settings import Settings

BASE = "https://data.example/"
FORMS = {
    "text/turtle": RdfFormat.TURTLE,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "application/rdf+xml": RdfFormat.RDF_XML,
    "application/n-quads": RdfFormat.N_QUADS,
    "application/trig": RdfFormat.TRIG,
    "application/ld+json": RdfFormat.JSON_LD,
}


@pytest.fixture(scope="module")
def streaming(
    tmp_path_factory: pytest.TempPathFactory,
    settings: Settings,
    publish: Publish,
    run_app: Callable[[ASGIApp], AbstractContextManager[str]],
) -> Iterator[tuple[str, Path]]:
    """Return the address of a service with three releases, and its data folder."""
    data = tmp_path_factory.mktemp("stream") / "data"
    scratch = tmp_path_factory.mktemp("scratch")
    releases = ReleaseStore(data)
    many = "".join(f'<m/{n}> <p> "first" .\n' for n in range(pages.MOST_MEMBERS + 10))
    for turtle in (many, many + "<extra> <p> <m/1>, [ <p> 1 ] .", many.replace("first", "v", 1)):
        publish(releases, scratch, {"data": turtle.encode(), "other": b"<o> <p> <o> ."})
    here = replace(settings, data=data)
    workers = WorkerPool(releases, size=2, query_seconds=20, mebibytes=2048)
    with run_app(create_app(here, releases, workers)) as address:
        yield address, data


@pytest.fixture
def client(streaming: tuple[str, Path]) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=streaming[0], timeout=60) as found:
        deadline = time.monotonic() + 60
        while found.get("/ldes").status_code == 503:
            assert time.monotonic() < deadline
        yield found


def graph(answer: httpx.Response) -> Store:
    assert answer.status_code == 200, answer.text
    media_type = answer.headers["content-type"].partition(";")[0]
    store = Store()
    store.extend(parse(answer.content, FORMS[media_type], base_iri=str(answer.url)))
    return store


def objects(store: Store, prop: str, subject: NamedNode | None = None) -> list[NamedNode]:
    return [q.object for q in store.quads_for_pattern(subject, name(prop), None, None)]


def test_from_the_root_every_member_is_found(client: httpx.Client) -> None:
    here = f"{client.base_url}".rstrip("/")
    whole = graph(client.get("/ldes", headers={"Accept": "text/turtle"}))
    assert [view.value for view in objects(whole, "tree:view")] == [f"{here}/ldes"]
    to_visit = [node.value for node in objects(whole, "tree:node")]
    visited, members = set(), []
    stream = NamedNode(f"{here}/ldes#stream")
    while to_visit:
        if (address := to_visit.pop()) in visited:
            continue
        visited.add(address)
        found = graph(client.get(address))
        to_visit += [node.value for node in objects(found, "tree:node")]
        members += [m.value for m in objects(found, "tree:member", stream)]
    assert len(members) == len(set(members)) == pages.MOST_MEMBERS + 10 + 5 + 1
    assert visited >= {f"{here}/ldes/data/1", f"{here}/ldes/data/2", f"{here}/ldes/other/1"}


@pytest.mark.parametrize("media_type", FORMS)
@pytest.mark.parametrize("path", ["/ldes", "/ldes/data", "/ldes/data/2"])
def test_each_form(client: httpx.Client, path: str, media_type: str) -> None:
    answer = client.get(path, headers={"Accept": media_type})
    assert answer.headers["content-type"].partition(";")[0] == media_type
    assert "Accept" in answer.headers["vary"]
    tag = answer.headers["etag"]
    again = client.get(path, headers={"Accept": media_type, "If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    head = client.head(path, headers={"Accept": media_type})
    assert (head.status_code, head.headers["etag"], head.content) == (200, tag, b"")
    assert len(graph(answer)) > 5


def test_members_of_a_form_without_graphs_are_versions_of_things(client: httpx.Client) -> None:
    found = graph(client.get("/ldes/data/2", headers={"Accept": "text/turtle"}))
    (member,) = [
        q.subject
        for q in found.quads_for_pattern(
            None, name("dcterms:isVersionOf"), NamedNode(f"{BASE}extra"), None
        )
        if name("as:Create") in objects(found, "rdf:type", q.subject)
    ]
    values = {str(q.object) for q in found.quads_for_pattern(member, NamedNode(f"{BASE}p"), None)}
    assert f"<{BASE}m/1>" in values
    assert any(f"{BASE}.well-known/genid/" in value for value in values)


def test_full_pages_are_kept_for_good_and_the_last_is_not(client: httpx.Client) -> None:
    first, last = client.get("/ldes/data/1"), client.get("/ldes/data/2")
    assert first.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert last.headers["cache-control"] == "no-cache"
    assert objects(graph(first), "ldes:immutable")
    assert not objects(graph(last), "ldes:immutable")
    assert client.get("/ldes/data").headers["cache-control"] == "no-cache"


def test_the_root_says_what_is_kept(client: httpx.Client) -> None:
    found = graph(client.get("/ldes/data"))
    for prop in ("ldes:timestampPath", "ldes:versionOfPath", "ldes:versionDeleteObject"):
        assert len(objects(found, prop)) == 1
    assert len(objects(found, "ldes:startingFrom")) == 1
    assert objects(found, "ldes:versionAmount") == []
    (shape,) = objects(found, "tree:shape")
    assert len(objects(found, "sh:property", shape)) == 5


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("/ldes/data/3", 404, "beyond-end"),
        ("/ldes/data/999999999", 404, "beyond-end"),
        ("/ldes/data/0", 404, "no-such-page"),
        ("/ldes/data/-1", 404, "no-such-page"),
        ("/ldes/data/1e3", 404, "no-such-page"),
        ("/ldes/data/%F0%9F%92%A9", 404, "no-such-page"),
        ("/ldes/nothing", 404, "no-such-stream"),
        ("/ldes/nothing/1", 404, "no-such-stream"),
        ("/ldes/%2e%2e%2fdumps/1", 404, "no-such-page"),
    ],
)
def test_what_is_not_there(client: httpx.Client, path: str, status: int, kind: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (status, kind)
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("language", "title", "remedy"),
    [
        (
            "fr",
            "Ce flux d\u2019événements n\u2019existe pas",
            "/ldes énumère les flux qui existent.",
        ),
        ("nl", "Deze gebeurtenisstroom bestaat niet", "/ldes geeft de stromen die er zijn."),
        ("en", "There is no such event stream", "/ldes lists the streams there are."),
    ],
)
def test_an_error_is_said_in_the_language_asked_for(
    client: httpx.Client, language: str, title: str, remedy: str
) -> None:
    told = client.get("/ldes/nothing", headers={"Accept-Language": language}).json()
    assert (told["title"], told["remedy"]) == (title, remedy)


def test_pages_can_be_walked_backwards(client: httpx.Client) -> None:
    forwards = [client.get(f"/ldes/data/{n}").content for n in (1, 2)]
    assert [client.get(f"/ldes/data/{n}").content for n in (2, 1)] == forwards[::-1]


def test_another_method_and_another_form(client: httpx.Client) -> None:
    assert client.post("/ldes/data").status_code == 405
    for path in ("/ldes", "/ldes/data", "/ldes/data/1"):
        assert client.get(path, headers={"Accept": "image/png"}).status_code == 406


def test_a_closed_dataset_has_no_stream(streaming: tuple[str, Path], client: httpx.Client) -> None:
    file = AccessFile(streaming[1])
    graph_iri = f"{BASE}graph/other"
    assert client.get("/ldes/other/1").status_code == 200
    granting.close(file, [graph_iri])
    try:
        deadline = time.monotonic() + 20
        while client.get("/ldes/other/1").status_code != 404:
            assert time.monotonic() < deadline
        assert client.get("/ldes/other").json()["type"].endswith("no-such-stream")
        assert graph_iri not in client.get("/ldes").text
        # While something is closed, nothing is kept for good.
        assert client.get("/ldes/data/1").headers["cache-control"] == "no-cache"
    finally:
        granting.reopen(file, [graph_iri])


@pytest.mark.parametrize(
    ("language", "title"), [("fr", "Flux"), ("nl", "Gebeurtenis"), ("en", "Event")]
)
def test_the_page_for_people(client: httpx.Client, language: str, title: str) -> None:
    answer = client.get("/ldes", headers={"Accept": "text/html", "Accept-Language": language})
    assert answer.status_code == 200
    assert answer.headers["content-language"] == language
    assert f"<h1>{title}" in answer.text
    assert f"vises replicate {str(client.base_url).rstrip('/')}/ldes" in answer.text
    assert 'href="/ldes/data"' in answer.text


@pytest.mark.parametrize("before", [0, 7])
@pytest.mark.parametrize("count", [1, 2, 20, 21, 41])
def test_the_pages_are_a_search_tree(count: int, before: int) -> None:
    """Each page has one other node that links to it (TREE, section 2), and a next one."""
    listed = [pages.Listed(before + n, "", f"{n:03}", f"{n:03}") for n in range(1, count + 1)]
    index = pages.Index(f"{BASE}graph/data", before=before, pages=listed)
    places = description.Places("https://here.example", BASE)
    said = list(description.root(places, index, "000001"))
    for one in listed:
        said += description.page(places, index, one, pages.Page())
    linking: dict[str, set[str]] = {}
    for relation in {t.object for t in said if t.predicate == name("tree:relation")}:
        (target,) = [
            t.object.value
            for t in said
            if (t.subject, t.predicate) == (relation, name("tree:node"))
        ]
        linking.setdefault(target, set()).add(relation.value.partition("#")[0])
    assert set(linking) == {places.page("data", one.number).value for one in listed}
    assert all(len(sources) == 1 for sources in linking.values())
    assert (
        len([s for s in linking.values() if s == {"https://here.example/ldes/data"}])
        == (count + 19) // 20
    )
    following = {t.subject.value: t.object.value for t in said if t.predicate == name("as:next")}
    walked = [places.page("data", before + 1).value]
    while walked[-1] in following:
        walked.append(following[walked[-1]])
    assert len(walked) == count
