"""A transaction killed at any moment leaves the old release or the new one, whole."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from vises.store.digest import Tally

if TYPE_CHECKING:
    from tests.store.conftest import World

SCRIPT = """
import sys
from itertools import count
from pathlib import Path
from pyoxigraph import Literal, NamedNode, Quad
from vises.store.releases import ReleaseStore
from vises.store.transaction import Change

class Verdict:
    accepted, violations, warnings = True, 0, 0
    def turtle(self): return [b"# report"]
    def summary(self): return ""

releases = ReleaseStore(Path(sys.argv[1]))
print("ready", flush=True)
for round in count():
    with releases.transaction(author="a", message="m", gate=lambda _: Verdict()) as transaction:
        old = set(transaction.store)
        graph = NamedNode(f"https://example.org/graph/{round % 2}")
        new = {
            Quad(NamedNode(f"https://example.org/{i}"), NamedNode("https://example.org/p"),
                 Literal(f"{sys.argv[2]} {round}"), graph)
            for i in range(200)
        }
        transaction.apply(Change(frozenset(q for q in old if q.graph_name == graph),
                                 frozenset(new)))
    print(transaction.release.id, flush=True)
"""
KILLS = 12


def test_killed_at_random_moments(world: World) -> None:
    moments = random.Random(20261123)
    acknowledged = "000000"
    interrupted = 0
    seconds = 0.0
    for run in range(KILLS):
        process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, world.data, str(run)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout.readline() == "ready\n"
        if run == 0:  # The first one is given the time to publish, which is measured.
            begun = time.monotonic()
            acknowledged = process.stdout.readline().strip()
            seconds = time.monotonic() - begun
        time.sleep(moments.uniform(0, 2 * seconds))
        process.send_signal(signal.SIGKILL)
        said = process.communicate()[0].split()
        acknowledged = max([acknowledged, *said])

        interrupted += (world.data / "staging").exists()
        current = world.releases.current()
        # Nothing acknowledged is lost, and what is there is whole.
        assert int(acknowledged) <= int(current.id) <= int(acknowledged) + 1
        acknowledged = current.id
        assert world.releases.list()[0] == current
        store = world.opened(current.id)
        for graph, count in current.counts.items():
            tally = Tally.of_graph(store, NamedNode(graph))
            assert (tally.count, tally.digest) == (count, current.digests[graph])
            values = {q.object for q in store.quads_for_pattern(None, None, None, NamedNode(graph))}
            assert len(values) == 1, "one change is in the release in part"
    assert interrupted > KILLS / 2

    after = world.publish(world.quad("after"))
    assert int(after) == int(acknowledged) + 1
    folders = sorted(p.name for p in (world.data / "releases").iterdir())
    assert folders == sorted(r.id for r in world.releases.list())
    assert not (world.data / "staging").exists()
