"""What helps people to choose: suggestions, proposals, flyouts, previews (0.2, sections 5 to 7)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from starlette.requests import Request  # noqa: TC002 (FastAPI reads the annotations)
from starlette.responses import RedirectResponse, Response

from vises.errors import sentence
from vises.service import render
from vises.service.graph import Graph
from vises.service.language import language
from vises.service.numbers import whole_number
from vises.service.reconciliation import manifest
from vises.service.reconciliation.answering import Answering, words_of
from vises.service.reconciliation.answers import suggested
from vises.service.reconciliation.errors import NoSuchCandidate, invalid, not_at_least
from vises.service.reconciliation.preview import Preview
from vises.service.reconciliation.reader import MOST_CHARACTERS
from vises.service.reconciliation.terms import ENTERPRISE, FETCHED, MATCHED, TYPES, iri_of
from vises.service.search.words import fold
from vises.service.sentences import end_with, give_one_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vises.service.api.rows import Json
    from vises.service.reconciliation.extension import Extender
    from vises.service.search.finder import Finder
    from vises.service.site import Reading

_SUGGESTED, _MOST_SUGGESTED, _FARTHEST = 10, 50, 500
_FRAMED = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors *"
)
"""A preview may stand in the page of any client: it has no script, no form and nothing private."""


class Helping:
    """Answers these requests; they raise as those of `ReconciliationRoutes` do."""

    def __init__(self, answering: Answering, finder: Finder, extender: Extender) -> None:
        """Take what answers, what finds, and what knows the values of things."""
        self._answering = answering
        self._finder = finder
        self._extender = extender

    async def propose(self, request: Request) -> Response:
        """Return the properties that can be fetched of a type."""
        given, words = request.query_params, words_of(request)
        type_id = given.get("type", ENTERPRISE)
        if type_id not in TYPES:
            missing = sentence("no-type", "There is no such type.")
            raise invalid("parameter type", missing, give_one_of(TYPES))
        limit = _number(given, "limit", len(FETCHED), len(FETCHED))
        names = FETCHED if type_id == ENTERPRISE else ("name",)
        found: list[Json] = [{"id": n, "name": words(FETCHED[n].text)} for n in names]
        return self._answering.json(
            request, {"type": type_id, "limit": limit, "properties": found[:limit]}
        )

    async def suggest(self, request: Request, what: str) -> Response:
        """Return entities, properties or types that a half-written text may become.

        Raises `ReconciliationInvalid` and `NoSuchCandidate`.
        """
        given, words = request.query_params, words_of(request)
        prefix = given.get("prefix", "")
        if len(prefix) > MOST_CHARACTERS:
            raise invalid(
                "parameter prefix",
                sentence("text-long", "The text is too long."),
                sentence("send-beginning", "Send its beginning."),
            )
        limit = _number(given, "limit", _SUGGESTED, _MOST_SUGGESTED)
        skipped = _number(given, "offset" if "offset" in given else "cursor", 0, _FARTHEST)
        limit = min(limit, _FARTHEST - skipped)  # so that who leafs through them comes to an end
        if what == "entity":
            return await self._entities(request, prefix, limit, skipped)
        lists: dict[str, list[dict[str, Json]]] = {
            "type": manifest.types(words),
            "property": [{"id": n, "name": words(t)} for n, (_, t) in MATCHED.items()],
        }
        if what not in lists:
            raise NoSuchCandidate(
                sentence("suggested-are", "Only entities, properties and types are suggested."),
                place=request.url.path,
                remedy=end_with(["entity", "property", "type"]),
            )
        found: list[Json] = [item for item in lists[what] if _begins(item, prefix)]
        return self._answering.json(request, {"result": found[skipped : skipped + limit]})

    async def flyout(self, request: Request, what: str) -> Response:
        """Return a little HTML about an entity, property or type (0.2, section 6.4).

        Raises `NoSuchCandidate`.
        """
        words, name = words_of(request), request.query_params.get("id", "")
        if what == "entity":
            preview, reading = await self._previewed(request)
            template = render.environment().get_template("reconcile_flyout.html")
            html = template.render(preview=preview, t=words)
            return self._answering.json(request, {"id": name, "html": html}, reading)
        known = {"property": {n: t for n, (_, t) in MATCHED.items()}} | {
            "type": {n: t for n, (_, t) in TYPES.items()}
        }
        if name not in known.get(what, {}):
            raise NoSuchCandidate(
                sentence("no-property-or-type", "There is no such property or type."),
                place="parameter id" if what in known else request.url.path,
                remedy=sentence(
                    "take-below",
                    "Take one of {known}, below the address that ends with property or type.",
                    known=", ".join([*MATCHED, *TYPES]),
                ),
            )
        return self._answering.json(
            request, {"id": name, "html": f"<p>{words(known[what][name])}</p>"}
        )

    async def preview(self, request: Request) -> Response:
        """Return a small page about a thing, which a client may frame."""
        preview, reading = await self._previewed(request)
        headers = {**self._answering.headers(request, reading), "Content-Security-Policy": _FRAMED}
        return render.page(request, "reconcile_preview.html", {"preview": preview}, headers=headers)

    async def view(self, request: Request) -> Response:
        """Lead to the page of a thing."""
        iri = iri_of(request.query_params.get("id", ""), self._answering.site.settings.base_iri)
        href = (
            self._answering.addresses(request, self._answering.reading(request)).href(iri.value)
            if iri
            else None
        )
        if href is None or not href.startswith("/"):
            raise _unknown()
        return RedirectResponse(href, 303)

    async def _entities(self, request: Request, prefix: str, limit: int, skipped: int) -> Response:
        reading = self._answering.reading(request)
        kinds = [kind for kind, _ in TYPES.values()]
        wanted = request.query_params.get("type", "")
        if wanted in TYPES:
            kinds = [TYPES[wanted][0]]
        text = prefix.rpartition("/")[2] if prefix.startswith("enterprise/") else prefix
        answer, release = await self._finder.suggest(reading, text, limit or 1, kinds, skipped)
        found = suggested(
            answer.hits[:limit], self._answering.addresses(request, reading), words_of(request)
        )
        return self._answering.json(
            request, {"result": found if prefix.strip() else []}, replace(reading, release=release)
        )

    async def _previewed(self, request: Request) -> tuple[Preview, Reading]:
        name = request.query_params.get("id", "")
        reading = self._answering.reading(request)
        graph = Graph.of(self._answering.site, reading)
        said = (await self._extender.values(graph, [name]))[name]
        if not said:
            raise _unknown()
        iri = iri_of(name, self._answering.site.settings.base_iri)
        assert iri is not None
        addresses = self._answering.addresses(request, reading)
        labels = await self._extender.labels(graph, language(request), said)
        return Preview.of(iri, said, labels, addresses), reading


def _number(given: Mapping[str, str], name: str, usual: int, most: int) -> int:
    text = given.get(name)
    if text is None:
        return usual
    number = whole_number(text)
    if number is None:
        raise not_at_least(f"parameter {name}", 0)
    return min(most, number)


def _begins(item: Mapping[str, Json], prefix: str) -> bool:
    """Tell whether the identifier, the name or a word of it begins with a text."""
    name, start = fold(str(item["name"])), fold(prefix).strip()
    return any(text.startswith(start) for text in (fold(str(item["id"])), name, *name.split()))


def _unknown() -> NoSuchCandidate:
    return NoSuchCandidate(
        sentence("no-such-candidate", "The release says nothing of a thing with this identifier."),
        place="parameter id",
        remedy=sentence("take-candidate", "Take one that a match or a suggestion gave."),
    )
