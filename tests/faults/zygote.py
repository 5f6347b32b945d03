"""Forks processes that write, read and die, on the orders of a test.

An order is a line of JSON on the standard input, its answer a line on the standard output. This
process has imported everything and opens no store itself, so a run costs milliseconds and a child
inherits no thread.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from operations import OPERATIONS
from pyoxigraph import NamedNode

from vises.errors import VisesError
from vises.store.digest import Tally
from vises.store.releases import ReleasePruned, ReleaseStore

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_LOOKS = 100_000
"""After so many looks a reader ends, whatever happens."""

PAUSE_SECONDS = 0.005
"""Between two looks, so that readers do not take the processors from the writer."""

DISK_EVENTS = (
    "open",
    "os.rename",
    "os.link",
    "os.mkdir",
    "os.remove",
    "os.rmdir",
    "os.truncate",
    "fcntl.flock",
)
"""The audit events of Python's library at which something on disk is about to change."""


def write(order: dict[str, object], answer: int) -> None:
    """Do one operation; die at the event that the order names, counted from one."""
    events = 0

    def count() -> None:
        nonlocal events
        events += 1
        if events == order["event"]:
            os.kill(os.getpid(), signal.SIGKILL)

    def audit(event: str, _: tuple[object, ...]) -> None:
        if event in DISK_EVENTS:
            count()

    def counted_fsync(descriptor: int) -> None:
        count()
        fsync(descriptor)

    releases = ReleaseStore(Path(str(order["data"])))
    os.write(answer, b"begun\n")
    sys.addaudithook(audit)
    fsync, os.fsync = os.fsync, counted_fsync
    begun = time.monotonic()
    try:
        said: dict[str, object] = {
            "result": OPERATIONS[str(order["do"])](releases, str(order["argument"]))
        }
    except VisesError as error:
        said = {"error": error.kind, "message": str(error)}
    except BaseException as error:  # noqa: BLE001 (the test is told)
        said = {"error": type(error).__name__, "message": repr(error)}
    said |= {"events": events, "seconds": time.monotonic() - begun}
    os.write(answer, json.dumps(said).encode())


def read(data: Path, stop: int, answer: int) -> None:
    """Look at the current release again and again; tell what was wrong, and how often it looked."""
    releases = ReleaseStore(data)
    looks, seen, faults = 0, "", []
    while looks < MOST_LOOKS and len(faults) < 5 and not select.select([stop], [], [], 0)[0]:
        looks += 1
        time.sleep(PAUSE_SECONDS)
        try:
            seen = _look(releases, seen)
        except Exception as error:  # noqa: BLE001 (the test is told)
            faults.append(f"{type(error).__name__}: {error}")
    os.write(answer, json.dumps({"looks": looks, "seen": seen, "faults": faults}).encode())


def _look(releases: ReleaseStore, seen: str) -> str:
    current = releases.current()
    if current is None:
        assert not seen, f"nothing is published, and {seen} was"
        return seen
    assert current.id >= seen, f"{current.id} after {seen}"
    try:
        with releases.open(current.id) as store:
            for graph, count in current.counts.items():
                if count > 1000:
                    assert len(store) == current.size
                    continue
                tally = Tally.of_graph(store, NamedNode(graph))
                assert tally == Tally.recorded(count, current.digests[graph]), current.id
    except ReleasePruned:
        assert releases.current() != current, f"the current release {current.id} was pruned"
    listed = releases.list()
    assert listed[0].id >= current.id, f"{current.id} is not in the list"
    return current.id


def _forked(work: Callable[[int], None]) -> tuple[int, int]:
    """Do something in a child; return its process id and where it writes."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            work(writing)
        finally:
            os._exit(0)
    os.close(writing)
    return child, reading


def _all_of(reading: int) -> bytes:
    with os.fdopen(reading, "rb") as file:
        return file.read()


class Zygote:
    def __init__(self) -> None:
        self.readers: list[tuple[int, int]] = []
        self.stopping: tuple[int, int] | None = None

    def obey(self, order: dict[str, object]) -> dict[str, object]:
        if "readers" in order:
            return self.start(int(str(order["readers"])), Path(str(order["data"])))
        if "stop" in order:
            return self.stop()
        return self.run(order)

    def run(self, order: dict[str, object]) -> dict[str, object]:
        """Let a child write; kill it `moment` seconds after it began, where there is a moment."""
        child, reading = _forked(lambda answer: write(order, answer))
        assert os.read(reading, 6) == b"begun\n"
        if order["moment"] is not None:
            select.select([reading], [], [], float(str(order["moment"])))
            os.kill(child, signal.SIGKILL)
        said = _all_of(reading)
        _, status = os.waitpid(child, 0)
        if not said:
            assert os.WIFSIGNALED(status), f"a child ended without a word: {status}"
        return {"killed": not said, **(json.loads(said) if said else {})}

    def start(self, number: int, data: Path) -> dict[str, object]:
        stop, self_stop = os.pipe()
        self.stopping = stop, self_stop

        def work(answer: int) -> None:
            os.close(self_stop)
            read(data, stop, answer)

        self.readers = [_forked(work) for _ in range(number)]
        return {"started": number}

    def stop(self) -> dict[str, object]:
        """Stop the readers, which see the end of a pipe; return what each says."""
        assert self.stopping is not None
        for descriptor in self.stopping:
            os.close(descriptor)
        reports = []
        for child, reading in self.readers:
            reports.append(json.loads(_all_of(reading)))
            os.waitpid(child, 0)
        return {"reports": reports}


def main() -> None:
    zygote = Zygote()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(zygote.obey(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
