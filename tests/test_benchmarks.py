"""A benchmark that lacks something says what, and how to name it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

INGEST = Path(__file__).parents[1] / "benchmarks" / "ingest.py"


def test_rows_need_a_generator(tmp_path: Path) -> None:
    nowhere, work = tmp_path / "make_sirene.py", tmp_path / "work"
    command = [sys.executable, INGEST, "release", "--folder", work, "--generator", nowhere]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr == f"There is no generator of rows at {nowhere}: name it with --generator.\n"
    assert done.returncode == 1
    assert not list(work.iterdir())
