"""`vises derive`: what is closed stays so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vises.ingest.options import IngestOptions
from vises.ingest.pipeline import ingest_rdf
from vises.ingest.provenance import DatasetDescription
from vises.namespaces import VOCABULARY_BASE
from vises.progress import Silence
from vises.store.releases import ReleaseStore

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run
    from vises.store.transaction import Candidate

PUBLISHER = "<organisation/vises-contributors> a <http://www.w3.org/ns/org#Organization> ."


class Accepted:
    accepted, violations, warnings = True, 0, 0

    def summary(self) -> str:
        return "accepted"

    def turtle(self) -> list[bytes]:
        return []


def gate(_: Candidate) -> Accepted:
    return Accepted()


def test_closed_results_are_not_summed_with_open_ones(run: Run, tmp_path: Path) -> None:
    data = tmp_path / "data"
    file = tmp_path / "results.ttl"
    file.write_text(PUBLISHER, "utf-8")
    releases = ReleaseStore(data)
    for name in ("open", "secret"):
        options = IngestOptions(name, VOCABULARY_BASE, "a test", data)
        ingest_rdf(DatasetDescription({"en": name}), [file], releases, gate, options, Silence())
    closing = run("access", "close", f"{VOCABULARY_BASE}graph/secret")
    assert closing[0] == 0, closing
    status, _, err = run("derive", "results", "open", "secret", "--year", "2026")
    assert status != 0
    assert "graph/secret would be summed together with what everybody reads" in err
    status, _, err = run("derive", "results", "secret", "--year", "2026")
    assert "No attested result can be summed" in err
