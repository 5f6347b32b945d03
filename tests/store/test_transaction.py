from __future__ import annotations

import gc
import os
import resource
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn
from unittest.mock import Mock

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store, Triple

from vises.errors import BadRequest, Unavailable, VisesError
from vises.namespaces import term
from vises.progress import Silence
from vises.store import clone
from vises.store.canonical import UnreadableTriples
from vises.store.digest import Tally
from vises.store.files import DataFolderError, explained
from vises.store.lock import StoreBusy
from vises.store.releases import ReleaseStore
from vises.store.transaction import Change, ChangeRefused

if TYPE_CHECKING:
    from tests.store.conftest import World
    from vises.store.transaction import Candidate, Verdict

GRAPH = NamedNode("https://example.org/graph/a")
DECIMAL = term("xsd:decimal").value.encode()
OTHER = NamedNode("https://example.org/graph/b")


def test_first_release(world: World) -> None:
    with world.begin() as transaction:
        transaction.replace_graph(GRAPH, world.written(world.lines(range(3))))
    release = world.releases.current()
    assert release == transaction.release
    assert (release.id, release.parent) == ("000001", None)
    assert (release.author, release.message) == ("a tester", "a test")
    assert (release.added, release.removed) == (3, 0)
    assert release.counts == {GRAPH.value: 3}
    assert len(world.opened("000001")) == 3
    assert world.releases.report("000001").read_bytes() == b"".join(world.gate.verdict.turtle())
    assert transaction.verdict is world.gate.verdict
    assert world.gate.calls == 1
    assert world.gate.incoming == [(GRAPH, world.lines(range(3)))]
    assert sorted(p.name for p in (world.data).iterdir()) == ["current", "lock", "releases"]


def test_what_is_added_after_a_large_load_waits_for_no_merging(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clone, "MANY", 3)
    with world.begin() as transaction:
        transaction.replace_graph(GRAPH, world.written(world.lines(range(3))))
        [place] = (world.data / "staging").glob("*/clone")
        loaded = {*place.glob("*.sst")}
        transaction.apply(
            Change(frozenset({world.quad(0)}), frozenset({world.quad("note", graph="b")}))
        )
        assert {*place.glob("*.sst")} > loaded  # nothing that is just written makes a table file
    left = {world.quad(1), world.quad(2), world.quad("note", graph="b")}
    assert {*world.opened("000001")} == left
    assert transaction.release.counts == {GRAPH.value: 2, OTHER.value: 1}


def test_what_is_said_of_the_verdict_is_published_with_it(world: World) -> None:
    note = world.quad("note", graph="b")
    shown: list[object] = []
    with world.begin() as transaction:
        transaction.replace_graph(GRAPH, world.written(world.lines(range(2))))

        def annotate(candidate: Candidate, verdict: Verdict) -> Change:
            resting = candidate.store is transaction.store  # else its files may go meanwhile
            shown.extend([len(candidate.store), verdict, resting])
            return Change(frozenset(), frozenset({note}))

        transaction.annotate = annotate
    release = world.releases.current()
    assert shown == [2, world.gate.verdict, True]
    assert note in world.opened(release.id)
    assert release.counts == {GRAPH.value: 2, OTHER.value: 1}
    assert release.digests == {
        g: Tally.of_graph(world.opened(release.id), NamedNode(g)).digest for g in release.counts
    }
    assert (release.added, world.gate.calls) == (3, 1)


def test_nothing_is_said_of_a_change_that_is_none_or_refused(world: World) -> None:
    world.publish(world.quad("one"))
    said = Mock()
    with world.begin() as transaction:
        transaction.annotate = said
    world.gate.verdict.accepted = False
    transaction = world.begin()
    transaction.annotate = said
    with pytest.raises(ChangeRefused), transaction:
        transaction.apply(Change(frozenset(), frozenset({world.quad("two")})))
    said.assert_not_called()
    assert world.releases.current().id == "000001"


def test_a_release_does_not_see_the_next_one(world: World) -> None:
    with world.begin() as transaction:
        transaction.apply(Change(frozenset(), frozenset({world.quad("one")})))
    held = world.opened("000001")
    with world.begin() as transaction:
        transaction.apply(
            Change(
                frozenset({world.quad("one")}), frozenset({world.quad("two"), world.quad("three")})
            )
        )
    assert set(held) == set(world.opened("000001")) == {world.quad("one")}
    assert set(world.opened("000002")) == {world.quad("two"), world.quad("three")}
    assert [(r.id, r.parent, r.added, r.removed) for r in world.releases.list()] == [
        ("000002", "000001", 2, 1),
        ("000001", None, 1, 0),
    ]


