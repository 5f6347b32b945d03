"""From the IRI of a thing to a document about it: forms, redirects, odd addresses, parts."""

from __future__ import annotations

import re
import socket
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import httpx
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode, RdfFormat, parse
from rdflib import Graph as RdflibGraph
from rdflib.compare import isomorphic

from vises.ingest.jsonld import package_contexts
from vises.service.app import create_app
from vises.service.formats import GRAPH_TYPES
from vises.store.about import MOST_INCOMING, MOST_VALUES
from vises.store.releases import ReleaseStore
from vises.store.workers import WorkerPool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from vises.settings import Settings

PATH = "/enterprise/fr-1"
COMUNICA = (
    "application/n-quads,application/trig;q=0.95,application/ld+json;q=0.9,"
    "application/n-triples;q=0.8,text/turtle;q=0.6,application/rdf+xml;q=0.5,text/n3;q=0.35"
)
HYDRA = "http://www.w3.org/ns/hydra/core#"


@pytest.mark.parametrize(
    ("accept", "ending"),
    [
        (None, "html"),
        ("*/*", "html"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "html"),
        ("text/turtle", "ttl"),
        ("application/ld+json, text/turtle;q=0.9", "jsonld"),
        ("application/json", "jsonld"),
        ("application/rdf+xml;q=0.2, application/n-quads;q=0.1", "rdf"),
        ("text/xml", "rdf"),
        ("text/n3, */*;q=0.1", "ttl"),
        ("application/xhtml+xml", "html"),
        ("image/*, application/trig;q=0.001", "trig"),
        ("application/trig, text/turtle;q=0.7, */*;q=0.1", "trig"),
        ("application/x-trig, text/turtle;q=0.9", "ttl"),
        ("application/n-quads, text/html;q=0.9", "nq"),
        (COMUNICA, "jsonld"),
    ],
)
def test_a_thing_is_not_its_document(client: httpx.Client, accept: str | None, ending: str) -> None:
    headers = {} if accept is None else {"Accept": accept}
    answer = client.get(PATH, headers=headers)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"{PATH}.{ending}"
    assert {"Accept", "Accept-Profile"} <= set(answer.headers["vary"].split(", "))
    assert answer.headers["content-profile"] == "<https://w3id.org/vises/shapes>"
    assert '<https://data.example/enterprise/fr-1>; rel="canonical"' in answer.headers["link"]
    assert answer.headers["access-control-allow-origin"] == "*"
    assert client.head(PATH, headers=headers).headers["location"] == f"{PATH}.{ending}"
    there = client.get(answer.headers["location"])
    assert there.status_code == 200
    assert not there.history


@pytest.mark.parametrize("path", ["/ontology", "/shapes", "/graph/data", "/publication/p1"])
def test_documents_answer_themselves(client: httpx.Client, path: str) -> None:
    for media_type in ("text/turtle", "application/ld+json", "text/html"):
        answer = client.get(path, headers={"Accept": media_type})
        assert answer.status_code == 200
        assert answer.headers["content-type"].partition(";")[0] == media_type
        assert "Accept" in answer.headers["vary"].split(", ")


def test_contexts_are_where_documents_look_for_them(client: httpx.Client) -> None:
    for iri, terms in package_contexts().items():
        answer = client.get(iri.removeprefix("https://w3id.org/vises"))
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/ld+json"
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.json()["@context"] == terms
        known = {"If-None-Match": answer.headers["etag"]}
        assert client.get(str(answer.url), headers=known).status_code == 304
    for name in ("nope.jsonld", "%2e%2e%2fvises.ttl", "..%2fcodes%2fnuts.ttl"):
        assert client.get(f"/contexts/{name}").status_code == 404


def test_lists_of_codes_are_documents_and_their_codes_are_things(client: httpx.Client) -> None:
    assert client.get("/code/perimeter").status_code == 200
    assert client.get("/code/perimeter/insee-flag").status_code == 303


def test_parameters_go_along(client: httpx.Client) -> None:
    query = "release=000001&lang=fr&_profile=schema&_mediatype=application/ld%2Bjson&x=%26"
    location = client.get(f"{PATH}?{query}").headers["location"]
    assert location == f"{PATH}.jsonld?release=000001&lang=fr&x=%26&_profile=schema"
    answer = client.get(location)
    assert answer.status_code == 200
    assert answer.headers["content-profile"] == "<https://schema.org/>"


def test_the_address_of_a_form_is_not_negotiated(client: httpx.Client) -> None:
    answer = client.get(f"{PATH}.ttl", headers={"Accept": "text/html"})
    assert answer.headers["content-type"] == "text/turtle; charset=utf-8"
    assert "Accept" not in answer.headers["vary"].split(", ")
    assert answer.headers["last-modified"].endswith("GMT")
    assert answer.headers["etag"] == client.get(f"{PATH}.ttl").headers["etag"]


