"""What a request may see of a release."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from vises.service.access.rights import Rights
    from vises.store.releases import Release, ReleaseStore


@dataclass(frozen=True)
class Line:
    """A release as it is listed.

    `author` and `message` are empty where they are not told (`seen`); `warnings` is None there.
    """

    id: str
    created: datetime
    author: str
    message: str
    statements: int
    removed: int
    added: int
    warnings: int | None
    tags: tuple[str, ...]
    current: bool
    pruned: bool


@dataclass(frozen=True)
class Dataset:
    """A dataset in a release: its statements, and how many a change removed and added."""

    iri: str
    statements: int
    removed: int
    added: int
    digest: str | None


def seen(release: Release, rights: Rights) -> Release:
    """Return a record without what is said of the graphs that a request may not read.

    Author and message are empty where such a graph changed: they may be about it.
    """
    changes = {g: change for g, change in release.changes.items() if g not in rights.hidden}
    visible = replace(release, counts=rights.readable(release.counts), changes=changes)
    if rights.hidden.isdisjoint(release.changes):
        return visible
    return replace(visible, author="", message="")


def line(release: Release, rights: Rights, store: ReleaseStore, tags: Sequence[str]) -> Line:
    """Return a release as it is listed."""
    visible = seen(release, rights)
    current = store.current()
    return Line(
        id=release.id,
        created=release.created,
        author=visible.author,
        message=visible.message,
        statements=visible.size,
        removed=visible.removed,
        added=visible.added,
        warnings=None if rights.hidden else release.warnings,
        tags=tuple(tags),
        current=current is not None and current.id == release.id,
        pruned=store.is_pruned(release.id),
    )


def tags_of(store: ReleaseStore) -> Mapping[str, list[str]]:
    """Return the tags by the id of their release."""
    found: dict[str, list[str]] = {}
    for tag, release_id in store.tags().items():
        found.setdefault(release_id, []).append(tag)
    return found


def datasets(release: Release, changes: Mapping[str, tuple[int, int]]) -> list[Dataset]:
    """Return the datasets of a visible release, those that changed first."""
    graphs = sorted({*release.counts, *changes}, key=lambda graph: (graph not in changes, graph))
    return [
        Dataset(
            graph,
            release.counts.get(graph, 0),
            *changes.get(graph, (0, 0)),
            release.canonical.get(graph),
        )
        for graph in graphs
    ]