def test_replacing_a_graph_commits_only_what_differs(world: World) -> None:
    with world.begin() as transaction:
        transaction.replace_graph(GRAPH, world.written(world.lines(range(25_000))))
    with world.begin() as transaction:
        transaction.replace_graph(GRAPH, world.written(world.lines(range(10, 25_020))))
        transaction.replace_graph(OTHER, world.written(world.lines(range(2))))
    release = transaction.release
    assert (release.added, release.removed) == (22, 10)
    assert release.counts == {GRAPH.value: 25_010, OTHER.value: 2}
    store = world.opened(release.id)
    for graph in (GRAPH, OTHER):
        tally = Tally.of_graph(store, graph)
        assert (tally.count, tally.digest) == (
            release.counts[graph.value],
            release.digests[graph.value],
        )
    assert [graph for graph, _ in world.gate.incoming] == [GRAPH, OTHER]


def test_the_same_input_changes_nothing(world: World) -> None:
    triples = (
        b'<https://example.org/a> <https://example.org/p> "4.0"^^<' + DECIMAL + b"> .\n"
        b'_:x <https://example.org/p> "\\u0001\\t\\"" .\n'
        b"<https://example.org/a> <https://example.org/q> _:x .\n"
    )
    with world.begin() as transaction:
        transaction.replace_graph(GRAPH, world.written(triples))
    renamed = b"".join(reversed(triples.replace(b"_:x", b"_:other").splitlines(keepends=True)))
    with world.begin() as transaction:
        transaction.replace_graph(GRAPH, world.written(renamed))
    assert transaction.release is None
    assert transaction.verdict is None
    assert world.gate.calls == 1
    assert [r.id for r in world.releases.list()] == ["000001"]


def test_an_empty_transaction_makes_no_release(world: World) -> None:
    with world.begin() as transaction:
        transaction.replace_graph(GRAPH, world.written(b""))
    assert transaction.release is None
    assert world.releases.current() is None
    assert world.gate.calls == 0


def test_a_change_that_is_taken_back_makes_no_release(world: World) -> None:
    with world.begin() as transaction:
        transaction.apply(Change(frozenset(), frozenset({world.quad("one")})))
    with world.begin() as transaction:
        transaction.apply(Change(frozenset({world.quad("one")}), frozenset()))
        transaction.apply(Change(frozenset(), frozenset({world.quad("one")})))
    assert transaction.release is None


def test_emptying_a_graph_removes_it(world: World) -> None:
    with world.begin() as transaction:
        transaction.replace_graph(GRAPH, world.written(world.lines(range(3))))
        transaction.replace_graph(OTHER, world.written(world.lines(range(3))))
    with world.begin() as transaction:
        transaction.replace_graph(GRAPH, world.written(b""))
    assert transaction.release.counts == {OTHER.value: 3}
    assert list(world.opened("000002").named_graphs()) == [OTHER]


def test_a_circle_that_holds_the_store_is_broken(world: World) -> None:
    gc.disable()
    try:
        with world.begin() as transaction:
            transaction.replace_graph(GRAPH, world.written(world.lines(range(3))))
            circle: list[object] = [transaction.store]
            circle.append(circle)
            del circle
    finally:
        gc.enable()
    assert len(world.opened("000001")) == 3


def test_a_refused_change_leaves_no_trace(world: World) -> None:
    with world.begin() as transaction:
        transaction.replace_graph(GRAPH, world.written(world.lines(range(3))))
    before = world.everything()
    world.gate.verdict = type(world.gate.verdict)(accepted=False, violations=2)
    with (
        pytest.raises(ChangeRefused, match="2 violations") as refusal,
        world.begin() as transaction,
    ):
        transaction.replace_graph(GRAPH, world.written(world.lines(range(4))))
    assert refusal.value.verdict is world.gate.verdict is transaction.verdict
    assert transaction.release is None
    assert world.everything() == before
    assert world.releases.current().id == "000001"


def test_an_error_in_the_block_leaves_no_trace(world: World) -> None:
    with world.begin() as transaction:
        transaction.replace_graph(GRAPH, world.written(world.lines(range(3))))
    before = world.everything()
    with pytest.raises(KeyError), world.begin() as transaction:  # noqa: PT012 (both are the point)
        transaction.replace_graph(GRAPH, world.written(world.lines(range(4))))
        raise KeyError
    assert world.everything() == before


