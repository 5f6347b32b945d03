"""Bringing a remote engine to a release: whole graphs, or only what changed in them."""

from __future__ import annotations

import tempfile
import uuid
from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, Quad, RdfFormat

from vises.store.remote.client import RemoteClient, RemoteWriteFailed, blocks, is_plain
from vises.store.remote.replica import Replica, content_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from pyoxigraph import Store

    from vises.progress import Progress
    from vises.store.releases import Release

QUADS_PER_UPDATE = 500
"""Virtuoso 7.2.5 runs out of memory on an update of 5,000 quads; 2,000 are taken."""

BYTES_PER_NOTE = 1 << 20
"""How much is put before the engine says what it holds: so much is sent again after a stop."""


@dataclass(frozen=True)
class Step:
    """A change from one release to the next.

    `before` has the digests of the graphs of the earlier release. `change` returns the quads of
    the difference each time it is called, with True for an added one.
    """

    before: Mapping[str, str]
    change: Callable[[], Iterator[tuple[bool, Quad]]]


@dataclass
class Pushed:
    """What a push did: the graphs put whole, those changed by quads, those removed."""

    whole: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    quads: int = 0


def push(
    client: RemoteClient,
    release: Release,
    store: Store,
    progress: Progress,
    step: Step | None = None,
) -> Pushed:
    """Bring a remote engine to a release, whose content is in `store`.

    Graphs that are there already are left alone, so that an interrupted push goes on where it
    stopped. With `step`, a graph that the engine holds as it was before the step is changed by the
    quads of the step; all others are put whole, and so are those in which the step has a blank
    node or a triple term, which an update cannot name. The engine holds no release until the end.
    Raises what `RemoteClient` does.
    """
    return _Push(client, release, store, progress).run(step)


class _Push:
    def __init__(
        self, client: RemoteClient, release: Release, store: Store, progress: Progress
    ) -> None:
        self._client = client
        self._release = release
        self._store = store
        self._progress = progress
        self._replica = Replica()
        self._done = Pushed()
        self._unnoted: list[str] = []
        self._unnoted_bytes = 0

    def run(self, step: Step | None) -> Pushed:
        held = self._client.replica()
        if held.holds(self._release) and held.release_id == self._release.id:
            return self._done
        wanted = self._release.digests
        changing = _changeable(step, held.graphs, self._release) if step else Counter()
        whole = [g for g in wanted if g not in changing and held.graphs.get(g) != wanted[g]]
        unknown = dict.fromkeys((*whole, *changing), "")
        self._replica = Replica(copying=str(uuid.uuid4()), graphs={**held.graphs, **unknown})
        self._client.write_replica(self._replica)
        if step and changing:
            self._change(step, changing)
        for graph in whole:
            self._put(graph)
        for graph in held.graphs.keys() - wanted.keys():
            self._client.delete(NamedNode(graph))
            self._done.removed.append(graph)
        self._verify()
        self._client.write_replica(
            Replica(self._release.id, content_of(self._release), self._replica.copying, wanted)
        )
        return self._done

    def _know(self, graphs: Iterable[str]) -> None:
        """Let the engine say that it holds these graphs of the release."""
        known = {graph: self._release.digests[graph] for graph in graphs}
        self._replica = replace(self._replica, graphs={**self._replica.graphs, **known})
        self._client.write_replica(self._replica)

    def _put(self, graph: str) -> None:
        with tempfile.TemporaryFile() as file:
            self._store.dump(file, RdfFormat.N_TRIPLES, from_graph=NamedNode(graph))
            size = file.tell()
            self._progress.start(graph, size)
            body = lambda: blocks(file, self._progress.advance)  # noqa: E731
            self._client.put(NamedNode(graph), size, body)
        self._done.whole.append(graph)
        self._unnoted.append(graph)
        self._unnoted_bytes += size
        if self._unnoted_bytes >= BYTES_PER_NOTE:
            self._know(self._unnoted)
            self._unnoted, self._unnoted_bytes = [], 0

    def _change(self, step: Step, changing: Counter[str]) -> None:
        """Send the quads of some graphs; what is removed and what is added never overlap."""
        self._progress.start("changes", changing.total())
        quads = ((new, q) for new, q in step.change() if _graph(q) in changing)
        while batch := list(islice(quads, QUADS_PER_UPDATE)):
            removed = [quad for new, quad in batch if not new]
            added = [quad for new, quad in batch if new]
            self._client.update(removed, added)
            self._progress.advance(len(batch))
            self._done.quads += len(batch)
        self._done.changed += sorted(changing)

    def _verify(self) -> None:
        """Compare the counts of what was touched. Raises `RemoteWriteFailed`."""
        touched = [*self._done.whole, *self._done.changed]
        there = self._client.counts(touched)
        wrong = [g for g in touched if there.get(g, 0) != self._release.counts[g]]
        if wrong:
            graph = wrong[0]
            unknown = dict.fromkeys(wrong, "")
            self._client.write_replica(
                replace(self._replica, graphs={**self._replica.graphs, **unknown})
            )
            raise RemoteWriteFailed(
                f"The engine has {there.get(graph, 0):,} statements in {graph}, and release "
                f"{self._release.id} has {self._release.counts[graph]:,}.",
                remedy="See the log of the engine; `vises remote push` sends the graph anew.",
            )


def _changeable(step: Step, held: Mapping[str, str], release: Release) -> Counter[str]:
    """Return how many quads a step has in each graph that can be brought on by them alone."""
    found: Counter[str] = Counter()
    unfit: set[str] = set()
    for _, quad in step.change():
        graph = _graph(quad)
        found[graph] += 1
        if not is_plain(quad):
            unfit.add(graph)
    return Counter(
        {
            graph: count
            for graph, count in found.items()
            if graph not in unfit
            and count <= release.counts.get(graph, 0)
            and step.before.get(graph)
            and held.get(graph) == step.before[graph]
        }
    )


def _graph(quad: Quad) -> str:
    assert isinstance(quad.graph_name, NamedNode)
    return quad.graph_name.value
