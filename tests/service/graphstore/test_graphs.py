"""The graph store as its writers, its readers and hostile clients see it."""

from __future__ import annotations

import html
import json
import re
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx
import pytest
from pyoxigraph import Dataset, Literal, NamedNode, RdfFormat, Store, Triple, parse

from vises.store.update.request import MOST_CHANGED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.service.conftest import Desk, Open

GRAPH = "https://data.example/graph/"
TURTLE = {"Content-Type": "text/turtle"}


@pytest.fixture
def client(desk: Desk) -> Iterator[httpx.Client]:
    with desk.client() as found:
        yield found


def kind(answer: httpx.Response) -> str:
    return answer.json()["type"].rpartition("/")[2]


def indirect(name: str) -> str:
    return f"/graphs?graph={quote(GRAPH + name, safe='')}"


def test_a_graph_from_its_beginning_to_its_end(desk: Desk, client: httpx.Client) -> None:
    assert client.get("/graphs/mine/life").status_code == 404
    made = client.put("/graphs/mine/life", content="<a> <b> 1 .", headers=TURTLE)
    assert made.status_code == 201
    assert made.headers["Location"] == f"{desk.address}{indirect('mine/life')}"
    assert made.headers["X-Release"] == desk.current
    assert "ETag" not in made.headers, "what was sent is not what is read (RFC 9110, 9.3.4)"
    assert desk.releases.get(desk.current).message == f"PUT <{GRAPH}mine/life>"
    one = f'<{GRAPH}mine/a> <{GRAPH}mine/b> "1"^^<http://www.w3.org/2001/XMLSchema#integer>'
    assert desk.lines("mine/life") == {one}, "relative IRIs are resolved against the graph's"

    added = client.post(indirect("mine/life"), content="<a> <b> [ <c> 2 ] .", headers=TURTLE)
    assert added.status_code == 204
    assert client.post(indirect("mine/life"), content="<a> <b> [ <c> 2 ] .", headers=TURTLE)
    assert len(desk.lines("mine/life")) == 5, "blank nodes of two documents are not the same"

    read = client.get("/graphs/mine/life", headers={"Accept": "application/n-triples"})
    assert read.headers["Content-Type"] == "application/n-triples"
    assert len(read.text.splitlines()) == 5
    head = client.head("/graphs/mine/life", headers={"Accept": "application/n-triples"})
    assert head.headers["Content-Length"] == read.headers["Content-Length"] != "0"
    for name in ("ETag", "Content-Type", "X-Release", "Vary"):
        assert head.headers[name] == read.headers[name]
    seen = client.get(
        "/graphs/mine/life",
        headers={"Accept": "application/n-triples", "If-None-Match": read.headers["ETag"]},
    )
    assert seen.status_code == 304

    patch = {"Content-Type": "application/sparql-update"}
    update = "DELETE { ?s ?p ?o } INSERT { <x:new> ?p 3 } WHERE { ?s ?p ?o FILTER(isBlank(?s)) }"
    patched = client.patch("/graphs/mine/life", content=update, headers=patch)
    assert patched.status_code == 204
    assert patched.headers["ETag"] != added.headers["ETag"]
    assert f'<x:new> <{GRAPH}mine/c> "3"' in "\n".join(desk.lines("mine/life"))
    other = client.patch(
        "/graphs/mine/life",
        content=f"INSERT DATA {{ GRAPH <{GRAPH}mine> {{ <x:s> <x:p> 1 }} }}",
        headers=patch,
    )
    assert (other.status_code, kind(other)) == (400, "outside-graph")

    before = desk.current
    assert client.delete("/graphs/mine/life").status_code == 204
    assert client.delete("/graphs/mine/life").status_code == 404
    assert client.get("/graphs/mine/life").status_code == 404
    past = client.get(f"/graphs/mine/life?release={before}")
    assert past.status_code == 200, "an earlier release has it still"
    frozen = client.put(f"/graphs/mine/life?release={before}", content="", headers=TURTLE)
    assert frozen.status_code == 400


