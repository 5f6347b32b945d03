"""The addresses of the documentation: each term, module and shape, and what changed."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from fastapi import APIRouter
from markdown_it import MarkdownIt
from markupsafe import Markup
from starlette.requests import Request  # noqa: TC002 (FastAPI reads the annotations)
from starlette.responses import Response  # noqa: TC002

from vises.errors import sentence
from vises.service.pages.subject import Laid
from vises.service.problems import NoSuchPage
from vises.service.sentences import lists
from vises.service.vocabulary.modules import MODULES
from vises.service.vocabulary.page import DEFINITION, LABEL, term_context
from vises.service.vocabulary.rules import Wording
from vises.service.vocabulary.shapes import node_shape, node_shapes
from vises.service.vocabulary.terms import CLASS, by_module

if TYPE_CHECKING:
    from vises.service.pages.maker import PageMaker
    from vises.service.pages.mentions import Speaker
    from vises.service.pages.visit import Visit
    from vises.service.vocabulary.keeper import Vocabulary, VocabularyKeeper

TERMS = "/vocabulary/terms"
SHAPE_TERMS = "/vocabulary/shapes"


def vocabulary_router(maker: PageMaker, keeper: VocabularyKeeper) -> APIRouter:
    """Return the routes of the documentation."""
    pages = VocabularyPages(maker, keeper)
    routes = APIRouter()
    methods = ["GET", "HEAD"]
    routes.add_api_route(TERMS + "/{name}", pages.term, methods=methods)
    routes.add_api_route("/vocabulary/modules/{name}", pages.module, methods=methods)
    routes.add_api_route("/vocabulary/changes", pages.changes, methods=methods)
    routes.add_api_route(SHAPE_TERMS + "/{name}", pages.shape, methods=methods)
    return routes


class VocabularyPages:
    """Answers the requests for the documentation. Each method raises `NoSuchPage`."""

    def __init__(self, maker: PageMaker, keeper: VocabularyKeeper) -> None:
        """Take what makes pages, and what keeps the vocabulary of releases."""
        self._maker = maker
        self._keeper = keeper

    async def term(self, request: Request, name: str) -> Response:
        """Return the page of a term of the ontology."""

        async def lay_out(visit: Visit) -> Laid:
            known = await self._keeper.vocabulary(visit.graph)
            found = known.terms.get(name)
            if found is None:
                raise _missing(f"{TERMS}/{name}", "/ontology")
            speaker = self._speaker(visit, known)
            classes = await self._maker.keeper.classes(visit.graph)
            counts = {c.iri: c.things for c in classes}
            return Laid("term.html", term_context(known, found, speaker, counts))

        return await self._maker.of_state(request, lay_out)

    async def module(self, request: Request, name: str) -> Response:
        """Return the page of a module, with its diagram."""

        async def lay_out(visit: Visit) -> Laid:
            known = await self._keeper.vocabulary(visit.graph)
            found = by_module(known.terms.values()).get(name)
            if found is None or name not in MODULES:
                raise _missing(f"/vocabulary/modules/{name}", "/ontology")
            speaker = self._speaker(visit, known)
            context = {
                "module": name,
                "title": MODULES[name],
                "classes": [t for t in found if t.kind == CLASS],
                "properties": [t for t in found if t.kind != CLASS],
                "text": known.ontology.text,
                "label": LABEL,
                "definition": DEFINITION,
                "speaker": speaker,
            }
            return Laid("module.html", context)

        return await self._maker.of_state(request, lay_out)

    async def shape(self, request: Request, name: str) -> Response:
        """Return the page of a node shape."""

        async def lay_out(visit: Visit) -> Laid:
            known = await self._keeper.vocabulary(visit.graph)
            shapes = known.shapes
            iri = next((s for s in node_shapes(shapes) if s.value.endswith(f"#{name}")), None)
            if iri is None:
                raise _missing(f"{SHAPE_TERMS}/{name}", "/shapes")
            speaker = self._speaker(visit, known)
            shape = node_shape(shapes, iri, Wording(shapes, speaker), speaker)
            return Laid("shape.html", {"shape": shape, "iri": iri.value})

        return await self._maker.of_state(request, lay_out)

    def _speaker(self, visit: Visit, known: Vocabulary) -> Speaker:
        return known.speaker(visit, self._maker.addresses(visit))

    async def changes(self, request: Request) -> Response:
        """Return the history of the ontology."""

        async def lay_out(_: Visit) -> Laid:
            return Laid("changes.html", {"history": history()})

        return await self._maker.of_state(request, lay_out)


@cache
def history() -> Markup:
    """Return ontology/CHANGELOG.md as HTML without its title; markup in it stays text."""
    text = (files("vises") / "ontology" / "CHANGELOG.md").read_text("utf-8")
    body = text.partition("\n")[2]
    return Markup(MarkdownIt("commonmark", {"html": False}).render(body))  # noqa: S704 (ours)


def _missing(address: str, index: str) -> NoSuchPage:
    return NoSuchPage(
        sentence("no-such-term", "This release has no such term."),
        place=address,
        remedy=lists(index),
    )
