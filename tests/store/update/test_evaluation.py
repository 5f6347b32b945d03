"""What an update asks for, compared with what Oxigraph itself does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    Literal,
    NamedNode,
    Quad,
    Store,
)

from vises.store.engine import FederationRefused
from vises.store.update import state as state_module
from vises.store.update.evaluation import evaluate_update
from vises.store.update.request import (
    GraphNeeded,
    GraphState,
    LoadRefused,
    UpdateRequest,
    UpdateSyntaxError,
    UpdateTooLarge,
)

if TYPE_CHECKING:
    from pathlib import Path

PREFIX = "PREFIX : <http://x/>\n"


def quads() -> list[Quad]:
    found = []
    for graph in "abc":
        for number in range(3):
            thing = NamedNode(f"http://x/{graph}{number}")
            name = NamedNode(f"http://x/{graph}")
            found.append(Quad(thing, NamedNode("http://x/n"), Literal(number), name))
        blank = BlankNode()
        found += [
            Quad(NamedNode(f"http://x/{graph}0"), NamedNode("http://x/has"), blank, name),
            Quad(blank, NamedNode("http://x/label"), Literal("é", language="fr"), name),
        ]
    return found


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("update")
    store = Store(str(folder / "store"))
    store.extend(quads())
    store.backup(str(folder / "snapshot"))
    return folder / "snapshot"


def evaluated(update: str, snapshot: Path, work: Path, **options: object) -> set[Quad]:
    """Return what the data is after an update."""
    request = UpdateRequest(update, "http://base/", **options)
    state = evaluate_update(request, snapshot, work)
    return (set(Store.read_only(str(snapshot))) - state.removed) | state.added


def canonical(found: set[Quad]) -> set[str]:
    dataset = Dataset(found)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return set(map(str, dataset))


@pytest.mark.parametrize(
    "update",
    [
        "INSERT DATA { GRAPH :d { :s :p 1 , 01 , 'x # } y' , '''{''' , \"}\" , [ :q ( 1 2 ) ] } }",
        "DELETE DATA { GRAPH :a { :a0 :n 0 } GRAPH :b { :nothing :n 0 } }",
        "INSERT DATA { GRAPH :a { :a0 :n 7 } } ; DELETE DATA { GRAPH :a { :a0 :n 7 . :a0 :n 0 } }",
        "DELETE DATA { GRAPH :a { :a0 :n 0 } } ; INSERT DATA { GRAPH :a { :a0 :n 0 } }",
        "DELETE WHERE { GRAPH :a { ?s :n ?o } }",
        "DELETE WHERE { GRAPH ?g { ?s :has ?b . ?b :label ?l } }",
        "WITH :a DELETE { ?s :n ?o } INSERT { ?s :n ?m } WHERE { ?s :n ?o BIND(?o + 10 AS ?m) }",
        "WITH :a INSERT { ?s :new [] } WHERE { ?s :n ?o }",
        "WITH :a INSERT { ?s :new _:x . _:x :of ?s } WHERE { ?s :n ?o FILTER(?o > 0) }",
        "WITH :a DELETE { ?s ?p ?o } INSERT { ?o ?p ?s } WHERE { ?s ?p ?o }",
        (
            "INSERT { GRAPH :d { ?s ?p ?o } GRAPH ?g { ?s :seen ?missing } } WHERE "
            "{ GRAPH ?g { ?s ?p ?o } }"
        ),
        (
            "INSERT { GRAPH ?g { :count :is ?n } } USING :a USING :b USING NAMED :c WHERE "
            "{ { SELECT (COUNT(*) AS ?n) { ?s ?p ?o } } GRAPH ?g { } }"
        ),
        "INSERT { GRAPH :d { :x :says <<( ?s :n ?o )>> } } WHERE { GRAPH :a { ?s :n ?o } }",
        "CLEAR GRAPH :a ; INSERT { GRAPH :d { ?s ?p ?o } } WHERE { GRAPH ?g { ?s ?p ?o } }",
        "WITH :a INSERT { ?s <same> ?o } WHERE { ?s :n ?o FILTER NOT EXISTS { GRAPH <g> { } } }",
        "BASE <http://x/> WITH <a> INSERT { ?s <p> ?o } WHERE { GRAPH <b> { ?s <n> ?o } }",
        "DROP NAMED ; INSERT DATA { GRAPH :e { :s :p :o } }",
        "COPY :a TO :b ; MOVE :b TO :d ; ADD :c TO GRAPH :d",
        "COPY :a TO :a ; DROP SILENT GRAPH :nothing ; CREATE SILENT GRAPH :a",
        (
            "INSERT { GRAPH :d { ?s :p 'é' } } WHERE { GRAPH :a { ?s :n ?o FILTER(?o<2&&?o>0) } } ;"
            " DELETE { GRAPH :a { ?s ?p ?o } } WHERE { GRAPH :d { ?s :p ?e } GRAPH :a { ?s ?p ?o }}"
        ),
        "WITH <http://x/a> DELETE { ?v\u00e9 $p ?o } WHERE { ?v\u00e9 $p ?o }",
    ],
)
def test_as_oxigraph_itself(update: str, snapshot: Path, tmp_path: Path) -> None:
    store = Store()
    store.extend(Store.read_only(str(snapshot)))
    store.update(PREFIX + update, base_iri="http://base/")
    ours = evaluated(PREFIX + update, snapshot, tmp_path)
    assert canonical(ours) == canonical(set(store))


def test_what_is_not_there_is_not_moved(snapshot: Path, tmp_path: Path) -> None:
    """SILENT leaves everything as it was; Oxigraph itself empties the target."""
    before = set(Store.read_only(str(snapshot)))
    assert evaluated(PREFIX + "MOVE SILENT :nothing TO :a", snapshot, tmp_path) == before


def test_prologues_between_operations(snapshot: Path, tmp_path: Path) -> None:
    update = """PREFIX p: <http://x/> INSERT DATA { GRAPH p:d { p:s p:p 1 } } ;
        PREFIX p: <http://y/> BASE <http://z/> INSERT DATA { GRAPH <d> { p:s p:p 1 } } ;"""
    new = evaluated(update, snapshot, tmp_path) - set(Store.read_only(str(snapshot)))
    assert {quad.graph_name.value for quad in new} == {"http://x/d", "http://z/d"}
    with pytest.raises(UpdateSyntaxError) as caught:
        evaluated(update.replace("<d> { p:s", "<d> { } p:s"), snapshot, tmp_path)
    assert caught.value.line == 2


