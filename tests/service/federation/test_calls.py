"""SERVICE as a client sees it: what is asked of a partner, and what comes of its answer."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from tests.service.federation.conftest import Behaviour, FakePartner

    Federated = Callable[..., AbstractContextManager[str]]
    StartPartner = Callable[[], AbstractContextManager[FakePartner]]

BASE = "https://data.example/"
NAMED = "PREFIX legal: <http://www.w3.org/ns/legal#> "
LOCAL = "?s legal:legalName ?name"
ENTERPRISE = "https://data.example/enterprise/fr-1"
SOLUTIONS = json.dumps(
    {
        "head": {"vars": ["s", "more"]},
        "results": {
            "bindings": [
                {
                    "s": {"type": "uri", "value": ENTERPRISE},
                    "more": {"type": "literal", "value": "héritage", "xml:lang": "fr"},
                }
            ]
        },
    }
)


@pytest.fixture(scope="module")
def partner(
    start_partner: StartPartner, answering: Callable[..., Behaviour]
) -> Iterator[FakePartner]:
    with start_partner() as found:
        found.behaviours["/ok"] = answering(SOLUTIONS)
        found.behaviours["/fails"] = answering("no", status=500)
        yield found


@pytest.fixture(scope="module")
def endpoint(partner: FakePartner, federated: Federated) -> Iterator[str]:
    with federated([f"{partner.address}/ok", f"{partner.address}/fails"]) as found:
        partner.received.clear()
        yield found


@pytest.fixture(autouse=True)
def nothing_received(partner: FakePartner) -> None:
    partner.received.clear()


def ask(endpoint: str, query: str, accept: str = "text/csv", **headers: str) -> httpx.Response:
    asked = {"Accept": accept, "Content-Type": "application/sparql-query", **headers}
    return httpx.post(endpoint, content=query, headers=asked, timeout=20)


def problem(answer: httpx.Response) -> str:
    return str(answer.json()["type"]).rpartition("/")[2]


def test_local_data_and_a_partners_meet(endpoint: str, partner: FakePartner) -> None:
    query = (
        f"{NAMED} SELECT ?name ?more {{ {LOCAL} SERVICE <{partner.address}/ok> {{ ?s ?p ?more }} }}"
    )
    answer = ask(endpoint, query)
    assert answer.status_code == 200, answer.text
    assert answer.text == "name,more\r\nL'Atelier commun,héritage\r\n"


def test_a_partner_learns_the_pattern_and_nothing_of_the_client(
    endpoint: str, partner: FakePartner
) -> None:
    query = f"SELECT * {{ SERVICE <{partner.address}/ok> {{ ?s <x:p> ?more }} }}"
    private = {"Cookie": "session=1", "Proxy-Authorization": "Basic eDp5", "User-Agent": "mine"}
    assert ask(endpoint, query, **private, Referer="http://intranet.example/").status_code == 200
    [received] = partner.received
    assert received.query == f"BASE <{BASE}>\nSELECT * WHERE {{ ?s <x:p> ?more . }}"
    assert received.headers == {
        "Host": partner.address.removeprefix("http://"),
        "User-Agent": "VISES (SPARQL 1.1 Federated Query)",
        "Accept": "application/sparql-results+json, application/sparql-results+xml",
        "Accept-Encoding": "identity",
        "Content-Type": "application/x-www-form-urlencoded",
        "Content-Length": received.headers["Content-Length"],
        "Federation-Path": received.headers["Federation-Path"],
    }


FORMS = {
    "optional": f"SELECT ?name ?more {{ {LOCAL} OPTIONAL {{ CALL }} }}",
    "union": f"SELECT ?name ?more {{ {{ {LOCAL} }} UNION {{ CALL }} }}",
    "minus": f"SELECT ?name {{ {LOCAL} MINUS {{ CALL }} }}",
    "exists": f"SELECT ?name {{ {LOCAL} FILTER EXISTS {{ CALL }} }}",
    "bound": f"SELECT ?name ?there {{ {LOCAL} BIND(EXISTS {{ CALL }} AS ?there) }}",
    "subquery": f"SELECT ?name ?n {{ {LOCAL} {{ SELECT ?s (1 AS ?n) {{ CALL }} LIMIT 1 }} }}",
    "graph": "SELECT * { GRAPH ?g { ?s a ?class CALL } }",
    "ask": "ASK { CALL }",
    "construct": f"CONSTRUCT {{ ?s <x:more> ?more }} {{ {LOCAL} CALL }}",
    "describe": "DESCRIBE ?s { CALL }",
}


@pytest.mark.parametrize("form", FORMS)
def test_wherever_the_clause_stands(form: str, endpoint: str, partner: FakePartner) -> None:
    """The partner is asked once, and its failure is told, even where an expression hides it."""
    query = NAMED + FORMS[form]
    accept = "text/csv, text/turtle"
    works = ask(
        endpoint, query.replace("CALL", f"SERVICE <{partner.address}/ok> {{ ?s ?p ?more }}"), accept
    )
    assert works.status_code == 200, works.text
    assert works.content
    assert len(partner.received) == 1
    fails = ask(
        endpoint,
        query.replace("CALL", f"SERVICE <{partner.address}/fails> {{ ?s ?p ?more }}"),
        accept,
    )
    assert (fails.status_code, problem(fails)) == (502, "federation-failed")
    assert f"<{partner.address}/fails>" in fails.json()["detail"]
    assert "status 500" in fails.json()["detail"]
    assert "SILENT" in fails.json()["remedy"]
    silent = ask(
        endpoint,
        query.replace("CALL", f"SERVICE SILENT <{partner.address}/fails> {{ ?s ?p ?more }}"),
        accept,
    )
    assert silent.status_code == 200, silent.text


def test_silent_leaves_the_local_rows(endpoint: str, partner: FakePartner) -> None:
    for called in (f"{partner.address}/fails", "http://nobody.example/", "urn:nobody"):
        query = (
            f"{NAMED} SELECT ?name ?more {{ {LOCAL} SERVICE SILENT <{called}> {{ ?s ?p ?more }} }}"
        )
        answer = ask(endpoint, query)
        assert sorted(answer.text.splitlines()) == [
            "<script>alert('hostile')</script>,",
            "L'Atelier commun,",
            "name,more",
        ]


def test_who_is_not_listed_is_refused(endpoint: str, partner: FakePartner) -> None:
    for called in (
        f"{partner.address}/OK",
        f"{partner.address}/ok/",
        "http://169.254.169.254/",
        "file:///etc/passwd",
    ):
        answer = ask(endpoint, f"SELECT * {{ SERVICE <{called}> {{ ?s ?p ?o }} }}")
        assert (answer.status_code, problem(answer)) == (400, "federation-refused")
        assert f"<{called}>" in answer.json()["detail"]
        assert "VISES_PARTNERS" in answer.json()["remedy"]
        assert partner.address not in answer.text.replace(called, "")
    answer = ask(endpoint, "SELECT * { ?s ?p ?o SERVICE ?o { ?s ?p ?o } }")
    assert (answer.status_code, problem(answer)) == (400, "federation-refused")
    assert partner.received == []


def test_load_fetches_nothing(endpoint: str, partner: FakePartner) -> None:
    update = f"LOAD <{partner.address}/ok>"
    for media_type in ("application/sparql-update", "application/sparql-query"):
        answer = httpx.post(endpoint, content=update, headers={"Content-Type": media_type})
        assert answer.status_code in {400, 401}
    assert httpx.post(endpoint, data={"update": update}).status_code == 401
    assert partner.received == []


def test_no_cache_keeps_what_a_partner_answered(endpoint: str, partner: FakePartner) -> None:
    answer = ask(endpoint, f"ASK {{ SERVICE <{partner.address}/ok> {{ ?s ?p ?o }} }}", "text/csv")
    assert answer.status_code == 200
    assert "etag" not in answer.headers
    assert answer.headers["cache-control"] == "no-cache"
    assert "etag" in ask(endpoint, "ASK {}").headers


def test_the_path_of_a_query_grows(endpoint: str, partner: FakePartner) -> None:
    query = f"SELECT * {{ SERVICE <{partner.address}/ok> {{ ?s ?p ?o }} }}"
    before, between = "0" * 16, "1" * 16
    assert ask(endpoint, query).status_code == 200
    assert ask(endpoint, query, **{"Federation-Path": before}).status_code == 200
    refused = ask(endpoint, query, **{"Federation-Path": f"{before}, {between}"})
    assert (refused.status_code, problem(refused)) == (400, "federation-refused")
    [own, path] = [received.headers["Federation-Path"] for received in partner.received]
    assert path == f"{before},{own}"
    assert ask(endpoint, "ASK {}", **{"Federation-Path": f"{before},{between}"}).status_code == 200


def test_a_query_that_comes_back_is_refused(endpoint: str, partner: FakePartner) -> None:
    query = f"SELECT * {{ SERVICE <{partner.address}/ok> {{ ?s ?p ?o }} }}"
    assert ask(endpoint, query).status_code == 200
    own = partner.received[0].headers["Federation-Path"]
    refused = ask(endpoint, "SELECT (NOW() AS ?n) {}", **{"Federation-Path": own})
    assert (refused.status_code, problem(refused)) == (400, "federation-refused")
    for path in ("x", "1", "0" * 17, f"{own},", f"{own};{own}", "0" * 16 + "\t"):
        answer = ask(endpoint, "ASK {}", **{"Federation-Path": path + "-"})
        assert (answer.status_code, problem(answer)) == (400, "protocol")


def test_the_words_stay_words(endpoint: str, partner: FakePartner) -> None:
    text = f"SERVICE <{partner.address}/ok> {{}}"
    answer = ask(endpoint, f'SELECT ("{text}" AS ?x) {{}} # {text}')
    assert answer.text == f"x\r\n{text}\r\n"
    assert partner.received == []


def test_a_nested_clause_is_the_partners(endpoint: str, partner: FakePartner) -> None:
    inner = f"SERVICE SILENT <http://nobody.example/> {{ }} SERVICE <{partner.address}/fails> {{ }}"
    query = f"SELECT * {{ SERVICE <{partner.address}/ok> {{ ?s ?p ?more {inner} }} }}"
    assert ask(endpoint, query).status_code == 200
    [received] = partner.received
    assert "SERVICE SILENT <http://not-listed.invalid/>" in received.query
    assert f"SERVICE <{partner.address}/fails>" in received.query
    refused = ask(endpoint, query.replace("SILENT", ""))
    assert (refused.status_code, problem(refused)) == (400, "federation-refused")


def test_blank_nodes_of_two_answers_are_not_the_same(
    endpoint: str, partner: FakePartner, answering: Callable[..., Behaviour]
) -> None:
    """Two services of ours give blank nodes equal labels, and the engine would join them."""
    row = '{"s":{"type":"bnode","value":"c14n0"}}'
    body = f'{{"head":{{"vars":["s"]}},"results":{{"bindings":[{row}]}}}}'
    partner.behaviours["/ok"], kept = answering(body), partner.behaviours["/ok"]
    try:
        one, other = (f"SERVICE <{partner.address}/ok> {{ ?s <x:{n}> ?o }}" for n in (1, 2))
        assert ask(endpoint, f"SELECT ?s {{ {one} {other} }}").text == "s\r\n"
        assert len(ask(endpoint, f"SELECT ?s {{ {one} }}").text.split()) == 2
    finally:
        partner.behaviours["/ok"] = kept


def test_the_deadline_ends_the_call(partner: FakePartner, federated: Federated) -> None:
    left: list[float] = []

    def hang(handler: object) -> None:
        """Wait until the service hangs up: it says nothing more after its request."""
        handler.connection.settimeout(10)
        assert handler.connection.recv(1) == b""
        left.append(time.monotonic())

    partner.behaviours["/hangs"] = hang
    with federated([f"{partner.address}/hangs"], seconds=15.0, query_seconds=1) as endpoint:
        began = time.monotonic()
        answer = ask(endpoint, f"SELECT * {{ SERVICE <{partner.address}/hangs> {{ ?s ?p ?o }} }}")
        assert (answer.status_code, problem(answer)) == (503, "query-timeout")
        while not left and time.monotonic() < began + 5:
            time.sleep(0.01)
        assert left[0] - began < 4
        assert ask(endpoint, "ASK {}").status_code == 200
