"""Bringing an engine to a release: whole graphs, changes, interruptions, bulk files."""

from __future__ import annotations

import gzip
import hashlib
import json
from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest
from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from vises.store.engine import RESULTS_TYPES, QueryRequest
from vises.store.remote.bulk import FolderNotEmpty, write_files
from vises.store.remote.client import RemoteClient, RemoteWriteFailed
from vises.store.remote.commands import loading_commands
from vises.store.remote.push import QUADS_PER_UPDATE, Step
from vises.store.remote.replica import ReplicaDiffers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.remote.conftest import Server, Silent, World
    from vises.store.releases import Release

pytestmark = pytest.mark.remote

DATA = 'g:one { :a :p 1, "é" . :b :p [ :q :a ] } g:two { :c :p 2 } g:three { :d :p 3 }'
COUNTS = "SELECT ?g (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"


def counts(world: World, server: Server, release: Release) -> dict[str, int]:
    body = world.ask(server.address.query, COUNTS, release)
    rows = json.loads(body)["results"]["bindings"]
    return {row["g"]["value"]: int(row["n"]["value"]) for row in rows}


def step(before: Release, added: list[Quad], removed: list[Quad] | None = None) -> Step:
    gone = removed or []
    return Step(
        before.digests,
        lambda: iter([*((False, quad) for quad in gone), *((True, quad) for quad in added)]),
    )


def test_a_release_in_full_and_once_more(world: World, server: Server) -> None:
    release = world.publish(world.quads(DATA))
    assert sorted(world.push(server, release).whole) == sorted(release.counts)
    assert counts(world, server, release) == release.counts
    again = world.push(server, release)
    assert (again.whole, again.changed, again.removed) == ([], [], [])


def test_only_what_differs_is_put_and_what_is_gone_is_removed(world: World, server: Server) -> None:
    first = world.publish(world.quads(DATA))
    world.push(server, first)
    second = world.publish(
        world.quads("g:two { :c :p 4 } g:four { :e :p 5 }"), world.quads("g:three { :d :p 3 }")
    )
    done = world.push(server, second)
    assert sorted(done.whole) == [world.graph("four").value, world.graph("two").value]
    assert done.removed == [world.graph("three").value]
    assert counts(world, server, second) == second.counts


def test_a_change_is_sent_as_a_change(world: World, server: Server) -> None:
    first = world.publish(world.quads(DATA + " g:two { :k :p 10, 11, 12 }"))
    world.push(server, first)
    added = world.quads('g:two { :c :p "quote \\" brace } and \\\\ \\n line", "é"@fr, 2.5 }')
    removed = world.quads("g:two { :c :p 2 }")
    second = world.publish(added, removed)
    done = world.push(server, second, step(first, added, removed))
    assert (done.whole, done.changed, done.quads) == ([], [world.graph("two").value], 4)
    query = f"SELECT ?o WHERE {{ GRAPH ?g {{ <{world.base}c> ?p ?o }} }} ORDER BY STR(?o)"
    request = QueryRequest(query, RESULTS_TYPES[3], None, named_graphs=(world.graph("two").value,))
    lines = world.ask(server.address.query, request, second).decode().splitlines()
    assert lines[1:] == ["2.5", '"quote \\" brace } and \\\\ \\n line"', '"é"@fr']


def test_a_large_change_goes_in_parts(world: World, server: Server) -> None:
    first = world.publish(
        world.quads("g:two { " + "".join(f":s :p {n} . " for n in range(2000)) + "}")
    )
    world.push(server, first)
    added = world.quads("g:two { " + "".join(f":t :p {n} . " for n in range(900)) + "}")
    assert len(added) > QUADS_PER_UPDATE
    second = world.publish(added)
    done = world.push(server, second, step(first, added))
    assert (done.whole, done.quads) == ([], 900)
    assert counts(world, server, second) == {world.graph("two").value: 2900}


def test_a_graph_whose_change_has_blank_nodes_is_put_whole(world: World, server: Server) -> None:
    first = world.publish(world.quads(DATA))
    world.push(server, first)
    added = world.quads("g:one { :n :p [ :q :b ] } g:two { :c :p 9 }")
    second = world.publish(added)
    done = world.push(server, second, step(first, added))
    assert (done.whole, done.changed) == ([world.graph("one").value], [world.graph("two").value])
    assert counts(world, server, second) == second.counts


def test_a_graph_whose_change_has_triple_terms_is_put_whole(world: World, oxigraph: Server) -> None:
    """Virtuoso 7.2 knows no triple terms at all."""
    first = world.publish(world.quads("g:one { :a :p 1, 2, 3 }"))
    world.push(oxigraph, first)
    (quad,) = world.quads("g:one { :a :p <<( :b :q :c )>> }")
    second = world.publish([quad])
    assert world.push(oxigraph, second, step(first, [quad])).whole == [world.graph("one").value]
    third = world.publish([], [quad])
    done = world.push(oxigraph, third, step(second, [], [quad]))
    assert done.whole == [world.graph("one").value]
    assert counts(world, oxigraph, third) == third.counts


def test_a_change_of_what_the_engine_does_not_hold_is_not_applied(
    world: World, server: Server
) -> None:
    first = world.publish(world.quads(DATA))
    second = world.publish(world.quads("g:two { :c :p 3 }"))
    third = world.publish(world.quads("g:two { :c :p 4 }"))
    world.push(server, first)
    done = world.push(server, third, step(second, world.quads("g:two { :c :p 4 }")))
    assert (done.whole, done.changed) == ([world.graph("two").value], [])
    assert counts(world, server, third) == third.counts


