"""A pool of query processes on a release of some quads, and queries that take long."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from vises.store.engine import QueryRequest
from vises.store.observer import Unobserved
from vises.store.workers import WorkerPool

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from tests.store.conftest import World


CROSS = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
MIDDLE = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f FILTER(STR(?b) = STR(?e)) }"
LARGE = "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 20000"
SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
POINT = "SELECT ?o { <https://example.org/1> ?p ?o }"


def play(
    world: World,
    scene: Callable[[WorkerPool], Awaitable[None]],
    *,
    quads: int = 300,
    size: int = 1,
    **limits: float,
) -> None:
    """Run a scene with a pool on a release of so many quads."""
    world.publish(*(world.quad(i) for i in range(quads)))

    async def main() -> None:
        limits_ = {"query_seconds": 20, "mebibytes": 512} | limits
        pool = WorkerPool(world.releases, size=size, observer=Counted(), **limits_)
        await pool.start()
        try:
            await scene(pool)
        finally:
            await pool.close()

    asyncio.run(main())


async def ask(pool: WorkerPool, query: str, release: str = "000001", **more: object) -> bytes:
    request = QueryRequest(query, "text/csv", "application/n-triples", **more)
    answer = await pool.answer(request, release)
    return b"".join([chunk async for chunk in answer.chunks])


def pids(pool: WorkerPool) -> list[int]:
    return [worker._transport.get_pid() for worker in pool._lanes.idle]


@asynccontextmanager
async def idle_again(pool: WorkerPool) -> AsyncIterator[None]:
    yield
    async with asyncio.timeout(60):
        while len(pool._lanes.idle) < pool.limits.processes:  # noqa: ASYNC110 (a test may poll)
            await asyncio.sleep(0.02)


class Counted(Unobserved):
    def __init__(self) -> None:
        self.queries: list[str] = []
        self.processes: list[str] = []
        self.most_long = 0

    def query_ended(self, outcome: str, seconds: float, waited: float) -> None:
        assert seconds >= 0
        assert waited >= 0
        self.queries.append(outcome)

    def process_ended(self, why: str) -> None:
        self.processes.append(why)

    def processes_changed(self, alive: int, long: int) -> None:
        assert alive >= 0
        self.most_long = max(self.most_long, long)
