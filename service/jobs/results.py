"""What a job leaves: its preview, validation report and refused rows."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.responses import FileResponse, Response

from vises.errors import NotFound, sentence
from vises.ingest.exporting import WRITERS
from vises.ingest.parallel.whole import whole
from vises.service import render
from vises.service.formats import content_type
from vises.service.headers import ANY_ORIGIN
from vises.service.jobs.job import PREVIEW, PROGRESS, REFUSED, VALIDATION, VALIDATION_PAGE
from vises.service.jobs.upload import TYPES
from vises.service.judging.page import read_summary, report_alone
from vises.service.language import language
from vises.service.sentences import report_closed
from vises.service.texts import texts
from vises.validation.summary import SUMMARY

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request

    from vises.service.access.rights import Rights
    from vises.service.jobs.job import Job, JobFolder

PRIVATE = {"Cache-Control": "no-store", **ANY_ORIGIN}
"""The headers of what the owner of a job alone may see."""

RESULTS = {
    PREVIEW: PREVIEW,
    VALIDATION: VALIDATION,
    VALIDATION_PAGE: SUMMARY,
    **{f"quarantine.{ending}": REFUSED for ending in WRITERS},
}
"""The results that a job may leave, with the files that they are made from."""


class NoSuchResult(NotFound):
    """The job has no such result, or not yet."""

    kind = "no-such-result"
    title = "The job has no such result"


def results_in(folder: Path) -> list[str]:
    """Return the names of the results in the folder of a job."""
    return [name for name, file in RESULTS.items() if (folder / file).is_file()]


async def result_of(
    request: Request, rights: Rights, jobs: JobFolder, job: Job, result: str
) -> Response:
    """Return a result of a job.

    Raises `NoSuchResult`, and `NotAcceptable` for a workbook that would be too large.
    """
    folder = jobs.of(job)
    wanted = RESULTS.get(result)
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
        return render.page(request, "job_report.html", context, headers=PRIVATE)
    if wanted == REFUSED:
        return await _refused(request, jobs, job, result.rpartition(".")[2])
    return FileResponse(folder / wanted, headers=PRIVATE, media_type=content_type("text/turtle"))


async def _refused(request: Request, jobs: JobFolder, job: Job, ending: str) -> Response:
    """Return the refused rows of a job in the language of who asks, in a format."""
    folder, spoken = jobs.of(job), language(request)
    batch = jobs.told(job, PROGRESS).get("batch", "")
    written = folder / f"{REFUSED}.{spoken}.{ending}"
    name = f"{job.asked.dataset}/{batch}"
    await asyncio.to_thread(_write, folder / REFUSED, name, spoken, written)
    kinds = {kind: name for name, kind in TYPES.items()}
    headers = {
        **PRIVATE,
        "Content-Language": spoken,
        "Content-Disposition": f'attachment; filename="quarantine.{ending}"',
    }
    return FileResponse(written, headers=headers, media_type=content_type(kinds[f".{ending}"]))


def _write(refused: Path, name: str, language: str, target: Path) -> None:
    """Write refused rows in the format that the ending of `target` says, once."""
    if target.exists():
        return
    with whole(target) as output:
        WRITERS[target.suffix[1:]](refused, name, language, output)
