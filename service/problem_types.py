"""The pages about types of problems, at the addresses that name them (RFC 9457, section 3.1.1)."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

from fastapi import APIRouter
from starlette.requests import Request  # noqa: TC002 (FastAPI reads the annotation)
from starlette.responses import Response  # noqa: TC002 (FastAPI reads the annotation)

from vises.errors import VisesError, sentence
from vises.service import render
from vises.service.language import language
from vises.service.problems import PROBLEMS, NoSuchPage
from vises.service.texts import texts

if TYPE_CHECKING:
    from collections.abc import Iterator


def router() -> APIRouter:
    """Return the route of the pages."""
    routes = APIRouter()
    routes.add_api_route("/problems/{kind}", problem_type, methods=["GET", "HEAD"])
    return routes


async def problem_type(request: Request, kind: str) -> Response:
    """Return the page about a type: its title, status, meaning and, where there is one, way out.

    Raises `NoSuchPage` where no error of the program is of that type.
    """
    error = next((e for e in _errors(VisesError) if e.kind == kind), None)
    if error is None:
        raise NoSuchPage(
            sentence("no-such-type", "There is no such type of problem."), place=request.url.path
        )
    words = texts(language(request))
    context = {
        "iri": PROBLEMS + kind,
        "title": words.find(f"title.{kind}"),
        "english": error.title,
        "status": error.status,
        "meaning": words.find(f"meaning.{kind}"),
        "documented": (inspect.getdoc(error) or "").partition("\n\n")[0],
        "remedy": words.find(f"remedy.{kind}"),
    }
    return render.page(request, "problem_type.html", context)


def _errors(of: type[VisesError]) -> Iterator[type[VisesError]]:
    """Yield an error and those below it; the first of a kind is the most general."""
    yield of
    for below in of.__subclasses__():
        yield from _errors(below)
