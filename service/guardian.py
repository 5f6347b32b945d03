"""Seeing to it that the release that is served is whole."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import TYPE_CHECKING

from vises.errors import Unavailable
from vises.progress import SILENCE
from vises.store.engine import StartableEngine
from vises.store.folder import FolderFormat, StoreDamaged

if TYPE_CHECKING:
    from vises.store.engine import Answer, Chunks, DescribeRequest, QueryRequest
    from vises.store.releases import ReleaseStore

_log = logging.getLogger(__name__)


def set_damaged_aside(releases: ReleaseStore, *, thorough: bool) -> None:
    """See to it that the current release is whole, and log what was done.

    `thorough` as in `ReleaseStore.recover`. A folder that cannot be written to, or to which another
    process writes, is left as it is. Raises `FolderFormat`, and `StoreDamaged` where no release is
    whole.
    """
    try:
        aside = releases.recover(thorough=thorough, wait_seconds=0, progress=SILENCE)
    except (StoreDamaged, FolderFormat):
        raise
    except Unavailable as error:
        _log.warning("The data folder is served as it is. %s", error)
        return
    for release_id in aside:
        _log.error(
            "Release %s is damaged and was set aside; the one before it is served. "
            "`vises releases repair` says more.",
            release_id,
        )


class Guardian(StartableEngine):
    """An engine behind which a damaged release is set aside, so that the one before it is served.

    After the start every file is compared with its digest, in the background. The same is done when
    an answer fails because a file cannot be read. What was found is logged, with the way out.
    """

    def __init__(
        self, releases: ReleaseStore, engine: StartableEngine, *, at_start: bool = True
    ) -> None:
        """Guard the releases that an engine answers from.

        Without `at_start` nothing is looked at before an answer fails: another process does that.
        """
        self._at_start = at_start
        self._releases = releases
        self._engine = engine
        self._checking: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start the engine, and begin to read every file."""
        await self._engine.start()
        if self._at_start:
            self.check_soon()

    async def close(self) -> None:
        """Close the engine; a check that runs ends with its thread."""
        if self._checking is not None:
            self._checking.cancel()
            await asyncio.gather(self._checking, return_exceptions=True)
        await self._engine.close()

    def accepts(self, query: str) -> bool:
        """Take what the engine takes."""
        return self._engine.accepts(query)

    async def answer(self, request: QueryRequest | DescribeRequest, release_id: str) -> Answer:
        """Begin an answer, as `Engine.answer` says."""
        try:
            answer = await self._engine.answer(request, release_id)
        except StoreDamaged:
            self.check_soon()
            raise
        if answer.whole is not None:
            return answer
        return replace(answer, chunks=_Watched(answer.chunks, self))

    def check_soon(self) -> None:
        """Begin to read every file, unless that is under way."""
        if self._checking is None or self._checking.done():
            self._checking = asyncio.create_task(self._check())

    async def _check(self) -> None:
        try:
            await asyncio.to_thread(set_damaged_aside, self._releases, thorough=True)
        except Unavailable as error:
            _log.error("The data folder is served as it is. %s", error)


class _Watched(AsyncIterator[bytes]):
    """Chunks that tell the guardian when they fail for damage."""

    def __init__(self, chunks: Chunks, guardian: Guardian) -> None:
        self._chunks = chunks
        self._guardian = guardian

    async def __anext__(self) -> bytes:
        try:
            return await self._chunks.__anext__()
        except StoreDamaged:
            self._guardian.check_soon()
            raise

    async def aclose(self) -> None:
        """Stop the work on the answer, where there is any left."""
        await self._chunks.aclose()
