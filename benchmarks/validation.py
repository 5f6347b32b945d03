"""What validation costs: everything at once, and a change of a few triples.

    python benchmarks/validation.py --enterprises 50000
    python benchmarks/validation.py --enterprises 50000 1000000 --reference 50000 --folder /big/disk

The shapes are those of the package; the data are invented enterprises of 14 triples each, with the
ontology and the code lists. The peers judge the same triples as one file: the `shacl` wheel, and
pyshacl up to `--reference` enterprises. Every step runs in a process of its own, so that its time
and its memory (maximum resident set, of all its processes together) are its own. Changes of 1 to 10
triples go through the gate of real transactions on the disk; the time is that of the gate.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from judged import GRAPH, PER_ENTERPRISE, VOCABULARY, change_of, write_enterprises
from pyoxigraph import RdfFormat, Store

from vises.store.releases import ReleaseStore
from vises.validation.bulk.everything import Bulk
from vises.validation.bulk.processes import MOST_PROCESSES
from vises.validation.gate import package_gate
from vises.validation.incremental.plan import plan_of
from vises.validation.reference import pyshacl_validator
from vises.validation.rust import shacl_validator
from vises.validation.shapes import package_shapes, package_vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable

    from vises.store.transaction import Candidate
    from vises.validation.incremental.judgement import Judgement
    from vises.validation.validator import Validator

CHANGES = 200
WARM_UP = 10
Figures = dict[str, float]


def wheel(folder: Path, _: int) -> Figures:
    """Judge the file with the `shacl` wheel alone."""
    return _whole_file(folder, shacl_validator)


def reference(folder: Path, _: int) -> Figures:
    """Judge the file with pyshacl."""
    return _whole_file(folder, pyshacl_validator)


def load(folder: Path, _: int) -> Figures:
    """Load the files into a store, which takes memory that is not that of validation."""
    store = Store(str(folder / "store"))
    begun = time.perf_counter()
    for graph, name in ((GRAPH, "data.nt"), (VOCABULARY, "vocabulary.nt")):
        store.bulk_load(path=folder / name, format=RdfFormat.N_TRIPLES, to_graph=graph)
    del store
    Store(str(folder / "store"))  # what stands in its log goes into a table
    return {"seconds": time.perf_counter() - begun}


def bulk(folder: Path, _: int) -> Figures:
    """Judge a store that was loaded from the files, what came in by its bytes."""
    store = Store.read_only(str(folder / "store"))
    shapes = package_shapes()
    begun = time.perf_counter()
    everything = Bulk(plan_of(shapes, shacl_validator))
    found = everything.judge(store, {GRAPH: folder / "data.nt"}, {}, folder, folder / "store")
    seconds = time.perf_counter() - begun
    results = sum(map(len, found.judged.results.values()))
    return {"seconds": seconds, "results": results}


def changes(folder: Path, enterprises: int) -> Figures:
    """Publish changes of 1 to 10 triples; the first release is judged as a whole."""
    releases = ReleaseStore(folder / "data")
    judge = package_gate()
    times: list[float] = []

    def timed(candidate: Candidate) -> Judgement:
        begun, processor = time.perf_counter(), time.process_time()
        judgement = judge(candidate)
        times.append(time.perf_counter() - begun)
        used.append(time.process_time() - processor)
        return judgement

    used: list[float] = []
    with releases.transaction(author="benchmark", message="load", gate=timed) as transaction:
        transaction.replace_graph(VOCABULARY, folder / "vocabulary.nt")
        transaction.replace_graph(GRAPH, folder / "data.nt")
    chance = random.Random(2)
    for number in range(WARM_UP + CHANGES):
        change = change_of(chance, enterprises, 1 + number % 10)
        with releases.transaction(author="benchmark", message="one", gate=timed) as transaction:
            transaction.apply(change)
    judged, processor = times[1 + WARM_UP :], used[1 + WARM_UP :]
    return {
        "first": times[0],
        "median": statistics.median(judged),
        "p95": statistics.quantiles(judged, n=20)[-1],
        "processor_median": statistics.median(processor),
    }


STEPS: dict[str, Callable[[Path, int], Figures]] = {
    step.__name__: step for step in (wheel, reference, load, bulk, changes)
}


def _whole_file(folder: Path, make: Callable[[bytes], Validator]) -> Figures:
    data = (folder / "data.nt").read_bytes() + (folder / "vocabulary.nt").read_bytes()
    begun = time.perf_counter()
    report = make(package_shapes()).validate(data)
    return {"seconds": time.perf_counter() - begun, "results": len(report.results)}


def run(step: str, folder: Path, enterprises: int) -> Figures:
    """Run a step in a process of its own."""
    command = [sys.executable, __file__, "--step", step, "--folder", str(folder)]
    done = subprocess.run(
        [*command, "--enterprises", str(enterprises)], stdout=subprocess.PIPE, check=True
    )
    figures: Figures = json.loads(done.stdout)
    return figures


def measured(step: str, folder: Path, enterprises: int) -> Figures:
    """Do a step; add the memory in mebibytes, that of processes that it started included."""
    figures = STEPS[step](folder, enterprises)
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    workers = min(os.cpu_count() or 1, MOST_PROCESSES)
    others = workers * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return {**figures, "mebibytes": (own + others) / 1024}


def report(enterprises: int, found: dict[str, Figures]) -> None:
    """Print each figure beside its bound."""
    ours, peer = found["bulk"], found["wheel"]
    rows = [
        ("triples", f"{enterprises * PER_ENTERPRISE:,}", ""),
        ("everything", f"{ours['seconds']:.1f} s", f"{ours['mebibytes']:,.0f} MiB"),
        ("the wheel on the file", f"{peer['seconds']:.1f} s", f"{peer['mebibytes']:,.0f} MiB"),
    ]
    if slow := found.get("reference"):
        faster = slow["seconds"] / ours["seconds"]
        less = slow["mebibytes"] / ours["mebibytes"]
        rows += [
            ("pyshacl on the file", f"{slow['seconds']:.1f} s", f"{slow['mebibytes']:,.0f} MiB"),
            ("  times faster than it", f"{faster:.0f}", ">= 20"),
            ("  times less memory", f"{less:.1f}", ">= 5"),
        ]
    small = found["changes"]
    rows += [
        ("a change of 1 to 10 triples", f"{small['median'] * 1000:.1f} ms", "<= 10 ms (median)"),
        ("  95th percentile", f"{small['p95'] * 1000:.1f} ms", "<= 30 ms"),
        ("  of a processor", f"{small['processor_median'] * 1000:.1f} ms", "(median)"),
    ]
    for name, value, bound in rows:
        print(f"{name:<34}{value:>14}  {bound}", flush=True)


def main() -> None:
    """Run all steps at each size and print the figures, or one step as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--enterprises", type=int, nargs="+", default=[50_000, 1_000_000])
    parser.add_argument("--reference", type=int, default=50_000, help="the most for pyshacl")
    parser.add_argument("--folder", type=Path, help="where to work (default: a temporary folder)")
    parser.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        print(json.dumps(measured(options.step, options.folder, options.enterprises[0])))
        return
    medians = []
    for enterprises in options.enterprises:
        folder = Path(tempfile.mkdtemp(prefix="vises-benchmark-", dir=options.folder))
        try:
            write_enterprises(folder / "data.nt", enterprises)
            (folder / "vocabulary.nt").write_bytes(package_vocabulary())
            found = {}
            for step in STEPS:
                if step != "reference" or enterprises <= options.reference:
                    found[step] = run(step, folder, enterprises)
                    print(f"{step}: {found[step]}", file=sys.stderr, flush=True)
            report(enterprises, found)
            medians.append(found["changes"]["median"])
        finally:
            shutil.rmtree(folder)
    if len(medians) > 1:
        print(f"{'largest against smallest median':<34}{medians[-1] / medians[0]:>14.2f}  <= 1.5")


if __name__ == "__main__":
    main()
