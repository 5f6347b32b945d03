"""Asking indexes in processes: what a search costs, and who pays for it."""

from __future__ import annotations

import asyncio
import io
import json
from typing import TYPE_CHECKING

import pytest

from vises.service.operation.logs import JsonLog
from vises.service.search.asking import Asked
from vises.service.search.schema import create
from vises.service.search.searcher import Costs, Searcher, SearchFailed
from vises.store.accounts import Accounts, ClientLimited
from vises.store.caller import CALLER, Caller
from vises.store.limits import Rate

if TYPE_CHECKING:
    from pathlib import Path

    from vises.settings import Settings


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of an index of nothing."""
    made = tmp_path / "index"
    made.mkdir()
    writer = create(made).writer(15_000_000, 1)
    writer.commit()
    writer.wait_merging_threads()
    return made


def test_a_client_pays_for_searches_and_is_refused_when_it_has_used_its_share(
    settings: Settings, folder: Path
) -> None:
    accounts = Accounts(Rate(60, 0.000001), Rate(60, 60), clock=lambda: 0.0)
    told: list[tuple[str, float]] = []

    async def ask() -> None:
        searcher = Searcher(settings, Costs(accounts, lambda *ended: told.append(ended)))
        CALLER.set(caller := Caller("a"))
        try:
            assert (await searcher.ask(folder, Asked("word"))).total == 0
            assert caller.seconds > 0
            with pytest.raises(ClientLimited):
                await searcher.ask(folder, Asked("word"))
            CALLER.set(Caller("b"))
            assert (await searcher.ask(folder, Asked("other"))).total == 0
            CALLER.set(None)
            assert (await searcher.ask(folder, Asked("other"))).total == 0
        finally:
            await searcher.close()

    asyncio.run(ask())
    accounts.close()
    assert [outcome for outcome, _ in told] == ["answered"] * 3
    assert all(seconds > 0 for _, seconds in told)


def test_a_search_that_fails_is_told(
    settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[str] = []
    log = io.StringIO()

    async def ask() -> None:
        searcher = Searcher(settings, Costs(None, lambda outcome, _: told.append(outcome)))
        CALLER.set(caller := Caller("a"))
        try:
            with pytest.raises(SearchFailed) as caught:
                await searcher.ask(tmp_path, Asked("word"))
        finally:
            await searcher.close()
        assert caller.error == SearchFailed.kind
        assert caught.value.detail == "The index of the search could not be read."
        assert str(tmp_path) not in str(caught.value), "what is inside stays inside"

    asyncio.run(ask())
    assert told == [SearchFailed.kind]
    (record,) = caplog.records
    JsonLog(log).emit(record)
    line = json.loads(log.getvalue())
    assert (line["level"], line["index"]) == ("error", str(tmp_path))
    assert line["message"] == "An index could not be read."
    assert line["error"]
