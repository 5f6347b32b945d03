"""Content codings over HTTP, as httpx, a raw client and curl see them."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import zlib
from typing import TYPE_CHECKING

import brotli
import httpx
import pyarrow as pa
import pytest

from vises.service.compression import Compression, compressible
from vises.service.formats import GRAPH_TYPES, RESULT_TYPES
from vises.store.encoding import CODINGS
from vises.store.patch import zstd

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Message, Receive, Scope, Send

ROWS = {"query": "SELECT * { ?s ?p ?o } LIMIT 1000"}
DECODED: dict[str, Callable[[bytes], bytes]] = {
    "identity": bytes,
    "gzip": lambda data: zlib.decompress(data, 31),
    "zstd": zstd.decompress,
    "br": brotli.decompress,
}
PAGE = {"Accept": "text/html"}


def raw(
    client: httpx.Client, path: str, coding: str, **more: object
) -> tuple[httpx.Response, bytes]:
    """Ask for a coding; return the answer and its bytes as they came."""
    headers = {"Accept-Encoding": coding, **more.pop("headers", {})}  # type: ignore[dict-item]
    with client.stream("GET", path, headers=headers, **more) as answer:  # type: ignore[arg-type]
        return answer, b"".join(answer.iter_raw())


def content(media_type: str, body: bytes) -> object:
    """Return what a body says: where a batch of Arrow ends is a matter of time."""
    arrow = media_type == RESULT_TYPES["arrow"]
    return pa.ipc.open_stream(body).read_all() if arrow else body


STREAMED = {"/sparql", "/ontology"}
"""What leaves as it is made, so that its compressed bytes are not the same each time."""


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize(
    ("path", "accept"),
    [
        ("/sparql", "text/csv"),
        ("/sparql", "application/vnd.apache.arrow.stream"),
        ("/", "text/html"),
        ("/ontology", "text/turtle"),
        ("/static/style.css", "*/*"),
        ("/.well-known/void", "text/turtle"),
    ],
)
def test_the_same_bytes_in_every_coding(
    client: httpx.Client, path: str, accept: str, coding: str
) -> None:
    params = ROWS if path == "/sparql" else {}
    headers = {"Accept": accept}
    plain, expected = raw(client, path, "identity", params=params, headers=headers)
    answer, body = raw(client, path, coding, params=params, headers=headers)
    assert "content-encoding" not in plain.headers
    assert answer.headers["content-encoding"] == coding
    assert len(body) < len(expected) / 1.5
    assert content(accept, DECODED[coding](body)) == content(accept, expected)
    assert "Accept-Encoding" in plain.headers["vary"]
    assert answer.headers["vary"] == plain.headers["vary"]
    assert plain.headers["content-type"] == answer.headers["content-type"]
    if "etag" in plain.headers:
        tag, weak = f'{plain.headers["etag"][:-1]}-{coding}"', path in STREAMED
        assert answer.headers["etag"].removeprefix("W/") == tag.removeprefix("W/")
        assert answer.headers["etag"].startswith("W/") is weak


@pytest.mark.parametrize("path", ["/sparql", "/"])
@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", None),
        ("identity", None),
        ("deflate", None),
        ("gzip;q=0", None),
        ("*;q=0", None),
        ("identity, gzip;q=0.5", None),
        ("gzip", "gzip"),
        ("x-gzip", "gzip"),
        ("GZip", "gzip"),
        ("*", "zstd"),
        ("br;q=0.9, gzip;q=1.0, zstd;q=0.1", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("*, zstd;q=0", "br"),
    ],
)
def test_the_preferred_coding_wins(
    client: httpx.Client, path: str, header: str, expected: str | None
) -> None:
    params = ROWS if path == "/sparql" else {}
    answer, _ = raw(client, path, header, params=params, headers={"Accept": "text/html, text/csv"})
    assert answer.status_code == 200
    assert answer.headers.get("content-encoding") == expected


@pytest.mark.parametrize(
    ("path", "params"), [("/sparql", {"query": "ASK {}"}), ("/healthz", {}), ("/nope", {})]
)
def test_a_small_body_is_left_alone(
    client: httpx.Client, path: str, params: dict[str, str]
) -> None:
    answer, body = raw(client, path, "gzip", params=params, headers={"Accept": "application/json"})
    assert "content-encoding" not in answer.headers
    forced, coded = raw(
        client,
        path,
        "gzip, identity;q=0",
        params=params,
        headers={"Accept": "application/json"},
    )
    assert forced.headers["content-encoding"] == "gzip"
    assert DECODED["gzip"](coded) == body


def test_what_is_compressed_already_is_left_alone(client: httpx.Client) -> None:
    query = {**ROWS, "download": "parquet"}
    answer, body = raw(client, "/sparql", "gzip", params=query)
    assert "content-encoding" not in answer.headers
    assert body[:4] == body[-4:] == b"PAR1"


@pytest.mark.parametrize("path", ["/sparql", "/ontology.ttl", "/static/style.css"])
@pytest.mark.parametrize("coding", ["identity", *CODINGS])
def test_each_coding_is_validated_by_its_own_tag(
    client: httpx.Client, path: str, coding: str
) -> None:
    params = ROWS if path == "/sparql" else {}
    answer, _ = raw(client, path, coding, params=params, headers={"Accept": "*/*"})
    tag = answer.headers["etag"]
    for accepted in (coding, f"{coding}, zstd;q=0.1", f"zstd, br, gzip, {coding}"):
        headers = {"Accept": "*/*", "If-None-Match": tag}
        again, body = raw(client, path, accepted, params=params, headers=headers)
        assert (again.status_code, body) == (304, b"")
        assert again.headers["etag"] == tag
        assert "Accept-Encoding" in again.headers["vary"]
        assert "content-encoding" not in again.headers


@pytest.mark.parametrize("path", ["/sparql", "/ontology.ttl", "/static/style.css"])
def test_a_tag_of_a_coding_that_the_client_does_not_take_is_no_answer(
    client: httpx.Client, path: str
) -> None:
    params = ROWS if path == "/sparql" else {}
    coded, _ = raw(client, path, "gzip", params=params, headers={"Accept": "*/*"})
    headers = {"Accept": "*/*", "If-None-Match": coded.headers["etag"]}
    other, _ = raw(client, path, "identity", params=params, headers=headers)
    assert other.status_code == 200
    several = {**headers, "If-None-Match": f"{coded.headers['etag']}, {other.headers['etag']}"}
    both, _ = raw(client, path, "identity", params=params, headers=several)
    assert (both.status_code, both.headers["etag"]) == (304, other.headers["etag"])


@pytest.mark.parametrize("coding", ["identity", *CODINGS])
@pytest.mark.parametrize(
    "path", ["/sparql", "/", "/ontology.ttl", "/static/style.css", "/healthz", "/.well-known/void"]
)
def test_head_is_get_without_its_body(client: httpx.Client, path: str, coding: str) -> None:
    params = ROWS if path == "/sparql" else {}
    headers = {"Accept": "*/*", "Accept-Encoding": coding}
    get, body = raw(client, path, coding, params=params, headers={"Accept": "*/*"})
    head = client.head(path, params=params, headers=headers)
    assert head.content == b""
    changing = {"date", "content-length", "transfer-encoding"}
    assert {k: v for k, v in head.headers.items() if k not in changing} == {
        k: v for k, v in get.headers.items() if k not in changing
    }
    if "content-length" in head.headers:
        assert int(head.headers["content-length"]) == len(body)


def test_a_part_of_a_file_is_sent_as_it_is(client: httpx.Client) -> None:
    headers = {"Range": "bytes=0-99"}
    part, body = raw(client, "/static/suggest.js", "gzip", headers=headers)
    assert (part.status_code, len(body)) == (206, 100)
    assert "content-encoding" not in part.headers


def test_a_stylesheet_is_sent_whole_without_its_remarks(client: httpx.Client) -> None:
    whole, written = raw(client, "/static/style.css", "identity")
    part, body = raw(client, "/static/style.css", "identity", headers={"Range": "bytes=0-99"})
    assert (whole.status_code, part.status_code, body) == (200, 200, written)
    assert int(whole.headers["content-length"]) == len(written)
    assert b"/*" not in written
    assert b".skip" in written


def test_httpx_decodes_what_it_asked_for(client: httpx.Client) -> None:
    plain, expected = raw(
        client, "/sparql", "identity", params=ROWS, headers={"Accept": "text/csv"}
    )
    answer = client.get("/sparql", params=ROWS, headers={"Accept": "text/csv"})
    assert answer.headers["content-encoding"] == "br"
    assert answer.content == expected
    assert plain.headers["x-release"] == answer.headers["x-release"]


def test_curl_decodes_what_it_asked_for(client: httpx.Client, service: str) -> None:
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("there is no curl on this machine")
    _, expected = raw(client, "/sparql", "identity", params=ROWS, headers={"Accept": "text/csv"})
    command = [curl, "-sS", "--compressed", "--max-time", "20", "-H", "Accept: text/csv", "-G"]
    query = f"query={ROWS['query']}"
    got = subprocess.run(
        [*command, "--data-urlencode", query, f"{service}/sparql"], capture_output=True, check=True
    )
    assert got.stdout == expected


@pytest.mark.parametrize("media_type", sorted({*RESULT_TYPES.values(), *GRAPH_TYPES.values()}))
def test_every_form_but_parquet_is_worth_it(media_type: str) -> None:
    assert compressible(media_type) is (media_type != RESULT_TYPES["parquet"])


def sent(
    headers: dict[str, str], *parts: bytes, request: dict[str, str] | None = None
) -> tuple[list[Message], dict[str, str]]:
    """Send a response through; return the messages and the request's headers as seen inside."""
    messages: list[Message] = []
    seen: dict[str, str] = {}

    async def inner(scope: Scope, _: Receive, send: Send) -> None:
        seen.update({k.decode(): v.decode() for k, v in scope["headers"]})
        raw_headers = [(k.encode(), v.encode()) for k, v in headers.items()]
        await send({"type": "http.response.start", "status": 200, "headers": raw_headers})
        for number, part in enumerate(parts):
            more = number < len(parts) - 1
            await send({"type": "http.response.body", "body": part, "more_body": more})

    async def outer(message: Message) -> None:
        messages.append(message)

    asked = {"accept-encoding": "gzip", **(request or {})}
    scope = {
        "type": "http",
        "method": "GET",
        "headers": [(k.encode(), v.encode()) for k, v in asked.items()],
    }

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    asyncio.run(Compression(inner)(scope, receive, outer))
    return messages, seen


