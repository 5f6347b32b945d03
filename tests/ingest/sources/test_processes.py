"""Sources whose rows depend on each other say the same in several processes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.ingest.sources.samples.eurostat import write_sample as eurostat
from tests.ingest.sources.samples.table import write_sample as table
from vises.ingest.quarantine import Threshold
from vises.ingest.sources.kbo.sample import write_sample as kbo

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from vises.ingest.samples import Sample

House = Any
"""The class in conftest.py, which a test module cannot import."""


def kbo_with_labels(folder: Path) -> Sample:
    sample = kbo(folder, enterprises=60)
    codes = folder / "code.csv"
    rows = "".join(f'"Nace2025","{code}","FR","{code}"\n' for code in (94999, 88999, 85599))
    codes.write_text('"Category","Code","Language","Description"\n' + rows, encoding="utf-8")
    assert sample.files == (folder,)
    return sample


@pytest.mark.parametrize(
    ("source", "write"), [("table", table), ("eurostat", eurostat), ("kbo", kbo_with_labels)]
)
def test_two_processes_publish_what_one_does(
    house: House, tmp_path: Path, source: str, write: Callable[[Path], Sample]
) -> None:
    files = write(tmp_path / "s").files
    digests, counts = [], []
    for processes in (1, 2):
        other = type(house)(tmp_path / str(processes), house.gate)
        report = other.ingest(source, *files, max_refused=Threshold(rows=99), processes=processes)
        counts.append([(f.published, f.quarantined, f.out_of_scope) for f in report.files])
        digests.append(other.releases.current().digests[f"https://w3id.org/vises/graph/{source}"])
    assert counts[0] == counts[1]
    assert digests[0] == digests[1]
