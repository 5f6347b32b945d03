"""A change to the data: cloned, judged by its gate, and published whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from hashlib import sha256
from secrets import token_hex
from typing import TYPE_CHECKING, Protocol, Self

from pyoxigraph import BlankNode, NamedNode, Quad, RdfFormat, Store

from vises.errors import BadRequest, Refused
from vises.namespaces import term
from vises.store.clone import Clone, Start
from vises.store.digest import MOST_CANONICAL, canonical_hash
from vises.store.files import clone_snapshot, explained
from vises.store.folder import unreadable
from vises.store.history import History
from vises.store.lock import WriterLock
from vises.store.nesting import MOST_NESTED, too_deep
from vises.store.patch import PatchWriter
from vises.store.record import Release

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from vises.store.folder import DataFolder

_TYPE = term("rdf:type")


@dataclass(frozen=True)
class Change:
    """Quads to take away and quads to put in, each in a named graph.

    A quad on both sides stays or comes.
    """

    removed: frozenset[Quad]
    added: frozenset[Quad]


class Incoming(Protocol):
    """What a graph is about to hold: N-Triples, in the bytes that came in."""

    @property
    def graph(self) -> NamedNode:
        """The name of the graph."""

    @property
    def triples(self) -> Path:
        """The file."""


@dataclass(frozen=True)
class Given:
    """A graph that was given as a file."""

    graph: NamedNode
    triples: Path


@dataclass(frozen=True)
class Edited:
    """A graph of which some quads changed; it is written out when someone asks for the file."""

    graph: NamedNode
    store: Store
    folder: Path

    @cached_property
    def triples(self) -> Path:
        """The file. Raises `OSError`."""
        path = self.folder / f"{sha256(self.graph.value.encode()).hexdigest()[:16]}.nt"
        self.store.dump(path, RdfFormat.N_TRIPLES, from_graph=self.graph)
        return path


@dataclass(frozen=True)
class Candidate:
    """What a gate judges: the data as it would be published.

    `incoming` has the graphs that changed, each whole: the file given to `replace_graph`, or the
    graph written out, when it is asked for, where `apply` changed it. `untyped` are the subjects
    that have lost an rdf:type in every graph, so that what refers to them is judged again.
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


