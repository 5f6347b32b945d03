"""The addresses of uploads: `POST /ingest/{source}`, and the jobs under `/ingest/jobs`."""

from __future__ import annotations

import asyncio
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from vises.errors import sentence
from vises.languages import LANGUAGES
from vises.namespaces import Iris
from vises.service import render
from vises.service.access.errors import TokenNeeded
from vises.service.bodies import body, media_type, parameters, unsupported
from vises.service.formats import wants_html
from vises.service.headers import ANY_ORIGIN, preflight
from vises.service.jobs.asked import read_asked
from vises.service.jobs.job import (
    OUTCOME,
    PROGRESS,
    no_such_job,
)
from vises.service.jobs.openapi import openapi
from vises.service.jobs.results import PRIVATE, result_of, results_in
from vises.service.jobs.upload import demand_known, received
from vises.service.language import language
from vises.service.problems import same
from vises.service.public import origin_of
from vises.service.texts import texts

if TYPE_CHECKING:
    from vises.service.access.rights import Rights
    from vises.service.jobs.job import Job, JobFolder
    from vises.service.jobs.keeper import JobKeeper
    from vises.service.site import Site
    from vises.service.writing import Writing

FORM = "application/x-www-form-urlencoded"
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
_MOMENTS = ("created", "ended")


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
        origin = origin_of(request)
        told = openapi(origin, texts(language(request)))
        return JSONResponse(told, headers={**ANY_ORIGIN, "Vary": "Accept-Language"})

    async def upload(self, request: Request, source: str) -> Response:
        """Take files to be ingested, and answer with the job that will do it (202).

        What can be refused before the body is read is. Raises `NoSuchSource`, `BadRequest`,
        `TokenNeeded`, `WriteForbidden`, `QueueFull`, what `received` raises and `WriteFailed`.
        """
        rights = self._site.access.of(request.scope)
        asked = read_asked(request, source, self._site.settings)
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
        return JSONResponse(told, HTTPStatus.ACCEPTED, {**PRIVATE, "Location": job.address})

    async def index(self, request: Request) -> Response:
        """Return the jobs of who asks, the newest first."""
        rights = self._site.access.of(request.scope)
        rights.demand_token(_SEEING, right="--ingest")
        jobs = await asyncio.to_thread(self._keeper.folder.all)
        spoken = language(request)
        told = [self._told(job, spoken) for job in reversed(jobs) if job.owner == rights.holder]
        return JSONResponse({"jobs": told}, headers={**PRIVATE, "Vary": "Accept-Language"})

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
        return JSONResponse(told, headers={**PRIVATE, "Vary": render.VARY})

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
            return await result_of(request, rights, self._keeper.folder, job, result)
        if "cancel" in fields and not job.state.ended:
            await asyncio.to_thread(self._keeper.drop, job)
        return self._page(request, job)

    async def drop(self, request: Request, name: str) -> Response:
        """Cancel a job that waits or runs; take away one that has ended."""
        job = self._own(self._site.access.of(request.scope), name)
        await asyncio.to_thread(self._keeper.drop, job)
        return Response(status_code=HTTPStatus.NO_CONTENT, headers=PRIVATE)

    async def result(self, request: Request, name: str, result: str) -> Response:
        """Return what a job left: its preview, validation report or refused rows.

        Raises `NoSuchResult`, and `NotAcceptable` for a workbook that would be too large.
        """
        rights = self._site.access.of(request.scope)
        return await result_of(
            request, rights, self._keeper.folder, self._own(rights, name), result
        )

    def _own(self, rights: Rights, name: str) -> Job:
        """Return a job of who asks. Raises `TokenNeeded`, `NoSuchJob`."""
        rights.demand_token(_SEEING, right="--ingest")
        job = self._keeper.folder.read(name)
        if job.owner != rights.holder:
            raise no_such_job(name)
        return job

    def _told(self, job: Job, spoken: str) -> dict[str, Any]:
        """Return a job as a client is told it, in a language."""
        folder = self._keeper.folder
        outcome = folder.told(job, OUTCOME)
        problems = outcome.get("problems", {})
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
            "results": {name: f"{job.address}/{name}" for name in results_in(folder.of(job))},
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


def _progress(folder: JobFolder, job: Job, spoken: str) -> dict[str, Any] | None:
    """Return how far a job is, with its step in one language."""
    told = folder.told(job, PROGRESS)
    if not told:
        return None
    steps = told.pop("steps", {})  # jobs of an older version have none
    return {"step": steps.get(spoken, ""), **told}
