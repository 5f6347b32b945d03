"""One lease for the requests that come close together: taking one costs as much as a look-up."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from vises.store.lease import Lease

SHARED_SECONDS = 0.05


class SharedLease:
    """A lease and how many hold it; given up when nobody does and nobody may join any more."""

    def __init__(self, lease: Lease) -> None:
        """Begin with nobody."""
        self._lease = lease
        self._holders = 0
        self._open = True

    @property
    def snapshot(self) -> Path:
        """The store to read."""
        return self._lease.snapshot

    def join(self) -> None:
        """Hold it too."""
        self._holders += 1

    def close(self) -> None:
        """Hold it no longer; once for each `join`."""
        self._holders -= 1
        self._give_up_where_unused()

    def retire(self) -> None:
        """Let nobody join any more."""
        self._open = False
        self._give_up_where_unused()

    def _give_up_where_unused(self) -> None:
        if not self._open and not self._holders:
            self._lease.close()


class SharedLeases:
    """The leases of the requests of one event loop.

    A lease is shared for 50 ms after it was taken, so that pruning and compaction wait for no
    request that came later than that.
    """

    def __init__(self, take: Callable[[str], Lease]) -> None:
        """Take leases with `ReleaseStore.lease`."""
        self._take = take
        self._shared: dict[str, SharedLease] = {}

    def join(self, release_id: str) -> SharedLease:
        """Return a lease on a release, to be closed once. Raises as `ReleaseStore.lease` does."""
        shared = self._shared.get(release_id)
        if shared is None:
            shared = SharedLease(self._take(release_id))
            self._shared[release_id] = shared
            asyncio.get_running_loop().call_later(SHARED_SECONDS, self._retire, release_id)
        shared.join()
        return shared

    def _retire(self, release_id: str) -> None:
        self._shared.pop(release_id).retire()
