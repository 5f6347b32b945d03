"""Taking a batch back: its dataset becomes what it was before, and provenance says so.

A dataset holds what its last batch made of it. Withdrawing that one gives back what an earlier
batch made that was neither withdrawn itself nor rolled back, or leaves the dataset empty. Of a
batch that a later one replaced nothing is left but what the later one holds too, so there is
nothing to remove: it is marked, and is not returned to.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, parse

from vises.errors import Refused
from vises.ingest.batches import Provenance, State, find_batch, unpublished
from vises.ingest.ledger import Ledger
from vises.ingest.provenance import (
    GENERATED_BY,
    PROVENANCE,
    activity_iri,
    batch_iri,
    described,
    generator,
)
from vises.ingest.warnings import warnings_change
from vises.ingest.workspace import workspace
from vises.namespaces import Iris, date_time, term
from vises.store.difference import ADD, DELETE, net_effect
from vises.store.digest import graph_lines
from vises.store.history import NoCommonHistory
from vises.store.patch import read_patch
from vises.store.transaction import Change

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vises.ingest.batches import Told
    from vises.store.difference import Operation
    from vises.store.releases import Release, ReleaseStore
    from vises.store.transaction import Gate, Transaction


class BuiltUpon(Refused):
    """Another batch that is published was built upon this one."""

    kind = "batch-built-upon"
    title = "Another batch was built upon this one"
    status = 409


@dataclass(frozen=True)
class Withdrawal:
    """What a withdrawal did.

    `was` is the state of the batch before; `release` the one that it made, None where there was
    nothing to do, as the batch had been withdrawn or was never published; `restored` the batch that
    the dataset holds now, None where it is empty or unchanged; `removed` and `added` are statements
    of the dataset.
    """

    dataset: str
    batch: str
    was: State
    release: str | None
    restored: str | None = None
    removed: int = 0
    added: int = 0


def withdraw(  # noqa: PLR0913 (what a withdrawal needs)
    name: str,
    *,
    releases: ReleaseStore,
    gate: Gate,
    data_folder: Path,
    base_iri: str,
    author: str,
    reason: str,
) -> Withdrawal:
    """Withdraw the batch that `name` means (an id, its start, or DATASET/ID), in one release.

    Doing it twice, or to a batch that was never published, changes nothing. Raises `UnknownBatch`,
    `BuiltUpon`, `ChangeRefused` from the gate, `NoCommonHistory` where what was before is no longer
    known, and `Unavailable`.
    """
    iris = Iris(base_iri)
    with (
        workspace(data_folder) as folder,
        releases.transaction(
            author=author, message=f"Withdrawal of the batch {name}", gate=gate
        ) as transaction,
    ):
        found = list(Provenance(transaction.store, iris).batches())
        told = find_batch([*found, *unpublished(Ledger(data_folder), found)], name)
        if told.state in {State.withdrawn, State.unpublished}:
            return Withdrawal(told.dataset, told.batch, told.state, None)
        _demand_free(told, found)
        held = told.state is State.current
        work = _Work(releases, transaction, iris, folder)
        restored = work.take_back(told, _replaced(iris, told.dataset, found)) if held else None
        transaction.apply(Change(frozenset(), _record(iris, told, author, reason)))
        transaction.annotate = partial(warnings_change, iris)
    release = transaction.release
    assert release is not None  # the record is new, so there is a change
    removed, added = release.changes.get(iris.graph(told.dataset).value, (0, 0))
    return Withdrawal(told.dataset, told.batch, told.state, release.id, restored, removed, added)


def _demand_free(told: Told, found: list[Told]) -> None:
    """Raise `BuiltUpon` where another batch corrects rows of this one and is not withdrawn."""
    for other in found:
        builds = (other.dataset, other.corrects) == (told.dataset, told.batch)
        if builds and other.state is not State.withdrawn:
            raise BuiltUpon(
                f"The batch {other.batch} holds rows of {told.batch}, some of them corrected.",
                place=f"{told.dataset}/{told.batch}",
                remedy=f"Withdraw {other.dataset}/{other.batch} first.",
            )


def _replaced(iris: Iris, dataset: str, found: list[Told]) -> set[NamedNode]:
    """Return the ingests that a dataset may be given back to: replaced, and not withdrawn."""
    return {
        activity_iri(iris, dataset, told.batch)
        for told in found
        if told.dataset == dataset and told.state is State.replaced
    }


@dataclass(frozen=True)
class _Work:
    """A transaction that gives a dataset back what it held before."""

    releases: ReleaseStore
    transaction: Transaction
    iris: Iris
    folder: Path

    def take_back(self, told: Told, replaced: set[NamedNode]) -> str | None:
        """Make the dataset as it was before; return the batch that it was made from then.

        That is the last one of the `replaced`, and the dataset is left empty where there is none.
        Raises `NoCommonHistory`.
        """
        before = self._before(told, replaced) if replaced else None
        graph = self.iris.graph(told.dataset)
        target = self.folder / "before.nt"
        with target.open("wb") as file:
            for lines in self._content(graph, before) if before else ():
                file.writelines(lines)
        store = self.transaction.store
        old = described(store, self.iris, told.dataset)
        new = self._description(told.dataset, before) if before else frozenset()
        self.transaction.apply(Change(old - new, new))
        made = generator(store, self.iris, told.dataset)
        self.transaction.replace_graph(graph, target)
        return made.value.rpartition("-")[2] if made else None

    def _before(self, told: Told, replaced: set[NamedNode]) -> Release | None:
        """Return the last release in which the dataset was made from one of the `replaced`."""
        graph, provenance = self.iris.graph(told.dataset), self.iris.graph(PROVENANCE)
        known = set(self.releases.ids())
        release = self.releases.current()
        while release and release.parent:
            if release.parent not in known:
                raise NoCommonHistory(
                    f"Release {release.parent}, from which release {release.id} was made, is not"
                    " there, so what the dataset held before is not known.",
                    place=f"{told.dataset}/{told.batch}",
                    remedy="Put the release back from a backup (`vises releases restore`), or"
                    " ingest what the dataset is to hold.",
                )
            parent = self.releases.get(release.parent)
            if provenance.value in release.changes and self._maker(graph, release) in replaced:
                return parent
            release = parent
        return None

    def _maker(self, graph: NamedNode, release: Release) -> NamedNode | None:
        """Return the ingest that made a dataset before a release, if its change names another."""
        start = f"{graph} {GENERATED_BY} ".encode()
        for kind, lines in read_patch(self.releases.change(release.id)):
            found = [x for x in lines if x.startswith(start)] if kind == DELETE else []
            for quad in parse(b"".join(found), RdfFormat.N_QUADS):
                assert isinstance(quad.object, NamedNode)
                return quad.object
        return None

    def _content(self, graph: NamedNode, before: Release) -> Iterator[list[bytes]]:
        """Yield what a graph held in an earlier release, as N-Triples.

        It is what the graph holds now with all changes since undone, out of core.
        """
        now = ((ADD, lines) for lines in graph_lines(self.transaction.store, graph))
        current = self.releases.current()
        assert current is not None
        undone = self._undone(graph, before, current)
        size = current.counts.get(graph.value, 0) + before.counts.get(graph.value, 0)
        end = f" {graph} .\n".encode()
        for difference in net_effect(chain(now, undone), size, self.folder):
            yield [line.removesuffix(end) + b" .\n" for line in difference.added]

    def _undone(self, graph: NamedNode, before: Release, current: Release) -> Iterator[Operation]:
        """Yield what leads from a graph as it is now back to what it was."""
        end = f" {graph} .\n".encode()
        for difference in self.releases.differences(before.id, current.id):
            yield DELETE, [line for line in difference.added if line.endswith(end)]
            yield ADD, [line for line in difference.removed if line.endswith(end)]

    def _description(self, dataset: str, before: Release) -> frozenset[Quad]:
        """Return what provenance said of the dataset in an earlier release."""
        provenance = self.iris.graph(PROVENANCE)
        store = Store()
        for lines in self._content(provenance, before):
            store.bulk_load(b"".join(lines), format=RdfFormat.N_TRIPLES, to_graph=provenance)
        modified = Quad(
            self.iris.graph(dataset),
            term("dcterms:modified"),
            date_time(datetime.now(UTC)),
            provenance,
        )
        said = described(store, self.iris, dataset)
        return frozenset({q for q in said if q.predicate != modified.predicate} | {modified})


def _record(iris: Iris, told: Told, author: str, reason: str) -> frozenset[Quad]:
    """Return the statements that what the batch made is invalid, by whom and why (PROV-O, 3.2)."""
    graph, now = iris.graph(PROVENANCE), datetime.now(UTC)
    held = batch_iri(iris, told.dataset, told.batch)
    activity = iris.of(f"activity/withdrawal-{told.dataset}-{told.batch}-{int(now.timestamp())}")
    moment = date_time(now)
    statements: list[tuple[NamedNode, str, NamedNode | Literal]] = [
        (held, "rdf:type", term("prov:Entity")),
        (held, "prov:specializationOf", iris.graph(told.dataset)),
        (held, "prov:wasGeneratedBy", activity_iri(iris, told.dataset, told.batch)),
        (held, "prov:invalidatedAtTime", moment),
        (held, "prov:wasInvalidatedBy", activity),
        (activity, "rdf:type", term("prov:Activity")),
        (activity, "prov:startedAtTime", moment),
        (activity, "prov:endedAtTime", moment),
        (activity, "dcterms:creator", Literal(author)),
        *([(activity, "dcterms:description", Literal(reason))] if reason else []),
    ]
    return frozenset(Quad(s, term(name), o, graph) for s, name, o in statements)