class NotApplied(Refused):
    """A change that was not made, because the data is not what it was made for."""

    kind = "not-applied"
    title = "The data has changed"
    status = 409


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
        self._incoming: dict[NamedNode, Path] = {}
        self._edited: set[NamedNode] = set()
        self._undo = ExitStack()
        self._clone: Clone
        self._id: str
        self._work: Path
        self._started: datetime

    @property
    def store(self) -> Store:
        """The clone."""
        return self._clone.store

    def __enter__(self) -> Self:
        """Take the lock and clone."""
        with ExitStack() as stack:
            with explained(self._folder.root):
                self._folder.create()
                stack.enter_context(WriterLock(self._folder.lock, self._wait_seconds))
                self._folder.sweep()
                self._folder.stage()
                self._work = self._folder.staging / token_hex(4)
                self._work.mkdir()
            stack.callback(self._clean)
            self._started = datetime.now(UTC)
            self._parent = self._folder.current()
            with explained(self._work):
                self._id = self._folder.next_id()
                path = self._work / "change.rdfp.zst"
                parent = self._parent.id if self._parent else None
                patch = stack.enter_context(PatchWriter(path, self._id, parent))
            start = Start(self._parent, self._cloned(), History(self._folder))
            self._clone = Clone(start, patch, self._work)
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

        A graph that is not there yet is loaded straight. Otherwise the lines of the file, in the
        store's canonical form, are compared with those the graph holds, and what differs is removed
        and added; where most of the graph goes, a fresh store is filled instead. Memory does not
        grow with the graph. Blank nodes are compared by their canonical labels
        (`vises.store.blanks`). The file must stay as it is until the block ends.

        Raises `UnreadableTriples` with the line, `DataFolderError`, `StoreDamaged`.
        """
        before = self._clone.tallies.get(graph)
        with explained(self._work):
            self._clone.replace_graph(graph, triples)
        if self._clone.tallies.get(graph) != before:
            self._incoming[graph] = triples
            self._edited.discard(graph)

    def apply(self, change: Change) -> None:
        """Remove and add a few quads, in memory; those already gone or there do not count.

        Raises `BadRequest` where a quad is not in a named graph, `DataFolderError`.
        """
        graphs = named_graphs(change)
        with explained(self._work):
            removed, added = _canonical(change.removed), _canonical(change.added)
            gone = [q for q in removed if q not in added and q in self.store]
            come = [q for q in added if q not in self.store]
            for graph in graphs:
                removed_here = [q for q in gone if q.graph_name == graph]
                added_here = [q for q in come if q.graph_name == graph]
                if removed_here or added_here:
                    self._clone.edit(graph, removed_here, added_here)
                    self._edited.add(graph)

    def return_to(self, release: Release) -> None:
        """Make everything as it was in an earlier release, first thing in the block.

        Where its snapshot is kept, the cost is that of the changes since; where it was pruned, also
        that of undoing them. Raises `NoCommonHistory`, `PatchDamaged`, `StoreDamaged`,
        `DataFolderError`.
        """
        with ExitStack() as stack, explained(self._folder.root):
            kept = not self._folder.is_pruned(release.id)
            snapshot = (
                stack.enter_context(self._folder.lease(release.id)).snapshot if kept else None
            )
            self._clone.return_to(release, snapshot)
        self._edited |= set(map(NamedNode, self._clone.changed))

    def redo(self, release: Release, change: Path) -> None:
        """Apply the kept change of a release to its parent, first thing in the block.

        Raises as `return_to` does.
        """
        with explained(self._folder.root):
            self._clone.redo(release, change)
        self._edited |= set(map(NamedNode, release.changes))

    def _cloned(self) -> Store:
        path = self._work / "clone"
        if self._parent is None:
            with explained(path):
                return Store(str(path))
        snapshot = self._folder.snapshot(self._parent.id)
        with explained(path):
            try:
                clone_snapshot(snapshot, path)
                return Store(str(path))
            except (FileNotFoundError, RuntimeError) as error:
                raise unreadable(snapshot, error) from error

    def _commit(self) -> None:
        if self.digests == (self._parent.digests if self._parent else {}):
            return
        with explained(self._work):
            candidate = self._candidate()
            verdict = self.verdict = self._gate(candidate)
        if not verdict.accepted:
            raise ChangeRefused(verdict)
        if self.annotate:
            self.apply(self.annotate(candidate, verdict))
        del candidate  # it holds the store, which the snapshot wants for itself
        with explained(self._folder.root):
            change = self._clone.finish()
            release = Release(
                id=self._id,
                parent=self._parent.id if self._parent else None,
                started=self._started,
                created=datetime.now(UTC),
                author=self._author,
                message=self._message,
                counts={g.value: tally.count for g, tally in self._clone.tallies.items()},
                digests=self.digests,
                canonical=self._canonical_hashes(change.counts),
                changes=change.counts,
                violations=verdict.violations,
                warnings=verdict.warnings,
            )
            self._folder.publish(release, self._clone, verdict.turtle(), change.path)
        self.release = release

    @property
    def digests(self) -> dict[str, str]:
        """The digest of each graph as it is now, in the order of their names."""
        return {g.value: tally.digest for g, tally in self._clone.tallies.items()}

    def _canonical_hashes(self, changed: Container[str]) -> dict[str, str]:
        """Return the RDFC-1.0 hash of each small graph, the parent's where it did not change."""
        kept = self._parent.canonical if self._parent else {}
        hashes = {}
        for graph, tally in self._clone.tallies.items():
            if graph.value in kept and graph.value not in changed:
                hashes[graph.value] = kept[graph.value]
            elif tally.count <= MOST_CANONICAL:
                hashes[graph.value] = canonical_hash(self.store, graph)
        return hashes

    def _candidate(self) -> Candidate:
        given = [Given(graph, triples) for graph, triples in self._incoming.items()]
        edited = [Edited(graph, self.store, self._work) for graph in self._edited]
        untyped = {
            subject
            for subject, target in self._clone.lost_types
            if next(self.store.quads_for_pattern(subject, _TYPE, target), None) is None
        }
        return Candidate(self.store, (*given, *edited), frozenset(untyped))

    def _clean(self) -> None:
        """Close the clone and drop staging; what cannot be dropped now, the next sweep will."""
        self.__dict__.pop("_clone", None)
        with suppress(OSError):
            self._folder.sweep()


def named_graphs(change: Change) -> set[NamedNode]:
    """Return the graphs of a change.

    Raises `BadRequest` where a quad is not in a named one, or nests triples too deeply.
    """
    if any(too_deep(quad.object) for quad in change.added):
        raise BadRequest(
            f"Triple terms stand in one another more than {MOST_NESTED} times.",
            remedy="Give the inner ones names of their own.",
        )
    names = {quad.graph_name for quad in change.removed | change.added}
    graphs = {name for name in names if isinstance(name, NamedNode)}
    if names != graphs:
        raise BadRequest(
            "A change has a quad outside any named graph.",
            remedy="Put each quad in the graph of its dataset.",
        )
    return graphs


def _canonical(quads: Iterable[Quad]) -> Store:
    """Return the quads as the store will give them back."""
    store = Store()
    store.extend(quads)
    return store
