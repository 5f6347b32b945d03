"""What every part of the service needs: settings, releases, the engine."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from vises.errors import Unavailable, sentence
from vises.namespaces import Iris
from vises.service.access.access import Access
from vises.service.iris import VOCABULARIES, Addresses
from vises.service.memento import TIMEMAP
from vises.store.releases import ReleasePruned, UnknownRelease

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vises.service.access.rights import Rights
    from vises.settings import Settings
    from vises.store.engine import StartableEngine
    from vises.store.releases import Release, ReleaseStore

RELEASE = "release"
"""The parameter that names a release."""

FOR_EVER = "public, max-age=31536000, immutable"


class NothingPublished(Unavailable):
    """The data folder has no release yet."""

    kind = "nothing-published"
    title = "Nothing is published yet"


@dataclass(frozen=True)
class Reading:
    """The release that answers a request, and the one that was current when the request came.

    `rights` are those of the request; `name` is what it called the release: its id, a tag, or None
    for the current one.
    """

    release: Release
    current: Release
    rights: Rights
    name: str | None = None

    @property
    def chosen(self) -> str | None:
        """The id of the release where the request named it: what the links of its page keep."""
        return None if self.name is None else self.release.id

    @property
    def outdated(self) -> bool:
        """Whether another release is current."""
        return self.release.id != self.current.id

    @property
    def lasting(self) -> bool:
        """Whether the request will always get this release: an id is one, a tag may move."""
        return self.name == self.release.id

    @property
    def cache_control(self) -> str:
        """How long data may be kept (RFC 9111)."""
        return self.rights.cache_control(FOR_EVER if self.lasting else "no-cache")

    @property
    def counts(self) -> Mapping[str, int]:
        """The graphs that the request may read, with the number of their statements."""
        return self.rights.readable(self.release.counts)


@dataclass(frozen=True)
class Site:
    """One data folder, served under one base."""

    settings: Settings
    releases: ReleaseStore
    engine: StartableEngine

    @cached_property
    def access(self) -> Access:
        """What tells the rights of a request."""
        return Access(self.settings.data)

    @cached_property
    def documents(self) -> Mapping[str, str]:
        """The IRIs of the vocabularies, with the names of the graphs that hold them."""
        iris = Iris(self.settings.base_iri)
        return {iri: iris.graph(name).value for iri, name in VOCABULARIES.items()}

    def addresses(self, reading: Reading, language: str | None = None) -> Addresses:
        """Return what maps IRIs to addresses, for links that stay in what the request named.

        That is a release, and a language (None: it named none).
        """
        return Addresses(self.settings.base_iri, reading.chosen, language)

    def release(self) -> Release:
        """Return the release that is published at this moment. Raises `NothingPublished`."""
        release = self.releases.current()
        if release is None:
            raise NothingPublished(
                sentence("no-release", "The data folder holds no release."),
                remedy=sentence(
                    "publish", "Run `vises demo`, or publish data with `vises ingest`."
                ),
            )
        return release

    def reading(self, name: str | None, rights: Rights) -> Reading:
        """Return the release of a name (an id or a tag; None: the current one) for some rights.

        Raises `NothingPublished`, `UnknownRelease` and `ReleasePruned`.
        """
        current = self.release()
        if name is None:
            return Reading(current, current, rights)
        place = f"parameter {RELEASE}"
        remedy = sentence(
            "leave-release-out",
            "Leave the parameter out to get the current release, {current}. "
            "{timemap} lists the releases that can be read.",
            current=current.id,
            timemap=f"{TIMEMAP}/",
        )
        try:
            release = self.releases.resolve(name)
        except UnknownRelease:
            unknown = sentence(
                "no-such-release", "There is no release {release}.", release=repr(name[:40])
            )
            raise UnknownRelease(unknown, place=place, remedy=remedy) from None
        if self.releases.is_pruned(release.id):
            gone = sentence(
                "release-pruned",
                "Release {release} was pruned and can no longer be read.",
                release=release.id,
            )
            raise ReleasePruned(gone, place=place, remedy=remedy)
        return Reading(release, current, rights, name)

    async def readable(self) -> Sequence[Release]:
        """Return the releases that can still be read, oldest first.

        Their records are read in a thread, because there may be many.
        """
        return await asyncio.to_thread(self._kept)

    def _kept(self) -> Sequence[Release]:
        return [r for r in reversed(self.releases.list()) if not self.releases.is_pruned(r.id)]