def test_a_graph_that_nothing_describes_has_rdf_and_links_that_lead_somewhere(
    desk: Desk, client: httpx.Client
) -> None:
    client.put("/graphs/mine/bare", content="<x:a> <x:b> 1, 2 .", headers=TURTLE)
    described = client.get("/graph/mine/bare", headers={"Accept": "text/turtle"})
    assert described.status_code == 200
    iri, void = NamedNode(f"{GRAPH}mine/bare"), "http://rdfs.org/ns/void#"
    found = {q.triple for q in parse(described.content, RdfFormat.TURTLE)}
    assert Triple(iri, NamedNode(f"{void}triples"), Literal(2)) in found
    page = client.get("/graph/mine/bare.html")
    assert "2" in page.text
    addresses = re.findall(r"<(/[^>]+)>", page.headers["Link"])
    addresses += re.findall(r'href="(/[^"]*mine/bare[^"]*)"', page.text)
    assert any(address.startswith("/cite/") for address in addresses)
    assert any(address.endswith(".jsonld") for address in addresses)
    for address in addresses:
        assert client.get(html.unescape(address)).status_code == 200, address

    client.put("/graphs/mine/bare", content="<x:a> <x:b> 1 .", headers=TURTLE)
    last = desk.current
    client.delete("/graphs/mine/bare")
    for ending in ("", ".ttl", ".html"):
        gone = client.get(f"/graph/mine/bare{ending}")
        assert (gone.status_code, kind(gone)) == (410, "gone")
        [way] = gone.json()["suggestions"]
        assert way["address"] == f"/graph/mine/bare.html?release={last}"
    assert client.get(way["address"]).status_code == 200
    assert client.get(f"/graph/mine/bare.ttl?release={last}").status_code == 200


def test_a_closed_graph_is_described_to_its_readers_alone(desk: Desk, client: httpx.Client) -> None:
    assert client.get("/graph/draft.ttl").status_code == 404
    with desk.client(desk.grant("draft", read=True, write=False)) as reader:
        assert reader.get("/graph/draft.ttl").status_code == 200


def test_of_two_writers_who_saw_the_same_state_one_is_told(desk: Desk) -> None:
    with desk.client() as client:
        client.put("/graphs/mine/two", content="<x:a> <x:b> 0 .", headers=TURTLE)
        plain = client.head("/graphs/mine/two")
        read = client.get("/graphs/mine/two", headers={"Accept": "application/ld+json"})

    def write(number: int) -> httpx.Response:
        tag = (plain if number % 2 else read).headers["ETag"]
        headers = {**TURTLE, "If-Match": f'"other", {tag}'}
        with desk.client() as client:
            content = f"<x:a> <x:b> {number + 1} ."
            return client.put("/graphs/mine/two", content=content, headers=headers)

    with ThreadPoolExecutor(6) as many:
        answers = list(many.map(write, range(6)))
    statuses = [answer.status_code for answer in answers]
    assert sorted(statuses) == [204] + [412] * 5
    (found,) = desk.lines("mine/two")
    assert f'"{statuses.index(204) + 1}"' in found
    refused = answers[statuses.index(412)]
    assert kind(refused) == "precondition-failed"
    with desk.client() as client:
        now = client.head("/graphs/mine/two").headers["ETag"].partition("-")[0]
    assert now in refused.json()["detail"]


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("PUT", {"If-None-Match": "*"}, 412),
        ("PUT", {"If-Match": "*"}, 204),
        ("PUT", {"If-Match": '"0123"'}, 412),
        ("PUT", {"If-Match": "W/TAG"}, 412),
        ("PUT", {"If-None-Match": "W/TAG"}, 412),
        ("POST", {"If-Match": "TAG"}, 204),
        ("POST", {"If-Match": "nonsense"}, 412),
        ("PATCH", {"If-Match": '"0123"'}, 412),
        ("PATCH", {"If-Match": "TAG"}, 204),
        ("DELETE", {"If-Match": '"0123"'}, 412),
        ("DELETE", {"If-Match": "TAG"}, 204),
    ],
)
def test_preconditions(
    client: httpx.Client, method: str, headers: dict[str, str], status: int
) -> None:
    client.put("/graphs/mine/if", content="<x:a> <x:b> 1 .", headers=TURTLE)
    tag = client.head("/graphs/mine/if").headers["ETag"]
    sent = {name: value.replace("TAG", tag) for name, value in headers.items()}
    sent["Content-Type"] = "application/sparql-update" if method == "PATCH" else "text/turtle"
    content = "INSERT DATA { <x:a> <x:b> 2 }" if method == "PATCH" else "<x:a> <x:b> 2 ."
    answer = client.request(method, "/graphs/mine/if", content=content, headers=sent)
    assert answer.status_code == status
    gone = client.put("/graphs/mine/never", content="", headers={**TURTLE, "If-Match": "*"})
    assert gone.status_code == 412


