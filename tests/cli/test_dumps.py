"""`vises dumps`: the files of a release, made once, and gone with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

GRAPH = "https://w3id.org/vises/graph"


def manifests(folder: Path) -> set[Path]:
    return set((folder / "data" / "dumps").glob("*/manifest.json"))


def test_files_are_made_once_and_not_of_what_is_closed(
    run: Run, units: Path, tmp_path: Path
) -> None:
    assert run("dumps")[0] == 4, "nothing is published yet"
    assert run("ingest", "sirene", units)[0] == 0
    status, out, _ = run("dumps")
    assert status == 0
    assert "sirene: " in out
    assert "Release 000001: " in out
    made = manifests(tmp_path)
    assert made
    assert run("dumps", "000001")[1].startswith("Nothing to do")
    assert manifests(tmp_path) == made
    status, _, err = run("dumps", "../../etc")
    assert status == 4
    assert "There is no release" in err
    assert run("access", "close", f"{GRAPH}/sirene")[0] == 0
    assert run("dumps")[1].startswith("Nothing to do")
    assert len(made - manifests(tmp_path)) == 1


def test_dumps_go_when_their_release_is_pruned(run: Run, ingested: Path, tmp_path: Path) -> None:
    run("dumps")
    first = manifests(tmp_path)
    ingested.write_text(ingested.read_text("utf-8").replace("ATELIER", "AUTRE"), "utf-8")
    run("ingest", "sirene", ingested)
    run("dumps")
    both = manifests(tmp_path)
    assert first < both
    nothing_else = ("--hourly", "0", "--daily", "0", "--monthly", "0")
    assert run("releases", "prune", "--last", "1", *nothing_else)[0] == 0
    left = manifests(tmp_path)
    assert left < both
    assert both - first <= left
