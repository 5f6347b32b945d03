"""The JSON-LD contexts of the package, at the IRIs that documents name them by."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request  # noqa: TC002 (FastAPI reads the annotations)
from starlette.responses import Response

from vises.errors import sentence
from vises.ingest.jsonld import CONTEXTS, context_document, package_contexts
from vises.namespaces import VOCABULARY_BASE
from vises.service.conditional import etag, is_fresh
from vises.service.formats import GRAPH_TYPES
from vises.service.headers import ANY_ORIGIN
from vises.service.problems import NoSuchPage

PATH = f"/{CONTEXTS.removeprefix(VOCABULARY_BASE)}"


def router() -> APIRouter:
    """Return the route of the contexts."""
    routes = APIRouter()
    routes.add_api_route(PATH + "{name}", context, methods=["GET", "HEAD"])
    return routes


async def context(request: Request, name: str) -> Response:
    """Return a context as the package has it. Raises `NoSuchPage`."""
    if CONTEXTS + name not in package_contexts():
        raise NoSuchPage(
            sentence("no-such-context", "There is no such context."),
            place=request.url.path,
            remedy=sentence(
                "contexts-are",
                "The contexts are {contexts}.",
                contexts=", ".join(package_contexts()),
            ),
        )
    body = context_document(name)
    headers = {**ANY_ORIGIN, "ETag": etag(body), "Cache-Control": "public, max-age=3600"}
    if is_fresh(request.headers.get("if-none-match"), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=GRAPH_TYPES["jsonld"])