def test_who_may_not_write(desk: Desk, client: httpx.Client) -> None:
    before = desk.current
    nobody = httpx.put(f"{desk.address}/graphs/mine", content=b"", headers=TURTLE)
    assert nobody.status_code == 401
    assert "WWW-Authenticate" in nobody.headers
    for method, graph in (("PUT", "else"), ("DELETE", "data"), ("POST", "else"), ("PATCH", "x")):
        answer = client.request(method, f"/graphs/{graph}", content="", headers=TURTLE)
        assert answer.status_code == 403
        assert f"<{GRAPH}{graph}>" in answer.json()["detail"]
    with desk.client(desk.grant("*")) as all_graphs:
        managed = all_graphs.delete("/graphs/provenance")
        assert (managed.status_code, kind(managed)) == (403, "write-forbidden")
        assert all_graphs.post("/graphs", content="", headers=TURTLE).status_code == 204
    assert desk.current == before


def test_a_closed_graph_is_not_there(desk: Desk, client: httpx.Client) -> None:
    for address in ("/graphs/draft", indirect("draft"), "/graphs/nowhere"):
        answer = client.get(address)
        assert (answer.status_code, kind(answer)) == (404, "no-such-graph")
    everything = client.get("/graphs?default", headers={"Accept": "application/n-triples"})
    assert everything.status_code == 200
    assert "Atelier" in everything.text
    assert "Brouillon" not in everything.text
    with desk.client(desk.grant("draft", read=True, write=False)) as reader:
        assert "Brouillon" in reader.get("/graphs/draft").text
        whole = reader.get("/graphs?default", headers={"Accept": "application/n-triples"})
        assert "Brouillon" in whole.text
        assert whole.headers["ETag"] != everything.headers["ETag"]


def test_a_writer_who_may_not_read_is_told_no_state(desk: Desk) -> None:
    with desk.client(desk.grant("draft")) as writer:
        added = writer.post("/graphs/draft", content="<x:a> <x:b> 1 .", headers=TURTLE)
        assert added.status_code == 204
        assert "ETag" not in added.headers
        refused = writer.put("/graphs/draft", headers={**TURTLE, "If-Match": '"0"'})
        assert refused.status_code == 412
        assert "tag" not in refused.json()["detail"]
        assert writer.get("/graphs/draft").status_code == 404


def test_a_new_graph_gets_a_name(client: httpx.Client) -> None:
    headers = {**TURTLE, "Slug": "mine/ t & more"}
    made = client.post("/graphs", content="<x:a> <x:b> 1 .", headers=headers)
    assert made.status_code == 201, made.text
    assert made.headers["Location"] == f"{GRAPH}mine-t-more"
    again = client.post("/graphs", content="<x:a> <x:b> 1 .", headers=headers)
    assert again.status_code == 412
    random = client.post("/graphs", content="<x:a> <x:b> 1 .", headers=TURTLE)
    assert random.status_code == 403, "this token writes to names that begin with mine"


def test_parts(client: httpx.Client, desk: Desk) -> None:
    files = {
        "a": ("a.ttl", b"<x:a> <x:b> [ <x:c> 1 ] .", "text/turtle"),
        "b": ("b.nt", b"_:b <x:c> <x:d> .\n", "application/n-triples"),
    }
    assert client.put("/graphs/mine/parts", files=files).status_code == 201
    assert len(desk.lines("mine/parts")) == 3
    cut = client.post(
        "/graphs/mine/parts",
        content=b"--x\r\nContent-Type: text/turtle\r\n\r\n<x:a> <x:b> 9 .",
        headers={"Content-Type": "multipart/form-data; boundary=x"},
    )
    assert cut.status_code == 400
    none = client.post(
        "/graphs/mine/parts", content=b"", headers={"Content-Type": "multipart/form-data"}
    )
    assert none.status_code == 400
    assert len(desk.lines("mine/parts")) == 3


