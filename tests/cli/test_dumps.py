"""`vises dumps`: the files of a release, made once, and gone with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

GRAPH = "https://w3id.org/vises/graph"


def test_files_are_made_once(run: Run, units: Path, tmp_path: Path) -> None:
    assert run("ingest", "sirene", units)[0] == 0
    status, out, _ = run("dumps")
    assert status == 0
    assert "sirene: " in out
    assert "Release 000001: " in out
    made = sorted((tmp_path / "data" / "dumps").rglob("*.gz"))
    assert made
    assert run("dumps", "000001")[1].startswith("Nothing to do")
    assert sorted((tmp_path / "data" / "dumps").rglob("*.gz")) == made


def test_a_release_that_there_is_not(run: Run, units: Path) -> None:
    assert run("dumps")[0] == 4
    assert run("ingest", "sirene", units)[0] == 0
    status, _, err = run("dumps", "../../etc")
    assert status == 4
    assert "There is no release" in err


def test_a_closed_dataset_gets_none_and_loses_those_it_has(
    run: Run, units: Path, tmp_path: Path
) -> None:
    run("ingest", "sirene", units)
    run("dumps")
    before = len(list((tmp_path / "data" / "dumps").glob("*/manifest.json")))
    assert run("access", "close", f"{GRAPH}/sirene")[0] == 0
    assert run("dumps")[1].startswith("Nothing to do")
    assert len(list((tmp_path / "data" / "dumps").glob("*/manifest.json"))) == before - 1


def test_dumps_go_when_their_release_is_pruned(run: Run, units: Path, tmp_path: Path) -> None:
    run("ingest", "sirene", units)
    run("dumps")
    first = set((tmp_path / "data" / "dumps").glob("*/manifest.json"))
    units.write_text(units.read_text("utf-8").replace("ATELIER", "AUTRE"), "utf-8")
    run("ingest", "sirene", units)
    run("dumps")
    both = set((tmp_path / "data" / "dumps").glob("*/manifest.json"))
    assert first < both
    assert run("releases", "prune", "--last", "1", "--hourly", "0", "--daily", "0")[0] == 0
    run("releases", "prune", "--last", "1", "--hourly", "0", "--daily", "0", "--monthly", "0")
    left = set((tmp_path / "data" / "dumps").glob("*/manifest.json"))
    assert left < both
    assert both - first <= left
