"""The addresses of the alignments: the list of them, also in RDF, and each as a table in SSSOM."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import APIRouter
from starlette.requests import Request  # noqa: TC002 (FastAPI reads the annotations)
from starlette.responses import Response

from vises.errors import sentence
from vises.ingest.alignments import alignment, of_statements
from vises.ingest.vocabulary import files
from vises.namespaces import PREFIXES, VOCABULARY_BASE, term
from vises.service.formats import (
    GRAPH_ALIASES,
    GRAPH_TYPES,
    HTML,
    HTML_ALIASES,
    RESULT_TYPES,
    WORTH_OF_FORMS,
    content_type,
)
from vises.service.headers import ANY_ORIGIN
from vises.service.negotiation import best_media_type, unacceptable
from vises.service.pages.kinds.alignment import MAPPING_SET, MAPPINGS
from vises.service.pages.subject import Laid
from vises.service.pages.visit import answered
from vises.service.problems import NoSuchPage
from vises.service.rdf import written
from vises.service.sentences import lists

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pyoxigraph import NamedNode

    from vises.service.pages.labels import Name
    from vises.service.pages.maker import PageMaker
    from vises.service.pages.visit import Visit
    from vises.service.vocabulary.about import About
    from vises.service.vocabulary.keeper import VocabularyKeeper

PATH = "/alignments"
ENDING = ".sssom.tsv"

_OFFERS = [HTML, *HTML_ALIASES, *GRAPH_TYPES.values(), *GRAPH_ALIASES]


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

    def __init__(self, maker: PageMaker, keeper: VocabularyKeeper) -> None:
        """Take what makes pages, and what keeps the vocabulary of releases."""
        self._maker = maker
        self._keeper = keeper

    def router(self) -> APIRouter:
        """Return the routes."""
        routes = APIRouter()
        methods = ["GET", "HEAD"]
        routes.add_api_route(PATH, self.index, methods=methods)
        for ending in GRAPH_TYPES:
            routes.add_api_route(f"{PATH}.{ending}", self.of_form, methods=methods)
        routes.add_api_route(f"{PATH}/{{name}}{ENDING}", self.table, methods=methods)
        return routes

    async def index(self, request: Request) -> Response:
        """Return the list of the alignments of a release. Raises `NotAcceptable`."""
        found = best_media_type(request.headers.get("accept"), _OFFERS, WORTH_OF_FORMS)
        if found is None:
            raise unacceptable([HTML, *GRAPH_TYPES.values()])
        media_type = GRAPH_ALIASES.get(found, found)
        if media_type in GRAPH_TYPES.values():
            return await self._answer(request, media_type, lambda a: _list(a, media_type))
        return await self._maker.of_state(request, self._index)

    async def of_form(self, request: Request) -> Response:
        """Return the list in the form of RDF that the address names."""
        media_type = GRAPH_TYPES[request.url.path.rpartition(".")[2]]
        return await self._answer(request, media_type, lambda a: _list(a, media_type))

    async def table(self, request: Request, name: str) -> Response:
        """Return an alignment of a release in SSSOM/TSV. Raises `NoSuchPage`."""
        return await self._answer(request, RESULT_TYPES["tsv"], lambda a: _table(a, name))

    async def _answer(
        self, request: Request, media_type: str, make: Callable[[About], bytes]
    ) -> Response:
        """Return what is made from the alignments of the release of a request."""
        visit = await self._maker.visit(request)

        async def respond(headers: dict[str, str]) -> Response:
            body = make((await self._keeper.vocabulary(visit.graph)).alignments)
            headers |= {"Content-Type": content_type(media_type), **ANY_ORIGIN}
            return Response(body, headers=headers)

        return await answered(visit, media_type, respond)

    async def _index(self, visit: Visit) -> Laid:
        known = await self._keeper.vocabulary(visit.graph)
        about = known.alignments
        language = known.speaker(visit, self._maker.addresses(visit)).words.language
        found = [
            Listed(
                f"/{iri.value.removeprefix(VOCABULARY_BASE)}",
                about.text(iri, term("dcterms:title"), language),
                about.text(iri, term("dcterms:description"), language),
                len(about.values(iri, MAPPINGS)),
            )
            for iri in _sets(about)
        ]
        return Laid(
            "alignments.html",
            {"alignments": found, "ending": ENDING, "forms": list(GRAPH_TYPES)},
        )


def _sets(about: About) -> Sequence[NamedNode]:
    return [i for i in about.subjects() if MAPPING_SET in about.iris(i, term("rdf:type"))]


def _list(about: About, media_type: str) -> bytes:
    """Return what is said of each alignment, without its mappings, which its document has."""
    said = [q for iri in _sets(about) for q in about.own(iri) if q.predicate != MAPPINGS]
    return written(said, media_type)


def _table(about: About, name: str) -> bytes:
    """Return an alignment in SSSOM/TSV. Raises `NoSuchPage` where there is none of that name."""
    iri = next((i for i in _sets(about) if i.value == f"{VOCABULARY_BASE}alignments/{name}"), None)
    if iri is None:
        raise NoSuchPage(
            sentence("no-such-alignment", "There is no such alignment."),
            place=f"{PATH}/{name}{ENDING}",
            remedy=lists(PATH),
        )
    mappings = [q for mapping in about.iris(iri, MAPPINGS) for q in about.own(mapping)]
    return of_statements(name, [*about.own(iri), *mappings], _prefixes(name)).sssom().encode()


def _prefixes(name: str) -> Mapping[str, str]:
    """Return how the package abbreviates the terms of an alignment: a release keeps no prefixes."""
    packaged = name in {path.stem for path in files("alignments")}
    return alignment(name).prefixes if packaged else PREFIXES
