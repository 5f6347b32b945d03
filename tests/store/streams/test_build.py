"""The pages of a stream: what becomes a member, and what never changes again."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import BlankNode, NamedNode, Quad, RdfFormat, parse

from vises.store.releases import Release, ReleaseStore
from vises.store.retention import Retention
from vises.store.streams import pages
from vises.store.streams.build import StreamBuilder, built
from vises.store.streams.pages import Index, Page, StreamDamaged, StreamFolder
from vises.store.streams.terms import StreamIris, name
from vises.store.transaction import Change

if TYPE_CHECKING:
    from tests.store.conftest import World

BASE = "https://example.org/"


def build(world: World, *closed: str, releases: ReleaseStore | None = None) -> None:
    store = releases or world.releases
    StreamBuilder(world.data, store, BASE).build(store.ids()[0], closed)


def stream(world: World, graph: str = "a") -> tuple[StreamFolder, Index]:
    folder = StreamFolder(world.data / "streams" / graph)
    index = folder.index()
    assert index is not None
    return folder, index


def content(world: World, graph: str = "a") -> list[Page]:
    folder, index = stream(world, graph)
    return [folder.read(listed) for listed in index.pages]


def told(page: Page) -> list[tuple[str, str, int]]:
    """Return for each member the thing, what happened to it and how much is said of it."""
    quads = list(parse(bytes(page.body), RdfFormat.N_QUADS))
    found = []
    for iri in map(NamedNode, page.members):
        said = {q.predicate: q.object for q in quads if q.subject == iri}
        size = sum(q.graph_name == iri for q in quads)
        thing = said[name("dcterms:isVersionOf")].value.removeprefix(BASE)
        found.append((thing, said[name("rdf:type")].value.rpartition("#")[2], size))
    return found


def change(world: World, removed: list[Quad], added: list[Quad]) -> None:
    with world.begin() as transaction:
        transaction.apply(Change(frozenset(removed), frozenset(added)))


def test_each_thing_is_told_of_as_it_is_after_the_change(world: World) -> None:
    world.publish(world.quad("x"), world.quad("y"), world.quad("z", graph="b"))
    change(world, [world.quad("y")], [world.quad("x", "more"), world.quad("new")])
    build(world)
    (page,) = content(world)
    assert sorted(told(page)[:2]) == [("x", "Create", 1), ("y", "Create", 1)]
    assert told(page)[2:] == [("new", "Create", 1), ("x", "Update", 2), ("y", "Delete", 0)]
    (other,) = content(world, "b")
    assert told(other) == [("z", "Create", 1)]


def test_the_digest_of_each_release_is_stated(world: World) -> None:
    for value in ("one", "two"):
        world.publish(world.quad("x", value))
    build(world)
    (page,) = content(world)
    graph = f"{BASE}graph/a"
    stated = [(s.release, s.triples, s.digest) for s in page.states]
    releases = world.releases.list()[::-1]
    assert stated == [(r.id, r.counts[graph], r.digests[graph]) for r in releases]


def test_the_last_member_of_a_release_says_so(world: World) -> None:
    world.publish(world.quad("x"), world.quad("y"))
    world.publish(world.quad("z"))
    build(world)
    (page,) = content(world)
    quads = parse(bytes(page.body), RdfFormat.N_QUADS)
    ends = [q.subject.value for q in quads if q.predicate == name("adms:status")]
    assert ends == page.members[1:]


def test_blank_nodes_have_iris(world: World) -> None:
    node = BlankNode("n1")
    knows, graph = NamedNode(f"{BASE}knows"), NamedNode(f"{BASE}graph/a")
    quads = [Quad(NamedNode(f"{BASE}x"), knows, node, graph), Quad(node, knows, node, graph)]
    world.publish(*quads, world.quad("x", "_:no"))
    build(world)
    (page,) = content(world)
    genid = ".well-known/genid/n1"
    assert sorted(told(page)) == [(genid, "Create", 1), ("x", "Create", 2)]
    found = set(parse(bytes(page.body), RdfFormat.N_QUADS))
    assert not any(isinstance(term, BlankNode) for quad in found for term in quad)
    assert '"_:no"' in page.body.decode()


def test_an_iri_that_looks_like_one_of_a_blank_node_is_told_from_it(world: World) -> None:
    genid = ".well-known/genid/"
    alike, graph = NamedNode(f"{BASE}{genid}n1"), NamedNode(f"{BASE}graph/a")
    node, knows = BlankNode("n1"), NamedNode(f"{BASE}knows")
    world.publish(Quad(alike, knows, node, graph), Quad(node, knows, alike, graph))
    build(world)
    (page,) = content(world)
    assert sorted(told(page)) == [(f"{genid}n1", "Create", 1), (f"{genid}~n1", "Create", 1)]
    found = {str(q.triple) for q in parse(bytes(page.body), RdfFormat.N_QUADS)}
    assert f"<{BASE}{genid}~n1> <{BASE}knows> <{BASE}{genid}n1>" in found
    assert f"<{BASE}{genid}n1> <{BASE}knows> <{BASE}{genid}~n1>" in found


def test_a_full_page_never_changes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MOST_MEMBERS", 3)
    world.publish(*(world.quad(n) for n in range(7)))
    build(world)
    first = content(world)
    assert [len(page.members) for page in first] == [3, 3, 1]
    world.publish(*(world.quad(n, "again") for n in range(3)))
    build(world)
    _, index = stream(world)
    assert [len(page.members) for page in content(world)] == [3, 3, 3, 1]
    assert content(world)[:2] == first[:2]
    assert content(world)[2].members[:1] == first[2].members
    assert [index.immutable(n) for n in (1, 2, 3, 4)] == [True, True, True, False]
    # What is on disk is what the index names.
    files = {path.name for path in (world.data / "streams" / "a").iterdir()}
    assert files == {pages.INDEX, *(listed.file for listed in index.pages)}
    assert len({member for page in content(world) for member in page.members}) == 10


def test_a_page_has_bounded_bytes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MOST_BYTES", 2000)
    world.publish(*(world.quad(n) for n in range(9)), world.quad("long", "v" * 5000))
    build(world)
    sizes = [(len(page.members), len(page.body)) for page in content(world)]
    assert all(size <= 2000 or members == 1 for members, size in sizes)
    assert max(size for _, size in sizes) > 5000


def test_building_again_and_in_steps_gives_the_same(world: World) -> None:
    for value in ("one", "two", "three"):
        world.publish(world.quad("x", value), world.quad(value))
        build(world)
    stepwise = content(world)
    for path in (world.data / "streams").rglob("*"):
        if path.is_file():
            path.unlink()
    build(world)
    assert content(world) == stepwise


def test_what_a_killed_build_left_is_made_good(world: World) -> None:
    folder, copy = world.data / "streams", world.folder / "copy"
    world.publish(world.quad("x"))
    build(world)
    shutil.copytree(folder, copy)
    world.publish(world.quad("y"))
    build(world)
    whole = content(world)
    # Killed after the page was written, before the index was.
    shutil.rmtree(folder)
    shutil.copytree(copy, folder)
    stream(world)[0].write(1, whole[0])
    assert len(content(world)[0].members) == 1
    build(world)
    assert content(world) == whole


def test_releases_that_were_pruned_are_one_step(world: World) -> None:
    world.publish(world.quad("x"))
    build(world)
    for value in ("two", "three", "four"):
        change(world, list(world.opened(world.releases.ids()[0])), [world.quad("x", value)])
        world.held.close()
    world.releases.prune(Retention(last=1, hourly=0, daily=0, monthly=0))
    build(world)
    (page,) = content(world)
    assert told(page) == [("x", "Create", 1), ("x", "Update", 1)]
    assert [state.release for state in page.states] == ["000001", "000004"]
    _, index = stream(world)
    assert (index.started, index.skipped) == ("000001", True)


def test_a_stream_begins_with_all_there_is_where_the_first_releases_are_pruned(
    world: World,
) -> None:
    world.publish(world.quad("x"))
    world.publish(world.quad("y"))
    world.releases.prune(Retention(last=1, hourly=0, daily=0, monthly=0))
    build(world)
    (page,) = content(world)
    assert sorted(told(page)) == [("x", "Create", 1), ("y", "Create", 1)]
    assert stream(world)[1].started == "000002"


def test_a_stream_whose_history_is_lost_begins_anew(world: World) -> None:
    world.publish(world.quad("x"))
    world.publish(world.quad("y"))
    build(world)
    world.publish(world.quad("z"))
    path = world.releases.change("000003")
    path.write_bytes(b"no patch")
    build(world)
    _, index = stream(world)
    assert (index.before, index.started) == (1, "000003")
    assert [listed.number for listed in index.pages] == [2]
    (page,) = content(world)
    assert sorted(told(page)) == [(n, "Create", 1) for n in "xyz"]
    assert page.members[0].startswith(f"{BASE}ldes/a/2#")


class Backwards(ReleaseStore):
    """Releases on a machine whose clock goes back an hour with each."""

    def get(self, release_id: str) -> Release:
        found = super().get(release_id)
        return replace(found, created=found.created - timedelta(hours=int(found.id)))


def test_times_never_go_back(world: World) -> None:
    for value in ("one", "two"):
        world.publish(world.quad("x", value))
    build(world, releases=Backwards(world.data))
    (page,) = content(world)
    first, second = (state.time for state in page.states)
    assert first == second


def test_closed_graphs_have_no_stream(world: World) -> None:
    world.publish(world.quad("x"), world.quad("secret", graph="b"))
    build(world, f"{BASE}graph/b")
    assert not (world.data / "streams" / "b").exists()
    assert json.loads(built(world.data) or "")[1] == [f"{BASE}graph/b"]
    world.publish(world.quad("y"))
    build(world)  # opened
    assert sorted(told(content(world, "b")[0])) == [("secret", "Create", 1)]


def test_a_graph_that_is_emptied_is_told_of(world: World) -> None:
    world.publish(world.quad("x"), world.quad("z", graph="b"))
    change(world, [world.quad("x")], [])
    build(world)
    (page,) = content(world)
    assert told(page)[-1] == ("x", "Delete", 0)
    assert (page.states[-1].triples, page.states[-1].digest) == (0, "0" * 64)


def test_names_of_streams() -> None:
    assert StreamIris(BASE, f"{BASE}graph/sirene").name == "sirene"
    for graph in ("urn:x", f"{BASE}graph/a/b", f"{BASE}graph/../x", f"{BASE}graph/"):
        assert StreamIris(BASE, graph).name.startswith("~")


@pytest.mark.parametrize("damage", [b"", b"no gzip"])
def test_a_damaged_page_is_said(world: World, damage: bytes) -> None:
    world.publish(world.quad("x"))
    build(world)
    folder, index = stream(world)
    (world.data / "streams" / "a" / index.pages[0].file).write_bytes(damage)
    with pytest.raises(StreamDamaged, match="cannot be read"):
        folder.read(index.pages[0])
