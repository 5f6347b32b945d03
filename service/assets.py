"""The stylesheet, the icon and the scripts: addresses that change with the content."""

from __future__ import annotations

import asyncio
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from rcssmin import cssmin
from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles

from vises.service.compression import compressible
from vises.service.negotiation import best_coding
from vises.store.encoding import IDENTITY, LEAST_BYTES, encoder

if TYPE_CHECKING:
    from starlette.types import Scope

STATIC = Path(__file__).resolve().parent / "static"
CSS = "text/css"
_PREFERRED = ("br", "zstd", "gzip")
"""Compressed once and sent often, so the coding that makes them smallest comes first."""


@cache
def asset(name: str) -> str:
    """Return the address of a file of service/static, with a digest so that it may be kept."""
    digest = sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


class StaticAssets(StaticFiles):
    """Serves service/static; what is asked for by its digest is kept for a year."""

    def __init__(self) -> None:
        """Serve the folder of the package."""
        super().__init__(directory=STATIC)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return a file with its caching header, compressed where the client wants it."""
        response = await super().get_response(path, scope)
        named = scope["query_string"].startswith(b"v=")
        response.headers["Cache-Control"] = (
            "public, max-age=31536000, immutable" if named else "no-cache"
        )
        if isinstance(response, FileResponse) and response.status_code == 200:  # noqa: PLR2004
            return await _compressed(response, Headers(scope=scope))
        return response


async def _compressed(file: FileResponse, request: Headers) -> Response:
    """Return a file in the coding that a request prefers; a part of a file is sent as it is.

    A stylesheet goes out without its remarks and spaces, in every coding.
    """
    coding = best_coding(request.get("accept-encoding"), _PREFERRED).name
    size = int(file.headers["content-length"])
    media_type = file.headers["content-type"].partition(";")[0]
    if "range" in request or size < LEAST_BYTES or not compressible(media_type):
        coding = IDENTITY
    if coding == IDENTITY and media_type != CSS:
        return file
    body = await asyncio.to_thread(_coded, str(file.path), file.headers["etag"], coding)
    kept = ("content-type", "etag", "last-modified", "cache-control")
    headers = {name: file.headers[name] for name in kept}
    if coding != IDENTITY:
        headers["content-encoding"] = coding
    return Response(body, headers=headers)


@lru_cache(maxsize=64)
def _coded(path: str, tag: str, coding: str) -> bytes:  # noqa: ARG001 (the tag tells states apart)
    content = Path(path).read_bytes()
    if path.endswith(".css"):
        content = cssmin(content)
    if coding == IDENTITY:
        return content
    made = encoder(coding)
    return made.feed(content) + made.end()
