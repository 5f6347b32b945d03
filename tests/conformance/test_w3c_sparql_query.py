"""The W3C SPARQL 1.1 tests of queries, syntax and result formats, asked of a service over HTTP.

Each data file of the suite is a graph of one release, and each test names its dataset as the
protocol does (SPARQL 1.1 Protocol, section 2.1.4). Tests take turns with the three ways to send a
query; every answer is fetched in each form that can carry it, and all must say what is expected.
Solutions are compared as multisets, blank nodes standing for one another; graphs are compared in
canonical form. Entailment, service description, protocols and update are not here. Why a test
comes out differently is said in docs/upstream.md.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import httpx
import pytest
from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    RdfFormat,
    Store,
    parse,
    parse_query_results,
)

from vises.store.releases import ReleaseStore
from vises.store.transaction import Change

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from contextlib import AbstractContextManager
    from typing import TypeAlias

    from _pytest.mark import ParameterSet
    from pyoxigraph import Literal

    from tests.conftest import Served

    Serve: TypeAlias = Callable[..., AbstractContextManager[Served]]
    Node: TypeAlias = NamedNode | BlankNode | Literal
    Comparable: TypeAlias = object

SUITE = Path(__file__).parents[2].parent / "shared" / "suites" / "w3c-sparql11"
BASE = "http://www.w3.org/2009/sparql/docs/tests/data-sparql11/"
MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
RS = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"
QT = "http://www.w3.org/2001/sw/DataAccess/tests/test-query#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
NOWHERE = "urn:vises:an-empty-graph"
FOLDERS = (
    "aggregates",
    "bind",
    "bindings",
    "cast",
    "construct",
    "csv-tsv-res",
    "exists",
    "functions",
    "grouping",
    "json-res",
    "negation",
    "project-expression",
    "property-path",
    "subquery",
    "syntax-fed",
    "syntax-query",
)
RESULTS = {
    ".srx": "application/sparql-results+xml",
    ".srj": "application/sparql-results+json",
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
}
GRAPHS = (
    "application/n-triples",
    "text/turtle",
    "application/rdf+xml",
    "application/ld+json",
    "application/n-quads",
    "application/trig",
)
AFTER_PARSING = ("/federation-refused", "/query-failed", "/unknown-function")
_LANGUAGE = "Oxigraph keeps a language tag that all concatenated strings have, as SPARQL 1.2 does"
_ZERO_LENGTH = "Oxigraph finds no path of length zero at a constant that is in no triple"
_GRAPH = "Oxigraph does not bind the variable of GRAPH around a subquery or VALUES alone"
KNOWN = {
    f"{BASE}{test}": reason
    for test, reason in {
        "aggregates/manifest#agg-empty-group-count-graph": _GRAPH,
        "aggregates/manifest#agg-groupconcat-04": _LANGUAGE,
        "aggregates/manifest#agg-groupconcat-06": _LANGUAGE,
        "bindings/manifest#graph": _GRAPH,
        "csv-tsv-res/manifest#csv03": "the store writes numbers canonically: 1.0E6 is 1000000",
        "functions/manifest#bnode01": "Oxigraph's BNODE(string) is the same in all solutions",
        "negation/manifest#graph-minus": "Oxigraph counts the variable of GRAPH as shared in MINUS",
        "property-path/manifest#zero_or_more_set_start": _ZERO_LENGTH,
        "property-path/manifest#zero_or_more_set_end": _ZERO_LENGTH,
        "property-path/manifest#zero_or_one_set_start": _ZERO_LENGTH,
        "property-path/manifest#zero_or_one_set_end": _ZERO_LENGTH,
    }.items()
}


@dataclass(frozen=True)
class Case:
    """One test of a manifest."""

    iri: str
    kind: str
    query: Path
    data: str | None
    graphs: tuple[str, ...]
    result: Path | None


def cases() -> list[Case]:
    return [case for folder in FOLDERS for case in manifest(folder)]


def manifest(folder: str) -> list[Case]:
    path = SUITE / folder / "manifest.ttl"
    if not path.exists():
        return []
    store = Store()
    base = f"{BASE}{folder}/manifest.ttl"
    store.load(path=path, format=RdfFormat.TURTLE, base_iri=base)

    def every(subject: Node, name: str) -> list[Node]:
        return [q.object for q in store.quads_for_pattern(subject, NamedNode(name), None)]

    def one(subject: Node, name: str) -> Node | None:
        return next(iter(every(subject, name)), None)

    entries, node = [], one(NamedNode(base), f"{MF}entries")
    while node is not None and node.value != f"{RDF}nil":
        entries.append(one(node, f"{RDF}first"))
        node = one(node, f"{RDF}rest")
    found = []
    for entry in entries:
        action, result = one(entry, f"{MF}action"), one(entry, f"{MF}result")
        query, data = one(action, f"{QT}query") or action, one(action, f"{QT}data")
        found.append(
            Case(
                entry.value,
                one(entry, f"{RDF}type").value.removeprefix(MF),
                file(query),
                data.value if data else None,
                tuple(graph.value for graph in every(action, f"{QT}graphData")),
                file(result) if isinstance(result, NamedNode) else None,
            )
        )
    return found


def file(iri: NamedNode) -> Path:
    return SUITE / iri.value.removeprefix(BASE)


def marked(case: Case) -> ParameterSet:
    reason = KNOWN.get(case.iri)
    marks = [pytest.mark.xfail(reason=reason, raises=AssertionError)]
    return pytest.param(case, id=case.iri.removeprefix(BASE), marks=marks if reason else [])


@dataclass(frozen=True)
class Endpoint:
    """The running service, and how a test asks it."""

    client: httpx.Client
    address: str

    def ask(self, query: str, case: Case, accept: str) -> httpx.Response:
        dataset = [("default-graph-uri", case.data or NOWHERE)]
        dataset += [("named-graph-uri", graph) for graph in case.graphs]
        if case.data is None and "FROM" in query:
            dataset = []
        headers = {"Accept": accept}
        way = sum(map(ord, case.iri)) % 3
        if way == 0:
            named = [("query", query), *dataset]
            return self.client.get(self.address, params=named, headers=headers)
        if way == 1:
            body = urlencode([("query", query), *dataset])
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            return self.client.post(self.address, content=body, headers=headers)
        headers["Content-Type"] = "application/sparql-query"
        content = query.encode()
        return self.client.post(self.address, params=dataset, content=content, headers=headers)


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory, serve: Serve) -> Iterator[Endpoint]:
    folder = tmp_path_factory.mktemp("sparql") / "data"
    with ReleaseStore(folder).transaction(
        author="W3C", message="data", gate=lambda _: Accepted()
    ) as change:
        change.apply(Change(frozenset(), frozenset(data())))
    with serve(folder, VISES_WORKERS="2") as served, httpx.Client(timeout=30) as client:
        yield Endpoint(client, served.endpoint)


class Accepted:
    """A verdict that accepts."""

    accepted, violations, warnings = True, 0, 0

    def turtle(self) -> list[bytes]:
        return []


def data() -> Iterator[Quad]:
    """Yield the quads of every file that a test names as data, in a graph with the file's IRI."""
    for iri in {graph for case in cases() for graph in (case.data, *case.graphs) if graph}:
        path = SUITE / iri.removeprefix(BASE)
        form = RdfFormat.from_extension(path.suffix[1:])
        for quad in parse(path=path, format=form, base_iri=iri, rename_blank_nodes=True):
            yield Quad(quad.subject, quad.predicate, quad.object, NamedNode(iri))


