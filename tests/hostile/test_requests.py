"""Requests that are not what they seem, byte by byte: each gets one answer, a defined one."""

from __future__ import annotations

import json
import re
import socket
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _pytest.mark import ParameterSet

    from tests.hostile.conftest import Target

ASK = urlencode({"query": "ASK {}"}).encode()
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
HOST = b"Host: data.example\r\nConnection: close\r\n"
HIDDEN = b"GET /hidden HTTP/1.1\r\nHost: data.example\r\n\r\n"
CRLF = "\r\nSet-Cookie: stolen=1\r\n\r\n<script>"


def sampled(cases: Iterable[str], *sample: str) -> list[ParameterSet]:
    """Return the cases, those that are not in the sample marked as part of the campaign."""
    return [
        pytest.param(c, marks=[] if c in sample else pytest.mark.campaign, id=ascii(c[:40]))
        for c in cases
    ]


def sent(target: Target, *parts: bytes) -> bytes:
    """Send bytes over a connection of their own; return all that comes back."""
    with socket.create_connection(target.host, timeout=20) as connection:
        try:
            for part in parts:
                connection.sendall(part)
        except OSError:
            pass
        found = bytearray()
        try:
            while data := connection.recv(1 << 16):
                found += data
        except ConnectionResetError:
            pass
        return bytes(found)


def statuses(raw: bytes) -> list[int]:
    return [int(n) for n in re.findall(rb"HTTP/1\.1 (\d{3})", raw)]


def post(headers: bytes, body: bytes) -> bytes:
    return b"POST /sparql HTTP/1.1\r\n" + HOST + FORM + headers + b"\r\n" + body