def test_a_gate_that_fails_leaves_no_trace(world: World) -> None:
    def gate(_: object) -> NoReturn:
        raise RuntimeError

    with (
        pytest.raises(RuntimeError),
        world.releases.transaction(author="a", message="m", gate=gate) as transaction,
    ):
        transaction.replace_graph(GRAPH, world.written(world.lines(range(4))))
    assert world.releases.current() is None
    assert world.everything() == {"lock", "releases"}


def test_the_gate_sees_what_changed_in_net(world: World) -> None:
    one, two, three = (world.quad(name) for name in ("one", "two", "three"))
    with world.begin() as transaction:
        transaction.replace_graph(GRAPH, world.written(world.lines(["one", "two"])))
    assert world.gate.candidate.change == Change(frozenset(), frozenset({one, two}))
    assert world.gate.candidate.parent is None
    with world.begin() as transaction:
        transaction.replace_graph(GRAPH, world.written(world.lines(["one", "three"])))
        transaction.apply(Change(frozenset({three}), frozenset({two})))
        transaction.apply(Change(frozenset({one}), frozenset({three})))
    assert world.gate.candidate.change == Change(frozenset({one}), frozenset({three}))


def test_a_change_of_too_much_is_not_shown(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vises.store.changelog.MOST", 3)
    with world.begin() as transaction:
        transaction.replace_graph(GRAPH, world.written(world.lines(range(3))))
    assert len(world.gate.candidate.change.added) == 3
    with world.begin() as transaction:
        transaction.replace_graph(GRAPH, world.written(world.lines(range(10, 14))))
    assert world.gate.candidate.change is None
    assert world.gate.candidate.forms == {}


@pytest.mark.parametrize("way", ["loaded", "replaced", "applied", "many"])
def test_the_gate_sees_how_values_were_written(
    world: World, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    subject, predicate = NamedNode("https://example.org/s"), NamedNode("https://example.org/p")
    values = [
        Literal("01", datatype=term("xsd:integer")),
        Literal("5", datatype=term("xsd:int")),
        Literal("2", datatype=term("xsd:integer")),
    ]
    triples = [Triple(subject, predicate, value) for value in values]
    if way == "many":
        monkeypatch.setattr("vises.store.canonical.MOST_FORMS", 1)
    if way != "loaded":
        world.publish(world.quad("other"))
    with world.begin() as transaction:
        if way == "applied":
            quads = frozenset(Quad(*triple, GRAPH) for triple in triples)
            transaction.apply(Change(frozenset(), quads))
        else:
            file = "".join(f"{triple} .\n" for triple in triples).encode()
            transaction.replace_graph(GRAPH, world.written(file))
    stored = {
        Triple(subject, predicate, Literal("1", datatype=term("xsd:integer"))): [values[0]],
        Triple(subject, predicate, Literal("5", datatype=term("xsd:integer"))): [values[1]],
    }
    assert world.gate.candidate.forms == stored
    assert stored.keys() < {quad.triple for quad in world.gate.candidate.change.added}


def test_after_a_load_the_gate_may_open_the_store_in_other_processes(world: World) -> None:
    seen = []

    def opening(candidate: Candidate) -> Verdict:
        with pytest.raises((OSError, RuntimeError)):
            candidate.store.add(world.quad("none"))
        other = Store.read_only(str(candidate.place))
        seen.append((candidate.size, len(other), len(candidate.store)))
        return world.gate.verdict

    with world.releases.transaction(author="a", message="m", gate=opening) as transaction:
        transaction.replace_graph(GRAPH, world.written(world.lines("abc")))
        transaction.annotate = lambda *_: Change(frozenset(), frozenset({world.quad("d")}))
    assert seen == [(3, 3, 3)]
    assert len(world.opened("000001")) == 4
    with world.begin() as transaction:
        transaction.apply(Change(frozenset(), frozenset({world.quad("e")})))
    assert world.gate.candidate.place is None


def test_what_a_gate_keeps_is_there_for_the_next(world: World) -> None:
    def keeping(candidate: Candidate) -> Verdict:
        (candidate.keep / "kept").write_text(candidate.store and str(len(candidate.store)))
        world.gate(candidate)
        return world.gate.verdict

    for names in ("a", "ab"):
        with world.releases.transaction(author="a", message="m", gate=keeping) as transaction:
            transaction.replace_graph(GRAPH, world.written(world.lines(names)))
    assert (world.gate.candidate.parent / "kept").read_text() == "1"
    world.releases.rollback("000001", author="a")
    with world.begin() as transaction:
        transaction.apply(Change(frozenset(), frozenset({world.quad("c")})))
    assert world.gate.candidate.parent.parent.name == "000003"
    assert (world.gate.candidate.parent / "kept").read_text() == "1"
    assert world.releases.verify("000003", Silence(), content=False) == []


def test_what_was_said_of_a_verdict_is_judged_with_the_next_change(world: World) -> None:
    note, other = world.quad("note", graph="b"), world.quad("one")
    with world.begin() as transaction:
        transaction.apply(Change(frozenset(), frozenset({other})))
        transaction.annotate = lambda *_: Change(frozenset(), frozenset({note, other}))
    assert world.gate.candidate.change.added == {other}
    with world.begin() as transaction:
        transaction.apply(Change(frozenset({other}), frozenset()))
    assert world.gate.candidate.change == Change(frozenset({other}), frozenset({note}))
    with world.begin() as transaction:
        transaction.apply(Change(frozenset({note}), frozenset({other})))
    assert world.gate.candidate.change == Change(frozenset({note}), frozenset({other}))


def test_the_gate_sees_no_file_of_a_graph_that_apply_changed(world: World) -> None:
    with world.begin() as transaction:
        transaction.replace_graph(GRAPH, world.written(world.lines(["one", "two"])))
        transaction.replace_graph(OTHER, world.written(world.lines(["one"])))
        transaction.apply(Change(frozenset({world.quad("one")}), frozenset({world.quad("three")})))
    assert dict(world.gate.incoming) == {GRAPH: None, OTHER: world.lines(["one"])}


def test_apply_counts_what_it_really_changes(world: World) -> None:
    decimal = world.quad("number", "4.0")
    typed = Quad(
        decimal.subject,
        decimal.predicate,
        type(decimal.object)("4.0", datatype=term("xsd:decimal")),
        decimal.graph_name,
    )
    with world.begin() as transaction:
        transaction.apply(
            Change(frozenset(), frozenset({world.quad("one"), world.quad("two"), typed}))
        )
    with world.begin() as transaction:
        transaction.apply(
            Change(
                frozenset({world.quad("one"), world.quad("absent"), world.quad("two")}),
                frozenset({world.quad("two"), world.quad("three"), typed}),
            )
        )
        assert set(transaction.store) >= {world.quad("two"), world.quad("three")}
    assert (transaction.release.added, transaction.release.removed) == (1, 1)
    assert transaction.release.counts == {GRAPH.value: 3}


def test_apply_refuses_the_default_graph(world: World) -> None:
    one = world.quad("one")
    stray = Quad(one.subject, one.predicate, one.object, DefaultGraph())
    with pytest.raises(BadRequest, match="named graph"), world.begin() as transaction:
        transaction.apply(Change(frozenset(), frozenset({stray})))


@pytest.mark.parametrize("existing", [False, True])
@pytest.mark.parametrize("blank", [b"", b'_:b <https://example.org/p> "x" .\n'])
def test_broken_triples_are_named_by_line(world: World, *, existing: bool, blank: bytes) -> None:
    if existing:
        with world.begin() as transaction:
            transaction.replace_graph(GRAPH, world.written(world.lines(range(3))))
    broken = world.written(world.lines(range(3)) + blank + b"<https://example.org/a> nonsense .\n")
    before = world.everything()
    with pytest.raises(UnreadableTriples) as problem, world.begin() as transaction:
        transaction.replace_graph(GRAPH, broken)
    assert problem.value.place == f"{broken}:{5 if blank else 4}"
    assert world.everything() - {"lock", "releases"} == before - {"lock", "releases"}


@pytest.mark.parametrize("term", [b"<relative>", b"<http://[>", b'"\xff"'])
@pytest.mark.parametrize("published", [False, True])
def test_a_line_that_only_looks_right_is_named(
    world: World, *, term: bytes, published: bool
) -> None:
    if published:
        with world.begin() as transaction:
            transaction.replace_graph(GRAPH, world.written(world.lines(range(9))))
    path = world.written(world.lines(range(9)) + b"<urn:s> <urn:p> %b .\n" % term)
    with pytest.raises(UnreadableTriples) as problem, world.begin() as transaction:
        transaction.replace_graph(GRAPH, path)
    assert problem.value.place == f"{path}:10"


def test_a_file_that_is_not_there(world: World) -> None:
    with pytest.raises(UnreadableTriples, match="no such file"), world.begin() as transaction:
        transaction.replace_graph(GRAPH, world.folder / "none.nt")


def test_two_writers_wait_for_each_other(world: World) -> None:
    entered = threading.Event()

    def other() -> None:
        with world.begin() as transaction:
            entered.set()
            time.sleep(0.3)
            transaction.apply(Change(frozenset(), frozenset({world.quad("other")})))

    thread = threading.Thread(target=other)
    thread.start()
    entered.wait()
    with world.begin() as transaction:
        transaction.apply(Change(frozenset(), frozenset({world.quad("mine")})))
    thread.join()
    assert set(world.opened("000002")) == {world.quad("other"), world.quad("mine")}


def test_the_lock_says_who_holds_it(world: World) -> None:
    with (
        world.begin(),
        pytest.raises(StoreBusy, match=r"process \d+ on .* since 20") as busy,
        world.begin(wait_seconds=0.1),
    ):
        pass
    assert busy.value.place == str(world.data / "lock")


def test_the_clock_may_jump_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with world.begin() as transaction:
        transaction.apply(Change(frozenset(), frozenset({world.quad("one")})))
    first = transaction.release

    clock = Mock(now=Mock(return_value=first.created.replace(year=1999)))
    monkeypatch.setattr("vises.store.transaction.datetime", clock)
    with world.begin() as transaction:
        transaction.apply(Change(frozenset(), frozenset({world.quad("two")})))
    assert world.releases.current().id == "000002"
    assert world.releases.current().created < first.created


@pytest.mark.parametrize("place", ["a file/data", "/sys/vises"])
def test_a_folder_that_cannot_be_made(world: World, place: str) -> None:
    (world.folder / "a file").touch()
    folder = world.folder / place
    with (
        pytest.raises(DataFolderError) as problem,
        ReleaseStore(folder).transaction(author="a", message="m", gate=world.gate),
    ):
        pass
    assert problem.value.place.startswith(str(folder.parent))
    assert "VISES_DATA" in problem.value.remedy


def test_a_full_disk(world: World) -> None:
    with world.begin() as transaction:
        transaction.apply(Change(frozenset(), frozenset({world.quad("one")})))
    before = world.everything()
    script = """
import sys
from pathlib import Path
from pyoxigraph import NamedNode
from vises.errors import Unavailable
from vises.store.releases import ReleaseStore
data, triples = map(Path, sys.argv[1:])
try:
    with ReleaseStore(data).transaction(author="a", message="m", gate=None) as transaction:
        transaction.replace_graph(NamedNode("https://example.org/graph/b"), triples)
except Unavailable as error:
    print(error.remedy)
"""
    # A file may not grow over 300 kB: it is how a disk that fills up looks to the process.
    done = subprocess.run(
        [sys.executable, "-c", script, world.data, world.written(world.lines(range(100_000)))],
        check=True,
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000)),
    )
    assert done.stdout.strip(), done.stderr
    assert world.everything() == before
    assert set(world.opened(world.releases.current().id)) == {world.quad("one")}


