"""Errors as problem documents (RFC 9457), or as pages for those who read pages."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from starlette.responses import Response

from vises.errors import NotFound, Sentence, VisesError, sentence
from vises.languages import LANGUAGES
from vises.namespaces import VOCABULARY_BASE
from vises.service import render
from vises.service.access.errors import AccessRefused
from vises.service.formats import wants_html
from vises.service.language import language
from vises.service.operation.requests import REQUEST_ID
from vises.service.saying import in_words
from vises.service.sentences import TELL_OPERATOR
from vises.service.texts import texts
from vises.store.accounts import ClientLimited
from vises.store.engine import QuerySyntaxError
from vises.store.files import DataFolderError
from vises.store.folder import FolderFormat, StoreDamaged
from vises.store.patch import PatchDamaged
from vises.store.process import ProcessNotStarted
from vises.store.streams.pages import StreamDamaged

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.requests import Request

    from vises.service.texts import Texts

PROBLEM_JSON = "application/problem+json"
PROBLEMS = VOCABULARY_BASE + "problems/"

_UNREADABLE = sentence("data-unreadable", "The published data cannot be read.")
_FOR_OPERATORS = {
    DataFolderError: _UNREADABLE,
    FolderFormat: _UNREADABLE,
    PatchDamaged: _UNREADABLE,
    StoreDamaged: _UNREADABLE,
    StreamDamaged: _UNREADABLE,
    ProcessNotStarted: sentence("not-started", "A process of the service did not start."),
}
"""What clients are told in place of what these errors say, which names files of the machine."""

_NAMED = {"line", "column", "byte", "header", "parameter", "field", "file", "variable", "page"}
_ALONE = {"address", "body"}
"""The words that places begin with, or are; `place` of the texts has them in other languages."""

_log = logging.getLogger(__name__)


class MethodNotAllowed(VisesError):
    """The method means nothing here."""

    kind = "method-not-allowed"
    title = "The method is not allowed"
    status = 405

    def __init__(self, method: str, allowed: str) -> None:
        """Take the method that was tried and those there are, as the Allow header lists them."""
        super().__init__(
            sentence("not-possible", "{method} is not possible here.", method=method),
            remedy=sentence("use-one-of", "Use one of {allowed}.", allowed=allowed),
        )
        self.allowed = allowed


@dataclass(frozen=True)
class Suggestion:
    """An address that may have been meant, and what is there, as people call it."""

    address: str
    name: str


class Nothing(NotFound):
    """There is nothing at an address. `suggestions` are the others that may have been meant."""

    suggestions: Sequence[Suggestion] = ()


class NoSuchPage(Nothing):
    """No resource and no page has this address."""

    kind = "no-such-page"
    title = "There is nothing at this address"


class NoSuchVersion(Nothing):
    """The release holds another version of the vocabulary.

    `holder` is the id of an earlier release that holds this one and can be read (None: none does).
    """

    holder: str | None = None

    kind = "no-such-version"
    title = "There is no such version"


class SilentRelease(Nothing):
    """The release that was named says nothing about this; another one may."""

    kind = "silent-release"
    title = "This release says nothing about it"


def for_clients(error: VisesError) -> VisesError:
    """Return an error as clients are told it: what names files of the machine goes to the log."""
    told = next((said for kind, said in _FOR_OPERATORS.items() if isinstance(error, kind)), None)
    if told is None:
        return error
    _log.error("%s", error)
    return type(error)(told, remedy=TELL_OPERATOR)


def document(error: VisesError, words: Texts | None = None) -> dict[str, object]:
    """Return the members of the problem document: RFC 9457's, place, remedy and position.

    The sentences are in English, or in the language of `words` where it has them; the type, the
    status and the position are the same in every language (RFC 9457, section 3.1.3).
    """
    members: dict[str, object] = {
        "type": PROBLEMS + error.kind,
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
    }
    if error.place:
        members["place"] = error.place
    if error.remedy:
        members["remedy"] = error.remedy
    if isinstance(error, Nothing) and error.suggestions:
        members["suggestions"] = [vars(suggestion) for suggestion in error.suggestions]
    if isinstance(error, QuerySyntaxError):
        members |= {"line": error.line, "column": error.column}
    if isinstance(error, ClientLimited) and error.policy:
        members["violated-policies"] = [error.policy]
    return members | (_said(error, words) if words else {})


def in_each_language(error: VisesError) -> dict[str, dict[str, object]]:
    """Return the problem document in each language, for who is told of it later."""
    return {each: document(error, texts(each)) for each in LANGUAGES}


def _said(error: VisesError, words: Texts) -> dict[str, object]:
    """Return those sentences that the texts of a language have, by member."""
    found = {"title": words.find(f"title.{error.kind}")}
    if error.place:
        found["place"] = said_place(error.place, words)
    if isinstance(error, QuerySyntaxError):
        reason, values = error.mistake.reason, error.mistake.values
        wrong, remedy = words.find(f"syntax.{reason}"), words.find(f"syntax.{reason}-remedy")
        if wrong and remedy:
            excerpt = error.detail.partition("\n")[2]
            found["detail"] = f"{wrong.format(**values)}\n{excerpt}"
            found["remedy"] = remedy.format(**values)
    else:
        found["remedy"] = words.find(f"remedy.{error.kind}")
    for member, said in (("detail", error.detail), ("remedy", error.remedy)):
        if isinstance(said, Sentence):
            found[member] = in_words(said, words)
    return {member: said for member, said in found.items() if said}


def said_place(place: str, words: Texts) -> str:
    """Return a place as a language says it, such as `figures.csv, ligne 3`.

    What is no word for a place stays: names of files and parameters, addresses, graphs.
    """
    return ", ".join(_said_part(part, words) for part in place.split(", "))


def _said_part(part: str, words: Texts) -> str:
    kind, _, name = part.partition(" ")
    said = words.find(f"place.{kind}") if kind in _NAMED or part in _ALONE else None
    return f"{said} {name}".rstrip() if said else part


def shown(request: Request, error: VisesError) -> dict[str, object]:
    """Return what a page shows of an error, as `for_clients` tells it."""
    return _shown(request, for_clients(error))


def _shown(request: Request, error: VisesError) -> dict[str, object]:
    """Return the document of an error, and those members that are in English."""
    said = document(error, texts(language(request)))
    return {**said, "english": same(said, document(error))}


def same(said: Mapping[str, object], plain: Mapping[str, object]) -> list[str]:
    """Return which sentences of a document are those of another, which is in English."""
    return [name for name in ("title", "detail", "remedy") if said.get(name) == plain.get(name)]


def response(
    request: Request,
    error: VisesError,
    template: str = "problem.html",
    context: Mapping[str, object] = MappingProxyType({}),
) -> Response:
    """Return an error in the form that the client prefers; as a page, on that of a template."""
    error = for_clients(error)
    headers = {"Cache-Control": "no-store"}
    if isinstance(error, MethodNotAllowed):
        headers["Allow"] = error.allowed
    if isinstance(error, AccessRefused):
        headers["WWW-Authenticate"] = error.challenge
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    if wants_html(request.headers.get("accept")):
        told_here = {**context, "problem": _shown(request, error)}
        page = render.page(request, template, told_here, headers=headers)
        page.status_code = error.status
        return page
    told = document(error, texts(language(request)))
    if REQUEST_ID in request.scope:
        told["request"] = request.scope[REQUEST_ID]
    body = json.dumps(told, ensure_ascii=False)
    headers["Vary"] = render.VARY
    return Response(body, error.status, headers, media_type=PROBLEM_JSON)
