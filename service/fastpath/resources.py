"""Descriptions of things: GET of an address that ends in a form of RDF, without parameters."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from vises.service.answers import RawHeaders, with_length
from vises.service.compression import chosen_headers
from vises.service.fastpath.head import PATH, TAG
from vises.service.formats import GRAPH_TYPES
from vises.service.headers import secured
from vises.service.memento import Mementos
from vises.service.repeats import Asked
from vises.service.resources.asked import Asked as Thing
from vises.service.resources.description import (
    coded,
    describe_request,
    document_of,
    form_headers,
    link_header,
    tag_of,
    usual_headers,
)
from vises.service.resources.links import Links
from vises.service.sparql.streaming import raw_headers
from vises.store.engine import Described
from vises.store.frames import read_head

if TYPE_CHECKING:
    from collections.abc import Container

    from vises.service.fastpath.form import Form
    from vises.service.site import Reading, Site
    from vises.store.attempt import Whole

_LINE = re.compile(
    rb"GET /([A-Za-z0-9_~-][A-Za-z0-9_.~/-]{0,199})\.(%b) HTTP/1\.1\r\n"
    % "|".join(GRAPH_TYPES).encode()
)
_PATH, _TAG = PATH.encode(), TAG.encode()


class PlainResources:
    """Reads them (a `Kind`). The paths in it can be spelled in one way only."""

    line = _LINE

    def __init__(self, site: Site, reserved: Container[str]) -> None:
        """Take the site; none is below the first parts of a path in `reserved`."""
        self._site = site
        self._reserved = reserved

    def read(self, line: re.Match[bytes], form: Form, reading: Reading) -> PlainResource | None:
        """Return the description that a line asks for, as `Kind` says."""
        path, ending = line[1].decode(), line[2].decode()
        first = path.partition("/")[0]
        if first in self._reserved or f"{first}.{ending}" in self._reserved:
            return None
        thing = Thing(path, ending, GRAPH_TYPES[ending])
        return PlainResource(self._site, form, reading, thing)


class PlainResource:
    """One of them (a `Plain`)."""

    def __init__(self, site: Site, form: Form, reading: Reading, thing: Thing) -> None:
        """Take what the line asks for."""
        document = document_of(form.origin, thing, reading)
        iris = site.addresses(reading).candidates(thing.path)
        address = f"/{thing.path}.{thing.ending}".encode()
        self.request = describe_request(site, reading, thing, iris, document, form.coding)
        self.asked = Asked(form.scheme, address, b"", form.asking)
        self._form = form
        self._reading = reading
        self._thing = thing
        self._tag = tag_of(reading, thing, document, "")

    def is_kept(self) -> bool:
        """Return False: only answers to the same request are kept."""
        return False

    def head(self, whole: Whole) -> bytes | None:
        """Return the head of an answer, None where the data say nothing about the thing."""
        path, (_, _, length, described) = self._thing.path, read_head(whole.head)
        if not described.iri:
            return None
        base = described.iri.removesuffix(path)
        like = Described(base + PATH, described.types, more=described.more)
        kind = like.iri, like.types, like.more, self._thing.ending, whole.coding, length is None
        head = self._form.head(
            self._reading,
            kind,
            lambda: self._headers(replace(self._thing, path=PATH), like, f'"{TAG}"', whole, length),
        )
        known = {_PATH: path.encode(), _TAG: self._tag.strip('"').encode()}
        return head.filled(known, len(whole.body))

    def keep(self, whole: Whole) -> tuple[str, RawHeaders]:
        """Return the entity tag and the headers of an answer as they go out."""
        _, _, length, described = read_head(whole.head)
        headers = self._headers(self._thing, described, self._tag, whole, length)
        return dict(headers)[b"etag"].decode("latin-1"), headers

    def _headers(
        self, thing: Thing, described: Described, tag: str, whole: Whole, length: int | None
    ) -> RawHeaders:
        mementos = Mementos(self._form.origin, f"/{thing.path}.{thing.ending}").links()
        links = link_header(Links(thing, described, self._reading.chosen), mementos)
        headers = usual_headers(self._reading, thing) | form_headers(thing, tag) | {"Link": links}
        coded(headers, whole.coding, length)
        sized = with_length(raw_headers(headers), len(whole.body))
        return secured(chosen_headers(sized, whole.coding))