def test_the_union_is_the_default_graph_and_what_is_hidden_is_not_in_it(
    snapshot: Path, tmp_path: Path
) -> None:
    update = PREFIX + "INSERT { GRAPH :d { ?s :n ?o } } WHERE { ?s :n ?o }"
    new = evaluated(update, snapshot, tmp_path) - set(Store.read_only(str(snapshot)))
    assert len(new) == 9
    hidden = evaluated(update, snapshot, tmp_path, hidden_graphs=("http://x/a",))
    assert len(hidden - set(Store.read_only(str(snapshot)))) == 6
    after = evaluated(
        PREFIX + "INSERT DATA { GRAPH :n { :s :n 9 } } ; " + update.removeprefix(PREFIX),
        snapshot,
        tmp_path,
        hidden_graphs=("http://x/a", "http://x/b", "http://x/c"),
    )
    graphs = [q.graph_name.value for q in after - set(Store.read_only(str(snapshot)))]
    assert sorted(graphs) == ["http://x/d", "http://x/n"], "it sees what it wrote itself"


@pytest.mark.parametrize(
    ("update", "reads", "cloned"),
    [
        ("INSERT DATA { GRAPH :d { :s :p 1 } } ; DELETE DATA { GRAPH :a { :s :p 1 } }", [], False),
        ("WITH :a DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }", [":a"], False),
        ("WITH :a DELETE { ?s ?p ?o } WHERE { GRAPH ?g { ?s ?p ?o } }", None, False),
        ("WITH :a DELETE { ?s ?p ?o } USING :b USING NAMED :c WHERE { }", [":b", ":c"], False),
        ("DELETE { GRAPH :a { ?s ?p ?o } } WHERE { ?s ?p ?o }", None, False),
        ("CLEAR GRAPH :a", [":a"], False),
        ("COPY :a TO :b", [":a", ":b"], False),
        ("CLEAR ALL", None, False),
        ("DELETE DATA { GRAPH :a { :a0 :n 0 } } ; COPY :a TO :b", [":a", ":b"], True),
    ],
)
def test_what_an_update_reads(
    update: str, reads: list[str] | None, *, cloned: bool, snapshot: Path, tmp_path: Path
) -> None:
    state = evaluate_update(UpdateRequest(PREFIX + update, "http://base/"), snapshot, tmp_path)
    wanted = None if reads is None else {r.replace(":", "http://x/") for r in reads}
    assert state.reads == wanted
    assert (tmp_path / "clone").exists() is cloned


@pytest.mark.parametrize(
    ("update", "error"),
    [
        ("INSERT DATA { :s :p 1 }", GraphNeeded),
        ("INSERT { :s :p 1 } WHERE { }", GraphNeeded),
        ("DELETE WHERE { ?s ?p ?o }", GraphNeeded),
        ("CLEAR DEFAULT", GraphNeeded),
        ("ADD DEFAULT TO :a", GraphNeeded),
        ("DROP GRAPH :nothing", GraphState),
        ("CREATE GRAPH :a", GraphState),
        ("MOVE :nothing TO :a", GraphState),
        ("LOAD <http://127.0.0.1:1/>", LoadRefused),
        ("INSERT { GRAPH :a { :s :p 1 } } WHERE { SERVICE :x { } }", FederationRefused),
        ("INSERT { GRAPH :a { <r> :p 1 } } WHERE { SERVICE <r> { <r> ?p ?o } }", FederationRefused),
        ("INSERT DATA { GRAPH :a { :s :p ?x } }", UpdateSyntaxError),
        ("DELETE DATA { GRAPH :a { :s :p [] } }", UpdateSyntaxError),
        ("SELECT * { ?s ?p ?o }", UpdateSyntaxError),
        ("INSERT DATA { GRAPH :a { :s :p 1 } ", UpdateSyntaxError),
        ("INSERT DATA { GRAPH :a { :s :p 1 } } }", UpdateSyntaxError),
        (
            "INSERT DATA { GRAPH :a { _:b :p 1 } } ; INSERT DATA { GRAPH :a { _:b :p 1 } }",
            UpdateSyntaxError,
        ),
    ],
)
def test_refused(update: str, error: type[Exception], snapshot: Path, tmp_path: Path) -> None:
    with pytest.raises(error):
        evaluated(PREFIX + update, snapshot, tmp_path)


def test_more_than_an_update_may_change(
    snapshot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state_module, "MOST_CHANGED", 5)
    assert evaluated(PREFIX + "CLEAR GRAPH :a", snapshot, tmp_path)
    with pytest.raises(UpdateTooLarge):
        evaluated(PREFIX + "CLEAR ALL", snapshot, tmp_path)
