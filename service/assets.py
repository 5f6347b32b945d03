"""The stylesheet, the icon and the scripts: addresses that change with the content."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.staticfiles import StaticFiles

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import Scope

STATIC = Path(__file__).resolve().parent / "static"


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
        """Return a file with its caching header."""
        response = await super().get_response(path, scope)
        named = scope["query_string"].startswith(b"v=")
        response.headers["Cache-Control"] = (
            "public, max-age=31536000, immutable" if named else "no-cache"
        )
        return response
