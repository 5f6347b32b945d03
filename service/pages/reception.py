"""From a request to the visit of a release, for pages that have routes of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vises.service.graph import Graph
from vises.service.language import chosen_language, language
from vises.service.pages import resource
from vises.service.pages.visit import Visit, asked_release
from vises.service.texts import texts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyoxigraph import NamedNode
    from starlette.requests import Request

    from vises.service.iris import Addresses
    from vises.service.pages.facts import FactsKeeper
    from vises.service.pages.mentions import Speaker
    from vises.service.site import Site


@dataclass(frozen=True)
class Reception:
    """The site, and what keeps the facts of its releases."""

    site: Site
    keeper: FactsKeeper

    async def visit(self, request: Request) -> Visit:
        """Return the visit of a request. Raises what `Site.reading` and `Graph.select` do."""
        rights = self.site.access.of(request.scope)
        reading = self.site.reading(asked_release(request), rights)
        graph = Graph.of(self.site, reading)
        facts = await self.keeper.facts(graph, reading)
        return Visit(request, reading, graph, facts, self.site.settings.publisher)

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
