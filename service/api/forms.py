"""The forms of an answer of the API: by the ending of the address, or by the Accept header."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vises.errors import sentence
from vises.service.api.geometry import GEO_JSON
from vises.service.formats import RESULT_TYPES
from vises.service.negotiation import best_media_type
from vises.store.engine import RESULT_SET, XLSX, NotAcceptable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

JSON = "application/json"
JSON_LD = "application/ld+json"

QUESTION_FORMS: Mapping[str, str] = {
    "json": JSON,
    "csv": RESULT_TYPES["csv"],
    "tsv": RESULT_TYPES["tsv"],
    "xlsx": XLSX,
    "parquet": RESULT_TYPES["parquet"],
    "arrow": RESULT_TYPES["arrow"],
    "ttl": RESULT_SET,
    "srj": RESULT_TYPES["json"],
    "srx": RESULT_TYPES["xml"],
}
"""The media types of the answers to questions, by the ending that asks for each."""

PLACED_FORMS: Mapping[str, str] = {**QUESTION_FORMS, "geojson": GEO_JSON}
"""Those of answers whose rows are about places."""

ENTITY_FORMS: Mapping[str, str] = {"json": JSON, "jsonld": JSON_LD, "geojson": GEO_JSON}
"""Those of lists and things."""


def form_of(request: Request, name: str, forms: Mapping[str, str]) -> tuple[str, str, str | None]:
    """Return a name without the ending that asks for a form, the form, and that ending.

    The ending is None where the Accept header decides. Raises `NotAcceptable`.
    """
    stem, dot, ending = name.rpartition(".")
    if dot and ending in forms:
        return stem, forms[ending], ending
    found = best_media_type(request.headers.get("accept"), list(forms.values()))
    if found is None:
        raise NotAcceptable(
            sentence("no-accepted-form", "This has no form that the request accepts."),
            place="header Accept",
            remedy=sentence(
                "accept-or-end",
                "Accept one of {forms}, or end the address with one of {endings}.",
                forms=", ".join(forms.values()),
                endings=", ".join(f".{ending}" for ending in forms),
            ),
        )
    return name, found, None
