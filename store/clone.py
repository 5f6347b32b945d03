"""The store that a transaction works on: here its graphs are loaded, replaced and edited."""

from __future__ import annotations

import gc
import shutil
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import NamedNode, Store

from vises.errors import sentence
from vises.store.blanks import settled
from vises.store.canonical import Forms, canonical_lines
from vises.store.changelog import ChangeLog
from vises.store.difference import (
    ADD,
    RESTART,
    Difference,
    as_lines,
    as_quads,
    net_effect,
)
from vises.store.digest import Tally, graph_lines
from vises.store.edits import Edits
from vises.store.files import clone_snapshot
from vises.store.folder import StoreDamaged
from vises.store.patch import PatchWriter, read_patch
from vises.store.shared import SharedRuns
from vises.store.watching import watched

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from pyoxigraph import Quad, Triple

    from vises.progress import Progress
    from vises.store.blanks import Triples
    from vises.store.canonical import Term
    from vises.store.difference import Operation
    from vises.store.history import History
    from vises.store.record import Release

MANY = 10_000_000
"""So many quads make a store of ten table files, one for each million; 36 stop all writing."""

_BYTES_PER_LINE = 100
_LOADING = sentence("step-loading", "loading")
_COMPARING = sentence("step-comparing", "comparing")


class Start(NamedTuple):
    """What a clone begins with: the parent, its store (empty without one), and its history.

    `before` is what was changed in the parent after its gate had spoken.
    """

    parent: Release | None
    store: Store
    history: History
    before: Sequence[Operation] = ()


