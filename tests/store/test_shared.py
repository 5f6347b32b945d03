"""A newer file is compared with the change that made the graph, run by run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode

from vises.store import shared
from vises.store.canonical import Forms
from vises.store.difference import ADD, DELETE, net_effect
from vises.store.patch import PatchWriter

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
    runs = shared.SharedRuns(folder / "change", folder / "new.nt", GRAPH, folder)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(shared, "_CHUNK_BYTES", chunk)
        patched.setattr(shared, "MOST_RUNS", most)
        (found,) = net_effect(runs.operations(later, Forms()), 1, folder)
    assert found.removed == states[1] - states[2]
    assert found.added - states[1] == states[2] - states[1]
    assert found.before + runs.lines == len(states[1])
    assert sorted(path.name for path in folder.iterdir()) == ["change", "new.nt"]


def test_what_stayed_is_not_compared_line_by_line(tmp_path: Path) -> None:
    things = [(n, 0) for n in range(3, 1000)]
    lines = in_graph(triples(things))
    with PatchWriter(tmp_path / "change", "1", None) as patch:
        patch.write(GRAPH.value, (), [*dict.fromkeys(lines)])
        patch.finish()
    things[500] = (503, 1)
    (tmp_path / "new.nt").write_bytes(b"".join(dict.fromkeys(triples(things))))
    runs = shared.SharedRuns(tmp_path / "change", tmp_path / "new.nt", GRAPH, tmp_path)
    left = [line for kind, some in runs.operations([], Forms()) for line in some]
    assert len(left) < 30
    assert runs.lines > 1900
