"""Reading operations: what the SPARQL 1.1 Protocol allows, and what it does not."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, quote_plus, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.requests import ClientDisconnect, Request

from vises.errors import VisesError
from vises.service.bodies import (
    MOST_PARAMETERS,
    BodyTruncated,
    ProtocolError,
    RequestTooLarge,
    UnsupportedMediaType,
    parameters,
)
from vises.service.problems import MethodNotAllowed
from vises.service.sparql.protocol import (
    FORM,
    MOST_BYTES,
    MOST_UPDATE_BYTES,
    QUERY,
    UPDATE,
    Operation,
    Update,
    read_operation,
)

if TYPE_CHECKING:
    from collections.abc import Callable


def read(
    method: str = "GET",
    query_string: str | bytes = "",
    body: bytes | list[bytes] = b"",
    headers: dict[str, str] | None = None,
) -> Operation:
    parts = body if isinstance(body, list) else [body]
    messages = [
        {"type": "http.request", "body": part, "more_body": more}
        for part, more in zip(parts, [True] * (len(parts) - 1) + [False], strict=True)
    ]

    async def receive() -> dict[str, object]:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    raw = query_string.encode() if isinstance(query_string, str) else query_string
    scope = {
        "type": "http",
        "method": method,
        "path": "/sparql",
        "query_string": raw,
        "headers": [(k.lower().encode(), v.encode("latin-1")) for k, v in (headers or {}).items()],
    }
    return asyncio.run(read_operation(Request(scope, receive)))


def post(body: bytes | list[bytes], media_type: str | None, query_string: str = "") -> Operation:
    headers = {"Content-Type": media_type} if media_type else {}
    return read("POST", query_string, body, headers)


def test_get() -> None:
    text = "SELECT * { ?s ?p 'é & = +' }"
    graphs = [("default-graph-uri", "http://a"), ("default-graph-uri", "http://b")]
    found = read("GET", urlencode([("query", text), *graphs, ("named-graph-uri", "http://c")]))
    assert found == Operation(text, ("http://a", "http://b"), ("http://c",))


def test_post_form() -> None:
    found = post(urlencode({"query": "ASK {}", "named-graph-uri": "http://c"}).encode(), FORM)
    assert found == Operation("ASK {}", (), ("http://c",))


def test_post_query_takes_its_dataset_from_the_address() -> None:
    found = post("ASK { 'é' ?p ?o }".encode(), QUERY, "default-graph-uri=http%3A%2F%2Fa")
    assert found == Operation("ASK { 'é' ?p ?o }", ("http://a",))


def test_updates() -> None:
    graphs = [("using-graph-uri", "http://a"), ("using-graph-uri", "http://b")]
    graphs += [("using-named-graph-uri", "http://c"), ("insert-graph-uri", "http://d")]
    graphs += [("remove-graph-uri", "http://e")]
    wanted = Update("CLEAR ALL", ("http://a", "http://b"), ("http://c",), "http://d", "http://e")
    assert post(b"CLEAR ALL", UPDATE, urlencode(graphs)).update == wanted
    form = urlencode([*graphs, ("update", "CLEAR ALL")]).encode()
    assert post(form, FORM) == Operation(None, update=wanted)
    assert post(b"", UPDATE).update == Update("")


def test_the_byte_order_mark_of_a_file_is_no_part_of_it() -> None:
    """Editors of Windows write one, and ``curl --data-urlencode query@file`` sends it."""
    marked = "\ufeffASK {}"
    for found in (
        read("GET", urlencode({"query": marked})),
        post(urlencode({"query": marked}).encode(), FORM),
        post(marked.encode(), QUERY),
    ):
        assert found.query == "ASK {}"
    for found in (
        post(urlencode({"update": marked}).encode(), FORM),
        post(marked.encode(), UPDATE),
    ):
        assert found.update == Update("ASK {}")


def test_what_is_compressed_or_cut_is_refused() -> None:
    with pytest.raises(UnsupportedMediaType, match="gzip"):
        read("POST", "", b"\x1f\x8b", {"Content-Type": UPDATE, "Content-Encoding": "gzip"})
    with pytest.raises(BodyTruncated):
        read("POST", "", b"CLEAR", {"Content-Type": UPDATE, "Content-Length": "9"})


def test_a_body_may_come_in_parts() -> None:
    assert post([b"ASK", b" {", b"}"], QUERY).query == "ASK {}"


def test_charset_parameters_of_utf_8_are_fine() -> None:
    assert post(b"ASK {}", QUERY + '; charset="UTF-8"').query == "ASK {}"


def test_a_request_may_have_no_query() -> None:
    assert read().query is None
    assert read("GET", "query=").query == ""


@pytest.mark.parametrize(
    ("arguments", "error", "status"),
    [
        ({"query_string": "query=a&query=b"}, ProtocolError, 400),
        ({"query_string": "query=%FF"}, ProtocolError, 400),
        ({"query_string": b"query=\xff"}, ProtocolError, 400),
        ({"query_string": "update=CLEAR+ALL"}, ProtocolError, 400),
        ({"query_string": "download=docx&query=ASK{}"}, ProtocolError, 400),
        ({"query_string": "&".join(["a=1"] * (MOST_PARAMETERS + 1))}, ProtocolError, 400),
        ({"method": "PUT"}, MethodNotAllowed, 405),
        ({"method": "DELETE"}, MethodNotAllowed, 405),
        ({"method": "QUERY"}, MethodNotAllowed, 405),
    ],
)
def test_wrong_requests(arguments: dict[str, str], error: type[VisesError], status: int) -> None:
    with pytest.raises(error) as caught:
        read(**arguments)
    assert caught.value.status == status
    assert caught.value.detail


@pytest.mark.parametrize(
    ("body", "media_type", "error", "status"),
    [
        (b"ASK {}", None, UnsupportedMediaType, 415),
        (b"ASK {}", "text/plain", UnsupportedMediaType, 415),
        (b"ASK {}", "multipart/form-data; boundary=x", UnsupportedMediaType, 415),
        (b"ASK {}", QUERY + ";charset=latin-1", UnsupportedMediaType, 415),
        (b"ASK {}", QUERY + ';x="' + ";" * 50_000, UnsupportedMediaType, 415),
        (b"CLEAR ALL", UPDATE + "; charset=utf-16", UnsupportedMediaType, 415),
        (b"CLEAR \xff", UPDATE, ProtocolError, 400),
        (b"update=CLEAR+ALL&update=CLEAR+NAMED", FORM, ProtocolError, 400),
        (b"update=CLEAR+ALL&insert-graph-uri=a&insert-graph-uri=b", FORM, ProtocolError, 400),
        (b"update=CLEAR+ALL&default-graph-uri=a", FORM, ProtocolError, 400),
        (b"update=CLEAR+ALL&release=000001", FORM, ProtocolError, 400),
        (b"query=ASK{}&update=CLEAR+ALL", FORM, ProtocolError, 400),
        (b"query=" + b"x" * (MOST_BYTES + 1), FORM, RequestTooLarge, 413),
        (b"x" * (MOST_UPDATE_BYTES + 1), UPDATE, RequestTooLarge, 413),
        (b"query=a&query=b", FORM, ProtocolError, 400),
        (b"nothing=here", FORM, ProtocolError, 400),
        (b"ASK { '\xe9' ?p ?o }", QUERY, ProtocolError, 400),
        (b"query=%E9", FORM, ProtocolError, 400),
        (b"x" * (MOST_BYTES + 1), QUERY, RequestTooLarge, 413),
        ([b"x" * MOST_BYTES, b"x"], QUERY, RequestTooLarge, 413),
    ],
)
def test_wrong_bodies(
    body: bytes | list[bytes], media_type: str | None, error: type[VisesError], status: int
) -> None:
    with pytest.raises(error) as caught:
        post(body, media_type)
    assert caught.value.status == status


def test_the_query_twice_in_address_and_body_is_twice() -> None:
    with pytest.raises(ProtocolError):
        post(b"query=a", FORM, "query=b")


def test_a_declared_length_over_the_bound_is_not_even_read() -> None:
    headers = {"Content-Type": QUERY, "Content-Length": str(MOST_BYTES + 1)}
    with pytest.raises(RequestTooLarge):
        read("POST", "", b"", headers)


def test_a_client_that_leaves_in_the_middle_is_let_go() -> None:
    async def receive() -> dict[str, str]:
        return {"type": "http.disconnect"}

    headers = [(b"content-type", QUERY.encode())]
    scope = {"type": "http", "method": "POST", "query_string": b"", "headers": headers}
    with pytest.raises(ClientDisconnect):
        asyncio.run(read_operation(Request(scope, receive)))


NAMES = ["query", "update", "default-graph-uri", "named-graph-uri", "download", "release", "x"]
MANY = settings(max_examples=200, deadline=None)
header_values = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=60)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=50)


@given(st.text("abAF09%+&=;é\0 ", max_size=60))
def test_parameters_are_read_as_pythons_library_reads_them(query_string: str) -> None:
    data = query_string.encode()
    try:
        expected = parse_qsl(query_string, keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        with pytest.raises(ProtocolError):
            parameters(data, "query string")
    else:
        assert parameters(data, "query string") == expected


@given(st.binary(max_size=200), st.sampled_from([FORM, QUERY, UPDATE, "text/plain"]))
def test_any_body_is_an_operation_or_an_error_of_ours(body: bytes, media_type: str) -> None:
    with suppress(VisesError):
        found = post(body, media_type)
        assert isinstance(found.query, str) or found.update


@MANY
@given(
    st.sampled_from(["GET", "HEAD", "POST", "PUT", "QUERY"]),
    st.one_of(
        st.binary(max_size=200),
        st.lists(st.tuples(st.sampled_from(NAMES), st.binary(max_size=20))).map(
            lambda pairs: "&".join(f"{k}={quote(v)}" for k, v in pairs).encode()
        ),
    ),
    st.one_of(
        header_values, st.sampled_from([FORM, QUERY]), header_values.map(f"{FORM}{{}}".format)
    ),
    st.lists(st.binary(max_size=100), min_size=1, max_size=4),
    st.one_of(st.none(), header_values, st.integers().map(str)),
)
def test_any_request_is_an_operation_or_an_error_of_ours(
    method: str, query_string: bytes, media_type: str, parts: list[bytes], length: str | None
) -> None:
    headers = {"Content-Type": media_type}
    if length is not None:
        headers["Content-Length"] = length
    with suppress(VisesError):
        found = read(method, query_string, parts, headers)
        assert isinstance(found.query, str) or found.update or method != "POST"


@MANY
@given(
    texts,
    st.lists(texts, max_size=4),
    st.lists(texts, max_size=4),
    st.sampled_from([quote, quote_plus]),
)
def test_what_was_encoded_comes_back(
    query: str, defaults: list[str], named: list[str], encode: Callable[..., str]
) -> None:
    pairs = [("query", query), *(("default-graph-uri", g) for g in defaults)]
    pairs += [("named-graph-uri", g) for g in named]
    encoded = urlencode(pairs, quote_via=encode)
    wanted = Operation(query, tuple(defaults), tuple(named))
    assert read("GET", encoded) == wanted
    assert post(encoded.encode(), FORM) == wanted
    assert post(query.encode(), QUERY, urlencode(pairs[1:], quote_via=encode)) == wanted
