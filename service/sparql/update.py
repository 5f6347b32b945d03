"""Updates over HTTP (SPARQL 1.1 Protocol, section 2.2)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from starlette.responses import Response

from vises.errors import sentence
from vises.service.headers import ANY_ORIGIN
from vises.service.preconditions import ANYTHING, NotMatched
from vises.service.writing import Overtaken, demand_same
from vises.store.releases import WAIT_SECONDS
from vises.store.transaction import named_graphs
from vises.store.turns import turn
from vises.store.update.request import UpdateRequest

if TYPE_CHECKING:
    from collections.abc import Collection

    from starlette.requests import Request

    from vises.service.access.rights import Rights
    from vises.service.site import Site
    from vises.service.sparql.protocol import Update
    from vises.service.writing import Writing
    from vises.store.record import Release
    from vises.store.transaction import Transaction
    from vises.store.update.evaluator import Evaluated

MOST_TRIES = 8
"""How often an update is evaluated when others change what it read."""

_MESSAGE_WIDTH = 80


class Watch(Protocol):
    """What is looked at in the transaction, before and after the change."""

    def allow(self, graphs: Collection[str]) -> None:
        """Raise an error where the update may not change these graphs."""

    def before(self, transaction: Transaction) -> None:
        """Raise `NotApplied` where the change may not be made."""

    def after(self, transaction: Transaction) -> None:
        """Note what the change made of the data."""


class Updates:
    """Makes updates; every one that is accepted is in a release.

    An update that reads is made after those before it, each on what the last one left, so that
    they do not overtake each other; one that only says what to add and to remove is made at once,
    together with others.
    """

    def __init__(self, site: Site, writing: Writing) -> None:
        """Take the site, and what publishes."""
        self._site = site
        self._writing = writing
        self._order = asyncio.Lock()

    async def answer(self, request: Request, update: Update) -> Response:
        """Make an update and answer 204.

        Raises as `make` does, `TokenNeeded`, and `NotMatched` where a tag is to be matched: only
        graphs have one (RFC 9110, section 13.1.1).
        """
        rights = self._site.access.of(request.scope)
        rights.demand_token(sentence("update-needs", "An update needs an access token."))
        if request.headers.get("if-match", ANYTHING).strip() != ANYTHING:
            raise NotMatched(
                sentence("update-no-tag", "What an update changes has no tag as a whole."),
                place="header If-Match",
                remedy=sentence(
                    "patch-has-tag", "Send it with PATCH to its graph (/graphs), which has a tag."
                ),
            )
        release = await self.make(update, rights)
        return Response(status_code=204, headers={**ANY_ORIGIN, "X-Release": release.id})

    async def make(self, update: Update, rights: Rights, watch: Watch | None = None) -> Release:
        """Make an update; return the release that has it.

        Raises what `Evaluator.update` and `Writing.publish` do, `WriteForbidden`, `Overtaken`, and
        what `watch` does.
        """
        base, evaluated = await self._evaluated(update, rights)
        if evaluated.reads is not None and not evaluated.reads:
            return await self._published(update, rights, base, evaluated, watch)
        late = sentence(
            "change-late", "Other updates are being made, and a change among them takes long."
        )
        async with turn(self._order, WAIT_SECONDS, late):
            overtaken = None
            for _ in range(MOST_TRIES):
                if self._site.release().id != base.id:
                    base, evaluated = await self._evaluated(update, rights)
                try:
                    return await self._published(update, rights, base, evaluated, watch)
                except Overtaken as error:
                    overtaken = error
            assert overtaken is not None
            raise overtaken

    async def _evaluated(self, update: Update, rights: Rights) -> tuple[Release, Evaluated]:
        base = self._site.release()
        request = UpdateRequest(
            update=update.text,
            base_iri=update.base_iri or self._site.settings.base_iri,
            hidden_graphs=rights.hidden_graphs,
            using_graphs=update.using_graphs,
            using_named_graphs=update.using_named_graphs,
            insert_graph=update.insert_graph,
            remove_graph=update.remove_graph,
        )
        async with self._writing.workplace() as place:
            return base, await self._writing.evaluator.update(request, base.id, place)

    async def _published(
        self,
        update: Update,
        rights: Rights,
        base: Release,
        evaluated: Evaluated,
        watch: Watch | None,
    ) -> Release:
        graphs = sorted(graph.value for graph in named_graphs(evaluated.change))
        for graph in graphs:
            rights.demand_write(graph)
        if watch is not None:
            watch.allow(graphs)

        def work(transaction: Transaction) -> None:
            demand_same(transaction, base, evaluated.reads)
            if watch is not None:
                watch.before(transaction)
            self._writing.demand(transaction, graphs)
            transaction.apply(evaluated.change)
            if watch is not None:
                watch.after(transaction)

        return await self._writing.publish(work, rights, _message(update.text))


def _message(update: str) -> str:
    """Return what the release says of an update: the beginning of its text, on one line."""
    text = " ".join(update[: 10 * _MESSAGE_WIDTH].split())
    shown = text if len(text) <= _MESSAGE_WIDTH else f"{text[:_MESSAGE_WIDTH]} ..."
    return f"SPARQL Update: {shown}"
