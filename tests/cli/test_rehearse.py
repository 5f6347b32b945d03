"""`vises ingest --dry-run`: everything is told and nothing is published."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pyoxigraph import RdfFormat, parse

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run


def test_a_dry_run_tells_all_and_publishes_nothing(run: Run, units: Path) -> None:
    status, out, err = run("ingest", "sirene", units, "--fictitious", "--dry-run")
    assert status == 0, err
    assert "units.csv\t3\t2\t0\t1" in out
    assert 'legal:legalName "ATELIER INVENTÉ"' in out
    assert "sirene with" in out
    assert "would be published (0 violations" in out
    assert run("releases", "show", "000001")[0] == 4


def test_as_json_it_is_one_document(run: Run, units: Path) -> None:
    status, out, err = run("ingest", "sirene", units, "--fictitious", "--dry-run", "--json")
    assert status == 0, err
    told = json.loads(out)
    assert (told["accepted"], told["dry_run"], told["release"]) == (True, True, None)
    assert told["triples"] == len(list(parse(told["preview"], format=RdfFormat.TURTLE)))


def test_what_is_published_already_would_change_nothing(run: Run, units: Path) -> None:
    assert run("ingest", "sirene", units, "--fictitious")[0] == 0
    status, out, _ = run("ingest", "sirene", units, "--fictitious", "--dry-run")
    assert (status, "Nothing would change: release 000001" in out) == (0, True)
    status, out, _ = run("ingest", "sirene", units, "--fictitious", "--dry-run", "--json")
    told = json.loads(out)
    assert (status, told["unchanged"], told["accepted"]) == (0, True, None)


def test_what_the_shapes_would_refuse_ends_with_1_and_says_why(run: Run, tmp_path: Path) -> None:
    links = tmp_path / "links.csv"
    links.write_text("enterprise,matches,basis\nfr-000000018,be-0000002671,declared\n", "utf-8")
    report = tmp_path / "found.json"
    status, out, _ = run("ingest", "identity", links, "--dry-run", "--report", report)
    assert (status, "would be refused by the shapes" in out) == (1, True)
    assert "IdentityLink" in out
    assert "IdentityLink" in report.read_text("utf-8")
    assert run("ingest", "identity", links, "--dry-run", "--json")[0] == 1
    assert run("releases", "show", "000001")[0] == 4


def test_it_is_no_way_to_write_parts(run: Run, units: Path) -> None:
    status, _, err = run("ingest", "sirene", units, "--dry-run", "--parts-only", "parts")
    assert (status, "Give one of them" in err) == (2, True)


def test_a_file_that_is_not_there_is_told_as_by_an_ingest(run: Run) -> None:
    assert run("ingest", "sirene", "missing.csv", "--dry-run")[0] == 4
