"""The description of the API: OpenAPI 3.1, made of the questions and the kinds of things."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vises.languages import LANGUAGES
from vises.service.api.call import V1
from vises.service.api.entities import SIZE as LIST_SIZE
from vises.service.api.fields import FIELDS
from vises.service.api.forms import ENTITY_FORMS, JSON, QUESTION_FORMS
from vises.service.api.kinds import AFTER, CONCEPTS, KINDS, LISTS, SORT
from vises.service.api.paging import MOST_SIZE, SIZE, columns_of
from vises.service.api.parameters import MOST_CHARACTERS, MOST_VALUES
from vises.service.api.places import forms_of
from vises.service.api.questions import asked_parameters
from vises.service.api.schemas import RESPONSES, SCHEMAS
from vises.service.inbox.described import SECURITY, TAG
from vises.service.inbox.described import described as inboxes
from vises.service.judging.described import described as judging
from vises.service.questions import TOPICS, heading, parameter_heading, questions
from vises.service.search.described import described as searching

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from vises.service.api.kinds import Kind
    from vises.service.api.parameters import Parameter
    from vises.service.api.rows import Json
    from vises.service.questions import Question
    from vises.service.texts import Texts

VERSION = "1.0.0"

_PATTERNS = {
    "integer": ("integer", "[+-]?[0-9]{1,18}"),
    "boolean": ("boolean", None),
    "date": ("string", "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
    "gYear": ("string", "^[0-9]{4}$"),
}


def openapi(origin: str, words: Texts) -> dict[str, Json]:
    """Return the description of the API at an origin, in one language."""
    return {
        "openapi": "3.1.1",
        "info": {
            "title": words("api.title"),
            "version": VERSION,
            "summary": words("api.lead"),
            "description": words("api.described"),
            "license": {
                "name": "CC BY 4.0",
                "url": "https://creativecommons.org/licenses/by/4.0/",
            },
        },
        "servers": [{"url": origin}],
        "tags": [
            *[_tag(letter, words(key)) for letter, key in TOPICS.items()],
            _tag("things", words("api.things")),
            _tag(TAG, words("inbox.partners")),
        ],
        "paths": _paths(words),
        "components": {
            "parameters": _shared(words),
            "responses": RESPONSES,
            "schemas": SCHEMAS,
            "securitySchemes": SECURITY,
        },
    }


def _tag(name: str, description: str) -> Json:
    return {"name": name, "description": description}


def _paths(words: Texts) -> dict[str, Json]:
    paths: dict[str, Json] = {
        f"{V1}/questions": _get(
            "questions", words("api.questions"), "things", [], _json("Questions")
        )
    }
    for question in questions().values():
        paths[f"{V1}/questions/{question.id}"] = _question(question, words)
    for kind in KINDS.values():
        paths[f"{V1}/{kind.name}"] = _list(kind, kind.name, words)
        paths[f"{V1}/{kind.name}/{{name}}"] = _one(kind, words)
    paths[f"{V1}/codes"] = _list(LISTS, "codes", words)
    paths[f"{V1}/codes/{{list}}"] = _list(CONCEPTS, "codes_of_a_list", words, ("list",))
    return paths | searching(words) | judging(words) | inboxes(words)


def _question(question: Question, words: Texts) -> Json:
    own = [
        _parameter(p, words, f"{_sentence(parameter_heading(name, words))} ")
        for name, p in asked_parameters(question).items()
    ]
    compared = ["before", "after"] if question.compared else []
    shared = [*compared, "page", "size", "limit", "offset"]
    forms = {"json": JSON} if question.compared else forms_of(question)
    content: dict[str, Json] = {media_type: {} for media_type in forms.values()}
    content[QUESTION_FORMS["json"]] = {"schema": {"$ref": "#/components/schemas/Answer"}}
    columns = ", ".join(
        f"`{name}` ({heading(name, words)})" for name in columns_of(question.sparql)
    )
    described = f"{question.summary[words.language]}\n\n{words('api.columns')}: {columns}."
    operation = _get(
        f"question_{question.id}",
        question.wording[words.language],
        question.id[0],
        [*own, *map(_ref, shared)],
        content,
    )
    operation["get"]["description"] = described  # type: ignore[index,call-overload]
    return operation


def _list(kind: Kind, name: str, words: Texts, in_path: Iterable[str] = ()) -> Json:
    own = [_parameter(p, words) for n, p in kind.filters.items() if n not in in_path]
    parameters: list[Json] = [
        *(_in_path(n, LISTS.example, words("api.list")) for n in in_path),
        *own,
        *([_ref(SORT)] if kind.sorted or kind.indexed else []),
        _fields(kind, words),
        *map(_ref, ("page", "list-size", "limit", "offset")),
        *([_ref(AFTER)] if kind.indexed else []),
    ]
    content = {**_json("List"), **_linked()}
    return _get(f"list_{name}", f"{words('api.listed')}: {name}", "things", parameters, content)


def _one(kind: Kind, words: Texts) -> Json:
    parameters = [_in_path("name", kind.example, words("api.name")), _fields(kind, words)]
    content = {**_json("Thing"), **_linked()}
    summary = f"{words('api.one')}: {kind.name}"
    return _get(f"one_of_{kind.name}", summary, "things", parameters, content)


def _get(
    operation: str,
    summary: str,
    tag: str,
    parameters: list[Json],
    content: Mapping[str, Json],
) -> dict[str, Json]:
    errors: dict[str, Json] = {
        status: {"$ref": "#/components/responses/Problem"}
        for status in ("400", "404", "406", "410", "429", "500", "503")
    }
    headers: dict[str, Json] = {
        name: {"schema": {"type": "string"}} for name in ("ETag", "Link", "X-Release")
    }
    answer: dict[str, Json] = {"description": summary, "headers": headers, "content": dict(content)}
    return {
        "get": {
            "operationId": operation,
            "summary": summary,
            "tags": [tag],
            "parameters": [*parameters, _ref("lang"), _ref("release")],
            "responses": {
                "200": answer,
                "304": {"$ref": "#/components/responses/NotModified"},
                **errors,
            },
        }
    }


def _parameter(parameter: Parameter, words: Texts, called: str = "") -> Json:
    """Return the description of a parameter that may have several values.

    It begins with what people call the parameter.
    """
    kind, pattern = _PATTERNS.get(parameter.kind, ("string", None))
    items: dict[str, Json] = {"type": kind}
    if kind == "string":
        items["maxLength"] = MOST_CHARACTERS
        items["minLength"] = 1
    if pattern and kind == "string":
        items["pattern"] = pattern
    if kind == "integer":
        items |= {"minimum": -(10**17), "maximum": 10**17}
    examples: list[Json] = [_typed(parameter.kind, text) for text in parameter.examples]
    lists = " ".join(
        f"{V1}/codes/{scheme.rpartition('/code/')[2]}"
        for scheme in parameter.schemes
        if "/code/" in scheme
    )
    described = words("api.iri", lists=lists) if lists else words("api.value")
    return {
        "name": parameter.name,
        "in": "query",
        "description": called + described,
        "schema": {"type": "array", "items": items, "minItems": 1, "maxItems": MOST_VALUES},
        "example": examples,
    }


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _typed(kind: str, text: str) -> Json:
    if kind == "integer":
        return int(text)
    return text == "true" if kind == "boolean" else text


def _shared(words: Texts) -> dict[str, Json]:
    """Return the parameters that many operations have, by name."""
    whole: dict[str, Json] = {"type": "integer", "minimum": 0, "maximum": 100_000_000}
    size: dict[str, Json] = {"type": "integer", "minimum": 1, "maximum": MOST_SIZE}
    first: dict[str, Json] = {"type": "integer", "minimum": 1, "maximum": 10_000}
    text: dict[str, Json] = {"type": "string", "pattern": "^[0-9A-Za-z._-]{1,64}$"}
    return {
        "page": _query("page", words("api.page"), {**first, "default": 1}),
        "size": _query("size", words("api.size"), {**size, "default": SIZE}),
        "list-size": _query("size", words("api.size"), {**size, "default": LIST_SIZE}),
        "limit": _query("limit", words("api.limit"), size),
        "offset": _query("offset", words("api.offset"), whole),
        "lang": _query("lang", words("api.lang"), {"type": "string", "enum": [*LANGUAGES]}),
        "release": _query("release", words("api.release"), text),
        "before": _query("before", words("api.before"), text),
        "after": _query("after", words("api.after"), text),
        SORT: _query(SORT, words("api.sort"), {"type": "string", "enum": ["name", "-name"]}),
        AFTER: _query(AFTER, words("taking.after"), {"type": "string"}),
    }


def _fields(kind: Kind, words: Texts) -> Json:
    """Return the parameter that names properties, with some that a thing of the kind has."""
    return {
        **_query(FIELDS, words("api.fields"), {"type": "string"}),
        "examples": {"two": {"value": kind.fields}},
    }


def _query(name: str, description: str, schema: dict[str, Json]) -> dict[str, Json]:
    return {"name": name, "in": "query", "description": description, "schema": schema}


def _in_path(name: str, example: str, description: str) -> Json:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": description,
        "schema": {"type": "string", "minLength": 1},
        "example": example,
    }


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/parameters/{name}"}


def _json(schema: str) -> dict[str, Json]:
    return {ENTITY_FORMS["json"]: {"schema": {"$ref": f"#/components/schemas/{schema}"}}}


def _linked() -> dict[str, Json]:
    return {
        ENTITY_FORMS["jsonld"]: {"schema": {"type": "object", "required": ["@context"]}},
        ENTITY_FORMS["geojson"]: {"schema": {"type": "object", "required": ["type"]}},
    }
