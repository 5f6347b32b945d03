from __future__ import annotations

import resource
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import DefaultGraph, NamedNode, Quad

from vises.errors import BadRequest, Unavailable
from vises.namespaces import term
from vises.store.blanks import UnreadableTriples
from vises.store.digest import Tally
from vises.store.files import DataFolderError
from vises.store.lock import StoreBusy
from vises.store.releases import ReleaseStore
from vises.store.transaction import Change, ChangeRefused

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from vises.store.transaction import Transaction

GRAPH = NamedNode("https://example.org/graph/a")
OTHER = NamedNode("https://example.org/graph/b")

Begin = "Callable[[], AbstractContextManager[Transaction]]"


@pytest.fixture
def begin(releases: ReleaseStore, gate) -> Begin:
    def transaction(wait_seconds: float = 10) -> AbstractContextManager[Transaction]:
        return releases.transaction(
            author="a tester", message="a test", gate=gate, wait_seconds=wait_seconds
        )

    return transaction


def everything(root: Path) -> set[str]:
    return {str(p.relative_to(root)) for p in root.rglob("*")} if root.exists() else set()


def test_first_release(releases, begin, gate, written, lines, tmp_path):
    with begin() as transaction:
        transaction.replace_graph(GRAPH, written(lines(range(3))))
    release = releases.current()
    assert release == transaction.release
    assert (release.id, release.parent) == ("000001", None)
    assert (release.author, release.message) == ("a tester", "a test")
    assert (release.added, release.removed) == (3, 0)
    assert release.counts == {GRAPH.value: 3}
    assert len(releases.open("000001")) == 3
    assert releases.report("000001").read_bytes() == gate.verdict.turtle()
    assert transaction.verdict is gate.verdict
    assert gate.calls == 1
    assert gate.incoming == [(GRAPH, lines(range(3)))]
    assert sorted(p.name for p in (tmp_path / "data").iterdir()) == ["current", "lock", "releases"]


def test_a_release_does_not_see_the_next_one(releases, begin, quad):
    with begin() as transaction:
        transaction.apply(Change(frozenset(), frozenset({quad("one")})))
    held = releases.open("000001")
    with begin() as transaction:
        transaction.apply(Change(frozenset({quad("one")}), frozenset({quad("two"), quad("three")})))
    assert set(held) == set(releases.open("000001")) == {quad("one")}
    assert set(releases.open("000002")) == {quad("two"), quad("three")}
    assert [(r.id, r.parent, r.added, r.removed) for r in releases.list()] == [
        ("000002", "000001", 2, 1),
        ("000001", None, 1, 0),
    ]


def test_replacing_a_graph_commits_only_what_differs(releases, begin, gate, written, lines):
    with begin() as transaction:
        transaction.replace_graph(GRAPH, written(lines(range(25_000))))
    with begin() as transaction:
        transaction.replace_graph(GRAPH, written(lines(range(10, 25_020))))
        transaction.replace_graph(OTHER, written(lines(range(2))))
    release = transaction.release
    assert (release.added, release.removed) == (22, 10)
    assert release.counts == {GRAPH.value: 25_010, OTHER.value: 2}
    store = releases.open(release.id)
    for graph in (GRAPH, OTHER):
        tally = Tally.of_graph(store, graph)
        assert (tally.count, tally.digest) == (
            release.counts[graph.value],
            release.digests[graph.value],
        )
    assert [graph for graph, _ in gate.incoming] == [GRAPH, OTHER]


def test_the_same_input_changes_nothing(releases, begin, gate, written):
    triples = (
        b'<https://example.org/a> <https://example.org/p> "4.0"^^<http://www.w3.org/2001/XMLSchema#decimal> .\n'
        b'_:x <https://example.org/p> "\\u0001\\t\\"" .\n'
        b"<https://example.org/a> <https://example.org/q> _:x .\n"
    )
    with begin() as transaction:
        transaction.replace_graph(GRAPH, written(triples))
    renamed = b"".join(reversed(triples.replace(b"_:x", b"_:other").splitlines(keepends=True)))
    with begin() as transaction:
        transaction.replace_graph(GRAPH, written(renamed))
    assert transaction.release is None
    assert transaction.verdict is None
    assert gate.calls == 1
    assert [r.id for r in releases.list()] == ["000001"]


