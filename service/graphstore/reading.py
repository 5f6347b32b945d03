"""Reading a graph (Graph Store HTTP Protocol, sections 5.2 and 5.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from vises.service.conditional import etag, is_fresh
from vises.service.formats import GRAPH_TYPES, content_type, graph_type
from vises.service.graph import page_query
from vises.service.graphstore.state import form_tag, no_such_graph, state_tag
from vises.service.headers import ANY_ORIGIN
from vises.service.negotiation import unacceptable
from vises.service.sparql.streaming import raw_headers, send_answer
from vises.store.engine import QueryRequest

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import Send

    from vises.service.graphstore.target import Target
    from vises.service.site import Reading, Site

_SHORT = {media_type: short for short, media_type in GRAPH_TYPES.items()}


async def send_graph(site: Site, request: Request, target: Target, send: Send) -> None:
    """Answer GET and HEAD: a graph, or the default graph, which is all that may be read.

    Raises `NoSuchGraph`, `NotAcceptable`, and what `Site.reading` and `Engine.answer` do.
    """
    reading = site.reading(target.release, site.access.of(request.scope))
    media_type = graph_type(request.headers.get("accept"))
    if media_type is None:
        raise unacceptable(GRAPH_TYPES.values())
    headers = _headers(reading, target, media_type)
    if is_fresh(request.headers.get("if-none-match"), headers["ETag"]):
        await Response(status_code=304, headers=headers)(request.scope, request.receive, send)
        return
    headers["Content-Type"] = content_type(media_type)
    asked = QueryRequest(
        query=page_query("contents"),
        results_type=None,
        graph_type=media_type,
        default_graphs=() if target.graph is None else (target.graph.value,),
        hidden_graphs=reading.rights.hidden_graphs,
    )
    answer = await site.engine.answer(asked, reading.release.id)
    await send_answer(answer, raw_headers(headers), send, head=request.method == "HEAD")


def _headers(reading: Reading, target: Target, media_type: str) -> dict[str, str]:
    release = reading.release
    if target.graph is None:
        tag = etag(release.id, *reading.rights.etag_parts)
    elif target.graph.value in reading.counts:
        tag = state_tag(target.graph.value, release.digests[target.graph.value])
    else:
        raise no_such_graph(target.graph.value)
    return {
        **ANY_ORIGIN,
        "Vary": reading.rights.vary("Accept"),
        "Cache-Control": reading.cache_control,
        "ETag": form_tag(tag, _SHORT[media_type]),
        "X-Release": release.id,
    }
