"""What to fix, counted."""

from __future__ import annotations

import tracemalloc
from itertools import count, islice
from typing import TYPE_CHECKING

from vises.validation.findings import SAMPLES, findings
from vises.validation.report import Result

if TYPE_CHECKING:
    from collections.abc import Iterator


def result(number: int, severity: str = "Violation", path: str = "<urn:p>") -> Result:
    return Result(f"<urn:{number}>", path, None, "urn:component", severity, "urn:shape")


def test_results_of_one_cause_are_one_finding_with_a_few_samples() -> None:
    [found] = findings(result(number) for number in range(20))
    assert (found.count, found.others) == (20, 20 - SAMPLES)
    assert [sample.focus for sample in found.samples] == [f"<urn:{n}>" for n in range(SAMPLES)]


def test_the_worst_and_the_most_frequent_come_first() -> None:
    results = [result(1, "Info"), result(1, "https://own.example/fatal")]
    results += [result(n, path="<urn:few>") for n in range(2)]
    results += [result(n, path="<urn:many>") for n in range(3)]
    found = [(f.first.severity, f.first.path) for f in findings(results)]
    assert found == [
        ("https://own.example/fatal", "<urn:p>"),
        ("Violation", "<urn:many>"),
        ("Violation", "<urn:few>"),
        ("Info", "<urn:p>"),
    ]


def test_many_results_take_no_more_memory_than_few() -> None:
    def endless() -> Iterator[Result]:
        return (result(number) for number in count())

    tracemalloc.start()
    try:
        [found] = findings(islice(endless(), 100_000))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found.count == 100_000
    assert peak < 100_000
