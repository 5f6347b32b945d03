"""What is closed is neither matched, nor fetched, nor shown; and matching is paid for."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Protocol

import httpx
import pytest

from tests.background import made, until
from vises.service.search.matching import Batch, Sought
from vises.service.search.schema import create
from vises.service.search.searcher import Costs, Searcher
from vises.store.accounts import Accounts, ClientLimited
from vises.store.caller import CALLER, Caller
from vises.store.limits import Rate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from vises.settings import Settings

SECRET = b"""
@prefix legal: <http://www.w3.org/ns/legal#> .
@prefix vises: <https://w3id.org/vises/ontology#> .
<enterprise/fr-8> a vises:Enterprise ; legal:legalName "Brouillon secret" .
"""
QUERIES = json.dumps({"q0": {"query": "brouillon secret"}, "q1": {"query": "enterprise/fr-8"}})
EXTEND = json.dumps({"ids": ["enterprise/fr-8"], "properties": [{"id": "name"}]})


class Desk(Protocol):
    """What the fixture `desk` of tests/service gives, as far as it is used here."""

    address: str
    current: str
    releases: object

    def grant(self, *graphs: str, read: bool, write: bool) -> str: ...

    def client(self, token: str) -> httpx.Client: ...


def test_what_is_closed_is_matched_with_a_token_alone(
    desk: Desk, publish: Callable[..., None], tmp_path: Path
) -> None:
    publish(desk.releases, tmp_path, {"draft": SECRET})
    reader = desk.grant("draft", read=True, write=False)
    with httpx.Client(base_url=desk.address, timeout=60) as client, desk.client(reader) as other:
        asked = {"queries": QUERIES, "release": desk.current}
        answer = until(lambda: client.get("/reconcile", params=asked), made)
        assert [found["result"] for found in answer.json().values()] == [[], []]
        fetched = client.get("/reconcile", params={"extend": EXTEND}).json()
        assert fetched["rows"]["enterprise/fr-8"]["name"] == []
        preview = {"id": "enterprise/fr-8"}
        assert client.get("/reconcile/preview", params=preview).status_code == 404
        suggested = client.get("/reconcile/suggest/entity", params={"prefix": "brouillon"}).json()
        assert suggested == {"result": []}

        seen = other.get("/reconcile", params=asked)
        for found in seen.json().values():
            assert found["result"][0]["id"] == "enterprise/fr-8"
        assert seen.headers["cache-control"].startswith("private")
        fetched = other.get("/reconcile", params={"extend": EXTEND}).json()
        assert fetched["rows"]["enterprise/fr-8"]["name"] == [{"str": "Brouillon secret"}]
        assert "Brouillon" in other.get("/reconcile/preview", params=preview).text


def test_a_client_pays_for_matching(settings: Settings, tmp_path: Path) -> None:
    writer = create(tmp_path).writer(15_000_000, 1)
    writer.commit()
    writer.wait_merging_threads()
    accounts = Accounts(Rate(60, 0.000001), Rate(60, 60), clock=lambda: 0.0)

    async def match() -> None:
        searcher = Searcher(settings, Costs(accounts))
        CALLER.set(caller := Caller("a"))
        try:
            assert await searcher.match(tmp_path, Batch([Sought("a"), Sought("b")])) == [[], []]
            assert caller.seconds > 0
            with pytest.raises(ClientLimited):
                await searcher.match(tmp_path, Batch([Sought("a")]))
        finally:
            await searcher.close()

    asyncio.run(match())
    accounts.close()
