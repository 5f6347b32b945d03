"""A change to the data: cloned, judged by its gate, and published whole or not at all."""

from __future__ import annotations

import sys
from collections.abc import Callable, Container, Iterable
from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from secrets import token_hex
from traceback import clear_frames
from typing import TYPE_CHECKING, Protocol, Self

from pyoxigraph import Literal, NamedNode, Quad, Store, Triple

from vises.errors import BadRequest, Refused, sentence
from vises.progress import SILENCE
from vises.store.canonical import stored_literals, stored_quads
from vises.store.changelog import read_operations, write_operations
from vises.store.clone import Clone, Start
from vises.store.difference import as_lines
from vises.store.digest import MOST_CANONICAL, canonical_hash
from vises.store.files import clone_snapshot, explained
from vises.store.folder import unreadable
from vises.store.history import History
from vises.store.lock import WriterLock
from vises.store.nesting import NAME_INNER, TOO_NESTED, too_deep
from vises.store.patch import PatchWriter
from vises.store.record import Release

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    from vises.progress import Progress
    from vises.store.canonical import Term
    from vises.store.folder import DataFolder

UNJUDGED = "unjudged.rdfp"
"""The file, beside what the gate kept, of what was changed after it had spoken."""


@dataclass(frozen=True)
class Change:
    """Quads to take away and quads to put in, each in a named graph.

    A quad on both sides stays or comes.
    """

    removed: frozenset[Quad]
    added: frozenset[Quad]


@dataclass(frozen=True)
class Candidate:
    """What a gate judges: the data as it would be published, so many quads (`size`).

    `incoming` has the graphs that changed, each with the file of N-Triples that it was replaced by,
    byte for byte but for the labels of blank nodes; None where `apply` changed it. `change` is what
    differs from the state that the parent's gate judged, and None where that is more than
    `vises.store.changelog.MOST` quads. `forms` has the values of added quads as they were written,
    where the store writes them otherwise, by what the store made of the triple. `parent` is the
    folder in which the gate of the parent kept what it found, and `keep` that for this one: its
    files are published with the release. `place` is where other processes may open the store to
    read it, None where they may not. `progress` is told how far judging is.
    """

    store: Store
    size: int
    incoming: Mapping[NamedNode, Path | None]
    change: Change | None
    forms: Mapping[Triple, Sequence[Term]]
    parent: Path | None
    keep: Path
    place: Path | None
    progress: Progress = SILENCE


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

    def turtle(self) -> Iterable[bytes]:
        """Yield the validation report in Turtle, a piece at a time."""


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
            remedy=sentence(
                "correct-report",
                "Correct what the report names and try again; nothing was published.",
            ),
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

    def __init__(  # noqa: PLR0913 (each is a decision of its own)
        self,
        folder: DataFolder,
        *,
        author: str,
        message: str,
        gate: Gate,
        wait_seconds: float,
        progress: Progress,
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
        self._progress = progress
        self._parent: Release | None = None
        self._incoming: dict[NamedNode, None] = {}
        self._edited: set[NamedNode] = set()
        self._undo = ExitStack()
        self._clone: Clone
        self._id: str
        self._work: Path
        self._judged: Path | None
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
                self._judged = self._folder.judgement(parent) if parent else None
                before = read_operations(self._judged / UNJUDGED) if self._judged else ()
            start = Start(self._parent, self._cloned(), History(self._folder), before)
            self._clone = Clone(start, patch, self._work, self._progress)
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
            self._incoming[graph] = None
            self._edited.discard(graph)

    def apply(self, change: Change) -> None:
        """Remove and add a few quads, in memory; those already gone or there do not count.

        Raises `BadRequest` where a quad is not in a named graph, `DataFolderError`.
        """
        self._applied(change)

    def _applied(self, change: Change) -> Change:
        """Apply a change; return the quads of it that were there, and that were not."""
        graphs = named_graphs(change)
        with explained(self._work):
            removed, added = stored_quads(change.removed), stored_quads(change.added)
            self._note_forms(change.added)
            gone = frozenset(q for q in removed if q not in added and q in self.store)
            come = frozenset(q for q in added if q not in self.store)
            for graph in graphs:
                removed_here = [q for q in gone if q.graph_name == graph]
                added_here = [q for q in come if q.graph_name == graph]
                if removed_here or added_here:
                    self._clone.edit(graph, removed_here, added_here)
                    self._edited.add(graph)
        return Change(gone, come)

    def _note_forms(self, quads: Iterable[Quad]) -> None:
        """Remember how values are written that the store writes otherwise."""
        given = [(quad, quad.object) for quad in quads if isinstance(quad.object, Literal)]
        stored = stored_literals(value for _, value in given)
        for quad, value in given:
            if stored[value] != value:
                triple = Triple(quad.subject, quad.predicate, stored[value])
                self._clone.forms.note(triple, value)

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
            keep = candidate.keep
            verdict = self.verdict = self._gate(candidate)
        if not verdict.accepted:
            raise ChangeRefused(verdict)
        if self.annotate:
            more = self.annotate(candidate, verdict)  # it reads files that may go once it wakes
            self._clone.wake()
            said = self._applied(more)
            with explained(self._work):
                write_operations(keep / UNJUDGED, as_lines(said.removed), as_lines(said.added))
        del candidate  # it holds the store, which the snapshot wants for itself
        self._progress.start(sentence("step-publishing", "publishing"), None)
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
            self._folder.publish(release, self._clone, verdict.turtle(), change.path, keep)
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
            elif tally.count <= MOST_CANONICAL and (found := canonical_hash(self.store, graph)):
                hashes[graph.value] = found
        return hashes

    def _candidate(self) -> Candidate:
        settled = self._clone.settled
        files: dict[NamedNode, Path | None] = {graph: settled[graph] for graph in self._incoming}
        changed = self._clone.change()
        change = None if changed is None else Change(*map(frozenset, changed))
        keep = self._work / "judgement"
        keep.mkdir()
        forms = self._clone.forms_of([q.triple for q in change.added]) if change else {}
        place = self._clone.rest()
        return Candidate(
            store=self.store,
            size=sum(tally.count for tally in self._clone.tallies.values()),
            incoming={**files, **dict.fromkeys(self._edited)},
            change=change,
            forms=forms,
            parent=self._judged,
            keep=keep,
            place=place,
            progress=self._progress,
        )

    def _clean(self) -> None:
        """Close the clone and drop staging; what cannot be dropped now, the next sweep will."""
        self.__dict__.pop("_clone", None)
        _let_go(sys.exception())
        with suppress(OSError):
            self._folder.sweep()


def _let_go(error: BaseException | None) -> None:
    """Take from an error the variables of its frames: they hold the store, which would stay open.

    An open store still makes and removes files of its own, also in the way of the next sweep.
    """
    while error is not None:
        clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__


def named_graphs(change: Change) -> set[NamedNode]:
    """Return the graphs of a change.

    Raises `BadRequest` where a quad is not in a named one, or nests triples too deeply.
    """
    if any(too_deep(quad.object) for quad in change.added):
        raise BadRequest(TOO_NESTED, remedy=NAME_INNER)
    names = {quad.graph_name for quad in change.removed | change.added}
    graphs = {name for name in names if isinstance(name, NamedNode)}
    if names != graphs:
        raise BadRequest(
            sentence("outside-graphs", "A change has a quad outside any named graph."),
            remedy=sentence("into-graphs", "Put each quad in the graph of its dataset."),
        )
    return graphs
