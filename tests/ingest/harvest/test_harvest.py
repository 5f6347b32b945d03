"""Harvesting an endpoint: paged, polite, resumed; peers that stall, repeat, lie or break off."""

from __future__ import annotations

import json
import re
import shlex
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from pyoxigraph import QueryResultsFormat, QuerySolutions, RdfFormat, Store

from vises.errors import BadRequest
from vises.ingest.harvest.description import (
    Harvest,
    count_query,
    read_harvest,
    seek_query,
    things_query,
)
from vises.ingest.harvest.pacing import Pacer
from vises.ingest.harvest.pages import Pages, partner_for
from vises.ingest.harvest.transport import HarvestFailed, Transport
from vises.ingest.yamlfile import BadDescription
from vises.progress import Silence
from vises.store.federation.partners import Partner

Write = Callable[[str, str], Path]
Respond = Callable[["Peer", BaseHTTPRequestHandler, str], bool]
DATA = "".join(
    f'<http://e.example/{n:03}> a <http://e.example/Thing> ; <http://e.example/name> "{n}" .\n'
    for n in range(25)
)
HARVEST = """\
endpoint: {endpoint}
title: {{fr: T, nl: T, en: T}}
key: thing
page: {page}
pause: 0
paging: {paging}
things: SELECT DISTINCT ?thing WHERE {{ ?thing a <http://e.example/Thing> }}
construct: >-
  CONSTRUCT {{ ?thing <http://e.example/name> ?name }}
  WHERE {{ ?thing <http://e.example/name> ?name }}
"""


@dataclass
class Peer:
    """A SPARQL endpoint on the loopback that behaves as a test wants."""

    endpoint: str = ""
    respond: Respond = lambda *_: False
    asked: list[str] = field(default_factory=list)
    store: Store = field(default_factory=Store)

    @property
    def partner(self) -> Partner:
        return Partner(self.endpoint, "The peer", (ip_network("127.0.0.0/8"),), 1.0, 1)

    def answer(self, handler: BaseHTTPRequestHandler, query: str) -> None:
        results = self.store.query(query)
        if isinstance(results, QuerySolutions):
            body = results.serialize(format=QueryResultsFormat.JSON)
            send(handler, "application/sparql-results+json", body or b"")
        else:
            body = results.serialize(format=RdfFormat.TURTLE)  # type: ignore[union-attr]
            send(handler, "text/turtle; charset=utf-8", body or b"")


def send(
    handler: BaseHTTPRequestHandler, kind: str, body: bytes, status: int = 200, **headers: str
) -> None:
    handler.send_response(status)
    handler.send_header("Content-Type", kind)
    handler.send_header("Content-Length", headers.pop("length", str(len(body))))
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


@pytest.fixture
def peer() -> Iterator[Peer]:
    peer = Peer()
    peer.store.load(DATA.encode(), format=RdfFormat.TURTLE)
    with listening(peer):
        yield peer


@contextmanager
def listening(peer: Peer, tls: ssl.SSLContext | None = None) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            query = parse_qs(self.rfile.read(length).decode())["query"][0]
            peer.asked.append(query)
            try:
                if not peer.respond(peer, self, query):
                    peer.answer(self, query)
            except OSError:
                pass  # the client went away, as it should

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    scheme, host = ("https", "localhost") if tls else ("http", "127.0.0.1")
    peer.endpoint = f"{scheme}://{host}:{server.server_port}/sparql"
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pacer, "FIRST", 0.01)


@dataclass
class Try:
    """A harvest of a peer into a folder."""

    peer: Peer
    folder: Path
    page: int = 10
    paging: str = "offset"

    def described(self) -> Harvest:
        description = self.folder / "h.yml"
        endpoint = self.peer.endpoint or "http://e.example/"
        description.write_text(
            HARVEST.format(endpoint=endpoint, page=self.page, paging=self.paging)
        )
        return read_harvest(description)

    def pages(self) -> Pages:
        return Pages(self.described(), self.folder)

    def fetch(self) -> list[str]:
        fetched = self.pages().fetch(self.peer.partner, Silence())
        assert fetched.name == "127.0.0.1.nt"
        return sorted(fetched.read_text().splitlines())


@pytest.fixture
def attempt(peer: Peer, tmp_path: Path) -> Try:
    return Try(peer, tmp_path)