def test_every_part_of_a_stream_can_be_read_at_once() -> None:
    large = bytes(range(256)) * 1000
    messages, _ = sent({"content-type": "text/csv"}, b"first\r\n", large, b"last")
    reader = zlib.decompressobj(31)
    parts = [reader.decompress(message["body"]) for message in messages[1:]]
    assert parts == [b"first\r\n", large, b"last"]
    assert reader.eof


def test_an_inner_decision_is_kept() -> None:
    plain, _ = sent({"content-type": "text/csv", "content-encoding": "identity"}, b"x" * 5000)
    assert dict(plain[0]["headers"]) == {b"content-type": b"text/csv", b"vary": b"Accept-Encoding"}
    assert plain[1]["body"] == b"x" * 5000
    coded, _ = sent({"content-encoding": "br", "etag": '"a"'}, b"coded")
    assert dict(coded[0]["headers"])[b"etag"] == b'"a-br"'
    assert coded[1]["body"] == b"coded"


def test_a_picture_is_sent_as_it_is() -> None:
    messages, _ = sent({"content-type": "image/png"}, b"x" * 5000)
    assert dict(messages[0]["headers"]) == {b"content-type": b"image/png"}


def test_conditions_name_states_inside() -> None:
    _, seen = sent(
        {"content-type": "text/csv"},
        b"",
        request={"if-match": '"a-br", W/"b-gzip"', "if-none-match": '"c-gzip", "d-br", "e"'},
    )
    assert seen["if-match"] == '"a", W/"b"'
    assert seen["if-none-match"] == '"c", "e"'
    _, seen = sent({}, b"", request={"if-none-match": "*"})
    assert seen["if-none-match"] == "*"


def test_lists_in_several_headers_are_one(client: httpx.Client) -> None:
    wanted = [("Accept", "image/png"), ("Accept", "text/csv")]
    codings = [("Accept-Encoding", "identity;q=0"), ("Accept-Encoding", "gzip")]
    languages = [("Accept-Language", "de"), ("Accept-Language", "nl")]
    plain = httpx.Client(base_url=client.base_url)
    plain.headers.clear()
    with plain:
        table = plain.get("/sparql", params=ROWS, headers=[*wanted, *codings])
        assert table.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert table.headers["Content-Encoding"] == "gzip"
        page = plain.get("/", headers=[("Accept", "text/html"), *languages])
        assert page.headers["Content-Language"] == "nl"
        for path, form in (("/graphs/data", "turtle"), ("/api/v1/questions/S1", "csv")):
            several = [("Accept", "image/png"), ("Accept", f"text/{form}")]
            answer = plain.get(path, headers=several)
            assert answer.headers["Content-Type"] == f"text/{form}; charset=utf-8"
