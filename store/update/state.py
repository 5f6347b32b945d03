"""The data while an update is evaluated: a release, and what the update did so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, Quad, Store

from vises.errors import sentence
from vises.store.canonical import stored_quads
from vises.store.files import clone_snapshot
from vises.store.nesting import NAME_INNER, TOO_NESTED, too_deep
from vises.store.update.request import MOST_CHANGED, UpdateTooLarge

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


class State:
    """A snapshot with a change on top.

    The change is what it does to any state: a quad that was deleted is removed wherever it is, one
    that was inserted is there afterwards. Only what is read after something was changed needs a
    copy of the snapshot that can be written to; it is made in `work`, by hard links. `reads` are
    the graphs that were read, None for all. Methods raise `OSError` and `UpdateTooLarge`.
    """

    def __init__(self, snapshot: Path, work: Path, hidden: Iterable[str]) -> None:
        """Open the snapshot, without the graphs in `hidden`."""
        self.removed: set[Quad] = set()
        self.added: set[Quad] = set()
        self.reads: set[str] | None = set()
        self.hidden = frozenset(map(NamedNode, hidden))
        self._snapshot = snapshot
        self._clone = work / "clone"
        self._store = Store.read_only(str(snapshot))
        self._pending: list[tuple[frozenset[Quad], frozenset[Quad]]] = []

    @property
    def store(self) -> Store:
        """A store with everything that was done; hidden graphs are in it."""
        if self._pending:
            self._write()
        return self._store

    def graphs(self) -> list[NamedNode]:
        """Return the names of the graphs that hold something, without the hidden ones."""
        self.reads = None
        names = [name for name in self.store.named_graphs() if isinstance(name, NamedNode)]
        return [name for name in names if name not in self.hidden and self._holds(name)]

    def quads(self, graph: NamedNode) -> list[Quad]:
        """Return what a graph holds; nothing where it is hidden."""
        if graph in self.hidden:
            return []
        self.read([graph])
        found = []
        for quad in self.store.quads_for_pattern(None, None, None, graph):
            found.append(quad)
            _bounded(len(found))
        return found

    def read(self, graphs: Iterable[NamedNode] | None) -> None:
        """Note which graphs are read, None for all."""
        if graphs is None:
            self.reads = None
        elif self.reads is not None:
            self.reads |= {graph.value for graph in graphs}

    def change(self, removed: Iterable[Quad], added: Iterable[Quad]) -> None:
        """Delete quads, then insert quads.

        Those that nest too deeply are refused here, in a sealed process: who publishes the change
        reads it.
        """
        gone, come = stored_quads(removed), stored_quads(added)
        if any(too_deep(quad.object) for quad in gone | come):
            raise UpdateTooLarge(TOO_NESTED, remedy=NAME_INNER)
        self.added = self.added - gone | come
        self.removed = (self.removed | gone) - come
        _bounded(len(self.added) + len(self.removed))
        if gone or come:
            self._pending.append((gone, come))

    def _holds(self, graph: NamedNode) -> bool:
        return next(self.store.quads_for_pattern(None, None, None, graph), None) is not None

    def _write(self) -> None:
        if not self._clone.exists():
            clone_snapshot(self._snapshot, self._clone)
            self._store = Store(str(self._clone))
        for gone, come in self._pending:
            for quad in gone:
                self._store.remove(quad)
            self._store.extend(come)
        self._pending.clear()


def _bounded(count: int) -> None:
    if count > MOST_CHANGED:
        raise UpdateTooLarge(
            sentence(
                "update-large",
                "The update changes more than {most:,} statements.",
                most=MOST_CHANGED,
            ),
            remedy=sentence(
                "change-in-several",
                "Change them in several updates, or replace the graph with PUT.",
            ),
        )
