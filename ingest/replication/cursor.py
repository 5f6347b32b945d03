"""Walking the pages of the stream of one graph, member by member, in order."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from vises.ingest.replication.failures import unfit
from vises.ingest.replication.reading import read_page, read_root
from vises.ingest.replication.state import Followed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vises.ingest.replication.fetching import Fetcher
    from vises.ingest.replication.reading import Member, StreamPage


class Cursor:
    """A place in the stream of a graph. Every method raises `StreamUnfit`, `StreamUnreachable`."""

    def __init__(self, fetcher: Fetcher, graph: str, root: str, genid: str) -> None:
        """Take the graph and the root of its stream; nothing is fetched yet."""
        self.graph = graph
        self._fetcher = fetcher
        self._root = root
        self._genid = genid
        self._visited: set[str] = set()
        self._page: StreamPage | None = None
        self._place = 0
        self._release = 0

    def begin(self, followed: Followed) -> None:
        """Go to where the stream was left, or to its first page."""
        address: str | None = followed.page
        if not address:
            fetched = self._fetcher.get(self._root)
            assert fetched is not None  # no tag was sent
            address = read_root(self._root, fetched).first
        if address is None:
            return
        self._load(address)
        assert self._page is not None
        if followed.page:
            self._place = followed.members
            if followed.members > len(self._page.members) or self._seen() != followed.seen:
                raise unfit(address, "The page is not what it was: it must only grow.")

    def upcoming(self) -> str | None:
        """Return the release of the next member, None where there is none yet."""
        member = self._next()
        return member.release if member else None

    def take(self, release: str) -> Iterator[Member]:
        """Yield the members of a release, which is the next one, to the last."""
        while (member := self._next()) is not None and member.release == release:
            self._place += 1
            yield member
            if member.last:
                self._release = int(release)
                return
        address = self._page.address if self._page else self._root
        raise unfit(address, f"Release {release} breaks off there.")

    def digest(self, release: str) -> str:
        """Return the digest of the graph in a release whose last member was just taken."""
        assert self._page is not None  # the member came from it
        found = self._page.digests.get(release)
        if found is None:
            raise unfit(self._page.address, f"It states no digest for release {release}.")
        return found

    def followed(self, digest: str) -> Followed:
        """Return what is to be remembered of this place."""
        assert self._page is not None  # something was taken from it
        return Followed(self._page.address, self._place, self._seen(), digest)

    def _next(self) -> Member | None:
        while self._page is not None:
            if self._place < len(self._page.members):
                member = self._page.members[self._place]
                if int(member.release) <= self._release:
                    raise unfit(self._page.address, "Its members are not in their order.")
                return member
            if self._page.following is None:
                return None
            self._load(self._page.following)
        return None

    def _load(self, address: str) -> None:
        if address in self._visited:
            raise unfit(address, "The pages lead back to one that was read.")
        self._visited.add(address)
        fetched = self._fetcher.get(address)
        assert fetched is not None  # no tag was sent
        self._page = read_page(address, fetched, self.graph, self._genid)
        self._place = 0

    def _seen(self) -> str:
        assert self._page is not None  # there is a place on it
        digest = sha256()
        for member in self._page.members[: self._place]:
            lines = sorted(map(str, member.statements))
            digest.update("\0".join((member.iri, str(member.thing), *lines, "")).encode())
        return digest.hexdigest()
