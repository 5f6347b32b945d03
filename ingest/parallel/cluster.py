"""The workers of a Dask cluster as those who do the tasks (https://distributed.dask.org/).

They read the files of the input and write into the folder of the batch, so both have to be at the
same path for all of them. A task is done again elsewhere where its worker is lost.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Self, TypeVar

from vises.errors import Unavailable
from vises.ingest.parallel.engine import ATTEMPTS, Ticket, WorkersLost

if TYPE_CHECKING:
    from collections.abc import Callable

    from distributed import Client, Future

T = TypeVar("T")
R = TypeVar("R")

_AHEAD = 3
WAIT_SECONDS = 10.0
"""How long a scheduler has to answer, and to have a worker."""


class DaskMissing(Unavailable):
    """Dask is not installed."""

    kind = "dask-missing"
    title = "Dask is not installed"


class ClusterUnusable(Unavailable):
    """The cluster cannot be asked to do anything."""

    kind = "cluster"
    title = "The Dask cluster cannot be used"


class Cluster:
    """The workers that a Dask scheduler has at the beginning, and those that join them."""

    is_here = False

    def __init__(self, scheduler: str, wait_seconds: float = WAIT_SECONDS) -> None:
        """Take the address of a scheduler, such as ``tcp://10.0.0.1:8786``."""
        self._scheduler = scheduler
        self._wait_seconds = wait_seconds
        self._client: Client
        self.ahead = 1

    def __enter__(self) -> Self:
        """Connect. Raises `DaskMissing`, `ClusterUnusable`."""
        self._client = _client(self._scheduler, self._wait_seconds)
        try:
            self._demand_workers()
        except BaseException:
            self._client.close()  # type: ignore[no-untyped-call]
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Disconnect; what was given out and is not done is forgotten."""
        self._client.close()  # type: ignore[no-untyped-call]

    def give(self, function: Callable[[T], R], task: T) -> Ticket[R]:
        """Give out a task; it is done again up to three times where its worker is lost.

        Asked for its result, it raises `WorkersLost` where it was, and `ClusterUnusable` where no
        worker is left or the scheduler is gone.
        """
        future = self._client.submit(function, task, pure=False)
        return Ticket(lambda: self._wait(future))

    def _wait(self, future: Future[R]) -> R:
        from distributed import CancelledError  # noqa: PLC0415 (an extra)
        from distributed.scheduler import KilledWorker  # noqa: PLC0415

        try:
            while not future.done():  # type: ignore[no-untyped-call]
                self._wait_a_while(future)
            return future.result()
        except KilledWorker as error:
            raise WorkersLost(
                f"{ATTEMPTS} workers or more died at the same rows, as happens when memory is"
                f" short: {error.task}.",
                place=self._scheduler,
                remedy="Give the workers more memory, or run fewer of them on a machine, and start"
                " again: what was done is kept.",
            ) from None
        except CancelledError:
            raise self._unusable("The scheduler went away.") from None

    def _wait_a_while(self, future: Future[R]) -> None:
        """Wait for a result. Raises `ClusterUnusable` where nobody is left to give it."""
        try:
            future.exception(self._wait_seconds)  # type: ignore[no-untyped-call]
        except TimeoutError:
            self._demand_one()

    def _demand_workers(self) -> None:
        """Raise `ClusterUnusable` where there is no worker, or one with another VISES."""
        ours = version("vises")
        self._demand_one()
        found = self._client.run(_installed, on_error="return")
        for worker, theirs in found.items():
            if theirs != ours:
                raise self._unusable(f"The worker {worker} has not VISES {ours}: {theirs}.")
        threads = self._client.nthreads()  # type: ignore[no-untyped-call]
        self.ahead = _AHEAD * sum(threads.values())

    def _demand_one(self) -> None:
        """Raise `ClusterUnusable` where there is no worker, and none comes for a while."""
        try:
            self._client.wait_for_workers(1, timeout=self._wait_seconds)
        except TimeoutError:  # one that rests for want of memory is there all the same
            if not self._client.nthreads():  # type: ignore[no-untyped-call]
                raise self._unusable("The scheduler has no workers.") from None

    def _unusable(self, detail: str) -> ClusterUnusable:
        return ClusterUnusable(
            detail,
            place=self._scheduler,
            remedy="Start `dask scheduler` and `dask worker ADDRESS` in an environment with the"
            " same version of VISES and its extra dask, or ingest without --engine dask.",
        )


def _installed() -> str:
    """Return the version that a worker has."""
    return version("vises")


def _client(scheduler: str, wait_seconds: float) -> Client:
    try:
        from distributed import Client  # noqa: PLC0415 (an extra)
    except ModuleNotFoundError:
        raise DaskMissing(
            "The package distributed is not there.",
            remedy='Install it with pip install "vises[dask]", or ingest without --engine dask.',
        ) from None
    try:
        return Client(  # type: ignore[no-untyped-call]
            scheduler, timeout=wait_seconds, set_as_default=False
        )
    except (OSError, ValueError) as error:
        raise ClusterUnusable(
            f"The scheduler does not answer: {error}.",
            place=scheduler,
            remedy="Check the address, such as tcp://10.0.0.1:8786, and that it is running.",
        ) from None
