"""Making the index of a release: ``python -m vises.service.search.build DATA ID MEBIBYTES PARENT``.

It is a process of its own, because it may read every thing of a release. One that is there already
is compared with its digests, and made anew where it is damaged. Where another release has an index,
its files are taken over by hard links, as tantivy never changes one that it has written, and the
things that differ between the two are written anew; the cost is that of the difference.

An index is made beside its place, synced, and moved there by a rename. One process at a time makes
one; the lock ends with its process.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from vises.service.questions import questions_here
from vises.service.search.documents import documents
from vises.service.search.kept import LOCK, KeptIndexes, folder_of
from vises.service.search.schema import IRI, create, opened
from vises.service.search.things import QUESTION, Fact, affected, facts, subjects
from vises.store.files import link, make_durably
from vises.store.history import NoCommonHistory
from vises.store.lock import WriterLock
from vises.store.patch import PatchDamaged
from vises.store.releases import ReleaseStore
from vises.store.sealing import BEHIND_QUERIES, seal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyoxigraph import Store
    from tantivy import IndexWriter

    from vises.store.releases import Release

_HEAP_BYTES, _SMALL_HEAP_BYTES = 256_000_000, 32_000_000
_WAIT_SECONDS = 6 * 3600.0
_COPIED = {"meta.json", ".managed.json"}
"""What tantivy replaces; all other files stay as they are."""


def ensure(releases: ReleaseStore, folder: Path, release_id: str) -> str:
    """See to it that a release has a sound index; return how it came by it, as one word or two.

    `folder` holds all indexes; where the index is there, nothing needs to be written. Raises
    `UnknownRelease`, `ReleasePruned`, `StoreBusy`, `DataFolderError`, `OSError`, and `ValueError`
    where tantivy cannot write.
    """
    kept = KeptIndexes(releases, folder)
    release = releases.get(release_id)
    if kept.is_whole(release) and not os.access(folder, os.W_OK):
        return "found"
    make_durably(folder)
    with WriterLock(folder / LOCK, _WAIT_SECONDS):
        if kept.is_whole(release):
            kept.sweep(release_id)
            return "found"
        kept.remove(release_id)
        made = folder / f"making-{release_id}"
        shutil.rmtree(made, ignore_errors=True)
        nearest = kept.nearest(release)
        with releases.open(release_id) as store:
            how = _from_another(releases, store, nearest, release, made) if nearest else None
            if how is None:
                shutil.rmtree(made, ignore_errors=True)
                made.mkdir()
                how = whole(store, made)
        kept.publish(made, release, nearest)
        kept.sweep(release_id)
    return how


def whole(store: Store, made: Path) -> str:
    """Index every thing of a release."""
    writer = create(made).writer(_HEAP_BYTES, 1)
    for iri, found in _questions():
        _add(writer, iri, found)
    for iri in subjects(store):
        _add(writer, iri, facts(store, iri))
    _end(writer)
    return "whole"


def _from_another(
    releases: ReleaseStore, store: Store, other: Release, release: Release, made: Path
) -> str | None:
    """Take over the index of another release; None where it is not known what differs."""
    made.mkdir()
    for path in (made.parent / other.id).iterdir():
        if path.name in _COPIED:
            shutil.copyfile(path, made / path.name)
        elif path.suffix and not path.name.startswith(".") and path.suffix != ".json":
            link(path, made / path.name)
    writer = opened(made).writer(_SMALL_HEAP_BYTES, 1)
    try:
        for difference in releases.differences(other.id, release.id):
            for iri in affected(store, difference.removed | difference.added):
                writer.delete_documents_by_term(IRI, iri)
                _add(writer, iri, facts(store, iri))
    except (NoCommonHistory, PatchDamaged):
        writer.rollback()
        return None
    _end(writer)
    return f"from {other.id}"


def _add(writer: IndexWriter, iri: str, found: list[Fact]) -> None:
    for document in documents(iri, found):
        writer.add_document(document)


def _end(writer: IndexWriter) -> None:
    writer.commit()
    writer.wait_merging_threads()


def _questions() -> Iterator[tuple[str, list[Fact]]]:
    """Yield our questions as if they were things, which every visitor may see."""
    nowhere = frozenset[str]()
    for question in questions_here():
        found = [
            Fact("kind", "question", None, nowhere),
            Fact("code", question.id, None, nowhere),
        ]
        found += [Fact("name", text, tag, nowhere) for tag, text in question.wording.items()]
        found += [Fact("text", text, tag, nowhere) for tag, text in question.summary.items()]
        yield QUESTION + question.id, found


def main(data: str, release_id: str, mebibytes: int, parent: int) -> None:
    """Make the index of a release, or find it whole, and print how."""
    seal(mebibytes, parent)
    os.nice(BEHIND_QUERIES)
    how = ensure(ReleaseStore(Path(data)), folder_of(Path(data)), release_id)
    sys.stdout.write(json.dumps({"how": how}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
