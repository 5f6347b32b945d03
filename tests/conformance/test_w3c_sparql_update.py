"""The W3C SPARQL 1.1 tests of updates, sent to a running service.

The default graph of the service is the union of the named ones. So the default graph of a test is a
graph of its own, and the requests say so: ``insert-graph-uri`` and ``remove-graph-uri`` name it,
and ``using-graph-uri`` where the update has no dataset of its own.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import (
    CanonicalizationAlgorithm,
    Dataset,
    DefaultGraph,
    NamedNode,
    Quad,
    RdfFormat,
    Store,
    parse,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from _pytest.mark import ParameterSet

    from tests.conformance.conftest import Writable

pytestmark = pytest.mark.shared

SUITE = Path(__file__).parents[2].parent / "shared" / "suites" / "w3c-sparql11"
TESTS = "http://www.w3.org/2009/sparql/docs/tests/data-sparql11/"
MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
UT = "http://www.w3.org/2009/sparql/tests/test-update#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
DEFAULT = "urn:x-test:default"
FOLDERS = (
    "add",
    "basic-update",
    "clear",
    "copy",
    "delete",
    "delete-data",
    "delete-insert",
    "delete-where",
    "drop",
    "move",
    "syntax-update-1",
    "syntax-update-2",
    "update-silent",
)
_LOAD = "LOAD is refused, also with SILENT: nothing is fetched for who may write"
KNOWN = {
    f"{TESTS}{test}": reason
    for test, reason in {
        "update-silent/manifest#load-silent": _LOAD,
        "update-silent/manifest#load-into-silent": _LOAD,
    }.items()
}
_DATASET = re.compile(r"\b(?:USING|WITH)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Case:
    """One test of a manifest; the quads are in named graphs, `DEFAULT` among them."""

    iri: str
    kind: str
    update: Path
    before: tuple[Quad, ...]
    after: tuple[Quad, ...]


def cases() -> list[Case]:
    return [case for folder in FOLDERS for case in manifest(folder)]


def manifest(folder: str) -> Iterator[Case]:
    path = SUITE / folder / "manifest.ttl"
    if not path.exists():
        return
    store = Store()
    base = NamedNode(f"{TESTS}{folder}/manifest.ttl")
    store.load(path=path, format=RdfFormat.TURTLE, base_iri=base.value)

    def every(subject: object, name: str) -> list:
        return [q.object for q in store.quads_for_pattern(subject, NamedNode(name), None)]

    def quads(node: object) -> Iterator[Quad]:
        for data in every(node, f"{UT}data"):
            yield from contents(data, DEFAULT)
        for graph in every(node, f"{UT}graphData"):
            yield from contents(every(graph, f"{UT}graph")[0], every(graph, LABEL)[0].value)

    (node,) = every(base, f"{MF}entries")
    while node.value != f"{RDF}nil":
        (entry,) = every(node, f"{RDF}first")
        (node,) = every(node, f"{RDF}rest")
        (action,) = every(entry, f"{MF}action")
        results = every(entry, f"{MF}result")
        yield Case(
            entry.value,
            every(entry, f"{RDF}type")[0].value.removeprefix(MF),
            file((every(action, f"{UT}request") or [action])[0]),
            tuple(quads(action)),
            tuple(quad for result in results for quad in quads(result)),
        )


def file(iri: NamedNode) -> Path:
    return SUITE / iri.value.removeprefix(TESTS)


def contents(iri: NamedNode, graph: str) -> Iterator[Quad]:
    for quad in parse(path=file(iri), format=RdfFormat.TURTLE, base_iri=iri.value):
        yield Quad(quad.subject, quad.predicate, quad.object, NamedNode(graph))


def marked(case: Case) -> ParameterSet:
    reason = KNOWN.get(case.iri)
    marks = [pytest.mark.xfail(reason=reason, raises=AssertionError)] if reason else []
    return pytest.param(case, id=case.iri.removeprefix(TESTS), marks=marks)


@pytest.mark.parametrize("case", [marked(case) for case in cases()])
def test_w3c(case: Case, writable: Writable) -> None:
    base = f"{TESTS}{case.update.relative_to(SUITE)}"
    text = case.update.read_text(encoding="utf-8")
    update = f"BASE <{base}>\n{text}"
    evaluated = case.kind == "UpdateEvaluationTest"
    if evaluated:
        writable.fill(list(case.before))
    answer = writable.update(update, dataset(case, text))
    if case.kind.startswith("Negative"):
        assert answer.status_code == 400
        assert kind(answer) == "update-syntax"
    elif case.kind == "PositiveUpdateSyntaxTest11":
        assert answer.status_code == 204 or kind(answer) in {"load-refused", "graph-state"}
    else:
        assert evaluated
        assert answer.status_code == 204, answer.text
        assert canonical(writable.quads()) == canonical(case.after)


def dataset(case: Case, text: str) -> list[tuple[str, str]]:
    """Return the parameters that name the default graph of the test."""
    parameters = [("insert-graph-uri", DEFAULT), ("remove-graph-uri", DEFAULT)]
    if not _DATASET.search(text):
        named = {q.graph_name.value for q in (*case.before, *case.after)} - {DEFAULT}
        named |= {f"http://example.org/{name}" for name in re.findall(r"GRAPH :(\w+)", text)}
        parameters.append(("using-graph-uri", DEFAULT))
        parameters += [("using-named-graph-uri", graph) for graph in sorted(named)]
    return parameters


def kind(answer: object) -> str:
    return answer.json()["type"].rpartition("/")[2]


def canonical(quads: Iterable[Quad]) -> frozenset[str]:
    """Return the canonical quads (RDFC-1.0), numbers in the canonical form of their type."""
    store = Store()
    store.extend(quads)
    assert not [q for q in store if isinstance(q.graph_name, DefaultGraph)]
    found = Dataset(store)
    found.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return frozenset(map(str, found))


def test_the_whole_suite_is_here() -> None:
    assert Counter(case.kind for case in cases()) == {
        "UpdateEvaluationTest": 94,
        "PositiveUpdateSyntaxTest11": 42,
        "NegativeUpdateSyntaxTest11": 13,
        "NegativeSyntaxTest11": 8,
    }
    assert set(KNOWN) <= {case.iri for case in cases()}
