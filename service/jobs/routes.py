"""The addresses of uploads: `POST /ingest/{source}`, and the jobs under `/ingest/jobs`."""

from __future__ import annotations

import asyncio
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response

from vises.errors import BadRequest, NotFound, sentence
from vises.ingest.checks import is_date
from vises.ingest.exporting import WRITERS
from vises.ingest.options import IngestOptions
from vises.ingest.parallel.whole import whole
from vises.ingest.quarantine import parse_threshold
from vises.ingest.sources import SOURCES
from vises.languages import LANGUAGES
from vises.namespaces import Iris
from vises.service import render
from vises.service.access.errors import TokenNeeded
from vises.service.api.errors import give
from vises.service.bodies import body, media_type, parameters, unsupported
from vises.service.formats import content_type, wants_html
from vises.service.headers import ANY_ORIGIN, preflight
from vises.service.jobs.job import (
    OUTCOME,
    PREVIEW,
    PROGRESS,
    REFUSED,
    VALIDATION,
    VALIDATION_PAGE,
    Asked,
    no_such_job,
)
from vises.service.jobs.openapi import openapi
from vises.service.jobs.upload import TYPES, demand_known, received
from vises.service.judging.page import read_summary, report_alone
from vises.service.language import language
from vises.service.problems import same
from vises.service.sentences import given_twice, report_closed
from vises.service.texts import texts
from vises.validation.summary import SUMMARY

if TYPE_CHECKING:
    from pathlib import Path

    from vises.service.access.rights import Rights
    from vises.service.jobs.job import Job, JobFolder
    from vises.service.jobs.keeper import JobKeeper
    from vises.service.site import Site
    from vises.service.writing import Writing

FORM = "application/x-www-form-urlencoded"
PARAMETERS = ("dataset", "as-of", "max-refused", "fictitious", "dry-run", "lang")
ALLOWED = {
    "/ingest/openapi.json": "GET, HEAD",
    "/ingest/jobs": "GET, HEAD",
    "/ingest/jobs/{name}": "GET, HEAD, POST, DELETE",
    "/ingest/jobs/{name}/{result}": "GET, HEAD",
    "/ingest/{source}": "POST",
}
"""What may be asked of each address, as a script of another site is told before it asks."""
_MOST_FORM = 1000
_SEEING = sentence("jobs-need", "Seeing jobs needs an access token.")
_TOO_LARGE = sentence(
    "ingest-there",
    "Ingest it on the machine of the service (`vises ingest`), or send parts as datasets.",
)
_ALONE = sentence("token-alone", "Send the token alone.")
_PRIVATE = {"Cache-Control": "no-store", **ANY_ORIGIN}
_MOMENTS = ("created", "ended")
_FLAGS = {"false": False, "true": True}


class NoSuchSource(NotFound):
    """No source of data has this name."""

    kind = "no-such-source"
    title = "There is no such source"


class NoSuchResult(NotFound):
    """The job has no such result, or not yet."""

    kind = "no-such-result"
    title = "The job has no such result"


