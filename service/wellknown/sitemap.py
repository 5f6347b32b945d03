"""The sitemap (sitemaps.org, protocol 0.9): an index, and parts of 25,000 addresses at most.

Parts lie beside the index, because a sitemap speaks of what is below its own folder. The first part
has the pages that stand on their own. The others come from the lists of things among the dumps of
the current release, so that no graph is read for them; a dataset that has no files yet, or is
closed to the public, is not in them.
"""

from __future__ import annotations

import gzip
import io
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import quote
from xml.sax.saxutils import escape

from vises.service.resources.links import IRI_SAFE
from vises.store.dumps.triples import NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from vises.service.dumps.endpoint import Dump
    from vises.service.iris import Addresses

MOST = 25_000
"""How many addresses a part may have: with them it is below 50 MB, however long they are."""

LONGEST = 2_047
"""How long an address may be; the protocol wants less than 2,048 characters."""

PAGES = (
    *("/", "/datasets", "/catalog", "/releases", "/figures", "/indicators", "/regions", "/codes"),
    *("/alignments", "/questions", "/report", "/sparql", "/api"),
)
"""The pages that no data describe."""

_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


@dataclass(frozen=True)
class Part:
    """A part: its name in the address, and where its IRIs are in the list of a dataset."""

    name: str
    dump: Dump
    number: int


def parts(dumps: Iterable[Dump]) -> list[Part]:
    """Return the parts that the lists of things make, in order."""
    return [
        Part(f"{dump.name.removesuffix(f'.{NAMES}')}-{number + 1}", dump, number)
        for dump in dumps
        if dump.file.form == NAMES
        for number in range(-(-(dump.file.lines or 0) // MOST))
    ]


def index(origin: str, found: Sequence[Part]) -> str:
    """Return the index of all parts."""
    names = ["pages", *(part.name for part in found)]
    entries = (
        f"<sitemap><loc>{escape(f'{origin}/sitemap-{name}.xml.gz')}</loc></sitemap>\n"
        for name in names
    )
    return f'{_HEAD}<sitemapindex xmlns="{_NAMESPACE}">\n{"".join(entries)}</sitemapindex>\n'


def pages(origin: str, documents: Iterable[str]) -> bytes:
    """Return the part of the pages that stand on their own; `documents` are further paths."""
    return _packed(f"{origin}{path}" for path in (*PAGES, *documents))


def part_body(part: Part, origin: str, addresses: Addresses) -> bytes:
    """Return a part: the pages of the things in its stretch of the list. Raises `OSError`.

    What has no page of its own here, such as a term of a vocabulary, is left out. An IRI is written
    as a URI, as the protocol wants it ("Entity escaping").
    """
    with gzip.open(part.dump.path, "rt", encoding="utf-8") as file:
        lines = islice(file, part.number * MOST, (part.number + 1) * MOST)
        hrefs = (addresses.href(line.rstrip("\n")) for line in lines)
        pages_there = (quote(href, safe=IRI_SAFE) for href in hrefs if href and _is_page(href))
        return _packed(f"{origin}{page}" for page in pages_there)


def _is_page(href: str) -> bool:
    return href.startswith("/") and "#" not in href


def _packed(addresses: Iterable[str]) -> bytes:
    body = io.BytesIO()
    with gzip.GzipFile("", "wb", 6, body, mtime=0) as output:
        for piece in _urlset(addresses):
            output.write(piece.encode())
    return body.getvalue()


def _urlset(addresses: Iterable[str]) -> Iterator[str]:
    yield f'{_HEAD}<urlset xmlns="{_NAMESPACE}">\n'
    for location in map(escape, addresses):
        if len(location) <= LONGEST:
            yield f"<url><loc>{location}</loc></url>\n"
    yield "</urlset>\n"
