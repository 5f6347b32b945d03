"""The query editor: a plain form that a script makes comfortable, with the example questions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from vises.errors import VisesError
from vises.namespaces import PREFIXES
from vises.service import problems, render
from vises.service.api.call import LANG, demand_known
from vises.service.api.parameters import bound
from vises.service.api.questions import asked_parameters, values_given
from vises.service.assets import STATIC
from vises.service.formats import GRAPH_TYPES, RESULT_TYPES
from vises.service.graph import Graph
from vises.service.iris import in_release
from vises.service.language import chosen_language, language
from vises.service.questions import Question, questions, questions_by_topic, unknown_question
from vises.service.site import RELEASE
from vises.service.sparql.federation import federation_path
from vises.service.sparql.scripts import EDITOR_FILES, LATER_FILES, script_settings
from vises.service.sparql.sharing import code_for, pinned
from vises.service.sparql.table import GRAPH, RESULTS, Table, first_rows
from vises.store.engine import QueryRequest

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from vises.service.api.codes import CodesKeeper
    from vises.service.pages.facts import FactsKeeper
    from vises.service.site import Reading, Site
    from vises.service.sparql.protocol import Operation

RESIZER_STYLE = "'sha256-zCK2EVMoPc04mRF/g5CotUvxbJPWS+8V0b+s9ptqQIk='"
"""The one style sheet that a script puts into the page: that of column-resizer, in YASR's table."""

EDITOR_POLICY = (
    f"default-src 'none'; script-src 'self'; style-src 'self' {RESIZER_STYLE}; "
    "img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""This page alone runs scripts, all of them ours to serve; they may call this service only.

No text is evaluated as a script, and no style stands in the page but `RESIZER_STYLE`; the pictures
at data: addresses are those in the style sheet of the editor.
"""

_OF_THE_PAGE = (RELEASE, LANG, "question", "default-graph-uri", "named-graph-uri", "timeout")
"""The parameters that the address of a question has besides its own."""

START = """PREFIX vises: <https://w3id.org/vises/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>

SELECT ?class (COUNT(?thing) AS ?things)
WHERE { ?thing a ?class }
GROUP BY ?class
ORDER BY DESC(?things)
"""


class Editor:
    """Makes the page of the query editor."""

    def __init__(self, site: Site, keeper: FactsKeeper, codes: CodesKeeper) -> None:
        """Take the site and what keeps the facts and the code lists of its releases."""
        self._site = site
        self._keeper = keeper
        self._codes = codes

    async def page(self, request: Request, operation: Operation) -> Response:
        """Return the editor; with a query also the first rows of its answer, or its problem.

        Raises `UnknownQuestion`, `ParameterInvalid`, `UnknownRelease` and `NothingPublished`.
        """
        reading = self._site.reading(operation.release, self._site.access.of(request.scope))
        release = reading.release
        graph = Graph.of(self._site, reading)
        facts = await self._keeper.facts(graph, reading)
        question = _question(operation)
        table, problem = await self._answer(request, operation, reading)
        shared = pinned(request, operation, release.id) if table else None
        text = operation.query
        if text is None:
            text = await self._asked(question, request, graph) if question else START
        context = {
            "query": text,
            "question": question,
            "topics": questions_by_topic(),
            "table": table,
            "problem": problems.shown(request, problem) if problem else None,
            "fictitious": facts.fictitious,
            "downloads": _downloads(operation, table, reading),
            "default_graphs": operation.default_graphs,
            "named_graphs": operation.named_graphs,
            "comfortable": all((STATIC / name).exists() for name in (*EDITOR_FILES, *LATER_FILES)),
            "shared": shared,
            "snippets": await code_for(shared) if shared else (),
            "prefixes": json.dumps(PREFIXES),
            "script": json.dumps(script_settings(request, self._site.settings.base_iri)),
            "release": release,
        }
        headers = {
            "Content-Security-Policy": EDITOR_POLICY,
            **reading.rights.headers("no-cache", render.VARY),
            "X-Release": release.id,
        }
        if problem and problem.retry_after is not None:
            headers["Retry-After"] = str(problem.retry_after)
        page = render.page(request, "editor.html", context, reading=reading, headers=headers)
        page.status_code = problem.status if problem else 200
        return page

    async def _asked(self, question: Question, request: Request, graph: Graph) -> str:
        """Return the query of a question, with the values that its address has for parameters.

        Raises `ParameterInvalid`, also for a parameter that nothing here reads.
        """
        given: dict[str, list[str]] = {}
        for name, value in request.query_params.multi_items():
            given.setdefault(name, []).append(value)
        demand_known(given, [*asked_parameters(question), *_OF_THE_PAGE])
        values = values_given(question, given, await self._codes.codes(graph))
        return bound(question.asked_in(language(request)), values)

    async def _answer(
        self, request: Request, operation: Operation, reading: Reading
    ) -> tuple[Table | None, VisesError | None]:
        """Return the first rows of the answer or its problem; neither where nothing is asked."""
        if operation.query is None:
            return None, None
        try:
            return await self._table(request, operation, operation.query, reading), None
        except VisesError as error:
            return None, error

    async def _table(
        self, request: Request, operation: Operation, query: str, reading: Reading
    ) -> Table:
        asked = QueryRequest(
            query=query,
            results_type=RESULTS,
            graph_type=GRAPH,
            default_graphs=operation.default_graphs,
            named_graphs=operation.named_graphs,
            hidden_graphs=reading.rights.hidden_graphs,
            timeout=operation.timeout,
            base_iri=self._site.settings.base_iri,
            federation_path=federation_path(request),
            written=True,
        )
        answer = await self._site.engine.answer(asked, reading.release.id)
        return await first_rows(answer, self._site.addresses(reading, chosen_language(request)))


def _question(operation: Operation) -> Question | None:
    if operation.question is None:
        return None
    found = questions().get(operation.question)
    if found is None:
        raise unknown_question(operation.question, "parameter question")
    return found


def _downloads(operation: Operation, table: Table | None, reading: Reading) -> dict[str, str]:
    """Return the addresses of the whole answer by format name."""
    if table is None or operation.query is None:
        return {}
    fields = [
        ("query", operation.query),
        *(("default-graph-uri", g) for g in operation.default_graphs),
        *(("named-graph-uri", g) for g in operation.named_graphs),
    ]
    forms = GRAPH_TYPES if table.graph else RESULT_TYPES
    queries = {form: urlencode([*fields, ("download", form)]) for form in forms}
    return {form: in_release(f"/sparql?{q}", reading.chosen) for form, q in queries.items()}
