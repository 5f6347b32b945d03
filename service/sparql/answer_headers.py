"""The headers of an answer, its entity tag among them (RFC 9110, section 8.8.3)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from vises.service.conditional import etag, weak
from vises.service.formats import UNSTEADY, content_type
from vises.service.headers import ANY_ORIGIN
from vises.store.encoding import IDENTITY

if TYPE_CHECKING:
    from vises.service.site import Reading
    from vises.store.engine import QueryRequest

FOR_A_WHILE = "public, max-age=0, stale-while-revalidate=30"
"""How long a cache may keep an answer from the release that was current (RFC 9111, RFC 5861).

It asks each time whether the answer is still right, while it may give the old one.
"""

_CHANGING = re.compile(r"\b(?:NOW|RAND|UUID|STRUUID|BNODE)\s*[(#]", re.IGNORECASE)
"""The functions that answer differently each time; a comment may stand before their bracket."""

_CONSTRUCT = re.compile(r"\bconstruct(?=[\s#{])")
_IRI = re.compile(r"<[^<>\s]*>")
_NEW_NODES = re.compile(r"""\[|_:|\(|<<|\{\||~|["'#]""")
"""What new blank nodes are written with in a template: labels, lists, reified statements.

Texts and comments count, too: what looks like the end of the template may stand in them.
"""


def answer_headers(reading: Reading, asked: QueryRequest, download: str | None) -> dict[str, str]:
    """Return the headers of an answer, before its form is known; a steady one has a tag."""
    if may_change(asked.query):
        headers = {**_usual(reading), "Cache-Control": reading.rights.cache_control("no-cache")}
    else:
        headers = headers_with_tag(reading, tag_of(reading, asked, download))
    if download:
        name = f"vises-{reading.release.id}.{download}"
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return headers


def headers_with_tag(reading: Reading, tag: str) -> dict[str, str]:
    """Return the headers of an answer that does not change, before its form is known."""
    return {**_usual(reading), "Cache-Control": _kept_for(reading), "ETag": tag}


def tag_of(reading: Reading, asked: QueryRequest, download: str | None = None) -> str:
    """Return the entity tag of an answer that does not change."""
    return etag(
        reading.release.id,
        asked.base_iri or "",
        asked.query,
        asked.results_type or "",
        asked.graph_type or "",
        *(f"default {graph}" for graph in asked.default_graphs),
        *(f"named {graph}" for graph in asked.named_graphs),
        download or "",
        _kept_for(reading),
        reading.rights.vary("Accept"),
        *reading.rights.etag_parts,
    )


def complete(headers: dict[str, str], media_type: str, coding: str | None) -> None:
    """Add to the headers what the engine said of an answer.

    A tag becomes a weak one where the same answer may have other bytes the next time.
    """
    headers["Content-Type"] = content_type(media_type)
    if coding is not None:
        headers["Content-Encoding"] = coding
    if "ETag" in headers and (coding not in {None, IDENTITY} or media_type in UNSTEADY):
        headers["ETag"] = weak(headers["ETag"])


def _usual(reading: Reading) -> dict[str, str]:
    vary = reading.rights.vary("Accept")
    return {**ANY_ORIGIN, "Vary": vary, "X-Release": reading.release.id}


def _kept_for(reading: Reading) -> str:
    if reading.name:
        return reading.cache_control
    return reading.rights.cache_control(FOR_A_WHILE)


def may_change(query: str) -> bool:
    """Tell whether a query may answer differently next time.

    It does by functions, by new blank nodes, and by what partners answer. Any of these may be
    written with codepoint escapes (SPARQL 1.1, 19.2), so a query with one may.
    """
    lower = query.lower()
    calls = "(" in query and _CHANGING.search(query) is not None
    return "service" in lower or calls or "\\u" in lower or _makes_nodes(lower)


def _makes_nodes(lower: str) -> bool:
    """Tell whether a template of CONSTRUCT (in small letters) may make blank nodes."""
    if "construct" not in lower:
        return False
    templates = (rest.partition("}")[0] for rest in _CONSTRUCT.split(lower)[1:])
    return any(_NEW_NODES.search(_IRI.sub("", template)) for template in templates)