def test_a_page_tells_programs_the_way_on(client: httpx.Client) -> None:
    links = client.get(f"{PATH}.html").headers["link"]
    for relation in (
        '<https://data.example/enterprise/fr-1>; rel="cite-as"',
        f'<{PATH}.ttl>; rel="describedby"; type="text/turtle"',
        '<https://schema.org/AboutPage>; rel="type"',
        '<https://w3id.org/vises/ontology#Enterprise>; rel="type"',
        '<https://creativecommons.org/licenses/by/4.0/>; rel="license"',
        '<https://w3id.org/vises/shapes>; rel="profile"',
    ):
        assert relation in links


def test_a_term_of_a_vocabulary_can_be_asked_for_alone(client: httpx.Client) -> None:
    answer = client.get("/ontology%23Enterprise.ttl")
    assert answer.text.count("rdfs:label") == 1
    assert "vises:Enterprise a owl:Class" in answer.text


@pytest.mark.parametrize("path", ["", "/", "/figures", "/sparql", "/healthz", "/profiles"])
def test_pages_are_no_things(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code == 200


ACCEPTS = st.one_of(
    st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=40),
    st.lists(
        st.sampled_from(
            ["text/html", "*/*", "a/*", ";q=", "0.5", ",", '"', "\\", "text/turtle", "q", ";", "="]
        ),
        max_size=12,
    ).map("".join),
)


