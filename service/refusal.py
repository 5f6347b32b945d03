"""Telling why a change was refused: the validation report in the form that was asked for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pyoxigraph import RdfFormat, parse, serialize
from starlette.responses import Response

from vises.namespaces import PREFIXES
from vises.service import problems
from vises.service.formats import GRAPH_ALIASES, GRAPH_TYPES, HTML, content_type
from vises.service.negotiation import best_media_type
from vises.store.transaction import ChangeRefused
from vises.validation.report import Report

if TYPE_CHECKING:
    from starlette.requests import Request

    from vises.errors import VisesError

_PROBLEMS = (problems.PROBLEM_JSON, "application/json")


def response(request: Request, error: VisesError) -> Response:
    """Return an error in the form that the client prefers, as `problems.response` does."""
    if isinstance(error, ChangeRefused):
        return _refused(request, error)
    return problems.response(request, error)


def _refused(request: Request, refusal: ChangeRefused) -> Response:
    """Return the answer 422: a problem document with the results, or the report in RDF.

    The report is a sh:ValidationReport (SHACL, section 3.6).
    """
    offers = [*_PROBLEMS, HTML, *GRAPH_TYPES.values(), *GRAPH_ALIASES]
    found = best_media_type(request.headers.get("accept"), offers)
    if found in _PROBLEMS or found is None:
        answer = _problem(refusal)
    elif found == HTML:
        answer = problems.response(request, refusal)
    else:
        answer = _report(refusal, GRAPH_ALIASES.get(found, found))
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Vary"] = "Accept"
    return answer


def _problem(refusal: ChangeRefused) -> Response:
    members = problems.document(refusal)
    if isinstance(refusal.verdict, Report):
        members["report"] = json.loads(refusal.verdict.to_json())
    body = json.dumps(members, ensure_ascii=False)
    return Response(body, refusal.status, media_type=problems.PROBLEM_JSON)


def _report(refusal: ChangeRefused, media_type: str) -> Response:
    body: bytes | None = refusal.verdict.turtle()
    form = RdfFormat.from_media_type(media_type)
    assert form is not None
    if form != RdfFormat.TURTLE:
        triples = (quad.triple for quad in parse(body, RdfFormat.TURTLE))
        prefixes = {name: PREFIXES[name] for name in ("rdf", "rdfs", "sh", "vises")}
        body = serialize(triples, format=form, prefixes=prefixes)
    headers = {"Content-Type": content_type(media_type)}
    return Response(body, refusal.status, headers)
