"""Counts that add up."""

from __future__ import annotations

import json

import pytest

from vises.ingest.report import CountsDiffer, IngestReport, Tally


def test_counts_add_up_or_nothing_is_published() -> None:
    tally = Tally("u.csv", rows_in=4, published=1, quarantined=1)
    tally.out_of_scope["a natural person"] += 2
    assert tally.counts().out_of_scope == {"a natural person": 2}
    tally.rows_in += 1
    with pytest.raises(CountsDiffer, match="5 rows were read and 4"):
        tally.counts()


def test_the_table_shows_each_file_and_its_reasons() -> None:
    tally = Tally("u.csv", rows_in=1003, published=1000, quarantined=1)
    tally.out_of_scope["a natural person"] += 2
    report = IngestReport(
        source="sirene",
        dataset="d",
        batch="b",
        unchanged=False,
        release="000001",
        as_of="2025-01-01",
        files=(tally.counts(),),
        quarantine=None,
        triples=1,
        violations=0,
        warnings=0,
        seconds=0.1,
    )
    assert report.table() == [
        ("file", "in", "published", "quarantined", "out of scope"),
        ("u.csv", "1,003", "1,000", "1", "2"),
        ("  a natural person", "", "", "", "2"),
    ]
    assert json.loads(json.dumps(report.to_json()))["files"][0]["out_of_scope"] == {
        "a natural person": 2
    }
