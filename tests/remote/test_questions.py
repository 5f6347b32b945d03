"""The questions have the same answers from the embedded store, Virtuoso and the Oxigraph server.

Asked of the demonstration graph. Answers are compared row by row, in their order where the query
gives one; numbers in the canonical form of their type.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    Quad,
    QueryResultsFormat,
    QuerySolutions,
    Store,
    parse_query_results,
)

from vises.cli.common import gate
from vises.demo.build import build
from vises.namespaces import VOCABULARY_BASE
from vises.service.questions import questions
from vises.store.engine import RESULTS_TYPES, QueryRequest
from vises.store.releases import ReleaseStore
from vises.store.remote.engine import RemoteEngine
from vises.store.workers import WorkerPool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.remote.conftest import Server, World
    from vises.store.engine import Engine
    from vises.store.releases import Release

pytestmark = pytest.mark.remote

ASKED = sorted(id_ for id_, question in questions().items() if not question.endpoints)
DIFFERENT: dict[tuple[str, str], str] = {}
"""By engine and question, why the answers differ."""


@pytest.fixture(scope="module")
def world(
    tmp_path_factory: pytest.TempPathFactory, make_world: type[World], silent: type
) -> World:
    data = tmp_path_factory.mktemp("questions") / "data"
    releases = ReleaseStore(data)
    build(releases, gate(), VOCABULARY_BASE, data, silent())
    return make_world(releases, VOCABULARY_BASE)


@pytest.fixture(scope="module", params=["oxigraph", "virtuoso"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    found: Server = request.getfixturevalue(request.param)
    yield found
    found.clean(VOCABULARY_BASE)


@pytest.fixture(scope="module")
def release(world: World) -> Release:
    current = world.releases.current()
    assert current is not None
    return current


@pytest.fixture(scope="module")
def filled(world: World, server: Server, release: Release) -> Release:
    world.push(server, release)
    return release


async def solutions(engine: Engine, query: str, release: Release) -> list[tuple[object, ...]]:
    request = QueryRequest(query, RESULTS_TYPES[0], None)
    answer = await engine.answer(request, release.id)
    body = b"".join([chunk async for chunk in answer.chunks])
    results = parse_query_results(body, format=QueryResultsFormat.JSON)
    assert isinstance(results, QuerySolutions)
    return [tuple(map(canonical, solution)) for solution in results]


def canonical(value: object) -> object:
    """Return a term as a store gives it back: numbers in one form of their type."""
    if isinstance(value, BlankNode):
        return "_:"
    if not isinstance(value, Literal):
        return value
    node = NamedNode("urn:x")
    store = Store()
    store.add(Quad(node, node, value))
    return next(iter(store)).object


async def both(world: World, server: Server, query: str, release: Release) -> tuple[list, list]:
    pool = WorkerPool(world.releases, size=1, query_seconds=60, mebibytes=2048)
    remote = RemoteEngine(
        server.address.query, world.releases, base_iri=world.base, query_seconds=60
    )
    assert remote.accepts(query)
    await pool.start()
    await remote.start()
    try:
        ours = await solutions(pool, query, release)
        theirs = await solutions(remote, query, release)
    finally:
        await remote.close()
        await pool.close()
    return ours, theirs


def test_every_question_but_the_federated_one_is_asked() -> None:
    assert set(questions()) - set(ASKED) == {"A7"}


@pytest.mark.parametrize("question", ASKED)
def test_the_answers_are_the_same(
    world: World, server: Server, filled: Release, question: str
) -> None:
    query = questions()[question].sparql
    ours, theirs = asyncio.run(both(world, server, query, filled))
    if not re.search(r"ORDER BY", query):
        ours, theirs = sorted(ours, key=str), sorted(theirs, key=str)
    reason = DIFFERENT.get((server.name, question))
    if reason is None:
        assert theirs == ours
    else:
        assert theirs != ours, f"the same now, though {reason}"
