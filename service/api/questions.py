"""Answering the questions: `/api/v1/questions`, and `/api/v1/questions/ID` in each form."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from pyoxigraph import Literal

from vises.errors import sentence
from vises.service.api.call import V1, Call, json_response
from vises.service.api.compared import RELEASES, Comparison
from vises.service.api.errors import meant, nearest, quoted
from vises.service.api.forms import JSON, form_of
from vises.service.api.geometry import GEO_JSON
from vises.service.api.paging import PAGING, columns_of, link, paged, read_page
from vises.service.api.parameters import ENDPOINT, LANGUAGE, bound, calling, parameters_of
from vises.service.api.places import features_of, forms_of
from vises.service.api.rows import Writer, columns
from vises.service.api.streamed import Streamed
from vises.service.iris import in_release
from vises.service.questions import UnknownQuestion, questions
from vises.service.sparql.federation import federation_path
from vises.service.texts import texts
from vises.store.engine import NotAcceptable, QueryRequest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from vises.service.api.codes import Codes, CodesKeeper
    from vises.service.api.paging import Page
    from vises.service.api.parameters import Parameter, Value
    from vises.service.api.rows import Json
    from vises.service.graph import Row
    from vises.service.questions import Question
    from vises.service.site import Site


class QuestionsApi:
    """Answers the requests for the questions."""

    def __init__(self, site: Site, keeper: CodesKeeper) -> None:
        """Take the site and what keeps the code lists of its releases."""
        self._site = site
        self._keeper = keeper

    async def listed(self, request: Request) -> Response:
        """Return the questions in one language, each with its parameters and its address."""
        call = Call.of(request, self._site)
        call.demand_known(())
        language = call.language()
        headers = call.headers(JSON, language)
        if unchanged := call.unchanged(headers):
            return unchanged
        found: list[Json] = [_told(call, question, language) for question in questions().values()]
        return json_response({"questions": found}, headers)

    async def answer(self, request: Request, name: str) -> Response:
        """Return the answer to a question.

        Raises `UnknownQuestion`, `ParameterInvalid`, `NotAcceptable`, and what the engine does.
        """
        forms = forms_of(questions().get(name.partition(".")[0].upper()))
        name, media_type, ending = form_of(request, name, forms)
        question = _question(name)
        call = Call.of(request, self._site)
        call.repeatable = not question.endpoints and not question.compared
        asked = await self._asked(call, question)
        call.links.append(("canonical", f"{call.origin}{V1}/questions/{question.id}"))
        call.links.append(("service-desc", f"{call.origin}/api/openapi.json"))
        if question.compared:
            return await self._compared(asked, media_type)
        if media_type in {JSON, GEO_JSON}:
            return await self._page(asked, media_type)
        return await self._whole(asked, media_type, ending)

    async def _asked(self, call: Call, question: Question) -> _Asked:
        releases = RELEASES if question.compared else ()
        codes = await self._keeper.codes(call.graph)
        values = values_asked(call, question, codes, *releases, *PAGING)
        values[LANGUAGE] = [Literal(call.language())]
        return _Asked(call, question, asked_parameters(question), values)

    async def _page(self, asked: _Asked, media_type: str) -> Response:
        call = asked.call
        page = read_page(call.given)
        assert page is not None
        query = paged(asked.query, page, more=1)
        headers = call.headers(media_type, query)
        if unchanged := call.unchanged(headers):
            return unchanged
        rows = await call.graph.rows(query, path=federation_path(call.request))
        if media_type == GEO_JSON:
            return await self._placed(asked, rows, page, headers)
        return asked.page_response(rows, page, headers, self._writer(call))

    async def _placed(
        self, asked: _Asked, rows: Sequence[Row], page: Page, headers: dict[str, str]
    ) -> Response:
        """Return a page as GeoJSON; `rows` has one row more where there are more."""
        shown = rows[: page.size]
        asked.link_pages(page, len(shown), more=len(rows) > page.size)
        headers["Link"] = asked.call.link_header()
        names, writer = columns_of(asked.question.sparql), self._writer(asked.call)
        return json_response(await features_of(asked.call.graph, names, shown, writer), headers)

    async def _whole(self, asked: _Asked, media_type: str, ending: str | None) -> Response:
        """Return every row, or a page where one is named, as the query process writes it."""
        call = asked.call
        page = read_page(call.given, None)
        query = paged(asked.query, page) if page else asked.query
        headers = call.headers(media_type, query, ending or "")
        if unchanged := call.unchanged(headers):
            return unchanged
        if page:
            beyond = replace(page, offset=page.offset + page.size, size=1)
            more = await call.graph.rows(
                paged(asked.query, beyond), path=federation_path(call.request)
            )
            asked.link_pages(page, 1, more=bool(more))
            headers["Link"] = call.link_header()
        if ending:
            name = f"{asked.question.id}-{call.reading.release.id}.{ending}"
            headers["Content-Disposition"] = f'attachment; filename="{name}"'
        asking = QueryRequest(
            query=query,
            results_type=media_type,
            graph_type=None,
            hidden_graphs=call.graph.hidden,
            federation_path=federation_path(call.request),
        )
        answer = await self._site.engine.answer(asking, call.reading.release.id)
        return Streamed(answer, headers, head=call.request.method == "HEAD")

    async def _compared(self, asked: _Asked, media_type: str) -> Response:
        if media_type != JSON:
            raise NotAcceptable(
                sentence("changes-in-json", "What changed between two releases is told in JSON."),
                remedy=sentence("accept-it", "Accept it."),
            )
        call = asked.call
        comparison = Comparison.of(self._site, call, asked.values, asked.query)
        page = read_page(call.given)
        assert page is not None
        headers = call.headers(JSON)
        if unchanged := call.unchanged(headers):
            return unchanged
        rows = await comparison.rows()
        part = await asyncio.to_thread(lambda: rows[page.offset : page.offset + page.size + 1])
        return asked.page_response(part, page, headers, self._writer(call), comparison)

    def _writer(self, call: Call) -> Writer:
        return Writer(call.origin, self._site.addresses(call.reading))


class _Asked:
    """A question with the values of its parameters."""

    def __init__(
        self,
        call: Call,
        question: Question,
        parameters: dict[str, Parameter],
        values: dict[str, list[Value]],
    ) -> None:
        self.call = call
        self.question = question
        self.values = values
        self.query = bound(question.sparql, values)
        if question.endpoints:
            endpoint, *_ = values.get(ENDPOINT, parameters[ENDPOINT].default)
            self.query = bound(calling(question.sparql, endpoint), values)
        self._parameters = parameters

    def link_pages(self, page: Page, found: int, *, more: bool) -> dict[str, Json]:
        """Add the links to the pages around one; return them by relation.

        The links name the release, so that no page is of another one.
        """
        call = self.call
        here = f"{call.origin}{call.request.scope['path']}"
        pairs = [(n, v) for n, v in call.pairs if n != "release"]
        pairs.append(("release", call.reading.release.id))
        links = {
            relation: link(here, pairs, named)
            for relation, named in page.neighbours(found, more=more).items()
        }
        call.links.extend(links.items())
        return dict(links)

    def page_response(
        self,
        rows: Sequence[Row],
        page: Page,
        headers: dict[str, str],
        writer: Writer,
        comparison: Comparison | None = None,
    ) -> Response:
        """Return a page; `rows` has one row more where there are more."""
        more, shown = len(rows) > page.size, rows[: page.size]
        names = columns_of(self.question.sparql)
        if comparison:
            names = ["change", *names]
        links = self.link_pages(page, len(shown), more=more)
        headers["Link"] = self.call.link_header()
        said: dict[str, Json] = {
            "id": self.question.id,
            "question": self.question.wording[self.call.language()],
            "release": self.call.reading.release.id,
        }
        if comparison:
            said |= {"before": comparison.before.release.id, "after": comparison.after.release.id}
        found: list[Json] = [writer.row(names, row) for row in shown]
        return json_response(
            said
            | {
                "parameters": {n: self._shown(n) for n in self._parameters},
                "columns": columns(names, shown, texts(self.call.language())),
                "offset": page.offset,
                "total": page.total(len(shown), more=more),
                "links": links,
                "rows": found,
            },
            headers,
        )

    def _shown(self, name: str) -> list[Json]:
        parameter = self._parameters[name]
        return [parameter.written(v) for v in self.values.get(name, parameter.default)]


def values_asked(
    call: Call, question: Question, codes: Codes, *others: str
) -> dict[str, list[Value]]:
    """Return what a request gives for the parameters of a question, which are all it may have.

    `others` are more that it may have. Raises `ParameterInvalid`.
    """
    parameters = asked_parameters(question)
    call.demand_known([*parameters, *others])
    values = values_given(question, call.given, codes)
    if len(values.get(ENDPOINT, ())) > 1 and question.endpoints:
        raise parameters[ENDPOINT].refused(
            sentence("one-endpoint", "One endpoint is asked at a time.")
        )
    return values


def values_given(
    question: Question, given: Mapping[str, Sequence[str]], codes: Codes
) -> dict[str, list[Value]]:
    """Return what a client gives for the parameters of a question. Raises `ParameterInvalid`."""
    return {
        name: parameter.read(given[name], codes)
        for name, parameter in asked_parameters(question).items()
        if name in given
    }


def asked_parameters(question: Question) -> dict[str, Parameter]:
    """Return the parameters of a question, without its language: `lang` names that everywhere."""
    return {n: p for n, p in parameters_of(question.sparql).items() if n != LANGUAGE}


def _question(name: str) -> Question:
    found = questions().get(name.upper())
    if found is None:
        raise UnknownQuestion(
            sentence("no-such-question", "There is no question {name}.", name=quoted(name)),
            place="address",
            remedy=meant(nearest(name, questions()), f"{V1}/questions"),
        )
    return found


def _told(call: Call, question: Question, language: str) -> dict[str, Json]:
    href = f"{call.origin}{V1}/questions/{question.id}"
    parameters: list[Json] = [
        {"name": p.name, "type": p.kind, "default": [*p.examples]}
        for p in asked_parameters(question).values()
    ]
    columns_: list[Json] = [*columns_of(question.sparql)]
    tags: list[Json] = [*question.tags]
    return {
        "id": question.id,
        "question": question.wording[language],
        "summary": question.summary[language],
        "tags": tags,
        "href": in_release(href, call.reading.chosen),
        "parameters": parameters,
        "columns": columns_,
    }
