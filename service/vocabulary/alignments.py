"""The addresses of the alignments: the list of them, and each as a table in SSSOM."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import APIRouter
from pyoxigraph import NamedNode
from starlette.requests import Request  # noqa: TC002 (FastAPI reads the annotations)
from starlette.responses import Response

from vises.ingest.alignments import SSSOM, alignment
from vises.ingest.vocabulary import files
from vises.namespaces import VOCABULARY_BASE, term
from vises.service.conditional import etag, is_fresh
from vises.service.formats import RESULT_TYPES, content_type
from vises.service.headers import ANY_ORIGIN
from vises.service.pages.subject import Laid
from vises.service.problems import NoSuchPage

if TYPE_CHECKING:
    from vises.service.pages.labels import Name
    from vises.service.pages.standing import Standing
    from vises.service.pages.visit import Visit
    from vises.service.vocabulary.keeper import VocabularyKeeper

PATH = "/alignments"
ENDING = ".sssom.tsv"


def is_list_or_table(path: str) -> bool:
    """Tell whether a path is an address of this module; below it are also things of the data."""
    return path == PATH or (path.startswith(f"{PATH}/") and path.endswith(ENDING))


@dataclass(frozen=True)
class Listed:
    """An alignment as the list shows it, with its address and the number of its mappings."""

    address: str
    title: Name | None
    description: Name | None
    mappings: int


class Alignments:
    """Answers the requests for the list and for the tables."""

    def __init__(self, standing: Standing, keeper: VocabularyKeeper) -> None:
        """Take what makes pages, and what keeps the vocabulary of releases."""
        self._standing = standing
        self._keeper = keeper

    def router(self) -> APIRouter:
        """Return the routes."""
        routes = APIRouter()
        methods = ["GET", "HEAD"]
        routes.add_api_route(PATH, self.index, methods=methods)
        routes.add_api_route(f"{PATH}/{{name}}{ENDING}", self.table, methods=methods)
        return routes

    async def index(self, request: Request) -> Response:
        """Return the list of the alignments of a release."""
        return await self._standing.of_state(request, self._index)

    async def table(self, request: Request, name: str) -> Response:
        """Return an alignment of the package in SSSOM/TSV. Raises `NoSuchPage`."""
        if name not in {path.stem for path in files("alignments")}:
            raise NoSuchPage(
                "There is no such alignment.",
                place=request.url.path,
                remedy=f"{PATH} lists them.",
            )
        body = alignment(name).sssom()
        headers = {
            **ANY_ORIGIN,
            "Cache-Control": "public, max-age=3600",
            "Content-Type": content_type(RESULT_TYPES["tsv"]),
            "ETag": etag(body),
        }
        if is_fresh(request.headers.get("if-none-match"), headers["ETag"]):
            return Response(status_code=304, headers=headers)
        return Response(body, headers=headers)

    async def _index(self, visit: Visit) -> Laid:
        known = await self._keeper.vocabulary(visit.graph)
        about = known.alignments
        language = known.speaker(visit, self._standing.reception.addresses(visit)).words.language
        found = [
            Listed(
                f"/{iri.value.removeprefix(VOCABULARY_BASE)}",
                about.text(iri, term("dcterms:title"), language),
                about.text(iri, term("dcterms:description"), language),
                len(about.values(iri, NamedNode(f"{SSSOM}mappings"))),
            )
            for iri in about.subjects()
            if NamedNode(f"{SSSOM}MappingSet") in about.iris(iri, term("rdf:type"))
        ]
        return Laid("alignments.html", {"alignments": found, "ending": ENDING})