class Clone:
    """A store that may be written to, the tallies of its graphs, and the change so far.

    `log` has the change as long as it is small, `forms` how its values were written, and `settled`
    the files that graphs were replaced by, with the labels that the store has. Every method raises
    `OSError` where the disk does.
    """

    def __init__(self, start: Start, patch: PatchWriter, work: Path, progress: Progress) -> None:
        """Write changes to `patch`, which is open; `work` is a folder for what is in between.

        `progress` is told how far the files are read that graphs are replaced by.
        """
        self.store = start.store
        self.log = ChangeLog(start.before)
        self.forms = Forms()
        self.settled: dict[NamedNode, Path] = {}
        self._parent = start.parent
        self._history = start.history
        self._patch = patch
        self._work = work
        self._progress = progress
        self._place = work / "clone"
        self._loaded = False
        self._rests = False
        self._calls: Counter[NamedNode] = Counter()
        self._edits = Edits()
        self._tallies: dict[NamedNode, Tally] = {}
        if parent := start.parent:
            self._tallies = {
                NamedNode(graph): Tally.recorded(count, parent.digests[graph])
                for graph, count in parent.counts.items()
            }

    @property
    def tallies(self) -> Mapping[NamedNode, Tally]:
        """The tallies of the graphs that hold something, in the order of their names."""
        return {graph: self._tallies[graph] for graph in sorted(self._tallies, key=str)}

    @property
    def changed(self) -> Collection[str]:
        """The IRIs of the graphs that the change names."""
        return self._patch.counts.keys() | self._edits.graphs

    def replace_graph(self, graph: NamedNode, path: Path) -> None:
        """Make a graph hold exactly the triples of a file. Raises `UnreadableTriples`."""
        for difference in self._edits.pop(graph.value):
            self._write(graph, difference)
        self._calls[graph] += 1
        triples = settled(path, graph, self._work)
        self.settled[graph] = triples.path
        if graph in self._tallies:
            self._replace(graph, triples)
        else:
            self._load(graph, triples)

    def edit(self, graph: NamedNode, removed: Collection[Quad], added: Collection[Quad]) -> None:
        """Remove quads of a graph that are there and add quads that are not."""
        difference = Difference(as_lines(removed), as_lines(added), before=0)
        self._count(graph, difference)
        if graph.value in self._patch.counts:
            self._write(graph, difference)
        elif not self._edits.keep(graph.value, difference):
            for each in (*self._edits.pop(graph.value), difference):
                self._write(graph, each)
        self._apply(difference)
        self._forget_where_empty(graph)

    def change(self) -> tuple[AbstractSet[Quad], AbstractSet[Quad]] | None:
        """Return the quads removed and added so far, in net; None where they are many."""
        net = self.log.net()
        return None if net is None else (set(as_quads(net.removed)), set(as_quads(net.added)))

    def forms_of(self, triples: Collection[Triple]) -> Mapping[Triple, Sequence[Term]]:
        """Return how the values of added triples were written, where the store has other ones."""
        if not self.forms.complete:
            self.forms = Forms(frozenset(triples))
            for graph, path in self.settled.items():
                for _ in canonical_lines(path, graph, forms=self.forms):
                    pass
        return self.forms.of(triples)

    def return_to(self, release: Release, snapshot: Path | None) -> None:
        """Make every graph as it was in an earlier release, from its snapshot where that is kept.

        Raises `NoCommonHistory`, `PatchDamaged`, and `StoreDamaged` where the kept changes do not
        lead to what the release's record says.
        """
        assert self._parent is not None
        for difference in self._history.between(self._parent, release, self._work):
            self._take(difference, stored=snapshot is not None)
        self._calls.update(map(NamedNode, self.changed))
        if snapshot is not None:
            path = self._work / "returned"
            clone_snapshot(snapshot, path)
            self._exchange(path)
        self._compare(release, "`vises releases verify` says what is wrong.")

    def redo(self, release: Release, change: Path) -> None:
        """Apply the kept change of a release. Raises as `return_to` does."""
        self._calls.update(map(NamedNode, release.changes))
        size = release.added + release.removed
        for difference in net_effect(read_patch(change), size, self._work):
            self._take(difference, stored=False)
        back = f"`vises releases rollback {release.parent}`"
        self._compare(release, f"It leads on from release {release.parent}: {back}, then again.")

    def _take(self, difference: Difference, *, stored: bool) -> None:
        """Note a difference over several graphs, and apply it where it is not `stored` already."""
        for graph, part in difference.by_graph().items():
            self._note(NamedNode(graph), part)
        if not stored:
            self._apply(difference)
        for emptied in [g for g, tally in self._tallies.items() if not tally.count]:
            self._forget_where_empty(emptied)

    def _compare(self, release: Release, remedy: str) -> None:
        if {g.value: tally.digest for g, tally in self._tallies.items()} != release.digests:
            raise StoreDamaged(
                f"The kept changes do not lead from here to the content of release {release.id}.",
                place=str(self._work.parents[1]),
                remedy=remedy,
            )

    def _exchange(self, path: Path) -> None:
        """Go on with the store of another folder."""
        self.store = Store(str(path))
        shutil.rmtree(self._place, ignore_errors=True)
        self._place = path

    def rest(self) -> Path | None:
        """Let the store be read only, where a graph was loaded into it, until `wake`.

        Returns its place, which other processes may open too, to read; None where it does not rest.
        What stands in its log goes into a table file when it is opened to be written to before.
        Nobody else may hold the store; `OSError` says so.
        """
        if not self._loaded:
            return None
        del self.store
        _end_log(self._place)
        self.store = Store.read_only(str(self._place))
        self._rests = True
        return self._place

    def wake(self) -> None:
        """Let the store be written to again."""
        if self._rests:
            self.store = Store(str(self._place))
            self._rests = False

    def snapshot(self, target: Path) -> None:
        """Write the store into a folder, the last thing that is done with it.

        RocksDB flushes first, and puts that off while too many table files overlap: after a large
        load until it has merged them, which takes minutes. A store that rests has nothing to flush.
        Raises as `rest`.
        """
        if not self._rests:
            self.rest()
        self.store.backup(target)

    def finish(self) -> PatchWriter:
        """Return the change, finished, each quad in it once."""
        for graph, left in self._edits.net():
            self._patch.write(graph, left.removed, left.added)
        self._patch.finish()
        if all(calls == 1 for calls in self._calls.values()):
            return self._patch
        gross = read_patch(self._patch.path)
        size = sum(map(sum, self._patch.counts.values()))
        with self._patch.sibling("net") as net:
            for difference in net_effect(gross, size, self._work):
                for graph, part in difference.by_graph().items():
                    net.write(graph, part.removed, part.added)
            net.finish()
        return net

    def _load(self, graph: NamedNode, triples: Triples) -> None:
        """Load a graph that is not there, and count it at the same time from the file."""
        with self._reading(_LOADING, triples), ThreadPoolExecutor(1) as beside:
            counting = beside.submit(self._counted, graph, triples.path)
            triples.load_into(self.store, graph)
            self._loaded = True
            self._tallies[graph] = counting.result()
        self._forget_where_empty(graph)

    def _counted(self, graph: NamedNode, path: Path) -> Tally:
        """Write a file of triples to the change, each once; return their tally."""
        from vises.store.repeats import Repeats  # noqa: PLC0415 (numpy takes 0.1 s to import)

        lines = path.stat().st_size // _BYTES_PER_LINE
        with Repeats(self._work / "hashes", lines) as repeats:
            for come in canonical_lines(path, graph, parsed=True, forms=self.forms):
                self._come(graph, repeats.first(come))
            for come_late in repeats.rest():
                self._come(graph, come_late)
            return repeats.tally

    def _come(self, graph: NamedNode, lines: Sequence[bytes]) -> None:
        """Write lines to the change that were not there before."""
        self._patch.write(graph.value, (), lines)
        self.log.note((), lines)

    def _replace(self, graph: NamedNode, triples: Triples) -> None:
        """Apply what differs; where most of the graph goes, fill a fresh store instead.

        Removing a quad takes as long as loading about four (benchmarks/store).
        """
        before = self._tallies[graph].count
        others = sum(tally.count for tally in self._tallies.values()) - before
        limit = before // 4 + 2 * others
        removed = named = 0
        with self._reading(_COMPARING, triples):
            for difference in self._differences(graph, triples):
                self._note(graph, difference)
                removed += len(difference.removed)
                named += difference.before
                if removed <= limit:
                    self._apply_read(difference, triples)
        if named != before:
            raise StoreDamaged(
                f"The history of {graph} has {named:,} quads and the graph {before:,}.",
                place=str(self._work.parents[1]),
                remedy="`vises releases verify` says what is wrong.",
            )
        if removed > limit:
            self._refill(graph, triples)
        self._forget_where_empty(graph)

    def _differences(self, graph: NamedNode, triples: Triples) -> Iterator[Difference]:
        """Yield what a file has and a graph has not, and the other way round."""
        assert self._parent is not None
        path = triples.path
        more = path.stat().st_size // _BYTES_PER_LINE
        once = self._calls[graph] == 1
        if once and (making := self._history.making(graph, self._parent)):
            yield from self._differences_to(making, graph, triples)
            return
        kept = self._history.content(graph, self._parent) if once else None
        if kept is None:
            size = self._tallies[graph].count
            content: Iterable[Operation] = ((ADD, x) for x in graph_lines(self.store, graph))
        else:
            size, content = kept
        incoming = ((ADD, lines) for lines in canonical_lines(path, graph, forms=self.forms))
        yield from net_effect(chain(content, [(RESTART, ())], incoming), size + more, self._work)

    def _differences_to(
        self, making: tuple[int, Path, Sequence[Operation]], graph: NamedNode, triples: Triples
    ) -> Iterator[Difference]:
        """Yield the same from the change that made the graph, without the runs that both have.

        A line that came in one of these may come in another run too: the store tells.
        """
        size, change, later = making
        shared = SharedRuns(change, triples.path, graph, self._work)
        left = shared.operations(later, self.forms)
        more = triples.path.stat().st_size // _BYTES_PER_LINE
        for found in net_effect(left, size + more, self._work):
            with _explained(triples):
                new = as_lines(quad for quad in as_quads(found.added) if quad not in self.store)
            yield Difference(found.removed, new, found.before)
        yield Difference(frozenset(), frozenset(), shared.lines)

    def _refill(self, graph: NamedNode, triples: Triples) -> None:
        """Go on with a fresh store that holds the file and all other graphs."""
        path = self._work / "fresh"
        fresh = Store(str(path))
        with self._reading(_LOADING, triples):
            triples.load_into(fresh, graph)
        for other in self._tallies:
            if other != graph:
                fresh.bulk_extend(self.store.quads_for_pattern(None, None, None, other))
        del fresh
        self._exchange(path)
        self._loaded = True

    @contextmanager
    def _reading(self, step: str, triples: Triples) -> Iterator[None]:
        """Tell how far a file is read in a step of the work."""
        self._progress.start(step, triples.path.stat().st_size)
        with watched(triples.path, self._progress):
            yield

    def _note(self, graph: NamedNode, difference: Difference) -> None:
        """Write a difference to the change, and keep count."""
        self._patch.write(graph.value, difference.removed, difference.added)
        self._count(graph, difference)

    def _write(self, graph: NamedNode, difference: Difference) -> None:
        """Write the difference of a call to the change, which may not be the only one."""
        self._calls[graph] += 1
        self._patch.write(graph.value, difference.removed, difference.added)

    def _count(self, graph: NamedNode, difference: Difference) -> None:
        self.log.note(difference.removed, difference.added)
        tally = self._tallies.get(graph, Tally())
        self._tallies[graph] = tally.minus(difference.removed).plus(difference.added)

    def _apply(self, difference: Difference) -> None:
        """Remove and add quads.

        RocksDB lets nobody write while there are many table files that it has not merged, which
        takes minutes after a large load; what is loaded does not wait for that.
        """
        for quad in as_quads(difference.removed):
            self.store.remove(quad)
        many = self._loaded and sum(t.count for t in self._tallies.values()) >= MANY
        (self.store.bulk_extend if many else self.store.extend)(as_quads(difference.added))

    def _apply_read(self, difference: Difference, triples: Triples) -> None:
        """Apply a difference to a file, in which a line may look right and be refused."""
        with _explained(triples):
            self._apply(difference)

    def _forget_where_empty(self, graph: NamedNode) -> None:
        if not self._tallies[graph].count:
            del self._tallies[graph]
            self.store.remove_graph(graph)


def _end_log(place: Path) -> None:
    """Open a store to be written to, which is what makes a table file of its log, and close it."""
    try:
        Store(str(place))
    except OSError:
        gc.collect()  # what nobody needs any more may hold it in a circle
        Store(str(place))


@contextmanager
def _explained(triples: Triples) -> Iterator[None]:
    """Let the file itself be checked where a line that came from it is refused."""
    try:
        yield
    except SyntaxError:
        triples.check()
        raise
