"""Bringing the streams up to a release, from the changes that are kept and the snapshots."""

from __future__ import annotations

import json
from datetime import UTC
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from vises.store.digest import Tally
from vises.store.files import explained, make_durably, write_durably
from vises.store.folder import UnknownRelease
from vises.store.history import NoCommonHistory
from vises.store.lock import WriterLock
from vises.store.patch import PatchDamaged
from vises.store.streams.members import changed_members, snapshot_members, touched
from vises.store.streams.pages import Index, State, StreamFolder, names
from vises.store.streams.terms import StreamIris
from vises.store.streams.writing import PageWriter

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from vises.store.releases import Release, ReleaseStore

FOLDER = "streams"
LOCK, BUILT = "lock", "built"
_WAIT_SECONDS = 3600.0
_LOST = (UnknownRelease, NoCommonHistory, PatchDamaged)


def streams_folder(data: Path) -> Path:
    """Return the folder of the streams in a data folder."""
    return data / FOLDER


def built(data: Path) -> str | None:
    """Return what `mark` said when the streams were last built, None where they never were."""
    try:
        return (streams_folder(data) / BUILT).read_text("utf-8")
    except FileNotFoundError:
        return None


def mark(release_id: str, closed: Collection[str]) -> str:
    """Return what the streams are made of: the release that is current, and what is closed."""
    return json.dumps([release_id, sorted(closed)])


class StreamBuilder:
    """Makes the streams of the graphs of a data folder that are not closed."""

    def __init__(self, data: Path, releases: ReleaseStore, base: str) -> None:
        """Take the data folder and the base of the IRIs of the data."""
        self._data = data
        self._folder = streams_folder(data)
        self._releases = releases
        self._base = base
        self._touched: tuple[tuple[str, str], Mapping[str, Mapping[str, list[int]]]] | None = None

    def build(self, release_id: str, closed: Collection[str]) -> None:
        """Bring every stream up to a release.

        What a killed call left is done again. Raises `UnknownRelease`, `StoreBusy`,
        `StoreDamaged`, `DataFolderError`.
        """
        with explained(self._folder):
            make_durably(self._folder)
            with WriterLock(self._folder / LOCK, _WAIT_SECONDS):
                wanted = mark(release_id, closed)
                if built(self._data) == wanted:
                    return
                line = self._line(self._releases.get(release_id))
                graphs = {g for release in line for g in release.counts} - set(closed)
                for graph in sorted(graphs | self._known(closed)):
                    self._build(graph, line)
                write_durably(self._folder / BUILT, wanted.encode())

    def _known(self, closed: Collection[str]) -> set[str]:
        """Return the graphs that have a stream already."""
        found = (StreamFolder(self._folder / name).index() for name in names(self._folder))
        return {index.graph for index in found if index and index.graph not in closed}

    def _line(self, release: Release) -> list[Release]:
        """Return a release and those before it whose snapshot is there, oldest first."""
        there = set(self._releases.ids())
        found = [release]
        while release.parent in there:
            release = self._releases.get(release.parent)
            if not self._releases.is_pruned(release.id):
                found.append(release)
        return found[::-1]

    def _build(self, graph: str, line: list[Release]) -> None:
        place = self._folder / StreamIris(self._base, graph).name
        folder = StreamFolder(place)
        index = folder.index() or Index(graph)
        made = index.built
        for release in line:
            if not index.built or int(release.id) > int(index.built):
                index = self._advanced(folder, index, release)
        if index.built != made:
            folder.publish(index)

    def _advanced(self, folder: StreamFolder, index: Index, release: Release) -> Index:
        """Return the index of a stream with the members of one more release."""
        graph = index.graph
        if not index.built:
            return self._begun(folder, index, release)
        try:
            before = self._releases.get(index.built)
            if before.digests.get(graph) == release.digests.get(graph):
                index.built = release.id
                return index
            subjects = self._subjects(before, release).get(graph, {})
        except _LOST:
            return self._begun(folder, Index(graph, before=index.last, time=index.time), release)
        index.skipped |= release.parent != before.id
        state = self._state(index, release)
        writer = PageWriter(folder, index, self._base)
        with self._releases.open(release.id) as store:
            writer.add(changed_members(store, NamedNode(graph), subjects), state)
        writer.close()
        index.built, index.time = release.id, state.time
        return index

    def _begun(self, folder: StreamFolder, index: Index, release: Release) -> Index:
        """Begin a stream with all that the graph holds in a release."""
        state = self._state(index, release)
        writer = PageWriter(folder, index, self._base)
        with self._releases.open(release.id) as store:
            writer.add(snapshot_members(store, NamedNode(index.graph)), state)
        writer.close()
        index.built = index.started = release.id
        index.time = state.time
        return index

    def _state(self, index: Index, release: Release) -> State:
        """Return the state of the graph; its time is not before that of the last release."""
        time = release.created.astimezone(UTC).isoformat(timespec="microseconds")
        return State(
            release.id,
            max(time, index.time),
            release.counts.get(index.graph, 0),
            release.digests.get(index.graph, Tally().digest),
        )

    def _subjects(self, before: Release, after: Release) -> Mapping[str, Mapping[str, list[int]]]:
        """Return what differs between two releases; graphs that are asked for in turn share it."""
        key = (before.id, after.id)
        if self._touched is None or self._touched[0] != key:
            self._touched = (key, touched(self._releases.differences(*key)))
        return self._touched[1]
