"""What the release store costs, each figure beside that of its peer in the same run.

    python benchmarks/store.py --statements 2800000
    python benchmarks/store.py --statements 30000000 --folder /big/disk

The peer of a first load is pyoxigraph's own `Store.bulk_load` of the same file into the same named
graph. The data are invented: enterprises with twelve properties each. Every step runs in a process
of its own, so that its time (wall clock) and its memory (maximum resident set) are its own.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from operator import methodcaller
from pathlib import Path
from typing import TYPE_CHECKING

from figures import row
from invented import GRAPH, PER_ENTERPRISE, gate, write_data
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store

from vises.namespaces import VOCABULARY_BASE
from vises.store.disk import disk_use
from vises.store.group import GroupCommit
from vises.store.releases import ReleaseStore
from vises.store.transaction import Change

if TYPE_CHECKING:
    from collections.abc import Callable

SMALL = NamedNode(f"{VOCABULARY_BASE}graph/small")
SHARE = 1000
Figures = dict[str, float]


def raw_load(data: Path, folder: Path) -> Figures:
    """Load the file with pyoxigraph alone."""
    begun = time.perf_counter()
    Store(str(folder / "raw")).bulk_load(path=data, format=RdfFormat.N_TRIPLES, to_graph=GRAPH)
    return {"seconds": time.perf_counter() - begun}


def first_load(data: Path, folder: Path) -> Figures:
    """Load the file as the first release."""
    begun = time.perf_counter()
    releases = ReleaseStore(folder / "data")
    with releases.transaction(author="benchmark", message="load", gate=gate) as transaction:
        transaction.replace_graph(GRAPH, data)
    return {"seconds": time.perf_counter() - begun}


def compaction(_: Path, folder: Path) -> Figures:
    """Merge the files of the first release."""
    return {"seconds": _timed(lambda: ReleaseStore(folder / "data").compact())}


def small_releases(_: Path, folder: Path) -> Figures:
    """Publish 100 releases that change one triple each."""
    releases = ReleaseStore(folder / "data")
    current = releases.current()
    assert current is not None
    one = disk_use(folder / "data").total
    times = [_timed(lambda n=n: _add(releases, n)) for n in range(100)]  # type: ignore[misc]
    return {
        "median": statistics.median(times),
        "maximum": max(times),
        "disk": disk_use(folder / "data").total / one,
    }


def reopening(_: Path, folder: Path) -> Figures:
    """Open the current release and look one triple up, as a reader does after a flip."""
    releases = ReleaseStore(folder / "data")
    current = releases.current()
    assert current is not None

    def read() -> None:
        with releases.open(current.id) as store:
            next(iter(store.quads_for_pattern(None, None, None, SMALL)))

    return {"median": statistics.median(_timed(read) for _ in range(20))}


def grouped(_: Path, folder: Path) -> Figures:
    """Publish 200 changes of one triple that 20 threads make at once, and 20 one by one."""
    releases = ReleaseStore(folder / "data")
    alone = _timed(lambda: [_add(releases, f"alone {n}") for n in range(20)]) / 20
    group = GroupCommit(releases, gate)

    def submit(number: int) -> None:
        change = Change(frozenset(), frozenset({_quad(f"grouped {number}")}))
        work = methodcaller("apply", change)
        group.submit(work, author="benchmark", message="one").result()

    with ThreadPoolExecutor(20) as threads:
        seconds = _timed(lambda: list(threads.map(submit, range(200))))
    group.close()
    return {"alone": alone, "grouped": seconds / 200}


def going_back(_: Path, folder: Path) -> Figures:
    """Roll back over the small releases and forward again; compare the two ends."""
    releases = ReleaseStore(folder / "data")
    current = releases.current()
    assert current is not None
    compared = _timed(lambda: list(releases.differences("000001", current.id)))
    back = _timed(lambda: releases.rollback("000001", author="benchmark"))
    forth = _timed(lambda: releases.rollback(current.id, author="benchmark"))
    return {"compare": compared, "back": back, "forth": forth}


def replacing(data: Path, folder: Path) -> Figures:
    """Replace the graph by a file of which one line in a thousand is another one."""
    changed = folder / "changed.nt"
    with data.open("rb") as lines, changed.open("wb") as file:
        for number, line in enumerate(lines):
            file.write(line.replace(b"/fr-", b"/fr-x") if number % SHARE == 0 else line)
    begun = time.perf_counter()
    releases = ReleaseStore(folder / "data")
    with releases.transaction(author="benchmark", message="again", gate=gate) as transaction:
        transaction.replace_graph(GRAPH, changed)
    changed.unlink()
    assert transaction.release is not None
    return {"seconds": time.perf_counter() - begun, "added": transaction.release.added}


STEPS: dict[str, Callable[[Path, Path], Figures]] = {
    step.__name__: step
    for step in (
        *(raw_load, first_load, compaction, small_releases),
        *(reopening, grouped, going_back, replacing),
    )
}


def _quad(name: object) -> Quad:
    return Quad(NamedNode("urn:s"), NamedNode("urn:p"), Literal(str(name)), SMALL)


def _add(releases: ReleaseStore, name: object) -> None:
    with releases.transaction(author="benchmark", message="one", gate=gate) as transaction:
        transaction.apply(Change(frozenset(), frozenset({_quad(name)})))


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def run(step: str, data: Path, folder: Path) -> Figures:
    """Run a step in a process of its own; add its processor seconds and memory in mebibytes."""
    command = [sys.executable, __file__, "--step", step, "--data", str(data), "--folder", folder]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"The step {step} failed.")
    processor = usage.ru_utime + usage.ru_stime
    return {
        **json.loads(output),
        "processor": processor,
        "mebibytes": usage.ru_maxrss / 1024,
    }


def report(statements: int, found: dict[str, Figures]) -> None:
    """Print each figure beside its bound."""
    raw, load = found["raw_load"], found["first_load"]
    small, group, back = found["small_releases"], found["grouped"], found["going_back"]
    rows = [
        ("statements", f"{statements:,}", ""),
        ("bulk_load of pyoxigraph", f"{raw['seconds']:.1f} s", f"{raw['mebibytes']:,.0f} MiB"),
        ("first load", f"{load['seconds']:.1f} s", f"{load['mebibytes']:,.0f} MiB (<= 2,048)"),
        ("  its speed against bulk_load", f"{raw['seconds'] / load['seconds']:.2f}", ">= 0.85"),
        ("compaction", f"{found['compaction']['seconds']:.1f} s", "in the background"),
        ("change of one triple", f"{small['median'] * 1000:.0f} ms", "<= 150 ms (median of 100)"),
        ("  the slowest of them", f"{small['maximum'] * 1000:.0f} ms", ""),
        ("disk after 100 of them", f"{small['disk']:.3f}", "<= 1.1 times one release"),
        ("reopening", f"{found['reopening']['median'] * 1000:.1f} ms", "<= 50 ms"),
        ("one of 200 grouped changes", f"{group['grouped'] * 1000:.1f} ms", ""),
        ("  times cheaper than alone", f"{group['alone'] / group['grouped']:.0f}", ""),
        ("comparing the ends", f"{back['compare'] * 1000:.0f} ms", ""),
        ("rollback", f"{back['back'] * 1000:.0f} ms", ""),
        ("  and forward again", f"{back['forth'] * 1000:.0f} ms", ""),
        (
            "replacing the graph, 0.1 % new",
            f"{found['replacing']['seconds']:.1f} s",
            f"{found['replacing']['mebibytes']:,.0f} MiB",
        ),
        (
            "  times the bulk_load",
            f"{found['replacing']['seconds'] / raw['seconds']:.2f}",
            "",
        ),
    ]
    for name, value, bound in rows:
        row(name, value, bound)


def main() -> None:
    """Run all steps and print the figures, or one step as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--statements", type=int, default=2_800_000)
    parser.add_argument("--folder", type=Path, help="where to work (default: a temporary folder)")
    parser.add_argument("--only", nargs="+", choices=STEPS, help="steps to run, in their order")
    parser.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    parser.add_argument("--data", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        print(json.dumps(STEPS[options.step](options.data, options.folder)))
        return
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    folder = Path(tempfile.mkdtemp(prefix="vises-benchmark-", dir=options.folder))
    try:
        data = folder / "data.nt"
        write_data(data, options.statements)
        found = {}
        for step in options.only or STEPS:
            found[step] = run(step, data, folder)
            print(f"{step}: {found[step]}", file=sys.stderr, flush=True)
            shutil.rmtree(folder / "raw", ignore_errors=True)
        if not options.only:
            report(options.statements // PER_ENTERPRISE * PER_ENTERPRISE, found)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
