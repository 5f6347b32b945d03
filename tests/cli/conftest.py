"""What the tests of the command line share."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from vises.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Once

Run = Callable[..., tuple[int, str, str]]
COLUMNS = (
    "siren,denominationUniteLegale,categorieJuridiqueUniteLegale,"
    "economieSocialeSolidaireUniteLegale\n"
)
UNITS = (
    COLUMNS
    + "000000018,ATELIER INVENTÉ,9220,O\n"
    + "000000026,COOPÉRATIVE INVENTÉE,5460,O\n"
    + "000000034,PERSONNE INVENTÉE,1000,\n"
)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs `vises ARGUMENTS` in an empty folder: status, output, errors."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VISES_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "200")

    def call(*arguments: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["vises", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        code = ended.value.code
        return (code if isinstance(code, int) else 1, said.out, said.err)

    return call


@pytest.fixture
def units(tmp_path: Path) -> Path:
    path = tmp_path / "units.csv"
    path.write_text(UNITS, encoding="utf-8")
    return path


@pytest.fixture
def ingested(once: Once, tmp_path: Path, units: Path) -> Path:
    """Return the units after `vises ingest sirene` of them, which made release 000001."""

    def ingest(data: Path) -> None:
        command = [sys.executable, "-m", "vises", "ingest", "sirene", str(units)]
        environ = {**os.environ, "VISES_DATA": str(data)}
        subprocess.run(command, env=environ, check=True, capture_output=True, timeout=600)

    shutil.copytree(once("units", ingest), tmp_path / "data")
    return units
