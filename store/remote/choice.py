"""Two engines as one: the remote engine where it may be trusted, the embedded one for the rest."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import TYPE_CHECKING

from vises.errors import VisesError
from vises.store.engine import QueryRequest
from vises.store.remote.http import RemoteLoginRefused, RemoteUnavailable
from vises.store.remote.queries import RemoteDeclined
from vises.store.remote.replica import ReplicaDiffers
from vises.store.remote.transfer import AnswerDoubted

if TYPE_CHECKING:
    from vises.store.engine import Answer, Chunks, DescribeRequest, StartableEngine
    from vises.store.releases import ReleaseStore
    from vises.store.remote.engine import RemoteEngine

REST_SECONDS = 5.0
"""How long an engine that did not answer is left alone."""

STATE_SECONDS = 0.5
"""How long `/readyz` waits for it: half of what a probe of Kubernetes does (`timeoutSeconds`)."""

_log = logging.getLogger(__name__)


class EngineChoice:
    """Asks the remote engine what it accepts about the release it holds (an `Engine`).

    The embedded engine answers everything else: descriptions, which are a few look-ups; other
    releases, queries with values for variables (a value reaches into FILTER there, and a VALUES
    clause does not), requests from which graphs are hidden, what the remote engine declines or
    doubts, and all while the remote engine does not answer or holds another release. An answer is
    begun again there as long as no byte of it went out.
    """

    def __init__(
        self, releases: ReleaseStore, embedded: StartableEngine, remote: RemoteEngine
    ) -> None:
        """Take both engines."""
        self._releases = releases
        self.embedded = embedded
        self._remote = remote
        self._rest_until = 0.0

    async def start(self) -> None:
        """Start both."""
        await self.embedded.start()
        await self._remote.start()

    async def close(self) -> None:
        """Close both."""
        await self._remote.close()
        await self.embedded.close()

    def accepts(self, query: str) -> bool:
        """Take every query."""
        return self.embedded.accepts(query)

    async def answer(self, request: QueryRequest | DescribeRequest, release_id: str) -> Answer:
        """Begin an answer, as `Engine.answer` says."""
        if isinstance(request, QueryRequest) and self._may_ask(request, release_id):
            try:
                await self._remote.held()
                if self._remote.accepts(request.query):
                    return await _begun(await self._remote.answer(request, release_id))
            except (RemoteDeclined, AnswerDoubted, ReplicaDiffers) as error:
                _log.info("the embedded engine answers: %s", error.detail)
            except (RemoteUnavailable, RemoteLoginRefused) as error:
                self._rest(error)
        return await self.embedded.answer(request, release_id)

    async def remote_state(self, release_id: str) -> str:
        """Return a sentence: whether the remote engine answers for a release, and if not, why.

        It says so too where the remote engine does not tell within `STATE_SECONDS`.
        """
        release = self._releases.get(release_id)
        try:
            async with asyncio.timeout(STATE_SECONDS):
                replica = await self._remote.held()
        except TimeoutError:
            return f"The remote engine did not say within {STATE_SECONDS:g} s what it holds."
        except VisesError as error:
            return f"The embedded engine answers. {error.detail}"
        if replica.holds(release):
            return f"The remote engine answers: it holds release {release_id}."
        held = f"release {replica.release_id}" if replica.release_id else "no whole release"
        return f"The embedded engine answers. The remote engine holds {held}."

    def _is_current(self, release_id: str) -> bool:
        current = self._releases.current()
        return current is not None and current.id == release_id

    def _may_ask(self, request: QueryRequest, release_id: str) -> bool:
        if request.hidden_graphs or request.bindings:
            return False
        return self._rested() and self._is_current(release_id)

    def _rested(self) -> bool:
        return asyncio.get_running_loop().time() >= self._rest_until

    def _rest(self, error: VisesError) -> None:
        _log.warning("the remote engine is left alone for %g s: %s", REST_SECONDS, error.detail)
        self._rest_until = asyncio.get_running_loop().time() + REST_SECONDS


async def _begun(answer: Answer) -> Answer:
    """Wait for the first bytes, so that what fails until then can be asked elsewhere."""
    try:
        first = await anext(answer.chunks, b"")
    except BaseException:
        await answer.aclose()
        raise
    return replace(answer, chunks=_WithFirst(first, answer.chunks))


class _WithFirst(AsyncIterator[bytes]):
    """The chunks of an answer of which the first was taken already."""

    def __init__(self, first: bytes, rest: Chunks) -> None:
        self._first = first
        self._rest = rest

    async def __anext__(self) -> bytes:
        if self._first:
            first, self._first = self._first, b""
            return first
        return await anext(self._rest)

    async def aclose(self) -> None:
        await self._rest.aclose()
