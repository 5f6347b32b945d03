"""Plain queries: GET of `/sparql` with a query and no other parameter."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from vises.service.access.address import holds_token
from vises.service.answers import RawHeaders, with_length
from vises.service.bodies import decoded
from vises.service.compression import chosen_headers
from vises.service.fastpath.head import TAG
from vises.service.headers import secured
from vises.service.repeats import Asked
from vises.service.sparql.answer_headers import complete, headers_with_tag, may_change, tag_of
from vises.service.sparql.streaming import raw_headers
from vises.store.encoding import LEAST_BYTES
from vises.store.engine import QueryRequest

if TYPE_CHECKING:
    from vises.service.fastpath.form import Form
    from vises.service.site import Reading
    from vises.service.sparql.endpoint import SparqlEndpoint
    from vises.store.attempt import Whole

_PATH = b"/sparql"
_LINE = re.compile(rb"GET /sparql\?(query=([A-Za-z0-9%._~*+()!',:;@/?$=-]{1,4096})) HTTP/1\.1\r\n")
_TAG = TAG.encode()


class PlainQueries:
    """Reads them (a `Kind`)."""

    line = _LINE

    def __init__(self, endpoint: SparqlEndpoint, base_iri: str) -> None:
        """Take the endpoint that they would come to, and what their relative IRIs stand for."""
        self._endpoint = endpoint
        self._base_iri = base_iri

    def read(self, line: re.Match[bytes], form: Form, reading: Reading) -> PlainQuery | None:
        """Return the query in a line, as `Kind` says."""
        if holds_token(line[1]):
            return None
        try:
            query = decoded(line[2])
        except UnicodeDecodeError:
            return None
        if may_change(query):
            return None
        request = _request(query, form, reading, self._base_iri)
        return PlainQuery(self._endpoint, form, reading, request, line[1])


class PlainQuery:
    """One of them (a `Plain`)."""

    def __init__(
        self,
        endpoint: SparqlEndpoint,
        form: Form,
        reading: Reading,
        request: QueryRequest,
        query_string: bytes,
    ) -> None:
        """Take what the engine is asked, and the parameter that it was read from."""
        self.request = request
        self.asked = Asked(form.scheme, _PATH, query_string, form.asking)
        self._endpoint = endpoint
        self._form = form
        self._reading = reading
        self._tag = tag_of(reading, request)

    def is_kept(self) -> bool:
        """Tell whether the endpoint keeps an answer."""
        return self._endpoint.has(self._tag, self.request)

    def head(self, whole: Whole) -> bytes:
        """Return the head of an answer."""
        media_type, coding = whole.media_type, whole.coding
        head = self._form.head(
            self._reading,
            (media_type, coding),
            lambda: _headers(self._reading, media_type, coding, f'"{TAG}"', 0)[1],
        )
        return head.filled({_TAG: self._tag.strip('"').encode()}, len(whole.body))

    def keep(self, whole: Whole) -> tuple[str, RawHeaders]:
        """Let the endpoint keep an answer; return its entity tag and headers as they go out."""
        size = len(whole.body)
        inner, outer = _headers(self._reading, whole.media_type, whole.coding, self._tag, size)
        self._endpoint.keep(self._tag, self.request, inner, whole.body)
        return dict(outer)[b"etag"].decode("latin-1"), outer


def _request(query: str, form: Form, reading: Reading, base_iri: str) -> QueryRequest:
    return QueryRequest(
        query=query,
        results_type=form.results_type,
        graph_type=form.graph_type,
        hidden_graphs=reading.rights.hidden_graphs,
        base_iri=base_iri,
        written=True,
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
