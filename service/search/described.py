"""How the description of the API tells of the search."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vises.service.api.call import V1
from vises.service.search.facets import TITLE_TEXTS
from vises.service.search.queries import EXACTLY, MISTAKEN, PARTLY
from vises.service.search.things import KINDS
from vises.service.search.wanted import LIMITS, MOST_ON_A_PAGE, MOST_RESULTS, PAGE_RESULTS, TRUTHS

if TYPE_CHECKING:
    from vises.service.api.rows import Json
    from vises.service.texts import Texts

API_PATH = f"{V1}/search"
_PROBLEMS = ("400", "404", "406", "410", "429", "500", "503")
_TEXT: Json = {"type": "string"}
_TEXT_OR_NONE: Json = {"type": ["string", "null"]}
_COUNT: Json = {"type": "integer", "minimum": 0}
_TRUTH: Json = {"type": "boolean"}


def described(words: Texts) -> dict[str, Json]:
    """Return the path of the search, by address, as OpenAPI has it."""
    enumerated: dict[str, list[Json]] = {
        "kind": [*KINDS],
        "ceased": [*TRUTHS],
        "fictitious": [*TRUTHS],
    }
    page: dict[str, Json] = {"type": "integer", "minimum": 1}
    limits = (
        _parameter(name, words(TITLE_TEXTS[name]), _one_of(enumerated.get(name, [])))
        for name in LIMITS
    )
    problems: dict[str, Json] = {
        status: {"$ref": "#/components/responses/Problem"} for status in _PROBLEMS
    }
    operation: dict[str, Json] = {
        "operationId": "search",
        "summary": words("search.title"),
        "description": words("search.lead"),
        "tags": ["things"],
        "parameters": [
            _parameter("q", words("search.field"), _TEXT) | {"example": "atelier"},
            *limits,
            _parameter("page", words("search.pages"), page | {"maximum": MOST_RESULTS}),
            _parameter(
                "size",
                words("api.size"),
                page | {"maximum": MOST_ON_A_PAGE, "default": PAGE_RESULTS},
            ),
            {"$ref": "#/components/parameters/lang"},
            {"$ref": "#/components/parameters/release"},
        ],
        "responses": {
            "200": {
                "description": words("search.list"),
                "content": {"application/json": {"schema": _schema()}},
            },
            "304": {"$ref": "#/components/responses/NotModified"},
            **problems,
        },
    }
    return {API_PATH: {"get": operation}}


def _schema() -> Json:
    """Return the shape of what `as_data` makes."""
    result = _object(
        iri=_TEXT_OR_NONE,
        page=_TEXT,
        kind=_one_of([*KINDS]),
        code=_TEXT,
        name=_TEXT,
        language=_TEXT_OR_NONE,
        also={"type": "array", "items": _TEXT},
        place=_TEXT_OR_NONE,
        note=_TEXT_OR_NONE,
        fictitious=_TRUTH,
    )
    choice = _object(value=_TEXT, label=_TEXT, count=_COUNT, depth=_COUNT, chosen=_TRUTH)
    choices: Json = {"type": "array", "items": choice}
    return _object(
        query=_TEXT,
        limits={"type": "object", "additionalProperties": _TEXT},
        release=_TEXT,
        fit=_one_of([EXACTLY, MISTAKEN, PARTLY]),
        cut=_TRUTH,
        total=_COUNT,
        page=_COUNT,
        pages=_COUNT,
        results={"type": "array", "items": result},
        facets={"type": "object", "additionalProperties": choices},
    )


def _object(**members: Json) -> Json:
    return {"type": "object", "properties": members, "required": [*members]}


def _one_of(values: list[Json]) -> Json:
    return {"type": "string", "enum": values} if values else _TEXT


def _parameter(name: str, description: str, schema: Json) -> dict[str, Json]:
    return {"name": name, "in": "query", "description": description, "schema": schema}
