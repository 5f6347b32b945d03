"""One request for a page or for RDF: the release that answers it, and the headers of the answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import Response

from vises.errors import BadRequest, sentence
from vises.service import memento, problems
from vises.service.conditional import etag, last_modified, unchanged
from vises.service.formats import HTML
from vises.service.headers import ANY_ORIGIN
from vises.service.iris import in_release
from vises.service.language import chosen_language, language
from vises.service.memento import Mementos
from vises.service.problems import NoSuchVersion, Nothing, SilentRelease
from vises.service.public import with_query
from vises.service.repeats import note_state
from vises.service.sentences import given_twice
from vises.service.site import FOR_EVER, RELEASE

if TYPE_CHECKING:
    from starlette.requests import Request

    from vises.service.graph import Graph
    from vises.service.pages.facts import Facts
    from vises.service.site import Reading, Site

Make = Callable[[dict[str, str]], Awaitable[Response]]


class ReleaseNamedTwice(BadRequest):
    """The request names more than one release."""

    kind = "release-named-twice"
    title = "One release at a time"


@dataclass(frozen=True)
class Visit:
    """One request for a page or for RDF, and the release that answers it.

    `unfinished` names what the page lacks because it is still being counted, or what more than the
    release decides: such a page is not kept, nor given again.
    """

    request: Request
    site: Site
    reading: Reading
    graph: Graph
    facts: Facts
    unfinished: set[str] = field(default_factory=set)


def asked_release(request: Request) -> str | None:
    """Return the value of the parameter `release`. Raises `ReleaseNamedTwice`."""
    names = request.query_params.getlist(RELEASE)
    if len(names) > 1:
        raise given_twice(ReleaseNamedTwice, RELEASE)
    return names[0] if names else None


async def answered(  # noqa: PLR0913 (what an answer depends on)
    visit: Visit,
    media_type: str,
    make: Make,
    variant: str = "",
    *,
    by_profile: bool = False,
    by_language: bool = False,
) -> Response:
    """Return the answer to a visit; `variant` is what else than the form tells answers apart.

    `by_profile` says that the header Accept-Profile decides between them, and `by_language` that
    it is told in the language of the reader by the texts of this program, as every page is.

    That is the way to the memento of the moment that was asked for (302); 304 for a client that
    has the answer already; or what `make` returns for the headers it is given. An address of
    which a release says nothing has links to its mementos all the same, and its 404 is itself one
    where the request named the release (RFC 7089, sections 4.5.2 and 4.5.5).

    Raises `AcceptDatetimeMalformed` and what `make` does.
    """
    request, site, reading = visit.request, visit.site, visit.reading
    headers = _headers(visit, media_type, variant, told=by_language or media_type == HTML)
    if by_profile:
        headers["Vary"] += ", Accept-Profile"
    past = await to_memento(request, reading, site, headers["Vary"])
    if past is not None:
        return past
    if unchanged(request.headers, headers):
        return Response(status_code=304, headers=headers)
    try:
        response = await make(headers)
    except Nothing as error:
        return await nothing(request, reading, site, error)
    if visit.unfinished:
        _not_kept(response)
    elif response.status_code == HTTPStatus.OK and (media_type != HTML or reading.name is None):
        note_state(request.scope, reading)
    links = [response.headers["Link"]] if "Link" in response.headers else []
    lasting = headers["Cache-Control"] == FOR_EVER
    links += await memento_links(request, reading, site, lasting=lasting)
    response.headers["Link"] = ", ".join(links)
    return response


async def to_memento(request: Request, reading: Reading, site: Site, vary: str) -> Response | None:
    """Return the way to the state at the moment that was asked for; None where none was.

    Other parameters go along. Raises `AcceptDatetimeMalformed`.
    """
    moment = memento.asked_moment(request) if reading.chosen is None else None
    if moment is None:
        return None
    releases = await site.readable()
    release = memento.state_at(releases, moment)
    mementos = Mementos.of(request, request.scope["path"])
    headers = {
        "Location": in_release(with_query(mementos.original, request), release.id),
        "Cache-Control": reading.rights.cache_control("no-cache"),
        "Vary": vary,
        "Link": ", ".join([*mementos.links(), *mementos.around(release, releases)]),
        **ANY_ORIGIN,
    }
    return Response(status_code=302, headers=headers)


async def memento_links(
    request: Request, reading: Reading, site: Site, *, lasting: bool
) -> list[str]:
    """Return the links to the other states of an address (RFC 7089, section 2.2).

    `lasting` says that the answer is kept for long.
    """
    mementos = Mementos.of(request, request.scope["path"])
    if reading.chosen is None:
        return mementos.links()
    around = mementos.around(reading.release, await site.readable(), lasting=lasting)
    return [*mementos.links(), *around]


async def nothing(request: Request, reading: Reading, site: Site, error: Nothing) -> Response:
    """Return the answer of an address of which a release says nothing.

    That of a version of a vocabulary is the way (302) to it in the release that holds it, if any.
    """
    mementos = Mementos.of(request, request.scope["path"])
    if isinstance(error, NoSuchVersion) and error.holder is not None:
        headers = {
            "Location": in_release(with_query(mementos.original, request), error.holder),
            **reading.rights.headers("no-cache", "Accept, Accept-Datetime"),
            "Link": ", ".join(mementos.links()),
            "X-Release": reading.release.id,
            **ANY_ORIGIN,
        }
        return Response(status_code=302, headers=headers)
    response = problems.response(request, _silent(error, reading, mementos))
    response.headers.update(state_headers(reading))
    response.headers["Link"] = ", ".join(await memento_links(request, reading, site, lasting=False))
    return response


def state_headers(reading: Reading) -> dict[str, str]:
    """Return the headers that say which state an answer is of."""
    headers = {"X-Release": reading.release.id}
    if reading.lasting:
        headers["Memento-Datetime"] = memento.http_date(reading.release.created)
    return headers


def _not_kept(response: Response) -> None:
    """Let nobody keep an answer that will be another one soon, though the release is the same."""
    for name in ("ETag", "Last-Modified"):
        del response.headers[name]
    response.headers["Cache-Control"] = "no-store"


def _silent(error: Nothing, reading: Reading, mementos: Mementos) -> Nothing:
    """Return the error for the release that was named: there may be others that say something."""
    if reading.chosen is None:
        return error
    return SilentRelease(
        sentence(
            "silent", "Release {release} says nothing about this address.", release=reading.chosen
        ),
        place=error.place,
        remedy=sentence(
            "silent-remedy",
            "{original} shows what the current release says, if anything; {timemap} lists the "
            "others.",
            original=mementos.original,
            timemap=mementos.timemap,
        ),
    )


def _headers(visit: Visit, media_type: str, variant: str, *, told: bool) -> dict[str, str]:
    """Return the headers of an answer; one that is `told` in words is not kept.

    It also depends on the language, who publishes and what is current.
    """
    request, reading = visit.request, visit.reading
    path, query = request.scope["path"], request.url.query
    parts = [reading.release.id, media_type, variant, path, query, *reading.rights.etag_parts]
    changed = reading.release
    if told:
        parts += [
            language(request),
            reading.chosen or "",
            reading.current.id,
            visit.site.settings.publisher,
        ]
        changed = reading.current
    headers = {
        "ETag": etag(*parts),
        **last_modified(changed.created, closes=reading.rights.closes),
        "Cache-Control": reading.rights.cache_control("no-cache")
        if told
        else reading.cache_control,
        "Vary": _vary(request, reading, told=told),
        **state_headers(reading),
    }
    return headers if media_type == HTML else headers | ANY_ORIGIN


def _vary(request: Request, reading: Reading, *, told: bool) -> str:
    """Return what decides between answers; the moment does only at a TimeGate (section 2.1.2)."""
    names = ["Accept"]
    if told and chosen_language(request) is None:
        names.append("Accept-Language")
    if reading.chosen is None:
        names.append("Accept-Datetime")
    return reading.rights.vary(", ".join(names))
