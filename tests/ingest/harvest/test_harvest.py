"""Harvesting an endpoint: paged, polite, resumed."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from tests.ingest.harvest.conftest import EVERYTHING, HARVEST, Peer, Try, send
from vises.ingest.harvest.description import read_harvest
from vises.ingest.harvest.pacing import Pacer
from vises.ingest.harvest.pages import Pages
from vises.ingest.harvest.transport import HarvestFailed
from vises.progress import Silence

if TYPE_CHECKING:
    from http.server import BaseHTTPRequestHandler


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