class JobRoutes:
    """Answers the requests for uploads and jobs; a job is shown to its owner alone."""

    def __init__(self, site: Site, keeper: JobKeeper, writing: Writing) -> None:
        """Take the site, who does the jobs, and what gives a place for bodies."""
        self._site = site
        self._keeper = keeper
        self._writing = writing

    def router(self) -> APIRouter:
        """Return the routes."""
        routes = APIRouter()
        job = "/ingest/jobs/{name}"
        routes.add_api_route("/ingest/openapi.json", self.described, methods=["GET", "HEAD"])
        routes.add_api_route("/ingest/jobs", self.index, methods=["GET", "HEAD"])
        routes.add_api_route(job, self.job, methods=["GET", "HEAD"])
        routes.add_api_route(job, self.signed_in, methods=["POST"])
        routes.add_api_route(job, self.drop, methods=["DELETE"])
        routes.add_api_route(f"{job}/{{result}}", self.result, methods=["GET", "HEAD"])
        routes.add_api_route("/ingest/{source}", self.upload, methods=["POST"])
        for path, methods in ALLOWED.items():
            allowed = partial(_allowed, f"{methods}, OPTIONS")
            routes.add_api_route(path, allowed, methods=["OPTIONS"])
        return routes

    async def described(self, request: Request) -> Response:
        """Return the description of these addresses (OpenAPI 3.1)."""
        origin = str(request.base_url).rstrip("/")
        told = openapi(origin, texts(language(request)))
        return JSONResponse(told, headers={**ANY_ORIGIN, "Vary": "Accept-Language"})

    async def upload(self, request: Request, source: str) -> Response:
        """Take files to be ingested, and answer with the job that will do it (202).

        What can be refused before the body is read is. Raises `NoSuchSource`, `BadRequest`,
        `TokenNeeded`, `WriteForbidden`, `QueueFull`, what `received` raises and `WriteFailed`.
        """
        rights = self._site.access.of(request.scope)
        asked = self._asked(request, source)
        rights.demand_ingest(Iris(self._site.settings.base_iri).graph(asked.dataset).value)
        demand_known(request.headers.get("content-type"))
        await asyncio.to_thread(self._keeper.demand_room)
        most = self._site.settings.upload_mebibytes << 20
        try:
            async with self._writing.workplace() as place:
                files = await received(request, place, most, _TOO_LARGE)
                assert rights.holder is not None  # `demand_ingest` saw to it
                job = await asyncio.to_thread(self._keeper.take, rights.holder, asked, files)
        except ClientDisconnect:
            return Response(status_code=HTTPStatus.BAD_REQUEST)  # nobody is there to read it
        told = self._told(job, language(request))
        return JSONResponse(told, HTTPStatus.ACCEPTED, {**_PRIVATE, "Location": job.address})

    async def index(self, request: Request) -> Response:
        """Return the jobs of who asks, the newest first."""
        rights = self._site.access.of(request.scope)
        rights.demand_token(_SEEING, right="--ingest")
        jobs = await asyncio.to_thread(self._keeper.folder.all)
        spoken = language(request)
        told = [self._told(job, spoken) for job in reversed(jobs) if job.owner == rights.holder]
        return JSONResponse({"jobs": told}, headers={**_PRIVATE, "Vary": "Accept-Language"})

    async def job(self, request: Request, name: str) -> Response:
        """Return a job: as JSON, or as a page.

        A browser, which cannot send a token by itself, gets a form that asks for it.
        """
        html = wants_html(request.headers.get("accept"))
        rights = self._site.access.of(request.scope)
        if html and rights.holder is None:
            return self._page(request, None, HTTPStatus.UNAUTHORIZED)
        job = self._own(rights, name)
        if html:
            return self._page(request, job)
        told = self._told(job, language(request))
        return JSONResponse(told, headers={**_PRIVATE, "Vary": render.VARY})

    async def signed_in(self, request: Request, name: str) -> Response:
        """Return the page of a job to who sends the token in a form.

        It stands in the body, so that it is in no address and no history; no cookie is set. The
        same form asks for a `result`, or to `cancel` the job.
        """
        found = media_type(request.headers.get("content-type"))
        if found != FORM:
            raise unsupported(found, [FORM])
        data = await body(request, _MOST_FORM, _ALONE)
        fields = dict(parameters(data, "body"))
        rights = self._site.access.rights(f"Bearer {fields.get('token', '').strip()}")
        job = self._own(rights, name)
        if result := fields.get("result"):
            return await self._result(request, rights, job, result)
        if "cancel" in fields and not job.state.ended:
            await asyncio.to_thread(self._keeper.drop, job)
        return self._page(request, job)

    async def drop(self, request: Request, name: str) -> Response:
        """Cancel a job that waits or runs; take away one that has ended."""
        job = self._own(self._site.access.of(request.scope), name)
        await asyncio.to_thread(self._keeper.drop, job)
        return Response(status_code=HTTPStatus.NO_CONTENT, headers=_PRIVATE)

    async def result(self, request: Request, name: str, result: str) -> Response:
        """Return what a job left: its preview, validation report or refused rows.

        Raises `NoSuchResult`, and `NotAcceptable` for a workbook that would be too large.
        """
        rights = self._site.access.of(request.scope)
        return await self._result(request, rights, self._own(rights, name), result)

    async def _result(self, request: Request, rights: Rights, job: Job, result: str) -> Response:
        folder = self._keeper.folder.of(job)
        stem, _, ending = result.partition(".")
        wanted = {PREVIEW: PREVIEW, VALIDATION: VALIDATION, VALIDATION_PAGE: SUMMARY}.get(result)
        if stem == "quarantine" and ending in WRITERS:
            wanted = REFUSED
        if wanted is None or not (folder / wanted).is_file():
            raise NoSuchResult(
                sentence("no-such-result", "The job has no {result!r}.", result=result[:40]),
                place=request.url.path,
                remedy=sentence("job-lists", "The job itself lists what there is."),
            )
        if wanted in {VALIDATION, SUMMARY} and rights.hidden:
            raise report_closed(NoSuchResult, request.url.path)
        if wanted == SUMMARY:
            text = await asyncio.to_thread(read_summary, folder / SUMMARY)
            context = {"report": report_alone(text, texts(language(request))), "job": job}
            return render.page(request, "job_report.html", context, headers=_PRIVATE)
        if wanted != REFUSED:
            return FileResponse(
                folder / wanted, headers=_PRIVATE, media_type=content_type("text/turtle")
            )
        spoken = language(request)
        batch = self._keeper.folder.told(job, PROGRESS).get("batch", "")
        written = folder / f"{REFUSED}.{spoken}.{ending}"
        name = f"{job.asked.dataset}/{batch}"
        await asyncio.to_thread(_write, folder / REFUSED, name, spoken, written)
        kinds = {kind: name for name, kind in TYPES.items()}
        headers = {
            **_PRIVATE,
            "Content-Language": spoken,
            "Content-Disposition": f'attachment; filename="quarantine.{ending}"',
        }
        return FileResponse(written, headers=headers, media_type=content_type(kinds[f".{ending}"]))

    def _own(self, rights: Rights, name: str) -> Job:
        """Return a job of who asks. Raises `TokenNeeded`, `NoSuchJob`."""
        rights.demand_token(_SEEING, right="--ingest")
        job = self._keeper.folder.read(name)
        if job.owner != rights.holder:
            raise no_such_job(name)
        return job

    def _asked(self, request: Request, source: str) -> Asked:
        """Return what the address asks for. Raises `NoSuchSource`, `BadRequest`."""
        if source not in SOURCES:
            raise NoSuchSource(
                sentence("no-such-source", "There is no source {source!r}.", source=source[:40]),
                place=request.url.path,
                remedy=sentence(
                    "sources-are", "The sources are: {known}.", known=", ".join(sorted(SOURCES))
                ),
            )
        given = request.query_params
        if unknown := [name for name in given if name not in PARAMETERS]:
            raise BadRequest(
                sentence(
                    "no-such-parameter",
                    "There is no parameter {name} here.",
                    name=repr(unknown[0][:40]),
                ),
                place="address",
                remedy=sentence(
                    "parameters-are", "The parameters are {known}.", known=", ".join(PARAMETERS)
                ),
            )
        for name in given:
            if len(given.getlist(name)) > 1:
                raise given_twice(BadRequest, name)
        asked = Asked(
            source=source,
            dataset=given.get("dataset", source),
            as_of=_day(given.get("as-of")),
            fictitious=_flag("fictitious", given.get("fictitious", "false")),
            max_refused=given.get("max-refused", "5%"),
            dry_run=_flag("dry-run", given.get("dry-run", "false")),
        )
        settings = self._site.settings
        IngestOptions(asked.dataset, settings.base_iri, "", settings.data)
        parse_threshold(asked.max_refused)
        return asked

    def _told(self, job: Job, spoken: str) -> dict[str, Any]:
        """Return a job as a client is told it, in a language."""
        folder = self._keeper.folder
        outcome = folder.told(job, OUTCOME)
        problems = outcome.get("problems", {})
        there = [name for name in (PREVIEW, VALIDATION) if (folder.of(job) / name).is_file()]
        if (folder.of(job) / SUMMARY).is_file():
            there.append(VALIDATION_PAGE)
        if (folder.of(job) / REFUSED).is_file():
            there += [f"quarantine.{ending}" for ending in WRITERS]
        return {
            "id": job.id,
            "address": job.address,
            "state": job.state,
            "source": job.asked.source,
            "dataset": job.asked.dataset,
            "dryRun": job.asked.dry_run,
            "files": job.files,
            "created": job.created,
            "started": job.started,
            "ended": job.ended,
            "cancelled": folder.is_cancelled(job),
            "progress": None if job.state.ended else _progress(folder, job, spoken),
            "report": outcome.get("report"),
            "problem": problems.get(spoken),
            "results": {name: f"{job.address}/{name}" for name in there},
        }

    def _page(self, request: Request, job: Job | None, status: int = 200) -> Response:
        told = self._told(job, language(request)) if job else None
        if job and told and told["problem"]:
            plain = self._told(job, LANGUAGES[0])["problem"]
            told["problem"] |= {"english": same(told["problem"], plain)}
        moments = {n: datetime.fromisoformat(told[n]) for n in _MOMENTS if told and told[n]}
        context = {"job": told, "moments": moments}
        headers = {"Cache-Control": "no-store"}
        if status == HTTPStatus.UNAUTHORIZED:
            headers["WWW-Authenticate"] = TokenNeeded.challenge
        page = render.page(request, "job.html", context, headers=headers)
        page.status_code = status
        return page


