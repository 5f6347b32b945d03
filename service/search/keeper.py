"""Seeing to it that releases have an index, beside everything else."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import time
from typing import TYPE_CHECKING, NamedTuple

from vises.errors import Unavailable, VisesError, sentence
from vises.service.beside import run_beside
from vises.service.search.kept import MOST_KEPT, folder_of
from vises.service.sentences import TELL_OPERATOR

if TYPE_CHECKING:
    from pathlib import Path

    from vises.settings import Settings
    from vises.store.releases import Release, ReleaseStore

MODULE = "vises.service.search.build"

_LOOK_SECONDS = 1.0
"""How often it is looked whether another release is current."""

_AGAIN_SECONDS = 60.0
"""How long after a failure an index is tried again."""

_MOST_WAITING = 4
"""How many indexes may be asked for at once; further releases are told to come back."""

_log = logging.getLogger(__name__)


class SearchUnready(Unavailable):
    """The index of a release is still being made."""

    kind = "search-unready"
    title = "The search is not ready"
    retry_after = 15


class SearchNotMade(SearchUnready):
    """The index of a release could not be made; it is tried again after a while."""

    kind = "search-not-made"
    title = "The search cannot be used now"
    retry_after = int(_AGAIN_SECONDS)


class Ready(NamedTuple):
    """An index that can be asked: its release, and its folder."""

    release: Release
    folder: Path


class IndexKeeper:
    """The indexes of releases: made in a process of its own, one at a time, after each flip.

    Other releases get theirs when somebody searches them; it is made from the nearest one, at the
    cost of what differs.
    """

    def __init__(self, releases: ReleaseStore, settings: Settings) -> None:
        """Take the releases, and from the settings the data folder and the limit of memory."""
        self._releases = releases
        self._data = settings.data
        self._mebibytes = settings.worker_mebibytes
        self._one = asyncio.Semaphore()
        self._ready: dict[str, Ready] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._failed: dict[str, float] = {}
        self._following: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to follow the current release."""
        self._following = asyncio.create_task(self._follow())

    async def close(self) -> None:
        """Stop following, and making."""
        tasks = [*self._tasks.values(), *([self._following] if self._following else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._tasks.clear()

    async def of(self, release: Release, seconds: float) -> Ready:
        """Return the index of a release, waiting so long for it.

        Raises `SearchUnready`, and `SearchNotMade` where the last try failed.
        """
        task = None if self.now(release) else self._begin(release)
        if task is not None:
            await asyncio.wait({task}, timeout=seconds)
        ready = self.now(release)
        if ready is None and release.id in self._failed and release.id not in self._tasks:
            raise SearchNotMade(
                sentence(
                    "index-unmade",
                    "The index of release {release} could not be made.",
                    release=release.id,
                ),
                remedy=TELL_OPERATOR,
            )
        if ready is None:
            raise SearchUnready(
                sentence(
                    "index-unready",
                    "The index of release {release} is still being made.",
                    release=release.id,
                ),
                remedy=sentence(
                    "index-soon", "Ask again in a minute. It is made once for each release."
                ),
            )
        return ready

    def now(self, release: Release) -> Ready | None:
        """Return the index of a release, None where it is not there."""
        ready = self._ready.get(release.id)
        return ready if ready and ready.release.digests == release.digests else None

    def last(self) -> Ready | None:
        """Return the index of the newest release that has one and can still be read."""
        for ready in sorted(self._ready.values(), key=lambda r: int(r.release.id), reverse=True):
            try:
                same = self._releases.get(ready.release.id) == ready.release
            except VisesError:
                continue  # it is gone, or cannot be read: another one may do
            if same and not self._releases.is_pruned(ready.release.id):
                return ready
        return None

    def suspect(self, ready: Ready) -> None:
        """Have an index that could not be read looked at, and made anew where it is damaged."""
        if self._ready.pop(ready.release.id, None):
            self._begin(ready.release)

    def _begin(self, release: Release) -> asyncio.Task[None] | None:
        """Begin to make an index, where that has not begun; None where it is too early or late."""
        task = self._tasks.get(release.id)
        if task is not None:
            return task
        if time.monotonic() - self._failed.get(release.id, -_AGAIN_SECONDS) < _AGAIN_SECONDS:
            return None
        if len(self._tasks) >= _MOST_WAITING:
            return None
        task = asyncio.create_task(self._make(release))
        self._tasks[release.id] = task
        task.add_done_callback(lambda _: self._tasks.pop(release.id, None))
        return task

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            try:
                current = self._releases.current()
                if current is not None and current.id not in self._ready:
                    self._begin(current)
            except VisesError as error:
                _log.warning("The current release is not known, nor searched: %s", error)

    async def _make(self, release: Release) -> None:
        async with self._one:
            begun = time.monotonic()
            ended = await run_beside(
                *(MODULE, str(self._data), release.id, str(self._mebibytes), str(os.getpid()))
            )
        if ended.code != 0:
            self._failed[release.id] = time.monotonic()
            fields = {"release": release.id, **ended.fields}
            _log.error("The index of a release was not made.", extra={"fields": fields})
            return
        if ended.said:
            fields = {"release": release.id, **ended.fields}
            _log.warning("An index was made, not without trouble.", extra={"fields": fields})
        self._failed.pop(release.id, None)
        self._ready[release.id] = Ready(release, folder_of(self._data) / release.id)
        for old in list(self._ready)[:-MOST_KEPT]:
            del self._ready[old]
        seconds = time.monotonic() - begun
        how = json.loads(ended.printed)["how"]
        _log.info("the index of release %s is ready (%s, %.1f s)", release.id, how, seconds)
