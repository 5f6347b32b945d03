"""`/validate`: the form, judging what is sent, and the reports that are kept for a while."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from fastapi import APIRouter
from starlette.requests import Request  # noqa: TC002 (FastAPI reads the annotations)
from starlette.responses import FileResponse, RedirectResponse, Response

from vises.errors import VisesError, sentence
from vises.service import problems, render
from vises.service.formats import GRAPH_TYPES, HTML, content_type, wants_html
from vises.service.headers import ANY_ORIGIN, preflight
from vises.service.iris import in_release
from vises.service.judging.asked import read_asked
from vises.service.judging.errors import JudgingUnwritable, ReportGone
from vises.service.judging.forms import report_type
from vises.service.judging.judges import Judges
from vises.service.judging.kept import KEPT_SECONDS, KeptReports, downloads
from vises.service.judging.page import PROFILES, called, read_summary, report_page
from vises.service.judging.work import FORMS, JSON, PATH, Work
from vises.service.language import chosen_language, language
from vises.service.public import origin_of
from vises.service.sparql.streaming import WhileConnected
from vises.service.texts import texts
from vises.service.writing import WriteFailed
from vises.store.federation.documents import DocumentReader
from vises.store.federation.partners import read_partners
from vises.validation.shapes import profiles
from vises.validation.summary import SUMMARY

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from vises.service.judging.asked import Asked
    from vises.service.pages.maker import PageMaker
    from vises.service.writing import Writing
    from vises.store.accounts import Accounts

ALLOWED = "GET, HEAD, POST, OPTIONS"

_PROCESSES = 2
_PRIVATE = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex"}


class Judging:
    """Answers `/validate` and what is below it. Nothing that is sent is published or kept."""

    def __init__(
        self,
        maker: PageMaker,
        writing: Writing,
        accounts: Accounts | None,
        reader: DocumentReader | None = None,
    ) -> None:
        """Take what makes pages, what gives folders to work in, and the accounts of clients."""
        settings = maker.site.settings
        self._maker = maker
        self._writing = writing
        self._most = settings.upload_mebibytes << 20
        self._reader = reader or DocumentReader(read_partners(settings.partners))
        self._kept = KeptReports(settings.data)
        self._judges = Judges(
            size=_PROCESSES,
            seconds=settings.query_seconds,
            mebibytes=settings.worker_mebibytes,
            accounts=accounts,
        )

    async def close(self) -> None:
        """End the processes."""
        await self._judges.close()

    def router(self) -> APIRouter:
        """Return the routes."""
        routes = APIRouter()
        routes.add_api_route(PATH, self.answer, methods=ALLOWED.split(", "))
        routes.add_api_route(f"{PATH}/reports/{{name}}", self.report, methods=["GET", "HEAD"])
        return routes

    async def answer(self, request: Request) -> Response:
        """Return the page with the form, or the answer of `judge` to a POST."""
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=preflight(ALLOWED))
        if request.method == "POST":
            return await self._posted(request)
        headers = {"Cache-Control": "no-cache"}
        context = {**self._form(request), "problem": None}
        return render.page(request, "validate.html", context, headers=headers)

    async def _posted(self, request: Request) -> Response:
        """Return the answer of `judge`; an error stands above the form that it came from."""
        try:
            return await self.judge(request)
        except VisesError as error:
            if not wants_html(request.headers.get("accept")):
                raise
            return problems.response(request, error, "validate.html", self._form(request))

    async def judge(self, request: Request) -> Response:
        """Judge what a request sends; return the report, or the way to its page.

        Raises what `read_asked` and `Judges.judge` do, `NotAcceptable`, and `JudgingUnwritable`.
        """
        wanted = report_type(request)
        try:
            async with self._writing.workplace() as place:
                asked = await read_asked(request, place, self._most, self._reader)
                answer = Response(status_code=204)  # for a client that has left
                with WhileConnected(request.receive):
                    answer = await self._answered(request, asked, wanted, place)
        except WriteFailed as error:
            raise JudgingUnwritable from error
        return answer

    async def report(self, request: Request, name: str) -> Response:
        """Return the page of a kept report, or a form of it to download. Raises `ReportGone`."""
        stem, _, ending = name.partition(".")
        folder = self._kept.find(stem)
        if ending in FORMS:
            return FileResponse(
                folder / f"report.{ending}",
                media_type=content_type(FORMS[ending]),
                filename=f"validation-report.{ending}",
                headers=_PRIVATE | ANY_ORIGIN,
            )
        if ending:
            raise ReportGone(
                sentence("no-such-form", "A report has no form {form}.", form=repr(ending[:40])),
                remedy=sentence("forms-are", "Its forms are {forms}.", forms=", ".join(FORMS)),
            )
        words = texts(language(request))
        text = await asyncio.to_thread(read_summary, folder / SUMMARY)
        page = await report_page(text, request, self._maker, words)
        context = {
            "report": page,
            "documents": [called(name, words) for name in page.about["documents"]],
            "profiles": PROFILES,
            "downloads": downloads(name),
            "minutes": KEPT_SECONDS // 60,
        }
        return render.page(request, "judged.html", context, headers=_PRIVATE)

    def _form(self, request: Request) -> Mapping[str, object]:
        """Return what the form shows."""
        return {
            "profiles": {name: PROFILES[name] for name in profiles()},
            "syntaxes": GRAPH_TYPES,
            "documents": self._reader.allowed,
            "mebibytes": min(self._most, 16 << 20) >> 20,
            "seconds": f"{self._maker.site.settings.query_seconds:g}",
            "origin": origin_of(request),
        }

    async def _answered(self, request: Request, asked: Asked, wanted: str, place: Path) -> Response:
        folder = place / "report"
        folder.mkdir()
        forms = FORMS if wanted == HTML else {_ending(wanted): wanted}
        work = Work(
            documents=tuple(asked.documents),
            shapes=tuple(asked.shapes),
            profile=asked.profile,
            base_iri=self._maker.site.settings.base_iri,
            folder=str(folder),
            forms=forms,
        )
        await self._judges.judge(work)
        if wanted == HTML:
            name = await asyncio.to_thread(self._kept.keep, folder)
            address = in_release(f"{PATH}/reports/{name}", None, chosen_language(request))
            return RedirectResponse(address, 303, _PRIVATE)
        body = await asyncio.to_thread((folder / f"report.{_ending(wanted)}").read_bytes)
        headers = {"Vary": "Accept", "Content-Type": content_type(wanted), **ANY_ORIGIN}
        return Response(body, headers=headers | {"Cache-Control": "no-store"})


def _ending(media_type: str) -> str:
    known = {"json": JSON, **GRAPH_TYPES}
    return next(ending for ending, found in known.items() if found == media_type)
