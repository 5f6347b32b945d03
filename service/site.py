"""What every part of the service needs: settings, releases, the engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vises.errors import Unavailable
from vises.service.iris import Addresses

if TYPE_CHECKING:
    from vises.settings import Settings
    from vises.store.engine import Engine
    from vises.store.releases import Release, ReleaseStore


class NothingPublished(Unavailable):
    """The data folder has no release yet."""

    kind = "nothing-published"
    title = "Nothing is published yet"


@dataclass(frozen=True)
class Site:
    """One data folder, served under one base."""

    settings: Settings
    releases: ReleaseStore
    engine: Engine

    @property
    def addresses(self) -> Addresses:
        """Return what maps IRIs to paths."""
        return Addresses(self.settings.base_iri)

    def release(self) -> Release:
        """Return the release that is published at this moment. Raises `NothingPublished`."""
        release = self.releases.current()
        if release is None:
            raise NothingPublished(
                "The data folder holds no release.",
                remedy="Run `vises demo`, or publish data with `vises ingest`.",
            )
        return release