def test_an_empty_transaction_makes_no_release(releases, begin, gate, written):
    with begin() as transaction:
        transaction.replace_graph(GRAPH, written(b""))
    assert transaction.release is None
    assert releases.current() is None
    assert gate.calls == 0


def test_a_change_that_is_taken_back_makes_no_release(releases, begin, quad):
    with begin() as transaction:
        transaction.apply(Change(frozenset(), frozenset({quad("one")})))
    with begin() as transaction:
        transaction.apply(Change(frozenset({quad("one")}), frozenset()))
        transaction.apply(Change(frozenset(), frozenset({quad("one")})))
    assert transaction.release is None


def test_emptying_a_graph_removes_it(releases, begin, written, lines):
    with begin() as transaction:
        transaction.replace_graph(GRAPH, written(lines(range(3))))
        transaction.replace_graph(OTHER, written(lines(range(3))))
    with begin() as transaction:
        transaction.replace_graph(GRAPH, written(b""))
    assert transaction.release.counts == {OTHER.value: 3}
    assert list(releases.open("000002").named_graphs()) == [OTHER]


def test_a_refused_change_leaves_no_trace(releases, begin, gate, written, lines, tmp_path):
    with begin() as transaction:
        transaction.replace_graph(GRAPH, written(lines(range(3))))
    before = everything(tmp_path / "data")
    gate.verdict = type(gate.verdict)(accepted=False, violations=2)
    with pytest.raises(ChangeRefused, match="2 violations") as refusal, begin() as transaction:
        transaction.replace_graph(GRAPH, written(lines(range(4))))
    assert refusal.value.verdict is gate.verdict is transaction.verdict
    assert transaction.release is None
    assert everything(tmp_path / "data") == before
    assert releases.current().id == "000001"


def test_an_error_in_the_block_leaves_no_trace(releases, begin, written, lines, tmp_path):
    with begin() as transaction:
        transaction.replace_graph(GRAPH, written(lines(range(3))))
    before = everything(tmp_path / "data")
    with pytest.raises(KeyError), begin() as transaction:
        transaction.replace_graph(GRAPH, written(lines(range(4))))
        raise KeyError
    assert everything(tmp_path / "data") == before


def test_a_gate_that_fails_leaves_no_trace(releases, written, lines, tmp_path):
    def gate(_):
        raise RuntimeError

    with (
        pytest.raises(RuntimeError),
        releases.transaction(author="a", message="m", gate=gate) as transaction,
    ):
        transaction.replace_graph(GRAPH, written(lines(range(4))))
    assert releases.current() is None
    assert everything(tmp_path / "data") == {"lock", "releases"}


def test_the_gate_sees_what_lost_its_type(begin, gate, written):
    typed = (
        b"<https://example.org/a> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://example.org/C> .\n"
        b"<https://example.org/b> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://example.org/C> .\n"
    )
    with begin() as transaction:
        transaction.replace_graph(GRAPH, written(typed))
        transaction.replace_graph(OTHER, written(typed.splitlines(keepends=True)[1]))
    with begin() as transaction:
        transaction.replace_graph(GRAPH, written(b""))
    assert gate.untyped == {NamedNode("https://example.org/a")}
    assert gate.incoming == [(GRAPH, b"")]


def test_the_gate_sees_the_whole_of_a_graph_that_apply_changed(begin, gate, written, lines, quad):
    with begin() as transaction:
        transaction.replace_graph(GRAPH, written(lines(["one", "two"])))
        transaction.replace_graph(OTHER, written(lines(["one"])))
    with begin() as transaction:
        transaction.apply(Change(frozenset({quad("one")}), frozenset({quad("three")})))
    ((graph, triples),) = gate.incoming
    assert graph == GRAPH
    assert sorted(triples.splitlines()) == sorted(lines(["two", "three"]).splitlines())


def test_apply_counts_what_it_really_changes(begin, quad):
    decimal = quad("number", "4.0")
    typed = Quad(
        decimal.subject,
        decimal.predicate,
        type(decimal.object)("4.0", datatype=term("xsd:decimal")),
        decimal.graph_name,
    )
    with begin() as transaction:
        transaction.apply(Change(frozenset(), frozenset({quad("one"), quad("two"), typed})))
    with begin() as transaction:
        transaction.apply(
            Change(
                frozenset({quad("one"), quad("absent"), quad("two")}),
                frozenset({quad("two"), quad("three"), typed}),
            )
        )
        assert set(transaction.store) >= {quad("two"), quad("three")}
    assert (transaction.release.added, transaction.release.removed) == (1, 1)
    assert transaction.release.counts == {GRAPH.value: 3}


