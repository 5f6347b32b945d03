"""From a request to the visit of a release, and from what is laid out to the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.responses import Response

from vises.service import render
from vises.service.conditional import etag, is_fresh
from vises.service.formats import HTML
from vises.service.graph import Graph
from vises.service.language import chosen_language, language
from vises.service.pages import resource
from vises.service.pages.visit import Visit, answered, asked_release
from vises.service.texts import texts

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from pyoxigraph import NamedNode
    from starlette.requests import Request

    from vises.service.iris import Addresses
    from vises.service.pages.facts import FactsKeeper
    from vises.service.pages.mentions import Speaker
    from vises.service.pages.subject import Laid
    from vises.service.site import Site


@dataclass(frozen=True)
class PageMaker:
    """Makes the pages of a site; `keeper` keeps the facts of its releases."""

    site: Site
    keeper: FactsKeeper

    async def visit(self, request: Request) -> Visit:
        """Return the visit of a request. Raises what `Site.reading` and `Graph.select` do."""
        rights = self.site.access.of(request.scope)
        reading = self.site.reading(asked_release(request), rights)
        graph = Graph.of(self.site, reading)
        facts = await self.keeper.facts(graph, reading)
        return Visit(request, self.site, reading, graph, facts)

    async def speaker(self, visit: Visit, mentioned: Iterable[NamedNode]) -> Speaker:
        """Return who knows the names of what is mentioned. Raises what `Graph.select` does."""
        return await resource.speaker(
            visit.graph,
            mentioned,
            words=texts(language(visit.request)),
            outline=visit.facts.outline,
            addresses=self.addresses(visit),
        )

    def addresses(self, visit: Visit) -> Addresses:
        """Return what makes the links of a page, which keep the release and the language."""
        return self.site.addresses(visit.reading, chosen_language(visit.request))

    async def of_state(
        self, request: Request, lay_out: Callable[[Visit], Awaitable[Laid]], variant: str = ""
    ) -> Response:
        """Return a page that its release decides: it has mementos and keeps its tag.

        `variant` is what else decides it.
        """
        visit = await self.visit(request)

        async def make(headers: dict[str, str]) -> Response:
            template, context = await lay_out(visit)
            return page(visit, template, context, headers)

        return await answered(visit, HTML, make, variant)

    async def of_moment(
        self, request: Request, lay_out: Callable[[Visit], Awaitable[Laid]]
    ) -> Response:
        """Return a page that more than its release decides: its tag is that of its bytes."""
        visit = await self.visit(request)
        template, context = await lay_out(visit)
        rights = visit.reading.rights
        headers = {
            **rights.headers("no-cache", render.VARY),
            "X-Release": visit.reading.release.id,
        }
        made = page(visit, template, context, headers)
        return tagged(request, made)


def page(
    visit: Visit, template: str, context: Mapping[str, object], headers: Mapping[str, str]
) -> Response:
    """Return a template as the page of a visit."""
    return render.page(visit.request, template, context, reading=visit.reading, headers=headers)


def tagged(request: Request, made: Response) -> Response:
    """Return an answer with a tag of its bytes, 304 for who holds them (RFC 9110, 13.1.2)."""
    tag = etag(bytes(made.body).decode())
    made.headers["ETag"] = tag
    if not is_fresh(request.headers.get("if-none-match"), tag):
        return made
    kept = ("etag", "cache-control", "vary", "x-release")
    return Response(
        status_code=304, headers={n: made.headers[n] for n in kept if n in made.headers}
    )
