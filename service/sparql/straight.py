"""Plain queries by GET, between the connection and a query process with nothing in between.

A look-up costs less than the way that a request takes through parsers, tasks and applications. So a
request is read here by its bytes, where they leave nothing to decide: the line has a query and no
other parameter, and its headers are, byte by byte, those of a request that has come the long way
before (`Straight.learn`). What is answered is what the long way would answer, by the same functions
and from the same caches. Everything else goes the long way, also what has begun here and is not
answered soon (`vises.store.attempt`): tokens, conditions, errors, long queries, large answers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

from vises.errors import VisesError
from vises.service.access.address import holds_token
from vises.service.answers import RawHeaders, with_length
from vises.service.bodies import decoded
from vises.service.compression import chosen_headers
from vises.service.formats import graph_type, results_type, wants_html
from vises.service.headers import secured
from vises.service.negotiation import best_coding
from vises.service.repeats import Asked, Given, asking_of, state_of
from vises.service.sparql.endpoint import complete, headers_with_tag, may_change, tag_of
from vises.service.sparql.streaming import raw_headers
from vises.service.wire import HEAD, status_line, written
from vises.store.encoding import LEAST_BYTES
from vises.store.engine import QueryRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Scope

    from vises.service.negotiation import Coding
    from vises.service.repeats import Repeats
    from vises.service.site import Reading, Site
    from vises.service.sparql.endpoint import SparqlEndpoint
    from vises.store.attempt import Whole
    from vises.store.caller import Caller
    from vises.store.workers import WorkerPool

PATH = b"/sparql"
_LINE = re.compile(rb"GET /sparql\?(query=([A-Za-z0-9%._~*+()!',:;@/?$=-]{1,4096})) HTTP/1\.1\r\n")
_PLAIN = {
    b"accept",
    b"accept-encoding",
    b"accept-language",
    b"cache-control",
    b"connection",
    b"dnt",
    b"host",
    b"origin",
    b"pragma",
    b"priority",
    b"referer",
    b"user-agent",
}
"""Headers that nothing decides by, or by which `Form` tells what they decide."""

_MOST_FORMS = 256
_MOST_FORM_BYTES = 2048
_TAG, _LENGTH = "<tag>", -1


@dataclass
class Form:
    """What the headers of a request ask for.

    `heads` has the heads of answers to such requests from one `state`, by media type and content
    coding, with places for the entity tag and the length.
    """

    scheme: str
    asking: tuple[tuple[bytes, bytes], ...]
    results_type: str | None
    graph_type: str | None
    coding: Coding
    state: object = None
    heads: dict[tuple[str, str], bytes] = field(default_factory=dict)

    @classmethod
    def of(cls, scope: Scope) -> Form | None:
        """Return that of a request, None where its headers may decide something else."""
        headers = dict(scope["headers"])
        plain = all(name in _PLAIN or name.startswith(b"sec-") for name in headers)
        if not plain or len(headers) < len(scope["headers"]):
            return None
        accept = headers[b"accept"].decode("latin-1") if b"accept" in headers else None
        if wants_html(accept):
            return None
        encodings = headers.get(b"accept-encoding")
        return cls(
            scope["scheme"],
            asking_of(scope["headers"]),
            results_type(accept),
            graph_type(accept),
            best_coding(None if encodings is None else encodings.decode("latin-1")),
        )

    def head(self, reading: Reading, media_type: str, coding: str, tag: str, length: int) -> bytes:
        """Return the head of an answer, as HTTP/1.1 writes it."""
        state = (reading.release.id, reading.rights)
        if state != self.state:
            self.state = state
            self.heads.clear()
        head = self.heads.get((media_type, coding))
        if head is None:
            headers = _headers(reading, media_type, coding, f'"{_TAG}"', _LENGTH)[1]
            text = (status_line(HTTPStatus.OK) + written(headers)).replace(b"%", b"%%")
            head = text.replace(_TAG.encode(), b"%b")
            head = head.replace(b"content-length: %d" % _LENGTH, b"content-length: %d")
            self.heads[media_type, coding] = head
        return head % (tag.strip('"').encode(), length)


class Straight:
    """Begins queries that come plainly; without a pool it begins none."""

    def __init__(
        self, site: Site, endpoint: SparqlEndpoint, repeats: Repeats, pool: WorkerPool | None
    ) -> None:
        """Take the endpoint, what is asked before it, and what is behind it."""
        self._site = site
        self._endpoint = endpoint
        self._repeats = repeats
        self._pool = pool
        self._forms: dict[bytes, Form] = {}

    def learn(self, scope: Scope) -> None:
        """Know the headers of a request that was answered, where they are plain."""
        head: bytes | None = scope.get(HEAD)
        if head is None or self._pool is None or scope["raw_path"] != PATH:
            return
        block = head[head.index(b"\n") + 1 :]
        if block in self._forms or len(block) > _MOST_FORM_BYTES:
            return
        form = Form.of(scope)
        if form is not None:
            if len(self._forms) >= _MOST_FORMS:
                del self._forms[next(iter(self._forms))]
            self._forms[block] = form

    def begin(self, head: bytes, caller: Caller, done: Callable[[Given | None], None]) -> bool:
        """Begin to answer a request by its bytes; tell whether that was possible.

        `done` is called later, once, with the answer, or with None where the request is to go the
        long way, with its `caller`. It is not called after `Caller.close`.
        """
        line = _LINE.match(head)
        form = self._forms.get(head[line.end() :]) if line is not None else None
        if line is None or form is None or self._pool is None or holds_token(line[1]):
            return False
        try:
            query = decoded(line[2])
            reading = self._site.reading(None, self._site.access.rights(None))
        except (UnicodeDecodeError, VisesError):
            return False
        if may_change(query):
            return False
        request = _request(query, form, reading, self._site.settings.base_iri)
        asking = _Asking(self, form, reading, request, line[1], caller, done)
        if self._is_kept(asking):
            return False
        caller.begun = self._pool.attempt(request, reading.release.id, caller, asking.answered)
        return caller.begun is not None

    def _is_kept(self, asking: _Asking) -> bool:
        on = self._repeats.on
        return on and (
            self._repeats.has(asking.asked) or self._endpoint.has(asking.tag, asking.request)
        )

    def keep(self, asking: _Asking, whole: Whole) -> None:
        """Keep an answer where the long way would have kept it."""
        if not self._repeats.on:
            return
        inner, outer = _headers(
            asking.reading, whole.media_type, whole.coding, asking.tag, len(whole.body)
        )
        tag = dict(outer)[b"etag"].decode("latin-1")
        state = state_of(asking.reading)
        self._endpoint.keep(asking.tag, asking.request, inner, whole.body)
        self._repeats.keep(asking.asked, state, tag, outer, whole.body)


class _Asking:
    """A request on its way."""

    def __init__(  # noqa: PLR0913, PLR0917 (what is known of it)
        self,
        straight: Straight,
        form: Form,
        reading: Reading,
        request: QueryRequest,
        query_string: bytes,
        caller: Caller,
        done: Callable[[Given | None], None],
    ) -> None:
        self.reading = reading
        self.request = request
        self.asked = Asked(form.scheme, PATH, query_string, form.asking)
        self.tag = tag_of(reading, request)
        self._straight = straight
        self._form = form
        self._caller = caller
        self._done = done

    def answered(self, whole: Whole | None) -> None:
        """Pass on the answer with its head."""
        if whole is None:
            self._done(None)
            return
        self._caller.begun = None
        self._caller.cache = "miss"
        media_type, coding, body = whole
        head = self._form.head(self.reading, media_type, coding, self.tag, len(body))
        self._straight.keep(self, whole)
        self._done(Given(HTTPStatus.OK, [], body, head))


def _request(query: str, form: Form, reading: Reading, base_iri: str) -> QueryRequest:
    return QueryRequest(
        query=query,
        results_type=form.results_type,
        graph_type=form.graph_type,
        hidden_graphs=reading.rights.hidden_graphs,
        base_iri=base_iri,
        coding=form.coding.name,
        least_bytes=1 if form.coding.forced else LEAST_BYTES,
    )


def _headers(
    reading: Reading, media_type: str, coding: str, tag: str, length: int
) -> tuple[RawHeaders, RawHeaders]:
    """Return the headers of an answer as the endpoint gives them, and as they go out."""
    headers = headers_with_tag(reading, tag)
    complete(headers, media_type, coding)
    inner = with_length(raw_headers(headers), length)
    return inner, secured(chosen_headers(inner, coding))
