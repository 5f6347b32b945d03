"""Retries, pauses and pinning, against a service that does as it is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from vises.client.errors import ServiceProblem, Unreachable
from vises.client.transport import MOST_WAIT, Transport

CSV = {"Content-Type": "text/csv; charset=utf-8"}

Handler = Callable[[httpx.Request], httpx.Response]


def transport(
    handler: Handler, release: str | None = None, retries: int = 3
) -> tuple[Transport, list[float]]:
    slept: list[float] = []
    http = httpx.Client(base_url="http://service.example", transport=httpx.MockTransport(handler))
    return Transport(http, release, retries, slept.append), slept


def busy(times: int, retry_after: str, status: int = 503) -> tuple[Handler, list[httpx.Request]]:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        if len(seen) > times:
            return httpx.Response(200, headers={**CSV, "X-Release": "000007"})
        headers = {"Retry-After": retry_after} if retry_after else {}
        return httpx.Response(status, headers=headers, json={"detail": "Busy.", "type": "x/busy"})

    return handler, seen


@pytest.mark.parametrize("status", [429, 503])
def test_a_service_that_is_busy_is_asked_again_when_it_says(status: int) -> None:
    handler, seen = busy(2, "5", status)
    sender, slept = transport(handler)
    assert sender.get("/x", [], "text/csv").status_code == 200
    assert slept == [5.0, 5.0]
    assert len(seen) == 3


def test_a_moment_is_waited_for() -> None:
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    sender, slept = transport(busy(1, moment)[0])
    sender.get("/x", [], "text/csv")
    assert 20 < slept[0] <= 30


FAR_ZONE = f"Mon, 01 Jan 2024 00:00:00 +{'9' * 30}"


@pytest.mark.parametrize("text", ["", "soon", "-5", str(int(MOST_WAIT) + 1), "9" * 400, FAR_ZONE])
def test_what_would_not_help_is_not_tried_again(text: str) -> None:
    sender, slept = transport(busy(1, text)[0])
    with pytest.raises(ServiceProblem, match="Busy") as caught:
        sender.get("/x", [], "text/csv")
    assert slept == []
    assert caught.value.problem_type == "busy"


def test_patience_ends() -> None:
    handler, seen = busy(99, "1")
    sender, slept = transport(handler, retries=2)
    with pytest.raises(ServiceProblem):
        sender.get("/x", [], "text/csv")
    assert (len(seen), len(slept)) == (3, 2)


def test_a_broken_connection_is_tried_again_with_longer_pauses() -> None:
    failures = [httpx.ConnectError("no"), httpx.RemoteProtocolError("cut")]

    def handler(_: httpx.Request) -> httpx.Response:
        if failures:
            raise failures.pop(0)
        return httpx.Response(200, headers=CSV)

    sender, slept = transport(handler)
    assert sender.get("/x", [], "text/csv").status_code == 200
    assert slept == [0.5, 1.0]
    failures[:] = [httpx.ReadTimeout("late")] * 9
    with pytest.raises(Unreachable, match="late"):
        sender.get("/x", [], "text/csv")


def test_what_something_else_answers_is_no_answer() -> None:
    sender, slept = transport(lambda _: httpx.Response(200, html="<p>Log in to the network"))
    with pytest.raises(Unreachable, match="text/html"):
        sender.get("/x", [], "text/csv")
    assert slept == []
    assert sender.release is None


def test_a_body_that_is_not_of_its_coding_is_no_whole_answer() -> None:
    sender, slept = transport(
        lambda _: httpx.Response(200, content=iter([b"junk"]), headers={"Content-Encoding": "gzip"})
    )
    with pytest.raises(Unreachable, match="decompressing"):
        sender.get("/x", [], "text/csv")
    assert slept == [0.5, 1.0, 2.0]


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b'{"detail": 5}', b"\xff"])
def test_an_error_that_is_no_problem_document_is_one_all_the_same(body: bytes) -> None:
    sender, _ = transport(lambda _: httpx.Response(502, content=body))
    with pytest.raises(ServiceProblem, match="502") as caught:
        sender.get("/x", [], "text/csv")
    assert caught.value.status_code == 502


def test_the_release_goes_along_once() -> None:
    handler, seen = busy(0, "")
    sender, _ = transport(handler)
    sender.get("/x", [("a", "1")], "text/csv")
    sender.get("/x", [("release", "000001")], "text/csv", body=b"ASK {}")
    follows, _ = transport(handler, "current")
    follows.get("/x", [], "text/csv")
    queries = [request.url.query.decode() for request in seen]
    assert queries == ["a=1", "release=000007", ""]
    assert [request.method for request in seen] == ["GET", "POST", "GET"]
