"""The gate: incoming bytes are judged beside the store, and only they."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Store, Triple, parse

from vises.progress import SILENCE
from vises.validation.gate import ShaclGate
from vises.validation.reference import pyshacl_validator
from vises.validation.rust import shacl_validator

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vises.progress import Progress
    from vises.validation.incremental.judgement import Judgement
    from vises.validation.report import Report

RDF_TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
SHAPES = b"""
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix ex: <http://e/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
ex:Claim-S sh:targetClass ex:Claim ; sh:property ex:about , ex:count , ex:note .
ex:about sh:path ex:about ; sh:class ex:Thing ; sh:minCount 1 ; sh:maxCount 1 .
ex:count sh:path ex:count ; sh:datatype xsd:int ; sh:pattern "^[0-9][0-9]$" .
ex:note sh:path ex:note ; sh:minCount 1 ; sh:severity sh:Warning .
ex:Thing-S sh:targetClass ex:Thing ; sh:property ex:label .
ex:label sh:path ex:label ; sh:minCount 1 ; sh:maxCount 1 .
ex:Objects-S sh:targetObjectsOf ex:part ; sh:class ex:Thing .
ex:Word-S sh:targetObjectsOf ex:word ; sh:minLength 3 .
ex:Owner-S sh:targetClass ex:Owner ; sh:property ex:owned .
ex:owned sh:path ex:owned ; sh:node [ sh:property ex:label ] .
ex:Constant-S sh:targetNode ex:constant ; sh:property [ sh:path ex:label ; sh:minCount 1 ] .
"""
CLAIM = """
@prefix e: <http://e/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
e:c a e:Claim ; e:about e:t ; e:note "n" .
"""
THING = '@prefix e: <http://e/> . e:t a e:Thing ; e:label "T" .'


@dataclass(frozen=True)
class Change:
    removed: frozenset[Quad]
    added: frozenset[Quad]


@dataclass(frozen=True)
class Candidate:
    store: Store
    size: int
    incoming: Mapping[NamedNode, Path | None]
    change: Change | None
    forms: Mapping[Triple, Sequence[Literal]]
    parent: Path | None
    keep: Path
    place: Path | None = None
    progress: Progress = SILENCE


class World:
    """A store with some graphs, and changes to it, of which each is judged as the first."""

    def __init__(self, folder: Path, gate: ShaclGate) -> None:
        self.folder = folder
        self.gate = gate
        self.store = Store()

    def has(self, graph: str, turtle: str) -> None:
        self.store.load(turtle.encode(), RdfFormat.TURTLE, to_graph=NamedNode(graph))

    def judge(self, **graphs: str) -> Judgement:
        before = set(self.store)
        for name, turtle in graphs.items():
            graph = NamedNode(f"http://g/{name}")
            self.store.remove_graph(graph)
            self.has(graph.value, turtle)
        return self.judged(before, {})

    def judge_bytes(self, data: bytes) -> Judgement:
        before = set(self.store)
        graph = NamedNode("http://g/raw")
        forms = {}
        for quad in parse(data, RdfFormat.N_TRIPLES):
            alone = Store()
            alone.add(quad)
            [stored] = alone
            self.store.add(Quad(*stored.triple, graph))
            if stored != quad:
                forms[stored.triple] = [quad.object]
        return self.judged(before, forms)

    def judged(self, before: set[Quad], forms: Mapping[Triple, Sequence[Literal]]) -> Judgement:
        after = set(self.store)
        change = Change(frozenset(before - after), frozenset(after - before))
        keep = Path(mkdtemp(dir=self.folder))
        size = len(self.store)
        return self.gate(Candidate(self.store, size, {}, change, forms, self.folder, keep))


@pytest.fixture(params=[shacl_validator, pyshacl_validator])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    return World(tmp_path, ShaclGate(SHAPES, request.param))


def found(report: Report) -> list[tuple[str, str, str | None]]:
    return [(r.focus, r.shape.removeprefix("http://e/"), r.value) for r in report.results]


def test_a_reference_to_nothing_is_refused(world: World) -> None:
    report = world.judge(claims=CLAIM)
    assert found(report) == [("<http://e/c>", "about", "<http://e/t>")]
    assert not report.accepted


def test_a_reference_into_another_graph_is_resolved(world: World) -> None:
    world.has("http://g/things", THING)
    assert world.judge(claims=CLAIM).conforms


def test_a_reference_between_two_incoming_graphs_is_resolved(world: World) -> None:
    assert world.judge(claims=CLAIM, things=THING).conforms


def test_a_subclass_of_the_ontology_counts(world: World) -> None:
    subclass = "http://www.w3.org/2000/01/rdf-schema#subClassOf"
    world.has("http://g/ontology", f"<http://e/Part> <{subclass}> <http://e/Thing> .")
    world.has("http://g/things", "@prefix e: <http://e/> . e:t a e:Part .")
    assert world.judge(claims=CLAIM).conforms


@pytest.mark.parametrize("where", ["store", "incoming"])
def test_instances_of_a_subclass_are_judged_as_those_of_the_class(
    where: str, tmp_path: Path
) -> None:
    subclass = "http://www.w3.org/2000/01/rdf-schema#subClassOf"
    axioms = (
        f"<http://e/Part> <{subclass}> <http://e/Piece> .\n"
        f"<http://e/Piece> <{subclass}> <http://e/Thing> , <http://e/Part> .\n"
    )
    world = World(tmp_path, ShaclGate(SHAPES, shacl_validator))
    graphs = {"things": "<http://e/t> a <http://e/Part> ."}
    if where == "store":
        world.has("http://g/ontology", axioms)
    if where == "incoming":
        graphs["ontology"] = axioms
    assert found(world.judge(**graphs)) == [("<http://e/t>", "label", None)]


def test_what_the_store_holds_has_no_results(world: World) -> None:
    world.has("http://g/things", "@prefix e: <http://e/> . e:t a e:Thing . e:u a e:Thing .")
    assert world.judge(claims=CLAIM).conforms


def test_a_thing_that_is_referred_to_but_is_not_described_is_a_focus_node(world: World) -> None:
    report = world.judge(a="@prefix e: <http://e/> . e:x a e:Other ; e:part e:nowhere .")
    assert found(report) == [("<http://e/nowhere>", "Objects-S", "<http://e/nowhere>")]


def test_a_target_node_is_judged_and_only_who_changes_it_answers(world: World) -> None:
    """ex:constant is a target node of the shapes, whatever the data."""
    report = world.judge(things=THING)
    assert report.conforms
    assert [result.focus for result in report.everything()] == ["<http://e/constant>"]
    assert report.violations == 1
    assert world.judge(more="<http://e/constant> <http://e/label> 'C' .").violations == 0
    assert found(world.judge(more="")) == [("<http://e/constant>", "Constant-S", None)]


def test_a_removed_thing_refuses_while_something_refers_to_it(world: World) -> None:
    world.has("http://g/claims", CLAIM)
    world.has("http://g/things", THING)
    report = world.judge(things="")
    assert found(report) == [("<http://e/c>", "about", "<http://e/t>")]


def test_a_removed_thing_that_nothing_refers_to_is_accepted(world: World) -> None:
    world.has("http://g/claims", CLAIM)
    world.has("http://g/others", THING)
    world.has("http://g/things", THING + " e:gone a e:Thing ; e:label 'gone' .")
    assert world.judge(things="").conforms


def test_what_is_judged_again_keeps_its_other_references(world: World) -> None:
    world.has("http://g/claims", CLAIM.replace("e:about e:t", "e:about e:t , e:u"))
    world.has("http://g/others", THING.replace("e:t", "e:u"))
    world.has("http://g/things", THING)
    report = world.judge(things="")
    assert found(report) == [
        ("<http://e/c>", "about", "<http://e/t>"),
        ("<http://e/c>", "about", None),
    ]


def test_a_subject_typed_in_another_graph_is_judged_as_a_whole(world: World) -> None:
    world.has("http://g/things", THING)
    report = world.judge(more='@prefix e: <http://e/> . e:t e:label "second" .')
    assert found(report) == [("<http://e/t>", "label", None)]


def test_a_literal_is_not_judged_a_second_time_as_the_store_has_it(world: World) -> None:
    world.has("http://g/things", "<http://e/t> a <http://e/Thing> .")
    label = '"01"^^<http://www.w3.org/2001/XMLSchema#integer>'
    assert world.judge(more=f"<http://e/t> <http://e/label> {label} .").conforms


@pytest.mark.parametrize("owned", ["[ e:label 'x' ]", "e:mine . e:mine e:label 'x'"])
def test_what_is_judged_again_has_what_it_owns(world: World, owned: str) -> None:
    owner = "@prefix e: <http://e/> . e:o a e:Owner ; e:about e:t ; e:owned "
    world.has("http://g/owners", f"{owner} {owned} .")
    assert found(world.judge(more="<http://e/o> <http://e/about> <http://e/u> .")) == []
    report = world.judge(yet=f"{owner} e:nothing .")
    assert found(report) == [("<http://e/o>", "owned", "<http://e/nothing>")]


def test_a_literal_can_be_a_focus_node(world: World) -> None:
    report = world.judge(a="<http://e/x> <http://e/word> 'ab' , 'abc' .")
    assert found(report) == [('"ab"', "Word-S", '"ab"')]


def test_blank_nodes_of_the_store_are_not_those_of_the_data(world: World) -> None:
    """The claim in the store is about its own _:b; only the new _:b has no label."""
    graph, about, kind = NamedNode("http://g/claims"), "http://e/about", RDF_TYPE
    node, claim = BlankNode("b"), NamedNode("http://e/c")
    world.store.add(Quad(claim, kind, NamedNode("http://e/Claim"), graph))
    world.store.add(Quad(claim, NamedNode(about), node, graph))
    world.store.add(Quad(node, NamedNode("http://e/label"), Literal("old"), graph))
    report = world.judge(more="<http://e/c> <http://e/note> 'n' . _:b a <http://e/Thing> .")
    assert [(r.focus[:2], r.shape) for r in report.results if r.shape == "http://e/label"] == [
        ("_:", "http://e/label")
    ]


def test_the_old_content_of_a_graph_is_forgotten(world: World) -> None:
    assert world.judge(things=THING).conforms
    assert world.judge(things=THING.replace('"T"', '"New"')).conforms


def test_a_warning_is_accepted(world: World) -> None:
    world.has("http://g/things", THING)
    report = world.judge(claims=CLAIM.replace('; e:note "n"', ""))
    assert found(report) == [("<http://e/c>", "note", None)]
    assert report.accepted
    assert not report.conforms


def test_blank_nodes_of_two_graphs_are_not_the_same(world: World) -> None:
    claim = "@prefix e: <http://e/> . _:b a e:Claim ; e:about e:t ; e:note 'n' ."
    other = claim.replace("e:t", "e:u")
    assert world.judge(a=claim, b=other, c=THING, d=THING.replace("e:t", "e:u")).conforms


def test_blank_nodes_always_count(world: World) -> None:
    report = world.judge(a="@prefix e: <http://e/> . [] a e:Thing .")
    assert report.violations == 1


@pytest.mark.parametrize(
    ("literal", "violations"),
    [
        ('"01"^^<http://www.w3.org/2001/XMLSchema#int>', 0),
        ('"1"^^<http://www.w3.org/2001/XMLSchema#int>', 1),
        ('"01"^^<http://www.w3.org/2001/XMLSchema#integer>', 1),
    ],
)
def test_the_bytes_are_judged_and_not_what_the_store_makes_of_them(
    world: World, literal: str, violations: int
) -> None:
    data = f"""
        <http://e/c> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://e/Claim> .
        <http://e/c> <http://e/about> <http://e/t> .
        <http://e/c> <http://e/count> {literal} .
    """
    world.has("http://g/things", THING)
    report = world.judge_bytes(data.encode())
    assert report.caused.violations == violations
    assert {r.value for r in report.results if r.severity == "Violation"} <= {literal}
