"""Other engines as partners: the Oxigraph server and Virtuoso answer SERVICE clauses."""

from __future__ import annotations

import asyncio
import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from vises.store.engine import QueryRequest
from vises.store.federation.federation import Federation
from vises.store.federation.partners import Partner
from vises.store.releases import ReleaseStore
from vises.store.workers import WorkerPool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.remote.conftest import Server, World
    from vises.store.releases import Release

pytestmark = pytest.mark.remote

THEIRS = 'g:theirs { :a :size 7 ; :name "héritage"@fr . :b :size 8 . :c :size 9 ; :part [] }'
OURS = 'g:ours { :a :label "un" . :b :label "deux" . :d :label "trois" }'
CLAUSES = {
    "join": ("?s :label ?l SERVICE <E> { ?s :size ?n }", ["un,7", "deux,8"]),
    "filter": ("?s :label ?l SERVICE <E> { ?s :size ?n FILTER(?n > 7) }", ["deux,8"]),
    "optional": (
        "?s :label ?l OPTIONAL { SERVICE <E> { ?s :size ?n } }",
        ["un,7", "deux,8", "trois,"],
    ),
    "language": ("?s :label ?l SERVICE <E> { ?s :name ?n }", ["un,héritage"]),
    "values": ("?s :label ?l SERVICE <E> { ?s :size ?n VALUES ?s { :a } }", ["un,7"]),
    "subquery": ("SERVICE <E> { SELECT (COUNT(?x) AS ?n) { ?x :size ?y } }", [",3"]),
    "union": (
        "?s :label ?l SERVICE <E> { { ?s :size ?n } UNION { ?s :part ?n } }",
        ["un,7", "deux,8"],
    ),
    "path": ("?s :label ?l SERVICE <E> { ?s :size|:nothing ?n }", ["un,7", "deux,8"]),
    "silent": ("?s :label ?l SERVICE SILENT <E> { ?s :size ?n }", ["un,7", "deux,8"]),
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, make_world: type[World]) -> World:
    return make_world(ReleaseStore(tmp_path_factory.mktemp("federation") / "data"))


@pytest.fixture(scope="module", params=["oxigraph", "virtuoso"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    found: Server = request.getfixturevalue(request.param)
    yield found
    found.clean()


@pytest.fixture(scope="module")
def ours(world: World, server: Server) -> Release:
    """Publish what the partner holds, copy it there, and publish what we hold instead."""
    before = world.releases.current()
    held = world.quads(OURS) if before else []
    world.push(server, world.publish(world.quads(THEIRS), held))
    return world.publish(world.quads(OURS), world.quads(THEIRS))


@pytest.mark.parametrize("name", CLAUSES)
def test_an_engine_answers_a_clause(name: str, world: World, server: Server, ours: Release) -> None:
    pattern, rows = CLAUSES[name]
    graph = urlencode({"default-graph-uri": world.graph("theirs").value})
    partner = f"{server.address.query}?{graph}"
    query = f"PREFIX : <{world.base}> SELECT ?l ?n {{ {pattern.replace('<E>', f'<{partner}>')} }}"
    answer = asyncio.run(asked(world, partner, query, ours))
    assert sorted(answer.split("\r\n")[1:-1]) == sorted(rows)


async def asked(world: World, partner: str, query: str, release: Release) -> str:
    local = Partner(partner, networks=(ipaddress.ip_network("127.0.0.1"),), seconds=5)
    pool = WorkerPool(
        world.releases,
        size=1,
        query_seconds=30,
        mebibytes=1024,
        federation=Federation.of([local]),
    )
    await pool.start()
    try:
        answer = await pool.answer(QueryRequest(query, "text/csv", None), release.id)
        return b"".join([chunk async for chunk in answer.chunks]).decode()
    finally:
        await pool.close()
