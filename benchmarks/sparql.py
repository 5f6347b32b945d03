"""What the SPARQL service does per second and costs in memory, beside its peers in the same run.

    python benchmarks/sparql.py --statements 2800000
    python benchmarks/sparql.py --only lookups cached

Peers: the Oxigraph server and rdflib-endpoint (PyPI), Virtuoso (Debian). Look-ups are asked by wrk
(Debian: wrk) on 8 connections, each for a random enterprise, answers as JSON. All figures are of
one machine and one run, in which the servers have their turns one after the other; the ratios are
the claim. Where the machine has jemalloc (Debian: libjemalloc2), it is told as well what the
service does with it, and the Oxigraph server.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, contextmanager
from ctypes.util import find_library
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import servers
from figures import row
from invented import PER_ENTERPRISE, write_data
from load import demand_wrk, load, lookups_at
from processes import mebibytes, tree

from vises.namespaces import PREFIXES, VOCABULARY_BASE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from load import Load

JSON = "application/sparql-results+json"
PLAIN = {"Accept": JSON, "Accept-Encoding": "identity"}
"""No server compresses, so that all of them send the same bytes."""

ROUNDS, ANALYTIC_ROUNDS = 3, 7
"""How often each server has its turn."""

SEVERAL = "vises, several processes"
JEMALLOC = find_library("jemalloc")
GIVING_BACK = "retain:false,narenas:1"
"""Addresses that are free again go back, since a query process may have so many of them only."""
OPEN = {"VISES_CACHE_MEMORY": "0"}
PREFIX = f"PREFIX v: <{PREFIXES['vises']}> PREFIX legal: <{PREFIXES['legal']}> "
ANALYTIC = {
    "count and average by region": "SELECT ?r (COUNT(?e) AS ?n) (AVG(?j) AS ?a) "
    "{ ?e v:region ?r ; v:jobs ?j } GROUP BY ?r",
    "two codes crossed": "SELECT ?a ?b (COUNT(?e) AS ?n) { ?e v:code0 ?a ; v:code1 ?b } "
    "GROUP BY ?a ?b ORDER BY DESC(?n) ?a ?b LIMIT 20",
    "filter on two properties": "SELECT ?e { ?e v:jobs ?j ; v:date0 ?d "
    "FILTER(?j > 99000 && ?d > '2020-01-01'^^<http://www.w3.org/2001/XMLSchema#date>) }",
    "top 20 of a region": "SELECT ?e ?j { ?e v:region "
    f"<{VOCABULARY_BASE}code/nuts/7> ; v:jobs ?j }} ORDER BY DESC(?j) LIMIT 20",
    "400,000 rows": "SELECT ?e ?c { ?e v:code0|v:code1 ?c }",
}
WORST = (
    "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
    "SELECT DISTINCT ?s ?o { ?s ?p ?o } ORDER BY ?o LIMIT 10",
    "SELECT (COUNT(*) AS ?n) { ?a (!<urn:x>|^!<urn:x>)* ?b }",
    "SELECT ?s { ?s v:note ?o FILTER REGEX(?o, '^(([a-z0-9])+.)+[A-Z]([a-z0-9])+$') } ORDER BY ?o",
)


Entrants = dict[str, Callable[[], servers.Server]]
"""What starts the servers that are compared, by what they are called."""


@dataclass
class Run:
    """One run: its data, its folder, how long each look-up run lasts, and what was found."""

    data: Path
    folder: Path
    enterprises: int
    seconds: int

    def served(self, name: str, **environ: str) -> servers.Server:
        """Start a server by its name."""
        if name == "vises":
            return servers.vises(self.data, self.folder, {**LIMITLESS, **environ})
        start: Callable[[Path, Path], servers.Server] = getattr(servers, name)
        return start(self.data, self.folder)

    def with_jemalloc(self) -> Entrants:
        """Return what starts ours and the Oxigraph server with jemalloc, where it is there."""
        if JEMALLOC is None:
            return {}
        preloaded = {"LD_PRELOAD": JEMALLOC, "MALLOC_CONF": GIVING_BACK}
        return {
            "vises, jemalloc": partial(self.served, "vises", **OPEN, **preloaded),
            "oxigraph, jemalloc": partial(
                servers.oxigraph, self.data, self.folder, environ=preloaded
            ),
        }

    def entrants(self, names: Sequence[str], environ: Mapping[str, str]) -> Entrants:
        """Return what starts some servers, ours with these settings."""
        return {name: partial(self.served, name, **environ) for name in names}


LIMITLESS = {
    "VISES_WORKERS": "8",
    "VISES_CLIENT_SECONDS": "1e9/1e9",
    "VISES_CLIENT_ERRORS": "1e9/1e9",
    "VISES_LOG": "events",
}
"""Settings that take away the limits per client: the load on 8 connections is of one address."""


def wrk(run: Run, address: str, seconds: int, most: int) -> Load:
    """Look up random enterprises, `most` different ones, and return what came of it."""
    return load(run.folder, lookups_at(address), JSON, seconds, most)


def lookups(run: Run) -> None:
    """Look up enterprises without cache, with all servers."""
    names = ("vises", "oxigraph", "rdflib_endpoint", "virtuoso")
    rates = _rates(run, run.entrants(names, OPEN) | run.with_jemalloc(), run.enterprises)
    row("  against the Oxigraph server", _ratios(rates), ">= 0.5")
    row("  against rdflib-endpoint", _ratio(rates, "rdflib_endpoint"), ">= 10")
    row("  against Virtuoso", _ratio(rates, "virtuoso"))


def cached(run: Run) -> None:
    """Ask the same look-up again and again; a server process of ours uses one processor."""
    entrants = run.entrants(("vises", "oxigraph"), {})
    processes = str(os.cpu_count())
    entrants[SEVERAL] = partial(run.served, "vises", VISES_PROCESSES=processes)
    rates = _rates(run, entrants, 1)
    row("  against the Oxigraph server", _ratio(rates, "oxigraph"))
    told = f">= 2  ({processes} server processes)"
    row("  as many processes as processors", _ratio(rates, "oxigraph", SEVERAL), told)


def _rates(run: Run, entrants: Entrants, most: int) -> dict[str, list[float]]:
    """Return the answers a second of servers that are asked in turn, some times each."""
    rates: dict[str, list[float]] = {name: [] for name in entrants}
    errors = dict.fromkeys(entrants, 0)
    with _running(entrants) as up:
        for server in up.values():
            wrk(run, server.address, 2, most)
        for _ in range(ROUNDS):
            for name, server in up.items():
                found = wrk(run, server.address, run.seconds, most)
                rates[name].append(found.rate)
                errors[name] += found.errors
    for name in entrants:
        told = f"({errors[name]:,} of the answers were errors)" if errors[name] else ""
        row(f"look-ups/s, {name}", f"{statistics.median(rates[name]):,.0f}", told)
    return rates


@contextmanager
def _running(entrants: Entrants) -> Iterator[dict[str, servers.Server]]:
    """Let servers run side by side: what they take at rest is nothing."""
    with ExitStack() as stack:
        yield {name: stack.enter_context(start()) for name, start in entrants.items()}


def analytic(run: Run) -> None:
    """Ask analytic queries and many rows, one at a time and each server in turn."""
    with (
        _running(run.entrants(("vises", "oxigraph", "virtuoso"), OPEN) | run.with_jemalloc()) as up,
        httpx.Client(timeout=600, headers=PLAIN) as client,
    ):
        for title, query in ANALYTIC.items():
            times: dict[str, list[float]] = {name: [] for name in up}
            for number in range(1 + ANALYTIC_ROUNDS):
                for name, server in up.items():
                    seconds = _asked(client, server.address, PREFIX + query)
                    if number:  # the first time warms up
                        times[name].append(seconds)
            told = " ".join(f"{n} {statistics.median(t) * 1000:,.0f} ms" for n, t in times.items())
            rates = {name: [1 / seconds for seconds in each] for name, each in times.items()}
            row(title, _ratios(rates), f">= 0.95  ({told})")


def memory(run: Run) -> None:
    """Measure the front process during an answer of about 1 GB."""
    server = run.served("vises", **OPEN, VISES_QUERY_SECONDS="600")
    worst, size = mebibytes_front(server), 0
    query = {"query": "SELECT * { GRAPH ?g { ?s ?p ?o } }"}
    accept = {**PLAIN, "Accept": "application/sparql-results+xml"}
    begun = time.monotonic()
    with httpx.stream("GET", server.address, params=query, headers=accept, timeout=600) as answer:
        for number, chunk in enumerate(answer.iter_raw()):
            size += len(chunk)
            if number % 200 == 0:
                worst = max(worst, mebibytes_front(server))
    seconds = time.monotonic() - begun
    server.stop()
    row("front process during an answer", f"{worst:.0f} MiB", f"<= 150  ({size / 1e9:.2f} GB)")
    row("  speed of that answer", f"{size / 1e6 / seconds:.0f} MB/s")


def mebibytes_front(server: servers.Server) -> float:
    """Return the memory of the process that speaks HTTP."""
    return mebibytes([server.process.pid])


def hostile(run: Run) -> None:
    """Look up enterprises while four clients send the worst queries without pause."""
    server = servers.vises(run.data, run.folder, OPEN)
    over, latencies, outcomes = threading.Event(), [], dict[str, int]()
    threads = [
        threading.Thread(target=_worst, args=(server.address, number, over, outcomes))
        for number in range(4)
    ]
    for thread in threads:
        thread.start()
    deadline, most = time.monotonic() + run.seconds * 6, 0.0
    with httpx.Client(headers=PLAIN, timeout=60) as client:
        while time.monotonic() < deadline:
            query = (
                f"SELECT ?p ?o {{ <{VOCABULARY_BASE}enterprise/fr-{len(latencies):09d}> ?p ?o }}"
            )
            latencies.append(_asked(client, server.address, query))
            if len(latencies) % 100 == 0:
                most = max(most, mebibytes(tree(server.process.pid)))
            time.sleep(0.01)
    over.set()
    for thread in threads:
        thread.join()
    server.stop()
    cuts = statistics.quantiles(latencies, n=100)
    row("99th percentile beside the worst", f"{cuts[98] * 1000:.1f} ms", "<= 50")
    row("  median", f"{cuts[49] * 1000:.1f} ms", f"({len(latencies):,} look-ups)")
    row("  memory of all processes", f"{most:,.0f} MiB")
    row("  what the worst were answered", ", ".join(f"{k}: {v}" for k, v in outcomes.items()))


def _worst(address: str, number: int, over: threading.Event, outcomes: dict[str, int]) -> None:
    """Send the worst queries, from an address of loopback of one's own."""
    transport = httpx.HTTPTransport(local_address=f"127.0.0.{number + 2}")
    with httpx.Client(transport=transport, timeout=120, headers=PLAIN) as client:
        while not over.is_set():
            try:
                answer = client.get(address, params={"query": PREFIX + WORST[number]})
                outcome = str(answer.status_code)
            except httpx.TransportError as error:
                outcome = type(error).__name__
            outcomes[outcome] = outcomes.get(outcome, 0) + 1


