"""A description of a thing: what the engine is asked for, and the headers of the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vises.service.conditional import etag, last_modified, weak
from vises.service.formats import content_type
from vises.service.graph import among
from vises.service.headers import ANY_ORIGIN
from vises.service.iris import in_release
from vises.service.pages.visit import state_headers
from vises.service.resources.documents import NEGOTIATED
from vises.service.resources.views import profile_query
from vises.store.encoding import IDENTITY, LEAST_BYTES
from vises.store.engine import DescribeRequest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pyoxigraph import NamedNode

    from vises.service.negotiation import Coding
    from vises.service.resources.asked import Asked
    from vises.service.resources.links import Links
    from vises.service.site import Reading, Site


def usual_headers(reading: Reading, asked: Asked) -> dict[str, str]:
    """Return the headers of every answer about a thing."""
    vary = ["Accept-Profile"] if asked.ending else [NEGOTIATED]
    if reading.chosen is None:
        vary.append("Accept-Datetime")
    return {
        **ANY_ORIGIN,
        **state_headers(reading),
        "Cache-Control": reading.cache_control,
        **last_modified(reading.release.created, closes=reading.rights.closes),
        "Vary": reading.rights.vary(", ".join(vary)),
    }


def form_headers(asked: Asked, tag: str) -> dict[str, str]:
    """Return the headers that name the form, and the state by its tag."""
    return {
        "Content-Profile": asked.profile.content_profile,
        "Content-Type": content_type(asked.media_type),
        "ETag": tag,
    }


def tag_of(reading: Reading, asked: Asked, document: str, language: str) -> str:
    """Return the entity tag of a form; the language is the one that the address names, or ""."""
    return etag(
        reading.release.id,
        asked.media_type,
        asked.profile.token,
        str(asked.part),
        document,
        language,
        *reading.rights.etag_parts,
    )


def document_of(origin: str, asked: Asked, reading: Reading) -> str:
    """Return the absolute address of a description, without the number of a part."""
    return in_release(f"{origin}{asked.here}.{asked.form}", reading.chosen)


def describe_request(  # noqa: PLR0913, PLR0917 (what decides it)
    site: Site,
    reading: Reading,
    asked: Asked,
    iris: Sequence[NamedNode],
    document: str,
    coding: Coding,
) -> DescribeRequest:
    """Return what the engine is asked for the description of the first of some IRIs it knows."""
    names = tuple(iri.value for iri in iris)
    return DescribeRequest(
        names,
        asked.media_type,
        reading.rights.hidden_graphs,
        page=asked.part,
        document=document,
        documents=site.documents,
        graphs=among(names, reading.counts),
        construct=profile_query(asked.profile.query) if asked.profile.query else "",
        coding=coding.name,
        least_bytes=1 if coding.forced else LEAST_BYTES,
    )


def coded(headers: dict[str, str], coding: str | None, length: int | None) -> None:
    """Add the coding of an answer to its headers; of a length that is not known yet it is weak."""
    if coding is not None:
        headers["Content-Encoding"] = coding
        if coding != IDENTITY and length is None:
            headers["ETag"] = weak(headers["ETag"])


def link_header(links: Links, mementos: Iterable[str]) -> str:
    """Return the Link header of a description."""
    return ", ".join([*links.listed(), *map(str, links.back()), *mementos])
