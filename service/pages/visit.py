"""One request for a page or for RDF: the release that answers it, and the headers of the answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.responses import Response

from vises.errors import BadRequest
from vises.service import memento, problems
from vises.service.conditional import etag, is_fresh
from vises.service.formats import HTML
from vises.service.headers import ANY_ORIGIN
from vises.service.iris import in_release
from vises.service.language import language
from vises.service.memento import Mementos
from vises.service.problems import NoSuchPage
from vises.service.site import FOR_EVER, RELEASE

if TYPE_CHECKING:
    from starlette.requests import Request

    from vises.service.graph import Graph
    from vises.service.pages.facts import Facts
    from vises.service.site import Reading, Site
    from vises.store.releases import Release

Make = Callable[[dict[str, str]], Awaitable[Response]]


class ReleaseNamedTwice(BadRequest):
    """The request names more than one release."""

    kind = "release-named-twice"
    title = "One release at a time"


@dataclass(frozen=True)
class Visit:
    """One request for a page or for RDF, and the release that answers it."""

    request: Request
    reading: Reading
    graph: Graph
    facts: Facts


def asked_release(request: Request) -> str | None:
    """Return the value of the parameter `release`. Raises `ReleaseNamedTwice`."""
    names = request.query_params.getlist(RELEASE)
    if len(names) > 1:
        raise ReleaseNamedTwice(
            f"The parameter {RELEASE} is given {len(names)} times.",
            place=f"parameter {RELEASE}",
            remedy="Give it once.",
        )
    return names[0] if names else None


async def answered(visit: Visit, site: Site, media_type: str, make: Make) -> Response:
    """Return the answer to a visit.

    That is the way to the memento of the moment that was asked for (302); 304 for a client that
    has the answer already; or what `make` returns for the headers it is given. An address of
    which a release says nothing has links to its mementos all the same, and its 404 is itself one
    where the request named the release (RFC 7089, sections 4.5.2 and 4.5.5).

    Raises `AcceptDatetimeMalformed` and what `make` does.
    """
    request, reading = visit.request, visit.reading
    mementos = Mementos.of(request, request.scope["path"])
    moment = memento.asked_moment(request) if reading.chosen is None else None
    if moment is not None:
        releases = await site.readable()
        return _to_memento(visit, media_type, memento.state_at(releases, moment), releases)
    headers = _headers(visit, media_type)
    switching = "lang" in request.query_params
    if not switching and is_fresh(request.headers.get("if-none-match"), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    try:
        response = await make(headers)
    except NoSuchPage as error:
        response = problems.response(request, _silent(error, reading, mementos))
        kept = ("X-Release", "Memento-Datetime")
        response.headers.update({name: headers[name] for name in kept if name in headers})
    links = [response.headers["Link"]] if "Link" in response.headers else []
    links += mementos.links()
    if reading.chosen is not None:
        lasting = headers["Cache-Control"] == FOR_EVER
        links += mementos.around(reading.release, await site.readable(), lasting=lasting)
    response.headers["Link"] = ", ".join(links)
    return response


def _to_memento(
    visit: Visit, media_type: str, release: Release, releases: Sequence[Release]
) -> Response:
    """Return the way to the state in a release; other parameters go along."""
    request = visit.request
    mementos = Mementos.of(request, request.scope["path"])
    query = f"?{request.url.query}" if request.url.query else ""
    headers = {
        "Location": in_release(mementos.original + query, release.id),
        "Cache-Control": visit.reading.rights.cache_control("no-cache"),
        "Vary": _vary(visit.reading, media_type),
        "Link": ", ".join([*mementos.links(), *mementos.around(release, releases)]),
        **ANY_ORIGIN,
    }
    return Response(status_code=302, headers=headers)


def _silent(error: NoSuchPage, reading: Reading, mementos: Mementos) -> NoSuchPage:
    """Return the error for the release that was named: there may be others that say something."""
    if reading.chosen is None:
        return error
    return NoSuchPage(
        f"Release {reading.chosen} says nothing about this address.",
        place=error.place,
        remedy=f"{mementos.original} shows what the current release says, if anything; "
        f"{mementos.timemap} lists the others.",
    )


def _headers(visit: Visit, media_type: str) -> dict[str, str]:
    """Return the headers of an answer; a page also depends on what is current and is not kept."""
    request, reading = visit.request, visit.reading
    parts = [reading.release.id, media_type, request.scope["path"], *reading.rights.etag_parts]
    if media_type == HTML:
        parts += [language(request), reading.chosen or "", reading.current.id]
    headers = {
        "ETag": etag(*parts),
        "Cache-Control": reading.rights.cache_control("no-cache")
        if media_type == HTML
        else reading.cache_control,
        "Vary": _vary(reading, media_type),
        "X-Release": reading.release.id,
    }
    if reading.lasting:
        headers["Memento-Datetime"] = memento.http_date(reading.release.created)
    return headers if media_type == HTML else headers | ANY_ORIGIN


def _vary(reading: Reading, media_type: str) -> str:
    """Return what decides between answers; the moment does only at a TimeGate (section 2.1.2)."""
    names = ["Accept"]
    if media_type == HTML:
        names += ["Accept-Language", "Cookie"]
    if reading.chosen is None:
        names.append("Accept-Datetime")
    return reading.rights.vary(", ".join(names))
