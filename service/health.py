"""Whether the process lives, and whether it can answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from vises.errors import VisesError
from vises.service.formats import RESULT_TYPES
from vises.service.graph import everything, page_query
from vises.service.problems import for_clients
from vises.store.engine import QueryRequest
from vises.store.remote.choice import EngineChoice

if TYPE_CHECKING:
    from vises.service.site import Site

_NOT_KEPT = {"Cache-Control": "no-store"}


def router(site: Site) -> APIRouter:
    """Return the routes `/healthz` and `/readyz`."""
    routes = APIRouter()

    @routes.api_route("/healthz", methods=["GET", "HEAD"])
    async def alive() -> Response:
        return JSONResponse({"status": "alive"}, headers=_NOT_KEPT)

    @routes.api_route("/readyz", methods=["GET", "HEAD"])
    async def ready() -> Response:
        try:
            site.access.rights(None)
            release = site.release()
            asked = QueryRequest(page_query("alive"), RESULT_TYPES["json"], graph_type=None)
            engine = site.engine.embedded if isinstance(site.engine, EngineChoice) else site.engine
            await everything(await engine.answer(asked, release.id))
        except VisesError as error:
            reason = {"status": "not ready", "reason": str(for_clients(error))}
            return JSONResponse(reason, 503, headers=_NOT_KEPT)
        said = {"status": "ready", "release": release.id}
        if isinstance(site.engine, EngineChoice):
            said["engine"] = await site.engine.remote_state(release.id)
        return JSONResponse(said, headers=_NOT_KEPT)

    return routes
