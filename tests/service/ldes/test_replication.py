"""Two instances: one commits, the other follows its stream and is killed again and again."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
import time
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
        with self.releases.transaction(
            author="a", message="m", gate=lambda _: trusting(_)
        ) as transaction:
            graph = draw.choice(self._graphs)
            held = list(transaction.store.quads_for_pattern(None, None, None, graph))
            gone = draw.sample(held, len(held) // 5)
            come = [self._quad(graph) for _ in range(60)]
            transaction.apply(Change(frozenset(gone), frozenset(come)))

    def _quad(self, graph: NamedNode) -> Quad:
        draw = self._moments
        things = [NamedNode(f"{BASE}{draw.randrange(150)}"), BlankNode(f"b{draw.randrange(9)}")]
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


def replication(address: str, data: Path, dataset: str = "") -> Replication:
    goal = Goal(data, ReleaseStore(data), lambda: trusting, dataset)
    return Replication(Fetcher(address), goal)


def caught_up(address: str, data: Path) -> None:
    replication(address, data).run(lambda _: None)


def assert_equal(there: ReleaseStore, here: ReleaseStore) -> None:
    original, copy = there.current(), here.current()
    assert original is not None
    assert copy is not None
    assert (copy.counts, copy.digests) == (original.counts, original.digests)
    with here.open(copy.id) as store:
        for graph, digest in original.digests.items():
            assert Tally.of_graph(store, NamedNode(graph)).digest == digest


def test_the_copy_is_equal_though_it_is_killed_ten_times(
    producer: tuple[Producer, str], tmp_path: Path
) -> None:
    made, address = producer
    data = tmp_path / "here"
    stop = threading.Event()

    def commit() -> None:
        while not stop.wait(0.1):
            made.commit()

    committing = threading.Thread(target=commit)
    committing.start()
    moments = random.Random(9)
    progressed, half_done = 0, 0
    try:
        for _ in range(KILLS):
            process = subprocess.Popen(
                [sys.executable, "-c", FOLLOW, address, data], stdout=subprocess.PIPE, text=True
            )
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            time.sleep(moments.uniform(0.05, 1.5))
            process.send_signal(signal.SIGKILL)
            progressed += bool(process.communicate()[0])
            half_done += any((data / "replication").glob("spool-*")) or (data / "staging").exists()
    finally:
        stop.set()
        committing.join(30)
    assert progressed, "no consumer lived long enough to follow a release"
    assert half_done, "no consumer was killed in the middle of a release"
    caught_up(address, data)
    assert_equal(made.releases, ReleaseStore(data))
    assert not any((data / "replication").glob("spool-*"))


def test_each_release_there_is_one_here(producer: tuple[Producer, str], tmp_path: Path) -> None:
    made, address = producer
    for _ in range(3):
        made.commit()
    data = tmp_path / "here"
    told: list[str | None] = []
    first = replication(address, data)
    first.run(lambda applied: told.append(applied.here))
    assert told == ["000001", "000002", "000003", "000004"]
    there, here = made.releases, ReleaseStore(data)
    assert [r.digests for r in here.list()] == [r.digests for r in there.list()]
    assert f"of {address}" in here.list()[0].message
    # Nothing new: nothing done; from the start: the same again, so no release.
    told.clear()
    first.run(lambda applied: told.append(applied.here))
    assert told == []
    replication(address, data).run(lambda a: told.append(a.here), from_start=True)
    assert_equal(there, here)


def test_one_dataset_alone(producer: tuple[Producer, str], tmp_path: Path) -> None:
    made, address = producer
    for _ in range(5):
        made.commit()
    data = tmp_path / "here"
    assert replication(address, data, "two").run(lambda _: None) == [f"{BASE}graph/two"]
    current, there = ReleaseStore(data).current(), made.releases.current()
    assert current is not None
    assert there is not None
    assert current.digests == {f"{BASE}graph/two": there.digests[f"{BASE}graph/two"]}
    # The stream of the dataset is a stream like that of all.
    other = tmp_path / "other"
    replication(f"{address}/two", other).run(lambda _: None)
    copy = ReleaseStore(other).current()
    assert copy is not None
    assert copy.digests == current.digests