JSON_LD = "application/ld+json"
NAMED = b'{"@id": "x:g", "@graph": [{"@id": "x:a", "x:b": 1}]}'
ENTITY = b"""<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]>
<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:x="x:">
<r:Description r:about="x:a"><x:b>&x;</x:b></r:Description></r:RDF>"""
_LAUGHS = b"".join(
    b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10 if n else b"lol" * 10) for n in range(12)
)
LAUGHS = ENTITY.replace(b'<!ENTITY x SYSTEM "file:///etc/hostname">', _LAUGHS).replace(
    b"&x;", b"&l11;"
)


@pytest.mark.parametrize(
    "bad",
    [
        (b"<x:a> <x:b>\n <x:c> ; ; ] .", TURTLE, 400, (2, 12)),
        (b"<x:a> <x:b> <x:c>", TURTLE, 400, (1, 18)),
        (b"<x:a> <x:b> '\xff' .", TURTLE, 400, (1, 14)),
        ("<x:a> <x:b> 'é' .".encode("utf-16"), TURTLE, 400, (1, 1)),
        (b"<x:a> <x:b> 1 .", {"Content-Type": "text/turtle; charset=utf-16"}, 415, None),
        (b"<x:a> <x:b> 1 .", {"Content-Type": "text/plain"}, 415, None),
        (b"<x:a> <x:b> 1 .", {}, 415, None),
        (b"<x:a> <x:b> <x:c> <x:d> .", {"Content-Type": "application/n-quads"}, 415, None),
        (b"\x1f\x8b", {**TURTLE, "Content-Encoding": "gzip"}, 415, None),
        (b"<x:a> <x:b> 7 .", {**TURTLE, "Content-Range": "bytes 0-14/99"}, 400, None),
        (b"<x:a> <x:b> 1 .", {"Content-Type": "text/turtle;" + "a" * 2000}, 415, None),
        (b'{"@context": "http://127.0.0.1:1/c", "a": 1}', {"Content-Type": JSON_LD}, 400, None),
        (
            b'{"@id": "x:g", "@graph": [{"@id": "x:a", "x:b": 1}]}',
            {"Content-Type": JSON_LD},
            400,
            None,
        ),
        (b"[" * 200_000, {"Content-Type": JSON_LD}, 400, None),
        (b"<x:a> <x:b> " + b"(" * 100_000 + b" .", TURTLE, 400, None),
        (ENTITY, {"Content-Type": "application/rdf+xml"}, 400, None),
        (LAUGHS, {"Content-Type": "application/rdf+xml"}, None, None),
        (b"<x:a> <x:b> <javascript alert> .", TURTLE, 400, (1, 13)),
    ],
    ids=lambda bad: repr(bad[0][:20]) + str(bad[1])[17:40],
)
def test_what_cannot_be_read_changes_nothing(
    desk: Desk, client: httpx.Client, bad: tuple[bytes, dict[str, str], int | None, object]
) -> None:
    content, headers, status, place = bad
    before = desk.current
    for method in ("PUT", "POST") if status else ("PUT",):
        answer = client.request(method, "/graphs/mine/bad", content=content, headers=headers)
        assert answer.status_code == (status or answer.status_code)
        assert answer.status_code in {400, 413, 415, 500, 503}
        problem = answer.json()
        if place:
            assert (problem["line"], problem["column"]) == place, problem
        if answer.status_code == 415:
            assert "text/turtle" in answer.headers["Accept-Post"]
    assert desk.current == before
    assert not list((desk.data / "updating").iterdir())
    assert client.put("/graphs/mine/good", content="<x:a> <x:b> 1 .", headers=TURTLE).is_success
    client.delete("/graphs/mine/good")


def test_blank_nodes_that_cannot_be_told_apart_end_nothing(
    desk: Desk, client: httpx.Client
) -> None:
    """A list of lists by the ten thousand ended the service: the engine goes down by recursion."""
    deep = f"<x:a> <x:b> {'(' * 50_000}{')' * 50_000} ."
    before = desk.current
    answer = client.put("/graphs/mine/deep", content=deep, headers=TURTLE, timeout=120)
    assert (answer.status_code, kind(answer)) == (400, "blank-nodes-alike")
    assert desk.current == before
    assert client.put("/graphs/mine/deep", content="<x:a> <x:b> (()) .", headers=TURTLE)