def test_an_emptied_snapshot_stops_the_transaction(world: World) -> None:
    world.publish(world.quad("one"))
    for path in (world.data / "releases/000001/store").iterdir():
        path.unlink()
    with pytest.raises(Unavailable, match="cannot be read"), world.begin():
        pass
    assert [r.id for r in world.releases.list()] == ["000001"]


def test_a_damaged_snapshot_stops_the_transaction(world: World) -> None:
    with world.begin() as transaction:
        transaction.apply(Change(frozenset(), frozenset({world.quad("one")})))
    (world.data / "releases/000001/store/CURRENT").unlink()
    with pytest.raises(Unavailable, match="cannot be read"), world.begin():
        pass


@pytest.mark.parametrize("fails", [False, True])
def test_an_error_that_is_kept_does_not_keep_the_store_open(world: World, *, fails: bool) -> None:
    def gate(candidate: Candidate) -> Verdict:
        store = candidate.store
        with explained(Path("a file of the judge")):
            if fails:
                raise OSError(len(store))
        return replace(world.gate.verdict, accepted=False)

    begun = world.releases.transaction(author="a", message="m", gate=gate)
    with pytest.raises(VisesError) as kept, begun as transaction:
        transaction.apply(Change(frozenset(), frozenset({world.quad("one")})))
    assert kept.tb is not None
    held = [os.path.realpath(file) for file in Path("/proc/self/fd").iterdir()]
    assert not [file for file in held if file.startswith(str(world.data))]
    assert world.publish(world.quad("two")) == "000001"