async def _allowed(methods: str) -> Response:
    headers = preflight(methods)
    named = f"{headers['Access-Control-Allow-Headers']}, Content-Disposition"
    return Response(
        status_code=HTTPStatus.NO_CONTENT,
        headers={**headers, "Access-Control-Allow-Headers": named},
    )


def _write(refused: Path, name: str, language: str, target: Path) -> None:
    """Write refused rows in the format that the ending of `target` says, once."""
    if target.exists():
        return
    with whole(target) as output:
        WRITERS[target.suffix[1:]](refused, name, language, output)


def _flag(name: str, value: str) -> bool:
    if value not in _FLAGS:
        raise BadRequest(
            sentence("not-boolean", "{value} is not true or false.", value=repr(value[:40])),
            place=f"parameter {name}",
            remedy=give(f"{name}=true"),
        )
    return _FLAGS[value]


def _progress(folder: JobFolder, job: Job, spoken: str) -> dict[str, Any] | None:
    """Return how far a job is, with its step in one language."""
    told = folder.told(job, PROGRESS)
    if not told:
        return None
    steps = told.pop("steps", {})  # a version before this one wrote none
    return {"step": steps.get(spoken, ""), **told}


def _day(text: str | None) -> str | None:
    if text is None:
        return None
    if not is_date(text):
        raise BadRequest(
            sentence("not-date", "{value} is not a date.", value=repr(text[:40])),
            place="parameter as-of",
            remedy=sentence("give-such", "Give one such as {example}.", example="2026-01-31"),
        )
    return text
