"""`/inbox/{partner}`: a delivery (POST), the state of a partner (GET), and the reports.

A partner finds its inbox by the Link header of its page (Linked Data Notifications, section 3.1);
a delivery that is published is answered as a notification is, 201 with its address (section 3.2).
"""

from __future__ import annotations

import asyncio
import json
from http import HTTPStatus
from typing import TYPE_CHECKING

from fastapi import APIRouter
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response

from vises.errors import sentence
from vises.service import render
from vises.service.formats import HTML, content_type
from vises.service.graphstore.state import state_tag
from vises.service.headers import ANY_ORIGIN, preflight
from vises.service.inbox.delivering import TYPES, Deliveries
from vises.service.inbox.errors import NoSuchDelivery
from vises.service.inbox.ledger import KEPT, PUBLISHED, REFUSED, TEXTS
from vises.service.inbox.partner import PATH, demand_known, partner_of
from vises.service.iris import in_release
from vises.service.judging.forms import report_type
from vises.service.judging.page import read_summary, report_page
from vises.service.judging.work import JSON
from vises.service.judging.written import in_form
from vises.service.language import chosen_language, language
from vises.service.negotiation import best_media_type
from vises.service.public import origin_of
from vises.service.sentences import lists
from vises.service.texts import texts
from vises.validation.summary import SUMMARY

if TYPE_CHECKING:
    from vises.service.inbox.ledger import Record
    from vises.service.inbox.partner import Partner
    from vises.service.pages.maker import PageMaker
    from vises.service.writing import Writing
    from vises.store.accounts import Accounts

ALLOWED = "GET, HEAD, POST, OPTIONS"
INBOX = "http://www.w3.org/ns/ldp#inbox"
MOST_SHOWN = 10
"""How many deliveries the page of a partner lists."""

_PRIVATE = {"Cache-Control": "private, no-store", "Vary": "Accept, Accept-Language, Authorization"}


def described(request: Request) -> Response:
    """Lead to the description of all inboxes: which there are is for their partners to know."""
    address = in_release("/api", None, chosen_language(request))
    return RedirectResponse(address, HTTPStatus.SEE_OTHER, headers=ANY_ORIGIN)


