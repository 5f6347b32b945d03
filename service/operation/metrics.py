"""What is counted, and the same in the text format of Prometheus.

Counting is an addition in a dictionary. Where several server processes serve one data folder, each
writes its numbers to a file of a folder that they share, once a second, and whoever is asked adds
those of the others to its own.
"""

from __future__ import annotations

import json
import logging
import os
import time
from bisect import bisect_left
from collections import defaultdict
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)

from vises.errors import VisesError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from prometheus_client import Metric

    from vises.store.releases import ReleaseStore

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
WRITE_SECONDS = 1.0

_BUCKETS = (
    0.001,
    0.0025,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1.0,
    2.5,
    5.0,
    10.0,
    30.0,
    60.0,
)

_HISTOGRAMS = {
    "vises_request_seconds": ("Requests and how long they took", ("route", "outcome")),
    "vises_query_seconds": ("Queries and how long they held a process", ("outcome",)),
    "vises_search_seconds": ("Searches and how long they held a process", ("outcome",)),
    "vises_query_wait_seconds": ("How long queries waited for a process", ()),
}
_COUNTERS = {
    "vises_response_bytes": ("Bytes of the bodies that were sent", ("route",)),
    "vises_worker_processes_ended": ("Query processes that ended, and why", ("why",)),
    "vises_connections_ended": ("Connections that a limit ended, and which", ("why",)),
    "vises_cache_requests": ("Requests to the cache of answers", ("result",)),
}
_GAUGES = {
    "vises_worker_processes": "Query processes that live",
    "vises_worker_processes_long": "Query processes that hold a long query",
    "vises_queries_waiting": "Queries that wait for a process",
    "vises_server_processes": "Server processes that live",
}

_log = logging.getLogger(__name__)

_LIVES, _ENDED = ".json", ".ended"
"""What the name of the file of a process ends with."""

Labels = tuple[str, ...]
Numbers = dict[tuple[str, Labels], list[float]]


class Metrics:
    """The numbers of this process, and of the others that share the folder (a `PoolObserver`)."""

    def __init__(self, folder: Path | None = None) -> None:
        """Begin at nothing; `folder` is where several processes put their numbers."""
        self._histograms: Numbers = defaultdict(lambda: [0.0] * (len(_BUCKETS) + 2))
        self._counters: Numbers = defaultdict(lambda: [0.0])
        self._gauges = dict.fromkeys(_GAUGES, 0.0)
        self._gauges["vises_server_processes"] = 1
        self._file = _file_of(folder, os.getpid()) if folder else None
        self._written = True

    def request_ended(self, route: str, outcome: str, seconds: float, size: int) -> None:
        """Count a request that was answered, or was not."""
        self._observe("vises_request_seconds", (route, outcome), seconds)
        self._counters["vises_response_bytes", (route,)][0] += size

    def cache_asked(self, result: str) -> None:
        """Count a request to the cache of answers: "hit", "miss" or "passed" (not to be kept)."""
        self._counters["vises_cache_requests", (result,)][0] += 1

    def connection_ended(self, why: str) -> None:
        """Count a connection that a limit ended, mostly before there was a request to count."""
        self._counters["vises_connections_ended", (why,)][0] += 1

    def query_ended(self, outcome: str, seconds: float, waited: float) -> None:
        """Count a query."""
        self._observe("vises_query_seconds", (outcome,), seconds)
        self._observe("vises_query_wait_seconds", (), waited)

    def search_ended(self, outcome: str, seconds: float) -> None:
        """Count a search: "answered", "disconnected" or the kind of its error."""
        self._observe("vises_search_seconds", (outcome,), seconds)

    def process_ended(self, why: str) -> None:
        """Count a query process that is gone."""
        self._counters["vises_worker_processes_ended", (why,)][0] += 1

    def processes_changed(self, alive: int, long: int) -> None:
        """Note how many query processes live, and how many of them hold long queries."""
        self._gauges["vises_worker_processes"] = alive
        self._gauges["vises_worker_processes_long"] = long

    def queue_changed(self, waiting: int) -> None:
        """Note how many queries wait."""
        self._gauges["vises_queries_waiting"] = waiting

    def write(self) -> None:
        """Put the numbers where the other processes find them.

        Where there is no room for them, those from before stay, and the log says so once.
        """
        if self._file is None:
            return
        try:
            _put(self._file, self._numbers())
        except OSError as error:
            if self._written:
                _log.warning("The numbers for /metrics cannot be written, so they stay: %s", error)
            self._written = False
        else:
            self._written = True

    def text(self, more: Iterable[Metric] = ()) -> bytes:
        """Return all numbers in Prometheus' text format, with some that are known now only."""
        total = _Total()
        total.add(self._numbers())
        for numbers in self._of_others().values():
            total.add(numbers)
        registry = CollectorRegistry()
        registry.register(_Collector(lambda: [*total.families(), *more]))
        return generate_latest(registry)

    def _of_others(self) -> dict[str, dict[str, Any]]:
        """Return the numbers of other processes; one may end meanwhile, and counts once then."""
        found: dict[str, dict[str, Any]] = {}
        if self._file is None:
            return found
        for file in self._file.parent.glob(f"*{_LIVES}"):
            if file != self._file:
                with suppress(FileNotFoundError):
                    found[file.stem] = json.loads(file.read_text("utf-8"))
        for file in self._file.parent.glob(f"*{_ENDED}"):
            found[file.stem] = json.loads(file.read_text("utf-8")) | {"gauges": {}}
        return found

    def _observe(self, name: str, labels: Labels, value: float) -> None:
        numbers = self._histograms[name, labels]
        numbers[bisect_left(_BUCKETS, value)] += 1
        numbers[-1] += value

    def _numbers(self) -> dict[str, Any]:
        return {
            "histograms": [[*key, numbers] for key, numbers in self._histograms.items()],
            "counters": [[*key, numbers] for key, numbers in self._counters.items()],
            "gauges": self._gauges,
        }


