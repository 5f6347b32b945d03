"""Taking a delivery: kept on disk, judged in a sealed process, published through the gate."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from vises.errors import sentence
from vises.ingest.partners.delivery import CIDS
from vises.service.bodies import media_type, spool, unsupported
from vises.service.formats import GRAPH_TYPES, syntax_of
from vises.service.graphstore.state import GraphWatch
from vises.service.inbox import SHAPES
from vises.service.inbox.errors import StaleDelivery
from vises.service.inbox.ledger import KEPT, PUBLISHED, REFUSED, UNCHANGED, Record
from vises.service.inbox.work import AS_CIDS, TAKEN, TOLD, TRIPLES, InboxWork, summary_of
from vises.service.inbox.work import REFUSED as REFUSED_REPORT
from vises.service.judging.judges import Judges
from vises.service.judging.work import FORMS
from vises.service.judging.written import write_report
from vises.store.sums import digest as file_digest
from vises.store.transaction import ChangeRefused
from vises.validation.report import Report
from vises.validation.summary import SUMMARY

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request

    from vises.service.access.rights import Rights
    from vises.service.inbox.partner import Partner
    from vises.service.site import Site
    from vises.service.writing import Writing
    from vises.store.accounts import Accounts
    from vises.store.transaction import Transaction

MODULE = "vises.service.inbox.worker"
MOST_RESULTS = 10_000
TYPES = (GRAPH_TYPES["jsonld"], *(t for t in GRAPH_TYPES.values() if t != GRAPH_TYPES["jsonld"]))
"""The media types that a delivery may have, the preferred one first."""

_PROCESSES = 2
_VISES = {PUBLISHED: TRIPLES}
_SPLIT = sentence(
    "send-less-or-ingest", "Send less at once, or have it ingested on the machine of the service."
)


class Deliveries:
    """Takes the deliveries of all partners."""

    def __init__(self, site: Site, writing: Writing, accounts: Accounts | None) -> None:
        """Take the site, what publishes, and the accounts of clients."""
        settings = site.settings
        self._site = site
        self._writing = writing
        self._judges = Judges(
            size=_PROCESSES,
            seconds=settings.query_seconds,
            mebibytes=settings.worker_mebibytes,
            accounts=accounts,
            module=MODULE,
        )

    async def close(self) -> None:
        """End the processes."""
        await self._judges.close()

    async def take(self, request: Request, partner: Partner) -> Record:
        """Take the delivery that a request is; return what became of it.

        The delivery is the whole graph of the partner: it replaces what was there. CIDS data that
        the gate refuses in VISES terms is published in its own. Raises
        `TokenNeeded`, `WriteForbidden`, `PreconditionFailed`, `StaleDelivery`, what
        `vises.service.bodies.spool` raises, `UnsupportedMediaType`, what `Judges.judge` and
        `judge_delivery` raise, and what `Writing.publish` does but `ChangeRefused`.
        """
        graph = partner.graph.value
        rights = self._site.access.of(request.scope)
        rights.demand_token(
            sentence("delivering-needs", "Delivering to an inbox needs an access token.")
        )
        rights.demand_write(graph)
        form = _form(request)
        watch = GraphWatch.of(request, graph, rights)
        watch.check(self._site.release().digests.get(graph))
        async with self._writing.workplace() as place:
            body = place / "body"
            await spool(request, body, self._site.settings.upload_mebibytes << 20, _SPLIT)
            digest = await asyncio.to_thread(file_digest, body)
            if known := await asyncio.to_thread(self._known, partner, digest, watch):
                return known
            folder = place / "judged"
            folder.mkdir()
            await self._judges.judge(self._work(body, form, partner, folder))
            return await self._published(partner, watch, rights, digest, folder)

    def _known(self, partner: Partner, digest: str, watch: GraphWatch) -> Record | None:
        """Return the record of a body that is what the graph holds, None for one to be judged.

        Raises `StaleDelivery` for one that came before, unless the request names the state that it
        is to replace.
        """
        taken = [record for record in partner.ledger.records() if record.taken]
        state = self._site.release().digests.get(watch.graph)
        held = next((r for r in taken if (r.sha256, r.state) == (digest, state)), None)
        if held is not None:
            return replace(held, outcome=UNCHANGED) if partner.ledger.report(held.id) else None
        if watch.if_match is None and digest in {record.sha256 for record in taken[1:]}:
            raise StaleDelivery(
                sentence("body-before", "The same body came before, and another one after it."),
                place="body",
                remedy=sentence(
                    "go-back",
                    "To go back to it all the same, send If-Match with the ETag that"
                    " GET {path} gives.",
                    path=partner.path,
                ),
            )
        return None

    def _work(self, body: Path, form: str, partner: Partner, folder: Path) -> InboxWork:
        settings = self._site.settings
        return InboxWork(
            path=str(body),
            media_type=form,
            graph=partner.graph.value,
            base_iri=settings.base_iri,
            day=datetime.now(UTC).date().isoformat(),
            shapes=str(settings.data / SHAPES),
            folder=str(folder),
        )

    async def _published(
        self, partner: Partner, watch: GraphWatch, rights: Rights, digest: str, folder: Path
    ) -> Record:
        """Publish what was judged, as far as the document and the gate allow; remember it."""
        told = json.loads(await asyncio.to_thread((folder / TOLD).read_bytes))
        forms = {PUBLISHED: TRIPLES, KEPT: AS_CIDS} if told["vocabulary"] == CIDS else _VISES
        report = folder / REFUSED_REPORT
        taken, head = None, told["refused"]
        for outcome, file in forms.items() if told["readable"] else ():
            try:
                taken = await self._replaced(partner, watch, rights, folder / file)
            except ChangeRefused as refusal:
                head = await asyncio.to_thread(_rewrite, report, refusal)
                continue
            if outcome == PUBLISHED:
                report, head = folder / TAKEN, told["taken"]
            break
        else:
            outcome = REFUSED
        if taken and taken.same:
            outcome = UNCHANGED
        now = datetime.now(UTC)
        record = Record(
            id=await asyncio.to_thread(partner.ledger.new_id, now),
            received=now.isoformat(timespec="seconds"),
            sha256=digest,
            outcome=outcome,
            release=taken.release if taken else "",
            state=taken.state if taken else "",
            vocabulary=told["vocabulary"],
            tiers=tuple(told["tiers"]),
            head=head,
        )
        await asyncio.to_thread(partner.ledger.keep, record, report)
        return record

    async def _replaced(
        self, partner: Partner, watch: GraphWatch, rights: Rights, triples: Path
    ) -> _Taken:
        """Publish a file as the graph of a partner. Raises what `Writing.publish` does."""
        states: list[str] = []

        def work(transaction: Transaction) -> None:
            watch.before(transaction)
            self._writing.demand(transaction, [watch.graph])
            states[:] = [transaction.digests.get(watch.graph, "")]
            transaction.replace_graph(partner.graph, triples)
            states.append(transaction.digests.get(watch.graph, ""))

        release = await self._writing.publish(work, rights, f"inbox {partner.name}")
        return _Taken(release.id, states[1], same=states[0] == states[1])


@dataclass(frozen=True)
class _Taken:
    """The release that has a delivery, the digest of the graph, and whether it was so before."""

    release: str
    state: str
    same: bool


def _rewrite(folder: Path, refusal: ChangeRefused) -> dict[str, Any]:
    """Put the verdict of the gate in the place of a report; return its head. Raises `OSError`."""
    verdict = refusal.verdict
    assert isinstance(verdict, Report)
    whole = verdict.complete and len(verdict.results) <= MOST_RESULTS
    report = Report(verdict.results[:MOST_RESULTS], whole, verdict.notes)
    write_report(folder, report, FORMS)
    (folder / SUMMARY).write_text(summary_of(report), encoding="utf-8")
    return report.head()


def _form(request: Request) -> str:
    found = media_type(request.headers.get("content-type"))
    if found == "application/json":
        return GRAPH_TYPES["jsonld"]
    known = syntax_of(found)
    if known not in TYPES:
        raise unsupported(found, TYPES)
    return known
