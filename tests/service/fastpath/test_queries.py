"""Plain queries that take the fast path, beside the long way that they stand for."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest

from tests.service.fastpath.asking import Answer, asked, head_of, plain
from tests.service.wiring import OWN, Connection, Service, request, whole

if TYPE_CHECKING:
    from vises.settings import Settings

JSON = "application/sparql-results+json"
ROWS = "SELECT * { ?s ?p ?o } LIMIT 20"
ANY = "SELECT * { ?s ?p ?o } LIMIT 1"
LONG = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"

PLAIN = {
    "csv": plain(ROWS),
    "json": plain(ROWS, JSON),
    "xml": plain(ROWS, "application/sparql-results+xml"),
    "tsv": plain(ROWS, "text/tab-separated-values;q=0.9, image/png"),
    "arrow, whose tag is weak": plain(ROWS, "application/vnd.apache.arrow.stream"),
    "anything": plain(ROWS, "*/*"),
    "a boolean": plain("ASK { ?s ?p ?o }", JSON),
    "a graph": plain("CONSTRUCT WHERE { ?s a ?c } LIMIT 50", "text/turtle"),
    "a description": plain("DESCRIBE <enterprise/fr-1>", "application/n-triples"),
    "no row": plain("SELECT * { ?s <no:such> ?o }"),
    "a relative IRI": plain("SELECT * { <enterprise/fr-1> ?p ?o }"),
    "letters of all kinds": plain('SELECT ("é%+🎈" AS ?x) {}', JSON),
    "compressed": plain("SELECT * { ?s ?p ?o } LIMIT 200", JSON, "Accept-Encoding: gzip"),
    "too small for that": plain(ANY, JSON, "Accept-Encoding: br, gzip"),
    "compressed by all means": plain(ANY, JSON, "Accept-Encoding: gzip, *;q=0"),
    "plus signs": plain("x").replace(b"query=x", b"query=SELECT+*+%7b+%3Fs+?p+?o+%7D+LIMIT+0"),
    "a lone percent sign": plain("x").replace(b"query=x", b"query=SELECT('%zz'+AS+?x)%7B%7D"),
    "a browser's headers": plain(ROWS, "text/csv", "User-Agent: x", "Sec-Fetch-Mode: cors"),
}
LONG_WAY = {
    "another parameter": plain(ANY, more="&timeout=3"),
    "a dataset": plain(ANY, more="&default-graph-uri=urn:x"),
    "a form": plain(ANY, more="&download=tsv"),
    "a release": plain(ANY, more="&release=000001"),
    "a condition": plain(ANY, "text/csv", 'If-None-Match: "x"'),
    "a token": plain(ANY, "text/csv", "Authorization: Bearer x"),
    "a moment": plain(ANY, "text/csv", "Accept-Datetime: yesterday"),
    "a name of its own": plain(ANY, "text/csv", "X-Request-ID: mine"),
    "another client": plain(ANY, "text/csv", "X-Forwarded-For: 192.0.2.1"),
    "a cookie": plain(ANY, "text/csv", "Cookie: a=b"),
    "two accepted forms": plain(ANY, "text/csv", f"Accept: {JSON}"),
    "a page": plain(ANY, "text/html"),
    "what changes, in codepoints": plain(r"SELECT (\u004EOW() > 1 AS ?x) {}"),
    "what changes": plain("SELECT (NOW() > 1 AS ?x) {}"),
    "a service": plain("SELECT * { SERVICE <urn:x> { ?s ?p ?o } }"),
    "no text": plain("x").replace(b"query=x", b"query=%ff"),
    "a token in the address": plain(f"SELECT * {{}} #vises_{'a' * 8}_{'b' * 64}"),
    "a mistake": plain("SELECT nothing"),
    "no form that fits": plain("CONSTRUCT WHERE { ?s ?p ?o } LIMIT 1", "text/csv"),
    "an older protocol": plain(ANY).replace(b"HTTP/1.1", b"HTTP/1.0"),
    "a large answer": plain("SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 5000", JSON),
}


@pytest.mark.parametrize("name", PLAIN)
def test_what_comes_by_the_fast_path_is_what_the_long_way_gives(
    both: tuple[Service, Service], name: str
) -> None:
    fast_path, way = asked(both[0], PLAIN[name], tries=9)
    long, _ = asked(both[1], PLAIN[name])
    assert way
    assert fast_path == long
    assert fast_path[0] == 200


@pytest.mark.parametrize("name", LONG_WAY)
def test_what_is_not_plain_goes_the_long_way(both: tuple[Service, Service], name: str) -> None:
    sent = LONG_WAY[name]
    fast_path, way = asked(both[0], sent)
    long, _ = asked(both[1], sent)
    assert not way
    assert _without_id(fast_path) == _without_id(long)


def _without_id(answer: Answer) -> Answer:
    """Return an answer without what tells one request from another: its id, and so its length."""
    status, headers, body = answer
    if status == HTTPStatus.OK:
        return answer
    return status, [h for h in headers if h[0] != "content-length"], body.split(b'"request"')[0]


def test_answers_come_in_the_order_of_the_requests(settings: Settings) -> None:
    queries = [f"SELECT ({number} AS ?n) {{}}" for number in range(12)]
    with (
        whole(replace(settings, cache_mebibytes=0), processes=2) as service,
        Connection(service.address) as connection,
    ):
        connection.ask(head_of(plain(ANY)))
        connection.answer()
        sent = [plain(query) for query in queries]
        sent[4] = request(queries[4], "X-Request-ID: mine")
        sent[8] = plain("SELECT nothing")
        connection.ask(b"".join(sent[:6]), *sent[6:])
        found = [connection.answer() for _ in queries]
    expected = [b"n\r\n%d\r\n" % number for number in range(12)]
    assert [body for _, _, body in found[:8]] == expected[:8]
    assert found[8][0] == 400
    assert [body for _, _, body in found[9:]] == expected[9:]


def test_a_kept_answer_is_given_again(settings: Settings) -> None:
    with whole(settings) as service, Connection(service.address) as connection:
        connection.ask(head_of(plain(ROWS)))
        connection.answer()
        found = []
        for _ in range(4):
            connection.ask(plain(ROWS))
            found.append(connection.answer())
        text = service.watch.metrics.text().decode()
    same = [{n: v for n, v in headers.items() if n not in OWN} for _, headers, _ in found]
    assert same == [same[0]] * 4
    assert {body for _, _, body in found} == {found[0][2]}
    assert service.reached == ["GET"] * 2, "the second comes by the long way, and is known then"
    assert 'vises_cache_requests_total{result="miss"} 2.0' in text
    assert 'vises_cache_requests_total{result="hit"} 3.0' in text


@pytest.mark.parametrize("processes", [1, 4])
def test_many_ask_at_once_and_each_gets_its_answer(settings: Settings, processes: int) -> None:
    with whole(replace(settings, cache_mebibytes=0), processes=processes) as service:

        def ask(client: int) -> list[bytes]:
            wrong = []
            with Connection(service.address) as connection:
                for number in range(40):
                    n = client * 1000 + number
                    query = f"SELECT ({n} AS ?n) {{}}" if number % 9 else "SELECT nothing"
                    connection.ask(plain(query))
                    status, _, body = connection.answer()
                    right = body == b"n\r\n%d\r\n" % n if number % 9 else status == 400
                    wrong += [] if right else [body]
            return wrong

        with ThreadPoolExecutor(16) as clients:
            assert not [wrong for found in clients.map(ask, range(16)) for wrong in found]
        ended = _ended(service)
    assert len(service.reached) < 16 * 40
    assert not ended


def test_a_long_query_keeps_nobody_waiting(settings: Settings) -> None:
    """Some look-ups were sent to the process that works on it: they are asked elsewhere."""
    with whole(replace(settings, cache_mebibytes=0, query_seconds=3), processes=3) as service:
        over, took = threading.Event(), []

        def ask(_: int) -> None:
            with Connection(service.address) as connection:
                while not over.is_set():
                    begun = time.monotonic()
                    connection.ask(plain(f"SELECT ({len(took)} AS ?n) {{}}"))
                    assert connection.answer()[0] == 200
                    took.append(time.monotonic() - begun)

        with ThreadPoolExecutor(7) as clients, Connection(service.address) as long:
            long.ask(head_of(plain(ANY)))
            long.answer()
            found = [clients.submit(ask, number) for number in range(6)]
            time.sleep(0.3)
            long.ask(plain(LONG))
            assert long.answer()[0] == 503
            over.set()
            for each in found:
                each.result()
    assert len(took) > 50
    assert max(took) < 2


def test_one_that_takes_too_long_is_told(settings: Settings) -> None:
    here = replace(settings, cache_mebibytes=0, query_seconds=3)
    with whole(here) as service, Connection(service.address) as connection:
        connection.ask(head_of(plain(ANY)))
        connection.answer()
        connection.ask(plain(LONG))
        status, headers, body = connection.answer()
        assert (status, headers["content-type"]) == (503, "application/problem+json")
        assert b"query-timeout" in body
        connection.ask(plain(ANY))
        assert connection.answer()[0] == 200
        assert _ended(service) == {"deadline": 1}


@pytest.mark.parametrize("after", [0.0, 0.3])
def test_a_client_that_leaves_ends_its_query(settings: Settings, after: float) -> None:
    with whole(replace(settings, cache_mebibytes=0)) as service:
        with Connection(service.address) as connection:
            connection.ask(head_of(plain(ANY)))
            connection.answer()
            connection.ask(plain(LONG))
            time.sleep(after)
        with Connection(service.address) as connection:
            connection.ask(plain(ANY))
            assert connection.answer()[0] == 200
        assert _ended(service) == {"disconnected": 1}
        text = service.watch.metrics.text().decode()
    assert 'vises_request_seconds_count{outcome="disconnected",route="sparql"} 1.0' in text


def test_a_look_up_whose_client_leaves_costs_no_process(settings: Settings) -> None:
    with whole(replace(settings, cache_mebibytes=0)) as service:
        for number in range(30):
            with Connection(service.address) as connection:
                connection.ask(head_of(plain(ANY)))
                connection.answer()
                connection.ask(plain(f"SELECT ({number} AS ?n) {{}}"))
        with Connection(service.address) as connection:
            connection.ask(plain("SELECT (77 AS ?n) {}"))
            assert connection.answer()[2] == b"n\r\n77\r\n"
        assert sum(_ended(service).values()) <= 3  # on a busy machine one may take too long


def test_a_process_that_dies_answers_for_one_query_only(settings: Settings) -> None:
    """Those that were sent to it behind the one that killed it are asked again."""
    deep = f"SELECT * {{ {'{' * 3000} ?s ?p ?o {'}' * 3000} }}"
    with whole(replace(settings, cache_mebibytes=0), processes=2) as service:

        def ask(client: int) -> set[int]:
            with Connection(service.address) as connection:
                found = set()
                for number in range(20):
                    connection.ask(plain(f"SELECT ({client * 100 + number} AS ?n) {{}}"))
                    found.add(connection.answer()[0])
            return found

        with ThreadPoolExecutor(9) as clients, Connection(service.address) as bad:
            found = [clients.submit(ask, number) for number in range(8)]
            bad.ask(plain(deep, JSON))
            status = bad.answer()[0]
            assert {200} == {code for each in found for code in each.result()}
    assert status in {200, 400, 500}


def _ended(service: Service) -> dict[str, int]:
    """Return why query processes have ended."""
    found = {}
    for line in service.watch.metrics.text().decode().splitlines():
        if line.startswith("vises_worker_processes_ended_total"):
            found[line.split('"')[1]] = int(float(line.rpartition(" ")[2]))
    return found
