"""Two instances: one commits, the other follows its stream and is killed again and again."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from vises.ingest.replication.fetching import Fetcher
from vises.ingest.replication.replicate import Goal, Replication
from vises.ingest.replication.trust import trusting
from vises.service.app import create_app
from vises.store.digest import Tally
from vises.store.releases import ReleaseStore
from vises.store.streams import pages
from vises.store.transaction import Change

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from starlette.types import ASGIApp

    from tests.service.conftest import FakeEngine
    from vises.settings import Settings

BASE = "https://data.example/"
KILLS = 10
PATIENCE = 240
"""Seconds, in which a consumer begins its next release, or comes to the last one."""

FOLLOW = """
import sys
from pathlib import Path
from vises.ingest.replication.fetching import Fetcher
from vises.ingest.replication.replicate import Goal, Replication
from vises.ingest.replication.trust import trusting
from vises.store.releases import ReleaseStore

data = Path(sys.argv[2])
goal = Goal(data, ReleaseStore(data), lambda: trusting)
print("ready", flush=True)
while True:
    Replication(Fetcher(sys.argv[1]), goal).run(lambda applied: print(applied, flush=True))
"""


class Producer:
    """A data folder that gets changes of all kinds, in two graphs, with blank nodes."""

    def __init__(self, data: Path) -> None:
        self.releases = ReleaseStore(data)
        self._moments = random.Random(20261126)
        self._graphs = [NamedNode(f"{BASE}graph/{n}") for n in ("one", "two")]

    def commit(self) -> None:
        draw = self._moments
        with self.releases.transaction(author="a", message="m", gate=trusting) as transaction:
            graph = draw.choice(self._graphs)
            held = list(transaction.store.quads_for_pattern(None, None, None, graph))
            gone = draw.sample(held, len(held) // 5)
            come = [self._quad(graph) for _ in range(60)]
            transaction.apply(Change(frozenset(gone), frozenset(come)))

    def _quad(self, graph: NamedNode) -> Quad:
        draw = self._moments
        label = f"b{draw.randrange(9)}"
        things = [
            *(NamedNode(f"{BASE}{draw.randrange(150)}"), BlankNode(label)),
            *(NamedNode(f"{BASE}.well-known/genid/{sign}{label}") for sign in ("", "~", "é~")),
        ]
        value = draw.choice(
            [*things, Literal(f'"_:x"\n{draw.random()}'), Literal(draw.randrange(9))]
        )
        return Quad(draw.choice(things), NamedNode(f"{BASE}p"), value, graph)


@pytest.fixture
def producer(
    tmp_path: Path,
    settings: Settings,
    run: Callable[[ASGIApp], AbstractContextManager[str]],
    fake_engine: type[FakeEngine],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[tuple[Producer, str]]:
    monkeypatch.setattr(pages, "MOST_MEMBERS", 20)
    made = Producer(tmp_path / "there")
    made.commit()
    here = replace(settings, data=tmp_path / "there")
    with run(create_app(here, made.releases, fake_engine())) as address:
        yield made, f"{address}/ldes"


@contextmanager
def replication(address: str, data: Path, dataset: str = "") -> Iterator[Replication]:
    goal = Goal(data, ReleaseStore(data), lambda: trusting, dataset)
    with closing(Fetcher(address)) as fetcher:
        yield Replication(fetcher, goal)


def follow_to_the_end(there: ReleaseStore, address: str, data: Path) -> None:
    """Follow a stream to the current release, which is in the stream a moment after its time."""
    newest, end = there.current(), time.monotonic() + PATIENCE
    assert newest is not None
    while True:
        with replication(address, data) as last:
            last.run(lambda _: None)
        copy = ReleaseStore(data).current()
        if (copy and copy.digests == newest.digests) or time.monotonic() > end:
            return
        time.sleep(0.1)


def assert_equal(there: ReleaseStore, here: ReleaseStore) -> None:
    original, copy = there.current(), here.current()
    assert original is not None
    assert copy is not None
    assert (copy.counts, copy.digests) == (original.counts, original.digests)
    with here.open(copy.id) as store:
        for graph, digest in original.digests.items():
            assert Tally.of_graph(store, NamedNode(graph)).digest == digest


def is_half_done(data: Path) -> bool:
    return any((data / "replication").glob("spool-*")) or (data / "staging").exists()


def wait_until_half_done(data: Path) -> None:
    """Wait until a consumer begins a release, also where one before it left one half done."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and is_half_done(data):
        time.sleep(0.001)
    while time.monotonic() < end and not is_half_done(data):
        time.sleep(0.001)


def test_the_copy_is_equal_though_it_is_killed_ten_times(
    producer: tuple[Producer, str], tmp_path: Path
) -> None:
    made, address = producer
    data = tmp_path / "here"
    stop = threading.Event()

    def commit() -> None:
        while not stop.wait(0.3):
            made.commit()

    committing = threading.Thread(target=commit)
    committing.start()
    moments = random.Random(9)
    half_done = 0
    seconds = 0.0
    try:
        for number in range(KILLS):
            process = subprocess.Popen(
                [sys.executable, "-c", FOLLOW, address, data], stdout=subprocess.PIPE, text=True
            )
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            if not seconds:  # The first one is given the time to follow a release.
                begun = time.monotonic()
                assert "Applied" in process.stdout.readline()
                seconds = time.monotonic() - begun
            if number % 2:
                wait_until_half_done(data)
            else:
                time.sleep(moments.uniform(0, min(2 * seconds, 3)))
            process.send_signal(signal.SIGKILL)
            process.communicate()
            half_done += is_half_done(data)
    finally:
        stop.set()
        committing.join(PATIENCE)
    assert half_done, "no consumer was killed in the middle of a release"
    assert not committing.is_alive()
    follow_to_the_end(made.releases, address, data)
    assert_equal(made.releases, ReleaseStore(data))
    assert not any((data / "replication").glob("spool-*"))


def test_each_release_there_is_one_here(producer: tuple[Producer, str], tmp_path: Path) -> None:
    made, address = producer
    for _ in range(3):
        made.commit()
    data = tmp_path / "here"
    told: list[str | None] = []
    with replication(address, data) as first:
        first.run(lambda applied: told.append(applied.here))
    assert told == ["000001", "000002", "000003", "000004"]
    there, here = made.releases, ReleaseStore(data)
    assert [r.digests for r in here.list()] == [r.digests for r in there.list()]
    assert f"of {address}" in here.list()[0].message
    # Nothing new: nothing done; from the start: the same again, so no release.
    told.clear()
    with replication(address, data) as again:
        again.run(lambda applied: told.append(applied.here))
        assert told == []
        again.run(lambda applied: told.append(applied.here), from_start=True)
    assert_equal(there, here)


def test_one_dataset_alone(producer: tuple[Producer, str], tmp_path: Path) -> None:
    made, address = producer
    for _ in range(5):
        made.commit()
    data = tmp_path / "here"
    with replication(address, data, "two") as one:
        assert one.run(lambda _: None) == [f"{BASE}graph/two"]
    current, there = ReleaseStore(data).current(), made.releases.current()
    assert current is not None
    assert there is not None
    assert current.digests == {f"{BASE}graph/two": there.digests[f"{BASE}graph/two"]}
    # The stream of the dataset is a stream like that of all.
    other = tmp_path / "other"
    with replication(f"{address}/two", other) as one:
        one.run(lambda _: None)
    copy = ReleaseStore(other).current()
    assert copy is not None
    assert copy.digests == current.digests
