from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pyoxigraph import Literal, NamedNode, Quad, Store

from vises.ingest.pipeline import ingest_rdf
from vises.ingest.provenance import DatasetDescription
from vises.ingest.warnings import warnings_change
from vises.namespaces import PREFIXES, Iris, term
from vises.progress import Silence
from vises.store.transaction import Candidate, Change
from vises.validation.report import Report, Result

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

House = Any
IRIS = Iris("https://data.example/")
FIGURES, METHOD = IRIS.graph("figures"), IRIS.graph("method")
ORGANISATION = """
    <organisation/x> a <http://www.w3.org/ns/org#Organization> ;
        <http://www.w3.org/2004/02/skos/core#prefLabel> "X"@fr, "X"@nl, "X"@en .
"""
WARNINGS = """SELECT ?dataset ?shape ?n {
    ?w a vises:QualityWarning ; vises:about ?dataset ; vises:occurrences ?n ;
       <http://www.w3.org/ns/shacl#sourceShape> ?shape }"""


def result(focus: str, shape: str, severity: str = "Warning") -> Result:
    return Result(focus, None, None, "c", severity, PREFIXES["shapes"] + shape)


def candidate(tmp_path: Path, *graphs: NamedNode) -> Candidate:
    store = Store()
    for number, graph in enumerate((FIGURES, METHOD)):
        thing = IRIS.of(f"thing/{number}")
        store.add(Quad(thing, term("rdfs:label"), Literal("x"), graph))
    return Candidate(
        store,
        0,
        dict.fromkeys(graphs),
        change=None,
        forms={},
        parent=None,
        keep=tmp_path,
        place=None,
    )


def said(change: Change) -> dict[str, set[str]]:
    """Return the values by local name of what a change adds."""
    found: dict[str, set[str]] = {}
    for quad in change.added:
        name = quad.predicate.value.rpartition("#")[2]
        found.setdefault(name, set()).add(quad.object.value)
    return found


def test_warnings_are_counted_by_dataset_and_shape(tmp_path: Path) -> None:
    report = Report(
        (
            result("<https://data.example/thing/0>", "AShape-x"),
            result("<https://data.example/thing/0>", "AShape-x"),
            result(f"{FIGURES}", "DatasetShape-license"),
            result("<https://data.example/thing/0>", "AShape-y", "Info"),
            result("<https://data.example/thing/1>", "AShape-x"),
            result("_:b0", "AShape-x"),
        )
    )
    change = warnings_change(IRIS, candidate(tmp_path, FIGURES), report)
    assert change.removed == frozenset()
    assert {quad.graph_name for quad in change.added} == {IRIS.graph("provenance")}
    assert {quad.subject.value for quad in change.added} == {
        "https://data.example/warning/figures-AShape-x",
        "https://data.example/warning/figures-DatasetShape-license",
    }
    assert said(change)["occurrences"] == {"2", "1"}
    assert said(change)["about"] == {FIGURES.value}


def test_the_warnings_of_what_changed_are_replaced_and_no_others(tmp_path: Path) -> None:
    before = candidate(tmp_path, FIGURES, METHOD)
    report = Report(tuple(result(f"<https://data.example/thing/{n}>", "AShape-x") for n in (0, 1)))
    old = warnings_change(IRIS, before, report).added
    assert len(old) == 8
    after = candidate(tmp_path, METHOD)
    after.store.extend(old)
    change = warnings_change(IRIS, after, Report())
    assert change.added == frozenset()
    assert {quad.subject.value for quad in change.removed} == {
        "https://data.example/warning/method-AShape-x"
    }


def test_a_gate_that_only_counts_leaves_nothing(tmp_path: Path) -> None:
    @dataclass
    class Counts:
        accepted: bool = True
        warnings: int = 3

    change = warnings_change(IRIS, candidate(tmp_path, FIGURES), Counts())  # type: ignore[arg-type]
    assert change == Change(frozenset(), frozenset())


def test_a_dataset_is_published_with_its_warnings(
    strict_house: House, write: Callable[[str, str], Path]
) -> None:
    path = write("x.ttl", ORGANISATION)
    description = DatasetDescription(title={"en": "X"})
    options = strict_house.options("x")
    arguments = (strict_house.releases, strict_house.gate, options, Silence())
    report = ingest_rdf(description, [path], *arguments)
    found = {
        (dataset.rpartition("/")[2], shape.rpartition("#")[2]): int(count)
        for dataset, shape, count in strict_house.ask(WARNINGS)
    }
    shapes = ("DatasetShape-description", "DatasetShape-license")
    assert found == {("x", shape): 1 for shape in shapes}
    assert report.warnings == 2
    release = strict_house.releases.current()
    assert release.id == "000002", "in one release, after that of the vocabularies"
    statements = strict_house.ask("SELECT ?s ?p ?o { GRAPH id:graph\\/provenance { ?s ?p ?o } }")
    assert release.counts["https://w3id.org/vises/graph/provenance"] == len(statements)

    licensed = replace(description, licence="https://creativecommons.org/licenses/by/4.0/")
    path.write_text(ORGANISATION + "# changed", encoding="utf-8")
    ingest_rdf(licensed, [path], *arguments)
    assert [shape.rpartition("#")[2] for _, shape, _ in strict_house.ask(WARNINGS)] == [shapes[0]]
