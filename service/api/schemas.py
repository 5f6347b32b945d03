"""The shapes of the bodies, as JSON Schema 2020-12, which OpenAPI 3.1 takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vises.service.problems import PROBLEM_JSON, PROBLEMS

if TYPE_CHECKING:
    from vises.service.api.rows import Json

_TEXT: Json = {"type": "string"}
_TEXTS: Json = {"type": "array", "items": _TEXT}
_ADDRESS: Json = {"type": "string", "format": "uri"}
_PLACE: Json = {"type": "integer", "minimum": 0}
_TOTAL: Json = {"type": ["integer", "null"], "minimum": 0}
_LINKS: Json = {"type": "object", "additionalProperties": _ADDRESS}


def _object(required: dict[str, Json], optional: dict[str, Json] | None = None) -> Json:
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": [*required],
    }


SCHEMAS: dict[str, Json] = {
    "Problem": _object(
        {"type": _ADDRESS, "title": _TEXT, "status": {"type": "integer"}, "detail": _TEXT},
        {"place": _TEXT, "remedy": _TEXT, "request": _TEXT},
    ),
    "Questions": _object(
        {
            "questions": {
                "type": "array",
                "items": _object(
                    {
                        "id": _TEXT,
                        "question": _TEXT,
                        "summary": _TEXT,
                        "href": _ADDRESS,
                        "tags": _TEXTS,
                        "columns": _TEXTS,
                        "parameters": {
                            "type": "array",
                            "items": _object({"name": _TEXT, "type": _TEXT, "default": _TEXTS}),
                        },
                    }
                ),
            }
        }
    ),
    "Answer": _object(
        {
            "id": _TEXT,
            "question": _TEXT,
            "release": _TEXT,
            "parameters": {"type": "object", "additionalProperties": _TEXTS},
            "columns": {
                "type": "array",
                "items": _object({"name": _TEXT, "title": _TEXT, "types": _TEXTS}),
            },
            "offset": _PLACE,
            "total": _TOTAL,
            "links": _LINKS,
            "rows": {"type": "array", "items": {"type": "object"}},
        },
        {"before": _TEXT, "after": _TEXT},
    ),
    "List": _object(
        {
            "release": _TEXT,
            "filters": {"type": "object", "additionalProperties": _TEXTS},
            "offset": _PLACE,
            "total": _TOTAL,
            "links": _LINKS,
            "items": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}},
        }
    ),
    "Thing": _object(
        {"id": _TEXT},
        {
            "href": _ADDRESS,
            "label": _TEXT,
            "type": {"anyOf": [_TEXT, _TEXTS]},
            "release": _TEXT,
            "links": _LINKS,
        },
    ),
}
"""By their names in the description."""

RESPONSES: dict[str, Json] = {
    "NotModified": {"description": "304"},
    "Problem": {
        "description": "RFC 9457",
        "content": {
            PROBLEM_JSON: {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "example": {
                    "type": f"{PROBLEMS}parameter",
                    "title": "A parameter is not right",
                    "status": 400,
                    "detail": "The code list nuts has no 'FRX'.",
                    "place": "parameter area",
                    "remedy": "Give one such as nuts:FRE.",
                },
            }
        },
    },
}
"""Those that operations share."""
