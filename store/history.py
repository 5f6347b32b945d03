"""What changed between releases, from the changes that they keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vises.errors import NotFound, sentence
from vises.store.difference import ADD, DELETE, net_effect
from vises.store.patch import read_patch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pyoxigraph import NamedNode

    from vises.store.difference import Difference, Operation
    from vises.store.folder import DataFolder
    from vises.store.record import Release


MOST_LATER = 1_000_000
"""How many lines that came later are held in memory; one takes about 300 bytes."""


class NoCommonHistory(NotFound):
    """The changes that lead from one release to the other are not all there."""

    kind = "no-common-history"
    title = "The history does not reach that far"


class History:
    """The changes of the releases of a data folder."""

    def __init__(self, folder: DataFolder) -> None:
        """Remember the folder; nothing is read yet."""
        self._folder = folder

    def ancestors(self, release: Release) -> Iterator[Release]:
        """Yield a release, its parent, and so on, as far as there are records."""
        there = set(self._folder.ids())
        yield release
        while release.parent in there:
            release = self._folder.record(release.parent)
            yield release

    def between(self, before: Release, after: Release, work: Path) -> Iterator[Difference]:
        """Yield what `after` has and `before` has not, and the other way round, as lines.

        The lines are N-Quads; `work` is an empty folder for what does not fit into memory. The cost
        is that of the changes between the two, whatever the size of either. Raises
        `NoCommonHistory` where a change is missing, `PatchDamaged`, `OSError`.
        """
        back, forth = self._path(before, after)
        size = sum(r.added + r.removed for r in (*back, *forth))
        yield from net_effect(self._walked(back, forth), size, work)

    def making(
        self, graph: NamedNode, release: Release
    ) -> tuple[int, Path, Sequence[Operation]] | None:
        """Return about how many lines made a graph, the change that began it, and what came later.

        None where `content` is None, the graph came not in one change, or more than `MOST_LATER`
        lines came later.
        """
        line = self._whole_line(graph, release)
        if not line:
            return None
        first, *later = line
        removed, added = first.changes[graph.value]
        if removed or sum(sum(each.changes[graph.value]) for each in later) > MOST_LATER:
            return None
        return added, self._folder.change(first.id), [*self._of_graph(graph, later)]

    def content(self, graph: NamedNode, release: Release) -> tuple[int, Iterator[Operation]] | None:
        """Return the operations that made the content of a graph, and about how many lines.

        None where the history does not begin with nothing, or holds more than three lines for each
        that there is: reading the graph itself is cheaper then.
        """
        touching = self._whole_line(graph, release)
        if touching is None:
            return None
        size = sum(sum(r.changes[graph.value]) for r in touching)
        return size, self._of_graph(graph, touching)

    def _whole_line(self, graph: NamedNode, release: Release) -> Sequence[Release] | None:
        """Return the releases that changed a graph, oldest first; None as `content` does."""
        line = list(self.ancestors(release))
        if line[-1].parent is not None:
            return None
        touching = [r for r in reversed(line) if graph.value in r.changes]
        size = sum(sum(r.changes[graph.value]) for r in touching)
        return None if size > 3 * release.counts.get(graph.value, 0) else touching

    def _of_graph(self, graph: NamedNode, releases: Sequence[Release]) -> Iterator[Operation]:
        ending = f" {graph} .\n".encode()
        for release in releases:
            alone = set(release.changes) == {graph.value}
            for kind, lines in read_patch(self._folder.change(release.id)):
                yield kind, lines if alone else [x for x in lines if x.endswith(ending)]

    def _path(self, before: Release, after: Release) -> tuple[list[Release], list[Release]]:
        """Return the releases to undo, newest first, and those to do, oldest first."""
        old, new = list(self.ancestors(before)), list(self.ancestors(after))
        shared = {r.id for r in old} & {r.id for r in new}
        if not shared:
            raise NoCommonHistory(
                sentence(
                    "changes-unkept",
                    "The changes from release {before} to release {after} are not all kept.",
                    before=before.id,
                    after=after.id,
                ),
                remedy=sentence(
                    "compare-neighbours",
                    "Compare releases that `vises releases` lists one above the other.",
                ),
            )
        back = [r for r in old if r.id not in shared]
        forth = [r for r in reversed(new) if r.id not in shared]
        return back, forth

    def _walked(self, back: Sequence[Release], forth: Sequence[Release]) -> Iterator[Operation]:
        inverse = {ADD: DELETE, DELETE: ADD}
        for release in back:
            for kind, lines in read_patch(self._folder.change(release.id)):
                yield inverse[kind], lines
        for release in forth:
            yield from read_patch(self._folder.change(release.id))
