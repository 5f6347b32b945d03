"""Counting the partitions of a release, once, beside everything else."""

from __future__ import annotations

import asyncio
import json
import logging
import os
from typing import TYPE_CHECKING

from vises.errors import Unavailable, sentence
from vises.service.beside import run_beside
from vises.service.cache import MOST_RELEASES
from vises.service.sentences import TELL_OPERATOR
from vises.store.partitions import from_json, to_json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from vises.store.partitions import Partitions
    from vises.store.releases import Release, ReleaseStore

    Found = Mapping[str, Partitions]

_log = logging.getLogger(__name__)


class PartitionsUnready(Unavailable):
    """The partitions are still being counted, or could not be."""

    kind = "partitions-unready"
    title = "The description of the data is not ready"
    retry_after = 60


class PartitionsKeeper:
    """The partitions of releases: counted in a process of its own, one release at a time, and kept.

    They are kept in files under `folder` with the digests of the release, so that a restart finds
    them and another release of the same id does not; where the folder cannot be written to, in
    memory alone.
    """

    def __init__(self, releases: ReleaseStore, folder: Path, mebibytes: int) -> None:
        """Take the releases, the folder, and how much address space the counting may use."""
        self._releases = releases
        self._folder = folder
        self._mebibytes = mebibytes
        self._one = asyncio.Semaphore()
        self._tasks: dict[str, asyncio.Task[Found]] = {}

    def begin(self, release: Release) -> asyncio.Task[Found]:
        """Begin to count, where that has not begun; return the task."""
        task = self._tasks.pop(release.id, None)
        if task is None:
            task = asyncio.create_task(self._found(release))
            task.add_done_callback(_seen)
        self._tasks[release.id] = task
        for old in [name for name, t in self._tasks.items() if t.done()][:-MOST_RELEASES]:
            del self._tasks[old]
        return task

    async def partitions(self, release: Release, seconds: float) -> Found:
        """Return the partitions of a release, waiting so long for them.

        Raises `PartitionsUnready`, and what opening the release does.
        """
        task = self.begin(release)
        await asyncio.wait({task}, timeout=seconds)
        if not task.done():
            raise PartitionsUnready(
                sentence(
                    "counting",
                    "The classes and properties of release {release} are still being counted.",
                    release=release.id,
                ),
                remedy=sentence(
                    "counted-soon", "Ask again in a minute. It is done once for each release."
                ),
            )
        return task.result()

    async def close(self) -> None:
        """Stop counting."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        self._tasks.clear()

    async def _found(self, release: Release) -> Found:
        async with self._one:
            kept = await asyncio.to_thread(self._read, release)
            if kept is not None:
                return kept
            found = from_json(await self._counted(release))
            await asyncio.to_thread(self._write, release, found)
            return found

    async def _counted(self, release: Release) -> bytes:
        """Return what the process prints; it dies with us, and with the task."""
        with self._releases.lease(release.id) as lease:
            arguments = (str(lease.snapshot), str(self._mebibytes), str(os.getpid()))
            ended = await run_beside("vises.store.partitions", *arguments)
        if ended.code != 0:
            fields = {"release": release.id, **ended.fields}
            _log.error("The partitions of a release were not counted.", extra={"fields": fields})
            raise PartitionsUnready(
                sentence(
                    "uncounted",
                    "The classes and properties of release {release} could not be counted.",
                    release=release.id,
                ),
                remedy=TELL_OPERATOR,
            )
        return ended.printed

    def _read(self, release: Release) -> Found | None:
        try:
            kept = json.loads(self._file(release).read_bytes())
            if kept["digests"] == dict(release.digests):
                return from_json(kept["graphs"])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            _log.warning("%s is not read and will be replaced: %s", self._file(release), error)
        return None

    def _write(self, release: Release, found: Found) -> None:
        """Keep a count, and drop those of the releases before the last few."""
        file = self._file(release)
        fresh = file.with_suffix(f".{os.getpid()}")
        record = {"digests": dict(release.digests), "graphs": to_json(found)}
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            fresh.write_text(json.dumps(record), "utf-8")
            fresh.replace(file)
            for old in sorted(self._folder.glob("*.json"))[:-MOST_RELEASES]:
                old.unlink(missing_ok=True)
        except OSError as error:
            _log.warning("partitions are kept in memory alone: %s", error)

    def _file(self, release: Release) -> Path:
        return self._folder / f"{release.id}.json"


def _seen(task: asyncio.Task[Found]) -> None:
    """Look at a failure, which is logged already, so that the loop does not report it again."""
    if not task.cancelled():
        task.exception()
