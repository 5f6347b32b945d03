"""Peers that stall, repeat, lie or break off: a clear error, and nothing is published."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.ingest.harvest.conftest import JSON, Peer, Respond, Try, send
from vises.ingest.harvest.pacing import Pacer
from vises.ingest.harvest.transport import HarvestFailed

if TYPE_CHECKING:
    from http.server import BaseHTTPRequestHandler


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


def nests(_: Peer, handler: BaseHTTPRequestHandler, query: str) -> bool:
    """Answer with 20,000 triple terms in one another, which end the process that parses them."""
    if "CONSTRUCT" in query:
        begun, ended = b"<<( <x:s> <x:p> " * 20_000, b" )>>" * 20_000
        send(handler, "text/turtle", b"<x:s> <x:p> " + begun + b"<x:o>" + ended + b" .")
    return "CONSTRUCT" in query


def nests_things(_: Peer, handler: BaseHTTPRequestHandler, __: str) -> bool:
    begun = b'{"type":"triple","value":{"object":' * 20_000
    send(handler, JSON, b'{"head":{"vars":["thing"]},"results":{"bindings":[{"thing":' + begun)
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
        (nests, "triple terms in one another too often"),
        (nests_things, "nests more deeply than 16 triple terms"),
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


def test_a_query_cannot_break_out_of_its_values(attempt: Try) -> None:
    strange = 'http://e.example/%22%7D"'
    attempt.peer.respond = lists({"type": "uri", "value": strange.rstrip('"') + "> } #"})
    with pytest.raises(HarvestFailed):
        attempt.fetch()
    sent: list[Any] = [query for query in attempt.peer.asked if "CONSTRUCT" in query]
    assert sent == []


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
