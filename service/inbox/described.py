"""How the description of the API tells of `/inbox/{partner}`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vises.ingest.partners.delivery import CIDS, VISES
from vises.service.formats import GRAPH_TYPES, HTML
from vises.service.inbox.delivering import TYPES
from vises.service.inbox.ledger import TEXTS
from vises.service.inbox.partner import NAME, PATH
from vises.service.judging.described import report_schema
from vises.service.judging.work import JSON
from vises.service.problems import PROBLEM_JSON

if TYPE_CHECKING:
    from vises.service.api.rows import Json
    from vises.service.texts import Texts

TAG = "partners"
TOKEN = "token"  # noqa: S105 (the name of a scheme)
SECURITY: dict[str, Json] = {TOKEN: {"type": "http", "scheme": "bearer"}}
"""The security scheme of deliveries, by its name (OpenAPI 3.1, section 4.8.27)."""

_NEEDED: list[Json] = [{TOKEN: []}]
_POSSIBLE: list[Json] = [{}, {TOKEN: []}]
_TEXT: Json = {"type": "string"}
_MAYBE: Json = {"type": ["string", "null"]}
_COUNT: Json = {"type": "integer", "minimum": 0}
_PROBLEM: Json = {"$ref": "#/components/responses/Problem"}
_DELIVERING = ("400", "401", "403", "404", "406", "409", "412", "413", "415", "429", "503", "504")
_STATE = ("401", "404", "500")
_READING = ("401", "403", "404", "406", "500")


def described(words: Texts) -> dict[str, Json]:
    """Return the paths of inboxes, by address, as OpenAPI has them."""
    partner = _in_path("partner", words("inbox.api-partner"), f"^{NAME.pattern}$")
    delivery = _in_path("delivery", words("inbox.api-delivery"), "^[0-9A-Za-z-]+$")
    report: dict[str, Json] = {
        "operationId": "delivery",
        "summary": words("inbox.report"),
        "tags": [TAG],
        "security": _NEEDED,
        "responses": {
            "200": _answer(words("inbox.report"), _reports()),
            **_problems(_READING),
        },
    }
    return {
        f"{PATH}/{{partner}}": {
            "parameters": [partner],
            "get": _state(words),
            "post": _deliver(words),
        },
        f"{PATH}/{{partner}}/deliveries/{{delivery}}": {
            "parameters": [partner, delivery],
            "get": report,
        },
    }


def _deliver(words: Texts) -> Json:
    outcomes = {outcome: words(key) for outcome, key in TEXTS.items()}
    refused: dict[str, Json] = {**_reports(), PROBLEM_JSON: _schema("Problem")}
    match: Json = {"name": "If-Match", "in": "header", "schema": _TEXT}
    return {
        "operationId": "deliver",
        "summary": words("inbox.api-deliver"),
        "description": words("inbox.api-deliver-note"),
        "tags": [TAG],
        "security": _NEEDED,
        "parameters": [match],
        "requestBody": {
            "required": True,
            "content": {kind: {"schema": {"type": "string"}} for kind in (*TYPES, JSON)},
        },
        "responses": {
            "200": _answer(outcomes["unchanged"], _reports()),
            "201": _answer(f"{outcomes['published']}. {outcomes['kept']}.", _reports()),
            "422": {"description": outcomes["refused"], "content": refused},
            **_problems(_DELIVERING),
        },
    }


def _state(words: Texts) -> Json:
    content: dict[str, Json] = {JSON: {"schema": _state_schema()}, HTML: {}}
    headers: dict[str, Json] = {
        name: {"schema": _TEXT} for name in ("ETag", "Link", "Accept-Post", "X-Release")
    }
    lead = words("inbox.lead")
    return {
        "operationId": "inbox",
        "summary": lead,
        "tags": [TAG],
        "security": _POSSIBLE,
        "responses": {
            "200": {"description": lead, "headers": headers, "content": content},
            **_problems(_STATE),
        },
    }


def _reports() -> dict[str, Json]:
    """Return the forms of the report on a delivery."""
    told = _object({**_delivery(), "report": report_schema()})
    return {JSON: {"schema": told}, HTML: {}, **{kind: {} for kind in GRAPH_TYPES.values()}}


def _delivery() -> dict[str, Json]:
    counts = _object(dict.fromkeys(("violations", "warnings", "infos"), _COUNT))
    return {
        "delivery": _TEXT,
        "received": {"type": "string", "format": "date-time"},
        "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "outcome": {"type": "string", "enum": [*TEXTS]},
        "release": _MAYBE,
        "vocabulary": {"type": "string", "enum": [CIDS, VISES]},
        "tiers": _list(_tier()),
        "counts": counts,
    }


def _state_schema() -> Json:
    return _object(
        {
            "partner": _TEXT,
            "graph": {"type": "string", "format": "uri"},
            "release": _TEXT,
            "statements": {"type": ["integer", "null"], "minimum": 0},
            "tiers": _list(_tier()),
            "deliveries": _list(_object(_delivery())),
        }
    )


def _tier() -> Json:
    return _object(
        {
            "name": _TEXT,
            "met": {"type": ["boolean", "null"]},
            "official": {"type": "boolean"},
            "lacks": _list({"type": "array", "prefixItems": [_TEXT, _COUNT]}),
        }
    )


def _object(properties: dict[str, Json]) -> Json:
    return {"type": "object", "properties": properties, "required": [*properties]}


def _list(items: Json) -> Json:
    return {"type": "array", "items": items}


def _schema(name: str) -> Json:
    return {"schema": {"$ref": f"#/components/schemas/{name}"}}


def _answer(description: str, content: dict[str, Json]) -> Json:
    headers: dict[str, Json] = {
        name: {"schema": _TEXT} for name in ("Location", "ETag", "X-Release")
    }
    return {"description": description, "headers": headers, "content": content}


def _problems(statuses: tuple[str, ...]) -> dict[str, Json]:
    return dict.fromkeys(statuses, _PROBLEM)


def _in_path(name: str, description: str, pattern: str) -> Json:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": description,
        "schema": {"type": "string", "pattern": pattern},
    }