def test_a_body_that_is_cut_changes_nothing(desk: Desk) -> None:
    before = desk.current
    host, port = desk.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as raw:
        head = (
            f"PUT /graphs/mine/cut HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {desk.token}\r\n"
            "Content-Type: text/turtle\r\nContent-Length: 1000\r\n\r\n<x:a> <x:b> 1 ."
        )
        raw.sendall(head.encode())
    with desk.client() as client:
        assert client.get("/graphs/mine/cut").status_code == 404
    assert desk.current == before


def test_more_than_may_be_sent(open_desk: Open) -> None:
    large = b"".join(b"<x:%d> <x:b> <x:c> .\n" % n for n in range(100_000))
    with open_desk(upload_mebibytes=1) as desk, desk.client() as client:
        before = desk.current
        whole = client.put("/graphs/mine", content=large, headers=TURTLE)
        parts = client.put("/graphs/mine", content=iter([large]), headers=TURTLE)
        assert [whole.status_code, parts.status_code] == [413, 413]
        assert desk.current == before


def test_a_large_graph_is_replaced_and_a_large_addition_is_not_made(
    desk: Desk, client: httpx.Client
) -> None:
    lines = [b"<x:%d> <x:b> <x:c> .\n" % n for n in range(MOST_CHANGED + 1)]
    triples = {"Content-Type": "application/n-triples"}
    refused = client.post("/graphs/mine/large", content=b"".join(lines), headers=triples)
    assert (refused.status_code, kind(refused)) == (413, "update-too-large")
    made = client.put("/graphs/mine/large", content=b"".join(lines[:20_000]), headers=triples)
    assert made.status_code == 201
    assert desk.releases.get(desk.current).counts[f"{GRAPH}mine/large"] == 20_000
    assert client.delete("/graphs/mine/large").status_code == 204


def test_relative_iris_of_a_patch_are_those_of_a_put(desk: Desk, client: httpx.Client) -> None:
    patch = {"Content-Type": "application/sparql-update"}
    insert = "INSERT DATA { <a> <b> <> }"
    made = client.patch("/graphs/mine/relative", content=insert, headers=patch)
    assert made.status_code == 201
    patched = desk.lines("mine/relative")
    client.put("/graphs/mine/relative", content="<a> <b> <> .", headers=TURTLE)
    assert patched == desk.lines("mine/relative")
    removed = client.patch(
        "/graphs/mine/relative", content="DELETE WHERE { <a> ?p ?o }", headers=patch
    )
    assert removed.status_code == 204
    assert not desk.lines("mine/relative")


def test_conditions_of_a_write_name_the_state_in_any_coding_and_in_several_headers(
    client: httpx.Client,
) -> None:
    made = client.put("/graphs/mine/state", content="<a> <b> 1 .", headers=TURTLE)
    assert made.status_code == 201
    coded = client.head("/graphs/mine/state", headers={"Accept-Encoding": "gzip;q=1, *;q=0"})
    tag = coded.headers["ETag"].removeprefix("W/")
    plain = [*TURTLE.items(), ("Accept-Encoding", "identity")]

    def put(body: str, *conditions: tuple[str, str]) -> int:
        headers = [*plain, *conditions]
        return client.put("/graphs/mine/state", content=body, headers=headers).status_code

    assert tag.endswith('-gzip"')
    assert put("<a> <b> 2 .", ("If-None-Match", tag)) == 412
    assert put("<a> <b> 2 .", ("If-None-Match", '"aa"'), ("If-None-Match", tag)) == 412
    assert put("<a> <b> 2 .", ("If-Match", '"aa"'), ("If-Match", '"bb"')) == 412
    assert put("<a> <b> 2 .", ("If-Match", '"aa"'), ("If-Match", tag)) == 204