def length(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n" % len(body)


CHUNKED = b"Transfer-Encoding: chunked\r\n"
ONE_CHUNK = b"%x\r\n%s\r\n0\r\n\r\n" % (len(ASK), ASK)
AMBIGUOUS = {
    "two lengths": post(length(ASK) + length(ASK + HIDDEN), ASK + HIDDEN),
    "two lengths in one": post(b"Content-Length: 5, 14\r\n", ASK),
    "a length below zero": post(b"Content-Length: -1\r\n", ASK),
    "a length with a sign": post(b"Content-Length: +14\r\n", ASK),
    "a length in hexadecimal": post(b"Content-Length: 0xe\r\n", ASK),
    "a length of 30 digits": post(b"Content-Length: " + b"9" * 30 + b"\r\n", ASK),
    "an unknown coding": post(b"Transfer-Encoding: gzip, chunked\r\n", ONE_CHUNK),
    "a coding in disguise": post(b"Transfer-Encoding: \x0bchunked\r\n", ONE_CHUNK),
    "two codings": post(CHUNKED + b"Transfer-Encoding: identity\r\n", ONE_CHUNK),
    "a space before the colon": post(b"Content-Length : 14\r\n", ASK),
    "a folded header": post(length(ASK) + b"X-A: b\r\n c\r\n", ASK),
    "a bare line feed in a header": post(length(ASK) + b"X-A: b\nX-B: c\r\n", ASK),
    "a NUL in a header": post(length(ASK) + b"X-A: \0\r\n", ASK),
    "a chunk size that is none": post(CHUNKED, b"zz\r\n" + ASK + b"\r\n0\r\n\r\n"),
    "a chunk size without end": post(CHUNKED, b"f" * 100 + b"\r\n"),
    "no host": b"GET /readyz HTTP/1.1\r\n\r\n",
    "two hosts": b"GET /readyz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "an unknown version": b"GET /readyz HTTP/9.9\r\n" + HOST + b"\r\n",
    "a line without a version": b"GET /readyz\r\n\r\n",
    "TLS": bytes.fromhex("160301020001fc0303") + b"\0" * 60,
    "a method with a NUL": b"GE\0T /readyz HTTP/1.1\r\nHost: a\r\n\r\n",
    "a bare NUL": b"\0\r\n\r\n",
}


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_a_request_that_can_be_read_in_two_ways_is_read_in_none(target: Target, name: str) -> None:
    """What a proxy before us may have read otherwise must not leave a second request behind."""
    with target.watched(name) as row:
        found = sent(target, AMBIGUOUS[name])
        row.answer = ", ".join(map(str, statuses(found)))
    [status] = statuses(found)
    if status == 200:
        assert b'"boolean":true' in found or b"ready" in found
    else:
        assert status in {400, 413, 501, 505}
        assert b"application/problem+json" in found
        assert json.loads(found.partition(b"\r\n\r\n")[2])["status"] == status


def test_both_a_length_and_a_coding_is_one_request(target: Target) -> None:
    """The coding counts (RFC 9112, section 6.3), and the connection ends, so nothing can follow."""
    with target.watched("length and coding") as row:
        found = sent(target, post(length(b"0\r\n\r\n" + HIDDEN) + CHUNKED, ONE_CHUNK + HIDDEN))
        row.answer = ", ".join(map(str, statuses(found)))
    assert len(statuses(found)) == 1
    assert b"hidden" not in found


def test_pipelined_requests_are_answered_in_order(target: Target) -> None:
    one = b"GET /sparql?query=%s HTTP/1.1\r\nHost: a\r\nAccept: text/csv\r\n\r\n"
    queries = [quote(f"SELECT ?n {{ VALUES ?n {{ {n} }} }}").encode() for n in range(200)]
    with target.watched("200 pipelined") as row:
        found = sent(target, b"".join(one % q for q in queries), b"GET /readyz HTTP/1.0\r\n\r\n")
        row.answer = str(len(statuses(found)))
    assert statuses(found) == [200] * 201
    assert re.findall(rb"\r\nn\r\n(\d+)\r\n", found) == [b"%d" % n for n in range(200)]


HEADERS = {
    "Accept": [
        '"\\' * 16_000,
        "a/b;a=" + '"\\' * 16_000,
        ",".join(["a/b"] * 9000),
        "\xff",
        ";" * 9,
    ],
    "Accept-Language": ['"\\' * 16_000, "x" * 60_000, "\xff", "fr;q=" + "9" * 4000],
    "If-None-Match": ['W/"' * 9000, '"' * 60_000, "*", "\xff"],
    "Accept-Datetime": ["x" * 60_000, "Thu, 99 Jan 9999 99:99:99 GMT", "\xff"],
    "Content-Type": ["a/b" + ';x="' * 9000, ";" * 60_000, "\xff", "text/html; charset=\xff", "/"],
    "Cookie": ["vises_lang=" + "x" * 60_000, "=;" * 30_000, "vises_lang=fr\0", '"' * 60_000],
    "Host": ["[", "[::1", "a b", "x" * 60_000, "a:99999999", "a@b", "\xff", "a/../b", "%00", "a]b"],
    "X-Forwarded-For": ["[", "x" * 60_000, ",".join(["1.1.1.1"] * 9000), "\xff", "127.0.0.1\0"],
    "X-Forwarded-Proto": ["javascript", "x" * 60_000, "ht tp", "\xff"],
    "X-Forwarded-Host": ["evil.example"],
    "Range": ["bytes=0-0," * 5000, "bytes=-1"],
    "Expect": ["200-maybe"],
    "Upgrade": ["websocket", "h2c"],
    "Connection": ["upgrade", "close, " * 5000],
    "Content-Encoding": ["gzip"],
    "Authorization": ["Bearer " + "x" * 60_000, "Basic \xff", "Bearer", "Digest " + "a=b," * 9000],
}
PATHS = ["/sparql?query=ASK%7B%7D", "/sparql", "/", "/timemap/e/1", "/e/1", "/static/style.css"]


@pytest.mark.parametrize("name", sampled(HEADERS, "Accept", "Host"))
def test_a_hostile_header_gets_an_answer_and_holds_nobody_up(target: Target, name: str) -> None:
    with target.watched(f"header {name}") as row:
        for value in HEADERS[name]:
            for path in PATHS:
                lines = [f"GET {path} HTTP/1.{0 if name == 'Connection' else 1}"]
                lines += [f"Host: {target.host[0]}"] if name != "Host" else []
                lines += [f"{name}: {value}"]
                lines += ["Connection: close"] if name != "Connection" else []
                found = sent(target, "\r\n".join([*lines, "", ""]).encode("latin-1"))
                row.answer = ", ".join(map(str, statuses(found)))
                assert len(statuses(found)) == 1, (path, value[:50], found[:300])
                assert statuses(found)[0] < 500, (path, value[:50], found[:600])
    assert max(row.latencies) < 2


PARAMETERS = ["query", "release", "download", "question", "default-graph-uri", "lang", "x", CRLF]
VALUES = [
    CRLF,
    "\0",
    "a\nb",
    "\u2028",
    "../../../etc/passwd",
    "%00",
    "%0d%0aSet-Cookie: stolen=1",
    "x" * 10_000,
    "\ud800".encode("utf-8", "surrogatepass"),
    b"\xff\xfe",
    b"\xc0\xae\xc0\xae/",
    "000001\0",
    "{{7*7}}",
    "'; DROP TABLE releases; --",
    "-1",
    "\u0660\u0660\u0660\u0660\u0660\u0661",
]


@pytest.mark.parametrize("name", sampled(PARAMETERS, "download"))
def test_a_hostile_parameter_stays_where_it_is_put(target: Target, name: str) -> None:
    query = {} if name == "query" else {"query": "ASK {}"}
    with target.watched(f"parameter {name.strip()[:16]!a}") as row:
        for accept in ("application/json", "text/html"):
            for value in VALUES:
                asked = urlencode({**query, name: value})
                for path in ("/sparql", "/e/1", "/timemap/e/1", "/"):
                    line = f"GET {path}?{asked} HTTP/1.1\r\n".encode()
                    found = sent(target, line + HOST + b"Accept: " + accept.encode() + b"\r\n\r\n")
                    head, _, body = found.partition(b"\r\n\r\n")
                    assert len(re.findall(rb"(?m)^HTTP/1\.1 ", head)) == 1, (path, value)
                    assert statuses(head)[0] < 500, (path, value, body[:600])
                    assert b"set-cookie: stolen" not in head.lower()
                    assert b"<script>" not in body or b"problem+json" in head
                    assert b"root:" not in body
        row.answer = "below 500"


HOSTILE_PATHS = [
    "/%0d%0aSet-Cookie:%20stolen=1",
    "/e/1%0d%0aSet-Cookie:%20stolen=1",
    "/timemap/%0d%0aSet-Cookie:%20stolen=1",
    "/static/../../settings.py",
    "/static/%2e%2e/%2e%2e/settings.py",
    "/static/..%2f..%2fsettings.py",
    "/static/%5c..%5c..%5csettings.py",
    "/static//etc/passwd",
    "/static/%00",
    "//evil.example/",
    "/\\evil.example/",
    "/e/%ff%fe",
    "/e/%F0%9F%98%80%00",
    "/e/" + "a" * 40_000,
    "/e" + "/x" * 15_000,
    "/timemap/" + "timemap/" * 3000,
    "/%E2%80%AE",
    "/sparql/",
    "/sparql%2f",
    "/SPARQL",
    "/e/1;x=y",
    "/e/<script>",
    "http://evil.example/e/1",
    "*",
]


@pytest.mark.parametrize("path", sampled(HOSTILE_PATHS, *HOSTILE_PATHS[:5]))
def test_a_hostile_path_leads_nowhere(target: Target, path: str) -> None:
    line = f"GET {path} HTTP/1.1\r\n".encode()
    with target.watched(f"path {path[:28]}") as row:
        for header in (b"Accept: text/html\r\n", b"Accept-Datetime: x\r\n", b"Accept: a/b\r\n"):
            found = sent(target, line + HOST + header + b"\r\n")
            head, _, body = found.partition(b"\r\n\r\n")
            row.answer = ", ".join(map(str, statuses(head)))
            assert len(statuses(head)) == 1, found[:300]
            assert statuses(head)[0] in {200, 302, 303, 307, 308, 400, 404, 406}, found[:600]
            assert b"set-cookie: stolen" not in head.lower()
            assert not re.search(rb"(?im)^location: (https?:)?[/\\\\]+evil", head)
            assert b"root:" not in body
            assert b"VISES_DATA" not in body


SMUGGLED = urlencode({"update": "INSERT DATA { <a:a> <a:b> <a:c> }"})


def test_an_update_in_the_place_of_a_query_changes_nothing(target: Target) -> None:
    endpoint = target.served.endpoint
    update = "INSERT DATA { <a:a> <a:b> <a:c> }"
    form = "application/x-www-form-urlencoded"
    with target.watched("updates in disguise") as row, httpx.Client() as client:
        answers = [
            client.get(f"{endpoint}?{SMUGGLED}"),
            client.get(endpoint, params={"query": "ASK {}", "update": update}),
            client.get(endpoint, params={"query": update}),
            client.post(endpoint, data={"query": update}),
            client.post(endpoint, data={"query": "ASK {}", "update": update}),
            client.post(f"{endpoint}?{SMUGGLED}", data={"query": "ASK {}"}),
            client.post(
                endpoint, content=update, headers={"Content-Type": "application/sparql-query"}
            ),
            client.post(
                endpoint, content=f"query=ASK%7B%7D&{SMUGGLED}", headers={"Content-Type": form}
            ),
            client.request("GET", endpoint, content=SMUGGLED, headers={"Content-Type": form}),
        ]
        row.answer = ", ".join(sorted({str(a.status_code) for a in answers}))
        asked = client.post(endpoint, data={"query": "ASK { <a:a> <a:b> <a:c> }"})
    assert {a.status_code for a in answers} <= {200, 400, 403, 405}
    assert [a.status_code for a in answers[:8]].count(200) == 0
    assert asked.json()["boolean"] is False


def test_more_parameters_than_anyone_needs(target: Target) -> None:
    body = b"&".join(b"default-graph-uri=a%%3A%d" % n for n in range(999)) + b"&" + ASK
    with target.watched("1,000 and 100,000 parameters") as row:
        most = httpx.post(
            target.served.endpoint,
            content=body,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
        over = httpx.post(
            target.served.endpoint,
            content=b"a=b&" * 100_000,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
        row.answer = f"{most.status_code}, {over.status_code}"
    assert most.status_code == 200
    assert over.json()["type"].endswith("/protocol")


def test_headers_without_end_are_refused(target: Target) -> None:
    with target.watched("10 MB of headers") as row:
        lines = b"".join(b"X-%d: %s\r\n" % (n, b"y" * 1000) for n in range(10_000))
        found = sent(target, b"GET /readyz HTTP/1.1\r\n" + HOST, lines, b"\r\n")
        row.answer = ", ".join(map(str, statuses(found))) or "reset"
    assert statuses(found) in ([], [431], [400])
