"""Numbers and their sums, read back by Prometheus' own parser."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import TYPE_CHECKING

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.parser import text_string_to_metric_families

from vises.service.operation.metrics import Metrics, forget_process

if TYPE_CHECKING:
    import pytest


def read(metrics: Metrics) -> dict[tuple[str, ...], float]:
    return {
        (sample.name, *(v for k, v in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(metrics.text().decode())
        for sample in family.samples
    }


def test_what_is_counted_is_told() -> None:
    metrics = Metrics()
    metrics.request_ended("sparql", "answered", 0.003, 100)
    metrics.request_ended("sparql", "answered", 70, 11)
    metrics.query_ended("query-timeout", 60.1, 0.2)
    metrics.process_ended("deadline")
    metrics.cache_asked("hit")
    metrics.cache_asked("hit")
    metrics.connection_ended("request-too-slow")
    metrics.processes_changed(4, 2)
    metrics.queue_changed(7)
    found = read(metrics)
    assert found["vises_request_seconds_count", "answered", "sparql"] == 2
    assert found["vises_request_seconds_sum", "answered", "sparql"] == 70.003
    bucket = "vises_request_seconds_bucket"
    counts = [found[bucket, le, "answered", "sparql"] for le in ("0.0025", "0.005", "60.0", "+Inf")]
    assert counts == [0, 1, 1, 2]
    assert found["vises_response_bytes_total", "sparql"] == 111
    assert found["vises_query_seconds_count", "query-timeout"] == 1
    assert found["vises_query_wait_seconds_sum",] == 0.2
    assert found["vises_worker_processes_ended_total", "deadline"] == 1
    assert found["vises_cache_requests_total", "hit"] == 2
    assert found["vises_connections_ended_total", "request-too-slow"] == 1
    assert found["vises_worker_processes",] == 4
    assert found["vises_worker_processes_long",] == 2
    assert found["vises_queries_waiting",] == 7


def test_more_families_are_added() -> None:
    text = Metrics().text([GaugeMetricFamily("x", "y", value=3)]).decode()
    assert "\nx 3.0\n" in text


def test_processes_are_summed_and_what_a_dead_one_counted_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.getpid", lambda: 1)
    one = Metrics(tmp_path)
    monkeypatch.setattr("os.getpid", lambda: 2)
    two = Metrics(tmp_path)
    for metrics in (one, two):
        metrics.request_ended("pages", "answered", 1, 10)
        metrics.processes_changed(4, 1)
    two.write()
    found = read(one)
    assert found["vises_request_seconds_count", "answered", "pages"] == 2
    assert (found["vises_worker_processes",], found["vises_server_processes",]) == (8, 2)
    forget_process(tmp_path, 2)
    forget_process(tmp_path, 3)
    found = read(one)
    assert found["vises_request_seconds_count", "answered", "pages"] == 2
    assert (found["vises_worker_processes",], found["vises_server_processes",]) == (4, 1)


def test_a_process_that_ends_while_its_numbers_are_read_counts_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = Metrics(tmp_path)
    monkeypatch.setattr("os.getpid", lambda: 2)
    two = Metrics(tmp_path)
    two.request_ended("pages", "answered", 1, 10)
    two.write()
    read_text = Path.read_text

    def ends(file: Path, encoding: str) -> str:
        numbers = read_text(file, encoding)
        forget_process(tmp_path, 2)
        return numbers

    monkeypatch.setattr(Path, "read_text", ends)
    found = read(one)
    assert found["vises_request_seconds_count", "answered", "pages"] == 1
    assert found["vises_server_processes",] == 1


def test_where_the_disk_is_full_the_numbers_stay_and_a_dead_process_is_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    one = Metrics(tmp_path)
    monkeypatch.setattr("os.getpid", lambda: 2)
    two = Metrics(tmp_path)
    two.cache_asked("hit")
    two.write()

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", full)
        two.cache_asked("hit")
        two.write()
        two.write()
        assert len(caplog.records) == 1
        assert read(one)["vises_cache_requests_total", "hit"] == 1
    two.write()
    assert read(one)["vises_cache_requests_total", "hit"] == 2
    monkeypatch.setattr(Path, "write_text", full)
    forget_process(tmp_path, 2)
    found = read(one)
    assert (found["vises_cache_requests_total", "hit"], found["vises_server_processes",]) == (2, 1)