EVERYTHING = sorted(f'<http://e.example/{n:03}> <http://e.example/name> "{n}" .' for n in range(25))


@pytest.mark.parametrize("page", [1, 7, 24, 25, 26, 1000])
def test_all_of_it_comes_whatever_the_page(attempt: Try, page: int) -> None:
    attempt.page = page
    assert attempt.fetch() == EVERYTHING


def test_an_endpoint_that_cuts_its_pages_short_loses_nothing(attempt: Try) -> None:
    def short(peer: Peer, handler: BaseHTTPRequestHandler, query: str) -> bool:
        peer.answer(handler, re.sub(r"LIMIT \d+", "LIMIT 4", query))
        return True

    attempt.peer.respond = short
    assert attempt.fetch() == EVERYTHING


def test_a_harvest_goes_on_where_it_was(attempt: Try) -> None:
    def breaks(_: Peer, handler: BaseHTTPRequestHandler, query: str) -> bool:
        if "/015>" in query:
            send(handler, "text/plain", b"no more", 400)
        return "/015>" in query

    attempt.peer.respond = breaks
    with pytest.raises(HarvestFailed, match="no more"):
        attempt.fetch()
    attempt.peer.respond = lambda *_: False
    before = len(attempt.peer.asked)
    assert attempt.fetch() == EVERYTHING
    again = attempt.peer.asked[before:]
    assert not any("/005>" in query for query in again)
    assert len(again) == 5  # two pages of two queries, and one that finds the end


FETCH = """
import sys
from ipaddress import ip_network
from pathlib import Path
from vises.ingest.harvest.description import read_harvest
from vises.ingest.harvest.pacing import Pacer
from vises.ingest.harvest.pages import Pages
from vises.progress import Silence
from vises.store.federation.partners import Partner
description, folder, endpoint = sys.argv[1:]
partner = Partner(endpoint, networks=(ip_network("127.0.0.0/8"),))
Pages(read_harvest(Path(description)), Path(folder)).fetch(partner, Silence())
"""


def test_one_that_was_killed_goes_on(attempt: Try) -> None:
    reached, killed = threading.Event(), threading.Event()

    def holds(_: Peer, __: BaseHTTPRequestHandler, query: str) -> bool:
        if "/015>" in query:
            reached.set()
            killed.wait(120)
        return "/015>" in query

    attempt.peer.respond = holds
    attempt.described()
    command = [sys.executable, "-c", FETCH, str(attempt.folder / "h.yml"), str(attempt.folder)]
    with subprocess.Popen([*command, attempt.peer.endpoint]) as process:
        assert reached.wait(120)
        process.kill()
    killed.set()
    attempt.peer.respond = lambda *_: False
    before = len(attempt.peer.asked)
    assert attempt.fetch() == EVERYTHING
    assert len(attempt.peer.asked) - before == 5


def test_blank_nodes_of_two_pages_are_two(attempt: Try) -> None:
    def blank(_: Peer, handler: BaseHTTPRequestHandler, query: str) -> bool:
        if "CONSTRUCT" in query:
            send(handler, "application/n-triples", b'_:a <http://e.example/p> "1" .\n')
        return "CONSTRUCT" in query

    attempt.peer.respond = blank
    assert len({line.split()[0] for line in attempt.fetch()}) == 3


def test_a_page_that_was_half_written_is_fetched_again(attempt: Try) -> None:
    attempt.fetch()
    (folder,) = (attempt.folder / "harvest").iterdir()
    (folder / "page-000003.json").unlink()
    (folder / "page-000003.nt").write_text("<half")
    assert attempt.fetch() == EVERYTHING


def test_other_queries_are_another_harvest_and_pages_can_be_forgotten(attempt: Try) -> None:
    attempt.fetch()
    attempt.page = 11
    attempt.fetch()
    assert len(list((attempt.folder / "harvest").iterdir())) == 2
    attempt.pages().forget()
    assert len(list((attempt.folder / "harvest").iterdir())) == 1


@pytest.mark.parametrize(("status", "header"), [(503, "0"), (429, ""), (502, "x"), (504, "1")])
def test_a_busy_endpoint_is_asked_again(attempt: Try, status: int, header: str) -> None:
    times = []

    def busy(_: Peer, handler: BaseHTTPRequestHandler, __: str) -> bool:
        times.append(time.monotonic())
        if len(times) == 1:
            send(handler, "text/plain", b"", status, Retry_After=header)
        return len(times) == 1

    attempt.peer.respond = busy
    attempt.page = 1000
    assert attempt.fetch() == EVERYTHING
    assert header != "1" or times[1] - times[0] >= 0.9


