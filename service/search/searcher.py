"""Asking indexes in sealed processes, from the event loop."""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from vises.errors import Unavailable, VisesError, sentence
from vises.service.search.asking import Answered
from vises.service.search.worker import LIST, MATCH, SEARCH
from vises.store.caller import CALLER
from vises.store.deaths import last_line
from vises.store.frames import END, frame
from vises.store.process import WorkerGoneError
from vises.store.standby import Standby
from vises.store.turns import turn

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from vises.service.search.asking import Asked
    from vises.service.search.listing import Listing
    from vises.service.search.matching import Batch
    from vises.settings import Settings
    from vises.store.accounts import Accounts
    from vises.store.caller import Caller
    from vises.store.process import WorkerProcess

MODULE = "vises.service.search.worker"

_log = logging.getLogger(__name__)

_PROCESSES = 2
_SECONDS = 5.0
"""How long a search may wait, and how long it may take: most take some milliseconds."""


_LATE = sentence("searches-late", "Other searches take all the time there is.")


class SearchFailed(Unavailable):
    """The index could not be asked."""

    kind = "search-failed"
    title = "The search failed"
    retry_after = 10


class SearchTimeout(Unavailable):
    """A search took too long."""

    kind = "search-timeout"
    title = "The search took too long"


def _unobserved(outcome: str, seconds: float) -> None:
    """Count nothing."""


@dataclass(frozen=True)
class Costs:
    """Who is told what searches cost.

    That is the accounts of clients (None: they have no limits), and what counts each search that
    ended: "answered" or the kind of its error, and the seconds that it held a process.
    """

    accounts: Accounts | None = None
    ended: Callable[[str, float], None] = _unobserved


class Searcher:
    """Asks at most two questions at once, each in a process that is killed after 5 seconds.

    A process has the address space of a query process and no network. It is started with the first
    question that needs it, and serves the next ones. A client pays for searches as for queries, and
    is refused when it has used its share.
    """

    def __init__(self, settings: Settings, costs: Costs) -> None:
        """Take the limit from the settings; no process is started yet."""
        self._costs = costs
        self._free = asyncio.Semaphore(_PROCESSES)
        self._processes = Standby(settings.worker_mebibytes, MODULE)

    async def close(self) -> None:
        """End the processes that wait for a question."""
        await self._processes.close()

    async def ask(self, folder: Path, asked: Asked) -> Answered:
        """Ask the index in a folder.

        Raises `SearchFailed` where it cannot be read, `SearchTimeout`, `EngineBusy`,
        `ClientLimited`, `Unavailable`.
        """
        return Answered(**json.loads(await self._exchange(SEARCH, folder, asdict(asked))))

    async def match(self, folder: Path, batch: Batch) -> list[list[dict[str, Any]]]:
        """Match questions with the index in a folder; return the candidates of each.

        They are the fields of `matching.Candidate`. Raises as `ask` does.
        """
        found: list[list[dict[str, Any]]] = json.loads(
            await self._exchange(MATCH, folder, asdict(batch))
        )
        return found

    async def listed(self, folder: Path, listing: Listing) -> list[str]:
        """Return what `listing.listed` finds in a folder, line by line. Raises as `ask` does."""
        found = await self._exchange(LIST, folder, vars(listing))
        return found.decode().split("\n")

    async def _exchange(self, request: int, folder: Path, question: dict[str, Any]) -> bytes:
        """Let a process answer a request, and its client pay for that."""
        caller, accounts = CALLER.get(), self._costs.accounts
        if caller is not None and accounts is not None:
            accounts.admit(caller.key, written=False)
        message = json.dumps({"folder": str(folder), "question": question}).encode()
        async with turn(self._free, _SECONDS, _LATE):
            worker = await self._processes.take()
            begun = asyncio.get_running_loop().time()
            outcome = "disconnected"
            try:
                worker.send(frame(request, message))
                kind, payload = await self._answered(worker, folder)
                self._processes.give_back(worker)
                outcome = "answered" if kind == END else SearchFailed.kind
            except VisesError as error:
                outcome = error.kind
                raise
            finally:
                self._ended(caller, outcome, asyncio.get_running_loop().time() - begun)
        if kind != END:
            raise _failed(folder, payload.decode(errors="replace"))
        return payload

    def _ended(self, caller: Caller | None, outcome: str, seconds: float) -> None:
        """Count a search, and let its client pay for it."""
        self._costs.ended(outcome, seconds)
        if caller is None:
            return
        caller.seconds += seconds
        failed = outcome == SearchTimeout.kind
        if outcome not in {"answered", "disconnected"}:
            caller.error = outcome
        if self._costs.accounts is not None:
            self._costs.accounts.charge(caller.key, seconds, int(failed))

    async def _answered(self, worker: WorkerProcess, folder: Path) -> tuple[int, bytes]:
        """Wait for the answer until the deadline; a process that does not give one is ended."""
        try:
            async with asyncio.timeout(_SECONDS):
                return await worker.frame()
        except WorkerGoneError:
            await worker.end()
            why = last_line(worker.last_words()) or "Its process died."
            raise _failed(folder, why) from None
        except TimeoutError:
            await worker.end()
            raise SearchTimeout(
                sentence(
                    "search-deadline",
                    "The search was stopped at its deadline of {seconds:g} s.",
                    seconds=_SECONDS,
                ),
                remedy=sentence("search-less", "Look for fewer or longer words."),
            ) from None
        except BaseException:
            worker.kill()
            raise


def _failed(folder: Path, why: str) -> SearchFailed:
    """Log why an index could not be asked, and return what its client is told."""
    fields = {"index": str(folder), "error": why}
    _log.error("An index could not be read.", extra={"fields": fields})
    return SearchFailed(
        sentence("index-unread", "The index of the search could not be read."),
        remedy=sentence(
            "index-anew",
            "It is looked at and made anew where that is needed; try again in a while.",
        ),
    )