def _asked(client: httpx.Client, address: str, query: str) -> float:
    begun = time.perf_counter()
    with client.stream("GET", address, params={"query": query}) as answer:
        answer.raise_for_status()
        for _ in answer.iter_raw():
            pass
    return time.perf_counter() - begun


def _ratio(rates: Mapping[str, Sequence[float]], peer: str, own: str = "vises") -> str:
    """Return how our rate stands to a peer's: the median of all turns, as machines change pace."""
    pairs = list(zip(rates[own], rates[peer], strict=True))
    if not all(theirs for _, theirs in pairs):
        return "none was answered"
    return f"{statistics.median(ours / theirs for ours, theirs in pairs):.2f}"


def _ratios(rates: Mapping[str, Sequence[float]]) -> str:
    """Return our ratio to the Oxigraph server, both as they come, and what jemalloc makes of it."""
    told = _ratio(rates, "oxigraph")
    if "vises, jemalloc" not in rates:
        return told
    ours, both = (_ratio(rates, x, "vises, jemalloc") for x in ("oxigraph", "oxigraph, jemalloc"))
    return f"{told} (jemalloc: ours {ours}, both {both})"


STEPS = {step.__name__: step for step in (lookups, cached, analytic, memory, hostile)}


def main() -> None:
    """Run the steps and print each figure beside its bound."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--statements", type=int, default=2_800_000)
    parser.add_argument("--seconds", type=int, default=10, help="of each run of look-ups")
    parser.add_argument("--folder", type=Path, help="keep data and stores there for the next run")
    parser.add_argument("--only", nargs="+", choices=STEPS, help="steps to run, in their order")
    options = parser.parse_args()
    demand_wrk()
    folder = options.folder or Path(tempfile.mkdtemp(prefix="vises-benchmark-"))
    try:
        data = folder / "data" / "data.nt"
        if not data.exists():
            data.parent.mkdir(parents=True)
            write_data(data, options.statements)
        run = Run(data, folder, options.statements // PER_ENTERPRISE, options.seconds)
        row("statements", f"{run.enterprises * PER_ENTERPRISE:,}")
        for step in options.only or STEPS:
            STEPS[step](run)
    finally:
        if options.folder is None:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
