"""Who does the tasks: this process, or several that are started for it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, Self, TypeVar

from vises.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

T = TypeVar("T")
R = TypeVar("R")

MOST_PROCESSES = 8
ATTEMPTS = 3
_AHEAD = 3
"""How many tasks are given out for each process, so that none waits for the next one."""


class WorkersLost(Unavailable):
    """Processes that map rows died again and again."""

    kind = "workers-lost"
    title = "The processes that map rows were killed"


@dataclass
class Ticket(Generic[R]):
    """A task that was given out, to be asked for its result."""

    result: Callable[[], R]


class Engine(Protocol):
    """Whoever does tasks, while its `with` block lasts.

    `ahead` is how many may be given out at a time. `is_here` says that they are done in this
    process, each when it is asked for.
    """

    ahead: int
    is_here: bool

    def __enter__(self) -> Self:
        """Begin."""

    def __exit__(self, *_: object) -> None:
        """Stop, whatever is still being done."""

    def give(self, function: Callable[[T], R], task: T) -> Ticket[R]:
        """Give out a task. Its result is what the function returns or raises."""


class Here:
    """The process that asks, alone."""

    ahead = 1
    is_here = True

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """Have nothing to stop."""

    def give(self, function: Callable[[T], R], task: T) -> Ticket[R]:
        """Return a task that is done when it is asked for."""
        return Ticket(lambda: function(task))


class Processes:
    """Several processes of this machine, started fresh.

    Where one is killed, as the kernel does when memory is short, all are started anew, and what was
    not done is given out again; where that happens to the same task three times, its result is
    `WorkersLost`.
    """

    is_here = False

    def __init__(self, count: int) -> None:
        """Start nothing yet."""
        self.ahead = _AHEAD * count
        self._count = count
        self._pool: ProcessPoolExecutor

    def __enter__(self) -> Self:
        """Be ready to start processes with the first task."""
        self._start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the processes."""
        self._pool.shutdown(cancel_futures=True)

    def give(self, function: Callable[[T], R], task: T) -> Ticket[R]:
        """Give out a task."""
        first = self._submit(function, task)
        return Ticket(lambda: self._wait(first, function, task))

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(
            self._count, mp_context=context, initializer=_end_with_parent
        )

    def _submit(self, function: Callable[[T], R], task: T) -> tuple[ProcessPoolExecutor, Future[R]]:
        with _interrupts_held():
            try:
                return self._pool, self._pool.submit(function, task)
            except BrokenProcessPool:
                self._start_anew(self._pool)
                return self._pool, self._pool.submit(function, task)

    def _start_anew(self, broken: ProcessPoolExecutor) -> None:
        """Start processes anew, unless that was done since `broken` was."""
        if self._pool is broken:
            broken.shutdown(wait=False, cancel_futures=True)
            self._start()

    def _wait(
        self,
        given: tuple[ProcessPoolExecutor, Future[R]],
        function: Callable[[T], R],
        task: T,
    ) -> R:
        for _ in range(ATTEMPTS):
            pool, future = given
            try:
                return future.result()
            except BrokenProcessPool:
                self._start_anew(pool)
                given = self._submit(function, task)
        raise WorkersLost(
            f"A process was killed {ATTEMPTS} times at the same rows, as happens when memory is"
            " short.",
            remedy="Free some memory or give --processes a smaller number, and start again: what"
            " was done is kept.",
        )


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Let Ctrl-C wait, here until the block ends, in processes that it starts until they say so."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end_with_parent() -> None:
    """End this process when the one that started it does, even if that is killed.

    Ctrl-C, which all of them get, ends it without a traceback.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    parent = multiprocessing.parent_process()
    assert parent is not None

    def wait() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def in_order(
    engine: Engine, function: Callable[[T], R], tasks: Iterable[T]
) -> Iterator[tuple[T, R]]:
    """Yield tasks with their results, in their order; a few are done ahead."""
    waiting: deque[tuple[T, Ticket[R]]] = deque()
    for task in tasks:
        waiting.append((task, engine.give(function, task)))
        if len(waiting) == engine.ahead:
            done, ticket = waiting.popleft()
            yield done, ticket.result()
    for done, ticket in waiting:
        yield done, ticket.result()


def processes_for(asked: int | None, size: int, small: int) -> int:
    """Return how many processes read `size` bytes: as many as are asked for, or as are useful."""
    if asked is not None:
        return asked
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return 1 if size < small else min(usable or 1, MOST_PROCESSES)
