from __future__ import annotations

import os
from typing import TYPE_CHECKING

from vises.store.disk import disk_use

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_a_folder_that_goes_while_it_is_measured_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the staging of a change that another process publishes meanwhile."""
    for name in ("staging", "releases"):
        (tmp_path / name / "000001").mkdir(parents=True)
        (tmp_path / name / "000001" / "file").write_bytes(b"x" * 5000)
    scan = os.scandir

    def going(place: str | Path) -> object:
        if os.fspath(place) == str(tmp_path / "staging"):
            (tmp_path / "staging").rename(tmp_path.parent / f"{tmp_path.name}-gone")
        return scan(place)

    monkeypatch.setattr(os, "scandir", going)
    used = disk_use(tmp_path)
    assert used.alone["000001"] >= 5000
    assert used.total < 3 * used.alone["000001"]
