"""Answers that were given before, kept in memory: a release never changes, so neither do they."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable

    from starlette.types import Send

MOST_ANSWER_BYTES = 1 << 20
"""Larger answers are not kept."""

_OVERHEAD_BYTES = 1000

RawHeaders = list[tuple[bytes, bytes]]
Value = TypeVar("Value")


class KeptAnswer(NamedTuple):
    """The entity tag, the headers and the whole body of an answer."""

    tag: str
    headers: RawHeaders
    body: bytes


def with_length(headers: RawHeaders, length: int) -> RawHeaders:
    """Return headers with the length of the body, in place of one that they may have."""
    others = [header for header in headers if header[0] != b"content-length"]
    return [*others, (b"content-length", str(length).encode())]


async def send_whole(headers: RawHeaders, body: bytes, send: Send, *, status: int = 200) -> None:
    """Send an answer at once."""
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


class AnswerCache(Generic[Value]):
    """The answers used last, by their keys; `mebibytes` bounds what they take, 0 keeps none."""

    def __init__(self, mebibytes: float) -> None:
        """Keep nothing yet."""
        self._most_bytes = mebibytes * (1 << 20)
        self._bytes = 0
        self._answers: OrderedDict[Hashable, tuple[Value, int]] = OrderedDict()

    def get(self, key: Hashable) -> Value | None:
        """Return what is kept under a key."""
        found = self._answers.get(key)
        if found is None:
            return None
        self._answers.move_to_end(key)
        return found[0]

    def put(self, key: Hashable, answer: Value, size: int) -> None:
        """Keep an answer of so many bytes, and let those go that were used least recently."""
        self.drop(key)
        taken = size + _OVERHEAD_BYTES
        if size > MOST_ANSWER_BYTES or taken > self._most_bytes:
            return
        self._answers[key] = (answer, taken)
        self._bytes += taken
        while self._bytes > self._most_bytes:
            _, (_, oldest) = self._answers.popitem(last=False)
            self._bytes -= oldest

    def drop(self, key: Hashable) -> None:
        """Forget the answer of a key, if there is one."""
        _, taken = self._answers.pop(key, (None, 0))
        self._bytes -= taken
