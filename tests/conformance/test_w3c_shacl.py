"""The W3C SHACL test suite, run against both engines as the project uses them.

A test passes where the reports agree on sh:conforms and on the multiset of (focus, path, value,
component, severity, shape). Blank nodes stand for one another; a shape without an IRI is known by
the nearest shape around it. Messages are not compared, as the suite says.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import NamedNode, RdfFormat, Store, parse
from rdflib import RDF, SH, BNode, Graph, Namespace

from vises.errors import BadInput
from vises.store.releases import ReleaseStore
from vises.validation.gate import ShaclGate
from vises.validation.graph_paths import sparql_path
from vises.validation.incremental.judgement import Judgement
from vises.validation.neighbourhood import Survey, neighbourhood
from vises.validation.reference import _graph, _term, pyshacl_validator
from vises.validation.rust import shacl_validator
from vises.validation.syntax import n_triples

if TYPE_CHECKING:
    from vises.store.transaction import Candidate
    from vises.validation.validator import Focus

pytestmark = pytest.mark.shared

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
SHT = Namespace("http://www.w3.org/ns/shacl-test#")
SUITE = Path(__file__).parents[2].parent / "shared" / "suites" / "w3c-shacl"
FILES = sorted(
    path
    for part in ("core", "sparql")
    for path in (SUITE / part).rglob("*.ttl")
    if b"a sht:Validate" in path.read_bytes() or b"rdf:type sht:Validate" in path.read_bytes()
)
ENGINES = {"shacl": shacl_validator, "pyshacl": pyshacl_validator}
KNOWN = {
    (
        "pyshacl",
        "core/property/uniqueLang-002.ttl",
    ): 'takes sh:uniqueLang "1"^^xsd:boolean for true, by value',
    (
        "pyshacl",
        "sparql/node/prefixes-001.ttl",
    ): "does not follow owl:imports from sh:prefixes (and is given no prefixes of the file)",
    (
        "pyshacl",
        "sparql/pre-binding/shapesGraph-001.ttl",
    ): "does not implement $shapesGraph, which is optional",
}
TOTALS = {
    ("shacl", "core"): 98,
    ("shacl", "sparql"): 23,
    ("pyshacl", "core"): 97,
    ("pyshacl", "sparql"): 21,
}


@dataclass(frozen=True)
class Case:
    """One test: its data and shapes (N-Triples), and the report (None: a failure is expected)."""

    data: bytes
    shapes: bytes
    conforms: bool | None
    results: Counter[tuple[str, ...]]


def load(path: Path) -> bytes:
    base = f"https://suite.example/{path.relative_to(SUITE).as_posix()}"
    return n_triples(parse(path.read_bytes(), RdfFormat.TURTLE, base_iri=base))


def local(iri: object) -> Path:
    return SUITE / str(iri).removeprefix("https://suite.example/")


def read_case(path: Path) -> Case:
    manifest = _graph(parse(load(path), RdfFormat.N_TRIPLES))
    [test] = manifest.subjects(RDF.type, SHT.Validate)
    action = manifest.value(test, MF.action)
    shapes = load(local(manifest.value(action, SHT.shapesGraph)))
    data = load(local(manifest.value(action, SHT.dataGraph)))
    report = manifest.value(test, MF.result)
    if report == SHT.Failure:
        return Case(data, shapes, None, Counter())
    graph = _graph(parse(shapes, RdfFormat.N_TRIPLES))
    found = (row(manifest, node, graph) for node in manifest.objects(report, SH.result))
    conforms = str(manifest.value(report, SH.conforms)) in {"true", "1"}
    return Case(data, shapes, conforms, Counter(found))


def row(report: Graph, result: object, shapes: Graph) -> tuple[str, ...]:
    path = report.value(result, SH.resultPath)
    value = report.value(result, SH.value)
    shape = report.value(result, SH.sourceShape)
    while isinstance(shape, BNode):
        shape = shapes.value(None, SH.property, shape)
    return (
        blank(_term(report.value(result, SH.focusNode))),
        "" if path is None else sparql_path(report, path),
        "" if value is None else blank(_term(value)),
        str(report.value(result, SH.sourceConstraintComponent)),
        str(report.value(result, SH.resultSeverity)).removeprefix(str(SH)),
        "[]" if shape is None else str(shape),
    )


def blank(term: str) -> str:
    return "_:" if term.startswith("_:") else term


def passes(engine: str, case: Case) -> bool:
    try:
        report = ENGINES[engine](case.shapes).validate(case.data)
    except BadInput:
        return case.conforms is None
    found = Counter(
        (blank(r.focus), r.path or "", blank(r.value or ""), r.component, r.severity, r.shape)
        for r in report.results
    )
    return report.conforms == case.conforms and found == case.results


def name(path: Path) -> str:
    return path.relative_to(SUITE).as_posix()


def test_totals() -> None:
    counted = Counter(
        (engine, path.relative_to(SUITE).parts[0])
        for engine in ENGINES
        for path in FILES
        if (engine, name(path)) not in KNOWN
    )
    assert counted == TOTALS


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("path", FILES, ids=name)
def test_w3c(engine: str, path: Path) -> None:
    reason = KNOWN.get((engine, name(path)))
    assert passes(engine, read_case(path)) is (reason is None), reason


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("path", FILES, ids=name)
def test_listed_focus_nodes_give_the_same_report(engine: str, path: Path) -> None:
    """The second form of the shapes, with all instances listed, is the first in other words."""
    case = read_case(path)
    reports = []
    for listed in (False, True):
        try:
            focus = instances(case.data) if listed else None
            reports.append(ENGINES[engine](case.shapes).validate(case.data, focus))
        except BadInput as error:
            reports.append(type(error))
    assert reports[0] == reports[1]


@pytest.mark.parametrize("way", ["everything", "as far as it reaches"])
@pytest.mark.parametrize("path", FILES, ids=name)
def test_w3c_through_the_gate(path: Path, way: str, tmp_path: Path) -> None:
    """A case as users meet it, published alone, and as a small change of something larger."""
    reason = KNOWN.get(("shacl", name(path)))
    passed = published(read_case(path), tmp_path, alone=way == "everything")
    assert passed is (reason is None), reason


def published(case: Case, folder: Path, *, alone: bool) -> bool:
    """Publish the data of a case with the gate that users meet; tell whether it passes."""
    file, others = folder / "data.nt", folder / "others.nt"
    file.write_bytes(case.data)
    others.write_bytes(b"".join(b'<urn:x:%d> <urn:x:p> "" .\n' % n for n in range(2000)))
    releases = ReleaseStore(folder / "data")
    try:
        gate = Keeping(ShaclGate(case.shapes, shacl_validator))
        if not alone:
            with releases.transaction(author="W3C", message="others", gate=gate) as transaction:
                transaction.replace_graph(NamedNode("https://suite.example/others"), others)
        with releases.transaction(author="W3C", message="case", gate=gate) as transaction:
            transaction.replace_graph(NamedNode("https://suite.example/graph"), file)
    except BadInput:
        return case.conforms is None
    results = list(gate.found.everything())
    found = Counter(
        (blank(r.focus), r.path or "", blank(r.value or ""), r.component, r.severity, r.shape)
        for r in results
    )
    return (not results) == case.conforms and found == case.results


class Keeping:
    """A gate that lets all pass, so that the case is published, and keeps what was found."""

    def __init__(self, gate: ShaclGate) -> None:
        self.gate = gate
        self.found = Judgement()

    def __call__(self, candidate: Candidate) -> Accepted:
        self.found = self.gate(candidate)
        return Accepted()


class Accepted:
    accepted, violations, warnings = True, 0, 0

    def summary(self) -> str:
        return ""

    def turtle(self) -> list[bytes]:
        return []


def instances(data: bytes) -> Focus:
    survey = Survey()
    survey.add(parse(data, RdfFormat.N_TRIPLES))
    return neighbourhood(survey, Store()).focus
