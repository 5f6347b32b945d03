"""The addresses of the search: the page, its data, suggestions, and how browsers use them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from starlette.responses import Response
from starlette.routing import Route

from vises.service import render
from vises.service.api.call import LANG, demand_known
from vises.service.conditional import etag, is_fresh
from vises.service.formats import HTML
from vises.service.headers import ANY_ORIGIN
from vises.service.iris import Addresses
from vises.service.language import chosen_language, language
from vises.service.negotiation import best_media_type, unacceptable
from vises.service.pages.visit import asked_release
from vises.service.problems import Suggestion
from vises.service.public import origin_of
from vises.service.repeats import note_state
from vises.service.search.data import as_data, links, suggestions
from vises.service.search.described import API_PATH
from vises.service.search.facets import TITLE_TEXTS, Facets, limit_names
from vises.service.search.results import results
from vises.service.search.wanted import NAMES, Wanted, wrong
from vises.service.sentences import give_one_of
from vises.service.site import RELEASE
from vises.service.texts import texts

if TYPE_CHECKING:
    from starlette.requests import Request

    from vises.service.search.finder import Finder, Found
    from vises.service.site import Reading, Site
    from vises.store.releases import Release

PATH = "/search"
SUGGEST_PATH, DESCRIPTION_PATH = "/search/suggest", "/opensearch.xml"
JSON = "application/json"
_SUGGESTIONS = "application/x-suggestions+json"
_DESCRIPTION = "application/opensearchdescription+xml"
_OPENSEARCH = "http://a9.com/-/spec/opensearch/1.1/"
_FORMS = {"html": HTML, "json": JSON}

_SUGGESTED = 8
_RESEMBLING = 5
_TYPED_SECONDS = 60
"""How long a browser may keep what it was suggested, while somebody types."""


class SearchRoutes:
    """Answers the requests for searches."""

    def __init__(self, site: Site, finder: Finder) -> None:
        """Take the site and what finds."""
        self._site = site
        self._finder = finder

    def routes(self) -> list[Route]:
        """Return the routes, of Starlette alone: nothing here needs what FastAPI adds to them."""
        get = ["GET", "HEAD"]
        return [
            Route(PATH, self.search, methods=get),
            Route(API_PATH, self.data, methods=get),
            Route(SUGGEST_PATH, self.suggest, methods=get),
            Route(DESCRIPTION_PATH, self.description, methods=get),
        ]

    async def search(self, request: Request) -> Response:
        """Return a page of results, or its data where the request prefers JSON.

        Raises `SearchParameter`, `NotAcceptable`, and what `Finder.find` does.
        """
        wanted = Wanted.read(request.query_params)
        if _media_type(request) == JSON:
            return await self._data(request, wanted)
        reading = self._reading(request)
        found = await self._finder.find(reading, wanted)
        headers = self._headers(request, reading, found.release, HTML)
        if is_fresh(request.headers.get("if-none-match"), headers["ETag"]):
            return Response(status_code=304, headers=headers)
        return render.page(
            request,
            "search.html",
            await self._context(request, reading, wanted, found),
            reading=reading,
            headers=headers,
        )

    async def data(self, request: Request) -> Response:
        """Return a page of results as JSON.

        Raises as `search` does, and `ParameterInvalid` for a parameter that there is not.
        """
        demand_known(request.query_params, (*NAMES, RELEASE, LANG))
        return await self._data(request, Wanted.read(request.query_params))

    async def suggest(self, request: Request) -> Response:
        """Return what a half-written text may become (OpenSearch Suggestions 1.0).

        That is a list of the text, the names, what they are, and the addresses of their pages.
        Raises what `Finder.suggest` does.
        """
        reading = self._reading(request)
        text = request.query_params.get("q", "")
        answer, release = await self._finder.suggest(reading, text, _SUGGESTED)
        addresses = self._addresses(request, reading)
        found = results(answer.hits, addresses, texts(language(request)))
        origin = origin_of(request)
        headers = {
            **self._headers(request, reading, release, _SUGGESTIONS),
            "Cache-Control": reading.rights.cache_control(f"public, max-age={_TYPED_SECONDS}"),
            **ANY_ORIGIN,
        }
        if is_fresh(request.headers.get("if-none-match"), headers["ETag"]):
            return Response(status_code=304, headers=headers)
        body = json.dumps(suggestions(text, found, origin), ensure_ascii=False)
        return Response(body, headers=headers, media_type=_SUGGESTIONS)

    async def description(self, request: Request) -> Response:
        """Return how a browser or a program searches here (OpenSearch 1.1 Draft 6, section 4)."""
        origin = origin_of(request)
        body = _described(origin, texts(language(request))("search.lead"))
        headers = {"Cache-Control": "public, max-age=86400", "Vary": "Accept-Language"}
        return Response(body, headers=headers, media_type=_DESCRIPTION)

    async def suggestions(self, request: Request, reading: Reading, text: str) -> list[Suggestion]:
        """Return what resembles a text, for a page that has nothing else.

        The text may be the path of an address that leads nowhere.
        """
        last = text.rstrip("/").rpartition("/")[2]
        answer = await self._finder.resembling(reading, last, _RESEMBLING)
        addresses = Addresses(self._site.settings.base_iri)
        found = results(answer.hits, addresses, texts(language(request)))
        return [Suggestion(r.mention.href, r.mention.name.text) for r in found if r.mention.href]

    async def _data(self, request: Request, wanted: Wanted) -> Response:
        reading = self._reading(request)
        found = await self._finder.find(reading, wanted)
        headers = {**self._headers(request, reading, found.release, JSON), **ANY_ORIGIN}
        if is_fresh(request.headers.get("if-none-match"), headers["ETag"]):
            return Response(status_code=304, headers=headers)
        words = texts(language(request))
        listed = results(found.answer.hits, self._addresses(request, reading), words)
        facets = Facets(wanted, found.answer.counts, found.codes, words).all()
        origin = origin_of(request)
        here = origin + (API_PATH if request.url.path == API_PATH else PATH)
        body = as_data(wanted, found, listed, facets, origin)
        if link := links(wanted, found, here, self._addresses(request, reading)):
            headers["Link"] = link
        return Response(json.dumps(body, ensure_ascii=False), headers=headers, media_type=JSON)

    async def _context(
        self, request: Request, reading: Reading, wanted: Wanted, found: Found
    ) -> dict[str, object]:
        words, answer = texts(language(request)), found.answer
        resembling = [] if answer.total else await self.suggestions(request, reading, wanted.text)
        return {
            "wanted": wanted,
            "answer": answer,
            "pages": wanted.pages(answer.total),
            "results": results(answer.hits, self._addresses(request, reading), words),
            "facets": Facets(wanted, answer.counts, found.codes, words).all(),
            "facet_titles": TITLE_TEXTS,
            "limit_names": limit_names(wanted, found.codes, words),
            "resembling": resembling,
            "searched": found.release,
        }

    def _reading(self, request: Request) -> Reading:
        return self._site.reading(asked_release(request), self._site.access.of(request.scope))

    def _addresses(self, request: Request, reading: Reading) -> Addresses:
        return self._site.addresses(reading, chosen_language(request))

    def _headers(
        self, request: Request, reading: Reading, release: Release, media_type: str
    ) -> dict[str, str]:
        """Return the headers of an answer, and note when it may be given again.

        One from another release than the wanted one may not; nor a page of a release that was
        named, because it says which one is current.
        """
        if release == reading.release and (media_type != HTML or reading.name is None):
            note_state(request.scope, reading)
        parts = [release.id, media_type, language(request)]
        parts += [reading.current.id] if media_type == HTML else []
        parts += [request.url.path, request.url.query, str(request.base_url)]
        return {
            "ETag": etag(*parts, *reading.rights.etag_parts),
            **reading.rights.headers("no-cache", render.VARY),
            "X-Release": release.id,
        }


def _media_type(request: Request) -> str:
    """Return the form that a request wants. Raises `SearchParameter` and `NotAcceptable`."""
    form = request.query_params.get("format")
    if form is not None:
        if form not in _FORMS:
            raise wrong("format", form, give_one_of(_FORMS))
        return _FORMS[form]
    found = best_media_type(request.headers.get("accept"), [HTML, JSON])
    if found is None:
        raise unacceptable(_FORMS.values())
    return found


def _described(origin: str, lead: str) -> bytes:
    ET.register_namespace("", _OPENSEARCH)
    root = ET.Element(f"{{{_OPENSEARCH}}}OpenSearchDescription")

    def add(name: str, text: str | None = None, **attributes: str) -> None:
        ET.SubElement(root, f"{{{_OPENSEARCH}}}{name}", attributes).text = text

    add("ShortName", "VISES")
    add("Description", lead)
    add("InputEncoding", "UTF-8")
    add("Image", f"{origin}/static/icon.svg", type="image/svg+xml")
    query = "?q={searchTerms}"
    add("Url", type=HTML, template=f"{origin}{PATH}{query}&page={{startPage?}}")
    add("Url", type=_SUGGESTIONS, rel="suggestions", template=f"{origin}{SUGGEST_PATH}{query}")
    add("Url", type=JSON, template=f"{origin}{API_PATH}{query}&page={{startPage?}}")
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written