@pytest.mark.shared
@pytest.mark.parametrize("case", [marked(case) for case in cases()])
def test_w3c(case: Case, endpoint: Endpoint) -> None:
    base = f"BASE <{BASE}{case.query.relative_to(SUITE)}>"
    query = f"{base}\n{case.query.read_text(encoding='utf-8')}"
    if case.kind == "PositiveSyntaxTest11":
        answer = endpoint.ask(query, case, "text/csv, text/turtle")
        assert answer.status_code == 200 or answer.json()["type"].endswith(AFTER_PARSING)
    elif case.kind == "NegativeSyntaxTest11":
        answer = endpoint.ask(query, case, "text/csv, text/turtle")
        assert answer.status_code == 400
        assert answer.json()["type"].endswith("/query-syntax")
    else:
        assert case.kind in {"QueryEvaluationTest", "CSVResultFormatTest"}
        wanted = expected(case)
        for form in forms(case):
            answer = endpoint.ask(query, case, form)
            assert answer.status_code == 200, answer.text
            assert answer.headers["content-type"].partition(";")[0] == form
            assert comparable(form, answer.content) == wanted, form


def forms(case: Case) -> tuple[str, ...]:
    """Return the media types in which an answer is fetched; CSV has no types and stands alone."""
    assert case.result is not None
    if case.result.suffix == ".csv":
        return ("text/csv",)
    if case.result.suffix in RESULTS or result_set(graph_of(case.result)):
        return RESULTS[".srj"], RESULTS[".srx"], RESULTS[".tsv"]
    return GRAPHS


