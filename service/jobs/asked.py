"""What the address of an upload asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vises.errors import BadRequest, NotFound, sentence
from vises.ingest.checks import is_date
from vises.ingest.options import IngestOptions
from vises.ingest.quarantine import parse_threshold
from vises.ingest.sources import SOURCES
from vises.service.api.errors import give
from vises.service.jobs.job import Asked
from vises.service.sentences import given_twice

if TYPE_CHECKING:
    from starlette.requests import Request

    from vises.settings import Settings

PARAMETERS = ("dataset", "as-of", "max-refused", "fictitious", "dry-run", "lang")
_FLAGS = {"false": False, "true": True}


class NoSuchSource(NotFound):
    """No source of data has this name."""

    kind = "no-such-source"
    title = "There is no such source"


def read_asked(request: Request, source: str, settings: Settings) -> Asked:
    """Return what the address of an upload asks for. Raises `NoSuchSource`, `BadRequest`."""
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
    IngestOptions(asked.dataset, settings.base_iri, "", settings.data)
    parse_threshold(asked.max_refused)
    return asked


def _flag(name: str, value: str) -> bool:
    if value not in _FLAGS:
        raise BadRequest(
            sentence("not-boolean", "{value} is not true or false.", value=repr(value[:40])),
            place=f"parameter {name}",
            remedy=give(f"{name}=true"),
        )
    return _FLAGS[value]


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
