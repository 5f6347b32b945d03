"""Following a stream: each of its releases becomes a release here, proved by its digests."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from vises.errors import NotFound
from vises.ingest.replication.cursor import Cursor
from vises.ingest.replication.failures import FROM_START, GraphTaken, ReplicaDiffers
from vises.ingest.replication.reading import Root, read_root
from vises.ingest.replication.spool import MOST_QUADS, changes, write_spool
from vises.ingest.replication.state import Followed, Progress, StateFile
from vises.store.digest import Tally
from vises.store.files import explained, make_durably
from vises.store.lock import WriterLock
from vises.store.transaction import Change

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from vises.ingest.replication.fetching import Fetcher
    from vises.store.releases import ReleaseStore
    from vises.store.transaction import Gate, Transaction

AUTHOR = "vises replicate"
_NOTHING = Tally().digest
_LOCK, _SPOOL = "lock", "spool-"


class NoSuchDataset(NotFound):
    """The stream has no dataset of that name."""

    kind = "no-such-dataset"
    title = "The stream has no such dataset"


@dataclass(frozen=True)
class Applied:
    """A release of the stream, and the one that it became here: None where nothing changed."""

    release: str
    here: str | None


@dataclass(frozen=True)
class Goal:
    """What to follow, and where to.

    `dataset` is the name or the IRI of the only one that is wanted ("": all); `gate` makes what
    judges each release.
    """

    data: Path
    releases: ReleaseStore
    gate: Callable[[], Gate]
    dataset: str = ""


class Replication:
    """Brings the copy in a data folder up to a stream.

    Every method raises `StreamUnreachable`, `StreamUnfit`, `ReplicaDiffers`, `GraphTaken`,
    `ChangeRefused`, and what transactions raise.
    """

    def __init__(self, fetcher: Fetcher, goal: Goal) -> None:
        """Take what gets pages, and the goal."""
        self._fetcher = fetcher
        self._goal = goal
        self._releases = goal.releases
        self._file = StateFile(goal.data, fetcher.address, goal.dataset)
        self.polling = 60.0
        self.gone: Sequence[str] = ()
        """The graphs that the last run found in the stream no more: here they are as they were."""

    def run(self, told: Callable[[Applied], None], *, from_start: bool = False) -> Sequence[str]:
        """Follow the stream to its end; return the graphs of it, which are equal to it now.

        `told` is called after each release. `from_start` forgets how far the stream was followed:
        its graphs are made anew. Raises `NoSuchDataset`.
        """
        folder = self._file.folder
        with explained(folder):
            make_durably(folder)
            with WriterLock(folder / _LOCK, 1):
                for left in folder.glob(f"{_SPOOL}*"):
                    shutil.rmtree(left, ignore_errors=True)
                progress = self._file.read()
                if from_start:
                    graphs = {graph: Followed() for graph in progress.graphs}
                    progress = Progress(progress.address, progress.dataset, graphs=graphs)
                self._follow(progress, told)
                self._prove(progress)
                listed = {graph: one.listed for graph, one in sorted(progress.graphs.items())}
                self.gone = [graph for graph in listed if not listed[graph]]
                return [graph for graph in listed if listed[graph]]

    def _follow(self, progress: Progress, told: Callable[[Applied], None]) -> None:
        fetched = self._fetcher.get(self._fetcher.address, progress.tag)
        if fetched is None:
            return
        root = read_root(self._fetcher.address, fetched)
        self.polling = root.polling
        wanted = self._wanted(root)
        self._claim(progress, wanted)
        cursors = [Cursor(self._fetcher, graph, at, root.genid) for graph, at in wanted.items()]
        for cursor in cursors:
            cursor.begin(progress.graphs[cursor.graph])
        for release in self._in_order(cursors, int(root.release)):
            here = self._apply(release, cursors, progress)
            progress.release = release
            self._file.write(progress)
            told(Applied(release, here))
        progress.tag = fetched.tag
        self._file.write(progress)

    def _wanted(self, root: Root) -> Mapping[str, str]:
        """Return the roots of the datasets to follow, by graph."""
        if not self._goal.dataset:
            return root.datasets
        wanted = self._goal.dataset
        found = {
            graph: at
            for graph, at in root.datasets.items()
            if wanted in {graph, at.rpartition("/")[2]}
        }
        if not found:
            names = ", ".join(sorted(at.rpartition("/")[2] for at in root.datasets.values()))
            raise NoSuchDataset(
                f"There is no dataset {wanted[:200]!r} in the stream.",
                place=root.address,
                remedy=f"It has {names or 'none'}.",
            )
        return found

    def _claim(self, progress: Progress, wanted: Mapping[str, str]) -> None:
        """Remember which graphs are those of the stream, before any of it is written here."""
        current = self._releases.current()
        counts = current.counts if current else {}
        for graph in wanted:
            if graph not in progress.graphs and graph in counts:
                raise GraphTaken(
                    f"<{graph}> has {counts[graph]:,} statements here that are not of this stream.",
                    place=str(self._goal.data),
                    remedy="Replicate into another data folder (VISES_DATA), or remove the graph.",
                )
            progress.graphs.setdefault(graph, Followed())
        for graph, followed in progress.graphs.items():
            followed.listed = graph in wanted
        self._file.write(progress)

    def _in_order(self, cursors: Sequence[Cursor], most: int) -> Iterator[str]:
        """Yield the releases that the stream has members of, up to the one it is complete to."""
        while True:
            upcoming = (cursor.upcoming() for cursor in cursors)
            ids = [release for release in upcoming if release and int(release) <= most]
            if not ids:
                return
            yield min(ids, key=int)

    def _apply(self, release: str, cursors: Sequence[Cursor], progress: Progress) -> str | None:
        """Make the graphs as they are in a release; return the release here."""
        taking = [cursor for cursor in cursors if cursor.upcoming() == release]
        with TemporaryDirectory(prefix=_SPOOL, dir=self._file.folder) as work:
            spools: dict[str, Path] = {}
            digests: dict[str, str] = {}
            for number, cursor in enumerate(taking):
                spools[cursor.graph] = Path(work, str(number))
                write_spool(spools[cursor.graph], cursor.take(release), cursor.graph)
                digests[cursor.graph] = cursor.digest(release)
            message = f"Release {release} of {self._fetcher.address}"
            gate = self._goal.gate()
            with self._releases.transaction(
                author=AUTHOR, message=message, gate=gate
            ) as transaction:
                for graph, spool in spools.items():
                    fresh = not progress.graphs[graph].page
                    self._put(transaction, NamedNode(graph), spool, fresh=fresh)
                _compare(digests, transaction.digests, f"release {release}")
        for cursor in taking:
            progress.graphs[cursor.graph] = cursor.followed(digests[cursor.graph])
        return transaction.release.id if transaction.release else None

    def _put(self, transaction: Transaction, graph: NamedNode, spool: Path, *, fresh: bool) -> None:
        while fresh:
            quads = transaction.store.quads_for_pattern(None, None, None, graph)
            some = frozenset(islice(quads, MOST_QUADS))
            if not some:
                break
            transaction.apply(Change(some, frozenset()))
        for change in changes(spool, transaction.store, graph):
            transaction.apply(change)

    def _prove(self, progress: Progress) -> None:
        """Compare the graphs of the current release with what the stream said last."""
        current = self._releases.current()
        stated = {g: f.digest for g, f in progress.graphs.items() if f.page and f.listed}
        _compare(stated, current.digests if current else {}, "the data folder")


def _compare(stated: Mapping[str, str], here: Mapping[str, str], where: str) -> None:
    for graph, digest in stated.items():
        if here.get(graph, _NOTHING) != digest:
            raise ReplicaDiffers(
                f"<{graph}> does not come to the digest that the stream states for it.",
                place=where,
                remedy=f"Something else wrote to the graph, or the stream is wrong. {FROM_START}",
            )