def forget_process(folder: Path, process: int) -> None:
    """Take the state of a process that has died out of the sums; what it counted stays.

    Its file gets another name, which a full disk has room for.
    """
    with suppress(FileNotFoundError):
        _file_of(folder, process).replace(_file_of(folder, process, _ENDED))


def _file_of(folder: Path, process: int, end: str = _LIVES) -> Path:
    return folder / f"{process}{end}"


def _put(file: Path, numbers: Mapping[str, Any]) -> None:
    """Write numbers into a file that others read meanwhile: it has the old ones or the new."""
    new = file.with_suffix(".new")
    new.write_text(json.dumps(numbers), "utf-8")
    new.replace(file)


class _Total:
    """The sum over processes."""

    def __init__(self) -> None:
        self._numbers: Numbers = {}
        self._gauges = dict.fromkeys(_GAUGES, 0.0)

    def add(self, numbers: Mapping[str, Any]) -> None:
        """Add those of one process."""
        for name, labels, values in (*numbers["histograms"], *numbers["counters"]):
            before = self._numbers.setdefault((name, tuple(labels)), [0.0] * len(values))
            before[:] = [a + b for a, b in zip(before, values, strict=True)]
        for name, value in numbers["gauges"].items():
            self._gauges[name] += value

    def families(self) -> Iterator[Metric]:
        """Return the sums as the library has them."""
        for name, (help_, labels) in _HISTOGRAMS.items():
            histogram = HistogramMetricFamily(name, help_, labels=labels)
            for values, numbers in self._of(name):
                histogram.add_metric(values, list(_buckets(numbers)), numbers[-1])
            yield histogram
        for name, (help_, labels) in _COUNTERS.items():
            counter = CounterMetricFamily(name, help_, labels=labels)
            for values, numbers in self._of(name):
                counter.add_metric(values, numbers[0])
            yield counter
        for name, value in self._gauges.items():
            yield GaugeMetricFamily(name, _GAUGES[name], value=value)

    def _of(self, name: str) -> list[tuple[Labels, list[float]]]:
        return sorted((key[1], n) for key, n in self._numbers.items() if key[0] == name)


def _buckets(numbers: list[float]) -> Iterator[tuple[str, float]]:
    """Return the cumulative counts."""
    count = 0.0
    for bound, number in zip((*map(str, _BUCKETS), "+Inf"), numbers[:-1], strict=True):
        count += number
        yield bound, count


class _Collector:
    """What the library asks for families."""

    def __init__(self, families: Callable[[], list[Metric]]) -> None:
        self.collect = families


def of_release(releases: ReleaseStore) -> Iterator[Metric]:
    """Yield what is known of the current release; nothing where there is none."""
    try:
        release = releases.current()
    except VisesError:
        release = None
    if release is None:
        return
    info = GaugeMetricFamily("vises_release_info", "The current release", labels=["release"])
    info.add_metric([release.id], 1)
    yield info
    yield GaugeMetricFamily(
        "vises_release_age_seconds",
        "How long ago the current release was made",
        value=time.time() - release.created.timestamp(),
    )
