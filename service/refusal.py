"""Telling why a change was refused: the validation report in the form that was asked for."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from starlette.responses import Response

from vises.service import problems, render
from vises.service.formats import GRAPH_ALIASES, GRAPH_TYPES, HTML, content_type
from vises.service.judging.kept import KEPT_SECONDS, KeptReports, downloads
from vises.service.judging.page import report_page
from vises.service.judging.work import FORMS
from vises.service.judging.written import in_form, write_report
from vises.service.language import language
from vises.service.negotiation import best_media_type
from vises.service.texts import texts
from vises.store.transaction import ChangeRefused
from vises.store.update.workplace import workplace
from vises.validation.findings import findings
from vises.validation.report import Report
from vises.validation.summary import summary

if TYPE_CHECKING:
    from starlette.requests import Request

    from vises.errors import VisesError
    from vises.service.pages.maker import PageMaker

MOST_RESULTS = 10_000
"""How many results of a refused change its page offers to download."""

_PROBLEMS = (problems.PROBLEM_JSON, "application/json")


class Refusals:
    """Turns errors into responses, and the report on a refused change into one that helps."""

    def __init__(self, maker: PageMaker) -> None:
        """Take what makes pages."""
        self._maker = maker

    async def response(self, request: Request, error: VisesError) -> Response:
        """Return an error in the form that the client prefers, as `problems.response` does.

        Of a refused change that is a problem document with the results, the report in RDF
        (sh:ValidationReport; SHACL, section 3.6), or a page of what to fix, each with status 422.
        """
        if not isinstance(error, ChangeRefused):
            return problems.response(request, error)
        offers = [*_PROBLEMS, HTML, *GRAPH_TYPES.values(), *GRAPH_ALIASES]
        found = best_media_type(request.headers.get("accept"), offers)
        if found in _PROBLEMS or found is None:
            answer = _problem(error)
        elif found == HTML:
            answer = await self._page(request, error)
        else:
            answer = _report(error, GRAPH_ALIASES.get(found, found))
        answer.headers["Cache-Control"] = "no-store"
        answer.headers["Vary"] = "Accept"
        return answer

    async def _page(self, request: Request, refusal: ChangeRefused) -> Response:
        if not isinstance(refusal.verdict, Report):
            return problems.response(request, refusal)
        text, name = await asyncio.to_thread(self._kept, refusal.verdict)
        words = texts(language(request))
        context = {
            "problem": problems.shown(request, refusal),
            "report": await report_page(text, request, self._maker, words),
            "downloads": downloads(name),
            "minutes": KEPT_SECONDS // 60,
        }
        page = render.page(request, "refused.html", context)
        page.status_code = refusal.status
        return page

    def _kept(self, verdict: Report) -> tuple[str, str]:
        """Keep the report to be downloaded; return its summary and its name. Raises `OSError`."""
        whole = verdict.complete and len(verdict.results) <= MOST_RESULTS
        report = Report(verdict.results[:MOST_RESULTS], whole, verdict.notes)
        data = self._maker.site.settings.data
        with workplace(data) as place:
            made = place / "report"
            made.mkdir()
            write_report(made, report, FORMS)
            text = summary(verdict.head(), findings(verdict.results))
            return text, KeptReports(data).keep(made)


def _problem(refusal: ChangeRefused) -> Response:
    members = problems.document(refusal)
    if isinstance(refusal.verdict, Report):
        members["report"] = refusal.verdict.members()
    body = json.dumps(members, ensure_ascii=False)
    return Response(body, refusal.status, media_type=problems.PROBLEM_JSON)


def _report(refusal: ChangeRefused, media_type: str) -> Response:
    body = b"".join(in_form(refusal.verdict.turtle(), media_type))
    headers = {"Content-Type": content_type(media_type)}
    return Response(body, refusal.status, headers)
