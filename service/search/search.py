"""The search as one part of the service: it starts, answers, and ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vises.service.search.finder import Finder
from vises.service.search.keeper import IndexKeeper
from vises.service.search.routes import SearchRoutes
from vises.service.search.searcher import Searcher

if TYPE_CHECKING:
    from vises.service.search.searcher import Costs
    from vises.service.site import Site


class Search:
    """The indexes of one site, what asks them (`finder`), and the addresses (`routes`)."""

    def __init__(self, site: Site, costs: Costs) -> None:
        """Take the site, and who is told what searches cost; nothing is started yet."""
        self._indexes = IndexKeeper(site.releases, site.settings)
        self._searcher = Searcher(site.settings, costs)
        self.finder = Finder(site, self._indexes, self._searcher)
        self.routes = SearchRoutes(site, self.finder)

    def start(self) -> None:
        """Begin to make the index of each release that becomes current."""
        self._indexes.start()

    async def close(self) -> None:
        """Stop making indexes, and end the processes that ask them."""
        await self._indexes.close()
        await self._searcher.close()
