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
RESULTS = """@prefix vises: <https://w3id.org/vises/ontology#> .
@prefix code: <https://w3id.org/vises/code/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<indicator/hours> a vises:Indicator ; vises:unit <http://qudt.org/vocab/unit/HR> .
<form/a> vises:inFamily code:family\\/association .
""" + "".join(
    rf"""<e/{n}> vises:region code:nuts\/FRE ; vises:legalForm <form/a> .
<result/{n}> vises:about <e/{n}> ; vises:value 10.0 ; vises:indicator <indicator/hours> ;
    vises:reportStatus code:report-status\/attested ;
    vises:periodStart "2025-01-01"^^xsd:date ; vises:periodEnd "2025-12-31"^^xsd:date .
"""
    for n in range(4)
)


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


def test_it_warns_of_results_that_everybody_may_read(run: Run, tmp_path: Path) -> None:
    data = tmp_path / "data"
    file = tmp_path / "results.ttl"
    file.write_text(RESULTS + PUBLISHER, "utf-8")
    options = IngestOptions("impact", VOCABULARY_BASE, "a test", data)
    about = DatasetDescription({"en": "Reports"})
    ingest_rdf(about, [file], ReleaseStore(data), gate, options, Silence())
    status, _, err = run("derive", "results", "impact", "--year", "2026", "--level", "0")
    assert status == 0, err
    assert "everybody may read impact. What the table withholds" in err
    assert run("access", "close", f"{VOCABULARY_BASE}graph/impact")[0] == 0
    status, out, err = run("derive", "results", "impact", "--year", "2026", "--level", "0")
    assert (status, "everybody may read" in err) == (0, False), err
    assert "sums has" in out


def test_it_warns_of_periods_that_overlap(run: Run, tmp_path: Path) -> None:
    data = tmp_path / "data"
    file = tmp_path / "results.ttl"
    quarter = RESULTS.replace("<result/", "<result/first-").replace("2025-12-31", "2025-03-31")
    file.write_text(RESULTS + quarter + PUBLISHER, "utf-8")
    options = IngestOptions("impact", VOCABULARY_BASE, "a test", data)
    about = DatasetDescription({"en": "Reports"})
    ingest_rdf(about, [file], ReleaseStore(data), gate, options, Silence())
    status, _, err = run("derive", "results", "impact", "--year", "2026", "--level", "0")
    assert status == 0, err
    said = " ".join(err.split())
    assert "over 2025-01-01 to 2025-03-31 and over 2025-01-01 to 2025-12-31 can be" in said
