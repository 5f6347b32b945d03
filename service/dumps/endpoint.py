"""Answering /dumps/{release}/{dataset}.{form}: files, whole or in part (RFC 9110, section 14)."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING
from urllib.parse import quote

from fastapi import APIRouter
from starlette.requests import Request  # noqa: TC002 (FastAPI reads the annotations)
from starlette.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse

from vises.errors import NotFound, Unavailable, sentence
from vises.service import problems
from vises.service.conditional import is_fresh
from vises.service.dumps.ranges import Part, RangeUnsatisfiable, asked_part
from vises.service.formats import HTML, content_type
from vises.service.headers import ANY_ORIGIN
from vises.service.iris import Addresses
from vises.service.public import with_query
from vises.service.resources.links import IRI_SAFE
from vises.service.wellknown.signposts import Signpost
from vises.store.encoding import IDENTITY

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from vises.service.access.rights import Rights
    from vises.service.site import Site
    from vises.store.dumps.kept import KeptDumps
    from vises.store.dumps.output import DumpFile
    from vises.store.releases import Release

PATH = "/dumps"
CURRENT = "current"
"""What stands for the current release in an address, which leads on to its id."""

SUMS = "SHA256SUMS"
_BLOCK = 1 << 18
_CACHED = "public, max-age=3600"
"""Another version of the package may make other bytes, so no file is kept for good."""

_EXPOSED = {
    **ANY_ORIGIN,
    "Access-Control-Expose-Headers": f"{ANY_ORIGIN['Access-Control-Expose-Headers']}, "
    "Content-Length, Repr-Digest",
}


class NoSuchDump(NotFound):
    """There is no such file among the dumps of the release."""

    kind = "no-such-dump"
    title = "There is no such file"


class DumpUnready(Unavailable):
    """The files of the dataset are not made yet; it is done once for each content."""

    kind = "dump-unready"
    title = "The file is not ready"
    retry_after = 120


@dataclass(frozen=True)
class Dump:
    """A file of a dataset (a graph) in a release, and where it lies."""

    graph: str
    name: str
    file: DumpFile
    path: Path


class Dumps:
    """The dumps of the releases of a site, as far as a request may read them."""

    def __init__(self, site: Site, kept: KeptDumps) -> None:
        """Take the site and the files."""
        self._site = site
        self._kept = kept

    def of(self, release: Release, graph: str) -> list[Dump]:
        """Return the files of a graph; none of one without, or where they are not made.

        Raises `OSError`.
        """
        name = self._kept.name(graph)
        named = name is not None and graph in release.digests
        files = self._kept.files(release, graph) if named else None
        if files is None:
            return []
        place = self._kept.place(release, graph)
        return [Dump(graph, f"{name}.{f.form}", f, place / f.form) for f in files]

    def all_of(self, release: Release, rights: Rights) -> Iterator[Dump]:
        """Yield all files of a release that a request may read. Raises `OSError`."""
        for graph in sorted(rights.readable(release.counts)):
            yield from self.of(release, graph)

    def router(self) -> APIRouter:
        """Return the routes."""
        routes = APIRouter()
        methods = ["GET", "HEAD"]
        routes.add_api_route(f"{PATH}/{{release}}/{SUMS}", self.sums, methods=methods)
        routes.add_api_route(f"{PATH}/{{release}}/{{name}}", self.file, methods=methods)
        return routes

    async def sums(self, request: Request, release: str) -> Response:
        """Return the SHA-256 of every file, as `sha256sum --check` reads them.

        Raises `UnknownRelease`, `ReleasePruned` and `DumpUnready`.
        """
        found, rights = self._release(request, release)
        if found.id != release:
            return _on_to(request, found, SUMS, rights)
        if any(self._awaited(found, graph) for graph in rights.readable(found.counts)):
            raise _unready(SUMS)
        lines = [f"{d.file.sha256}  {d.name}\n" for d in self.all_of(found, rights)]
        return PlainTextResponse("".join(lines), headers=_headers(rights, found))

    async def file(self, request: Request, release: str, name: str) -> Response:
        """Return a file or a part of it.

        Raises `UnknownRelease`, `ReleasePruned`, `NoSuchDump` and `DumpUnready`.
        """
        found, rights = self._release(request, release)
        if found.id != release:
            return _on_to(request, found, name, rights)
        dump = self._found(found, rights, name)
        tag = f'"{dump.file.sha256}"'
        headers = _headers(rights, found) | {"ETag": tag, "Accept-Ranges": "bytes"}
        if is_fresh(request.headers.get("if-none-match"), tag):
            return Response(status_code=304, headers=headers)
        digest = base64.b64encode(bytes.fromhex(dump.file.sha256)).decode()
        headers |= {
            "Content-Type": content_type(dump.file.sent_as),
            "Content-Encoding": IDENTITY,
            "Repr-Digest": f"sha-256=:{digest}:",
            "Content-Disposition": f'attachment; filename="{dump.name}"',
            "Link": self._collection(dump, found),
        }
        try:
            part = asked_part(request.method, request.headers, dump.file.size, tag)
        except RangeUnsatisfiable as error:
            refused = problems.response(request, error)
            refused.headers["Content-Range"] = f"bytes */{error.size}"
            return refused
        return await _sent(request, dump, part, headers)

    def _collection(self, dump: Dump, release: Release) -> str:
        """Return the way back to the page of the dataset (FAIR Signposting)."""
        shown = None if release.id == self._site.release().id else release.id
        href = Addresses(self._site.settings.base_iri, shown).href(dump.graph) or "/datasets"
        return str(Signpost("collection", quote(href, safe=IRI_SAFE), HTML))

    def _awaited(self, release: Release, graph: str) -> bool:
        """Tell whether a graph is to have files and has none yet.

        Those of the current release are to have some, but not closed ones.
        """
        if release.id != self._site.release().id:
            return False
        closed = graph in self._site.access.rights(None).hidden
        wanted = self._site.settings.dumps and not closed and self._kept.name(graph) is not None
        return wanted and not self.of(release, graph)

    def _release(self, request: Request, name: str) -> tuple[Release, Rights]:
        rights = self._site.access.of(request.scope)
        return self._site.reading(None if name == CURRENT else name, rights).release, rights

    def _found(self, release: Release, rights: Rights, name: str) -> Dump:
        """Return the file of a name; what is closed to the request is as if it were not there."""
        for graph in rights.readable(release.counts):
            dataset = self._kept.name(graph)
            if dataset is None or not name.startswith(f"{dataset}."):
                continue
            dumps = self.of(release, graph)
            found = next((dump for dump in dumps if dump.name == name), None)
            if found is not None:
                return found
            if self._awaited(release, graph):
                raise _unready(name[:80])
        raise NoSuchDump(
            sentence(
                "no-such-dump",
                "Release {release} has no file {name!r}.",
                release=release.id,
                name=name[:80],
            ),
            place=f"{PATH}/{release.id}",
            remedy=sentence(
                "dumps-listed",
                "{address} lists the files there are, /catalog the datasets.",
                address=f"{PATH}/{release.id}/{SUMS}",
            ),
        )


def _on_to(request: Request, release: Release, name: str, rights: Rights) -> Response:
    headers = {"Cache-Control": rights.cache_control("no-cache"), **_EXPOSED}
    return RedirectResponse(with_query(f"{PATH}/{release.id}/{name}", request), 302, headers)


def _headers(rights: Rights, release: Release) -> dict[str, str]:
    return {**rights.headers(_CACHED), "X-Release": release.id, **_EXPOSED}


async def _sent(
    request: Request, dump: Dump, part: Part | None, headers: dict[str, str]
) -> Response:
    size = dump.file.size
    sent = part or Part(0, size)
    headers["Content-Length"] = str(sent.length)
    if part is not None:
        last = part.first + part.length - 1
        headers["Content-Range"] = f"bytes {part.first}-{last}/{size}"
    status = 200 if part is None else 206
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers)
    try:
        file = await asyncio.to_thread(dump.path.open, "rb")
    except FileNotFoundError:
        raise _unready(dump.name) from None
    return StreamingResponse(_blocks(file, sent), status, headers)


async def _blocks(file: IO[bytes], part: Part) -> AsyncIterator[bytes]:
    with file:
        file.seek(part.first)
        left = part.length
        while left and (block := await asyncio.to_thread(file.read, min(_BLOCK, left))):
            left -= len(block)
            yield block


def _unready(name: str) -> DumpUnready:
    return DumpUnready(
        sentence("dump-unmade", "The file {name} is not made.", name=name),
        remedy=sentence(
            "dump-soon",
            "Ask again in some minutes; those of older releases are made by `vises dumps`.",
        ),
    )
