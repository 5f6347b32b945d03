"""The description of uploads and jobs: OpenAPI 3.1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vises.ingest.sources import SOURCES
from vises.service.jobs.job import State
from vises.service.jobs.results import RESULTS
from vises.service.jobs.upload import TYPES
from vises.service.multipart import MULTIPART
from vises.service.problems import PROBLEM_JSON

if TYPE_CHECKING:
    from vises.service.texts import Texts

Json = dict[str, Any]

_VERSION = "1.0.0"
_TEXT: Json = {"type": "string"}
_FLAG: Json = {"type": "boolean", "default": False}
_COUNT: Json = {"type": "integer", "minimum": 0}
_ANY: Json = {"type": ["object", "null"]}
_MAYBE: Json = {"type": ["string", "null"]}


def openapi(origin: str, words: Texts) -> Json:
    """Return the description of the addresses under /ingest, in one language."""
    return {
        "openapi": "3.1.1",
        "info": {"title": words("upload.title"), "version": _VERSION},
        "servers": [{"url": origin}],
        "security": [{"token": []}],
        "paths": {"/ingest/{source}": _upload(words), **_jobs(words)},
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {"Job": _schema(), "Problem": {"type": "object"}},
        },
    }


def _upload(words: Texts) -> Json:
    upload: Json = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in TYPES}
    several = {"type": "array", "items": {"type": "string", "format": "binary"}}
    upload[MULTIPART] = {"schema": {"type": "object", "properties": {"file": several}}}
    taken = {
        "description": words("upload.api-taken"),
        "headers": {"Location": {"schema": _TEXT}},
        "content": _job(),
    }
    return {
        "parameters": [_in_path("source", {"enum": sorted(SOURCES)})],
        "post": {
            "operationId": "upload",
            "summary": words("upload.api-upload"),
            "parameters": [
                _query("dataset", _TEXT),
                _query("as-of", {"type": "string", "format": "date"}),
                _query("max-refused", {"type": "string", "default": "5%"}),
                _query("fictitious", _FLAG),
                _query("dry-run", _FLAG),
            ],
            "requestBody": {"required": True, "content": upload},
            "responses": {
                "202": taken,
                **_problems("400", "401", "403", "404", "413", "415", "503"),
            },
        },
    }


def _jobs(words: Texts) -> Json:
    job = _in_path("job", {"pattern": "^[0-9a-f]{32}$"})
    jobs = {"type": "object", "properties": {"jobs": {"type": "array", "items": _ref("Job")}}}
    dropped = {"description": words("upload.api-drop")}
    return {
        "/ingest/jobs": {
            "get": _operation("jobs", words("upload.api-jobs"), _content(jobs), "401")
        },
        "/ingest/jobs/{job}": {
            "parameters": [job],
            "get": _operation("job", words("upload.api-job"), _job(), "401", "404"),
            "delete": {
                "operationId": "drop",
                "summary": words("upload.api-drop"),
                "responses": {"204": dropped, **_problems("401", "404")},
            },
        },
        "/ingest/jobs/{job}/{result}": {
            "parameters": [job, _in_path("result", {"enum": [*RESULTS]})],
            "get": _operation("result", words("upload.api-result"), {"*/*": {}}, "401", "404"),
        },
    }


def _schema() -> Json:
    properties: Json = {
        "id": _TEXT,
        "address": _TEXT,
        "state": {"type": "string", "enum": [state.value for state in State]},
        "source": _TEXT,
        "dataset": _TEXT,
        "dryRun": {"type": "boolean"},
        "files": {"type": "array", "items": _TEXT},
        "created": {"type": "string", "format": "date-time"},
        "started": _MAYBE,
        "ended": _MAYBE,
        "cancelled": {"type": "boolean"},
        "progress": {
            "type": ["object", "null"],
            "properties": {
                "step": _TEXT,
                "seconds_left": {"type": ["number", "null"]},
                **dict.fromkeys(("bytes", "rows", "published", "quarantined"), _COUNT),
            },
        },
        "report": _ANY,
        "problem": _ANY,
        "results": {"type": "object", "additionalProperties": _TEXT},
    }
    return {"type": "object", "properties": properties, "required": [*properties]}


def _operation(name: str, summary: str, content: Json, *problems: str) -> Json:
    answer = {"description": summary, "content": content}
    responses = {"200": answer, **_problems(*problems)}
    return {"operationId": name, "summary": summary, "responses": responses}


def _problems(*statuses: str) -> Json:
    content = {PROBLEM_JSON: {"schema": _ref("Problem")}}
    return {status: {"description": "RFC 9457", "content": content} for status in statuses}


def _job() -> Json:
    return _content(_ref("Job"))


def _content(schema: Json) -> Json:
    return {"application/json": {"schema": schema}}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _in_path(name: str, schema: Json) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", **schema}}


def _query(name: str, schema: Json) -> Json:
    return {"name": name, "in": "query", "schema": schema}
