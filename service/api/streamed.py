"""An answer of the engine as a response that is sent as it comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from vises.service.sparql.streaming import WhileConnected, raw_headers, send_answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Receive, Scope, Send

    from vises.store.engine import Answer


class Streamed(Response):
    """Sends an answer part by part, with status 200; what fails before the first part is raised."""

    def __init__(self, answer: Answer, headers: Mapping[str, str], *, head: bool) -> None:
        """Take an answer that has begun, and the headers to give it."""
        super().__init__()
        self._answer = answer
        self._own_headers = raw_headers(headers)
        self._head = head

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Send it; stop the work where the client leaves."""
        with WhileConnected(receive):
            await send_answer(self._answer, self._own_headers, send, head=self._head)
