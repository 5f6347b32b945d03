"""Writing a graph (Graph Store HTTP Protocol, sections 5.3 to 5.5 and 5.7)."""

from __future__ import annotations

import asyncio
import shutil
from typing import TYPE_CHECKING
from urllib.parse import quote

from pyoxigraph import Quad, RdfFormat, parse
from starlette.responses import Response

from vises.errors import sentence
from vises.service.bodies import body, media_type, text, unsupported
from vises.service.graphstore.payload import read_payload
from vises.service.graphstore.state import GraphWatch
from vises.service.graphstore.target import GRAPHS, new_graph
from vises.service.headers import ANY_ORIGIN
from vises.service.sparql.protocol import MOST_UPDATE_BYTES, UPDATE, Update
from vises.store.transaction import Change
from vises.store.update.request import MOST_CHANGED, UpdateTooLarge

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from pyoxigraph import NamedNode
    from starlette.requests import Request

    from vises.service.access.rights import Rights
    from vises.service.site import Site
    from vises.service.sparql.update import Updates
    from vises.service.writing import Writing
    from vises.store.record import Release
    from vises.store.transaction import Transaction
    from vises.store.update.evaluator import Payload

_SEVERAL = sentence("updates-or-put", "Send several updates, or replace the graph with PUT.")


class GraphChanges:
    """Makes PUT, POST, DELETE and PATCH; every one that is accepted is in a release."""

    def __init__(self, site: Site, writing: Writing, updates: Updates) -> None:
        """Take the site, what publishes, and what makes updates."""
        self._site = site
        self._writing = writing
        self._updates = updates

    async def put(self, request: Request, graph: NamedNode) -> Response:
        """Make the graph hold what the body says, and nothing else.

        Raises, as the other methods do, `TokenNeeded`, `WriteForbidden`, `PreconditionFailed`,
        what `read_payload` does and what `Writing.publish` does.
        """
        rights, watch = self._begun(request, graph)
        async with self._writing.workplace() as place:
            payloads = await self._payloads(request, graph, place)
            whole = place / "whole.nt"
            await asyncio.to_thread(_join, payloads, whole)
            release = await self._publish(
                rights, watch, f"PUT {graph}", lambda t: t.replace_graph(graph, whole)
            )
        return _answered(request, watch, release, tagged=False)

    async def post(self, request: Request, graph: NamedNode | None) -> Response:
        """Add what the body says to the graph; without one, to a new graph."""
        new = new_graph(request.headers.get("slug"), self._site.settings.base_iri)
        rights, watch = self._begun(request, graph or new)
        if graph is None:
            watch.if_none_match = "*"
        async with self._writing.workplace() as place:
            payloads = await self._payloads(request, graph or new, place)
            change = await asyncio.to_thread(_addition, payloads, graph or new)
        release = await self._publish(
            rights, watch, f"POST {graph or new}", lambda t: t.apply(change)
        )
        answer = _answered(request, watch, release, tagged=watch.existed)
        if graph is None:
            answer.headers["Location"] = new.value
        return answer

    async def delete(self, request: Request, graph: NamedNode) -> Response:
        """Remove the graph. Raises `NoSuchGraph`."""
        rights, watch = self._begun(request, graph, must_exist=True)
        async with self._writing.workplace() as place:
            nothing = place / "nothing.nt"
            nothing.touch()
            release = await self._publish(
                rights, watch, f"DELETE {graph}", lambda t: t.replace_graph(graph, nothing)
            )
        return _answered(request, watch, release)

    async def patch(self, request: Request, graph: NamedNode) -> Response:
        """Make an update of this graph alone: its default graph, and what its IRIs are relative to.

        Raises `OutsideGraph` where it changes another one, and what `Updates.make` does.
        """
        rights, watch = self._begun(request, graph)
        found = media_type(request.headers.get("content-type"))
        if found != UPDATE:
            raise unsupported(found, [UPDATE])
        update = Update(
            text(await body(request, MOST_UPDATE_BYTES, _SEVERAL), "body"),
            using_graphs=(graph.value,),
            insert_graph=graph.value,
            remove_graph=graph.value,
            base_iri=graph.value,
        )
        return _answered(request, watch, await self._updates.make(update, rights, watch))

    def _begun(
        self, request: Request, graph: NamedNode, *, must_exist: bool = False
    ) -> tuple[Rights, GraphWatch]:
        """Check what can be checked before the body is read."""
        rights = self._site.access.of(request.scope)
        rights.demand_token(
            sentence("writing-a-graph-needs", "Writing to a graph needs an access token.")
        )
        rights.demand_write(graph.value)
        watch = GraphWatch.of(request, graph.value, rights, must_exist=must_exist)
        watch.check(self._site.release().digests.get(graph.value))
        return rights, watch

    async def _payloads(self, request: Request, graph: NamedNode, place: Path) -> Sequence[Payload]:
        return await read_payload(
            request,
            self._writing.evaluator,
            place,
            base_iri=graph.value,
            most=self._site.settings.upload_mebibytes << 20,
        )

    async def _publish(
        self,
        rights: Rights,
        watch: GraphWatch,
        message: str,
        change: Callable[[Transaction], None],
    ) -> Release:
        def work(transaction: Transaction) -> None:
            watch.before(transaction)
            self._writing.demand(transaction, [watch.graph])
            change(transaction)
            watch.after(transaction)

        return await self._writing.publish(work, rights, message)


def _answered(
    request: Request, watch: GraphWatch, release: Release, *, tagged: bool = True
) -> Response:
    """Return 201 for a graph that is there since now, 204 for another one.

    It is not `tagged` where the client could take the tag for that of the bytes it sent: they are
    parsed, and are read in other bytes (RFC 9110, section 9.3.4).
    """
    headers = {**ANY_ORIGIN, "X-Release": release.id}
    if tagged and watch.tag is not None and not watch.hidden:
        headers["ETag"] = watch.tag
    if watch.existed or watch.tag is None:
        return Response(status_code=204, headers=headers)
    headers["Location"] = str(
        request.url.replace(path=GRAPHS, query=f"graph={quote(watch.graph, safe='')}")
    )
    return Response(status_code=201, headers=headers)


def _join(payloads: Sequence[Payload], whole: Path) -> None:
    """Put the files of payloads behind each other."""
    with whole.open("wb") as joined:
        for payload in payloads:
            with payload.triples.open("rb") as file:
                shutil.copyfileobj(file, joined)


def _addition(payloads: Sequence[Payload], graph: NamedNode) -> Change:
    if sum(payload.count for payload in payloads) > MOST_CHANGED:
        raise UpdateTooLarge(
            sentence(
                "post-adds", "POST adds at most {most:,} statements at once.", most=MOST_CHANGED
            ),
            remedy=sentence(
                "several-or-put", "Send them in several requests, or replace the graph with PUT."
            ),
        )
    added = (
        Quad(quad.subject, quad.predicate, quad.object, graph)
        for payload in payloads
        for quad in parse(path=payload.triples, format=RdfFormat.N_TRIPLES)
    )
    return Change(frozenset(), frozenset(added))
