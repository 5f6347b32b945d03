from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from vises.errors import BadRequest
from vises.store.comparison import compare
from vises.store.engine import NotAcceptable, QuerySyntaxError
from vises.store.releases import UnknownRelease
from vises.store.transaction import Change
from vises.store.workers import WorkerPool

if TYPE_CHECKING:
    from tests.store.conftest import World

ALL = "SELECT ?s ?o { ?s ?p ?o } ORDER BY ?s ?o"


def compared(world: World, query: str, before: str, after: str) -> list[str]:
    async def main() -> list[str]:
        pool = WorkerPool(world.releases, size=1, query_seconds=20, mebibytes=512)
        await pool.start()
        try:
            return await compare(pool, query, before, after)
        finally:
            await pool.close()

    return asyncio.run(main())


def test_what_two_releases_do_not_share(world: World) -> None:
    one = world.publish(world.quad("a"), world.quad("b", "with\ttab\nand line"))
    with world.begin() as transaction:
        transaction.apply(Change(frozenset({world.quad("a")}), frozenset({world.quad("c")})))
    expected = ["change\t?s\t?o", 'removed\t<https://example.org/a>\t"v"']
    expected += ['added\t<https://example.org/c>\t"v"']
    assert compared(world, ALL, one, transaction.release.id) == expected
    assert compared(world, ALL, one, one) == expected[:1]


def test_a_row_that_comes_twice_and_then_once_was_removed_once(world: World) -> None:
    one = world.publish(world.quad("a"), world.quad("b"))
    with world.begin() as transaction:
        transaction.apply(Change(frozenset({world.quad("a")}), frozenset()))
    lines = compared(world, "SELECT ?o { ?s ?p ?o }", one, transaction.release.id)
    assert lines == ["change\t?o", 'removed\t"v"']


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("ASK { ?s ?p ?o }", BadRequest),
        ("CONSTRUCT WHERE { ?s ?p ?o }", NotAcceptable),
        ("SELECT {", QuerySyntaxError),
    ],
)
def test_only_solutions_are_compared(world: World, query: str, error: type[Exception]) -> None:
    one = world.publish(world.quad("a"))
    with pytest.raises(error):
        compared(world, query, one, one)


def test_a_release_has_to_be_there(world: World) -> None:
    one = world.publish(world.quad("a"))
    with pytest.raises(UnknownRelease):
        compared(world, ALL, one, "000009")