@hypothesis_settings(
    max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(ACCEPTS, ACCEPTS)
def test_any_headers_get_a_good_answer(client: httpx.Client, accept: str, profile: str) -> None:
    for path in (PATH, f"{PATH}.ttl", "/ontology%23Enterprise", "/nope"):
        answer = client.get(path, headers={"Accept": accept, "Accept-Profile": profile})
        assert answer.status_code in {200, 303, 404, 406}, answer.text
        if answer.status_code in {404, 406}:
            assert answer.headers["content-type"].startswith(("application/problem+json", "text/h"))


ODD = [
    "a%20b", "a%2Fb", "a%2fb", "café", "a'b", "a(b)", "a;b=c", "a?b", "a#b", "a?b#c",
    "a%22b", "x.ttl", "x.html", "a//b", "A/B", "a/b/", "100%25", "%F0%9F%98%80", "é%20è",
    "a&b=c", "a+b", "a,b", "...", "-", "a:b", "@a", "/evil.example", "~a", "release=1", "sparql",
    "static/x",
]  # fmt: skip


@pytest.fixture(scope="module")
def odd(
    tmp_path_factory: pytest.TempPathFactory,
    settings: Settings,
    publish: Callable[..., None],
    run_app: Callable[..., object],
) -> Iterator[str]:
    """Return the address of a service whose things have odd names, and one that much refers to."""
    folder = tmp_path_factory.mktemp("odd")
    names = "\n".join(f'<https://data.example/{name}> <x:p> "{n}" .' for n, name in enumerate(ODD))
    many = MOST_INCOMING + 30
    hub = "\n".join(
        f"<https://data.example/of/{n}> <x:in> <https://data.example/hub> ." for n in range(many)
    )
    values = "\n".join(
        f'<https://data.example/hub> <x:value> "{n}" .' for n in range(MOST_VALUES + 7)
    )
    publish(ReleaseStore(folder / "data"), folder, {"data": f"{names}\n{hub}\n{values}".encode()})
    here = settings.__class__(**{**vars(settings), "data": folder / "data"})
    engine = WorkerPool(ReleaseStore(here.data), size=1, query_seconds=20, mebibytes=2048)
    with run_app(create_app(here, ReleaseStore(here.data), engine)) as address:  # type: ignore[attr-defined]
        yield address


@pytest.mark.parametrize(
    "name", [n for n in ODD if n not in {"sparql", "static/x", "x.ttl", "x.html"}]
)
def test_every_odd_name_dereferences(odd: str, name: str) -> None:
    sent = name.replace("?", "%3F").replace("#", "%23")
    path = f"/{sent}"
    iri = NamedNode(f"https://data.example/{name}")
    with httpx.Client(timeout=20) as client:
        url = httpx.URL(odd).copy_with(raw_path=quote(path, safe="/%:@!$&'()*+,;=~?-._").encode())
        way = client.get(url, headers={"Accept": "application/n-triples"})
        assert way.status_code == 303, way.text
        assert not way.headers["location"].startswith("//")
        assert "<//" not in way.headers["link"]
        there = client.get(odd + way.headers["location"])
        assert there.status_code == 200
        found = parse(there.content, RdfFormat.N_TRIPLES)
        assert {q.subject for q in found} == {iri}
        page = client.get(url, headers={"Accept": "text/html"}, follow_redirects=True)
        assert page.status_code == 200
        assert (
            f'<code class="iri">{iri.value.replace("&", "&amp;").replace(chr(39), "&#39;")}'
            in page.text
        )


def test_links_between_pages_lead_to_the_things_that_they_name(odd: str) -> None:
    page = httpx.get(f"{odd}/of/3.html").text
    [address] = re.findall(r'href="(/hub[^"]*)"', page)
    assert address == "/hub.html"


@pytest.mark.parametrize("form", ["ttl", "nt", "jsonld", "html"])
def test_what_refers_to_a_thing_comes_in_parts(odd: str, form: str) -> None:
    first = httpx.get(f"{odd}/hub.{form}")
    assert f'</hub.{form}?page=2>; rel="next"' in first.headers["link"]
    assert 'rel="prev"' not in first.headers["link"]
    second = httpx.get(f"{odd}/hub.{form}?page=2")
    assert f'</hub.{form}>; rel="prev"' in second.headers["link"]
    assert 'rel="next"' not in second.headers["link"]
    assert first.headers["etag"] != second.headers["etag"]
    found = [set(re.findall(r"/of/(\d+)", answer.text)) for answer in (first, second)]
    assert [len(part) for part in found] == [MOST_INCOMING, 30]
    assert not found[0] & found[1]
    beyond = httpx.get(f"{odd}/hub.{form}?page=3")
    assert beyond.status_code == 404
    if form in GRAPH_TYPES:
        assert f"{odd}/hub.{form}?page=2" in first.text
        assert HYDRA in first.text
        assert beyond.json()["type"].endswith("/beyond-end")


@pytest.mark.parametrize("number", ["0", "-1", "x", "1.5", "²", "9" * 30, "", "1e3"])
def test_numbers_of_no_part(odd: str, number: str) -> None:
    for form in ("ttl", "html"):
        answer = httpx.get(f"{odd}/hub.{form}", params={"page": number})
        assert answer.status_code == 400
        assert "parameter page" in answer.text


def test_a_page_stays_small_and_says_what_it_leaves_out(odd: str) -> None:
    page = httpx.get(f"{odd}/hub.html?lang=en")
    assert "Left out here: 7." in page.text
    assert len(page.content) < 100_000
    assert httpx.get(f"{odd}/hub.nt").text.count("<x:value>") == MOST_VALUES + 7


@pytest.mark.parametrize("form", ["ttl", "html"])
def test_a_thing_whose_name_ends_in_what_asks_for_a_form_is_found(odd: str, form: str) -> None:
    answer = httpx.get(f"{odd}/x.{form}?lang=fr")
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/x.{form}.{form}?lang=fr"
    assert f"https://data.example/x.{form}" in httpx.get(odd + answer.headers["location"]).text


@pytest.mark.parametrize(
    ("target", "host"),
    [
        (b"/caf\xc3\xa9.ttl", b"here.example"),
        (b"/hub.ttl", b"a<b"),
        (b"/hub.ttl?_profile=alt", b'a" b'),
        (b"/caf\xc3\xa9?_profile=schema", b"here.example"),
        (b"/hub.ttl", b"\xff"),
        (b"/%ff%fe.ttl", b"x"),
        (b'/a"b|{}.ttl', b"x"),
    ],
)
def test_what_no_address_may_hold_ends_in_an_answer(odd: str, target: bytes, host: bytes) -> None:
    where = urlsplit(odd)
    with socket.create_connection((where.hostname, where.port), timeout=20) as connection:
        lines = [b"GET %b HTTP/1.1" % target, b"Host: %b" % host, b"Accept: text/turtle"]
        connection.sendall(b"\r\n".join([*lines, b"Connection: close", b"", b""]))
        answer = connection.makefile("rb").read()
    status = int(answer.split()[1])
    assert status in {200, 303, 400, 404}, answer
    head = answer.partition(b"\r\n\r\n")[0]
    assert head.isascii()


def test_a_page_names_who_made_a_dataset(client: httpx.Client) -> None:
    links = client.get("/ontology", headers={"Accept": "text/html"}).headers["link"]
    assert re.search(r'<https://w3id.org/vises/organisation/[^>]*>; rel="author"', links)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # rdflib's own, of its reader
def test_json_ld_says_it_of_one_graph_as_turtle_does(client: httpx.Client) -> None:
    found = [
        RdflibGraph().parse(data=client.get(f"{PATH}.{form}").content, format=form_name)
        for form, form_name in (("jsonld", "json-ld"), ("ttl", "turtle"))
    ]
    assert isomorphic(*found)
    assert len(found[0]) > 0
