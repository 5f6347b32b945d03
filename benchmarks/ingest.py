"""What an ingest costs, beside its peers: the issue's ratios, each from one run on one machine.

    python benchmarks/ingest.py mapping --rows 1000000
    python benchmarks/ingest.py release again --rows 1000000 --folder /big/disk
    python benchmarks/ingest.py sse --rows 25000000 --folder /big/disk

The rows are units of SIRENE as `--generator` makes them (make_sirene.py of the folder of tools
beside the project): all of them SSE for `mapping`, `release` and `again`, 6 % for `sse`.

- mapping: reading, all checks and mapping with two processes; morph-kgc with two (`make morph-kgc`
  or --morph-kgc), and Polars putting the texts of the same triples together. The peers are given
  the rows when these are checked and prepared.
- release: from the CSV to the published release with all shapes; the peer is `bulk_load` of the
  same triples, which are a file already.
- again: the same with one row in a hundred changed, beside the first time.
- sse: the SSE units out of a whole register, to the published release (--raw names one that is
  there already).

A release is published when `current` names it; what a large one is tidied with after that (merging
its files) is told apart. Memory is that of all processes together at the peak, without what files
have in the page cache.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from figures import row
from mapped import run_morph, run_polars, write_prepared
from pyoxigraph import NamedNode, RdfFormat, Store
from watched import Watched, watch

from vises.ingest.batch import identify, map_input
from vises.ingest.options import IngestOptions
from vises.ingest.parallel.triples import join
from vises.ingest.quarantine import Threshold
from vises.ingest.sources import SOURCES
from vises.namespaces import VOCABULARY_BASE
from vises.progress import SILENCE

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[1]
GENERATOR = ROOT.parent / "shared" / "tools" / "make_sirene.py"
MORPH = ROOT / "tests" / "morph" / ".venv" / "bin" / "python"
PROCESSES = 2
ONE_IN = 100
Figures = list[tuple[str, str, str]]


def options_for(folder: Path) -> IngestOptions:
    """Return the options of an ingest that works in `folder`, with two processes."""
    return IngestOptions(
        "sirene",
        VOCABULARY_BASE,
        "benchmark",
        folder / "data",
        max_refused=Threshold(share=1),
        processes=PROCESSES,
    )


def map_only(folder: Path) -> None:
    """Map `units.csv` of the folder into its folder `work`, and say how long that took."""
    work = folder / "work"
    work.mkdir()
    options = options_for(folder)
    given = identify(SOURCES["sirene"], [folder / "raw.csv"], options, SILENCE)
    begun = time.perf_counter()
    made = map_input(given, work, options, SILENCE, parts=None)
    seconds = time.perf_counter() - begun
    told = {
        "seconds": seconds,
        "pieces": [path.name.removesuffix(".nt") for path in made.paths],
        "statements": sum(each.statements for each in made.made),
        "day": made.as_of.isoformat(),
    }
    print(json.dumps(told))


def load_only(folder: Path) -> None:
    """Load `triples.nt` of the folder into a store, and say how long that took."""
    begun = time.perf_counter()
    store = Store(str(folder / "raw-store"))
    graph = NamedNode(f"{VOCABULARY_BASE}graph/sirene")
    store.bulk_load(path=folder / "triples.nt", format=RdfFormat.N_TRIPLES, to_graph=graph)
    print(json.dumps({"seconds": time.perf_counter() - begun}))


def mapping(folder: Path, options: argparse.Namespace) -> Figures:
    """Measure reading, checking and mapping beside the two peers."""
    generate(options, folder / "raw.csv", ess=1)
    run = inner("map_only", folder)
    told = json.loads(run.output)
    constant = ("sirene", told["day"], "")
    rows = write_prepared(folder / "work", told["pieces"], constant, folder)
    polars = run_polars(folder)
    ours = told["seconds"]
    figures = [
        ("rows to be mapped", f"{rows:,}", f"{told['statements']:,} triples"),
        ("reading, checks and mapping", f"{ours:.1f} s", f"{run.processor:.1f} s of processors"),
        ("  rows a second", f"{options.rows / ours:,.0f}", ""),
        ("  memory of a worker", f"{run.child_mebibytes:,.0f} MiB", "<= 150 MB"),
        (
            "Polars, texts put together",
            f"{polars:.1f} s",
            f"{lines(folder / 'polars.nt'):,} triples",
        ),
        ("  our share of its speed", f"{polars / ours:.2f}", ">= 0.6"),
    ]
    if not options.morph_kgc.exists():
        return [*figures, ("morph-kgc", "not there", "make morph-kgc")]
    morph = run_morph(options.morph_kgc, folder)
    return [
        *figures,
        ("morph-kgc", f"{morph:.1f} s", f"{lines(folder / 'morph.nt'):,} triples"),
        ("  times faster than it", f"{morph / ours:.1f}", ">= 10"),
    ]


def release(folder: Path, options: argparse.Namespace) -> Figures:
    """Measure from the CSV to the release beside loading a ready file."""
    generate(options, folder / "raw.csv", ess=1)
    told = json.loads(inner("map_only", folder).output)
    paths = [folder / "work" / f"{name}.nt" for name in told["pieces"]]
    join(paths, None, folder / "triples.nt", SILENCE)
    shutil.rmtree(folder / "work")
    raw = inner("load_only", folder)
    load = json.loads(raw.output)["seconds"]
    run = command_line(folder, folder / "raw.csv")
    ours = published(run)
    return [
        (
            "CSV to published release",
            f"{ours:.1f} s",
            f"{run.processor:.0f} s of processors in all",
        ),
        ("  merging its files after that", f"{run.seconds - ours:.1f} s", ""),
        ("  peak of all processes", f"{run.mebibytes:,.0f} MiB", "<= 3,072 MiB"),
        ("bulk_load of a ready file", f"{load:.1f} s", f"{raw.processor:.0f} s of processors"),
        ("  its memory", f"{raw.mebibytes:,.0f} MiB", ""),
        ("  our share of its speed", f"{load / ours:.2f}", ">= 0.7"),
    ]


def again(folder: Path, options: argparse.Namespace) -> Figures:
    """Measure an ingest of which one row in a hundred has changed since the first."""
    generate(options, folder / "raw.csv", ess=1)
    first = command_line(folder, folder / "raw.csv")
    change(folder / "raw.csv", folder / "changed.csv")
    second = command_line(folder, folder / "changed.csv")
    before, after = published(first), published(second)
    return [
        ("first ingest", f"{before:.1f} s", f"{first.processor:.0f} s of processors in all"),
        ("1 % changed", f"{after:.1f} s", f"{second.processor:.0f} s of processors in all"),
        ("  peak of all processes", f"{second.mebibytes:,.0f} MiB", ""),
        ("  its share of the first", f"{after / before:.2f}", "<= 0.2"),
    ]


def sse(folder: Path, options: argparse.Namespace) -> Figures:
    """Measure taking the SSE units out of a register."""
    raw = options.raw or folder / "raw.csv"
    if options.raw is None:
        generate(options, raw, ess=0.06)
    run = command_line(folder, raw)
    counts = json.loads(run.output)
    rows, kept = (sum(f[of] for f in counts["files"]) for of in ("rows_in", "published"))
    minutes = published(run) / 60
    return [
        ("rows of the register", f"{rows:,}", f"{kept:,} published"),
        ("CSV to published release", f"{minutes:.1f} min", "<= 10 min for 25,000,000"),
        ("  peak of all processes", f"{run.mebibytes:,.0f} MiB", "<= 3,072 MiB"),
        ("  triples", f"{counts['triples']:,}", f"{run.processor:.0f} s of processors"),
    ]


STEPS: dict[str, Callable[[Path, argparse.Namespace], Figures]] = {
    step.__name__: step for step in (mapping, release, again, sse)
}
INNER: dict[str, Callable[[Path], None]] = {each.__name__: each for each in (map_only, load_only)}


def generate(options: argparse.Namespace, path: Path, ess: float) -> None:
    """Write the rows, with some that are defective."""
    if not options.generator.is_file():
        sys.exit(f"There is no generator of rows at {options.generator}: name it with --generator.")
    command = [sys.executable, options.generator, str(options.rows), path, "--ess", str(ess)]
    subprocess.run(command, check=True)


def change(path: Path, target: Path) -> None:
    """Copy a table; in one row of a hundred the name is another one."""
    with path.open(encoding="utf-8") as source, target.open("w", encoding="utf-8") as copy:
        for number, line in enumerate(source):
            copy.write(line.replace(" ", " NOUVEAU ", 1) if number % ONE_IN == 1 else line)


def inner(step: str, folder: Path) -> Watched:
    """Run a part of a step in a process of its own."""
    return watch([sys.executable, __file__, "--inner", step, "--folder", str(folder)])


def command_line(folder: Path, path: Path) -> Watched:
    """Run `vises ingest` on a file."""
    vises = [sys.executable, "-m", "vises", "ingest", "sirene", str(path), "--json"]
    more = ["--processes", str(PROCESSES), "--max-refused", "100%"]
    data = folder / "data"
    return watch([*vises, *more], {"VISES_DATA": str(data)}, data / "current")


def published(run: Watched) -> float:
    """Return how many seconds it took to the published release."""
    assert run.written is not None
    return run.written


def lines(path: Path) -> int:
    """Count the lines of a file."""
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))


def main() -> None:
    """Run the steps that are asked for and print their figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("steps", nargs="*", metavar="step", help=", ".join(STEPS))
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, help="where to work (default: a temporary folder)")
    parser.add_argument("--raw", type=Path, help="a register for `sse`, not to be generated")
    parser.add_argument(
        "--generator", type=Path, default=GENERATOR, help="make_sirene.py (default: %(default)s)"
    )
    parser.add_argument("--morph-kgc", type=Path, default=MORPH, help="a Python that has it")
    parser.add_argument("--inner", choices=INNER, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inner:
        INNER[options.inner](options.folder)
        return
    if unknown := set(options.steps) - STEPS.keys():
        parser.error(f"There is no step {', '.join(sorted(unknown))}: {', '.join(STEPS)}.")
    if options.folder:
        options.folder.mkdir(parents=True, exist_ok=True)
    for name in options.steps or ["mapping", "release", "again"]:
        folder = Path(tempfile.mkdtemp(prefix="vises-benchmark-", dir=options.folder))
        try:
            for what, value, bound in STEPS[name](folder, options):
                row(what, value, bound)
        finally:
            shutil.rmtree(folder)


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUTF8", "1")
    main()