def expected(case: Case) -> Comparable:
    if case.result.suffix in RESULTS:
        return comparable(RESULTS[case.result.suffix], case.result.read_bytes())
    graph = graph_of(case.result)
    return result_set(graph) or canonical(graph)


def graph_of(path: Path) -> Dataset:
    iri = BASE + str(path.relative_to(SUITE))
    form = RdfFormat.from_extension(path.suffix[1:])
    return Dataset(parse(path=path, format=form, base_iri=iri))


def result_set(graph: Dataset) -> Comparable | None:
    """Return the solutions that a graph describes (DAWG result set vocabulary), if it does."""

    def every(subject: Node, name: str) -> list[Node]:
        quads = graph.quads_for_subject(subject)
        return [quad.object for quad in quads if quad.predicate.value == f"{RS}{name}"]

    sets = [q.subject for q in graph.quads_for_object(NamedNode(f"{RS}ResultSet"))]
    if not sets:
        return None
    rows = []
    for solution in every(sets[0], "solution"):
        bindings = every(solution, "binding")
        rows.append({every(b, "variable")[0].value: every(b, "value")[0] for b in bindings})
    return solutions([name.value for name in every(sets[0], "resultVariable")], rows)


def solutions(names: list[str], rows: list[dict[str, Node]]) -> Comparable:
    """Return solutions as a graph in canonical form: a blank node for each row."""
    quads = []
    for number, row in enumerate(rows):
        node = BlankNode(f"row{number}")
        quads.append(Quad(node, NamedNode(f"{RDF}type"), NamedNode("urn:row")))
        quads += [Quad(node, NamedNode(f"urn:variable:{n}"), row[n]) for n in row]
    return set(names), canonical(quads)


def comparable(media_type: str, body: bytes) -> Comparable:
    """Return an answer in a form that is equal for equal answers."""
    if media_type in GRAPHS:
        return canonical(parse(body, RdfFormat.from_media_type(media_type)))
    if media_type == "text/csv":
        header, *rows = csv.reader(io.StringIO(body.decode(), newline=""))
        return set(header), Counter(
            frozenset(
                (n, "_:" if v.startswith("_:") else v) for n, v in zip(header, row, strict=True)
            )
            for row in rows
        )
    results = parse_query_results(body, QueryResultsFormat.from_media_type(media_type))
    if isinstance(results, QueryBoolean):
        return bool(results)
    names = [variable.value for variable in results.variables]
    return solutions(names, [{n: s[n] for n in names if s[n] is not None} for s in results])


def canonical(quads: Iterable[Quad]) -> frozenset[str]:
    """Return the canonical quads (RDFC-1.0), numbers in the canonical form of their type."""
    store = Store()
    store.extend(quads)
    dataset = Dataset(store)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return frozenset(map(str, dataset))


def test_every_known_failure_of_the_engine_is_reported() -> None:
    page = (Path(__file__).parents[2] / "docs" / "upstream.md").read_text("utf-8")
    names = {iri.rpartition("#")[2] for iri in KNOWN if not iri.startswith(f"{BASE}service/")}
    assert {name for name in names if f"{name}`" not in page} == set()


@pytest.mark.shared
def test_the_whole_suite_is_here() -> None:
    assert Counter(case.kind for case in cases()) == {
        "QueryEvaluationTest": 232,
        "CSVResultFormatTest": 3,
        "PositiveSyntaxTest11": 66,
        "NegativeSyntaxTest11": 40,
    }
    assert set(KNOWN) <= {case.iri for case in cases()}
