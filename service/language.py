"""In which language a visitor is answered.

No cookie remembers it: an address with `?lang=` has its language, and the links of its page keep
the parameter, as they keep `?release=`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vises.languages import LANGUAGES
from vises.service.negotiation import best_language

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection


def chosen_language(request: HTTPConnection) -> str | None:
    """Return the language that the address of a request names by `?lang=`, None without one."""
    wanted = request.query_params.get("lang")
    return wanted if wanted in LANGUAGES else None


def language(request: HTTPConnection) -> str:
    """Return one of `LANGUAGES`: by `?lang=`, else by Accept-Language."""
    chosen = chosen_language(request)
    if chosen:
        return chosen
    return best_language(request.headers.get("accept-language"), LANGUAGES) or LANGUAGES[0]
