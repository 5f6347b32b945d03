"""What the façade does per second, and how long pages and searches take, at a million enterprises.

    python benchmarks/facade.py --enterprises 1000000
    python benchmarks/facade.py --only entities search

The yardstick is the Oxigraph server (PyPI) in the same run: its point look-ups a second, asked by
wrk (Debian: wrk) on 8 connections. All figures are of one machine and one run; the ratios are the
claim. Where that server does not run, the figures are printed without them; a step that fails is
told, and the others go on.
"""

from __future__ import annotations

import argparse
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import httpx
import servers
from enterprises import names, write_enterprises
from figures import row
from invented import GRAPH, gate
from load import demand_wrk, load, lookups_at, rate
from pyoxigraph import NamedNode, RdfFormat, parse, serialize
from sparql import LIMITLESS

from vises.namespaces import VOCABULARY_BASE
from vises.service.search.build import ensure
from vises.service.search.kept import folder_of
from vises.store.releases import ReleaseStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

JSON, TURTLE, HTML = "application/sparql-results+json", "text/turtle", "text/html"
OPEN = {**LIMITLESS, "VISES_CACHE_MEMORY": "0"}
CODES = NamedNode(f"{VOCABULARY_BASE}graph/codes")
LISTING = "/api/v1/enterprises?limit=50&offset="
_LISTED = 1000
"""From how far on a listing begins at most."""

_FAILURES = (httpx.HTTPError, HTTPException, subprocess.SubprocessError, OSError)
"""What a server that fails, or does not start, raises besides `SystemExit`."""

_ASKED = 400


@dataclass
class Run:
    """One run: its data, its folder, how many enterprises, how long wrk asks, the yardstick."""

    data: Path
    folder: Path
    enterprises: int
    seconds: int
    listing: str
    begun: float = field(default_factory=time.monotonic)
    yardsticks: list[float | None] = field(default_factory=list)

    def served(self, environ: dict[str, str]) -> servers.Server:
        """Start VISES."""
        return servers.vises(self.data, self.folder, environ)

    def tell(self, what: str) -> None:
        """Say on standard error what is done now, and when."""
        print(f"  [{time.monotonic() - self.begun:6.0f} s] {what}", file=sys.stderr, flush=True)

    def yardstick(self) -> float | None:
        """Return the look-ups a second of the Oxigraph server, measured once; None without it."""
        if not self.yardsticks:
            self.tell("the yardstick: look-ups of the Oxigraph server")
            try:
                self.yardsticks.append(self._yardstick())
            except (*_FAILURES, SystemExit) as error:
                self.yardsticks.append(None)
                row("look-ups/s, Oxigraph", "failed", str(error))
        return self.yardsticks[0]

    def _yardstick(self) -> float:
        server = servers.oxigraph(self.data, self.folder)
        try:
            address = lookups_at(server.address)
            rate(self.folder, address, JSON, 2, self.enterprises)
            found = rate(self.folder, address, JSON, self.seconds, self.enterprises)
        finally:
            server.stop()
        row("look-ups/s, Oxigraph", f"{found:,.0f}")
        return found

    def against(self, found: float, bound: str) -> None:
        """Print a rate as a part of the yardstick."""
        yardstick = self.yardstick()
        if yardstick is not None:
            row("  against the yardstick", f"{found / yardstick:.3f}", bound)


def publish(data: Path, folder: Path) -> None:
    """Publish the enterprises, and the code lists that name what they refer to, as a release.

    The index of searches is made before anything is measured.
    """
    codes = folder / "codes.nt"
    lists = Path(str(files("vises"))) / "ontology" / "codes"
    triples = (
        quad.triple
        for path in sorted(lists.glob("*.ttl"))
        for quad in parse(path=path, format=RdfFormat.TURTLE)
    )
    serialize(triples, str(codes), format=RdfFormat.N_TRIPLES)
    releases = ReleaseStore(folder / "vises")
    with releases.transaction(author="benchmark", message="load", gate=gate) as transaction:
        transaction.replace_graph(GRAPH, data)
        transaction.replace_graph(CODES, codes)
    releases.compact()
    begun = time.monotonic()
    ensure(releases, folder_of(folder / "vises"), releases.list()[0].id)
    row("its index is made in", f"{time.monotonic() - begun:.0f} s")


def entities(run: Run) -> None:
    """Ask for enterprises as RDF: different ones without cache, one again and again with it."""
    run.yardstick()
    for environ, most, title, bound in (
        (OPEN, run.enterprises, "an enterprise as Turtle, uncached/s", ">= 0.1"),
        (LIMITLESS, 1, "an enterprise as Turtle, cached/s", ">= 0.5"),
    ):
        _rated(run, environ, ("/enterprise/fr-", ".ttl"), TURTLE, most, title, bound)


def listings(run: Run) -> None:
    """Ask for 50 enterprises at a time."""
    run.yardstick()
    for environ, most, title, bound in (
        (OPEN, min(_LISTED, run.enterprises), "50 enterprises, uncached/s", ">= 0.05"),
        (LIMITLESS, 1, "50 enterprises, cached/s", ""),
    ):
        _rated(run, environ, (run.listing, ""), "application/json", most, title, bound)


