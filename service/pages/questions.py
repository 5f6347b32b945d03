"""The catalogue of questions: each with its wording, its parameters, its query and its answer."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from fastapi import APIRouter
from pyoxigraph import Literal
from starlette.requests import Request  # noqa: TC002 (FastAPI reads the annotations)
from starlette.responses import Response  # noqa: TC002

from vises.errors import VisesError
from vises.service import problems
from vises.service.api.call import V1, Call
from vises.service.api.compared import RELEASES, Comparison
from vises.service.api.paging import columns_of
from vises.service.api.parameters import LANGUAGE, MOST_CHARACTERS, bound, parameters_of
from vises.service.api.places import is_placed
from vises.service.api.questions import values_asked
from vises.service.formats import RESULT_TYPES
from vises.service.iris import in_release
from vises.service.language import language
from vises.service.pages.controls import MOST_CHOICES, controls
from vises.service.pages.regions.shapes import has_shapes
from vises.service.pages.subject import Laid
from vises.service.questions import (
    TOPICS,
    heading,
    parameter_heading,
    questions,
    unknown_question,
)
from vises.service.sparql.table import RESULTS, Terms, first_terms
from vises.service.texts import texts
from vises.store.engine import QueryRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vises.service.api.codes import CodesKeeper
    from vises.service.graph import Row, Term
    from vises.service.pages.maker import PageMaker
    from vises.service.pages.visit import Visit
    from vises.service.questions import Question
    from vises.service.texts import Texts

MOST_ROWS = 50
"""How many rows of an answer a page shows; the downloads have them all."""

MOST_BYTES = 1 << 14
"""How much of an answer a page shows, where its rows are long: with its form it stays small."""

_FOLLOWED = re.compile(r"(?:utm|mtm|pk|mc)_\w+|(?:fb|g|d)clid|msclkid", re.IGNORECASE)
"""Parameters that social media and newsletters add to a link, to count who follows it."""

_ENDINGS = {"json": "srj", "xml": "srx"}
"""The endings of the API for the forms whose own name is not one: its JSON is another."""


def questions_router(maker: PageMaker, codes: CodesKeeper) -> APIRouter:
    """Return the routes of the catalogue; `codes` keeps the code lists of the releases."""
    pages = QuestionPages(maker, codes)
    routes = APIRouter()
    methods = ["GET", "HEAD"]
    routes.add_api_route("/questions", pages.index, methods=methods)
    routes.add_api_route("/questions/{name}", pages.question, methods=methods)
    return routes


class QuestionPages:
    """Answers the requests for the catalogue and for a question."""

    def __init__(self, maker: PageMaker, codes: CodesKeeper) -> None:
        """Take what makes pages, and what keeps the code lists of the releases."""
        self._maker = maker
        self._codes = codes

    async def index(self, request: Request) -> Response:
        """Return the catalogue, by topic."""

        async def lay_out(_: Visit) -> Laid:
            every = questions().values()
            topics = {
                text: [q for q in every if q.id.startswith(letter)]
                for letter, text in TOPICS.items()
            }
            return Laid("questions.html", {"topics": topics})

        return await self._maker.of_state(request, lay_out)

    async def question(self, request: Request, name: str) -> Response:
        """Return the page of a question, asked with the parameters of its address.

        Raises `UnknownQuestion`, and `ParameterInvalid` where the API does.
        """
        found = questions().get(name)
        if found is None:
            raise unknown_question(name, f"/questions/{name}")

        async def lay_out(visit: Visit) -> Laid:
            return await self._laid(visit, found)

        return await self._maker.of_state(request, lay_out)

    async def _laid(self, visit: Visit, question: Question) -> Laid:
        site, call = self._maker.site, Call.of(visit.request, self._maker.site)
        codes = await self._codes.codes(visit.graph)
        others = RELEASES if question.compared else ()
        counted = filter(_FOLLOWED.fullmatch, call.given)
        given = values_asked(call, question, codes, *others, *counted)
        query = bound(question.asked_in(language(visit.request)), given)
        between = [(name, value) for name, value in call.pairs if name in RELEASES]
        comparison = Comparison.of(site, call, given, query) if between else None
        if comparison:
            visit.unfinished.add("comparison")
        terms, problem = None, None
        if not question.endpoints:
            terms, problem = await self._answer(visit, query, comparison)
        choosing = controls(question, given, codes)
        named = {iri for control in choosing for iri in control.named}
        named |= terms.named() if terms else set()
        speaker = await self._maker.speaker(visit, named)
        asked = [(c.name, value) for c in choosing if c.name in given for value in c.written]
        downloads = {} if comparison else _downloads(question, query, asked, visit)
        if is_placed(question) and await has_shapes(visit):
            downloads["geojson"] = _download(question, "geojson", asked, visit)
        context = {
            "question": question,
            "topic": TOPICS[question.id[0]],
            "controls": choosing,
            "speaker": speaker,
            "heading_of": lambda name: parameter_heading(name, speaker.words),
            "in_language": LANGUAGE in parameters_of(question.sparql),
            "asked": asked,
            "between": between,
            "comparison": comparison,
            "releases": await self._releases(comparison) if question.compared else (),
            "query": query,
            "table": terms.shown(speaker.value) if terms else None,
            "headings": [heading(c, speaker.words) for c in terms.columns] if terms else [],
            "problem": problem,
            "fictitious": visit.facts.fictitious,
            "most_characters": MOST_CHARACTERS,
            "downloads": downloads,
        }
        return Laid("question.html", context)

    async def _releases(self, comparison: Comparison | None) -> list[str]:
        """Return the releases to choose from, the latest first: the last ones, and the compared."""
        found = {release.id for release in (await self._maker.site.readable())[-MOST_CHOICES:]}
        return sorted(found.union(comparison.ids if comparison else ()), reverse=True)

    async def _answer(
        self, visit: Visit, query: str, comparison: Comparison | None
    ) -> tuple[Terms | None, dict[str, object] | None]:
        """Return what a page shows of an answer, or the problem that stands in its place."""
        words = texts(language(visit.request))
        try:
            if comparison:
                return changed(columns_of(query), await comparison.rows(), words), None
            return worded(await self._first_rows(visit, query), words), None
        except VisesError as error:
            visit.unfinished.add("answer")
            return None, problems.shown(visit.request, error)

    async def _first_rows(self, visit: Visit, query: str) -> Terms:
        reading = visit.reading
        asked = QueryRequest(
            query=query,
            results_type=RESULTS,
            graph_type=None,
            hidden_graphs=reading.rights.hidden_graphs,
        )
        answer = await self._maker.site.engine.answer(asked, reading.release.id)
        return await first_terms(answer, MOST_ROWS, MOST_BYTES)


def changed(columns: Sequence[str], rows: Sequence[Row], words: Texts) -> Terms:
    """Return the first rows in which two releases differ, as far as a page shows them.

    Their column `change` says in the language of `words` whether they were added or removed.
    """
    said = {"added": words("asked.added"), "removed": words("asked.removed")}
    kinds: dict[Term, Term] = {
        Literal(k): Literal(text, language=words.language) for k, text in said.items()
    }
    found: list[tuple[Term | None, ...]] = []
    size = 0
    for row in rows[:MOST_ROWS]:
        found.append((kinds[row["change"]], *(row.get(column) for column in columns)))
        size += sum(len(str(term)) for term in found[-1])
        if size > MOST_BYTES:
            found.pop()
            break
    return Terms(("change", *columns), tuple(found), cut=len(found) < len(rows))


def worded(terms: Terms, words: Texts) -> Terms:
    """Return an answer with the words that a question itself writes into it in a language.

    They are texts of `words`, by column: the kind of a row, where a number comes from.
    """
    rows = (
        tuple(_worded(column, term, words) for column, term in zip(terms.columns, row, strict=True))
        for row in terms.rows
    )
    return replace(terms, rows=tuple(rows))


def _worded(column: str, term: Term | None, words: Texts) -> Term | None:
    if not isinstance(term, Literal) or term.language is not None:
        return term
    said = words.find(f"word.{column}.{term.value}")
    return Literal(said, language=words.language) if said else term


def _downloads(
    question: Question, query: str, asked: Sequence[tuple[str, str]], visit: Visit
) -> dict[str, str]:
    """Return the addresses of the whole answer by format name.

    They are those of the API, which are short; it compares what is asked of two releases.
    """
    if not question.compared:
        return {
            form: _download(question, _ENDINGS.get(form, form), asked, visit)
            for form in RESULT_TYPES
        }
    queries = {form: urlencode({"query": query, "download": form}) for form in RESULT_TYPES}
    return {form: in_release(f"/sparql?{q}", visit.reading.chosen) for form, q in queries.items()}


def _download(
    question: Question, ending: str, asked: Sequence[tuple[str, str]], visit: Visit
) -> str:
    """Return the address at which the API has the whole answer in a form."""
    values = f"?{urlencode(asked)}" if asked else ""
    address = f"{V1}/questions/{question.id}.{ending}{values}"
    return in_release(address, visit.reading.chosen, language(visit.request))
