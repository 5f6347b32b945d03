"""Whether a release is what its record says: its files, its change, its content."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from vises.store import sums
from vises.store.difference import ADD, graph_of
from vises.store.digest import Tally, canonical_hash, graph_lines
from vises.store.files import is_of_the_process
from vises.store.folder import StoreDamaged, UnknownRelease
from vises.store.patch import PatchDamaged, read_patch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pyoxigraph import Store

    from vises.errors import VisesError
    from vises.progress import Progress
    from vises.store.folder import DataFolder
    from vises.store.record import Release


def is_whole(folder: DataFolder, release_id: str) -> bool:
    """Tell in milliseconds whether a release's files are there and its store opens and answers.

    A changed byte in a file is not found this way; `file_faults` finds it. Raises `OSError` and
    `DataFolderError` where this process may not look, or has too many files open.
    """
    try:
        folder.record(release_id)
        if sums.missing(folder.releases / release_id):
            return False
        next(iter(folder.open(release_id)), None)
    except OSError as error:
        if is_of_the_process(error):
            raise
        return False
    except (StoreDamaged, UnknownRelease, sums.SumsDamaged, ValueError, RuntimeError):
        return False
    return True


def file_faults(folder: DataFolder, release: Release, progress: Progress) -> Sequence[str]:
    """Read every file of a release and compare it with its digest.

    Returns a sentence for each that is not as it was made. Raises `OSError`.
    """
    place = folder.releases / release.id
    with ExitStack() as stack:
        pruned = folder.is_pruned(release.id)
        if not pruned:
            stack.enter_context(folder.lease(release.id))
        try:
            known = sums.read_sums(place)
        except sums.SumsDamaged as error:
            return [_fault(error)]
        known = sums.without_snapshot(known) if pruned else known
        sizes = [(place / n).stat().st_size for n in known if (place / n).is_file()]
        progress.start(f"release {release.id}: files", sum(sizes))
        wrong = sums.wrong(place, known, progress.advance)
    return [f"{place / name}: not the file that was published" for name in wrong]


def content_faults(
    folder: DataFolder, release: Release, parent: Release | None, progress: Progress
) -> Iterator[str]:
    """Read every quad of a release and its change, and compare them with the record.

    Yields a sentence for each graph that differs. `parent` is None where its record is not kept.
    """
    if parent is not None or release.parent is None:
        yield from _change_faults(folder, release, parent)
    if folder.is_pruned(release.id):
        return
    progress.start(f"release {release.id}: content (statements)", release.size)
    with folder.lease(release.id):
        try:
            store = folder.open(release.id)
        except StoreDamaged as error:
            yield _fault(error)
            return
        for graph in release.counts:
            yield from _graph_faults(store, NamedNode(graph), release, progress)


def _change_faults(folder: DataFolder, release: Release, parent: Release | None) -> Iterator[str]:
    """Yield what is wrong where the change does not lead from the parent's digests to these."""
    tallies = (
        {g: Tally.recorded(n, parent.digests[g]) for g, n in parent.counts.items()}
        if parent
        else {}
    )
    place = folder.change(release.id)
    try:
        for kind, lines in read_patch(place):
            for line in lines:
                graph = graph_of(line)
                tally = tallies.get(graph, Tally())
                tallies[graph] = tally.plus([line]) if kind == ADD else tally.minus([line])
    except PatchDamaged as error:
        yield _fault(error)
        return
    except ValueError:
        yield f"{place}: its lines are no statements"
        return
    found = {graph: tally.digest for graph, tally in tallies.items() if tally.count}
    for graph in sorted(found.keys() | release.digests.keys()):
        if found.get(graph) != release.digests.get(graph):
            yield f"{place}: it does not lead to the content of {graph}"


def _graph_faults(
    store: Store, graph: NamedNode, release: Release, progress: Progress
) -> Iterator[str]:
    tally = Tally()
    try:
        for lines in graph_lines(store, graph):
            tally = tally.plus(lines)
            progress.advance(len(lines))
    except (OSError, RuntimeError) as error:
        yield f"{graph}: it cannot be read ({error})"
        return
    expected = Tally.recorded(release.counts[graph.value], release.digests[graph.value])
    if tally != expected:
        yield f"{graph}: {tally.count:,} statements, digest {tally.digest}; the record differs"
        return
    recorded = release.canonical.get(graph.value)
    if recorded and canonical_hash(store, graph) not in {"", recorded}:
        yield f"{graph}: the RDFC-1.0 hash is not that of the record"


def _fault(error: VisesError) -> str:
    """Return an error as one of the sentences: its remedy is of no use among others."""
    return f"{error.place}: {error.detail.rstrip('.')}"
