"""Plain requests by GET, between the connection and a query process with nothing in between.

A look-up costs less than the way that a request takes through parsers, tasks and applications. So a
request is read here by its bytes, where they leave nothing to decide: its line is of a `Kind`, and
its headers are, byte by byte, those of a request that has come the long way before
(`FastPath.learn`). What is answered is what the long way would answer, by the same functions and
from the same caches. Everything else goes the long way, also what has begun here and is not
answered soon (`vises.store.attempt`): tokens, conditions, errors, long queries, large answers.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol

from vises.errors import VisesError
from vises.service.fastpath.form import Form
from vises.service.repeats import Given, state_of
from vises.service.wire import HEAD

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Sequence

    from starlette.types import Scope

    from vises.service.answers import RawHeaders
    from vises.service.repeats import Asked, Repeats
    from vises.service.site import Reading, Site
    from vises.store.attempt import Whole
    from vises.store.caller import Caller
    from vises.store.engine import DescribeRequest, QueryRequest
    from vises.store.workers import WorkerPool

_MOST_FORMS = 256
_MOST_FORM_BYTES = 2048


class Plain(Protocol):
    """A plain request: what it asks the engine, and what becomes of the answer."""

    @property
    def asked(self) -> Asked:
        """What of the request decides its answer."""

    @property
    def request(self) -> QueryRequest | DescribeRequest:
        """What it asks the engine."""

    def is_kept(self) -> bool:
        """Tell whether the long way keeps an answer besides the one to the same request."""

    def head(self, whole: Whole) -> bytes | None:
        """Return the head of an answer, None where the long way would answer another thing."""

    def keep(self, whole: Whole) -> tuple[str, RawHeaders]:
        """Keep an answer as the long way does; return its entity tag and its headers."""


class Kind(Protocol):
    """A kind of requests, by what their line is like."""

    @property
    def line(self) -> re.Pattern[bytes]:
        """What their first line is like."""

    def read(self, line: re.Match[bytes], form: Form, reading: Reading) -> Plain | None:
        """Return the request with such a line, None where it is none of this kind after all."""


class FastPath:
    """Begins plain requests; without a pool it begins none."""

    def __init__(
        self,
        site: Site,
        repeats: Repeats,
        pool: WorkerPool | None,
        public: Callable[[Scope], Scope],
        kinds: Sequence[Kind],
    ) -> None:
        """Take what is asked before, what is behind, and what makes a scope that of the public."""
        self._site = site
        self._repeats = repeats
        self._pool = pool
        self._public = public
        self._kinds = kinds
        self._forms: dict[bytes, Form] = {}

    def learn(self, scope: Scope) -> None:
        """Know the headers of a request that was answered, where they are plain."""
        head: bytes | None = scope.get(HEAD)
        if head is None or self._pool is None or self._kind_of(head) is None:
            return
        block = head[head.index(b"\n") + 1 :]
        if block in self._forms or len(block) > _MOST_FORM_BYTES:
            return
        form = Form.of(scope, self._public(scope))
        if form is not None:
            if len(self._forms) >= _MOST_FORMS:
                del self._forms[next(iter(self._forms))]
            self._forms[block] = form

    def begin(self, head: bytes, caller: Caller, done: Callable[[Given | None], None]) -> bool:
        """Begin to answer a request by its bytes; tell whether that was possible.

        `done` is called later, once, with the answer, or with None where the request is to go the
        long way, with its `caller`. It is not called after `Caller.close`.
        """
        found = self._kind_of(head)
        form = self._forms.get(head[found[1].end() :]) if found is not None else None
        if found is None or form is None or self._pool is None:
            return False
        try:
            reading = self._site.reading(None, self._site.access.rights(None))
        except VisesError:
            return False
        kind, line = found
        plain = kind.read(line, form, reading)
        if plain is None or self._is_kept(plain):
            return False
        asking = _Asking(self._repeats, reading, plain, caller, done)
        caller.begun = self._pool.attempt(
            plain.request, reading.release.id, caller, asking.answered
        )
        return caller.begun is not None

    def _kind_of(self, head: bytes) -> tuple[Kind, re.Match[bytes]] | None:
        for kind in self._kinds:
            line = kind.line.match(head)
            if line is not None:
                return kind, line
        return None

    def _is_kept(self, plain: Plain) -> bool:
        return self._repeats.on and (self._repeats.has(plain.asked) or plain.is_kept())


class _Asking:
    """A request on its way."""

    def __init__(
        self,
        repeats: Repeats,
        reading: Reading,
        plain: Plain,
        caller: Caller,
        done: Callable[[Given | None], None],
    ) -> None:
        self._repeats = repeats
        self._reading = reading
        self._plain = plain
        self._caller = caller
        self._done = done

    def answered(self, whole: Whole | None) -> None:
        """Pass on the answer with its head."""
        if whole is None:
            self._done(None)
            return
        self._caller.begun = None
        head = self._plain.head(whole)
        if head is None:
            self._done(None)
            return
        self._caller.cache = "miss"
        if self._repeats.on:
            tag, headers = self._plain.keep(whole)
            state = state_of(self._reading)
            self._repeats.keep(self._plain.asked, state, tag, headers, whole.body)
        self._done(Given(HTTPStatus.OK, [], whole.body, head))
