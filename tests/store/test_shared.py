"""A newer file is compared with the change that made the graph, run by run."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode

from vises.store import runs, shared
from vises.store.canonical import Forms
from vises.store.difference import ADD, DELETE, net_effect
from vises.store.patch import PatchDamaged, PatchWriter

if TYPE_CHECKING:
    from pathlib import Path

GRAPH = NamedNode("http://g/a")
TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
THINGS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 2)), max_size=12, unique=True)


def triples(things: list[tuple[int, int]]) -> list[bytes]:
    """Return the lines about some things: a type, a value, and a line that others have too."""
    return [
        line.encode()
        for thing, value in things
        for line in (
            f"<http://e/{thing}> {TYPE} <http://e/C> .\n",
            f'<http://e/{thing}> <http://e/p> "{value}" .\n',
            f'<http://e/{thing % 3}> <http://e/q> "shared" .\n',
        )
    ]


def in_graph(lines: list[bytes]) -> list[bytes]:
    return [line.replace(b" .\n", b" <http://g/a> .\n") for line in lines]


@settings(deadline=None)
@given(
    st.tuples(THINGS, THINGS, THINGS), st.sampled_from([2, 1 << 20]), st.sampled_from([0, 3, 99])
)
def test_what_is_left_says_the_same(
    tmp_path_factory: pytest.TempPathFactory,
    things: tuple[list[tuple[int, int]], ...],
    chunk: int,
    most: int,
) -> None:
    folder = tmp_path_factory.mktemp("work")
    states = [set(in_graph(triples(some))) for some in things]
    later = [
        (DELETE, sorted(states[0] - states[1])),
        (ADD, sorted(states[1] - states[0])),
    ]
    with PatchWriter(folder / "change", "1", None) as patch:
        patch.write("http://g/b", (), [b"<http://e/1> <http://e/p> <http://e/1> <http://g/b> .\n"])
        patch.write(GRAPH.value, (), [*dict.fromkeys(in_graph(triples(things[0])))])
        patch.finish()
    (folder / "new.nt").write_bytes(b"".join(triples(things[2])))
    compared = shared.SharedRuns(folder / "change", folder / "new.nt", GRAPH, folder)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(runs, "CHUNK_BYTES", chunk)
        patched.setattr(shared, "MOST_RUNS", most)
        (found,) = net_effect(compared.operations(later, Forms()), 1, folder)
    assert found.removed == states[1] - states[2]
    assert found.added - states[1] == states[2] - states[1]
    assert found.before + compared.lines == len(states[1])
    assert sorted(path.name for path in folder.iterdir()) == ["change", "new.nt"]


def changed(folder: Path) -> shared.SharedRuns:
    """Write the change that made a graph of 997 things, and a file in which one has changed."""
    things = [(n, 0) for n in range(3, 1000)]
    with PatchWriter(folder / "change", "1", None) as patch:
        patch.write(GRAPH.value, (), [*dict.fromkeys(in_graph(triples(things)))])
        patch.finish()
    things[500] = (503, 1)
    (folder / "new.nt").write_bytes(b"".join(dict.fromkeys(triples(things))))
    return shared.SharedRuns(folder / "change", folder / "new.nt", GRAPH, folder)


def left_of(compared: shared.SharedRuns) -> list[bytes]:
    return [line for _, some in compared.operations([], Forms()) for line in some]


def test_what_stayed_is_not_compared_line_by_line(tmp_path: Path) -> None:
    compared = changed(tmp_path)
    assert len(left_of(compared)) < 30
    assert compared.lines > 1900


def test_a_large_change_is_listed_by_a_process_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = left_of(changed(tmp_path))

    def not_here(*_: object) -> None:
        pytest.fail("the process did not list the change")

    monkeypatch.setattr(runs, "LARGE_BYTES", 0)
    monkeypatch.setattr(runs, "_list", not_here)
    assert left_of(changed(tmp_path)) == here
    assert sorted(path.name for path in tmp_path.iterdir()) == ["change", "new.nt"]


def test_a_process_that_dies_is_no_loss(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = left_of(changed(tmp_path))
    start = runs._start

    def killed(change: Path, mark: bytes, target: Path) -> subprocess.Popen[bytes]:
        process = start(change, mark, target)
        assert process
        process.kill()
        return process

    monkeypatch.setattr(runs, "LARGE_BYTES", 0)
    monkeypatch.setattr(runs, "_start", killed)
    assert left_of(changed(tmp_path)) == here


def test_where_no_process_can_be_started_the_work_is_done_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    here = left_of(changed(tmp_path))
    monkeypatch.setattr(runs, "LARGE_BYTES", 0)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-python"))
    assert left_of(changed(tmp_path)) == here
    assert "No process could be started" in caplog.text


def test_the_process_does_not_outlive_who_asked_for_it(tmp_path: Path) -> None:
    changed(tmp_path)
    command = [sys.executable, "-P", "-m", "vises.store.runs", "512", "1"]  # 1 is not its parent
    arguments = [tmp_path / "change", b"x".hex(), tmp_path / "runs"]
    done = subprocess.run([*command, *arguments], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "The service is gone.\n")
    assert not (tmp_path / "runs").exists()


def test_a_change_that_is_not_there_is_told_as_damaged(tmp_path: Path) -> None:
    compared = changed(tmp_path)
    (tmp_path / "change").unlink()
    with pytest.raises(PatchDamaged, match="change"):
        left_of(compared)


def test_a_damaged_change_is_told_as_such_whoever_reads_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared = changed(tmp_path)
    data = (tmp_path / "change").read_bytes()
    (tmp_path / "change").write_bytes(data[: len(data) // 2])
    for least in (0, 1 << 20):
        monkeypatch.setattr(runs, "LARGE_BYTES", least)
        with pytest.raises(PatchDamaged, match="change"):
            left_of(compared)
        assert not (tmp_path / "runs").exists()
