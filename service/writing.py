"""Publishing what is written over HTTP: one place for updates and for the graph store."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

from vises.errors import TRY_LATER, Unavailable, sentence
from vises.service.access.managed import demand_unmanaged
from vises.service.access.reported import readable_part
from vises.service.sentences import TELL_OPERATOR
from vises.store.canonical import UnreadableTriples
from vises.store.files import DataFolderError
from vises.store.folder import StoreDamaged
from vises.store.group import GroupCommit
from vises.store.lock import StoreBusy
from vises.store.patch import PatchDamaged
from vises.store.transaction import ChangeRefused, NotApplied
from vises.store.update.evaluator import Evaluator
from vises.store.update.workplace import sweep_workplaces, workplace
from vises.validation.report import Report

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator
    from pathlib import Path

    from vises.service.access.rights import Rights
    from vises.service.site import Site
    from vises.store.group import Work
    from vises.store.record import Release
    from vises.store.transaction import Candidate, Gate, Transaction, Verdict

_log = logging.getLogger(__name__)

_PROCESSES = 2
"""How many updates and bodies are worked on at once: a slow one does not stop the others."""


class NotStarted(Unavailable):
    """The service is not running."""

    kind = "not-started"
    title = "The service is not running"


class WriterBusy(Unavailable):
    """Another change is being made."""

    kind = "writer-busy"
    title = "Another change is being made"
    retry_after = 5


class WriteFailed(Unavailable):
    """The machine or the data folder does not allow it; the log says more."""

    kind = "write-failed"
    title = "The change could not be written"


class Overtaken(NotApplied):
    """What an update read was changed by another one meanwhile."""

    kind = "overtaken"
    title = "Others change the same data"
    status = 503
    retry_after = 5


class Writing:
    """What turns requests into releases, from the start of the service to its end.

    Changes that arrive together are published together (`vises.store.group`), beside other
    processes that write; the evaluator does what takes long before that.
    """

    def __init__(self, site: Site, gate: Callable[[], Gate]) -> None:
        """Take the site, and what makes the gate that every change goes through."""
        self.evaluator = Evaluator(
            site.releases,
            size=_PROCESSES,
            seconds=site.settings.query_seconds,
            mebibytes=site.settings.worker_mebibytes,
        )
        self._site = site
        self._gate = gate
        self._group: GroupCommit | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Take changes within the block; at its end publish those that wait."""
        await asyncio.to_thread(sweep_workplaces, self._site.settings.data)
        self._group = GroupCommit(self._site.releases, _Late(self._gate))
        try:
            yield
        finally:
            await asyncio.to_thread(self._group.close)
            await self.evaluator.close()

    @asynccontextmanager
    async def workplace(self) -> AsyncIterator[Path]:
        """Give a folder for what one request is working on. Raises `WriteFailed`."""
        with _kept_inside(), workplace(self._site.settings.data) as place:
            yield place

    async def publish(self, work: Work, rights: Rights, message: str) -> Release:
        """Publish what some work does to a transaction; return the release that has it.

        That is the current one where nothing changed. Once this is called the change is made, also
        where the client leaves. Raises what the work does, `NotStarted`, `ChangeRefused` with a
        report that tells nothing of what is hidden, `UnreadableTriples`, `WriterBusy` and
        `WriteFailed`.
        """
        if self._group is None:
            raise NotStarted(
                sentence("no-changes-yet", "No changes are taken yet."), remedy=TRY_LATER
            )
        author = rights.holder or ""
        future = self._group.submit(work, author=author, message=message)
        with _kept_inside():
            try:
                release = await asyncio.shield(asyncio.wrap_future(future))
            except ChangeRefused as refusal:
                if not rights.hidden or not isinstance(refusal.verdict, Report):
                    raise
                raise await asyncio.to_thread(self._readable, refusal.verdict, rights) from refusal
        return release or self._site.release()

    def _readable(self, report: Report, rights: Rights) -> ChangeRefused:
        """Return the refusal as it is told to those who may not read everything."""
        with self._site.releases.open(self._site.release().id) as store:
            return ChangeRefused(readable_part(report, store, rights.hidden))

    def demand(self, transaction: Transaction, graphs: Iterable[str]) -> None:
        """Raise `WriteForbidden` for a graph that is not written over HTTP."""
        demand_unmanaged(transaction.store, self._site.settings.base_iri, graphs)


def demand_same(transaction: Transaction, base: Release, graphs: Collection[str] | None) -> None:
    """Raise `Overtaken` where graphs (None: any) are not as they were in a release."""
    now = transaction.digests
    names = {*now, *base.digests} if graphs is None else graphs
    if any(now.get(name) != base.digests.get(name) for name in names):
        raise Overtaken(
            sentence(
                "read-changed", "What the update read was changed by others, again and again."
            ),
            remedy=TRY_LATER,
        )


@contextmanager
def _kept_inside() -> Iterator[None]:
    """Keep from clients where the data lies and which processes there are; the log has it."""
    try:
        yield
    except StoreBusy as error:
        _log.warning("%s", error)
        raise WriterBusy(
            sentence("other-change", "Another change takes long, and this one was not made."),
            remedy=TRY_LATER,
        ) from error
    except UnreadableTriples as error:
        raise UnreadableTriples(error.detail, place="body", remedy=error.remedy) from error
    except (DataFolderError, StoreDamaged, PatchDamaged, OSError) as error:
        _log.error("the data folder could not be written: %s", error)
        raise WriteFailed(
            sentence("not-written", "The data folder could not be written; nothing was changed."),
            remedy=TELL_OPERATOR,
        ) from error


class _Late:
    """A gate that is made when the first change comes."""

    def __init__(self, make: Callable[[], Gate]) -> None:
        self._make = make
        self._made: Gate | None = None

    def __call__(self, candidate: Candidate) -> Verdict:
        if self._made is None:
            self._made = self._make()
        return self._made(candidate)
