"""In which language a visitor is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vises.service.negotiation import best_language

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection

LANGUAGES = ("en", "fr", "nl")
COOKIE = "vises_lang"


def chosen_language(request: HTTPConnection) -> str | None:
    """Return the language that this very request switches to by `?lang=`, None without one."""
    wanted = request.query_params.get("lang")
    return wanted if wanted in LANGUAGES else None


def language(request: HTTPConnection) -> str:
    """Return `en`, `fr` or `nl`: by `?lang=`, else an earlier switch, else Accept-Language."""
    chosen = chosen_language(request)
    if chosen:
        return chosen
    kept = request.cookies.get(COOKIE)
    if kept in LANGUAGES:
        return kept
    return best_language(request.headers.get("accept-language"), LANGUAGES) or LANGUAGES[0]
