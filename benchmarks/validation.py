"""What validation costs: everything at once, and a change of a few triples, beside its peers.

    python benchmarks/validation.py peers --enterprises 50000
    python benchmarks/validation.py peers --enterprises 50000 --sparql --part 3000
    python benchmarks/validation.py prepare --enterprises 1000000 --folder DIR
    python benchmarks/validation.py everything --enterprises 1000000 --folder DIR
    python benchmarks/validation.py changes --enterprises 1000000 --folder DIR

`peers` judges invented enterprises (14 triples each, with the ontology and the code lists) by the
package's shapes for them, which are SHACL Core, or by one SPARQL constraint of its own, which is
put to every identifier: ours on a store as it stands after a load, pyshacl and the `shacl` wheel on
one file. pyshacl is stopped after `--most` seconds, and the ratio is then a lower bound; with
`--part` it gets a part of the enterprises, and its time is scaled, which the figures say.

The other commands take all shapes of the package. `prepare` publishes the enterprises in a data
folder without judging them, which takes most of the time at a million; `everything` judges that
release; `changes` publishes changes of 1 to 10 triples, and times the gate. The first of them finds
no results of the release before and judges everything, so it comes apart from the others. Where
`changes` gets several sizes, it compares the medians.

Each step runs in a process of its own; memory is the most that it and its processes held at once
(proportional set size, looked at ten times a second).
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from figures import row
from invented import Accepted
from judged import GRAPH, PER_ENTERPRISE, VOCABULARY, change_of, write_enterprises
from processes import mebibytes, tree
from pyoxigraph import RdfFormat, Store

from vises.store.releases import ReleaseStore
from vises.validation.bulk.everything import Bulk
from vises.validation.gate import package_gate
from vises.validation.incremental.plan import plan_of
from vises.validation.rust import shacl_validator
from vises.validation.shapes import package_shapes, package_vocabulary
from vises.validation.syntax import n_triples, read

if TYPE_CHECKING:
    from collections.abc import Callable

    from vises.store.transaction import Candidate
    from vises.validation.incremental.judgement import Judgement
    from vises.validation.validator import Validator

CHANGES = 200
WARM_UP = 10
CORE = ("Enterprise.ttl", "Identifier.ttl", "Address.ttl", "personal-data.ttl")
LUHN = "https://w3id.org/vises/shapes#"
SPARQL = ("ExchangeSirenShape", "SirenLuhn")
MOST_SECONDS = 420
_LOOK_SECONDS = 0.1

Figures = dict[str, float]


def shapes_of(kind: str) -> bytes:
    """Return shapes as N-Triples: those for enterprises, one with SPARQL, or all."""
    folder = files("vises") / "shapes"
    if kind == "all":
        return package_shapes()
    if kind == "sparql":
        text = (folder / "profiles" / "exchange.ttl").read_bytes()
        wanted = {LUHN + name for name in SPARQL}
        found = (
            q for q in read(text, RdfFormat.TURTLE) if getattr(q.subject, "value", "") in wanted
        )
        return n_triples(found)
    return n_triples(
        quad
        for name in CORE
        for quad in read(
            (folder / name).read_bytes(), RdfFormat.TURTLE, place=name, rename_blank_nodes=True
        )
    )


def wheel(folder: Path, _: int, kind: str) -> Figures:
    """Judge the file with the `shacl` wheel alone."""
    return _whole_file(folder, kind, shacl_validator)


def reference(folder: Path, _: int, kind: str) -> Figures:
    """Judge the file with pyshacl."""
    from vises.validation.reference import pyshacl_validator  # noqa: PLC0415 (others do without)

    return _whole_file(folder, kind, pyshacl_validator)


def load(folder: Path, _: int, kind: str) -> Figures:  # noqa: ARG001 (a step like the others)
    """Load the files into a store, which takes memory that is not that of validation."""
    store = Store(str(folder / "store"))
    begun = time.perf_counter()
    for graph, name in ((GRAPH, "data.nt"), (VOCABULARY, "vocabulary.nt")):
        store.bulk_load(path=folder / name, format=RdfFormat.N_TRIPLES, to_graph=graph)
    del store
    Store(str(folder / "store"))  # what stands in its log goes into a table
    return {"seconds": time.perf_counter() - begun}


def bulk(folder: Path, _: int, kind: str) -> Figures:
    """Judge a store that was loaded from the files, what came in by its bytes."""
    return _judged(folder, folder / "store", kind)


def everything(folder: Path, _: int, kind: str) -> Figures:
    """Judge a release that `prepare` published."""
    releases = ReleaseStore(folder / "data")
    current = releases.current()
    assert current is not None
    with releases.lease(current.id) as lease:
        return _judged(folder, lease.snapshot, kind)


def _judged(folder: Path, place: Path, kind: str) -> Figures:
    store = Store.read_only(str(place))
    begun = time.perf_counter()
    judge = Bulk(plan_of(shapes_of(kind), shacl_validator))
    found = judge.judge(store, {GRAPH: folder / "data.nt"}, {}, folder, place)
    seconds = time.perf_counter() - begun
    return {"seconds": seconds, "results": sum(map(len, found.judged.results.values()))}


def publish(folder: Path, _: int, kind: str) -> Figures:  # noqa: ARG001 (a step like the others)
    """Publish the files as the first release of a data folder, without judging them.

    Its files are merged then, as an ingest does after a large load.
    """
    begun = time.perf_counter()
    releases = ReleaseStore(folder / "data")
    with releases.transaction(
        author="benchmark", message="load", gate=lambda _: Accepted()
    ) as transaction:
        transaction.replace_graph(VOCABULARY, folder / "vocabulary.nt")
        transaction.replace_graph(GRAPH, folder / "data.nt")
    releases.compact()
    return {"seconds": time.perf_counter() - begun}


def changes(folder: Path, enterprises: int, kind: str) -> Figures:  # noqa: ARG001
    """Publish changes of 1 to 10 triples; the first is judged with everything."""
    releases = ReleaseStore(folder / "data")
    judge = package_gate()
    times: list[float] = []
    used: list[float] = []

    def timed(candidate: Candidate) -> Judgement:
        begun, processor = time.perf_counter(), time.process_time()
        judgement = judge(candidate)
        times.append(time.perf_counter() - begun)
        used.append(time.process_time() - processor)
        return judgement

    chance = random.Random()
    for number in range(1 + WARM_UP + CHANGES):
        change = change_of(chance, enterprises, 1 + number % 10)
        with releases.transaction(author="benchmark", message="one", gate=timed) as transaction:
            transaction.apply(change)
        if number == 0 or number % 50 == 49:  # noqa: PLR2004
            print(f"  {number + 1} changes", file=sys.stderr, flush=True)
    judged, processor = times[1 + WARM_UP :], used[1 + WARM_UP :]
    return {
        "first": times[0],
        "median": statistics.median(judged),
        "p95": statistics.quantiles(judged, n=20)[-1],
        "processor_median": statistics.median(processor),
    }


STEPS: dict[str, Callable[[Path, int, str], Figures]] = {
    step.__name__: step for step in (wheel, reference, load, bulk, everything, publish, changes)
}


def _whole_file(folder: Path, kind: str, make: Callable[[bytes], Validator]) -> Figures:
    data = (folder / "data.nt").read_bytes() + (folder / "vocabulary.nt").read_bytes()
    begun = time.perf_counter()
    report = make(shapes_of(kind)).validate(data)
    return {"seconds": time.perf_counter() - begun, "results": len(report.results)}


def run(step: str, folder: Path, enterprises: int, kind: str, most: float = 3600) -> Figures:
    """Run a step in a process of its own, for `most` seconds; `stopped` says that it was stopped.

    Adds the memory in mebibytes, that of the processes that it started included.
    """
    print(f"{step} ...", file=sys.stderr, flush=True)
    command = [sys.executable, __file__, "--step", step, "--folder", str(folder), "--kind", kind]
    process = subprocess.Popen(
        [*command, "--enterprises", str(enterprises)], stdout=subprocess.PIPE, text=True
    )
    begun, peak = time.perf_counter(), 0.0
    while process.poll() is None and time.perf_counter() - begun < most:
        peak = max(peak, mebibytes(tree(process.pid)))
        time.sleep(_LOOK_SECONDS)
    if process.poll() is None:
        process.kill()
        process.wait()
        figures = {"seconds": time.perf_counter() - begun, "stopped": 1}
    else:
        out, _ = process.communicate()
        if process.returncode:
            sys.exit(f"{step} ended with {process.returncode}")
        figures = json.loads(out)
    figures["mebibytes"] = peak
    print(f"{step}: {figures}", file=sys.stderr, flush=True)
    return figures


def compared(options: argparse.Namespace) -> None:
    """Judge the same data with ours and with the peers."""
    enterprises = options.enterprises[0]
    kind, wanted = ("sparql", 100) if options.sparql else ("core", 20)
    part = options.part or enterprises
    with tempfile.TemporaryDirectory(prefix="vises-benchmark-", dir=options.folder) as name:
        folder = Path(name)
        written(folder, enterprises)
        run("load", folder, enterprises, kind)
        ours = run("bulk", folder, enterprises, kind)
        peer = run("wheel", folder, enterprises, kind)
        slow = (
            run("reference", folder, enterprises, kind, options.most)
            if part == enterprises
            else scaled(folder, enterprises, part, kind)
        )
    row("triples", f"{enterprises * PER_ENTERPRISE:,}", f"shapes: {kind}")
    row("ours", f"{ours['seconds']:.1f} s", f"{ours['mebibytes']:,.0f} MiB")
    row("the wheel on the file", f"{peer['seconds']:.1f} s", f"{peer['mebibytes']:,.0f} MiB")
    over = "> " if "stopped" in slow else "about " if part != enterprises else ""
    row("pyshacl", f"{over}{slow['seconds']:.1f} s", f"{slow['mebibytes']:,.0f} MiB")
    faster = slow["seconds"] / ours["seconds"]
    row("  times faster than it", f"{over}{faster:.0f}", f">= {wanted}")
    if part != enterprises:
        row("  (scaled from)", f"{part:,}", "enterprises; memory is not compared")
        return
    row("  times less memory", f"{slow['mebibytes'] / ours['mebibytes']:.1f}", ">= 5")
    if not over and slow["results"] != ours["results"]:
        sys.exit(f"pyshacl has {slow['results']:.0f} results, ours {ours['results']:.0f}")


def scaled(folder: Path, enterprises: int, part: int, kind: str) -> Figures:
    """Let pyshacl judge a part of the data and a tenth of it, and draw the line through both."""
    found = []
    for count in (part // 10, part):
        below = folder / f"part-{count}"
        below.mkdir()
        written(below, count)
        found.append(run("reference", below, count, kind))
    slope = (found[1]["seconds"] - found[0]["seconds"]) / (part - part // 10)
    seconds = found[1]["seconds"] + slope * (enterprises - part)
    return {"seconds": seconds, "mebibytes": found[1]["mebibytes"]}


def written(folder: Path, enterprises: int) -> None:
    """Write the files."""
    print("writing ...", file=sys.stderr, flush=True)
    write_enterprises(folder / "data.nt", enterprises)
    (folder / "vocabulary.nt").write_bytes(package_vocabulary())


def prepared(options: argparse.Namespace, enterprises: int) -> Path:
    """Return the folder of a size, with its release in it."""
    folder = Path(options.folder or tempfile.gettempdir()) / f"vises-{enterprises}"
    if not (folder / "data" / "current").exists():
        folder.mkdir(parents=True, exist_ok=True)
        written(folder, enterprises)
        found = run("publish", folder, enterprises, "all")
        row(f"published {enterprises:,}", f"{found['seconds']:.0f} s", str(folder))
    return folder


def judged_all(options: argparse.Namespace) -> None:
    """Judge everything that was prepared."""
    for enterprises in options.enterprises:
        found = run("everything", prepared(options, enterprises), enterprises, "all")
        row("triples", f"{enterprises * PER_ENTERPRISE:,}", "all shapes of the package")
        row("everything", f"{found['seconds']:.1f} s", "<= 150 s at 14 M triples")
        row("  memory", f"{found['mebibytes']:,.0f} MiB", "<= 2,048 MiB")


def changed(options: argparse.Namespace) -> None:
    """Judge changes of what was prepared."""
    medians = []
    for enterprises in options.enterprises:
        found = run("changes", prepared(options, enterprises), enterprises, "all")
        medians.append(found["median"])
        row("enterprises", f"{enterprises:,}")
        row("the first change, with everything", f"{found['first']:.1f} s")
        row("a change of 1 to 10 triples", f"{found['median'] * 1000:.1f} ms", "<= 10 ms (median)")
        row("  95th percentile", f"{found['p95'] * 1000:.1f} ms", "<= 30 ms")
        row("  of a processor", f"{found['processor_median'] * 1000:.1f} ms", "(median)")
    if len(medians) > 1:
        row("largest against smallest median", f"{medians[-1] / medians[0]:.2f}", "<= 1.5")


COMMANDS: dict[str, Callable[[argparse.Namespace], None]] = {
    "peers": compared,
    "prepare": lambda options: [prepared(options, n) for n in options.enterprises] and None,
    "everything": judged_all,
    "changes": changed,
}


def main() -> None:
    """Run a command, or one step of it, which prints its figures as JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=COMMANDS, nargs="?")
    parser.add_argument("--enterprises", type=int, nargs="+", default=[50_000])
    parser.add_argument("--sparql", action="store_true", help="peers: a SPARQL constraint")
    parser.add_argument("--part", type=int, help="peers: how many of them pyshacl gets")
    parser.add_argument("--most", type=float, default=MOST_SECONDS, help="seconds for pyshacl")
    parser.add_argument("--folder", type=Path, help="where to work (default: a temporary folder)")
    parser.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    parser.add_argument("--kind", default="all", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        found = STEPS[options.step](options.folder, options.enterprises[0], options.kind)
        print(json.dumps(found))
    elif options.command:
        COMMANDS[options.command](options)
    else:
        parser.error("name a command")


if __name__ == "__main__":
    main()
