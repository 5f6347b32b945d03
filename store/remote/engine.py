"""A remote engine as an `Engine`: SPARQL 1.1 Protocol over HTTP, answers streamed."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import TYPE_CHECKING

import httpx

from vises.errors import TRY_LATER, sentence
from vises.store.engine import Answer, EngineBusy, QueryTimeout, deadline_met
from vises.store.remote.conversion import GRAPHS, conversion
from vises.store.remote.dialect import CAUTIOUS, Dialect, dialect_of
from vises.store.remote.http import (
    RemoteUnavailable,
    client_options,
    first_line,
    refusal,
    unreachable,
)
from vises.store.remote.queries import Asked, RemoteDeclined, accepts, prepare
from vises.store.remote.replica import (
    Replica,
    ReplicaDiffers,
    read_replica,
    replica_fields,
)
from vises.store.remote.transfer import AnswerDoubted, Transfer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from vises.errors import VisesError
    from vises.store.engine import QueryRequest
    from vises.store.releases import Release, ReleaseStore

HELD_SECONDS = 5.0
"""How long an engine may take to say what it holds, a look-up of a few statements."""

_MOST_AT_ONCE = 16
_RESULTS = "application/sparql-results+json, application/sparql-results+xml;q=0.5"
_TIMEOUT_STATUS = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.GATEWAY_TIMEOUT}
_TIMEOUT_SIGN = "S1T00"


class RemoteEngine:
    """Answers queries on the one release that a remote engine holds (an `Engine`).

    An answer is checked against `vises.store.remote.replica` before and after. It is parsed on its
    way through, so that one that the engine cut or broke off is an error. At most 16 are on their
    way at once; others wait in order, each for `query_seconds` at most. No login is ever sent: the
    query address must answer without one.
    """

    def __init__(
        self, address: str, releases: ReleaseStore, *, base_iri: str, query_seconds: float
    ) -> None:
        """Take the address of the SPARQL endpoint; `start` gets ready to call it."""
        self._address = address
        self._releases = releases
        self._base_iri = base_iri
        self._seconds = query_seconds

    async def start(self) -> None:
        """Get ready; nothing is called yet."""
        limits = httpx.Limits(max_connections=2 * _MOST_AT_ONCE)
        self._client = httpx.AsyncClient(**client_options(self._seconds), limits=limits)
        self._executor = ThreadPoolExecutor(_MOST_AT_ONCE, thread_name_prefix="remote")
        self._places = asyncio.Semaphore(_MOST_AT_ONCE)
        self._transfers: set[Transfer] = set()
        self._dialect: Dialect = CAUTIOUS

    async def close(self) -> None:
        """Break off what is on its way, and close the connections."""
        await asyncio.gather(*(transfer.aclose() for transfer in self._transfers))
        self._executor.shutdown()
        await self._client.aclose()

    def accepts(self, query: str) -> bool:
        """Whether the engine may be trusted to answer a query as the embedded one does.

        What kind of engine it is shows with its first answer; `held` asks for one.
        """
        return accepts(query) and self._dialect.trusts(query)

    async def answer(self, request: QueryRequest, release_id: str) -> Answer:
        """Begin the answer to a query, as `Engine.answer` says.

        Raises also `ReplicaDiffers`, `RemoteUnavailable`, `RemoteLoginRefused`, `RemoteDeclined`.
        """
        release = self._releases.get(release_id)
        asked = prepare(request, release.counts)
        seconds = min(self._seconds, request.timeout or self._seconds)
        deadline = asyncio.get_running_loop().time() + seconds
        await self._place()
        try:
            async with asyncio.timeout_at(deadline):
                replica, dialect = await self._replica(release)
                response = await self._ask(asked, dialect)
        except TimeoutError:
            self._places.release()
            raise deadline_met(seconds) from None
        except BaseException:
            self._places.release()
            raise
        confirm = self._confirmation(release, replica)
        transfer = self._transfer(response, dialect, deadline, seconds)
        theirs = _media_type(response)
        transfer.begin(self._executor, conversion(asked.form, theirs, asked.media_type), confirm)
        return Answer(asked.media_type, transfer, coding=None)

    async def held(self) -> Replica:
        """Return what the engine says it holds. Raises `RemoteUnavailable`."""
        fields = replica_fields(self._base_iri, with_graphs=False)
        try:
            async with asyncio.timeout(HELD_SECONDS):
                response = await self._post(fields, _RESULTS)
                try:
                    await response.aread()
                finally:
                    await response.aclose()
        except httpx.HTTPError as error:
            raise unreachable(error) from error
        except TimeoutError:
            raise RemoteUnavailable(
                f"The engine did not say what it holds within {HELD_SECONDS:g} s.",
                place="VISES_ENGINE",
                remedy="See its log.",
            ) from None
        self._dialect = dialect_of(response.headers)
        return read_replica(self._base_iri, response)

    async def _replica(self, release: Release) -> tuple[Replica, Dialect]:
        replica = await self.held()
        if not replica.holds(release):
            raise _differs(release, replica)
        return replica, self._dialect

    async def _place(self) -> None:
        try:
            async with asyncio.timeout(self._seconds):
                await self._places.acquire()
        except TimeoutError:
            raise EngineBusy(
                sentence(
                    "remote-busy",
                    "{most} answers of the remote engine are on their way, and none ended in "
                    "{seconds:g} s.",
                    most=_MOST_AT_ONCE,
                    seconds=self._seconds,
                ),
                remedy=TRY_LATER,
            ) from None

    async def _ask(self, asked: Asked, dialect: Dialect) -> httpx.Response:
        graph = asked.form == "graph"
        if graph and not dialect.whole_graphs:
            raise RemoteDeclined(
                "This kind of engine may cut a constructed graph without saying so.",
                remedy="Ask for a table with SELECT.",
            )
        response = await self._post(asked.fields, ", ".join(GRAPHS) if graph else dialect.results)
        try:
            error = await _refused(response, dialect, GRAPHS if graph else (dialect.results,))
        except httpx.HTTPError as problem:
            error = unreachable(problem)
        if error is not None:
            await response.aclose()
            raise error
        return response

    async def _post(self, fields: Mapping[str, str | list[str]], accept: str) -> httpx.Response:
        request = self._client.build_request(
            "POST", self._address, data=fields, headers={"Accept": accept}
        )
        try:
            return await self._client.send(request, stream=True)
        except httpx.HTTPError as error:
            raise unreachable(error) from error

    def _transfer(
        self, response: httpx.Response, dialect: Dialect, deadline: float, seconds: float
    ) -> Transfer:
        def over() -> None:
            self._places.release()
            self._transfers.discard(transfer)

        transfer = Transfer(
            response, dialect.reader(), deadline=deadline, seconds=seconds, release=over
        )
        self._transfers.add(transfer)
        return transfer

    def _confirmation(self, release: Release, before: Replica) -> Callable[[], Awaitable[None]]:
        async def confirm() -> None:
            after = await self.held()
            if after != before:
                raise _differs(release, after)

        return confirm


def _media_type(response: httpx.Response) -> str:
    header: str = response.headers.get("Content-Type", "")
    return header.partition(";")[0].strip().lower()


async def _refused(
    response: httpx.Response, dialect: Dialect, wanted: tuple[str, ...]
) -> VisesError | None:
    """Return the error that the head of a response is, None for an answer that has begun."""
    error = refusal(response, "a query")
    if error is not None:
        return error
    if response.status_code != HTTPStatus.OK:
        return _failure(response.status_code, (await response.aread()).decode(errors="replace"))
    cut = dialect.cut_sign(response.headers)
    if cut is not None:
        return AnswerDoubted(
            f"The engine left rows out of the answer ({cut}).",
            remedy="Ask for less at once, with LIMIT and OFFSET in a fixed order; the operator may "
            "raise the engine's limit.",
        )
    if _media_type(response) not in wanted:
        return RemoteDeclined(
            f"The engine answers with {_media_type(response) or 'no media type'}.",
            remedy="Tell the operator of the service.",
        )
    return None


def _failure(status: int, text: str) -> VisesError:
    if status in _TIMEOUT_STATUS or _TIMEOUT_SIGN in text:
        return QueryTimeout(
            sentence(
                "remote-deadline", "The remote engine stopped the query at a deadline of its own."
            ),
            remedy=sentence(
                "cheaper-or-longer",
                "Make it cheaper, or let the operator raise the engine's deadline.",
            ),
        )
    return RemoteDeclined(
        f"The engine answers {status}: {first_line(text)}.",
        remedy="Change the query, or tell the operator of the service.",
    )


def _differs(release: Release, replica: Replica) -> ReplicaDiffers:
    held = f"release {replica.release_id}" if replica.release_id else "no whole release"
    return ReplicaDiffers(
        f"The engine holds {held} and not {release.id}.",
        place="VISES_ENGINE",
        remedy="Run `vises remote push`.",
    )
