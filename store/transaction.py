"""A change to the data: cloned, judged by its gate, and published whole or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Protocol, Self

from pyoxigraph import BlankNode, NamedNode, Quad, RdfFormat, Store

from vises.errors import BadRequest, Refused
from vises.namespaces import term
from vises.store import blanks
from vises.store.digest import Tally
from vises.store.files import explained
from vises.store.folder import DataFolder, Release
from vises.store.lock import WriterLock

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

_BATCH = 10_000
_TYPE = term("rdf:type")


@dataclass(frozen=True)
class Change:
    """Quads to take away and quads to put in, each in a named graph.

    A quad on both sides stays or comes.
    """

    removed: frozenset[Quad]
    added: frozenset[Quad]


@dataclass(frozen=True)
class Incoming:
    """What a graph is about to hold: N-Triples, in the bytes that came in."""

    graph: NamedNode
    triples: Path


@dataclass(frozen=True)
class Candidate:
    """What a gate judges: the data as it would be published.

    `incoming` has the graphs that changed, each whole: the file given to `replace_graph`, or the
    graph written out where `apply` changed it. `untyped` are the subjects that have lost an
    rdf:type in every graph, so that what refers to them is judged again.
    """

    store: Store
    incoming: tuple[Incoming, ...]
    untyped: frozenset[NamedNode | BlankNode]


class Verdict(Protocol):
    """What a gate says of a candidate."""

    @property
    def accepted(self) -> bool:
        """Whether the candidate may be published."""

    @property
    def violations(self) -> int:
        """The number of results that refuse it."""

    @property
    def warnings(self) -> int:
        """The number of results that are published with it."""

    def summary(self) -> str:
        """Return one sentence."""

    def turtle(self) -> bytes:
        """Return the validation report in Turtle."""


Gate = Callable[[Candidate], Verdict]
Annotate = Callable[[Candidate, Verdict], Change]


class ChangeRefused(Refused):
    """The gate refused the change; nothing of it is left. `verdict` says why."""

    kind = "change-refused"
    title = "The change was refused"

    def __init__(self, verdict: Verdict) -> None:
        """Take the sentence from the verdict."""
        super().__init__(
            verdict.summary(),
            remedy="Correct what the report names and try again; nothing was published.",
        )
        self.verdict = verdict


class Transaction(AbstractContextManager["Transaction"]):
    """One change to the data, published when its `with` block ends without an error.

    Entering takes the lock, sweeps away what a dead transaction left, and clones the current
    release with hard links. Leaving calls the gate once with the `Candidate`; where that accepts,
    the snapshot is synced and published (the steps stand in `vises.store.folder`), and `release`
    is set. A change that changes nothing calls no gate and makes no release. An error in the
    block, a refusal (`ChangeRefused`) and a killed process leave the data as they were.

    Raises `StoreBusy`, `DataFolderError` and `StoreDamaged`. `store` is the clone and may be read
    within the block; it is written to by `replace_graph` and `apply` only. Where `annotate` is set
    in the block, the change that it makes of the verdict is published too, without being judged.
    """

    store: Store

    def __init__(
        self, folder: DataFolder, *, author: str, message: str, gate: Gate, wait_seconds: float
    ) -> None:
        """Begin nothing yet; `ReleaseStore.transaction` calls this."""
        self.release: Release | None = None
        self.verdict: Verdict | None = None
        self.annotate: Annotate | None = None
        self._folder = folder
        self._author = author
        self._message = message
        self._gate = gate
        self._wait_seconds = wait_seconds
        self._parent: Release | None = None
        self._tallies: dict[NamedNode, Tally] = {}
        self._added = 0
        self._removed = 0
        self._incoming: dict[NamedNode, Path] = {}
        self._edited: set[NamedNode] = set()
        self._lost_types: set[tuple[NamedNode | BlankNode, NamedNode | BlankNode]] = set()
        self._undo = ExitStack()

    def __enter__(self) -> Self:
        """Take the lock and clone."""
        with ExitStack() as stack:
            with explained(self._folder.root):
                self._folder.create()
                stack.enter_context(WriterLock(self._folder.lock, self._wait_seconds))
                self._folder.sweep()
                self._folder.staging.mkdir()
            stack.callback(self._clean)
            self._parent = self._folder.current()
            self.store = self._clone()
            self._undo = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Publish, or drop everything."""
        with self._undo:
            if error is None:
                self._commit()

    def replace_graph(self, graph: NamedNode, triples: Path) -> None:
        """Make the graph hold exactly the triples of an N-Triples file.

        A graph that is not there yet is loaded straight. Otherwise the file is loaded beside it, so
        that both sides have the store's canonical literals, and what differs is removed and added
        in batches: memory does not grow with the graph. Blank nodes are compared by their canonical
        labels (`vises.store.blanks`). The file must stay as it is until the block ends.

        Raises `UnreadableTriples` with the line, `DataFolderError`.
        """
        before = self._tallies.get(graph)
        with explained(self._folder.staging):
            if before is None:
                self._load(graph, triples)
            else:
                self._replace(graph, triples)
        if self._tallies.get(graph) != before:
            self._incoming[graph] = triples
            self._edited.discard(graph)

    def apply(self, change: Change) -> None:
        """Remove and add a few quads, in memory; those already gone or there do not count.

        Raises `BadRequest` where a quad is not in a named graph, `DataFolderError`.
        """
        graphs = {quad.graph_name for quad in change.removed | change.added}
        if not all(isinstance(graph, NamedNode) for graph in graphs):
            raise BadRequest(
                "A change has a quad outside any named graph.",
                remedy="Put each quad in the graph of its dataset.",
            )
        with explained(self._folder.staging):
            removed, added = _canonical(change.removed), _canonical(change.added)
            gone = [q for q in removed if q not in added and q in self.store]
            come = [q for q in added if q not in self.store]
            for graph in graphs:
                assert isinstance(graph, NamedNode)
                self._record(
                    graph,
                    removed=[q for q in gone if q.graph_name == graph],
                    added=[q for q in come if q.graph_name == graph],
                )
        self._edited |= {q.graph_name for q in gone + come if isinstance(q.graph_name, NamedNode)}

    def _clone(self) -> Store:
        path = self._folder.staging / "clone"
        if self._parent is None:
            with explained(path):
                return Store(str(path))
        self._tallies = {
            NamedNode(graph): Tally.recorded(count, self._parent.digests[graph])
            for graph, count in self._parent.counts.items()
        }
        current = self._folder.open(self._parent.id)
        with explained(path):
            current.backup(path)
            return Store(str(path))

    def _load(self, graph: NamedNode, triples: Path) -> None:
        blanks.load(self.store, graph, triples)
        self._count(graph, Tally.of_graph(self.store, graph))
        self._added += self._tallies[graph].count if graph in self._tallies else 0

    def _replace(self, graph: NamedNode, triples: Path) -> None:
        path = self._folder.staging / "incoming"
        fresh = Store(str(path))
        blanks.load(fresh, graph, triples)
        for batch in _batches(_only_in(self.store, fresh, graph)):
            self._record(graph, removed=batch, added=[])
        for batch in _batches(_only_in(fresh, self.store, graph)):
            self._record(graph, removed=[], added=batch)
        del fresh
        shutil.rmtree(path)

    def _record(self, graph: NamedNode, *, removed: list[Quad], added: list[Quad]) -> None:
        """Change the clone by quads of one graph that are there, and that are not, and keep count.

        Every change passes here, except the first load of a graph.
        """
        for quad in removed:
            self.store.remove(quad)
            if quad.predicate == _TYPE and isinstance(quad.object, NamedNode | BlankNode):
                assert isinstance(quad.subject, NamedNode | BlankNode)
                self._lost_types.add((quad.subject, quad.object))
        self.store.extend(added)
        self._count(graph, self._tallies.get(graph, Tally()).minus(removed).plus(added))
        self._added += len(added)
        self._removed += len(removed)

    def _count(self, graph: NamedNode, tally: Tally) -> None:
        if tally.count:
            self._tallies[graph] = tally
        else:
            self._tallies.pop(graph, None)
            self.store.remove_graph(graph)

    def _commit(self) -> None:
        if self._digests() == (self._parent.digests if self._parent else {}):
            return
        with explained(self._folder.staging):
            candidate = self._candidate()
        verdict = self.verdict = self._gate(candidate)
        if not verdict.accepted:
            raise ChangeRefused(verdict)
        if self.annotate:
            self.apply(self.annotate(candidate, verdict))
        with explained(self._folder.root):
            release = Release(
                id=self._folder.next_id(),
                parent=self._parent.id if self._parent else None,
                created=datetime.now(UTC),
                author=self._author,
                message=self._message,
                counts={g.value: self._tallies[g].count for g in sorted(self._tallies, key=str)},
                digests=self._digests(),
                added=self._added,
                removed=self._removed,
                violations=verdict.violations,
                warnings=verdict.warnings,
            )
            self._folder.publish(release, self.store, verdict.turtle())
        self.release = release

    def _digests(self) -> dict[str, str]:
        """Return the digest of each graph, in the order of their names."""
        return {g.value: self._tallies[g].digest for g in sorted(self._tallies, key=str)}

    def _candidate(self) -> Candidate:
        incoming = self._incoming | {graph: self._written_out(graph) for graph in self._edited}
        untyped = {
            subject
            for subject, target in self._lost_types
            if next(self.store.quads_for_pattern(subject, _TYPE, target), None) is None
        }
        return Candidate(
            self.store,
            tuple(Incoming(graph, triples) for graph, triples in incoming.items()),
            frozenset(untyped),
        )

    def _written_out(self, graph: NamedNode) -> Path:
        path = self._folder.staging / f"{sorted(self._edited, key=str).index(graph)}.nt"
        self.store.dump(path, RdfFormat.N_TRIPLES, from_graph=graph)
        return path

    def _clean(self) -> None:
        """Close the clone and drop staging; what cannot be dropped now, the next sweep will."""
        self.__dict__.pop("store", None)
        with suppress(OSError):
            self._folder.sweep()


def _canonical(quads: Iterable[Quad]) -> Store:
    """Return the quads as the store will give them back."""
    store = Store()
    store.extend(quads)
    return store


def _only_in(one: Store, other: Store, graph: NamedNode) -> Iterator[Quad]:
    return (q for q in one.quads_for_pattern(None, None, None, graph) if q not in other)


def _batches(quads: Iterator[Quad]) -> Iterator[list[Quad]]:
    while batch := list(islice(quads, _BATCH)):
        yield batch
