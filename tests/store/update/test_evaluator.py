"""The processes that evaluate updates: their limits, their death, and what they leave behind."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from vises.store.engine import EngineBusy, MemoryExceeded, QueryFailed
from vises.store.nesting import MOST_NESTED
from vises.store.update.evaluator import Evaluator
from vises.store.update.request import (
    PayloadRequest,
    PayloadSyntaxError,
    UpdateRequest,
    UpdateTimeout,
    UpdateTooLarge,
)
from vises.store.update.workplace import sweep_workplaces, workplace

if TYPE_CHECKING:
    from tests.store.conftest import World

GRAPH = "https://example.org/graph/a"
MANY = " ".join(f"<x:{n}>" for n in range(400))
SLOW = f"""INSERT {{ GRAPH <{GRAPH}> {{ <x:s> <x:p> ?n }} }} WHERE {{ {{ SELECT (COUNT(*) AS ?n) {{
    VALUES ?a {{ {MANY} }} VALUES ?b {{ {MANY} }} VALUES ?c {{ {MANY} }} VALUES ?d {{ {MANY} }}
}} }} }}"""
HUNGRY = f"""INSERT {{ GRAPH <{GRAPH}> {{ <x:s> <x:p> ?d }} }} WHERE {{ SELECT DISTINCT * {{
    VALUES ?a {{ {MANY} }} VALUES ?b {{ {MANY} }} VALUES ?c {{ {MANY} }} VALUES ?d {{ {MANY} }}
}} ORDER BY ?d }}"""
INSERT = f"INSERT DATA {{ GRAPH <{GRAPH}> {{ <x:s> <x:p> 1 }} }}"

Go = Callable[[Evaluator], Coroutine[Any, Any, None]]


def run(world: World, go: Go, *, size: int = 1, seconds: float = 20, mebibytes: int = 1024) -> None:
    async def main() -> None:
        evaluator = Evaluator(world.releases, size=size, seconds=seconds, mebibytes=mebibytes)
        try:
            await go(evaluator)
        finally:
            await evaluator.close()

    asyncio.run(main())


async def update(evaluator: Evaluator, world: World, text: str) -> int:
    release = world.releases.current()
    with workplace(world.data) as place:
        done = await evaluator.update(UpdateRequest(text, "http://base/"), release.id, place)
    return len(done.change.added)


def worker(evaluator: Evaluator) -> int:
    """Return the process that waits for the next request."""
    return evaluator._processes._idle[0]._transport.get_pid()


async def at_work(evaluator: Evaluator) -> None:
    """Return when the process that waited has been given something to do."""
    async with asyncio.timeout(30):
        while evaluator._processes._idle:  # noqa: ASYNC110 (a test may poll)
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)


def network(process: int) -> Path:
    """Return the network namespace of a process."""
    return Path(f"/proc/{process}/ns/net").readlink()


def left(world: World) -> list[Path]:
    return list((world.data / "updating").iterdir())


def test_the_deadline(world: World) -> None:
    world.publish(world.quad(1))

    async def go(evaluator: Evaluator) -> None:
        assert await update(evaluator, world, INSERT) == 1
        with pytest.raises(UpdateTimeout, match="2 s"):
            await update(evaluator, world, SLOW)
        assert not left(world)
        assert await update(evaluator, world, INSERT) == 1, "another process takes its place"

    run(world, go, seconds=2)


def test_the_memory_limit(world: World) -> None:
    world.publish(world.quad(1))

    async def go(evaluator: Evaluator) -> None:
        with pytest.raises(MemoryExceeded):
            await update(evaluator, world, HUNGRY)
        assert await update(evaluator, world, INSERT) == 1

    run(world, go, mebibytes=300, seconds=60)


def test_a_process_that_is_killed_in_the_middle(world: World) -> None:
    world.publish(world.quad(1))
    before = world.releases.current()

    async def go(evaluator: Evaluator) -> None:
        assert await update(evaluator, world, INSERT) == 1
        victim = worker(evaluator)
        slow = asyncio.create_task(update(evaluator, world, SLOW))
        await at_work(evaluator)
        assert not slow.done()
        os.kill(victim, 9)
        with pytest.raises(QueryFailed, match="process that evaluated the query died"):
            await slow
        assert not left(world)
        assert await update(evaluator, world, INSERT) == 1

    run(world, go)
    assert world.releases.current() == before


def test_who_leaves_ends_the_evaluation_and_who_waits_too_long_is_told(world: World) -> None:
    world.publish(world.quad(1))

    async def go(evaluator: Evaluator) -> None:
        assert await update(evaluator, world, INSERT) == 1
        victim = worker(evaluator)
        slow = asyncio.create_task(update(evaluator, world, SLOW))
        await at_work(evaluator)
        slow.cancel()
        with pytest.raises(asyncio.CancelledError):
            await slow
        assert await update(evaluator, world, INSERT) == 1
        assert worker(evaluator) != victim
        evaluator._seconds = 0.3
        evaluator._free = asyncio.Semaphore(0)
        with pytest.raises(EngineBusy):
            await update(evaluator, world, INSERT)

    run(world, go)


def test_no_network_and_no_file(world: World) -> None:
    """The seal, where the platform gives it: the text checks come before it."""
    world.publish(world.quad(1))

    async def go(evaluator: Evaluator) -> None:
        await update(evaluator, world, INSERT)
        process = evaluator._processes._idle[0]
        if process.missing:
            pytest.skip(process.missing[0])
        assert network(worker(evaluator)) != network(os.getpid())

    run(world, go)


def test_bodies(world: World, tmp_path: Path) -> None:
    def written(data: bytes) -> str:
        path = tmp_path / "body"
        path.write_bytes(data)
        return str(path)

    async def go(evaluator: Evaluator) -> None:
        with workplace(world.data) as place:
            turtle = written(b"<a> <b> 01, '\xc3\xa9', [ <c> _:x ] .")
            asked = PayloadRequest(turtle, "text/turtle", "http://base/")
            payload = await evaluator.payload(asked, place)
            text = payload.triples.read_text("utf-8")
            assert payload.count == 4
            assert '<http://base/b> "01"^^' in text, "literals stay as they were written"
            assert "_:x" not in text
            json_ld = written(
                b'{"@context": {"v": {"@id": "x:v",'
                b' "@type": "http://www.w3.org/2001/XMLSchema#decimal"}}, "@id": "x:s", "v": 12.5}'
            )
            asked = PayloadRequest(json_ld, "application/ld+json", "http://base/")
            payload = await evaluator.payload(asked, place)
            assert '"12.5"^^' in payload.triples.read_text("utf-8")
            broken = PayloadRequest(written(b"<a> <b>\n  5 6 ."), "text/turtle", "http://base/")
            with pytest.raises(PayloadSyntaxError) as caught:
                await evaluator.payload(broken, place)
            assert (caught.value.line, caught.value.column) == (2, 5)
            assert "5 6 ." in caught.value.detail

    world.data.mkdir(exist_ok=True)
    run(world, go)


@pytest.mark.parametrize("operation", ["INSERT DATA", "DELETE DATA"])
def test_what_nests_too_deeply_is_refused_before_anybody_else_reads_it(
    world: World, operation: str
) -> None:
    world.publish(world.quad(1))
    nested = "<<( <x:s> <x:p> " * (MOST_NESTED + 1) + "<x:o>" + " )>>" * (MOST_NESTED + 1)

    async def go(evaluator: Evaluator) -> None:
        with pytest.raises(UpdateTooLarge, match="stand in one another"):
            await update(
                evaluator, world, f"{operation} {{ GRAPH <{GRAPH}> {{ <x:s> <x:p> {nested} }} }}"
            )

    run(world, go)


def test_a_workplace_of_a_dead_process_is_swept_and_one_in_use_is_not(world: World) -> None:
    script = (
        "import os, pathlib, sys; from vises.store.update.workplace import workplace\n"
        "with workplace(pathlib.Path(sys.argv[1])): os._exit(1)"
    )
    subprocess.run([sys.executable, "-P", "-c", script, str(world.data)], check=False, timeout=60)
    (dead,) = left(world)
    with workplace(world.data) as place:
        sweep_workplaces(world.data)
        assert left(world) == [place]
        assert not dead.exists()
    assert not left(world)
