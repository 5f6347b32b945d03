"""What the page of a release shows."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from vises.service.releases.changed import MOST_LINES, Changed, changed, operations_of
from vises.service.releases.view import Dataset, datasets, line, seen, tags_of
from vises.store.patch import read_patch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vises.service.access.rights import Rights
    from vises.service.pages.mentions import Speaker
    from vises.service.pages.model import Mention
    from vises.service.releases.view import Line
    from vises.store.releases import Release, ReleaseStore

MOST_COMPARED = 3 * MOST_LINES
"""Up to how many changed statements between two releases a page finds out what they are about."""


@dataclass(frozen=True)
class Told:
    """What is told of a release: its line, its datasets, what its change is about.

    `before` is the release that it is compared with, None for one that has none before it.
    `changed` is None where that is too much for a page.
    """

    line: Line
    before: Line | None
    datasets: list[Dataset]
    changed: Changed | None
    parent: str | None


@dataclass(frozen=True)
class Entity:
    """A thing that changed."""

    mention: Mention
    removed: int
    added: int


async def told(
    store: ReleaseStore, release: Release, before: Release | None, rights: Rights
) -> Told:
    """Return what is told of a release, read in a thread.

    Raises `NoCommonHistory`, `PatchDamaged`, `DataFolderError`.
    """
    return await asyncio.to_thread(_told, store, release, before, rights)


def _told(store: ReleaseStore, release: Release, before: Release | None, rights: Rights) -> Told:
    tags = tags_of(store)
    about = _changed(store, release, before, rights)
    return Told(
        line=line(release, rights, store, tags.get(release.id, ())),
        before=line(before, rights, store, tags.get(before.id, ())) if before else None,
        datasets=_datasets(release, before, about, rights),
        changed=about,
        parent=release.parent,
    )


def _changed(
    store: ReleaseStore, release: Release, before: Release | None, rights: Rights
) -> Changed | None:
    if before is None or before.id == release.parent:
        return changed(read_patch(store.change(release.id)), rights.hidden)
    between = sorted((int(before.id), int(release.id)))
    records = (store.get(i) for i in store.ids() if between[0] < int(i) <= between[1])
    if sum(r.added + r.removed for r in records) > MOST_COMPARED:
        return None
    differences = store.differences(before.id, release.id)
    return changed(operations_of(differences), rights.hidden)


def _datasets(
    release: Release, before: Release | None, about: Changed | None, rights: Rights
) -> list[Dataset]:
    visible = seen(release, rights)
    if before is None or before.id == release.parent:
        return datasets(visible, visible.changes)
    return datasets(visible, about.datasets if about else {})


def entities(about: Changed | None, speaker: Speaker) -> list[Entity]:
    """Return the things that changed, in the order of their names."""
    found = [
        Entity(speaker.thing(iri), removed, added)
        for iri, (removed, added) in (about.entities.items() if about else ())
    ]
    return sorted(found, key=lambda e: (e.mention.name.text.casefold(), e.mention.href or ""))


def mentioned(told: Told) -> Iterable[NamedNode]:
    """Return every IRI that the page names."""
    iris = {d.iri for d in told.datasets}
    iris |= set(told.changed.entities if told.changed else ())
    return (NamedNode(iri) for iri in sorted(iris))