def test_the_wait_doubles_and_ends(attempt: Try, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr("vises.ingest.harvest.pacing.time.sleep", waited.append)
    attempt.peer.respond = lambda _, handler, __: send(handler, "text/plain", b"", 503) or True  # type: ignore[func-returns-value]
    monkeypatch.setattr(Pacer, "FIRST", 10)
    with pytest.raises(HarvestFailed, match=r"503.*asked 5 times"):
        attempt.fetch()
    assert [round(each) for each in waited] == [0, 10, 20, 40, 80]


def test_one_that_asks_for_hours_is_left_alone(attempt: Try) -> None:
    def busy(_: Peer, handler: BaseHTTPRequestHandler, __: str) -> bool:
        send(handler, "text/plain", b"", 503, Retry_After="7200")
        return True

    attempt.peer.respond = busy
    with pytest.raises(HarvestFailed, match="come back in 7200 s"):
        attempt.fetch()
    assert len(attempt.peer.asked) == 1


def test_requests_are_paced(attempt: Try, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr("vises.ingest.harvest.pacing.time.sleep", waited.append)
    description = attempt.folder / "p.yml"
    text = HARVEST.format(endpoint=attempt.peer.endpoint, page=30, paging="offset").replace(
        "pause: 0", "pause: 9"
    )
    description.write_text(text)
    Pages(read_harvest(description), attempt.folder).fetch(attempt.peer.partner, Silence())
    assert [round(each) for each in waited] == [0, 9, 9]


JSON = "application/sparql-results+json"


def stalls(*_: object) -> bool:
    time.sleep(1.6)
    return True


def dribbles(_: Peer, handler: BaseHTTPRequestHandler, __: str) -> bool:
    handler.send_response(200)
    handler.send_header("Content-Type", JSON)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    for _each in range(30):
        handler.wfile.write(b" ")
        time.sleep(0.1)
    return True


def same_page(peer: Peer, handler: BaseHTTPRequestHandler, query: str) -> bool:
    peer.answer(handler, re.sub(r"OFFSET \d+", "OFFSET 0", query))
    return True


def same_page_but_the_first(peer: Peer, handler: BaseHTTPRequestHandler, query: str) -> bool:
    """Honour the overlap, and repeat what comes behind it."""
    peer.answer(handler, query.replace("LIMIT 11 OFFSET 19", "LIMIT 11 OFFSET 9"))
    return True


def lies(_: Peer, handler: BaseHTTPRequestHandler, query: str) -> bool:
    construct = "CONSTRUCT" in query
    send(handler, "text/turtle" if construct else JSON, b"<html>Busy</html>")
    return True


def lies_about_triples(_: Peer, handler: BaseHTTPRequestHandler, query: str) -> bool:
    if "CONSTRUCT" in query:
        send(handler, "text/turtle", b"<html>Busy</html>")
    return "CONSTRUCT" in query


def page_of_html(_: Peer, handler: BaseHTTPRequestHandler, __: str) -> bool:
    send(handler, "text/html", b"<html>Busy</html>")
    return True


def breaks_off(_: Peer, handler: BaseHTTPRequestHandler, __: str) -> bool:
    send(handler, JSON, b'{"head": {"vars": ["thing"]}, "results": {"bindings": []}}', length="99")
    handler.close_connection = True
    return True


def breaks_off_in_a_chunk(_: Peer, handler: BaseHTTPRequestHandler, __: str) -> bool:
    handler.send_response(200)
    handler.send_header("Content-Type", JSON)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.wfile.write(b"5\r\n{}   \r\n")
    handler.close_connection = True
    return True


def ends_when_it_ends(_: Peer, handler: BaseHTTPRequestHandler, __: str) -> bool:
    handler.send_response(200)
    handler.send_header("Content-Type", JSON)
    handler.end_headers()
    handler.wfile.write(b"{}")
    handler.close_connection = True
    return True


def has_no_number_for_a_length(_: Peer, handler: BaseHTTPRequestHandler, __: str) -> bool:
    send(handler, JSON, b"{}", length="many")
    handler.close_connection = True
    return True


def refuses_and_stalls(_: Peer, handler: BaseHTTPRequestHandler, __: str) -> bool:
    handler.send_response(403)
    handler.send_header("Content-Length", "100")
    handler.end_headers()
    time.sleep(1.6)
    return True


def redirects(_: Peer, handler: BaseHTTPRequestHandler, __: str) -> bool:
    send(handler, "text/plain", b"", 302, Location="http://169.254.169.254/latest/meta-data")
    return True


def compresses(_: Peer, handler: BaseHTTPRequestHandler, __: str) -> bool:
    send(handler, JSON, b"{}", Content_Encoding="gzip")
    return True


def floods(_: Peer, handler: BaseHTTPRequestHandler, __: str) -> bool:
    send(handler, JSON, b" " * (2 << 20))
    return True


def lists_more(peer: Peer, handler: BaseHTTPRequestHandler, query: str) -> bool:
    peer.answer(handler, re.sub(r"LIMIT \d+", "", query))
    return True


def lists(*things: dict[str, str] | None) -> Respond:
    def respond(_: Peer, handler: BaseHTTPRequestHandler, query: str) -> bool:
        results = {"bindings": [{"thing": thing} if thing else {} for thing in things]}
        body = json.dumps({"head": {"vars": ["thing"]}, "results": results})
        send(handler, JSON, body.encode())
        return "CONSTRUCT" not in query

    return respond


def another_variable(_: Peer, handler: BaseHTTPRequestHandler, __: str) -> bool:
    send(handler, JSON, b'{"head": {"vars": ["x"]}, "results": {"bindings": []}}')
    return True


def says_nothing(_: Peer, handler: BaseHTTPRequestHandler, query: str) -> bool:
    if "CONSTRUCT" in query:
        send(handler, "text/turtle", b"")
    return "CONSTRUCT" in query


def refuses(_: Peer, handler: BaseHTTPRequestHandler, __: str) -> bool:
    send(handler, "text/plain", b"No\x1b[31m such \r\nthing", 403)
    return True


THING = {"type": "uri", "value": "http://e.example/1"}


@pytest.mark.parametrize(
    ("respond", "said"),
    [
        (stalls, "no whole answer within 1 s"),
        (dribbles, "no whole answer within 1 s"),
        (same_page, "same page again"),
        (same_page_but_the_first, "same page again"),
        (lies, "no JSON results"),
        (lies_about_triples, "no Turtle"),
        (page_of_html, "of the type text/html"),
        (breaks_off, "41 more expected|IncompleteRead"),
        (breaks_off_in_a_chunk, "IncompleteRead"),
        (ends_when_it_ends, "how long its answer is"),
        (has_no_number_for_a_length, "how long its answer is"),
        (refuses_and_stalls, "status 403"),
        (redirects, "redirects .status 302., and no redirect is followed"),
        (compresses, "compressed"),
        (floods, "larger than 1 MiB"),
        (lists_more, "more things than LIMIT"),
        (lists(THING, THING), "same page again"),
        (lists({"type": "bnode", "value": "b"}), "no IRI"),
        (lists({"type": "literal", "value": "x"}), "no IRI"),
        (lists(), "lists nothing"),
        (lists(None), "lists None, which is no IRI"),
        (another_variable, "variable .thing"),
        (says_nothing, "says nothing of 10 things"),
        (refuses, "status 403: No .31m such   thing"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_bad_peer_is_a_clear_error_and_nothing_is_published(
    attempt: Try, monkeypatch: pytest.MonkeyPatch, respond: Respond, said: str
) -> None:
    monkeypatch.setattr(Pacer, "TRIES", 1)
    attempt.peer.respond = respond
    begun = time.monotonic()
    with pytest.raises(HarvestFailed, match=said) as refusal:
        attempt.fetch()
    assert refusal.value.place == attempt.peer.endpoint
    assert refusal.value.remedy
    assert "\x1b" not in str(refusal.value)
    assert time.monotonic() - begun < 20
    kept = list((attempt.folder / "harvest").rglob("*.part"))
    assert kept == []


def test_an_address_that_is_not_public_is_not_called(attempt: Try) -> None:
    private = Partner(attempt.peer.endpoint, seconds=1)
    with pytest.raises(HarvestFailed, match="not public"):
        attempt.pages().fetch(private, Silence())
    assert attempt.peer.asked == []


def test_proxies_of_the_environment_are_not_used(
    attempt: Try, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1/")
    assert attempt.fetch() == EVERYTHING


def test_a_certificate_has_to_be_right_for_the_name(tmp_path: Path) -> None:
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -keyout key -out cert -days 2 "
        "-subj /CN=localhost -addext subjectAltName=DNS:localhost"
    )
    subprocess.run(shlex.split(command), cwd=tmp_path, check=True, capture_output=True)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(tmp_path / "cert", tmp_path / "key")
    trusting = ssl.create_default_context(cafile=str(tmp_path / "cert"))
    peer = Peer()
    peer.store.load(DATA.encode(), format=RdfFormat.TURTLE)
    query = things_query(Try(peer, tmp_path).described(), 0, 1)
    with listening(peer, server):
        partner = replace(peer.partner, networks=(*peer.partner.networks, ip_network("::1/128")))
        assert b"e.example/000" in Transport(partner, trusting).ask(query, [JSON]).body
        with pytest.raises(HarvestFailed, match=r"(?i)certificate verify failed"):
            Transport(partner).ask(query, [JSON])
        by_number = replace(partner, endpoint=partner.endpoint.replace("localhost", "127.0.0.1"))
        with pytest.raises(HarvestFailed, match=r"(?i)certificate"):
            Transport(by_number, trusting).ask(query, [JSON])
    assert len(peer.asked) == 1


def test_nobody_is_called_who_is_not_listed(peer: Peer) -> None:
    assert partner_for(peer.endpoint, [peer.partner]) == peer.partner
    for other in ((), [Partner(peer.endpoint + "/")]):
        with pytest.raises(BadRequest, match="not one of the partners"):
            partner_for(peer.endpoint, other)


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


def test_a_query_cannot_break_out_of_its_values(attempt: Try) -> None:
    strange = 'http://e.example/%22%7D"'
    attempt.peer.respond = lists({"type": "uri", "value": strange.rstrip('"') + "> } #"})
    with pytest.raises(HarvestFailed):
        attempt.fetch()
    sent: list[Any] = [query for query in attempt.peer.asked if "CONSTRUCT" in query]
    assert sent == []


@pytest.mark.parametrize("page", [1, 7, 24, 25, 1000])
def test_pages_by_their_last_thing(attempt: Try, page: int) -> None:
    attempt.page, attempt.paging = page, "key"
    assert attempt.fetch() == EVERYTHING
    assert not any("OFFSET" in query for query in attempt.peer.asked)


def test_pages_by_their_last_thing_cut_short_and_gone_on_with(attempt: Try) -> None:
    def short(peer: Peer, handler: BaseHTTPRequestHandler, query: str) -> bool:
        if "/015>" in query:
            send(handler, "text/plain", b"no more", 400)
        else:
            peer.answer(handler, re.sub(r"LIMIT \d+", "LIMIT 4", query))
        return True

    attempt.paging = "key"
    attempt.peer.respond = short
    with pytest.raises(HarvestFailed, match="no more"):
        attempt.fetch()
    attempt.peer.respond = lambda *_: False
    before = len(attempt.peer.asked)
    assert attempt.fetch() == EVERYTHING
    assert not any("/005>" in query for query in attempt.peer.asked[before:])


@pytest.mark.parametrize(
    ("pattern", "put", "message"),
    [
        (r"FILTER\(.*\)", "", "does not begin where the one before it ended"),
        (r">= ", "> ", "does not begin where the one before it ended"),
        (r"ORDER BY STR", "ORDER BY DESC", "does not order IRIs by their characters"),
        (
            r"FILTER\((.*)\) \}",
            r"FILTER(\1 && STR(?thing) != 'http://e.example/012') }",
            "its pages have 24 things, and it counts 25",
        ),
        (r"COUNT\(\*\)", "'many'", "and it counts no number"),
    ],
)
def test_an_endpoint_that_lies_about_its_pages_by_key(
    attempt: Try, pattern: str, put: str, message: str
) -> None:
    def lies(peer: Peer, handler: BaseHTTPRequestHandler, query: str) -> bool:
        peer.answer(handler, re.sub(pattern, put, query))
        return True

    attempt.paging = "key"
    attempt.peer.respond = lies
    with pytest.raises(HarvestFailed, match=message):
        attempt.fetch()


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
