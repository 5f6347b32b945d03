"""Answers that were given before, kept in memory: a release never changes, so neither do they."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from starlette.types import Scope

MOST_ANSWER_BYTES = 1 << 20
"""Larger answers are not kept."""

_MOST_ADDRESSES = 10_000
_MOST_ADDRESS_BYTES = 4096
_OVERHEAD_BYTES = 1000

RawHeaders = list[tuple[bytes, bytes]]


class KeptAnswer(NamedTuple):
    """The headers (those that every answer has aside) and the whole body of an answer.

    `tag` names the state, `key` the bytes, which differ by content coding.
    """

    key: str
    tag: str
    headers: RawHeaders
    body: bytes


class Asked(NamedTuple):
    """What of a request decides its answer, before anything of it is read."""

    query_string: bytes
    accept: bytes
    encoding: bytes


class State(NamedTuple):
    """What else decides the answer to a request without a token, at a moment.

    The release that is current (None where the request names one by its id), and what is hidden
    (`Rights.view`, `Rights.closes`).
    """

    release_id: str | None
    view: str
    closes: bool


class AnswerCache:
    """The answers used last, by their keys; `mebibytes` bounds what they take, 0 keeps none.

    A key stands for release, query, dataset, form, coding and rights, so an answer is never given
    for another one. What a request asked for, byte by byte, leads to its key without being read, as
    long as the state is the one in which it was answered.
    """

    def __init__(self, mebibytes: int) -> None:
        """Keep nothing yet."""
        self._most_bytes = mebibytes << 20
        self._bytes = 0
        self._answers: OrderedDict[str, KeptAnswer] = OrderedDict()
        self._tags: dict[Asked, tuple[State, str]] = {}

    def known(self, asked: Asked, now: State) -> KeptAnswer | None:
        """Return the answer to a request that was seen before, in the state of now."""
        known = self._tags.get(asked)
        if known is None:
            return None
        then, key = known
        if then != now and then != now._replace(release_id=None):
            del self._tags[asked]
            return None
        return self._found(key)

    def get(self, key: str) -> KeptAnswer | None:
        """Return the answer that is kept under a key."""
        return self._found(key)

    def remember(self, asked: Asked, state: State, key: str) -> None:
        """Note the key of the answer to a request in a state."""
        if len(asked.query_string) <= _MOST_ADDRESS_BYTES and key in self._answers:
            if len(self._tags) >= _MOST_ADDRESSES:
                del self._tags[next(iter(self._tags))]
            self._tags[asked] = (state, key)

    def put(self, answer: KeptAnswer) -> None:
        """Keep an answer, and let those go that were used least recently."""
        size = _size(answer)
        if len(answer.body) > MOST_ANSWER_BYTES or size > self._most_bytes:
            return
        if replaced := self._answers.pop(answer.key, None):
            self._bytes -= _size(replaced)
        self._answers[answer.key] = answer
        self._bytes += size
        while self._bytes > self._most_bytes:
            _, oldest = self._answers.popitem(last=False)
            self._bytes -= _size(oldest)

    def _found(self, key: str) -> KeptAnswer | None:
        found = self._answers.get(key)
        if found is not None:
            self._answers.move_to_end(key)
        return found


def asked_in(scope: Scope) -> tuple[Asked, bytes] | None:
    """Return what a GET or HEAD asks for and its If-None-Match; None for what is no such request.

    A request with credentials is none either: what it may see is looked up first.
    """
    if scope["method"] not in {"GET", "HEAD"}:
        return None
    accept = encoding = tags = b""
    for name, value in scope["headers"]:
        if name == b"accept":
            accept += value
        elif name == b"accept-encoding":
            encoding += value
        elif name == b"if-none-match":
            tags += value
        elif name == b"authorization":
            return None
    return Asked(scope["query_string"], accept, encoding), tags


def _size(answer: KeptAnswer) -> int:
    return len(answer.body) + _OVERHEAD_BYTES
