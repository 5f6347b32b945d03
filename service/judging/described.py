"""How the description of the API tells of `/validate`."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from vises.service.formats import GRAPH_TYPES, HTML
from vises.service.judging.work import JSON, PATH
from vises.service.multipart import MULTIPART
from vises.validation.shapes import profiles

if TYPE_CHECKING:
    from vises.service.api.rows import Json
    from vises.service.texts import Texts

_PROBLEMS = ("400", "406", "413", "415", "422", "429", "502", "503", "504")
_BINARY: Json = {"type": "string", "contentMediaType": "application/octet-stream"}


@cache
def report_schema() -> dict[str, Json]:
    """Return the schema of a report in JSON, with what it refers to in place."""
    text = (files("vises") / "validation" / "report.schema.json").read_text("utf-8")
    schema = json.loads(text)
    schema["properties"]["results"]["items"] = schema["$defs"]["result"]
    return {key: value for key, value in schema.items() if not key.startswith("$")}


def described(words: Texts) -> dict[str, Json]:
    """Return the paths of validation, by address, as OpenAPI has them."""
    profile: Json = {"type": "string", "enum": [*profiles()]}
    bodies: dict[str, Json] = {m: {"schema": {"type": "string"}} for m in GRAPH_TYPES.values()}
    fields: dict[str, Json] = {
        "data": {"type": "array", "items": _BINARY},
        "shapes": {"type": "array", "items": _BINARY},
        "text": {"type": "string"},
        "syntax": {"type": "string", "enum": [*GRAPH_TYPES.values()]},
        "profile": profile,
    }
    bodies[MULTIPART] = {"schema": {"type": "object", "properties": fields}}
    reports: dict[str, Json] = {m: {} for m in (*GRAPH_TYPES.values(), HTML)}
    reports[JSON] = {"schema": report_schema()}
    problems: dict[str, Json] = {
        status: {"$ref": "#/components/responses/Problem"} for status in _PROBLEMS
    }
    operation: dict[str, Json] = {
        "operationId": "validate",
        "summary": words("judged.title"),
        "description": f"{words('judged.lead')} {words('judged.shapes-note')}",
        "tags": ["things"],
        "parameters": [
            _parameter("profile", words("judged.profile"), profile),
            _parameter("url", words("judged.url-note"), {"type": "string", "format": "uri"}),
        ],
        "requestBody": {"content": bodies},
        "responses": {
            "200": {"description": words("judged.report"), "content": reports},
            "303": {"description": words("judged.report")},
            **problems,
        },
    }
    return {PATH: {"post": operation}}


def _parameter(name: str, description: str, schema: Json) -> Json:
    return {"name": name, "in": "query", "description": description, "schema": schema}