def test_apply_refuses_the_default_graph(begin, quad):
    one = quad("one")
    stray = Quad(one.subject, one.predicate, one.object, DefaultGraph())
    with pytest.raises(BadRequest, match="named graph"), begin() as transaction:
        transaction.apply(Change(frozenset(), frozenset({stray})))


@pytest.mark.parametrize("existing", [False, True])
@pytest.mark.parametrize("blank", [b"", b'_:b <https://example.org/p> "x" .\n'])
def test_broken_triples_are_named_by_line(
    releases, begin, written, lines, tmp_path, existing, blank
):
    if existing:
        with begin() as transaction:
            transaction.replace_graph(GRAPH, written(lines(range(3))))
    broken = written(lines(range(3)) + blank + b"<https://example.org/a> nonsense .\n")
    before = everything(tmp_path / "data")
    with pytest.raises(UnreadableTriples) as problem, begin() as transaction:
        transaction.replace_graph(GRAPH, broken)
    assert problem.value.place == f"{broken}:{5 if blank else 4}"
    assert everything(tmp_path / "data") - {"lock", "releases"} == before - {"lock", "releases"}


def test_a_file_that_is_not_there(begin, tmp_path):
    with pytest.raises(UnreadableTriples, match="no such file"), begin() as transaction:
        transaction.replace_graph(GRAPH, tmp_path / "none.nt")


def test_two_writers_wait_for_each_other(begin, releases, quad):
    entered = threading.Event()

    def other() -> None:
        with begin() as transaction:
            entered.set()
            time.sleep(0.3)
            transaction.apply(Change(frozenset(), frozenset({quad("other")})))

    thread = threading.Thread(target=other)
    thread.start()
    entered.wait()
    with begin() as transaction:
        transaction.apply(Change(frozenset(), frozenset({quad("mine")})))
    thread.join()
    assert set(releases.open("000002")) == {quad("other"), quad("mine")}


def test_the_lock_says_who_holds_it(begin, tmp_path):
    with (
        begin(),
        pytest.raises(StoreBusy, match=r"process \d+ on .* since 20") as busy,
        begin(wait_seconds=0.1),
    ):
        pass
    assert busy.value.place == str(tmp_path / "data" / "lock")


def test_the_clock_may_jump_back(releases, begin, quad, monkeypatch):
    with begin() as transaction:
        transaction.apply(Change(frozenset(), frozenset({quad("one")})))
    first = transaction.release

    class Past(type(first.created)):
        @classmethod
        def now(cls, tz=None):
            return first.created.replace(year=1999)

    monkeypatch.setattr("vises.store.transaction.datetime", Past)
    with begin() as transaction:
        transaction.apply(Change(frozenset(), frozenset({quad("two")})))
    assert releases.current().id == "000002"
    assert releases.current().created < first.created


@pytest.mark.parametrize("place", ["a file/data", "/sys/vises"])
def test_a_folder_that_cannot_be_made(tmp_path, gate, place):
    (tmp_path / "a file").touch()
    folder = tmp_path / place
    with (
        pytest.raises(DataFolderError) as problem,
        ReleaseStore(folder).transaction(author="a", message="m", gate=gate),
    ):
        pass
    assert problem.value.place.startswith(str(folder.parent))
    assert "VISES_DATA" in problem.value.remedy


def test_a_full_disk(releases, begin, written, lines, quad, tmp_path):
    with begin() as transaction:
        transaction.apply(Change(frozenset(), frozenset({quad("one")})))
    before = everything(tmp_path / "data")
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
        [sys.executable, "-c", script, tmp_path / "data", written(lines(range(100_000)))],
        check=True,
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000)),
    )
    assert done.stdout.strip(), done.stderr
    assert everything(tmp_path / "data") == before
    assert set(releases.open(releases.current().id)) == {quad("one")}


def test_a_damaged_snapshot_stops_the_transaction(begin, quad, tmp_path):
    with begin() as transaction:
        transaction.apply(Change(frozenset(), frozenset({quad("one")})))
    (tmp_path / "data/releases/000001/store/CURRENT").unlink()
    with pytest.raises(Unavailable, match="cannot be opened"), begin():
        pass
