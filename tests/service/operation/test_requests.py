"""What every request gets, whatever application is inside."""

from __future__ import annotations

import asyncio
import errno
import io
import json
import logging
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from vises.service.operation.clients import Clients
from vises.service.operation.logs import JsonLog
from vises.service.operation.metrics import Metrics
from vises.service.operation.requests import Requests, Watch, route_of
from vises.service.sparql.streaming import TransferBroken
from vises.store.accounts import Accounts
from vises.store.caller import CALLER, Caller, known_as, note_cache
from vises.store.limits import Rate
from vises.store.releases import ReleaseStore

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.types import Receive, Scope, Send

    from vises.settings import Settings


@dataclass
class Inner:
    """An application that answers with a status, and remembers who asked."""

    status: int = 200
    callers: list[Caller | None] = field(default_factory=list)
    costs: float = 0
    error: str = ""
    part: bool = False
    holder: str | None = None
    cache: str = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http"
        assert receive
        if self.holder:
            known_as(self.holder)
        if self.cache:
            note_cache(self.cache)
        caller = CALLER.get()
        self.callers.append(caller)
        if caller is not None:
            caller.seconds, caller.error, caller.query = self.costs, self.error, "ASK {}"
        await send({"type": "http.response.start", "status": self.status, "headers": []})
        await send({"type": "http.response.body", "body": b"12345", "more_body": self.part})
        if self.part:
            raise TransferBroken("query-timeout")


class Stage:
    def __init__(
        self, settings: Settings, app: Inner, stream: io.StringIO | None = None, **changes: object
    ) -> None:
        self.stream = stream or io.StringIO()
        self.metrics = Metrics()
        self.accounts = Accounts(Rate(60, 120), Rate(30, 60), clock=lambda: 0.0)
        log = JsonLog(self.stream, clock=lambda: 1_800_000_000.25)
        settings = replace(settings, **changes)  # type: ignore[arg-type]
        clients = Clients(settings.trusted_proxies)
        releases = ReleaseStore(settings.data)
        watch = Watch(settings, releases, clients, self.metrics, log, self.accounts)
        self.app = Requests(app, watch)

    def get(self, path: str = "/sparql", peer: str = "192.0.2.7", **headers: str) -> httpx.Response:
        async def main() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, client=(peer, 1), raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
                return await client.get(
                    path, headers={k.replace("_", "-"): v for k, v in headers.items()}
                )

        return asyncio.run(main())

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]


def test_a_request_is_logged_in_one_line(settings: Settings) -> None:
    stage = Stage(settings, Inner(costs=0.5))
    stage.get("/sparql?query=SECRET&access_token=SECRET", Authorization="Bearer SECRET")
    (line,) = stage.lines
    seconds = line.pop("seconds")
    assert 0 < seconds < 5
    assert line.pop("request")
    assert line == {
        "time": "2027-01-15T08:00:00.250Z",
        "level": "info",
        "event": "request",
        "method": "GET",
        "path": "/sparql",
        "status": 200,
        "outcome": "answered",
        "query_seconds": 0.5,
        "bytes": 5,
        "client": "192.0.2.0/24",
    }
    assert "SECRET" not in stage.stream.getvalue()


def test_settings_of_the_log(settings: Settings) -> None:
    stage = Stage(settings, Inner(), log_clients="address", log_queries=True)
    stage.get()
    (line,) = stage.lines
    assert (line["client"], line["query"]) == ("192.0.2.7", "ASK {}")
    stage = Stage(settings, Inner(), log_clients="none")
    stage.get()
    assert "client" not in stage.lines[0]
    stage = Stage(settings, Inner(), log="events")
    stage.get()
    assert stage.lines == []


def test_a_line_stays_one_line(settings: Settings) -> None:
    stage = Stage(settings, Inner())
    stage.get("/a%0A%7B%22event%22:%22forged%22%7D")
    (line,) = stage.lines
    assert line["path"] == '/a\n{"event":"forged"}'


@pytest.mark.parametrize("good", ["abc", "0190-7b.X_y", "a" * 64])
def test_a_request_id_is_taken_over(settings: Settings, good: str) -> None:
    stage = Stage(settings, Inner())
    assert stage.get(X_Request_ID=good).headers["x-request-id"] == good
    assert stage.lines[0]["request"] == good


