"""Seeing to it that the streams are those of the current release when one is asked for."""

from __future__ import annotations

import asyncio
import logging
import os
from typing import TYPE_CHECKING

from vises.service.beside import run_beside
from vises.store.streams.build import built, mark

if TYPE_CHECKING:
    from vises.service.site import Site

MODULE = "vises.store.streams.make"

WAIT_SECONDS = 8.0
"""How long a request waits for streams that are being made; then it gets what there is."""

_log = logging.getLogger(__name__)


class StreamsKeeper:
    """Has the streams made by a process of its own, by one at a time."""

    def __init__(self, site: Site, wait_seconds: float = WAIT_SECONDS) -> None:
        """Take the site; nothing begins before the first request."""
        self._site = site
        self._wait = wait_seconds
        self._making: asyncio.Task[None] | None = None
        self.failed = False
        """Whether the last making failed; the next request has it tried again."""

    async def ready(self) -> None:
        """Return when the streams are up to date, or as far as they come in the time to wait.

        Raises `NothingPublished`.
        """
        clock = asyncio.get_running_loop().time
        end = clock() + self._wait
        begun = False
        while clock() < end:
            release_id = self._site.release().id
            closed = self._site.access.rights(None).hidden_graphs
            done = self._making is None or self._making.done()
            if built(self._site.settings.data) == mark(release_id, closed) or (begun and done):
                return
            if self._making is None or done:
                self._making = asyncio.create_task(self._make(release_id, closed))
                begun = True
            await asyncio.wait({self._making}, timeout=end - clock())

    async def close(self) -> None:
        """Stop making."""
        if self._making is not None:
            self._making.cancel()
            await asyncio.gather(self._making, return_exceptions=True)

    async def _make(self, release_id: str, closed: tuple[str, ...]) -> None:
        settings = self._site.settings
        ended = await run_beside(
            *(MODULE, str(settings.data), release_id, settings.base_iri),
            *(str(settings.worker_mebibytes), str(os.getpid()), *closed),
        )
        self.failed = ended.code != 0
        if self.failed:
            fields = {"release": release_id, **ended.fields}
            _log.error("The event streams were not made.", extra={"fields": fields})