class Inbox:
    """Answers the requests for inboxes."""

    def __init__(self, maker: PageMaker, writing: Writing, accounts: Accounts | None) -> None:
        """Take what makes pages, what publishes, and the accounts of clients."""
        self._maker = maker
        self._site = maker.site
        self._deliveries = Deliveries(maker.site, writing, accounts)

    async def close(self) -> None:
        """End the processes that judge."""
        await self._deliveries.close()

    def router(self) -> APIRouter:
        """Return the routes."""
        routes = APIRouter()
        routes.add_api_route(PATH, described, methods=["GET", "HEAD"])
        routes.add_api_route(f"{PATH}/{{name}}", self.answer, methods=ALLOWED.split(", "))
        report = f"{PATH}/{{name}}/deliveries/{{delivery}}"
        routes.add_api_route(report, self.report, methods=["GET", "HEAD"])
        return routes

    async def answer(self, request: Request, name: str) -> Response:
        """Return the state of a partner, or what became of a delivery.

        Raises `NoSuchPartner`, `NotAcceptable`, and what `Deliveries.take` does.
        """
        partner = partner_of(name, self._site)
        if request.method == "OPTIONS":
            taken = {"Accept-Post": ", ".join(TYPES)}
            return Response(status_code=204, headers={**preflight(ALLOWED), **taken})
        if request.method != "POST":
            return await self._state(request, partner)
        wanted = report_type(request)
        try:
            record = await self._deliveries.take(request, partner)
        except ClientDisconnect:
            return Response(status_code=204)
        status = {PUBLISHED: 201, KEPT: 201, REFUSED: 422}.get(record.outcome, 200)
        return await self._told(request, partner, record, wanted, status)

    async def report(self, request: Request, name: str, delivery: str) -> Response:
        """Return the report on a delivery, to who may deliver.

        Raises `TokenNeeded`, `WriteForbidden`, `NoSuchPartner`, `NoSuchDelivery`, `NotAcceptable`.
        """
        partner = partner_of(name, self._site)
        self._site.access.of(request.scope).demand_write(partner.graph.value)
        records = await asyncio.to_thread(partner.ledger.records)
        record = next((record for record in records if record.id == delivery), None)
        if record is None:
            raise NoSuchDelivery(
                sentence("no-delivery", "No delivery has this name."),
                remedy=lists(partner.path),
            )
        return await self._told(request, partner, record, report_type(request), 200)

    async def _state(self, request: Request, partner: Partner) -> Response:
        rights = self._site.access.of(request.scope)
        release = self._site.release()
        graph = partner.graph.value
        state = release.digests.get(graph)
        demand_known(partner, rights, state)
        hidden = graph in rights.hidden
        current = await asyncio.to_thread(partner.current, state)
        records = await asyncio.to_thread(partner.ledger.records)
        told = {
            "partner": partner.name,
            "graph": graph,
            "release": release.id,
            "statements": None if hidden else release.counts.get(graph, 0),
            "tiers": list(current.tiers) if current else [],
            "deliveries": [
                _summed(partner, record)
                for record in records[:MOST_SHOWN]
                if rights.may_write(graph)
            ],
        }
        headers = {**self._headers(partner), "X-Release": release.id}
        if state is not None and not hidden:
            headers["ETag"] = state_tag(graph, state)
        if best_media_type(request.headers.get("accept"), [JSON, HTML]) == HTML:
            address = f"{origin_of(request)}{partner.path}"
            context = {"told": told, "address": address, "types": TYPES, "outcomes": TEXTS}
            return render.page(request, "inbox.html", context, headers=headers)
        return _json(told, 200, headers)

    async def _told(
        self, request: Request, partner: Partner, record: Record, wanted: str, status: int
    ) -> Response:
        """Return the report on a delivery in the form that is wanted."""
        folder = await asyncio.to_thread(partner.ledger.report, record.id)
        if folder is None:
            raise NoSuchDelivery(
                sentence("report-unkept", "The report on this delivery is not kept any more."),
                remedy=sentence(
                    "deliver-again", "Deliver again, or have the data judged at /validate."
                ),
            )
        headers = self._headers(partner)
        headers["Location"] = f"{partner.path}/deliveries/{record.id}"
        if record.release:
            headers["X-Release"] = record.release
            if partner.graph.value not in self._site.access.of(request.scope).hidden:
                headers["ETag"] = state_tag(partner.graph.value, record.state)
        if wanted == HTML:
            text = await asyncio.to_thread(read_summary, folder / SUMMARY)
            context = {
                "report": await report_page(text, request, self._maker, texts(language(request))),
                "told": _summed(partner, record),
                "path": partner.path,
                "outcomes": TEXTS,
            }
            page = render.page(request, "inbox_report.html", context, headers=headers)
            page.status_code = status
            return page
        if wanted == JSON:
            report = await asyncio.to_thread((folder / "report.json").read_text, "utf-8")
            told = _summed(partner, record) | {"report": json.loads(report)}
            return _json(told, status, headers)
        turtle = await asyncio.to_thread((folder / "report.ttl").read_bytes)
        body = await asyncio.to_thread(b"".join, in_form([turtle], wanted))
        return Response(body, status, headers | {"Content-Type": content_type(wanted)})

    def _headers(self, partner: Partner) -> dict[str, str]:
        link = {"Link": f'<{partner.path}>; rel="{INBOX}"'}
        return {**_PRIVATE, **ANY_ORIGIN, **link, "Accept-Post": ", ".join(TYPES)}


def _summed(partner: Partner, record: Record) -> dict[str, object]:
    """Return what is told of a delivery without the results of its report."""
    return {
        "delivery": f"{partner.path}/deliveries/{record.id}",
        "received": record.received,
        "sha256": record.sha256,
        "outcome": record.outcome,
        "release": record.release or None,
        "vocabulary": record.vocabulary,
        "tiers": list(record.tiers),
        "counts": {name: record.head[name] for name in ("violations", "warnings", "infos")},
    }


def _json(told: object, status: int, headers: dict[str, str]) -> Response:
    body = json.dumps(told, ensure_ascii=False)
    return Response(body, status, headers | {"Content-Type": JSON})
