"""The addresses of citations: `/cite/PATH.bib`, `.csl.json` and `.ris`."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from fastapi import APIRouter
from pyoxigraph import NamedNode
from starlette.requests import Request  # noqa: TC002 (FastAPI reads the annotations)
from starlette.responses import Response

from vises.errors import sentence
from vises.service.citation import CITE, FORMS, citation
from vises.service.headers import ANY_ORIGIN
from vises.service.iris import raw_path
from vises.service.pages import resource
from vises.service.pages.subject import Subject
from vises.service.pages.visit import answered
from vises.service.problems import NoSuchPage
from vises.service.sentences import end_with

if TYPE_CHECKING:
    from vises.service.pages.maker import PageMaker


class Citing:
    """Answers the requests for citations."""

    def __init__(self, maker: PageMaker) -> None:
        """Take what makes pages."""
        self._maker = maker

    def router(self) -> APIRouter:
        """Return the route."""
        routes = APIRouter()
        routes.add_api_route(CITE + "/{path:path}", self.file, methods=["GET", "HEAD"])
        return routes

    async def file(self, request: Request) -> Response:
        """Return the citation of a thing, as a file. Raises `NoSuchPage`."""
        path = raw_path(request.scope).removeprefix(f"{CITE[1:]}/")
        stem, form = _form(path)
        visit = await self._maker.visit(request)
        media_type, write = FORMS[form]

        async def make(headers: dict[str, str]) -> Response:
            addresses = self._maker.addresses(visit)
            found = await resource.about(visit.graph, addresses, stem)
            if found is None:
                raise NoSuchPage(
                    sentence("unknown", "The published data say nothing about this address."),
                    place=f"{CITE}/{path}",
                    remedy=sentence(
                        "cite-from-page", "Check its spelling, or cite the thing from its page."
                    ),
                )
            subject = Subject(visit, addresses, found.iri, found.quads, found.described)
            speaker = await subject.speaker(map(NamedNode, subject.types))
            cited = citation(subject, speaker)
            headers |= {
                "Content-Type": f"{media_type}; charset=utf-8",
                "Content-Disposition": f"attachment; filename*=UTF-8''{quote(cited.key)}.{form}",
                **ANY_ORIGIN,
            }
            return Response(write(cited), headers=headers)

        return await answered(visit, media_type, make, by_language=True)


def _form(path: str) -> tuple[str, str]:
    """Return the path of what is cited, and the form. Raises `NoSuchPage`."""
    for form in FORMS:
        if path.endswith(f".{form}"):
            return path.removesuffix(f".{form}"), form
    raise NoSuchPage(
        sentence("no-form-of-citation", "Citations have no such form."),
        place=f"{CITE}/{path}",
        remedy=end_with(f".{form}" for form in FORMS),
    )