@pytest.mark.parametrize("bad", ["", "a b", "a" * 65, "a\tb", '"x"'])
def test_a_request_id_that_is_not_well_formed_is_replaced(settings: Settings, bad: str) -> None:
    stage = Stage(settings, Inner())
    made = {stage.get(X_Request_ID=bad).headers["x-request-id"] for _ in range(2)}
    assert len(made) == 2
    assert bad not in made


def test_clients_are_told_what_they_have_left(settings: Settings) -> None:
    stage = Stage(settings, Inner())
    stage.accounts.charge("192.0.2.7", 30.5, errors=2)
    headers = stage.get().headers
    assert headers["ratelimit-policy"] == '"seconds";q=120;qu="seconds";w=120, "errors";q=60;w=120'
    assert headers["ratelimit"] == '"seconds";r=89;t=31, "errors";r=58;t=4'
    assert "ratelimit" not in stage.get("/static/style.css").headers


def test_who_asks_is_known_inside(settings: Settings) -> None:
    inner = Inner()
    stage = Stage(settings, inner)
    stage.get(peer="2001:db8:1:2::3")
    stage.get("/readyz")
    inner.holder = "partner"
    stage.get()
    keys = [caller and caller.key for caller in inner.callers]
    assert keys == ["2001:db8:1:2::/64", None, "token partner"]
    assert CALLER.get() is None


@pytest.mark.parametrize(
    ("inner", "outcome"),
    [
        (Inner(), "answered"),
        (Inner(status=304), "not-modified"),
        (Inner(status=404), "refused"),
        (Inner(status=429), "limited"),
        (Inner(status=500), "failed"),
        (Inner(status=503, error="query-timeout"), "query-timeout"),
        (Inner(error="query-timeout"), "answered"),
        (Inner(part=True), "broken"),
    ],
)
def test_outcomes(settings: Settings, inner: Inner, outcome: str) -> None:
    stage = Stage(settings, inner)
    stage.get()
    assert stage.lines[0]["outcome"] == outcome
    assert f'outcome="{outcome}",route="sparql"' in stage.metrics.text().decode()


def test_what_the_cache_had_is_counted_and_logged(settings: Settings) -> None:
    stage = Stage(settings, Inner(cache="hit"))
    stage.get()
    stage.get("/readyz")
    assert [line.get("cache") for line in stage.lines] == ["hit", None]
    assert 'vises_cache_requests_total{result="hit"} 1.0' in stage.metrics.text().decode()


def test_metrics_for_those_who_may_read_them(settings: Settings) -> None:
    stage = Stage(settings, Inner())
    stage.get()
    answer = stage.get("/metrics", peer="127.0.0.1")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert 'vises_release_info{release="000001"} 1.0' in answer.text
    assert "vises_release_age_seconds" in answer.text
    assert 'vises_request_seconds_count{outcome="answered",route="sparql"} 1.0' in answer.text
    assert stage.get("/metrics").status_code == 403
    assert stage.get("/metrics", peer="127.0.0.1", Forwarded="for=127.0.0.1").status_code == 403


def test_metrics_before_the_first_release(settings: Settings, tmp_path: Path) -> None:
    stage = Stage(settings, Inner(), data=tmp_path / "none")
    answer = stage.get("/metrics", peer="127.0.0.1")
    assert answer.status_code == 200
    assert "vises_release_info" not in answer.text


def test_classes_of_routes() -> None:
    paths = ["/sparql", "/sparql/x", "/static/a.css", "/readyz", "/timemap/a", "/", "/a/sparql", ""]
    assert [route_of(path) for path in paths] == [
        *("sparql", "sparql", "static", "health", "timemap", "pages", "pages", "pages"),
    ]


def test_what_the_program_logs_is_json_too() -> None:
    stream = io.StringIO()
    handler = JsonLog(stream)
    trace = (ValueError, ValueError("why"), None)
    handler.handle(logging.LogRecord("vises.x", logging.ERROR, "", 1, "it %s\n", ("broke",), trace))
    (line,) = map(json.loads, stream.getvalue().splitlines())
    assert (line["level"], line["logger"], line["message"]) == ("error", "vises.x", "it broke\n")
    assert "ValueError: why" in line["trace"]


def test_a_line_that_cannot_be_written_is_lost_and_no_more(settings: Settings) -> None:
    class FullDisk(io.StringIO):
        def write(self, _: str) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    stage = Stage(settings, Inner(), FullDisk())
    assert stage.get().content == b"12345"
    JsonLog(FullDisk()).handle(logging.LogRecord("x", logging.ERROR, "", 1, "it broke", (), None))
