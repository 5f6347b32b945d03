"""The addresses of the code lists: the index, and each list as a table or as RDF."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import APIRouter
from pyoxigraph import Literal, NamedNode, Quad
from starlette.requests import Request  # noqa: TC002 (FastAPI reads the annotations)
from starlette.responses import Response

from vises.errors import sentence
from vises.service.codes.finding import names
from vises.service.codes.scheme import Scheme
from vises.service.codes.table import table
from vises.service.formats import GRAPH_TYPES, RESULT_TYPES, content_type
from vises.service.headers import ANY_ORIGIN
from vises.service.pages.labels import LABEL_PROPERTIES, best_label
from vises.service.pages.subject import Laid
from vises.service.pages.visit import answered
from vises.service.problems import NoSuchPage
from vises.service.rdf import written
from vises.service.sentences import lists

if TYPE_CHECKING:
    from vises.service.pages.labels import Name
    from vises.service.pages.maker import PageMaker
    from vises.service.pages.model import Mention
    from vises.service.pages.visit import Visit

CSV = RESULT_TYPES["csv"]


@dataclass(frozen=True)
class Listed:
    """A code list as the index shows it."""

    mention: Mention
    definition: Name | None
    concepts: int


def codes_router(maker: PageMaker) -> APIRouter:
    """Return the routes of the code lists."""
    pages = CodePages(maker)
    routes = APIRouter()
    methods = ["GET", "HEAD"]
    routes.add_api_route("/codes", pages.index, methods=methods)
    routes.add_api_route("/codes/{path:path}", pages.whole, methods=methods)
    return routes


class CodePages:
    """Answers the requests for the index and for whole lists."""

    def __init__(self, maker: PageMaker) -> None:
        """Take what makes pages."""
        self._maker = maker

    async def index(self, request: Request) -> Response:
        """Return the list of code lists."""
        return await self._maker.of_state(request, self._index)

    async def whole(self, request: Request, path: str) -> Response:
        """Return a list with all its codes: `/codes/code/nuts.csv` is that of `/code/nuts`.

        Raises `NoSuchPage`.
        """
        stem, _, form = path.rpartition(".")
        media_type = CSV if form == "csv" else GRAPH_TYPES.get(form)
        if media_type is None:
            raise NoSuchPage(
                sentence("no-form-of-codes", "Code lists have no such form."),
                place=f"/codes/{path}",
                remedy=sentence(
                    "forms-are", "Its forms are {forms}.", forms=", ".join(["csv", *GRAPH_TYPES])
                ),
            )
        visit = await self._maker.visit(request)

        async def make(headers: dict[str, str]) -> Response:
            body = await self._whole(visit, stem, media_type)
            headers |= {"Content-Type": content_type(media_type), **ANY_ORIGIN}
            return Response(body, headers=headers)

        return await answered(visit, media_type, make)

    async def _whole(self, visit: Visit, path: str, media_type: str) -> bytes:
        for iri in self._maker.site.addresses(visit.reading).candidates(path):
            scheme = Scheme.read(await visit.graph.select("scheme", resources=[iri]))
            if scheme.concepts and media_type == CSV:
                labels = await visit.graph.select("scheme-labels", resources=[iri])
                return table(scheme, names(labels))
            if scheme.concepts:
                rows = await visit.graph.select("scheme-statements", resources=[iri])
                quads = [
                    Quad(row["subject"], row["property"], row["value"], row["graph"])  # type: ignore[arg-type]
                    for row in rows
                ]
                return written(quads, media_type)
        raise NoSuchPage(
            sentence("no-code-list", "There is no code list at this address."),
            place=f"/codes/{path}",
            remedy=lists("/codes"),
        )

    async def _index(self, visit: Visit) -> Laid:
        rows = await visit.graph.select("schemes")
        schemes = {row["scheme"] for row in rows}
        speaker = await self._maker.speaker(visit, (s for s in schemes if isinstance(s, NamedNode)))
        found = []
        for scheme in schemes:
            own = [row for row in rows if row["scheme"] == scheme]
            number = own[0]["concepts"]
            texts = [(LABEL_PROPERTIES[0], row["definition"]) for row in own if "definition" in row]
            literals = [(p, text) for p, text in texts if isinstance(text, Literal)]
            if isinstance(scheme, NamedNode) and isinstance(number, Literal):
                definition = best_label(literals, speaker.words.language)
                found.append(Listed(speaker.thing(scheme.value), definition, int(number.value)))
        found.sort(key=lambda listed: listed.mention.name.text.casefold())
        return Laid("codes.html", {"schemes": found})
