"""Seeing to it that the current release has its dumps, beside everything else."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from typing import TYPE_CHECKING

from vises.errors import VisesError
from vises.service.beside import run_beside
from vises.store.dumps.make import BUSY

if TYPE_CHECKING:
    from vises.service.site import Site

MODULE = "vises.store.dumps.make"

LOOK_SECONDS = 5.0
"""How often it is looked whether another release is current, or other graphs are closed."""

QUIET_SECONDS = 20.0
"""How long a release is current before its dumps are begun: the next one may follow at once."""

AGAIN_SECONDS = 600.0
"""How long after a failure they are tried again."""

BUSY_SECONDS = 30.0
"""How long after it was seen that another process makes some it is looked again."""

_log = logging.getLogger(__name__)

State = tuple[str, tuple[str, ...]]
"""The id of a release, and the graphs that are closed to the public."""


class DumpsKeeper:
    """Has the dumps of the current release made by a process of its own."""

    def __init__(self, site: Site, quiet_seconds: float = QUIET_SECONDS) -> None:
        """Take the site; nothing begins before `start`."""
        self._site = site
        self._quiet = quiet_seconds
        self._following: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to follow the current release, where the settings want dumps."""
        if self._site.settings.dumps:
            self._following = asyncio.create_task(self._follow())

    async def close(self) -> None:
        """Stop following, and making."""
        if self._following is not None:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)

    async def _follow(self) -> None:
        done: State | None = None
        seen: State | None = None
        since = 0.0
        while True:
            now = self._now()
            if now != seen:
                seen, since = now, time.monotonic()
            if now is not None and now != done and time.monotonic() >= since + self._quiet:
                pause = await self._make(now)
                done = now if pause is None else done
                since = time.monotonic() + (pause or 0)
            await asyncio.sleep(min(LOOK_SECONDS, max(self._quiet, 0.1)))

    def _now(self) -> State | None:
        try:
            current = self._site.releases.current()
            closed = self._site.access.rights(None).hidden_graphs
        except VisesError as error:
            _log.warning("The current release is not known, nor dumped: %s", error)
            return None
        return None if current is None else (current.id, closed)

    async def _make(self, state: State) -> float | None:
        """Make what is not there yet; return after how long to try again, None where all is there.

        Of several server processes one makes them, and the others find them there.
        """
        release_id, closed = state
        settings = self._site.settings
        begun = time.monotonic()
        ended = await run_beside(
            *(MODULE, str(settings.data), release_id, settings.base_iri),
            *(str(settings.worker_mebibytes), str(os.getpid()), *closed),
        )
        if ended.code == BUSY:
            return BUSY_SECONDS
        if ended.code != 0:
            fields = {"release": release_id, **ended.fields}
            _log.error("The dumps of a release were not made.", extra={"fields": fields})
            return AGAIN_SECONDS
        seconds = time.monotonic() - begun
        count = len(ended.printed.splitlines())
        _log.info("the dumps of release %s: %d datasets, %.1f s", release_id, count, seconds)
        return None