def test_a_refused_graph_tells_why(desk: Desk, client: httpx.Client) -> None:
    before = desk.current
    bad = b"<https://data.example/e> a <https://w3id.org/vises/ontology#Enterprise> ."
    answer = client.put("/graphs/mine/e", content=bad, headers={**TURTLE, "Accept": JSON_LD})
    assert answer.status_code == 422
    graph = Dataset(parse(answer.content, RdfFormat.JSON_LD))
    assert [q for q in graph if q.object.value.endswith("#ValidationReport")]
    assert json.loads(answer.content)
    assert desk.current == before


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("PUT", "/graphs", 400),
        ("DELETE", "/graphs/", 400),
        ("GET", "/graphs?graph=relative", 400),
        ("GET", "/graphs?graph=x:a&graph=x:b", 400),
        ("GET", "/graphs?graph=x:a&default", 400),
        ("GET", "/graphs/mine?default", 400),
        ("GET", "/graphs?graph=%FF", 400),
        ("PUT", "/graphs?default", 400),
        ("POST", "/graphs?default", 400),
        ("DELETE", "/graphs?default", 400),
        ("GET", "/graphs/mine?release=999999", 404),
        ("PROPFIND", "/graphs/mine", 405),
        ("GET", "/graphsx", 404),
    ],
)
def test_addresses(client: httpx.Client, method: str, address: str, status: int) -> None:
    answer = client.request(method, address)
    assert answer.status_code == status
    assert answer.json()["remedy"]


def test_the_store_lists_its_graphs(desk: Desk, client: httpx.Client) -> None:
    client.put("/graphs/mine/listed", content="<x:a> <x:b> 1, 2 .", headers=TURTLE)
    asking = """
        PREFIX sd: <http://www.w3.org/ns/sparql-service-description#>
        PREFIX void: <http://rdfs.org/ns/void#>
        SELECT ?name ?count ?address {
          <%s/graphs> a sd:GraphCollection ; sd:namedGraph ?entry .
          ?entry sd:name ?name ; sd:graph [ void:triples ?count ] .
          ?name void:dataDump ?address }"""
    for accept in ("*/*", "text/turtle", "application/ld+json"):
        listed = client.get("/graphs", headers={"Accept": accept})
        assert listed.status_code == 200
        assert listed.headers["X-Release"] == desk.current
        store = Store()
        store.load(listed.content, RdfFormat.from_media_type(listed.headers["Content-Type"]))
        found = {r["name"].value: r for r in store.query(asking % desk.address)}
        assert found[f"{GRAPH}mine/listed"]["count"].value == "2"
        assert f"{GRAPH}draft" not in found, "it is closed"
        whole = client.get(found[f"{GRAPH}mine/listed"]["address"].value)
        assert len(list(parse(whole.content, RdfFormat.TURTLE))) == 2
        again = client.get(
            "/graphs", headers={"Accept": accept, "If-None-Match": listed.headers["ETag"]}
        )
        assert again.status_code == 304
    assert client.head("/graphs").status_code == 200
    with desk.client(desk.grant("draft", read=True, write=False)) as reader:
        assert f"{GRAPH}draft" in reader.get("/graphs").text
    page = client.get("/graphs", headers={"Accept": "text/html"})
    assert (page.status_code, page.headers["Location"]) == (303, "/datasets")
    spoken = client.get("/graphs?lang=nl", headers={"Accept": "text/html"})
    assert spoken.headers["Location"] == "/datasets?lang=nl"
    past = client.get("/graphs?release=000001")
    assert "mine/listed" not in past.text
    assert "?release=000001" in past.text


def test_a_script_of_another_site_may_do_all_this(desk: Desk) -> None:
    answer = httpx.options(f"{desk.address}/graphs/mine")
    assert answer.status_code == 204
    assert "PATCH" in answer.headers["Access-Control-Allow-Methods"]
    for header in ("Accept-Profile", "Authorization", "Content-Type", "If-Modified-Since"):
        assert header in answer.headers["Access-Control-Allow-Headers"]
    assert answer.headers["Accept-Patch"] == "application/sparql-update"
    missing = httpx.get(f"{desk.address}/graphs/nowhere")
    assert missing.headers["Access-Control-Allow-Origin"] == "*"
    assert "Location" in missing.headers["Access-Control-Expose-Headers"]


def test_a_writer_who_leaves_after_sending_has_written(desk: Desk) -> None:
    held = threading.Event()
    host, port = desk.address.removeprefix("http://").split(":")
    body = "<x:a> <x:b> 'left' ."
    with socket.create_connection((host, int(port)), timeout=10) as raw:
        raw.sendall(
            f"PUT /graphs/mine/left HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {desk.token}\r\n"
            f"Content-Type: text/turtle\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
        )
    for _ in range(200):
        if desk.lines("mine/left"):
            break
        held.wait(0.05)
    assert desk.lines("mine/left")
