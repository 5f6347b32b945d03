"""What to say of an address of which the release says nothing: gone, or never there."""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from vises.errors import sentence
from vises.namespaces import term
from vises.service.beside import run_beside
from vises.service.graph import Graph
from vises.service.iris import PAGE, in_release, vocabulary_of
from vises.service.memento import http_date
from vises.service.problems import NoSuchPage, NoSuchVersion, Nothing, Suggestion
from vises.store.removals import Removals

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request

    from vises.service.site import Reading, Site
    from vises.store.releases import Release

Suggest = Callable[["Request", "Reading", str], Awaitable[Sequence[Suggestion]]]
"""What finds addresses that may have been meant, from the path of one where there is nothing."""

_WAIT_SECONDS = 5.0
_CHANGES = "/vocabulary/changes"
_MOST_ASKED = 10
"""How many older releases are asked whether they had a thing."""

_log = logging.getLogger(__name__)


class Gone(Nothing):
    """Earlier releases say something about this address, and the one that was asked does not."""

    kind = "gone"
    title = "This is no longer in the data"
    status = 410


async def nobody_suggests(request: Request, reading: Reading, path: str) -> Sequence[Suggestion]:  # noqa: ARG001 (a `Suggest`)
    """Suggest nothing."""
    return ()


class Missing:
    """Tells what is gone from what never was; keeps the index of removals up to date."""

    def __init__(self, site: Site, suggest: Suggest = nobody_suggests) -> None:
        """Take the site, and what suggests other addresses."""
        self._site = site
        self._suggest = suggest
        self._index = site.settings.data / "cache" / "removals.sqlite"
        self._removals = Removals(self._index)
        self._indexing: asyncio.Task[None] | None = None
        self._known: tuple[str, Sequence[Release]] = ("", ())

    def begin(self) -> asyncio.Task[None]:
        """Begin to bring the index up to date, where that is not under way; return the task."""
        if self._indexing is None or self._indexing.done():
            self._indexing = asyncio.create_task(self._bring_up_to_date())
        return self._indexing

    async def close(self) -> None:
        """Stop the work on the index."""
        if self._indexing is not None:
            self._indexing.cancel()
            await asyncio.gather(self._indexing, return_exceptions=True)

    async def error(self, request: Request, reading: Reading, path: str) -> Nothing:
        """Return the error for a path of which a release says nothing.

        That is `Gone` where an earlier one of those that the current one came from did, as far as
        the request may know; its suggestion leads there if that release can still be read.
        """
        iris = self._site.addresses(reading).candidates(path)
        if reading.chosen is None:
            gone = await self._gone(reading, iris, path)
            if gone is not None:
                return gone
        for iri in iris:
            if vocabulary_of(iri.value) not in {None, iri.value}:
                return await self._no_such_version(reading, iri.value, path)
        missing = NoSuchPage(
            sentence("unknown", "The published data say nothing about this address."),
            place=f"/{path}",
            remedy=sentence(
                "check-spelling",
                "Check its spelling, or look for the thing from the home page or with a query.",
            ),
        )
        near = await self._near(reading, path)
        missing.suggestions = [*near, *await self._suggest(request, reading, path)]
        return missing

    async def _no_such_version(self, reading: Reading, iri: str, path: str) -> NoSuchVersion:
        """Return the error for what may name a version of a vocabulary.

        It has the newest release with that version, and names the version that there is.
        """
        whole = NamedNode(iri.rpartition("/")[0])
        addresses = self._site.addresses(reading)
        there = [
            quad.object.value
            for quad in await Graph.of(self._site, reading).about(whole)
            if quad.subject == whole
            and quad.predicate == term("owl:versionIRI")
            and isinstance(quad.object, NamedNode)
        ]
        missing = NoSuchVersion(
            sentence("other-version", "This release holds another version of the vocabulary."),
            place=f"/{path}",
            remedy=sentence(
                "read-version",
                "Read the version that there is. Earlier releases hold earlier versions.",
            ),
        )
        found = [(addresses.href(name), name) for name in [*sorted(there), whole.value]]
        if reading.chosen is None:
            every = await self._releases(reading.current)
            states = self._states(every, self._site.documents[whole.value])
            release = await self._kept(reading, [NamedNode(iri)], states)
            missing.holder = release.id if release else None
        found += [(in_release(_CHANGES, reading.chosen), _CHANGES), ("/releases", "/releases")]
        missing.suggestions = [Suggestion(to, name) for to, name in found if to]
        return missing

    async def _near(self, reading: Reading, path: str) -> list[Suggestion]:
        """Return what there is under almost the same path."""
        collapsed = "/".join(part for part in path.split("/") if part)
        variants = [v for v in dict.fromkeys((collapsed, collapsed.lower())) if v and v != path]
        graph, addresses = Graph.of(self._site, reading), self._site.addresses(reading)
        found = await graph.types([i for v in variants for i in addresses.candidates(v)])
        address = addresses.href(found.iri) if found.iri else None
        return [Suggestion(address, found.iri)] if address else []

    async def _gone(self, reading: Reading, iris: Sequence[NamedNode], path: str) -> Gone | None:
        releases = await self._releases(reading.current)
        graphs = {g for r in releases for g in r.changes} - reading.rights.hidden
        try:
            if await asyncio.to_thread(self._removals.missing, releases):
                await asyncio.wait({self.begin()}, timeout=_WAIT_SECONDS)
            names = [iri.value for iri in iris]
            last = await asyncio.to_thread(self._removals.last_to_remove, names, graphs)
        except sqlite3.Error as error:
            _log.warning("the index of removals cannot be read: %s", error)
            return None
        takers = {last, _emptied(names, graphs, releases)}
        taker = next((r for r in releases if r.id in takers), None)
        if taker is None or taker.parent is None:
            return None
        older = [r for r in releases if int(r.id) <= int(taker.parent)]
        gone = _gone(path, taker, next((r for r in older if r.id == taker.parent), None))
        release = await self._kept(reading, iris, older)
        if release is None:
            gone.remedy = sentence(
                "gone-unkept",
                "That release is not kept any more, nor one before it that knew of this.",
            )
        else:
            address = in_release(f"/{path}.{PAGE}", release.id)
            gone.suggestions = [Suggestion(address, f"{release.id}: /{path}")]
        return gone

    async def _kept(
        self, reading: Reading, iris: Sequence[NamedNode], older: Sequence[Release]
    ) -> Release | None:
        """Return the newest of some releases, newest first, that can be read and has a thing."""
        kept = [r for r in older if not self._site.releases.is_pruned(r.id)]
        for release in kept[:_MOST_ASKED]:
            graph = Graph.of(self._site, replace(reading, release=release))
            if (await graph.types(iris)).iri:
                return release
        return None

    def _states(self, releases: Iterable[Release], graph: str) -> list[Release]:
        """Return, of some releases, the first with each state of a graph that can be read."""
        found: list[Release] = []
        new = True
        for release in releases:
            if new and not self._site.releases.is_pruned(release.id):
                found.append(release)
                new = False
            new = new or graph in release.changes
        return found

    async def _releases(self, current: Release) -> Sequence[Release]:
        """Return the records of all releases, newest first, read once for each current one."""
        known, records = self._known
        if known != current.id or not records:
            records = await asyncio.to_thread(self._site.releases.list)
            self._known = current.id, records
        return records

    async def _bring_up_to_date(self) -> None:
        releases = await self._releases(self._site.release())
        if not await asyncio.to_thread(self._removals.missing, releases):
            return
        await _indexed(self._site.settings.data, self._index)


def _emptied(
    names: Collection[str], graphs: Collection[str], releases: Sequence[Release]
) -> str | None:
    """Return the newest of some releases, newest first, that took all of a named graph away."""
    for taker, before in pairwise(releases):
        for name in names:
            if name in graphs and name in before.counts and name not in taker.counts:
                return taker.id
    return None


def _gone(path: str, taker: Release, known: Release | None) -> Gone:
    """Return the error for what a release took away; `known` is the one before, if recorded."""
    made = f" of {http_date(known.created)}" if known else ""
    return Gone(
        sentence(
            "gone",
            "Release {last}{made} was the last one that says something about this address; "
            "release {taker} took it out.",
            last=taker.parent,
            made=made,
            taker=taker.id,
        ),
        place=f"/{path}",
        remedy=sentence("gone-remedy", "Read that release, or go on from the home page."),
    )


async def _indexed(data: Path, index: Path) -> None:
    """Run the process that indexes; it dies with us, and with the task."""
    ended = await run_beside("vises.store.removals", str(data), str(index), str(os.getpid()))
    if ended.said or ended.code != 0:
        _log.error("Removals were not all indexed.", extra={"fields": ended.fields})