def _rated(  # noqa: PLR0913, PLR0917 (what a line of the table is made of)
    run: Run,
    environ: dict[str, str],
    path: tuple[str, str],
    accept: str,
    most: int,
    title: str,
    bound: str,
) -> None:
    run.tell(title)
    server = run.served(environ)
    try:
        address = (_at(server, path[0]), path[1])
        load(run.folder, address, accept, 2, most)
        found = rate(run.folder, address, accept, run.seconds, most)
    finally:
        server.stop()
    row(title, f"{found:,.0f}")
    run.against(found, bound)


def pages(run: Run) -> None:
    """Open the pages of enterprises, different ones, then one again and again."""
    chance = random.Random(5)
    chosen = [chance.randrange(run.enterprises) for _ in range(_ASKED)]
    for environ, numbers, title, bound in (
        (OPEN, chosen, "page of an enterprise, uncached", "<= 50 ms (median)"),
        (LIMITLESS, chosen[:1] * _ASKED, "page of an enterprise, cached", "<= 5 ms (median)"),
    ):
        run.tell(title)
        server = run.served(environ)
        try:
            paths = (f"/enterprise/fr-{number:09d}.html" for number in numbers)
            times = _timed(server, paths, HTML)
        finally:
            server.stop()
        row(title, f"{statistics.median(times) * 1000:.1f} ms", bound)


def search(run: Run) -> None:
    """Search for names as people write them, and for what they become letter by letter."""
    server = run.served(OPEN)
    try:
        questions = list(_questions(run.enterprises))
        for path, title in (("/search?q=", "search"), ("/search/suggest?q=", "suggestions")):
            run.tell(title)
            times = _timed(server, (path + quote(text) for text in questions), HTML)
            cuts = statistics.quantiles(times, n=100)
            row(f"{title}, 95th percentile", f"{cuts[94] * 1000:.1f} ms", "<= 30 ms")
            row("  median, 99th percentile", f"{cuts[49] * 1000:.1f} ms, {cuts[98] * 1000:.1f} ms")
    finally:
        server.stop()


def _questions(count: int) -> Iterator[str]:
    """Yield what may be asked: whole names, two words, mistakes, beginnings, numbers, places."""
    chance = random.Random(9)
    known = list(names(min(count, 20_000)))
    for place in range(_ASKED):
        name = chance.choice(known)
        parts = name.split()
        cut = chance.randrange(1, len(name))
        at = chance.randrange(len(name) - 1)
        yield (
            name.lower(),
            f"{parts[0]} {parts[-1]}",
            name[:at] + name[at + 1 :],
            name[:cut],
            f"{chance.randrange(count):09d}",
            parts[-1],
            parts[0][:3],
            f"{parts[0]} {parts[1]}",
        )[place % 8]


def _timed(server: servers.Server, paths: Iterator[str], accept: str) -> list[float]:
    """Ask for one after the other on one connection, by the client that costs least itself."""
    times = []
    headers = {"Accept": accept, "Accept-Encoding": "identity"}
    with closing(HTTPConnection(urlsplit(server.address).netloc, timeout=60)) as connection:
        for path in paths:
            begun = time.perf_counter()
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            answer.read()
            times.append(time.perf_counter() - begun)
            if answer.status != HTTPStatus.OK:
                raise HTTPException(f"{path} is answered with {answer.status}.")
    return times


def _at(server: servers.Server, path: str) -> str:
    return str(httpx.URL(server.address).join(path))


STEPS: dict[str, Callable[[Run], None]] = {
    step.__name__: step for step in (entities, listings, pages, search)
}


def main() -> None:
    """Run the steps and print each figure beside its bound."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--enterprises", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=int, default=10, help="of each run of wrk")
    parser.add_argument("--folder", type=Path, help="keep data and stores there for the next run")
    parser.add_argument("--listing", default=LISTING, help="where 50 enterprises are listed")
    parser.add_argument("--only", nargs="+", choices=STEPS, help="steps to run, in their order")
    options = parser.parse_args()
    demand_wrk()
    folder = options.folder or Path(tempfile.mkdtemp(prefix="vises-benchmark-"))
    try:
        data = folder / "data" / "data.nt"
        run = Run(data, folder, options.enterprises, options.seconds, options.listing)
        if not data.exists():
            run.tell(f"{options.enterprises:,} enterprises are written and published")
            data.parent.mkdir(parents=True)
            write_enterprises(data, options.enterprises)
            publish(data, folder)
        row("enterprises", f"{run.enterprises:,}")
        failed = [name for name in options.only or STEPS if not _done(run, name)]
    finally:
        if options.folder is None:
            shutil.rmtree(folder)
    if failed:
        sys.exit(f"These steps failed: {', '.join(failed)}.")


def _done(run: Run, name: str) -> bool:
    """Run a step; tell whether it came to its end."""
    try:
        STEPS[name](run)
    except (*_FAILURES, SystemExit) as error:
        row(name, "failed", str(error))
        return False
    return True


if __name__ == "__main__":
    main()