class Stopped(Exception):
    """The push ends here."""


@pytest.mark.parametrize("writes", range(1, 6))
def test_an_interrupted_push_is_seen_and_taken_up(
    world: World, server: Server, monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    monkeypatch.setattr("vises.store.remote.push.BYTES_PER_NOTE", 1)
    first = world.publish(world.quads(DATA))
    world.push(server, first)
    second = world.publish(world.quads("g:one { :x :p 1 } g:two { :x :p 1 } g:three { :x :p 1 }"))
    send, left = RemoteClient.put, iter(range(writes))

    def some(self: RemoteClient, *arguments: object) -> None:
        if next(left, None) is None:
            raise Stopped
        send(self, *arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(RemoteClient, "put", some)
        with pytest.raises(Stopped):
            world.push(server, second)
    for release in (first, second):
        with pytest.raises(ReplicaDiffers, match="no whole release"):
            world.ask(server.address.query, COUNTS, release)
    done = world.push(server, second)
    assert len(done.whole) == 3 - (writes - 1) // 2
    assert counts(world, server, second) == second.counts


@pytest.mark.parametrize("updates", [0, 1])
def test_an_interrupted_change_is_put_whole(
    world: World, server: Server, monkeypatch: pytest.MonkeyPatch, updates: int
) -> None:
    first = world.publish(
        world.quads("g:two { " + "".join(f":s :p {n} . " for n in range(900)) + "}")
    )
    world.push(server, first)
    added = world.quads("g:two { " + "".join(f":t :p {n} . " for n in range(600)) + "}")
    second = world.publish(added)
    send, left = RemoteClient.update, iter(range(updates))

    def some(self: RemoteClient, *arguments: object) -> None:
        if next(left, None) is None:
            raise Stopped
        send(self, *arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(RemoteClient, "update", some)
        with pytest.raises(Stopped):
            world.push(server, second, step(first, added))
    done = world.push(server, second, step(first, added))
    assert (done.whole, done.changed) == ([world.graph("two").value], [])
    assert counts(world, server, second) == second.counts


def test_a_push_during_an_answer_breaks_it(world: World, oxigraph: Server) -> None:
    many = "g:one { " + "".join(f":s{n} :p {n} . " for n in range(4000)) + "}"
    first = world.publish(world.quads(many))
    second = world.publish(world.quads("g:two { :x :p 1 }"))
    world.push(oxigraph, first)
    try:
        with pytest.raises(ReplicaDiffers):
            world.ask(
                oxigraph.address.query,
                "SELECT * WHERE { ?s ?p ?o }",
                first,
                meanwhile=lambda: world.push(oxigraph, second),
            )
    finally:
        oxigraph.clean()


def test_an_engine_that_lost_statements_is_not_believed(
    world: World, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = world.publish(world.quads(DATA))
    send = RemoteClient.put

    def short(
        self: RemoteClient, graph: NamedNode, _: int, body: Callable[[], Iterator[bytes]]
    ) -> None:
        lines = b"".join(body()).splitlines(keepends=True)
        kept = b"".join(lines[:-1]) if graph == world.graph("one") else b"".join(lines)
        send(self, graph, len(kept), lambda: iter([kept]))

    with monkeypatch.context() as patch:
        patch.setattr(RemoteClient, "put", short)
        with pytest.raises(RemoteWriteFailed, match="graph/one"):
            world.push(server, release)
    assert world.graph("one").value in world.push(server, release).whole


def test_bulk_files_hold_the_release(world: World, tmp_path: Path, silent: type[Silent]) -> None:
    release = world.publish(world.quads(DATA))
    folder, progress = tmp_path / "files", silent()
    with world.releases.open(release.id) as store:
        manifest = write_files(
            release, store, folder, base_iri=world.base, progress=progress, quads_per_part=2
        )
        quads = set(store)
    assert json.loads((folder / "manifest.json").read_text("utf-8")) == manifest
    read = list(bulk_quads(folder))
    assert set(read) == quads
    assert len(read) == progress.done == manifest["quads"] == 6
    parts: Any = manifest["parts"]
    assert [part["quads"] for part in parts] == [2, 2, 2]
    for part in parts:
        assert part["sha256"] == hashlib.sha256((folder / part["name"]).read_bytes()).hexdigest()
    with world.releases.open(release.id) as store, pytest.raises(FolderNotEmpty):
        write_files(release, store, folder, base_iri=world.base, progress=progress)


def bulk_quads(folder: Path) -> Iterator[Quad]:
    for path in sorted(folder.glob("part-*.nq.gz")):
        yield from parse(gzip.decompress(path.read_bytes()), format=RdfFormat.N_QUADS)


def test_virtuoso_loads_the_bulk_files_by_the_commands_of_the_documentation(
    world: World, virtuoso: Server, silent: type[Silent]
) -> None:
    release = world.publish(world.quads(DATA))
    folder = virtuoso.folder / "bulk"
    with world.releases.open(release.id) as store:
        write_files(
            release, store, folder, base_iri=world.base, progress=silent(), quads_per_part=2
        )
    commands = loading_commands("virtuoso", folder).splitlines()
    script = list(
        islice(commands, commands.index(next(c for c in commands if "<<" in c)) + 1, None)
    )
    virtuoso.isql("\n".join(script[: script.index("SQL")]) + "\n")
    try:
        assert counts(world, virtuoso, release) == release.counts
        assert world.push(virtuoso, release).whole == []
    finally:
        virtuoso.clean()
