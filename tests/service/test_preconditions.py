"""If-Match, and `If-None-Match: *`, of requests that read (RFC 9110, section 13.1)."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from starlette.responses import Response

from vises.service.preconditions import Preconditions

READ = ["/enterprise/fr-1.ttl", "/", "/sparql?query=ASK%7B%7D", "/catalog"]


@pytest.mark.parametrize("coding", ["identity", "gzip"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("address", READ)
def test_what_if_match_names_is_sent_and_nothing_else(
    client: httpx.Client, address: str, method: str, coding: str
) -> None:
    plain = {"Accept-Encoding": coding}
    whole = client.request(method, address, headers=plain)
    assert whole.status_code == 200, whole.text
    tag = whole.headers["ETag"]
    for wanted, status in (
        ("*", 200),
        (tag, 412 if tag.startswith("W/") else 200),
        (f'"x", {tag}', 412 if tag.startswith("W/") else 200),
        ('"x"', 412),
        (f"W/{tag}", 412),
        ("x", 412),
    ):
        answer = client.request(method, address, headers={**plain, "If-Match": wanted})
        assert answer.status_code == status, wanted
        if status == 200:
            assert answer.content == whole.content
        elif method == "GET":
            assert answer.json()["type"].endswith("/not-matched")
            assert tag in answer.json()["detail"]
    both = {**plain, "If-Match": '"x"', "If-None-Match": tag}
    assert client.request(method, address, headers=both).status_code == 412


@pytest.mark.parametrize("address", READ)
def test_if_none_match_of_anything_is_304_where_there_is_something(
    client: httpx.Client, address: str
) -> None:
    tag = client.get(address).headers["ETag"]
    for _ in range(3):
        answer = client.get(address, headers={"If-None-Match": "*"})
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["ETag"] == tag
        assert "content-type" not in answer.headers
    assert client.get(address).status_code == 200


@pytest.mark.parametrize("header", [{"If-None-Match": "*"}, {"If-Match": "*"}, {"If-Match": '"x"'}])
def test_a_condition_changes_no_error_and_no_redirection(
    client: httpx.Client, header: dict[str, str]
) -> None:
    for address, status in (
        ("/nothing/here", 404),
        ("/graphs/nothing", 404),
        ("/sparql?query=nonsense", 400),
        ("/.well-known/dcat", 302),
    ):
        assert client.get(address, headers=header).status_code == status


@pytest.mark.parametrize(("wanted", "status"), [("*", 200), ('W/"a"', 412), ('"a"', 412)])
def test_a_weak_tag_is_matched_by_no_tag(wanted: str, status: int) -> None:
    app = Preconditions(Response("text", headers={"ETag": 'W/"a"'}))

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://here.example") as client:
            return await client.get("/", headers={"If-Match": wanted})

    assert asyncio.run(ask()).status_code == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If-Unmodified-Since": "Wed, 04 Mar 2026 12:00:00 GMT"}, 200),
        ({"If-Unmodified-Since": "Wed, 04 Mar 2026 12:00:01 GMT"}, 200),
        ({"If-Unmodified-Since": "Wed, 04 Mar 2026 11:59:59 GMT"}, 412),
        ({"If-Unmodified-Since": "yesterday"}, 200),
        ({"If-Unmodified-Since": "Wed, 04 Mar 2026 11:59:59 GMT", "If-Match": "*"}, 200),
        (
            {
                "If-Unmodified-Since": "Wed, 04 Mar 2026 11:59:59 GMT",
                "If-Modified-Since": "Wed, 04 Mar 2026 12:00:00 GMT",
            },
            412,
        ),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_was_changed_since_is_not_sent(
    past: str, method: str, headers: dict[str, str], status: int
) -> None:
    """The release was made on 4 March at noon; the second request may be answered as a repeat."""
    with httpx.Client(base_url=past, timeout=20) as client:
        address = "/enterprise/fr-1.ttl"
        assert client.get(address).headers["Last-Modified"] == "Wed, 04 Mar 2026 12:00:00 GMT"
        for _ in range(2):
            answer = client.request(method, address, headers=headers)
            assert answer.status_code == status
    if status == 412 and method == "GET":
        assert answer.json()["place"] == "header If-Unmodified-Since"


def test_conditions_in_several_headers_are_one_list(client: httpx.Client) -> None:
    address = "/sparql?query=ASK%7B%7D"
    tag = client.get(address).headers["ETag"]
    new = ("Accept-Language", "nl;q=0.123")  # no repeat, which would be answered before
    for name, status in (("If-None-Match", 304), ("If-Match", 200)):
        answer = client.get(address, headers=[new, (name, '"x"'), (name, tag)])
        assert answer.status_code == status
